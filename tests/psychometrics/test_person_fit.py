"""Person fit against brute force over all patterns, and simulation under the model."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from fazhi_exam.psychometrics.models import GradedResponse, ItemModel, Rasch, ThreePL, TwoPL
from fazhi_exam.psychometrics.person_fit import ht, log_likelihood_fit, mean_squares, u3

MODELS: list[ItemModel] = [
    TwoPL(1.1, -0.6),
    ThreePL(1.4, 0.3, 0.2),
    GradedResponse(1.2, (-0.3, 0.9)),
]


def test_lz_by_enumeration() -> None:
    """Mean and variance of the log-likelihood over all twelve patterns at one ability."""
    t = 0.4
    p = [m.probabilities(t) for m in MODELS]
    patterns = list(itertools.product(range(2), range(2), range(3)))
    logs = np.array([sum(np.log(p[j][k]) for j, k in enumerate(x)) for x in patterns])
    prob = np.exp(logs)
    mean = prob @ logs
    sd = np.sqrt(prob @ (logs - mean) ** 2)
    found = log_likelihood_fit(patterns, MODELS, np.full(len(patterns), t))
    np.testing.assert_allclose(found.log_likelihood, logs, atol=1e-12)
    np.testing.assert_allclose(found.lz, (logs - mean) / sd, atol=1e-10)


def test_corrected_statistic_has_unit_variance_at_the_truth() -> None:
    """Over all patterns at the true ability lz* has mean 0 and variance 1, uncorrelated with it.

    Uncorrelated with the likelihood score is what makes it insensitive to the estimation.
    """
    t = 0.4
    p = [m.probabilities(t) for m in MODELS]
    d = [(m.probabilities(t + 1e-6) - m.probabilities(t - 1e-6)) / 2e-6 for m in MODELS]
    patterns = list(itertools.product(range(2), range(2), range(3)))
    prob = np.array([np.prod([p[j][k] for j, k in enumerate(x)]) for x in patterns])
    score = np.array([sum(d[j][k] / p[j][k] for j, k in enumerate(x)) for x in patterns])
    star = log_likelihood_fit(patterns, MODELS, np.full(len(patterns), t)).lz_star
    assert prob @ star == pytest.approx(0, abs=1e-10)
    assert prob @ star**2 == pytest.approx(1, abs=1e-8)
    assert prob @ (star * score) == pytest.approx(0, abs=1e-7)


def test_corrected_statistic_with_estimated_abilities() -> None:
    """40 items, abilities by maximum likelihood: lz is too narrow, lz* has deviation about 1.

    Molenaar & Hoijtink (1990) and Snijders (2001) describe the narrowing.
    """
    rng = np.random.default_rng(2)
    b, a = rng.normal(size=40), rng.uniform(0.8, 2.0, 40)
    models = [TwoPL(float(x), float(y)) for x, y in zip(a, b, strict=True)]
    truth = rng.normal(0, 0.7, 800)
    x = (rng.random((800, 40)) < 1 / (1 + np.exp(-a * (truth[:, None] - b)))).astype(int)

    def estimate(row: np.ndarray) -> float:
        def loss(t: float) -> float:
            z = a * (t - b)
            return float((np.logaddexp(0, z) - row * z).sum())

        return float(minimize_scalar(loss, bounds=(-6, 6), method="bounded").x)

    theta = np.array([estimate(row) for row in x])
    found = log_likelihood_fit(x, models, theta)
    assert found.lz.std() < found.lz_star.std()
    assert found.lz_star.std() == pytest.approx(1, abs=0.07)
    assert found.lz_star.mean() == pytest.approx(0, abs=0.1)


def test_missing_answers_are_left_out() -> None:
    """A person's statistic is that of the items presented to them."""
    full = log_likelihood_fit([[1, 0]], MODELS[:2], [0.2])
    part = log_likelihood_fit([[1, 0, -1]], MODELS, [0.2])
    assert part.lz_star == pytest.approx(full.lz_star)
    nobody = log_likelihood_fit([[-1, -1, -1]], MODELS, [0.2])
    assert np.isnan(nobody.lz[0])
    assert np.isnan(log_likelihood_fit([[1, 0, 1]], MODELS, [np.inf]).lz_star[0])


def test_mean_squares_by_hand() -> None:
    """Rasch items at the person's ability: every residual square is 1, both mean squares are 1."""
    found = mean_squares([[1, 0, 1]], [Rasch(0.0)] * 3, [0.0], axis=1)
    assert found.infit[0] == pytest.approx(1)
    assert found.outfit[0] == pytest.approx(1)
    two = mean_squares([[0, 1]], [Rasch(-1.0), Rasch(1.0)], [0.0], axis=1)
    p = 1 / (1 + np.exp(-1.0))
    assert two.outfit[0] == pytest.approx(p**2 / (p * (1 - p)))


def test_mean_squares_expect_one() -> None:
    """Under the model, item mean squares average 1 and their z about 0 with deviation 1."""
    rng = np.random.default_rng(6)
    models = [Rasch(float(b)) for b in rng.normal(size=60)]
    theta = rng.standard_normal(3000)
    b = np.array([m.b for m in models])
    x = rng.random((3000, 60)) < 1 / (1 + np.exp(b - theta[:, None]))
    found = mean_squares(x, models, theta, axis=0)
    assert found.infit.mean() == pytest.approx(1, abs=0.01)
    assert found.outfit.mean() == pytest.approx(1, abs=0.02)
    assert found.infit_z.std() == pytest.approx(1, abs=0.3)
    assert np.abs(found.outfit_z.mean()) < 0.4


def test_u3_of_guttman_patterns() -> None:
    """0 for the Guttman pattern, 1 for its reverse, NaN for all or none right."""
    facility = [0.9, 0.7, 0.5, 0.2]
    found = u3([[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 1, 0]], facility)
    assert found[:2].tolist() == [0, 1]
    assert np.isnan(found[2:4]).all()
    w = np.log(np.array(facility) / (1 - np.array(facility)))
    assert found[4] == pytest.approx((w[1] - w[2]) / (w[0] + w[1] - w[2] - w[3]))


def test_u3_with_missing_items() -> None:
    """Only the items presented count."""
    facility = [0.9, 0.7, 0.5, 0.2]
    assert u3([[0, -1, 1, -1]], facility)[0] == pytest.approx(1)
    assert u3([[1, -1, 0, -1]], facility)[0] == pytest.approx(0)


def test_ht_by_all_pairs() -> None:
    """Covariance sums over every pair of people, in plain loops."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (25, 8))
    x[3], x[4] = 1, 0
    found = ht(x)
    for n in range(25):
        top = bottom = 0.0
        for m in range(25):
            if m != n:
                top += (x[n] * x[m]).mean() - x[n].mean() * x[m].mean()
                low, high = sorted((x[n].mean(), x[m].mean()))
                bottom += low * (1 - high)
        if 0 < x[n].mean() < 1:
            assert found[n] == pytest.approx(top / bottom, abs=1e-12)
        else:
            assert np.isnan(found[n])
