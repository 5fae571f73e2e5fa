"""Pictures of change (走势图): rates over time, why they changed, attempts, certificates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..certification.expiry import ExpiryForecast
from ..passrate.attempts import AttemptSummary
from ..passrate.compare import Comparison
from ..passrate.trend import RateTrend
from ..statistics.control_charts import ControlChart, Segments
from ..statistics.decomposition import ThreeParts
from ..statistics.survival import AttemptCurve
from ..typing import Floats
from .figures import BLUE, GREY, INK, PALE, RED, new_axes, nothing_to_see, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_trend(
    found: RateTrend | ControlChart, labels: Sequence[str] = (), *, ax: "Axes | None" = None
) -> "Axes":
    """Draw rates over time with their limits, n under each point, and the changes that were found.

    Parameters
    ----------
    found
        A finished trend of sittings, or a control chart of any counts.
    labels
        One text per point for a chart; a trend brings its own.
    """
    ax = ax if ax is not None else new_axes()
    trend = found if isinstance(found, RateTrend) else None
    chart = found.chart if isinstance(found, RateTrend) else found
    names = trend.periods if trend is not None else tuple(labels)
    count = chart.rate.size
    if len(names) != count:
        raise ValueError("need one label for every point")
    x = np.arange(count)
    ax.fill_between(x, chart.low, chart.high, step="mid", color=PALE, linewidth=0,
                    label=f"{100 * chart.level:.4g}% 界限")  # fmt: skip
    ax.axhline(chart.centre, color=GREY, linewidth=1, label=f"总体 {chart.centre:.1%}")
    ax.plot(x, chart.rate, "o-", color=BLUE, linewidth=1, ms=4, label="合格率")
    odd = np.flatnonzero(chart.signal)
    if odd.size:
        ax.plot(odd, chart.rate[odd], "D", color=RED, ms=7, label="超出界限", ls="")
    if trend is not None and trend.segments.changes.size:
        _draw_segments(ax, trend.segments, count)
    _time_axis(ax, names, chart.sat)
    ax.set(ylabel="合格率", title=f"合格率走势（{count} 期，实考共 {int(chart.sat.sum())} 人次）")
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8, ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    return ax


def plot_change_points(found: RateTrend, *, ax: "Axes | None" = None) -> "Axes":
    """Draw rates over time and the stretches between which they changed.

    Parameters
    ----------
    found
        A finished trend of sittings.
    """
    ax = ax if ax is not None else new_axes()
    count = found.chart.rate.size
    ax.plot(np.arange(count), found.chart.rate, "o", color=BLUE, ms=4, label="合格率")
    _draw_segments(ax, found.segments, count)
    _time_axis(ax, found.periods, found.chart.sat)
    changes = found.segments.changes.size
    what = f"发现 {changes} 处变化" if changes else "没有发现变化"
    ax.set(ylabel="合格率", title=f"{what}（{count} 期，实考共 {int(found.chart.sat.sum())} 人次）")
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    return ax


def _draw_segments(ax: "Axes", segments: Segments, count: int) -> None:
    ends = [*segments.changes.tolist(), count]
    for k, (start, end) in enumerate(zip(segments.start.tolist(), ends, strict=True)):
        level = float(segments.rate[k])
        ax.plot([start - 0.5, end - 0.5], [level, level], color=INK, linewidth=2,
                label="分段水平" if k == 0 else None)  # fmt: skip
        ax.annotate(f"{level:.1%}", ((start + end - 1) / 2, level), xytext=(0, 4),
                    textcoords="offset points", ha="center", fontsize=8)  # fmt: skip
        if k:
            ax.axvline(start - 0.5, color=INK, linewidth=1, linestyle=":")


def _time_axis(ax: "Axes", labels: Sequence[str], sat: ArrayLike) -> None:
    """Label at most 13 points, with n under each label."""
    people = np.asarray(sat, float)
    step = -(-len(labels) // 13)
    shown = range(0, len(labels), step)
    ax.set_xticks(list(shown), [f"{labels[k]}\nn={int(people[k])}" for k in shown])
    ax.tick_params(axis="x", labelsize=8)
    ax.set_xlim(-0.6, len(labels) - 0.4)


def plot_decomposition(found: Comparison, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how a change of a rate is made up, as a waterfall from the first rate to the second.

    Parameters
    ----------
    found
        A finished comparison; its three parts are drawn where both sittings are equated.
    """
    ax = ax if ax is not None else new_axes(7, 4)
    parts = found.parts if found.parts is not None else found.split
    if isinstance(parts, ThreeParts):
        steps = [("试卷与合格线", parts.cut), ("人员构成", parts.mix), ("水平", parts.ability)]
    else:
        steps = [(f"各{found.by}内部", parts.rate), ("人员构成", parts.mix)]
    names = (found.before_id, found.after_id)
    n_before, n_after = found.before.sat, found.after.sat
    labels = [f"{names[0]}\nn={n_before}", *(name for name, _ in steps), f"{names[1]}\nn={n_after}"]
    ax.bar(0, parts.before, color=GREY, width=0.6)
    level = parts.before
    for k, (_, step) in enumerate(steps, 1):
        up = step >= 0
        ax.bar(k, abs(step), bottom=min(level, level + step), width=0.6, edgecolor=INK,
               color=BLUE if up else "white", hatch="" if up else "///")  # fmt: skip
        top = max(level, level + step)
        ax.annotate(f"{100 * step:+.1f} 百分点", (k, top), xytext=(0, 3),
                    textcoords="offset points", ha="center", fontsize=9)  # fmt: skip
        ax.plot([k - 0.7, k + 0.3], [level, level], color=INK, linewidth=0.8, linestyle=":")
        level += step
    ax.bar(len(steps) + 1, parts.after, color=GREY, width=0.6)
    for x, value in ((0, parts.before), (len(steps) + 1, parts.after)):
        ax.annotate(f"{value:.1%}", (x, value), xytext=(0, 3), textcoords="offset points",
                    ha="center", fontsize=9)  # fmt: skip
    ax.set_xticks(range(len(labels)), labels)
    ax.set(ylabel="合格率", ylim=(0, min(1.1, 1.15 * max(parts.before, parts.after, level) + 0.05)),
           title=f"合格率变化 {100 * found.change:+.1f} 百分点（95% 区间 {100 * found.low:+.1f} 至 "
                 f"{100 * found.high:+.1f}）的构成")  # fmt: skip
    percent_axis(ax.yaxis)
    return ax


def plot_attempts(found: AttemptSummary | AttemptCurve, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the share that has passed by each attempt, censored people allowed for (Kaplan-Meier).

    Parameters
    ----------
    found
        A finished summary of attempts, or a curve over the number of attempts.
    """
    ax = ax if ax is not None else new_axes(7, 4)
    curve = found.curve if isinstance(found, AttemptSummary) else found
    if curve.time.size == 0:
        return nothing_to_see(ax, "没有参加考试的记录")
    x = np.concatenate([[0.0], curve.time])

    def from_zero(values: ArrayLike) -> Floats:
        return np.concatenate([[0.0], np.asarray(values, float)])

    ax.fill_between(x, from_zero(curve.low), from_zero(curve.high), step="post", color=PALE,
                    linewidth=0, label="95% 区间")  # fmt: skip
    ax.step(
        x, from_zero(curve.passed_by), where="post", color=BLUE, linewidth=1.6, label="累计合格"
    )
    ax.plot(curve.time, curve.passed_by, "o", color=BLUE, ms=4)
    for time, share in zip(curve.time, curve.passed_by, strict=True):
        ax.annotate(f"{share:.1%}", (time, share), xytext=(3, 5), textcoords="offset points",
                    fontsize=8)  # fmt: skip
    pairs = zip(curve.time, curve.at_risk, strict=True)
    ax.set_xticks(curve.time, [f"第 {t:g} 次\nn={int(n)}" for t, n in pairs])
    ax.set(xlim=(0, curve.time[-1] + 0.5), ylim=(0, 1.06), ylabel="累计合格率")
    ax.set_title(f"参加几次后合格（起始 {int(curve.at_risk[0])} 人；未再考的按删失处理）")
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax


def plot_expiry(found: ExpiryForecast, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how many certificates run out in each month, as a calendar of years and months.

    Parameters
    ----------
    found
        A finished forecast.
    """
    months = {(int(m[:4]), int(m[5:7])): n for m, n in found.expiring.items()}
    years = sorted({year for year, _ in months})
    ax = ax if ax is not None else new_axes(9, max(2.2, 0.5 * len(years) + 1.5))
    valid = len(found.still_valid) - 1
    if not years:
        return nothing_to_see(ax, f"{found.until:%Y-%m-%d} 前没有证件到期（有效证件 {valid} 个）")
    table = np.zeros((len(years), 12))
    for (year, month), number in months.items():
        table[years.index(year), month - 1] = number
    most = float(table.max())
    ax.imshow(table, cmap="Greys", vmin=0, vmax=1.25 * most, aspect="auto")
    for y, m in np.argwhere(table > 0).tolist():
        colour = "white" if table[y, m] > 0.7 * most else "black"
        ax.text(m, y, f"{table[y, m]:.0f}", ha="center", va="center", color=colour)
    ax.set_xticks(range(12), [f"{m} 月" for m in range(1, 13)])
    ax.set_yticks(range(len(years)), [f"{year} 年" for year in years])
    ax.set_title(
        f"证件到期日历（{found.on:%Y-%m-%d} 有效 {valid} 个，到 {found.until:%Y-%m-%d} 到期 "
        f"{int(table.sum())} 个；预计届时仍有效 {found.low}–{found.high} 个）",
        fontsize=10,
    )
    ax.spines[:].set_visible(False)
    return ax
