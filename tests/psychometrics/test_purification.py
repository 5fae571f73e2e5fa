"""Purification finds planted items and clears the others."""

import numpy as np

from fazhi_exam.psychometrics.dif import EtsClass, mantel_haenszel
from fazhi_exam.psychometrics.purification import matching_score, purify


def test_purification_clears_the_good_items() -> None:
    """Four of twenty items are harder for the focal group: they are flagged, and no others."""
    rng = np.random.default_rng(9)
    g = np.arange(4000) % 2
    hard = np.tile(np.linspace(-1.5, 1.5, 20), (4000, 1))
    hard[:, :4] += 0.9 * g[:, None]
    theta = rng.standard_normal(4000)
    x = (rng.random(hard.shape) < 1 / (1 + np.exp(-1.3 * (theta[:, None] - hard)))).astype(np.int8)
    found = purify(x, g, lambda i, k, m: mantel_haenszel(i, k, m).ets is not EtsClass.A)
    assert np.flatnonzero(found.flagged).tolist() == [0, 1, 2, 3]
    assert found.settled


def test_matching_keeps_the_studied_item() -> None:
    """A flagged item still counts in its own matching score, and only there."""
    x = np.array([[1, 0, 1], [0, 1, 1]])
    keep = np.array([False, True, True])
    assert matching_score(x, keep, 0).tolist() == [2, 2]
    assert matching_score(x, keep, 1).tolist() == [1, 2]


def test_matching_on_random_papers_scales_to_the_same_length() -> None:
    """A person who saw half of the items is matched on twice their sum; one who saw none is not."""
    x = np.array([[1, 1, -1, -1], [1, 1, 1, 1], [-1, -1, -1, -1]])
    found = matching_score(x, np.ones(4, dtype=bool), 0)
    assert found[:2].tolist() == [4, 4]
    assert np.isnan(found[2])


def test_all_items_flagged_is_not_settled() -> None:
    """If nothing is left to match on, the result says so."""
    x = np.random.default_rng(0).integers(0, 2, (50, 4))
    found = purify(x, np.arange(50) % 2, lambda i, g, m: True)
    assert not found.settled
