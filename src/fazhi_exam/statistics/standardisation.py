"""Fair comparison of units whose people differ: direct and indirect standardisation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from ..typing import Floats
from .counts import counts, probability


@dataclass(frozen=True, slots=True)
class DirectRate:
    """A rate as it would be with the standard's mix of strata.

    Parameters
    ----------
    rate, low, high
        Shape (units,), in [0, 1].
    weights
        Shape (strata,): the standard's shares, which sum to 1.
    level
        Coverage of the interval, at least.
    """

    rate: Floats
    low: Floats
    high: Floats
    weights: Floats
    level: float


@dataclass(frozen=True, slots=True)
class IndirectRate:
    """Observed passes against those expected from the reference rates.

    Parameters
    ----------
    observed, expected, ratio, low, high
        Shape (units,): counts, their ratio and its interval.
    rate, rate_low, rate_high
        Shape (units,): ratio times the reference's overall rate, cut to [0, 1].
    p_value
        Shape (units,): two-sided, of observed against expected (score test).
    level
        Coverage of the interval.
    """

    observed: Floats
    expected: Floats
    ratio: Floats
    low: Floats
    high: Floats
    rate: Floats
    rate_low: Floats
    rate_high: Floats
    p_value: Floats
    level: float


def fay_feuer(
    events: ArrayLike, people: ArrayLike, weights: ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Directly standardised rate of Poisson counts with Fay and Feuer's gamma limits.

    Parameters
    ----------
    events
        Shape (..., strata): counts, not negative.
    people
        Shape (..., strata): persons (or person-years), positive.
    weights
        Shape (strata,): the standard population, not negative; shares are taken.
    level
        Coverage in (0, 1); the limits are conservative.

    Returns
    -------
    rate, low, high
        Shape ``(...)``.

    Raises
    ------
    ValueError
        If a number is out of range or missing, or a stratum of the standard has no people here.

    References
    ----------
    Fay and Feuer (1997), Statistics in Medicine 16:791-801. For events that are not rare the
    Poisson variance is too large, so the limits are safe but wide.
    """
    k, n = np.asarray(events, float), np.asarray(people, float)
    share = _shares(weights)
    if not np.all((k >= 0) & np.isfinite(k) & np.isfinite(n) & (n >= 0)):
        raise ValueError("need finite events >= 0 and people >= 0")
    k, n = np.broadcast_arrays(k, n)
    if k.ndim == 0 or k.shape[-1] != share.size or np.any((n == 0) & (share > 0)):
        raise ValueError("every stratum of the standard needs people")
    tail = (1 - probability("level", level)) / 2
    weight = np.where(share > 0, share / np.where(n > 0, n, 1), 0.0)
    rate = np.sum(weight * k, axis=-1)
    variance = np.sum(weight**2 * k, axis=-1)
    largest = weight.max(axis=-1)
    some = rate > 0
    shape, scale = np.where(some, rate, 1) ** 2, np.where(some, variance, 1)
    low = np.where(some, _gamma_quantile(tail, shape / scale, scale, np.where(some, rate, 1)), 0.0)
    more, more_variance = rate + largest, variance + largest**2
    high = _gamma_quantile(1 - tail, more**2 / more_variance, more_variance, more)
    return rate, low, high


def direct(
    passed: ArrayLike, sat: ArrayLike, weights: ArrayLike, *, level: float = 0.95
) -> DirectRate:
    """Standardise pass rates directly: every unit gets the standard's mix of strata.

    Parameters
    ----------
    passed, sat
        Shape (units, strata) or (strata,).
    weights
        Shape (strata,): the standard population, not negative.
    level
        Coverage in (0, 1).

    Returns
    -------
    result
        Limits after Fay and Feuer on the rarer of passes and fails, which keeps them tightest.

    Raises
    ------
    ValueError
        As `fay_feuer`, or if a count is out of range. A unit without people in some stratum
        cannot be standardised directly; use `indirect`.
    """
    k, n = (np.atleast_2d(a) for a in counts(passed, sat, empty=True))
    rate, low, high = fay_feuer(k, n, weights, level=level)
    fail, fail_low, fail_high = fay_feuer(n - k, n, weights, level=level)
    rare = rate <= 0.5
    return DirectRate(
        rate=np.where(rare, rate, 1 - fail),
        low=np.clip(np.where(rare, low, 1 - fail_high), 0, 1),
        high=np.clip(np.where(rare, high, 1 - fail_low), 0, 1),
        weights=_shares(weights),
        level=level,
    )


def indirect(
    passed: ArrayLike,
    sat: ArrayLike,
    reference_passed: ArrayLike,
    reference_sat: ArrayLike,
    *,
    level: float = 0.95,
) -> IndirectRate:
    """Standardise indirectly: compare each unit with what its own mix lets expect.

    Parameters
    ----------
    passed, sat
        Shape (units, strata) or (strata,); a unit may lack some strata but not all.
    reference_passed, reference_sat
        Shape (strata,): the reference, every stratum with people. Its rates count as known.
    level
        Coverage in (0, 1).

    Returns
    -------
    result
        The interval inverts the score test in which all strata of the unit share one odds ratio
        against the reference; with one stratum it is Wilson's interval. A unit that can only
        pass (or fail) by the reference has ratio 1 and no width, or fails with a ValueError.

    Raises
    ------
    ValueError
        If a count is out of range or missing, a unit is empty, a stratum of the reference is
        empty, or what was observed is impossible under the reference.

    References
    ----------
    Score intervals as in Wilson (1927); expected counts as in Breslow and Day (1987), chapter 2.
    """
    k, n = (np.atleast_2d(a) for a in counts(passed, sat, empty=True))
    base_k, base_n = counts(reference_passed, reference_sat)
    tail = (1 - probability("level", level)) / 2
    if n.shape[-1] != base_n.size or np.any(n.sum(axis=1) == 0):
        raise ValueError("units need the reference's strata and at least one person")
    base = np.atleast_1d(base_k / base_n)
    if np.any((base == 0) & (k > 0)) or np.any((base == 1) & (k < n)):
        raise ValueError("a unit shows a result that the reference rules out")
    observed, expected = k.sum(axis=1), n @ base
    if np.any(expected == 0):
        raise ValueError("the reference expects no pass in some unit; standardise fails instead")
    variance = n @ (base * (1 - base))
    gap = np.abs(observed - expected)
    z = np.where(variance > 0, gap / np.sqrt(np.where(variance > 0, variance, 1)), 0.0)
    reach = float(stats.norm.isf(tail))
    low = _score_bound(observed, n, base, -reach) / expected
    high = _score_bound(observed, n, base, reach) / expected
    overall = float(base_k.sum() / base_n.sum())
    ratio = observed / expected
    low, high = np.minimum(low, ratio), np.maximum(high, ratio)
    return IndirectRate(
        observed=observed,
        expected=expected,
        ratio=ratio,
        low=low,
        high=high,
        rate=np.minimum(ratio * overall, 1),
        rate_low=np.minimum(low * overall, 1),
        rate_high=np.minimum(high * overall, 1),
        p_value=2 * stats.norm.sf(z),
        level=level,
    )


def _shares(weights: ArrayLike) -> Floats:
    w = np.asarray(weights, float)
    if w.ndim != 1 or not np.all((w >= 0) & np.isfinite(w)) or w.sum() <= 0:
        raise ValueError("weights must be a finite vector, not negative, not all zero")
    return np.asarray(w / w.sum(), float)


def _gamma_quantile(q: float, shape: Floats, variance: Floats, mean: Floats) -> Floats:
    """Quantile of the gamma distribution of given mean and variance, shape = mean^2 / variance."""
    return np.asarray(special.gammaincinv(shape, q) * variance / mean, float)


def _score_bound(observed: Floats, n: Floats, base: Floats, reach: float) -> Floats:
    """Find the expected count at the shift of the log odds where (E - O) = reach * sqrt(V).

    E grows with the shift, and so does the standardised gap; bisection is safe. A unit that
    passed completely has its upper bound at everybody, one that failed completely at nobody.
    """
    with np.errstate(divide="ignore"):
        odds = special.logit(base)
    open_strata = np.isfinite(odds)
    shift = np.where(open_strata, odds, 0.0)

    def at(move: Floats) -> tuple[Floats, Floats]:
        rate = np.where(open_strata, special.expit(shift + move[:, None]), base)
        return np.sum(n * rate, axis=1), np.sum(n * rate * (1 - rate), axis=1)

    low, high = np.full(observed.shape, -60.0), np.full(observed.shape, 60.0)
    for _ in range(70):
        middle = (low + high) / 2
        mean, variance = at(middle)
        short = mean - observed < reach * np.sqrt(variance)
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return at((low + high) / 2)[0]
