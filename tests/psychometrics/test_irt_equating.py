"""Equating through item models against PolyEquate, enumeration and simulated parameters."""

import numpy as np
import pytest

from fazhi_exam.psychometrics.irt_equating import (
    modelled_distribution,
    observed_score_equating,
    observed_score_error,
    true_score_equating,
)
from fazhi_exam.psychometrics.item_parameters import with_parameters
from fazhi_exam.psychometrics.linking import standard_population
from fazhi_exam.psychometrics.models import ItemModel, Rasch, ThreePL, TwoPL
from fazhi_exam.psychometrics.simulate import simulate_items

from ..reference import kolen_brennan as kb


def test_true_scores_match_polyequate() -> None:
    """36 three-parameter items: abilities and equivalents of every score, floor included."""
    found = true_score_equating(kb.FORM_X, kb.FORM_Y)
    np.testing.assert_allclose(found.theta[7:36], kb.POLYEQUATE_THETA, atol=2e-6)
    np.testing.assert_allclose(found.equated, kb.POLYEQUATE_EQUATED, atol=2e-6)


def test_true_score_errors_agree_with_simulated_parameters() -> None:
    """Perturbing all parameters 120 times reproduces the standard errors."""
    rng = np.random.default_rng(3)
    old = [TwoPL(float(a), float(b)) for a, b in rng.normal((1.2, 0), (0.1, 1), (15, 2))]
    new = [TwoPL(float(a), float(b)) for a, b in rng.normal((1.2, 0.3), (0.1, 1), (15, 2))]
    sd = np.tile([0.08, 0.1], 15)
    c = np.diag(sd**2)
    found = true_score_equating(new, old, [4, 8, 12], new_covariance=c, old_covariance=c)

    def moved(models: list[TwoPL]) -> list[TwoPL]:
        return [
            with_parameters(m, np.array(m.parameters) + rng.normal(0, [0.08, 0.1])) for m in models
        ]

    drawn = [true_score_equating(moved(new), moved(old), [4, 8, 12]).equated for _ in range(120)]
    np.testing.assert_allclose(found.error, np.std(drawn, axis=0), rtol=0.2)


def test_observed_scores_of_one_form_are_the_identity() -> None:
    """A modelled form equated to itself changes nothing."""
    nodes, weights = standard_population()
    found = observed_score_equating(kb.FORM_X, kb.FORM_X, nodes, weights)
    np.testing.assert_allclose(found.equated[1:-1], np.arange(1, 36), atol=1e-9)


def test_modelled_distribution_by_enumeration() -> None:
    """Three items: the eight patterns added up by hand."""
    models = [TwoPL(1.0, 0.0), TwoPL(1.5, 0.5), TwoPL(0.8, -1.0)]
    nodes, weights = np.array([-0.5, 1.0]), np.array([1.0, 3.0])
    wanted = np.zeros(4)
    for t, w in zip(nodes, weights / 4, strict=True):
        p = [float(m.probabilities(t)[1]) for m in models]
        for pattern in range(8):
            bits = [pattern >> j & 1 for j in range(3)]
            wanted[sum(bits)] += w * np.prod(
                [q if b else 1 - q for q, b in zip(p, bits, strict=True)]
            )
    found = modelled_distribution(models, nodes, weights).probability
    np.testing.assert_allclose(found, wanted, atol=1e-14)


def test_true_and_observed_equating_are_close_in_the_middle() -> None:
    """Kolen & Brennan's forms: both methods agree within 0.3 points from 10 to 33."""
    nodes, weights = standard_population()
    a = true_score_equating(kb.FORM_X, kb.FORM_Y).equated[10:34]
    b = observed_score_equating(kb.FORM_X, kb.FORM_Y, nodes, weights).equated[10:34]
    assert np.abs(a - b).max() < 0.3


def test_observed_score_errors_follow_those_of_true_scores() -> None:
    """Errors drawn from the parameters are near those of true scores in mid-scale."""
    old = [TwoPL(1.2, float(b)) for b in np.linspace(-1.5, 1.5, 12)]
    new = [TwoPL(1.1, float(b)) for b in np.linspace(-1.3, 1.7, 12)]
    c = np.diag(np.tile([0.06, 0.08], 12) ** 2)
    nodes, weights = standard_population(31)
    drawn = observed_score_error(
        new, old, nodes, weights, new_covariance=c, old_covariance=c, rng=1, replications=150
    )
    delta = true_score_equating(new, old, new_covariance=c, old_covariance=c)
    np.testing.assert_allclose(drawn.error[4:9], delta.error[4:9], rtol=0.25)


@pytest.mark.parametrize(
    ("new", "old", "wanted"),
    [
        (kb.GPCM_X, kb.GPCM_Y, kb.GPCM_EQUATED),
        (kb.GRADED_X, kb.GRADED_Y, kb.GRADED_EQUATED),
    ],
    ids=["partial credit", "graded"],
)
def test_mixed_true_scores_match_polyequate(
    new: list[ItemModel], old: list[ItemModel], wanted: list[float]
) -> None:
    """Twelve three-parameter items with five of several categories: every equivalent."""
    np.testing.assert_allclose(true_score_equating(new, old).equated, wanted, atol=3e-6)


def test_nothing_stays_nothing() -> None:
    """Score 0 goes to 0 and full marks to full marks, with and without guessing."""
    plain, guessing = [TwoPL(1.0, 0.0)] * 4, kb.FORM_Y[:6]
    assert true_score_equating(plain, guessing).equated[[0, -1]].tolist() == [0, 6]
    assert true_score_equating(guessing, plain).equated[[0, -1]].tolist() == [0, 4]


def test_equating_a_form_with_itself_is_the_identity() -> None:
    """Every score, below the guessing sum too, returns itself; the ends meet the ends."""
    models = simulate_items(ThreePL, 20, rng=1)
    scores = np.linspace(0, 20, 41)
    np.testing.assert_allclose(
        true_score_equating(models, models, scores).equated, scores, atol=1e-9
    )


def test_a_harder_form_gives_a_higher_equated_score() -> None:
    """The same score on a harder form stands for more; both have the linking ability's curve."""
    old = tuple(Rasch(b) for b in np.linspace(-2, 2, 20))
    new = tuple(Rasch(b + 0.5) for b in np.linspace(-2, 2, 20))
    scores = np.arange(1.0, 20)
    found = true_score_equating(new, old, scores)
    assert np.all(found.equated > scores)
    for models, total in ((new, scores), (old, found.equated)):
        plain = [sum(1 / (1 + np.exp(m.b - t)) for m in models) for t in found.theta]
        np.testing.assert_allclose(plain, total, atol=1e-9)
