"""Taking questions over from somebody's file: look, mend, confirm (导入)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

import ipywidgets as widgets

from ..bank import SUBJECTS, Item, ItemKind, QuestionBank
from ..bank.subjects import UNSORTED, subject_name
from ..errors import FazhiExamError
from ..formats import (
    BankReading,
    Confirmed,
    Conflict,
    Draft,
    ImportDefaults,
    confirm,
    known_formats,
    preview_bank,
    read_bank,
)
from ..typing import Progress
from .boundary import Boundary
from .files import FileField
from .style import note, plain_table
from .table import Table
from .work import Work

_LONG = {"description_width": "90px"}
_WIDE = {"width": "640px"}
_KEY_FORM = "如 ABD、正确；填空一空一段用分号隔开，同一空的几种写法用 / 隔开"
_MOST = 1000
"""Drafts offered for looking at; browsers are slow with longer lists."""
_CONFLICT = "冲突的题没有写入，题库保持原样；要用文件中的写法，请先在题库文件里按题号修改"
_WRITTEN = (ItemKind.SHORT, ItemKind.ESSAY)


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
            options=[
                (subject_name(UNSORTED), UNSORTED), *((f"{c} {n}", c) for c, n in SUBJECTS.items())
            ],
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
        self.stem = _area("题干", "70px")
        self.options = _area("选项", "110px", placeholder="一行一个选项，不写字母")
        self.key = _area("答案", "40px", placeholder=_KEY_FORM)
        self.points = widgets.Text(description="分值", style=_LONG, placeholder="简答、论述须填写")
        self.explanation = _area("解析", "60px")
        self.citations = widgets.Text(
            description="依据", style=_LONG, layout=_WIDE,
            placeholder="如《行政处罚法》第三十六条第一款；几条之间用分号隔开",
        )  # fmt: skip
        self.mend = widgets.Button(description="改好这一题", layout={"width": "max-content"})
        self.drop = widgets.Button(description="不要这一题", layout={"width": "max-content"})
        self.folder = widgets.Text(
            "我的题库", description="导入到", style=_LONG, placeholder="题库文件夹"
        )
        self.good_only = widgets.Checkbox(
            description="不能用的题先不导入", indent=False, layout={"width": "max-content"}
        )
        self.accept = widgets.Button(description="确认导入", button_style="primary")
        self.outcome = widgets.HTML()
        self.conflicts = Table(
            ["题号", "行", "哪里不同", "题库中", "文件中"], name="导入冲突", page=8
        )
        self.one.observe(lambda _: self._show_draft(), names="value")
        self.mend.on_click(lambda _: self.mend_draft())
        self.drop.on_click(lambda _: self.drop_draft())
        self.accept.on_click(lambda _: self.confirm())
        read = widgets.VBox([
            self.kind, self.stem, self.options, self.key, self.points,
            self.explanation, self.citations,
            widgets.HBox([self.mend, self.drop]),
        ])  # fmt: skip
        self.raw.layout = {"flex": "1 1 380px"}
        beside = widgets.HBox([self.raw, read], layout={"flex_flow": "row wrap"})
        # Nothing to look at before a file is read: only what comes first is on the page.
        ending = widgets.HBox([self.folder, self.accept, self.good_only])
        self.found = widgets.VBox(
            [self.problems, self.one, beside, ending], layout={"display": "none"}
        )
        super().__init__([
            widgets.HBox([self.subject, self.topic]), self.file, self.summary, self.found,
            self.outcome, self.conflicts,
        ])  # fmt: skip
        self.conflicts.layout.display = "none"

    def take(self, path: Path) -> None:
        """Read a file and show what it holds."""
        defaults = ImportDefaults(
            subject=self.subject.value, topic=self.topic.value.strip() or "未分类"
        )

        def job(progress: Progress) -> BankReading:
            return preview_bank(path, defaults=defaults, progress=progress)

        def then(reading: BankReading) -> None:
            self.one.options = ()
            self._show(reading)

        self.work.start("读取题目文件", job, then)

    def _show(self, reading: BankReading) -> None:
        self.reading, self.confirmed = reading, None
        self.outcome.value = ""
        self.found.layout.display = "" if reading.drafts or reading.problems else "none"
        self._show_conflicts((), QuestionBank(()))
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
        self._offer(reading)
        self._show_draft()

    def _offer(self, reading: BankReading) -> None:
        """Offer the drafts to look at: first those that cannot be used, then the doubtful ones.

        The open one stays open until it can be used; then the next that cannot is opened.
        """
        places = {(problem.sheet, problem.line) for problem in reading.blocking}
        bad = {k for k, d in enumerate(reading.drafts) if (d.sheet, d.line) in places}
        ranked = sorted(
            range(len(reading.drafts)), key=lambda k: (k not in bad, reading.drafts[k].confidence)
        )[:_MOST]
        open_one = self.one.value
        self.one.options = [(_name(reading.drafts[k], bad=k in bad), k) for k in ranked]
        stays = open_one in ranked and (open_one in bad or not bad)
        self.one.value = open_one if stays else (ranked[0] if ranked else None)

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
        self.key.value, self.explanation.value = _answer(draft), draft.explanation
        self.citations.value, self.points.value = "；".join(draft.citations), draft.points

    def mend_draft(self) -> None:
        """Put what was typed in place of what was read, and judge the file again."""
        with self.boundary.guard("修改题目"):
            place, draft = self._chosen()
            kind = ItemKind(self.kind.value) if self.kind.value else None
            mended = replace(
                draft,
                kind=kind, stem=self.stem.value.strip(),
                options=tuple(_parts(self.options.value, "\n")),
                points=self.points.value.strip(),
                explanation=self.explanation.value.strip(),
                citations=tuple(_parts(self.citations.value, "；")),
                confidence=1.0, notes=(),
            )  # fmt: skip
            self._put(place, _with_answer(mended, self.key.value.strip()))

    def drop_draft(self) -> None:
        """Leave out what is no question."""
        with self.boundary.guard("修改题目"):
            self._put(self._chosen()[0])

    def _chosen(self) -> tuple[int, Draft]:
        if self.reading is None or self.one.value is None:
            raise FazhiExamError("还没有读取题目文件")
        return self.one.value, self.reading.drafts[self.one.value]

    def _put(self, place: int, *drafts: Draft) -> None:
        if (reading := self.reading) is None:
            return
        held = reading.drafts
        mended = (*held[:place], *drafts, *held[place + 1 :])
        # All drafts are judged again: with thousands of them that takes more than a moment.
        self.work.start("修改题目", lambda _: reading.mended(mended), self._show)

    def confirm(self) -> None:
        """Write the drafts into the bank folder; differing questions are only listed."""
        with self.boundary.guard("导入"):
            reading, folder = self.reading, Path(self.folder.value.strip())
            if reading is None:
                raise FazhiExamError("还没有读取题目文件")
            if not self.folder.value.strip():
                raise FazhiExamError("请填写题库文件夹")
            good_only = self.good_only.value
            if reading.blocking and not good_only:
                raise FazhiExamError(
                    f"还有 {len(reading.blocking)} 处须处理，什么也没有写入。请在“核对”里逐题改好"
                    "或不要，也可以勾选“不能用的题先不导入”"
                )

            def job(_: Progress) -> tuple[Confirmed, QuestionBank]:
                found = confirm(reading, folder, good_only=good_only)
                return found, read_bank(folder) if found.conflicts else QuestionBank(())

            self.work.start("导入", job, lambda pair: self._show_confirmed(*pair))

    def _show_confirmed(self, found: Confirmed, bank: QuestionBank) -> None:
        self.confirmed = found
        what_now = "。" + _CONFLICT if found.conflicts else ""
        self.outcome.value = note(f"{found}{what_now}")
        self._show_conflicts(found.conflicts, bank)
        if found.added:
            self._imported(Path(self.folder.value.strip()))

    def _show_conflicts(self, conflicts: Sequence[Conflict], bank: QuestionBank) -> None:
        self.conflicts.layout.display = "" if conflicts else "none"
        self.conflicts.show([
            (c.item_id, c.draft.line, "、".join(c.fields), _as_held(bank[c.item_id]),
             _as_read(c.draft))
            for c in conflicts
        ])  # fmt: skip


def _area(name: str, height: str, *, placeholder: str = "") -> widgets.Textarea:
    layout = {"width": _WIDE["width"], "height": height}
    return widgets.Textarea(description=name, placeholder=placeholder, style=_LONG, layout=layout)


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _as_held(item: Item) -> str:
    # Right and wrong stand as options in a bank, but not in the files people write.
    options = [] if item.kind is ItemKind.TRUE_FALSE else [o.text for o in item.options]
    return _in_words(item.stem, options, item.key_text)


def _as_read(draft: Draft) -> str:
    return _in_words(draft.stem, draft.options, _answer(draft))


def _in_words(stem: str, options: Sequence[str], answer: str) -> str:
    lettered = "".join(f"　{chr(65 + k)}．{text}" for k, text in enumerate(options))
    return f"{stem}{lettered}　答案：{answer}"


def _answer(draft: Draft) -> str:
    """Write the answer of a draft on one line, as `_with_answer` reads it."""
    if draft.kind is ItemKind.BLANK:
        return "；".join("/".join(words) for words in draft.blanks)
    return draft.answer if draft.kind in _WRITTEN else draft.key


def _with_answer(draft: Draft, text: str) -> Draft:
    if draft.kind is ItemKind.BLANK:
        blanks = tuple(tuple(_parts(words, "/")) for words in _parts(text, "；"))
        return replace(draft, blanks=blanks, key="")
    if draft.kind in _WRITTEN:
        return replace(draft, answer=text, key="")
    return replace(draft, key=text)


def _name(draft: Draft, *, bad: bool) -> str:
    place = f"第 {draft.line} 行" if draft.line else draft.number
    state = "须处理" if bad else f"把握 {draft.confidence:.0%}"
    return f"{place}（{state}）{draft.stem[:30]}"
