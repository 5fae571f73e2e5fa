"""Marks are exact, bounded, and follow decisions on faulty questions."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.delivery import AnswerSheet, Attendance, Sitting
from fazhi_exam.errors import AnswerError
from fazhi_exam.marking import (
    GiveToAll,
    ResponseMatrix,
    SecondKey,
    VoidItem,
    mark,
    rescore,
)

from ..examples import item, rules, sitting

SITTING = sitting(6)


def full_sheet(exam: Sitting, code: str, **changed: frozenset[str]) -> AnswerSheet:
    chosen = {i: exam.bank[i].key for i in exam.papers.items_of(code)}
    return AnswerSheet(code, chosen=chosen | changed)


def test_all_right_is_full_and_blank_is_zero() -> None:
    """The key earns 16 points, an empty sheet 0, and a missing sheet means absent."""
    codes = [c.code for c in SITTING.roster]
    marks = mark(SITTING, [full_sheet(SITTING, codes[0]), AnswerSheet(codes[1])])
    assert marks.total(codes[0]) == 16
    assert marks.total(codes[1]) == 0
    assert marks.total(codes[2]) is None
    assert marks.attendance[2] is Attendance.ABSENT
    assert "6 人应考，2 人有成绩" in repr(marks)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_marks_stay_between_zero_and_full(data: st.DataObject) -> None:
    """Whatever is chosen, 0 <= total <= full marks, and the total is the sum of the item marks."""
    code = SITTING.roster.candidates[0].code
    chosen = {}
    for name in SITTING.papers.items_of(code):
        letters = [o.id for o in SITTING.bank[name].options]
        chosen[name] = data.draw(st.frozensets(st.sampled_from(letters)))
    marks = mark(SITTING, [AnswerSheet(code, chosen=chosen)])
    total = marks.total(code)
    assert total is not None
    assert 0 <= total <= 16
    assert total == sum(m.awarded for m in marks.of(code))
    assert {m.item_id: m.chosen for m in marks.of(code)} == chosen


def test_seventy_five_times_four_fifths() -> None:
    """Decimal points add up exactly: 5 × 0.1 + … never turns 60 into 59.99."""
    assert sum([Decimal("0.8")] * 75) == 60
    with pytest.raises(ValueError, match="浮点数"):
        rules(cut="10").model_validate({**dict(rules()), "exposure_cap": 0.25})


def test_half_marks_under_the_sections_rule() -> None:
    """In section 2 a proper subset earns half; in the case section a multiple earns nothing."""
    code = SITTING.roster.candidates[0].code
    paper = SITTING.paper(code)
    in_section = next(ids for name, ids in paper.sections if name == "2")[0]
    in_case = next(i for i in dict(paper.sections)["4"] if SITTING.bank[i].kind == "多选")
    marks = mark(SITTING, [full_sheet(SITTING, code, **{in_section: frozenset("AB")})])
    assert marks.total(code) == 15
    marks = mark(SITTING, [full_sheet(SITTING, code, **{in_case: frozenset("AB")})])
    assert marks.total(code) == 14


def test_strangers_and_strange_options_are_refused() -> None:
    """Unknown candidates, double sheets, foreign items and options are named."""
    code = SITTING.roster.candidates[0].code
    name = SITTING.papers.items_of(code)[0]
    with pytest.raises(AnswerError, match="名册中没有"):
        mark(SITTING, [AnswerSheet("X")])
    with pytest.raises(AnswerError, match="两份答卷"):
        mark(SITTING, [AnswerSheet(code), AnswerSheet(code)])
    with pytest.raises(AnswerError, match="不在这名考生的试卷上"):
        mark(SITTING, [AnswerSheet(code, chosen={"99-1": frozenset("A")})])
    with pytest.raises(AnswerError, match="没有选项 G"):
        mark(SITTING, [AnswerSheet(code, chosen={name: frozenset("G")})])
    with pytest.raises(AnswerError, match="不应有答案"):
        mark(SITTING, [AnswerSheet(code, Attendance.ABSENT, {name: frozenset("A")})])


def test_void_item_is_scaled_out_for_everybody() -> None:
    """After voiding one 1-point item, 14 of the remaining 15 points become 14.93 of 16."""
    code = SITTING.roster.candidates[0].code
    first, second = dict(SITTING.paper(code).sections)["1"][:2]
    sheet = full_sheet(SITTING, code, **{second: frozenset()})
    before = mark(SITTING, [sheet])
    assert before.total(code) == 15
    found = rescore(before, SITTING, [sheet], [VoidItem(first, "依据已修改")])
    assert found.after.total(code) == Decimal("14.93")
    assert found.before is before
    assert found.moved == {code: (Decimal(15), Decimal("14.93"))}
    assert "依据已修改" in repr(found)
    assert first not in found.after.responses.item_ids
    plain = rescore(before, SITTING, [sheet], [VoidItem(first, "原因", rescale=False)])
    assert plain.after.total(code) == 14


def test_second_key_and_give_to_all() -> None:
    """A second key helps those who chose it; giving to all helps even those who left it out."""
    code = SITTING.roster.candidates[0].code
    name = dict(SITTING.paper(code).sections)["1"][0]
    wrong = full_sheet(SITTING, code, **{name: frozenset("A")})
    before = mark(SITTING, [wrong])
    assert before.total(code) == 15
    both = rescore(before, SITTING, [wrong], [SecondKey(name, frozenset("A"), "两可")])
    assert both.after.total(code) == 16
    blank = full_sheet(SITTING, code, **{name: frozenset()})
    given_all = mark(SITTING, [blank], changes=[GiveToAll(name, "题目有误")])
    assert given_all.total(code) == 16


def test_responses_keep_omitted_and_not_presented_apart() -> None:
    """Omitted answers are category 0; items of other papers have no entry."""
    codes = [c.code for c in SITTING.roster]
    marks = mark(SITTING, [full_sheet(SITTING, codes[0]), AnswerSheet(codes[1])])
    matrix = marks.responses
    assert matrix.shape[0] == 2
    dense = matrix.dense()
    assert (dense[0] >= 0).sum() == len(SITTING.papers.items_of(codes[0]))
    assert set(np.unique(dense[1])) <= {-1, 0}
    two = matrix.stack(matrix)
    assert two.shape == (4, matrix.shape[1])
    assert np.array_equal(two.dense(), np.vstack([dense, dense]))


def test_stacked_categories_go_by_their_worth() -> None:
    """Full marks stay full marks where only the other sitting gave half of them."""
    halves = ResponseMatrix(
        ("A1", "A2", "A3"),
        ("1", "2"),
        np.array([0, 2, 4, 6]),
        np.array([0, 1] * 3, np.int32),
        np.array([0, 0, 1, 1, 2, 0], np.int8),
        ((0, 5_000, 10_000), (0, 10_000)),
    )
    whole = ResponseMatrix(
        ("B1", "B2"),
        ("1",),
        np.array([0, 1, 2]),
        np.zeros(2, np.int32),
        np.array([1, 0], np.int8),
        ((0, 10_000),),
    )
    for both in (halves.stack(whole), whole.stack(halves)):
        column = dict(zip(both.candidates, both.dense()[:, 0].tolist(), strict=True))
        assert column == {"A1": 0, "A2": 1, "A3": 2, "B1": 2, "B2": 0}
        assert both.categories.tolist() == [3, 2]


def test_blanks_and_subjective_answers() -> None:
    """Accepted words earn their share; a subjective answer needs a person's points in range."""
    from fazhi_exam.assembly import Blueprint, deal, seed_draw
    from fazhi_exam.bank import QuestionBank

    from ..examples import DAY, roster

    pool = QuestionBank((item("07-0001", "填空"), item("07-0002", "简答")))
    plan = Blueprint.model_validate(
        {"title": "卷", "sections": [
            {"id": "1", "title": "填空", "kind": "填空", "points": "2",
             "rows": [{"title": "a", "count": 1}]},
            {"id": "2", "title": "简答", "kind": "简答", "points": "6",
             "rows": [{"title": "b", "count": 1}]}]}
    )  # fmt: skip
    what = rules()
    paper = what.papers[0].model_copy(update={"blueprint": plan})
    what = what.model_copy(update={"papers": (paper,)})
    who = roster(1)
    drawn = deal(seed_draw(pool, plan, who, seed=1, exam_id="t", on=DAY))
    exam = Sitting("t-2", what, pool, who, drawn, DAY)
    sheet = AnswerSheet("K000", written={"07-0001": ("2年", "三百元"), "07-0002": ("略",)})
    with pytest.raises(AnswerError, match="还没有评分"):
        mark(exam, [sheet])
    with pytest.raises(AnswerError, match="不在 0 至 6 之间"):
        mark(exam, [sheet], human={("K000", "07-0002"): Decimal(7)})
    marks = mark(exam, [sheet], human={("K000", "07-0002"): Decimal("4.5")})
    assert marks.total("K000") == Decimal("5.5")
