"""Shrunken unit rates."""

import numpy as np
import pytest
from scipy import stats

from fazhi_exam.statistics.shrinkage import (
    FEW,
    Prior,
    fit_beta_binomial,
    grid_prior,
    rank_intervals,
    shrink,
)

from ..reference.statistics_published import RATS, RATS_POSTERIOR, RATS_TUMOURS


def world(units: int, *, seed: int, low: int = 5, high: int = 20) -> tuple[np.ndarray, ...]:
    """Units of 5 to 20 people whose true rates differ with intraclass correlation 0.08."""
    rng = np.random.default_rng(seed)
    n = rng.integers(low, high + 1, units)
    rate = rng.beta(0.85 * 11.5, 0.15 * 11.5, units)
    return rate, rng.binomial(n, rate), n


def test_grid_posterior_matches_bayesian_data_analysis() -> None:
    """Rat tumours: posterior means of alpha and beta are 2.4 and 14.3."""
    prior = grid_prior(RATS_TUMOURS, RATS)
    found = (prior.weight @ prior.alpha, prior.weight @ prior.beta)
    assert found == pytest.approx(RATS_POSTERIOR, abs=0.05)


def test_maximum_likelihood_is_a_maximum_of_scipys_likelihood() -> None:
    """No neighbouring alpha and beta give the rat data a higher beta-binomial likelihood."""
    fit = fit_beta_binomial(RATS_TUMOURS, RATS)

    def log_likelihood(alpha: float, beta: float) -> float:
        return float(stats.betabinom.logpmf(RATS_TUMOURS, RATS, alpha, beta).sum())

    best = log_likelihood(fit.alpha, fit.beta)
    for up in (0.999, 1.001):
        assert best >= log_likelihood(fit.alpha * up, fit.beta)
        assert best >= log_likelihood(fit.alpha, fit.beta * up)
    common = stats.binom.logpmf(RATS_TUMOURS, RATS, sum(RATS_TUMOURS) / sum(RATS)).sum()
    assert fit.gain == pytest.approx(best - common, abs=1e-8)


def test_parameters_are_recovered() -> None:
    """With 20,000 units, mean and intraclass correlation come back."""
    _, k, n = world(20_000, seed=1)
    fit = fit_beta_binomial(k, n)
    assert fit.mean == pytest.approx(0.85, abs=0.003)
    assert fit.intraclass == pytest.approx(0.08, abs=0.006)


def test_shrinkage_lowers_the_mean_squared_error_by_thirty_percent() -> None:
    """176 units of 5 to 20 people, intraclass correlation 0.08, 200 worlds."""
    raw = shrunken = 0.0
    for seed in range(200):
        rate, k, n = world(176, seed=seed)
        raw += np.sum((k / n - rate) ** 2)
        shrunken += np.sum((shrink(k, n).mean - rate) ** 2)
    assert shrunken < 0.7 * raw


def test_shrunken_intervals_cover() -> None:
    """Over 100 worlds the 95 % intervals hold 93 to 96.5 % of true rates."""
    held = []
    for seed in range(100):
        rate, k, n = world(176, seed=seed)
        result = shrink(k, n)
        held.append(np.mean((result.low <= rate) & (rate <= result.high)))
    assert 0.93 < np.mean(held) < 0.965


def test_grid_intervals_cover_with_few_units() -> None:
    """With only 12 units, not knowing the spread widens intervals enough: 93 to 98 %."""
    held = []
    for seed in range(150):
        rate, k, n = world(12, seed=seed)
        result = shrink(k, n)
        held.append(np.mean((result.low <= rate) & (rate <= result.high)))
    assert 0.93 < np.mean(held) < 0.985


def test_statements_about_units_are_calibrated() -> None:
    """Units said to be under 80 % with probability about 0.3 are so in about 30 % of cases."""
    said, true = [], []
    for seed in range(100):
        rate, k, n = world(176, seed=seed)
        said.append(shrink(k, n).below(0.8))
        true.append(rate < 0.8)
    p, t = np.concatenate(said), np.concatenate(true)
    for low in (0.1, 0.25, 0.4):
        here = (p >= low) & (p < low + 0.1)
        assert t[here].mean() == pytest.approx(p[here].mean(), abs=0.04)


def test_posterior_by_hand() -> None:
    """Prior Beta(8, 2), 3 of 5: mean 11 / 15, a third of its own deviation kept."""
    result = shrink([3], [5], prior=Prior(np.array([8.0]), np.array([2.0]), np.ones(1)))
    assert result.mean == pytest.approx([11 / 15])
    assert result.kept == pytest.approx([1 / 3])
    assert (result.low[0], result.high[0]) == pytest.approx(
        tuple(stats.beta.ppf([0.025, 0.975], 11, 4))
    )
    assert result.below(0.6) == pytest.approx(stats.beta.cdf(0.6, 11, 4))


def test_small_units_are_drawn_in_further() -> None:
    """Of two units at 100 %, the one with fewer people ends nearer the mean."""
    _, k, n = world(60, seed=3)
    result = shrink([*k, 3, 40], [*n, 3, 40])
    assert result.mean[-2] < result.mean[-1] < 1


def test_equal_units_are_called_luck() -> None:
    """Without true differences the fit mostly says so, and units end close together."""
    rng = np.random.default_rng(4)
    results = [shrink(rng.binomial(12, 0.85, 176), np.full(176, 12)) for _ in range(40)]
    assert np.mean([r.luck_only for r in results]) > 0.3
    assert max(np.ptp(r.mean) for r in results) < 0.2


def test_rank_intervals_are_wide_for_small_units() -> None:
    """Ranks of units of 5 to 20 people span most of the table; those of thousands do not."""
    _, k, n = world(100, seed=5)
    small = rank_intervals(shrink(k, n), rng=1)
    rate, k, n = world(100, seed=5, low=20_000, high=20_000)
    large = rank_intervals(shrink(k, n), rng=1)
    assert np.mean(small.high - small.low) > 50
    assert np.mean(large.high - large.low) < 12
    order = stats.rankdata(-rate)
    assert np.mean((large.low <= order) & (order <= large.high)) > 0.9
    assert small.expected.sum() == pytest.approx(100 * 101 / 2)


def test_ranks_repeat_with_the_seed() -> None:
    """The same seed gives the same ranks."""
    _, k, n = world(40, seed=6)
    first, second = (rank_intervals(shrink(k, n), rng=9) for _ in range(2))
    assert np.array_equal(first.low, second.low)
    assert np.array_equal(first.expected, second.expected)


@pytest.mark.parametrize(
    ("passed", "sat"),
    [([5], [5]), ([0], [1]), ([0, 0], [4, 9]), ([7] * 40, [7] * 40), ([0, 1], [1, 1]), ([3], [9])],
)
def test_edges_are_defined(passed: list[int], sat: list[int]) -> None:
    """One unit, one person, all passed, all failed: finite numbers in order."""
    result = shrink(passed, sat)
    for value in (result.mean, result.low, result.high, result.kept, result.below(0.5)):
        assert np.all((value >= 0) & (value <= 1))
    assert np.all((result.low <= result.mean) & (result.mean <= result.high))
    assert len(passed) >= FEW or result.luck_only or np.ptp(np.array(passed) / sat) > 0


@pytest.mark.parametrize(("passed", "sat"), [([], []), ([0], [0]), ([np.nan], [2]), ([3], [2])])
def test_bad_units_are_refused(passed: list[float], sat: list[float]) -> None:
    """No unit, an empty unit, missing or impossible counts: an error."""
    for step in (shrink, fit_beta_binomial, grid_prior):
        with pytest.raises(ValueError, match=r"unit|counts"):
            step(passed, sat)
