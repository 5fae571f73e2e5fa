"""The register of certificates (证件登记): issued in batches, never edited, only added to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from ..delivery.validity import last_valid_day
from ..errors import FazhiExamError


class RegisterError(FazhiExamError):
    """A certificate cannot be treated as asked (证件登记有误)."""

    def __init__(self, number: str, problem: str) -> None:
        super().__init__(number, problem)
        self.number, self.problem = number, problem

    def __str__(self) -> str:
        return f"证件 {self.number}：{self.problem}"


class EventKind(StrEnum):
    """What can happen to a certificate (证件变动)."""

    RENEWED = "换发"
    SUSPENDED = "暂扣"
    REINSTATED = "恢复"
    REVOKED = "吊销"
    CANCELLED = "注销"


class CertificateState(StrEnum):
    """State on a day (证件状态)."""

    NOT_YET = "未生效"
    VALID = "有效"
    SUSPENDED = "暂扣"
    EXPIRED = "过期"
    REVOKED = "吊销"
    CANCELLED = "注销"


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate (行政执法证) as it was issued.

    Parameters
    ----------
    number
        Unique in a register.
    holder
        Opaque id of the person; names live elsewhere.
    unit
        Unit at the time of issue.
    fields
        Enforcement fields it is good for.
    issued, years
        First day of validity, and how many years it runs; it is valid through its last day.
    batch
        Batch of approval (批次).
    """

    number: str
    holder: str
    unit: str
    fields: tuple[str, ...]
    issued: date
    years: int
    batch: str = ""

    @property
    def expires(self) -> date:
        """Last day of validity without a renewal."""
        return last_valid_day(self.issued, self.years)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One change of a certificate; `years` counts for renewals only."""

    on: date
    number: str
    kind: EventKind
    reason: str = ""
    years: int = 0


_FINAL = {
    EventKind.REVOKED: CertificateState.REVOKED,
    EventKind.CANCELLED: CertificateState.CANCELLED,
}


@dataclass(frozen=True)
class Register:
    """Certificates and what happened to them; every verb returns a new register.

    Raises
    ------
    RegisterError
        If a number stands twice, or an event does not fit what came before it.
    """

    certificates: tuple[Certificate, ...] = ()
    events: tuple[Event, ...] = field(default=())

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.certificates, key=lambda c: c.number))
        object.__setattr__(self, "certificates", ordered)
        # Stable: two events of one day stay in the order in which they were entered.
        object.__setattr__(self, "events", tuple(sorted(self.events, key=lambda e: e.on)))
        seen: set[str] = set()
        for certificate in ordered:
            if certificate.number in seen:
                raise RegisterError(certificate.number, "编号重复")
            seen.add(certificate.number)
        for number, events in self._events.items():
            if number not in self._by_number:
                raise RegisterError(number, "登记簿中没有这个证件")
            self._check(self._by_number[number], events)

    @cached_property
    def _by_number(self) -> Mapping[str, Certificate]:
        return {certificate.number: certificate for certificate in self.certificates}

    @cached_property
    def _events(self) -> Mapping[str, tuple[Event, ...]]:
        out: dict[str, list[Event]] = {}
        for event in self.events:
            out.setdefault(event.number, []).append(event)
        return {number: tuple(events) for number, events in out.items()}

    @staticmethod
    def _check(certificate: Certificate, events: Iterable[Event]) -> None:
        suspended = False
        for event in events:
            if event.on < certificate.issued:
                raise RegisterError(certificate.number, "变动日期早于发证日期")
            if event.kind is EventKind.SUSPENDED:
                if suspended:
                    raise RegisterError(certificate.number, "已经暂扣，不能再次暂扣")
                suspended = True
            elif event.kind is EventKind.REINSTATED:
                if not suspended:
                    raise RegisterError(certificate.number, "没有暂扣，不能恢复")
                suspended = False
            elif event.kind is EventKind.RENEWED and event.years < 1:
                raise RegisterError(certificate.number, "换发应写明有效年数")

    def __getitem__(self, number: str) -> Certificate:
        try:
            return self._by_number[number]
        except KeyError:
            raise RegisterError(number, "登记簿中没有这个证件") from None

    def issue(self, certificates: Iterable[Certificate]) -> "Register":
        """Add a batch of certificates, all of them or none."""
        return Register((*self.certificates, *certificates), self.events)

    def record(self, *events: Event) -> "Register":
        """Add events.

        Raises
        ------
        RegisterError
            If an event does not fit: unknown or finally ended certificate, wrong order.
        """
        for event in events:
            state = self.state(event.number, event.on)
            if state in (CertificateState.REVOKED, CertificateState.CANCELLED):
                raise RegisterError(event.number, f"已{state}，不能再变动")
        return Register(self.certificates, (*self.events, *events))

    def expires(self, number: str, on: date) -> date:
        """Return the last day of validity as known on a day, renewals included.

        A renewal before the end runs on from the end, one after it from its own day.
        """
        last = self[number].expires
        for event in self._events.get(number, ()):
            if event.kind is EventKind.RENEWED and event.on <= on:
                start = max(event.on, last + timedelta(days=1))
                last = last_valid_day(start, event.years)
        return last

    def state(self, number: str, on: date) -> CertificateState:
        """Return the state of a certificate on a day; the last day still counts as valid."""
        certificate = self[number]
        if on < certificate.issued:
            return CertificateState.NOT_YET
        suspended = False
        for event in self._events.get(number, ()):
            if event.on > on:
                break
            if event.kind in _FINAL:
                return _FINAL[event.kind]
            if event.kind in (EventKind.SUSPENDED, EventKind.REINSTATED):
                suspended = event.kind is EventKind.SUSPENDED
        if on > self.expires(number, on):
            return CertificateState.EXPIRED
        return CertificateState.SUSPENDED if suspended else CertificateState.VALID

    def valid_on(self, on: date, *, area: str | None = None) -> tuple[Certificate, ...]:
        """Return the certificates that are valid on a day, for one field or any."""
        return tuple(
            certificate
            for certificate in self.certificates
            if (area is None or area in certificate.fields)
            and self.state(certificate.number, on) is CertificateState.VALID
        )

    def counts(self, on: date) -> Mapping[CertificateState, int]:
        """Count certificates by state on a day (审验统计)."""
        out = dict.fromkeys(CertificateState, 0)
        for certificate in self.certificates:
            out[self.state(certificate.number, on)] += 1
        return out

    def __repr__(self) -> str:
        return f"Register({len(self.certificates)} 个证件，{len(self.events)} 条变动)"
