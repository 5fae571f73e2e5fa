"""Fit of items: S-X2, chi-squares in ability groups, residual correlations.

Item infit and outfit are `person_fit.mean_squares` with ``axis=0``; the fit of a whole model is in
`model_fit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from ..errors import NotEnoughData
from ..typing import Bools, Floats, Ints, Responses
from .classical import presented
from .information import population
from .models import ItemModel


@dataclass(frozen=True, slots=True)
class ItemFit:
    """A chi-square of every item, each array of shape ``(items,)``.

    Parameters
    ----------
    statistic, degrees, p
        Chi-square, degrees of freedom and p-value; `p` is NaN where no degrees are left.
    rmsea
        Root mean square error of approximation, which does not grow with the sample.
    """

    statistic: Floats
    degrees: Ints
    p: Floats
    rmsea: Floats


def _item_fit(statistic: Floats, degrees: Ints, people: float | Floats) -> ItemFit:
    enough = degrees > 0
    d = np.maximum(degrees, 1)
    p = np.where(enough, chi2.sf(statistic, d), np.nan)
    rmsea = np.sqrt(np.maximum(statistic - d, 0) / (d * np.maximum(people, 1)))
    return ItemFit(statistic, degrees, p, np.where(enough, rmsea, np.nan))


def _free_counts(models: Sequence[ItemModel], free: ArrayLike | None) -> Ints:
    if free is None:
        return np.array([len(m.parameters) for m in models], dtype=np.int64)
    return np.broadcast_to(np.asarray(free, dtype=np.int64), (len(models),))


def complete_rows(responses: ArrayLike, models: Sequence[ItemModel], need: int) -> Responses:
    """Return the rows without a missing answer as integers; at least `need` of them.

    A complete int8 matrix is returned as it is, not copied.
    """
    matrix = np.asarray(responses)
    if matrix.ndim != 2 or matrix.shape[1] != len(models):
        raise ValueError(f"need people x {len(models)} items, one model each")
    complete: Bools = np.ones(len(matrix), dtype=bool)
    for j, model in enumerate(models):
        column = matrix[:, j]
        complete &= column >= 0  # false for NaN as well
        if np.any(column >= model.categories):
            raise ValueError(f"item {j}: a response beyond the {model.categories} categories")
    have = int(complete.sum())
    if have < need:
        raise NotEnoughData(
            "模型拟合", have, need, "人（作答了全部题目）", "随机抽题时请按同一套题分别检验"
        )
    return (matrix if have == len(matrix) else matrix[complete]).astype(np.int8, copy=False)


def rest_score_tables(
    models: Sequence[ItemModel], nodes: ArrayLike, weights: ArrayLike
) -> list[Floats]:
    """Joint probability of each category of an item and each total score.

    Returns
    -------
    list of Floats
        Per item shape ``(categories, highest total + 1)``; each sums to 1, and all have the same
        sum over categories, the distribution of the total.

    Notes
    -----
    The distribution of the other items' score is the convolution of what comes before the item
    and what comes after it, so no item has to be divided out (division loses all digits for
    items that nearly everybody gets right).
    """
    x, w = population(nodes, weights)
    tables = [model.probabilities(x) for model in models]
    before = [np.ones((x.size, 1))]
    for p in tables[:-1]:
        before.append(_convolve(before[-1], p))
    after = np.ones((x.size, 1))
    out: list[Floats] = []
    for j in range(len(models) - 1, -1, -1):
        p = tables[j]
        left = before[j]
        total = np.add.outer(np.arange(left.shape[1]), np.arange(after.shape[1])).ravel()
        size = left.shape[1] + after.shape[1] - 1
        table = np.zeros((p.shape[1], size + p.shape[1] - 1))
        for k in range(p.shape[1]):
            # Summing over nodes first leaves one product of matrices and its anti-diagonals.
            joint = (left * (w * p[:, k])[:, None]).T @ after
            table[k, k : k + size] = np.bincount(total, joint.ravel(), size)
        out.append(table)
        after = _convolve(after, p)
    return out[::-1]


def _convolve(a: Floats, b: Floats) -> Floats:
    """Convolve score distributions node by node."""
    if a.shape[1] > b.shape[1]:
        a, b = b, a
    out = np.zeros((a.shape[0], a.shape[1] + b.shape[1] - 1))
    for k in range(a.shape[1]):
        out[:, k : k + b.shape[1]] += a[:, k : k + 1] * b
    return out


def s_x2(
    responses: ArrayLike,
    models: Sequence[ItemModel],
    nodes: ArrayLike,
    weights: ArrayLike,
    *,
    free: ArrayLike | None = None,
    least: float = 1.0,
) -> ItemFit:
    """Orlando and Thissen's S-X2 of every item.

    Parameters
    ----------
    responses
        Shape ``(people, items)``, categories; only people with every item presented are used.
    models, nodes, weights
        The calibrated items and the ability distribution.
    free
        Parameters estimated for each item; by default all of its model.
    least
        Smallest expected count of a cell; sparser score groups are merged with their neighbour
        towards the middle, and in items of several categories neighbouring categories first.

    Notes
    -----
    People are grouped by total score, an observed quantity, so that the statistic is close to
    chi-square even on short tests. Orlando & Thissen (2000), Appl. Psychol. Meas. 24:50-64; Kang
    & Chen (2008) for several categories. The lowest and the highest total tell nothing and are
    left out.
    """
    x = complete_rows(responses, models, 20)
    total = x.sum(axis=1, dtype=np.int64)
    counts = _free_counts(models, free)
    statistic, degrees = np.zeros(len(models)), np.zeros(len(models), dtype=np.int64)
    for j, table in enumerate(rest_score_tables(models, nodes, weights)):
        top = table.shape[1]
        people = np.bincount(total, minlength=top)
        share = np.divide(table, table.sum(0), out=np.zeros_like(table), where=table.sum(0) > 0)
        expected = (share * people).T[1:-1]
        observed = np.stack(
            [np.bincount(total[x[:, j] == k], minlength=top) for k in range(len(table))], axis=1
        )[1:-1]
        used = people[1:-1] > 0
        statistic[j], cells = _collapsed(observed[used], expected[used], least)
        degrees[j] = cells - counts[j]
    return _item_fit(statistic, degrees, len(x))


def _collapsed(observed: Ints, expected: Floats, least: float) -> tuple[float, int]:
    """Pearson chi-square after merging sparse cells, and its independent cells."""
    rows = list(zip(observed.astype(np.float64), expected, strict=True))
    if expected.shape[1] > 2:
        rows = _merge_rows(rows, least, total=True)
        merged = [_merge_categories(o, e, least) for o, e in rows]
    else:
        merged = _merge_rows(rows, least, total=False)
    chi, cells = 0.0, 0
    for o, e in merged:
        use = e > 0
        chi += float(((o[use] - e[use]) ** 2 / e[use]).sum())
        cells += int(use.sum()) - 1
    return chi, cells


def _merge_rows(
    rows: list[tuple[Floats, Floats]], least: float, *, total: bool
) -> list[tuple[Floats, Floats]]:
    """Merge score groups with too few expected towards the largest group."""

    def too_few(size: float, e: Floats) -> bool:
        return size < 2 * least if total else float(e.min()) < least

    rows = list(rows)
    size = [float(e.sum()) for _, e in rows]
    poor = [too_few(s, e) for s, (_, e) in zip(size, rows, strict=True)]
    while len(rows) > 1 and any(poor):
        middle = size.index(max(size))
        # The poor row farthest from the middle goes first, so that tails close inwards.
        j = max((k for k, bad in enumerate(poor) if bad), key=lambda k: abs(k - middle))
        if j == middle:
            sides = [k for k in (j - 1, j + 1) if 0 <= k < len(rows)]
            other = min(sides, key=lambda k: size[k])
        else:
            other = j + 1 if j < middle else j - 1
        rows[other] = (rows[other][0] + rows[j][0], rows[other][1] + rows[j][1])
        size[other] += size[j]
        poor[other] = too_few(size[other], rows[other][1])
        del rows[j], size[j], poor[j]
    return rows


def _merge_categories(o: Floats, e: Floats, least: float) -> tuple[Floats, Floats]:
    """Merge neighbouring possible categories of one score group until each is expected enough."""
    possible = e > 0
    os, es = o[possible].tolist(), e[possible].tolist()
    while len(es) > 1 and min(es) < least:
        k = int(np.argmin(es))
        other = k + 1 if k == 0 or (k + 1 < len(es) and es[k + 1] < es[k - 1]) else k - 1
        os[other] += os[k]
        es[other] += es[k]
        del os[k], es[k]
    return np.array(os), np.array(es)


@dataclass(frozen=True, slots=True)
class GroupedFit:
    """Pearson (Yen's Q1) and likelihood-ratio (G2) fit of every item in ability groups."""

    x2: ItemFit
    g2: ItemFit


def grouped_fit(
    responses: ArrayLike,
    models: Sequence[ItemModel],
    theta: ArrayLike,
    *,
    groups: int = 10,
    free: ArrayLike | None = None,
) -> GroupedFit:
    """X2 and G2 with people grouped by estimated ability.

    Parameters
    ----------
    responses
        Shape ``(people, items)``, categories; negative means not presented.
    theta
        Estimated abilities ``(people,)``; people without a finite one are left out.
    groups
        Groups of about equal size; people of equal ability stay together.

    Notes
    -----
    Expected shares are the mean of the model's probabilities over the group. Yen (1981); McKinley
    & Mills (1985). Grouping by an estimate makes both reject too often on short tests; prefer
    `s_x2` below about 30 items.
    """
    values, mask = presented(responses)
    t = np.asarray(theta, dtype=np.float64)
    if values.shape != (t.size, len(models)) or groups < 2:
        raise ValueError("need people x items, one ability per person, and two groups or more")
    counts = _free_counts(models, free)
    x2, g2 = np.zeros(len(models)), np.zeros(len(models))
    degrees, people = np.zeros(len(models), dtype=np.int64), np.zeros(len(models))
    for j, model in enumerate(models):
        use = mask[:, j] & np.isfinite(t)
        if use.sum() < 2 * groups:
            raise NotEnoughData(f"第 {j + 1} 题拟合", int(use.sum()), 2 * groups)
        edges = np.unique(np.quantile(t[use], np.arange(1, groups) / groups))
        group = np.unique(np.searchsorted(edges, t[use], side="right"), return_inverse=True)[1]
        p = model.probabilities(t[use])
        size = int(group.max()) + 1
        expected = np.stack([np.bincount(group, row, size) for row in p.T], axis=1)
        answer = values[use, j].astype(np.int64)
        observed = np.bincount(group * model.categories + answer, minlength=expected.size)
        o = observed.reshape(expected.shape).astype(np.float64)
        x2[j] = float(((o - expected) ** 2 / np.maximum(expected, 1e-300)).sum())
        seen = o > 0
        g2[j] = 2 * float((o[seen] * np.log(o[seen] / expected[seen])).sum())
        degrees[j] = size * (model.categories - 1) - counts[j]
        people[j] = use.sum()
    return GroupedFit(_item_fit(x2, degrees, people), _item_fit(g2, degrees, people))


@dataclass(frozen=True, slots=True)
class ResidualCorrelations:
    """Yen's Q3: correlations of the residuals of all pairs of items.

    Parameters
    ----------
    matrix
        Shape ``(items, items)``, symmetric, NaN on the diagonal and for pairs seldom seen together.
    mean
        Mean over pairs; about ``-1 / (items - 1)`` if the model holds.
    excess
        `matrix` minus `mean` (the Q3* of Christensen et al. 2017); look at values above 0.2.
    """

    matrix: Floats
    mean: float
    excess: Floats


def residual_correlations(
    responses: ArrayLike, models: Sequence[ItemModel], theta: ArrayLike, *, least: int = 10
) -> ResidualCorrelations:
    """Q3 of every pair of items: a sign that two items share more than the ability.

    Parameters
    ----------
    responses, theta
        As in `grouped_fit`.
    least
        People who must have been presented both items.

    References
    ----------
    Yen (1984), Appl. Psychol. Meas. 8:125-145.
    """
    values, mask = presented(responses)
    t = np.asarray(theta, dtype=np.float64)
    if values.shape != (t.size, len(models)):
        raise ValueError("need people x items and one ability per person")
    mask = mask & np.isfinite(t)[:, None]
    expected = np.stack([m.expected(np.where(np.isfinite(t), t, 0.0)) for m in models], axis=1)
    d = np.where(mask, values - expected, 0.0)
    m = mask.astype(np.float64)
    n = m.T @ m
    one = d.T @ m
    with np.errstate(divide="ignore", invalid="ignore"):
        cov = d.T @ d - one * one.T / n
        spread = (d**2).T @ m - one**2 / n
        r = cov / np.sqrt(spread * spread.T)
    r[(n < least) | ~np.isfinite(r)] = np.nan
    np.fill_diagonal(r, np.nan)
    finite = np.isfinite(r)
    mean = float(r[finite].mean()) if finite.any() else float("nan")
    return ResidualCorrelations(r, mean, r - mean)
