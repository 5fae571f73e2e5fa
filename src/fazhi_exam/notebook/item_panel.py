"""How the questions of a sitting worked (试题分析)."""

from dataclasses import dataclass, replace

import ipywidgets as widgets

from ..delivery.sitting import Sitting
from ..errors import NotEnoughData
from ..marking import Marks
from ..report import plot_test_information, plot_wright_map
from ..scoring import (
    Calibration,
    DecisionReport,
    ItemAnalysis,
    ScoreReport,
    decision_quality,
    item_analysis,
    score,
)
from ..scoring.option_curves import item_locations
from ..scoring.paper_information import PaperInformation, paper_information
from ..typing import Progress
from .boundary import Boundary
from .dif_page import DifPage
from .item_view import ItemView
from .picture import Picture
from .recorded import Result
from .steps import Steps
from .style import STYLE, card, cards, note, plain_table
from .work import Work

_NO_PARAMETERS = "没有题目参数，画不出信息量和题目难度；可先用历次考试标定。"


@dataclass(frozen=True)
class _Whole:
    """What is worked out for the test as a whole; None with the reason where it cannot be."""

    analysis: ItemAnalysis
    scores: ScoreReport
    quality: DecisionReport | None = None
    information: PaperInformation | None = None
    lacking: str = ""


def _worked_out(sitting: Sitting, marks: Marks, calibration: Calibration | None) -> _Whole:
    found = _Whole(item_analysis(marks, sitting), score(marks, sitting, calibration))
    try:
        found = replace(found, quality=decision_quality(found.scores))
        if calibration is None:
            return replace(found, lacking=_NO_PARAMETERS)
        return replace(found, information=paper_information(sitting, calibration))
    except NotEnoughData as error:
        return replace(found, lacking=str(error))


class ItemPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Flags, curves and advice item by item, the test as a whole, and groups compared.

    Parameters
    ----------
    sitting, marks
        A marked sitting.
    calibration
        Item parameters; without them there are no curves, and how sure the decisions are is worked
        out from raw totals.
    """

    def __init__(
        self, sitting: Sitting, marks: Marks, calibration: Calibration | None = None
    ) -> None:
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self.quality = widgets.HTML(note("正在分析……"))
        self.items = ItemView()
        self.explained = widgets.HTML()
        self.information, self.wright = Picture("试卷信息量"), Picture("考生与试题对照")
        self.groups = DifPage(self.boundary, self.work)
        whole = widgets.VBox([self.explained, self.information, self.wright])
        self.steps = Steps(
            [("逐题", self.items), ("整卷", whole), ("分组差异", self.groups)], numbered=False
        )
        super().__init__([
            widgets.HTML(STYLE), self.quality, self.steps, self.work, self.boundary,
        ])  # fmt: skip
        self.add_class("fz")
        self.show(sitting, marks, calibration)

    def show(self, sitting: Sitting, marks: Marks, calibration: Calibration | None) -> None:
        """Analyse a sitting and show it."""
        self.groups.offer(sitting, marks)

        def job(_: Progress) -> _Whole:
            return _worked_out(sitting, marks, calibration)

        def then(found: _Whole) -> None:
            self.items.show(found.analysis, sitting, calibration, marks)
            self._show_whole(found, calibration)

        self.work.start("分析试题", job, then)

    def _show_whole(self, found: _Whole, calibration: Calibration | None) -> None:
        quality, told = found.quality, found.information
        lacking = note(found.lacking) if found.lacking else ""
        self.quality.value = lacking if quality is None else _cards(quality)
        meanings = [] if quality is None else _meanings(quality)
        meanings += [] if told is None else _information_meanings(told)
        table = plain_table(["数字", "是多少", "是什么意思"], meanings) if meanings else ""
        self.explained.value = table + lacking
        self.information.clear()
        self.wright.clear()
        if told is not None and calibration is not None:
            self._draw(found, told, calibration)

    def _draw(self, found: _Whole, told: PaperInformation, calibration: Calibration) -> None:
        axes = plot_test_information(
            told.abilities, told.papers.mean(axis=0), items=told.items, cut=told.ability_cut
        )
        self.information.show(axes, described=str(told))
        names = [i.item_id for i in found.analysis.items if i.item_id in calibration.place]
        axes = plot_wright_map(
            found.scores.ability, item_locations(calibration, names), names, cut=told.ability_cut
        )
        self.wright.show(axes, described="左边是考生的能力，右边是试题的难度，同高处一半机会答对")

    @classmethod
    def of(cls, result: Result) -> "ItemPanel":
        """Show a result read back from a store."""
        return cls(result.sitting, result.marks, result.scores.calibration)


def _cards(found: DecisionReport) -> str:
    measure = _measure(found)
    return cards([
        card("信度", f"{found.reliability:.2f}", f"{found.people} 人",
             f"{measure}的差别中，不是误差的那一份；越接近 1 越好"),
        card("临界考生", str(found.near_cut), f"共 {found.people} 人",
             f"{measure}距合格线不到一个标准误的人数"),
        card("判定正确", f"{found.accuracy:.1%}", f"{found.people} 人中预期",
             "合格或不合格的判定与真实水平一致的预期比例"),
        card("再考一次结论相同", f"{found.consistency:.1%}", f"一致性系数 κ={found.kappa:.2f}",
             "换一份同样的卷再考一次，结论不变的预期比例"),
    ])  # fmt: skip


def _measure(found: DecisionReport) -> str:
    return "能力估计" if found.by_ability else "卷面分"


def _meanings(found: DecisionReport) -> list[tuple[str, str, str]]:
    """One plain sentence for every number on the decisions."""
    return [
        ("信度", f"{found.reliability:.2f}",
         f"考生之间{_measure(found)}的差别有这么大一份是真差别，其余是误差；"
         "用于判定合格，最好在 0.8 以上。"),
        ("临界考生", f"{found.near_cut} 人",
         "他们离合格线不到一个标准误，多一道题少一道题都可能变，复核时先看他们。"),
        ("判定正确", f"{found.accuracy:.1%}",
         "合格与不合格的结论，预期有这么多与真实水平一致。"),
        ("再考一次结论相同", f"{found.consistency:.1%}",
         f"换一份同样的卷再考，预期有这么多人结论不变；扣除碰巧，一致性系数是 {found.kappa:.2f}。"),
    ]  # fmt: skip


def _information_meanings(told: PaperInformation) -> list[tuple[str, str, str]]:
    """One plain sentence for every number on the papers."""
    error = 1 / told.target_at_cut**0.5
    low, high = told.at_cut.min(), told.at_cut.max()
    return [
        ("合格线处的信息量", f"{low:.1f} 至 {high:.1f}",
         f"各卷在合格线附近分辨考生的本领，越大越好；题库平均卷是 {told.target_at_cut:.1f}。"),
        ("合格线处的标准误", f"{error:.2f}",
         "能力估计通常会偏差这么多；它越小，合格线两边的人分得越清。"),
    ]  # fmt: skip
