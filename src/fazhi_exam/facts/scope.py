"""Which attempts are looked at, and how time is cut (统计范围)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..passrate.attempts import Which


class Period(StrEnum):
    """What one point of a trend is (时段)."""

    SITTING = "考次"
    MONTH = "月"
    YEAR = "年"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which attempts are looked at (统计范围); empty fields leave everything in.

    Parameters
    ----------
    programme, sittings
        One programme, some sittings.
    since, until
        First and last day, both included.
    which
        All attempts, or one per person. First attempts are those of people who never sat before,
        also outside the limits, so nobody is absent among them; the best is chosen within.
    """

    programme: str | None = None
    sittings: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    which: Which = Which.ALL


EVERYTHING = Scope()
