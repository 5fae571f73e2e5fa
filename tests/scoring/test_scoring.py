"""Scores rest on stated parameters; decisions on the programme's rule alone."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from fazhi_exam.assembly import deal, seed_draw
from fazhi_exam.delivery import AnswerSheet, AttemptRule, Attendance, DecisionBasis, Sitting
from fazhi_exam.errors import NotEnoughData, ProgrammeError
from fazhi_exam.marking import mark
from fazhi_exam.psychometrics.models import Rasch, TwoPL
from fazhi_exam.roster import Candidate, Roster
from fazhi_exam.scoring import (
    Calibration,
    Flag,
    Grade,
    Outcome,
    calibrate,
    decide,
    item_analysis,
    over_attempts,
    over_papers,
    reference_curve,
    score,
)
from fazhi_exam.simulate import simulate_answers

from ..examples import DAY, bank, roster, rules, sitting

EXAM = sitting(6)
CODES = [c.code for c in EXAM.roster]


def given(difficulty: float = 0.0, exam: Sitting = EXAM) -> Calibration:
    ids = tuple(item.id for item in exam.bank)
    models = tuple(TwoPL(1.0, difficulty + (k % 5 - 2) / 4) for k in range(len(ids)))
    return Calibration(ids, models, np.full(len(ids), 500), 500, label="测试")


def sheet(code: str, right: int, exam: Sitting = EXAM) -> AnswerSheet:
    names = exam.papers.items_of(code)[:right]
    return AnswerSheet(code, chosen={name: exam.bank[name].key for name in names})


def test_reference_curve_is_the_mean_over_the_bank() -> None:
    """At every ability the curve equals the average expected score of many dealt papers."""
    calibration = given()
    what = rules()
    many = roster(3000)
    papers = deal(seed_draw(bank(), what.blueprint, many, seed=5, exam_id="t", on=DAY))
    curve = reference_curve(what.blueprint, bank(), calibration, on=DAY)
    middle = int(np.searchsorted(curve.nodes, 0.5))
    theta = curve.nodes[middle : middle + 1]
    worth = {
        i: float(papers.worth[i].points) * float(calibration.share_curve(i, theta)[0])
        for i in papers.item_ids
    }
    table = np.array([worth[i] for i in papers.item_ids])[papers.matrix].sum(axis=1)
    error = table.std() / np.sqrt(len(table))
    assert abs(table.mean() - curve.expected[middle]) < 4 * error
    assert np.all(np.diff(curve.expected) > 0)
    assert curve.ability_at(float(curve.expected[100])) == pytest.approx(curve.nodes[100])


def test_equated_score_undoes_the_difficulty_of_a_paper() -> None:
    """On papers of equal items the equated score is the raw score; ends stay ends."""
    same = Calibration(
        given().item_ids, tuple(TwoPL(1.0, 0.3) for _ in given().item_ids), np.ones(42), 500
    )
    sheets = [sheet(CODES[0], 11), sheet(CODES[1], 6), AnswerSheet(CODES[2])]
    found = score(mark(EXAM, sheets), EXAM, same)
    assert found.equated[0] == 16 == found.totals[0]
    assert found.equated[2] == 0 == found.totals[2]
    assert abs(found.equated[1] - found.totals[1]) <= Decimal("0.01")  # type: ignore[operator]
    assert found.is_equated
    assert np.isnan(found.ability[3])
    assert found.ability[0] > found.ability[1] > found.ability[2]


def test_harder_paper_gives_a_higher_equated_score() -> None:
    """If the own paper's items are harder than the bank, the same raw total equates to more."""
    base = given()
    own = set(EXAM.papers.items_of(CODES[0]))
    models = tuple(TwoPL(1.0, 1.0 if i in own else -1.0) for i in base.item_ids)
    found = score(mark(EXAM, [sheet(CODES[0], 6)]), EXAM, replace(base, models=models))
    assert found.equated[0] > found.totals[0]  # type: ignore[operator]


def test_decisions_give_reasons_and_keep_states_apart() -> None:
    """Passed, failed, absent, voided and exempt differ; raw decides, the other is shown."""
    sheets = [
        sheet(CODES[0], 11),
        sheet(CODES[1], 2),
        AnswerSheet(CODES[2], Attendance.VOIDED),
        AnswerSheet(CODES[3], Attendance.DEFERRED),
    ]
    scores = score(mark(EXAM, sheets), EXAM, given())
    found = decide(scores, EXAM)
    assert [d.outcome for d in found.decisions] == [
        Outcome.PASSED, Outcome.FAILED, Outcome.VOIDED, Outcome.DEFERRED, Outcome.ABSENT,
        Outcome.ABSENT,
    ]  # fmt: skip
    assert found[CODES[0]].reason == "卷面分 16 不低于合格线 10"
    assert found[CODES[0]].grade is Grade.EXCELLENT
    assert "低于合格线 10" in found[CODES[1]].reason
    assert found[CODES[2]].reason == "违纪，本次成绩无效"
    sure = found[CODES[0]].sureness
    assert sure is not None
    assert 0.5 < sure <= 1
    assert "实考 2 人，合格 1 人，缺考 2 人，违纪 1 人" in repr(found)


def test_the_basis_decides_and_nothing_else() -> None:
    """A raw total of 9 fails by raw; where equated 10 decides, it passes, and says so."""
    base = given()
    own = set(EXAM.papers.items_of(CODES[0]))
    hard = tuple(TwoPL(1.0, 1.0 if i in own else -1.0) for i in base.item_ids)
    calibration = replace(base, models=hard)
    answers = [sheet(CODES[0], 7)]
    by_raw = decide(score(mark(EXAM, answers), EXAM, calibration), EXAM)
    other = rules(decision_basis=DecisionBasis.EQUATED)
    exam = Sitting("t-1", other, EXAM.bank, EXAM.roster, EXAM.papers, DAY)
    by_equated = decide(score(mark(exam, answers), exam, calibration), exam)
    raw, equated = by_raw[CODES[0]], by_equated[CODES[0]]
    assert raw.raw == equated.raw
    assert raw.equated == equated.equated
    assert raw.raw < 10 <= raw.equated  # type: ignore[operator]
    assert (raw.outcome, equated.outcome) == (Outcome.FAILED, Outcome.PASSED)
    assert equated.reason.startswith("等值分")
    with pytest.raises(ProgrammeError, match="无法计算等值分"):
        decide(score(mark(exam, answers), exam), exam)


def test_best_last_and_first_pass() -> None:
    """Of 8, 12 and 11 points the best is 12, the last 11, the first pass 12."""
    tries = []
    for attempt, right in enumerate((5, 9, 8), 1):
        scores = score(mark(EXAM, [sheet(CODES[0], right)]), EXAM)
        tries.append(decide(scores, EXAM, attempt=attempt))
    raws = [t[CODES[0]].raw for t in tries]
    assert over_attempts(tries)[CODES[0]].raw == max(r for r in raws if r is not None)
    assert over_attempts(tries, AttemptRule.LAST)[CODES[0]].attempt == 3
    first = over_attempts(tries, AttemptRule.FIRST_PASS)[CODES[0]]
    assert first.outcome is Outcome.PASSED
    assert first.attempt == 2
    assert over_attempts(tries)[CODES[1]].outcome is Outcome.ABSENT
    with pytest.raises(ValueError, match="at least one attempt"):
        over_attempts([])


def test_both_papers_must_be_passed() -> None:
    """Passing one of two papers is not passing; a void paper outweighs all."""
    one = rules().papers[0]
    both = rules(papers=(one, one.model_copy(update={"id": "q", "title": "专业"})))
    good = decide(score(mark(EXAM, [sheet(c, 11) for c in CODES]), EXAM), EXAM)
    bad = decide(
        score(mark(EXAM, [sheet(CODES[0], 1), AnswerSheet(CODES[1], Attendance.VOIDED)]), EXAM),
        EXAM,
    )
    joined = over_papers({"p": good, "q": bad}, both)
    assert joined[CODES[0]].outcome is Outcome.FAILED
    assert joined[CODES[1]].outcome is Outcome.VOIDED
    assert joined[CODES[2]].outcome is Outcome.ABSENT
    assert joined[CODES[0]].reason == "科目：合格；专业：不合格"
    assert over_papers({"p": good, "q": good}, both)[CODES[0]].outcome is Outcome.PASSED
    with pytest.raises(ProgrammeError, match="还没有“专业”的结论"):
        over_papers({"p": good}, both)


def test_exempt_candidates_are_decided_as_such() -> None:
    """An exempt candidate has no marks, and the decision names the ground."""
    people = Roster((Candidate("A", {"单位": "甲"}, exempt="法律职业资格"), Candidate("B", {})))
    what = rules()
    drawn = deal(seed_draw(bank(), what.blueprint, people, seed=1, exam_id="t", on=DAY))
    exam = Sitting("t", what, bank(), people, drawn, DAY)
    found = decide(score(mark(exam, []), exam), exam)
    assert found["A"].outcome is Outcome.EXEMPT
    assert "法律职业资格" in found["A"].reason
    assert found["B"].outcome is Outcome.ABSENT


def test_calibration_needs_people_and_recovers_difficulties() -> None:
    """240 people are too few for 2PL and the error says how many; 3,000 recover Rasch."""
    exam = sitting(3000, seed=9)
    truth = {i.id: Rasch(float(b)) for i, b in
             zip(exam.bank, np.linspace(-1.5, 1.5, len(exam.bank)), strict=True)}  # fmt: skip
    random = np.random.default_rng(1)
    abilities = {c.code: float(random.standard_normal()) for c in exam.roster}
    marks = mark(exam, simulate_answers(exam, abilities, truth, rng=2, omitted=0))
    whole = marks.responses
    binary = whole.categories == 2
    found = calibrate(whole, Rasch)
    pairs = [
        (truth[i].b, found[i].b)  # type: ignore[attr-defined]
        for i, two in zip(found.item_ids, binary, strict=True) if two
    ]  # fmt: skip
    true, estimated = np.array(pairs).T
    assert np.corrcoef(true, estimated)[0, 1] > 0.97
    small = sitting(240, seed=9)
    few = mark(small, simulate_answers(small, abilities, truth, rng=2)).responses
    with pytest.raises(NotEnoughData) as caught:
        calibrate(few, TwoPL)
    assert caught.value.have == 240
    assert caught.value.need > 240
    assert "双参数模型" in str(caught.value)


def test_item_analysis_counts_and_flags() -> None:
    """Facility is the share of points won by those who saw the item; few are not judged."""
    sheets = [sheet(code, 11) for code in CODES[:4]] + [AnswerSheet(CODES[4])]
    found = item_analysis(mark(EXAM, sheets), EXAM)
    assert found.people == 5
    by_id = {report.item_id: report for report in found.items}
    for name, report in by_id.items():
        saw = [c for c in CODES[:5] if name in EXAM.papers.items_of(c)]
        assert report.answers == len(saw)
        right = sum(c != CODES[4] for c in saw)
        assert report.facility == pytest.approx(right / len(saw))
        assert report.omitted == (CODES[4] in saw)
        assert report.flags == (Flag.FEW_ANSWERS,)
    assert len(found.flagged()) == len(found.items)
    assert "5 人" in repr(found)
    assert item_analysis(mark(EXAM, []), EXAM).items == ()


def test_key_suspect_is_found() -> None:
    """When the better candidates choose another option than the key, the item is flagged."""
    exam = sitting(400, seed=3)
    name = max(exam.papers.item_ids, key=lambda i: sum(
        i in exam.papers.items_of(c.code) for c in exam.roster))  # fmt: skip
    sheets = []
    for k, candidate in enumerate(exam.roster):
        names = exam.papers.items_of(candidate.code)
        good = k % 2 == 0
        chosen = {n: exam.bank[n].key for n in (names if good else names[:3])}
        if name in names:
            wrong = next(o.id for o in exam.bank[name].options if o.id not in exam.bank[name].key)
            chosen[name] = frozenset(wrong) if good else exam.bank[name].key
        sheets.append(AnswerSheet(candidate.code, chosen=chosen))
    found = item_analysis(mark(exam, sheets), exam)
    report = next(r for r in found.items if r.item_id == name)
    assert Flag.NEGATIVE in report.flags
    assert Flag.KEY_SUSPECT in report.flags
