"""Maximum likelihood, maximum posterior and weighted likelihood abilities at given models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..typing import Bools, Floats, Ints
from .kernels import NominalFamily, StepFamily, family_of
from .models import FourPL, ItemModel, ThreePL
from .responses import ResponseSet

__all__ = ["AbilityEstimates", "AbilityMethod", "point_estimates"]

_CHUNK = 65_536
_TABLE_FROM = 2_000
_FAR = 40.0
_GRID = np.linspace(-_FAR, _FAR, 8001)


class AbilityMethod(Enum):
    """How an ability was estimated."""

    EAP = "eap"
    MAP = "map"
    ML = "ml"
    WLE = "wle"


@dataclass(frozen=True, slots=True)
class AbilityEstimates:
    """Abilities with their standard errors.

    Parameters
    ----------
    theta
        Shape ``(N,)``. ``±inf`` where the likelihood has no maximum (all right or all wrong, for
        ML); nan for somebody without answers, for ML and WLE.
    se
        Standard error: posterior sd for EAP, ``1 / sqrt(information)`` otherwise (prior included
        for MAP).
    """

    theta: Floats
    se: Floats
    method: AbilityMethod


@dataclass(frozen=True, slots=True)
class _Columns:
    """Answers of a run of people by item: who answered it, and what."""

    size: int
    people: list[Ints | None]
    categories: list[Ints]


def _by_item(data: ResponseSet, rows: slice) -> _Columns:
    people: list[Ints | None] = []
    chosen: list[Ints] = []
    size = rows.stop - rows.start
    if data.matrix is not None:
        block = np.asfortranarray(data.matrix[rows])
        for column in block.T:
            here = np.nonzero(column >= 0)[0]
            whole = here.size == size
            people.append(None if whole else here)
            chosen.append(column.astype(np.int64) if whole else column[here].astype(np.int64))
        return _Columns(size, people, chosen)
    ptr = data.row_pointers()[rows.start : rows.stop + 1]
    items, categories = data.answers()
    items, categories = items[ptr[0] : ptr[-1]], categories[ptr[0] : ptr[-1]]
    person = np.repeat(np.arange(size), np.diff(ptr))
    order = np.argsort(items, kind="stable")
    cuts = np.searchsorted(items[order], np.arange(data.n_items + 1))
    for low, high in pairwise(cuts.tolist()):
        people.append(person[order[low:high]])
        chosen.append(categories[order[low:high]].astype(np.int64))
    return _Columns(size, people, chosen)


def _sums(
    columns: _Columns, models: Sequence[ItemModel], theta: Floats, *, bias: bool
) -> tuple[Floats, Floats, Floats]:
    """Score, expected information and (if asked) Warm's bias term at each person's ability."""
    score, information, warm = (np.zeros(columns.size) for _ in range(3))
    for model, people, category in zip(models, columns.people, columns.categories, strict=True):
        if category.size == 0:
            continue
        p, dp, d2p = model.derivatives(theta if people is None else theta[people])
        ratio = np.divide(dp, p, out=np.zeros_like(dp), where=p > 0)
        gain = np.take_along_axis(ratio, category[:, None], 1)[:, 0]
        info = np.sum(ratio * dp, axis=1)
        where = slice(None) if people is None else people
        score[where] += gain
        information[where] += info
        if bias:
            warm[where] += np.sum(ratio * d2p, axis=1)
    return score, information, warm


def _start(columns: _Columns, models: Sequence[ItemModel]) -> Floats:
    """Best of a few abilities; the likelihood of items with asymptotes can have several modes."""
    if not any(isinstance(model, ThreePL | FourPL) for model in models):
        return np.zeros(columns.size)
    grid = np.linspace(-6, 6, 25)
    total = np.zeros((columns.size, grid.size))
    for model, people, category in zip(models, columns.people, columns.categories, strict=True):
        if category.size:
            table = np.log(np.maximum(model.probabilities(grid), 1e-300)).T
            total[slice(None) if people is None else people] += table[category]
    return np.asarray(grid[np.argmax(total, axis=1)])


def point_estimates(
    data: ResponseSet,
    models: Sequence[ItemModel],
    method: AbilityMethod,
    mean: Floats,
    precision: Floats,
) -> AbilityEstimates:
    """Solve everybody's estimating equation, in runs of people.

    Parameters
    ----------
    mean, precision
        Of the normal population of each person, ``(N,)``; precision 0 for none.
    """
    theta, se = np.empty(data.n_people), np.empty(data.n_people)
    curves = _Curves.build(models) if data.n_people > _TABLE_FROM else None
    for at in range(0, data.n_people, _CHUNK):
        rows = slice(at, min(at + _CHUNK, data.n_people))
        columns = _by_item(data, rows)
        work: _Sums = _ByItem(columns, models)
        if curves is not None and all(people is None for people in columns.people):
            work = _BySumScore(curves.sum_scores(columns), curves)
        start = _start(columns, models)
        answered = _answered(columns)
        theta[rows], se[rows] = _solve(work, start, method, mean[rows], precision[rows], answered)
    return AbilityEstimates(theta, se, method)


def _answered(columns: _Columns) -> Ints:
    """Count the answers of each person."""
    out = np.zeros(columns.size, np.int64)
    for people, category in zip(columns.people, columns.categories, strict=True):
        if category.size:
            out[slice(None) if people is None else people] += 1
    return out


class _Sums(Protocol):
    """Sums over a run of people's answers at their abilities."""

    def at(self, theta: Floats, *, bias: bool) -> tuple[Floats, Floats, Floats]:
        """Score, expected information and (if asked) Warm's bias term."""
        ...

    def keep(self, going: Bools) -> _Sums:
        """Return the same for the people kept."""
        ...


@dataclass(frozen=True, slots=True)
class _ByItem:
    """Sums item after item, for every model and any missing answers."""

    columns: _Columns
    models: Sequence[ItemModel]

    def at(self, theta: Floats, *, bias: bool) -> tuple[Floats, Floats, Floats]:
        """See `_Sums.at`."""
        return _sums(self.columns, self.models, theta, bias=bias)

    def keep(self, going: Bools) -> _Sums:
        """See `_Sums.keep`."""
        return _ByItem(_restricted(self.columns, going), self.models)


@dataclass(frozen=True, slots=True)
class _Curves:
    """Expected sum score, information and bias term of the whole test on a fine grid of abilities.

    For Rasch, 2PL, partial credit kinds and nominal each is the derivative of the one before, so
    that cubic Hermite interpolation is right to 1e-9.
    """

    values: Floats
    slopes: list[Floats]

    @classmethod
    def build(cls, models: Sequence[ItemModel]) -> _Curves | None:
        """Tabulate, or return None where a model has no sum score."""
        if not all(family_of(type(model)) in (StepFamily, NominalFamily) for model in models):
            return None
        values = np.zeros((4, _GRID.size))
        slopes = []
        for model in models:
            form = model.slope_intercept().slopes
            whole = form if len(form) > 1 else np.arange(model.categories) * form[0]
            slope = np.asarray(whole, float)
            slopes.append(slope)
            p, dp, d2p = model.derivatives(_GRID)
            ratio = np.divide(dp, p, out=np.zeros_like(dp), where=p > 0)
            values[0] += p @ slope
            values[1] += (ratio * dp).sum(axis=1)
            values[2] += (ratio * d2p).sum(axis=1)
        f, h = values[2], float(_GRID[1] - _GRID[0])
        values[3, 2:-2] = (f[:-4] - 8 * f[1:-3] + 8 * f[3:-1] - f[4:]) / (12 * h)
        return cls(values, slopes)

    def sum_scores(self, columns: _Columns) -> Floats:
        """Sum of the slopes of the chosen categories of each person."""
        out = np.zeros(columns.size)
        for slope, category in zip(self.slopes, columns.categories, strict=True):
            out += slope.take(category)
        return out


@dataclass(frozen=True, slots=True)
class _BySumScore:
    """Sums read off the test's curves, for people who answered every item."""

    scores: Floats
    curves: _Curves

    def at(self, theta: Floats, *, bias: bool) -> tuple[Floats, Floats, Floats]:
        """See `_Sums.at`."""
        step = float(_GRID[1] - _GRID[0])
        place = (theta - _GRID[0]) * (1 / step)
        cell = np.clip(place.astype(np.intp), 0, _GRID.size - 2)
        t = place - cell
        expected, information, warm, bend = self.curves.values
        score = self.scores - _hermite(cell, t, step, expected, information)
        info = _hermite(cell, t, step, information, warm)
        return score, info, _hermite(cell, t, step, warm, bend) if bias else warm[cell]

    def keep(self, going: Bools) -> _Sums:
        """See `_Sums.keep`."""
        return _BySumScore(self.scores[going], self.curves)


def _hermite(
    cell: NDArray[np.intp], t: Floats, step: float, value: Floats, slope: Floats
) -> Floats:
    """Cubic interpolation from values and derivatives at both ends of a cell."""
    low, rise = value[cell], value[cell + 1] - value[cell]
    left, right = step * slope[cell] - rise, rise - step * slope[cell + 1]
    return np.asarray(low + t * rise + t * (1 - t) * (left * (1 - t) + right * t))


def _solve(
    work: _Sums,
    start: Floats,
    method: AbilityMethod,
    mean: Floats,
    precision: Floats,
    answered: Ints,
) -> tuple[Floats, Floats]:
    """Scoring steps inside a shrinking bracket, for all people of a run at once."""
    theta = start.copy()
    low, high = np.full(theta.size, -_FAR), np.full(theta.size, _FAR)
    bias = method is AbilityMethod.WLE
    active = np.arange(theta.size)
    part = work
    for _ in range(200):
        t = theta[active]
        score, information, warm = part.at(t, bias=bias)
        score = score - precision[active] * (t - mean[active])
        information = information + precision[active]
        if bias:
            score += warm / (2 * np.maximum(information, 1e-300))
        low[active] = np.where(score > 0, t, low[active])
        high[active] = np.where(score <= 0, t, high[active])
        step = np.clip(score / np.maximum(information, 1e-300), -1.0, 1.0)
        new = t + step
        outside = (new <= low[active]) | (new >= high[active])
        new = np.where(outside & (step != 0), (low[active] + high[active]) / 2, new)
        theta[active] = new
        going = (np.abs(new - t) > 1e-10) & (high[active] - low[active] > 1e-12)
        if not going.any():
            break
        if going.sum() < 0.5 * active.size:
            part, active = part.keep(going), active[going]
    return _with_errors(work, method, theta, precision, answered)


def _restricted(columns: _Columns, keep: Bools) -> _Columns:
    """Return the columns of the people kept."""
    place = np.cumsum(keep) - 1
    people: list[Ints | None] = []
    chosen: list[Ints] = []
    for who, category in zip(columns.people, columns.categories, strict=True):
        if who is None:
            people.append(None)
            chosen.append(category[keep])
        else:
            held = keep[who]
            people.append(place[who[held]])
            chosen.append(category[held])
    return _Columns(int(keep.sum()), people, chosen)


def _with_errors(
    work: _Sums,
    method: AbilityMethod,
    theta: Floats,
    precision: Floats,
    answered: Ints,
) -> tuple[Floats, Floats]:
    _, information, _ = work.at(theta, bias=False)
    information = information + precision
    with np.errstate(divide="ignore"):
        se = 1.0 / np.sqrt(np.maximum(information, 0.0))
    if method is AbilityMethod.ML:
        # Where the likelihood keeps rising the steps ran towards the end of the range.
        never = np.abs(theta) > 0.6 * _FAR
        theta = np.where(never, np.copysign(np.inf, theta), theta)
        se = np.where(never, np.inf, se)
    if method is not AbilityMethod.MAP:
        theta = np.where(answered > 0, theta, np.nan)
        se = np.where(answered > 0, se, np.nan)
    return theta, se
