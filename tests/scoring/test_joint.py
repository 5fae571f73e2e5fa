"""What the joint must not lose on the way: scale, steps, void items, notes and precision."""

from decimal import Decimal

import numpy as np
import pytest

from fazhi_exam.assembly import Blueprint, deal, seed_draw
from fazhi_exam.bank import QuestionBank
from fazhi_exam.delivery import AnswerSheet, Attendance, Sitting
from fazhi_exam.errors import NotEnoughData
from fazhi_exam.marking import mark
from fazhi_exam.marking.changes import GiveToAll, VoidItem
from fazhi_exam.marking.responses import ResponseMatrix
from fazhi_exam.psychometrics.ability import eap
from fazhi_exam.psychometrics.linking import rescale
from fazhi_exam.psychometrics.models import (
    GeneralisedPartialCredit,
    ItemModel,
    PartialCredit,
    Rasch,
    ThreePL,
    TwoPL,
)
from fazhi_exam.psychometrics.quadrature import NormalAbility
from fazhi_exam.psychometrics.reliability import compound_error, kr21
from fazhi_exam.psychometrics.responses import ResponseSet
from fazhi_exam.psychometrics.simulate import (
    simulate_abilities,
    simulate_items,
    simulate_responses,
)
from fazhi_exam.scoring import (
    Calibration,
    ScoreReport,
    calibrate,
    decision_quality,
    item_analysis,
    link,
    reference_curve,
    score,
)

from ..examples import DAY, bank, blueprint, item, roster, rules, sitting

EXAM = sitting(6)
CODES = [c.code for c in EXAM.roster]
EXAM_FULL = mark(EXAM, []).full_marks


def matrix(models: tuple[ItemModel, ...], theta: np.ndarray, seed: int = 3) -> ResponseMatrix:
    """Simulated answers of everybody to every item, as marking hands them on."""
    x = simulate_responses(models, theta, rng=seed).to_dense()
    people, items = x.shape
    return ResponseMatrix(
        tuple(f"K{n:05d}" for n in range(people)),
        tuple(f"07-{j:04d}" for j in range(items)),
        np.arange(people + 1, dtype=np.int64) * items,
        np.tile(np.arange(items, dtype=np.int32), people),
        x.ravel(),
        tuple(tuple(10_000 * k // (m.categories - 1) for k in range(m.categories)) for m in models),
    )


def alike(difficulty: float = 0.3) -> Calibration:
    """Every item of the bank with one and the same model."""
    ids = tuple(item.id for item in EXAM.bank)
    models = tuple(TwoPL(1.0, difficulty) for _ in ids)
    return Calibration(ids, models, np.full(len(ids), 500), 500, label="测试")


def sheet(code: str, right: int) -> AnswerSheet:
    names = EXAM.papers.items_of(code)[:right]
    return AnswerSheet(code, chosen={name: EXAM.bank[name].key for name in names})


def test_link_carries_the_population_along() -> None:
    """Abilities after a link are slope × ability + intercept of those before, prior included."""
    old = simulate_items(TwoPL, 20, rng=1)
    new = tuple(rescale(m, 1 / 1.4, 0.5) for m in old)
    ids = tuple(f"07-{j:04d}" for j in range(20))
    n = np.full(20, 900)
    first = Calibration(ids, new, n, 900, ((0.1, 0.2),) * 20, ability=NormalAbility(0.2, 0.9))
    found = link(first, Calibration(ids, old, n, 900))
    answers = simulate_responses(new, simulate_abilities(50, rng=2), rng=3)
    before = eap(first.models, answers, population=first.population)
    after = eap(found.calibration.models, answers, population=found.calibration.population)
    assert after.theta == pytest.approx(found.slope * before.theta + found.intercept, abs=1e-6)
    assert after.se == pytest.approx(found.slope * before.se, abs=1e-6)
    assert found.calibration.standard_errors[3] == pytest.approx((0.1 / 1.4, 0.2 * 1.4), abs=1e-4)
    assert "锚题 20 道" in found._repr_html_()


def test_linked_errors_are_those_of_the_moved_model() -> None:
    """Asymptotes keep their errors, steps stretch, a Rasch item's new slope has none."""
    kinds = (ThreePL(1.0, 0.1, 0.2), GeneralisedPartialCredit(1.0, (-0.5, 0.5)), Rasch(0.4))
    moved = tuple(rescale(m, 0.5, 0.0) for m in kinds)
    more = simulate_items(TwoPL, 12, rng=1)
    ids = tuple(f"07-{j:04d}" for j in range(15))
    errors = ((0.1, 0.2, 0.03), (0.1, 0.2, 0.3), (0.2,), *((0.1, 0.2),) * 12)
    n = np.full(15, 900)
    new = Calibration(ids, (*kinds, *more), n, 900, errors)
    old = Calibration(ids[3:], tuple(rescale(m, 0.5, 0.0) for m in more), n[3:], 900)
    found = link(new, old).calibration
    assert [type(m) for m in found.models[:3]] == [type(m) for m in moved]
    three, gpcm, rasch = found.standard_errors[:3]
    assert three == pytest.approx((0.2, 0.1, 0.03), abs=1e-5)
    assert gpcm == pytest.approx((0.2, 0.1, 0.15), abs=1e-5)
    assert np.isnan(rasch[0])
    assert rasch[1] == pytest.approx(0.1, abs=1e-5)


def test_anchors_that_nobody_saw_are_refused() -> None:
    """A calibration on anchors that are not among the answers would float on its own scale."""
    answers = matrix(simulate_items(Rasch, 12, rng=1), simulate_abilities(300, rng=2))
    with pytest.raises(NotEnoughData, match="锚题"):
        calibrate(answers, Rasch, anchors={"08-0001": Rasch(0.0)})


def test_a_weak_link_is_on_the_page() -> None:
    """Two anchors among thirty are too few, and the printed calibration says so."""
    truth = simulate_items(Rasch, 30, rng=1)
    answers = matrix(truth, simulate_abilities(400, rng=2))
    anchors = {"07-0000": truth[0], "07-0001": truth[1]}
    found = calibrate(answers, Rasch, anchors=anchors)
    assert found.notes
    assert "锚题仅 2 道" in found._repr_html_()


def test_an_anchor_with_half_marks_keeps_full_marks_full() -> None:
    """Where nobody got half, the one upper category of an anchor with three is its highest."""
    truth = (*simulate_items(TwoPL, 20, rng=1), TwoPL(1.5, 0.0))
    answers = matrix(truth, simulate_abilities(800, rng=2))
    anchors: dict[str, ItemModel] = {f"07-{j:04d}": m for j, m in enumerate(truth[:20])}
    # Half marks all but impossible: the item is the 2PL item in all but name.
    anchors["07-0020"] = GeneralisedPartialCredit(0.75, (20.0, -20.0))
    found = calibrate(answers, TwoPL, anchors=anchors)
    plain = calibrate(answers, TwoPL, anchors=anchors | {"07-0020": truth[20]})
    assert found.population.mean == pytest.approx(plain.population.mean, abs=1e-6)
    assert found.population.sd == pytest.approx(plain.population.sd, abs=1e-6)


def test_groups_have_their_own_means_and_items_their_own_models() -> None:
    """Two sittings half an sd apart, mixed kinds: the difference and the kinds come back."""
    truth = (*simulate_items(TwoPL, 25, rng=1), PartialCredit((-0.5, 0.5)))
    theta = np.concatenate([simulate_abilities(1500, rng=2), simulate_abilities(1500, rng=4) + 0.5])
    answers = matrix(truth, theta)
    groups = ["甲"] * 1500 + ["乙"] * 1500
    found = calibrate(answers, ThreePL, groups=groups,
                      other_models=dict.fromkeys(answers.item_ids[:25], TwoPL))  # fmt: skip
    assert found.fit is not None
    means = found.fit.population.means
    # In order of name 乙 comes first and is the zero of the scale.
    assert means[0] == 0
    assert means[1] == pytest.approx(-0.5, abs=0.1)
    assert found.population.mean == pytest.approx(means.mean())
    kinds = [type(m) for m in found.models]
    assert kinds == [TwoPL] * 25 + [GeneralisedPartialCredit]
    with pytest.raises(ValueError, match="2999 groups for 3000"):
        calibrate(answers, Rasch, groups=groups[1:])
    with pytest.raises(ValueError, match="not among the answers"):
        calibrate(answers, Rasch, other_models={"09-0001": Rasch})


def test_full_marks_stay_full_where_nobody_got_half() -> None:
    """Ability under a three-category model takes a full mark as the highest category."""
    ids = tuple(item.id for item in EXAM.bank)
    models = tuple(PartialCredit((-0.3, 0.4)) for _ in ids)
    given = Calibration(ids, models, np.full(len(ids), 500), 500)
    found = score(mark(EXAM, [sheet(CODES[0], 5)]), EXAM, given)
    size = len(EXAM.papers.items_of(CODES[0]))
    row = np.array([[2] * 5 + [0] * (size - 5)], np.int8)
    direct = eap(models[:size], ResponseSet.dense(row))
    assert found.ability[0] == pytest.approx(direct.theta[0], abs=1e-9)


def test_void_items_and_gifts_do_not_bend_the_equated_score() -> None:
    """On papers of equal items the total stays its own equivalent, whatever was void or given."""
    name = EXAM.papers.items_of(CODES[0])[0]
    half = len(EXAM.papers.items_of(CODES[0])) // 2
    for change in (VoidItem(name, "错"), VoidItem(name, "错", rescale=False)):
        marks = mark(EXAM, [sheet(CODES[0], half)], changes=[change])
        found = score(marks, EXAM, alike())
        left = sum(m.possible for m in marks.of(CODES[0]))
        most = EXAM_FULL if change.rescale else left
        total, equated = found.totals[0], found.equated[0]
        assert total is not None
        assert equated is not None
        assert float(equated) == pytest.approx(float(total * EXAM_FULL / most), abs=0.06)
    marks = mark(EXAM, [sheet(CODES[0], 12), AnswerSheet(CODES[1])],
                 changes=[GiveToAll(name, "错")])  # fmt: skip
    given, plain = (
        score(marks, EXAM, alike()),
        score(mark(EXAM, [sheet(CODES[0], 12)]), EXAM, alike()),
    )
    assert given.equated[0] == EXAM_FULL
    # The gift is no evidence of ability.
    assert given.ability[0] < plain.ability[0]


def test_reference_paper_holds_what_every_paper_holds() -> None:
    """An item that must be on every paper counts fully in the reference curve."""
    name = next(i.id for i in bank() if i.kind == "单选")
    what = blueprint(include=[name])
    ids = tuple(item.id for item in bank())
    models = tuple(TwoPL(1.0, 2.0 if i == name else -1.0) for i in ids)
    given = Calibration(ids, models, np.full(len(ids), 500), 500)
    curve = reference_curve(what, bank(), given, on=DAY)
    middle = int(np.searchsorted(curve.nodes, 0.0))
    hard, easy = 1 / (1 + np.exp(2.0)), 1 / (1 + np.exp(-1.0))
    points = {s.kind: float(s.points) for s in what.sections}
    own = next(v for k, v in points.items() if k == "单选")
    full = float(what.total_points)
    assert curve.expected[middle] == pytest.approx((full - own) * easy + own * hard, abs=1e-9)
    rest = tuple(i for i in ids if i != name)
    lacking = Calibration(rest, models[1:], np.full(len(rest), 500), 500)
    with pytest.raises(NotEnoughData, match="参照卷"):
        reference_curve(what, bank(), lacking, on=DAY)


def test_error_of_a_raw_total_is_the_compound_binomial_one() -> None:
    """Right and wrong answers in parts of 1 and 2 points: Feldt's formula, part by part."""
    marks = mark(EXAM, [sheet(CODES[0], 7), AnswerSheet(CODES[1], Attendance.VOIDED)])
    found = score(marks, EXAM)
    assert found.raw_error is not None
    parts: dict[Decimal, list[bool]] = {}
    for one in marks.of(CODES[0]):
        parts.setdefault(one.possible, []).append(one.awarded == one.possible)
    worth = sorted(parts)
    expected = compound_error(
        [[sum(parts[w]) for w in worth]], [len(parts[w]) for w in worth], [float(w) for w in worth]
    )
    assert found.raw_error[0] == pytest.approx(expected[0], abs=1e-12)
    assert np.isnan(found.raw_error[1])


def raw(totals: np.ndarray, items: int, cut: int) -> ScoreReport:
    """A report of right answers out of `items`, without a calibration."""
    n = len(totals)
    empty = np.full(n, np.nan)
    errors = np.sqrt(totals * (items - totals) / (items - 1))
    return ScoreReport(
        "t", Decimal(items), tuple(map(str, range(n))), (Attendance.PRESENT,) * n,
        tuple(Decimal(int(t)) for t in totals), (None,) * n, empty, empty,
        cut=Decimal(cut), raw_error=errors,
    )  # fmt: skip


def test_decision_quality_without_a_calibration() -> None:
    """On binomial scores of known truth: KR-21, and accuracy and consistency as counted."""
    random = np.random.default_rng(5)
    truth = random.beta(9, 4, 40_000)
    first, second = random.binomial(60, truth), random.binomial(60, truth)
    found = decision_quality(raw(first.astype(float), 60, 36))
    assert not found.by_ability
    assert found.reliability == pytest.approx(kr21(first.mean(), first.var(), 60), abs=1e-12)
    right = np.mean((first >= 36) == (truth >= 0.6))
    same = np.mean((first >= 36) == (second >= 36))
    assert found.accuracy == pytest.approx(right, abs=0.01)
    assert found.consistency == pytest.approx(same, abs=0.01)
    error = np.sqrt(60 * 0.6 * 0.4)
    assert found.near_cut == pytest.approx(np.sum(np.abs(first - 36) <= error), rel=0.05)
    assert "按卷面分估计" in str(found)


def test_the_page_of_a_score_report_speaks_of_decisions() -> None:
    """Every printed report holds decision quality or says why not; the ceiling case included."""
    random = np.random.default_rng(5)
    page = raw(random.binomial(50, 0.985, 400).astype(float), 50, 30)._repr_html_()
    assert "估计判定正确的占 100.0%" in page
    assert "卷面分不低于合格线" in page
    assert "判定质量" in raw(np.array([3.0, 4.0]), 10, 6)._repr_html_()
    assert "判定质量" in score(mark(EXAM, []), EXAM)._repr_html_()
    same = raw(np.full(40, 50.0), 50, 30)
    assert "所有人得分相同" in same._repr_html_()


def test_a_wrong_blank_is_not_an_omission() -> None:
    """Marks keep which blanks are right; a wrong 填空 must not be counted as left out."""
    items = tuple(item(f"07-{k:04d}", "填空") for k in range(1, 4))
    section = {"id": "1", "title": "填空题", "kind": "填空", "points": "8",
               "rows": [{"title": "不限", "count": 3}]}  # fmt: skip
    what = Blueprint.model_validate({"title": "填空卷", "sections": [section]})
    paper = rules().papers[0].model_copy(update={"blueprint": what})
    people, pool = roster(40), QuestionBank(items, {})
    drawn = deal(seed_draw(pool, what, people, seed=1, exam_id="t", on=DAY))
    exam = Sitting("t", rules(papers=(paper,)), pool, people, drawn, DAY)
    wrong = {i.id: ("三年", "一千元") for i in items}
    found = item_analysis(mark(exam, [AnswerSheet(c.code, written=wrong) for c in people]), exam)
    assert [report.omitted for report in found.items] == [0, 0, 0]
    assert [report.facility for report in found.items] == [0, 0, 0]


def test_a_calibration_lists_its_parameters() -> None:
    """Every item stands in the records and on the page with parameters, errors and answers."""
    truth = (*simulate_items(Rasch, 12, rng=1), PartialCredit((-0.5, 0.5)))
    found = calibrate(matrix(truth, simulate_abilities(300, rng=2)), Rasch)
    rows = found.records()
    assert [row["题目"] for row in rows] == list(found.item_ids)
    assert rows[0]["难度"] == pytest.approx(found.models[0].parameters[0])
    assert rows[0]["区分度"] == 1
    assert rows[12]["难度"] == pytest.approx(np.mean(found.models[12].parameters))
    assert rows[0]["难度标准误"] == pytest.approx(found.standard_errors[0][0])
    assert rows[0]["作答人数"] == 300
    assert "07-0012" in found._repr_html_()
