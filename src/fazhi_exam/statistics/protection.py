"""When a hidden count is free enough, as conditions on what else is hidden (保护条件).

Hiding an arc of the network of counts lets its flow rise without bound and fall by its own value.
How far a count can rise is the largest flow from the head of its arc back to the tail through the
other hidden arcs; how far it can fall, the largest flow the other way, but at most its value. A
largest flow is a smallest cut, and every cut bounds a flow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from ..typing import Bools, Floats, Ints
from .count_network import CountNetwork

_LISTED = 10
"""Smallest cuts are found by listing up to so many columns and margins; beyond, by flows."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """One cut for each of some arcs.

    Parameters
    ----------
    value
        Shape (arcs,): how much can flow across.
    inside
        Shape (arcs, nodes): the side that the flow comes from.
    """

    value: Floats
    inside: Bools


class Conditions:
    """Conditions under which hidden counts are free enough, collected as they are violated.

    Parameters
    ----------
    network
        The counts; a table with few columns is quickest.
    threshold
        Least width of the interval that is left for a hidden count.
    """

    def __init__(self, network: CountNetwork, threshold: int) -> None:
        self.network, self.threshold = network, threshold
        self.fall = np.minimum(network.value, threshold).astype(float)
        self._find = listed_cuts if network.shape[1] <= _LISTED else flow_cuts
        self._rows: list[Floats] = []

    def matrix(self) -> sparse.csr_array:
        """All conditions as ``matrix @ hidden >= 0``, shape (conditions, arcs)."""
        return sparse.csr_array(np.array(self._rows))

    def add_violated(self, hidden: Bools) -> bool:
        """Collect conditions that `hidden` violates; tell whether there was one."""
        arcs = np.flatnonzero(hidden)
        fall = self.fall[arcs]
        # Shown counts carry next to nothing: among equal cuts, the one across the fewest is kept.
        unit = hidden.size + 1.0
        ahead = np.where(hidden, unit * self.threshold, 1.0)
        back = np.where(hidden, unit * self.fall, np.sign(self.fall))
        up, down = (self._find(self.network, ahead, back, arcs, up=way) for way in (True, False))
        rise, room = up.value // unit, down.value // unit
        violated = np.flatnonzero(rise + np.minimum(room, fall) < self.threshold)
        for place in violated:
            free = room[place] >= fall[place]
            self._keep(int(arcs[place]), up.inside[place], None if free else down.inside[place])
        return violated.size > 0

    def _keep(self, arc: int, up: Bools, down: Bools | None) -> None:
        """Store that flows across cuts leave an arc room; without `down` it can fall to 0."""
        row, wanted = self._across(up), float(self.threshold)
        if down is None:
            wanted -= self.fall[arc]
        else:
            row += self._across(down)
        # No single arc need count for more than is asked for.
        row = np.minimum(row, wanted)
        row[arc] = -wanted
        self._rows.append(row)

    def _across(self, inside: Bools) -> Floats:
        """Capacities of all arcs out of a set of nodes, as if all were hidden."""
        out, into = inside[self.network.tail], inside[self.network.head]
        return np.where(out & ~into, float(self.threshold), np.where(into & ~out, self.fall, 0.0))


def listed_cuts(
    network: CountNetwork, ahead: Floats, back: Floats, arcs: Ints, *, up: bool
) -> Cuts:
    """Find smallest cuts between the ends of arcs by listing the sides of all but the rows.

    Rows touch no rows: once the sides of the source, the columns and the sink are given, each row
    takes its cheaper side by itself.

    Parameters
    ----------
    network
        The counts; the work doubles with every column.
    ahead, back
        Shape (arcs of the network,): capacities along the arcs and against them, whole numbers.
    arcs
        Positions of the arcs between whose ends to cut; what an arc itself carries is left out.
    up
        Whether the flow is to go from the head of an arc to its tail, or the other way.
    """
    sides = _all_sides(network.shape[1] + 1)
    inside, outside, between = _prices(network, ahead, back, sides)
    cheaper = np.minimum(inside, outside)
    start, end = _ends(network, arcs, up=up)
    value = (cheaper.sum(axis=0) + between)[None, :] - (back if up else ahead)[arcs, None]
    value = value + (inside - cheaper)[start] + (outside - cheaper)[end]
    best = value.argmin(axis=1)
    chosen = (inside < outside)[:, best].T
    place = np.arange(arcs.size)
    chosen[place, start], chosen[place, end] = True, False
    return Cuts(value[place, best], chosen)


def _all_sides(hubs: int) -> Bools:
    """All ways to put `hubs` nodes on two sides, shape (hubs, ways)."""
    return (np.arange(2**hubs) >> np.arange(hubs)[:, None] & 1).astype(np.bool_)


def _prices(
    network: CountNetwork, ahead: Floats, back: Floats, sides: Bools
) -> tuple[Floats, Floats, Floats]:
    """Return what each node adds to a cut on either side, and what hubs add between them.

    Parameters
    ----------
    sides
        Shape (hubs, ways): whether the source, the columns and the sink are inside.

    Returns
    -------
    inside, outside, between
        Shapes (nodes, ways) twice and (ways,); infinite where a hub is on the other side.
    """
    a, b = ahead.reshape(network.shape), back.reshape(network.shape)
    source, columns, sink = sides[0], sides[1:-1], sides[-1]
    leaving = np.hstack([b[:-1, -1:], a[:-1, :-1]])
    entering = np.hstack([a[:-1, -1:], b[:-1, :-1]])
    fixed_in, fixed_out = np.where(sides, 0, np.inf), np.where(sides, np.inf, 0)
    inside = np.vstack([fixed_in[:1], leaving @ ~sides[:-1], fixed_in[1:]])
    outside = np.vstack([fixed_out[:1], entering @ sides[:-1], fixed_out[1:]])
    between = a[-1, :-1] @ (columns & ~sink) + b[-1, :-1] @ (sink & ~columns)
    between += a[-1, -1] * (sink & ~source) + b[-1, -1] * (source & ~sink)
    return inside, outside, between


def flow_cuts(network: CountNetwork, ahead: Floats, back: Floats, arcs: Ints, *, up: bool) -> Cuts:
    """Find smallest cuts between the ends of arcs by largest flows; as `listed_cuts`.

    Raises
    ------
    ValueError
        If capacities are too large for the 32-bit flows of scipy: tables over about 120 × 120.
    """
    if ahead.sum() + back.sum() >= 2**31:
        raise ValueError("the table has too many counts")
    value, inside = np.zeros(arcs.size), np.zeros((arcs.size, network.nodes), np.bool_)
    start, end = _ends(network, arcs, up=up)
    for place, arc in enumerate(arcs):
        open_ahead, open_back = ahead.astype(np.int32), back.astype(np.int32)
        open_ahead[arc] = open_back[arc] = 0
        graph = _graph(network, open_ahead, open_back)
        inside[place, start[place]] = True
        if graph.nnz:
            found = csgraph.maximum_flow(graph, int(start[place]), int(end[place]))
            value[place] = found.flow_value
            left = (graph - found.flow).astype(np.int32)
            left.eliminate_zeros()
            reached = csgraph.breadth_first_order(left, start[place], return_predecessors=False)
            inside[place, reached] = True
    return Cuts(value, inside)


def _ends(network: CountNetwork, arcs: Ints, *, up: bool) -> tuple[Ints, Ints]:
    """Nodes from which and to which flow is wanted."""
    tail, head = network.tail[arcs], network.head[arcs]
    return (head, tail) if up else (tail, head)


def _graph(
    network: CountNetwork, ahead: NDArray[np.int32], back: NDArray[np.int32]
) -> sparse.csr_matrix:
    """Capacities between nodes."""
    where = np.concatenate([network.tail, network.head]).astype(np.int32)
    to = np.concatenate([network.head, network.tail]).astype(np.int32)
    graph = sparse.csr_matrix(
        (np.concatenate([ahead, back]), (where, to)), shape=(network.nodes, network.nodes)
    )
    graph.eliminate_zeros()
    return graph
