"""Counts reconcile, rates name their denominator, and nothing small leaves the house."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.delivery import DecisionBasis
from fazhi_exam.errors import CountsDoNotReconcile, NotEnoughData
from fazhi_exam.passrate import (
    Counts,
    Denominator,
    Detail,
    PublishingRefused,
    attempts,
    compare,
    count,
    count_by,
    pass_rates,
    publish,
    rate_table,
    rate_trend,
    trend_of,
)
from fazhi_exam.roster import Candidate
from fazhi_exam.scoring import Decision, Decisions, Grade, Outcome
from fazhi_exam.statistics.attack import attack

P, F, A, V, D, E = (
    Outcome.PASSED, Outcome.FAILED, Outcome.ABSENT, Outcome.VOIDED, Outcome.DEFERRED,
    Outcome.EXEMPT,
)  # fmt: skip


def made(
    groups: dict[str, str], outcomes: dict[str, Outcome], *, on: date = date(2026, 6, 1),
    name: str = "s", equated: dict[str, int] | None = None,
) -> Decisions:  # fmt: skip
    decisions = tuple(
        Decision(
            code, outcome, "理由", Decimal(60) if outcome in (P, F) else None,
            Decimal((equated or {})[code]) if equated else None,
            Grade.EXCELLENT if outcome is P and code.endswith("0") else None,
        )
        for code, outcome in sorted(outcomes.items())
    )  # fmt: skip
    people = tuple(Candidate(c, {"单位": groups[c]}) for c in sorted(outcomes))
    basis = DecisionBasis.RAW_TOTAL
    return Decisions(name, "p", on, basis, Decimal(60), Decimal(100), decisions, people)


SMALL = made(
    {c: "甲" if c < "5" else "乙" for c in "0123456789"},
    dict(zip("0123456789", [P, F, A, V, P, P, D, E, F, P], strict=True)),
)


def test_counts_by_hand() -> None:
    """Ten people: 1 deferred, 1 exempt, 8 due, 6 sat, 4 passed, 1 excellent, 1 absent, 1 void."""
    found = count(SMALL.decisions)
    assert found == Counts(
        registered=10, excused=2, due=8, sat=6, passed=4, absent=1, voided=1, excellent=1
    )
    assert found.failed == 2
    parts = count_by(SMALL, "单位")
    assert sum(c.due for c in parts.values()) == 8
    assert parts["甲"].passed == 2


@pytest.mark.parametrize(
    "numbers", [(10, 2, 9, 6, 4, 1, 1), (10, 2, 8, 6, 7, 1, 1), (10, 2, 8, 7, 4, 1, 1)]
)
def test_counts_that_do_not_add_up_are_an_error(numbers: tuple[int, ...]) -> None:
    """Registered = due + excused, due = sat + absent + voided, passed <= sat."""
    with pytest.raises(CountsDoNotReconcile):
        Counts(*numbers)


def test_both_denominators() -> None:
    """4 of 6 who sat, 4 of 8 due; the interval is Wilson's, the heading names the denominator."""
    sat = pass_rates(SMALL)
    due = pass_rates(SMALL, denominator=Denominator.DUE)
    assert (sat.total.rate, sat.total.n) == (4 / 6, 6)
    assert (due.total.rate, due.total.n) == (0.5, 8)
    # Wilson for 4 of 8 by its formula: (4 + z²/2 ± z sqrt(2 + z²/4)) / (8 + z²), z = 1.959964
    assert (due.total.low, due.total.high) == pytest.approx((0.2152, 0.7848), abs=5e-4)
    assert "合格率（÷实考人数）" in sat.records()[0]
    assert "合格率（÷应考人数）" in due.records()[0]
    assert sat["甲"].counts.sat == 3
    assert sat.total.attendance == 6 / 8
    assert sat.to_pandas().shape == (3, 13)
    assert "4/实考人数 6" in repr(sat)


def test_no_people_no_rate() -> None:
    """A unit in which nobody sat has no rate; it is not 0 %."""
    table = pass_rates(made({"1": "甲", "2": "乙"}, {"1": A, "2": P}))
    assert table["甲"].rate is None
    assert table["甲"].low is None
    assert "—" in table._repr_html_()
    with pytest.raises(KeyError):
        table["丙"]


def year(share: float, sizes: dict[str, int], on: date, name: str) -> Decisions:
    groups, outcomes = {}, {}
    for unit, size in sizes.items():
        for k in range(size):
            groups[f"{unit}{k:03d}"] = unit
            outcomes[f"{unit}{k:03d}"] = P if k < round(share * size) else F
    return made(groups, outcomes, on=on, name=name)


def test_change_is_split_and_noise_is_called_noise() -> None:
    """Same rates, other mix: all of the change is mix. Two sittings alike: chance, no reasons."""
    first = made(
        {f"a{k}": "甲" for k in range(100)} | {f"b{k}": "乙" for k in range(100)},
        {f"a{k}": P if k < 90 else F for k in range(100)}
        | {f"b{k}": P if k < 50 else F for k in range(100)},
    )
    second = made(
        {f"a{k}": "甲" for k in range(20)} | {f"b{k}": "乙" for k in range(180)},
        {f"a{k}": P if k < 18 else F for k in range(20)}
        | {f"b{k}": P if k < 90 else F for k in range(180)},
    )
    found = compare(first, second)
    assert found.change == pytest.approx(108 / 200 - 140 / 200)
    assert found.split.rate == pytest.approx(0, abs=1e-12)
    assert found.split.mix == pytest.approx(found.change)
    assert not found.is_noise
    assert "人员构成变化 -16.0" in str(found)
    assert sum(g.learning + g.mix for g in found.groups) == pytest.approx(found.change)
    alike = compare(first, first)
    assert alike.is_noise
    assert "不宜解释原因" in str(alike)
    assert "人员构成" not in str(alike)
    with pytest.raises(NotEnoughData):
        compare(made({"1": "甲"}, {"1": A}), first)


def test_an_easier_paper_is_recognised_through_equated_scores() -> None:
    """Same people and abilities, a paper ten points easier: all of the change is cut and form."""
    groups = {f"{k:03d}": "甲" for k in range(100)}
    ability = {code: int(code) for code in groups}
    hard = made(groups, {c: P if s >= 60 else F for c, s in ability.items()}, equated=ability)
    easy = made(groups, {c: P if s >= 50 else F for c, s in ability.items()}, equated=ability)
    found = compare(hard, easy)
    assert found.parts is not None
    assert found.parts.cut == pytest.approx(0.10)
    assert found.parts.ability == pytest.approx(0, abs=1e-12)
    assert found.parts.mix == pytest.approx(0, abs=1e-12)
    assert found.parts.change == pytest.approx(found.change, abs=1e-12)


def test_trend_finds_a_change_and_leaves_luck_alone() -> None:
    """Twelve sittings at 70 %, then twelve at 85 %: one change at the thirteenth; else none."""
    random = np.random.default_rng(4)

    def rows(rates: list[float]) -> list[tuple[str, Counts]]:
        out = []
        for k, rate in enumerate(rates):
            passed = int(random.binomial(200, rate))
            out.append((f"{k:02d}", Counts(200, 0, 200, 200, passed, 0, 0)))
        return out

    found = trend_of(rows([0.7] * 12 + [0.85] * 12))
    assert [found.periods[k] for k in found.segments.changes] == ["12"]
    assert "变化点：12" in str(found)
    worlds = [str(trend_of(rows([0.8] * 24))) for _ in range(100)]
    assert sum("变化点" in text for text in worlds) <= 5
    steady = str(trend_of([(f"{k}", Counts(200, 0, 200, 200, 160, 0, 0)) for k in range(24)]))
    assert "变化点" not in steady
    assert "总体趋势" not in steady
    assert "各期都在控制限内" in steady
    with pytest.raises(NotEnoughData):
        trend_of(rows([0.5]))


def test_trend_of_sittings_is_in_order_of_days() -> None:
    """Sittings are sorted by day whatever the order given, and empty ones drop out."""
    days = [date(2026, 1, 1) + timedelta(days=30 * k) for k in range(4)]
    sittings = [year(0.5 + 0.1 * k, {"甲": 40}, day, f"s{k}") for k, day in enumerate(days)]
    empty = made({"1": "甲"}, {"1": A}, on=date(2025, 1, 1), name="空")
    found = rate_trend([sittings[2], sittings[0], empty, sittings[3], sittings[1]])
    assert found.periods == ("s0", "s1", "s2", "s3")
    assert found.trend.slope == pytest.approx(0.1, abs=0.01)


def test_attempts_by_person_and_by_attendance() -> None:
    """Three people: one passes first, one second, one has not yet had the next chance."""
    day = date(2026, 1, 10)
    unit = {"1": "甲", "2": "甲", "3": "甲"}
    first = made(unit, {"1": P, "2": F, "3": A}, on=day, name="a")
    second = made(unit, {"2": P, "3": F}, on=day + timedelta(days=60), name="b")
    found = attempts([second, first], window=90, until=day + timedelta(days=80))
    assert (found.persons, found.attendances, found.passed_first) == (3, 4, 1)
    assert (found.passed_within, found.not_yet) == (2, 1)
    assert found.first_rate == pytest.approx(1 / 3)
    assert found.eventual_rate == 1.0
    # Kaplan-Meier by hand: 1 of 3 passes at the first, then 1 of the 1 who tried again.
    assert found.curve.passed_by.tolist() == pytest.approx([1 / 3, 1.0])
    assert "1 人期限未满" in str(found)
    with pytest.raises(NotEnoughData):
        attempts([made({"1": "甲"}, {"1": A})], until=day)


def province(sizes: list[int], rate: float = 0.8) -> dict[str, Counts]:
    out = {}
    for k, size in enumerate(sizes):
        passed = round(rate * size)
        out[f"单位{k:02d}"] = Counts(size, 0, size, size, passed, 0, 0, passed // 3)
    return out


def test_public_table_hides_small_counts_and_merges_small_units() -> None:
    """No published count stands for 1 to 9 people, and an attacker is left with a width of 10."""
    table = rate_table(province([120, 80, 60, 45, 33, 9, 8, 7, 3]), by="单位", title="2026")
    public = publish(table, detail=Detail.GRADES)
    assert len(public.merged) == 4
    assert [row.group for row in public.rows][-1] == "人数较少的单位（合并）"
    shown = [c for row in (*public.rows, public.total) for c in row.counts if c is not None]
    assert all(c == 0 or c >= 10 for c in shown)
    cells = np.array([[c if c is not None else 0 for c in row.counts] for row in public.rows])
    assert cells.sum() <= public.total.due  # type: ignore[operator]
    assert "不足 10 人的数字不公布" in public.note
    assert "*" in str(public.records())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(10, 90), min_size=3, max_size=8), st.randoms(use_true_random=False))
def test_an_attacker_finds_nothing(sizes: list[int], random: object) -> None:
    """Linear programming on the published table leaves every hidden count a width of 10."""
    counts = {}
    for k, size in enumerate(sizes):
        passed = size - random.randrange(0, min(size, 12))  # type: ignore[attr-defined]
        best = random.randrange(0, passed + 1)  # type: ignore[attr-defined]
        counts[f"u{k}"] = Counts(size, 0, size, size, passed, 0, 0, best)
    people = {
        group: {"优秀": c.excellent, "合格（不含优秀）": c.passed - c.excellent, "合格": c.passed,
                "不合格": c.failed, "缺考违纪": c.absent + c.voided}
        for group, c in counts.items()
    }  # fmt: skip
    for detail in (None, *Detail):
        public = publish(rate_table(counts, by="单位"), detail=detail)
        last = [r.sat if public.detail is Detail.SAT else r.due for r in public.rows]
        total = public.total.sat if public.detail is Detail.SAT else public.total.due
        rows = zip((*public.rows, public.total), (*last, total), strict=True)
        hidden = np.array([[c is None for c in (*row.counts, whole)] for row, whole in rows])
        inside = np.array([[own[name] for name in public.detail.value] for own in people.values()])
        found = attack(inside, hidden)
        assert np.all(found.width[hidden] >= 10)


def test_rounded_counts_add_up_and_rates_follow_them() -> None:
    """Rounded to five, rows and columns still sum, and each rate is of the rounded counts."""
    table = rate_table(province([123, 87, 64]), by="单位")
    public = publish(table, round_to=5, detail=Detail.GRADES)
    for row in (*public.rows, public.total):
        if None not in row.counts:
            assert sum(c for c in row.counts if c is not None) == row.due
        assert all(c is None or c % 5 == 0 for c in row.counts)
        if row.rate is not None:
            best, good = row.counts[0], row.counts[1]
            assert row.rate == (best + good) / row.sat  # type: ignore[operator]
    assert "取整到 5 的倍数" in public.note


def test_a_whole_table_of_few_people_is_refused() -> None:
    """Eight people cannot be published at all."""
    with pytest.raises(PublishingRefused, match="不足 10"):
        publish(pass_rates(SMALL))


def test_few_absentees_do_not_hide_the_rate_of_everybody() -> None:
    """With four absentees among 200 the split is made coarser, and the rate can be published."""
    counts = {}
    for k, size in enumerate([70, 70, 60]):
        absent = 1 if k else 2
        sat = size - absent
        counts[f"单位{k}"] = Counts(size, 0, size, sat, sat - 15, absent, 0, 5)
    table = rate_table(counts, by="单位")
    assert publish(table, detail=Detail.GRADES).total.rate is None
    public = publish(table)
    assert public.detail is Detail.SAT
    assert public.total.rate == (196 - 45) / 196
    assert "应考" not in public.records()[0]
