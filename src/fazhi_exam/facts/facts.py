"""Facts that are open: grouped counts from an engine, everything else from our own statistics."""

import shutil
import warnings
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

from ..errors import NotEnoughData
from ..passrate import (
    AttemptSummary,
    Comparison,
    Counts,
    Denominator,
    History,
    PassRateTable,
    RateTrend,
    UnitMapping,
    Which,
    attempts_of,
    compare_counts,
    counts_at,
    rate_table,
    trend_of,
)
from ..passrate.counts import NOBODY, reconcile
from ..scoring.decisions import Outcome
from ..statistics.decomposition import ThreeParts, three_parts
from . import expressions as ask
from .layout import FactsError
from .scope import EVERYTHING, Period, Scope

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table

_Row: TypeAlias = dict[str, object]
MISSING = "未填写"


@dataclass(frozen=True, slots=True)
class HeldSitting:
    """A sitting in the facts: programme, id, day, and rows."""

    programme: str
    id: str
    on: date
    rows: int


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How an item revision was answered: points are whole numbers of 1/10,000.

    Parameters
    ----------
    presented, omitted, full
        On how many papers it was, how often nothing was chosen, how often all points were won.
    """

    item: str
    revision: str
    presented: int
    omitted: int
    full: int
    awarded: int
    possible: int

    @property
    def share(self) -> float:
        """Share of points won; for items worth all or nothing, the p-value (难度)."""
        return self.awarded / self.possible


@contextmanager
def between_versions() -> Iterator[None]:
    """Do not pass on that ibis still calls DuckDB by names that DuckDB 2 calls old."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"fetch_\w+\(\) is deprecated", DeprecationWarning)
        yield


class Facts(AbstractContextManager["Facts"]):
    """Attempts, and answers if there are any, behind an engine.

    Every answer is kept, so that asking the same again costs nothing; facts do not change while
    they are open.

    Parameters
    ----------
    attempts, answers
        Tables with the columns of `layout`.
    groups
        Columns of attempts that are groups.
    version
        Names the data.
    engine
        Is disconnected at the end.
    scratch
        Folder to delete at the end.
    """

    def __init__(
        self,
        attempts: "Table",
        answers: "Table | None",
        *,
        groups: tuple[str, ...],
        version: str,
        engine: "BaseBackend",
        scratch: Path | None = None,
    ) -> None:
        self.table, self.answers, self.groups = attempts, answers, groups
        self.version, self._engine, self._scratch = version, engine, scratch
        self._known: dict[Hashable, list[_Row]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the engine and delete its scratch files."""
        self._engine.disconnect()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def __repr__(self) -> str:
        return f"Facts({len(self.sittings)} 个考次，分组 {'、'.join(self.groups)}，{self.version})"

    # ---- asking ----

    def _rows(self, key: Hashable, expression: "Table") -> list[_Row]:
        if key not in self._known:
            with between_versions():
                self._known[key] = expression.to_pyarrow().to_pylist()
        return self._known[key]

    def _chosen(self, scope: Scope) -> "Table":
        found = ask.chosen(
            self.table, programme=scope.programme, sittings=scope.sittings, since=scope.since,
            until=scope.until,
        )  # fmt: skip
        if scope.which is Which.FIRST:
            return ask.first_attempts(found)
        return ask.best_attempts(found) if scope.which is Which.BEST else found

    def _group(self, by: str) -> str:
        if by not in self.groups:
            raise FactsError(by, f"没有这个分组；可用：{'、'.join(self.groups)}")
        return by

    @cached_property
    def sittings(self) -> tuple[HeldSitting, ...]:
        """All sittings in order of day."""
        rows = self._rows("sittings", ask.sittings(self.table))
        found = [
            HeldSitting(str(r["programme"]), str(r["sitting"]), _day(r["on"]), _int(r["rows"]))
            for r in rows
        ]
        return tuple(sorted(found, key=lambda s: (s.on, s.id)))

    def held(self, scope: Scope) -> tuple[HeldSitting, ...]:
        """Sittings of a scope, in order of day."""
        return tuple(
            sitting
            for sitting in self.sittings
            if scope.programme in (None, sitting.programme)
            and (not scope.sittings or sitting.id in scope.sittings)
            and (scope.since is None or scope.since <= sitting.on)
            and (scope.until is None or sitting.on <= scope.until)
        )

    @cached_property
    def programmes(self) -> tuple[str, ...]:
        """Programmes in order of name."""
        return tuple(sorted({sitting.programme for sitting in self.sittings}))

    # ---- counts ----

    def count_by(
        self,
        by: str,
        scope: Scope = EVERYTHING,
        *,
        mapping: UnitMapping | None = None,
        on: date | None = None,
    ) -> dict[str, Counts]:
        """Count by a group at exam time, in order of name.

        Parameters
        ----------
        mapping, on
            Put units under the names of this day (by default the last day there is) instead of
            those they had.

        Raises
        ------
        FactsError
            If there is no such group.
        CountsDoNotReconcile
            If counts do not add up, naming where.
        """
        group = self._group(by)
        if mapping is None:
            rows = self._rows(("by", by, scope), ask.counts(self._chosen(scope), [group]))
            return dict(sorted((_name(r[group]), _counts(r, _name(r[group]))) for r in rows))
        last = on or max(sitting.on for sitting in self.sittings)
        rows = self._rows(("by day", by, scope), ask.counts(self._chosen(scope), [group, "on"]))
        out: dict[str, Counts] = {}
        for row in rows:
            was = _name(row[group])
            now = mapping.name(was, at=_day(row["on"]), on=last)
            out[now] = out.get(now, NOBODY) + _counts(row, was)
        return dict(sorted(out.items()))

    def count(self, scope: Scope = EVERYTHING) -> Counts:
        """Count everybody."""
        periods = self.count_by_period(scope, period=Period.SITTING)
        return sum(periods.values(), NOBODY)

    def count_by_period(
        self, scope: Scope = EVERYTHING, *, period: Period = Period.SITTING
    ) -> dict[str, Counts]:
        """Count by sitting, month (``2026-03``) or year, in order of time."""
        if period is Period.SITTING:
            key = ["sitting"]
            rows = self._rows(("sitting", scope), ask.counts(self._chosen(scope), key))
            found = {str(r["sitting"]): _counts(r, str(r["sitting"])) for r in rows}
            return {s.id: found[s.id] for s in self.sittings if s.id in found}
        table = ask.with_month(self._chosen(scope))
        rows = self._rows(("month", scope), ask.counts(table, ["month"]))
        out: dict[str, Counts] = {}
        for row in sorted(rows, key=lambda r: _int(r["month"])):
            name = _period(_int(row["month"]), period)
            out[name] = out.get(name, NOBODY) + _counts(row, name)
        return out

    def count_by_period_and(
        self, by: str, scope: Scope = EVERYTHING, *, period: Period = Period.MONTH
    ) -> dict[str, dict[str, Counts]]:
        """Count by month or year and by group: ``[period][group]``, in order of time and name."""
        group = self._group(by)
        table = ask.with_month(self._chosen(scope))
        rows = self._rows(("month and", by, scope), ask.counts(table, ["month", group]))
        out: dict[str, dict[str, Counts]] = {}
        for row in sorted(rows, key=lambda r: (_int(r["month"]), _name(r[group]))):
            part = out.setdefault(_period(_int(row["month"]), period), {})
            name = _name(row[group])
            part[name] = part.get(name, NOBODY) + _counts(row, name)
        return {when: dict(sorted(part.items())) for when, part in out.items()}

    def persons(self, by: str, scope: Scope = EVERYTHING) -> dict[str, tuple[int, int]]:
        """Return different persons who sat (人) and attendances (人次) by group."""
        group = self._group(by)
        rows = self._rows(("persons", by, scope), ask.persons(self._chosen(scope), [group]))
        return dict(
            sorted((_name(r[group]), (_int(r["persons"]), _int(r["attendances"]))) for r in rows)
        )

    # ---- what is said about them ----

    def pass_rates(
        self,
        by: str = "单位",
        scope: Scope = EVERYTHING,
        *,
        denominator: Denominator = Denominator.SAT,
        level: float = 0.95,
        title: str = "",
    ) -> PassRateTable:
        """Give each group's pass rate with its interval; as `passrate.pass_rates`."""
        counts = self.count_by(by, scope)
        reconcile(counts, self.count(scope), where=f"按{by}合计")
        return rate_table(counts, by=by, denominator=denominator, level=level, title=title)

    def trend(self, scope: Scope = EVERYTHING, *, period: Period = Period.SITTING) -> RateTrend:
        """Follow the pass rate through time; as `passrate.rate_trend`.

        Raises
        ------
        NotEnoughData
            With fewer than two periods in which somebody sat.
        """
        counts = self.count_by_period(scope, period=period)
        return trend_of([(name, one) for name, one in counts.items() if one.sat])

    def compare(
        self, before: Scope, after: Scope, *, by: str = "单位", names: tuple[str, str]
    ) -> Comparison:
        """Compare two scopes and split the change; as `passrate.compare`.

        Parameters
        ----------
        names
            What the two scopes are called.

        Raises
        ------
        NotEnoughData
            If nobody sat in one of them.
        """
        return compare_counts(
            self.count_by(by, before), self.count_by(by, after), by=by, names=names,
            parts=self._parts(before, after, by),
        )  # fmt: skip

    def _parts(self, before: Scope, after: Scope, by: str) -> ThreeParts | None:
        """Three parts through equated scores, as `passrate.compare` does with single people."""
        group = self._group(by)
        first, last = (
            self._rows(("equated", by, s), ask.equated(self._chosen(s), group))
            for s in (before, after)
        )
        if not first or not last or any(r["equated"] is None for r in (*first, *last)):
            return None
        names = sorted({_name(r[group]) for r in (*first, *last)})

        def tally(rows: list[_Row], line: int | None, *, decided: bool = False) -> list[int]:
            out = dict.fromkeys(names, 0)
            for row in rows:
                above = line is None or _int(row["equated"]) >= line
                if above and (not decided or row["outcome"] == str(Outcome.PASSED)):
                    out[_name(row[group])] += _int(row["people"])
            return list(out.values())

        line0, line1 = _line(first), _line(last)
        if line0 is None or line1 is None:
            return None
        return three_parts(
            tally(first, None),
            tally(last, None),
            passed=tally(first, None, decided=True),
            passed_at_later_cut=tally(first, line1),
            later_passed_at_first_cut=tally(last, line0),
            later_passed=tally(last, None, decided=True),
        )

    def attempts(
        self, scope: Scope = EVERYTHING, *, window: int = 365, until: date | None = None
    ) -> AttemptSummary:
        """Follow people through the sittings; as `passrate.attempts`.

        Parameters
        ----------
        until
            Day up to which is known what happened; by default the last day there is.

        Raises
        ------
        NotEnoughData
            If nobody sat.
        """
        limited = Scope(scope.programme, scope.sittings, scope.since, scope.until)
        rows = self._rows(("histories", limited), ask.histories(self._chosen(limited)))
        if not rows:
            raise NotEnoughData("补考分析", 0, 1, "名实考考生")
        found = [
            History(
                _day(r["first"]), None if r["passed"] is None else _day(r["passed"]),
                _int(r["number"]), _int(r["tries"]), _int(r["people"]),
            )
            for r in rows
        ]  # fmt: skip
        found.sort(key=lambda h: (h.first, h.passed or date.max, h.number, h.tries))
        last = until or self.held(limited)[-1].on
        return attempts_of(found, window=window, until=last)

    def items(self) -> tuple[ItemCounts, ...]:
        """Return how every item revision was answered, in order of id.

        Raises
        ------
        NotEnoughData
            If the facts hold no answers.
        """
        if self.answers is None:
            raise NotEnoughData("试题统计", 0, 1, "条作答")
        rows = self._rows("items", ask.items(self.answers))
        found = [
            ItemCounts(
                str(r["item"]), str(r["revision"]), _int(r["presented"]), _int(r["omitted"]),
                _int(r["full"]), _int(r["awarded"]), _int(r["possible"]),
            )
            for r in rows
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda one: (one.item, one.revision)))

    def subject_shares(self, by: str) -> dict[str, dict[str, tuple[int, float]]]:
        """Return answers and share of points won: ``[group][subject]``, at exam time.

        Raises
        ------
        NotEnoughData
            If the facts hold no answers.
        """
        if self.answers is None:
            raise NotEnoughData("各主题得分率", 0, 1, "条作答")
        joined = ask.answers_with_group(self.answers, self.table, self._group(by))
        rows = self._rows(("subjects", by), ask.items(joined, [by, "subject"]))
        out: dict[str, dict[str, tuple[int, float]]] = {}
        for r in sorted(rows, key=lambda r: (_name(r[by]), str(r["subject"]))):
            share = _int(r["awarded"]) / _int(r["possible"])
            out.setdefault(_name(r[by]), {})[str(r["subject"])] = (_int(r["presented"]), share)
        return out


def _counts(row: Mapping[str, object], where: str) -> Counts:
    return counts_at(where, **{name: _int(row[name]) for name in ask.COUNTS})


def _int(value: object) -> int:
    return int(value)  # type: ignore[call-overload, no-any-return]


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"need a date, not {type(value).__name__}")
    return value


def _name(value: object) -> str:
    return str(value) if value else MISSING


def _period(month: int, period: Period) -> str:
    year, number = divmod(month, 100)
    return f"{year}-{number:02d}" if period is Period.MONTH else str(year)


def _line(rows: Iterable[Mapping[str, object]]) -> int | None:
    """Equated score that passes as many people as were passed; None if nobody was."""
    by_score: dict[int, int] = {}
    passed = 0
    for row in rows:
        people, score = _int(row["people"]), _int(row["equated"])
        by_score[score] = by_score.get(score, 0) + people
        passed += people if row["outcome"] == str(Outcome.PASSED) else 0
    left = passed
    for score in sorted(by_score, reverse=True):
        left -= by_score[score]
        if left <= 0 < passed:
            return score
    return None
