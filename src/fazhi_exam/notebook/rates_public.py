"""The page that shows what may leave the house, and why the rest may not (发布)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import ipywidgets as widgets

from ..errors import FazhiExamError, NotEnoughData
from ..facts.facts import Facts
from ..passrate import (
    PassRateTable,
    PublicTable,
    Release,
    Why,
    enter,
    hidden_counts,
    publish,
    release_of,
)
from .boundary import Boundary
from .rates_pages import LONG, Redraw, View
from .result_documents import LEDGER
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
_KEPT = "导出公开版之前，先与发布台账中以前公布的各张表核对，再记入台账；台账只在内部保存。"


class PublishPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Internal and public version side by side behind one switch; never both at once.

    The public version is checked against the ledger of releases, and entered there, before its
    Excel file is made.

    Parameters
    ----------
    redraw
        Called when a control changed.
    ledger
        File of the ledger.
    today
        Gives the day of a release.

    Attributes
    ----------
    internal, public
        The two tables as last drawn; different objects, the public one without hidden counts.
    boundary
        Says beside the button that a release was entered, or refused.
    """

    def __init__(
        self,
        redraw: Redraw,
        *,
        ledger: str | Path = LEDGER,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.today = today
        self.boundary = Boundary()
        self.internal: PassRateTable | None = None
        self.public: PublicTable | None = None
        self._facts: Facts | None = None
        self._made: dict[tuple[object, ...], PublicTable] = {}
        self.version = widgets.ToggleButtons(
            options=[("内部版", False), ("公开版", True)], value=True,
            style={"button_width": "220px"},
        )  # fmt: skip
        self.rounding = widgets.Dropdown(
            options=[("不取整", 1), ("人数取整到 5 的倍数", 5)], description="取整", style=LONG
        )
        self.ledger = widgets.Text(
            str(ledger), description="发布台账", style=LONG, continuous_update=False,
            layout={"width": "560px"},
        )  # fmt: skip
        self.outside = widgets.VBox([self.rounding, self.ledger, widgets.HTML(note(_KEPT))])
        self.banner, self.words = widgets.HTML(), widgets.HTML()
        self.tables = widgets.VBox()
        for control in (self.version, self.rounding):
            control.observe(lambda _: redraw(), names="value")
        self.version.add_class("fz-switch")
        super().__init__([
            widgets.HTML(_SWITCH), self.version, self.banner, self.outside, self.words,
            self.boundary, self.tables,
        ])  # fmt: skip

    def draw(self, view: View) -> None:
        """Show the chosen version of a view."""
        self.boundary.clear()
        outside = self.version.value
        self.banner.value = _BANNERS[outside]
        self.version.remove_class("fz-inside" if outside else "fz-outside")
        self.version.add_class("fz-outside" if outside else "fz-inside")
        self.outside.layout.display = "" if outside else "none"
        self.internal = internal = view.table
        if not internal.total.counts.due:
            raise NotEnoughData("发布", 0, 1, "名应考人员")
        # The gate does not depend on the denominator, and is the slow part of this page.
        if view.facts is not self._facts:
            self._facts, self._made = view.facts, {}
        key = (view.scope, view.by, self.rounding.value)
        if key not in self._made:
            # Where the gate refuses, no earlier table stays on the page.
            self.tables.children, self.words.value = (), ""
            self._made[key] = publish(internal, round_to=self.rounding.value)
        self.public = public = self._made[key]
        self.tables.children = (
            _public(public, allowed=lambda: self._enter(view, internal, public))
            if outside
            else _internal(internal),
        )
        self.words.value = self._words(outside=outside)

    def _release(self, view: View, internal: PassRateTable, public: PublicTable) -> Release:
        """Say what the public table states, under a name by which it is known again."""
        found = release_of(
            public, on=self.today(), groups=[row.group for row in internal],
            sittings=[f"{s.programme} {s.id}" for s in view.facts.held(view.scope)],
            which=view.scope.which,
        )  # fmt: skip
        rounded = f"，取整到 {public.rounded_to}" if public.rounded_to > 1 else ""
        title = f"{view.scope.programme} {public.title}，按{view.by}，{view.scope.which}{rounded}"
        return replace(found, title=title)

    def _enter(self, view: View, internal: PassRateTable, public: PublicTable) -> bool:
        """Enter a table in the ledger and say so; False and the reason if it was refused."""
        with self.boundary.guard("公开版没有导出"):
            name = self.ledger.value.strip()
            if not name:
                raise FazhiExamError(f"请填写发布台账的文件名，例如 {LEDGER}")
            release = self._release(view, internal, public)
            held = enter(release, name).releases
            place, said = next((n, r) for n, r in enumerate(held, 1) if release.says_as(r))
            self.boundary.say(
                f"“{release.title}”可以公布，请点“保存”取文件。"
                f"发布台账“{name}”第 {place} 项，{said.on:%Y-%m-%d} 记入"
            )
            return True
        return False

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


def _public(table: PublicTable, *, allowed: Callable[[], bool]) -> Table:
    records = table.records()
    shown = Table(list(records[0]), name="合格率（公开版）", allowed=allowed)
    shown.show([list(record.values()) for record in records])
    return shown


def _internal(table: PassRateTable) -> Table:
    records = table.records()
    rates = [name for name in records[0] if name.endswith(("率", "）")) or name.startswith("区间")]
    shown = Table(list(records[0]), name="合格率（内部版）", formats=dict.fromkeys(rates, ".1%"))
    rows: list[list[Cell]] = [list(record.values()) for record in records]
    shown.show(rows)
    return shown
