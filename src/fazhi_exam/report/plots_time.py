"""Pictures of change (走势图): rates over time, why they changed, attempts, certificates."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..statistics.control_charts import ControlChart, Segments
from ..statistics.decomposition import Kitagawa, ThreeParts
from ..statistics.survival import AttemptCurve
from ..typing import Floats
from .figures import BLUE, GREY, INK, PALE, RED, new_axes, nothing_to_see, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_trend(
    chart: ControlChart,
    labels: Sequence[str],
    *,
    segments: Segments | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw rates over time with their limits, n under each point, and changes if given.

    Parameters
    ----------
    chart
        A finished control chart.
    labels
        One text per point, such as 2026-03.
    segments
        Stretches with a constant rate, from `change_points`.
    """
    ax = ax if ax is not None else new_axes()
    count = chart.rate.size
    if len(labels) != count:
        raise ValueError("need one label for every point")
    x = np.arange(count)
    ax.fill_between(x, chart.low, chart.high, step="mid", color=PALE, linewidth=0,
                    label=f"{100 * chart.level:g}% 界限")  # fmt: skip
    ax.axhline(chart.centre, color=GREY, linewidth=1, label=f"总体 {chart.centre:.1%}")
    ax.plot(x, chart.rate, "o-", color=BLUE, linewidth=1, ms=4, label="合格率")
    ax.plot(
        x[chart.signal], chart.rate[chart.signal], "D", color=RED, ms=7, label="超出界限", ls=""
    )
    if segments is not None:
        _draw_segments(ax, segments, count)
    _time_axis(ax, labels, chart.sat)
    ax.set(ylabel="合格率", title=f"合格率走势（{count} 期，共 {int(chart.sat.sum())} 人次）")
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8, ncols=4, loc="lower right")
    return ax


def plot_change_points(
    rate: ArrayLike,
    sat: ArrayLike,
    segments: Segments,
    labels: Sequence[str],
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw rates over time and the stretches between which they changed.

    Parameters
    ----------
    rate, sat
        Shape ``(points,)``.
    segments
        From `change_points`.
    labels
        One text per point.
    """
    ax = ax if ax is not None else new_axes()
    values, people = np.asarray(rate, float), np.asarray(sat, float)
    if len(labels) != values.size or people.shape != values.shape:
        raise ValueError("need one label and one count for every point")
    ax.plot(np.arange(values.size), values, "o", color=BLUE, ms=4, label="合格率")
    _draw_segments(ax, segments, values.size)
    _time_axis(ax, labels, people)
    changes = segments.changes.size
    what = f"发现 {changes} 处变化" if changes else "没有发现变化"
    ax.set(ylabel="合格率", title=f"{what}（{values.size} 期，共 {int(people.sum())} 人次）")
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
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


def plot_decomposition(
    parts: Kitagawa | ThreeParts,
    *,
    n_before: int,
    n_after: int,
    names: tuple[str, str] = ("前期", "后期"),
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how a change of a rate is made up, as a waterfall from the first rate to the second.

    Parameters
    ----------
    parts
        A finished decomposition.
    n_before, n_after
        People behind the two rates.
    names
        What the two periods are called.
    """
    ax = ax if ax is not None else new_axes(7, 4)
    if isinstance(parts, ThreeParts):
        steps = [("试卷与合格线", parts.cut), ("人员构成", parts.mix), ("水平", parts.ability)]
    else:
        steps = [("各组合格率变化", parts.rate), ("人员构成变化", parts.mix)]
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
           title=f"合格率变化 {100 * parts.change:+.1f} 百分点的构成")  # fmt: skip
    percent_axis(ax.yaxis)
    return ax


def plot_attempts(curve: AttemptCurve, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the share that has passed by each attempt, censored people allowed for (Kaplan-Meier).

    Parameters
    ----------
    curve
        A finished curve over the number of attempts.
    """
    ax = ax if ax is not None else new_axes(7, 4)
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


def plot_expiry(
    months: Sequence[date],
    expiring: ArrayLike,
    *,
    renewed: ArrayLike | None = None,
    on: date,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how many certificates expire in each month, as a calendar of years and months.

    Parameters
    ----------
    months
        First day of each month, any order.
    expiring
        Shape ``(months,)``: certificates whose last day lies in the month.
    renewed
        Shape ``(months,)``: how many of them are expected to be renewed, if forecast.
    on
        Day of the register, printed in the title.
    """
    counts = np.asarray(expiring, float)
    again = None if renewed is None else np.asarray(renewed, float)
    if counts.shape != (len(months),) or (again is not None and again.shape != counts.shape):
        raise ValueError("need one number for every month")
    years = sorted({month.year for month in months})
    ax = ax if ax is not None else new_axes(9, max(2.2, 0.55 * len(years) + 1.3))
    if not years:
        return nothing_to_see(ax, "没有在册证件")
    table = np.zeros((len(years), 12))
    for month, number in zip(months, counts, strict=True):
        table[years.index(month.year), month.month - 1] += number
    ax.imshow(table, cmap="Greys", vmin=0, vmax=max(1.0, table.max() * 1.25), aspect="auto")
    for y in range(len(years)):
        for m in range(12):
            colour = "white" if table[y, m] > 0.7 * table.max() > 0 else "black"
            if table[y, m]:
                ax.text(m, y, f"{table[y, m]:.0f}", ha="center", va="center", color=colour)
    if again is not None:
        for month, number in zip(months, again, strict=True):
            ax.text(month.month - 1, years.index(month.year) + 0.33, f"预计换证 {number:.0f}",
                    ha="center", va="center", fontsize=6, color=GREY)  # fmt: skip
    ax.set_xticks(range(12), [f"{m} 月" for m in range(1, 13)])
    ax.set_yticks(range(len(years)), [f"{y} 年" for y in years])
    ax.set(title=f"证件到期日历（截至 {on:%Y-%m-%d}，共 {int(counts.sum())} 本到期）")
    ax.spines[:].set_visible(False)
    return ax
