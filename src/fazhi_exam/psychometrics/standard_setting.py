"""Numerics of standard setting: from judgements to a cut and how sure it is.

Every function returns an unrounded cut in the units of its input. Rounding, the record of the
panel and the decision belong to whoever sets the standard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit
from scipy.stats import binom

from ..errors import NotEnoughData
from ..typing import Bools, Floats, Ints, Rng, generator
from .classical import correlation
from .models import ItemModel


@dataclass(frozen=True, slots=True)
class RaterCuts:
    """Cuts of several raters and their summary, in points.

    Parameters
    ----------
    cut
        Mean over raters.
    error
        Standard error over raters, ``sd / sqrt(raters)``: how far another like panel may differ.
    by_rater
        Shape ``(raters,)``.
    without
        Cut if each rater in turn were left out, shape ``(raters,)``.
    """

    cut: float
    error: float
    by_rater: Floats
    without: Floats


def _summary(by_rater: Floats) -> RaterCuts:
    n = by_rater.size
    if n < 2:
        raise NotEnoughData("标准设定", n, 2, "位评委")
    cut = float(by_rater.mean())
    error = float(by_rater.std(ddof=1) / np.sqrt(n))
    return RaterCuts(cut, error, by_rater, (n * cut - by_rater) / (n - 1))


@dataclass(frozen=True, slots=True)
class Angoff:
    """Result of an Angoff round.

    Parameters
    ----------
    cuts
        Cut in points, overall and by rater.
    severity
        Mean amount by which a rater lies above the others on the items rated, shape
        ``(raters,)``, as a share of the points.
    item_mean, item_deviation
        Mean and spread over raters of each item's rating, shape ``(items,)``.
    rater_consistency
        Correlation of each rater with the mean of the others over items, ``(raters,)``.
    facility_correlation
        Correlation of each rater with the observed facilities; NaN without them.
    item_variance, rater_variance, residual_variance
        Components of the raters x items design (complete ratings only, otherwise NaN).
    dependability
        Share of the variance of mean ratings that is due to items and not to the panel (Phi);
        NaN with missing ratings.
    """

    cuts: RaterCuts
    severity: Floats
    item_mean: Floats
    item_deviation: Floats
    rater_consistency: Floats
    facility_correlation: Floats
    item_variance: float
    rater_variance: float
    residual_variance: float
    dependability: float


def angoff(
    ratings: ArrayLike, *, points: ArrayLike = 1.0, facility: ArrayLike | None = None
) -> Angoff:
    """Set a cut by modified Angoff: the chance that a borderline person wins an item's points.

    Parameters
    ----------
    ratings
        Shape ``(raters, items)``, shares in [0, 1]; NaN where a rater did not rate an item.
    points
        Points of each item, shape ``(items,)`` or one number.
    facility
        Observed facility of each item, shape ``(items,)``, to see how realistic raters are.

    Raises
    ------
    NotEnoughData
        With fewer than two raters or an item without any rating.

    Notes
    -----
    Angoff (1971); variance components by the expected mean squares of a two-way design (Brennan
    2001, chapter 2). A rater's cut with missing ratings is the panel's mean plus that rater's
    severity, so that raters of easy items are not taken for lenient.
    """
    r = np.asarray(ratings, dtype=np.float64)
    if r.ndim != 2 or np.nanmin(r, initial=0.0) < 0 or np.nanmax(r, initial=1.0) > 1:
        raise ValueError("ratings must be a matrix of raters x items within [0, 1]")
    rated = np.isfinite(r)
    raters, items = r.shape
    if raters < 2:
        raise NotEnoughData("Angoff 标准设定", raters, 2, "位评委")
    if not rated.any(axis=0).all():
        raise NotEnoughData("Angoff 标准设定", int(rated.any(axis=0).sum()), items, "道有评分的题")
    w = np.broadcast_to(np.asarray(points, dtype=np.float64), (items,))
    if np.any(w <= 0):
        raise ValueError("points must be positive")
    filled = np.where(rated, r, 0.0)
    count = rated.sum(axis=0)
    mean = filled.sum(axis=0) / count
    gap = np.where(rated, r - mean, 0.0)
    weight = rated @ w
    severity = np.divide(gap @ w, weight, out=np.zeros(raters), where=weight > 0)
    spread = np.sqrt((gap**2).sum(axis=0) / np.maximum(count - 1, 1))
    spread[count < 2] = np.nan
    consistency, realism = np.full(raters, np.nan), np.full(raters, np.nan)
    for k in range(raters):
        own = rated[k] & (count > 1)
        others = (mean * count - filled[k])[own] / (count[own] - 1)
        consistency[k] = correlation(r[k, own], others)
        if facility is not None:
            seen = rated[k] & np.isfinite(np.asarray(facility, dtype=np.float64))
            realism[k] = correlation(r[k, seen], np.asarray(facility, dtype=np.float64)[seen])
    parts = _components(r) if rated.all() else (float("nan"),) * 4
    return Angoff(
        _summary(float(w @ mean) + severity * float(w.sum())),
        severity,
        mean,
        spread,
        consistency,
        realism,
        *parts,
    )


def _components(r: Floats) -> tuple[float, float, float, float]:
    raters, items = r.shape
    if items < 2:
        return (float("nan"),) * 4
    grand = float(r.mean())
    by_item, by_rater = r.mean(axis=0) - grand, r.mean(axis=1) - grand
    rest = r - grand - by_item - by_rater[:, None]
    ms_item = raters * float(by_item @ by_item) / (items - 1)
    ms_rater = items * float(by_rater @ by_rater) / (raters - 1)
    ms_rest = float((rest**2).sum()) / ((items - 1) * (raters - 1))
    item = max((ms_item - ms_rest) / raters, 0.0)
    rater = max((ms_rater - ms_rest) / items, 0.0)
    total = item + (rater + ms_rest) / raters
    return item, rater, ms_rest, item / total if total > 0 else float("nan")


def ebel(cells: ArrayLike, expected: ArrayLike, *, points: ArrayLike = 1.0) -> RaterCuts:
    """Ebel's method: raters sort items into cells and say what a borderline person wins in each.

    Parameters
    ----------
    cells
        Shape ``(raters, items)`` or ``(items,)`` if agreed: number of the cell (relevance x
        difficulty) each item was put into, from 0.
    expected
        Shape ``(raters, cells)``: share of a cell's points a borderline person wins, in [0, 1].
    points
        Points of each item.

    References
    ----------
    Ebel (1972), Essentials of Educational Measurement.
    """
    share = np.asarray(expected, dtype=np.float64)
    if share.ndim != 2 or not np.isfinite(share).all() or np.any((share < 0) | (share > 1)):
        raise ValueError("expected must be a matrix of raters x cells within [0, 1]")
    where = np.atleast_2d(np.asarray(cells))
    if np.any((where < 0) | (where >= share.shape[1])) or where.shape[0] not in (1, len(share)):
        raise ValueError("cells must be numbers below the number of columns, one row per rater")
    where = np.broadcast_to(where, (len(share), where.shape[1]))
    w = np.broadcast_to(np.asarray(points, dtype=np.float64), (where.shape[1],))
    return _summary(np.take_along_axis(share, where, axis=1) @ w)


def mastery_locations(
    models: Sequence[ItemModel], *, probability: float = 2 / 3
) -> tuple[Floats, Ints, Ints]:
    """Ability at which each score point of each item is reached with a given probability.

    Parameters
    ----------
    probability
        Response probability of the bookmark method, in (0, 1); 2/3 is usual, and 0.5 lowers
        every cut.

    Returns
    -------
    location, item, score
        Sorted by location, one entry per score point: ability, index of the item, score reached.
        Points whose probability never passes the value are ``inf``, always passed ``-inf``.
    """
    if not 0 < probability < 1:
        raise ValueError("probability must lie strictly between 0 and 1")
    rows = []
    for j, model in enumerate(models):
        for k in range(1, model.categories):
            low, high = -60.0, 60.0

            def reached(theta: float, k: int = k, model: ItemModel = model) -> float:
                return float(model.probabilities(theta)[k:].sum())

            if reached(high) < probability:
                rows.append((np.inf, j, k))
                continue
            if reached(low) > probability:
                rows.append((-np.inf, j, k))
                continue
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if reached(middle) < probability else (low, middle)
            rows.append(((low + high) / 2, j, k))
    rows.sort()
    location = np.array([row[0] for row in rows], dtype=np.float64)
    return location, np.array([row[1] for row in rows]), np.array([row[2] for row in rows])


def bookmark(locations: ArrayLike, pages: ArrayLike, *, between: float = 0.0) -> RaterCuts:
    """Bookmark method: the cut, on the scale of `locations`.

    Parameters
    ----------
    locations
        Locations of the ordered item booklet, rising, shape ``(pages,)``; see `mastery_locations`.
    pages
        Shape ``(raters,)``: page, from 1, of the first item a borderline person does *not*
        master; one past the last page if all are mastered.
    between
        0 puts the cut at the last mastered item (Mitzel, Lewis, Patz & Green 2001), 1 at the
        bookmarked one, 0.5 halfway.
    """
    x, page = np.asarray(locations, dtype=np.float64), np.asarray(pages)
    if x.ndim != 1 or not np.isfinite(x).all() or np.any(np.diff(x) < 0):
        raise ValueError("locations must be finite and rise")
    if page.ndim != 1 or np.any((page < 1) | (page > x.size + 1)) or not 0 <= between <= 1:
        raise ValueError("pages lie between 1 and one past the last, between in [0, 1]")
    before = x[np.maximum(page - 2, 0)]
    at = x[np.minimum(page - 1, x.size - 1)]
    return _summary(before + between * (at - before))


@dataclass(frozen=True, slots=True)
class ContrastingGroups:
    """Cuts that separate two judged groups.

    Parameters
    ----------
    even_odds
        Score at which a person is as likely to be in either group, by logistic regression (with
        the group sizes as they are).
    even_odds_error
        Its standard error by the delta method.
    crossing
        Where the two normal densities cross between the means (group sizes set aside).
    fewest_errors
        Score with the fewest misplaced people (middle of the best range).
    errors
        Misplaced people at that cut: the qualified below and the unqualified at or above.
    """

    even_odds: float
    even_odds_error: float
    crossing: float
    fewest_errors: float
    errors: int


def contrasting_groups(scores: ArrayLike, qualified: ArrayLike) -> ContrastingGroups:
    """Contrasting-groups method.

    Parameters
    ----------
    scores
        Shape ``(people,)``.
    qualified
        Shape ``(people,)``, true for people judged qualified by someone who did not see scores.

    Raises
    ------
    NotEnoughData
        If a group has fewer than five people, or the qualified do not score higher.

    References
    ----------
    Livingston & Zieky (1982), Passing Scores.
    """
    x, q = np.asarray(scores, dtype=np.float64), np.asarray(qualified, dtype=bool)
    if x.ndim != 1 or q.shape != x.shape or not np.isfinite(x).all():
        raise ValueError("scores and qualified need one value per person")
    smaller = int(min(q.sum(), (~q).sum()))
    if smaller < 5:
        raise NotEnoughData("对照组法", smaller, 5, "人（较小的组）")
    if x[q].mean() <= x[~q].mean():
        raise NotEnoughData("对照组法", 0, 1, "分的组间差距", "合格组的平均分应高于不合格组")
    best, errors = _fewest_errors(x, q)
    even, even_error = _even_odds(x, q, best)
    return ContrastingGroups(even, even_error, _crossing(x[q], x[~q]), best, errors)


def _fewest_errors(x: Floats, q: Bools) -> tuple[float, int]:
    values = np.unique(x)
    edges = np.append(values, values[-1] + 1.0)
    below = np.searchsorted(np.sort(x[q]), edges, side="left")
    above = (~q).sum() - np.searchsorted(np.sort(x[~q]), edges, side="left")
    wrong = below + above
    at = np.flatnonzero(wrong == wrong.min())
    return float((edges[at[0]] + edges[at[-1]]) / 2), int(wrong.min())


def _even_odds(x: Floats, q: Bools, separated: float) -> tuple[float, float]:
    """Logistic regression; if the groups do not overlap, the gap's middle without an error."""
    if x[q].min() > x[~q].max():
        return float((x[q].min() + x[~q].max()) / 2), float("nan")
    centre, scale = float(x.mean()), float(x.std())
    design = np.column_stack([np.ones(x.size), (x - centre) / scale])
    beta = np.zeros(2)
    for _ in range(100):
        p = expit(design @ beta)
        information = (design * (p * (1 - p))[:, None]).T @ design
        step = np.linalg.solve(information, design.T @ (q - p))
        beta = beta + step * min(1.0, 5 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-12:
            break
    if beta[1] <= 0:
        return separated, float("nan")
    cut = centre - scale * float(beta[0] / beta[1])
    slope = np.array([-scale / beta[1], scale * beta[0] / beta[1] ** 2])
    return cut, float(np.sqrt(slope @ np.linalg.solve(information, slope)))


def _crossing(high: Floats, low: Floats) -> float:
    """Crossing of two normal densities between their means; the midpoint if one has no spread."""
    m1, m0 = float(high.mean()), float(low.mean())
    v1, v0 = float(high.var(ddof=1)), float(low.var(ddof=1))
    if v1 <= 0 or v0 <= 0:
        return (m1 + m0) / 2
    roots = np.roots(
        [
            1 / (2 * v0) - 1 / (2 * v1),
            m1 / v1 - m0 / v0,
            m0**2 / (2 * v0) - m1**2 / (2 * v1) + np.log(np.sqrt(v0 / v1)),
        ]
    )
    real = roots[np.abs(roots.imag) < 1e-9].real
    inside = real[(real >= m0) & (real <= m1)]
    return float(inside[0]) if inside.size else (m1 + m0) / 2


@dataclass(frozen=True, slots=True)
class BorderlineGroup:
    """Median and mean score of people judged borderline.

    `low` and `high` enclose the median with at least the coverage `level` (exact binomial limits on
    order statistics; infinite if the group is too small for that); `people` is the group's size.
    """

    median: float
    mean: float
    low: float
    high: float
    level: float
    people: int


def borderline_group(scores: ArrayLike, *, level: float = 0.95) -> BorderlineGroup:
    """Borderline-group method: the median score of the people judged borderline.

    Parameters
    ----------
    scores
        Shape ``(people,)``.
    level
        Coverage of the limits, in (0, 1).
    """
    x = np.sort(np.asarray(scores, dtype=np.float64))
    if x.ndim != 1 or not np.isfinite(x).all() or not 0 < level < 1:
        raise ValueError("scores must be a finite vector and level within (0, 1)")
    if x.size < 5:
        raise NotEnoughData("临界组法", x.size, 5)
    # Largest k with P(fewer than k of n below the median) <= (1 - level) / 2.
    k = int(binom.ppf((1 - level) / 2, x.size, 0.5))
    if binom.cdf(k - 1, x.size, 0.5) > (1 - level) / 2:
        k -= 1
    low, high = (x[k - 1], x[x.size - k]) if k >= 1 else (-np.inf, np.inf)
    return BorderlineGroup(
        float(np.median(x)), float(x.mean()), float(low), float(high), level, x.size
    )


@dataclass(frozen=True, slots=True)
class Hofstee:
    """Compromise cut.

    Parameters
    ----------
    cut
        Where the panel's line meets the fail-rate curve, in points.
    fail_rate
        Share of people below `cut`.
    crosses
        False if the curve misses the panel's rectangle; then `cut` is the nearest limit and the
        panel should look again.
    lowest, highest
        Mean limits for the cut.
    least, most
        Mean limits for the fail rate.
    """

    cut: float
    fail_rate: float
    crosses: bool
    lowest: float
    highest: float
    least: float
    most: float


def hofstee(
    scores: ArrayLike,
    lowest_cut: ArrayLike,
    highest_cut: ArrayLike,
    least_failing: ArrayLike,
    most_failing: ArrayLike,
) -> Hofstee:
    """Hofstee's compromise between acceptable cuts and acceptable fail rates.

    Parameters
    ----------
    scores
        Scores of the people, shape ``(people,)``.
    lowest_cut, highest_cut
        Each rater's lowest and highest acceptable cut, shape ``(raters,)``, in points.
    least_failing, most_failing
        Each rater's lowest and highest acceptable share failing, in [0, 1].

    Notes
    -----
    The line runs from (lowest cut, most failing) to (highest cut, least failing); the fail rate at
    a cut is the share of people below it. De Gruijter (1985), J. Educ. Meas. 22:263-269.
    """
    x = np.sort(np.asarray(scores, dtype=np.float64))
    given = (lowest_cut, highest_cut, least_failing, most_failing)
    low, high, least, most = (float(np.mean(np.asarray(v, dtype=np.float64))) for v in given)
    if not x.size or low >= high or not 0 <= least <= most <= 1:
        raise ValueError("need scores, lowest < highest cut and 0 <= least <= most <= 1")

    def failing(cut: float) -> float:
        # A cut reached up to rounding counts as reached.
        return float(np.searchsorted(x, cut - 1e-9, side="left")) / x.size

    def line(cut: float) -> float:
        return most + (least - most) * (cut - low) / (high - low)

    if failing(low) > most:
        return Hofstee(low, failing(low), False, low, high, least, most)
    if failing(high) < least:
        return Hofstee(high, failing(high), False, low, high, least, most)
    left, right = low, high
    for _ in range(80):
        middle = (left + right) / 2
        left, right = (middle, right) if failing(middle) <= line(middle) else (left, middle)
    # Bisection ends within 1e-9 of a score where the curve jumps; the score itself is meant.
    near = x[int(np.argmin(np.abs(x - left)))]
    cut = float(near) if abs(near - left) < 1e-6 else left
    return Hofstee(cut, failing(cut), True, low, high, least, most)


def bootstrap_cut(
    scores: ArrayLike, qualified: ArrayLike, *, rng: Rng, replications: int = 500
) -> Floats:
    """Even-odds cuts of resampled contrasting groups, shape ``(replications,)``.

    People are resampled with their judgement; samples in which a group vanishes are drawn again.
    Use quantiles of the result as limits.
    """
    x, q = np.asarray(scores, dtype=np.float64), np.asarray(qualified, dtype=bool)
    contrasting_groups(x, q)
    draw = generator(rng)
    out = np.empty(replications)
    for k in range(replications):
        row = draw.integers(0, x.size, x.size)
        while q[row].all() or not q[row].any():
            row = draw.integers(0, x.size, x.size)
        out[k] = _even_odds(x[row], q[row], _fewest_errors(x[row], q[row])[0])[0]
    return out
