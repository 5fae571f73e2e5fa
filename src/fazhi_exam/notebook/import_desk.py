"""Taking questions over from somebody's file: look, mend, confirm (导入)."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path

import ipywidgets as widgets

from ..bank import SUBJECTS, ItemKind
from ..errors import FazhiExamError
from ..formats import (
    BankReading,
    Confirmed,
    Draft,
    ImportDefaults,
    confirm,
    known_formats,
    preview_bank,
)
from ..typing import Progress
from .boundary import Boundary
from .files import FileField
from .style import note, plain_table
from .table import Table
from .work import Work

_LONG = {"description_width": "90px"}
_WIDE = {"width": "640px"}


class ImportDesk(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Shows what a file holds beside its raw text; nothing is written before 确认导入.

    Parameters
    ----------
    boundary, work
        Of the panel.
    imported
        Called with the bank folder after an import.

    Attributes
    ----------
    reading, confirmed
        What was read, and what the last import did; None while missing.
    """

    def __init__(self, boundary: Boundary, work: Work, *, imported: Callable[[Path], None]) -> None:
        self.boundary, self.work, self._imported = boundary, work, imported
        self.reading: BankReading | None = None
        self.confirmed: Confirmed | None = None
        self.file = FileField(
            "题目文件", accept=",".join(known_formats()),
            chosen=self.take,
        )  # fmt: skip
        self.subject = widgets.Dropdown(
            options=[("未分类", "00"), *((f"{c} {n}", c) for c, n in SUBJECTS.items())],
            description="默认主题", style=_LONG,
        )  # fmt: skip
        self.topic = widgets.Text("未分类", description="默认专题", style=_LONG)
        self.summary = widgets.HTML(note("请选择 Word、Excel、文本、Moodle、QTI 等题目文件。"))
        self.problems = Table(
            ["处理", "行", "列", "内容", "问题"], name="导入问题", page=8, empty="没有发现问题"
        )
        self.one = widgets.Dropdown(description="核对", style=_LONG, layout=_WIDE)
        self.raw = widgets.HTML()
        self.kind = widgets.Dropdown(
            options=[("未识别", ""), *((str(k), str(k)) for k in ItemKind)],
            description="题型", style=_LONG,
        )  # fmt: skip
        area = {"width": "640px", "height": "70px"}
        self.stem = widgets.Textarea(description="题干", style=_LONG, layout=area)
        self.options = widgets.Textarea(
            description="选项", placeholder="一行一个选项", style=_LONG,
            layout={"width": "640px", "height": "110px"},
        )  # fmt: skip
        self.key = widgets.Text(description="答案", style=_LONG)
        self.mend = widgets.Button(description="改好这一题", layout={"width": "max-content"})
        self.folder = widgets.Text(
            "我的题库", description="导入到", style=_LONG, placeholder="题库文件夹"
        )
        self.good_only = widgets.Checkbox(description="不能用的题先不导入", indent=False)
        self.accept = widgets.Button(description="确认导入", button_style="primary")
        self.outcome = widgets.HTML()
        self.conflicts = Table(["题号", "哪里不同"], name="导入冲突", empty="没有冲突")
        self.one.observe(lambda _: self._show_draft(), names="value")
        self.mend.on_click(lambda _: self.mend_draft())
        self.accept.on_click(lambda _: self.confirm())
        super().__init__([
            widgets.HBox([self.subject, self.topic]), self.file, self.summary, self.problems,
            self.one, self.raw, self.kind, self.stem, self.options, self.key, self.mend,
            widgets.HBox([self.folder, self.good_only, self.accept]), self.outcome,
            self.conflicts,
        ])  # fmt: skip

    def take(self, path: Path) -> None:
        """Read a file and show what it holds."""
        defaults = ImportDefaults(
            subject=self.subject.value, topic=self.topic.value.strip() or "未分类"
        )

        def job(progress: Progress) -> BankReading:
            return preview_bank(path, defaults=defaults, progress=progress)

        self.work.start("读取题目文件", job, self._show)

    def _show(self, reading: BankReading) -> None:
        self.reading, self.confirmed = reading, None
        self.outcome.value = ""
        self.conflicts.show(())
        counts = "，".join(f"{kind} {number}" for kind, number in reading.counts.items())
        self.summary.value = note(
            f"{reading.source}：读出 {len(reading.drafts)} 题（{counts}），"
            f"可用 {len(reading.good)} 题；须处理 {len(reading.blocking)} 处，"
            f"读得没把握 {len(reading.doubtful)} 题"
        )
        self.problems.show([
            ("须处理" if p.blocking else "提示", p.line, p.column, p.value, p.reason)
            for p in reading.problems
        ])  # fmt: skip
        ranked = sorted(range(len(reading.drafts)), key=lambda k: reading.drafts[k].confidence)
        kept = self.one.value
        self.one.options = [(_name(reading.drafts[k]), k) for k in ranked]
        self.one.value = kept if kept in ranked else (ranked[0] if ranked else None)
        self._show_draft()

    def _show_draft(self) -> None:
        if self.reading is None or self.one.value is None:
            return
        draft = self.reading.drafts[self.one.value]
        notes = "；".join(draft.notes) or "没有疑点"
        raw = escape(draft.raw or "（文件没有原文）").replace("\n", "<br>")
        self.raw.value = (
            plain_table(["把握", "读时的疑点"], [(f"{draft.confidence:.0%}", notes)])
            + f'<div class="paper">原文：<br>{raw}</div>'
        )
        self.kind.value = str(draft.kind or "")
        self.stem.value, self.options.value = draft.stem, "\n".join(draft.options)
        self.key.value = draft.key

    def mend_draft(self) -> None:
        """Put what was typed in place of what was read, and judge the file again."""
        with self.boundary.guard("修改题目"):
            if self.reading is None or self.one.value is None:
                raise FazhiExamError("还没有读取题目文件")
            place = self.one.value
            options = tuple(o.strip() for o in self.options.value.splitlines() if o.strip())
            draft = replace(
                self.reading.drafts[place],
                kind=ItemKind(self.kind.value) if self.kind.value else None,
                stem=self.stem.value.strip(), options=options, key=self.key.value.strip(),
                confidence=1.0, notes=(),
            )  # fmt: skip
            drafts = (*self.reading.drafts[:place], draft, *self.reading.drafts[place + 1 :])
            self._show(self.reading.mended(drafts))

    def confirm(self) -> None:
        """Write the drafts into the bank folder; differing questions are only listed."""
        with self.boundary.guard("导入"):
            reading, folder = self.reading, Path(self.folder.value.strip())
            if reading is None:
                raise FazhiExamError("还没有读取题目文件")
            if not self.folder.value.strip():
                raise FazhiExamError("请填写题库文件夹")
            good_only = self.good_only.value

            def job(_: Progress) -> Confirmed:
                return confirm(reading, folder, good_only=good_only)

            self.work.start("导入", job, self._show_confirmed)

    def _show_confirmed(self, found: Confirmed) -> None:
        self.confirmed = found
        self.outcome.value = note(str(found))
        self.conflicts.show([(c.item_id, "、".join(c.fields)) for c in found.conflicts])
        if found.added:
            self._imported(Path(self.folder.value.strip()))


def _name(draft: Draft) -> str:
    place = f"第 {draft.line} 行" if draft.line else draft.number
    return f"{place}（把握 {draft.confidence:.0%}）{draft.stem[:30]}"
