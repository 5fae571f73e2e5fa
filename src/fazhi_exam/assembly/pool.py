"""The part of a bank that a blueprint can draw from: cells, units, enemies and limits."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from ..bank.item import Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..errors import InfeasibleBlueprint, ItemError
from .blueprint import Blueprint, Bound, Measure, Per, Row, Section

SCALE = 10_000
"""Marks are integers in 1/10,000 wherever a draw compares them."""

_SECONDS = {
    ItemKind.TRUE_FALSE: 15,
    ItemKind.SINGLE: 25,
    ItemKind.BLANK: 30,
    ItemKind.MULTIPLE: 45,
    ItemKind.INDEFINITE: 45,
    ItemKind.SHORT: 360,
    ItemKind.ESSAY: 900,
}
_CHARACTERS_PER_SECOND = 5


@dataclass(frozen=True, slots=True)
class Unit:
    """What is drawn as a whole: one item, or a case with its sub-questions (抽题单位)."""

    id: str
    items: tuple[Item, ...]
    stimulus: str = ""

    @property
    def characters(self) -> int:
        """Characters to read: stimulus, stems and options."""
        return len(self.stimulus) + sum(_characters(item) for item in self.items)


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of one section with the units that fit it (单元格).

    `fixed` are on every paper and count towards `need`; `members` does not hold them.
    """

    id: str
    section: Section
    row: Row
    fixed: tuple[str, ...]
    members: tuple[str, ...]

    @property
    def need(self) -> int:
        """Units of this cell on a paper."""
        return self.row.count

    @property
    def have(self) -> int:
        """Units that may be drawn, fixed ones included."""
        return len(self.fixed) + len(self.members)

    @property
    def title(self) -> str:
        """How messages call the cell."""
        return f"{self.section.title}·{self.row.title}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound made ready: ``minimum <= sum of weights over the paper's units <= maximum``."""

    title: str
    minimum: int | None
    maximum: int | None
    weights: Mapping[str, int]


@dataclass(frozen=True)
class Pool:
    """Everything a blueprint may draw from one bank on one day (可抽范围)."""

    blueprint: Blueprint
    bank_hash: str
    on: date
    cells: tuple[Cell, ...]
    units: Mapping[str, Unit]
    enemies: tuple[tuple[str, str], ...]
    limits: tuple[Limit, ...]
    unfit_cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known about items beyond the bank (使用情况).

    Parameters
    ----------
    last_used
        Day of the last exam an item was in, by item or case id.
    barred
        Items or cases that must not be drawn on this day, such as those whose law has changed.
    """

    last_used: Mapping[str, date] = field(default_factory=dict)
    barred: frozenset[str] = frozenset()


def drawable(
    blueprint: Blueprint,
    bank: QuestionBank,
    *,
    on: date,
    usage: Usage | None = None,
    only: Collection[str] | None = None,
) -> Pool:
    """Sort the usable items of a bank into the cells of a blueprint.

    Parameters
    ----------
    blueprint, bank
        What is asked for and what there is.
    on
        Day of the exam.
    usage
        When items were last used, and items barred on that day.
    only
        Ids to which the pool is restricted, such as those of a form.

    Returns
    -------
    Pool
        Cells in the order of sections and rows, members in byte order of their ids. Cells may be
        short: `feasibility` says so.

    Raises
    ------
    ItemError
        If an item that must be on every paper is not in the bank.
    InfeasibleBlueprint
        If it is there but fits no row.
    """
    usage = usage or Usage()
    whole = {unit.id: unit for unit in _units(bank)}
    home = {item.id: unit.id for unit in whole.values() for item in unit.items}
    include = {_unit_of(name, whole, home) for name in blueprint.include}
    usable = {
        unit.id: unit
        for unit in whole.values()
        if _usable(unit, blueprint, on, usage) and (only is None or _within(unit, only))
    }
    cells, unfit = _cells(blueprint, usable, include)
    drawn = {name for cell in cells for name in (*cell.fixed, *cell.members)}
    if lost := sorted(include - drawn):
        raise InfeasibleBlueprint(
            [f"必选题 {name}" for name in lost], len(lost), "从必选题中去掉它们，或放宽蓝图行的条件"
        )
    units = {name: whole[name] for name in sorted(drawn)}
    worth = {name: cell.section for cell in cells for name in (*cell.fixed, *cell.members)}
    limits = tuple(
        limit
        for bound in blueprint.bounds
        for limit in _limits(bound, _of_age(bound, units, usage), worth)
    )
    enemies = _enemies(bank, units, home)
    return Pool(
        blueprint, bank.content_hash, on, cells, MappingProxyType(units), enemies, limits, unfit
    )


def _units(bank: QuestionBank) -> list[Unit]:
    alone = [Unit(item.id, (item,)) for item in bank if item.case is None]
    cases = [
        Unit(case.id, tuple(bank[name] for name in case.item_ids), case.stimulus)
        for case in bank.cases.values()
    ]
    return alone + cases


def _unit_of(name: str, units: Mapping[str, Unit], home: Mapping[str, str]) -> str:
    if name not in units and name not in home:
        raise ItemError(name, "编号", "是必选题，但题库中没有")
    return name if name in units else home[name]


def _usable(unit: Unit, blueprint: Blueprint, on: date, usage: Usage) -> bool:
    names = {unit.id, *(item.id for item in unit.items)}
    if not (names.isdisjoint(blueprint.exclude) and names.isdisjoint(usage.barred)):
        return False
    if any(item.status not in blueprint.statuses for item in unit.items):
        return False
    used = [usage.last_used[name] for name in names if name in usage.last_used]
    return not used or (on - max(used)).days >= blueprint.rest_days


def _within(unit: Unit, only: Collection[str]) -> bool:
    return unit.id in only or all(item.id in only for item in unit.items)


def _fits(unit: Unit, section: Section, row: Row) -> bool:
    """Whether a unit of the right kind may fill a row; a case needs half of its sub-questions."""
    if section.cases:
        fitting = sum(row.fits(item) for item in unit.items)
        return 2 * fitting >= len(unit.items) == section.items_per_case
    return row.fits(unit.items[0])


def _cells(
    blueprint: Blueprint, units: Mapping[str, Unit], include: Collection[str]
) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    slots = [(s, r) for s in blueprint.sections for r in s.active_rows]
    held: list[list[str]] = [[] for _ in slots]
    open_to: dict[ItemKind | None, list[int]] = defaultdict(list)
    for place, (section, _) in enumerate(slots):
        open_to[None if section.cases else section.kind].append(place)
    unfit = []
    for name in sorted(units):
        unit = units[name]
        kind = None if unit.stimulus else unit.items[0].kind
        home = next((place for place in open_to[kind] if _fits(unit, *slots[place])), None)
        if home is not None:
            held[home].append(name)
        elif unit.stimulus:
            unfit.append(name)
    numbers: Counter[str] = Counter()
    cells = []
    for (section, row), names in zip(slots, held, strict=True):
        numbers[section.id] += 1
        fixed = tuple(name for name in names if name in include)
        members = tuple(name for name in names if name not in include)
        cells.append(Cell(f"{section.id}.{numbers[section.id]}", section, row, fixed, members))
    return tuple(cells), tuple(unfit)


def _enemies(
    bank: QuestionBank, units: Mapping[str, Unit], home: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    pairs = set()
    for name, others in bank.enemies.items():
        one = home.get(name, name)
        for other in others:
            two = home.get(other, other)
            if one in units and two in units and one != two:
                pairs.add((min(one, two), max(one, two)))
    return tuple(sorted(pairs))


def _characters(item: Item) -> int:
    return len(item.stem) + sum(len(option.text) for option in item.options)


def _weight(bound: Bound, unit: Unit, section: Section) -> int:
    """Return what a unit adds to a bound, in the bound's integer unit."""
    items = [item for item in unit.items if bound.fits(item)]
    match bound.of:
        case Measure.ITEMS:
            return len(items)
        case Measure.POINTS:
            return int(section.points * SCALE) * len(items)
        case Measure.CHARACTERS:
            shared = len(unit.stimulus) if items else 0
            return shared + sum(_characters(item) for item in items)
        case Measure.MINUTES:
            shared = len(unit.stimulus) // _CHARACTERS_PER_SECOND if items else 0
            return shared + sum(
                _SECONDS[item.kind] + _characters(item) // _CHARACTERS_PER_SECOND for item in items
            )


def _of_age(bound: Bound, units: Mapping[str, Unit], usage: Usage) -> Mapping[str, Unit]:
    """Keep the units that a bound on new or used items looks at."""
    if bound.new is None:
        return units
    used = usage.last_used
    return {
        name: unit
        for name, unit in units.items()
        if bound.new is not any(n in used for n in (name, *(i.id for i in unit.items)))
    }


_STEP = {Measure.ITEMS: 1, Measure.POINTS: SCALE, Measure.MINUTES: 60, Measure.CHARACTERS: 1}


def _limits(bound: Bound, units: Mapping[str, Unit], worth: Mapping[str, Section]) -> list[Limit]:
    low = None if bound.minimum is None else bound.minimum * _STEP[bound.of]
    high = None if bound.maximum is None else bound.maximum * _STEP[bound.of]
    groups: dict[str, dict[str, int]] = {} if bound.per else {"": {}}
    for name, unit in units.items():
        for group in _groups(bound.per, unit):
            weight = _weight_in(bound, unit, worth[name], group)
            if weight:
                groups.setdefault(group, {})[name] = weight
    limits = []
    for group, weights in sorted(groups.items()):
        # A group too small to break its upper limit only slows the draw down.
        if low is not None or (high is not None and sum(weights.values()) > high):
            title = f"{bound.title}（{group}）" if group else bound.title
            limits.append(Limit(title, low, high, MappingProxyType(weights)))
    return limits


def _weight_in(bound: Bound, unit: Unit, section: Section, group: str) -> int:
    if bound.per is None:
        return _weight(bound, unit, section)
    items = tuple(item for item in unit.items if group in _values(bound.per, item))
    return _weight(bound, Unit(unit.id, items, unit.stimulus), section)


def _groups(per: Per | None, unit: Unit) -> set[str]:
    return {""} if per is None else {v for item in unit.items for v in _values(per, item)}


def _values(per: Per, item: Item) -> set[str]:
    match per:
        case Per.STATUTE:
            return {f"《{c.title}》" for c in item.citations}
        case Per.ARTICLE:
            return {str(c.whole_article) for c in item.citations if c.article is not None}
        case Per.SUBJECT:
            return {item.subject}
        case Per.TOPIC:
            return {f"{item.subject} {item.topic}"}
        case Per.TAG:
            return set(item.tags)
