"""Axes and saved pictures that look alike and give the same bytes every time (图的底座)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import write_bytes
from .fonts import use_fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

INK, GREY, PALE, BLUE, RED = "#222222", "#7f7f7f", "#d9d9d9", "#2b5c8a", "#b03a2e"
"""Colours that keep their order of darkness in grey."""
_METADATA = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def new_axes(width: float = 8.0, height: float = 4.5) -> "Axes":
    """Return axes of a figure that pyplot does not know, with the package's Chinese font.

    Parameters
    ----------
    width, height
        In inches.
    """
    from matplotlib.figure import Figure

    use_fonts()
    axes = Figure(figsize=(width, height), layout="constrained").subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


@contextmanager
def _fixed() -> Iterator[None]:
    """Hold settings under which the same figure gives the same bytes; text as outlines."""
    from matplotlib import rc_context

    # The default salt of element ids is random; outlines need no font where the file is opened.
    with rc_context({"svg.hashsalt": "fazhi-exam", "svg.fonttype": "path", "pdf.fonttype": 42}):
        yield


def figure_bytes(axes: "Axes", kind: str, *, dpi: int = 150) -> bytes:
    """Return the figure of some axes as ``png``, ``svg`` or ``pdf``.

    Raises
    ------
    ValueError
        For another kind, or axes without a figure.
    """
    if kind not in _METADATA:
        raise ValueError(f"need png, svg or pdf, not {kind}")
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    out = BytesIO()
    with _fixed():
        figure.savefig(out, format=kind, dpi=dpi, metadata=_METADATA[kind])
    return out.getvalue()


def save_figure(axes: "Axes", path: str | Path, *, dpi: int = 150) -> Path:
    """Write the figure of some axes; the suffix chooses PNG, SVG or PDF.

    Raises
    ------
    ValueError
        For another suffix.
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    return write_bytes(figure_bytes(axes, kind, dpi=dpi), path)


def inline_svg(axes: "Axes", *, name: str) -> str:
    """Return the figure as an ``<svg>`` element for a web page.

    Parameters
    ----------
    name
        Prefix of the element ids, unique on the page, made of ASCII letters and digits.
    """
    text = figure_bytes(axes, "svg").decode()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.S)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:href=")#', rf"\1#{name}-", text)
    return re.sub(r"url\(#", f"url(#{name}-", text)


def percent_axis(axis: "Axis") -> None:
    """Write the numbers of an axis as whole per cent."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    # Steps of 2.5 points would be rounded into uneven labels.
    axis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def nothing_to_see(ax: "Axes", why: str) -> "Axes":
    """Say on the axes why there is nothing to see."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, why, ha="center", va="center", transform=ax.transAxes, color=INK)
    return ax
