"""Conditional maximum likelihood (条件极大似然) for Rasch and partial credit items.

Given a person's total score on the items presented, the answers do not depend on ability; item
difficulties follow without any assumption about the abilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..errors import DidNotConverge, NotEnoughData
from ..typing import Floats, Ints, Progress
from .grid import Layout
from .models import ItemModel, PartialCredit, Rasch
from .responses import ResponseLike, ResponseSet, as_responses

__all__ = ["CMLFit", "fit_cml"]

_MOST_FORMS = 500
_NEED = 30


@dataclass(frozen=True, slots=True)
class CMLFit:
    """A conditional maximum likelihood calibration; the mean of all thresholds is 0.

    Parameters
    ----------
    models
        `Rasch` for two categories, `PartialCredit` for more.
    standard_errors
        Per item in the order of ``model.parameters``.
    covariance
        Of all thresholds, item by item.
    log_likelihood
        Conditional log-likelihood.
    n_people
        People with a score that carries information (not the lowest or highest of their items).
    iterations
        Newton steps.
    distance
        Largest last Newton step, an estimate of the distance to the maximum.
    """

    models: tuple[ItemModel, ...]
    standard_errors: tuple[tuple[float, ...], ...]
    covariance: Floats
    log_likelihood: float
    n_people: int
    iterations: int
    distance: float


@dataclass(frozen=True, slots=True)
class _Form:
    """People who answered the same items.

    Parameters
    ----------
    items
        Item numbers.
    scores
        Weighted number of people by total score.
    """

    items: Ints
    scores: Floats


def fit_cml(
    responses: ResponseLike,
    *,
    tolerance: float = 1e-8,
    most_iterations: int = 50,
    progress: Progress | None = None,
) -> CMLFit:
    """Calibrate Rasch and partial credit items by conditional maximum likelihood.

    Parameters
    ----------
    responses
        A response set or matrix; items may be missing by design for up to 500 different sets of
        items.
    tolerance
        Stop when the largest Newton step is smaller.

    Raises
    ------
    NotEnoughData
        If fewer than 30 people have an informative score, an item has a category nobody used (its
        threshold is infinite), or the items are not linked by people.
    ValueError
        If there are more than 500 different sets of items.
    DidNotConverge
        If Newton's method does not settle.

    References
    ----------
    Andersen (1972), JRSS B 34:42-54; Andersen (1977) for more categories; elementary symmetric
    functions by the summation algorithm, Verhelst, Glas and van der Sluis (1984).
    """
    data = as_responses(responses)
    forms, counts, people, categories = _forms(data)
    layout = Layout(categories)
    if people < _NEED:
        raise NotEnoughData(
            "条件极大似然标定",
            people,
            _NEED,
            advice="满分与零分不计入；可使用题库已有参数或增加考生。",
        )
    first = layout.offsets[:-1]
    empty = np.nonzero(np.minimum.reduceat(counts, first) <= 0)[0]
    if empty.size:
        names = "、".join(str(j) for j in empty[:10])
        raise NotEnoughData(
            f"条件极大似然标定（第 {names} 题，序号从 0 起）",
            0,
            1,
            "次作答",
            "有类别无人作答（如全对、全错），阈值无界；请删去这些题或用带先验的边际估计。",
        )
    free = np.ones(layout.rows, bool)
    free[first] = False
    d = np.zeros(layout.rows)
    shift = _category_number(layout)
    value, gradient, hessian = _evaluate(forms, layout, counts, d)
    distance = np.inf
    for iteration in range(1, most_iterations + 1):
        step = np.zeros(layout.rows)
        step[free] = _solve(hessian[np.ix_(free, free)], gradient[free], shift[free])
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        distance = float(np.abs(step).max())
        for _ in range(20):
            found = _evaluate(forms, layout, counts, d + step)
            if found[0] >= value - 1e-12 * abs(value):
                break
            step = step / 2
        d, (value, gradient, hessian) = d + step, found
        if progress is not None:
            progress(iteration, most_iterations)
        if distance < tolerance:
            return _result(layout, d, hessian, free, shift, value, people, iteration, distance)
    raise DidNotConverge("条件极大似然标定", most_iterations, distance)


def _forms(data: ResponseSet) -> tuple[list[_Form], Floats, int, Ints]:
    """Group people by items and score; count categories of informative people."""
    table = data.category_counts()
    top = table.shape[1] - 1 - np.argmax(table[:, ::-1] > 0, axis=1)
    categories = np.maximum(np.where(table.any(axis=1), top, 1), 1).astype(np.int64) + 1
    layout = Layout(categories)
    items, chosen = data.answers()
    ptr = data.row_pointers()
    keys = (
        [items[low:high].tobytes() for low, high in pairwise(ptr.tolist())]
        if (not data.is_complete)
        else [b""] * data.n_people
    )
    names = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    if len(names) > _MOST_FORMS:
        raise ValueError(
            f"{len(names)} different sets of items; conditional estimation takes up to "
            f"{_MOST_FORMS}, use fit_mml with Rasch items for randomised papers"
        )
    which = np.array([names[key] for key in keys])
    running = np.concatenate([[0], np.cumsum(chosen, dtype=np.int64)])
    score = running[ptr[1:]] - running[ptr[:-1]]
    weights = np.ones(data.n_people) if data.weights is None else data.weights
    forms: list[_Form] = []
    informative = np.zeros(data.n_people, bool)
    for form in range(len(names)):
        members = np.nonzero(which == form)[0]
        mine = items[ptr[members[0]] : ptr[members[0] + 1]].astype(np.int64)
        highest = int((categories[mine] - 1).sum())
        scores = np.bincount(score[members], weights[members], minlength=highest + 1).astype(float)
        scores[0] = scores[highest] = 0.0
        informative[members] = (score[members] > 0) & (score[members] < highest)
        if scores.any():
            forms.append(_Form(np.sort(mine), scores))
    held = np.repeat(informative, np.diff(ptr))
    counts = np.bincount(
        layout.offsets[items[held]] + chosen[held],
        np.repeat(weights, np.diff(ptr))[held],
        minlength=layout.rows,
    ).astype(float)
    return forms, counts, int(informative.sum()), categories


def _category_number(layout: Layout) -> Floats:
    """Category number of each row: the direction in which the likelihood does not change."""
    return (np.arange(layout.rows) - np.repeat(layout.offsets[:-1], layout.categories)).astype(
        float
    )


def _evaluate(
    forms: Sequence[_Form], layout: Layout, counts: Floats, d: Floats
) -> tuple[float, Floats, Floats]:
    """Conditional log-likelihood, gradient and negative Hessian by category row."""
    value, gradient = float(counts @ d), counts.copy()
    hessian = np.zeros((layout.rows, layout.rows))
    offsets = layout.offsets
    for form in forms:
        rows = np.concatenate([np.arange(offsets[j], offsets[j + 1]) for j in form.items])
        # Weights are scaled to probabilities at ability 0, so that nothing overflows; the scale
        # cancels.
        p = []
        for j in form.items:
            z = d[offsets[j] : offsets[j + 1]]
            top = z.max() + np.log(np.exp(z - z.max()).sum())
            p.append(np.exp(z - top))
            value -= float(form.scores.sum()) * float(top)
        loglik, expected, information = _conditional(p, form.scores)
        value -= loglik
        gradient[rows] -= expected
        hessian[np.ix_(rows, rows)] += information
    return value, gradient, hessian


def _conditional(p: list[Floats], scores: Floats) -> tuple[float, Floats, Floats]:
    """Sum of log symmetric functions, expected counts and their covariance given the scores."""
    count, size = len(p), scores.size
    kinds = np.array([q.size for q in p])
    offsets = np.concatenate([[0], np.cumsum(kinds)])
    gamma = np.zeros(size)
    gamma[0] = 1.0
    for q in p:
        gamma = _times(gamma, q)
    used = scores > 0
    weight = np.zeros(2 * size)
    weight[:size][used] = scores[used] / gamma[used]
    # hankel[a, b] = weight[a + b]: pairs a product before an item with a product after it.
    hankel = weight[np.add.outer(np.arange(size), np.arange(size)).clip(max=2 * size - 1)]
    hankel[np.add.outer(np.arange(size), np.arange(size)) >= size] = 0.0
    single = np.zeros(offsets[-1])
    pair = np.zeros((offsets[-1], offsets[-1]))
    # Row j of `suffix[i]` is the product of the items from i on, item j left out; row `count`
    # keeps all.
    suffix = np.zeros((count + 1, count + 1, size))
    suffix[count, :, 0] = 1.0
    for i in range(count - 1, -1, -1):
        suffix[i] = _times(suffix[i + 1], p[i])
        suffix[i, i] = suffix[i + 1, i]
    prefix = np.zeros((count + 1, size))
    prefix[:, 0] = 1.0
    for i in range(count):
        for k in range(kinds[i]):
            shifted = np.zeros_like(hankel)
            shifted[: size - k] = hankel[k:]
            through = prefix @ shifted
            row = offsets[i] + k
            single[row] = p[i][k] * float(through[count] @ suffix[i + 1, count])
            for lag in range(int(kinds.max())):
                # Item j answered `lag` shifts the score once more.
                moved = np.zeros_like(suffix[i + 1])
                moved[:, lag:] = suffix[i + 1][:, : size - lag]
                total = np.einsum("js,js->j", through[:count], moved[:count])
                j = np.nonzero(kinds > lag)[0]
                j = j[j != i]
                chance = np.array([p[other][lag] for other in j])
                pair[row, offsets[j] + lag] = p[i][k] * chance * total[j]
        keep = prefix[i].copy()
        prefix = _times(prefix, p[i])
        prefix[i] = keep
    np.fill_diagonal(pair, single)
    # The covariance given each score: expected products less products of expectations, by score.
    outer = _products_of_means(p, gamma, scores)
    loglik = float(scores[used] @ np.log(gamma[used]))
    return loglik, single, pair - outer


def _products_of_means(p: list[Floats], gamma: Floats, scores: Floats) -> Floats:
    """``sum_r N_r E(x | r) E(x | r)'`` over all category rows."""
    count, size = len(p), scores.size
    before, after = np.zeros((count + 1, size)), np.zeros((count + 1, size))
    before[0, 0] = after[count, 0] = 1.0
    for i in range(count):
        before[i + 1] = _times(before[i], p[i])
    for i in range(count - 1, -1, -1):
        after[i] = _times(after[i + 1], p[i])
    used = np.nonzero(scores > 0)[0]
    rows = []
    for i in range(count):
        rest = np.convolve(before[i], after[i + 1])[:size]
        for k, chance in enumerate(p[i]):
            at = used - k
            mean = np.where(at >= 0, rest[np.maximum(at, 0)], 0.0) * chance / gamma[used]
            rows.append(mean)
    means = np.array(rows)
    return np.asarray((means * scores[used]) @ means.T)


def _times(poly: Floats, q: Floats) -> Floats:
    """Multiply polynomials (last axis) by that of an item."""
    out = poly * q[0]
    for k in range(1, q.size):
        out[..., k:] += q[k] * poly[..., : poly.shape[-1] - k]
    return np.asarray(out)


def _solve(hessian: Floats, gradient: Floats, shift: Floats) -> Floats:
    """Newton step across the direction in which the likelihood is flat.

    Raises
    ------
    NotEnoughData
        If another direction is flat too: the items are not linked.
    """
    fixed = hessian + np.outer(shift, shift) * (
        np.trace(hessian) / float(shift @ shift) / len(shift)
    )
    values = np.linalg.eigvalsh(fixed)
    if values[0] <= 1e-10 * values[-1]:
        raise NotEnoughData(
            "条件极大似然标定", 1, 2, "组相连的题", "部分题目之间没有共同考生相连。"
        )
    return np.linalg.solve(fixed, gradient)


def _result(
    layout: Layout,
    d: Floats,
    hessian: Floats,
    free: np.ndarray[tuple[int], np.dtype[np.bool_]],
    shift: Floats,
    value: float,
    people: int,
    iterations: int,
    distance: float,
) -> CMLFit:
    first = layout.offsets[:-1]
    size = int(free.sum())
    # Thresholds are differences of neighbouring intercepts, centred on 0.
    difference = np.zeros((size, size))
    at = 0
    for k in layout.categories.tolist():
        difference[at : at + k - 1, at : at + k - 1] = -np.eye(k - 1) + np.eye(k - 1, k=-1)
        at += k - 1
    centre = np.eye(size) - 1.0 / size
    b = centre @ difference @ d[free]
    s = shift[free]
    h = hessian[np.ix_(free, free)]
    inverse = np.linalg.inv(h + np.outer(s, s) * (np.trace(h) / float(s @ s) / size))
    move = centre @ difference
    covariance = move @ inverse @ move.T
    errors = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    models: list[ItemModel] = []
    se: list[tuple[float, ...]] = []
    at = 0
    for k in np.diff(np.append(first, layout.rows)).tolist():
        steps = tuple(b[at : at + k - 1].tolist())
        models.append(Rasch(steps[0]) if k == 2 else PartialCredit(steps))
        se.append(tuple(errors[at : at + k - 1].tolist()))
        at += k - 1
    return CMLFit(tuple(models), tuple(se), covariance, value, people, iterations, distance)
