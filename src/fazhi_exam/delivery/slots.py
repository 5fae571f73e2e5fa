"""Several batches on several days (批次), each unit in one of them."""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..errors import ImportFailed, ImportProblem
from ..roster.candidate import Candidate, Roster


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


def assign_slots(
    roster: Roster,
    slots: Sequence[Slot],
    *,
    windows: Mapping[str, Collection[str]] | None = None,
) -> Mapping[str, str]:
    """Give every unit one batch, so that colleagues sit at the same time.

    Units with fewer batches to choose from come first, then larger ones, and take the batch with
    most seats left; a unit that fits into no batch is split over several. The result depends only
    on the arguments.

    Parameters
    ----------
    windows
        Slot ids in which a unit can come (窗口期), by unit; a unit not named can come in all.

    Returns
    -------
    dict
        Slot id by candidate code; exempt candidates have none.

    Raises
    ------
    ImportFailed
        If there are fewer seats than candidates, a window names no batch that exists, or the
        batches a unit can come in are full however the others are moved.
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
    open_to = _open_slots(units, left, windows or {})
    held: dict[str, Counter[str]] = {unit: Counter() for unit in units}
    for unit in sorted(units, key=lambda u: (len(open_to[u]), -len(units[u]), units[u][0])):
        waiting = len(units[unit])
        while waiting:
            slot = max(open_to[unit], key=left.__getitem__)  # the earliest among equals
            if not left[slot] and not (slot := _make_room(unit, held, left, open_to)):
                reason = f"可选批次座位不够，还差 {waiting} 个：{'、'.join(open_to[unit])}"
                raise ImportFailed([ImportProblem(reason, column="单位", value=unit)])
            some = min(waiting, left[slot])
            held[unit][slot] += some
            left[slot] -= some
            waiting -= some
    out: dict[str, str] = {}
    for unit, codes in units.items():
        places = [slot for slot in left for _ in range(held[unit][slot])]
        out |= zip(codes, places, strict=True)
    return dict(sorted(out.items()))


def _open_slots(
    units: Iterable[str], slots: Collection[str], windows: Mapping[str, Collection[str]]
) -> dict[str, list[str]]:
    """Slots each unit can come in, in order of time."""
    problems = [
        ImportProblem("窗口期中没有可用的批次", column="单位", value=unit)
        for unit, wanted in windows.items()
        if not set(wanted) & set(slots)
    ]
    if problems:
        raise ImportFailed(problems)
    return {u: [s for s in slots if u not in windows or s in windows[u]] for u in units}


def _make_room(
    unit: str,
    held: Mapping[str, Counter[str]],
    left: dict[str, int],
    open_to: Mapping[str, Sequence[str]],
) -> str:
    """Free one seat for a unit by moving one person of others along a chain of batches.

    An augmenting path, breadth first; returns the batch that has a seat now, or an empty text when
    no arrangement has one.
    """
    came: dict[str, tuple[str, str]] = {}
    queue = deque(open_to[unit])
    seen = set(queue)
    while queue:
        here = queue.popleft()
        if left[here]:
            left[here] -= 1
            while here in came:
                there, mover = came[here]
                held[mover][there] -= 1
                held[mover][here] += 1
                here = there
            left[here] += 1
            return here
        for mover, places in held.items():
            for other in open_to[mover] if places[here] else ():
                if other not in seen:
                    seen.add(other)
                    came[other] = (here, mover)
                    queue.append(other)
    return ""


def slot_rosters(roster: Roster, assigned: Mapping[str, str]) -> Mapping[str, Roster]:
    """Divide a roster into its batches; each is seated in the same rooms and sits as one sitting.

    Parameters
    ----------
    assigned
        Slot id by candidate code, as `assign_slots` gives.
    """
    parts: dict[str, list[Candidate]] = {}
    for candidate in roster:
        if candidate.code in assigned:
            parts.setdefault(assigned[candidate.code], []).append(candidate)
    return {
        slot: Roster(
            tuple(some), {c.code: roster.persons[c.code] for c in some if c.code in roster.persons}
        )
        for slot, some in sorted(parts.items())
    }
