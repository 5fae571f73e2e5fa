"""How the questions of a sitting worked (试题分析)."""

import ipywidgets as widgets

from ..delivery.sitting import Sitting
from ..marking import Marks
from ..scoring import Calibration, decision_quality, item_analysis, score
from ..typing import Progress
from .boundary import Boundary
from .item_view import ItemView
from .recorded import Result
from .style import STYLE, card, cards, note
from .work import Work


class ItemPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Flags, curves and advice item by item, and the figures of the test as a whole.

    Parameters
    ----------
    sitting, marks
        A marked sitting.
    calibration
        Item parameters; without them there are no curves and no decision quality.
    """

    def __init__(
        self, sitting: Sitting, marks: Marks, calibration: Calibration | None = None
    ) -> None:
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self.quality = widgets.HTML(note("正在分析……"))
        self.items = ItemView()
        super().__init__([
            widgets.HTML(STYLE), self.quality, self.items, self.work, self.boundary,
        ])  # fmt: skip
        self.add_class("fz")
        self.show(sitting, marks, calibration)

    def show(self, sitting: Sitting, marks: Marks, calibration: Calibration | None) -> None:
        """Analyse a sitting and show it."""

        def job(_: Progress) -> tuple[object, str]:
            analysis = item_analysis(marks, sitting)
            if calibration is None:
                return analysis, note("没有题目参数，不能估计判定的把握；可先用历次考试标定。")
            found = decision_quality(score(marks, sitting, calibration))
            text = cards([
                card("信度", f"{found.reliability:.2f}", f"{found.people} 人",
                     "能力估计的差别中，不是误差的那一份；越接近 1 越好"),
                card("临界考生", str(found.near_cut), f"共 {found.people} 人",
                     "能力距合格线不到一个标准误的人数"),
                card("判定正确", f"{found.accuracy:.1%}", f"{found.people} 人中预期",
                     "合格或不合格的判定与真实水平一致的预期比例"),
                card("再考一次结论相同", f"{found.consistency:.1%}",
                     f"一致性系数 κ={found.kappa:.2f}",
                     "换一份同样的卷再考一次，结论不变的预期比例"),
            ])  # fmt: skip
            return analysis, text

        def then(found: tuple[object, str]) -> None:
            analysis, text = found
            self.quality.value = text
            self.items.show(analysis, sitting, calibration)  # type: ignore[arg-type]

        self.work.start("分析试题", job, then)

    @classmethod
    def of(cls, result: Result) -> "ItemPanel":
        """Show a result read back from a store."""
        return cls(result.sitting, result.marks, result.scores.calibration)
