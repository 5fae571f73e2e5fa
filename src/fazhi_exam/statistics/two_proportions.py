"""Two rates compared: difference with its interval, exact tests, and tests within strata."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from ..typing import Floats, Ints
from .counts import counts, probability
from .intervals import wilson


@dataclass(frozen=True, slots=True)
class Stratified:
    """Two groups compared within strata (Cochran-Mantel-Haenszel).

    Parameters
    ----------
    statistic, p_value
        Chi-square with one degree of freedom and its two-sided p-value.
    odds_ratio, low, high
        Common odds of passing, first group over second, with its interval; 0 or infinite when
        one group never passed (or never failed) beside the other.
    homogeneity_p
        Breslow-Day p-value with Tarone's correction: small means the odds ratio is not common.
    """

    statistic: float
    p_value: float
    odds_ratio: float
    low: float
    high: float
    homogeneity_p: float


def newcombe(
    passed: ArrayLike,
    sat: ArrayLike,
    other_passed: ArrayLike,
    other_sat: ArrayLike,
    *,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """Newcombe's hybrid score interval for the first rate minus the second.

    Parameters
    ----------
    passed, sat, other_passed, other_sat
        Counts that broadcast to shape ``(...)``; both groups have ``sat > 0``.
    level
        Coverage in (0, 1).

    Returns
    -------
    low, high
        Shape ``(...)``, within [-1, 1].

    Raises
    ------
    ValueError
        If a count or `level` is out of range or missing.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890, method 10.
    """
    k1, n1 = counts(passed, sat)
    k2, n2 = counts(other_passed, other_sat)
    p1, p2 = k1 / n1, k2 / n2
    low1, high1 = wilson(k1, n1, level=level)
    low2, high2 = wilson(k2, n2, level=level)
    low = p1 - p2 - np.hypot(p1 - low1, high2 - p2)
    high = p1 - p2 + np.hypot(high1 - p1, p2 - low2)
    return np.clip(low, -1, 1), np.clip(high, -1, 1)


def fisher(passed: int, sat: int, other_passed: int, other_sat: int) -> float:
    """Two-sided p-value of Fisher's exact test (scipy's own).

    Raises
    ------
    ValueError
        If a count is out of range or a group is empty.
    """
    return float(stats.fisher_exact(_table(passed, sat, other_passed, other_sat)).pvalue)


def boschloo(passed: int, sat: int, other_passed: int, other_sat: int) -> float:
    """Two-sided p-value of Boschloo's exact test: more powerful than Fisher's (scipy's own).

    Meant for groups up to a few hundred. If all passed or all failed there is nothing to compare
    and the p-value is 1.

    Raises
    ------
    ValueError
        If a count is out of range or a group is empty.
    """
    table = _table(passed, sat, other_passed, other_sat)
    if not table.sum(axis=1).all():
        return 1.0
    return float(stats.boschloo_exact(table).pvalue)


def cochran_mantel_haenszel(
    passed: ArrayLike,
    sat: ArrayLike,
    other_passed: ArrayLike,
    other_sat: ArrayLike,
    *,
    level: float = 0.95,
    continuity: bool = True,
) -> Stratified:
    """Compare two groups within strata.

    Parameters
    ----------
    passed, sat, other_passed, other_sat
        Shape (strata,). Strata with an empty group, or where all passed or all failed, carry no
        information and drop out.
    level
        Coverage of the interval of the odds ratio, in (0, 1).
    continuity
        Whether the statistic is corrected by one half, as R does by default.

    Raises
    ------
    ValueError
        If a count is out of range or missing, or no stratum carries information.

    References
    ----------
    Mantel and Haenszel (1959), JNCI 22:719-748; variance of the log odds ratio after Robins,
    Breslow and Greenland (1986); Tarone (1985) for homogeneity.
    """
    z = stats.norm.isf((1 - probability("level", level)) / 2)
    a, n1 = (np.atleast_1d(x) for x in counts(passed, sat, empty=True))
    c, n2 = (np.atleast_1d(x) for x in counts(other_passed, other_sat, empty=True))
    n, m = n1 + n2, a + c
    useful = (n1 > 0) & (n2 > 0) & (m > 0) & (m < n)
    if not useful.any():
        raise ValueError("no stratum has both groups and both outcomes")
    a, c, n1, n2, n, m = (x[useful] for x in (a, c, n1, n2, n, m))
    b, d = n1 - a, n2 - c
    gap = abs(float(np.sum(a - n1 * m / n)))
    # As R: the correction never exceeds the gap itself.
    gap -= min(0.5, gap) if continuity else 0.0
    statistic = gap**2 / float(np.sum(n1 * n2 * m * (n - m) / (n**2 * (n - 1))))
    top, bottom = a * d / n, b * c / n
    ratio, error = _log_odds(top, bottom, (a + d) / n, (b + c) / n)
    open_ended = not 0 < ratio < np.inf
    low, high = (0.0, np.inf) if open_ended else (ratio * np.exp(s * z * error) for s in (-1, 1))
    return Stratified(
        statistic=statistic,
        p_value=float(stats.chi2.sf(statistic, 1)),
        odds_ratio=ratio,
        low=float(low),
        high=float(high),
        homogeneity_p=1.0 if open_ended else _breslow_day(a, n1, n2, m, ratio),
    )


def _table(passed: int, sat: int, other_passed: int, other_sat: int) -> Ints:
    k, n = counts([passed, other_passed], [sat, other_sat])
    return np.array([k, n - k]).astype(np.int64)


def _log_odds(top: Floats, bottom: Floats, agree: Floats, differ: Floats) -> tuple[float, float]:
    """Mantel-Haenszel odds ratio and the standard error of its logarithm."""
    r, s = float(top.sum()), float(bottom.sum())
    if s == 0:
        return np.inf, np.inf
    if r == 0:
        return 0.0, np.inf
    variance = (
        np.sum(agree * top) / (2 * r * r)
        + np.sum(agree * bottom + differ * top) / (2 * r * s)
        + np.sum(differ * bottom) / (2 * s * s)
    )
    return r / s, float(np.sqrt(variance))


def _breslow_day(a: Floats, n1: Floats, n2: Floats, m: Floats, ratio: float) -> float:
    """Tarone's version of the test that all strata share the odds ratio."""
    if a.size < 2:
        return 1.0
    # Expected count: the root within its range of (1 - R) x^2 + (n2 - m + R (n1 + m)) x - R n1 m.
    linear = n2 - m + ratio * (n1 + m)
    root = np.sqrt(linear**2 + 4 * (1 - ratio) * ratio * n1 * m)
    expected = 2 * ratio * n1 * m / (linear + root)
    cells = np.stack([expected, n1 - expected, m - expected, n2 - m + expected])
    variance = 1 / np.sum(1 / cells, axis=0)
    gap = a - expected
    statistic = float(np.sum(gap**2 / variance) - np.sum(gap) ** 2 / np.sum(variance))
    return float(special.chdtrc(a.size - 1, max(statistic, 0.0)))
