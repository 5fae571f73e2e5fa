"""Items that are harder for one group than for another of equal score (分组差异)."""

from collections import Counter

import ipywidgets as widgets

from ..delivery.sitting import Sitting
from ..errors import FazhiExamError
from ..marking import Marks
from ..report import plot_dif
from ..scoring.dif import DifTable, item_dif
from ..typing import Progress
from .boundary import Boundary
from .picture import Picture
from .style import note
from .table import Table
from .work import Work

_LONG = {"description_width": "90px"}
_MOST = 30
_TIP = (
    "总分相近的人里，某一组的人某道题总是答得差，这道题就可能对他们不公平。"
    "有差异不等于有问题：请先看题目内容是不是这一组的人本来就少接触；"
    "检验的题一多，总会有少数没有问题的题碰巧被提示。"
)


class DifPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose a grouping and a group, and see which items to look at."""

    def __init__(self, boundary: Boundary, work: Work) -> None:
        self.boundary, self.work = boundary, work
        self.found: DifTable | None = None
        self._sitting: Sitting | None = None
        self._marks: Marks | None = None
        self.by = widgets.Dropdown(description="分组", style=_LONG)
        self.focal = widgets.Dropdown(description="关注的组", style=_LONG)
        self.go = widgets.Button(description="比较", button_style="primary")
        self.words, self.picture = widgets.HTML(note(_TIP)), Picture("分组差异")
        self.table = Table(
            ["提示", "题目", "其余人数", "本组人数", "差异 Δ", "标准误", "p"], name="分组差异",
            formats={"差异 Δ": "+.2f", "标准误": ".2f", "p": ".3f"}, empty="还没有比较",
            hints={
                "差异 Δ": "负数：对关注的组偏难；绝对值 1.5 以上且不像偶然才提示",
                "p": "没有差异时，偶然看到这么大差异的机会；题目多时总有几道碰巧很小",
            },
        )  # fmt: skip
        self.by.observe(lambda _: self._offer_groups(), names="value")
        self.go.on_click(lambda _: self.compare())
        row = widgets.HBox([self.by, self.focal, self.go], layout={"flex_flow": "row wrap"})
        super().__init__([row, self.words, self.picture, self.table])

    def offer(self, sitting: Sitting, marks: Marks) -> None:
        """Offer the groupings of a sitting; those with a few groups first."""
        self._sitting, self._marks = sitting, marks
        kinds = Counter(
            (name, value)
            for candidate in sitting.roster
            for name, value in candidate.groups.items()
        )
        number = Counter(name for name, _ in kinds)
        self.by.options = names = sorted(number, key=lambda name: (number[name], name))
        self.by.value = names[0] if names else None

    def _offer_groups(self) -> None:
        if self._sitting is None or self.by.value is None:
            return
        sizes = Counter(c.groups.get(self.by.value, "") for c in self._sitting.roster)
        self.focal.options = [
            (f"{name}（{count} 人）", name) for name, count in sizes.most_common() if name
        ]
        self.focal.value = self.focal.options[0][1] if self.focal.options else None

    def compare(self) -> None:
        """Test every item for the chosen group against everybody else."""
        with self.boundary.guard("比较分组"):
            sitting, marks = self._sitting, self._marks
            by, focal = self.by.value, self.focal.value
            if sitting is None or marks is None or by is None or focal is None:
                raise FazhiExamError("名册里没有可比较的分组")

            def job(_: Progress) -> DifTable:
                return item_dif(marks, sitting, by=by, focal=focal)

            self.work.start("比较分组", job, self._show)

    def _show(self, found: DifTable) -> None:
        self.found = found
        self.words.value = note(f"{found}。") + note(_TIP)
        self.table.show([
            ("▲ 要看" if i.flagged else "●", i.item_id, i.others, i.focal, i.delta, i.delta_error,
             i.p)
            for i in found.items
        ])  # fmt: skip
        some = found.items[:_MOST]
        if not some:
            self.picture.clear("没有一道题的作答人数够比较；请合并几次考试或换一个分组。")
            return
        axes = plot_dif(
            [i.item_id for i in some], [i.delta for i in some], [i.delta_error for i in some],
            [i.flagged for i in some], people=found.people, groups=("其余", found.focal),
        )  # fmt: skip
        self.picture.show(axes, described=str(found))
