"""What several releases together give away."""

import numpy as np
import pytest

from fazhi_exam.statistics.releases import implied_range, small_differences


def test_one_unit_more_gives_that_unit_away() -> None:
    """A district with and without one unit of 6: the difference is that unit."""
    members = [[1, 1, 0], [1, 1, 1], [0, 0, 0]]
    assert small_differences(members, [40, 46, 0]).tolist() == [[0, 1]]


def test_a_corrected_release_gives_the_correction_away() -> None:
    """The same group published twice with counts 40 and 42: two people can be told apart."""
    assert small_differences([[1, 1], [1, 1]], [40, 42]).tolist() == [[0, 1]]


def test_large_or_no_differences_are_fine() -> None:
    """Differences of 0 or of at least the threshold, and overlapping groups, are not reported."""
    assert small_differences([[1, 0], [1, 1]], [40, 50]).size == 0
    assert small_differences([[1, 0], [1, 1]], [40, 40]).size == 0
    assert small_differences([[1, 1, 0], [0, 1, 1]], [40, 43]).size == 0
    assert small_differences([[1, 0], [1, 1]], [40, 50], threshold=11).tolist() == [[0, 1]]


def test_arithmetic_over_three_releases_is_found() -> None:
    """A + B, B + C and A + C are published: A follows exactly, though no two are nested."""
    members = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    totals = [24, 31, 13]
    assert small_differences(members, totals).size == 0
    assert implied_range(members, totals, [1, 0, 0]) == pytest.approx([3, 3])


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
        small_differences([[1]], [np.nan])
    with pytest.raises(ValueError, match="members"):
        small_differences([[2]], [3])
    with pytest.raises(ValueError, match="one entry"):
        implied_range([[1, 1]], [12], [1])
    with pytest.raises(ValueError, match="threshold"):
        small_differences([[1]], [3], threshold=1)
