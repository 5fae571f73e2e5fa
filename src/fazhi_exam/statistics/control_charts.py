"""Rates over time: limits of a stable process, and the points where it changed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from ..errors import NotEnoughData
from ..typing import Bools, Floats, Ints
from .counts import counts, probability
from .funnel import funnel_limits

THREE_SIGMA = float(1 - 2 * stats.norm.sf(3))
"""Coverage 0.9973 of limits three standard deviations away."""

LANEY_POINTS = 20
"""Points needed before the spread between points can be estimated from their moving range."""


@dataclass(frozen=True, slots=True)
class ControlChart:
    """Rates over time with limits (控制图数据).

    Parameters
    ----------
    passed, sat, rate
        Shape (points,).
    centre
        Rate of the stable process.
    low, high
        Shape (points,): limits as rates.
    signal
        Shape (points,): whether the rate lies outside its limits.
    sigma_z
        Spread of the standardised points that the limits allow for; 1 in a plain p chart.
    level
        Coverage of the limits if nothing changed.
    """

    passed: Floats
    sat: Floats
    rate: Floats
    centre: float
    low: Floats
    high: Floats
    signal: Bools
    sigma_z: float
    level: float


@dataclass(frozen=True, slots=True)
class Segments:
    """Stretches of time with a constant rate.

    Parameters
    ----------
    start
        Shape (segments,): position of the first point of each stretch, beginning with 0.
    rate
        Shape (segments,): pooled rate of each.
    criterion
        Shape (max_changes + 1,): penalised misfit by number of changes; the smallest was chosen.
        It is infinite where that many changes do not fit.
    """

    start: Ints
    rate: Floats
    criterion: Floats

    @property
    def changes(self) -> Ints:
        """Positions of the first point after each change."""
        return self.start[1:]


def p_chart(
    passed: ArrayLike, sat: ArrayLike, *, centre: float | None = None, level: float = THREE_SIGMA
) -> ControlChart:
    """Draw limits of a stable process by exact binomial tails (mid-p).

    Parameters
    ----------
    passed, sat
        Shape (points,) in time order, each ``sat > 0``.
    centre
        Rate of the stable process, in [0, 1]; without it the pooled rate.
    level
        Coverage of the limits, in (0, 1).

    Raises
    ------
    ValueError
        If there is no point, or a number is out of range or missing.
    """
    k, n, mid = _points(passed, sat, centre)
    low, high = funnel_limits(mid, n, level=level)
    return ControlChart(k, n, k / n, mid, low, high, _outside(k / n, low, high), 1.0, level)


def shewhart_chart(
    passed: ArrayLike, sat: ArrayLike, *, centre: float | None = None, level: float = THREE_SIGMA
) -> ControlChart:
    """Draw the textbook limits: normal approximation, cut to [0, 1].

    For comparison with other programs; `p_chart` is right for small groups too. Parameters and
    errors as `p_chart`.

    References
    ----------
    Montgomery (2013), Introduction to Statistical Quality Control, 7th edition, section 7.2.
    """
    k, n, mid = _points(passed, sat, centre)
    return _normal_chart(k, n, mid, 1.0, level)


def laney_chart(
    passed: ArrayLike, sat: ArrayLike, *, centre: float | None = None, level: float = THREE_SIGMA
) -> ControlChart:
    """Draw Laney's p' limits: the spread between points counts beside binomial luck.

    Meant for very large groups, whose binomial limits are so narrow that every point signals.
    Parameters as `p_chart`.

    Raises
    ------
    ValueError
        As `p_chart`.
    NotEnoughData
        With fewer than `LANEY_POINTS` points.

    References
    ----------
    Laney (2002), Quality Engineering 14:531-537.
    """
    k, n, mid = _points(passed, sat, centre)
    if k.size < LANEY_POINTS:
        raise NotEnoughData("Laney p′ 控制图", k.size, LANEY_POINTS, "期")
    if not 0 < mid < 1:
        return _normal_chart(k, n, mid, 1.0, level)
    z = (k / n - mid) / np.sqrt(mid * (1 - mid) / n)
    # The mean range of two normal values is 2 / sqrt(pi) = 1.128 standard deviations.
    sigma_z = float(np.mean(np.abs(np.diff(z))) * np.sqrt(np.pi) / 2)
    return _normal_chart(k, n, mid, sigma_z, level)


def change_points(
    passed: ArrayLike,
    sat: ArrayLike,
    *,
    max_changes: int = 5,
    min_length: int = 2,
    penalty: float = 3.0,
    dispersion: float = 1.0,
) -> Segments:
    """Find when a rate changed, by exact search over all segmentations.

    Parameters
    ----------
    passed, sat
        Shape (points,) in time order; points with nobody are allowed.
    max_changes
        Largest number of changes considered, not negative.
    min_length
        Fewest points of a stretch, at least 1.
    penalty
        Price of one change, in units of the logarithm of the number of points; positive. 3 is the
        leading term of the modified criterion of Zhang and Siegmund, under which a stable series
        of 36 months is cut in about one case in fifty; Schwarz's BIC is 2 and cuts one in nine.
    dispersion
        Variance of points relative to binomial luck, at least 1 (``sigma_z ** 2`` of a Laney
        chart). Divides the log-likelihood, so that large groups do not break into many stretches.

    Returns
    -------
    segments
        Minimises ``-2 * log-likelihood / dispersion + penalty * changes * log(points)``; ties go
        to fewer changes.

    Raises
    ------
    ValueError
        If there is no person at all, or a number is out of range or missing.

    References
    ----------
    Auger and Lawrence (1989), Bulletin of Mathematical Biology 51:39-54 (dynamic programming);
    Zhang and Siegmund (2007), Biometrics 63:22-32.
    """
    k, n = (np.atleast_1d(a) for a in counts(passed, sat, empty=True))
    if k.ndim != 1 or n.sum() == 0:
        raise ValueError("need a vector with at least one person")
    if max_changes < 0 or min_length < 1 or not (dispersion >= 1 and penalty > 0):
        raise ValueError("need max_changes >= 0, min_length >= 1, dispersion >= 1, penalty > 0")
    gain = _segment_log_likelihood(k, n) / dispersion
    length = np.arange(k.size + 1)
    gain[(length[None, :] - length[:, None]) < min(min_length, k.size)] = -np.inf
    best, back = [gain[0]], []
    for _ in range(max_changes):
        through = best[-1][:, None] + gain  # (last change, end)
        back.append(np.argmax(through, axis=0))
        best.append(np.max(through, axis=0))
    at_end = np.array([row[-1] for row in best])
    criterion = -2 * at_end + penalty * np.arange(max_changes + 1) * np.log(k.size)
    # Log-likelihoods equal up to rounding are ties: fewer changes win.
    chosen = int(np.argmax(criterion <= criterion.min() + 1e-9))
    start, end = [], k.size
    for step in reversed(back[:chosen]):
        end = int(step[end])
        start.append(end)
    first = np.array([0, *reversed(start)], np.int64)
    people = np.add.reduceat(n, first)
    rate = np.add.reduceat(k, first) / np.where(people > 0, people, 1)
    return Segments(first, rate, criterion)


def _points(
    passed: ArrayLike, sat: ArrayLike, centre: float | None
) -> tuple[Floats, Floats, float]:
    k, n = (np.atleast_1d(a) for a in counts(passed, sat))
    if k.ndim != 1 or k.size == 0:
        raise ValueError("need a vector with at least one point")
    if centre is None:
        return k, n, float(k.sum() / n.sum())
    return k, n, probability("centre", centre, closed=True)


def _normal_chart(k: Floats, n: Floats, mid: float, sigma_z: float, level: float) -> ControlChart:
    reach = stats.norm.isf((1 - probability("level", level)) / 2) * sigma_z
    half = reach * np.sqrt(mid * (1 - mid) / n)
    low, high = np.maximum(mid - half, 0), np.minimum(mid + half, 1)
    return ControlChart(k, n, k / n, mid, low, high, _outside(k / n, low, high), sigma_z, level)


def _outside(rate: Floats, low: Floats, high: Floats) -> Bools:
    slack = 1e-12  # a rate on its limit is inside, whatever the rounding
    return np.asarray((rate < low - slack) | (rate > high + slack))


def _segment_log_likelihood(k: Floats, n: Floats) -> Floats:
    """Log-likelihood of points i to j - 1 at their own rate, for all i < j."""
    passed = np.concatenate([[0.0], np.cumsum(k)])
    sat = np.concatenate([[0.0], np.cumsum(n)])
    a = np.maximum(passed[None, :] - passed[:, None], 0)
    m = np.maximum(sat[None, :] - sat[:, None], 0)
    b = m - a
    rate = a / np.where(m > 0, m, 1)
    return np.asarray(special.xlogy(a, rate) + special.xlogy(b, 1 - rate), float)
