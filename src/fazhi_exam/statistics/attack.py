"""What an outsider could infer about hidden counts from those published (披露攻击).

Masks are over the extended table of shape (rows + 1, columns + 1), as in `disclosure`; True means
hidden.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse

from ..errors import DidNotConverge
from ..typing import Bools, Floats
from .count_network import CountNetwork, check_threshold, count_network, with_margins


@dataclass(frozen=True, slots=True)
class Attack:
    """What follows about every count from those published.

    Parameters
    ----------
    low, high
        Shape (rows + 1, columns + 1): feasible interval of each count; a published one has no
        width. `high` is infinite where nothing bounds it.
    """

    low: Floats
    high: Floats

    @property
    def width(self) -> Floats:
        """Length of each interval."""
        return self.high - self.low


def attack(table: ArrayLike, mask: ArrayLike) -> Attack:
    """Bound every hidden count by linear programming, as an outsider could.

    Parameters
    ----------
    table
        Shape (rows, columns).
    mask
        Hidden counts, of shape (rows + 1, columns + 1), or (rows, columns) if all margins are
        published.

    Raises
    ------
    ValueError
        If the shapes do not fit or the table is out of range.
    """
    network, hidden = _network_and_mask(table, mask)
    low, high = network.value.astype(float), network.value.astype(float)
    arcs = np.flatnonzero(hidden)
    matrix, right = network.balance(hidden)
    for position, arc in enumerate(arcs):
        low[arc] = _extreme(matrix, right, position, 1.0)
        high[arc] = -_extreme(matrix, right, position, -1.0)
    return Attack(low.reshape(network.shape), high.reshape(network.shape))


def breaches(table: ArrayLike, mask: ArrayLike, *, threshold: int = 10) -> Bools:
    """Find hidden counts whose feasible interval is narrower than the threshold.

    The same linear programmes as `attack`, but a count is not attacked again once the solutions
    found for others have already shown it to be free enough.

    Parameters
    ----------
    table, mask
        As `attack`.
    threshold
        Least width of the interval, at least 2.

    Returns
    -------
    breached
        Shape (rows + 1, columns + 1).

    Raises
    ------
    ValueError
        As `attack`.
    """
    check_threshold(threshold)
    network, hidden = _network_and_mask(table, mask)
    breached = np.zeros(network.value.size, np.bool_)
    if hidden.any():
        seen = _Seen(network, hidden, threshold)
        rng = np.random.default_rng(0)
        while seen.narrow.any() and seen.attack_together(rng):
            pass
        for place in np.flatnonzero(seen.narrow):
            seen.attack_alone(int(place))
        breached[hidden] = seen.narrow
    return breached.reshape(network.shape)


class _Seen:
    """What hidden counts have been found to be possible so far, the true ones to begin with."""

    def __init__(self, network: CountNetwork, hidden: Bools, threshold: int) -> None:
        self.threshold = threshold
        self.matrix, self.right = network.balance(hidden)
        self.low = network.value[hidden].astype(float)
        self.high = self.low.copy()

    @property
    def narrow(self) -> Bools:
        """Counts not yet known to be free enough."""
        return np.asarray(self.high - self.low < self.threshold - 1e-6)

    def attack_together(self, rng: np.random.Generator) -> bool:
        """Look for a table where many narrow counts are far from before; tell if one was free.

        A table that fits the published counts shows something about all hidden ones at once. Some
        narrow counts are pushed down, the others up as far as is wanted of them and no further:
        each is the sum of a part that is sought and a rest that is not.
        """
        before = self.narrow
        places = np.flatnonzero(before)
        down = (self.low[places] > 0) & (rng.random(places.size) < 0.5)
        weight = rng.uniform(0.5, 1.5, places.size)
        rest = np.zeros(self.low.size)
        rest[places[down]] = weight[down]
        point = _corner(
            sparse.hstack([self.matrix, self.matrix[:, places]], format="csr"),
            self.right,
            np.concatenate([rest, np.where(down, weight, -weight)]),
            np.concatenate([np.full(rest.size, np.inf), self.low[places] + self.threshold]),
        )
        self._see(point[: rest.size] + np.bincount(places, point[rest.size :], rest.size))
        return int(self.narrow.sum()) < int(before.sum())

    def attack_alone(self, place: int) -> None:
        """Find the least that a count can be, and whether it can be more by the threshold."""
        objective, most = np.zeros(self.low.size), np.full(self.low.size, np.inf)
        for sign in (1.0, -1.0):
            objective[place] = sign
            self._see(_corner(self.matrix, self.right, objective, most))
            most[place] = self.low[place] + self.threshold

    def _see(self, point: Floats) -> None:
        self.low, self.high = np.minimum(self.low, point), np.maximum(self.high, point)


def _network_and_mask(table: ArrayLike, mask: ArrayLike) -> tuple[CountNetwork, Bools]:
    extended = with_margins(table)
    hidden = np.asarray(mask, np.bool_)
    if hidden.shape == (extended.shape[0] - 1, extended.shape[1] - 1):
        hidden = np.pad(hidden, ((0, 1), (0, 1)))
    if hidden.shape != extended.shape:
        raise ValueError("mask must have the shape of the table, with or without margins")
    return count_network(extended), hidden.ravel()


def _extreme(matrix: sparse.csr_array, right: Floats, place: int, sign: float) -> float:
    """Least value of ``sign`` times one hidden count; minus infinity if nothing bounds it."""
    objective = np.zeros(matrix.shape[1])
    objective[place] = sign
    found = optimize.linprog(objective, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
    return -np.inf if found.status == 3 else float(_solved(found).fun)


def _corner(matrix: sparse.csr_array, right: Floats, objective: Floats, most: Floats) -> Floats:
    """Hidden counts that fit, none above `most`, with the least value of a combination."""
    bounds = np.column_stack([np.zeros(most.size), most])
    found = optimize.linprog(objective, A_eq=matrix, b_eq=right, bounds=bounds, method="highs")
    return np.asarray(_solved(found).x, float)


def _solved(found: optimize.OptimizeResult) -> optimize.OptimizeResult:
    if found.x is None:
        raise DidNotConverge("披露攻击线性规划", int(found.nit), float("nan"))
    return found
