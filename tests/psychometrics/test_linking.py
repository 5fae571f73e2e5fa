"""Linking constants against STUIRT and sirt, and properties of a change of scale."""

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.item_parameters import with_parameters
from fazhi_exam.psychometrics.linking import (
    AnchorCovariance,
    Link,
    haebara,
    jackknife,
    mean_mean,
    mean_sigma,
    rescale,
    stocking_lord,
)
from fazhi_exam.psychometrics.models import (
    FourPL,
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    ThreePL,
    TwoPL,
)

from ..reference import kolen_brennan as kb

EVERY: list[ItemModel] = [
    Rasch(0.3),
    TwoPL(1.2, -0.4),
    ThreePL(0.9, 0.5, 0.2),
    FourPL(1.1, 0.2, 0.1, 0.95),
    GradedResponse(1.3, (-1.0, 0.2, 1.4)),
    PartialCredit((-0.5, 0.8)),
    RatingScale(0.2, (-0.6, 0.1, 0.5)),
    GeneralisedPartialCredit(0.7, (0.3, -0.2, 1.0)),
    Nominal((0.0, 0.5, 1.4), (0.0, 0.3, -0.2)),
]


@pytest.mark.parametrize("model", EVERY, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("slope", [1.0, 1.3])
def test_a_change_of_scale_keeps_every_probability(model: ItemModel, slope: float) -> None:
    """P(new theta) on the new scale is P(A theta + B) on the old one, for every model."""
    theta = np.linspace(-2, 2, 9)
    moved = rescale(model, slope, -0.4)
    np.testing.assert_allclose(
        moved.probabilities(slope * theta - 0.4), model.probabilities(theta), atol=1e-12
    )


@pytest.mark.parametrize("model", EVERY, ids=lambda m: type(m).__name__)
def test_with_parameters_round_trip(model: ItemModel) -> None:
    """Rebuilding from its own parameters gives the same item."""
    assert with_parameters(model, model.parameters) == model


def test_three_parameter_anchors_match_stuirt() -> None:
    """Kolen & Brennan's twelve anchors: the four methods as STUIRT prints them."""
    new, old = kb.ANCHORS_NEW, kb.ANCHORS_OLD
    populations = {
        "old_population": (kb.NODES, kb.WEIGHTS_OLD),
        "new_population": (kb.NODES, kb.WEIGHTS_NEW),
    }
    for found, wanted in (
        (mean_mean(new, old), kb.STUIRT_MEAN_MEAN),
        (mean_sigma(new, old), kb.STUIRT_MEAN_SIGMA),
        (haebara(new, old, **populations), kb.STUIRT_HAEBARA),
        (stocking_lord(new, old, **populations), kb.STUIRT_STOCKING_LORD),
    ):
        assert (found.slope, found.intercept) == pytest.approx(wanted, abs=2e-6)


def test_mixed_anchors_match_stuirt() -> None:
    """Twelve 3PL and five GPCM anchors on 25 even nodes, STUIRT example 2."""
    new, old = kb.MIXED_NEW, kb.MIXED_OLD
    even = (kb.MIXED_NODES, np.ones(25))
    populations = {"old_population": even, "new_population": even}
    for found, wanted in (
        (mean_mean(new, old), kb.STUIRT_MIXED_MEAN_MEAN),
        (mean_sigma(new, old), kb.STUIRT_MIXED_MEAN_SIGMA),
        (haebara(new, old, **populations), kb.STUIRT_MIXED_HAEBARA),
        (stocking_lord(new, old, **populations), kb.STUIRT_MIXED_STOCKING_LORD),
    ):
        assert (found.slope, found.intercept) == pytest.approx(wanted, abs=3e-6)


def test_rasch_anchors_match_sirt() -> None:
    """With Rasch anchors the slope stays 1 and only the shift is estimated."""
    even = (np.arange(-4, 4.001, 0.05), np.ones(161))
    new, old = kb.RASCH_NEW, kb.RASCH_OLD
    assert mean_mean(new, old).intercept == pytest.approx(kb.SIRT_MEAN, abs=1e-6)
    for method, wanted in ((haebara, kb.SIRT_HAEBARA), (stocking_lord, kb.SIRT_STOCKING_LORD)):
        found = method(new, old, old_population=even, new_population=even)
        assert found.slope == 1
        assert found.intercept == pytest.approx(wanted, abs=2e-4)


@pytest.mark.parametrize("method", [mean_mean, mean_sigma, haebara, stocking_lord])
def test_a_known_change_of_scale_is_recovered(method: type) -> None:
    """Anchors moved by (1.25, -0.6) give these constants back, exactly."""
    old = kb.ANCHORS_OLD
    new = [rescale(m, 1 / 1.25, 0.6 / 1.25) for m in old]
    found = method(new, old)
    assert (found.slope, found.intercept) == pytest.approx((1.25, -0.6), abs=1e-8)


@pytest.mark.parametrize("method", [haebara, stocking_lord])
def test_the_symmetric_criterion_inverts(method: type) -> None:
    """Linking back gives the inverse change of scale (equal node sets on both scales)."""
    there = method(kb.ANCHORS_NEW, kb.ANCHORS_OLD)
    back = method(kb.ANCHORS_OLD, kb.ANCHORS_NEW)
    assert back.slope == pytest.approx(1 / there.slope, rel=1e-6)
    assert back.intercept == pytest.approx(-there.intercept / there.slope, rel=1e-5)


@pytest.mark.parametrize("method", [mean_mean, mean_sigma, haebara, stocking_lord])
def test_delta_errors_agree_with_simulated_calibrations(method: type) -> None:
    """Perturbing the anchor parameters 100 times gives the standard errors of the formula."""
    rng = np.random.default_rng(11)
    old: list[ItemModel] = [
        TwoPL(a, b) for a, b in zip(rng.uniform(0.8, 1.6, 8), rng.normal(size=8), strict=True)
    ]
    sd = np.tile([0.05, 0.08], 8)
    cov = AnchorCovariance(np.diag(sd**2), np.diag(sd**2))
    found = method(old, old, covariance=cov)
    drawn = []
    for _ in range(100):
        pair = [
            [with_parameters(m, np.array(m.parameters) + rng.normal(0, [0.05, 0.08])) for m in old]
            for _ in range(2)
        ]
        one = method(*pair)
        drawn.append((one.slope, one.intercept))
    assert found.errors == pytest.approx(np.std(drawn, axis=0), rel=0.25)


def test_jackknife_of_identical_anchors_is_zero() -> None:
    """Anchors that agree perfectly leave no choice error."""
    found = jackknife(kb.ANCHORS_OLD, kb.ANCHORS_OLD, mean_sigma)
    assert found.errors == pytest.approx((0, 0), abs=1e-12)


def test_too_few_anchors_are_refused() -> None:
    """A link needs anchors, and says how many."""
    with pytest.raises(NotEnoughData):
        mean_mean([Rasch(0.0)], [Rasch(0.1)])
    with pytest.raises(NotEnoughData):
        jackknife(kb.RASCH_NEW[:2], kb.RASCH_OLD[:2], mean_mean)


def test_apply_moves_the_other_items_too() -> None:
    """A link carries any model of the new form to the old scale."""
    (moved,) = Link(2.0, 0.5).apply([TwoPL(1.0, 1.0)])
    assert moved == TwoPL(0.5, 2.5)
