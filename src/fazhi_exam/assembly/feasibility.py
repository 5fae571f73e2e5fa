"""Can the bank fill the blueprint, and how many more exams can it carry (可行性)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from ..bank.question_bank import QuestionBank
from ..errors import InfeasibleBlueprint
from ..typing import Floats
from .blueprint import Blueprint
from .pool import Cell, Pool, Usage, drawable


@dataclass(frozen=True, slots=True)
class CellSupply:
    """Supply of one cell (单元格供需).

    Parameters
    ----------
    id, title
        Which row of which section.
    need, have
        Units on a paper and units that may be drawn.
    exposure
        Share of papers an item of the cell is expected to be on, ``need / have``.
    """

    id: str
    title: str
    need: int
    have: int

    @property
    def short_by(self) -> int:
        """Units missing."""
        return max(0, self.need - self.have)

    @property
    def disjoint_papers(self) -> int:
        """Papers without a common item that the cell can fill."""
        return self.have // self.need

    @property
    def exposure(self) -> float:
        """Expected share of papers for each item of the cell; 1 when it is short."""
        return min(1.0, self.need / self.have) if self.have else 1.0


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What a bank can do for a blueprint (可行性报告).

    Parameters
    ----------
    cells
        Supply of every cell, in the order of the blueprint.
    conflict
        Titles of a smallest set of rows and limits that cannot hold together; empty when a paper
        exists.
    relaxation
        The cheapest change that helps, in Chinese; empty when a paper exists.
    short_by
        Units missing over the conflicting rows.
    disjoint_papers
        Upper bound of papers without a common item, from the scarcest cell.
    warnings
        What is possible but unwise, in Chinese.
    """

    cells: tuple[CellSupply, ...]
    conflict: tuple[str, ...]
    relaxation: str
    short_by: int
    warnings: tuple[str, ...]

    @property
    def feasible(self) -> bool:
        """Whether at least one paper exists."""
        return not self.conflict

    @property
    def disjoint_papers(self) -> int:
        """Papers without a common item that the bank can fill at most."""
        return min(cell.disjoint_papers for cell in self.cells) if self.feasible else 0

    @property
    def binding(self) -> CellSupply:
        """The scarcest cell."""
        return min(self.cells, key=lambda cell: cell.have / cell.need)

    def sittings(self, forms: int = 1) -> int:
        """Sittings with all-new items that the bank can still carry, with so many forms each."""
        return self.disjoint_papers // forms

    def raise_if_infeasible(self) -> None:
        """Raise ``InfeasibleBlueprint`` unless a paper exists."""
        if self.conflict:
            raise InfeasibleBlueprint(self.conflict, self.short_by, self.relaxation)

    def __repr__(self) -> str:
        if self.conflict:
            return f"Feasibility(不可行：{'；'.join(self.conflict)})"
        return (
            f"Feasibility(可行, 不重题最多 {self.disjoint_papers} 份, 瓶颈：{self.binding.title})"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(c.title)}</td><td>{c.need}</td><td>{c.have}</td>"
            f"<td>{c.disjoint_papers}</td></tr>"
            for c in self.cells
        )
        head = "<tr><th>单元格</th><th>需要</th><th>可用</th><th>不重题份数</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"


def feasibility(
    blueprint: Blueprint,
    bank: QuestionBank,
    *,
    on: date,
    usage: Usage | None = None,
) -> Feasibility:
    """Compare what a blueprint needs with what a bank has on a day.

    Raises
    ------
    ItemError, InfeasibleBlueprint
        If an item that must be on every paper is missing or fits no row; a lack of items is
        reported, not raised.
    """
    return feasibility_of(drawable(blueprint, bank, on=on, usage=usage))


def feasibility_of(pool: Pool) -> Feasibility:
    """Judge a pool that is already sorted into cells."""
    cells = tuple(CellSupply(c.id, c.title, c.need, _have(pool, c)) for c in pool.cells)
    short = [cell for cell in cells if cell.short_by]
    warnings = _warnings(pool, cells)
    if short:
        lack = sum(cell.short_by for cell in short)
        advice = "；".join(
            f"“{c.title}”减少 {c.short_by} 题，或补充 {c.short_by} 道试题" for c in short[:5]
        )
        more = f"；另有 {len(short) - 5} 行同样不足" if len(short) > 5 else ""
        titles = tuple(f"{c.title}（需 {c.need}，有 {c.have}）" for c in short)
        return Feasibility(cells, titles, advice + more, lack, warnings)
    over = [c for c in pool.cells if len(c.fixed) > c.need]
    if over:
        cell = over[0]
        text = f"{cell.title}（需 {cell.need}，必选题有 {len(cell.fixed)}）"
        advice = f"从必选题中去掉 {len(cell.fixed) - cell.need} 题"
        return Feasibility(cells, (text,), advice, 0, warnings)
    conflict, advice = _conflict(pool)
    return Feasibility(cells, conflict, advice, 0, warnings)


def _have(pool: Pool, cell: Cell) -> int:
    """Units a candidate may get: the smallest neighbour class and the fixed ones."""
    return len(cell.fixed) + len(cell.members) // pool.blueprint.neighbour_classes


def _warnings(pool: Pool, cells: Sequence[CellSupply]) -> tuple[str, ...]:
    out = []
    cap = pool.blueprint.exposure_cap
    for cell in cells:
        if cap is not None and not cell.short_by and cell.exposure > cap:
            out.append(f"“{cell.title}”每题平均曝光 {cell.exposure:.0%}，超过上限 {float(cap):.0%}")
    if pool.unfit_cases:
        names = "、".join(pool.unfit_cases[:5])
        out.append(f"{len(pool.unfit_cases)} 个案例不合任何一行（如 {names}）")
    return tuple(out)


@dataclass(frozen=True, slots=True)
class _Demand:
    """One constraint ``low <= weights @ x <= high`` with the title people know it by."""

    title: str
    weights: Floats
    low: float
    high: float


def _demands(pool: Pool) -> list[_Demand]:
    names = list(pool.units)
    place = {name: i for i, name in enumerate(names)}
    out = []
    for cell in pool.cells:
        weights = np.zeros(len(names))
        weights[[place[n] for n in (*cell.fixed, *cell.members)]] = 1
        out.append(_Demand(f"{cell.title}（{cell.need}）", weights, cell.need, cell.need))
    for limit in pool.limits:
        weights = np.zeros(len(names))
        for name, weight in limit.weights.items():
            weights[place[name]] = weight
        low = -np.inf if limit.minimum is None else limit.minimum
        high = np.inf if limit.maximum is None else limit.maximum
        out.append(_Demand(f"限制“{limit.title}”", weights, low, high))
    return out


def _side(pool: Pool) -> tuple[Bounds, list[LinearConstraint]]:
    """Must-include items and enemy pairs, which no relaxation touches."""
    names = list(pool.units)
    place = {name: i for i, name in enumerate(names)}
    low = np.zeros(len(names))
    low[[place[n] for cell in pool.cells for n in cell.fixed]] = 1
    if not pool.enemies:
        return Bounds(low, np.ones(len(names))), []
    rows = np.repeat(np.arange(len(pool.enemies)), 2)
    columns = [place[name] for pair in pool.enemies for name in pair]
    matrix = sparse.csr_array(
        (np.ones(len(rows)), (rows, columns)), shape=(len(pool.enemies), len(names))
    )
    return Bounds(low, np.ones(len(names))), [LinearConstraint(matrix, -np.inf, 1.0)]


def _possible(pool: Pool, demands: Sequence[_Demand]) -> bool:
    """Whether a paper satisfies these demands; a search cut off by its time counts as yes."""
    bounds, side = _side(pool)
    matrix = sparse.csr_array(np.array([d.weights for d in demands]))
    own = LinearConstraint(matrix, [d.low for d in demands], [d.high for d in demands])
    size = len(pool.units)
    answer = milp(
        np.zeros(size),
        constraints=[own, *side],
        integrality=np.ones(size),
        bounds=bounds,
        options={"time_limit": 5.0},
    )
    return bool(answer.status != 2)


def _conflict(pool: Pool) -> tuple[tuple[str, ...], str]:
    """Return a set of demands none of which can be left out of the conflict, and a remedy."""
    demands = _demands(pool)
    if not (pool.limits or pool.enemies) or _possible(pool, demands):
        return (), ""
    core = list(demands)
    for demand in demands:
        rest = [d for d in core if d is not demand]
        if rest and not _possible(pool, rest):
            core = rest
    return tuple(d.title for d in core), _remedy(pool, demands, core)


def _remedy(pool: Pool, demands: Sequence[_Demand], core: Sequence[_Demand]) -> str:
    """Say by how little one of the conflicting demands must give way, the cheapest first."""
    best: tuple[float, str] | None = None
    for demand in core:
        others = [d for d in demands if d is not demand]
        reach = _reach(pool, others, demand)
        if reach is None:
            continue
        low, high = reach
        gap = max(demand.low - high, low - demand.high)
        text = (
            f"把{demand.title}的要求降到 {high:g}"
            if demand.low > high
            else f"把{demand.title}放宽到 {low:g}"
        )
        if best is None or gap < best[0]:
            best = (gap, text)
    return best[1] if best else "需要同时放宽其中两项以上，或补充试题"


def _reach(pool: Pool, others: Sequence[_Demand], demand: _Demand) -> tuple[float, float] | None:
    """Smallest and largest value of a demand on papers that satisfy the others."""
    bounds, side = _side(pool)
    constraints = list(side)
    if others:
        matrix = sparse.csr_array(np.array([d.weights for d in others]))
        constraints.append(
            LinearConstraint(matrix, [d.low for d in others], [d.high for d in others])
        )
    ends = []
    for sign in (1.0, -1.0):
        answer = milp(
            sign * demand.weights,
            constraints=constraints,
            integrality=np.ones(demand.weights.size),
            bounds=bounds,
            options={"time_limit": 5.0},
        )
        if answer.x is None:
            return None
        ends.append(float(np.round(demand.weights @ np.rint(answer.x))))
    return ends[0], ends[1]
