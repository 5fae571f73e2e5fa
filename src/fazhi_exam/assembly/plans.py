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
    rows = _constraints(pool, strata, facets, ideal)
    rng = np.random.default_rng(seed)
    given = np.zeros(len(strata))
    found: list[tuple[int, ...]] = []
    for number in range(1, plans + 1):
        debt = number * ideal - given + rng.uniform(0, 1e-3, len(strata))
        plan = _solve(strata, ideal, rows, debt, pool.blueprint.neighbour_classes)
        if plan is None:
            raise InfeasibleBlueprint(
                [_LABEL[facet] + "均衡" for facet in facets], 0, "去掉一个均衡维度，或放宽限制条件"
            )
        given += plan
        found.append(tuple(plan.tolist()))
    # A plan found twice is listed twice: it is owed twice the papers.
    return strata, tuple(sorted(found)) if len(set(found)) > 1 else (found[0],)


def facet_margins(
    pool: Pool, facets: Sequence[Facet]
) -> tuple[tuple[str, frozenset[str], int], ...]:
    """Return title, units and count of every facet value that all papers share."""
    if not facets:
        return ()
    strata = stratify(pool, facets)
    ideal = _ideal(strata)
    out = []
    for place, facet in enumerate(facets):
        values = sorted({s.values[place] for s in strata if s.values})
        held = [[s for s in strata if s.values and s.values[place] == value] for value in values]
        shares = np.array([sum(ideal[strata.index(s)] for s in part) for part in held])
        for value, part, count in zip(values, held, _rounded(shares).tolist(), strict=True):
            units = frozenset(name for s in part for name in (*s.fixed, *s.members))
            out.append((f"{_LABEL[facet]}“{value}”", units, count))
    return tuple(out)


def _ideal(strata: Sequence[Stratum]) -> Floats:
    total: dict[str, int] = {}
    for stratum in strata:
        total[stratum.cell.id] = total.get(stratum.cell.id, 0) + stratum.have
    return np.array([s.cell.need * s.have / total[s.cell.id] for s in strata])


def _constraints(
    pool: Pool, strata: Sequence[Stratum], facets: Sequence[Facet], ideal: Floats
) -> LinearConstraint:
    """Return rows of cells and facet margins (equal), and limits constant within strata."""
    rows: list[Floats] = []
    low: list[float] = []
    high: list[float] = []
    for cell in pool.cells:
        rows.append(np.array([float(s.cell.id == cell.id) for s in strata]))
        low.append(cell.need)
        high.append(cell.need)
    limits = []
    for limit in pool.limits:
        weight = _constant(limit.weights, strata)
        if weight is not None:
            limits.append((weight, limit.minimum, limit.maximum))
    for weight, minimum, maximum in limits:
        rows.append(weight)
        low.append(-np.inf if minimum is None else minimum)
        high.append(np.inf if maximum is None else maximum)
    for place, _ in enumerate(facets):
        values = sorted({s.values[place] for s in strata if s.values})
        marks = [
            np.array([float(bool(s.values) and s.values[place] == v) for s in strata])
            for v in values
        ]
        shares = np.array([mark @ ideal for mark in marks])
        for mark, count in zip(marks, _rounded(shares), strict=True):
            # A limit on the same facet knows better than the bank's share.
            if not any(np.array_equal(mark > 0, weight > 0) for weight, _, _ in limits):
                rows.append(mark)
                low.append(float(count))
                high.append(float(count))
    matrix = sparse.csr_array(np.array(rows))
    return LinearConstraint(matrix, np.array(low), np.array(high))


def _constant(weights: Mapping[str, int], strata: Sequence[Stratum]) -> Floats | None:
    """Weight of each stratum when all its units weigh the same, else ``None``."""
    out = []
    for stratum in strata:
        found = {weights.get(name, 0) for name in (*stratum.fixed, *stratum.members)}
        if len(found) > 1:
            return None
        out.append(float(found.pop()))
    return np.array(out)


def _rounded(shares: Floats) -> Ints:
    """Round to integers with the same sum, largest remainders up."""
    down = np.floor(shares + 1e-9).astype(np.int64)
    short = round(float(shares.sum())) - int(down.sum())
    for place in np.argsort(down - shares, kind="stable")[:short]:
        down[place] += 1
    return down


def _solve(
    strata: Sequence[Stratum], ideal: Floats, rows: LinearConstraint, debt: Floats, classes: int
) -> Ints | None:
    """Find the plan that pays most of the debt; each neighbour class must be able to follow it."""
    least = np.array([float(len(s.fixed)) for s in strata])
    most = least + np.array([float(len(s.members) // classes) for s in strata])
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
