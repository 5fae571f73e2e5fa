"""Trend of a rate over ordered groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from ..typing import Floats
from .counts import counts


@dataclass(frozen=True, slots=True)
class Trend:
    """Whether a rate rises or falls over ordered groups.

    Parameters
    ----------
    slope
        Change of the rate per unit of score, by weighted least squares.
    z
        Signed statistic; its square is chi-square with one degree of freedom.
    p_value
        Two-sided.
    """

    slope: float
    z: float
    p_value: float


def cochran_armitage(
    passed: ArrayLike, sat: ArrayLike, *, scores: ArrayLike | None = None
) -> Trend:
    """Cochran-Armitage test for a linear trend of rates.

    Parameters
    ----------
    passed, sat
        Shape (groups,), in order; empty groups drop out.
    scores
        Shape (groups,), finite; positions 1, 2, … by default.

    Returns
    -------
    trend
        If all passed, all failed or all scores are equal there is no trend: zeros and p = 1.

    Raises
    ------
    ValueError
        If counts or scores are out of range or missing, or fewer than two groups have people.

    References
    ----------
    Armitage (1955), Biometrics 11:375-386; the variance uses N, as in R's ``prop.trend.test``.
    """
    k, n, x = _ordered(passed, sat, scores)
    rate = k.sum() / n.sum()
    centred = x - n @ x / n.sum()
    cross, square = float(centred @ (k - n * rate)), float(n @ centred**2)
    if square == 0 or rate in (0.0, 1.0):
        return Trend(0.0, 0.0, 1.0)
    z = cross / float(np.sqrt(rate * (1 - rate) * square))
    return Trend(cross / square, z, float(2 * stats.norm.sf(abs(z))))


def exact_trend(
    passed: ArrayLike, sat: ArrayLike, *, scores: ArrayLike | None = None
) -> tuple[float, float]:
    """Exact conditional trend test: all ways to share the passes among the groups.

    Parameters
    ----------
    passed, sat
        Shape (groups,), in order; empty groups drop out.
    scores
        Shape (groups,), finite; positions 1, 2, … by default. Any real scores will do, but the
        work grows with the number of different sums they make: use whole or half numbers.

    Returns
    -------
    one_sided, two_sided
        Chance, given the totals, of a sum of scores at least as far out in the observed direction;
        and of one at least as far from its mean on either side.

    Raises
    ------
    ValueError
        As `cochran_armitage`.

    References
    ----------
    Agresti (2002), Categorical Data Analysis, 2nd edition, section 3.5.3.
    """
    k, n, x = _ordered(passed, sat, scores)
    total = int(k.sum())
    values, log_ways = _score_sums(n, x, total)
    mean = total * float(n @ x / n.sum())
    weight = np.exp(log_ways - special.logsumexp(log_ways))
    gap, observed = values - mean, float(k @ x) - mean
    slack = 1e-9 * max(1.0, float(np.max(np.abs(values))))
    side = gap >= observed - slack if observed >= 0 else gap <= observed + slack
    far = np.abs(gap) >= abs(observed) - slack
    return min(1.0, float(weight[side].sum())), min(1.0, float(weight[far].sum()))


def _ordered(
    passed: ArrayLike, sat: ArrayLike, scores: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    k, n = (np.atleast_1d(a) for a in counts(passed, sat, empty=True))
    x = np.arange(1.0, n.size + 1) if scores is None else np.asarray(scores, float)
    if n.ndim != 1 or x.shape != n.shape or not np.isfinite(x).all():
        raise ValueError("need vectors of equal length with finite scores")
    some = n > 0
    if some.sum() < 2:
        raise ValueError("need at least two groups with people")
    return k[some], n[some], x[some]


def _score_sums(n: Floats, x: Floats, total: int) -> tuple[Floats, Floats]:
    """All sums of scores of `total` passes, with the log of the number of ways to get each.

    Groups are added one by one; states are (passes so far, sum so far), equal ones merged.
    """
    used, sums, ways = np.zeros(1), np.zeros(1), np.zeros(1)
    left = n.sum()
    for size, score in zip(n, x, strict=True):
        left -= size
        take = np.arange(size + 1)
        many = used[:, None] + take
        value = sums[:, None] + score * take
        log = ways[:, None] - np.log1p(size) - special.betaln(size - take + 1, take + 1)
        possible = (many <= total) & (many + left >= total)
        used, sums, ways = _merged(many[possible], value[possible], log[possible])
    return sums, ways


def _merged(used: Floats, sums: Floats, ways: Floats) -> tuple[Floats, Floats, Floats]:
    order = np.lexsort((sums, used))
    used, sums, ways = used[order], sums[order], ways[order]
    # Sums that differ only by rounding are one state.
    new = (np.diff(used) > 0) | (np.diff(sums) > 1e-9 * np.maximum(1, np.abs(sums[1:])))
    start = np.flatnonzero(np.concatenate([[True], new]))
    return used[start], sums[start], np.logaddexp.reduceat(ways, start)
