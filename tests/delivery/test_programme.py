"""Programmes are data with their source; presets are complete and add up."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from fazhi_exam.bank import QuestionBank
from fazhi_exam.delivery import (
    DecisionBasis,
    Room,
    Seat,
    Sitting,
    assign_seats,
    parse_programme,
    programme,
    programme_names,
)
from fazhi_exam.errors import DrawError, ImportFailed, ProgrammeError
from fazhi_exam.roster import Candidate, Roster

from ..examples import item, roster, rules, sitting

NAMES = (
    "annual_50 annual_80 cadre_50 cadre_std enf_field enf_general enf_general_classic enf_street"
).split()


def load(name: str) -> object:
    return programme(name, field="F1" if name == "enf_field" else None)


@pytest.mark.parametrize("name", NAMES)
def test_presets_are_complete(name: str) -> None:
    """Each preset has 100 points, a cut, minutes, a source with its year, and decides by raw."""
    found = programme(name, field="F1" if name == "enf_field" else None)
    paper = found.paper()
    assert paper.blueprint.total_points == 100
    assert paper.cut.value in (60, 80)
    assert paper.cut.source
    assert 45 <= paper.minutes <= 150
    assert all(s.text and s.year > 2000 for s in found.sources)
    assert found.decision_basis is DecisionBasis.RAW_TOTAL


def test_preset_names() -> None:
    """The eight presets of the domain notes are there, no more."""
    assert list(programme_names()) == NAMES


def test_counts_of_the_enforcement_papers() -> None:
    """The general paper: 50 + 20 + 30 items; the shares of the 2026 variant by subject."""
    blueprint = programme("enf_general").blueprint
    assert [s.items for s in blueprint.sections] == [50, 20, 30]
    shares: dict[str, int] = {}
    for section in blueprint.sections:
        for row in section.active_rows:
            shares[row.title] = shares.get(row.title, 0) + row.count
    assert shares == {
        "习近平法治思想": 6, "宪法": 4, "政务公开与决策": 3, "公务员与监察": 5, "行政处罚": 24,
        "行政许可与营商环境": 8, "行政强制": 10, "执法规范": 18, "行政复议": 10, "行政诉讼": 8,
        "国家赔偿": 4,
    }  # fmt: skip
    street = programme("enf_street").blueprint
    assert [s.items for s in street.sections] == [40, 20, 20, 10]


def test_field_programmes_name_their_field() -> None:
    """The field paper needs a field, and others refuse one."""
    assert "市场监管" in programme("enf_field", field="F2").paper().title
    for name, field in (("enf_field", None), ("enf_field", "07"), ("enf_general", "F1")):
        with pytest.raises(ProgrammeError, match="领域"):
            programme(name, field=field)


def test_two_papers_must_be_named() -> None:
    """With several papers the one meant has to be said."""
    one = rules().papers[0]
    both = rules(papers=(one, one.model_copy(update={"id": "q"})))
    assert both.paper("q").id == "q"
    with pytest.raises(ProgrammeError, match="p、q"):
        both.paper()


def test_mistakes_in_a_file_name_the_field(tmp_path: Path) -> None:
    """Unknown names, broken TOML and impossible cuts are answered in Chinese."""
    with pytest.raises(ProgrammeError, match="没有这个预设"):
        programme("enf")
    with pytest.raises(ProgrammeError, match="TOML"):
        parse_programme("a =")
    with pytest.raises(ProgrammeError, match="title"):
        parse_programme('id = "x"')
    from importlib.resources import files

    text = (files("fazhi_exam") / "_data/programmes/annual_80.toml").read_text("utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace('value = "80"', 'value = "101"'), "utf-8")
    with pytest.raises(ProgrammeError, match="高于满分"):
        programme(path)
    path.write_text(text, "utf-8")
    assert programme(path).cut.value == Decimal(80)


def test_validity_of_a_pass() -> None:
    """Five years on; 29 February ends on 28 February; no years, no end."""
    five = programme("enf_general")
    assert five.expires(date(2026, 12, 10)) == date(2031, 12, 9)
    assert five.expires(date(2028, 2, 29)) == date(2033, 2, 28)
    assert programme("cadre_std").expires(date(2026, 1, 1)) is None


def test_seats_keep_units_apart() -> None:
    """Everybody gets one seat; with equal units no two neighbours share one."""
    people = Roster(tuple(Candidate(f"K{k:02d}", {"单位": f"U{k % 4}"}) for k in range(40)))
    seats = assign_seats(people, [Room("1", 25), Room("2", 25)])
    assert len(set(seats.values())) == len(seats) == 40
    by_place = {seat: code for code, seat in seats.items()}
    for room, size in (("1", 25), ("2", 15)):
        row = [people[by_place[Seat(room, n)]].unit for n in range(1, size + 1)]
        assert all(a != b for a, b in pairwise(row))
    with pytest.raises(ImportFailed, match="座位不够：40 名考生，25 个座位"):
        assign_seats(people, [Room("1", 25)])
    with pytest.raises(ValueError, match="at least one seat"):
        Room("1", 0)


def test_exempt_candidates_get_no_seat() -> None:
    """Exempt people are on the roster but not in a room."""
    people = Roster((Candidate("1", exempt="法律职业资格"), Candidate("2")))
    assert list(assign_seats(people, [Room("1", 1)])) == ["2"]


def test_sitting_needs_a_paper_for_everybody() -> None:
    """A candidate without a paper is an error; rooms follow the seats."""
    exam = sitting(4)
    assert exam.rooms == {"1": ("K000", "K001", "K002", "K003")}
    with pytest.raises(DrawError, match="没有试卷"):
        type(exam)("x", exam.programme, exam.bank, roster(5), exam.papers, exam.on)
    assert "4 名考生" in repr(exam)


def test_sitting_needs_the_bank_its_papers_were_drawn_from() -> None:
    """A reworded or missing item is found before anything is printed; a grown bank is no harm."""
    exam = sitting(2)
    first = exam.papers[exam.papers.codes[0]].item_ids[0]
    items = tuple(exam.bank)
    reworded = tuple(
        i.model_copy(update={"stem": "改过的题干"}) if i.id == first else i for i in items
    )
    grown = QuestionBank((*items, item("07-9999")), exam.bank.cases)

    def held(bank: QuestionBank) -> Sitting:
        return Sitting("x", exam.programme, bank, exam.roster, exam.papers, exam.on)

    assert held(grown).paper("K000") == exam.paper("K000")
    with pytest.raises(DrawError, match=f"题目 {first} 在抽题之后改过"):
        held(QuestionBank(reworded, exam.bank.cases))
