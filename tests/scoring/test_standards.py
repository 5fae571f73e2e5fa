"""Lines come with their record; links carry a calibration to another scale exactly."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.linking import rescale
from fazhi_exam.psychometrics.models import TwoPL
from fazhi_exam.scoring import (
    Calibration,
    LinkMethod,
    ReportingScale,
    ScoreReport,
    angoff_study,
    bookmark_study,
    borderline_group_study,
    contrasting_groups_study,
    decision_quality,
    ebel_study,
    hofstee_study,
    link,
)

DAY = date(2026, 11, 1)


def made(size: int = 30) -> Calibration:
    random = np.random.default_rng(3)
    models = tuple(
        TwoPL(float(a), float(b))
        for a, b in zip(random.uniform(0.7, 1.6, size), random.normal(0, 1, size), strict=True)
    )
    ids = tuple(f"07-{k:04d}" for k in range(size))
    return Calibration(ids, models, np.full(size, 800), 800, label="甲")


@pytest.mark.parametrize("method", list(LinkMethod))
def test_link_undoes_a_known_change_of_scale(method: LinkMethod) -> None:
    """Items moved by θ' = (θ + 0.4) / 1.3 come back exactly, by every method."""
    old = made()
    moved = tuple(rescale(m, 1 / 1.3, 0.4 / 1.3) for m in old.models)
    new = Calibration(old.item_ids, moved, old.answers, 500, label="乙")
    found = link(new, old, method=method)
    assert found.slope == pytest.approx(1.3, abs=1e-4)
    assert found.intercept == pytest.approx(-0.4, abs=1e-4)
    for a, b in zip(found.calibration.models, old.models, strict=True):
        assert (a.a, a.b) == pytest.approx((b.a, b.b), abs=1e-3)  # type: ignore[attr-defined]
    assert found.drifted == ()


def test_link_leaves_out_a_drifted_anchor() -> None:
    """One common item that became much easier is named and does not bend the link."""
    old = made()
    models = list(old.models)
    models[4] = TwoPL(models[4].a, models[4].b - 2.0)  # type: ignore[attr-defined]
    new = Calibration(old.item_ids, tuple(models), old.answers, 500)
    found = link(new, old)
    assert found.drifted == (old.item_ids[4],)
    assert found.intercept == pytest.approx(0, abs=1e-6)
    with pytest.raises(NotEnoughData, match="共同题"):
        link(made(5), made(5))


def test_angoff_is_the_mean_of_the_raters_sums() -> None:
    """Two raters who expect 1.4 and 2.0 of 3 points give 1.7, printed as 1.5 in half steps."""
    points = {"a": Decimal(1), "b": Decimal(2)}
    ratings = {"R1": {"a": 0.6, "b": 0.4}, "R2": {"a": 0.8, "b": 0.6}}
    found = angoff_study(ratings, points, held_on=DAY)
    assert found.by_rater == pytest.approx({"R1": 1.4, "R2": 2.0})
    assert found.cut.value == Decimal("1.5")
    assert found.cut.method == "Angoff"
    assert "2026-11-01" in found.cut.source
    assert found.facts["评委人数"] == 2


def test_ebel_by_hand() -> None:
    """Items of 1, 1 and 2 points in cells: raters expect 0.9 + 3·0.5 = 2.4 and 0.8 + 3·0.4 = 2."""
    points = {"a": Decimal(1), "b": Decimal(1), "c": Decimal(2)}
    cells = {"a": "重要·易", "b": "重要·难", "c": "重要·难"}
    expected = {
        "R1": {"重要·易": 0.9, "重要·难": 0.5, "一般·难": 0.1},
        "R2": {"重要·易": 0.8, "重要·难": 0.4},
    }
    found = ebel_study(cells, expected, points, held_on=DAY)
    assert found.by_rater == pytest.approx({"R1": 2.4, "R2": 2.0})
    assert found.facts["取整前的合格线"] == pytest.approx(2.2)
    assert found.error == pytest.approx(0.2)
    assert found.cut.value == 2
    with pytest.raises(NotEnoughData, match="Ebel"):
        ebel_study({"a": "重要·易"}, expected, points, held_on=DAY)
    with pytest.raises(NotEnoughData, match="类别"):
        ebel_study(cells, expected | {"R3": {"重要·易": 0.5}}, points, held_on=DAY)


def test_bookmark_turns_the_place_into_points() -> None:
    """The line is the expected score at the mean mastery location of the marked items."""
    calibration = made()
    points = dict.fromkeys(calibration.item_ids, Decimal(1))
    found = bookmark_study(calibration, {"R1": 15, "R2": 15}, points, held_on=DAY)
    theta = np.array([found.facts["能力合格线"]])
    expected = sum(float(calibration.share_curve(i, theta)[0]) for i in calibration.item_ids)
    assert float(found.cut.value) == pytest.approx(expected, abs=0.26)
    with pytest.raises(NotEnoughData, match="书签法"):
        bookmark_study(calibration, {"R1": 1, "R2": 2}, {"x": Decimal(1)}, held_on=DAY)


def test_methods_by_groups() -> None:
    """Groups normal at 50 and 70 with equal spread part at 60; the borderline median is itself."""
    random = np.random.default_rng(5)
    low, high = random.normal(50, 8, 800), random.normal(70, 8, 800)
    scores = np.concatenate([low, high])
    found = contrasting_groups_study(scores.tolist(), [False] * 800 + [True] * 800, held_on=DAY)
    assert float(found.cut.value) == pytest.approx(60, abs=1)
    edge = borderline_group_study([58.0] * 10 + [60.0] * 11 + [62.0] * 10, held_on=DAY)
    assert edge.cut.value == 60
    limits = {"R1": (50.0, 70.0, 0.2, 0.6), "R2": (52.0, 68.0, 0.2, 0.6)}
    compromise = hofstee_study(scores.tolist(), limits, held_on=DAY)
    assert 51 <= float(compromise.cut.value) <= 69
    assert "Hofstee" in repr(compromise)
    assert "不合格率" in compromise._repr_html_()


def test_decision_quality_on_a_known_population() -> None:
    """With error variance a quarter of the whole, reliability is near 0.75 and accuracy high."""
    random = np.random.default_rng(7)
    ability = random.normal(0, 1, 4000)
    error = np.full(4000, np.sqrt(1 / 3))
    none = (None,) * 4000
    codes = tuple(str(k) for k in range(4000))
    report = ScoreReport("t", Decimal(100), codes, (), none, none, ability, error, 0.0)
    found = decision_quality(report)
    assert found.reliability == pytest.approx(0.75, abs=0.01)
    truth_and_repeat = 1 - np.arccos(np.sqrt(0.75)) / np.pi
    assert found.accuracy == pytest.approx(truth_and_repeat, abs=0.02)
    assert found.consistency < found.accuracy
    assert f"{found.near_cut} 人" in str(found)
    few = ScoreReport("t", Decimal(100), codes, (), none, none, ability[:5], error[:5], 0.0)
    with pytest.raises(NotEnoughData):
        decision_quality(few)


def test_reporting_scale_is_a_line_with_ends() -> None:
    """0 is 500, one unit 100; extremes are cut at 200 and 800, halves go up, NaN stays."""
    scale = ReportingScale()
    found = scale.score(np.array([0.0, 1.0, -0.125, 0.005, 9.0, -9.0, np.nan]))
    assert found[:6].tolist() == [500, 600, 488, 501, 800, 200]
    assert np.isnan(found[6])
    assert scale.error(np.array([0.3])).tolist() == pytest.approx([30])
    with pytest.raises(ValueError, match="low < high"):
        ReportingScale(low=5, high=5)
