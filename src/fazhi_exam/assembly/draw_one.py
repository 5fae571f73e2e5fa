"""One candidate's paper, drawn and laid out alone: `docs/conventions.md` §1.4 and §1.5."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from ..errors import DrawError
from .blueprint import OrderPolicy
from .draw_tables import DrawTables
from .manifest import Manifest, RosterRow
from .paper import Paper
from .stream import Stream


def draw_units(tables: DrawTables, seed: bytes, row: RosterRow) -> tuple[list[int], int]:
    """Draw one candidate's units alone; returns them in draw order, and the attempts used.

    Raises
    ------
    DrawError
        If no attempt passes, naming what rejected most.
    """
    manifest, seen = tables.manifest, tables.seen(row)
    members = tables.by_class[tables.neighbour_class(row)]
    free = [[u for u in units if u not in seen] for units in members]
    fixed = [[u for u in units if u not in seen] for units in tables.fixed]
    _refuse_short(manifest, row.code, free, fixed)
    reasons: Counter[str] = Counter()
    for attempt in range(manifest.max_attempts):
        stream = Stream(seed, row.code, "items", attempt)
        plan = manifest.plans[stream.below(len(manifest.plans))]
        drawn = _draw_cells(tables, stream, plan, fixed, free)
        if drawn is None:
            reasons["互斥题或做过的题太多，单元格抽不满"] += 1
            continue
        problem = tables.problem(np.array(drawn, dtype=np.int64))
        if not problem:
            return drawn, attempt + 1
        reasons[problem] += 1
    raise _failed(row.code, manifest.max_attempts, reasons)


def _draw_cells(
    tables: DrawTables,
    stream: Stream,
    plan: Sequence[int],
    fixed: Sequence[Sequence[int]],
    free: Sequence[Sequence[int]],
) -> list[int] | None:
    """Draw every cell in order, passing over enemies of what is taken; ``None`` if one is short."""
    barred = {foe for units in fixed for unit in units for foe in tables.foes.get(unit, ())}

    def clashes(unit: int) -> bool:
        if unit in barred:
            return True
        barred.update(tables.foes.get(unit, ()))
        return False

    drawn: list[int] = []
    for need, always, units in zip(plan, fixed, free, strict=True):
        chosen = stream.choose(need - len(always), units, clashes)
        if len(chosen) < need - len(always):
            return None
        drawn += [*always, *chosen]
    return drawn


def _refuse_short(
    manifest: Manifest, code: str, free: Sequence[Sequence[int]], fixed: Sequence[Sequence[int]]
) -> None:
    have = [len(f) + len(a) for f, a in zip(free, fixed, strict=True)]
    for place, cell in enumerate(manifest.cells):
        need = min(plan[place] for plan in manifest.plans)
        if have[place] < need:
            raise DrawError(
                f"考生 {code}", f"“{cell.title}”需要 {need} 题，排除做过的题后只有 {have[place]} 题"
            )


def _failed(code: str, attempts: int, reasons: Counter[str]) -> DrawError:
    most, times = reasons.most_common(1)[0]
    return DrawError(
        f"考生 {code}",
        f"抽取 {attempts} 次都不合格，其中 {times} 次因为：{most}。请放宽该条件或补充试题",
    )


def arranged(tables: DrawTables, seed: bytes, code: str, units: Sequence[int]) -> Paper:
    """Put drawn units and their options in the order shown."""
    manifest = tables.manifest
    stream = Stream(seed, code, "order", 0)
    names = [tables.names[unit] for unit in units]
    sections: list[tuple[str, tuple[str, ...]]] = []
    for section, part in zip(manifest.sections, _parts(manifest, names), strict=True):
        ordered = _ordered(manifest, stream, part)
        shown = tuple(item for name in ordered for item in manifest.units[name].items)
        sections.append((section.id, shown))
    options = Stream(seed, code, "options", 0)
    order = {
        name: _options(manifest, options, name)
        for _, shown in sections
        for name in shown
        if manifest.items[name].options
    }
    return Paper(code, tuple(sections), order)


def _parts(manifest: Manifest, names: Sequence[str]) -> Iterator[list[str]]:
    """Cut drawn units into sections; every plan takes the same number for a section."""
    start, column = 0, 0
    for section in manifest.sections:
        size = sum(manifest.plans[0][column : column + len(section.cells)])
        yield list(names[start : start + size])
        start, column = start + size, column + len(section.cells)


def _ordered(manifest: Manifest, stream: Stream, names: list[str]) -> list[str]:
    policy, units = manifest.policy, manifest.units
    if policy is OrderPolicy.AS_DRAWN:
        return names
    shuffled = [names[i] for i in stream.shuffle(range(len(names)))]
    if policy is OrderPolicy.EASY_TO_HARD:
        shuffled.sort(key=lambda name: -units[name].score)
    if policy is OrderPolicy.BY_TOPIC:
        shuffled.sort(key=lambda name: units[name].topic)
    return shuffled


def _options(manifest: Manifest, stream: Stream, name: str) -> tuple[str, ...]:
    item = manifest.items[name]
    if not manifest.shuffle_options:
        return item.options
    places = [i for i, option in enumerate(item.options) if option not in item.pinned]
    order = list(item.options)
    for place, origin in zip(places, stream.shuffle(places), strict=True):
        order[place] = item.options[origin]
    return tuple(order)
