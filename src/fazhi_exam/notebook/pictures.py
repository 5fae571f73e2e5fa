"""Plots of finished results for panels; each takes and returns axes and computes nothing."""

from typing import TYPE_CHECKING, TypeAlias

from ..assembly.exposure import Exposure, overlap_matrix
from ..assembly.feasibility import CellSupply, Feasibility
from ..assembly.paper import Papers
from ..assembly.parity import Parity
from ..law.lapse import LapseReport, Verdict
from ..report.figures import BLUE, GREY, INK, PALE, RED, new_axes, percent_axis
from ..scoring.paper_information import PaperInformation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap


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
    """Draw a heat map: papers without a common item that each cell of a blueprint can still fill.

    Rows of the blueprint stand below one another, its sections beside one another.
    """
    sections, rows, cells = coverage_grid(found)
    ax = ax if ax is not None else new_axes(2.4 + 2.1 * len(sections), 0.36 * len(rows) + 1.4)
    table = [[_papers(cells.get((s, r))) for s in sections] for r in rows]
    ax.imshow(table, cmap=_scale(), vmin=0, vmax=12, aspect="auto")
    for y, row in enumerate(rows):
        for x, section in enumerate(sections):
            held = cells.get((section, row))
            if held is not None:
                dark = not 1 <= held.disjoint_papers < 9
                ax.text(x, y, coverage_words(held), ha="center", va="center", fontsize=8,
                        color="white" if dark else INK)  # fmt: skip
    ax.set_xticks(range(len(sections)), sections, fontsize=9)
    ax.set_yticks(range(len(rows)), rows, fontsize=9)
    ax.tick_params(length=0)
    ax.set_title("题库覆盖情况：不重题还能出几份卷（■ 不够一份　▲ 不足三份）", fontsize=10)
    ax.spines[:].set_visible(False)
    return ax


_Grid: TypeAlias = dict[tuple[str, str], CellSupply]


def coverage_grid(found: Feasibility) -> tuple[list[str], list[str], _Grid]:
    """Return the sections and the rows of a blueprint, and its cells by section and row."""
    cells: _Grid = {}
    for cell in found.cells:
        section, _, row = cell.title.partition("·")
        again = (section, row) in cells
        cells[section, f"{row}（{cell.id}）" if again else row] = cell
    sections = list(dict.fromkeys(key[0] for key in cells))
    return sections, list(dict.fromkeys(key[-1] for key in cells)), cells


def coverage_words(held: CellSupply) -> str:
    """Say of a cell how many papers it can fill; marked where they are few."""
    papers = held.disjoint_papers
    mark = "■ " if papers < 1 else "▲ " if papers < 3 else ""
    return f"{mark}{papers} 份（需 {held.need} 有 {held.have}）"


def _papers(cell: CellSupply | None) -> float:
    return float("nan") if cell is None else min(cell.disjoint_papers, 12)


def _scale() -> "Colormap":
    """Red below one paper, then the darker the more; light to dark also in grey."""
    from matplotlib.colors import LinearSegmentedColormap

    steps = [(0.0, RED), (0.5 / 12, RED), (0.51 / 12, "#f6efe2"), (3 / 12, "#e3ecf3"), (1.0, BLUE)]
    return LinearSegmentedColormap.from_list("coverage", steps).with_extremes(bad="#f4f4f4")


def draw_lapse(found: LapseReport, *, most: int = 15, ax: "Axes | None" = None) -> "Axes":
    """Draw how many items each amendment touches, by what became of their citations."""
    named = [(name, counts) for name, counts in found.by_amendment.items() if name]
    table = dict(named[:most])
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
    ax.set_yticks(range(len(table)), list(table), fontsize=8)
    ax.set(ylim=(len(table) - 0.5, -0.5), xlabel="受影响的题数", title="修法影响的题数")
    ax.legend(frameon=False, fontsize=8)
    return ax
