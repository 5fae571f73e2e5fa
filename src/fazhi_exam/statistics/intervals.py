"""Interval estimates for proportions.

A rate over nobody has no interval: every function raises `ValueError` for ``sat == 0``, and the
caller decides how "no data" is shown. Missing counts (NaN) are refused as well.
"""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from ..typing import Floats, Ints
from .counts import counts, probability


def wilson(passed: ArrayLike, sat: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson score interval for a proportion.

    Parameters
    ----------
    passed, sat
        Counts that broadcast to shape ``(...)``; ``0 <= passed <= sat`` and ``sat > 0``.
    level
        Coverage in (0, 1), not a percentage.

    Returns
    -------
    low, high
        Shape ``(...)``, within [0, 1]; they always contain ``passed / sat``.

    Raises
    ------
    ValueError
        If a count or `level` is out of range or missing.

    References
    ----------
    Wilson (1927), JASA 22:209-212. Reference values: Newcombe (1998), Table I, method 3.
    """
    k, n = counts(passed, sat)
    z2 = _normal_quantile(level) ** 2
    centre = (k + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (k * (n - k) / n + z2 / 4)) / (n + z2)
    # Clipped because rounding can carry a bound past a rate of exactly 0 or 1.
    return np.clip(centre - half, 0, k / n), np.clip(centre + half, k / n, 1)


def agresti_coull(
    passed: ArrayLike, sat: ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Agresti-Coull interval: Wald's formula around Wilson's centre, cut to [0, 1].

    Parameters, returns and errors as `wilson`; never shorter than Wilson's interval.

    References
    ----------
    Agresti and Coull (1998), The American Statistician 52:119-126.
    """
    k, n = counts(passed, sat)
    z2 = _normal_quantile(level) ** 2
    centre = (k + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * centre * (1 - centre) / (n + z2))
    return np.clip(centre - half, 0, k / n), np.clip(centre + half, k / n, 1)


def clopper_pearson(
    passed: ArrayLike, sat: ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Exact (Clopper-Pearson) interval: covers with at least `level` for every true rate.

    Parameters, returns and errors as `wilson`. The bounds are quantiles of beta distributions.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26:404-413. Newcombe (1998), Table I, method 5.
    """
    k, n = counts(passed, sat)
    tail = (1 - probability("level", level)) / 2
    return _mirrored(k, n, lambda j, m: _beta_quantile(j, m - j + 1, tail))


def jeffreys(passed: ArrayLike, sat: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Equal-tailed interval from Jeffreys' prior, closed at the ends.

    Parameters, returns and errors as `wilson`. With nobody passed the lower bound is 0, with
    everybody passed the upper bound is 1, so that the interval contains the rate.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16:101-133, section 4.1.2.
    """
    k, n = counts(passed, sat)
    tail = (1 - probability("level", level)) / 2
    return _mirrored(k, n, lambda j, m: _beta_quantile(j + 0.5, m - j + 0.5, tail))


def mid_p(passed: ArrayLike, sat: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Exact interval with mid-p tails: half of the observed count's probability is counted.

    Parameters, returns and errors as `wilson`. Shorter than Clopper-Pearson; covers with `level`
    on average, not for every true rate.

    References
    ----------
    Lancaster (1961), JASA 56:223-234. Newcombe (1998), Table I, method 6.
    """
    k, n = counts(passed, sat)
    tail = (1 - probability("level", level)) / 2
    return _mirrored(k, n, lambda j, m: _mid_p_lower(j, m, tail))


def _normal_quantile(level: float) -> float:
    return NormalDist().inv_cdf((1 + probability("level", level)) / 2)


def _mirrored(
    k: Floats, n: Floats, lower: Callable[[Floats, Floats], Floats]
) -> tuple[Floats, Floats]:
    """Both bounds from the lower one: the upper bound of k is one minus the lower of n - k.

    Equal pairs of counts are solved once. The bound at 0 passes is 0 by definition.
    """
    shape = k.shape
    pairs = np.stack([np.concatenate([k.ravel(), (n - k).ravel()]), np.tile(n.ravel(), 2)])
    # One exact integer key per pair sorts far faster than rows; doubles hold counts up to 2**26.
    base = pairs[1].max(initial=0) + 1
    key, back = _distinct(pairs[0] + pairs[1] * base)
    j, m = key % base, key // base
    bound = np.zeros_like(j)
    some = j > 0
    bound[some] = np.minimum(lower(j[some], m[some]), j[some] / m[some])
    low, high = np.split(bound[back], 2)
    return low.reshape(shape), np.maximum(1 - high.reshape(shape), k / n)


def _distinct(key: Floats) -> tuple[Floats, Ints]:
    """Different whole numbers in order, and where among them each one is."""
    largest = int(key.max(initial=0))
    if largest > 8 * key.size:
        different, back = np.unique(key, return_inverse=True)
        return different, back.reshape(-1)
    place = key.astype(np.int64)
    there = np.zeros(largest + 1, np.bool_)
    there[place] = True
    return np.flatnonzero(there).astype(float), (np.cumsum(there) - 1)[place]


def _beta_quantile(a: Floats, b: Floats, q: float) -> Floats:
    return np.asarray(special.betaincinv(a, b, q), float)


def _mid_p_lower(k: Floats, n: Floats, tail: float) -> Floats:
    """Solve P(X > k) + P(X = k) / 2 = tail for the true rate, ``k >= 1``, by Halley's method.

    The log of the tail against the log of the odds is nearly straight, so that a step leaves an
    error of about its third power.
    """
    p = _jeffreys_start(k, n, tail)
    every = k == n
    p[every] = (2 * tail) ** (1 / n[every])  # exact
    left = np.flatnonzero(~every)
    log_choose = -np.log1p(n) - special.betaln(n - k + 1, k + 1)
    for _ in range(20):
        j, m, x = k[left], n[left], p[left]
        point = np.exp(log_choose[left] + special.xlogy(j, x) + special.xlog1py(m - j, -x))
        mass = special.betainc(j + 1, m - j, x) + point / 2
        # With respect to the log odds, the tail has the slope point / 2 * rise, and point itself
        # grows at the rate j - m x; bend is the rate at which the slope of the log tail grows.
        rise = j * (1 - x) + (m - j) * x
        slope = point / 2 * rise / mass
        bend = (j - m * x) + x * (1 - x) * (m - 2 * j) / rise - slope
        newton = np.log(mass / tail) / slope
        step = newton / np.maximum(1 - newton * bend / 2, 0.5)
        p[left] = 1 / (1 + (1 - x) / x * np.exp(np.clip(step, -2, 2)))
        left = left[np.abs(step) > 2e-4]
        if left.size == 0:
            break
    return p


def _jeffreys_start(k: Floats, n: Floats, tail: float) -> Floats:
    """Return about Jeffreys' lower bound: Abramowitz and Stegun (1964), 26.5.22; ``k >= 1``."""
    z = -NormalDist().inv_cdf(tail)
    c = (z**2 - 3) / 6
    rest = np.maximum(n - k, 1)
    h = 4 * k * rest / (k + rest)
    w = z * np.sqrt(h + c) / h - (1 / rest - 1 / k) / 2 * (c + 5 / 6 - 2 / (3 * h))
    return np.asarray(1 / (1 + (n - k + 0.5) / (k + 0.5) * np.exp(2 * w)), float)
