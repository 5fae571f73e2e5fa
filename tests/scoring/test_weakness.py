"""Share of points won by group and subject."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from fazhi_exam.marking import VoidItem, mark
from fazhi_exam.scoring import item_analysis
from fazhi_exam.scoring.weakness import Facet, facet_results, weakness
from fazhi_exam.simulate import simulate_answers, synthetic_models
from tests import examples


def simulated() -> tuple:
    sitting = examples.sitting(40)
    truth = synthetic_models(sitting.bank, rng=1)
    abilities = {c.code: 0.05 * k - 1 for k, c in enumerate(sitting.roster)}
    sheets = simulate_answers(sitting, abilities, truth, rng=2, absent=0.1)
    return sitting, sheets, mark(sitting, sheets)


def by_hand(sitting, marks, facet: Facet) -> dict:
    """Points won, points possible and answers by group and name, entry by entry."""
    sums: dict = defaultdict(lambda: [0.0, 0.0, 0])
    for code in marks.candidates:
        for one in marks.of(code):
            if one.possible == 0:
                continue
            for name in facet.of(sitting.bank[one.item_id]):
                cell = sums[sitting.roster[code].unit, name]
                cell[0] += float(one.awarded)
                cell[1] += float(one.possible)
                cell[2] += 1
    return sums


@pytest.mark.parametrize("facet", list(Facet))
def test_shares_match_a_count_by_hand(facet: Facet) -> None:
    """Every cell is points won over points possible, with its number of answers."""
    sitting, _, marks = simulated()
    table = weakness(marks, sitting, facet=facet)
    hand = by_hand(sitting, marks, facet)
    for g, group in enumerate(table.groups):
        for k, name in enumerate(table.names):
            won, possible, answers = hand[group, name]
            assert table.answers[g, k] == answers
            assert table.share[g, k] == pytest.approx(won / possible)
    assert table.people.sum() == sum(t is not None for t in marks.totals)
    assert table.whole_answers.tolist() == table.answers.sum(axis=0).tolist()


def test_whole_agrees_with_item_analysis() -> None:
    """Added up from item figures, everybody's share is the same number."""
    sitting, _, marks = simulated()
    table = weakness(marks, sitting)
    found = {f.name: f for f in facet_results(item_analysis(marks, sitting), sitting)}
    assert sorted(found) == list(table.names)
    for k, name in enumerate(table.names):
        assert found[name].share == pytest.approx(table.whole_share[k])
        assert found[name].answers == table.whole_answers[k]


def test_void_items_count_for_nobody() -> None:
    """An item that is void leaves both points and answers."""
    sitting, sheets, marks = simulated()
    gone = marks.item_ids[0]
    after = mark(sitting, sheets, changes=[VoidItem(gone, "题干有误")])
    before_n, after_n = (weakness(m, sitting).answers.sum() for m in (marks, after))
    assert before_n - after_n == sum(
        one.item_id == gone for c in marks.candidates for one in marks.of(c)
    )
    listed = facet_results(item_analysis(after, sitting), sitting)
    assert sum(f.answers for f in listed) == after_n


def test_p_value_is_welch_of_ratios() -> None:
    """With equal points possible for everybody the test is Welch's t on the people's shares."""
    sitting, _, marks = simulated()
    table = weakness(marks, sitting, facet=Facet.ARTICLE)  # every item cites the same article
    shares = defaultdict(list)
    for code in marks.candidates:
        rows = list(marks.of(code))
        if rows:
            total = sum(float(r.possible) for r in rows)
            shares[sitting.roster[code].unit].append(sum(float(r.awarded) for r in rows) / total)
    expected = stats.ttest_ind(shares["甲镇"], shares["乙街道"], equal_var=False)
    assert table.p_value[table.row("甲镇"), 0] == pytest.approx(expected.pvalue, rel=1e-9)


def test_no_difference_flags_rarely() -> None:
    """With units dealt at random, p-values under 5 % come about one time in twenty."""
    sitting, _, marks = simulated()
    rng = np.random.default_rng(5)
    hits, looks = 0, 0
    for _ in range(60):
        units = rng.permutation(["甲镇", "乙街道"] * 20)
        moved = tuple(
            replace(c, groups={"单位": u}) for c, u in zip(sitting.roster, units, strict=True)
        )
        mixed = replace(sitting, roster=replace(sitting.roster, candidates=moved))
        p = weakness(marks, mixed).p_value[0]
        hits += int((p < 0.05).sum())
        looks += p.size
    assert hits / looks < 0.13


def test_one_group_has_nobody_to_compare_with() -> None:
    """A single group has shares, but no difference and no p-value."""
    sitting, _, marks = simulated()
    table = weakness(marks, sitting, "地区")
    assert table.groups == ("未填写",)
    assert np.isnan(table.difference).all()
    assert np.isnan(table.p_value).all()


def test_nobody_sat() -> None:
    """Without anybody present there are no groups, and nothing fails."""
    sitting = examples.sitting(4)
    marks = mark(sitting, [])
    table = weakness(marks, sitting)
    assert table.groups == ()
    assert table.records() == []
    assert facet_results(item_analysis(marks, sitting), sitting) == ()


def test_records_and_views_show_n() -> None:
    """Every record and every cell of the view carries its number of answers."""
    sitting, _, marks = simulated()
    table = weakness(marks, sitting)
    record = table.records()[0]
    assert record["作答人次"] == int(table.answers[0, 0])
    assert record["得分率"] == pytest.approx(float(table.share[0, 0]))
    assert f"（{table.answers[0, 0]}）" in table._repr_html_()
    assert "实考" in repr(table)
    with pytest.raises(KeyError):
        table.row("无镇")
