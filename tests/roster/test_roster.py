"""Candidates are codes and groups; identity numbers are checked and masked."""

from datetime import date

import pytest

from fazhi_exam.errors import ImportFailed
from fazhi_exam.roster import Candidate, Person, Roster, check_identity_number, mask
from fazhi_exam.simulate.people import identity_number, synthetic_roster


@pytest.mark.parametrize(
    ("number", "part"),
    [
        ("11010519491231002X", ""),
        ("110105194912310021", "校验位不符"),
        ("11010519491331002X", "出生日期不存在"),
        ("1101051949123100", "应为 18 位，现为 16 位"),
        ("1101051949123100AX", "只能是 17 位数字"),
        ("1.10105E+17", "科学计数法"),
    ],
)
def test_identity_number(number: str, part: str) -> None:
    """The example of GB 11643-1999 is right; each fault is named without repeating the number."""
    reason = check_identity_number(number)
    assert (part in reason) if part else reason == ""
    assert number not in reason


def test_mask_never_shows_the_birth_date() -> None:
    """The masked form hides eight digits, also in repr and str of a person."""
    assert mask("11010519491231002X") == "110105********002X"
    person = Person("张三丰", "11010519491231002X")
    assert "19491231" not in repr(person) + str(person) + f"{person}"
    assert "三丰" not in repr(person)
    assert mask("") == ""
    assert mask("12345") == "*****"


def test_two_candidates_with_one_code_are_refused() -> None:
    """A code belongs to one person."""
    with pytest.raises(ImportFailed, match="同一个考号"):
        Roster((Candidate("1"), Candidate("1")))
    with pytest.raises(ValueError, match="non-empty"):
        Candidate(" 1")


def test_synthetic_people_have_right_but_impossible_numbers() -> None:
    """Synthetic numbers pass the check digit and lie in a region that does not exist."""
    people = synthetic_roster(50, ["甲", "乙", "丙"], rng=1)
    assert len(people) == 50
    assert set(people.units) == {"甲", "乙", "丙"}
    for person in people.persons.values():
        assert check_identity_number(person.identity_number) == ""
        assert person.identity_number.startswith("990101")
    assert synthetic_roster(50, ["甲", "乙", "丙"], rng=1) == people
    assert identity_number(date(1949, 12, 31), 2)[:14] == "99010119491231"
    with pytest.raises(ValueError, match="at least one person"):
        synthetic_roster(1, ["甲", "乙"], rng=1)
