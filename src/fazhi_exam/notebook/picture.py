"""A plot in a panel, with its saved forms (图)."""

import base64
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

import ipywidgets as widgets

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MIME = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
_FIXED = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def new_axes(width: float = 8.0, height: float = 3.2) -> "Axes":
    """Return axes of a figure that pyplot does not know, with the package's Chinese font."""
    from matplotlib.figure import Figure

    from ..report.fonts import use_fonts

    use_fonts()
    axes = Figure(figsize=(width, height), layout="constrained").subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


class Picture(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Shows the figure of some axes and saves it as PNG, SVG or PDF.

    Parameters
    ----------
    name
        File name without suffix, also the text read out for those who cannot see the figure.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.axes: Axes | None = None
        self.image, self.link = widgets.HTML(), widgets.HTML()
        self.save = [
            widgets.Button(description=f"存为 {kind.upper()}", layout={"width": "90px"})
            for kind in _MIME
        ]
        for button, kind in zip(self.save, _MIME, strict=True):
            button.on_click(lambda _, kind=kind: self._offer(kind))
        self.tools = widgets.HBox([*self.save, self.link], layout={"display": "none"})
        super().__init__([self.image, self.tools])

    def show(self, axes: "Axes", *, described: str = "") -> None:
        """Draw the figure of `axes`; `described` says in words what it shows."""
        self.axes = axes
        data = base64.b64encode(self.bytes("png")).decode()
        words = escape(described or self.name, quote=True)
        self.image.value = (
            f'<img alt="{words}" style="max-width:100%" src="data:image/png;base64,{data}">'
        )
        self.tools.layout.display, self.link.value = "", ""

    def clear(self, reason: str = "") -> None:
        """Show a reason instead of a figure."""
        self.axes = None
        self.image.value = f'<div class="note">{escape(reason)}</div>' if reason else ""
        self.tools.layout.display = "none"

    def bytes(self, kind: str) -> bytes:
        """Return the figure as ``png``, ``svg`` or ``pdf``."""
        out = BytesIO()
        if self.axes is not None:
            figure = self.axes.get_figure(root=True)
            figure.savefig(out, format=kind, dpi=100, metadata=_FIXED[kind])
        return out.getvalue()

    def _offer(self, kind: str) -> None:
        data = base64.b64encode(self.bytes(kind)).decode()
        self.link.value = (
            f'<a class="save" download="{escape(self.name)}.{kind}" '
            f'href="data:{_MIME[kind]};base64,{data}">保存 {escape(self.name)}.{kind}</a>'
        )
