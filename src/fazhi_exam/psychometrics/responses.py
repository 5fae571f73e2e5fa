"""Response sets (作答数据): people by items, dense or sparse by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..typing import Bools, Floats, Ints, Responses

__all__ = ["NOT_PRESENTED", "ResponseLike", "ResponseSet", "as_responses"]

_ROWS = 16_384

NOT_PRESENTED = -1
"""The one missing code of a dense matrix. An omitted answer is a marking decision, not a code."""


@dataclass(frozen=True, slots=True)
class ResponseSet:
    """Answers of people to items, as category numbers 0, 1, ….

    Build it with `dense`, `sparse` or `from_answers`; cost and memory of everything that reads it
    follow the answers given, never people times bank.

    Parameters
    ----------
    n_people, n_items
        Shape.
    matrix
        ``(n_people, n_items)`` int8, -1 = not presented; None when sparse.
    indptr, items, categories
        Row pointers ``(n_people + 1,)``, item index and category of each answer, by person; None
        when dense.
    weights
        Non-negative weight of each person, or None for all 1.
    groups
        Group number of each person, 0 = reference, or None for one group.
    """

    n_people: int
    n_items: int
    matrix: Responses | None = None
    indptr: Ints | None = None
    items: NDArray[np.int32] | None = None
    categories: Responses | None = None
    weights: Floats | None = None
    groups: Ints | None = None

    @classmethod
    def dense(
        cls, matrix: ArrayLike, *, weights: ArrayLike | None = None, groups: ArrayLike | None = None
    ) -> ResponseSet:
        """Wrap a people-by-items matrix; an int8 array is used without a copy.

        Raises
        ------
        ValueError
            If a value is not a whole number from -1 to 126, or weights or groups do not fit.
        """
        given = np.asarray(matrix)
        if given.ndim != 2:
            raise ValueError(f"responses need two dimensions, found {given.ndim}")
        if given.dtype != np.int8:
            if given.dtype.kind == "f" and not np.all(np.isfinite(given)):
                raise ValueError("responses must be whole numbers; write -1 for not presented")
            if given.size and (np.any(given != np.floor(given)) or given.max() > 126):
                raise ValueError("responses must be whole numbers from -1 to 126")
            if given.size and given.min() < NOT_PRESENTED:
                raise ValueError("responses must be at least -1 (not presented)")
            given = given.astype(np.int8)
        elif given.size and given.min() < NOT_PRESENTED:
            raise ValueError("responses must be at least -1 (not presented)")
        people, items = given.shape
        return cls(
            people,
            items,
            given,
            weights=_weights(weights, people),
            groups=_groups(groups, people),
        )

    @classmethod
    def sparse(
        cls,
        indptr: ArrayLike,
        items: ArrayLike,
        categories: ArrayLike,
        *,
        n_items: int,
        weights: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> ResponseSet:
        """Wrap answers listed by person: row pointers, item index and category of each answer.

        Raises
        ------
        ValueError
            If the pointers do not rise to the number of answers, an item index is out of range, a
            person has one item twice, or a category is negative.
        """
        ptr, item = np.asarray(indptr, np.int64), np.asarray(items, np.int32)
        category = np.asarray(categories)
        if ptr.ndim != 1 or ptr.size < 1 or ptr[0] != 0 or np.any(np.diff(ptr) < 0):
            raise ValueError("indptr must start at 0 and never fall")
        if item.shape != category.shape or item.ndim != 1 or ptr[-1] != item.size:
            raise ValueError("items and categories must have indptr[-1] entries each")
        if item.size and (item.min() < 0 or item.max() >= n_items):
            raise ValueError(f"item indices must lie in 0..{n_items - 1}")
        if category.size and (category.min() < 0 or category.max() > 126):
            raise ValueError("categories must lie in 0..126; leave out what was not presented")
        people = ptr.size - 1
        key = np.repeat(np.arange(people), np.diff(ptr)) * np.int64(n_items) + item
        rising = bool(np.all(key[1:] > key[:-1]))
        if not rising and np.unique(key).size != key.size:
            raise ValueError("a person has the same item twice")
        return cls(
            people,
            n_items,
            None,
            ptr,
            item,
            category.astype(np.int8, copy=False),
            _weights(weights, people),
            _groups(groups, people),
        )

    @classmethod
    def from_answers(
        cls,
        people: ArrayLike,
        items: ArrayLike,
        categories: ArrayLike,
        *,
        n_people: int,
        n_items: int,
        weights: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> ResponseSet:
        """Build a sparse set from one (person, item, category) triple per answer, in any order."""
        who = np.asarray(people, np.int64)
        if who.size and (who.min() < 0 or who.max() >= n_people):
            raise ValueError(f"person indices must lie in 0..{n_people - 1}")
        order = np.lexsort((np.asarray(items), who))
        indptr = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=n_people))])
        return cls.sparse(
            indptr,
            np.asarray(items)[order],
            np.asarray(categories)[order],
            n_items=n_items,
            weights=weights,
            groups=groups,
        )

    @property
    def is_sparse(self) -> bool:
        """Whether the answers are listed by row."""
        return self.matrix is None

    @property
    def n_groups(self) -> int:
        """Number of groups, at least 1."""
        return 1 if self.groups is None else int(self.groups.max(initial=0)) + 1

    @property
    def is_complete(self) -> bool:
        """Whether everybody was presented every item."""
        if self.matrix is not None:
            return self.matrix.size == 0 or int(self.matrix.min()) >= 0
        return self.answers()[0].size == self.n_people * self.n_items

    def answers(self) -> tuple[NDArray[np.int32], Responses]:
        """Return item index and category of every answer, by person."""
        if self.items is not None and self.categories is not None:
            return self.items, self.categories
        matrix = self.to_dense()
        present = matrix != NOT_PRESENTED
        return np.nonzero(present)[1].astype(np.int32), matrix[present]

    def row_pointers(self) -> Ints:
        """Return the row pointers of `answers`, shape ``(n_people + 1,)``."""
        if self.indptr is not None:
            return self.indptr
        counts = np.count_nonzero(self.to_dense() != NOT_PRESENTED, axis=1)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def to_dense(self) -> Responses:
        """Return the people-by-items matrix with -1 where nothing was presented."""
        if self.matrix is not None:
            return self.matrix
        out = np.full((self.n_people, self.n_items), NOT_PRESENTED, np.int8)
        items, categories = self.answers()
        out[np.repeat(np.arange(self.n_people), np.diff(self.row_pointers())), items] = categories
        return out

    def to_sparse(self) -> ResponseSet:
        """Return the same answers listed by row."""
        if self.matrix is None:
            return self
        items, categories = self.answers()
        return ResponseSet(
            self.n_people,
            self.n_items,
            None,
            self.row_pointers(),
            items,
            categories,
            self.weights,
            self.groups,
        )

    def category_counts(self, *, weighted: bool = False) -> Floats:
        """Count the answers in each category of each item.

        Returns
        -------
        Floats
            Shape ``(n_items, highest category + 1)``.
        """
        if self.matrix is not None:
            top = max(1, int(self.matrix.max(initial=0)))
            out = np.zeros((self.n_items, top + 1))
            weights = self.weights if weighted else None
            for at in range(0, self.n_people, _ROWS):
                block = self.matrix[at : at + _ROWS]
                weights = None
                if weighted and self.weights is not None:
                    weights = self.weights[at : at + _ROWS]
                for k in range(top + 1):
                    out[:, k] += _column_sums(block == k, weights)
            return out
        items, categories = self.answers()
        top = max(1, int(categories.max(initial=0)))
        ptr = self.row_pointers()
        flat = np.zeros(self.n_items * (top + 1))
        for at in range(0, self.n_people, _ROWS):
            end = min(at + _ROWS, self.n_people)
            span = slice(ptr[at], ptr[end])
            key = items[span].astype(np.intp) * (top + 1) + categories[span]
            w = None
            if weighted and self.weights is not None:
                w = np.repeat(self.weights[at:end], np.diff(ptr[at : end + 1]))
            flat += np.bincount(key, w, minlength=flat.size)
        return flat.reshape(self.n_items, -1)

    def rows(self, index: ArrayLike) -> ResponseSet:
        """Return the chosen people, in the order given."""
        index = np.asarray(index)
        if index.dtype == bool:
            index = np.nonzero(index)[0]
        weights = None if self.weights is None else self.weights[index]
        groups = None if self.groups is None else self.groups[index]
        if self.matrix is not None:
            chosen = self.matrix[index]
            return ResponseSet(len(index), self.n_items, chosen, weights=weights, groups=groups)
        if self.indptr is None or self.items is None or self.categories is None:
            raise TypeError("a response set is dense or sparse")
        lengths = np.diff(self.indptr)[index]
        ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        place = np.arange(ptr[-1]) + np.repeat(self.indptr[index] - ptr[:-1], lengths)
        return ResponseSet(
            len(index),
            self.n_items,
            None,
            ptr,
            self.items[place],
            self.categories[place],
            weights,
            groups,
        )


ResponseLike: TypeAlias = ResponseSet | Responses | Sequence[Sequence[int]]
"""What estimation and scoring accept: a response set, or a matrix with -1 for not presented."""


def as_responses(responses: ResponseLike) -> ResponseSet:
    """Return a response set; a matrix becomes a dense one."""
    return responses if isinstance(responses, ResponseSet) else ResponseSet.dense(responses)


def _column_sums(hit: Bools, weights: Floats | None) -> Floats:
    """Weighted number of true cells in each column."""
    if weights is not None:
        return np.asarray(weights @ hit)
    # Sums of at most 128 rows fit a byte, and byte sums are vectorised.
    whole = len(hit) // 128 * 128
    bytes_ = hit[:whole].view(np.uint8).reshape(-1, 128, hit.shape[1]).sum(axis=1, dtype=np.uint8)
    return np.asarray(bytes_.sum(axis=0, dtype=float) + hit[whole:].sum(axis=0))


def _weights(weights: ArrayLike | None, people: int) -> Floats | None:
    if weights is None:
        return None
    w = np.asarray(weights, float)
    if w.shape != (people,) or not np.all(np.isfinite(w)) or np.any(w < 0):
        raise ValueError(f"weights: {people} finite non-negative numbers")
    return w


def _groups(groups: ArrayLike | None, people: int) -> Ints | None:
    if groups is None:
        return None
    g = np.asarray(groups)
    if g.shape != (people,) or g.dtype.kind not in "iu" or np.any(g < 0):
        raise ValueError(f"groups: {people} group numbers from 0")
    return g.astype(np.int64)
