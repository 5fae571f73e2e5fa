"""Pictures: right numbers in, axes out, the same bytes every time, n always shown."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes

from fazhi_exam import report
from fazhi_exam.certification.expiry import ExpiryForecast
from fazhi_exam.passrate import Counts, compare, trend_of
from fazhi_exam.report.figures import inline_svg
from fazhi_exam.scoring.weakness import weakness
from fazhi_exam.statistics.control_charts import p_chart
from fazhi_exam.statistics.funnel import funnel
from fazhi_exam.statistics.survival import attempts_to_pass
from tests.report.worlds import ordinary, world


def counts(passed: int, sat: int) -> Counts:
    return Counts(sat, 0, sat, sat, passed, 0, 0)


def shifted_trend() -> object:
    rows = [(f"2026-{k:02d}", counts(60 if k < 7 else 90, 100)) for k in range(1, 13)]
    return trend_of(rows)


def forecast() -> ExpiryForecast:
    share = np.zeros(51)
    share[40] = 1.0
    return ExpiryForecast(
        date(2026, 12, 1), date(2028, 1, 1), {"2027-01": 7, "2027-11": 3}, share, 38, 44
    )


THETA = np.linspace(-3, 3, 31)
CURVE = 1 / (1 + np.exp(-THETA))
PLOTS: dict[str, tuple[Callable[..., Axes], str]] = {
    "funnel": (lambda ax=None: report.plot_funnel(ordinary().summary.units, ax=ax), "69 人"),
    "bare funnel": (lambda ax=None: report.plot_funnel(
        funnel([5, 9], [10, 10]), ["甲", "乙"], ax=ax), "20 人"),
    "pass rates": (lambda ax=None: report.plot_pass_rates(ordinary().summary.units, ax=ax), "n=69"),
    "scores": (lambda ax=None: report.plot_score_distribution(
        ordinary().scores.sat, ordinary().summary.cut, error=1.5, full_marks=16, ax=ax), "69 人"),
    "trend": (lambda ax=None: report.plot_trend(shifted_trend(), ax=ax), "1200 人次"),
    "chart": (lambda ax=None: report.plot_trend(
        p_chart([5, 6], [10, 10]), ["一", "二"], ax=ax), "n=10"),
    "changes": (lambda ax=None: report.plot_change_points(shifted_trend(), ax=ax), "发现 1 处变化"),
    "decomposition": (lambda ax=None: report.plot_decomposition(
        compare(ordinary().decisions, ordinary().decisions), ax=ax), "n=69"),
    "attempts": (lambda ax=None: report.plot_attempts(
        attempts_to_pass([1, 1, 2, 2, 3], [1, 1, 1, 0, 1]), ax=ax), "n=5"),
    "weakness": (lambda ax=None: report.plot_weakness(
        weakness(ordinary().marks, ordinary().sitting), ax=ax), "28 人"),
    "expiry": (lambda ax=None: report.plot_expiry(forecast(), ax=ax), "有效 50 个"),
    "item": (lambda ax=None: report.plot_item_curve(
        THETA, CURVE, n=60, observed=([-1, 1], [0.3, 0.7], [20, 40]), name="题", ax=ax), "60 人次"),
    "information": (lambda ax=None: report.plot_test_information(
        THETA, 5 * CURVE * (1 - CURVE), items=60, cut=0.2, ax=ax), "60 题"),
    "wright": (lambda ax=None: report.plot_wright_map(
        [-1, 0, 0.5, np.nan], [-0.5, 1], ["甲题", "乙题"], cut=0.1, ax=ax), "3 人"),
    "options": (lambda ax=None: report.plot_option_curves(
        ["低", "高"], [30, 31], {"A": [0.5, 0.9], "B": [0.5, 0.1]}, "A", ax=ax), "61 人次"),
    "dif": (lambda ax=None: report.plot_dif(
        ["甲题", "乙题"], [0.1, 1.8], [0.2, 0.3], [False, True], people=(80, 70), ax=ax), "80 人"),
}  # fmt: skip


def said(ax: Axes) -> str:
    """Every text in the figure of some axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    return "\n".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


@pytest.mark.parametrize("name", PLOTS)
def test_plot_shows_n(name: str) -> None:
    """Each picture shows how many people (items) it rests on, in glyphs the fonts have."""
    draw, n = PLOTS[name]
    assert n in said(draw())


@pytest.mark.parametrize("name", PLOTS)
def test_plot_draws_where_it_is_told(name: str) -> None:
    """Given axes are used and returned."""
    draw, _ = PLOTS[name]
    ax = report.new_axes()
    assert draw(ax=ax) is ax


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_same_bytes(kind: str, tmp_path: Path) -> None:
    """Drawn twice, a picture has the same bytes in every format."""
    first, second = (
        report.save_figure(PLOTS["funnel"][0](), tmp_path / f"{k}.{kind}") for k in (1, 2)
    )
    assert first.read_bytes() == second.read_bytes()


def test_unknown_format(tmp_path: Path) -> None:
    """A suffix that is not offered is refused before anything is written."""
    with pytest.raises(ValueError, match="png, svg or pdf"):
        report.save_figure(report.new_axes(), tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


def test_inline_svg_keeps_to_itself() -> None:
    """Ids carry the given prefix, references follow them, and no date is left."""
    text = inline_svg(PLOTS["trend"][0](), name="t1")
    assert 'id="t1-' in text
    assert "url(#t1-" in text
    assert 'href="#t1-' in text
    assert "<metadata" not in text
    assert "<?xml" not in text


def test_funnel_names_only_flagged_units() -> None:
    """A labelled point of a small unit would publish it: only flagged ones are named."""
    units = world(
        {"甲镇": (2, 38, 0, 0), "乙镇": (20, 20, 0, 0), "丙镇": (39, 1, 0, 0), "丁镇": (2, 2, 0, 0)}
    )
    text = said(report.plot_funnel(units.summary.units))
    assert "甲镇 2/40" in text
    assert "丙镇 39/40" in text
    assert "乙镇" not in text
    assert "丁镇" not in text


def test_pass_rates_stay_in_table_order() -> None:
    """Units stand in the order of their names, first on top."""
    ax = report.plot_pass_rates(ordinary().summary.units)
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == [
        f"{r.group}（{r.counts.passed}/{r.n}）" for r in ordinary().summary.units.rows
    ]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_no_bar_holds_pass_and_fail() -> None:
    """The cut is an edge of the bars, and bars add up to the people."""
    scores = [59.5, 59.9, 60, 60.5, 75, 98]
    ax = report.plot_score_distribution(scores, 60, full_marks=100)
    bars = [(p.get_x(), p.get_x() + p.get_width(), p.get_height()) for p in ax.patches]
    assert sum(h for *_, h in bars) == 6
    assert not [b for b in bars if b[0] < 60 - 1e-9 < 60 + 1e-9 < b[1]]
    assert sum(h for left, _, h in bars if left >= 60) == 4


def test_waterfall_reaches_the_second_rate() -> None:
    """The steps lead from the first rate to the second."""
    low = world({"甲镇": (30, 70, 0, 0), "乙镇": (20, 30, 0, 0)}, sitting_id="前")
    high = world({"甲镇": (45, 5, 0, 0), "乙镇": (80, 20, 0, 0)}, sitting_id="后")
    found = compare(low.decisions, high.decisions)
    bars = report.plot_decomposition(found).patches
    assert bars[0].get_height() == pytest.approx(50 / 150)
    assert bars[-1].get_height() == pytest.approx(125 / 150)
    steps = sum(b.get_height() * (1 if b.get_hatch() in (None, "") else -1) for b in bars[1:-1])
    assert steps == pytest.approx(75 / 150)


NO_EXPIRY = ExpiryForecast(date(2026, 1, 1), date(2026, 2, 1), {}, np.ones(1), 0, 0)
EMPTY = world({"甲镇": (0, 0, 2, 0)})
ONE_UNIT = world({"甲镇": (5, 1, 0, 0)})
ALL_PASSED = world({"甲镇": (5, 0, 0, 0), "乙镇": (5, 0, 0, 0)})


@pytest.mark.parametrize(
    ("draw", "why"),
    [
        (lambda: report.plot_score_distribution([], 60), "没有人实考"),
        (lambda: report.plot_funnel(ALL_PASSED.summary.units), "没有可比较"),
        (lambda: report.plot_pass_rates(ONE_UNIT.summary.units), "不足两个"),
        (lambda: report.plot_expiry(NO_EXPIRY), "没有证件到期"),
        (lambda: report.plot_weakness(weakness(EMPTY.marks, EMPTY.sitting)), "没有人实考"),
    ],
)
def test_nothing_to_see_says_why(draw: Callable[[], Axes], why: str) -> None:
    """A picture without content says what is missing instead of being empty."""
    assert why in said(draw())


@pytest.mark.parametrize(
    "draw",
    [
        lambda: report.plot_trend(p_chart([5], [10]), ["一", "二"]),
        lambda: report.plot_item_curve(THETA, CURVE, n=1, observed=([1], [0.5, 0.6], [3])),
        lambda: report.plot_wright_map([0.0], [0.0, 1.0], ["甲"]),
        lambda: report.plot_option_curves(["低"], [1, 2], {"A": [1]}, "A"),
        lambda: report.plot_dif(["甲"], [0.1], [0.2, 0.3], [True], people=(1, 1)),
    ],
)
def test_lengths_must_agree(draw: Callable[[], Axes]) -> None:
    """Vectors of different lengths are a mistake, not a strange picture."""
    with pytest.raises(ValueError, match=r"need|length"):
        draw()
