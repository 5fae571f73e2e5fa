"""Expectations over ability on a grid of nodes, for every model, dense or sparse.

People are sorted by their proportion of points and cut into blocks of similar people; a block sums
only over the nodes where somebody in it has posterior mass. Block boundaries depend on the data
alone and results are added in block order, so every engine gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..engines import Engine, Handles
from ..typing import Floats, Ints, Responses
from .responses import ResponseSet

__all__ = ["Ability", "Expected", "GridData", "GridPart", "Layout", "PersonMoments", "posteriors"]

BLOCK = 4096
PART = 16 * BLOCK
_CUT = 1e-12
_EDGE = 1e-11


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each category of each item stands in a flat table with one row per category.

    Parameters
    ----------
    categories
        Number of categories of each item, shape ``(J,)``.
    """

    categories: Ints

    @property
    def offsets(self) -> Ints:
        """First row of each item, and the number of rows last; shape ``(J + 1,)``."""
        return np.concatenate([[0], np.cumsum(self.categories)]).astype(np.int64)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.categories.sum())

    def columns(self, *, first: int) -> tuple[Ints, list[tuple[int, Ints]]]:
        """Return rows in category-major order from category `first`, and the items per category."""
        parts = [
            (k, np.nonzero(self.categories > k)[0]) for k in range(first, self.categories.max())
        ]
        order = [self.offsets[items] + k for k, items in parts]
        return np.concatenate(order), parts


@dataclass(frozen=True, slots=True)
class Ability:
    """The ability distribution on the nodes.

    Parameters
    ----------
    theta
        Nodes, shape ``(Q,)``.
    log_weights
        Shape ``(G, Q)``, each row normalised.
    sd
        Residual standard deviation, used with a regression.
    beta
        Regression coefficients of the covariates, or None. The mean of a person is the group's
        mean plus ``covariates @ beta``.
    """

    theta: Floats
    log_weights: Floats
    sd: float = 1.0
    mean: float = 0.0
    beta: Floats | None = None


@dataclass(frozen=True, slots=True)
class GridPart:
    """A run of sorted people of one group.

    Parameters
    ----------
    group
        Group number.
    start
        First place of the part in the numbering of blocks.
    first
        Place of the first person in the sorted order.
    matrix
        ``(n, J)`` categories, or None when sparse.
    indptr, rows
        Row pointers and flat category rows of the answers, when sparse.
    weights, covariates
        Per person, or None.
    """

    group: int
    start: int
    first: int
    size: int
    matrix: Responses | None
    indptr: Ints | None
    rows: NDArray[np.int32] | None
    weights: Floats | None
    covariates: Floats | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What one pass over the people gives.

    Parameters
    ----------
    loglik
        Weighted log-likelihood.
    counts, moments
        Expected number and expected sum of abilities in each category row, shape ``(rows,)``.
    mass
        Expected number of people at each node who were presented the item, ``(J, Q)``; ``(1, Q)``
        if all items share it.
    table
        Expected numbers by category row and node, ``(rows, Q)``; None from the sum-score pass.
    group_mass
        ``(G, Q)``.
    regression
        Sums of ``w x E(theta)``, and of ``w E(theta^2)`` last; None without a regression.
    windows
        First and last node of each block for the next pass.
    """

    loglik: float
    counts: Floats
    moments: Floats
    mass: Floats
    table: Floats | None
    group_mass: Floats
    regression: Floats | None
    windows: Ints | None


@dataclass(frozen=True, slots=True)
class PersonMoments:
    """Posterior mean, variance and log-likelihood per person, in the order of the response set."""

    mean: Floats
    variance: Floats
    loglik: Floats


@dataclass(frozen=True, slots=True)
class _Block:
    """Posterior of a block of people on its window of nodes."""

    rows: slice
    low: int
    high: int
    post: Floats
    loglik: Floats
    hot: Floats | sparse.csr_matrix
    window: tuple[int, int]


def one_hot(matrix: Responses, parts: Sequence[tuple[int, Ints]]) -> Floats:
    """Return indicators of the categories in `parts`, category-major, ``(n, columns)``."""
    n, items = matrix.shape
    if len(parts) == 1 and parts[0][0] == 1 and parts[0][1].size == items:
        return matrix.astype(float)
    out = np.empty((n, sum(chosen.size for _, chosen in parts)))
    at = 0
    for k, chosen in parts:
        source = matrix if chosen.size == items else matrix[:, chosen]
        np.equal(source, k, out=out[:, at : at + chosen.size], casting="unsafe")
        at += chosen.size
    return out


def posteriors(
    part: GridPart,
    layout: Layout,
    log_p: Floats,
    ability: Ability,
    windows: Ints | None,
    complete: bool,
) -> Iterator[_Block]:
    """Yield the posterior of each block of a part.

    Parameters
    ----------
    log_p
        Log-probabilities by category row and node, ``(rows, Q)``.
    windows
        First and last + 1 node of every block of the whole data, or None for all nodes.
    complete
        Whether everybody in the data was presented every item.
    """
    theta = ability.theta
    prior = ability.log_weights[part.group]
    matrix = part.matrix
    if matrix is not None:
        order, kinds = layout.columns(first=1 if complete else 0)
        table = log_p[order]
        base = prior
        if complete:
            zero = log_p[layout.offsets[:-1]]
            table = table - zero[_items_of(kinds)]
            base = prior + zero.sum(axis=0)
    else:
        table, base = log_p, prior
    for start in range(0, part.size, BLOCK):
        rows = slice(start, min(start + BLOCK, part.size))
        hot: Floats | sparse.csr_matrix
        if matrix is not None:
            hot = one_hot(matrix[rows], kinds)
        else:
            hot = _csr_block(part, rows, layout.rows)
        number = (part.start + start) // BLOCK
        low, high = (0, theta.size) if windows is None else windows[number].tolist()
        shift = None
        if ability.beta is not None and part.covariates is not None:
            shift = part.covariates[rows] @ ability.beta
        post, loglik = _normalised(hot, table, base, theta, low, high, shift, ability)
        edge = windows is not None and (
            (low > 0 and post[:, 0].max() > _EDGE)
            or (high < theta.size and post[:, -1].max() > _EDGE)
        )
        if edge:
            low, high = 0, theta.size
            post, loglik = _normalised(hot, table, base, theta, low, high, shift, ability)
        window = (low, high)
        if edge or windows is None:
            held = np.nonzero(post.max(axis=0) > _CUT)[0]
            window = (max(0, int(held[0]) - 1), min(theta.size, int(held[-1]) + 2))
        yield _Block(rows, low, high, post, loglik, hot, window)


def _items_of(kinds: Sequence[tuple[int, Ints]]) -> Ints:
    return np.concatenate([items for _, items in kinds])


def _csr_block(part: GridPart, rows: slice, width: int) -> sparse.csr_matrix:
    if part.indptr is None or part.rows is None:
        raise TypeError("a part is dense or sparse")
    ptr = part.indptr[rows.start : rows.stop + 1]
    index = part.rows[ptr[0] : ptr[-1]]
    shape = (rows.stop - rows.start, width)
    return sparse.csr_matrix((np.ones(index.size), index, ptr - ptr[0]), shape=shape)


def _normalised(
    hot: Floats | sparse.csr_matrix,
    table: Floats,
    base: Floats,
    theta: Floats,
    low: int,
    high: int,
    shift: Floats | None,
    ability: Ability,
) -> tuple[Floats, Floats]:
    post = np.asarray(hot @ np.ascontiguousarray(table[:, low:high]))
    post += base[low:high]
    if shift is not None:
        # log of N(theta; mean + shift, sd) minus that of N(theta; mean, sd), which stands in
        # `base`.
        post += np.outer(shift / ability.sd**2, theta[low:high] - ability.mean)
        post -= (0.5 * (shift / ability.sd) ** 2)[:, None]
    top = post.max(axis=1)
    post -= top[:, None]
    np.exp(post, out=post)
    total = post.sum(axis=1)
    post *= (1.0 / total)[:, None]
    return post, top + np.log(total)


@dataclass(frozen=True, slots=True)
class _PartSum:
    loglik: float
    table: Floats
    mass: Floats
    regression: Floats | None
    windows: list[tuple[int, tuple[int, int]]]


def _expect_part(
    part: GridPart,
    layout: Layout,
    log_p: Floats,
    ability: Ability,
    windows: Ints | None,
    complete: bool,
) -> _PartSum:
    """Sum the expectations of one part; a pure function of the part and the parameters."""
    nodes = ability.theta.size
    dense = part.matrix is not None
    order = layout.columns(first=1 if complete else 0)[0] if dense else np.arange(layout.rows)
    out, mass, loglik = np.zeros((order.size, nodes)), np.zeros(nodes), 0.0
    seen: list[tuple[int, tuple[int, int]]] = []
    width = 0 if part.covariates is None else part.covariates.shape[1]
    regression = np.zeros(width + 1) if ability.beta is not None else None
    for block in posteriors(part, layout, log_p, ability, windows, complete):
        post, where = block.post, slice(block.low, block.high)
        weights = None if part.weights is None else part.weights[block.rows]
        if weights is not None:
            post *= weights[:, None]
        loglik += float(block.loglik.sum() if weights is None else weights @ block.loglik)
        mass[where] += post.sum(axis=0)
        out[:, where] += np.asarray(block.hot.T @ post)
        seen.append(((part.start + block.rows.start) // BLOCK, block.window))
        if regression is not None and part.covariates is not None:
            theta = ability.theta[where]
            regression[:-1] += part.covariates[block.rows].T @ (post @ theta)
            regression[-1] += float(post.sum(axis=0) @ theta**2)
    table = np.zeros((layout.rows, nodes))
    table[order] = out
    if dense and complete:
        first = layout.offsets[:-1]
        table[first] = mass - np.add.reduceat(table, first, axis=0)
    return _PartSum(loglik, table, mass, regression, seen)


def _moment_part(
    part: GridPart, layout: Layout, log_p: Floats, ability: Ability, complete: bool
) -> tuple[Floats, Floats, Floats]:
    mean, variance, loglik = np.empty(part.size), np.empty(part.size), np.empty(part.size)
    for block in posteriors(part, layout, log_p, ability, None, complete):
        theta = ability.theta[block.low : block.high]
        centre = block.post @ theta
        mean[block.rows] = centre
        variance[block.rows] = block.post @ theta**2 - centre**2
        loglik[block.rows] = block.loglik
    return mean, variance, loglik


@dataclass(frozen=True, slots=True)
class GridData:
    """Sorted, chunked responses ready for passes on a grid.

    Parameters
    ----------
    layout
        Category rows.
    complete
        Whether everybody was presented every item.
    order
        Sorted place → person, shape ``(N,)``.
    """

    layout: Layout
    complete: bool
    order: Ints
    n_groups: int
    n_blocks: int
    parts: Handles[GridPart]
    engine: Engine

    @classmethod
    def prepare(
        cls,
        responses: ResponseSet,
        categories: Ints,
        engine: Engine,
        *,
        covariates: Floats | None = None,
        dense_share: float = 0.5,
    ) -> GridData:
        """Sort people by group and proportion of points and cut them into parts.

        Parameters
        ----------
        dense_share
            A dense matrix with a smaller share of presented cells is stored by answers instead.
        """
        layout = Layout(np.asarray(categories, np.int64))
        complete = responses.matrix is not None and responses.is_complete
        data = responses
        if data.matrix is not None and not complete:
            share = np.count_nonzero(data.matrix >= 0) / max(1, data.matrix.size)
            data = data.to_sparse() if share < dense_share else data
        groups = np.zeros(data.n_people, np.int64) if data.groups is None else data.groups
        order = np.lexsort((_proportion(data, layout), groups))
        loaders: list[Callable[[], GridPart]] = []
        start = first = 0
        for group in range(responses.n_groups):
            people = order[groups[order] == group]
            for at in range(0, people.size, PART):
                chosen = people[at : at + PART]
                loaders.append(_Loader(data, layout, chosen, group, start, first, covariates))
                start += -(-chosen.size // BLOCK) * BLOCK
                first += chosen.size
        return cls(
            layout,
            complete,
            order,
            responses.n_groups,
            start // BLOCK,
            engine.scatter(loaders),
            engine,
        )

    def expect(self, log_p: Floats, ability: Ability, windows: Ints | None = None) -> Expected:
        """One pass: expected counts at the given log-probabilities and ability distribution."""
        parts = self.engine.map(
            _expect_part, self.parts, self.layout, log_p, ability, windows, self.complete
        )
        nodes = ability.theta.size
        table, mass = np.zeros((self.layout.rows, nodes)), np.zeros((self.n_groups, nodes))
        found = np.zeros((self.n_blocks, 2), np.int64)
        regression = None
        loglik = 0.0
        for part, handle in zip(parts, self._groups(), strict=True):
            loglik += part.loglik
            table += part.table
            mass[handle] += part.mass
            if part.regression is not None:
                regression = part.regression + (0.0 if regression is None else regression)
            for number, window in part.windows:
                found[number] = window
        first = self.layout.offsets[:-1]
        by_item = mass.sum(axis=0)[None] if self.complete else np.add.reduceat(table, first, axis=0)
        return Expected(
            loglik,
            table.sum(axis=1),
            table @ ability.theta,
            by_item,
            table,
            mass,
            regression,
            found,
        )

    def moments(self, log_p: Floats, ability: Ability) -> PersonMoments:
        """Posterior mean and variance of every person, in the order of the response set."""
        parts = self.engine.map(
            _moment_part, self.parts, self.layout, log_p, ability, self.complete
        )
        out = [np.empty(self.order.size) for _ in range(3)]
        for values, target in zip(zip(*parts, strict=True), out, strict=True):
            target[self.order] = np.concatenate(values)
        return PersonMoments(*out)

    def _groups(self) -> list[int]:
        return self.engine.map(_group_of, self.parts)


def _group_of(part: GridPart) -> int:
    return part.group


def _proportion(data: ResponseSet, layout: Layout) -> Floats:
    """Share of the points reached, the sorting key."""
    top = (layout.categories - 1).astype(float)
    if data.matrix is not None:
        present = data.matrix >= 0
        if present.all():
            return np.asarray(data.matrix.sum(axis=1, dtype=np.int64)).astype(float)
        points = np.where(present, data.matrix, 0).sum(axis=1, dtype=np.int64)
        return np.asarray(points / np.maximum(present @ top, 1.0))
    items, categories = data.answers()
    ptr = data.row_pointers()
    out = np.empty(data.n_people)
    # In runs of people: sums over all answers at once would take many times their memory.
    for at in range(0, data.n_people, PART):
        end = min(at + PART, data.n_people)
        span, cuts = slice(ptr[at], ptr[end]), ptr[at : end + 1] - ptr[at]
        total = np.concatenate([[0], np.cumsum(categories[span], dtype=np.int64)])
        most = np.concatenate([[0.0], np.cumsum(top[items[span]])])
        gained, possible = np.diff(total[cuts]), np.diff(most[cuts])
        out[at:end] = gained / np.maximum(possible, 1.0)
    return out


@dataclass(frozen=True, slots=True)
class _Loader:
    """Builds one part; called once by the engine."""

    data: ResponseSet
    layout: Layout
    people: Ints
    group: int
    start: int
    first: int
    covariates: Floats | None

    def __call__(self) -> GridPart:
        chosen = self.data.rows(self.people)
        covariates = None if self.covariates is None else self.covariates[self.people]
        rows = None
        if chosen.matrix is None:
            items, categories = chosen.answers()
            rows = (self.layout.offsets[items] + categories).astype(np.int32)
        return GridPart(
            self.group,
            self.start,
            self.first,
            self.people.size,
            None if chosen.matrix is None else np.ascontiguousarray(chosen.matrix),
            None if rows is None else chosen.row_pointers(),
            rows,
            chosen.weights,
            covariates,
        )
