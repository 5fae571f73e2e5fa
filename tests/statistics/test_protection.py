"""Smallest cuts that tell whether a hidden count is free enough."""

import numpy as np
import pytest
from scipy import optimize

from fazhi_exam.statistics.attack import breaches
from fazhi_exam.statistics.count_network import CountNetwork, count_network, with_margins
from fazhi_exam.statistics.disclosure import suppress
from fazhi_exam.statistics.protection import flow_cuts, listed_cuts


def largest_flow(
    network: CountNetwork, ahead: np.ndarray, back: np.ndarray, arc: int, *, up: bool
) -> float:
    """Largest flow between the ends of an arc by linear programming, without the arc itself."""
    tail, head = network.tail, network.head
    matrix = np.zeros((network.nodes, 2 * tail.size + 1))
    for k in range(tail.size):
        for column, (a, b) in ((k, (tail[k], head[k])), (tail.size + k, (head[k], tail[k]))):
            matrix[a, column], matrix[b, column] = 1, -1
    start, end = (head[arc], tail[arc]) if up else (tail[arc], head[arc])
    matrix[end, -1], matrix[start, -1] = 1, -1
    most = np.concatenate([ahead, back, [1e6]])
    most[[arc, tail.size + arc]] = 0
    objective = np.zeros(most.size)
    objective[-1] = -1
    found = optimize.linprog(
        objective,
        A_eq=matrix,
        b_eq=np.zeros(network.nodes),
        bounds=np.column_stack([0 * most, most]),
    )
    return float(-found.fun)


@pytest.mark.parametrize("shape", [(1, 1), (4, 3), (3, 1), (2, 5)])
@pytest.mark.parametrize("up", [True, False])
def test_smallest_cuts_are_largest_flows(shape: tuple[int, int], up: bool) -> None:
    """Cuts by listing and by flows equal the largest flow, and the sides given carry as much."""
    rng = np.random.default_rng(1)
    network = count_network(with_margins(rng.integers(0, 30, shape)))
    arcs = np.arange(network.value.size)
    ahead = 10.0 * (rng.random(arcs.size) < 0.6)
    back = np.floor(rng.uniform(0, 10, arcs.size))
    flows = [largest_flow(network, ahead, back, int(arc), up=up) for arc in arcs]
    for find in (listed_cuts, flow_cuts):
        cuts = find(network, ahead, back, arcs, up=up)
        assert cuts.value == pytest.approx(flows)
        for arc in arcs:
            out, into = cuts.inside[arc, network.tail], cuts.inside[arc, network.head]
            across = ahead * (out & ~into) + back * (into & ~out)
            assert across.sum() - across[arc] == cuts.value[arc]
            assert cuts.inside[arc, (network.head if up else network.tail)[arc]]
            assert not cuts.inside[arc, (network.tail if up else network.head)[arc]]


@pytest.mark.parametrize("shape", [(4, 30), (11, 12)])
def test_any_shape_is_protected(shape: tuple[int, int]) -> None:
    """Tables that are wide, or large both ways, withstand the attack as well."""
    table = np.random.default_rng(2).poisson(14, shape)
    result = suppress(table)
    assert 0 < result.primary.sum() < result.hidden.sum()
    assert not breaches(table, result.hidden).any()


def test_turning_a_table_turns_what_is_hidden() -> None:
    """As many counts are hidden whichever way round the table stands."""
    table = np.random.default_rng(3).poisson(20, (12, 4))
    assert suppress(table).hidden.sum() == suppress(table.T).hidden.sum()
