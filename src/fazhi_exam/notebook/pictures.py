"""Plots of finished results for panels; each takes and returns axes and computes nothing."""

from typing import TYPE_CHECKING

from ..assembly.exposure import Exposure, overlap_matrix
from ..assembly.paper import Papers
from .picture import new_axes

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
