"""Units that were renamed or merged (机构改革): old names under new ones, from a date on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ..errors import FazhiExamError
from ..roster.candidate import Candidate
from ..scoring.decisions import Decisions
from .counts import NOBODY, Counts


class UnitMappingError(FazhiExamError):
    """Changes of units contradict each other (单位变更对照表有误)."""

    def __init__(self, unit: str, problem: str) -> None:
        super().__init__(unit, problem)
        self.unit, self.problem = unit, problem

    def __str__(self) -> str:
        return f"单位“{self.unit}”：{self.problem}"


@dataclass(frozen=True, slots=True, order=True)
class UnitChange:
    """A unit that was renamed or became part of another (更名、并入).

    Parameters
    ----------
    on
        First day of the new name.
    old, new
        Names before and after. A unit that was divided has no single successor and keeps its old
        name; give no change for it.
    basis
        Document that ordered it (依据).
    """

    on: date
    old: str
    new: str
    basis: str = ""


@dataclass(frozen=True)
class UnitMapping:
    """All changes of units, kept in order of date.

    Raises
    ------
    UnitMappingError
        If a change is empty, or a unit goes to two places on one day.
    """

    changes: tuple[UnitChange, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", tuple(sorted(self.changes)))
        goes: dict[tuple[str, date], str] = {}
        for change in self.changes:
            if not change.old or not change.new or change.old == change.new:
                raise UnitMappingError(change.old or change.new, "变更前后的名称应不同且不为空")
            known = goes.setdefault((change.old, change.on), change.new)
            if known != change.new:
                raise UnitMappingError(
                    change.old,
                    f"{change.on:%Y-%m-%d} 同时并入“{known}”和“{change.new}”；"
                    "拆分的单位不能按名称归并，请保留原名",
                )

    @cached_property
    def _by_day(self) -> dict[date, dict[str, str]]:
        """New name by old name for each day: changes of one day happen at once, even a swap."""
        out: dict[date, dict[str, str]] = {}
        for change in self.changes:
            out.setdefault(change.on, {})[change.old] = change.new
        return out

    def name(self, unit: str, *, at: date, on: date) -> str:
        """Return under which name a unit stands on another day.

        Parameters
        ----------
        unit, at
            Name as it was on the day of the exam. A change counts from its own day on, so an exam
            on the day of a change is held under the new name.
        on
            Day whose names are wanted; before `at`, the name stays.
        """
        name = unit
        for day, goes in self._by_day.items():
            if at < day <= on:
                name = goes.get(name, name)
        return name

    def counts(self, counts: Mapping[str, Counts], *, at: date, on: date) -> dict[str, Counts]:
        """Add counts of one exam day up under the names of another day, in order of name."""
        out: dict[str, Counts] = {}
        for unit, one in counts.items():
            name = self.name(unit, at=at, on=on)
            out[name] = out.get(name, NOBODY) + one
        return dict(sorted(out.items()))


def regroup(decisions: Decisions, mapping: UnitMapping, *, on: date, by: str = "单位") -> Decisions:
    """Return decisions whose candidates stand under the unit names of a day.

    The name at exam time stays recorded as the group ``考时单位`` (or ``考时`` and `by`); nothing
    is lost when it is done again for another day.

    Parameters
    ----------
    by
        Group that holds the unit.
    """
    kept = f"考时{by}"

    def moved(candidate: Candidate) -> Candidate:
        was = candidate.groups.get(kept, candidate.groups.get(by, ""))
        if not was:
            return candidate
        now = mapping.name(was, at=decisions.on, on=on)
        return replace(candidate, groups={**candidate.groups, by: now, kept: was})

    return replace(decisions, candidates=tuple(moved(c) for c in decisions.candidates))
