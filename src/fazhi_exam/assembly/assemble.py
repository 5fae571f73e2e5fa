"""Parallel forms by integer programming (整卷组卷): like content, like information, little overlap.

The whole bank at once is too large a programme for several forms. Instead each form is sought in a
random slice of what is left, with every demand as a condition and a random cost, and the first
solution is taken; slices grow when nothing is found, up to everything that is left.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html import escape

import numpy as np

from ..bank.question_bank import QuestionBank
from ..errors import DidNotConverge, DrawError, InfeasibleBlueprint
from ..psychometrics.models import ItemModel
from ..typing import Floats, Rng, generator
from .blueprint import Blueprint
from .borderline import (
    ParityTarget,
    borderline_ability,
    expected_marks,
    information_at,
    mean_marks,
    tolerance_for,
)
from .feasibility import feasibility_of
from .form import ExamForm
from .forms import form_from_units
from .integer_model import IntegerModel, LinearRow, integer_model
from .pool import Cell, Pool, Usage, drawable

_SLICE = 600
_CODES = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class FormTargets:
    """What makes forms parallel beyond the blueprint (信息量目标).

    Parameters
    ----------
    models
        Item model by item id.
    abilities
        Where the test information of a form shall equal that of the bank's average paper.
    tolerance
        Largest relative deviation asked for, at least 0.0005 (asking for less only costs time).
    pass_mark
        Also hold the expected marks of the borderline candidate alike.
    """

    models: Mapping[str, ItemModel] = field(repr=False)
    abilities: tuple[float, ...] = (-1.0, 0.0, 1.0)
    tolerance: float = 0.002
    pass_mark: Decimal | None = None

    def __post_init__(self) -> None:
        if self.tolerance < 0.0005 or not self.abilities:
            raise ValueError("need at least one ability and a tolerance of at least 0.0005")


@dataclass(frozen=True, slots=True)
class FormReport:
    """What was reached for one form (组卷结果).

    Parameters
    ----------
    code
        Of the form.
    information
        Test information at the target abilities; empty without targets.
    deviation
        Largest relative deviation from the targets; 0 without.
    within
        Whether every condition holds; otherwise the nearest form found was taken.
    looked_at
        Units in the slice in which it was found.
    seconds
        Wall time.
    """

    code: str
    information: tuple[float, ...]
    deviation: float
    within: bool
    looked_at: int
    seconds: float


@dataclass(frozen=True)
class Assembly:
    """Forms and what was reached (整卷组卷报告).

    Parameters
    ----------
    forms
        The forms, coded A, B, ….
    reports
        One per form.
    target
        Information aimed at.
    overlap
        Items that two forms have in common, anchors included; shape ``(forms, forms)``.
    """

    forms: tuple[ExamForm, ...]
    reports: tuple[FormReport, ...]
    target: tuple[float, ...]
    overlap: tuple[tuple[int, ...], ...]

    @property
    def deviation(self) -> float:
        """Largest relative deviation of information over forms."""
        return max(report.deviation for report in self.reports)

    @property
    def within(self) -> bool:
        """Whether every form satisfies every condition."""
        return all(report.within for report in self.reports)

    def __str__(self) -> str:
        verdict = "全部达到要求" if self.within else "有试卷未达到目标，已取最接近的"
        most = max((n for i, row in enumerate(self.overlap) for n in row[:i]), default=0)
        return (
            f"{len(self.forms)} 套试卷，{verdict}；信息量偏离目标至多 {self.deviation:.2%}，"
            f"两套之间最多 {most} 题相同"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def assemble(
    blueprint: Blueprint,
    bank: QuestionBank,
    *,
    on: date,
    forms: int = 2,
    targets: FormTargets | None = None,
    overlap: int = 0,
    anchors: frozenset[str] = frozenset(),
    rng: Rng = 0,
    time_limit: float = 60.0,
    usage: Usage | None = None,
) -> Assembly:
    """Build parallel forms.

    Parameters
    ----------
    blueprint, bank, on, usage
        As in `drawable`.
    forms
        How many, up to 24.
    targets
        Information and expected marks to hold alike; content alone without.
    overlap
        Most items that two forms may share, besides the anchors.
    anchors
        Ids of items or cases on every form.
    rng
        Which of the many solutions is found.
    time_limit
        Seconds for all forms together.

    Raises
    ------
    InfeasibleBlueprint
        If the bank cannot fill the blueprint so many times.
    DidNotConverge
        If the time was up before a form was found.
    DrawError
        If items lack models.
    """
    if not 1 <= forms <= len(_CODES) or overlap < 0 or time_limit <= 0:
        raise ValueError("need 1 to 24 forms, overlap >= 0 and a positive time limit")
    wanted = blueprint.model_copy(update={"include": blueprint.include | anchors})
    pool = drawable(wanted, bank, on=on, usage=usage)
    feasibility_of(pool).raise_if_infeasible()
    if not overlap:
        _check_supply(pool, forms)
    rows = _target_rows(pool, targets) if targets else ()
    count = len(targets.abilities) if targets else 0
    deadline = time.perf_counter() + time_limit
    search = _Search(pool, rows, count, overlap, generator(rng), deadline)
    found = [search.next_form(_CODES[n]) for n in range(forms)]
    made = tuple(form for form, _ in found)
    shared = tuple(tuple(a.overlap(b) for b in made) for a in made)
    target = tuple((row.low + row.high) / 2 for row in rows[:count])
    return Assembly(made, tuple(report for _, report in found), target, shared)


def _check_supply(pool: Pool, forms: int) -> None:
    for cell in pool.cells:
        free = cell.need - len(cell.fixed)
        if free * forms > len(cell.members):
            raise InfeasibleBlueprint(
                [f"{cell.title}（每套 {free} 题，{forms} 套互不重题，有 {len(cell.members)}）"],
                free * forms - len(cell.members),
                f"减少套数，允许重题，或补充 {free * forms - len(cell.members)} 道试题",
            )


def _target_rows(pool: Pool, targets: FormTargets) -> tuple[LinearRow, ...]:
    """Information at each ability, and expected marks at the borderline when asked for."""
    lacking = [i.id for u in pool.units.values() for i in u.items if i.id not in targets.models]
    if lacking:
        raise DrawError("信息量目标", f"{len(lacking)} 道题没有参数（如 {'、'.join(lacking[:3])}）")
    abilities = np.array(targets.abilities)
    info = {n: information_at(u, targets.models, abilities) for n, u in pool.units.items()}
    aim = sum(_mean(cell, info) for cell in pool.cells)
    rows = []
    for k, theta in enumerate(targets.abilities):
        value = float(np.asarray(aim)[k])
        width = targets.tolerance * value
        weights = {name: float(values[k]) for name, values in info.items()}
        title = f"能力 {theta:g} 处的信息量"
        rows.append(LinearRow(title, weights, value - width, value + width, value))
    if targets.pass_mark is not None:
        rows.append(_marks_row(pool, ParityTarget(targets.models, targets.pass_mark)))
    return tuple(rows)


def _mean(cell: Cell, values: Mapping[str, Floats]) -> Floats:
    """Return what a cell adds to the bank's average paper."""
    total = np.asarray(sum((values[n] for n in cell.fixed), start=np.zeros(1)))
    free = cell.need - len(cell.fixed)
    if free and cell.members:
        total = total + free * np.mean([values[n] for n in cell.members], axis=0)
    return np.asarray(total)


def _marks_row(pool: Pool, target: ParityTarget) -> LinearRow:
    theta = borderline_ability(pool, target)
    weights = {
        name: expected_marks(pool.units[name], cell.section.points, target.models, theta)
        for cell in pool.cells
        for name in (*cell.fixed, *cell.members)
    }
    value = mean_marks(pool, target.models, theta)
    width = tolerance_for(pool, target.models, theta)
    return LinearRow("合格线处的期望分", weights, value - width, value + width, value)


class _Search:
    """Finds one form after another; knows what earlier forms have used."""

    def __init__(
        self,
        pool: Pool,
        rows: tuple[LinearRow, ...],
        abilities: int,
        overlap: int,
        random: np.random.Generator,
        deadline: float,
    ) -> None:
        self.pool, self.rows, self.abilities, self.overlap = pool, rows, abilities, overlap
        self.random, self.deadline = random, deadline
        self.fixed = {name for cell in pool.cells for name in cell.fixed}
        self.earlier: list[tuple[str, ...]] = []

    def next_form(self, code: str) -> tuple[ExamForm, FormReport]:
        """Find the next form in slices of growing size, then as near as possible."""
        start = time.perf_counter()
        units, looked_at, within = self._find()
        self.earlier.append(units)
        values = [sum(row.weights[name] for name in units) for row in self.rows]
        del values[self.abilities :]  # expected marks are a condition, not information
        middles = [(row.low + row.high) / 2 for row in self.rows[: self.abilities]]
        off = max((abs(v / m - 1) for v, m in zip(values, middles, strict=True)), default=0.0)
        seconds = time.perf_counter() - start
        report = FormReport(code, tuple(values), off, within, looked_at, seconds)
        return form_from_units(self.pool, units, code=code), report

    def _find(self) -> tuple[tuple[str, ...], int, bool]:
        left = self._left()
        size = _SLICE
        while True:
            units = self._slice(left, size)
            model = integer_model(self.pool, units, (*self.rows, *self._overlap_rows()))
            chosen = model.first(self.random.random(len(model.units)), seconds=self._seconds())
            if chosen is not None:
                return chosen, len(units), True
            if len(units) == sum(map(len, left)):
                return self._nearest(model), len(units), False
            size *= 4

    def _nearest(self, model: IntegerModel) -> tuple[str, ...]:
        chosen = model.nearest(floor=0.001, seconds=self._seconds())
        if chosen is None:
            raise InfeasibleBlueprint(
                [f"第 {len(self.earlier) + 1} 套试卷"], 0, "减少套数，放宽限制条件，或允许更多重题"
            )
        return chosen

    def _seconds(self) -> float:
        left = self.deadline - time.perf_counter()
        if left <= 0:
            raise DidNotConverge("组卷（时间已用完）", len(self.earlier), float("nan"))
        return left

    def _left(self) -> list[list[str]]:
        """Units of each cell that may still be used."""
        used = {name for units in self.earlier for name in units} if not self.overlap else set()
        used -= self.fixed
        return [[n for n in (*c.fixed, *c.members) if n not in used] for c in self.pool.cells]

    def _slice(self, left: Sequence[Sequence[str]], size: int) -> list[str]:
        """Choose about `size` units at random, at least four times what each cell needs."""
        total = sum(cell.need for cell in self.pool.cells)
        out = []
        for cell, names in zip(self.pool.cells, left, strict=True):
            wanted = max(4 * cell.need, -(-size * cell.need // total))
            if wanted < len(names):
                order = self.random.permutation(len(names))[:wanted]
                names = [names[i] for i in order] + list(cell.fixed)
            out += list(dict.fromkeys(names))
        return out

    def _overlap_rows(self) -> list[LinearRow]:
        """At most so many items in common with each earlier form, besides fixed ones."""
        if not self.overlap:
            return []
        rows = []
        for number, units in enumerate(self.earlier):
            weights = {
                name: float(len(self.pool.units[name].items))
                for name in units
                if name not in self.fixed
            }
            title = f"与试卷 {_CODES[number]} 的重题"
            rows.append(LinearRow(title, weights, -np.inf, self.overlap))
        return rows
