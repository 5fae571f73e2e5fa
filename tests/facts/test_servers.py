"""PostgreSQL and Spark count what DuckDB counts; run where one is named (CONTRIBUTING.md).

Each run makes a schema of its own in the database and drops it at the end.
"""

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import ibis
import pyarrow as pa
import pytest
from ibis.backends import BaseBackend

from fazhi_exam.facts import Facts, Scope, Which, expressions, facts_in
from fazhi_exam.facts.write import AttemptNumbers, answer_table, attempt_table
from fazhi_exam.marking import mark
from fazhi_exam.scoring import decide, score
from fazhi_exam.simulate import simulate_answers, synthetic_models

from ..examples import sitting
from . import asked
from .worlds import sittings

POSTGRES, SPARK = "FAZHI_EXAM_POSTGRES", "FAZHI_EXAM_SPARK"
GROUPS = ("单位", "岗位")


def world() -> dict[str, pa.Table]:
    """Four sittings of people who come back, and a fifth with its answers."""
    exam = sitting(40)
    models = synthetic_models(exam.bank, rng=1)
    abilities = {c.code: 0.3 for c in exam.roster}
    marks = mark(exam, simulate_answers(exam, abilities, models, rng=1, absent=0.2))
    last = decide(score(marks, exam), exam)
    numbers = AttemptNumbers()
    rows = [attempt_table(one, GROUPS, numbers) for one in (*sittings(1, people=900), last)]
    return {"attempts": pa.concat_tables(rows), "answers": answer_table(last, marks)}


@pytest.fixture(scope="module")
def rows() -> dict[str, pa.Table]:
    return world()


@pytest.fixture
def here(rows: dict[str, pa.Table]) -> Iterator[BaseBackend]:
    """DuckDB with the world."""
    engine = ibis.duckdb.connect()
    for name, table in rows.items():
        engine.con.register(name, table)
    yield engine
    engine.disconnect()


@pytest.fixture(params=[POSTGRES, SPARK])
def server(
    request: pytest.FixtureRequest, rows: dict[str, pa.Table], tmp_path: Path
) -> Iterator[BaseBackend]:
    """A server with the same world; skipped when the environment names none."""
    where = os.environ.get(request.param)
    if not where:
        pytest.skip(f"set {request.param}")
    yield from (postgres if request.param == POSTGRES else spark)(where, rows, tmp_path)


def postgres(url: str, rows: dict[str, pa.Table], _: Path) -> Iterator[BaseBackend]:
    """Tables in a new schema of the database, filled by COPY."""
    import psycopg

    schema = f"fazhi_exam_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE SCHEMA {schema}")
        try:
            engine = ibis.connect(f"{url}/{schema}")
            for name, table in rows.items():
                engine.create_table(name, schema=ibis.Schema.from_pyarrow(table.schema))
                columns = ", ".join(f'"{column}"' for column in table.column_names)
                copy = f"COPY {schema}.{name} ({columns}) FROM STDIN"
                with owner.cursor() as cursor, cursor.copy(copy) as target:
                    for row in table.to_pylist():
                        target.write_row(tuple(row.values()))
            yield engine
            engine.disconnect()
        finally:
            owner.execute(f"DROP SCHEMA {schema} CASCADE")


def spark(master: str, rows: dict[str, pa.Table], folder: Path) -> Iterator[BaseBackend]:
    """Views on Parquet files."""
    from pyarrow import parquet
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .getOrCreate()
    )
    for name, table in rows.items():
        parquet.write_table(table, folder / f"{name}.parquet")
        session.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)
    yield ibis.pyspark.connect(session)
    session.stop()


def found(expression: ibis.Table) -> tuple[pa.Schema, list[tuple[object, ...]]]:
    """Columns with their types, and the rows, in an order of our own."""
    table = expression.to_pyarrow()
    return table.schema, sorted(map(tuple, (r.values() for r in table.to_pylist())), key=repr)


def test_no_expression_is_forgotten() -> None:
    """Every function of the module is among those that are compared."""
    public = {name for name, one in vars(expressions).items()
              if inspect.isfunction(one) and one.__module__ == expressions.__name__
              and not name.startswith("_")}  # fmt: skip
    source = inspect.getsource(asked)
    assert public
    assert {name for name in public if f"expressions.{name}(" not in source} == set()


@pytest.mark.filterwarnings("ignore")
def test_a_server_counts_what_duckdb_counts(here: BaseBackend, server: BaseBackend) -> None:
    """Each expression gives the same columns, types and rows, to the last whole number."""
    ours = asked.every_expression(here.table("attempts"), here.table("answers"))
    theirs = asked.every_expression(server.table("attempts"), server.table("answers"))
    for name, expression in ours.items():
        schema, rows = found(expression)
        assert rows, name
        assert (name, *found(theirs[name])) == (name, schema, rows)


@pytest.mark.filterwarnings("ignore")
def test_facts_of_a_server(here: BaseBackend, server: BaseBackend) -> None:
    """What is said from a server's facts is what is said from our own."""

    def said(facts: Facts) -> list[object]:
        change = facts.compare(Scope(sittings=("s0",)), Scope(sittings=("s3",)), names=("一", "二"))
        whole = [facts.count_by(by, Scope(which=which)) for by in GROUPS for which in Which]
        return [
            *whole, facts.groups, facts.sittings, facts.count_by_period(), facts.persons("单位"),
            facts.items(), facts.subject_shares("岗位"), str(facts.attempts()),
            str(change),
        ]  # fmt: skip

    assert said(facts_in(server)) == said(facts_in(here))
