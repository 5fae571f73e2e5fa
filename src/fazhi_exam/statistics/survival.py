"""Attempts to pass: the share that has passed by each attempt, with people still under way."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ..typing import Bools, Floats
from .counts import probability


class Ending(IntEnum):
    """How a person's series of attempts stands."""

    UNDER_WAY = 0
    PASSED = 1
    LEFT = 2


@dataclass(frozen=True, slots=True)
class Outlook:
    """Shares that pass and that leave without passing, by attempt (or time).

    Parameters
    ----------
    time
        Shape (times,), ascending.
    at_risk
        Shape (times,): people who made that attempt.
    passed_by, left_by, under_way
        Shape (times,): shares; the three sum to 1.
    """

    time: Floats
    at_risk: Floats
    passed_by: Floats
    left_by: Floats
    under_way: Floats


@dataclass(frozen=True, slots=True)
class AttemptCurve:
    """Kaplan-Meier curve over attempt number, or over any other waiting time.

    Parameters
    ----------
    time
        Shape (times,): the attempt numbers (or times) at which anything happened, ascending.
    at_risk, events
        Shape (times,): people who made that attempt, and those who passed at it.
    passed_by
        Shape (times,): estimated share that passes within that many attempts, 1 - Kaplan-Meier.
    low, high
        Shape (times,): its pointwise interval (log-log scale). While nobody has passed, low is 0
        and high is the Clopper-Pearson bound for no pass among those at risk; once all have
        passed, high is 1 and low stays at its last estimated value.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    passed_by: Floats
    low: Floats
    high: Floats

    @property
    def median(self) -> float:
        """Attempts until half have passed; infinite if that was not seen."""
        reached = self.passed_by >= 0.5 - 1e-12
        return float(self.time[np.argmax(reached)]) if reached.any() else np.inf


@dataclass(frozen=True, slots=True)
class LogRank:
    """Whether groups differ in how soon they pass.

    Parameters
    ----------
    statistic, freedom, p_value
        Chi-square, its degrees of freedom, and the p-value.
    observed, expected
        Shape (groups,): passes seen, and expected if the groups did not differ.
    """

    statistic: float
    freedom: int
    p_value: float
    observed: Floats
    expected: Floats


def attempts_to_pass(
    attempts: ArrayLike,
    passed: ArrayLike,
    *,
    people: ArrayLike | None = None,
    level: float = 0.95,
) -> AttemptCurve:
    """Estimate the share that passes within 1, 2, … attempts.

    Parameters
    ----------
    attempts
        Shape (people,), positive: the attempt at which each person passed, or the last one made.
    passed
        Shape (people,): whether that attempt was a pass. The others are censored: they have not
        had their next chance yet. People who gave up for reasons linked to their chance of
        passing make the curve too high; say so beside it.
    people
        Shape (people,), positive whole numbers: how many persons each entry stands for, when equal
        ones were counted together; one each by default.
    level
        Coverage of the interval, in (0, 1).

    Raises
    ------
    ValueError
        If there is nobody, a number is missing or not positive, or lengths differ.

    References
    ----------
    Kaplan and Meier (1958), JASA 53:457-481 (scipy's own); Kalbfleisch and Prentice (1980) for
    the log-log interval.
    """
    probability("level", level)
    time, event = _people(attempts, passed)
    if people is None:
        curve = stats.ecdf(stats.CensoredData(uncensored=time[event], right=time[~event]))
        at = np.asarray(curve.sf.quantiles, float)
        survival = np.asarray(curve.sf.probabilities, float)
        weight = np.ones_like(time)
    else:
        weight = _weights(people, time)
        at = np.unique(time)
    at_risk = np.array([weight[time >= t].sum() for t in at], float)
    events = np.array([weight[event & (time == t)].sum() for t in at], float)
    if people is not None:
        # scipy's takes persons one by one, and there may be tens of millions.
        survival = np.cumprod(1 - events / at_risk)
    low, high = _log_log(survival, at_risk, events, level)
    return AttemptCurve(at, at_risk, events, 1 - survival, 1 - high, 1 - low)


def outlook(attempts: ArrayLike, ending: ArrayLike) -> Outlook:
    """Estimate who passes when some leave the post before they pass.

    Parameters
    ----------
    attempts
        Shape (people,), positive: the last attempt made (or time observed).
    ending
        Shape (people,): `Ending` values. Those under way are censored; those who left can no
        longer pass, which a Kaplan-Meier curve would overlook.

    Raises
    ------
    ValueError
        If there is nobody, a number is missing or out of range, or lengths differ.

    References
    ----------
    Aalen and Johansen (1978), Scandinavian Journal of Statistics 5:141-150.
    """
    state = np.asarray(ending)
    if not np.isin(state, [e.value for e in Ending]).all():
        raise ValueError("ending must be 0, 1 or 2")
    time = _people(attempts, state != Ending.UNDER_WAY)[0]
    at, place = np.unique(time, return_inverse=True)
    place = place.reshape(-1)
    at_risk = np.cumsum(np.bincount(place)[::-1])[::-1].astype(float)
    share = [
        np.bincount(place[state == e], minlength=at.size) / at_risk
        for e in (Ending.PASSED, Ending.LEFT)
    ]
    stay = np.cumprod(1 - share[0] - share[1])
    before = np.concatenate([[1.0], stay[:-1]])
    passed, left = (np.cumsum(before * part) for part in share)
    return Outlook(at, at_risk, passed, left, np.maximum(1 - passed - left, 0))


def log_rank(attempts: ArrayLike, passed: ArrayLike, group: ArrayLike) -> LogRank:
    """Compare groups by the log-rank test.

    Parameters
    ----------
    attempts, passed
        Shape (people,), as `attempts_to_pass`.
    group
        Shape (people,): any labels; results are in the sorted order of `numpy.unique`.

    Returns
    -------
    test
        If nobody passed, or only one group had people at risk when somebody did, there is nothing
        to compare: statistic 0, p = 1.

    Raises
    ------
    ValueError
        As `attempts_to_pass`, or if there are fewer than two groups.

    References
    ----------
    Mantel (1966), Cancer Chemotherapy Reports 50:163-170; ties by the hypergeometric variance.
    """
    time, event = _people(attempts, passed)
    labels, code = np.unique(np.asarray(group), return_inverse=True)
    if code.shape != time.shape or labels.size < 2:
        raise ValueError("need one group label per person and at least two groups")
    at, place = np.unique(time, return_inverse=True)
    left = np.zeros((labels.size, at.size))
    np.add.at(left, (code, place), 1)
    deaths = np.zeros_like(left)
    np.add.at(deaths, (code[event], place[event]), 1)
    risk = np.cumsum(left[:, ::-1], axis=1)[:, ::-1]
    n, d = risk.sum(axis=0), deaths.sum(axis=0)
    share = risk / n
    expected = (share * d).sum(axis=1)
    spread = d * (n - d) / np.maximum(n - 1, 1)
    variance = np.diag(share @ spread) - (share * spread) @ share.T
    gap = deaths.sum(axis=1) - expected
    freedom = int(np.linalg.matrix_rank(variance, tol=1e-9, hermitian=True))
    statistic = float(gap @ np.linalg.pinv(variance, rcond=1e-9, hermitian=True) @ gap)
    p_value = float(stats.chi2.sf(statistic, freedom)) if freedom else 1.0
    return LogRank(statistic if freedom else 0.0, freedom, p_value, deaths.sum(axis=1), expected)


def _people(attempts: ArrayLike, passed: ArrayLike) -> tuple[Floats, Bools]:
    time, flag = np.asarray(attempts, float), np.asarray(passed)
    if time.ndim != 1 or time.size == 0 or flag.shape != time.shape:
        raise ValueError("need two vectors of equal length with at least one person")
    if not np.all((time > 0) & np.isfinite(time)) or not np.isin(flag, (0, 1)).all():
        raise ValueError("attempts must be positive and passed must be true or false")
    return time, flag.astype(np.bool_)


def _weights(people: ArrayLike, time: Floats) -> Floats:
    weight = np.asarray(people, float)
    if weight.shape != time.shape or not np.all((weight >= 1) & (weight == np.floor(weight))):
        raise ValueError("people must be positive whole numbers, one for each entry")
    return weight


def _log_log(
    survival: Floats, at_risk: Floats, events: Floats, level: float
) -> tuple[Floats, Floats]:
    """Interval of a survival curve by Greenwood's variance on the log(-log) scale."""
    inside = (survival > 0) & (survival < 1)
    low, high = np.zeros_like(survival), np.ones_like(survival)
    z = stats.norm.isf((1 - level) / 2)
    rest = np.where(at_risk > events, at_risk - events, 1)
    greenwood = np.cumsum(events / (at_risk * rest))
    log = np.log(survival[inside])
    reach = z * np.sqrt(greenwood[inside]) / np.abs(log)
    low[inside], high[inside] = np.exp(log * np.exp(reach)), np.exp(log * np.exp(-reach))
    # Nobody has passed yet: the exact bound for no event among those at risk.
    none = survival == 1
    low[none] = ((1 - level) / 2) ** (1 / at_risk[none])
    # All have passed: the scale breaks down, the last estimated upper bound stays.
    high[survival == 0] = high[inside][-1] if inside.any() else 1 - low[none][-1:].sum()
    return low, high
