"""From an answers workbook to marks, and what a change of a key would do (阅卷)."""

from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.sitting import Sitting
from ..errors import FazhiExamError
from ..formats import Reading, preview_answers
from ..marking import GiveToAll, KeyChange, Marks, Rescoring, SecondKey, VoidItem, mark, rescore
from ..marking.changes import describe
from ..scoring import Calibration, decide, score
from ..store import open_store
from ..typing import Progress
from .boundary import Boundary
from .files import FileField
from .item_card import item_html
from .rater_page import RaterPage
from .steps import Steps
from .style import STYLE, note, plain_table
from .table import Table
from .work import Work

_LONG = {"description_width": "90px"}


class MarkingPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Drop answers, look at the faults, mark, and try key changes before deciding on them.

    Parameters
    ----------
    sitting
        The sitting whose answers are marked.
    answers
        Anything `preview_answers` reads; may also be chosen on the panel.
    store
        Address the result is recorded at.
    human_marks
        File that keeps the points people give for short answers and essays.
    calibration
        Item parameters for equated scores, shown beside the raw total.

    Attributes
    ----------
    reading, sheets, marks, rescoring
        What was read, what was accepted, the marks, and the change being tried; None while missing.
    """

    def __init__(
        self,
        sitting: Sitting,
        answers: Any = None,
        *,
        store: str = "sqlite:///exams.db",
        human_marks: str | Path = "主观题评分.jsonl",
        calibration: Calibration | None = None,
    ) -> None:
        self.sitting, self.calibration = sitting, calibration
        self.reading: Reading[tuple[AnswerSheet, ...]] | None = None
        self.sheets: tuple[AnswerSheet, ...] = ()
        self.marks: Marks | None = None
        self.human: dict[tuple[str, str], Decimal] = {}
        self.rescoring: Rescoring | None = None
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self.raters = RaterPage(sitting, self.boundary, file=Path(human_marks))
        pages = [
            ("答案", self._answers_page()), ("主观题", self.raters), ("评分", self._marks_page()),
            ("更正答案", self._change_page()), ("存档", self._store_page(store)),
        ]  # fmt: skip
        self.steps = Steps(pages)
        head = widgets.HTML(f"<h3>{escape(sitting.title)}　{sitting.on:%Y-%m-%d}</h3>")
        super().__init__([widgets.HTML(STYLE), head, self.steps, self.work, self.boundary])
        self.add_class("fz")
        if answers is not None:
            self.take_answers(answers)

    def _answers_page(self) -> widgets.VBox:
        self.file = FileField(
            "答案表", accept=".xlsx,.xls,.ods,.csv,.tsv,.json,.jsonl", chosen=self.take_answers
        )
        self.summary = widgets.HTML(note("请选择答案录入表：一行一名考生，一列一道题。"))
        self.rooms = Table(
            ["考场", "应到", *map(str, Attendance)], name="到考情况", page=20,
            hints={"应到": "安排在这个考场的人数"},
        )  # fmt: skip
        self.faults = Table(
            ["处理", "工作表", "行", "列", "内容", "问题"], name="答案表问题", page=8,
            empty="没有发现问题",
        )  # fmt: skip
        self.accept = widgets.Button(
            description="评分", button_style="primary", layout={"width": "max-content"}
        )
        self.accept.on_click(lambda _: self.start())
        return widgets.VBox([
            self.file, self.summary, self.accept, widgets.HTML("<h3>问题</h3>"), self.faults,
            widgets.HTML("<h3>到考情况</h3>"), self.rooms,
        ])  # fmt: skip

    def _marks_page(self) -> widgets.VBox:
        self.marks_words = widgets.HTML(note("还没有评分。"))
        self.totals = Table(["考号", "单位", "到考", "卷面分"], name="卷面分", empty="还没有评分")
        return widgets.VBox([self.marks_words, self.totals])

    def _change_page(self) -> widgets.VBox:
        self.item = widgets.Dropdown(description="题目", style=_LONG)
        self.card = widgets.HTML()
        self.way = widgets.Dropdown(
            options=[("作废，按比例折算", "void"), ("作废，不折算", "void_plain"),
                     ("增加一个答案", "second"), ("全体给分", "give")],
            description="怎样更正", style=_LONG,
        )  # fmt: skip
        self.key = widgets.Text(placeholder="如 AB（题库中的选项字母）", description="另一答案",
                                style=_LONG)  # fmt: skip
        self.reason = widgets.Text(description="理由", style=_LONG, layout={"width": "560px"})
        self.preview = widgets.Button(description="试算：谁会变", button_style="primary")
        self.confirm = widgets.Button(description="确认更正", button_style="danger", disabled=True)
        self.change_words = widgets.HTML()
        self.moved = Table(
            ["考号", "原分", "新分", "变化"],
            name="分数变化",
            empty="还没有试算，或没有人的分数变化",
        )
        self.item.observe(lambda _: self._show_item(), names="value")
        self.preview.on_click(lambda _: self.try_change())
        self.confirm.on_click(lambda _: self.keep_change())
        return widgets.VBox([
            self.item, self.card, self.way, self.key, self.reason,
            widgets.HBox([self.preview, self.confirm]), self.change_words, self.moved,
        ])  # fmt: skip

    def _store_page(self, store: str) -> widgets.VBox:
        self.store = widgets.Text(
            store, description="存档库", style=_LONG, layout={"width": "560px"}
        )
        self.record = widgets.Button(description="存档", button_style="primary")
        self.decided = widgets.HTML()
        self.record.on_click(lambda _: self.keep())
        return widgets.VBox([
            widgets.HTML(note("存档后结果不再改动；更正后再存，是新的一版，旧版保留。")),
            self.store, self.record, self.decided,
        ])  # fmt: skip

    # ---- steps ----

    def take_answers(self, source: Any) -> None:
        """Show what an answers workbook holds; nothing is marked yet."""
        with self.boundary.guard("读取答案"):
            self.marks = self.rescoring = None
            self.reading = preview_answers(
                str(source) if isinstance(source, Path) else source, self.sitting
            )
            found, blocking = self.reading, len(self.reading.blocking)
            self.faults.show([
                ("须处理" if p.blocking else "提示", p.sheet, p.line, p.column, p.value, p.reason)
                for p in found.problems
            ])  # fmt: skip
            self._show_rooms(found.good)
            self.summary.value = note(
                f"{found.source}：{len(found.good)} 份答卷；须处理 {blocking} 处，"
                f"提示 {len(found.problems) - blocking} 处"
            )
            self.raters.take(found.good)
            self.accept.description = "只用无误的答卷评分" if blocking else "评分"

    def _show_rooms(self, sheets: tuple[AnswerSheet, ...]) -> None:
        state = {sheet.candidate: sheet.attendance for sheet in sheets}
        rows: list[tuple[str | int, ...]] = []
        for room, codes in self.sitting.rooms.items():
            met = [state.get(code, Attendance.ABSENT) for code in codes]
            rows.append((room, len(codes), *(met.count(a) for a in Attendance)))
        self.rooms.show(rows)

    def start(self) -> None:
        """Mark the accepted sheets."""
        with self.boundary.guard("评分"):
            if self.reading is None:
                raise FazhiExamError("还没有选择答案表")
            self.sheets = self.reading.accept_good()
            self.human = self.raters.human()

            def job(_: Progress) -> Marks:
                return mark(self.sitting, self.sheets, human=self.human)

            self.work.start("评分", job, self._take_marks)

    def _take_marks(self, marks: Marks) -> None:
        self.marks, self.rescoring = marks, None
        roster = self.sitting.roster
        self.totals.show([
            (code, roster[code].unit, str(attendance), total)
            for code, attendance, total in zip(
                marks.candidates, marks.attendance, marks.totals, strict=True
            )
        ])  # fmt: skip
        self.marks_words.value = note(repr(marks).removeprefix("Marks(").removesuffix(")"))
        chosen = self.item.value
        self.item.options = marks.item_ids
        self.item.value = chosen if chosen in marks.item_ids else marks.item_ids[0]
        self.boundary.say("评分完成，请看“评分”一步")

    def _show_item(self) -> None:
        self.confirm.disabled = True
        if self.item.value is not None:
            self.card.value = item_html(self.sitting.bank[self.item.value], self.sitting.bank)

    def change(self) -> KeyChange:
        """Return the change as filled in.

        Raises
        ------
        FazhiExamError
            If the reason or the other key is missing.
        """
        item_id, reason = self.item.value, self.reason.value.strip()
        if item_id is None:
            raise FazhiExamError("请先评分，再选择题目")
        if not reason:
            raise FazhiExamError("更正答案必须写明理由")
        if self.way.value == "second":
            letters = frozenset(self.key.value.strip().upper())
            known = {option.id for option in self.sitting.bank[item_id].options}
            if not letters or letters - known:
                raise FazhiExamError(f"另一答案应是 {'、'.join(sorted(known))} 中的字母")
            return SecondKey(item_id, letters, reason)
        if self.way.value == "give":
            return GiveToAll(item_id, reason)
        return VoidItem(item_id, reason, rescale=self.way.value == "void")

    def try_change(self) -> None:
        """Mark again with the change and show whose total would move; nothing is kept."""
        with self.boundary.guard("试算"):
            if self.marks is None:
                raise FazhiExamError("还没有评分")
            change, before = self.change(), self.marks

            def job(_: Progress) -> Rescoring:
                return rescore(before, self.sitting, self.sheets, [change], human=self.human)

            self.work.start("试算", job, self._show_change)

    def _show_change(self, found: Rescoring) -> None:
        self.rescoring = found
        self.moved.show([(code, a, b, b - a) for code, (a, b) in found.moved.items()])
        cut = self.sitting.rules.cut.value
        crossed = [code for code, (a, b) in found.moved.items() if (a >= cut) != (b >= cut)]
        changes = "；".join(map(describe, found.changes))
        self.change_words.value = note(
            f"{changes}。{len(found.moved)} 人分数变化，"
            f"其中 {len(crossed)} 人越过卷面合格线 {cut:f}。还没有改动；确认后原来的结果仍保留。"
        )
        self.confirm.disabled = False

    def keep_change(self) -> None:
        """Make the tried change the current result."""
        with self.boundary.guard("确认更正"):
            if self.rescoring is None:
                raise FazhiExamError("请先试算")
            self._take_marks(self.rescoring.after)
            self.confirm.disabled = True
            self.boundary.say("已更正；请到“存档”存为新的一版")

    def keep(self) -> None:
        """Decide and record."""
        with self.boundary.guard("存档"):
            if self.marks is None:
                raise FazhiExamError("还没有评分")
            marks = self.marks
            scores = score(marks, self.sitting, self.calibration)
            decisions = decide(scores, self.sitting)
            reason = "；".join(map(describe, marks.changes)) or "首次评分"
            with open_store(self.store.value.strip()) as store:
                done = store.record(self.sitting, marks, decisions, scores, reason=reason)
            outcomes = [
                (str(o), decisions.count(o)) for o in {d.outcome for d in decisions.decisions}
            ]
            self.decided.value = plain_table(["结论", "人数"], sorted(outcomes))
            self.boundary.say(done.message)
