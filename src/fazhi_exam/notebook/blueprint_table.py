"""The blueprint as a table to edit, with what the bank has for every row (蓝图表)."""

from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from ..assembly.blueprint import Blueprint
from ..assembly.feasibility import CellSupply, Feasibility
from ..points import tidy

_COUNT = {"width": "80px"}
_LINE = {"flex": "0 0 auto", "align_items": "center"}


def state(supply: CellSupply, cap: float) -> tuple[str, str]:
    """Return the colour of a cell and the same in words, so that it can be read in grey.

    Parameters
    ----------
    supply
        Need and have of the cell.
    cap
        Highest share of papers an item should be on, in (0, 1].
    """
    figures = f"需 {supply.need} 有 {supply.have}"
    if supply.short_by:
        return "red", f"■ 不足 {figures}，缺 {supply.short_by}"
    if supply.exposure > cap:
        return "amber", f"▲ 偏紧 {figures}，曝光 {supply.exposure:.0%}"
    return "green", f"● 充足 {figures}"


class BlueprintTable(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Quotas by row and points by section, each editable; the right column follows.

    Parameters
    ----------
    changed
        Called after each change by the officer.
    """

    def __init__(self, *, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._quiet = False
        self.counts: dict[str, widgets.BoundedIntText] = {}
        self.points: dict[str, widgets.Text] = {}
        self.states: dict[str, widgets.HTML] = {}
        self.totals = widgets.HTML()
        self.grid = widgets.VBox(layout={"max_height": "520px", "overflow": "auto"})
        super().__init__([self.totals, self.grid])

    def show(self, blueprint: Blueprint, quotas: dict[str, int], points: dict[str, str]) -> None:
        """Lay out the rows of a blueprint as it is without changes, with the changes filled in."""
        self._quiet = True
        self.counts, self.points, self.states = {}, {}, {}
        lines: list[widgets.Widget] = []
        for section in blueprint.sections:
            worth = widgets.Text(
                value=str(points.get(section.id, section.points)), continuous_update=False,
                layout={"width": "70px"},
            )  # fmt: skip
            self.points[section.id] = worth
            kind = "案例" if section.cases else str(section.kind)
            head = widgets.HTML(f"<h3>{escape(section.title)}（{kind}）</h3>")
            lines.append(widgets.HBox([head, widgets.Label("每题分值"), worth], layout=_LINE))
            for number, row in enumerate(section.rows, 1):
                if row.optional:
                    continue
                key = f"{section.id}.{number}"
                self.counts[key] = widgets.BoundedIntText(
                    value=quotas.get(key, row.count), min=0, max=10_000, layout=_COUNT
                )
                self.states[key] = widgets.HTML()
                name = widgets.Label(row.title, layout={"width": "200px"})
                lines.append(widgets.HBox([name, self.counts[key], self.states[key]], layout=_LINE))
        for control in (*self.counts.values(), *self.points.values()):
            control.observe(lambda _: self._tell(), names="value")
        self.grid.children = lines
        self._quiet = False

    def chosen(self, blueprint: Blueprint) -> tuple[dict[str, int], dict[str, str]]:
        """Return counts and points where they differ from those of `blueprint`."""
        counts = {
            f"{section.id}.{number}": row.count
            for section in blueprint.sections
            for number, row in enumerate(section.rows, 1)
        }
        quotas = {k: w.value for k, w in self.counts.items() if w.value != counts[k]}
        points = {
            section.id: self.points[section.id].value.strip()
            for section in blueprint.sections
            if self.points[section.id].value.strip() != str(section.points)
        }
        return quotas, points

    def judge(self, blueprint: Blueprint, found: Feasibility, cap: float) -> None:
        """Show need and have of every row that is drawn.

        Parameters
        ----------
        blueprint
            The changed blueprint, for its totals.
        found
            Its feasibility; cells stand in the order of the rows.
        cap
            Highest share of papers an item should be on.
        """
        drawn = [key for key, count in self.counts.items() if count.value]
        for key in self.counts.keys() - set(drawn):
            self.states[key].value = '<span class="state">— 不抽</span>'
        for key, supply in zip(drawn, found.cells, strict=True):
            colour, words = state(supply, cap)
            text = f'<span class="state {colour}">{escape(words)}</span>'
            if self.states[key].value != text:
                self.states[key].value = text
        verdict = (
            f"可以组卷；不重题最多 {found.disjoint_papers} 份，最紧的是“{found.binding.title}”"
            if found.feasible
            else f"不能组卷：{'；'.join(found.conflict[:4])}。建议：{found.relaxation}"
        )
        warned = "".join(f"<br>提示：{escape(text)}" for text in found.warnings[:5])
        self.totals.value = (
            f'<div class="{"done" if found.feasible else "fault"}">'
            f"全卷 {blueprint.items_per_paper} 题，{tidy(blueprint.total_points):f} 分。"
            f"{escape(verdict)}{warned}</div>"
        )

    def refuse(self, reason: str) -> None:
        """Say why what was typed is no blueprint."""
        self.totals.value = f'<div class="fault">{escape(reason)}</div>'
        for mark in self.states.values():
            mark.value = ""

    def _tell(self) -> None:
        if not self._quiet:
            self._changed()
