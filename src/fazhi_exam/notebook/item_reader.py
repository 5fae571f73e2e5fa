"""One question of those a table shows: as printed, with its law and its history (看题)."""

from collections.abc import Iterable, Sequence
from datetime import date

import ipywidgets as widgets

from ..bank.life import LifeEvent
from ..bank.question_bank import QuestionBank
from ..law.statute_book import StatuteBook
from .item_background import history_html, law_html
from .item_card import item_html


class ItemReader(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Chooses one of a few questions and shows everything about it."""

    def __init__(self) -> None:
        self.bank = QuestionBank(())
        self.events: Sequence[LifeEvent] = ()
        self.on: date | None = None
        self.one = widgets.Dropdown(
            description="打开", style={"description_width": "90px"}, layout={"width": "640px"}
        )
        self.card, self.law, self.history = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.below = widgets.VBox([
            self.card, widgets.HTML("<h3>引用的条文</h3>"), self.law,
            widgets.HTML("<h3>历史</h3>"), self.history,
        ])  # fmt: skip
        self.one.observe(lambda _: self._open(), names="value")
        super().__init__([self.one, self.below])
        self.offer(())

    def take(self, bank: QuestionBank, events: Sequence[LifeEvent], on: date | None) -> None:
        """Read in another bank, or for another day."""
        self.bank, self.events, self.on = bank, events, on
        self._open()

    def offer(self, names: Iterable[str]) -> None:
        """Offer these questions; the open one stays open when it is among them."""
        found = [name for name in dict.fromkeys(names) if name in self.bank]
        if found != [name for _, name in self.one.options]:
            kept = self.one.value
            self.one.options = [(f"{name}　{self.bank[name].stem[:30]}", name) for name in found]
            self.one.value = kept if kept in found else (found[0] if found else None)
        self.layout.display = "" if found else "none"

    def _open(self) -> None:
        if self.one.value not in self.bank:
            return
        item = self.bank[self.one.value]
        self.card.value = item_html(item, self.bank)
        self.history.value = history_html(item, self.events)
        if self.on is not None:
            self.law.value = law_html(item, StatuteBook.shipped(), self.on)
