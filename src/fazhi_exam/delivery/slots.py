"""Several batches on several days (批次), each unit in one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..errors import ImportFailed, ImportProblem
from ..roster.candidate import Roster


@dataclass(frozen=True, slots=True)
class Slot:
    """One batch (批次): when it starts, how long it lasts, how many seats there are."""

    id: str
    starts: datetime
    minutes: int
    seats: int

    def __post_init__(self) -> None:
        if self.seats < 1 or self.minutes < 1:
            raise ValueError("a slot needs seats and minutes")


def assign_slots(roster: Roster, slots: Sequence[Slot]) -> Mapping[str, str]:
    """Give every unit one batch, so that colleagues sit at the same time.

    Larger units choose first and take the batch with most seats left; a unit that fits into no
    batch is split over several. The result depends only on the roster and the slots.

    Returns
    -------
    dict
        Slot id by candidate code; exempt candidates have none.

    Raises
    ------
    ImportFailed
        If there are fewer seats than candidates.
    """
    units: dict[str, list[str]] = {}
    for candidate in roster:
        if not candidate.exempt:
            units.setdefault(candidate.unit, []).append(candidate.code)
    people = sum(map(len, units.values()))
    left = {slot.id: slot.seats for slot in sorted(slots, key=lambda s: (s.starts, s.id))}
    if sum(left.values()) < people:
        reason = f"批次座位不够：{people} 名考生，{sum(left.values())} 个座位"
        raise ImportFailed([ImportProblem(reason)])
    out: dict[str, str] = {}
    for codes in sorted(units.values(), key=lambda codes: (-len(codes), codes[0])):
        waiting = list(codes)
        while waiting:
            slot = max(left, key=lambda name: left[name])  # the earliest among equals
            some, waiting = waiting[: left[slot]], waiting[left[slot] :]
            left[slot] -= len(some)
            out |= dict.fromkeys(some, slot)
    return dict(sorted(out.items()))
