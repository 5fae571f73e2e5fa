"""One form for everyone, and A/B forms."""

from datetime import date

import pytest

from fazhi_exam.assembly import deal_forms, draw_form, form_of
from fazhi_exam.bank import QuestionBank
from fazhi_exam.errors import DrawError
from fazhi_exam.roster import Candidate, Roster
from fazhi_exam.rules import AllOrNothing, HalfSubset

from .banks import bank, blueprint, item, roster

ON = date(2026, 12, 1)
BANK = bank()


def test_a_drawn_form_is_on_blueprint() -> None:
    """A form has the points of the blueprint, and each section its rule."""
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    assert form.total_points == blueprint().total_points
    assert len(form) == 35
    assert {one.rule for one in form.sections[1].items} == {HalfSubset()}
    assert {one.rule for one in form.sections[0].items} == {AllOrNothing()}
    assert {one.case for one in form.sections[3].items} <= set(BANK.cases)


def test_everyone_gets_the_form_in_an_order_of_their_own() -> None:
    """With one form all papers hold the same items, in different orders."""
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    papers = deal_forms(BANK, blueprint(), [form], roster(12), seed=2, exam_id="试", on=ON)
    assert {frozenset(paper.item_ids) for paper in papers} == {frozenset(form.item_ids)}
    assert len({paper.item_ids for paper in papers}) == 12


def test_two_forms_go_by_neighbour_class_or_in_turn() -> None:
    """Neighbours get different forms; without classes the roster takes turns."""
    forms = [
        draw_form(BANK, blueprint(), seed=n, exam_id="试", on=ON, code=code)
        for n, code in enumerate("AB")
    ]
    people = Roster(tuple(Candidate(f"K{n}", neighbour_class=n // 3 % 2) for n in range(9)))
    papers = deal_forms(BANK, blueprint(), forms, people, seed=2, exam_id="试", on=ON)
    for n in range(9):
        assert set(papers[f"K{n}"].item_ids) == set(forms[n // 3 % 2].item_ids)
    turns = deal_forms(BANK, blueprint(), forms, roster(4), seed=2, exam_id="试", on=ON)
    assert set(turns.items_of("K0002")) == set(forms[1].item_ids)
    assert turns.codes == ("K0001", "K0002", "K0003", "K0004")
    assert turns.matrix.shape == (4, 35)
    assert turns.worth["07-0000" if "07-0000" in turns.worth else forms[0].item_ids[0]].points > 0
    with pytest.raises(DrawError, match="不在抽题名单"):
        turns["K9"]


def test_a_form_written_by_hand_must_fit() -> None:
    """A list that does not fill the blueprint is refused by the row at fault."""
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    assert form_of(BANK, blueprint(), form.item_ids, code="A", on=ON) == form
    with pytest.raises(DrawError, match="应有 5 题，选了 4 题"):
        form_of(BANK, blueprint(), form.item_ids[1:], code="A", on=ON) if form.item_ids[
            0
        ].startswith("07") else form_of(
            BANK,
            blueprint(),
            [n for n in form.item_ids if n != _first(form.item_ids)],
            code="A",
            on=ON,
        )


def _first(names: tuple[str, ...]) -> str:
    return next(n for n in names if n.startswith("07") and BANK[n].kind.value == "单选")


def test_a_changed_item_is_found() -> None:
    """A form does not go out when one of its items was reworded or removed."""
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    gone = _first(form.item_ids)
    rest = tuple(one for one in BANK if one.id != gone)
    with pytest.raises(DrawError, match=f"{gone} 已不在题库"):
        form.check(QuestionBank(rest, BANK.cases))
    with pytest.raises(DrawError, match=f"{gone} 在成卷后被修改"):
        form.check(QuestionBank((*rest, item(gone, stem="改过的题干")), BANK.cases))


def test_nobody_has_two_papers() -> None:
    """Joined papers refuse a candidate who is in two parts."""
    from fazhi_exam.assembly import JoinedPapers

    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    papers = deal_forms(BANK, blueprint(), [form], roster(2), seed=2, exam_id="试", on=ON)
    with pytest.raises(DrawError, match="两份试卷"):
        JoinedPapers([papers, papers])
