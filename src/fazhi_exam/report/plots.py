"""Pictures of pass rates and scores (图): each takes a finished result and computes nothing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..scoring.weakness import WeaknessTable
from ..statistics.funnel import Funnel
from .figures import BLUE, GREY, INK, PALE, RED, new_axes, nothing_to_see, percent_axis
from .numbers import points
from .summary import UnitComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LABELLED = 12
_DASHES = ("--", "-.", ":")


def plot_funnel(
    units: UnitComparison | Funnel,
    names: Sequence[str] = (),
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw unit rates over their size with the limits that luck alone would keep to.

    Parameters
    ----------
    units
        A comparison of units, or the funnel of any groups.
    names
        Group names for labels, if a funnel is given. Only flagged groups are named.
    """
    ax = ax if ax is not None else new_axes()
    found = units.funnel if isinstance(units, UnitComparison) else units
    labels = units.names if isinstance(units, UnitComparison) else tuple(names)
    base = units.denominator.value if isinstance(units, UnitComparison) else "人数"
    if found is None:
        return nothing_to_see(ax, "单位不足两个，或全部合格、全部不合格，没有可比较的差别")
    sizes = np.unique(np.linspace(1, float(found.sat.max()) * 1.06 + 1, 200).round())
    for place, level in enumerate(found.levels):
        low, high = found.limits(sizes, level=level)
        style = _DASHES[place % len(_DASHES)]
        ax.plot(sizes, low, style, color=GREY, linewidth=1, label=f"{100 * level:g}% 界限")
        ax.plot(sizes, high, style, color=GREY, linewidth=1)
    people = int(found.sat.sum())
    ax.axhline(found.target, color=INK, linewidth=1, label=f"总体 {found.target:.1%}（n={people}）")
    plain = found.flag == 0
    ax.plot(found.sat[plain], found.rate[plain], "o", color=BLUE, ms=5, alpha=0.65, mec="white")
    for side, marker, word in ((1, "^", "高于总体"), (-1, "v", "低于总体")):
        some = found.flag == side
        if some.any():
            ax.plot(found.sat[some], found.rate[some], marker, color=RED, ms=8, label=word, ls="")
    if len(labels) == found.sat.size:
        for k in np.flatnonzero(found.flagged)[:_MOST_LABELLED]:
            text = f"{labels[k]} {int(found.passed[k])}/{int(found.sat[k])}"
            ax.annotate(text, (found.sat[k], found.rate[k]), xytext=(7, -3),
                        textcoords="offset points", fontsize=8)  # fmt: skip
    spread = "，界限已计入单位间的固有差别" if found.adjusted else ""
    ax.set(xlim=(0, sizes[-1]), ylim=(-0.03, 1.04), xlabel=f"{base}（n）", ylabel="合格率",
           title=f"合格率漏斗图：{found.sat.size} 个单位，{people} 人{spread}")  # fmt: skip
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax


def plot_pass_rates(units: UnitComparison, *, ax: "Axes | None" = None) -> "Axes":
    """Draw each unit's shrunken rate with its interval and the raw rate beside, in table order.

    The order is that of the names, because an order by rate would be read as a ranking.
    """
    count = len(units.rows)
    ax = ax if ax is not None else new_axes(8, max(2.5, 0.26 * count + 1.3))
    if units.shrunken is None:
        return nothing_to_see(ax, "单位不足两个，没有可比较的差别")
    y = np.arange(count)
    mean, low, high = units.shrunken.mean, units.shrunken.low, units.shrunken.high
    raw = np.array([row.rate for row in units.rows], float)
    ax.axvline(float(units.total.rate or 0), color=GREY, linewidth=1,
               label=f"总体（n={units.total.n}）")  # fmt: skip
    ax.errorbar(mean, y, xerr=[mean - low, high - mean], fmt="o", color=BLUE, ecolor=BLUE, ms=5,
                capsize=2, linewidth=1, label="收缩估计及 95% 区间")  # fmt: skip
    ax.plot(raw, y, "x", color=INK, ms=6, label="实际合格率")
    ax.set_yticks(y, [f"{row.group}（{row.counts.passed}/{row.n}）" for row in units.rows])
    ax.tick_params(axis="y", labelsize=8)
    ax.set(ylim=(count - 0.5, -0.5), xlim=(-0.02, 1.02), xlabel="合格率",
           title=f"各{units.by}合格率（合格/{units.denominator}，按名称排列）")  # fmt: skip
    percent_axis(ax.xaxis)
    below = (0.5, -0.08 - 0.6 / (count + 4))
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=below, ncols=3)
    return ax


def plot_score_distribution(
    scores: ArrayLike,
    cut: Decimal | float,
    *,
    error: float | None = None,
    full_marks: Decimal | float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how scores are distributed, the cut, and the band of measurement error around it.

    Parameters
    ----------
    scores
        Shape ``(people,)``, in points.
    cut
        Pass line in points.
    error
        Standard error of measurement in points; without it no band is drawn.
    full_marks
        Right end of the axis; by default the highest score.
    """
    ax = ax if ax is not None else new_axes(8, 3.8)
    values = np.asarray(scores, float)
    if values.size == 0:
        return nothing_to_see(ax, "没有人实考")
    line = float(cut)
    top = float(full_marks) if full_marks is not None else float(max(values.max(), line))
    low = min(float(values.min()), line)
    step = next(s for s in (0.5, 1, 2, 2.5, 5, 10, 20, 50, 1e9) if (top - low) / s <= 24)
    # Edges that hold the cut: nobody who passed stands in a bar with somebody who failed.
    left, right = np.ceil((line - low) / step), np.ceil((top - line) / step + 1e-9)
    edges = line + step * np.arange(-left - 1, right + 1)
    for some, colour, hatch, word in (
        (values < line, PALE, "///", "未达合格线"),
        (values >= line, BLUE, "", "达到合格线"),
    ):
        edge = GREY if hatch else "white"
        ax.hist(values[some], bins=edges.tolist(), color=colour, hatch=hatch, edgecolor=edge,
                linewidth=0.6, label=f"{word}（{int(some.sum())} 人）")  # fmt: skip
    if error is not None:
        ax.axvspan(line - error, line + error, color=GREY, alpha=0.25, linewidth=0,
                   label=f"合格线 ± 一个标准误（{error:.1f} 分）")  # fmt: skip
    text = points(cut) if isinstance(cut, Decimal) else f"{line:g}"
    ax.axvline(line, color=RED, linewidth=1.4, label=f"合格线 {text} 分")
    ax.set(xlim=(edges[0], edges[-1]), xlabel="卷面分", ylabel="人数",
           title=f"成绩分布（实考 {values.size} 人）")  # fmt: skip
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    return ax


def plot_weakness(table: WeaknessTable, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the share of points won by group and subject as a heat map with n in every cell."""
    rows, columns = table.share.shape
    width, height = max(6.0, 0.85 * columns + 2.2), max(2.6, 0.36 * rows + 1.6)
    ax = ax if ax is not None else new_axes(width, height)
    if not rows or not columns:
        return nothing_to_see(ax, "没有人实考")
    shown = ax.imshow(np.ma.masked_invalid(table.share), cmap="Greys_r", vmin=0, vmax=1,
                      aspect="auto")  # fmt: skip
    for g in range(rows):
        for k in range(columns):
            share = table.share[g, k]
            text = "—" if np.isnan(share) else f"{share:.0%}\nn={int(table.answers[g, k])}"
            # Dark cells carry light text.
            colour = "white" if share < 0.4 else "black"
            ax.text(k, g, text, ha="center", va="center", fontsize=6.5, color=colour)
    ax.set_xticks(range(columns), list(table.names), rotation=30, ha="right", fontsize=8)
    named = zip(table.groups, table.people, strict=True)
    ax.set_yticks(range(rows), [f"{group}（{int(n)} 人）" for group, n in named], fontsize=8)
    ax.set(title=f"各{table.by}分{table.facet.value}得分率（n 为作答人次，颜色越深失分越多）")
    ax.spines[:].set_visible(False)
    colours = ax.get_figure(root=True)
    if colours is not None:
        from matplotlib.ticker import PercentFormatter

        colours.colorbar(shown, ax=ax, format=PercentFormatter(1.0), shrink=0.7)
    return ax
