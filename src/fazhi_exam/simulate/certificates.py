"""A synthetic register of certificates and its staff (模拟证件登记簿); nobody in it is real."""

from collections.abc import Sequence
from datetime import date, timedelta

from ..certification import Certificate, Event, EventKind, Register, StaffMember
from ..typing import Rng, generator


def synthetic_register(
    people: int, units: Sequence[str], *, on: date, rng: Rng, years: int = 5
) -> tuple[Register, tuple[StaffMember, ...]]:
    """Make staff of units and their certificates, issued in batches over the years before a day.

    About one in ten has none, one in twenty is an auxiliary, a few are suspended, and those whose
    certificate ran out have mostly had it renewed.

    Parameters
    ----------
    people, units
        How many on the staff, spread over these units.
    on
        Day up to which things have happened.
    rng
        Seed or generator.
    years
        Validity of a certificate.

    Raises
    ------
    ValueError
        If there is nobody or no unit.
    """
    if people < 1 or not units:
        raise ValueError("need at least one person and one unit")
    random = generator(rng)
    staff, certificates, events = [], [], []
    for k in range(people):
        unit = units[int(random.integers(len(units)))]
        since = on - timedelta(days=int(random.integers(30, 3000)))
        person = f"c{k:06d}"
        staff.append(StaffMember(person, unit, since, enforcement=bool(random.random() > 0.05)))
        if random.random() < 0.1:
            continue
        months = int(random.integers(0, 12 * (years + 1)))
        first = on.year * 12 + on.month - 1 - months
        issued = max(date(first // 12, first % 12 + 1, 1), date(since.year, since.month, 1))
        number = f"模拟{k:06d}"
        batch = f"{issued:%Y-%m} 批"
        certificates.append(
            Certificate(number, person, unit, ("综合行政执法",), issued, years, batch)
        )
        if random.random() < 0.02 and issued + timedelta(days=60) < on:
            events.append(Event(issued + timedelta(days=60), number, EventKind.SUSPENDED, "模拟"))
        last = certificates[-1].expires
        if last < on and random.random() < 0.85:
            renewed = last - timedelta(days=30)
            events.append(Event(renewed, number, EventKind.RENEWED, "模拟", years))
    return Register().issue(certificates).record(*events), tuple(staff)
