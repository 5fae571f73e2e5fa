"""What luck alone gives: exact arithmetic for 176 equal units."""

import numpy as np
import pytest
from scipy import stats

from fazhi_exam.statistics.luck import what_luck_gives


@pytest.mark.parametrize(
    ("size", "all_passed", "below", "worst"), [(12, 25, 16, 0.50), (5, 78, 29, 0.40)]
)
def test_176_equal_units(size: int, all_passed: int, below: int, worst: float) -> None:
    """True rate 85 % everywhere: units at 100 %, under 75 %, and the median worst, by hand."""
    luck = what_luck_gives(0.85, [size] * 176, threshold=0.75)
    assert round(luck.all_passed) == all_passed == round(176 * 0.85**size)
    assert round(luck.below) == below
    assert luck.worst == pytest.approx(worst)
    assert luck.best == 1


def test_half_of_the_units_at_a_hundred() -> None:
    """At a true 95 % with 12 people each, 95 of 176 units show 100 %."""
    assert round(what_luck_gives(0.95, [12] * 176, threshold=0.5).all_passed) == 95


def test_median_worst_splits_worlds_in_half() -> None:
    """For mixed sizes: a unit at or under `worst` has chance 1/2 or more, strictly under less."""
    n = np.array([3, 7, 7, 12, 40, 41])
    luck = what_luck_gives(0.7, n, threshold=0.6)

    def chance(rate: float, *, strictly: bool) -> float:
        k = np.ceil(rate * n - 1e-9) - 1 if strictly else np.floor(rate * n + 1e-9)
        return float(1 - np.prod(stats.binom.sf(k, n, 0.7)))

    assert chance(luck.worst, strictly=False) >= 0.5 > chance(luck.worst, strictly=True)


def test_a_rate_on_the_line_is_not_under_it() -> None:
    """17 of 20 is 85 %, not under it, although 0.85 × 20 is not exactly 17 in binary."""
    at = what_luck_gives(0.5, [20], threshold=0.85).below
    assert at == pytest.approx(stats.binom.cdf(16, 20, 0.5), rel=1e-12)


def test_certain_rates() -> None:
    """If everybody passes for sure, every unit is at 100 %."""
    luck = what_luck_gives(1.0, [1, 5], threshold=1.0)
    assert (luck.all_passed, luck.all_failed, luck.below, luck.worst, luck.best) == (2, 0, 0, 1, 1)
    assert what_luck_gives(0.0, [1, 5], threshold=1.0).best == 0


@pytest.mark.parametrize("sat", [[], [0], [np.nan]])
def test_no_units_are_refused(sat: list[float]) -> None:
    """No unit, an empty unit, a missing size: an error."""
    with pytest.raises(ValueError, match=r"unit|sat"):
        what_luck_gives(0.5, sat, threshold=0.5)
