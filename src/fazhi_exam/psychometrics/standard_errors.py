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

import numpy as np

from ..typing import Floats, Ints, Responses
from .grid import Ability, GridData, GridPart, Layout, posteriors
from .kernels import Family
from .maximisation import Penalty, Statistics, joint, score_items
from .plan import Plan

__all__ = ["InformationKind", "Products", "complete_information", "score_products"]

_MOST_ORDERS = 12
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
    orders: int | None = None,
) -> Products:
    """Sum the score products over the people of `data`.

    Parameters
    ----------
    scale
        Factor from a sample to everybody.
    orders
        Polynomial orders; None sums until the next order adds less than 1e-5 of the diagonal.
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
        orders or _MOST_ORDERS,
        orders is None,
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
    first
        First column of each item, and the number of columns last.
    tables
        For category ``k``: the score of every column on the nodes if its item is answered ``k``,
        ``(columns, Q)``; 0 where the item has no such category.
    item
        Item of each column.
    """

    eta: Ints
    item: Ints
    tables: Floats

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
        return cls(
            np.concatenate(eta_parts),
            np.concatenate(item_parts).astype(np.int64),
            np.ascontiguousarray(np.concatenate(table_parts, axis=1)),
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
    adaptive: bool,
) -> tuple[Floats, Floats, int]:
    """Score products of one part; a pure function of the part and the parameters."""
    width = columns.size + population.size
    size = (width, width) if whole else (columns.size, _widest(columns))
    cross, missing = np.zeros(size), np.zeros(size)
    most = 0
    for block in posteriors(part, layout, log_p, ability, None, complete):
        theta = ability.theta[block.low : block.high]
        weights = None if part.weights is None else part.weights[block.rows]
        category = _categories(part, block.rows, layout)
        low, high = block.window
        post = np.ascontiguousarray(block.post[:, low:high])
        theta = ability.theta[low:high]
        tables = columns.tables[:, :, low:high]
        before = np.zeros_like(post)
        poly = np.ones_like(post)
        norm = np.ones(len(post))
        for order in range(orders + 1):
            weighted = post * poly
            score = np.zeros((len(post), width))
            _item_scores(score, weighted, tables, category, columns)
            if population.size:
                _population_scores(
                    score[:, columns.size :], weighted, theta, part, block.rows, population, ability
                )
            if weights is not None:
                score *= np.sqrt(weights)[:, None]
            product = score.T @ score if whole else _item_products(score, columns)
            if order == 0:
                cross += product
            else:
                missing += product
                most = max(most, order)
                diagonal = np.diagonal(product) if whole else product[:, 0]
                reference = np.diagonal(cross) if whole else cross[:, 0]
                if adaptive and np.all(diagonal <= 1e-5 * np.maximum(reference, 1e-300)):
                    break
            # Three-term recurrence of the polynomials orthonormal under each person's posterior.
            alpha = (weighted * poly) @ theta
            after = (theta - alpha[:, None]) * poly - norm[:, None] * before
            if order == 0:
                after = (theta - alpha[:, None]) * poly
            length = np.sqrt(np.maximum((post * after * after).sum(axis=1), 1e-300))
            before, poly, norm = poly, after / length[:, None], length
    return cross, missing, most


def _categories(part: GridPart, rows: slice, layout: Layout) -> Responses:
    """Categories of a block as a matrix, -1 where nothing was presented."""
    if part.matrix is not None:
        return part.matrix[rows]
    assert part.indptr is not None and part.rows is not None
    ptr = part.indptr[rows.start : rows.stop + 1]
    flat = part.rows[ptr[0] : ptr[-1]]
    item = np.searchsorted(layout.offsets, flat, side="right") - 1
    out = np.full((rows.stop - rows.start, layout.categories.size), -1, np.int8)
    person = np.repeat(np.arange(len(out)), np.diff(ptr))
    out[person, item] = (flat - layout.offsets[item]).astype(np.int8)
    return out


def _item_scores(
    score: Floats,
    weighted: Floats,
    tables: Floats,
    category: Responses,
    columns: _Columns,
) -> None:
    """Posterior expectation of each column's score times the polynomial, in place."""
    chosen = category[:, columns.item]
    target = score[:, : columns.size]
    for k, table in enumerate(tables):
        value = weighted @ table.T
        np.copyto(target, value, where=chosen == k)


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


def _widest(columns: _Columns) -> int:
    return int(np.bincount(columns.item).max(initial=1)) * 2


def _item_products(score: Floats, columns: _Columns) -> Floats:
    """Products between columns of the same item: row i holds i with i, i+1, …, as far as the item goes."""
    out = np.zeros((columns.size, _widest(columns)))
    for lag in range(_widest(columns) // 2):
        size = columns.size - lag
        same = columns.item[:size] == columns.item[lag:]
        product = np.einsum("nc,nc->c", score[:, :size], score[:, lag : lag + size])
        out[:size, lag] = np.where(same, product, 0.0)
    return out


def _apart(
    parts: Sequence[tuple[Floats, Floats, int]], plan: Plan, columns: _Columns, scale: float
) -> Products:
    """Banded products of large banks as dense matrices of free numbers (items apart)."""
    out = []
    for which in range(2):
        band = np.zeros((columns.size, _widest(columns)))
        for part in parts:
            band += (part[0], part[1])[which]
        full = np.zeros((columns.size, columns.size))
        for lag in range(band.shape[1] // 2):
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
