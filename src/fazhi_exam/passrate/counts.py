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
NAMES = {
    "registered": "名册",
    "excused": "免试缓考",
    "due": "应考",
    "sat": "实考",
    "passed": "合格",
    "absent": "缺考",
    "voided": "违纪",
    "excellent": "优秀",
    "good": "良好",
}
"""What the fields are called in Chinese."""


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


def counts_at(where: str, **people: int) -> Counts:
    """Make counts from stated numbers; an error says where they do not add up.

    Parameters
    ----------
    where
        Such as a unit and a sitting.
    people
        The fields of `Counts`.

    Raises
    ------
    CountsDoNotReconcile
        Naming the place and the number.
    """
    try:
        return Counts(**people)
    except CountsDoNotReconcile as error:
        raise CountsDoNotReconcile(
            f"{where}的{error.where}", error.expected, error.found
        ) from error


def reconcile(parts: Mapping[str, Counts], whole: Counts, *, where: str) -> None:
    """Check that groups add up to the whole, number by number.

    Raises
    ------
    CountsDoNotReconcile
        Naming the first number that does not, such as ``甲考点按单位合计的实考``.
    """
    total = sum(parts.values(), NOBODY)
    for field, name in NAMES.items():
        expected, found = getattr(whole, field), getattr(total, field)
        if expected != found:
            raise CountsDoNotReconcile(f"{where}的{name}", expected, found)


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
    reconcile(counts, count(decisions.decisions), where=f"{decisions.sitting_id}按{by}合计")
    return counts
