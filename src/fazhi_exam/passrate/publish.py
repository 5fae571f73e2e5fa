"""The one gate in front of every table that leaves the house (发布前保密处理)."""

from dataclasses import dataclass
from enum import Enum
from html import escape

import numpy as np

from ..errors import FazhiExamError
from ..statistics.disclosure import controlled_rounding, suppress
from .counts import NOBODY, Counts
from .rates import PassRateTable

THRESHOLD = 10
"""Fewest people that a published count may stand for."""
_EXCELLENT, _REST, _PASSED = "优秀", "合格（不含优秀）", "合格"
_FAILED, _NOT_SAT = "不合格", "缺考违纪"


class Detail(Enum):
    """Which counts a public table splits people into, finest first (公布的栏目)."""

    GRADES = (_EXCELLENT, _REST, _FAILED, _NOT_SAT)
    OUTCOMES = (_PASSED, _FAILED, _NOT_SAT)
    SAT = (_PASSED, _FAILED)


MERGED = "人数较少的单位（合并）"


class PublishingRefused(FazhiExamError):  # noqa: N818
    """A table would let readers work out a few people (发布被拒绝)."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"发布 {self.what}：{self.problem}"


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One group as the public may see it; what is hidden is None.

    Parameters
    ----------
    counts
        People by the columns of the table's `detail`.
    due
        All of them; None as well where the table speaks only of those who sat.
    sat, passed
        Those who sat and who passed, when no part of it is hidden.
    rate
        Passes over those who sat, worked out from what is shown.
    """

    group: str
    counts: tuple[int | None, ...]
    due: int | None
    sat: int | None
    passed: int | None
    rate: float | None


@dataclass(frozen=True)
class PublicTable:
    """A pass-rate table for outside; a different object from the internal one (对外版本).

    Parameters
    ----------
    rows, total
        Groups in order of name, merged small ones last; and all together.
    hidden
        How many counts are hidden.
    merged
        Groups that were too small to stand alone.
    threshold, rounded_to
        The rules that were applied; `rounded_to` is 1 when counts are exact.
    detail
        What people are split into.
    """

    title: str
    by: str
    rows: tuple[PublicRow, ...]
    total: PublicRow
    hidden: int
    merged: tuple[str, ...]
    threshold: int
    rounded_to: int
    detail: Detail

    @property
    def note(self) -> str:
        """What readers are told about the rules."""
        parts = [f"不足 {self.threshold} 人的数字不公布（以“*”表示）"]
        if self.merged:
            parts.append(f"{len(self.merged)} 个人数较少的{self.by}合并列示")
        if self.rounded_to > 1:
            parts.append(f"人数取整到 {self.rounded_to} 的倍数，比率按取整后的人数计算")
        return "；".join(parts)

    def records(self) -> list[dict[str, str]]:
        """Return the rows and the total as texts, hidden counts as ``*``."""
        due = self.detail is not Detail.SAT
        return [
            {
                self.by: row.group,
                **({"应考": _star(row.due)} if due else {}),
                "实考": _star(row.sat),
                **{n: _star(c) for n, c in zip(self.detail.value, row.counts, strict=True)},
                "合格率（÷实考）": "*" if row.rate is None else f"{row.rate:.1%}",
            }
            for row in (*self.rows, self.total)
        ]

    def __repr__(self) -> str:
        return f"PublicTable({self.title}: {len(self.rows)} 行，隐去 {self.hidden} 个数字)"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.records()[0])
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(v)}</td>" for v in record.values()) + "</tr>"
            for record in self.records()
        )
        return f"<table><tr>{head}</tr>{body}</table><p>{escape(self.note)}</p>"


def _star(value: int | None) -> str:
    return "*" if value is None else str(value)


def publish(
    table: PassRateTable,
    *,
    threshold: int = THRESHOLD,
    round_to: int = 1,
    detail: Detail | None = None,
) -> PublicTable:
    """Make the public version of a pass-rate table.

    Groups with fewer people than the threshold are merged. Counts that stand for too few people are
    hidden, and further ones so that sums do not give them away: what the published counts leave
    open about a hidden one is at least as wide as the threshold. Nobody learns that everybody, or
    nobody, of a small group passed.

    Parameters
    ----------
    table
        The internal table.
    threshold
        Fewest people a count may stand for, at least 2.
    round_to
        Multiple to which all counts are rounded such that sums hold; 1 for exact counts.
    detail
        What people are split into. By default the finest split that still lets the pass rate of
        all together be published, because few absentees or few excellent people would hide it.

    Raises
    ------
    PublishingRefused
        If fewer people than the threshold are in the whole table.
    """
    counts = {row.group: row.counts for row in table}
    if sum(c.due for c in counts.values()) < threshold:
        raise PublishingRefused(table.title, f"总人数不足 {threshold}，整张表不能对外公布")
    if detail is not None:
        return _published(table, counts, threshold, round_to, detail)
    for split in Detail:
        made = _published(table, counts, threshold, round_to, split)
        if made.total.rate is not None:
            break
    return made


def _published(
    table: PassRateTable,
    counts: dict[str, Counts],
    threshold: int,
    round_to: int,
    detail: Detail,
) -> PublicTable:
    kept, merged = _merge_small(counts, threshold)
    groups = tuple(kept)
    cells = np.array([_cells(kept[group], detail) for group in groups])
    hidden = suppress(cells, threshold=threshold).hidden
    if round_to > 1:
        whole = controlled_rounding(cells, base=round_to)
    else:
        whole = np.zeros((len(groups) + 1, len(detail.value) + 1), np.int64)
        whole[:-1, :-1] = cells
        whole[:-1, -1], whole[-1, :] = cells.sum(axis=1), [*cells.sum(axis=0), cells.sum()]
    rows = [_public(name, whole[i], hidden[i], detail) for i, name in enumerate((*groups, "合计"))]
    return PublicTable(
        table.title,
        table.by,
        tuple(rows[:-1]),
        rows[-1],
        int(hidden.sum()),
        merged,
        threshold,
        round_to,
        detail,
    )


def _merge_small(
    counts: dict[str, Counts], threshold: int
) -> tuple[dict[str, Counts], tuple[str, ...]]:
    small = sorted(g for g, c in counts.items() if 0 < c.due < threshold)
    if len(small) < 2:
        return {g: c for g, c in counts.items() if c.due}, ()
    kept = {g: c for g, c in counts.items() if c.due >= threshold}
    kept[MERGED] = sum((counts[g] for g in small), NOBODY)
    return kept, tuple(small)


def _cells(counts: Counts, detail: Detail) -> list[int]:
    people = {
        _EXCELLENT: counts.excellent,
        _REST: counts.passed - counts.excellent,
        _PASSED: counts.passed,
        _FAILED: counts.failed,
        _NOT_SAT: counts.absent + counts.voided,
    }
    return [people[column] for column in detail.value]


def _public(name: str, values: np.ndarray, hidden: np.ndarray, detail: Detail) -> PublicRow:
    shown = [None if h else int(v) for v, h in zip(values, hidden, strict=True)]
    by_column = dict(zip(detail.value, shown, strict=False))

    def together(*columns: str) -> int | None:
        parts = [by_column[column] for column in columns if column in by_column]
        return None if None in parts else sum(part for part in parts if part is not None)

    passed = together(_EXCELLENT, _REST, _PASSED)
    if detail is Detail.SAT:
        due, sat = None, shown[-1]
    else:
        due, sat = shown[-1], together(_EXCELLENT, _REST, _PASSED, _FAILED)
    rate = passed / sat if sat and passed is not None else None
    return PublicRow(name, tuple(shown[:-1]), due, sat, passed, rate)
