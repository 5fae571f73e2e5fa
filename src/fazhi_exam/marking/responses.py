"""Candidates by items as statistics sees them (作答矩阵)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..typing import Responses


@dataclass(frozen=True)
class ResponseMatrix:
    """Scored answers of those who sat, stored by row (作答矩阵).

    An item that was not on a candidate's paper has no entry; an item that was omitted has category
    0, because leaving it out was the candidate's doing.

    Parameters
    ----------
    candidates, item_ids
        Names of rows and columns.
    indptr
        Shape ``(people + 1,)``; entries of row i are ``indptr[i]:indptr[i + 1]``.
    item
        Column of each entry, increasing within a row.
    category
        Ordered category of each entry: 0 for no points up to ``categories[column] - 1`` for full.
    shares
        What each category of each column is worth, in ten-thousandths of the points, increasing
        from 0 to 10,000; ``(0, 10000)`` under all-or-nothing rules.
    """

    candidates: tuple[str, ...]
    item_ids: tuple[str, ...]
    indptr: NDArray[np.int64]
    item: NDArray[np.int32]
    category: Responses
    shares: tuple[tuple[int, ...], ...]

    @cached_property
    def categories(self) -> NDArray[np.int64]:
        """Number of categories of each column; 2 under all-or-nothing rules."""
        return np.array([len(steps) for steps in self.shares], np.int64)

    @property
    def shape(self) -> tuple[int, int]:
        """People and items."""
        return len(self.candidates), len(self.item_ids)

    @cached_property
    def answers_per_item(self) -> NDArray[np.int64]:
        """How many candidates were presented each item."""
        return np.bincount(self.item, minlength=len(self.item_ids)).astype(np.int64)

    @property
    def row(self) -> NDArray[np.int64]:
        """Row of each entry."""
        return np.repeat(np.arange(len(self.candidates)), np.diff(self.indptr))

    def dense(self) -> Responses:
        """Return int8 of shape ``(people, items)`` with -1 where an item was not presented."""
        table = np.full(self.shape, -1, np.int8)
        table[self.row, self.item] = self.category
        return table

    def stack(self, other: "ResponseMatrix") -> "ResponseMatrix":
        """Put another sitting's answers under these; items are united by id.

        Categories are united by what they are worth: where only one sitting gave half marks for an
        item, full marks of the other stay full marks.
        """
        worth: dict[str, set[int]] = {}
        for part in (self, other):
            for item_id, steps in zip(part.item_ids, part.shares, strict=True):
                worth.setdefault(item_id, set()).update(steps)
        ids = tuple(sorted(worth))
        shares = tuple(tuple(sorted(worth[item_id])) for item_id in ids)
        place = {item_id: i for i, item_id in enumerate(ids)}
        columns, categories = [], []
        for part in (self, other):
            to = np.array([place[item_id] for item_id in part.item_ids], np.int32)
            column = to[part.item]
            order = np.lexsort((column, part.row))
            columns.append(column[order])
            categories.append(part._categories_on(shares, to)[order])
        return ResponseMatrix(
            (*self.candidates, *other.candidates),
            ids,
            np.concatenate([self.indptr, self.indptr[-1] + other.indptr[1:]]),
            np.concatenate(columns),
            np.concatenate(categories),
            shares,
        )

    def _categories_on(
        self, shares: tuple[tuple[int, ...], ...], to: NDArray[np.int32]
    ) -> Responses:
        """Return the category of each entry among the steps of the column it goes to."""
        widest = max((len(steps) for steps in self.shares), default=2)
        table = np.zeros((len(self.shares), widest), np.int8)
        for column, steps in enumerate(self.shares):
            table[column, : len(steps)] = np.searchsorted(shares[to[column]], steps)
        return table[self.item, self.category]

    def __repr__(self) -> str:
        people, items = self.shape
        return f"ResponseMatrix({people} 人 × {items} 题，{len(self.item)} 个作答)"
