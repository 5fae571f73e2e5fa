"""Opening the database behind a store, and bringing its tables up to date."""

import sqlite3
from importlib.resources import as_file, files
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from ..errors import StoreError
from . import schema

APPLICATION_ID = 0x46415A48
"""Marks an SQLite file as ours ("FAZH")."""


def make_engine(url: str) -> Engine:
    """Make the engine of a store; SQLite gets foreign keys and durable, orderly writes."""
    try:
        engine = sa.create_engine(url)
    except sa.exc.ArgumentError as error:
        raise StoreError("打开", "存档库地址有误，应如 sqlite:///exams.db") from error
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _: object) -> None:
            # The driver's own transactions start too late for BEGIN IMMEDIATE; we start them.
            connection.isolation_level = None
            for pragma in ("foreign_keys=ON", "busy_timeout=30000", "synchronous=FULL"):
                connection.execute(f"PRAGMA {pragma}")

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def shown_name(url: str) -> str:
    """Return the file or database name for messages; never user or password."""
    return sa.make_url(url).database or "内存"


def migrate(engine: Engine, url: str) -> None:
    """Bring the tables up to date, with a copy of an SQLite file first; refuse what is not ours."""
    with as_file(files("fazhi_exam.store") / "migrations") as folder, engine.begin() as db:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes.update(connection=db, metadata=schema.metadata)
        script = ScriptDirectory.from_config(config)
        head, now = script.get_current_head(), MigrationContext.configure(db).get_current_revision()
        if now == head:
            return
        if now is None and sa.inspect(db).get_table_names():
            raise StoreError("打开", f"{shown_name(url)} 是别的程序的数据库")
        if now is not None and now not in {r.revision for r in script.walk_revisions()}:
            raise StoreError("打开", f"{shown_name(url)} 由更新的版本建立，请升级软件；文件未改动")
        if now is not None and engine.dialect.name == "sqlite":
            _back_up(db, f"{shown_name(url)}.{now}.bak")
        command.upgrade(config, "head")
        if engine.dialect.name == "sqlite":
            db.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def _back_up(db: Connection, path: str) -> None:
    source = db.connection.driver_connection
    with sqlite3.connect(path) as target:
        source.backup(target)  # type: ignore[union-attr]
