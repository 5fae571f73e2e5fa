"""The same counts of levels and bands on every paper, without giving up randomness (均衡方案).

A cell is split into strata by level or band. A plan says how many units a paper takes from each
stratum. All plans have the same counts of every level and band; together they use the strata in
proportion to their size, so that no part of the bank lies idle. A paper follows one plan, drawn
from its own stream.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from ..bank.item import Item
from ..errors import InfeasibleBlueprint
from ..typing import Floats, Ints
from .blueprint import Facet
from .pool import Cell, Pool, Unit

_LABEL = {Facet.LEVEL: "能力层次", Facet.BAND: "难度"}


@dataclass(frozen=True, slots=True)
class Stratum:
    """The part of a cell with one value of every balanced facet (层)."""

    cell: Cell
    values: tuple[str, ...]
    fixed: tuple[str, ...]
    members: tuple[str, ...]

    @property
    def id(self) -> str:
        """Id of the cell with the values."""
        return "/".join((self.cell.id, *self.values))

    @property
    def title(self) -> str:
        """Title of the cell with the values."""
        return "·".join((self.cell.title, *self.values))

    @property
    def have(self) -> int:
        """Units that may be drawn."""
        return len(self.fixed) + len(self.members)


def facet_of(item: Item, facet: Facet) -> str:
    """Return the value of a facet of an item."""
    return item.level.value if facet is Facet.LEVEL else item.band.value


def stratify(pool: Pool, facets: Sequence[Facet]) -> tuple[Stratum, ...]:
    """Split the cells of independent items by facets; cells of cases stay whole."""
    strata: list[Stratum] = []
    for cell in pool.cells:
        used = () if cell.section.cases else tuple(facets)
        held: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
        for kind, names in enumerate((cell.fixed, cell.members)):
            for name in names:
                values = _values(pool.units[name], used)
                held.setdefault(values, ([], []))[kind].append(name)
        strata += [
            Stratum(cell, values, tuple(fixed), tuple(members))
            for values, (fixed, members) in sorted(held.items())
        ]
    return tuple(strata)


def _values(unit: Unit, facets: Sequence[Facet]) -> tuple[str, ...]:
    return tuple(facet_of(unit.items[0], facet) for facet in facets)


def balanced_plans(
    pool: Pool, facets: Sequence[Facet], *, plans: int = 48, seed: int = 0
) -> tuple[tuple[Stratum, ...], tuple[tuple[int, ...], ...]]:
    """Find plans with equal counts of every facet value.

    The counts are the blueprint-weighted shares of the bank, rounded; limits of the blueprint that
    depend on facets alone hold in every plan.

    Parameters
    ----------
    pool, facets
        What to draw from, and the facets to balance; none gives the cells and one plan.
    plans
        How many; with one the strata in use would never change.
    seed
        Breaks ties only. The plans themselves are committed.

    Returns
    -------
    strata, plans
        Each plan holds one count per stratum.

    Raises
    ------
    InfeasibleBlueprint
        If no such plan exists.
    """
    strata = stratify(pool, facets)
    if not facets:
        return strata, (tuple(stratum.cell.need for stratum in strata),)
    ideal = _ideal(strata)
    margins = _margins(pool, strata, facets)
    rows = _joined([*_demands(pool, strata), *((m.mark, m.count, m.count) for m in margins)])
    rng = np.random.default_rng(seed)
    given = np.zeros(len(strata))
    found: list[tuple[int, ...]] = []
    for number in range(1, plans + 1):
        debt = number * ideal - given + rng.uniform(0, 1e-3, len(strata))
        plan = _solve(strata, ideal, rows, debt, pool.blueprint.neighbour_classes)
        if plan is None:
            raise _infeasible(facets)
        given += plan
        found.append(tuple(plan.tolist()))
    # A plan found twice is listed twice: it is owed twice the papers.
    return strata, tuple(sorted(found)) if len(set(found)) > 1 else (found[0],)


def _infeasible(facets: Sequence[Facet]) -> InfeasibleBlueprint:
    rows = [_LABEL[facet] + "均衡" for facet in facets]
    return InfeasibleBlueprint(rows, 0, "去掉一个均衡维度，或放宽限制条件")


def facet_margins(
    pool: Pool, facets: Sequence[Facet]
) -> tuple[tuple[str, frozenset[str], int], ...]:
    """Return title, units and count of every facet value that all papers share."""
    if not facets:
        return ()
    strata = stratify(pool, facets)
    return tuple(
        (
            margin.title,
            frozenset(
                name
                for stratum, held in zip(strata, margin.mark, strict=True)
                if held
                for name in (*stratum.fixed, *stratum.members)
            ),
            margin.count,
        )
        for margin in _margins(pool, strata, facets)
    )


@dataclass(frozen=True, slots=True)
class _Margin:
    """A facet value, the strata that have it (1 or 0 each), and its count on every paper."""

    title: str
    mark: Floats
    count: int


def _margins(pool: Pool, strata: Sequence[Stratum], facets: Sequence[Facet]) -> tuple[_Margin, ...]:
    """Find the counts nearest to the bank's shares that quotas and limits allow.

    Raises
    ------
    InfeasibleBlueprint
        If quotas and limits on facets cannot hold together.
    """
    ideal, size = _ideal(strata), len(strata)
    marks = [
        (f"{_LABEL[facet]}“{value}”", np.array([float(_has(s, place, value)) for s in strata]))
        for place, facet in enumerate(facets)
        for value in sorted({s.values[place] for s in strata if s.values})
    ]
    # One more column per mark holds its distance from the share.
    far = np.eye(len(marks))
    wide = [(np.append(row, far[0] * 0), low, high) for row, low, high in _demands(pool, strata)]
    for number, (_, mark) in enumerate(marks):
        share = float(mark @ ideal)
        wide.append((np.append(mark, -far[number]), -np.inf, share))
        wide.append((np.append(mark, far[number]), share, np.inf))
    least, most = _range(strata, pool.blueprint.neighbour_classes)
    answer = milp(
        np.append(np.zeros(size), np.ones(len(marks))),
        constraints=_joined(wide),
        integrality=np.append(np.ones(size), np.zeros(len(marks))),
        bounds=Bounds(
            np.append(least, np.zeros(len(marks))), np.append(most, np.full(len(marks), np.inf))
        ),
        options={"time_limit": 10.0, "mip_rel_gap": 0.01},
    )
    if answer.x is None:
        raise _infeasible(facets)
    taken = np.rint(answer.x[:size])
    return tuple(_Margin(title, mark, round(float(mark @ taken))) for title, mark in marks)


def _has(stratum: Stratum, place: int, value: str) -> bool:
    return bool(stratum.values) and stratum.values[place] == value


def _ideal(strata: Sequence[Stratum]) -> Floats:
    total: dict[str, int] = {}
    for stratum in strata:
        total[stratum.cell.id] = total.get(stratum.cell.id, 0) + stratum.have
    return np.array([s.cell.need * s.have / total[s.cell.id] for s in strata])


def _demands(pool: Pool, strata: Sequence[Stratum]) -> list[tuple[Floats, float, float]]:
    """Return what quotas ask of the strata, and those limits that look at facets alone."""
    rows: list[tuple[Floats, float, float]] = [
        (np.array([float(s.cell.id == cell.id) for s in strata]), cell.need, cell.need)
        for cell in pool.cells
    ]
    for limit in pool.limits:
        weight = _constant(limit.weights, strata)
        if weight is not None:
            low = -np.inf if limit.minimum is None else float(limit.minimum)
            high = np.inf if limit.maximum is None else float(limit.maximum)
            rows.append((weight, low, high))
    return rows


def _joined(rows: Sequence[tuple[Floats, float, float]]) -> LinearConstraint:
    weights, low, high = zip(*rows, strict=True)
    return LinearConstraint(sparse.csr_array(np.array(weights)), np.array(low), np.array(high))


def _constant(weights: Mapping[str, int], strata: Sequence[Stratum]) -> Floats | None:
    """Weight of each stratum when all its units weigh the same, else ``None``."""
    out = []
    for stratum in strata:
        found = {weights.get(name, 0) for name in (*stratum.fixed, *stratum.members)}
        if len(found) > 1:
            return None
        out.append(float(found.pop()))
    return np.array(out)


def _range(strata: Sequence[Stratum], classes: int) -> tuple[Floats, Floats]:
    """Least and most of each stratum; each neighbour class must be able to follow a plan."""
    least = np.array([float(len(s.fixed)) for s in strata])
    return least, least + np.array([float(len(s.members) // classes) for s in strata])


def _solve(
    strata: Sequence[Stratum], ideal: Floats, rows: LinearConstraint, debt: Floats, classes: int
) -> Ints | None:
    """Find the plan that pays most of the debt, with counts near their ideals if possible."""
    least, most = _range(strata, classes)
    for slack in (0, 1, 2, 1000):
        low = np.clip(np.floor(ideal + 1e-9) - slack, least, most)
        high = np.clip(np.ceil(ideal - 1e-9) + slack, least, most)
        answer = milp(
            -debt,
            constraints=rows,
            integrality=np.ones(len(strata)),
            bounds=Bounds(low, high),
            options={"time_limit": 5.0, "mip_rel_gap": 0.01},
        )
        if answer.x is not None:
            return np.asarray(np.rint(answer.x), dtype=np.int64)
    return None
