"""Which counts must be hidden before a table leaves the house (次级隐匿).

All masks here are over the extended table of shape (rows + 1, columns + 1): the last column holds
row totals, the last row column totals, the corner the grand total. True means hidden.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from ..errors import DidNotConverge
from ..typing import Bools, Floats, Ints
from .count_network import check_threshold, count_network, with_margins
from .protection import Conditions

_PATIENCE = 20
"""After so many rounds what is hidden stays hidden, so that every round hides more and one ends."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Counts to hide in a table that is published with its margins.

    Parameters
    ----------
    table
        Shape (rows + 1, columns + 1): counts with margins, as known inside the house.
    primary
        Same shape: hidden because the count itself is too small, or its row is.
    hidden
        Same shape: everything to hide; it contains `primary`.
    threshold
        Fewest people that may be shown; also the least width an attacker is left with.
    """

    table: Ints
    primary: Bools
    hidden: Bools
    threshold: int

    @property
    def cells(self) -> Bools:
        """Hidden cells without margins, shape (rows, columns)."""
        return self.hidden[:-1, :-1]

    @property
    def row_totals(self) -> Bools:
        """Hidden row totals, shape (rows,)."""
        return self.hidden[:-1, -1]

    @property
    def column_totals(self) -> Bools:
        """Hidden column totals, shape (columns,)."""
        return self.hidden[-1, :-1]

    def published(self) -> np.ma.MaskedArray[tuple[int, int], np.dtype[np.int64]]:
        """Return the extended table with what is hidden masked out and overwritten."""
        return np.ma.MaskedArray(np.where(self.hidden, -1, self.table), mask=self.hidden)


def primary(table: ArrayLike, *, threshold: int = 10) -> Bools:
    """Mark counts that are too small to publish by themselves.

    Parameters
    ----------
    table
        Shape (rows, columns): rows are units, columns outcomes such as grades.
    threshold
        Fewest people that may be shown, at least 2.

    Returns
    -------
    mask
        Over the extended table: counts (margins too) of 1 to ``threshold - 1``, and every cell of
        a row with fewer than `threshold` people, zeros included: "nobody failed" or "all failed"
        of a small unit names everybody in it. Rows with nobody are no secret.

    Raises
    ------
    ValueError
        If the table or the threshold is out of range.
    """
    return _primary(with_margins(table), threshold)


def suppress(table: ArrayLike, *, threshold: int = 10) -> Suppression:
    """Hide few counts such that every hidden one could be anything within a wide range.

    Parameters
    ----------
    table
        Shape (rows, columns): counts of people.
    threshold
        Fewest people that may be shown, and the least width of the interval that the published
        counts leave for any hidden one; at least 2.

    Returns
    -------
    suppression
        The fewest counts (margins count as one each), among equals those with fewer people; in
        rare tables, where that takes over 20 rounds, a few more. Deterministic for a given version
        of the solver.

    Raises
    ------
    ValueError
        If the table or the threshold is out of range.
    DidNotConverge
        If the solver of the integer programme fails; not seen up to 400 units.

    References
    ----------
    Fischetti and Salazar (2001), Management Science 47:1008-1026: an integer programme over the
    hidden counts whose protection conditions are added as cuts when they are violated. Here
    the conditions of a two-way table are minimum cuts of a network.
    """
    extended = with_margins(table)
    first = _primary(extended, threshold)
    if not first.any():
        return Suppression(extended, first, first.copy(), threshold)
    hidden = _protected(extended, first, threshold)
    return Suppression(extended, first, hidden, threshold)


def controlled_rounding(table: ArrayLike, *, base: int = 5) -> Ints:
    """Round all counts and margins to multiples such that they still add up.

    Parameters
    ----------
    table
        Shape (rows, columns).
    base
        The multiple, at least 2.

    Returns
    -------
    rounded
        Shape (rows + 1, columns + 1): each count goes to the multiple just under or over it,
        multiples stay, sums hold, and the total of all changes is as small as that allows. Rates
        are to be computed from these counts.

    Raises
    ------
    ValueError
        If the table or `base` is out of range.

    References
    ----------
    Cox and Ernst (1982), INFOR 20:423-432. The conditions are those of a network, so the linear
    programme has a whole-numbered solution.
    """
    if base < 2:
        raise ValueError("base must be at least 2")
    network = count_network(with_margins(table))
    rest = network.value % base
    free = rest > 0
    result = network.value - rest
    if free.any():
        matrix, _ = network.balance(free)
        every = np.ones(network.value.size, np.bool_)
        short = -network.balance(every)[0] @ (result / base)
        found = optimize.milp(
            base - 2.0 * rest[free],
            integrality=np.ones(int(free.sum())),
            bounds=optimize.Bounds(0, 1),
            constraints=optimize.LinearConstraint(matrix, short, short),
        )
        if found.x is None:
            raise DidNotConverge("受控取整", 0, float(free.sum()))
        result[free] += base * np.round(found.x).astype(np.int64)
    return result.reshape(network.shape)


def _primary(extended: Ints, threshold: int) -> Bools:
    check_threshold(threshold)
    small = (extended > 0) & (extended < threshold)
    row = small[:, -1].copy()
    row[-1] = False
    small[row, :-1] = True
    return small


def _protected(extended: Ints, first: Bools, threshold: int) -> Bools:
    """Hide more than `first` until every hidden count is free; quickest with few columns."""
    if extended.shape[0] < extended.shape[1]:
        return _protected(extended.T, first.T, threshold).T
    network = count_network(extended)
    must = first.ravel()
    conditions = Conditions(network, threshold)
    cost = 1 + network.value / (10.0 * max(1, int(network.value.sum())))
    hidden = must
    for rounds in range(_PATIENCE + must.size):
        if not conditions.add_violated(hidden):
            return hidden.reshape(extended.shape)
        if rounds >= _PATIENCE:
            must = hidden
        hidden = _cheapest(cost, must, conditions)
    raise DidNotConverge("次级隐匿", _PATIENCE + must.size, float(hidden.sum()))


def _cheapest(cost: Floats, must: Bools, conditions: Conditions) -> Bools:
    found = optimize.milp(
        cost,
        integrality=np.ones(cost.size),
        bounds=optimize.Bounds(must.astype(float), 1),
        constraints=optimize.LinearConstraint(conditions.matrix(), 0, np.inf),
        options={"node_limit": 20_000},
    )
    if found.x is None:
        raise DidNotConverge("次级隐匿", 0, float(must.sum()))
    return np.asarray(found.x > 0.5)
