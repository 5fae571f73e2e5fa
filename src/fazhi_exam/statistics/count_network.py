"""A two-way table of counts as a network: what stays possible when some counts are hidden.

Every count is an arc: the grand total flows to the rows, each row's total through its cells to the
columns, and the column totals flow back. Counts add up exactly when the flow is conserved, so what
hidden counts may be is a question about circulations in the hidden arcs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from ..typing import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class CountNetwork:
    """Arcs of an extended table, row by row.

    Parameters
    ----------
    value
        Shape (arcs,): the counts, margins included.
    tail, head
        Shape (arcs,): nodes that each arc joins; 0 is the source, then rows, columns, the sink.
    nodes
        Number of nodes.
    shape
        Rows and columns of the extended table.
    """

    value: Ints
    tail: Ints
    head: Ints
    nodes: int
    shape: tuple[int, int]

    def balance(self, hidden: Bools) -> tuple[sparse.csr_array, Floats]:
        """Conservation of flow over the hidden arcs: matrix (nodes, hidden) and right-hand side."""
        arc = np.flatnonzero(hidden)
        one = np.ones(arc.size)
        # Older solvers take 32-bit indices only.
        where = np.concatenate([self.tail[arc], self.head[arc]]).astype(np.int32)
        column = np.tile(np.arange(arc.size, dtype=np.int32), 2)
        matrix = sparse.csr_array(
            (np.concatenate([one, -one]), (where, column)), shape=(self.nodes, arc.size)
        )
        return matrix, np.asarray(matrix @ self.value[arc].astype(float), float)


def with_margins(table: ArrayLike) -> Ints:
    """Append row totals, column totals and the grand total to a table of counts.

    Parameters
    ----------
    table
        Shape (rows, columns), at least one each; whole numbers, not negative.

    Returns
    -------
    extended
        Shape (rows + 1, columns + 1).

    Raises
    ------
    ValueError
        If the table is empty, or a count is missing, negative or not whole.
    """
    x = np.asarray(table, float)
    if x.ndim != 2 or x.size == 0:
        raise ValueError("need a table of shape (rows, columns)")
    if not np.all((x >= 0) & (x == np.floor(x)) & (x < 2**31)):
        raise ValueError("counts must be whole and not negative")
    counts = x.astype(np.int64)
    wide = np.hstack([counts, counts.sum(axis=1, keepdims=True)])
    return np.vstack([wide, wide.sum(axis=0, keepdims=True)])


def check_threshold(threshold: int) -> None:
    """Refuse a fewest number of people that hides nothing.

    Raises
    ------
    ValueError
        If `threshold` is under 2.
    """
    if threshold < 2:
        raise ValueError("threshold must be at least 2")


def count_network(extended: Ints) -> CountNetwork:
    """Return the network of an extended table as `with_margins` makes it."""
    rows, columns = extended.shape[0] - 1, extended.shape[1] - 1
    r, c = np.indices(extended.shape)
    sink = rows + columns + 1
    tail = np.where(r < rows, 1 + r, 1 + rows + c)
    head = np.where(c < columns, 1 + rows + c, sink)
    tail = np.where((c == columns) & (r < rows), 0, tail)
    head = np.where((c == columns) & (r < rows), 1 + r, head)
    head = np.where((r == rows) & (c < columns), sink, head)
    tail[rows, columns], head[rows, columns] = sink, 0
    return CountNetwork(
        extended.ravel(), tail.ravel(), head.ravel(), sink + 1, (rows + 1, columns + 1)
    )
