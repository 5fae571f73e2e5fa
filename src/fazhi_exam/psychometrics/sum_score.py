"""Expectations over ability through a weighted sum score: Rasch, 2PL, partial credit, nominal.

For these models the log-likelihood of a person is ``theta * s + c(theta) + constant`` with ``s``
the sum of the slopes of the chosen categories. All posterior moments are smooth functions of the
one number ``s``, so they are tabulated with their derivatives (the cumulants) and read off by a
short Taylor step. Answers are packed, about 13 binary items to a code: ``s`` is then a sum of
table look-ups, and expected sums over people are counts by code followed by one small product. No
array of people by nodes exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..engines import Engine, Handles
from ..typing import Floats, Ints
from .grid import Ability, Expected, Layout, PersonMoments
from .responses import ResponseSet

__all__ = ["CumulantTable", "SumScoreData"]

_STEP = 32768
_CODE_SIZE = 8192
_GRID_STEP = 0.03


@dataclass(frozen=True, slots=True)
class CumulantTable:
    """Log normaliser of the posterior and its first four derivatives on an even grid of sum scores.

    Parameters
    ----------
    start, step
        The grid is ``start + step * arange(M)``.
    values
        Shape ``(5, M)``: log normaliser, mean, variance, third and fourth cumulant.
    """

    start: float
    step: float
    values: Floats

    @classmethod
    def build(cls, base: Floats, theta: Floats, low: float, high: float) -> CumulantTable:
        """Tabulate the posterior of log-density ``theta * s + base``, `s` in ``[low, high]``."""
        size = max(2048, int(np.ceil((high - low) / _GRID_STEP))) + 1
        step = max((high - low) / (size - 1), 1e-9)
        s = low + step * np.arange(size, dtype=float)
        return cls(low, step, _cumulants(s, base, theta))

    def place(self, s: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Nearest grid point of each sum score and the distance to it."""
        cell = ((s - self.start) * (1.0 / self.step) + 0.5).astype(np.intp)
        np.minimum(cell, self.values.shape[1] - 1, out=cell)
        return cell, s - (self.start + self.step * cell)

    def mean(self, cell: NDArray[np.intp], ds: Floats) -> Floats:
        """Posterior mean."""
        _, k1, k2, k3, k4 = self.values
        out = k4.take(cell)
        out *= ds / 3.0
        out += k3.take(cell)
        out *= 0.5 * ds
        out += k2.take(cell)
        out *= ds
        out += k1.take(cell)
        return np.asarray(out)

    def variance(self, cell: NDArray[np.intp], ds: Floats) -> Floats:
        """Posterior variance."""
        _, _, k2, k3, k4 = self.values
        return np.asarray(k2.take(cell) + ds * (k3.take(cell) + 0.5 * ds * k4.take(cell)))

    def log_normaliser(self, cell: NDArray[np.intp], ds: Floats) -> Floats:
        """Logarithm of the sum over nodes."""
        z, k1, k2, k3, k4 = self.values
        inner = k2.take(cell) / 2 + ds * (k3.take(cell) / 6 + ds * k4.take(cell) / 24)
        return np.asarray(z.take(cell) + ds * (k1.take(cell) + ds * inner))


def _cumulants(s: Floats, base: Floats, theta: Floats) -> Floats:
    """Log normaliser and four cumulants at each sum score, shape ``(5, M)``."""
    post = np.multiply.outer(s, theta)
    post += base
    top = post.max(axis=1)
    post -= top[:, None]
    np.exp(post, out=post)
    total = post.sum(axis=1)
    mean = (post @ theta) / total
    # Central moments are summed about the mean itself: raw moments would cancel.
    centred = theta - mean[:, None]
    post /= total[:, None]
    post *= centred
    post *= centred
    k2 = post.sum(axis=1)
    post *= centred
    k3 = post.sum(axis=1)
    post *= centred
    k4 = post.sum(axis=1) - 3 * k2**2
    return np.stack([top + np.log(total), mean, k2, k3, k4])


@dataclass(frozen=True, slots=True)
class _Packing:
    """Which items share a code, and what each code means.

    Parameters
    ----------
    items
        Item numbers of the code.
    rows
        Flat category rows of these items.
    digits
        ``(codes, rows)`` 0/1: which category rows a code holds.
    """

    items: Ints
    rows: Ints
    digits: Floats


def _packings(layout: Layout) -> list[_Packing]:
    """Split the items into runs whose numbers of categories multiply to at most 8,192."""
    runs: list[list[int]] = [[]]
    size = 1
    for j, kinds in enumerate(layout.categories.tolist()):
        if runs[-1] and size * kinds > _CODE_SIZE:
            runs.append([])
            size = 1
        runs[-1].append(j)
        size *= kinds
    return [_packing(layout, np.array(run)) for run in runs]


def _packing(layout: Layout, items: Ints) -> _Packing:
    kinds = layout.categories[items]
    codes = np.arange(int(np.prod(kinds)))
    columns = []
    for count in kinds.tolist():
        digit, codes = codes % count, codes // count
        columns.append(digit[:, None] == np.arange(count))
    rows = np.concatenate([layout.offsets[j] + np.arange(layout.categories[j]) for j in items])
    return _Packing(items, rows, np.concatenate(columns, axis=1).astype(float))


@dataclass(frozen=True, slots=True)
class SumScorePart:
    """A run of people of one group, their answers packed.

    Parameters
    ----------
    codes
        ``(number of codes, n)``.
    """

    group: int
    codes: NDArray[np.intp]
    weights: Floats | None
    covariates: Floats | None


@dataclass(frozen=True, slots=True)
class _PartSum:
    """Sums over a part: by code, by cell (with moments of the distance), by covariate."""

    constant: float
    moments: list[Floats]
    powers: Floats
    regression: Floats | None


def _scores(codes: NDArray[np.intp], tables: list[Floats]) -> Floats:
    s = tables[0].take(codes[0])
    for row, table in zip(codes[1:], tables[1:], strict=True):
        s += table.take(row)
    return np.asarray(s)


def _expect_part(
    part: SumScorePart,
    look_up: list[Floats],
    tables: list[CumulantTable],
    ability: Ability,
) -> _PartSum:
    """Sum the expectations of one part; a pure function of the part and the parameters."""
    table = tables[part.group]
    cells = table.values.shape[1]
    moments = [np.zeros(len(t)) for t in look_up]
    powers = np.zeros((5, cells))
    regression, constant = None, 0.0
    if ability.beta is not None and part.covariates is not None:
        regression = np.zeros(part.covariates.shape[1] + 1)
    for start in range(0, part.codes.shape[1], _STEP):
        here = slice(start, start + _STEP)
        codes = part.codes[:, here]
        s = _scores(codes, look_up)
        weights = None if part.weights is None else part.weights[here]
        if regression is not None and part.covariates is not None and ability.beta is not None:
            shift = part.covariates[here] @ ability.beta
            s += shift / ability.sd**2
            lost = shift * ability.mean / ability.sd**2 + 0.5 * (shift / ability.sd) ** 2
            constant -= float(lost.sum() if weights is None else weights @ lost)
        cell, ds = table.place(s)
        mean = table.mean(cell, ds)
        power = np.ones_like(ds) if weights is None else weights.copy()
        if weights is not None:
            mean *= weights
        if regression is not None and part.covariates is not None:
            regression[:-1] += part.covariates[here].T @ mean
        for row, total in zip(codes, moments, strict=True):
            total += np.bincount(row, mean, minlength=total.size)
        powers[0] += np.bincount(cell, weights, minlength=cells)
        for i in range(1, 5):
            power *= ds
            powers[i] += np.bincount(cell, power, minlength=cells)
    return _PartSum(constant, moments, powers, regression)


def _loglik(powers: Floats, table: CumulantTable) -> float:
    """Sum of log normalisers by their Taylor series, from the counts by cell and their moments."""
    factors = np.array([1.0, 1.0, 1 / 2, 1 / 6, 1 / 24])
    return float(factors @ (powers * table.values).sum(axis=1))


def _node_mass(powers: Floats, table: CumulantTable, base: Floats, theta: Floats) -> Floats:
    """Return the expected people at each node, from counts by cell and their moments."""
    used = np.nonzero(powers[0])[0]
    z, k1, k2, k3, _ = table.values[:, used]
    h0, h1, h2, h3, _ = powers[:, used]
    s = table.start + table.step * used
    post = np.exp(np.multiply.outer(s, theta) + base - z[:, None])
    t = theta - k1[:, None]
    # Derivatives of a posterior probability by s: P t, P (t^2 - k2), P (t^3 - 3 t k2 - k3).
    factor = h0[:, None] + h1[:, None] * t + (h2 / 2)[:, None] * (t * t - k2[:, None])
    factor += (h3 / 6)[:, None] * (t * (t * t - 3 * k2[:, None]) - k3[:, None])
    return np.asarray((post * factor).sum(axis=0), dtype=float)


def _moment_part(
    part: SumScorePart, look_up: list[Floats], tables: list[CumulantTable]
) -> tuple[Floats, Floats, Floats]:
    table = tables[part.group]
    size = part.codes.shape[1]
    mean, variance, loglik = np.empty(size), np.empty(size), np.empty(size)
    for start in range(0, size, _STEP):
        here = slice(start, start + _STEP)
        cell, ds = table.place(_scores(part.codes[:, here], look_up))
        mean[here] = table.mean(cell, ds)
        variance[here] = table.variance(cell, ds)
        loglik[here] = table.log_normaliser(cell, ds)
    return mean, variance, loglik


@dataclass(frozen=True, slots=True)
class SumScoreData:
    """Packed responses of people who were all presented every item.

    Parameters
    ----------
    counts
        Weighted number of answers in each category row, shape ``(rows,)``.
    order
        Stored place → person.
    """

    layout: Layout
    packings: list[_Packing]
    counts: Floats
    order: Ints
    n_groups: int
    groups: tuple[int, ...]
    parts: Handles[SumScorePart]
    engine: Engine
    covariate_range: Floats | None

    @classmethod
    def prepare(
        cls,
        responses: ResponseSet,
        categories: Ints,
        engine: Engine,
        *,
        covariates: Floats | None = None,
    ) -> SumScoreData:
        """Pack the answers of a complete dense response set."""
        layout = Layout(np.asarray(categories, np.int64))
        packings = _packings(layout)
        loaders: list[Callable[[], SumScorePart]] = []
        groups: list[int] = []
        places: list[Ints] = []
        for group in range(responses.n_groups):
            people: Ints | None = None
            size = responses.n_people
            if responses.groups is not None:
                people = np.nonzero(responses.groups == group)[0]
                size = people.size
            for at in range(0, size, 4 * _STEP):
                span = slice(at, min(at + 4 * _STEP, size))
                chosen = np.arange(span.start, span.stop) if people is None else people[span]
                places.append(chosen)
                groups.append(group)
                index: Ints | slice = span if people is None else chosen
                loaders.append(_Loader(responses, packings, index, group, covariates))
        parts = engine.scatter(loaders)
        counts = np.zeros(layout.rows)
        for found in engine.map(_count_part, parts, packings):
            counts += found
        return cls(
            layout,
            packings,
            counts,
            np.concatenate(places) if places else np.zeros(0, np.int64),
            responses.n_groups,
            tuple(groups),
            parts,
            engine,
            covariates,
        )

    def _tables(
        self, slopes: Floats, log_p: Floats, ability: Ability
    ) -> tuple[list[Floats], list[CumulantTable], Floats]:
        """Return look-up tables of the codes, cumulant tables of the groups, base log-densities."""
        first = self.layout.offsets[:-1]
        look_up = [pack.digits @ slopes[pack.rows] for pack in self.packings]
        low = float(np.minimum.reduceat(slopes, first).sum())
        high = float(np.maximum.reduceat(slopes, first).sum())
        if ability.beta is not None and self.covariate_range is not None:
            shift = self.covariate_range @ ability.beta / ability.sd**2
            low, high = low + min(0.0, float(shift.min())), high + max(0.0, float(shift.max()))
        base = log_p[first].sum(axis=0) + ability.log_weights
        tables = [CumulantTable.build(row, ability.theta, low, high) for row in base]
        return look_up, tables, base

    def expect(
        self, log_p: Floats, ability: Ability, slopes: Floats, intercepts: Floats
    ) -> Expected:
        """One pass at the given category slopes and intercepts (flat, shape ``(rows,)``)."""
        look_up, tables, base = self._tables(slopes, log_p, ability)
        parts = self.engine.map(_expect_part, self.parts, look_up, tables, ability)
        totals = [np.zeros(len(t)) for t in look_up]
        mass = np.zeros((self.n_groups, ability.theta.size))
        loglik, regression = float(intercepts @ self.counts), None
        powers = [np.zeros_like(table.values) for table in tables]
        for part, group in zip(parts, self.groups, strict=True):
            loglik += part.constant
            powers[group] += part.powers
            for total, value in zip(totals, part.moments, strict=True):
                total += value
            if part.regression is not None:
                regression = part.regression + (0.0 if regression is None else regression)
        for group, (power, table) in enumerate(zip(powers, tables, strict=True)):
            loglik += _loglik(power, table)
            mass[group] = _node_mass(power, table, base[group], ability.theta)
        if regression is not None:
            regression[-1] = float(mass[0] @ ability.theta**2)
        moments = np.zeros(self.layout.rows)
        for pack, total in zip(self.packings, totals, strict=True):
            moments[pack.rows] = total @ pack.digits
        return Expected(
            loglik,
            self.counts,
            moments,
            mass.sum(axis=0)[None],
            None,
            mass,
            regression,
            None,
        )

    def moments(
        self, log_p: Floats, ability: Ability, slopes: Floats, intercepts: Floats
    ) -> PersonMoments:
        """Posterior mean and variance of every person, in the order of the response set.

        The log-likelihood is without the intercepts of the chosen categories.
        """
        look_up, tables, _ = self._tables(slopes, log_p, ability)
        parts = self.engine.map(_moment_part, self.parts, look_up, tables)
        fixed = [pack.digits @ intercepts[pack.rows] for pack in self.packings]
        constants = self.engine.map(_constant_part, self.parts, fixed)
        out = [np.empty(self.order.size) for _ in range(3)]
        for values, target in zip(zip(*parts, strict=True), out, strict=True):
            target[self.order] = np.concatenate(values)
        out[2][self.order] += np.concatenate(constants)
        return PersonMoments(*out)


def _count_part(part: SumScorePart, packings: list[_Packing]) -> Floats:
    """Weighted answers by category row."""
    out = np.zeros(sum(pack.rows.size for pack in packings))
    for row, pack in zip(part.codes, packings, strict=True):
        out[pack.rows] = np.bincount(row, part.weights, minlength=len(pack.digits)) @ pack.digits
    return out


def _constant_part(part: SumScorePart, fixed: list[Floats]) -> Floats:
    return _scores(part.codes, fixed)


@dataclass(frozen=True, slots=True)
class _Loader:
    """Packs one part; called once by the engine."""

    data: ResponseSet
    packings: list[_Packing]
    people: Ints | slice
    group: int
    covariates: Floats | None

    def __call__(self) -> SumScorePart:
        if self.data.matrix is None:
            raise TypeError("packing needs a dense response set")
        matrix = self.data.matrix[self.people]
        place = np.zeros((self.data.n_items, len(self.packings)), np.float32)
        for column, pack in enumerate(self.packings):
            # The first item of a run is the lowest digit. Codes stay below 2^24, exact in float32.
            place[pack.items, column] = np.cumprod(np.concatenate([[1], _radices(pack)[:-1]]))
        codes = np.empty((len(self.packings), len(matrix)), np.intp)
        for at in range(0, len(matrix), _STEP):
            here = slice(at, at + _STEP)
            codes[:, here] = (matrix[here].astype(np.float32) @ place).T
        return SumScorePart(
            self.group,
            codes,
            None if self.data.weights is None else self.data.weights[self.people],
            None if self.covariates is None else self.covariates[self.people],
        )


def _radices(pack: _Packing) -> Ints:
    """Return the number of categories of each item of a code."""
    # In code 0 every item is in its first category, so the ones of row 0 mark where items begin.
    begins = np.nonzero(pack.digits[0])[0]
    return np.diff(np.append(begins, pack.rows.size)).astype(np.int64)
