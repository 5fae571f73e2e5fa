"""Late changes carry a reason; batches keep units together."""

from datetime import UTC, date, datetime
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fazhi_exam.assembly import deal, neighbour_overlap, seed_draw
from fazhi_exam.delivery import (
    Room,
    Sitting,
    Slot,
    assign_seats,
    assign_slots,
    slot_rosters,
    with_neighbour_classes,
)
from fazhi_exam.errors import ImportFailed
from fazhi_exam.roster import Candidate, ChangeKind, Person, Roster, RosterChange, changed_roster

from ..examples import bank, blueprint, roster, sitting

DAY = date(2026, 11, 28)


def test_changes_make_a_new_roster() -> None:
    """Added, withdrawn, moved and exempted; the old roster stays as it was."""
    before = roster(4)
    changes = [
        RosterChange(
            ChangeKind.ADDED, DAY, "新入职", Candidate("K100", {"单位": "丙"}), Person("钱某")
        ),
        RosterChange(ChangeKind.WITHDRAWN, DAY, "退休", Candidate("K000")),
        RosterChange(ChangeKind.MOVED, DAY, "调动", Candidate("K001", {"单位": "丙"})),
        RosterChange(ChangeKind.EXEMPTED, DAY, "长期病假", Candidate("K002")),
    ]
    after = changed_roster(before, changes)
    assert [c.code for c in after] == ["K001", "K002", "K003", "K100"]
    assert after["K001"].unit == "丙"
    assert after["K002"].exempt == "长期病假"
    assert after.name("K100") == "钱某"
    assert len(before) == 4


def test_every_misfit_is_listed() -> None:
    """No reason, a known code added, an unknown one changed: all three are named."""
    with pytest.raises(ImportFailed) as caught:
        changed_roster(
            roster(2),
            [
                RosterChange(ChangeKind.WITHDRAWN, DAY, " ", Candidate("K000")),
                RosterChange(ChangeKind.ADDED, DAY, "x", Candidate("K001")),
                RosterChange(ChangeKind.MOVED, DAY, "x", Candidate("K009")),
            ],
        )
    assert [p.line for p in caught.value.problems] == [1, 2, 3]


def test_units_sit_together() -> None:
    """Units that fit into a batch are not split; exempt people need no seat."""
    everybody = [Candidate(f"K{k:02d}", {"单位": f"U{k % 5}"}) for k in range(30)]
    people = Roster((*everybody, Candidate("X", exempt="退休")))
    morning = datetime(2026, 12, 10, 9, tzinfo=UTC)
    slots = [Slot("上午", morning, 90, 18), Slot("下午", morning.replace(hour=14), 90, 18)]
    found = assign_slots(people, slots)
    assert "X" not in found
    for unit in people.units:
        assert len({found[c.code] for c in people if c.unit == unit and not c.exempt}) <= 1
    assert max(list(found.values()).count(s.id) for s in slots) <= 18
    with pytest.raises(ImportFailed, match="批次座位不够"):
        assign_slots(people, slots[:1])


def test_windows_are_kept_however_tight() -> None:
    """Every unit sits within its window whenever that can be had; otherwise the unit is named."""
    start = datetime(2026, 12, 10, 9, tzinfo=UTC)
    slots = [Slot(name, start.replace(hour=h), 90, 4) for h, name in enumerate("甲乙丙", 9)]
    people = Roster(
        tuple(Candidate(f"{unit}{k}", {"单位": unit}) for unit in "ABC" for k in range(4))
    )
    # By size and order alone A would take 甲, which C needs, and B 乙, which A needs then.
    windows = {"A": ("甲", "乙"), "B": ("乙", "丙"), "C": ("甲",)}
    found = assign_slots(people, slots, windows=windows)
    assert {(code[0], slot) for code, slot in found.items()} == {
        ("A", "乙"),
        ("B", "丙"),
        ("C", "甲"),
    }
    tight = {"A": ("甲",), "B": ("甲", "乙"), "C": ("甲", "乙")}
    with pytest.raises(ImportFailed, match="可选批次座位不够，还差 4 个"):
        assign_slots(people, slots, windows=tight)
    with pytest.raises(ImportFailed, match="没有可用的批次"):
        assign_slots(people, slots, windows={"A": ("丁",)})


@given(st.data())
def test_windows_against_hall(data: st.DataObject) -> None:
    """Places are found exactly when no set of units has more people than its batches have seats."""
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    seats = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    names = [f"s{k}" for k in range(len(seats))]
    windows = {
        f"U{u}": data.draw(st.sets(st.sampled_from(names), min_size=1)) for u in range(len(sizes))
    }
    start = datetime(2026, 12, 10, 9, tzinfo=UTC)
    slots = [Slot(n, start, 90, room) for n, room in zip(names, seats, strict=True)]
    people = Roster(
        tuple(
            Candidate(f"U{u}-{k}", {"单位": f"U{u}"}) for u, n in enumerate(sizes) for k in range(n)
        )
    )

    def fits(group: tuple[int, ...]) -> bool:
        reach = set().union(*(windows[f"U{u}"] for u in group))
        return sum(sizes[u] for u in group) <= sum(seats[names.index(n)] for n in reach)

    groups = [g for r in range(1, len(sizes) + 1) for g in combinations(range(len(sizes)), r)]
    if not all(map(fits, groups)):
        with pytest.raises(ImportFailed):
            assign_slots(people, slots, windows=windows)
        return
    found = assign_slots(people, slots, windows=windows)
    assert set(found) == {c.code for c in people}
    assert all(found[c.code] in windows[c.unit] for c in people)
    assert all(list(found.values()).count(s.id) <= s.seats for s in slots)


def test_batches_share_rooms_and_keep_papers() -> None:
    """Two batches use one room after the other; each is a sitting with the papers of one draw."""
    exam = sitting(6)
    start = datetime(2026, 12, 10, 9, tzinfo=UTC)
    slots = [Slot("1", start, 60, 3), Slot("2", start.replace(hour=14), 60, 3)]
    parts = slot_rosters(exam.roster, assign_slots(exam.roster, slots))
    rooms = [Room("1", 3)]
    batches = [
        Sitting(f"b{name}", exam.programme, exam.bank, part, exam.papers, exam.on,
                seats=assign_seats(part, rooms))
        for name, part in parts.items()
    ]  # fmt: skip
    codes = [code for batch in batches for code in batch.rooms["1"]]
    assert sorted(codes) == [c.code for c in exam.roster]
    assert batches[1].paper(codes[-1]) == exam.paper(codes[-1])
    assert all(batch.roster.name(batch.rooms["1"][0]) == "张某" for batch in batches)


@pytest.mark.parametrize(
    ("classes", "columns", "angle"), [(2, 5, False), (3, 4, False), (4, 5, True), (5, 6, True)]
)
def test_neighbours_differ_in_class(classes: int, columns: int, angle: bool) -> None:
    """Side by side and behind each other always differ, at an angle from four classes on."""
    people = roster(30)
    seats = assign_seats(people, [Room("1", 30)])
    classed = with_neighbour_classes(people, seats, classes=classes, columns=columns)
    found = {seats[c.code].number - 1: c.neighbour_class for c in classed}
    for a, b in combinations(range(30), 2):
        across, down = abs(a % columns - b % columns), abs(a // columns - b // columns)
        if across + down == 1 or (angle and across == down == 1):
            assert found[a] != found[b]
    assert set(found.values()) == set(range(classes))


def test_neighbours_have_no_item_in_common() -> None:
    """From the seats to the papers: people next to each other share no item."""
    table = blueprint(neighbour_classes=2)
    people = roster(8)
    seats = assign_seats(people, [Room("1", 8)])
    classed = with_neighbour_classes(people, seats, classes=2)
    papers = deal(seed_draw(bank(16), table, classed, seed=3, exam_id="t", on=DAY))
    order = sorted(seats, key=seats.__getitem__)
    found = neighbour_overlap(papers, pairwise(order))
    assert (found.highest, found.pairs) == (0, 7)
    assert classed.name("K000") == "张某"
    with pytest.raises(ValueError, match="2 classes"):
        with_neighbour_classes(people, seats, classes=1)
