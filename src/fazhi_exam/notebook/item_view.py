"""Item analysis to look through: a list with flags, and one item opened (试题分析)."""

import math

import ipywidgets as widgets
import numpy as np

from ..delivery.sitting import Sitting
from ..errors import NotEnoughData
from ..marking import Marks
from ..report import plot_item_curve, plot_option_curves
from ..scoring import Calibration, Flag, ItemAnalysis
from ..scoring.item_analysis import ItemReport
from ..scoring.option_curves import option_curves
from .item_card import item_html
from .picture import Picture
from .style import note, plain_table
from .table import Table

_HINTS = {
    "作答人数": "卷面上有这道题的人数，留空也算",
    "得分率": "平均得到这道题分值的几成；越高越容易",
    "区分度": "这道题的得分与其余题目总分的相关；越高越能分出水平，负数要先核对答案",
    "留空": "没有作答的人数",
}


def light(report: ItemReport) -> str:
    """Return the traffic light of an item with its meaning in words."""
    if report.flags == (Flag.FEW_ANSWERS,):
        return "○ 人少"
    return "▲ 要看" if report.flags else "● 正常"


class ItemView(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The items of a sitting, those with a flag first; one of them opened below."""

    def __init__(self) -> None:
        self.analysis: ItemAnalysis | None = None
        self.sitting: Sitting | None = None
        self.calibration: Calibration | None = None
        self.headline = widgets.HTML()
        self.flag = widgets.Dropdown(
            options=[("全部有提示的题", ""), *((str(f), f.name) for f in Flag), ("全部题目", "*")],
            description="提示", layout={"width": "520px"}, style={"description_width": "60px"},
        )  # fmt: skip
        self.items = Table(
            ["灯", "题目", "题型", "作答人数", "得分率", "区分度", "留空", "提示"],
            name="试题分析", page=10, hints=_HINTS, empty="没有这样的题目",
            formats={"得分率": ".2f", "区分度": ".2f"},
        )  # fmt: skip
        self.one = widgets.Dropdown(description="打开", style={"description_width": "60px"})
        self.card = widgets.HTML()
        self.options = widgets.HTML()
        self.curve, self.choices = Picture("题目特征曲线"), Picture("选项曲线")
        self.marks: Marks | None = None
        self.flag.observe(lambda _: self._filter(), names="value")
        self.one.observe(lambda _: self._open(), names="value")
        super().__init__(
            [
                self.headline,
                self.flag,
                self.items,
                self.one,
                self.card,
                self.options,
                self.choices,
                self.curve,
            ]
        )

    def show(
        self,
        analysis: ItemAnalysis,
        sitting: Sitting,
        calibration: Calibration | None,
        marks: Marks | None = None,
    ) -> None:
        """Show the items of a sitting; its marks are needed for the option curves."""
        self.marks = marks
        self.analysis, self.sitting, self.calibration = analysis, sitting, calibration
        flagged = len(analysis.flagged())
        alpha = ""
        if not math.isnan(analysis.reliability):
            low, high = analysis.reliability_low, analysis.reliability_high
            alpha = f"；信度 α={analysis.reliability:.2f}（95% 区间 {low:.2f}–{high:.2f}）"
        self.headline.value = note(
            f"{len(analysis.items)} 道题，{analysis.people} 人实考，{flagged} 道有提示{alpha}"
        )
        self._filter()

    @property
    def shown(self) -> tuple[ItemReport, ...]:
        """The reports that the chosen flag lets through; those with too few answers last."""
        if self.analysis is None:
            return ()
        if self.flag.value == "*":
            return self.analysis.items
        found = self.analysis.flagged(Flag[self.flag.value] if self.flag.value else None)
        return tuple(sorted(found, key=lambda report: Flag.FEW_ANSWERS in report.flags))

    def _filter(self) -> None:
        found = self.shown
        self.items.show([
            (light(i), i.item_id, str(i.kind), i.answers, i.facility,
             i.discrimination, i.omitted, "；".join(i.flags))
            for i in found
        ])  # fmt: skip
        self.one.options = [i.item_id for i in found]
        self.one.value = found[0].item_id if found else None
        if not found:
            self.card.value = self.options.value = ""
            self.curve.clear()
            self.choices.clear()

    def _open(self) -> None:
        if self.analysis is None or self.sitting is None or self.one.value is None:
            return
        report = next(i for i in self.analysis.items if i.item_id == self.one.value)
        item = self.sitting.bank[report.item_id]
        advice = "；".join(report.flags) or "没有发现问题，可继续使用"
        self.card.value = item_html(item, self.sitting.bank) + note(f"建议：{advice}")
        rows = [
            (f"{u.option}{'（正确）' if u.right else ''}", u.chosen,
             "—" if math.isnan(u.score_share) else f"{u.score_share:.0%}")
            for u in report.options
        ]  # fmt: skip
        heads = ["选项", f"选的人（共 {report.answers} 人）", "选的人全卷平均得分率"]
        self.options.value = plain_table(heads, rows) if rows else ""
        self._draw_choices(report)
        known = self.calibration is not None and report.item_id in self.calibration.place
        if self.calibration is not None and known:
            theta = np.linspace(-4, 4, 81)
            share = self.calibration.share_curve(report.item_id, theta)
            words = f"{report.item_id} 的特征曲线（{self.calibration.label}）"
            answers = int(self.calibration.answers[self.calibration.place[report.item_id]])
            axes = plot_item_curve(theta, share, n=answers, name=report.item_id)
            self.curve.show(axes, described=words)
        else:
            self.curve.clear("没有这道题的标定参数，不画特征曲线")

    def _draw_choices(self, report: ItemReport) -> None:
        """Draw who chose which option, from the weakest to the strongest candidates."""
        if self.marks is None or self.sitting is None or not report.options:
            self.choices.clear()
            return
        try:
            found = option_curves(self.marks, self.sitting, report.item_id)
        except NotEnoughData as error:
            self.choices.clear(str(error))
            return
        axes = plot_option_curves(
            found.groups, found.people, found.shares, found.key, name=found.item_id
        )
        words = f"{found.item_id}：答案 {found.key} 的线应随水平上升，其他选项的线应下降。"
        self.choices.show(axes, described=words)
