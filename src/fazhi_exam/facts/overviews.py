"""The whole pass-rate analysis of many sittings in one value (全面分析)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..errors import NotEnoughData
from ..passrate import (
    AttemptSummary,
    Comparison,
    Counts,
    Denominator,
    Indicator,
    PassRateTable,
    PublicTable,
    RateTrend,
    Which,
    indicators,
    publish,
    rate_table,
)
from ..report import sentences
from ..report.summary import UnitComparison, compare_units
from .facts import Facts
from .scope import EVERYTHING, Period, Scope


@dataclass(frozen=True)
class Overview:
    """Everything an analyst asks of a programme over months or years.

    Parameters
    ----------
    by
        What the groups are.
    since, until
        First and last day of the sittings.
    indicators
        Attendance, pass rate over both denominators, excellence; of attendances (人次).
    over_sat, over_due, first, best
        Rates by group: all attempts over both denominators, first attempts, best of each person.
    persons
        Different persons and attendances by group.
    units
        Which groups differ by more than luck, from all attempts.
    trend, monthly
        Rates by month with limits and changes (None with a single month), and counts by month
        and group.
    change
        The last calendar year against the one before, where there are two.
    attempts
        First, eventual, and attempts to pass.
    public
        What may leave the house.
    version
        Names the data.
    """

    by: str
    since: date
    until: date
    indicators: tuple[Indicator, ...]
    over_sat: PassRateTable
    over_due: PassRateTable
    first: PassRateTable
    best: PassRateTable
    persons: Mapping[str, tuple[int, int]]
    units: UnitComparison
    trend: RateTrend | None
    monthly: Mapping[str, Mapping[str, Counts]]
    change: Comparison | None
    attempts: AttemptSummary
    public: PublicTable
    version: str

    def texts(self) -> tuple[str, ...]:
        """Say what was found, in sentences that hold."""
        return (
            *(str(one) for one in self.indicators),
            *([str(self.trend)] if self.trend is not None else []),
            *unit_words(self.units),
            *([str(self.change)] if self.change is not None else []),
            str(self.attempts),
            self.public.note,
            f"数据版本：{self.version}",
        )

    def __repr__(self) -> str:
        return (
            f"Overview({self.since:%Y-%m-%d} 至 {self.until:%Y-%m-%d}，按{self.by}"
            f" {len(self.over_sat)} 组，实考 {self.over_sat.total.counts.sat} 人次)"
        )


def overview(facts: Facts, *, by: str = "单位", scope: Scope = EVERYTHING) -> Overview:
    """Analyse the sittings of a scope.

    Raises
    ------
    NotEnoughData
        If nobody sat.
    PublishingRefused
        If there are too few people for any public table.
    """
    held = facts.held(scope)
    monthly = facts.count_by_period_and(by, scope)
    if not any(c.sat for part in monthly.values() for c in part.values()):
        raise NotEnoughData("全面分析", 0, 1, "名实考考生")
    over_sat = facts.pass_rates(by, scope)
    counts = {row.group: row.counts for row in over_sat}
    since, until = held[0].on, held[-1].on
    return Overview(
        by,
        since,
        until,
        indicators(over_sat.total.counts, until),
        over_sat,
        rate_table(counts, by=by, denominator=Denominator.DUE),
        _once(facts, by, scope, Which.FIRST),
        _once(facts, by, scope, Which.BEST),
        facts.persons(by, scope),
        compare_units(over_sat),
        facts.trend(scope, period=Period.MONTH) if len(monthly) > 1 else None,
        monthly,
        _years(facts, by, scope, since, until),
        facts.attempts(scope),
        publish(over_sat),
        facts.version,
    )


def _once(facts: Facts, by: str, scope: Scope, which: Which) -> PassRateTable:
    one = Scope(scope.programme, scope.sittings, scope.since, scope.until, which)
    return rate_table(facts.count_by(by, one), by=by, title=str(which))


def _years(facts: Facts, by: str, scope: Scope, since: date, until: date) -> Comparison | None:
    if since.year == until.year:
        return None
    last = until.year

    def year(number: int) -> Scope:
        first, end = date(number, 1, 1), date(number, 12, 31)
        return Scope(
            scope.programme, scope.sittings, max(first, scope.since or first),
            min(end, scope.until or end), scope.which,
        )  # fmt: skip

    if not facts.count(year(last)).sat or not facts.count(year(last - 1)).sat:
        return None
    names = (f"{last - 1} 年", f"{last} 年")
    return facts.compare(year(last - 1), year(last), by=by, names=names)


def unit_words(found: UnitComparison) -> tuple[str, ...]:
    """Say which groups differ by more than luck, and what luck alone would give."""
    return (*sentences.units(found), *sentences.luck(found))
