"""One task a screen: numbered steps, the next one always visible, earlier ones open (步骤)."""

from collections.abc import Callable, Sequence

import ipywidgets as widgets


class Steps(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Pages behind a row of numbered buttons.

    Parameters
    ----------
    pages
        Pairs of title and content.
    entered
        Called with the place of a page, from 0, whenever it is opened.
    """

    def __init__(
        self,
        pages: Sequence[tuple[str, widgets.Widget]],
        *,
        entered: Callable[[int], None] | None = None,
        numbered: bool = True,
    ) -> None:
        names = [f"{n} {title}" if numbered else title for n, (title, _) in enumerate(pages, 1)]
        self.entered = entered
        self.choice = widgets.ToggleButtons(
            options=list(zip(names, range(len(pages)), strict=True)),
            style={"button_width": "auto"},
        )
        self.stack = widgets.Stack([page for _, page in pages], selected_index=0)
        self.next = widgets.Button(button_style="primary", layout={"width": "max-content"})
        self.previous = widgets.Button(description="上一步", layout={"width": "90px"})
        self._names = names
        self.choice.observe(lambda _: self._open(), names="value")
        self.next.on_click(lambda _: self.go(self.choice.value + 1))
        self.previous.on_click(lambda _: self.go(self.choice.value - 1))
        super().__init__([self.choice, self.stack, widgets.HBox([self.previous, self.next])])
        self._label()

    def go(self, place: int) -> None:
        """Open a page, counted from 0; beyond the ends nothing happens."""
        if 0 <= place < len(self._names):
            self.choice.value = place

    def _open(self) -> None:
        self.stack.selected_index = self.choice.value
        self._label()
        if self.entered is not None:
            self.entered(self.choice.value)

    def _label(self) -> None:
        after = self.choice.value + 1
        last = after == len(self._names)
        self.next.description = "" if last else f"下一步：{self._names[after]}"
        self.next.layout.display = "none" if last else ""
        self.previous.disabled = self.choice.value == 0
