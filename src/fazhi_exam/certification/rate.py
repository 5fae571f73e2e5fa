"""The certified share (持证率): of the staff in post on a day, who holds a valid certificate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..statistics.intervals import wilson
from .register import Register


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person on the staff (在岗人员).

    Parameters
    ----------
    id
        The same opaque id as the holder of certificates.
    unit
        Present unit.
    since, until
        First and last day in post; `until` is None for those still there.
    enforcement
        Whether the post is an enforcement post; auxiliaries (辅助人员) are not.
    """

    id: str
    unit: str
    since: date
    until: date | None = None
    enforcement: bool = True

    def in_post(self, on: date) -> bool:
        """Whether the person is in post on a day, first and last day included."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class CertifiedShare:
    """Numerator, denominator and day of a certified share; never the rate alone.

    `rate`, `low` and `high` are None when nobody is in post.
    """

    unit: str
    on: date
    certified: int
    staff: int
    rate: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        if self.rate is None:
            return f"{self.unit}：{self.on:%Y-%m-%d} 没有在岗执法人员，不计持证率"
        return (
            f"{self.unit}：{self.on:%Y-%m-%d} 在岗执法人员 {self.staff} 人，"
            f"持有效证件 {self.certified} 人，持证率 {self.rate:.1%}"
        )


def certified_share(
    register: Register, staff: Iterable[StaffMember], *, on: date, level: float = 0.95
) -> tuple[CertifiedShare, ...]:
    """Return the certified share of every unit and, last, of all together (合计).

    Expired, suspended and ended certificates do not count; auxiliaries are in neither number.
    Several certificates of one person count once.
    """
    holders = {certificate.holder for certificate in register.valid_on(on)}
    by_unit: dict[str, list[str]] = {}
    for member in staff:
        if member.enforcement and member.in_post(on):
            by_unit.setdefault(member.unit, []).append(member.id)
    shares = [_share(unit, on, ids, holders, level) for unit, ids in sorted(by_unit.items())]
    everybody = [person for ids in by_unit.values() for person in ids]
    return (*shares, _share("合计", on, everybody, holders, level))


def _share(unit: str, on: date, ids: list[str], holders: set[str], level: float) -> CertifiedShare:
    people = set(ids)
    certified, staff = len(people & holders), len(people)
    if not staff:
        return CertifiedShare(unit, on, 0, 0, None, None, None)
    low, high = wilson(certified, staff, level=level)
    return CertifiedShare(unit, on, certified, staff, certified / staff, float(low), float(high))
