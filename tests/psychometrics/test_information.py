"""Information and score curves against closed forms and brute force."""

import numpy as np
import pytest

from fazhi_exam.psychometrics.information import (
    ability_at,
    information_curves,
    marginal_reliability,
    score_curve,
)
from fazhi_exam.psychometrics.models import (
    GeneralisedPartialCredit,
    GradedResponse,
    Rasch,
    ThreePL,
    TwoPL,
)

MIXED = [TwoPL(1.3, -0.2), ThreePL(0.9, 0.5, 0.2), GradedResponse(1.4, (-1.0, 0.3, 1.2))]
MIXED.append(GeneralisedPartialCredit(0.8, (-0.5, 0.7)))


def test_information_adds_up_over_items() -> None:
    """The test's information is the sum; 100 Rasch items at their difficulty give 25, error 0.2."""
    found = information_curves([Rasch(0.4)] * 100, [0.4])
    assert found.test[0] == pytest.approx(25)
    assert found.error[0] == pytest.approx(0.2)
    curves = information_curves(MIXED, np.linspace(-3, 3, 7))
    np.testing.assert_allclose(curves.item.sum(axis=0), curves.test)


def test_information_of_birnbaums_three_parameter_item() -> None:
    """I = a^2 (Q / P) ((P - c) / (1 - c))^2 (Birnbaum 1968)."""
    a, b, c = 1.7, 0.3, 0.2
    theta = np.linspace(-2, 2, 9)
    p = c + (1 - c) / (1 + np.exp(-a * (theta - b)))
    closed = a**2 * (1 - p) / p * ((p - c) / (1 - c)) ** 2
    np.testing.assert_allclose(information_curves([ThreePL(a, b, c)], theta).test, closed)


def test_score_curve_moments_from_category_probabilities() -> None:
    """Expected score, its deviation and slope agree with plain loops and a difference quotient."""
    points = [2, 3, [0, 1, 2, 5], 1]
    curve = score_curve(MIXED, [0.37], points)
    mean = variance = 0.0
    for model, row in zip(MIXED, ([0, 2], [0, 3], [0, 1, 2, 5], [0, 1, 2]), strict=True):
        p = model.probabilities(0.37)
        m = sum(float(q) * s for q, s in zip(p, row, strict=True))
        mean += m
        variance += sum(float(q) * (s - m) ** 2 for q, s in zip(p, row, strict=True))
    assert curve.expected[0] == pytest.approx(mean)
    assert curve.deviation[0] == pytest.approx(variance**0.5)
    ends = score_curve(MIXED, [0.37 - 1e-5, 0.37 + 1e-5], points).expected
    assert curve.slope[0] == pytest.approx((ends[1] - ends[0]) / 2e-5, rel=1e-7)


def test_ability_at_inverts_the_curve() -> None:
    """The expected score at the ability found is the score asked for; beyond the ends infinite."""
    score = np.array([0.1, 1.0, 4.0, 6.5, 7.0])
    theta = ability_at(MIXED, score)
    assert theta[0] == -np.inf  # below the guessing floor of 0.2
    assert theta[-1] == np.inf
    back = score_curve(MIXED, theta[1:-1]).expected
    np.testing.assert_allclose(back, score[1:-1], atol=1e-9)


def test_marginal_reliability_of_a_uniform_test() -> None:
    """Constant information 4 over a unit-variance population gives 4 / 5."""
    nodes = np.array([-1.0, 1.0])
    a = 1.0
    wanted = 4.0 / Rasch(0).information(1.0)
    models = [TwoPL(a, 0.0)] * round(float(wanted))
    info = len(models) * float(Rasch(0).information(1.0))
    assert marginal_reliability(models, nodes, [1, 1]) == pytest.approx(info / (info + 1))
