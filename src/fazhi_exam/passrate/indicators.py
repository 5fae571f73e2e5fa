"""Indicators that carry their numerator, denominator, day and definition (统计指标)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..certification.training import TrainingRecord
from ..errors import CountsDoNotReconcile
from ..scoring.decisions import Decisions, Outcome
from ..statistics.intervals import wilson
from .counts import Counts, count


@dataclass(frozen=True, slots=True)
class Indicator:
    """One rate of one group on one day.

    Parameters
    ----------
    name
        Such as 参考率.
    part, whole
        People in the numerator and in the denominator.
    part_name, whole_name
        What they are called, such as 实考 and 应考.
    on
        Day of the figures.
    low, high
        95 % Wilson interval; None when the denominator is empty.
    """

    name: str
    part: int
    whole: int
    part_name: str
    whole_name: str
    on: date
    low: float | None
    high: float | None

    @property
    def definition(self) -> str:
        """Such as ``实考人数 ÷ 应考人数``; printed wherever the rate is."""
        return f"{self.part_name}人数 ÷ {self.whole_name}人数"

    @property
    def rate(self) -> float | None:
        """Part over whole; None when the denominator is empty."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        if self.rate is None:
            return f"{self.name}不计（{self.definition}，分母为 0，{self.on:%Y-%m-%d}）"
        return (
            f"{self.name} {self.rate:.2%}（{self.part}/{self.whole}，{self.definition}，"
            f"{self.on:%Y-%m-%d}）"
        )


def indicator(
    name: str, part: int, whole: int, part_name: str, whole_name: str, *, on: date
) -> Indicator:
    """Return an indicator with its interval.

    Raises
    ------
    CountsDoNotReconcile
        If the numerator is larger than the denominator.
    """
    if part > whole or part < 0:
        raise CountsDoNotReconcile(f"{name}的分子（{part_name}人数）", whole, part)
    if whole == 0:
        return Indicator(name, part, whole, part_name, whole_name, on, None, None)
    low, high = wilson(part, whole)
    return Indicator(name, part, whole, part_name, whole_name, on, float(low), float(high))


def indicators(counts: Counts, on: date) -> tuple[Indicator, Indicator, Indicator, Indicator]:
    """Return attendance, pass rate over both denominators, and excellence of some counts."""
    c = counts
    return (
        indicator("参考率", c.sat, c.due, "实考", "应考", on=on),
        indicator("合格率", c.passed, c.sat, "合格", "实考", on=on),
        indicator("合格率", c.passed, c.due, "合格", "应考", on=on),
        indicator("优秀率", c.excellent, c.sat, "优秀", "实考", on=on),
    )


@dataclass(frozen=True, slots=True)
class Completion:
    """Study and exam together where study is required first (参学与完成).

    Parameters
    ----------
    group
        Such as a unit.
    on
        Day of the exam.
    due
        Should study and sit (应考).
    studied
        Of those, reached the study requirement, in credits or hours (参学达标).
    completed
        Reached it and sat (完成).
    kept_out
        Did not reach it and did not sit (未达到参考条件).
    sat_without
        Sat although the requirement was not reached; where the gate holds, this is 0.
    """

    group: str
    on: date
    due: int
    studied: int
    completed: int
    kept_out: int
    sat_without: int

    @property
    def study(self) -> Indicator:
        """Studied over due (参学率)."""
        return indicator("参学率", self.studied, self.due, "参学达标", "应考", on=self.on)

    @property
    def completion(self) -> Indicator:
        """Studied and sat over due (完成率)."""
        return indicator("完成率", self.completed, self.due, "参学达标且实考", "应考", on=self.on)

    def __str__(self) -> str:
        text = f"{self.group}：应考 {self.due} 人；{self.study}；{self.completion}"
        return text + (
            f"；{self.sat_without} 人未达学习要求而参加了考试，请核对" if self.sat_without else ""
        )


def studied(
    records: Iterable[TrainingRecord],
    *,
    since: date,
    until: date,
    hours: Decimal = Decimal(0),
    credits: Decimal = Decimal(0),
) -> frozenset[str]:
    """Return who reached a study requirement by the day it is looked at (参学达标).

    Parameters
    ----------
    records
        Attendances; `person` is the candidate code.
    since, until
        First and last day that count, both included.
    hours, credits
        What must be reached, both of them; at least one is positive.

    Raises
    ------
    ValueError
        If nothing is required: then everybody would have studied.
    """
    if min(hours, credits) < 0 or max(hours, credits) <= 0:
        raise ValueError("need hours or credits that are required")
    done: dict[str, tuple[Decimal, Decimal]] = {}
    for record in records:
        if since <= record.on <= until:
            own = done.get(record.person, (Decimal(0), Decimal(0)))
            done[record.person] = own[0] + record.hours, own[1] + record.credits
    return frozenset(p for p, (h, c) in done.items() if h >= hours and c >= credits)


def completion(
    decisions: Decisions, studied: Collection[str], *, by: str = "单位"
) -> Mapping[str, Completion]:
    """Count who studied and who completed, by group and, last, together (合计).

    Parameters
    ----------
    studied
        Codes of the candidates who reached the study requirement, as `studied` or the learning
        platform says.

    Raises
    ------
    CountsDoNotReconcile
        If somebody who studied is not on the roster.
    """
    unknown = set(studied) - decisions.groups.keys()
    if unknown:
        raise CountsDoNotReconcile("参学人员不在名册中的人数", 0, len(unknown))
    parts: dict[str, list[tuple[bool, bool]]] = {}
    reached = frozenset(studied)
    for one in decisions.decisions:
        if one.outcome in (Outcome.EXEMPT, Outcome.DEFERRED):
            continue
        group = decisions.groups[one.candidate].groups.get(by, "") or "未填写"
        sat = one.outcome in (Outcome.PASSED, Outcome.FAILED)
        parts.setdefault(group, []).append((one.candidate in reached, sat))
    found = {group: _completion(group, decisions.on, part) for group, part in sorted(parts.items())}
    everybody = [pair for part in parts.values() for pair in part]
    found["合计"] = _completion("合计", decisions.on, everybody)
    due = count(decisions.decisions).due
    if found["合计"].due != due:
        raise CountsDoNotReconcile("参学统计的应考人数", due, found["合计"].due)
    return found


def _completion(group: str, on: date, pairs: list[tuple[bool, bool]]) -> Completion:
    return Completion(
        group,
        on,
        len(pairs),
        sum(studied for studied, _ in pairs),
        sum(studied and sat for studied, sat in pairs),
        sum(not studied and not sat for studied, sat in pairs),
        sum(sat and not studied for studied, sat in pairs),
    )
