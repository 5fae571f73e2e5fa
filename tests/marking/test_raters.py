"""Two raters who agree give their mean; a dispute waits for a third."""

from decimal import Decimal

import pytest

from fazhi_exam.errors import AnswerError
from fazhi_exam.marking import HumanMark, agree


def given(*points: str) -> list[HumanMark]:
    return [HumanMark("K1", "07-1", f"R{k}", Decimal(p)) for k, p in enumerate(points)]


@pytest.mark.parametrize(
    ("points", "agreed"),
    [
        (("4",), "4"),
        (("4", "5"), "4.5"),
        (("4", "4.5"), "4.5"),
        (("2", "5", "4.5"), "5"),
        (("2", "5", "3"), "2.5"),
        (("2", "4", "6"), "5"),
    ],
)
def test_agreement(points: tuple[str, ...], agreed: str) -> None:
    """Within one point the mean counts, halves up to half a point; else the two closest."""
    found = agree(given(*points), tolerance=Decimal(1))
    assert found.points["K1", "07-1"] == Decimal(agreed)
    assert not found.disputed


def test_dispute_waits() -> None:
    """Two marks too far apart give no points until a third rater has looked."""
    found = agree(given("2", "5"), tolerance=Decimal(1))
    assert found.disputed == (("K1", "07-1"),)
    assert not found.points


def test_same_rater_twice_is_a_mistake() -> None:
    """One rater cannot be two opinions."""
    twice = [HumanMark("K1", "07-1", "R1", Decimal(p)) for p in "23"]
    with pytest.raises(AnswerError, match="评了 2 次"):
        agree(twice, tolerance=Decimal(1))
