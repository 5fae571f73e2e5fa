"""What a paper tells and how hard it is, against sums by hand."""

import numpy as np
import pytest

from fazhi_exam.assembly import pass_chances
from fazhi_exam.assembly.forms import form_of
from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.models import PartialCredit, Rasch
from fazhi_exam.scoring import Calibration
from fazhi_exam.scoring.form_strength import form_strength
from fazhi_exam.scoring.paper_information import paper_information

from ..examples import DAY, sitting

EXAM = sitting(8)
IDS = tuple(sorted(i.id for i in EXAM.bank))
B = dict(zip(IDS, np.linspace(-1, 1, len(IDS)), strict=True))
KNOWN = Calibration(
    IDS,
    tuple(
        PartialCredit((B[i], B[i])) if EXAM.bank[i].kind == "多选" else Rasch(float(B[i]))
        for i in IDS
    ),
    np.full(len(IDS), 99), 99,
)  # fmt: skip


def test_information_is_the_sum_over_items() -> None:
    """Rasch information is p (1 - p); a paper has the sum, the reference the mean of its cells."""
    flat = Calibration(IDS, tuple(Rasch(0.0) for _ in IDS), np.full(len(IDS), 99), 99)
    found = paper_information(EXAM, flat)
    p = 1 / (1 + np.exp(-found.abilities))
    assert found.papers.shape == (8, found.abilities.size)
    np.testing.assert_allclose(found.papers, np.tile(11 * p * (1 - p), (8, 1)))
    np.testing.assert_allclose(found.target, 11 * p * (1 - p))
    assert found.items == 11
    # 10 of 16 points are expected where everybody gets 10 / 16 of each item.
    assert found.ability_cut == pytest.approx(np.log(10 / 6), abs=1e-3)
    assert found.target_at_cut == pytest.approx(11 * 10 * 6 / 256, abs=2e-3)


def test_items_without_parameters_are_named() -> None:
    """A paper with an unknown item has no information."""
    few = Calibration(IDS[:3], tuple(Rasch(0.0) for _ in range(3)), np.full(3, 9), 9)
    with pytest.raises(NotEnoughData, match="各题都有参数的试卷"):
        paper_information(EXAM, few)
    code = EXAM.papers.codes[0]
    form = form_of(EXAM.bank, EXAM.rules.blueprint, EXAM.papers.items_of(code), code="A", on=DAY)
    with pytest.raises(NotEnoughData, match="换题的影响"):
        form_strength(form, few, pass_mark=EXAM.rules.cut.value, ability=0.0)


def test_form_is_as_strong_as_its_paper() -> None:
    """The chance of a form is that of a paper with the same items; marks are sums of curves."""
    code = EXAM.papers.codes[2]
    form = form_of(EXAM.bank, EXAM.rules.blueprint, EXAM.papers.items_of(code), code="A", on=DAY)
    found = form_strength(form, KNOWN, pass_mark=EXAM.rules.cut.value, ability=0.3)
    chance = pass_chances(
        EXAM.papers, KNOWN.by_item(), pass_mark=EXAM.rules.cut.value,
        thetas=np.array(found.abilities),
    )  # fmt: skip
    np.testing.assert_allclose(found.chance, chance[:, 2])
    assert list(found.chance) == sorted(found.chance)
    marks = 0.0
    for one in form:
        p = 1 / (1 + np.exp(B[one.id] - 0.3))
        ratio = p / (1 - p)
        if EXAM.bank[one.id].kind == "多选":
            weights = np.array([1, ratio, ratio**2])
            p = float(weights @ [0, 0.5, 1] / weights.sum())
        marks += float(one.points) * p
    assert found.marks[1] == pytest.approx(marks)
    assert found.abilities == (-0.2, 0.3, 0.8)
