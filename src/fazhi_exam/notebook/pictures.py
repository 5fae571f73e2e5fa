"""Plots of finished results for panels; each takes and returns axes and computes nothing."""

from typing import TYPE_CHECKING

from ..assembly.exposure import Exposure, overlap_matrix
from ..assembly.feasibility import Feasibility
from ..assembly.paper import Papers
from ..assembly.parity import Parity
from ..law.lapse import LapseReport, Verdict
from ..report.figures import BLUE, GREY, INK, PALE, RED, new_axes, percent_axis
from ..scoring.paper_information import PaperInformation

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_exposure(found: Exposure, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how often each item is used over how often an even draw would use it."""
    ax = ax if ax is not None else new_axes()
    low, high = found.binomial_range
    ax.axvspan(low, high, color="0.9", label="纯随机时预期的范围")
    ax.hist(found.ratio, bins=30, color="#4c72b0", edgecolor="white")
    ax.axvline(1, color="black", linewidth=1)
    ax.set(xlabel="实际使用次数 ÷ 平均使用时的次数", ylabel="题数", title="各题使用是否均匀")
    ax.legend(frameon=False)
    return ax


def draw_overlap(papers: Papers, *, most: int = 60, ax: "Axes | None" = None) -> "Axes":
    """Draw the common items of the first papers, pair by pair."""
    ax = ax if ax is not None else new_axes(5.0, 4.0)
    matrix = overlap_matrix(papers, most=most)
    shown = ax.imshow(matrix, cmap="Greys", vmin=0, vmax=papers.matrix.shape[1])
    ax.figure.colorbar(shown, ax=ax, label="相同题数")
    ax.set(xlabel="试卷", ylabel="试卷", title=f"前 {len(matrix)} 份试卷两两重题")
    return ax


def draw_chances(found: Parity, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the chance of passing on every paper, for three candidates around the line."""
    ax = ax if ax is not None else new_axes(8.0, 3.6)
    looks = ((PALE, "略低于合格线的考生"), (BLUE, "合格线上的考生"), (GREY, "略高于合格线的考生"))
    edges = [k / 50 for k in range(51)]
    for row, (colour, name) in zip(found.chance, looks, strict=True):
        label = f"{name}（相差 {100 * (row.max() - row.min()):.1f} 个百分点）"
        ax.hist(row, bins=edges, color=colour, edgecolor="white", label=label)
    ax.set(
        xlim=(0, 1), xlabel="合格机会", ylabel="试卷份数", title="同一名考生拿到不同试卷的合格机会"
    )
    percent_axis(ax.xaxis)
    ax.legend(frameon=False, fontsize=8)
    return ax


def draw_information(found: PaperInformation, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the information of all papers against that of the reference paper."""
    ax = ax if ax is not None else new_axes(8.0, 3.6)
    x = found.abilities
    ax.fill_between(x, found.papers.min(axis=0), found.papers.max(axis=0), color=PALE,
                    label=f"{len(found.papers)} 份试卷的范围")  # fmt: skip
    ax.plot(x, found.papers.mean(axis=0), color=BLUE, label="各卷平均")
    ax.plot(x, found.target, color=INK, linestyle="--", label="目标（题库平均卷）")
    ax.axvline(found.ability_cut, color=RED, linewidth=1.2, label="合格线处的能力")
    ax.set(xlabel="能力", ylabel="信息量", ylim=(0, None), title="试卷信息量与目标")
    ax.legend(frameon=False, fontsize=8)
    return ax


def draw_coverage(found: Feasibility, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how many papers without a common item every cell of a blueprint can still fill."""
    cells = found.cells
    ax = ax if ax is not None else new_axes(8.0, max(2.5, 0.24 * len(cells) + 1))
    papers = [cell.disjoint_papers for cell in cells]
    places = range(len(cells))
    bars = ax.barh(
        places, papers, color=[RED if p < 1 else PALE if p < 3 else BLUE for p in papers]
    )
    labels = [f"{p} 份（需 {c.need} 有 {c.have}）" for p, c in zip(papers, cells, strict=True)]
    ax.bar_label(bars, labels, padding=3, fontsize=8)
    ax.set_yticks(places, [cell.title for cell in cells], fontsize=8)
    ax.set(ylim=(len(cells) - 0.5, -0.5), xlim=(0, max(papers, default=1) * 1.35 + 1),
           xlabel="不重题还能出几份卷", title="题库覆盖情况")  # fmt: skip
    return ax


def draw_lapse(found: LapseReport, *, most: int = 15, ax: "Axes | None" = None) -> "Axes":
    """Draw how many items each amendment touches, by what became of their citations."""
    table = dict(list(found.by_amendment.items())[:most])
    ax = ax if ax is not None else new_axes(8.5, max(2.2, 0.4 * len(table) + 1))
    left = [0] * len(table)
    shades = {Verdict.RENUMBERED: (PALE, ""), Verdict.UNKNOWN: ("white", ".."),
              Verdict.CHANGED: (BLUE, ""), Verdict.NO_COUNTERPART: (RED, "//"),
              Verdict.REPEALED: (RED, "")}  # fmt: skip
    for verdict, (colour, hatch) in shades.items():
        counts = [row.get(verdict, 0) for row in table.values()]
        if any(counts):
            ax.barh(range(len(table)), counts, left=left, color=colour, hatch=hatch,
                    edgecolor=GREY, label=verdict.chinese)  # fmt: skip
            left = [a + b for a, b in zip(left, counts, strict=True)]
    ax.set_yticks(range(len(table)), [name or "（未注明）" for name in table], fontsize=8)
    ax.set(ylim=(len(table) - 0.5, -0.5), xlabel="受影响的题数", title="修法影响的题数")
    ax.legend(frameon=False, fontsize=8)
    return ax
