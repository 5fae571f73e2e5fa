"""Late changes carry a reason; batches keep units together."""

from datetime import UTC, date, datetime

import pytest

from fazhi_exam.delivery import Slot, assign_slots
from fazhi_exam.errors import ImportFailed
from fazhi_exam.roster import Candidate, ChangeKind, Person, Roster, RosterChange, changed_roster

from ..examples import roster

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
