"""Drift of anchors: planted changes are found, unchanged anchors are left alone."""

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.drift import anchor_drift, difficulty_trend, stable_link
from fazhi_exam.psychometrics.linking import haebara, rescale
from fazhi_exam.psychometrics.models import ThreePL

from ..reference import kolen_brennan as kb


def test_a_drifted_anchor_is_found_and_dropped() -> None:
    """One of twelve anchors became 0.8 easier: flagged, dropped, and the link is exact again."""
    old = kb.ANCHORS_OLD
    new = [rescale(m, 1 / 1.1, 0.2 / 1.1) for m in old]
    bad = new[5]
    assert isinstance(bad, ThreePL)
    new[5] = ThreePL(bad.a, bad.b - 0.8, bad.c)
    drift = anchor_drift(new, old, haebara(new, old))
    assert np.flatnonzero(drift.flagged).tolist() == [5]
    assert drift.shift[5] < 0
    stable = stable_link(new, old)
    assert np.flatnonzero(~stable.kept).tolist() == [5]
    assert (stable.link.slope, stable.link.intercept) == pytest.approx((1.1, -0.2), abs=1e-6)


def test_trend_finds_the_anchor_that_gets_easier() -> None:
    """Six sittings with their own scales; anchor 3 loses 0.2 a sitting, the others stay."""
    rng = np.random.default_rng(0)
    truth = np.tile(rng.normal(size=15), (6, 1)) + rng.normal(size=(6, 1))
    truth[:, 3] -= 0.2 * np.arange(6)
    found = difficulty_trend(truth + rng.normal(0, 0.05, truth.shape), np.full(truth.shape, 0.05))
    assert found.slope[3] == pytest.approx(-0.2 * 14 / 15, abs=0.04)
    assert int(np.argmin(found.slope_p)) == 3
    assert found.slope_p[3] < 1e-6
    assert found.heterogeneity_p[3] < 1e-6


def test_identical_calibrations_have_no_drift() -> None:
    """The same items twice: nothing is flagged, in spite of rounding."""
    found = anchor_drift(kb.ANCHORS_OLD, kb.ANCHORS_OLD, haebara(kb.ANCHORS_OLD, kb.ANCHORS_OLD))
    assert not found.flagged.any()
    assert np.abs(found.robust_z).max() < 1


def test_two_sittings_are_no_trend() -> None:
    """A line needs three points."""
    with pytest.raises(NotEnoughData):
        difficulty_trend(np.zeros((2, 5)), np.ones((2, 5)))
