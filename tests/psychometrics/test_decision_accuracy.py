"""Decision accuracy and consistency against direct summation and simulation.

Known faults elsewhere, which these tests would catch: one R package leaves the scaling constant D
out of the score recursion and prints 0.756 where 0.683 is right for its own example; another gives
a table of two parallel tests that is not symmetric (0.0785 against 0.0596 on a 170-item
credentialing exam), which is impossible for two like tests and shifts kappa from 0.708 to 0.706.
"""

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.decision_accuracy import (
    lee,
    livingston_lewis,
    near_cut,
    quality,
    rudner,
)
from fazhi_exam.psychometrics.models import GradedResponse, ThreePL, TwoPL


def test_lee_by_enumerating_every_pattern() -> None:
    """Five mixed items, two cuts: every pattern's probability added up in plain loops."""
    models = [TwoPL(1.2, -0.5), TwoPL(0.7, 0.3), ThreePL(1.5, 0.8, 0.2), TwoPL(1.0, 0.0)]
    models.append(GradedResponse(1.1, (-0.4, 0.9)))
    theta, weight = [-1.0, 0.2, 1.5], [0.3, 0.5, 0.2]
    cuts = [2, 4]
    right = same = 0.0
    for t, w in zip(theta, weight, strict=True):
        probability = [m.probabilities(t) for m in models]
        outcome = [0.0, 0.0, 0.0]
        for pattern in itertools.product(*(range(m.categories) for m in models)):
            score = sum(pattern)
            outcome[sum(score >= c for c in cuts)] += math.prod(
                float(p[k]) for p, k in zip(probability, pattern, strict=True)
            )
        true = sum(sum(k * float(q) for k, q in enumerate(p)) for p in probability)
        right += w * outcome[sum(true >= c for c in cuts)]
        same += w * sum(o * o for o in outcome)
    found = lee(models, cuts, theta, weight)
    assert found.accuracy == pytest.approx(right, abs=1e-12)
    assert found.consistency == pytest.approx(same, abs=1e-12)


def test_lee_agrees_with_simulated_parallel_tests() -> None:
    """40 items, 200,000 simulated people tested twice: within Monte-Carlo error."""
    rng = np.random.default_rng(8)
    b = rng.normal(size=40)
    models = [TwoPL(1.1, float(x)) for x in b]
    theta = rng.standard_normal(200_000)
    p = 1 / (1 + np.exp(-1.1 * (theta[:, None] - b)))
    first, second = ((rng.random(p.shape) < p).sum(axis=1) >= 24 for _ in range(2))
    nodes = np.linspace(-6, 6, 241)
    found = lee(models, [24], nodes, np.exp(-(nodes**2) / 2))
    assert found.consistency == pytest.approx((first == second).mean(), abs=0.004)
    assert found.accuracy == pytest.approx((first == (p.sum(1) >= 24)).mean(), abs=0.004)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_tables_are_symmetric_and_add_up(seed: int, cuts: int) -> None:
    """Two like tests are exchangeable; all probability is accounted for."""
    rng = np.random.default_rng(seed)
    given_ = rng.dirichlet(np.ones(cuts + 1), 20)
    deserved = np.eye(cuts + 1)[rng.integers(0, cuts + 1, 20)]
    q = quality(given_, deserved, rng.random(20) + 0.01)
    np.testing.assert_array_equal(q.observed_by_observed, q.observed_by_observed.T)
    np.testing.assert_allclose(
        q.true_by_observed.sum(axis=0), q.observed_by_observed.sum(axis=0), atol=1e-12
    )
    assert q.accuracy + q.false_pass + q.false_fail == pytest.approx(1)


def test_rudner_one_person_at_the_cut() -> None:
    """At the cut half of all tests pass: accuracy and consistency are 1/2, kappa 0."""
    found = rudner([0.3], [0.4], [0.3])
    assert found.accuracy == pytest.approx(0.5)
    assert found.consistency == pytest.approx(0.5)
    assert found.kappa == pytest.approx(0)


def test_rudner_by_the_normal_table() -> None:
    """One standard error above the cut 84.13 % are right, and 73.3 % agree."""
    found = rudner([1.0], [0.5], [0.5])
    assert found.accuracy == pytest.approx(0.841345, abs=1e-6)
    assert found.consistency == pytest.approx(0.841345**2 + 0.158655**2, abs=1e-6)


def test_rudner_without_error_is_perfect() -> None:
    """No error of measurement: every decision is right."""
    found = rudner([-1.0, 0.5, 2.0], [0.0, 0.0, 0.0], [0.5])
    assert found.accuracy == 1
    assert found.consistency == 1


def _beta_binomial_by_mpmath(a: float, b: float, n: int, cut: int) -> tuple[float, float]:
    """Accuracy and consistency of a beta-binomial test, 30 digits, no shared code."""
    mpmath.mp.dps = 30
    edge = mpmath.mpf(cut) / n

    def passing(p: mpmath.mpf) -> mpmath.mpf:
        return mpmath.fsum(
            mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k) for k in range(cut, n + 1)
        )

    def density(p: mpmath.mpf) -> mpmath.mpf:
        return p ** (a - 1) * (1 - p) ** (b - 1) / mpmath.beta(a, b)

    right = mpmath.quad(lambda p: density(p) * (1 - passing(p)), [0, edge / 2, edge])
    right += mpmath.quad(lambda p: density(p) * passing(p), [edge, (1 + edge) / 2, 1])
    same = mpmath.quad(
        lambda p: density(p) * (passing(p) ** 2 + (1 - passing(p)) ** 2), [0, 0.25, edge, 0.9, 1]
    )
    return float(right), float(same)


def test_livingston_lewis_on_exact_beta_binomial_scores() -> None:
    """Scores that are beta-binomial: the moments are recovered and the integrals exact.

    The frequencies are those of 20 items and true proportions beta(6, 3); KR-21 is then the
    reliability n / (n + a + b) and the effective length is the length of the test.
    """
    n, a, b, cut = 20, 6.0, 3.0, 13
    mass = [
        math.comb(n, k) * float(mpmath.beta(a + k, b + n - k) / mpmath.beta(a, b))
        for k in range(n + 1)
    ]
    counts = np.round(np.array(mass) * 2_000_000).astype(int)
    scores = np.repeat(np.arange(n + 1), counts)
    found = livingston_lewis(scores, [cut], reliability=n / (n + a + b), maximum=n)
    assert found.effective_length == n
    mean = found.true_score.low + (found.true_score.high - found.true_score.low) * (
        found.true_score.a / (found.true_score.a + found.true_score.b)
    )
    assert mean == pytest.approx(a / (a + b), abs=1e-4)
    right, same = _beta_binomial_by_mpmath(a, b, n, cut)
    assert found.quality.accuracy == pytest.approx(right, abs=2e-3)
    assert found.quality.consistency == pytest.approx(same, abs=2e-3)


def test_livingston_lewis_integrals_to_ten_digits() -> None:
    """With the fitted distribution taken as given, the integrals agree with mpmath."""
    rng = np.random.default_rng(12)
    p = rng.beta(9, 4, 3000)
    scores = rng.binomial(30, p)
    found = livingston_lewis(scores, [20], reliability=0.7, maximum=30)
    t, n = found.true_score, found.effective_length
    cut = math.ceil(20 / 30 * n - 1e-9)
    mpmath.mp.dps = 25
    width = t.high - t.low
    edge = (mpmath.mpf(20) / 30 - t.low) / width

    def passing(u: mpmath.mpf) -> mpmath.mpf:
        q = t.low + width * u
        return mpmath.betainc(cut, n - cut + 1, 0, q, regularized=True)

    def density(u: mpmath.mpf) -> mpmath.mpf:
        return u ** (t.a - 1) * (1 - u) ** (t.b - 1) / mpmath.beta(t.a, t.b)

    right = mpmath.quad(lambda u: density(u) * (1 - passing(u)), [0, edge / 2, edge])
    right += mpmath.quad(lambda u: density(u) * passing(u), [edge, (1 + edge) / 2, 1])
    assert found.quality.accuracy == pytest.approx(float(right), abs=1e-9)


def test_livingston_lewis_several_cuts_nest() -> None:
    """Merging outcomes of a two-cut analysis gives the one-cut analysis."""
    rng = np.random.default_rng(4)
    scores = rng.binomial(50, rng.beta(8, 5, 800))
    one = livingston_lewis(scores, [30], reliability=0.8, maximum=50).quality
    two = livingston_lewis(scores, [30, 38], reliability=0.8, maximum=50).quality
    merged = two.observed_by_observed
    assert merged[0, 0] == pytest.approx(one.observed_by_observed[0, 0], abs=1e-10)
    assert merged[1:, 1:].sum() == pytest.approx(one.observed_by_observed[1, 1], abs=1e-10)


def test_ceiling_scores_stay_probabilities() -> None:
    """Nearly everybody at 97 to 100 % (usual here): tables remain probabilities."""
    rng = np.random.default_rng(6)
    scores = rng.choice([48, 49, 50], 300, p=[0.1, 0.3, 0.6])
    scores[:3] = [30, 36, 41]
    found = livingston_lewis(scores, [30], reliability=0.6, maximum=50).quality
    assert 0.9 < found.accuracy <= 1
    assert found.observed_by_observed.min() >= 0
    assert found.observed_by_observed.sum() == pytest.approx(1)


def test_equal_scores_are_refused() -> None:
    """Without differences there is nothing to classify."""
    with pytest.raises(NotEnoughData):
        livingston_lewis(np.full(40, 50), [30], reliability=0.6, maximum=50)


def test_near_cut_includes_the_ends() -> None:
    """Scores 57 to 63 lie within 3 points of 60."""
    found = near_cut([50, 57, 60, 63, 64, 99], 60, 3)
    assert (found.count, found.people, found.share) == (3, 6, 0.5)


@pytest.mark.parametrize("shape", [(0.6, 0.4), (2.0, 0.7), (40.0, 5.0), (3000.0, 900.0)])
def test_beta_integrals_for_every_shape(shape: tuple[float, float]) -> None:
    """U-shaped, J-shaped, ordinary and needle-like true scores: mass and accuracy by mpmath."""
    from fazhi_exam.psychometrics.decision_accuracy import BetaTrueScore, _beta_binomial

    a, b = shape
    n, cut = 60, 45
    joint, repeat = _beta_binomial(BetaTrueScore(a, b, 0.0, 1.0, False), n, np.array([cut / n]))
    mpmath.mp.dps = 30
    # P(count >= cut) of a beta-binomial in closed form.
    tail = mpmath.fsum(
        mpmath.binomial(n, k) * mpmath.beta(a + k, b + n - k) / mpmath.beta(a, b)
        for k in range(cut, n + 1)
    )
    assert joint.sum(axis=0)[1] == pytest.approx(float(tail), abs=1e-9)
    assert joint.sum(axis=1)[1] == pytest.approx(
        float(1 - mpmath.betainc(a, b, 0, mpmath.mpf(cut) / n, regularized=True)), abs=1e-9
    )
    # P(both pass) of two tests in closed form: a double sum of beta functions.
    both = mpmath.fsum(
        mpmath.binomial(n, j) * mpmath.binomial(n, k) * mpmath.beta(a + j + k, b + 2 * n - j - k)
        for j in range(cut, n + 1)
        for k in range(cut, n + 1)
    ) / mpmath.beta(a, b)
    assert repeat[1, 1] == pytest.approx(float(both), abs=1e-9)
