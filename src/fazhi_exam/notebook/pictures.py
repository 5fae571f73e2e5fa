"""Plots of finished results for panels; each takes and returns axes and computes nothing."""

from typing import TYPE_CHECKING

from ..assembly.exposure import Exposure, overlap_matrix
from ..assembly.feasibility import Feasibility
from ..assembly.paper import Papers
from ..law.lapse import LapseReport, Verdict
from ..report.figures import BLUE, GREY, PALE, RED, new_axes

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
