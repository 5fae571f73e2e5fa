"""Re-organised units, indicators with their definition, and study before the exam."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.certification import TrainingRecord
from fazhi_exam.delivery import DecisionBasis
from fazhi_exam.errors import CountsDoNotReconcile
from fazhi_exam.passrate import (
    NOBODY,
    Counts,
    UnitChange,
    UnitMapping,
    UnitMappingError,
    completion,
    count,
    count_by,
    indicators,
    reconcile,
    regroup,
    studied,
)
from fazhi_exam.roster import Candidate
from fazhi_exam.scoring import Decision, Decisions, Outcome

MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)
MAPPING = UnitMapping((
    UnitChange(JULY, "农机站", "农业农村局", "机构改革方案"),
    UnitChange(MAY, "农业局", "农业农村局"),
    UnitChange(date(2027, 1, 1), "农业农村局", "乡村振兴局"),
))  # fmt: skip


def held(outcomes: dict[str, tuple[str, Outcome]], on: date = date(2026, 6, 1)) -> Decisions:
    """Decisions of people given by code, unit and outcome."""
    return Decisions(
        "s", "p", on, DecisionBasis.RAW_TOTAL, Decimal(60), Decimal(100),
        tuple(Decision(code, outcome, "理由") for code, (_, outcome) in outcomes.items()),
        tuple(Candidate(code, {"单位": unit}) for code, (unit, _) in outcomes.items()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "at", "on", "name"),
    [
        ("农业局", date(2026, 4, 30), date(2026, 12, 31), "农业农村局"),
        ("农业局", MAY, date(2026, 12, 31), "农业局"),
        ("农业局", date(2026, 4, 30), date(2026, 4, 30), "农业局"),
        ("农业局", date(2026, 4, 30), date(2027, 1, 1), "乡村振兴局"),
        ("农机站", date(2026, 6, 30), JULY, "农业农村局"),
        ("司法局", date(2026, 4, 30), JULY, "司法局"),
    ],
)
def test_names_follow_the_dates(unit: str, at: date, on: date, name: str) -> None:
    """A change counts from its day; later changes chain; a unit named anew is not the old one."""
    assert MAPPING.name(unit, at=at, on=on) == name


def test_units_that_swap_names() -> None:
    """Changes of one day happen at once: a swap swaps, in whichever order it is written."""
    swap = UnitMapping((UnitChange(MAY, "甲", "乙"), UnitChange(MAY, "乙", "甲")))
    assert swap.name("甲", at=date(2026, 1, 1), on=JULY) == "乙"
    assert swap.name("乙", at=date(2026, 1, 1), on=JULY) == "甲"


def test_a_division_has_no_successor() -> None:
    """One unit into two on one day is refused, and so is a change to nothing."""
    with pytest.raises(UnitMappingError, match="拆分"):
        UnitMapping((UnitChange(MAY, "甲", "乙"), UnitChange(MAY, "甲", "丙")))
    with pytest.raises(UnitMappingError, match="不同且不为空"):
        UnitMapping((UnitChange(MAY, "甲", "甲"),))


def test_unit_at_exam_time_stays_recorded() -> None:
    """Decisions under new names still say which unit it was, however often it is done."""
    before = held(
        {
            "1": ("农机站", Outcome.PASSED),
            "2": ("农业局", Outcome.FAILED),
            "3": ("", Outcome.ABSENT),
        }
    )
    after = regroup(before, MAPPING, on=date(2026, 12, 31))
    assert after.groups["1"].groups == {"单位": "农业农村局", "考时单位": "农机站"}
    assert after.groups["2"].groups["单位"] == "农业局"  # the exam was after that change
    assert dict(after.groups["3"].groups) == {"单位": ""}
    later = regroup(after, MAPPING, on=date(2027, 6, 1))
    assert later.groups["1"].groups == {"单位": "乡村振兴局", "考时单位": "农机站"}
    assert regroup(later, MAPPING, on=date(2026, 6, 1)).groups["1"].unit == "农机站"
    assert count(after.decisions) == count(before.decisions)


@given(st.lists(st.tuples(st.sampled_from("甲乙丙丁"), st.integers(0, 20)), max_size=12))
@settings(max_examples=100, deadline=None)
def test_mapping_loses_nobody(rows: list[tuple[str, int]]) -> None:
    """The mapped counts add up to the same total as before."""
    counts = {unit: Counts(n, 0, n, n, n // 2, 0, 0) for unit, n in rows}
    mapping = UnitMapping((UnitChange(MAY, "甲", "乙"), UnitChange(JULY, "乙", "丙")))
    mapped = mapping.counts(counts, at=date(2026, 1, 1), on=date(2026, 12, 31))
    assert sum(mapped.values(), NOBODY) == sum(counts.values(), NOBODY)
    assert not {"甲", "乙"} & mapped.keys()


def test_reconciling_names_the_number() -> None:
    """Groups that do not add up to the whole are refused, with where and which number."""
    parts = {"甲": Counts(5, 0, 5, 5, 4, 0, 0), "乙": Counts(5, 0, 5, 4, 4, 1, 0)}
    reconcile(parts, Counts(10, 0, 10, 9, 8, 1, 0), where="汇总表")
    with pytest.raises(CountsDoNotReconcile, match="汇总表的合格：应为 7，实为 8"):
        reconcile(parts, Counts(10, 0, 10, 9, 7, 1, 0), where="汇总表")


def test_indicators_carry_their_definition() -> None:
    """Each names numerator, denominator, definition and day; nobody sat means no rate."""
    found = indicators(Counts(10, 2, 8, 6, 4, 1, 1, 1), MAY)
    assert [(i.name, i.part, i.whole) for i in found] == [
        ("参考率", 6, 8), ("合格率", 4, 6), ("合格率", 4, 8), ("优秀率", 1, 6),
    ]  # fmt: skip
    assert str(found[2]) == "合格率 50.00%（4/8，合格人数 ÷ 应考人数，2026-05-01）"
    assert found[1].low is not None
    empty = indicators(Counts(3, 3, 0, 0, 0, 0, 0), MAY)
    assert {i.rate for i in empty} == {i.low for i in empty} == {None}
    assert "分母为 0" in str(empty[0])


def test_completion_by_hand() -> None:
    """Of five due, three studied, two of them sat; one sat without; the exempt are in neither."""
    P, F, A, E = Outcome.PASSED, Outcome.FAILED, Outcome.ABSENT, Outcome.EXEMPT
    decisions = held({
        "1": ("甲", P), "2": ("甲", A), "3": ("甲", F), "4": ("乙", P), "5": ("乙", A),
        "6": ("乙", E),
    })  # fmt: skip
    found = completion(decisions, {"1", "2", "4", "6"})
    whole = found["合计"]
    assert (whole.due, whole.studied, whole.completed) == (5, 3, 2)
    assert (whole.kept_out, whole.sat_without) == (1, 1)
    assert (whole.study.rate, whole.completion.rate) == (3 / 5, 2 / 5)
    assert "请核对" in str(found["甲"])
    assert "请核对" not in str(found["乙"])
    assert sum(found[u].due for u in count_by(decisions, "单位")) == whole.due
    with pytest.raises(CountsDoNotReconcile, match="不在名册"):
        completion(decisions, {"9"})


def test_who_studied_is_summed_over_the_window() -> None:
    """40 credits by three attendances in the window count, one day outside it does not."""

    def record(person: str, day: date, credits: int, hours: int = 1) -> TrainingRecord:
        return TrainingRecord(person, day, Decimal(hours), Decimal(credits))

    records = [
        record("1", date(2026, 1, 1), 20), record("1", date(2026, 6, 30), 20),
        record("2", date(2026, 1, 1), 20), record("2", date(2026, 7, 1), 20),
        record("3", date(2026, 3, 1), 39, hours=60),
    ]  # fmt: skip
    window = {"since": date(2026, 1, 1), "until": date(2026, 6, 30)}
    assert studied(records, **window, credits=Decimal(40)) == {"1"}
    assert studied(records, **window, hours=Decimal(2)) == {"1", "3"}
    with pytest.raises(ValueError, match="required"):
        studied(records, **window)
