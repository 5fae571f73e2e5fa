"""Differential item functioning: an item harder for a group than its ability explains.

Groups are coded 0 (reference) and 1 (focal). Signs: positive always means *harder for the focal
group*, except on the ETS delta scale, which by convention is negative then.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit
from scipy.stats import chi2, norm

from ..errors import NotEnoughData
from ..typing import Floats
from .classical import presented


class EtsClass(Enum):
    """Size of differential functioning by the rules of Educational Testing Service."""

    A = "negligible"
    B = "moderate"
    C = "large"


def _two_groups(item: ArrayLike, group: ArrayLike, matching: ArrayLike) -> tuple[Floats, ...]:
    """Item score, group and matching score of those who were presented the item."""
    x = np.asarray(item, dtype=np.float64)
    g, m = np.asarray(group), np.asarray(matching, dtype=np.float64)
    if x.ndim != 1 or g.shape != x.shape or m.shape != x.shape:
        raise ValueError("item, group and matching need one value per person")
    if np.any((g != 0) & (g != 1)):
        raise ValueError("groups are coded 0 (reference) and 1 (focal)")
    use = (x >= 0) & np.isfinite(m)
    x, g, m = x[use], g[use].astype(np.float64), m[use]
    smaller = int(min(g.sum(), (1 - g).sum()))
    if smaller < 2:
        raise NotEnoughData("项目功能差异", smaller, 2, "人（较小的组）")
    return x, g, m


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """Mantel-Haenszel test of one right/wrong item.

    Parameters
    ----------
    odds_ratio
        Common odds ratio, reference against focal; above 1: harder for the focal group.
    log_error
        Standard error of its logarithm (Robins, Breslow & Greenland 1986).
    chi_square, p
        Test with continuity correction, one degree of freedom.
    delta, delta_error
        ``-2.35 ln(odds_ratio)`` and its standard error; negative: harder for the focal group.
    ets
        A: not significant or ``|delta| < 1``; C: ``|delta| >= 1.5`` and significantly above 1;
        otherwise B.
    """

    odds_ratio: float
    log_error: float
    chi_square: float
    p: float
    delta: float
    delta_error: float
    ets: EtsClass


def mantel_haenszel_tables(tables: ArrayLike, *, level: float = 0.05) -> MantelHaenszel:
    """Mantel-Haenszel statistics of stratified two-by-two tables.

    Parameters
    ----------
    tables
        Shape ``(strata, 2, 2)``: rows reference and focal, columns right and wrong, as counts.
    level
        Significance level for the ETS class.

    References
    ----------
    Mantel & Haenszel (1959); Holland & Thayer (1988); Zwick & Ercikan (1989) for the classes.
    """
    t = np.asarray(tables, dtype=np.float64)
    if t.ndim != 3 or t.shape[1:] != (2, 2) or np.any(t < 0):
        raise ValueError("tables need the shape (strata, 2, 2) and counts >= 0")
    t = t[t.sum(axis=(1, 2)) > 1]
    a, b, c, d = t[:, 0, 0], t[:, 0, 1], t[:, 1, 0], t[:, 1, 1]
    n = a + b + c + d
    r, s = a * d / n, b * c / n
    rows, right = a + b, a + c
    variance = rows * (n - rows) * right * (n - right) / (n**2 * (n - 1))
    if not variance.sum() > 0:
        raise NotEnoughData("项目功能差异", 0, 1, "个两组都有人、对错都有的分数层")
    gap = abs(float((a - rows * right / n).sum()))
    chi = max(gap - 0.5, 0.0) ** 2 / float(variance.sum())
    p_value = float(chi2.sf(chi, 1))
    top, bottom = float(r.sum()), float(s.sum())
    if top == 0 or bottom == 0:
        ratio = np.inf if bottom == 0 else 0.0
        delta = -np.inf if bottom == 0 else np.inf
        nan = float("nan")
        return MantelHaenszel(ratio, nan, chi, p_value, delta, nan, EtsClass.B)
    same, other = (a + d) / n, (b + c) / n
    log_variance = (
        (same * r).sum() / (2 * top**2)
        + (same * s + other * r).sum() / (2 * top * bottom)
        + (other * s).sum() / (2 * bottom**2)
    )
    ratio, log_error = top / bottom, float(np.sqrt(log_variance))
    delta, delta_error = -2.35 * float(np.log(ratio)), 2.35 * log_error
    beyond_one = abs(delta) - 1 > float(norm.ppf(1 - level)) * delta_error
    if p_value >= level or abs(delta) < 1:
        ets = EtsClass.A
    else:
        ets = EtsClass.C if abs(delta) >= 1.5 and beyond_one else EtsClass.B
    return MantelHaenszel(ratio, log_error, chi, p_value, delta, delta_error, ets)


def mantel_haenszel(
    item: ArrayLike, group: ArrayLike, matching: ArrayLike, *, level: float = 0.05
) -> MantelHaenszel:
    """Mantel-Haenszel test of one right/wrong item with people matched on a score.

    Parameters
    ----------
    item
        Shape ``(people,)``: 1 right, 0 wrong, negative not presented.
    group
        0 reference, 1 focal.
    matching
        Matching score, usually the total with the item included (Holland & Thayer 1988); every
        distinct value is a stratum.

    Raises
    ------
    NotEnoughData
        If a group has fewer than two people, or no stratum can be compared.
    """
    x, g, m = _two_groups(item, group, matching)
    if np.any((x != 0) & (x != 1)):
        raise ValueError("the item must be scored 0 or 1; use `standardisation` for more scores")
    _, stratum = np.unique(m, return_inverse=True)
    cell = stratum * 4 + g.astype(np.int64) * 2 + (1 - x.astype(np.int64))
    counts = np.bincount(cell, minlength=4 * (int(stratum.max()) + 1))
    return mantel_haenszel_tables(counts.reshape(-1, 2, 2), level=level)


@dataclass(frozen=True, slots=True)
class Standardisation:
    """Standardised difference in expected item score, and its standard error.

    `difference` is reference minus focal at equal matching score, weighted by the focal group,
    in item points: positive is harder for the focal group. `error` is its standard error.
    """

    difference: float
    error: float


def standardisation(item: ArrayLike, group: ArrayLike, matching: ArrayLike) -> Standardisation:
    """Standardisation index for items with any number of scores (Dorans & Kulick 1986)."""
    x, g, m = _two_groups(item, group, matching)
    gap, variance, weight = _strata(x, g, m)
    if not weight.sum() > 0:
        raise NotEnoughData("项目功能差异", 0, 1, "个两组都有人的分数层")
    w = weight / weight.sum()
    return Standardisation(float(w @ gap), float(np.sqrt(w**2 @ variance)))


def _strata(x: Floats, g: Floats, m: Floats) -> tuple[Floats, Floats, Floats]:
    """Return reference minus focal mean, its variance and the focal count by shared stratum."""
    _, k = np.unique(m, return_inverse=True)
    size = int(k.max()) + 1
    parts = []
    for code in (0, 1):
        w = (g == code).astype(np.float64)
        n = np.bincount(k, w, size)
        one, two = np.bincount(k, w * x, size), np.bincount(k, w * x * x, size)
        parts.append((n, one, two))
    shared = (parts[0][0] > 0) & (parts[1][0] > 0)
    (nr, r1, r2), (nf, f1, f2) = ([a[shared] for a in part] for part in parts)
    variance = (r2 / nr - (r1 / nr) ** 2) / nr + (f2 / nf - (f1 / nf) ** 2) / nf
    gap: Floats = r1 / nr - f1 / nf
    return gap, variance, np.asarray(nf, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class OrdinalDif:
    """Mantel's test for items with several scores.

    Parameters
    ----------
    chi_square, p
        Test of equal mean scores at equal matching score, one degree of freedom.
    difference
        Standardised mean difference, reference minus focal, in points.
    effect
        `difference` over the item's standard deviation in both groups together.
    ets
        A: not significant or ``|effect| <= 0.17``; C: ``|effect| > 0.25``; otherwise B.
    """

    chi_square: float
    p: float
    difference: float
    effect: float
    ets: EtsClass


def ordinal_dif(
    item: ArrayLike, group: ArrayLike, matching: ArrayLike, *, level: float = 0.05
) -> OrdinalDif:
    """Mantel's test and effect size for items with any number of ordered scores.

    References
    ----------
    Mantel (1963), JASA 58:690-700; Zwick, Thayer & Mazzeo (1997) for the classes. For two scores
    the chi-square is Mantel-Haenszel's without the continuity correction.
    """
    x, g, m = _two_groups(item, group, matching)
    _, k = np.unique(m, return_inverse=True)
    size = int(k.max()) + 1
    n, focal = np.bincount(k, minlength=size), np.bincount(k, g, size)
    one, two = np.bincount(k, x, size), np.bincount(k, x * x, size)
    use = n > 1
    n, focal, one, two = n[use], focal[use], one[use], two[use]
    got = float(np.bincount(k, x * g, size)[use].sum())
    variance = float(((n - focal) * focal * (n * two - one**2) / (n**2 * (n - 1))).sum())
    if variance <= 0:
        raise NotEnoughData("项目功能差异", 0, 1, "个两组都有人、得分不同的分数层")
    chi = (got - float((focal * one / n).sum())) ** 2 / variance
    p = float(chi2.sf(chi, 1))
    difference = standardisation(item, group, matching).difference
    effect = difference / float(x.std(ddof=1))
    size_class = EtsClass.C if abs(effect) > 0.25 else EtsClass.B
    small = p >= level or abs(effect) <= 0.17
    return OrdinalDif(chi, p, difference, effect, EtsClass.A if small else size_class)


@dataclass(frozen=True, slots=True)
class LogisticDif:
    """Logistic regression of a right/wrong item on ability and group.

    Parameters
    ----------
    uniform, uniform_p
        Likelihood-ratio chi-square (1 degree of freedom) of the group effect, and p-value.
    non_uniform, non_uniform_p
        The same for the interaction of group and matching score, given the group effect.
    total_p
        p-value of both together (2 degrees of freedom).
    group_effect
        Log odds lost by the focal group at equal matching score (positive: harder for it).
    r2_change
        Gain in Nagelkerke's R² from both terms; below 0.035 is negligible, from 0.07 large
        (Jodoin & Gierl 2001).
    """

    uniform: float
    uniform_p: float
    non_uniform: float
    non_uniform_p: float
    total_p: float
    group_effect: float
    r2_change: float


def logistic_dif(item: ArrayLike, group: ArrayLike, matching: ArrayLike) -> LogisticDif:
    """Logistic-regression test of uniform and non-uniform differential functioning.

    References
    ----------
    Swaminathan & Rogers (1990), J. Educ. Meas. 27:361-370.
    """
    x, g, m = _two_groups(item, group, matching)
    if np.any((x != 0) & (x != 1)):
        raise ValueError("the item must be scored 0 or 1")
    spread = float(m.std())
    z = (m - m.mean()) / spread if spread > 0 else m * 0
    full = np.column_stack([np.ones(x.size), z, g, g * z])
    fits = [_logistic(full[:, :k], x) for k in (2, 3, 4)]
    deviance = [fit[1] for fit in fits]
    one, two = max(deviance[0] - deviance[1], 0.0), max(deviance[1] - deviance[2], 0.0)
    base = float(_logistic(full[:, :1], x)[1])

    def nagelkerke(d: float) -> float:
        top = 1 - np.exp(-base / x.size)
        return float((1 - np.exp((d - base) / x.size)) / top) if top > 0 else 0.0

    return LogisticDif(
        one,
        float(chi2.sf(one, 1)),
        two,
        float(chi2.sf(two, 1)),
        float(chi2.sf(one + two, 2)),
        -float(fits[1][0][2]),
        nagelkerke(deviance[2]) - nagelkerke(deviance[0]),
    )


def _logistic(design: Floats, y: Floats) -> tuple[Floats, float]:
    """Maximum-likelihood logistic regression; coefficients and deviance.

    Where the data are separable the coefficients run off and the deviance is the limit to 1e-8.
    """
    beta = np.zeros(design.shape[1])
    deviance = np.inf
    for _ in range(60):
        eta = design @ beta
        # log(1 + e^eta) without overflow
        now = 2 * float((np.logaddexp(0, eta) - y * eta).sum())
        if abs(deviance - now) < 1e-10 * (1 + abs(now)):
            break
        deviance = now
        p = expit(eta)
        information = (design * (p * (1 - p))[:, None]).T @ design
        beta = beta + np.linalg.lstsq(information, design.T @ (y - p), rcond=None)[0]
        beta = np.clip(beta, -50, 50)
    return beta, min(deviance, now)


@dataclass(frozen=True, slots=True)
class Sibtest:
    """SIBTEST of one or several studied items.

    `beta` is reference minus focal in points at equal true matching score (positive: harder for
    the focal group); `error` its standard error, `z` and `p` the two-sided test.
    """

    beta: float
    error: float
    z: float
    p: float


def sibtest(
    studied: ArrayLike, matching_scores: ArrayLike, group: ArrayLike, *, least: int = 2
) -> Sibtest:
    """Simultaneous item bias test with the regression correction.

    Parameters
    ----------
    studied
        Shape ``(people,)``: score on the studied item or bundle.
    matching_scores
        Shape ``(people, items)``: scores on the matching items, without the studied ones.
    group
        0 reference, 1 focal.
    least
        People needed in each group at a matching score for it to be used.

    Notes
    -----
    Matching on an observed score favours the group with the higher mean; the correction moves
    both groups' item means to a common estimated true score. Shealy & Stout (1993), Psychometrika
    58:159-194.
    """
    items, mask = presented(matching_scores)
    if not mask.all():
        raise ValueError("SIBTEST needs every matching item presented to everyone")
    total = items.sum(axis=1)
    y, g, t = _two_groups(studied, group, total)
    codes = np.asarray(group)[np.asarray(studied, dtype=np.float64) >= 0]
    rows = items[np.asarray(studied, dtype=np.float64) >= 0]
    levels = np.unique(t)
    values, table = [], []
    for code in (0, 1):
        own = g == code
        scores = rows[codes == code]
        spread = float(scores.sum(1).var(ddof=1))
        k = scores.shape[1]
        reliability = (
            k / (k - 1) * (1 - scores.var(axis=0, ddof=1).sum() / spread) if spread > 0 else 0.0
        )
        centre = float(t[own].mean())
        values.append(centre + max(reliability, 0.0) * (levels - centre))
        index = np.searchsorted(levels, t[own])
        n = np.bincount(index, minlength=levels.size).astype(np.float64)
        one = np.bincount(index, y[own], levels.size)
        two = np.bincount(index, y[own] ** 2, levels.size)
        with np.errstate(invalid="ignore", divide="ignore"):
            table.append((n, one / n, (two - one**2 / n) / np.maximum(n - 1, 1)))
    (nr, mr, vr), (nf, mf, vf) = table
    use = (nr >= least) & (nf >= least)
    if use.sum() < 3:
        raise NotEnoughData("SIBTEST", int(use.sum()), 3, "个两组都有人的匹配分")
    target = (values[0] + values[1]) / 2
    adjusted = []
    for code, mean in ((0, mr), (1, mf)):
        at = np.flatnonzero(use)
        around = np.clip(np.arange(at.size), 1, at.size - 2)
        low, high = at[around - 1], at[around + 1]
        true = values[code]
        step = true[high] - true[low]
        slope = np.divide(mean[high] - mean[low], step, out=np.zeros(at.size), where=step > 0)
        adjusted.append(mean[at] + slope * (target[at] - true[at]))
    weight = nf[use] + nr[use]
    weight = weight / weight.sum()
    beta = float(weight @ (adjusted[0] - adjusted[1]))
    error = float(np.sqrt(weight**2 @ (vr[use] / nr[use] + vf[use] / nf[use])))
    z = beta / error if error > 0 else float("nan")
    return Sibtest(beta, error, z, float(2 * norm.sf(abs(z))))
