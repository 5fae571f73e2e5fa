"""Funnel of unit rates around a target: which units differ by more than luck.

The limits are exact binomial ones with mid-p tails. When units differ from each other by more
than binomial luck everywhere, that extra spread (tau squared on the arcsine scale) is estimated
and allowed for: units of 50 and more by an adjusted z, smaller ones by a beta-binomial
distribution of the same spread. Flags use tails that never overstate significance and are
adjusted for the number of units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from ..typing import Bools, Floats, Ints
from .counts import counts, probability
from .multiplicity import benjamini_hochberg

SMALL = 50
"""Units under this size keep an exact distribution when over-dispersion is allowed for."""

MANY = 20
"""With fewer units, extra spread cannot be told from a few true outliers and is not allowed for."""


_CUT = float(stats.norm.isf(0.1))
_WINSORISED_NORMAL = 0.8 - 2 * _CUT * float(stats.norm.pdf(_CUT)) + 0.2 * _CUT**2
"""Mean square of a standard normal value held within its 10 % and 90 % points: 0.679."""


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How much more units differ than binomial luck makes them (过度离散).

    Parameters
    ----------
    phi
        Mean squared standardised deviation; 1 under luck.
    tau2
        Extra variance between units on the arcsine square-root scale; 0 under luck.
    p_value
        Chance of a chi-square at least as large if all units shared the target.
    """

    phi: float
    tau2: float
    p_value: float

    @property
    def intraclass(self) -> float:
        """Correlation of a beta-binomial distribution with the same extra spread."""
        return min(4 * self.tau2, 0.99)


@dataclass(frozen=True, slots=True)
class Funnel:
    """Unit rates against a target, with limits and flags (漏斗图数据).

    Parameters
    ----------
    passed, sat, rate
        Shape (units,).
    target
        The rate compared with; `target_given` tells whether it came from outside.
    levels
        Coverage of each pair of limits, ascending.
    low, high
        Limits as rates, shape (levels, units).
    outside
        -1 under, 1 over, 0 within the limits, shape (levels, units).
    p_value
        Two-sided, mid-p tails (or adjusted z), shape (units,).
    p_adjusted
        Benjamini-Hochberg over units, from tails that count the observed result in full.
    flag
        -1 or 1 for units whose `p_adjusted` is at most `fdr`, else 0.
    can_differ
        Whether some result of a unit of this size would lie outside the widest limits.
    expected_outside
        How many units luck alone would put outside each pair of limits, shape (levels,).
    dispersion
        Over-dispersion as found.
    adjusted
        Whether limits and p-values allow for it.
    """

    passed: Floats
    sat: Floats
    rate: Floats
    target: float
    target_given: bool
    levels: tuple[float, ...]
    low: Floats
    high: Floats
    outside: Ints
    p_value: Floats
    p_adjusted: Floats
    fdr: float
    flag: Ints
    can_differ: Bools
    expected_outside: Floats
    dispersion: Dispersion
    adjusted: bool
    _tau2: float = field(repr=False)

    @property
    def flagged(self) -> Bools:
        """Units that differ from the target after adjustment."""
        return np.asarray(self.flag != 0)

    def limits(self, sat: ArrayLike, *, level: float) -> tuple[Floats, Floats]:
        """Limits for units of other sizes: the lines of the picture."""
        return _limits(self.target, counts(0, sat)[1], level, self._tau2)


def funnel_limits(target: float, sat: ArrayLike, *, level: float) -> tuple[Floats, Floats]:
    """Exact binomial limits with mid-p tails for the rate of a unit of each size.

    Parameters
    ----------
    target
        True rate in [0, 1].
    sat
        Shape ``(...)``, each > 0.
    level
        Coverage in (0, 1), usually 0.95 and 0.998.

    Returns
    -------
    low, high
        Shape ``(...)``, in [0, 1]. A unit lies strictly outside exactly if its mid-p tail is
        smaller than ``(1 - level) / 2``; between counts the limits are interpolated.

    Raises
    ------
    ValueError
        If a number is out of range or missing, or a unit is empty.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, appendix A.1.1 (interpolation),
    with mid-p tails so that both limits are treated alike.
    """
    return _limits(probability("target", target, closed=True), counts(0, sat)[1], level, 0.0)


def funnel(
    passed: ArrayLike,
    sat: ArrayLike,
    *,
    target: float | None = None,
    levels: Sequence[float] = (0.95, 0.998),
    fdr: float = 0.05,
    allow_dispersion: bool = True,
) -> Funnel:
    """Compare every unit with a target.

    Parameters
    ----------
    passed, sat
        Shape (units,); at least one unit, each with ``sat > 0``.
    target
        True rate to compare with, in (0, 1); without it the pooled rate.
    levels
        Coverage of the limits, each in (0, 1).
    fdr
        Expected share of false flags among flags, in (0, 1). If no unit truly differs, the chance
        of any flag is at most `fdr`.
    allow_dispersion
        Whether to widen limits if there are at least `MANY` units and they differ by more than luck
        (chi-square test at 5 %).

    Raises
    ------
    ValueError
        If there is no unit, an empty unit, or a number out of range or missing.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24:1185-1202.
    """
    k, n = (np.atleast_1d(a) for a in counts(passed, sat))
    if k.ndim != 1 or k.size == 0:
        raise ValueError("need a vector with at least one unit")
    goal = k.sum() / n.sum() if target is None else probability("target", target)
    ordered = tuple(sorted(probability("level", level) for level in levels))
    probability("fdr", fdr)
    spread = dispersion(k, n, target=goal)
    tau2 = 0.0
    if allow_dispersion and k.size >= MANY and spread.p_value < 0.05:
        tau2 = spread.tau2
    p_mid, p_full, side = _p_values(k, n, goal, tau2)
    bands = [_limits(goal, n, level, tau2) for level in ordered]
    widest = 1 - ordered[-1] if ordered else fdr
    p_adjusted = benjamini_hochberg(p_full)
    return Funnel(
        passed=k,
        sat=n,
        rate=k / n,
        target=float(goal),
        target_given=target is not None,
        levels=ordered,
        low=np.array([low for low, _ in bands]).reshape(len(ordered), k.size),
        high=np.array([high for _, high in bands]).reshape(len(ordered), k.size),
        outside=np.array([np.where(p_mid < 1 - c, side, 0) for c in ordered], np.int64).reshape(
            len(ordered), k.size
        ),
        p_value=p_mid,
        p_adjusted=p_adjusted,
        fdr=fdr,
        flag=np.where(p_adjusted <= fdr, side, 0),
        can_differ=np.minimum(
            _p_values(np.zeros_like(n), n, goal, tau2)[0], _p_values(n, n, goal, tau2)[0]
        )
        < widest,
        expected_outside=np.array([_expected_outside(goal, n, c, tau2) for c in ordered]),
        dispersion=spread,
        adjusted=tau2 > 0,
        _tau2=tau2,
    )


def dispersion(passed: ArrayLike, sat: ArrayLike, *, target: float | None = None) -> Dispersion:
    """Estimate how much more units differ than binomial luck makes them.

    Parameters
    ----------
    passed, sat
        Shape (units,), each ``sat > 0``.
    target
        Common rate in [0, 1]; without it the pooled rate.

    Returns
    -------
    dispersion
        From the units of at least `SMALL` if there are `MANY` of them: arcsine scale, winsorised
        by a tenth at each end. Otherwise from all units by the moments of Pearson's residuals,
        which hold for any size but are not protected against outliers. With fewer than two units
        there is nothing to see: phi 1, tau2 0, p 1.

    Raises
    ------
    ValueError
        If a count is out of range or missing.

    References
    ----------
    Spiegelhalter (2005), Quality and Safety in Health Care 14:347-351: winsorised z and the
    method-of-moments tau squared of DerSimonian and Laird. Winsorising alone makes phi 0.679
    under luck, which would keep limits too narrow; here phi is divided by that.
    """
    k, n = (np.atleast_1d(a) for a in counts(passed, sat))
    units = k.size
    if units < 2:
        return Dispersion(1.0, 0.0, 1.0)
    goal = k.sum() / n.sum() if target is None else probability("target", target, closed=True)
    pearson = (k - n * goal) ** 2 / (n * goal * (1 - goal)) if 0 < goal < 1 else np.zeros(units)
    p_value = float(stats.chi2.sf(pearson.sum(), units - (target is None)))
    large = n >= SMALL
    if np.sum(large) < MANY:
        # E(residual squared) = 1 + (n - 1) * intraclass correlation.
        more = max(n.sum() - units, 1.0)
        rho = float(np.clip((pearson.sum() - units + (target is None)) / more, 0, 1))
        return Dispersion(float(pearson.mean()), rho / 4, p_value)
    return Dispersion(*_arcsine_spread(k[large], n[large], float(goal)), p_value)


def _arcsine_spread(k: Floats, n: Floats, goal: float) -> tuple[float, float]:
    """Winsorised phi and tau squared on the arcsine square-root scale."""
    weight = 4 * n
    z = (np.arcsin(np.sqrt(k / n)) - np.arcsin(np.sqrt(goal))) * np.sqrt(weight)
    phi = float(np.mean(np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2)) / _WINSORISED_NORMAL
    excess = k.size * phi - (k.size - 1)
    return phi, max(0.0, float(excess / (weight.sum() - (weight**2).sum() / weight.sum())))


def _tails(k: Floats, n: Floats, target: float, rho: float) -> tuple[Floats, Floats]:
    """P(X <= k) and P(X = k), binomial for rho = 0, else beta-binomial; k may be -1 or n + 1."""
    if rho == 0:
        return stats.binom.cdf(k, n, target), stats.binom.pmf(k, n, target)
    below, point = np.empty_like(k), np.empty_like(k)
    for size in np.unique(n):
        here = n == size
        mass = _beta_binomial(int(size), target, rho)
        table = np.concatenate([[0.0], mass, [0.0]])
        at = k[here].astype(int) + 1
        below[here], point[here] = np.minimum(np.cumsum(table)[at], 1), table[at]
    return below, point


def _beta_binomial(size: int, target: float, rho: float) -> Floats:
    """Probabilities of 0..size passes with mean `target` and intraclass correlation `rho`."""
    a, b = target * (1 - rho) / rho, (1 - target) * (1 - rho) / rho
    j = np.arange(size + 1.0)
    log = special.betaln(j + a, size - j + b) - special.betaln(a, b)
    mass = np.exp(log - np.log1p(size) - special.betaln(size - j + 1, j + 1))
    return np.asarray(mass / mass.sum(), float)


def _p_values(
    k: Floats, n: Floats, target: float, tau2: float
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Two-sided mid-p and full p-values, and the side on which each unit lies."""
    rho = min(4 * tau2, 0.99)
    exact = (n < SMALL) | (tau2 == 0)
    mid, full = np.empty_like(k), np.empty_like(k)
    below, point = _tails(k[exact], n[exact], target, rho)
    # The upper tail from the lower one loses small tails; the mirrored distribution keeps them.
    above, _ = _tails((n - k)[exact], n[exact], 1 - target, rho)
    mid[exact] = 2 * np.minimum(below - point / 2, above - point / 2)
    full[exact] = 2 * np.minimum(below, above)
    z = _adjusted_z(k[~exact], n[~exact], target, tau2)
    mid[~exact] = full[~exact] = 2 * stats.norm.sf(np.abs(z))
    side = np.sign(k - n * target).astype(np.int64)
    return np.clip(mid, 0, 1), np.clip(full, 0, 1), side


def _adjusted_z(k: Floats, n: Floats, target: float, tau2: float) -> Floats:
    gap = np.arcsin(np.sqrt(k / n)) - np.arcsin(np.sqrt(target))
    return np.asarray(gap / np.sqrt(1 / (4 * n) + tau2), float)


def _limits(target: float, n: Floats, level: float, tau2: float) -> tuple[Floats, Floats]:
    tail = (1 - probability("level", level)) / 2
    low, high = np.empty_like(n), np.empty_like(n)
    exact = (n < SMALL) | (tau2 == 0)
    rho = min(4 * tau2, 0.99)
    low[exact] = _crossing(target, n[exact], tail, rho)
    high[exact] = 1 - _crossing(1 - target, n[exact], tail, rho)
    reach = stats.norm.isf(tail) * np.sqrt(1 / (4 * n[~exact]) + tau2)
    centre = np.arcsin(np.sqrt(target))
    low[~exact] = np.sin(np.clip(centre - reach, 0, np.pi / 2)) ** 2
    high[~exact] = np.sin(np.clip(centre + reach, 0, np.pi / 2)) ** 2
    return low, high


def _crossing(target: float, n: Floats, tail: float, rho: float) -> Floats:
    """Rate at which the interpolated mid-p lower tail reaches `tail`; 0 if it starts above it."""
    r = stats.binom.ppf(tail, n, target) if rho == 0 else _quantile(n, target, rho, tail)

    def mid(count: Floats) -> Floats:
        below, point = _tails(count, n, target, rho)
        return below - point / 2

    # The mid-p tail at the quantile may still be short of the goal; one count later it is not.
    r = np.where(mid(r) < tail, r + 1, r)
    lower, upper = mid(r - 1), mid(r)
    part = (tail - lower) / np.where(upper > lower, upper - lower, 1)
    return np.clip((r - 1 + part) / n, 0, 1)


def _quantile(n: Floats, target: float, rho: float, tail: float) -> Floats:
    r = np.empty_like(n)
    for size in np.unique(n):
        total = np.cumsum(_beta_binomial(int(size), target, rho))
        r[n == size] = min(np.searchsorted(total, tail), size)
    return r


def _expected_outside(target: float, n: Floats, level: float, tau2: float) -> float:
    """Sum over units of the chance that mid-p puts a unit without difference outside."""
    rho, tail = min(4 * tau2, 0.99), (1 - level) / 2
    exact = (n < SMALL) | (tau2 == 0)
    size, units = np.unique(n[exact], return_counts=True)
    total = float(np.sum(~exact)) * (1 - level)
    for side in (target, 1 - target):
        # The largest count outside lies just under the crossing.
        edge = np.ceil(_crossing(side, size, tail, rho) * size - 1e-9) - 1
        total += float(units @ _tails(edge, size, side, rho)[0])
    return total
