"""A plot in a panel, with its saved forms (图)."""

import base64
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets

from ..report.figures import figure_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MIME = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


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
        self._draw: Callable[[], Axes] | None = None
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
        self.axes, self._draw = axes, None
        data = base64.b64encode(figure_bytes(axes, "png", dpi=100)).decode()
        words = escape(described or self.name, quote=True)
        self.image.value = (
            f'<img alt="{words}" style="max-width:100%" src="data:image/png;base64,{data}">'
        )
        self.tools.layout.display, self.link.value = "", ""

    def tell(self, html: str, draw: "Callable[[], Axes]") -> None:
        """Show HTML that says the same as a figure; `draw` makes the figure when it is saved."""
        self.axes, self._draw = None, draw
        self.image.value = html
        self.tools.layout.display, self.link.value = "", ""

    def clear(self, reason: str = "") -> None:
        """Show a reason instead of a figure."""
        self.axes = self._draw = None
        self.image.value = f'<div class="note">{escape(reason)}</div>' if reason else ""
        self.tools.layout.display = "none"

    def _offer(self, kind: str) -> None:
        if self.axes is None and self._draw is not None:
            self.axes = self._draw()
        if self.axes is None:
            return
        data = base64.b64encode(figure_bytes(self.axes, kind)).decode()
        self.link.value = (
            f'<a class="save" download="{escape(self.name)}.{kind}" '
            f'href="data:{_MIME[kind]};base64,{data}">保存 {escape(self.name)}.{kind}</a>'
        )
