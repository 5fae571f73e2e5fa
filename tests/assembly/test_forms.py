"""One form for everyone, and A/B forms."""

from datetime import date

import pytest

from fazhi_exam.assembly import (
    Blueprint,
    DealtPapers,
    JoinedPapers,
    Mode,
    alternatives,
    commit_forms,
    deal,
    deal_forms,
    draw_form,
    draw_papers,
    drawable,
    form_of,
    swapped,
)
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
    assert turns.worth[forms[0].item_ids[0]].points > 0
    with pytest.raises(DrawError, match="不在抽题名单"):
        turns["K9"]


def test_a_form_written_by_hand_must_fit() -> None:
    """A list that does not fill the blueprint is refused by the row at fault."""
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    assert form_of(BANK, blueprint(), form.item_ids, code="A", on=ON) == form
    short = [name for name in form.item_ids if name != _first(form.item_ids)]
    with pytest.raises(DrawError, match="应有 5 题，选了 4 题"):
        form_of(BANK, blueprint(), short, code="A", on=ON)


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
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    papers = deal_forms(BANK, blueprint(), [form], roster(2), seed=2, exam_id="试", on=ON)
    with pytest.raises(DrawError, match="两份试卷"):
        JoinedPapers([papers, papers])


def test_forms_can_be_committed() -> None:
    """Who gets which form can be committed and revealed; the papers hold the committed forms."""
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    secret = bytes(range(32))
    (draw,) = commit_forms(BANK, blueprint(), [form], roster(3), secret=secret, exam_id="试", on=ON)
    papers = deal(draw.reveal(secret=secret, digits="77"))
    assert {frozenset(paper.item_ids) for paper in papers} == {frozenset(form.item_ids)}


@pytest.mark.parametrize(("mode", "different"), [("fixed", 1), ("ab", 2), ("per_candidate", 8)])
def test_modes(mode: str, different: int) -> None:
    """One verb gives one form, two forms without a common item, or a paper each."""
    wanted = Blueprint.model_validate({**dict(blueprint()), "mode": Mode(mode)})
    papers = draw_papers(BANK, wanted, roster(8), seed=3, exam_id="试", on=ON)
    sets = {frozenset(paper.item_ids) for paper in papers}
    assert len(sets) == different
    if mode == "ab":
        assert isinstance(papers, JoinedPapers)
        one, two = sets
        assert not one & two
    else:
        assert isinstance(papers, DealtPapers)
    assert "8 份" in repr(papers)


def test_a_form_shares_what_it_shares() -> None:
    """Overlap counts common items; a form shares all items with itself."""
    form = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    assert form.overlap(form) == 35
    assert "A" in repr(form)


def test_one_item_can_be_exchanged() -> None:
    """An exchange keeps the blueprint, the limits and everything else in its place."""
    wanted = blueprint(bounds='[[bounds]]\ntitle="条"\nper="article"\nmaximum=6')
    pool = drawable(wanted, BANK, on=ON)
    form = draw_form(BANK, wanted, seed=1, exam_id="试", on=ON)
    old = _first(form.item_ids)
    others = alternatives(pool, form, old)
    assert others
    new = swapped(pool, form, old, others[0])
    assert [n for n in new.item_ids if n != others[0]] == [n for n in form.item_ids if n != old]
    assert form_of(BANK, wanted, new.item_ids, code="A", on=ON).total_points == 47
    for other in others:
        assert not BANK.enemies.get(other, frozenset()) & (set(form.item_ids) - {old})
        cited = [c for n in swapped(pool, form, old, other).item_ids for c in BANK[n].citations]
        assert max(cited.count(c) for c in cited) <= 6


def test_exchanges_that_break_something_are_refused() -> None:
    """What is not on the form, fixed, of another row, or already there cannot be exchanged."""
    wanted = Blueprint.model_validate({**dict(blueprint()), "include": frozenset(["07-0000"])})
    pool = drawable(wanted, BANK, on=ON)
    form = draw_form(BANK, wanted, seed=1, exam_id="试", on=ON)
    old = next(n for n in form.item_ids if n.startswith("08") and not BANK[n].case)
    with pytest.raises(DrawError, match="没有题目"):
        alternatives(pool, form, "99-9999")
    with pytest.raises(DrawError, match="必选题"):
        alternatives(pool, form, "07-0000")
    with pytest.raises(DrawError, match="不能替换"):
        swapped(pool, form, old, "07-0000")


def test_limits_from_below_hold_in_an_exchange() -> None:
    """An exchange that would fall below a lower limit is not offered."""
    free = draw_form(BANK, blueprint(), seed=1, exam_id="试", on=ON)
    hard = sum(BANK[n].band.value == "中" for n in free.item_ids if not BANK[n].case)
    bound = f'[[bounds]]\ntitle="中"\nkinds=["单选","多选","判断"]\nbands=["中"]\nminimum={hard}'
    cases = sum(BANK[n].band.value == "中" for n in free.item_ids if BANK[n].case)
    pool = drawable(blueprint(bounds=bound.replace(str(hard), str(hard + cases))), BANK, on=ON)
    old = next(n for n in free.item_ids if BANK[n].band.value == "中" and not BANK[n].case)
    assert {BANK[n].band.value for n in alternatives(pool, free, old)} <= {"中"}
