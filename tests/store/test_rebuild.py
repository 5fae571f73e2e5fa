"""A sitting and its scores come back from the store as they were."""

from pathlib import Path

import numpy as np
import pytest

from fazhi_exam.assembly import deal_forms, draw_form
from fazhi_exam.bank import QuestionBank
from fazhi_exam.delivery import Room, Sitting, assign_seats
from fazhi_exam.errors import StoreError
from fazhi_exam.marking import Marks, mark
from fazhi_exam.psychometrics.models import PartialCredit, Rasch
from fazhi_exam.roster import Candidate, Roster
from fazhi_exam.scoring import Calibration, decide, score
from fazhi_exam.simulate import simulate_answers, synthetic_models
from fazhi_exam.store import open_store
from fazhi_exam.store.identity import digest, sitting_facts

from ..examples import DAY, bank, item, roster, rules, sitting


def parameters(exam: Sitting, marks: Marks) -> Calibration:
    """Item parameters of nobody, for every item of the bank."""
    seen = marks.responses
    steps = dict(zip(seen.item_ids, seen.categories.tolist(), strict=True))
    ids = tuple(sorted(i.id for i in exam.bank))
    models = tuple(
        Rasch(0.1 * k) if steps.get(name, 2) == 2 else PartialCredit((0.0, 0.1 * k))
        for k, name in enumerate(ids)
    )
    return Calibration(ids, models, np.full(len(ids), 50), 50)


def held(folder: Path, exam: Sitting) -> str:
    """Record an exam with simulated answers and say where."""
    address = f"sqlite:///{(folder / 'e.db').as_posix()}"
    models = synthetic_models(exam.bank, rng=1)
    sheets = simulate_answers(exam, dict.fromkeys(exam.papers.codes, 0.3), models, rng=1)
    marks = mark(exam, sheets)
    scores = score(marks, exam, parameters(exam, marks))
    with open_store(address) as store:
        store.record(exam, marks, decide(scores, exam), scores)
    return address


def test_sitting_comes_back_whole(tmp_path: Path) -> None:
    """Rules, people, seats and every paper are those that were recorded, by their fingerprint."""
    exam = sitting(9)
    people = Roster((*exam.roster, Candidate("K900", {"单位": "甲镇"}, exempt="上年已合格")),
                    dict(exam.roster.persons))  # fmt: skip
    seated = Sitting(
        exam.id, exam.programme, exam.bank, people, exam.papers, DAY,
        seats=assign_seats(people, [Room("1", 5), Room("2", 5)]), title="标题",
    )  # fmt: skip
    with open_store(held(tmp_path, seated)) as store:
        found = store.sitting(exam.id, exam.bank)
        assert digest(sitting_facts(found)) == digest(sitting_facts(seated))
        assert [p.digest for p in found.papers] == [p.digest for p in seated.papers]
        assert found.programme == seated.programme
        assert found.rooms == seated.rooms
        assert dict(found.roster.persons) == dict(seated.roster.persons)
        scores = store.scores(exam.id)
        assert "K900" not in scores.candidates
        assert score(store.marks(exam.id), found).totals == scores.totals


def test_scores_come_back_equal(tmp_path: Path) -> None:
    """Totals and equated scores are exact; abilities are the same numbers."""
    exam = sitting(9)
    address = held(tmp_path, exam)
    with open_store(address) as store:
        marks, found = store.marks(exam.id), store.scores(exam.id)
    wanted = score(marks, exam, parameters(exam, marks))
    assert (found.totals, found.equated) == (wanted.totals, wanted.equated)
    np.testing.assert_array_equal(found.ability, wanted.ability)
    np.testing.assert_array_equal(found.standard_error, wanted.standard_error)
    assert (found.candidates, found.full_marks) == (wanted.candidates, wanted.full_marks)


def test_other_wording_is_refused_and_growth_is_not(tmp_path: Path) -> None:
    """A bank with more questions will do; one where an asked question changed or went will not."""
    exam = sitting(6)
    used = sorted(exam.papers.worth)[0]
    grown = QuestionBank((*exam.bank, item("07-9999")), exam.bank.cases)
    changed = [
        type(i).model_validate({**dict(i), "stem": "改过的题干"}) if i.id == used else i
        for i in exam.bank
    ]
    with open_store(held(tmp_path, exam)) as store:
        assert store.sitting(exam.id, grown).bank is grown
        with pytest.raises(StoreError, match=f"题目 {used} 在考试之后改过"):
            store.sitting(exam.id, QuestionBank(tuple(changed), exam.bank.cases))
        with pytest.raises(StoreError, match="没有这个考次"):
            store.sitting("x", grown)
        with pytest.raises(StoreError, match="没有这个考次"):
            store.scores("x")


def test_forms_of_several_draws_are_said(tmp_path: Path) -> None:
    """A/B papers have no single record, and the store says so instead of guessing."""
    pool, who, what = bank(), roster(6), rules()
    forms = [
        draw_form(pool, what.blueprint, seed=k, exam_id="t", on=DAY, code=code)
        for k, code in enumerate("AB")
    ]
    papers = deal_forms(pool, what.blueprint, forms, who, seed=1, exam_id="t", on=DAY)
    exam = Sitting("ab", what, pool, who, papers, DAY)
    with open_store(held(tmp_path, exam)) as store, pytest.raises(StoreError, match="A、B 卷"):
        store.sitting("ab", pool)
