"""Figures of a sitting: bands, comparison of units, how sure decisions are."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from docx import Document
from scipy.stats import norm

from fazhi_exam.marking import mark
from fazhi_exam.passrate import pass_rates
from fazhi_exam.psychometrics.models import Rasch
from fazhi_exam.report import write_bulletin, write_html_report, write_score_list
from fazhi_exam.report.certainty import certainty, second_exam
from fazhi_exam.report.summary import compare_units, result_hash, score_bands
from fazhi_exam.scoring import Calibration, Outcome, decide, item_analysis, score
from fazhi_exam.simulate import simulate_answers
from tests import examples
from tests.report.worlds import ordinary, world


def scored(totals: list[str], full: str = "100") -> object:
    base = ordinary().scores
    return replace(base, totals=tuple(map(Decimal, totals)), full_marks=Decimal(full))


def test_bands_hold_everybody_once() -> None:
    """A total on an edge belongs to the band above it."""
    bands = score_bands(scored(["100", "90", "89.99", "60", "59.99", "0"]), Decimal(60))
    assert [(b.low, b.high, b.people) for b in bands] == [
        (90, None, 2), (80, 90, 1), (70, 80, 0), (60, 70, 1), (0, 60, 2)]  # fmt: skip


def test_bands_have_edges_at_cut_and_excellent() -> None:
    """A line that is no tenth is an edge too, so no band mixes pass and fail."""
    bands = score_bands(scored(["84", "85", "94", "95"]), Decimal(85), Decimal(95))
    assert [(b.low, b.people) for b in bands][:4] == [(95, 1), (90, 1), (85, 1), (80, 1)]


def test_small_units_are_never_flagged() -> None:
    """A unit under ten people is not named, even where the funnel would flag it."""
    units = {"甲镇": (300, 0, 0, 0), "乙镇": (0, 9, 0, 0)}
    found = compare_units(world(units).rates)
    assert found.funnel is not None
    assert found.funnel.flagged[found.names.index("乙镇")]
    assert found.below == ()
    assert [row.group for row in found.small] == ["乙镇"]


def test_empty_units_stand_apart() -> None:
    """A unit in which nobody sat has no place in the comparison and is not lost."""
    found = compare_units(world({"甲镇": (12, 3, 0, 0), "乙镇": (0, 0, 4, 0)}).rates)
    assert found.names == ("甲镇",)
    assert found.empty == ("乙镇",)
    assert found.funnel is None


def test_version_follows_the_results() -> None:
    """Another score or decision gives another version; the same results the same."""
    decisions = ordinary().decisions
    first = decisions.decisions[0]
    other = replace(first, raw=Decimal(11))
    changed = replace(decisions, decisions=(other, *decisions.decisions[1:]))
    assert result_hash(decisions) == result_hash(replace(decisions))
    assert result_hash(changed) != result_hash(decisions)


def calibrated(people: int = 80, *, spread: float = 0.9) -> tuple:
    """A sitting of right-or-wrong items whose parameters are known."""
    rules = examples.rules()
    [paper], whole = rules.papers, rules.blueprint
    sections = tuple(s.model_copy(update={"rule": whole.sections[0].rule}) for s in whole.sections)
    blueprint = whole.model_copy(update={"sections": sections})
    papers = (paper.model_copy(update={"blueprint": blueprint}),)
    sitting = examples.sitting(people, programme=rules.model_copy(update={"papers": papers}))
    items = list(sitting.bank)
    difficulty = np.linspace(-1.5, 1.0, len(items))
    models = {i.id: Rasch(float(d)) for i, d in zip(items, difficulty, strict=True)}
    random = np.random.default_rng(4)
    abilities = {c.code: float(random.normal(0.3, spread)) for c in sitting.roster}
    marks = mark(sitting, simulate_answers(sitting, abilities, models, rng=5))
    names = tuple(sorted(models))
    given = Calibration(names, tuple(models[n] for n in names), np.full(len(names), 500), 900)
    return sitting, marks, given


def test_expected_wrong_by_hand() -> None:
    """Each decision is wrong with the chance that ability lies on the other side."""
    sitting, marks, given = calibrated()
    scores = score(marks, sitting, given)
    decisions = decide(scores, sitting)
    found = certainty(scores, decisions, sitting)
    assert found is not None
    above = norm.cdf((scores.ability - scores.ability_cut) / scores.standard_error)
    passed = np.array([d.outcome is Outcome.PASSED for d in decisions.decisions])
    assert found.wrongly_passed == pytest.approx((1 - above)[passed].sum())
    assert found.wrongly_failed == pytest.approx(above[~passed].sum())
    assert found.accuracy == pytest.approx(np.where(passed, above, 1 - above).mean())
    near = np.abs(scores.ability - scores.ability_cut) <= scores.standard_error
    assert found.near == near.sum()
    assert found.people == 80


def test_marginal_reliability_by_hand() -> None:
    """Reliability is the spread of estimates over spread plus error."""
    sitting, marks, given = calibrated()
    scores = score(marks, sitting, given)
    found = certainty(scores, decide(scores, sitting), sitting)
    assert found is not None
    noise = (scores.standard_error**2).mean()
    assert found.reliability == pytest.approx(scores.ability.var() / (scores.ability.var() + noise))
    spread = np.std([float(t) for t in scores.totals], ddof=1)
    assert found.error_in_points == pytest.approx(spread * np.sqrt(1 - found.reliability))


def test_second_exam_matches_simulation() -> None:
    """Two simulated exams on the same papers agree as often as is said."""
    sitting, marks, given = calibrated(9)
    scores = score(marks, sitting, given)
    found = second_exam(scores, sitting, 0.3, 0.9)
    assert found is not None
    random = np.random.default_rng(8)
    theta = random.normal(0.3, 0.9, 20_000)
    same = []
    for code in sitting.papers.codes:
        items = sitting.papers.items_of(code)
        points = np.array([float(sitting.papers.worth[i].points) for i in items])
        b = np.array([given[i].b for i in items])
        chance = 1 / (1 + np.exp(-(theta[:, None] - b)))
        totals = [(random.random(chance.shape) < chance) @ points >= 10 for _ in range(2)]
        same.append((totals[0] == totals[1]).mean())
    assert found[0] == pytest.approx(np.mean(same), abs=0.005)


def test_no_second_exam_without_parameters() -> None:
    """One item without parameters is enough to say nothing."""
    sitting, marks, given = calibrated(9)
    scores = score(marks, sitting, given)
    some = replace(given, item_ids=given.item_ids[1:], models=given.models[1:])
    gone = replace(scores, calibration=some)
    used = {i for code in sitting.papers.codes for i in sitting.papers.items_of(code)}
    assert given.item_ids[0] in used
    assert second_exam(gone, sitting, 0.3, 0.9) is None
    assert second_exam(replace(scores, calibration=None), sitting, 0.3, 0.9) is None


def test_no_certainty_without_abilities() -> None:
    """Without item parameters nothing is said."""
    one = ordinary()
    assert certainty(one.scores, one.decisions, one.sitting) is None


def test_documents_with_abilities(tmp_path: Path) -> None:
    """Bulletin and page give the same figures on certainty, each with its people."""
    sitting, marks, given = calibrated()
    scores = score(marks, sitting, given)
    decisions, analysis = decide(scores, sitting), item_analysis(marks, sitting)
    rest = (sitting, scores, decisions, pass_rates(decisions), analysis)
    found = certainty(scores, decisions, sitting)
    assert found is not None
    assert found.repeat is not None
    path = write_bulletin(*rest, tmp_path / "a.docx")
    text = "".join(p.text for p in Document(str(path)).paragraphs)
    assert f"80 人中有 {found.near} 人" in text
    assert f"预计 80 人中约有 {80 * (1 - found.repeat):.0f} 人" in text
    page = write_html_report(*rest, tmp_path / "a.html").read_text("utf-8")
    assert f"<td>再考一次结论相同（Lee）</td><td>{found.repeat:.1%}</td><td>80 人</td>" in page
    assert f"<td>判定准确度（Rudner）</td><td>{found.accuracy:.1%}</td><td>80 人</td>" in page
    book = openpyxl.load_workbook(
        write_score_list(*rest[:3], analysis, rest[3], tmp_path / "a.xlsx")
    )
    assert "等值分（参考）" in [cell.value for cell in book["成绩汇总表"][3]]


def test_seal_stays_with_text(tmp_path: Path) -> None:
    """The last paragraphs before the seal are kept together with it."""
    one = ordinary()
    path = write_bulletin(
        one.sitting, one.scores, one.decisions, one.rates, one.analysis, tmp_path / "a.docx"
    )
    paragraphs = Document(str(path)).paragraphs
    seal = next(k for k, p in enumerate(paragraphs) if "（印章）" in p.text)
    held = paragraphs[seal - 6 : seal + 1]
    assert all(p.paragraph_format.keep_with_next for p in held)
    assert any("复核" in p.text for p in held)
