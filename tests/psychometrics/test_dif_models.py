"""Model-based differential functioning against integrals, identities and simulation."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.dif_models import likelihood_ratio_dif, raju_area, wald_dif
from fazhi_exam.psychometrics.models import GradedResponse, ItemModel, TwoPL


@pytest.mark.parametrize(
    ("reference", "focal"), [((1.2, 0.0), (0.8, 0.5)), ((0.9, 1.0), (1.5, -0.2)), ((1, 0), (1, 1))]
)
def test_areas_by_numerical_integration(
    reference: tuple[float, float], focal: tuple[float, float]
) -> None:
    """Signed and unsigned areas of Raju (1988) against quadrature of the curves."""

    def gap(t: float) -> float:
        (a, b), (c, d) = reference, focal
        return 0.85 * (1 / (1 + np.exp(-a * (t - b))) - 1 / (1 + np.exp(-c * (t - d))))

    found = raju_area(reference, focal, lower=0.15)
    grid = [-60, -5, 0, 5, 60]
    signed = sum(quad(gap, lo, hi)[0] for lo, hi in itertools.pairwise(grid))
    fine = np.linspace(-60, 60, 1_200_001)
    unsigned = np.trapezoid(np.abs([gap(fine)][0]), fine)
    assert found.signed == pytest.approx(signed, abs=1e-8)
    assert found.unsigned == pytest.approx(unsigned, abs=1e-6)


def test_area_errors_of_equal_slopes() -> None:
    """For equal slopes the signed area is the difference of difficulties, and so is its error."""
    c = np.diag([0.01, 0.04])
    found = raju_area((1.0, 0.0), (1.0, 0.5), reference_covariance=c, focal_covariance=c)
    assert found.signed == found.unsigned == 0.5
    assert found.signed_error == pytest.approx(np.sqrt(0.08))


def test_wald_by_hand() -> None:
    """A difference of two standard errors in one parameter gives chi-square 4, p 0.0455."""
    found = wald_dif([[0.4]], [[0.0]], [[[0.02]]], [[[0.02]]])
    assert found.chi_square[0] == pytest.approx(4)
    assert found.p[0] == pytest.approx(0.0455, abs=1e-4)


def _sample(models: list[ItemModel], theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    columns = []
    for m in models:
        edges = m.probabilities(theta).cumsum(axis=1)
        columns.append((rng.random(theta.size)[:, None] > edges[:, :-1]).sum(axis=1))
    return np.stack(columns, axis=1)


def test_likelihood_ratio_holds_its_level_and_finds_a_shift() -> None:
    """True anchors, impact 0.5: about 5 % rejected without a shift, the shift is estimated."""
    rng = np.random.default_rng(3)
    models: list[ItemModel] = [
        TwoPL(1.2, 0.2),
        *[TwoPL(float(a), float(b)) for a, b in rng.normal((1.2, 0), (0.2, 1), (19, 2))],
    ]
    nodes = np.linspace(-5, 5, 41)
    weights = np.exp(-0.5 * (nodes - np.array([[0.0], [-0.5]])) ** 2)
    g = np.arange(800) % 2
    rejected = 0
    for _ in range(40):
        x = _sample(models, rng.standard_normal(800) - 0.5 * g, rng)
        rejected += likelihood_ratio_dif(x, g, models, 0, nodes, weights).p < 0.05
    assert rejected <= 6
    theta = rng.standard_normal(800) - 0.5 * g
    x = _sample(models, theta, rng)
    x[:, 0] = rng.random(800) < 1 / (1 + np.exp(-1.2 * (theta - 0.2 - 0.8 * g)))
    found = likelihood_ratio_dif(x, g, models, 0, nodes, weights)
    assert found.degrees == 2
    assert found.p < 0.01
    assert isinstance(found.focal, TwoPL)
    assert isinstance(found.reference, TwoPL)
    assert found.focal.b - found.reference.b == pytest.approx(0.8, abs=0.35)


def test_likelihood_ratio_of_a_graded_item() -> None:
    """All parameters of a graded item are compared: slope and both steps."""
    rng = np.random.default_rng(4)
    models: list[ItemModel] = [
        GradedResponse(1.4, (-0.5, 0.8)),
        *[TwoPL(1.3, b / 5) for b in range(-7, 8)],
    ]
    nodes = np.linspace(-5, 5, 41)
    weights = np.tile(np.exp(-(nodes**2) / 2), (2, 1))
    x = _sample(models, rng.standard_normal(1000), rng)
    found = likelihood_ratio_dif(x, np.arange(1000) % 2, models, 0, nodes, weights)
    assert found.degrees == 3
    assert found.p > 0.001


def test_small_groups_are_refused() -> None:
    """Nineteen people cannot carry an item of their own."""
    with pytest.raises(NotEnoughData):
        likelihood_ratio_dif(
            np.zeros((39, 1)), np.arange(39) % 2, [TwoPL(1, 0)], 0, [0.0], [[1.0], [1.0]]
        )
