"""The page that shows what may leave the house, and why the rest may not (发布)."""

from collections import Counter

import ipywidgets as widgets

from ..errors import NotEnoughData
from ..passrate import (
    PassRateTable,
    PublicTable,
    Why,
    hidden_counts,
    publish,
)
from .rates_pages import LONG, Redraw, View
from .style import note
from .table import Cell, Table

_BANNERS = {
    False: '<div class="fault" style="font-size:22px"><b>■ 内部版</b>　含人数很少的单位，'
    "不得外传</div>",
    True: '<div class="done" style="font-size:22px"><b>● 公开版</b>　已经过发布前保密处理</div>',
}
_SWITCH = """<style>
.fz .fz-switch button {font-size: 20px; height: 44px; line-height: 40px;}
.fz .fz-inside button.mod-active {background: #b3261e; color: #fff; font-weight: bold;}
.fz .fz-outside button.mod-active {background: #2e7d32; color: #fff; font-weight: bold;}
</style>"""
_MOST_REASONS = 3


class PublishPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Internal and public version side by side behind one switch; never both at once.

    Attributes
    ----------
    internal, public
        The two tables as last drawn; different objects, the public one without hidden counts.
    """

    def __init__(self, redraw: Redraw) -> None:
        self.internal: PassRateTable | None = None
        self.public: PublicTable | None = None
        self._made: dict[tuple[object, ...], PublicTable] = {}
        self.version = widgets.ToggleButtons(
            options=[("内部版", False), ("公开版", True)], value=True,
            style={"button_width": "220px"},
        )  # fmt: skip
        self.rounding = widgets.Dropdown(
            options=[("不取整", 1), ("人数取整到 5 的倍数", 5)], description="取整", style=LONG
        )
        self.banner, self.words = widgets.HTML(), widgets.HTML()
        self.tables = widgets.VBox()
        for control in (self.version, self.rounding):
            control.observe(lambda _: redraw(), names="value")
        self.version.add_class("fz-switch")
        super().__init__([
            widgets.HTML(_SWITCH), self.version, self.banner, self.rounding, self.words,
            self.tables,
        ])  # fmt: skip

    def draw(self, view: View) -> None:
        """Show the chosen version of a view."""
        outside = self.version.value
        self.banner.value = _BANNERS[outside]
        self.version.remove_class("fz-inside" if outside else "fz-outside")
        self.version.add_class("fz-outside" if outside else "fz-inside")
        self.rounding.layout.display = "" if outside else "none"
        self.internal = view.table
        if not self.internal.total.counts.due:
            raise NotEnoughData("发布", 0, 1, "名应考人员")
        # The gate does not depend on the denominator, and is the slow part of this page.
        key = (id(view.facts), view.scope, view.by, self.rounding.value)
        if key not in self._made:
            self._made[key] = publish(self.internal, round_to=self.rounding.value)
        self.public = self._made[key]
        shown = _public(self.public) if outside else _internal(self.internal)
        self.tables.children = (shown,)
        self.words.value = self._words(outside=outside)

    def _words(self, *, outside: bool) -> str:
        if self.internal is None or self.public is None:
            return ""
        rows = len(self.public.rows)
        if outside:
            return note(
                f"{self.public.title}：{rows} 行，隐去 {self.public.hidden} 个数字。"
                f"{self.public.note}。"
            )
        found = hidden_counts(self.internal, self.public)
        parts = [note(f"公开版将隐去 {len(found)} 个数字，理由如下（只在内部版列出）：")]
        number = Counter(one.why for one in found)
        for why in Why:
            if number[why]:
                own = [f"{h.group}的{h.column}" for h in found if h.why is why]
                more = f"等 {number[why]} 个" if number[why] > _MOST_REASONS else ""
                parts.append(note(f"{why}：{'、'.join(own[:_MOST_REASONS])}{more}"))
        if self.public.merged:
            parts.append(note(f"人数太少、合并成一行的：{'、'.join(self.public.merged)}"))
        if not found and not self.public.merged:
            parts = [note("没有需要隐去的数字，公开版与内部版的人数相同。")]
        return "".join(parts)


def _public(table: PublicTable) -> Table:
    records = table.records()
    shown = Table(list(records[0]), name="合格率（公开版）")
    shown.show([list(record.values()) for record in records])
    return shown


def _internal(table: PassRateTable) -> Table:
    records = table.records()
    rates = [name for name in records[0] if name.endswith(("率", "）")) or name.startswith("区间")]
    shown = Table(list(records[0]), name="合格率（内部版）", formats=dict.fromkeys(rates, ".1%"))
    rows: list[list[Cell]] = [list(record.values()) for record in records]
    shown.show(rows)
    return shown
