"""Item models: probabilities, derivatives, both parameterisations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fazhi_exam.psychometrics.ability import score_distribution
from fazhi_exam.psychometrics.models import (
    FourPL,
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    SlopeIntercept,
    ThreePL,
    TwoPL,
)

ALL: tuple[ItemModel, ...] = (
    Rasch(0.3),
    TwoPL(1.2, -0.5),
    ThreePL(1.1, 0.2, 0.2),
    FourPL(1.3, 0.0, 0.1, 0.95),
    GradedResponse(1.2, (-1.0, 0.0, 0.5)),
    PartialCredit((0.2, -0.3)),
    RatingScale(0.2, (-1.0, 1.0)),
    GeneralisedPartialCredit(0.8, (-0.5, 1.0)),
    Nominal((0.0, 1.0, 0.4), (0.0, 0.2, 0.5)),
)
THETA = np.linspace(-4, 4, 17)


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_probabilities_are_a_distribution(model: ItemModel) -> None:
    """Over categories the probabilities sum to 1 and their derivatives to 0."""
    p, dp, d2p = model.derivatives(THETA.reshape(17, 1))
    assert p.shape == (17, 1, model.categories)
    assert np.all(p > 0)
    assert p.sum(-1) == pytest.approx(1, abs=1e-14)
    assert dp.sum(-1) == pytest.approx(0, abs=1e-14)
    assert d2p.sum(-1) == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_derivatives_are_those_of_the_probabilities(model: ItemModel) -> None:
    """Differences of the probabilities over a small step give the stated derivatives."""
    h = 1e-5
    up, down = model.derivatives(THETA + h), model.derivatives(THETA - h)
    _, dp, d2p = model.derivatives(THETA)
    assert (up[0] - down[0]) / (2 * h) == pytest.approx(dp, abs=1e-9)
    assert (up[1] - down[1]) / (2 * h) == pytest.approx(d2p, abs=1e-9)


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_information_is_the_expected_curvature(model: ItemModel) -> None:
    """Fisher information equals minus the expected second derivative of the log-probability."""
    h = 1e-4
    p = model.probabilities(THETA)
    log = [np.log(model.probabilities(THETA + s)) for s in (-h, 0.0, h)]
    curvature = (log[0] - 2 * log[1] + log[2]) / h**2
    assert -(p * curvature).sum(-1) == pytest.approx(model.information(THETA), abs=1e-6)


@pytest.mark.parametrize("model", ALL, ids=lambda m: type(m).__name__)
def test_parameterisations_convert_back(model: ItemModel) -> None:
    """Slope-intercept form and back is the same item."""
    again = type(model).from_slope_intercept(model.slope_intercept())
    assert again.parameters == pytest.approx(model.parameters, abs=1e-14)


def test_textbook_values() -> None:
    """Probabilities written out by hand from the defining formulas."""
    e = np.exp
    assert TwoPL(1.5, 0.5).probabilities(1.0)[1] == pytest.approx(1 / (1 + e(-0.75)), abs=1e-15)
    three = ThreePL(1.0, 0.0, 0.2).probabilities(0.0)
    assert three == pytest.approx([0.4, 0.6], abs=1e-15)
    graded = GradedResponse(1.0, (-1.0, 1.0)).probabilities(0.0)
    inner = 1 / (1 + e(-1.0)) - 1 / (1 + e(1.0))
    assert graded[1] == pytest.approx(inner, abs=1e-15)
    weights = np.array([1.0, e(0.5 - 0.2), e(2 * 0.5 - 0.2 - 0.9)])
    assert PartialCredit((0.2, 0.9)).probabilities(0.5) == pytest.approx(weights / weights.sum())


def test_equal_kinds_agree() -> None:
    """A 4PL with asymptotes 0 and 1, a GPCM and a GRM with two categories are the 2PL."""
    two = TwoPL(1.3, 0.4).probabilities(THETA)
    for same in (
        FourPL(1.3, 0.4, 0.0, 1.0),
        GeneralisedPartialCredit(1.3, (0.4,)),
        GradedResponse(1.3, (0.4,)),
    ):
        assert same.probabilities(THETA) == pytest.approx(two, abs=1e-14)


def test_tails_keep_their_digits() -> None:
    """Far out a graded category is a product of exponentials, not a difference of ones."""
    p = GradedResponse(1.0, (0.0, 1.0)).probabilities(60.0)
    assert p[0] == pytest.approx(np.exp(-60.0), rel=1e-12)
    assert p[1] == pytest.approx(np.exp(-59.0) - np.exp(-60.0), rel=1e-12)


@given(st.floats(0.2, 3), st.floats(-3, 3), st.floats(0, 0.4))
def test_characteristic_curve_rises(a: float, b: float, c: float) -> None:
    """The expected score of a 3PL item with a positive slope never falls with ability."""
    curve = ThreePL(a, b, c).expected(np.linspace(-8, 8, 200))
    assert np.all(np.diff(curve) >= -1e-15)


def test_bad_parameters_are_refused() -> None:
    """Asymptotes out of order, unordered thresholds and non-finite numbers are ValueErrors."""
    for make in (
        lambda: FourPL(1, 0, 0.5, 0.4),
        lambda: ThreePL(1, 0, 1.0),
        lambda: GradedResponse(1.0, (1.0, 0.0)),
        lambda: GradedResponse(-1.0, (0.0, 1.0)),
        lambda: GradedResponse(0.0, (0.0, 1.0)),
        lambda: TwoPL(float("nan"), 0.0),
        lambda: Nominal((0.0,), (0.0,)),
        lambda: Rasch.from_slope_intercept(SlopeIntercept((2.0,), (0.0,))),
        lambda: TwoPL.from_slope_intercept(SlopeIntercept((0.0,), (1.0,))),
    ):
        with pytest.raises(ValueError, match=r"."):
            make()


def test_score_distribution_counts_every_pattern() -> None:
    """The recursion gives the sums over all patterns, kinds and points mixed."""
    import itertools

    models = (ALL[1], ALL[4], ALL[5])
    points = (2, (0, 1, 2, 4), 1)
    direct = np.zeros(9)
    gains = [(0, 2), (0, 1, 2, 4), (0, 1, 2)]
    for pattern in itertools.product(*(range(m.categories) for m in models)):
        chance = np.prod([m.probabilities(0.7)[k] for m, k in zip(models, pattern, strict=True)])
        direct[sum(g[k] for g, k in zip(gains, pattern, strict=True))] += chance
    assert score_distribution(models, 0.7, points)[0] == pytest.approx(direct, abs=1e-15)


def test_score_distribution_refuses_fractional_points() -> None:
    """Points that are not whole numbers have no place on the score axis."""
    with pytest.raises(ValueError, match="non-negative integers"):
        score_distribution([ALL[0]], 0.0, [0.5])  # type: ignore[list-item]
