"""Equating against Kolen & Brennan, PolyEquate, simulation and identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.psychometrics.equating import (
    bootstrap_error,
    choose_degree,
    equipercentile,
    linear_equating,
    log_linear,
    mean_equating,
    modelled_distribution,
    observed_score_equating,
    observed_score_error,
    percentile_rank,
    raw_distribution,
    true_score_equating,
)
from fazhi_exam.psychometrics.linking import standard_population, with_parameters
from fazhi_exam.psychometrics.models import TwoPL

from ..reference import kolen_brennan as kb

X, Y = raw_distribution(kb.ACT_X), raw_distribution(kb.ACT_Y)


def test_act_moments() -> None:
    """4,329 and 4,152 people; means 19.8524 and 18.9798, deviations 8.2116 and 8.9393.

    Kolen & Brennan (2004), Table 2.6.
    """
    assert (X.people, Y.people) == (4329, 4152)
    assert (X.mean, Y.mean) == pytest.approx((19.8524, 18.9798), abs=5e-5)
    assert (X.deviation, Y.deviation) == pytest.approx((8.2116, 8.9393), abs=5e-5)


def test_act_equipercentile() -> None:
    """Kolen & Brennan (2004), Table 2.7, column of unsmoothed equipercentile equivalents."""
    found = equipercentile(X, Y).equated
    assert found[[0, 1, 2, 3, 10, 20, 30, 40]] == pytest.approx(
        [0.0000, 0.9796, 1.6462, 2.2856, 8.1607, 19.1647, 30.1305, 39.9006], abs=6e-5
    )


def test_act_mean_and_linear() -> None:
    """Score 0 becomes -0.87 by the mean and -2.63 by linear equating (K&B 2004, Table 2.7)."""
    assert mean_equating(X, Y).equated[0] == pytest.approx(-0.8726, abs=5e-5)
    assert linear_equating(X, Y).equated[0] == pytest.approx(-2.6319, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=8, max_size=20), st.integers(1, 4))
def test_smoothing_keeps_moments(counts: list[int], degree: int) -> None:
    """The first moments of the smoothed distribution are those of the data, in plain powers."""
    smooth = log_linear(counts, degree)
    x = np.arange(len(counts))
    p = np.array(counts) / sum(counts)
    for k in range(1, degree + 1):
        assert smooth.probability @ x**k == pytest.approx(p @ x**k, rel=1e-8)
    assert smooth.probability.sum() == pytest.approx(1)


def test_smoothing_act_data_prefers_six_moments() -> None:
    """Kolen & Brennan chose six moments: the fit stops improving there (their Table 3.2)."""
    deviance = [log_linear(kb.ACT_X, d).deviance for d in range(2, 9)]
    assert np.all(np.diff(deviance) < 1e-9)
    assert 4 <= (choose_degree(kb.ACT_X).degree or 0) <= 8
    assert choose_degree(kb.ACT_X).degree == 6


def test_identical_forms_equate_to_themselves() -> None:
    """A form equated to itself is the identity, by every method (rows of the scale in use)."""
    for d in (X, log_linear(kb.ACT_X, 6)):
        for method in (mean_equating, linear_equating, equipercentile):
            np.testing.assert_allclose(method(d, d).equated[1:], d_scores(41)[1:], atol=1e-9)


def d_scores(n: int) -> np.ndarray:
    """Scores 0 to n - 1."""
    return np.arange(n, dtype=float)


def test_equipercentile_is_symmetric_between_scores() -> None:
    """The percentile rank of an equivalent on the old form is the rank on the new one."""
    new, old = log_linear(kb.ACT_X, 6), log_linear(kb.ACT_Y, 6)
    found = equipercentile(new, old)
    np.testing.assert_allclose(
        percentile_rank(old, found.equated), percentile_rank(new, found.score), atol=1e-12
    )


@pytest.mark.parametrize("method", [mean_equating, linear_equating, equipercentile])
@pytest.mark.parametrize("degree", [None, 6])
def test_delta_errors_agree_with_the_bootstrap(method: type, degree: int | None) -> None:
    """Standard errors by formula and by 300 resamplings agree where there are people."""
    new = X if degree is None else log_linear(kb.ACT_X, degree)
    old = Y if degree is None else log_linear(kb.ACT_Y, degree)
    plain = method(new, old).error
    drawn = bootstrap_error(new, old, method, rng=7, replications=300).error
    middle = slice(6, 37)
    np.testing.assert_allclose(plain[middle], drawn[middle], rtol=0.3)
    assert np.mean(plain[middle] / drawn[middle]) == pytest.approx(1, abs=0.1)


def test_smoothing_lowers_the_error() -> None:
    """Presmoothing is done because it makes the equivalents more certain."""
    raw = equipercentile(X, Y).error[8:35]
    smooth = equipercentile(log_linear(kb.ACT_X, 6), log_linear(kb.ACT_Y, 6)).error[8:35]
    assert smooth.mean() < raw.mean()


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
