"""Exchange one item of a form and see what may take its place (换题)."""

from dataclasses import replace

from ..errors import DrawError
from .form import ExamForm
from .forms import form_from_units
from .pool import Cell, Pool


def alternatives(pool: Pool, form: ExamForm, name: str) -> tuple[str, ...]:
    """Units that can stand for an item or case of a form without breaking the blueprint.

    They are of the same cell, not on the form, no enemies of what stays, and within all limits.

    Raises
    ------
    DrawError
        If the form does not hold the item.
    """
    units = _units(form)
    old = _unit_of(form, name)
    cell = _cell_of(pool, old)
    rest = [unit for unit in units if unit != old]
    foes = {b if a in rest else a for a, b in pool.enemies if (a in rest) != (b in rest)}
    return tuple(
        unit
        for unit in cell.members
        if unit not in units and unit not in foes and _within_limits(pool, [*rest, unit])
    )


def swapped(pool: Pool, form: ExamForm, name: str, by: str) -> ExamForm:
    """Return the form with one item or case exchanged; everything else keeps its place.

    Raises
    ------
    DrawError
        If the form does not hold the item, or the other one may not take its place.
    """
    old = _unit_of(form, name)
    if by not in alternatives(pool, form, name):
        raise DrawError(
            f"试卷 {form.code}", f"题目 {by} 不能替换 {name}：不同行、互斥、已选或超出限制"
        )
    units = [by if unit == old else unit for unit in _units(form)]
    return replace(form_from_units(pool, units, code=form.code), title=form.title)


def _units(form: ExamForm) -> list[str]:
    return list(dict.fromkeys(item.case or item.id for item in form))


def _unit_of(form: ExamForm, name: str) -> str:
    for item in form:
        if name in (item.id, item.case):
            return item.case or item.id
    raise DrawError(f"试卷 {form.code}", f"没有题目 {name}")


def _cell_of(pool: Pool, unit: str) -> Cell:
    for cell in pool.cells:
        if unit in cell.members:
            return cell
    raise DrawError(f"题目 {unit}", "是必选题或不在可抽范围内，不能替换")


def _within_limits(pool: Pool, units: list[str]) -> bool:
    for limit in pool.limits:
        total = sum(limit.weights.get(unit, 0) for unit in units)
        if limit.minimum is not None and total < limit.minimum:
            return False
        if limit.maximum is not None and total > limit.maximum:
            return False
    return True
