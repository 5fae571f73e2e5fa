"""Fit of items and of a whole model: S-X2, grouped chi-squares, residual correlations, M2.

Item infit and outfit are `person_fit.mean_squares` with ``axis=0``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from ..errors import NotEnoughData
from ..typing import Floats, Ints
from .classical import presented
from .item_parameters import probability_gradient
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


def _population(nodes: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    x, w = np.asarray(nodes, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if x.ndim != 1 or w.shape != x.shape or np.any(w < 0) or not w.sum() > 0:
        raise ValueError("nodes and weights must be vectors of one length, weights >= 0")
    return x, w / w.sum()


def _complete(responses: ArrayLike, models: Sequence[ItemModel], need: int) -> Ints:
    """Rows without a missing answer, as integers."""
    values, mask = presented(responses)
    if values.shape[1] != len(models):
        raise ValueError(f"{values.shape[1]} items answered, {len(models)} models")
    for j, model in enumerate(models):
        if np.any(values[:, j] >= model.categories):
            raise ValueError(f"item {j}: a response beyond the {model.categories} categories")
    rows = values[mask.all(axis=1)].astype(np.int64)
    if len(rows) < need:
        raise NotEnoughData(
            "模型拟合", len(rows), need, "人（作答了全部题目）", "随机抽题时请按同一套题分别检验"
        )
    return rows


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
    x, w = _population(nodes, weights)
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
    x = _complete(responses, models, 20)
    total = x.sum(axis=1)
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


@dataclass(frozen=True, slots=True)
class ModelFit:
    """Limited-information fit of a whole model.

    Parameters
    ----------
    m2, degrees, p
        Statistic, degrees of freedom and p-value.
    rmsea, rmsea_low, rmsea_high
        With its 90 % interval; up to 0.05 is close fit.
    srmsr
        Standardised root mean square residual of the inter-item correlations.
    tli, cfi
        Gain over the model of independent items; from 0.95 good.
    """

    m2: float
    degrees: int
    p: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmsr: float
    tli: float
    cfi: float


def m2(
    responses: ArrayLike,
    models: Sequence[ItemModel],
    nodes: ArrayLike,
    weights: ArrayLike,
    *,
    constraints: ArrayLike | None = None,
    free_mean: bool = False,
    free_deviation: bool = False,
) -> ModelFit:
    """M2 of Maydeu-Olivares and Joe; with more than two categories the C2 of Cai and Monroe.

    Parameters
    ----------
    responses
        Shape ``(people, items)``, categories; only people with every item presented are used.
    models, nodes, weights
        The maximum-likelihood calibration and its ability distribution.
    constraints
        Shape ``(all item parameters, free parameters)``: derivative of every item parameter (items
        in order, each with its `parameters`) by the free ones. By default all are free. One common
        slope of `TwoPL` items is one column with ones at the slopes.
    free_mean, free_deviation
        Whether the mean, the standard deviation of ability was estimated too.

    Notes
    -----
    The moments are the category shares of every item and the mean products of every pair; for
    right/wrong items these are all first- and second-order margins, and the statistic is M2. For
    more categories it is C2, which keeps degrees of freedom on short tests. Maydeu-Olivares & Joe
    (2006), Psychometrika 71:713-732; Cai & Monroe (2014), CRESST Report 839.

    Raises
    ------
    NotEnoughData
        If too few people, or an item everybody answered alike, leave nothing to test.
    """
    x = _complete(responses, models, 20)
    nodes_, w = _population(nodes, weights)
    tables = [model.probabilities(nodes_) for model in models]
    features, scores = _features(x, [p.shape[1] for p in tables])
    if np.any(scores.std(axis=0) == 0):
        raise NotEnoughData("M2", 1, 2, "种不同的作答", "请先去掉所有人答得一样的题目")
    gradients = [probability_gradient(model, nodes_) for model in models]
    change = np.concatenate(_moment_changes(tables, gradients, w), axis=1)
    if constraints is not None:
        change = change @ np.asarray(constraints, dtype=np.float64)
    centre = float(w @ nodes_)
    spread = float(np.sqrt(w @ (nodes_ - centre) ** 2))
    by_theta = [model.derivatives(nodes_)[1] for model in models]
    for use, rate in ((free_mean, np.ones(w.size)), (free_deviation, (nodes_ - centre) / spread)):
        if use:
            change = np.column_stack([change, _population_change(tables, by_theta, w * rate)])
    statistic, degrees = _limited(features, len(x), tables, w, change)
    share = [features[k] for k in _starts([p.shape[1] for p in tables])]
    null = [np.array([[1 - s.sum(), *s]]) for s in share]
    steps = [np.eye(p.shape[1])[1:, None, :] - np.eye(p.shape[1])[0] for p in null]
    one = np.ones(1)
    null_change = np.concatenate(_moment_changes(null, steps, one), axis=1)
    base, base_degrees = _limited(features, len(x), null, one, null_change)
    return _model_fit(statistic, degrees, base, base_degrees, len(x), _srmsr(scores, tables, w))


def _starts(categories: list[int]) -> list[slice]:
    """Where each item's category shares stand among the moments."""
    ends = np.cumsum([0, *[k - 1 for k in categories]])
    return [slice(a, b) for a, b in pairwise(ends.tolist())]


def _pairs(items: int) -> tuple[Ints, Ints]:
    first, second = np.triu_indices(items, 1)
    return first.astype(np.int64), second.astype(np.int64)


def _features(x: Ints, categories: list[int]) -> tuple[Floats, Floats]:
    """Observed moments, and the scores they come from."""
    scores = x.astype(np.float64)
    shares = [(x[:, j] == k).mean() for j, c in enumerate(categories) for k in range(1, c)]
    products = scores.T @ scores / len(x)
    return np.concatenate([shares, products[_pairs(len(categories))]]), scores


def _means(tables: Sequence[Floats]) -> tuple[Floats, Floats]:
    """First and second moment of every item's score at every node, shape (nodes, items)."""
    one = [p @ np.arange(p.shape[1]) for p in tables]
    two = [p @ np.arange(p.shape[1]) ** 2.0 for p in tables]
    return np.stack(one, axis=1), np.stack(two, axis=1)


def _moment_changes(
    tables: Sequence[Floats], gradients: Sequence[Floats], w: Floats
) -> list[Floats]:
    """Differentiate all moments by each item's parameters: shape (moments, parameters) each."""
    one, _ = _means(tables)
    categories = [p.shape[1] for p in tables]
    starts, (first, second) = _starts(categories), _pairs(len(tables))
    singles = starts[-1].stop
    out = []
    for j, g in enumerate(gradients):
        change = np.zeros((singles + first.size, g.shape[0]))
        change[starts[j]] = np.einsum("q,pqk->kp", w, g[:, :, 1:])
        mean = g @ np.arange(categories[j])
        with_others = (mean * w) @ one  # (parameters, items)
        own = (first == j) | (second == j)
        partner = np.where(first == j, second, first)[own]
        change[singles + np.flatnonzero(own)] = with_others[:, partner].T
        out.append(change)
    return out


def _population_change(
    tables: Sequence[Floats], by_theta: Sequence[Floats], rate: Floats
) -> Floats:
    """Differentiate all moments by a shift or stretch of the ability distribution."""
    one, _ = _means(tables)
    slope = np.stack([d @ np.arange(d.shape[1]) for d in by_theta], axis=1)
    first, second = _pairs(len(tables))
    product = slope[:, first] * one[:, second] + one[:, first] * slope[:, second]
    singles = [rate @ d[:, 1:] for d in by_theta]
    return np.concatenate([*singles, rate @ product])


def _limited(
    observed: Floats, people: int, tables: Sequence[Floats], w: Floats, change: Floats
) -> tuple[float, int]:
    """Quadratic form of the moment residuals outside the space the parameters span."""
    expected, covariance = _moment_covariance(tables, w)
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise NotEnoughData(
            "M2", people, people + 1, "人", "题目之间完全相关或几乎无人答错"
        ) from error
    e = solve_triangular(root, observed - expected, lower=True)
    d = solve_triangular(root, change, lower=True)
    basis, singular, _ = np.linalg.svd(d, full_matrices=False)
    basis = basis[:, singular > 1e-8 * singular[0]]
    rest = e - basis @ (basis.T @ e)
    return people * float(rest @ rest), e.size - basis.shape[1]


def _moment_covariance(tables: Sequence[Floats], w: Floats) -> tuple[Floats, Floats]:
    """Return expected moments and the covariance of one person's contribution to them.

    Items are independent given ability, so a product of two moments is the mean product of the
    parts, except where both contain the same item; those entries are set one item at a time.
    """
    one, two = _means(tables)
    starts, (first, second) = _starts([p.shape[1] for p in tables]), _pairs(len(tables))
    singles = starts[-1].stop
    a = np.concatenate([*[p[:, 1:] for p in tables], one[:, first] * one[:, second]], axis=1)
    expected = w @ a
    m = (a * w[:, None]).T @ a
    for j, p in enumerate(tables):
        own = np.flatnonzero((first == j) | (second == j))
        partner = one[:, np.where(first == j, second, first)[own]]
        at = singles + own
        k = np.arange(1, p.shape[1])
        m[starts[j], starts[j]] = np.diag(w @ p[:, 1:])
        mixed = (p[:, 1:] * k * w[:, None]).T @ partner
        m[starts[j], at] = mixed
        m[at, starts[j]] = mixed.T
        m[np.ix_(at, at)] = (partner * (w * two[:, j])[:, None]).T @ partner
    diagonal = singles + np.arange(first.size)
    m[diagonal, diagonal] = w @ (two[:, first] * two[:, second])
    return expected, m - np.outer(expected, expected)


def _srmsr(scores: Floats, tables: Sequence[Floats], w: Floats) -> float:
    one, two = _means(tables)
    mean = w @ one
    model = (one * w[:, None]).T @ one - np.outer(mean, mean)
    sd = np.sqrt(w @ two - mean**2)
    pair = _pairs(len(tables))
    observed = np.atleast_2d(np.corrcoef(scores.T))
    gap = observed[pair] - (model / np.outer(sd, sd))[pair]
    return float(np.sqrt((gap**2).mean()))


def _model_fit(
    statistic: float, degrees: int, base: float, base_degrees: int, people: int, srmsr: float
) -> ModelFit:
    nan = float("nan")
    if degrees < 1:
        return ModelFit(statistic, degrees, nan, nan, nan, nan, srmsr, nan, nan)
    scale = people * degrees
    rmsea = float(np.sqrt(max(statistic - degrees, 0) / scale))
    low, high = (np.sqrt(_noncentrality(statistic, degrees, q) / scale) for q in (0.95, 0.05))
    tli = (base / base_degrees - statistic / degrees) / (base / base_degrees - 1)
    cfi = 1 - max(statistic - degrees, 0) / max(base - base_degrees, statistic - degrees, 1e-300)
    p = float(chi2.sf(statistic, degrees))
    return ModelFit(
        statistic, degrees, p, rmsea, float(low), float(high), srmsr, float(tli), float(cfi)
    )


def _noncentrality(statistic: float, degrees: int, level: float) -> float:
    """Non-centrality at which the statistic is the `level` quantile; 0 if there is none."""
    if chi2.cdf(statistic, degrees) <= level:
        return 0.0
    high = 2 * statistic + 50.0
    return float(brentq(lambda c: ncx2.cdf(statistic, degrees, max(c, 1e-12)) - level, 0.0, high))
