"""Fit of a whole model from the margins of the answers: M2 with RMSEA, SRMSR, TLI and CFI."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from ..errors import NotEnoughData
from ..typing import Floats, Ints, Responses
from .fit import complete_rows
from .information import population
from .item_parameters import probability_gradient
from .models import ItemModel


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
    means_only: bool = False,
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
    means_only
        Take each item's mean score instead of its category shares (the M2* of Cai & Hansen 2013):
        fewer, better filled moments, for long tests of many categories.

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
    x = complete_rows(responses, models, 20)
    nodes_, w = population(nodes, weights)
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
    shorten = _means_only(tables) if means_only else None
    statistic, degrees = _limited(features, len(x), tables, w, change, shorten)
    # Independent items leave exactly the correlations: the pairs are uncorrelated then, and the
    # quadratic form is N times the sum of their squares.
    pairs = _pairs(len(tables))
    base = len(x) * float((np.atleast_2d(np.corrcoef(scores.T))[pairs] ** 2).sum())
    return _model_fit(statistic, degrees, base, pairs[0].size, len(x), _srmsr(scores, tables, w))


def _starts(categories: list[int]) -> list[slice]:
    """Where each item's category shares stand among the moments."""
    ends = np.cumsum([0, *[k - 1 for k in categories]])
    return [slice(a, b) for a, b in pairwise(ends.tolist())]


def _means_only(tables: Sequence[Floats]) -> Floats:
    """Matrix that turns category shares into mean scores and keeps the products."""
    starts = _starts([p.shape[1] for p in tables])
    items, singles = len(tables), starts[-1].stop
    products = items * (items - 1) // 2
    out = np.zeros((items + products, singles + products))
    for j, at in enumerate(starts):
        out[j, at] = np.arange(1, tables[j].shape[1])
    out[items:, singles:] = np.eye(products)
    return out


def _pairs(items: int) -> tuple[Ints, Ints]:
    first, second = np.triu_indices(items, 1)
    return first.astype(np.int64), second.astype(np.int64)


def _features(x: Responses, categories: list[int]) -> tuple[Floats, Floats]:
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
    observed: Floats,
    people: int,
    tables: Sequence[Floats],
    w: Floats,
    change: Floats,
    shorten: Floats | None,
) -> tuple[float, int]:
    """Quadratic form of the moment residuals outside the space the parameters span."""
    expected, covariance = moment_covariance(tables, w)
    if shorten is not None:
        observed, expected, change = shorten @ observed, shorten @ expected, shorten @ change
        covariance = shorten @ covariance @ shorten.T
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


def moment_covariance(tables: Sequence[Floats], w: Floats) -> tuple[Floats, Floats]:
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
