"""Group differences and option curves, against tables counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from fazhi_exam.delivery import Sitting
from fazhi_exam.errors import NotEnoughData
from fazhi_exam.marking import mark
from fazhi_exam.psychometrics.dif import EtsClass, mantel_haenszel
from fazhi_exam.psychometrics.models import PartialCredit, Rasch, TwoPL
from fazhi_exam.scoring import Calibration, item_analysis
from fazhi_exam.scoring.dif import item_dif
from fazhi_exam.scoring.option_curves import item_locations, option_curves
from fazhi_exam.simulate import simulate_answers, synthetic_models

from ..examples import sitting

EXAM: Sitting = sitting(400)
MODELS = synthetic_models(EXAM.bank, rng=3)
ODD = sorted(EXAM.papers.worth)[0]
RANDOM = np.random.default_rng(5)
ABILITY = {c.code: float(RANDOM.normal()) for c in EXAM.roster}
FAIR = mark(EXAM, simulate_answers(EXAM, ABILITY, MODELS, rng=1))
HARDER = MODELS | {ODD: replace(MODELS[ODD], b=MODELS[ODD].b + 3)}
UNFAIR = mark(
    EXAM,
    [
        two if EXAM.roster[one.candidate].unit == "甲镇" else one
        for one, two in zip(
            simulate_answers(EXAM, ABILITY, MODELS, rng=1),
            simulate_answers(EXAM, ABILITY, HARDER, rng=1),
            strict=True,
        )
    ],
)


def test_an_item_made_harder_for_one_group_is_found() -> None:
    """It comes first with a negative effect; seen from the other group the sign turns."""
    found = item_dif(UNFAIR, EXAM, by="单位", focal="甲镇")
    assert (found.items[0].item_id, found.items[0].ets) == (ODD, EtsClass.C)
    assert found.items[0].delta < -1.5
    other = item_dif(UNFAIR, EXAM, by="单位", focal="乙街道")
    assert {i.item_id: i.delta for i in other.items}[ODD] == pytest.approx(-found.items[0].delta)
    assert "偏难 1 道" in str(found) or len(found.flagged()) > 1
    fair = item_dif(FAIR, EXAM, by="单位", focal="甲镇")
    assert ODD not in {i.item_id for i in fair.flagged()}
    assert len(fair.flagged()) <= 0.05 * len(fair.items) + 2


def test_figures_are_those_of_the_table_test() -> None:
    """With one class of people the effect is that of the plain two-by-two table."""
    found = item_dif(FAIR, EXAM, by="单位", focal="甲镇", strata=1)
    one = found.items[3]
    right, group = [], []
    for code in FAIR.candidates:
        for m in FAIR.of(code):
            if m.item_id == one.item_id:
                right.append(float(m.awarded == EXAM.papers.worth[m.item_id].points))
                group.append(float(EXAM.roster[code].unit == "甲镇"))
    wanted = mantel_haenszel(right, group, np.zeros(len(right)))
    assert (one.delta, one.p) == (pytest.approx(wanted.delta), pytest.approx(wanted.p))
    assert (one.others, one.focal) == (group.count(0.0), group.count(1.0))


def test_few_people_and_unknown_groups_are_said() -> None:
    """Thirty people on each side are needed; a grouping nobody has is named."""
    small = sitting(40)
    marks = mark(small, simulate_answers(small, dict.fromkeys(small.papers.codes, 0.0), MODELS,
                                         rng=1))  # fmt: skip
    with pytest.raises(NotEnoughData):
        item_dif(marks, small, by="单位")
    with pytest.raises(NotEnoughData, match="分组差异（民族）"):
        item_dif(FAIR, EXAM, by="民族")


def test_option_curves_add_up() -> None:
    """Groups hold everybody who had the item, and options those of the item analysis."""
    report = next(i for i in item_analysis(FAIR, EXAM).items if i.options and i.answers > 60)
    found = option_curves(FAIR, EXAM, report.item_id)
    assert found.groups == ("低", "较低", "较高", "高")
    assert found.people.sum() == report.answers
    assert max(found.people) - min(found.people) <= 1
    for use in report.options:
        assert found.shares[use.option] @ found.people == pytest.approx(use.chosen)
        assert (use.option in found.key) == use.right
    small = sitting(12)
    few = mark(small, simulate_answers(small, dict.fromkeys(small.papers.codes, 0.0), MODELS,
                                       rng=1))  # fmt: skip
    with pytest.raises(NotEnoughData, match="选项曲线"):
        option_curves(few, small, few.item_ids[0])


def test_locations() -> None:
    """Rasch and 2PL items stand at b; a partial-credit item with equal steps at the step."""
    known = Calibration(
        ("a", "b", "c"), (Rasch(0.7), TwoPL(1.3, -1.1), PartialCredit((0.4, 0.4))),
        np.full(3, 9), 9,
    )  # fmt: skip
    assert item_locations(known, ["b", "a", "c"]) == pytest.approx([-1.1, 0.7, 0.4], abs=1e-3)
