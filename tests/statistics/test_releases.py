"""What several releases together give away."""

import doctest

import numpy as np
import pytest

from fazhi_exam.statistics import releases
from fazhi_exam.statistics.releases import implied_range


def test_arithmetic_over_three_releases_is_found() -> None:
    """A + B, B + C and A + C are published: A follows exactly; the docstring says the same."""
    members = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    totals = [24, 31, 13]
    assert implied_range(members, totals, [1, 0, 0]) == pytest.approx([3, 3])
    assert doctest.testmod(releases) == (0, 2)


def test_unbounded_groups_stay_unbounded() -> None:
    """A group nobody published is not bounded from above."""
    low, high = implied_range([[1, 0]], [12], [0, 1])
    assert (low, high) == (0, np.inf)
    assert implied_range([[1, 1]], [12], [0, 1]) == pytest.approx([0, 12])


def test_contradictions_and_bad_ledgers_are_refused() -> None:
    """Counts that cannot all be true, missing counts, wrong shapes: an error."""
    with pytest.raises(ValueError, match="contradict"):
        implied_range([[1, 1], [1, 1]], [12, 13], [1, 0])
    with pytest.raises(ValueError, match="whole"):
        implied_range([[1]], [np.nan], [1])
    with pytest.raises(ValueError, match="members"):
        implied_range([[2]], [3], [1])
    with pytest.raises(ValueError, match="one entry"):
        implied_range([[1, 1]], [12], [1])
