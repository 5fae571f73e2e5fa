"""Five counts and their neighbours, by person (人数)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..errors import CountsDoNotReconcile
from ..scoring.decisions import Decision, Decisions, Grade, Outcome


@dataclass(frozen=True, slots=True)
class Counts:
    """People of one group (人数统计); see `docs/conventions.md` §5 for the definitions.

    Parameters
    ----------
    registered
        On the roster (名册人数).
    excused
        Exempt or deferred with approval (免试、缓考).
    due
        Should sit (应考): registered minus excused.
    sat
        Sat with a valid paper (实考).
    passed
        Passed (合格).
    absent, voided
        Did not come (缺考); came but the paper is void (违纪). Due = sat + absent + voided.
    excellent, good
        Reached the mark of the grade; the excellent are not among the good.

    Raises
    ------
    CountsDoNotReconcile
        If they do not add up.
    """

    registered: int
    excused: int
    due: int
    sat: int
    passed: int
    absent: int
    voided: int
    excellent: int = 0
    good: int = 0

    def __post_init__(self) -> None:
        if self.registered != self.due + self.excused:
            raise CountsDoNotReconcile("名册人数", self.due + self.excused, self.registered)
        if self.due != self.sat + self.absent + self.voided:
            raise CountsDoNotReconcile("应考人数", self.sat + self.absent + self.voided, self.due)
        if not 0 <= self.excellent + self.good <= self.passed <= self.sat:
            raise CountsDoNotReconcile("合格人数", self.sat, self.passed)

    @property
    def failed(self) -> int:
        """Sat and did not pass (不合格)."""
        return self.sat - self.passed

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.registered + other.registered,
            self.excused + other.excused,
            self.due + other.due,
            self.sat + other.sat,
            self.passed + other.passed,
            self.absent + other.absent,
            self.voided + other.voided,
            self.excellent + other.excellent,
            self.good + other.good,
        )


NOBODY = Counts(0, 0, 0, 0, 0, 0, 0)


def count(decisions: Iterable[Decision]) -> Counts:
    """Count decisions, one per person."""
    tally = dict.fromkeys(Outcome, 0)
    grades = dict.fromkeys(Grade, 0)
    for decision in decisions:
        tally[decision.outcome] += 1
        if decision.grade is not None:
            grades[decision.grade] += 1
    sat = tally[Outcome.PASSED] + tally[Outcome.FAILED]
    excused = tally[Outcome.EXEMPT] + tally[Outcome.DEFERRED]
    due = sat + tally[Outcome.ABSENT] + tally[Outcome.VOIDED]
    return Counts(
        registered=due + excused,
        excused=excused,
        due=due,
        sat=sat,
        passed=tally[Outcome.PASSED],
        absent=tally[Outcome.ABSENT],
        voided=tally[Outcome.VOIDED],
        excellent=grades[Grade.EXCELLENT],
        good=grades[Grade.GOOD],
    )


def count_by(decisions: Decisions, by: str) -> Mapping[str, Counts]:
    """Count by a group of the candidates, such as 单位 at exam time.

    Returns
    -------
    dict
        Counts by group value in order of name; people without the group stand under 未填写.

    Raises
    ------
    CountsDoNotReconcile
        If the groups do not add up to the whole.
    """
    parts: dict[str, list[Decision]] = {}
    for decision in decisions.decisions:
        group = decisions.groups[decision.candidate].groups.get(by, "") or "未填写"
        parts.setdefault(group, []).append(decision)
    counts = {group: count(part) for group, part in sorted(parts.items())}
    total = sum(counts.values(), NOBODY)
    if total != count(decisions.decisions):
        raise CountsDoNotReconcile(f"按{by}合计", len(decisions), total.registered)
    return counts
