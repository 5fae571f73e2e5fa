"""What luck alone would give if every unit had the same true rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from ..typing import Floats
from .counts import counts, probability


@dataclass(frozen=True, slots=True)
class Luck:
    """Numbers for the sentence "units of this size would differ this much anyway".

    Parameters
    ----------
    rate
        The common true rate that is assumed.
    units
        How many units there are.
    all_passed, all_failed
        Expected number of units at 100 % and at 0 %.
    threshold, below
        A rate, and the expected number of units whose observed rate is under it.
    worst, best
        Median observed rate of the worst and of the best unit.
    """

    rate: float
    units: int
    all_passed: float
    all_failed: float
    threshold: float
    below: float
    worst: float
    best: float


def what_luck_gives(rate: float, sat: ArrayLike, *, threshold: float) -> Luck:
    """Say by exact binomial arithmetic what equal units of these sizes would show.

    Parameters
    ----------
    rate
        Common true rate in [0, 1].
    sat
        Shape (units,), at least one person each.
    threshold
        A rate in [0, 1]; units strictly under it are counted.

    Raises
    ------
    ValueError
        If there is no unit, an empty unit, or a rate outside [0, 1].
    """
    p = probability("rate", rate, closed=True)
    line = probability("threshold", threshold, closed=True)
    n = np.atleast_1d(counts(0, sat)[1])
    if n.size == 0:
        raise ValueError("need at least one unit")
    size, units = np.unique(n, return_counts=True)
    return Luck(
        rate=p,
        units=n.size,
        all_passed=float(units @ p**size),
        all_failed=float(units @ (1 - p) ** size),
        threshold=line,
        below=float(units @ stats.binom.cdf(_largest_under(line, size), size, p)),
        worst=_median_worst(p, size, units),
        best=1 - _median_worst(1 - p, size, units),
    )


def _largest_under(line: float, size: Floats) -> Floats:
    """Largest count whose rate is strictly under the line; -1 if there is none."""
    exact = line * size
    # 0.85 * 20 is 17 on paper but need not be in binary; a count within rounding is on the line.
    near = np.abs(exact - np.round(exact)) < 1e-9 * np.maximum(size, 1)
    return np.asarray(np.where(near, np.round(exact), np.ceil(exact)) - 1, float)


def _median_worst(
    p: float, size: Floats, units: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> float:
    """Smallest rate r with P(some unit is at or under r) >= 1/2."""
    low, high = -1e-12, 1.0  # P(<= low) = 0, P(<= high) = 1
    while high - low > 1e-11:
        middle = (low + high) / 2
        count = np.floor(middle * size + 1e-10)
        above = units @ special.xlogy(1.0, stats.binom.sf(count, size, p))
        low, high = (low, middle) if above <= np.log(0.5) else (middle, high)
    # The answer is a rate that some unit can show: the attainable one nearest to the bracket.
    attainable = np.round(high * size) / size
    return float(attainable[np.argmin(np.abs(attainable - high))])
