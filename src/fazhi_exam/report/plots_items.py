"""Pictures of items and tests (试题图): curves and counts that are already worked out go in."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .figures import BLUE, GREY, INK, PALE, RED, new_axes, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 2)), (0, (3, 5)))
_GREYS = ("#1f1f1f", "#2b5c8a", "#7a7a7a", "#b03a2e", "#4f7942", "#8a6d3b", "#555599", "#999999")


def plot_item_curve(
    ability: ArrayLike,
    expected: ArrayLike,
    *,
    n: int,
    observed: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    name: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the expected share of points over ability, and what was observed.

    Parameters
    ----------
    ability, expected
        Shape ``(points,)``: the curve of the item, expected in [0, 1].
    n
        Answers the curve rests on.
    observed
        Ability, observed share and people of each group of candidates, shape ``(groups,)`` each.
    name
        Item id for the title.
    """
    ax = ax if ax is not None else new_axes(6.5, 4)
    ax.plot(np.asarray(ability, float), np.asarray(expected, float), color=INK, label="模型")
    if observed is not None:
        at, share, people = (np.asarray(part, float) for part in observed)
        if not at.shape == share.shape == people.shape:
            raise ValueError("observed needs three vectors of one length")
        area = 20 + 120 * people / max(1.0, float(people.max(initial=1)))
        ax.scatter(at, share, s=area, color=BLUE, alpha=0.7, label="实际（圆越大人数越多）")
        for x, y, count in zip(at, share, people, strict=True):
            ax.annotate(f"n={int(count)}", (x, y), xytext=(5, -9), textcoords="offset points",
                        fontsize=7)  # fmt: skip
    ax.set(xlabel="能力", ylabel="得分率", ylim=(-0.03, 1.03),
           title=f"{name} 特征曲线（{n} 人次）".strip())  # fmt: skip
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    return ax


def plot_test_information(
    ability: ArrayLike,
    information: ArrayLike,
    *,
    items: int,
    cut: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how much a paper tells over ability, with the standard error beside.

    Parameters
    ----------
    ability, information
        Shape ``(points,)``; information > 0 where a standard error is to be drawn.
    items
        Number of items on the paper.
    cut
        Ability at the pass line.
    """
    ax = ax if ax is not None else new_axes(7, 4)
    x, value = np.asarray(ability, float), np.asarray(information, float)
    ax.plot(x, value, color=BLUE, label="信息量")
    other = ax.twinx()
    error = np.divide(1.0, np.sqrt(value), out=np.full(value.shape, np.nan), where=value > 0)
    other.plot(x, error, color=GREY, linestyle="--", label="标准误")
    other.set(ylabel="标准误", ylim=(0, 1.5))
    other.spines["top"].set_visible(False)
    if cut is not None:
        ax.axvline(cut, color=RED, linewidth=1.2, label="合格线处的能力")
    ax.set(xlabel="能力", ylabel="信息量", ylim=(0, None), title=f"试卷信息量（{items} 题）")
    lines = [*ax.get_lines(), *other.get_lines()]
    ax.legend(lines, [str(line.get_label()) for line in lines], frameon=False, fontsize=8,
              loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)  # fmt: skip
    return ax


def plot_wright_map(
    ability: ArrayLike,
    difficulty: ArrayLike,
    names: Sequence[str],
    *,
    cut: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw people and items on one scale (怀特图).

    Parameters
    ----------
    ability
        Shape ``(people,)``; NaN for those without an estimate.
    difficulty, names
        Shape ``(items,)`` each.
    cut
        Ability at the pass line.
    """
    ax = ax if ax is not None else new_axes(7, 6)
    people, items = np.asarray(ability, float), np.asarray(difficulty, float)
    people = people[np.isfinite(people)]
    if len(names) != items.size:
        raise ValueError("need one name for every item")
    both = np.concatenate([people, items])
    if both.size == 0:
        ax.set_axis_off()
        return ax
    edges = np.arange(np.floor(both.min() * 2) / 2, np.ceil(both.max() * 2) / 2 + 0.51, 0.5)
    at_people = np.histogram(people, edges)[0]
    at_items = np.histogram(items, edges)[0]
    middle = (edges[:-1] + edges[1:]) / 2
    ax.barh(middle, -at_people, height=0.44, color=BLUE, label=f"考生（{people.size} 人）")
    scale = max(1, at_people.max(initial=1)) / max(1, at_items.max(initial=1))
    ax.barh(middle, at_items * scale, height=0.44, color=PALE, edgecolor=GREY, hatch="///",
            label=f"试题（{items.size} 题）")  # fmt: skip
    for y, count, number in zip(middle, at_people, at_items, strict=True):
        if count:
            ax.text(-count, y, f"{count} ", ha="right", va="center", fontsize=8)
        if number:
            some = np.flatnonzero((items >= y - 0.25) & (items < y + 0.25))[:2]
            text = "、".join(names[k] for k in some) + (" 等" if number > 2 else "")
            ax.text(number * scale, y, f" {number}：{text}", ha="left", va="center", fontsize=7)
    if cut is not None:
        ax.axhline(cut, color=RED, linewidth=1.2, label="合格线")
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set(xticks=[], ylabel="能力与难度（同一量尺）", title="考生与试题对照（左人右题）")
    ax.margins(x=0.35)
    ax.spines["bottom"].set_visible(False)
    ax.legend(frameon=False, fontsize=8, loc="upper right")
    return ax


def plot_option_curves(
    groups: Sequence[str],
    people: ArrayLike,
    shares: Mapping[str, ArrayLike],
    key: str,
    *,
    name: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how often each option was chosen from the weakest to the strongest group.

    Parameters
    ----------
    groups, people
        Names of the groups by total score, and people in each.
    shares
        Option id → share of the group that chose it, shape ``(groups,)``.
    key
        Option ids that are right; drawn thick.
    """
    ax = ax if ax is not None else new_axes(6.5, 4)
    count = np.asarray(people, float)
    if count.shape != (len(groups),):
        raise ValueError("need one number of people for every group")
    x = np.arange(len(groups))
    for k, (option, share) in enumerate(shares.items()):
        right = option in key
        ax.plot(x, np.asarray(share, float), marker="o", ms=4, color=_GREYS[k % len(_GREYS)],
                linestyle=_LINES[k % len(_LINES)], linewidth=2.6 if right else 1.2,
                label=f"{option}{'（答案）' if right else ''}")  # fmt: skip
    ax.set_xticks(x, [f"{g}\nn={int(n)}" for g, n in zip(groups, count, strict=True)])
    ax.set(xlabel="按总分分组（由低到高）", ylabel="选择比例", ylim=(-0.03, 1.03),
           title=f"{name} 选项选择情况（{int(count.sum())} 人次）".strip())  # fmt: skip
    percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=8)
    return ax


def plot_dif(
    names: Sequence[str],
    effect: ArrayLike,
    error: ArrayLike,
    flagged: ArrayLike,
    *,
    people: tuple[int, int],
    groups: tuple[str, str] = ("对照组", "关注组"),
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw for each item how far two groups of equal ability differ (项目功能差异).

    Parameters
    ----------
    names, effect, error, flagged
        Shape ``(items,)``: effect on the delta scale, its standard error, and whether the item is
        to be looked at.
    people, groups
        Number of people and name of the reference and the focal group.
    """
    value, noise = np.asarray(effect, float), np.asarray(error, float)
    odd = np.asarray(flagged, bool)
    if not len(names) == value.size == noise.size == odd.size:
        raise ValueError("need name, effect, error and flag for every item")
    ax = ax if ax is not None else new_axes(7, max(2.5, 0.24 * len(names) + 1.4))
    y = np.arange(len(names))
    for low, high in ((-1.5, -1.0), (1.0, 1.5)):
        ax.axvspan(low, high, color=PALE, alpha=0.6, linewidth=0)
    ax.axvline(0, color=INK, linewidth=0.8)
    for some, colour, marker, word in ((~odd, GREY, "o", "无明显差异"), (odd, RED, "D", "须查看")):
        if some.any():
            words = f"{word}（{int(some.sum())} 题）"
            ax.errorbar(value[some], y[some], xerr=1.96 * noise[some], fmt=marker, color=colour,
                        ms=5, capsize=2, linewidth=1, label=words)  # fmt: skip
    ax.set_yticks(y, list(names))
    ax.tick_params(axis="y", labelsize=7)
    ax.set(
        ylim=(len(names) - 0.5, -0.5), xlabel="Δ（95% 区间）：左为不利于后一组，右为有利于后一组"
    )
    ax.set_title(f"同等水平的差异：{groups[0]} {people[0]} 人，{groups[1]} {people[1]} 人")
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax
