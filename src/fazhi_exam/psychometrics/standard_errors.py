"""Information matrices of a marginal calibration: observed, cross-product, sandwich.

By Louis (1982) the observed information is the expected complete-data information less the
posterior covariance of the complete-data score, summed over people. That covariance is expanded,
person by person, in the polynomials orthonormal under the person's own posterior: the term of
order 0 is the observed score (its products give the cross-product form), the terms of order 1, 2,
… are the covariance. The series ends exactly at the number of nodes and is cut where it no longer
matters. No refit, no finite differences of the likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np

from ..typing import Bools, Floats, Ints, Responses
from .grid import Ability, GridData, GridPart, Layout, posteriors
from .kernels import Family
from .maximisation import Penalty, Statistics, joint, score_items
from .plan import Plan

__all__ = ["InformationKind", "Products", "complete_information", "score_products"]

_MOST_ORDERS = 20
_DENSE_LIMIT = 800


class InformationKind(Enum):
    """Which information matrix the standard errors come from."""

    OBSERVED = "observed"
    CROSS_PRODUCT = "cross-product"
    SANDWICH = "sandwich"


@dataclass(frozen=True, slots=True)
class PopulationTerms:
    """Population numbers whose scores join the items' scores.

    Parameters
    ----------
    mean, sd
        Per group.
    mean_free, sd_free
        Group numbers with a free mean, with a free sd.
    n_beta
        Number of regression coefficients.
    """

    mean: Floats
    sd: Floats
    mean_free: Ints
    sd_free: Ints
    n_beta: int

    @property
    def size(self) -> int:
        """How many numbers."""
        return self.mean_free.size + self.sd_free.size + self.n_beta


@dataclass(frozen=True, slots=True)
class Products:
    """Sums over people of products of scores, in free numbers (items, then population).

    Parameters
    ----------
    cross
        Products of observed scores.
    missing
        Posterior covariances of complete-data scores.
    orders
        Polynomial orders that were summed for `missing`.
    apart
        Whether products between different items were left out (very large sparse banks).
    """

    cross: Floats
    missing: Floats
    orders: int
    apart: bool


def score_products(
    data: GridData,
    plan: Plan,
    etas: Sequence[Floats],
    ability: Ability,
    population: PopulationTerms,
    *,
    scale: float = 1.0,
    orders: int = _MOST_ORDERS,
    cut: float = 1e-8,
) -> Products:
    """Sum the score products over the people of `data`.

    Parameters
    ----------
    scale
        Factor from a sample to everybody.
    orders
        Most polynomial orders.
    cut
        Stop when an order adds less than this share to the diagonal; 0 sums all orders.
    """
    columns = _Columns.build(plan, etas, ability.theta)
    log_p, _ = plan.log_p(etas, ability.theta)
    whole = columns.size <= _DENSE_LIMIT
    parts = data.engine.map(
        _products_part,
        data.parts,
        data.layout,
        log_p,
        ability,
        data.complete,
        columns,
        population,
        whole,
        orders,
        cut,
    )
    width = columns.size + population.size
    cross = np.zeros((width, width)) if whole else np.zeros(0)
    missing = np.zeros_like(cross)
    if not whole:
        return _apart(parts, plan, columns, scale)
    for one, two, _ in parts:
        cross += one
        missing += two
    used = max((part[2] for part in parts), default=0)
    carry = _carry(plan, columns, population.size)
    return Products(scale * carry.T @ cross @ carry, scale * carry.T @ missing @ carry, used, False)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The movable item parameters, and their score at every category row.

    Parameters
    ----------
    eta
        Place of each column in the flat vector of item parameters.
    item
        Item of each column, rising.
    tables
        For category ``k``: the score of every column on the nodes if its item is answered ``k``,
        ``(columns, Q)``; 0 where the item has no such category.
    first
        First column of each item, and the number of columns last.
    """

    eta: Ints
    item: Ints
    tables: Floats
    first: Ints

    @property
    def widest(self) -> int:
        """Most columns of an item."""
        return int(np.diff(self.first).max(initial=1))

    @property
    def size(self) -> int:
        """Number of columns."""
        return int(self.eta.size)

    @classmethod
    def build(cls, plan: Plan, etas: Sequence[Floats], theta: Floats) -> _Columns:
        movable = np.asarray(plan.design.getnnz(axis=1) > 0)
        eta_parts, item_parts, table_parts = [], [], []
        kinds = max(f.categories for f in plan.families)
        for family, eta, low in zip(plan.families, etas, plan.offsets, strict=False):
            count, m = eta.shape
            place = low + np.arange(count * m).reshape(count, m)
            held = movable[place]
            slope = family.gradient(eta, theta, family.log_p(eta, theta))
            table = np.zeros((kinds, count, m, theta.size))
            table[: family.categories] = slope.transpose(2, 0, 1, 3)
            eta_parts.append(place[held])
            item_parts.append(np.broadcast_to(family.items[:, None], (count, m))[held])
            table_parts.append(table[:, held])
        item = np.concatenate(item_parts).astype(np.int64)
        order = np.argsort(item, kind="stable")
        return cls(
            np.concatenate(eta_parts)[order],
            item[order],
            np.ascontiguousarray(np.concatenate(table_parts, axis=1)[:, order]),
            np.searchsorted(item[order], np.arange(len(plan.kinds) + 1)),
        )


def _carry(plan: Plan, columns: _Columns, extra: int) -> Floats:
    """Map from columns (and population numbers) to free numbers."""
    design = plan.design[columns.eta].toarray()
    out = np.zeros((columns.size + extra, plan.n_free + extra))
    out[: columns.size, : plan.n_free] = design
    out[columns.size :, plan.n_free :] = np.eye(extra)
    return out


def _products_part(
    part: GridPart,
    layout: Layout,
    log_p: Floats,
    ability: Ability,
    complete: bool,
    columns: _Columns,
    population: PopulationTerms,
    whole: bool,
    orders: int,
    cut: float,
) -> tuple[Floats, Floats, int]:
    """Score products of one part; a pure function of the part and the parameters."""
    width = columns.size + population.size
    size = (width, width) if whole else (columns.size, columns.widest)
    cross, missing = np.zeros(size), np.zeros(size)
    most = 0
    for block in posteriors(part, layout, log_p, ability, None, complete):
        low, high = block.window
        post = np.ascontiguousarray(block.post[:, low:high])
        theta = ability.theta[low:high]
        tables = columns.tables[:, :, low:high]
        weights = None if part.weights is None else part.weights[block.rows]
        answers = _Answers.build(part, block.rows, layout, columns, whole)
        before, poly = np.zeros_like(post), np.ones_like(post)
        norm = np.ones(len(post))
        for order in range(orders + 1):
            weighted = post * poly
            # The products of the square root of the weight are the weighted products.
            scaled = weighted if weights is None else weighted * np.sqrt(weights)[:, None]
            if whole:
                score = np.zeros((len(post), width))
                answers.scores(score, scaled, tables)
                if population.size:
                    target = score[:, columns.size :]
                    _population_scores(target, scaled, theta, part, block.rows, population, ability)
                product = score.T @ score
            else:
                product = answers.item_products(scaled, tables, columns)
            if order == 0:
                cross += product
            else:
                missing += product
                most = max(most, order)
                diagonal = np.diagonal(product) if whole else product[:, 0]
                reference = np.diagonal(cross) if whole else cross[:, 0]
                if cut and np.all(diagonal <= cut * np.maximum(reference, 1e-300)):
                    break
            # Three-term recurrence of the polynomials orthonormal under each person's posterior.
            alpha = (weighted * poly) @ theta
            after = (theta - alpha[:, None]) * poly
            if order:
                after -= norm[:, None] * before
            length = np.sqrt(np.maximum((post * after * after).sum(axis=1), 1e-300))
            before, poly, norm = poly, after / length[:, None], length
    return cross, missing, most


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a block of people answered, arranged for their scores.

    Parameters
    ----------
    chosen
        Per category the people and columns it applies to, ``(n, columns)``; empty for large banks.
    people, categories
        Per item the people who answered it and their answers; empty otherwise.
    """

    complete: bool
    chosen: list[Bools]
    people: list[Ints]
    categories: list[Ints]

    @classmethod
    def build(
        cls, part: GridPart, rows: slice, layout: Layout, columns: _Columns, whole: bool
    ) -> _Answers:
        if whole:
            matrix = _categories(part, rows, layout)
            spread = matrix[:, columns.item]
            complete = part.matrix is not None and bool((matrix >= 0).all())
            kinds = range(len(columns.tables))
            return cls(complete, [spread == k for k in kinds], [], [])
        item, category, person = _listed(part, rows, layout)
        order = np.argsort(item, kind="stable")
        cuts = np.searchsorted(item[order], np.arange(layout.categories.size + 1))
        people, categories = [], []
        for low, high in pairwise(cuts.tolist()):
            people.append(person[order[low:high]])
            categories.append(category[order[low:high]])
        return cls(False, [], people, categories)

    def scores(self, score: Floats, weighted: Floats, tables: Floats) -> None:
        """Posterior expectation of each column's score times the polynomial, in place."""
        size = tables.shape[1]
        target = score[:, :size]
        for k, (table, here) in enumerate(zip(tables, self.chosen, strict=True)):
            value = weighted @ table.T
            if k == 0 and self.complete:
                target[:] = value
            else:
                np.copyto(target, value, where=here)

    def item_products(self, weighted: Floats, tables: Floats, columns: _Columns) -> Floats:
        """Products between columns of one item: row i holds i with i, i + 1, … of the item."""
        out = np.zeros((columns.size, columns.widest))
        for j, (people, category) in enumerate(zip(self.people, self.categories, strict=True)):
            low, high = columns.first[j], columns.first[j + 1]
            if low == high or not people.size:
                continue
            table = tables[:, low:high]
            flat = weighted[people] @ table.reshape(-1, table.shape[2]).T
            score = flat.reshape(people.size, len(table), -1)[np.arange(people.size), category]
            # Row i of an item keeps its products with i, i + 1, …: the upper triangle, shifted
            # left.
            product = score.T @ score
            for i in range(high - low):
                out[low + i, : high - low - i] = product[i, i:]
        return out


def _listed(part: GridPart, rows: slice, layout: Layout) -> tuple[Ints, Ints, Ints]:
    """Item, category and person (within the block) of every answer of a block."""
    if part.matrix is not None:
        matrix = part.matrix[rows]
        person, item = np.nonzero(matrix >= 0)
        return item, matrix[person, item].astype(np.int64), person
    if part.indptr is None or part.rows is None:
        raise TypeError("a part is dense or sparse")
    ptr = part.indptr[rows.start : rows.stop + 1]
    flat = part.rows[ptr[0] : ptr[-1]].astype(np.int64)
    owner = np.repeat(np.arange(layout.categories.size), layout.categories)
    item = owner[flat]
    return item, flat - layout.offsets[item], np.repeat(np.arange(ptr.size - 1), np.diff(ptr))


def _categories(part: GridPart, rows: slice, layout: Layout) -> Responses:
    """Categories of a block as a matrix, -1 where nothing was presented."""
    if part.matrix is not None:
        return part.matrix[rows]
    item, category, person = _listed(part, rows, layout)
    out = np.full((rows.stop - rows.start, layout.categories.size), -1, np.int8)
    out[person, item] = category
    return out


def _population_scores(
    score: Floats,
    weighted: Floats,
    theta: Floats,
    part: GridPart,
    rows: slice,
    population: PopulationTerms,
    ability: Ability,
) -> None:
    mean, sd = population.mean[part.group], population.sd[part.group]
    shift = np.zeros(len(score))
    if ability.beta is not None and part.covariates is not None:
        shift = part.covariates[rows] @ ability.beta
    total, first = weighted.sum(axis=1), weighted @ theta
    centre = first - (mean + shift) * total
    at = population.mean_free.size
    where = np.nonzero(population.mean_free == part.group)[0]
    score[:, where] = (centre / sd**2)[:, None]
    where = at + np.nonzero(population.sd_free == part.group)[0]
    if where.size:
        second = weighted @ theta**2
        spread = second - 2 * (mean + shift) * first + (mean + shift) ** 2 * total
        score[:, where] = (spread / sd**2 - total)[:, None]
    if population.n_beta and part.covariates is not None:
        score[:, at + population.sd_free.size :] = part.covariates[rows] * (centre / sd**2)[:, None]


def _apart(
    parts: Sequence[tuple[Floats, Floats, int]], plan: Plan, columns: _Columns, scale: float
) -> Products:
    """Banded products of large banks as dense matrices of free numbers (items apart)."""
    out = []
    for which in range(2):
        band = np.zeros((columns.size, columns.widest))
        for part in parts:
            band += (part[0], part[1])[which]
        full = np.zeros((columns.size, columns.size))
        for lag in range(band.shape[1]):
            i = np.arange(columns.size - lag)
            full[i, i + lag] = band[: columns.size - lag, lag]
            full[i + lag, i] = band[: columns.size - lag, lag]
        design = plan.design[columns.eta]
        out.append(scale * np.asarray(design.T @ (design.T @ full).T))
    return Products(out[0], out[1], max(part[2] for part in parts), True)


def complete_information(
    plan: Plan,
    etas: Sequence[Floats],
    theta: Floats,
    stats: Sequence[Statistics],
    penalty: Penalty,
) -> Floats:
    """Negative second derivative of the expected log-posterior by the free item numbers.

    Central differences of the exact gradient of each item (a handful of numbers per item, no data).
    """
    blocks = [
        _curvature(family, eta, theta, stat, penalty)
        for family, eta, stat in zip(plan.families, etas, stats, strict=True)
    ]
    return joint(plan, blocks)


def _curvature(
    family: Family, eta: Floats, theta: Floats, stats: Statistics, penalty: Penalty
) -> Floats:
    count, m = eta.shape
    out = np.zeros((count, m, m))
    for column in range(m):
        real = np.isfinite(eta[:, column])
        if not real.any():
            continue
        h = np.where(real, 1e-5 * np.maximum(1.0, np.abs(np.where(real, eta[:, column], 0.0))), 0.0)
        up, down = eta.copy(), eta.copy()
        up[:, column] += h
        down[:, column] -= h
        high = score_items(family, up, theta, stats, penalty).gradient
        low = score_items(family, down, theta, stats, penalty).gradient
        out[:, column] = -(high - low) / np.where(real, 2 * h, 1.0)[:, None]
    return (out + out.transpose(0, 2, 1)) / 2
