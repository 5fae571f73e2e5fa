"""Training hours and three-year rotation (培训学时与轮训)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..delivery.validity import last_valid_day
from .rate import StaffMember


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """One attendance (培训记录): person, day, class hours and credits."""

    person: str
    on: date
    hours: Decimal
    credits: Decimal = Decimal(0)
    subject: str = ""
    rotation: bool = False


@dataclass(frozen=True, slots=True)
class YearlyTraining:
    """One person's training of a year against what is required."""

    person: str
    unit: str
    hours: Decimal
    credits: Decimal
    short_hours: Decimal
    short_credits: Decimal

    @property
    def met(self) -> bool:
        """Whether hours and credits reach the requirement."""
        return self.short_hours <= 0 and self.short_credits <= 0


def yearly_training(
    staff: Iterable[StaffMember],
    records: Sequence[TrainingRecord],
    *,
    year: int,
    hours: Decimal,
    credits: Decimal = Decimal(0),
) -> tuple[YearlyTraining, ...]:
    """Sum each person's training of a calendar year.

    Parameters
    ----------
    staff
        People in post on 31 December are looked at.
    hours, credits
        Required in the year; both come from the programme, not from code.
    """
    out = []
    for member in sorted(staff, key=lambda m: (m.unit, m.id)):
        if not member.in_post(date(year, 12, 31)):
            continue
        own = [r for r in records if r.person == member.id and r.on.year == year]
        done = sum((r.hours for r in own), Decimal(0))
        earned = sum((r.credits for r in own), Decimal(0))
        short = max(hours - done, Decimal(0)), max(credits - earned, Decimal(0))
        out.append(YearlyTraining(member.id, member.unit, done, earned, *short))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Coverage of a rotation period (轮训覆盖): who of those in post has taken part."""

    start: date
    end: date
    staff: int
    covered: int
    outstanding: tuple[str, ...]

    @property
    def rate(self) -> float | None:
        """Covered over staff, or None without staff."""
        return self.covered / self.staff if self.staff else None


def rotation_coverage(
    staff: Iterable[StaffMember],
    records: Iterable[TrainingRecord],
    *,
    start: date,
    on: date,
    years: int = 3,
) -> Rotation:
    """Return how many of those in post on a day took part in the rotation since its start.

    Parameters
    ----------
    start, years
        First day and length of the period; it ends on its last day.
    on
        Day of counting, within the period.

    Raises
    ------
    ValueError
        If the day lies outside the period.
    """
    end = last_valid_day(start, years)
    if not start <= on <= end:
        raise ValueError(f"the day of counting must lie within {start} and {end}")
    trained = {r.person for r in records if r.rotation and start <= r.on <= on}
    present = {member.id for member in staff if member.in_post(on)}
    outstanding = tuple(sorted(present - trained))
    return Rotation(start, end, len(present), len(present & trained), outstanding)
