"""Rates with their counts, denominators and intervals (合格率表)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING

from ..scoring.decisions import Decisions
from ..statistics.intervals import wilson
from .counts import NOBODY, Counts, count_by

if TYPE_CHECKING:
    import pandas


class Denominator(StrEnum):
    """What a pass rate is divided by (分母)."""

    SAT = "实考人数"
    DUE = "应考人数"

    def of(self, counts: Counts) -> int:
        """Return the number of people."""
        return counts.sat if self is Denominator.SAT else counts.due


@dataclass(frozen=True, slots=True)
class PassRateRow:
    """One group: its counts and its pass rate with an interval.

    `rate`, `low` and `high` are proportions in [0, 1], or None when nobody is in the denominator:
    no people means no rate, never 0 %.
    """

    group: str
    counts: Counts
    n: int
    rate: float | None
    low: float | None
    high: float | None

    @property
    def attendance(self) -> float | None:
        """Sat over due (参考率)."""
        return self.counts.sat / self.counts.due if self.counts.due else None

    @property
    def excellence(self) -> float | None:
        """Excellent over sat (优秀率)."""
        return self.counts.excellent / self.counts.sat if self.counts.sat else None


@dataclass(frozen=True)
class PassRateTable:
    """Pass rates by group (合格率表), in the order of group names; never ranked.

    Parameters
    ----------
    by
        What the groups are, such as 单位.
    denominator
        What rates are divided by; printed wherever they are.
    level
        Coverage of the Wilson intervals.
    rows, total
        One row per group, and everybody together.
    title, on
        Which sitting and day.
    """

    by: str
    denominator: Denominator
    level: float
    rows: tuple[PassRateRow, ...]
    total: PassRateRow
    title: str = ""

    def __iter__(self) -> Iterator[PassRateRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, group: str) -> PassRateRow:
        for row in self.rows:
            if row.group == group:
                return row
        raise KeyError(group)

    def records(self) -> list[dict[str, str | int | float | None]]:
        """Return the rows and the total as plain values under Chinese headings."""
        return [
            {
                self.by: row.group,
                "应考": row.counts.due,
                "实考": row.counts.sat,
                "缺考": row.counts.absent,
                "违纪": row.counts.voided,
                "免试缓考": row.counts.excused,
                "合格": row.counts.passed,
                "优秀": row.counts.excellent,
                "参考率": row.attendance,
                f"合格率（÷{self.denominator}）": row.rate,
                "区间下限": row.low,
                "区间上限": row.high,
                "优秀率": row.excellence,
            }
            for row in (*self.rows, self.total)
        ]

    def to_pandas(self) -> "pandas.DataFrame":
        """Return `records` as a data frame."""
        import pandas

        return pandas.DataFrame(self.records())

    def __repr__(self) -> str:
        rate = "—" if self.total.rate is None else f"{self.total.rate:.1%}"
        return (
            f"PassRateTable(按{self.by}，{len(self)} 组；合格 {self.total.counts.passed}"
            f"/{self.denominator} {self.total.n} = {rate})"
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.records()[0])
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_shown(v))}</td>" for v in record.values()) + "</tr>"
            for record in self.records()
        )
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{body}</table>"


def _shown(value: str | int | float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.1%}" if isinstance(value, float) else str(value)


def rate_row(
    group: str, counts: Counts, *, denominator: Denominator, level: float = 0.95
) -> PassRateRow:
    """Return one group's pass rate with its Wilson interval."""
    n = denominator.of(counts)
    if n == 0:
        return PassRateRow(group, counts, 0, None, None, None)
    low, high = wilson(counts.passed, n, level=level)
    return PassRateRow(group, counts, n, counts.passed / n, float(low), float(high))


def rate_table(
    counts: Mapping[str, Counts],
    *,
    by: str,
    denominator: Denominator = Denominator.SAT,
    level: float = 0.95,
    title: str = "",
) -> PassRateTable:
    """Make a table of counts by group."""
    rows = tuple(
        rate_row(group, one, denominator=denominator, level=level) for group, one in counts.items()
    )
    whole = sum(counts.values(), NOBODY)
    total = rate_row("合计", whole, denominator=denominator, level=level)
    return PassRateTable(by, denominator, level, rows, total, title)


def pass_rates(
    decisions: Decisions,
    *,
    by: str = "单位",
    denominator: Denominator = Denominator.SAT,
    level: float = 0.95,
) -> PassRateTable:
    """Count decisions by group and give each pass rate with its interval.

    Parameters
    ----------
    by
        A group of the candidates at exam time, such as 单位, 岗位 or 地区.
    denominator
        Those who sat (the usual meaning of 合格率) or those due.
    level
        Coverage of the Wilson intervals, in (0, 1).

    Raises
    ------
    CountsDoNotReconcile
        If the groups do not add up to the whole.
    """
    return rate_table(
        count_by(decisions, by), by=by, denominator=denominator, level=level,
        title=decisions.sitting_id,
    )  # fmt: skip
