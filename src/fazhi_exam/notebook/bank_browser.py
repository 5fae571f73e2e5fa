"""Browsing a bank: questions, coverage, health, changes of law (题库)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ipywidgets as widgets

from ..bank import Band, Item, ItemKind, Level, QuestionBank, Review, Severity, Status, review
from ..bank.life import LifeEvent, read_history, with_history
from ..bank.subjects import subject_name
from ..errors import FazhiExamError
from ..formats import preview_bank, shipped_bank_folder
from ..law.lapse import LapseReport, Verdict, lapse
from ..law.statute_book import StatuteBook
from ..typing import Progress
from .boundary import Boundary
from .coverage_page import CoveragePage
from .import_desk import ImportDesk
from .item_reader import ItemReader
from .picture import Picture
from .pictures import draw_lapse
from .steps import Steps
from .style import STYLE, note
from .table import Table
from .work import Work

_LONG = {"description_width": "90px"}
_ALL = ("全部", "")
_CHECK = "逐题检查答案、选项、引用和重复；不会改动题库。"
_STATUS = {
    Status.DRAFT: "草稿", Status.REVIEWED: "已审", Status.PILOT: "试测", Status.LIVE: "在用",
    Status.SUSPENDED: "停用", Status.RETIRED: "退役",
}  # fmt: skip
_GRAVEST = (
    Verdict.REPEALED, Verdict.NO_COUNTERPART, Verdict.CHANGED, Verdict.RENUMBERED, Verdict.UNKNOWN,
)  # fmt: skip
"""What the officer must act on comes first, what nobody can tell last."""


@dataclass(frozen=True)
class _Opened:
    """A bank with what is known of it: where it is, its history, problems of reading it."""

    bank: QuestionBank
    source: str = ""
    events: tuple[LifeEvent, ...] = ()
    problems: int = 0


def _opened(folder: str | Path | None, *, progress: Progress | None = None) -> _Opened:
    reading = preview_bank(folder or shipped_bank_folder(), progress=progress)
    events = read_history(folder) if folder else ()
    bank = with_history(reading.accept_good(), events)
    return _Opened(bank, str(folder or ""), events, len(reading.problems))


def _row(item: Item) -> tuple[str, ...]:
    return (
        item.id, subject_name(item.subject), str(item.kind), item.stem,
        "、".join(map(str, item.citations)), str(item.level), str(item.band),
        _STATUS[item.status],
    )  # fmt: skip


class BankPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Filter and read questions, check the bank, see what a programme or an amendment does to it.

    Parameters
    ----------
    bank
        A bank, or its folder; the shipped one by default.
    on
        Day of the exam that the bank is looked at for.
    """

    def __init__(
        self, bank: QuestionBank | str | Path | None = None, *, on: date = date(2026, 12, 10)
    ) -> None:
        self.bank = QuestionBank(())
        self.found: Review | None = None
        self.lapsed: LapseReport | None = None
        self.events: tuple[LifeEvent, ...] = ()
        self._source = str(bank or "") if not isinstance(bank, QuestionBank) else ""
        self._rows: dict[str, tuple[str, ...]] = {}
        self._filtered: list[str] = []
        self._concerned: dict[tuple[object, ...], tuple[str, ...]] = {}
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self.on = widgets.DatePicker(value=on, description="考试日期", style=_LONG)
        self.folder = widgets.Text(
            self._source, description="题库文件夹", style=_LONG,
            placeholder="留空即用随库题库；按回车读取", continuous_update=False,
            layout={"width": "560px"},
        )  # fmt: skip
        self.summary = widgets.HTML()
        self.coverage = CoveragePage(self.boundary)
        pages = [
            ("浏览", self._browse_page()), ("覆盖", self.coverage),
            ("体检", self._review_page()), ("法律变动", self._lapse_page()),
            ("导入", self._import_page()),
        ]  # fmt: skip
        self.steps = Steps(pages, numbered=False, entered=self._enter)
        super().__init__([
            widgets.HTML(STYLE), self.folder, self.on, self.summary, self.steps, self.work,
            self.boundary,
        ])  # fmt: skip
        self.add_class("fz")
        self.on.observe(lambda _: self._choose_day(), names="value")
        self.folder.observe(lambda _: self._choose_folder(), names="value")
        if isinstance(bank, QuestionBank):
            self.take(bank)
        else:
            self._read(bank)

    def _browse_page(self) -> widgets.VBox:
        def choice(name: str) -> widgets.Dropdown:
            control = widgets.Dropdown(options=[_ALL], description=name, style=_LONG)
            control.observe(lambda _: self._filter(), names="value")
            return control

        self.subject, self.statute = choice("主题"), choice("法律法规")
        self.kind, self.level = choice("题型"), choice("层次")
        self.band, self.status = choice("难度"), choice("状态")
        self.text = widgets.Text(
            description="含有文字", style=_LONG, continuous_update=False, placeholder="按回车查找"
        )
        self.text.observe(lambda _: self._filter(), names="value")
        self.reader = ItemReader()
        self.items = Table(
            ["题号", "主题", "题型", "题干", "依据", "层次", "难度", "状态"], name="题目", page=10,
            empty="没有符合条件的题目", single=True,
            turned=lambda rows: self.reader.offer(str(row[0]) for row in rows),
        )  # fmt: skip
        self.choices = (
            self.subject, self.statute, self.kind, self.level, self.band, self.status,
        )  # fmt: skip
        box = widgets.HBox([*self.choices, self.text], layout={"flex_flow": "row wrap"})
        return widgets.VBox([box, self.items, self.reader])

    def _review_page(self) -> widgets.VBox:
        self.check = widgets.Button(description="开始体检", button_style="primary")
        self.check_words = widgets.HTML(note(_CHECK))
        self.severity = widgets.Dropdown(
            options=[("全部", ""), *((s.chinese, s.value) for s in Severity)],
            description="程度", style=_LONG,
        )  # fmt: skip
        self.faulty = ItemReader()
        self.findings = Table(
            ["程度", "类别", "位置", "问题", "建议"], name="题库体检", page=10, empty="还没有体检",
            turned=lambda rows: self.faulty.offer(
                name for row in rows for name in self._concerned.get(tuple(row), ())
            ),
        )  # fmt: skip
        self.check.on_click(lambda _: self._review())
        self.severity.observe(lambda _: self._show_findings(), names="value")
        return widgets.VBox([
            self.check, self.check_words, self.severity, self.findings, self.faulty,
        ])  # fmt: skip

    def _lapse_page(self) -> widgets.VBox:
        self.since = widgets.DatePicker(value=date(2024, 1, 1), description="命题时间", style=_LONG)
        self.until = widgets.Button(description="核对到考试日期", button_style="primary")
        self.lapse_words, self.amendments = widgets.HTML(), Picture("修法影响的题数")
        self.lapsing = ItemReader()
        self.lapses = Table(
            ["题号", "引用", "变化", "处理", "建议引用", "原因"], name="法律变动", page=10,
            empty="还没有核对，或没有受影响的题目",
            turned=lambda rows: self.lapsing.offer(str(row[0]) for row in rows),
        )  # fmt: skip
        self.until.on_click(lambda _: self._lapse())
        return widgets.VBox([
            widgets.HTML(note("假定题目在“命题时间”是对的，看到考试日期为止哪些引用变了。")),
            self.since, self.until, self.lapse_words, self.amendments, self.lapses, self.lapsing,
        ])  # fmt: skip

    def _import_page(self) -> widgets.VBox:
        self.desk = ImportDesk(self.boundary, self.work, imported=self.take)
        return self.desk

    # ---- steps ----

    def take(self, bank: QuestionBank | str | Path | None) -> None:
        """Show a bank, or that of a folder."""
        with self.boundary.guard("读取题库"):
            if isinstance(bank, QuestionBank):
                self._show_bank(_Opened(bank))
            else:
                self._show_bank(_opened(bank))

    def _read(self, folder: str | Path | None) -> None:
        def job(progress: Progress) -> _Opened:
            return _opened(folder, progress=progress)

        self.work.start("读取题库", job, self._show_bank)

    def _choose_folder(self) -> None:
        if self.folder.value.strip() != self._source:
            self._read(self.folder.value.strip() or None)

    def _show_bank(self, opened: "_Opened") -> None:
        self.bank, self.events, self._source = opened.bank, opened.events, opened.source
        self.folder.value = opened.source
        self.found = self.lapsed = None
        words = f"；{opened.problems} 处读取问题" if opened.problems else ""
        alone = sum(item.case is None for item in self.bank)
        self.summary.value = note(
            f"{alone} 道独立试题，{len(self.bank.cases)} 个案例"
            f"（{len(self.bank) - alone} 小题）；题库指纹 {self.bank.content_hash[:12]}{words}"
        )
        self._rows = {item.id: _row(item) for item in self.bank}
        self._tell_readers()
        self._fill_filters()
        self._filter()
        self.findings.show(())
        self.lapses.show(())
        self.check_words.value = note(_CHECK)
        self.lapse_words.value = ""
        self.amendments.clear()
        self._enter(self.steps.choice.value)

    def _tell_readers(self) -> None:
        for reader in (self.reader, self.faulty, self.lapsing):
            reader.take(self.bank, self.events, self.on.value)

    def _fill_filters(self) -> None:
        subjects = Counter(item.subject for item in self.bank)
        titles = Counter(title for item in self.bank for title in {c.title for c in item.citations})
        self.subject.options = [_ALL, *(
            (f"{code} {subject_name(code)}（{n}）", code) for code, n in sorted(subjects.items())
        )]  # fmt: skip
        self.statute.options = [_ALL, *((f"《{t}》（{n}）", t) for t, n in titles.most_common())]
        for control, kinds in ((self.kind, ItemKind), (self.level, Level), (self.band, Band)):
            control.options = [_ALL, *((str(k), str(k)) for k in kinds)]
        self.status.options = [_ALL, *((word, str(s)) for s, word in _STATUS.items())]
        for control in self.choices:
            control.value = ""

    @property
    def chosen(self) -> QuestionBank:
        """The part of the bank that passes the filters; cases stay whole."""
        return self.bank.where(
            subject=self.subject.value or None,
            statute=self.statute.value or None,
            kind=ItemKind(self.kind.value) if self.kind.value else None,
            level=Level(self.level.value) if self.level.value else None,
            band=Band(self.band.value) if self.band.value else None,
            status=Status(self.status.value) if self.status.value else None,
            text=self.text.value.strip() or None,
        )

    def _filter(self) -> None:
        with self.boundary.guard("筛选题目"):
            # A control that is filled for the first time goes from nothing to 全部, the same thing.
            wanted = [self.bank.content_hash, *(c.value or "" for c in self.choices)]
            wanted.append(self.text.value.strip())
            if wanted != self._filtered:
                self.items.show([self._rows[item.id] for item in self.chosen])
                self._filtered = wanted

    def _choose_day(self) -> None:
        self._tell_readers()
        self._enter(self.steps.choice.value)

    def _enter(self, page: int) -> None:
        if page == 1:
            self.coverage.show(self.bank, self.on.value)

    def _review(self) -> None:
        with self.boundary.guard("题库体检"):
            bank, on = self.bank, self.on.value
            if on is None:
                raise FazhiExamError("请填写考试日期")

            def job(progress: Progress) -> Review:
                return review(bank, on=on, progress=progress)

            self.work.start("题库体检", job, self._take_review)

    def _take_review(self, found: Review) -> None:
        self.found = found
        self._show_findings()

    def _show_findings(self) -> None:
        if self.found is None:
            return
        wanted = self.severity.value
        shown = self.found.of(Severity(wanted)) if wanted else self.found.findings
        self.check_words.value = note(str(self.found))
        rows = [(f.severity.chinese, f.kind.value, f.place, f.reason, f.mend) for f in shown]
        self._concerned = dict(zip(rows, (f.item_ids for f in shown), strict=True))
        self.findings.show(rows)

    def _lapse(self) -> None:
        with self.boundary.guard("核对法律变动"):
            start, end, bank = self.since.value, self.on.value, self.bank
            if start is None or end is None:
                raise FazhiExamError("请填写命题时间和考试日期")
            if end < start:
                raise FazhiExamError("考试日期早于命题时间")

            def job(_: Progress) -> LapseReport:
                cited = {item.id: item.citations for item in bank}
                return lapse(cited, StatuteBook.shipped(), start=start, end=end)

            self.work.start("核对法律变动", job, self._take_lapse)

    def _take_lapse(self, found: LapseReport) -> None:
        self.lapsed = found
        parts = [f"{v.chinese} {found.counts[v]} 题" for v in Verdict if found.counts[v]]
        self.lapse_words.value = note(
            f"{found.start:%Y-%m-%d} 至 {found.end:%Y-%m-%d}："
            f"{'；'.join(parts) or '没有带引用的题目'}"
        )
        self.lapses.show([
            (r.item, str(r.citation), r.verdict.chinese, r.verdict.action,
             "、".join(map(str, r.proposals)), r.reason)
            for verdict in _GRAVEST for r in found.touched(verdict)
        ])  # fmt: skip
        if any(found.by_amendment):
            self.amendments.show(draw_lapse(found))
        else:
            self.amendments.clear("这段时间没有修法影响到题库里的引用")
