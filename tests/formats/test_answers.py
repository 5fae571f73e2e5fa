"""Answers as staff type them come back as the options that were chosen."""

from pathlib import Path

import pytest

from fazhi_exam.delivery import AnswerSheet, Attendance
from fazhi_exam.errors import ImportFailed
from fazhi_exam.formats import preview_answers, read_answers
from fazhi_exam.simulate import simulate_answers, synthetic_models, write_answers_workbook

from ..examples import sitting

EXAM = sitting(8)
CODES = [c.code for c in EXAM.roster]


def simulated() -> tuple[AnswerSheet, ...]:
    models = synthetic_models(EXAM.bank, rng=1)
    sheets = list(simulate_answers(EXAM, dict.fromkeys(CODES, 0.3), models, rng=2, omitted=0.2))
    sheets[3] = AnswerSheet(sheets[3].candidate, Attendance.ABSENT)
    sheets[4] = AnswerSheet(sheets[4].candidate, Attendance.VOIDED)
    return tuple(sheets)


def test_round_trip_through_the_workbook(tmp_path: Path) -> None:
    """What was simulated, typed as printed letters and √ ×, is what is read."""
    sheets = simulated()
    write_answers_workbook(EXAM, sheets, tmp_path / "a.xlsx", faults=False)
    assert read_answers(tmp_path / "a.xlsx", EXAM) == sheets


def test_a_wrong_letter_is_listed_and_counts_as_omitted(tmp_path: Path) -> None:
    """One letter that is not on the paper is one problem with its row and question."""
    sheets = simulated()
    write_answers_workbook(EXAM, sheets, tmp_path / "a.xlsx")
    reading = preview_answers(tmp_path / "a.xlsx", EXAM)
    assert [(p.line, p.column, p.value) for p in reading.blocking] == [(3, "5", "G")]
    fifth = EXAM.paper(CODES[0]).item_ids[4]
    assert fifth not in reading.good[0].chosen
    with pytest.raises(ImportFailed):
        reading.accept()


@pytest.mark.parametrize("typed", ["abd", "A,B,D", "A、B、D", "ＡＢＤ", " D B A "])
def test_ways_of_typing(typed: str) -> None:
    """Lower case, full width, commas, spaces and order do not matter."""
    paper = EXAM.paper(CODES[0])
    place = next(k for k, i in enumerate(paper.item_ids) if EXAM.bank[i].kind == "多选")
    name = paper.item_ids[place]
    (sheet,) = read_answers([{"考号": CODES[0], str(place + 1): typed}], EXAM)
    assert sheet.chosen[name] == {paper.option(name, c) for c in "ABD"}


@pytest.mark.parametrize(
    ("typed", "text"), [("√", "正确"), ("对", "正确"), ("×", "错误"), ("F", "错误")]
)
def test_true_and_false(typed: str, text: str) -> None:
    """Ticks, crosses and words mean the option of that text."""
    paper = EXAM.paper(CODES[0])
    place = next(k for k, i in enumerate(paper.item_ids) if EXAM.bank[i].kind == "判断")
    (sheet,) = read_answers([{"考号": CODES[0], str(place + 1): typed}], EXAM)
    (chosen,) = sheet.chosen[paper.item_ids[place]]
    assert {o.id: o.text for o in EXAM.bank[paper.item_ids[place]].options}[chosen] == text


def test_author_letters_under_item_ids() -> None:
    """A column headed by an item id holds the author's letters, whatever was printed."""
    name = EXAM.papers.items_of(CODES[0])[0]
    (sheet,) = read_answers([{"考号": CODES[0], "状态": "到考", name: "C"}], EXAM)
    assert sheet.chosen == {name: frozenset("C")}


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([{"考号": "没有"}], "名册中没有"),
        ([{"考号": ""}, {"考号": CODES[0]}], None),
        ([{"考号": CODES[0]}, {"考号": CODES[0]}], "重复"),
        ([{"考号": CODES[0], "状态": "生病"}], "应为"),
        ([{"考号": CODES[0], "状态": "缺考", "1": "A"}], "答案未采用"),
        ([{"考号": CODES[0], "99": "A"}], "只有"),
        ([{"考号": CODES[0], "1": "AA"}], "填了两次"),
        ([{"姓名": "张某"}], "没有找到"),
    ],
)
def test_what_does_not_fit_is_listed(rows: list[dict[str, str]], part: str | None) -> None:
    """Each misfit is a problem with a reason; nothing is dropped without one."""
    problems = preview_answers(rows, EXAM).problems
    if part is not None:
        assert any(part in p.reason for p in problems)
    missing = [p for p in problems if "将记为缺考" in p.reason]
    assert all(not p.blocking for p in missing)
