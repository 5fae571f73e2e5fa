"""Opening facts: a folder of Parquet files, a database, or decisions in memory."""

import glob
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis
from ibis.common.exceptions import TableNotFound

from ..scoring.decisions import Decisions
from .facts import Facts, between_versions
from .layout import ANSWERS, ATTEMPTS, FactsError, attempt_schema, read_manifest
from .write import AttemptNumbers, attempt_table

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table


@dataclass(frozen=True, slots=True)
class Engine:
    """How DuckDB may use this machine.

    Parameters
    ----------
    memory
        Limit in MiB; what does not fit goes to scratch files, which are deleted at the end.
    resident
        Tables of at most so many rows are held in memory while they are open.
    threads
        At most so many; all cores by default.
    scratch
        Folder in which scratch files are made; the system's by default.
    """

    memory: int = 1024
    resident: int = 500_000
    threads: int | None = None
    scratch: Path | None = None


_RESIDENT = {
    ATTEMPTS: "CREATE TABLE attempts AS FROM read_parquet(?, hive_partitioning = true)",
    ANSWERS: "CREATE TABLE answers AS FROM read_parquet(?, hive_partitioning = true)",
}


def _duckdb(engine: Engine) -> "tuple[BaseBackend, Path]":
    scratch = Path(tempfile.mkdtemp(prefix="fazhi_facts_", dir=engine.scratch))
    settings = {
        "memory_limit": f"{engine.memory}MiB",
        # The default is a folder beside whatever the working directory happens to be.
        "temp_directory": str(scratch),
        # Counting needs no extension, and none is fetched from the internet.
        "autoinstall_known_extensions": "false",
        "preserve_insertion_order": "false",
        **({"threads": str(engine.threads)} if engine.threads else {}),
    }
    return ibis.duckdb.connect(**settings), scratch


def open_facts(folder: str | Path, *, engine: Engine | None = None) -> Facts:
    """Open a folder of facts with DuckDB inside this process. Use it in a ``with`` statement.

    Raises
    ------
    FactsError
        If it is not a folder of facts, or a file is missing or damaged.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    backend, scratch = _duckdb(engine or Engine())

    def read(kind: str, rows: int) -> "Table":
        # A folder may be called 数据[1], which would otherwise be a pattern.
        files = f"{glob.escape(path.as_posix())}/{kind}/*/*.parquet"
        with between_versions():
            if rows > (engine or Engine()).resident:
                return backend.read_parquet(files, table_name=kind, hive_partitioning=True)
            backend.con.execute(_RESIDENT[kind], [files])
            return backend.table(kind)

    try:
        table = read(ATTEMPTS, manifest.attempts)
        answers = read(ANSWERS, manifest.answers) if manifest.answers else None
    except duckdb.Error as error:
        backend.disconnect()
        shutil.rmtree(scratch, ignore_errors=True)
        raise FactsError(path.name, "数据文件缺失或损坏，请重新生成") from error
    return Facts(
        table, answers, groups=manifest.groups,
        version=manifest.version, engine=backend, scratch=scratch,
    )  # fmt: skip


def facts_in(backend: "BaseBackend", *, version: str = "") -> Facts:
    """Use tables ``attempts`` and, if there, ``answers`` of a database that ibis is connected to.

    Parameters
    ----------
    backend
        For example ``ibis.connect("postgresql://…")``; it is disconnected when the facts are
        closed.
    version
        Names the data.

    Raises
    ------
    FactsError
        If a column is missing.
    """
    table, answers = _table(backend, ATTEMPTS), _table(backend, ANSWERS)
    if table is None:
        raise FactsError(ATTEMPTS, "数据库中没有这张表")
    fixed = set(attempt_schema(()).names)
    if lacking := sorted(fixed - set(table.columns)):
        raise FactsError(ATTEMPTS, f"缺少列 {'、'.join(lacking)}")
    groups = tuple(sorted(set(table.columns) - fixed - {"year"}))
    return Facts(table, answers, groups=groups, version=version, engine=backend)


def _table(backend: "BaseBackend", name: str) -> "Table | None":
    # Asking for a list of tables fails between ibis 12 and DuckDB 2; asking for one does not.
    try:
        with between_versions():
            return backend.table(name)
    except TableNotFound:
        return None


def facts_of(sittings: Iterable[Decisions], *, engine: Engine | None = None) -> Facts:
    """Hold decisions as facts in memory, for panels and small analyses; there are no answers.

    Raises
    ------
    FactsError
        If there is no sitting.
    """
    import pyarrow as pa

    held = sorted(sittings, key=lambda s: (s.on, s.sitting_id))
    if not held:
        raise FactsError("内存", "没有考次")
    groups = tuple(sorted({name for d in held for c in d.candidates for name in c.groups}))
    numbers = AttemptNumbers()
    rows = pa.concat_tables([attempt_table(one, groups, numbers) for one in held])
    backend, scratch = _duckdb(engine or Engine())
    # Through DuckDB itself: ibis's create_table writes a statement DuckDB 2.0 refuses.
    backend.con.register("given", rows)
    backend.con.execute("CREATE TABLE attempts AS SELECT * FROM given")
    backend.con.unregister("given")
    with between_versions():
        table = backend.table(ATTEMPTS)
    return Facts(table, None, groups=groups, version="", engine=backend, scratch=scratch)
