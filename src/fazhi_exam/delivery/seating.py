"""Rooms and seats (考场与座位)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import ImportFailed, ImportProblem
from ..roster.candidate import Roster


@dataclass(frozen=True, slots=True)
class Room:
    """One exam room (考场) with numbered seats 1 to `seats`."""

    id: str
    seats: int
    place: str = ""

    def __post_init__(self) -> None:
        if self.seats < 1:
            raise ValueError("a room needs at least one seat")


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """A seat in a room, counted from 1."""

    room: str
    number: int


def assign_seats(roster: Roster, rooms: Sequence[Room]) -> Mapping[str, Seat]:
    """Seat candidates so that people of one unit do not sit side by side where that can be had.

    Units are dealt like cards, largest first, so neighbours differ unless one unit outnumbers the
    rest; the result depends only on the roster and the rooms. Exempt candidates get no seat.

    Returns
    -------
    dict
        Seat by candidate code, in the order of rooms and seat numbers.

    Raises
    ------
    ImportFailed
        If there are fewer seats than candidates.
    """
    sitting = [candidate for candidate in roster if not candidate.exempt]
    places = [Seat(room.id, n) for room in rooms for n in range(1, room.seats + 1)]
    if len(places) < len(sitting):
        reason = f"座位不够：{len(sitting)} 名考生，{len(places)} 个座位"
        raise ImportFailed([ImportProblem(reason)])
    by_unit: dict[str, list[str]] = {}
    for candidate in sitting:
        by_unit.setdefault(candidate.unit, []).append(candidate.code)
    ranked = sorted(by_unit.values(), key=lambda codes: (-len(codes), codes[0]))
    flat = [code for codes in ranked for code in codes]
    # Filling even places first, then odd ones, keeps two of a unit apart up to half of all seats.
    order: list[str] = [""] * len(flat)
    half = (len(flat) + 1) // 2
    order[0::2], order[1::2] = flat[:half], flat[half:]
    return dict(zip(order, places, strict=False))


def with_neighbour_classes(
    roster: Roster, seats: Mapping[str, Seat], *, classes: int, columns: int = 0
) -> Roster:
    """Give candidates the neighbour class of their seat; commit the draw with what is returned.

    With the same number of ``neighbour_classes`` in the blueprint, candidates of different classes
    share no item.

    Parameters
    ----------
    classes
        At least 2. Two keep apart those side by side and those behind each other, four (or more)
        also those at an angle.
    columns
        Seats in a row of the room; 0 when they stand in one line in the order of their numbers.

    Returns
    -------
    Roster
        Candidates without a seat keep class 0.

    Raises
    ------
    ValueError
        If there are fewer than two classes, or `columns` is negative.
    """
    if classes < 2 or columns < 0:
        raise ValueError(f"need 2 classes or more and columns >= 0, got {classes} and {columns}")
    step = 2 if classes >= 4 else 1  # 2: the eight neighbours differ by 1, 2 or 3 modulo classes
    found = []
    for candidate in roster:
        seat = seats.get(candidate.code)
        place = seat.number - 1 if seat else 0
        row, column = divmod(place, columns) if columns else (0, place)
        found.append(replace(candidate, neighbour_class=(step * row + column) % classes))
    return Roster(tuple(found), roster.persons)
