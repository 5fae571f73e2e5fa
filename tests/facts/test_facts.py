"""Whatever an engine counts is what the decisions say, one by one."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pytest

from fazhi_exam.delivery import AttemptRule
from fazhi_exam.errors import CountsDoNotReconcile, NotEnoughData
from fazhi_exam.facts import (
    Engine,
    Facts,
    FactsError,
    FactsWriter,
    Period,
    Scope,
    Which,
    expressions,
    facts_in,
    facts_of,
    open_facts,
    overview,
    unit_words,
    write_facts,
)
from fazhi_exam.facts.facts import _counts, between_versions
from fazhi_exam.facts.layout import attempt_schema
from fazhi_exam.facts.write import AttemptNumbers, attempt_table
from fazhi_exam.marking import mark
from fazhi_exam.passrate import (
    Counts,
    Denominator,
    UnitChange,
    UnitMapping,
    attempts,
    compare,
    count,
    count_by,
    pass_rates,
    rate_table,
    rate_trend,
)
from fazhi_exam.report import compare_units
from fazhi_exam.scoring import Outcome, decide, over_attempts, score
from fazhi_exam.simulate import simulate_answers, synthetic_models
from fazhi_exam.store import open_store

from ..examples import sitting
from .asked import every_expression, tables
from .worlds import sittings

WORLD = sittings(1)


@pytest.fixture(params=["memory", "folder"])
def facts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Facts]:
    """The world as facts in memory, and as files."""
    if request.param == "memory":
        with facts_of(WORLD) as found:
            yield found
    else:
        write_facts(WORLD, tmp_path / "facts")
        with open_facts(tmp_path / "facts") as found:
            yield found


def test_counts_are_those_of_the_decisions(facts: Facts) -> None:
    """Counts by group, by sitting and in all equal those of the decisions, one by one."""
    for held in WORLD:
        for by in ("单位", "岗位"):
            assert facts.count_by(by, Scope(sittings=(held.sitting_id,))) == count_by(held, by)
    assert facts.count_by_period() == {d.sitting_id: count(d.decisions) for d in WORLD}
    assert facts.count() == sum((count(d.decisions) for d in WORLD[1:]), count(WORLD[0].decisions))
    assert [s.id for s in facts.sittings] == ["s0", "s1", "s2", "s3"]
    assert facts.programmes == ("p",)


def test_rates_trend_and_change_are_those_of_the_decisions(facts: Facts) -> None:
    """Tables, trend, and the change with its three parts equal those worked out from people."""
    last = Scope(sittings=("s3",))
    for denominator in Denominator:
        mine = facts.pass_rates("单位", last, denominator=denominator, title="s3")
        assert mine == pass_rates(WORLD[3], denominator=denominator)
    mine_trend, theirs = facts.trend(), rate_trend(WORLD)
    assert mine_trend.periods == theirs.periods
    assert mine_trend.counts == theirs.counts
    found = facts.compare(Scope(sittings=("s0",)), last, names=("s0", "s3"))
    expected = compare(WORLD[0], WORLD[3])
    assert found.groups == expected.groups
    assert expected.parts is not None
    assert found.parts == expected.parts
    assert str(found) == str(expected)


def test_attempts_are_those_of_the_people(facts: Facts) -> None:
    """First, eventual, waiting and the curve equal those of people followed one by one."""
    for window in (90, 365):
        found = facts.attempts(window=window)
        expected = attempts(WORLD, window=window, until=WORLD[-1].on)
        assert str(found) == str(expected)
        assert np.array_equal(found.curve.passed_by, expected.curve.passed_by)
        assert np.array_equal(found.curve.at_risk, expected.curve.at_risk)


def test_best_is_the_best_attempt(facts: Facts) -> None:
    """One row per person, and as many of each outcome as the rule of the best score gives."""
    found = sum(facts.count_by("单位", Scope(which=Which.BEST)).values(), Counts(*[0] * 7))
    best = over_attempts(WORLD, AttemptRule.BEST)
    assert found.registered == len(best)
    assert (found.sat, found.passed) == (count(best.decisions).sat, count(best.decisions).passed)
    assert found.excellent == count(best.decisions).excellent


def test_first_attempts_are_of_people_who_never_sat(facts: Facts) -> None:
    """A first attempt is the first ever, not the first of the period that is looked at."""
    seen: set[str] = set()
    expected = []
    for held in WORLD:
        new = [d for d in held.decisions if d.raw is not None and d.candidate not in seen]
        seen |= {d.candidate for d in new}
        expected.append((len(new), sum(d.outcome is Outcome.PASSED for d in new)))
    for held, (sat, passed) in zip(WORLD, expected, strict=True):
        found = facts.count(Scope(sittings=(held.sitting_id,), which=Which.FIRST))
        assert (found.sat, found.passed, found.absent) == (sat, passed, 0)


def test_persons_and_attendances(facts: Facts) -> None:
    """Different persons (人) are counted beside attendances (人次)."""
    by_unit: dict[str, list[str]] = {}
    for held in WORLD:
        for d in held.decisions:
            if d.raw is not None:
                by_unit.setdefault(held.groups[d.candidate].unit, []).append(d.candidate)
    assert facts.persons("单位") == {
        unit: (len(set(codes)), len(codes)) for unit, codes in sorted(by_unit.items())
    }


def test_months_and_years(facts: Facts) -> None:
    """Sittings of 2025-09-01, 10-31, 12-30 and 2026-02-28 fall into those months and years."""
    months = facts.count_by_period(period=Period.MONTH)
    assert list(months) == ["2025-09", "2025-10", "2025-12", "2026-02"]
    assert list(months.values()) == [count(d.decisions) for d in WORLD]
    years = facts.count_by_period_and("单位", period=Period.YEAR)
    assert {y: sum(c.registered for c in part.values()) for y, part in years.items()} == {
        "2025": sum(len(d) for d in WORLD[:3]), "2026": len(WORLD[3]),
    }  # fmt: skip
    day = Scope(since=date(2025, 10, 31), until=date(2025, 12, 30))
    assert facts.count(day) == facts.count(Scope(sittings=("s1", "s2")))


def test_units_under_later_names(facts: Facts) -> None:
    """Under a mapping old units add up into new ones; exams after the change stay untouched."""
    mapping = UnitMapping((UnitChange(date(2025, 12, 30), "单位0", "单位1"),))
    plain, mapped = facts.count_by("单位"), facts.count_by("单位", mapping=mapping)
    assert sum(c.due for c in mapped.values()) == sum(c.due for c in plain.values())
    early = sum(count_by(d, "单位")["单位0"].due for d in WORLD[:2])
    late = sum(count_by(d, "单位")["单位0"].due for d in WORLD[2:])
    assert mapped["单位0"].due == late
    assert mapped["单位1"].due == plain["单位1"].due + early


def test_unknown_group_is_named(facts: Facts) -> None:
    """A group that is not there is refused, with those that are."""
    with pytest.raises(FactsError, match=r"地区.*单位、岗位"):
        facts.count_by("地区")
    with pytest.raises(NotEnoughData):
        facts.items()
    with pytest.raises(NotEnoughData):
        facts.attempts(Scope(programme="别的"))


def test_the_same_question_is_asked_once(facts: Facts) -> None:
    """Asking again does not reach the engine, which may be gone by then."""
    first = facts.count_by("单位")
    facts.close()
    assert facts.count_by("单位") == first


def test_counts_that_do_not_add_up_name_the_place() -> None:
    """A row of an engine that cannot be true is refused with its group and number."""
    row = dict.fromkeys(expressions.COUNTS, 1)
    with pytest.raises(CountsDoNotReconcile, match="甲单位的名册人数：应为 2，实为 1"):
        _counts(row, "甲单位")


# ---- every engine ----


EVERY = every_expression(*tables())


@pytest.mark.parametrize("name", list(EVERY))
@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "pyspark"])
def test_expressions_compile_for_every_engine(name: str, dialect: str) -> None:
    """Each expression can be written for DuckDB, PostgreSQL and Spark, without the known traps."""
    sql = str(ibis.to_sql(EVERY[name], dialect=dialect))
    assert "ORDER BY" not in sql.upper()
    assert "OVER (" not in sql.upper()


def test_truth_values_are_never_turned_into_numbers() -> None:
    """PostgreSQL refuses that cast, so no expression has it."""
    for expression in EVERY.values():
        for node in expression.op().find(ibis.expr.operations.Cast):
            assert not node.arg.dtype.is_boolean()
        for node in expression.op().find((ibis.expr.operations.Sum, ibis.expr.operations.Mean)):
            assert not node.arg.dtype.is_boolean()


def test_expressions_compare_no_texts_by_order() -> None:
    """Nothing but days and whole numbers stands beside ``<`` or ``>``, or in MIN and MAX."""
    for expression in EVERY.values():
        for node in expression.op().find((ibis.expr.operations.LessEqual,
                                          ibis.expr.operations.GreaterEqual,
                                          ibis.expr.operations.Less,
                                          ibis.expr.operations.Greater)):  # fmt: skip
            assert not node.left.dtype.is_string()
        for node in expression.op().find((ibis.expr.operations.Min, ibis.expr.operations.Max)):
            assert not node.arg.dtype.is_string()


def test_sums_of_squares_are_exact() -> None:
    """Squares are summed to the last digit, beyond what a float holds."""
    import pyarrow as pa

    raw = 1_499_999
    numbers, (first, *_) = AttemptNumbers(), WORLD
    one = attempt_table(first, ("单位",), numbers).filter(
        pa.compute.field("outcome") == str(Outcome.PASSED)
    )[:1]
    place = one.schema.get_field_index("raw")
    row = one.set_column(place, "raw", pa.array([raw], pa.int32()))
    engine = ibis.duckdb.connect()
    engine.con.register("attempts", pa.concat_tables([row] * 9_001))
    with between_versions():
        (found,) = expressions.points(engine.table("attempts"), ["单位"]).to_pyarrow().to_pylist()
    engine.disconnect()
    assert (found["total"], found["squares"]) == (9_001 * raw, 9_001 * raw**2)
    assert float(9_001 * raw**2) != 9_001 * raw**2


def test_tables_of_another_database() -> None:
    """Tables in a database that ibis is connected to give the same counts."""
    import pyarrow as pa

    numbers = AttemptNumbers()
    rows = pa.concat_tables([attempt_table(d, ("单位", "岗位"), numbers) for d in WORLD])
    engine = ibis.duckdb.connect()
    engine.con.register("attempts", rows)
    with facts_in(engine, version="v") as found, facts_of(WORLD) as expected:
        assert found.groups == ("单位", "岗位")
        assert found.count_by("岗位") == expected.count_by("岗位")
    empty = ibis.duckdb.connect()
    with pytest.raises(FactsError, match="没有这张表"):
        facts_in(empty)
    empty.con.register("attempts", rows.drop(["outcome"]))
    with pytest.raises(FactsError, match="缺少列 outcome"):
        facts_in(empty)
    empty.disconnect()


# ---- files ----


def test_answers_from_a_store(tmp_path: Path) -> None:
    """A store gives attempts and answers; sums by item are those of the marks."""
    exam = sitting(12)
    models = synthetic_models(exam.bank, rng=1)
    abilities = {c.code: 0.3 for c in exam.roster}
    marks = mark(exam, simulate_answers(exam, abilities, models, rng=1, absent=0.2))
    decisions = decide(score(marks, exam), exam)
    with open_store(f"sqlite:///{(tmp_path / 'exams.db').as_posix()}") as store:
        store.record(exam, marks, decisions)
        seen: list[tuple[int, int]] = []
        written = write_facts(store, tmp_path / "facts", progress=lambda *done: seen.append(done))
    assert seen == [(0, 1), (1, 1)]
    assert (written.attempts, written.answers) == (len(decisions), len(marks.item))
    with open_facts(tmp_path / "facts") as facts:
        found = {one.item: one for one in facts.items()}
        assert facts.count() == count(decisions.decisions)
        shares = facts.subject_shares("单位")
    for column, item_id in enumerate(marks.item_ids):
        here = marks.item == column
        if not here.any():
            assert item_id not in found
            continue
        assert found[item_id].presented == here.sum()
        assert found[item_id].omitted == (marks.chosen[here] == 0).sum()
        assert found[item_id].share == marks.awarded[here].sum() / marks.possible[here].sum()
    assert sum(n for part in shares.values() for n, _ in part.values()) == len(marks.item)


def test_the_same_data_give_the_same_version(tmp_path: Path) -> None:
    """Written twice, the version is one; with another result it is another."""
    first = write_facts(WORLD, tmp_path / "a")
    again = write_facts(reversed(WORLD), tmp_path / "b")
    other = write_facts(sittings(2), tmp_path / "c")
    assert first.version == again.version != other.version
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.parquet"))
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert {file.parts[1] for file in files} == {"year=2025", "year=2026"}


def test_other_files_are_never_touched(tmp_path: Path) -> None:
    """A folder with other things in it is refused; an earlier one survives an error."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x", "utf-8")
    with pytest.raises(FactsError, match="有别的文件"):
        write_facts(WORLD, tmp_path / "mine")
    kept = write_facts(WORLD, tmp_path / "facts")
    with pytest.raises(RuntimeError), FactsWriter(tmp_path / "facts", groups=("单位",)):
        raise RuntimeError
    with open_facts(tmp_path / "facts") as facts:
        assert facts.version == kept.version
    assert sorted(p.name for p in tmp_path.iterdir()) == ["facts", "mine"]
    again = write_facts(WORLD[:1], tmp_path / "facts")
    assert (again.files, again.attempts) == (1, len(WORLD[0]))


def test_not_a_folder_of_facts(tmp_path: Path) -> None:
    """A folder without a manifest, or of another layout, is refused; so is writing nothing."""
    with pytest.raises(FactsError, match="不是事实表文件夹"):
        open_facts(tmp_path)
    write_facts(WORLD, tmp_path / "facts")
    manifest = tmp_path / "facts" / "facts.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {"schema": 9}))
    with pytest.raises(FactsError, match="结构版本为 9"):
        open_facts(tmp_path / "facts")
    with pytest.raises(FactsError, match="没有考次"):
        write_facts([], tmp_path / "none")
    with pytest.raises(FactsError, match="没有考次"):
        facts_of([])
    with pytest.raises(FactsError, match="同名"):
        attempt_schema(("单位", "outcome"))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch files are gone when facts are closed, and none lies in the working folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with facts_of(WORLD) as facts:
        facts.count_by("单位")
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_overview_says_only_what_holds() -> None:
    """The overview of the world joins the parts; it names denominators, day and data version."""
    with facts_of(WORLD) as facts:
        found = overview(facts)
        assert found.over_sat == facts.pass_rates("单位")
        assert found.change is not None
        assert (found.change.before_id, found.change.after_id) == ("2025 年", "2026 年")
        texts = "\n".join(found.texts())
        only = overview(facts, scope=Scope(until=date(2025, 12, 31)))
    assert "合格人数 ÷ 实考人数" in texts
    assert "合格人数 ÷ 应考人数" in texts
    assert "数据版本" in texts
    assert only.change is None
    assert found.first.total.counts.sat == len(
        {d.candidate for s in WORLD for d in s.decisions if d.raw is not None}
    )


def test_units_that_differ_are_never_called_alike() -> None:
    """Units that differ by more than luck are not called 无统计差异; others may be."""
    rng = np.random.default_rng(5)
    n = np.full(40, 400)

    def words(rates: np.ndarray) -> str:
        counts = {
            f"单位{k}": Counts(m, 0, m, m, p, 0, 0)
            for k, (m, p) in enumerate(
                zip(n.tolist(), rng.binomial(n, rates).tolist(), strict=True)
            )
        }
        return "".join(unit_words(compare_units(rate_table(counts, by="单位"))))

    apart = words(rng.uniform(0.6, 0.98, 40))
    assert "无统计差异" not in apart
    assert "没有超出偶然波动" not in apart
    assert "总体上超出偶然波动" in apart
    alike = words(np.full(40, 0.85))
    assert "总体上超出偶然波动" not in alike
    assert "无统计差异" in alike


@pytest.mark.parametrize("name", ["数据[1]", "a*b?", "it's 'x'"])
@pytest.mark.parametrize("resident", [0, 500_000])
def test_any_folder_name_will_do(name: str, resident: int, tmp_path: Path) -> None:
    """Names that look like patterns or quotations are names."""
    write_facts(WORLD, tmp_path / name)
    with open_facts(tmp_path / name, engine=Engine(resident=resident)) as facts:
        assert facts.count().registered == sum(len(held) for held in WORLD)


def test_damaged_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged or missing file is an error in words, and nothing is left behind."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    write_facts(WORLD, tmp_path / "facts")
    file = next((tmp_path / "facts").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(FactsError, match="缺失或损坏"):
        open_facts(tmp_path / "facts")
    for file in (tmp_path / "facts").rglob("*.parquet"):
        file.unlink()
    with pytest.raises(FactsError, match="缺失或损坏"):
        open_facts(tmp_path / "facts")
    assert not list((tmp_path / "scratch").iterdir())
