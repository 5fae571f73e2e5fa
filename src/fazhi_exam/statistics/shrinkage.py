"""Shrunken unit rates: what can be said of a small unit, given all the others.

Unit rates are thought of as drawn from a beta distribution. Its two parameters come from all
units together, by maximum likelihood when there are many units, otherwise as a posterior on a
grid, so that not knowing them widens the statements about units.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from ..typing import Bools, Floats, Rng, generator
from .counts import counts, probability

FEW = 30
"""With fewer units the grid posterior is used."""

_NO_SPREAD = 1e7  # alpha + beta beyond which units differ by less than any data can show


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """Distribution of unit rates, fitted by maximum likelihood.

    Parameters
    ----------
    alpha, beta
        Parameters of the beta distribution; infinite if units differ by luck only.
    mean
        Mean rate of units.
    gain
        Log-likelihood over that of one common rate; 0 if units differ by luck only.
    """

    alpha: float
    beta: float
    mean: float
    gain: float

    @property
    def intraclass(self) -> float:
        """Correlation of two people of one unit, ``1 / (alpha + beta + 1)``; 0 under luck."""
        return 1 / (self.alpha + self.beta + 1)

    @property
    def luck_only(self) -> bool:
        """Whether the differences between units are no larger than luck gives."""
        return not np.isfinite(self.alpha + self.beta)


@dataclass(frozen=True, slots=True)
class Prior:
    """Weighted beta distributions for the rate of a unit.

    Parameters
    ----------
    alpha, beta, weight
        Shape (parts,); weights sum to 1.
    """

    alpha: Floats
    beta: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Shrunken:
    """What is believed of each unit's true rate (收缩估计).

    Parameters
    ----------
    passed, sat
        Shape (units,).
    mean
        Shape (units,): posterior mean, between the raw rate and the mean of all units.
    low, high
        Shape (units,): equal-tailed interval of coverage `level`.
    level
        Coverage of the interval.
    kept
        Shape (units,): share of its own deviation that a unit keeps, in [0, 1].
    intraclass
        Correlation of two people of one unit (posterior mean on a grid).
    luck_only
        Whether the fit finds no difference between units beyond luck.
    prior
        Distribution of unit rates that the statements rest on.
    """

    passed: Floats
    sat: Floats
    mean: Floats
    low: Floats
    high: Floats
    level: float
    kept: Floats
    intraclass: float
    luck_only: bool
    prior: Prior

    def below(self, target: float) -> Floats:
        """Shape (units,): probability that the unit's true rate is under `target`."""
        line = probability("target", target, closed=True)
        return _mixture_cdf(self.passed, self.sat, self.prior, np.full(self.sat.shape, line))

    def draws(self, number: int, *, rng: Rng) -> Floats:
        """Shape (number, units): true rates drawn from the posterior."""
        if number < 1:
            raise ValueError("need at least one draw")
        random = generator(rng)
        part = random.choice(self.prior.weight.size, size=number, p=self.prior.weight)
        a, b = self.prior.alpha[part, None], self.prior.beta[part, None]
        return random.beta(a + self.passed, b + self.sat - self.passed)


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks with their uncertainty; 1 is the highest rate.

    Parameters
    ----------
    expected
        Shape (units,): mean rank.
    low, high
        Shape (units,): interval of the rank, whole numbers.
    level
        Coverage of the interval.
    """

    expected: Floats
    low: Floats
    high: Floats
    level: float


def fit_beta_binomial(passed: ArrayLike, sat: ArrayLike) -> BetaBinomial:
    """Fit a beta distribution of unit rates by maximum likelihood.

    Parameters
    ----------
    passed, sat
        Shape (units,), each ``sat > 0``.

    Returns
    -------
    fit
        If the likelihood is highest without any spread (always so when all passed, all failed, or
        there is one unit), `alpha` and `beta` are infinite.

    Raises
    ------
    ValueError
        If there is no unit, or a count is out of range or missing.

    References
    ----------
    Griffiths (1973), Biometrics 29:637-648.
    """
    k, n, times = _distinct(passed, sat)
    total, people = float(times @ k), float(times @ n)
    mean = total / people
    if total in (0.0, people) or times.sum() < 2 or n.max() < 2:
        return BetaBinomial(np.inf, np.inf, mean, 0.0)
    common = total * np.log(mean) + (people - total) * np.log1p(-mean)

    def loss(x: Floats) -> tuple[float, Floats]:
        value, slope = _log_likelihood(k, n, times, x)
        return -value, -slope

    start = np.array([special.logit(mean), 2.0])
    bounds = [(-20.0, 20.0), (-6.0, np.log(_NO_SPREAD))]
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    polished = optimize.minimize(
        loss, found.x, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 0, "gtol": 1e-9}
    )
    gain = float(-polished.fun - common)
    # At the bound the curve is flat: a gain that small is rounding, not spread.
    if gain < 1e-6 or polished.x[1] >= bounds[1][1] - 1e-6:
        return BetaBinomial(np.inf, np.inf, mean, 0.0)
    size, centre = float(np.exp(polished.x[1])), float(special.expit(polished.x[0]))
    return BetaBinomial(size * centre, size * (1 - centre), centre, gain)


def grid_prior(passed: ArrayLike, sat: ArrayLike, *, points: int = 16) -> Prior:
    """Posterior of the distribution of unit rates, on a grid.

    Parameters
    ----------
    passed, sat
        Shape (units,), each ``sat > 0``.
    points
        Grid points along each of the two axes, at least 8.

    Returns
    -------
    prior
        Parts that hold practically all posterior weight.

    Raises
    ------
    ValueError
        If there is no unit, or a count is out of range or missing.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, section 5.3: uniform on the mean
    and on ``(alpha + beta) ** -0.5``, here cut at 2.
    """
    if points < 8:
        raise ValueError("need at least 8 grid points along each axis")
    k, n, times = _distinct(passed, sat)
    mean, spread = (0.0, 1.0), (0.0, 2.0)
    # Each pass looks closer at the part of the last grid that holds the weight.
    for _ in range(4):
        m, s = _midpoints(*mean, points), _midpoints(*spread, points)
        size = 1 / s**2
        a, b = np.outer(m, size), np.outer(1 - m, size)
        log = _beta_binomial_sum(k, n, times, a, b)
        heavy = log > log.max() - 12
        mean = _around(m, heavy.any(axis=1), mean)
        spread = _around(s, heavy.any(axis=0), spread)
    weight = np.exp(log - log.max())
    held = weight > 1e-4
    return Prior(a[held], b[held], weight[held] / weight[held].sum())


def shrink(
    passed: ArrayLike, sat: ArrayLike, *, level: float = 0.95, prior: Prior | None = None
) -> Shrunken:
    """Estimate every unit's true rate, borrowing strength from the other units.

    Parameters
    ----------
    passed, sat
        Shape (units,), each ``sat > 0``.
    level
        Coverage of the intervals, in (0, 1).
    prior
        Distribution of unit rates, if known from elsewhere. Otherwise it is fitted: by maximum
        likelihood, or as `grid_prior` if there are fewer than `FEW` units or the fit finds no
        spread (a spread of exactly nothing would claim too much).

    Raises
    ------
    ValueError
        If there is no unit, or a number is out of range or missing.
    """
    k, n = (np.atleast_1d(a) for a in counts(passed, sat))
    fit = fit_beta_binomial(k, n)
    if prior is None:
        plain = k.size >= FEW and not fit.luck_only
        prior = (
            Prior(np.array([fit.alpha]), np.array([fit.beta]), np.ones(1))
            if plain
            else grid_prior(k, n)
        )
    tail = (1 - probability("level", level)) / 2
    pairs, back = np.unique(np.stack([k, n]), axis=1, return_inverse=True)
    back = back.reshape(-1)
    size = prior.alpha + prior.beta
    centre = prior.alpha / size
    keep = pairs[1][:, None] / (pairs[1][:, None] + size)
    mean = (keep * (pairs[0] / pairs[1])[:, None] + (1 - keep) * centre) @ prior.weight
    return Shrunken(
        passed=k,
        sat=n,
        mean=mean[back],
        low=_mixture_quantile(pairs[0], pairs[1], prior, tail)[back],
        high=_mixture_quantile(pairs[0], pairs[1], prior, 1 - tail)[back],
        level=level,
        kept=(keep @ prior.weight)[back],
        intraclass=float(prior.weight @ (1 / (size + 1))),
        luck_only=fit.luck_only,
        prior=prior,
    )


def rank_intervals(
    shrunken: Shrunken, *, level: float = 0.95, number: int = 4000, rng: Rng
) -> Ranks:
    """Say how uncertain ranks are, for those who must have ranks.

    Parameters
    ----------
    shrunken
        Posterior of the unit rates.
    level
        Coverage of the rank intervals, in (0, 1).
    number
        Posterior draws, at least 100.
    rng
        Source of randomness.

    Raises
    ------
    ValueError
        If `level` or `number` is out of range.

    References
    ----------
    Goldstein and Spiegelhalter (1996), JRSS A 159:385-443.
    """
    tail = (1 - probability("level", level)) / 2
    if number < 100:
        raise ValueError("need at least 100 draws")
    rank = stats.rankdata(-shrunken.draws(number, rng=rng), axis=1, method="ordinal")
    low, high = np.quantile(rank, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return Ranks(rank.mean(axis=0), low.astype(float), high.astype(float), level)


def _distinct(passed: ArrayLike, sat: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Different pairs of counts, and how many units show each."""
    k, n = (np.atleast_1d(a) for a in counts(passed, sat))
    if k.ndim != 1 or k.size == 0:
        raise ValueError("need a vector with at least one unit")
    pairs, times = np.unique(np.stack([k, n]), axis=1, return_counts=True)
    return pairs[0], pairs[1], times.astype(float)


def _log_likelihood(k: Floats, n: Floats, times: Floats, x: Floats) -> tuple[float, Floats]:
    """Log-likelihood without the binomial coefficients, and its slope in (logit mean, log size)."""
    mean, size = special.expit(x[0]), np.exp(x[1])
    a, b = size * mean, size * (1 - mean)
    value = times @ (_log_rise(a, k) + _log_rise(b, n - k) - _log_rise(size, n))
    on_a = times @ (special.digamma(k + a) - special.digamma(a))
    on_b = times @ (special.digamma(n - k + b) - special.digamma(b))
    on_size = times @ (special.digamma(n + size) - special.digamma(size))
    by_mean = (on_a - on_b) * size * mean * (1 - mean)
    return float(value), np.array([by_mean, a * on_a + b * on_b - size * on_size])


def _log_rise(a: Floats | float, k: Floats) -> Floats:
    """Logarithm of a (a + 1) … (a + k - 1), steady also for very large a."""
    # gammaln(a + k) - gammaln(a) cancels for large a; betaln takes care of that.
    some = np.maximum(k, 1)
    log = special.gammaln(some) - special.betaln(a, some)
    return np.asarray(np.where(k > 0, log, 0.0), float)


def _beta_binomial_sum(k: Floats, n: Floats, times: Floats, a: Floats, b: Floats) -> Floats:
    """Log-likelihood at every grid point; pairs are taken in portions to bound memory."""
    total = np.zeros_like(a)
    portion = max(1, 2_000_000 // a.size)
    for start in range(0, k.size, portion):
        piece = slice(start, start + portion)
        kk, nn = k[piece, None, None], n[piece, None, None]
        log = special.betaln(kk + a, nn - kk + b) - special.betaln(a, b)
        total += np.tensordot(times[piece], log, axes=1)
    return total


def _midpoints(low: float, high: float, points: int) -> Floats:
    return low + (high - low) * (np.arange(points) + 0.5) / points


def _around(grid: Floats, heavy: Bools, old: tuple[float, float]) -> tuple[float, float]:
    """Return the stretch of an axis that holds the weight, one step wider on both sides."""
    step = grid[1] - grid[0]
    at = grid[heavy]
    return max(old[0], at[0] - 1.5 * step), min(old[1], at[-1] + 1.5 * step)


def _mixture_cdf(k: Floats, n: Floats, prior: Prior, at: Floats) -> Floats:
    parts = special.betainc(k[:, None] + prior.alpha, (n - k)[:, None] + prior.beta, at[:, None])
    return np.asarray(np.clip(parts @ prior.weight, 0, 1), float)


def _mixture_quantile(k: Floats, n: Floats, prior: Prior, q: float) -> Floats:
    """Quantile of every unit's posterior; Newton's method, kept inside a shrinking bracket."""
    a, b = k[:, None] + prior.alpha, (n - k)[:, None] + prior.beta
    if prior.weight.size == 1:
        return np.asarray(special.betaincinv(a[:, 0], b[:, 0], q), float)
    at = np.clip(_matched_quantile(a, b, prior.weight, q), 1e-9, 1 - 1e-9)
    log_beta = special.betaln(a, b)
    low, high = np.zeros_like(at), np.ones_like(at)
    open_ = np.arange(at.size)
    for _ in range(60):
        x = at[open_]
        error = _mixture_cdf(k[open_], n[open_], prior, x) - q
        low[open_] = np.where(error < 0, x, low[open_])
        high[open_] = np.where(error < 0, high[open_], x)
        log_density = special.xlogy(a[open_] - 1, x[:, None])
        log_density += special.xlog1py(b[open_] - 1, -x[:, None]) - log_beta[open_]
        density = np.exp(np.minimum(log_density, 500)) @ prior.weight
        new = x - error / np.maximum(density, 1e-300)
        outside = ~((new > low[open_]) & (new < high[open_]))
        at[open_] = np.where(outside, (low[open_] + high[open_]) / 2, new)
        open_ = open_[np.abs(at[open_] - x) > 1e-11]
        if open_.size == 0:
            break
    return at


def _matched_quantile(a: Floats, b: Floats, weight: Floats, q: float) -> Floats:
    """Quantile of the beta distribution with the mixture's mean and variance."""
    size = a + b
    each = a / size
    mean = each @ weight
    variance = (each * (1 - each) / (size + 1) + each**2) @ weight - mean**2
    total = mean * (1 - mean) / variance - 1
    return np.asarray(special.betaincinv(mean * total, (1 - mean) * total, q), float)
