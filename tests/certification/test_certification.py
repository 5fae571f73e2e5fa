"""Certificates are valid through their last day; shares name numerator, denominator and day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from scipy.stats import binom

from fazhi_exam.certification import (
    Certificate,
    CertificateState,
    Event,
    EventKind,
    Register,
    Requirement,
    StaffMember,
    TrainingRecord,
    certified_share,
    duty_gate,
    forecast,
    rotation_coverage,
    yearly_training,
)
from fazhi_exam.certification.register import RegisterError
from fazhi_exam.delivery.validity import last_valid_day


def cert(
    number: str = "A1", holder: str = "p1", start: date = date(2022, 11, 1), **more: object
) -> Certificate:
    fields: dict[str, object] = {"unit": "甲镇", "fields": ("F1",), "years": 5}
    return Certificate(number, holder, issued=start, **(fields | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "years", "last"),
    [
        (date(2022, 11, 1), 5, date(2027, 10, 31)),
        (date(2028, 2, 29), 5, date(2033, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 28)),
        (date(2024, 3, 1), 4, date(2028, 2, 29)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
    ],
)
def test_last_day(start: date, years: int, last: date) -> None:
    """The Hunan certificate of 2022-11-01 runs to 2027-10-31; leap days end on 28 February."""
    assert last_valid_day(start, years) == last
    with pytest.raises(ValueError, match="at least one year"):
        last_valid_day(start, 0)


def test_valid_through_the_last_day() -> None:
    """Valid on the last day, expired on the next, not yet before the first."""
    register = Register((cert(),))
    assert register.state("A1", date(2022, 10, 31)) is CertificateState.NOT_YET
    assert register.state("A1", date(2022, 11, 1)) is CertificateState.VALID
    assert register.state("A1", date(2027, 10, 31)) is CertificateState.VALID
    assert register.state("A1", date(2027, 11, 1)) is CertificateState.EXPIRED


def test_renewal_runs_on_from_the_end() -> None:
    """Renewed early it runs on from the old end; renewed late it runs from the renewal."""
    early = Register((cert(),)).record(Event(date(2027, 6, 1), "A1", EventKind.RENEWED, years=5))
    assert early.expires("A1", date(2027, 5, 31)) == date(2027, 10, 31)
    assert early.expires("A1", date(2027, 6, 1)) == date(2032, 10, 31)
    late = Register((cert(),)).record(Event(date(2028, 1, 10), "A1", EventKind.RENEWED, years=5))
    assert late.state("A1", date(2027, 12, 1)) is CertificateState.EXPIRED
    assert late.expires("A1", date(2028, 2, 1)) == date(2033, 1, 9)


def test_suspension_reinstatement_revocation() -> None:
    """States follow the events of the day; after revocation nothing more can happen."""
    day = date(2024, 5, 1)
    register = Register((cert(),)).record(
        Event(day, "A1", EventKind.SUSPENDED, "新法考试不合格"),
        Event(day + timedelta(30), "A1", EventKind.REINSTATED),
    )
    assert register.state("A1", day - timedelta(1)) is CertificateState.VALID
    assert register.state("A1", day) is CertificateState.SUSPENDED
    assert register.state("A1", day + timedelta(30)) is CertificateState.VALID
    ended = register.record(Event(date(2025, 1, 1), "A1", EventKind.REVOKED))
    assert ended.state("A1", date(2026, 1, 1)) is CertificateState.REVOKED
    assert ended.counts(date(2026, 1, 1))[CertificateState.REVOKED] == 1
    with pytest.raises(RegisterError, match="不能再变动"):
        ended.record(Event(date(2026, 1, 1), "A1", EventKind.RENEWED, years=5))


@pytest.mark.parametrize(
    ("events", "part"),
    [
        ([Event(date(2024, 1, 1), "A1", EventKind.REINSTATED)], "没有暂扣"),
        ([Event(date(2020, 1, 1), "A1", EventKind.SUSPENDED)], "早于发证"),
        ([Event(date(2024, 1, 1), "A1", EventKind.RENEWED)], "有效年数"),
        ([Event(date(2024, 1, 1), "B9", EventKind.SUSPENDED)], "没有这个证件"),
        ([Event(date(2024, 1, 1), "A1", EventKind.SUSPENDED)] * 2, "再次暂扣"),
    ],
)
def test_impossible_events_are_refused(events: list[Event], part: str) -> None:
    """An event that does not fit is refused and the register stays as it was."""
    register = Register((cert(),))
    with pytest.raises(RegisterError, match=part):
        register.record(*events)
    assert register.events == ()
    with pytest.raises(RegisterError, match="重复"):
        register.issue([cert()])


def test_share_counts_people_in_post_with_a_valid_certificate() -> None:
    """Auxiliaries and people who left are out; two certificates of one person count once."""
    register = Register(
        (cert("A1", "p1"), cert("A2", "p1"), cert("A3", "p2", date(2020, 1, 1)),
         cert("A4", "p3"), cert("A5", "p9"))
    ).record(Event(date(2026, 1, 5), "A4", EventKind.SUSPENDED))  # fmt: skip
    since = date(2019, 1, 1)
    staff = [
        StaffMember("p1", "甲镇", since),
        StaffMember("p2", "甲镇", since),
        StaffMember("p3", "乙镇", since),
        StaffMember("p4", "乙镇", since, until=date(2026, 6, 30)),
        StaffMember("p9", "乙镇", since, enforcement=False),
    ]
    shares = {s.unit: s for s in certified_share(register, staff, on=date(2026, 6, 30))}
    assert (shares["甲镇"].certified, shares["甲镇"].staff) == (1, 2)
    assert (shares["乙镇"].certified, shares["乙镇"].staff) == (0, 2)
    assert (shares["合计"].certified, shares["合计"].staff) == (1, 4)
    assert shares["合计"].rate == 0.25
    next_day = {s.unit: s for s in certified_share(register, staff, on=date(2026, 7, 1))}
    assert next_day["乙镇"].staff == 1
    assert "持证率 25.0%" in str(shares["合计"])
    (nobody,) = certified_share(register, [], on=date(2026, 7, 1))
    assert nobody.rate is None
    assert "不计持证率" in str(nobody)


def test_duty_gate_names_what_is_missing() -> None:
    """Checked, trained and qualified: what is missing is named."""
    register = Register((cert(),))
    day = date(2026, 1, 1)
    assert duty_gate(register, "p1", on=day, cleared=True, trained=True).allowed
    missing = duty_gate(register, "p2", on=day, cleared=False, trained=False).missing
    assert missing == (Requirement.CLEARED, Requirement.TRAINED, Requirement.QUALIFIED)
    other = duty_gate(register, "p1", on=day, cleared=True, trained=True, area="F2")
    assert not other.allowed
    assert "不含“F2”领域" in str(other)
    late = duty_gate(register, "p1", on=date(2028, 1, 1), cleared=True, trained=True)
    assert "过期" in late.detail


def test_forecast_is_the_exact_distribution() -> None:
    """Ten certificates run out, five run on, each renewed at 0.8: 5 + binomial(10, 0.8)."""
    running_out = [cert(f"A{k}", f"p{k}", date(2022, 1, 10)) for k in range(10)]
    running_on = [cert(f"B{k}", f"q{k}", date(2025, 1, 10)) for k in range(5)]
    register = Register((*running_out, *running_on))
    found = forecast(register, on=date(2026, 11, 1), until=date(2027, 6, 30), renewal=0.8)
    assert found.expiring == {"2027-01": 10}
    assert found.expected == pytest.approx(13)
    assert found.still_valid[5:] == pytest.approx(binom.pmf(range(11), 10, 0.8))
    assert found.still_valid[:5] == pytest.approx([0] * 5)
    assert "10 个到期" in str(found)
    with pytest.raises(ValueError, match="horizon"):
        forecast(register, on=date(2026, 1, 2), until=date(2026, 1, 1), renewal=1.0)


def test_training_and_rotation() -> None:
    """Hours of the calendar year count against the requirement; rotation counts people once."""
    staff = [StaffMember("p1", "甲", date(2020, 1, 1)), StaffMember("p2", "甲", date(2020, 1, 1))]
    records = [
        TrainingRecord("p1", date(2026, 3, 1), Decimal(40), Decimal(10), rotation=True),
        TrainingRecord("p1", date(2026, 9, 1), Decimal("20.5"), rotation=True),
        TrainingRecord("p2", date(2025, 9, 1), Decimal(60)),
    ]
    one, two = yearly_training(staff, records, year=2026, hours=Decimal(60))
    assert one.met
    assert one.hours == Decimal("60.5")
    assert not two.met
    assert two.short_hours == 60
    found = rotation_coverage(staff, records, start=date(2024, 7, 1), on=date(2026, 12, 31))
    assert (found.covered, found.staff, found.outstanding) == (1, 2, ("p2",))
    assert found.end == date(2027, 6, 30)
    assert found.rate == 0.5
    with pytest.raises(ValueError, match="within"):
        rotation_coverage(staff, records, start=date(2024, 7, 1), on=date(2028, 1, 1))
