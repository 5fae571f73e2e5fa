"""Number of successes when each has its own probability."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from fazhi_exam.statistics.poisson_binomial import central_interval, poisson_binomial


def test_all_outcomes_by_hand() -> None:
    """Five unequal trials: probabilities equal the sum over all 32 outcomes."""
    p = np.array([0.1, 0.5, 0.5, 0.9, 0.25])
    expected = np.zeros(6)
    for outcome in product((0, 1), repeat=5):
        expected[sum(outcome)] += np.prod(np.where(outcome, p, 1 - p))
    assert poisson_binomial(p) == pytest.approx(expected, rel=1e-13)


def test_equal_probabilities_are_binomial() -> None:
    """With one probability it is the binomial distribution, far tails included."""
    expected = stats.binom.pmf(np.arange(41), 40, 0.3)
    assert poisson_binomial([0.3], [40]) == pytest.approx(expected, rel=1e-12)
    assert poisson_binomial([0.3, 0.3], [15, 25]) == pytest.approx(expected, rel=1e-12)


def test_moments_of_a_large_forecast() -> None:
    """20,000 certificates: mean and variance are sums of p and of p (1 - p)."""
    p = np.random.default_rng(1).uniform(size=500)
    mass = poisson_binomial(p, 40)
    count = np.arange(mass.size)
    mean = mass @ count
    assert mass.sum() == pytest.approx(1, abs=1e-12)
    assert mean == pytest.approx(40 * p.sum(), rel=1e-12)
    assert mass @ (count - mean) ** 2 == pytest.approx(40 * np.sum(p * (1 - p)), rel=1e-9)


def test_certain_and_absent_trials() -> None:
    """No trials: surely 0; certain ones shift the distribution."""
    assert poisson_binomial([]) == pytest.approx([1])
    assert poisson_binomial([1, 1, 0]) == pytest.approx([0, 0, 1, 0])
    assert poisson_binomial([0.4], [0]) == pytest.approx([1])


def test_central_interval_leaves_its_tails() -> None:
    """Ten fair coins: 2 to 8 leaves 1.07 % on each side; 50 % level gives 4 to 6."""
    mass = poisson_binomial([0.5], [10])
    assert central_interval(mass) == (2, 8)
    assert central_interval(mass, level=0.5) == (4, 6)
    assert central_interval([1.0]) == (0, 0)


@pytest.mark.parametrize(("p", "times"), [([1.2], 1), ([np.nan], 1), ([0.5], -1), ([0.5], 0.5)])
def test_bad_trials_are_refused(p: list[float], times: float) -> None:
    """Impossible probabilities or numbers of trials are errors."""
    with pytest.raises(ValueError, match=r"probabilities|times"):
        poisson_binomial(p, times)
