"""Which counts must be hidden before a table leaves the house, and what an attacker could infer.

All masks here are over the extended table of shape (rows + 1, columns + 1): the last column holds
row totals, the last row column totals, the corner the grand total. True means hidden.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse
from scipy.sparse import csgraph

from ..errors import DidNotConverge
from ..typing import Bools, Floats, Ints
from .count_network import CountNetwork, count_network, with_margins


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
        The fewest counts (margins count as one each) up to the solver's gap of 2 %; among equals
        those with fewer people. Deterministic for a given version of the solver.

    Raises
    ------
    ValueError
        If the table or the threshold is out of range.
    DidNotConverge
        If the integer programme is not solved; not seen up to 400 units.

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
    network = count_network(extended)
    must = first.ravel()
    cuts = _Cuts(network, threshold)
    cost = 1 + network.value / (10.0 * max(1, int(network.value.sum())))
    hidden = must.copy()
    rounds = 0
    while cuts.add_violated(hidden):
        rounds += 1
        if rounds > 200:
            raise DidNotConverge("次级隐匿", rounds, float(hidden.sum()))
        hidden = _cheapest(cost, must, cuts)
    return Suppression(extended, first, hidden.reshape(extended.shape), threshold)


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
        low[arc] = _extreme(matrix, right, position, 1.0)[0]
        high[arc] = -_extreme(matrix, right, position, -1.0)[0]
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
    network, hidden = _network_and_mask(table, mask)
    _check_threshold(threshold)
    if not hidden.any():
        return np.zeros(network.shape, np.bool_)
    arcs = np.flatnonzero(hidden)
    matrix, right = network.balance(hidden)
    seen_low = network.value[arcs].astype(float)
    seen_high = seen_low.copy()
    breached = np.zeros(network.value.size, np.bool_)
    # A few corners in arbitrary directions show most counts to be free before any is attacked.
    for direction in np.random.default_rng(0).normal(size=(12, arcs.size)):
        point = _corner(matrix, right, direction)[1]
        if point is not None:
            seen_low, seen_high = np.minimum(seen_low, point), np.maximum(seen_high, point)
    for position, arc in enumerate(arcs):
        for sign in (-1.0, 1.0):
            if seen_high[position] - seen_low[position] >= threshold - 1e-6:
                break
            point = _extreme(matrix, right, position, sign)[1]
            if point is None:  # unbounded: as free as can be
                seen_high[position] = np.inf
                break
            seen_low, seen_high = np.minimum(seen_low, point), np.maximum(seen_high, point)
        breached[arc] = seen_high[position] - seen_low[position] < threshold - 1e-6
    return breached.reshape(network.shape)


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
    _check_threshold(threshold)
    small = (extended > 0) & (extended < threshold)
    row = small[:, -1].copy()
    row[-1] = False
    small[row, :-1] = True
    return small


def _check_threshold(threshold: int) -> None:
    if threshold < 2:
        raise ValueError("threshold must be at least 2")


def _network_and_mask(table: ArrayLike, mask: ArrayLike) -> tuple[CountNetwork, Bools]:
    extended = with_margins(table)
    hidden = np.asarray(mask, np.bool_)
    if hidden.shape == (extended.shape[0] - 1, extended.shape[1] - 1):
        hidden = np.pad(hidden, ((0, 1), (0, 1)))
    if hidden.shape != extended.shape:
        raise ValueError("mask must have the shape of the table, with or without margins")
    return count_network(extended), hidden.ravel()


def _extreme(
    matrix: sparse.csr_array, right: Floats, position: int, sign: float
) -> tuple[float, Floats | None]:
    """Minimise ``sign`` times one hidden count; minus infinity and no point if unbounded."""
    objective = np.zeros(matrix.shape[1])
    objective[position] = sign
    return _corner(matrix, right, objective)


def _corner(
    matrix: sparse.csr_array, right: Floats, objective: Floats
) -> tuple[float, Floats | None]:
    """Minimise a combination of hidden counts; minus infinity and no point if unbounded."""
    found = optimize.linprog(objective, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
    if found.status == 3:
        return -np.inf, None
    if found.x is None:
        raise DidNotConverge("披露攻击线性规划", int(found.nit), float("nan"))
    return float(found.fun), np.asarray(found.x, float)


def _cheapest(cost: Floats, must: Bools, cuts: "_Cuts") -> Bools:
    matrix, least = cuts.rows()
    found = optimize.milp(
        cost,
        integrality=np.ones(cost.size),
        bounds=optimize.Bounds(must.astype(float), 1),
        constraints=optimize.LinearConstraint(matrix, least, np.inf),
        options={"mip_rel_gap": 0.02, "node_limit": 20_000},
    )
    if found.x is None:
        raise DidNotConverge("次级隐匿", 0, float(must.sum()))
    return np.asarray(found.x > 0.5)


class _Cuts:
    """Conditions under which hidden counts are free enough, collected as they are violated.

    Hiding an arc lets its flow rise without bound and fall by its own value. How far count e can
    rise is the largest flow from its head back to its tail through the other hidden arcs; how far
    it can fall, the largest flow the other way, but at most its value. Every cut bounds a flow.
    """

    def __init__(self, network: CountNetwork, threshold: int) -> None:
        self.network, self.threshold = network, threshold
        self.fall = np.minimum(network.value, threshold)
        self._seen: set[bytes] = set()
        self._rows: list[Floats] = []

    def rows(self) -> tuple[sparse.csr_array, Floats]:
        """All conditions as ``matrix @ hidden >= 0``."""
        return sparse.csr_array(np.array(self._rows)), np.zeros(len(self._rows))

    def add_violated(self, hidden: Bools) -> bool:
        """Collect conditions that `hidden` violates; tell whether there was a new one."""
        before = len(self._rows)
        arcs = np.flatnonzero(hidden)
        quick = [arc for arc in arcs if self._check_nodes(int(arc), hidden)]
        if len(self._rows) == before:
            for arc in quick:
                self._check_flows(int(arc), hidden)
        return len(self._rows) > before

    def _check_nodes(self, arc: int, hidden: Bools) -> bool:
        """Check the cuts around the two ends of an arc, which need no flow computation."""
        tail, head = self.network.tail, self.network.head
        ups = [self._around(arc, head[arc], out=True), self._around(arc, tail[arc], out=False)]
        downs = [self._around(arc, tail[arc], out=True), self._around(arc, head[arc], out=False)]
        up = min(ups, key=lambda row: float(row @ hidden))
        down = min(downs, key=lambda row: float(row @ hidden))
        return self._keep(arc, up, down, hidden)

    def _around(self, arc: int, node: int, *, out: bool) -> Floats:
        """Capacities of the other arcs out of (or into) a single node."""
        first, second = (
            (self.network.tail, self.network.head)
            if out
            else (self.network.head, self.network.tail)
        )
        row = np.where(first == node, float(self.threshold), 0.0)
        row = np.where(second == node, self.fall.astype(float), row)
        row[arc] = 0
        return row

    def _check_flows(self, arc: int, hidden: Bools) -> bool:
        tail, head = int(self.network.tail[arc]), int(self.network.head[arc])
        up = self._smallest_cut(arc, head, tail, hidden)
        down = self._smallest_cut(arc, tail, head, hidden)
        return self._keep(arc, up, down, hidden)

    def _keep(self, arc: int, up: Floats, down: Floats, hidden: Bools) -> bool:
        """Store the condition of an up and a down cut if it is violated; true if it holds."""
        k = self.threshold
        row = up.copy()
        if down @ hidden < self.fall[arc]:
            row += down
            row[arc] -= k
        else:
            row[arc] -= k - self.fall[arc]
        # No single arc need count for more than is asked for.
        row = np.minimum(row, -row[arc])
        if row[arc] >= 0 or row @ hidden > -1e-9:
            return True
        key = row.tobytes()
        if key not in self._seen:
            self._seen.add(key)
            self._rows.append(row)
        return False

    def _smallest_cut(self, arc: int, source: int, sink: int, hidden: Bools) -> Floats:
        """Capacities of all arcs across the smallest cut of the hidden ones."""
        tail, head, k = self.network.tail, self.network.head, self.threshold
        use = hidden.copy()
        use[arc] = False
        where = np.concatenate([tail[use], head[use]])
        to = np.concatenate([head[use], tail[use]])
        capacity = np.concatenate([np.full(int(use.sum()), k), self.fall[use]])
        size = (self.network.nodes, self.network.nodes)
        graph = sparse.csr_matrix(
            (capacity.astype(np.int32), (where.astype(np.int32), to.astype(np.int32))), shape=size
        )
        graph.sum_duplicates()
        graph.eliminate_zeros()
        inside = np.zeros(self.network.nodes, np.bool_)
        inside[source] = True
        if graph.nnz:
            flow = csgraph.maximum_flow(graph, source, sink).flow
            residual = (graph - flow).astype(np.int32)
            residual.eliminate_zeros()
            reached = csgraph.breadth_first_order(residual, source, return_predecessors=False)
            inside[reached] = True
        row = np.where(inside[tail] & ~inside[head], float(k), 0.0)
        row = np.where(inside[head] & ~inside[tail], self.fall.astype(float), row)
        row[arc] = 0
        return row
