"""Browsing a bank: questions, coverage, health, changes of law (题库)."""

from collections import Counter
from datetime import date
from pathlib import Path

import ipywidgets as widgets

from ..assembly.feasibility import feasibility
from ..bank import Band, ItemKind, Level, QuestionBank, Review, Severity, Status, review
from ..bank.life import LifeEvent, read_history, with_history
from ..bank.subjects import subject_name
from ..delivery.programme import programme, programme_names
from ..errors import FazhiExamError
from ..formats import preview_bank, shipped_bank_folder
from ..law.lapse import LapseReport, Verdict, lapse
from ..law.statute_book import StatuteBook
from ..typing import Progress
from .boundary import Boundary
from .import_desk import ImportDesk
from .item_background import history_html, law_html
from .item_card import item_html
from .picture import Picture
from .pictures import draw_coverage, draw_lapse
from .programme_view import needs_field, title_of
from .steps import Steps
from .style import STYLE, note
from .table import Table
from .work import Work

_LONG = {"description_width": "90px"}
_ALL = ("全部", "")
_STATUS = {
    Status.DRAFT: "草稿", Status.REVIEWED: "已审", Status.PILOT: "试测", Status.LIVE: "在用",
    Status.SUSPENDED: "停用", Status.RETIRED: "退役",
}  # fmt: skip


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
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self.on = widgets.DatePicker(value=on, description="考试日期", style=_LONG)
        self.folder = widgets.Text(
            str(bank or "") if not isinstance(bank, QuestionBank) else "",
            description="题库文件夹", style=_LONG, placeholder="留空即用随库题库；按回车读取",
            continuous_update=False, layout={"width": "560px"},
        )  # fmt: skip
        self.summary = widgets.HTML()
        pages = [
            ("浏览", self._browse_page()), ("覆盖", self._coverage_page()),
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
        self.folder.observe(lambda _: self.take(self.folder.value.strip() or None), names="value")
        self.take(bank)

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
        self.items = Table(
            ["题号", "主题", "题型", "题干", "依据", "层次", "难度", "状态"], name="题目", page=10,
            empty="没有符合条件的题目",
        )  # fmt: skip
        self.one = widgets.Dropdown(description="打开", style=_LONG)
        self.card, self.law, self.history = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.one.observe(lambda _: self._open(), names="value")
        filters = [self.subject, self.statute, self.kind, self.level, self.band, self.status]
        box = widgets.HBox([*filters, self.text], layout={"flex_flow": "row wrap"})
        return widgets.VBox([
            box, self.items, self.one, self.card, widgets.HTML("<h3>引用的条文</h3>"), self.law,
            widgets.HTML("<h3>历史</h3>"), self.history,
        ])  # fmt: skip

    def _coverage_page(self) -> widgets.VBox:
        self.programme = widgets.Dropdown(
            options=[(title_of(name), name) for name in programme_names()], value="enf_general",
            description="考核项目", style=_LONG, layout={"width": "560px"},
        )  # fmt: skip
        self.paper = widgets.Dropdown(description="科目", style=_LONG)
        self.coverage_words, self.coverage = widgets.HTML(), Picture("题库覆盖情况")
        self.programme.observe(lambda _: self._cover(), names="value")
        self.paper.observe(lambda _: self._cover(), names="value")
        return widgets.VBox([self.programme, self.paper, self.coverage_words, self.coverage])

    def _review_page(self) -> widgets.VBox:
        self.check = widgets.Button(description="开始体检", button_style="primary")
        self.check_words = widgets.HTML(note("逐题检查答案、选项、引用和重复；不会改动题库。"))
        self.severity = widgets.Dropdown(
            options=[("全部", ""), *((s.chinese, s.value) for s in Severity)],
            description="程度", style=_LONG,
        )  # fmt: skip
        self.findings = Table(
            ["程度", "类别", "位置", "问题", "建议"], name="题库体检", empty="还没有体检"
        )
        self.check.on_click(lambda _: self._review())
        self.severity.observe(lambda _: self._show_findings(), names="value")
        return widgets.VBox([self.check, self.check_words, self.severity, self.findings])

    def _lapse_page(self) -> widgets.VBox:
        self.since = widgets.DatePicker(value=date(2024, 1, 1), description="命题时间", style=_LONG)
        self.until = widgets.Button(description="核对到考试日期", button_style="primary")
        self.lapse_words, self.amendments = widgets.HTML(), Picture("修法影响的题数")
        self.lapses = Table(
            ["题号", "引用", "变化", "处理", "建议引用", "原因"], name="法律变动",
            empty="还没有核对，或没有受影响的题目",
        )  # fmt: skip
        self.until.on_click(lambda _: self._lapse())
        return widgets.VBox([
            widgets.HTML(note("假定题目在“命题时间”是对的，看到考试日期为止哪些引用变了。")),
            self.since, self.until, self.lapse_words, self.amendments, self.lapses,
        ])  # fmt: skip

    def _import_page(self) -> widgets.VBox:
        self.desk = ImportDesk(self.boundary, self.work, imported=self.take)
        return self.desk

    # ---- steps ----

    def take(self, bank: QuestionBank | str | Path | None) -> None:
        """Show a bank; problems of reading are counted and named in the message."""
        with self.boundary.guard("读取题库"):
            if isinstance(bank, QuestionBank):
                self.bank, self.events, words = bank, (), ""
            else:
                reading = preview_bank(bank or shipped_bank_folder())
                self.events = read_history(bank) if bank else ()
                self.bank = with_history(reading.accept_good(), self.events)
                words = f"；{len(reading.problems)} 处读取问题" if reading.problems else ""
            alone = sum(item.case is None for item in self.bank)
            self.summary.value = note(
                f"{alone} 道独立试题，{len(self.bank.cases)} 个案例"
                f"（{len(self.bank) - alone} 小题）；题库指纹 {self.bank.content_hash[:12]}{words}"
            )
            self._fill_filters()
            self._filter()

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
        for control in (self.subject, self.statute, self.kind, self.level, self.band, self.status):
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
            found = self.chosen
            self.items.show([
                (i.id, subject_name(i.subject), str(i.kind), i.stem,
                 "、".join(map(str, i.citations)), str(i.level), str(i.band), _STATUS[i.status])
                for i in found
            ])  # fmt: skip
            self.one.options = [item.id for item in found]
            self.one.value = found.items[0].id if len(found) else None
            if not len(found):
                self.card.value = self.law.value = self.history.value = ""

    def _open(self) -> None:
        if self.one.value is not None:
            item = self.bank[self.one.value]
            self.card.value = item_html(item, self.bank)
            self.history.value = history_html(item, self.events)
            if self.on.value is not None:
                self.law.value = law_html(item, StatuteBook.shipped(), self.on.value)

    def _choose_day(self) -> None:
        self._open()
        if self.steps.choice.value == 1:
            self._cover()

    def _enter(self, page: int) -> None:
        if page == 1:
            self._cover()

    def _cover(self) -> None:
        with self.boundary.guard("核算覆盖"):
            name = self.programme.value
            whole = programme(name, field="F7" if needs_field(name) else None)
            papers = [(paper.title, paper.id) for paper in whole.papers]
            if list(self.paper.options) != papers:
                self.paper.options = papers
                self.paper.value = papers[0][1]
            if self.on.value is None:
                raise FazhiExamError("请填写考试日期")
            rules = whole.paper(self.paper.value)
            found = feasibility(rules.blueprint, self.bank, on=self.on.value)
            words = (
                f"还能出 {found.disjoint_papers} 份互不重题的卷；最紧的是“{found.binding.title}”"
                if found.feasible
                else f"不能组卷：{'；'.join(found.conflict[:4])}。建议：{found.relaxation}"
            )
            self.coverage_words.value = note(words)
            self.coverage.show(draw_coverage(found), described=words)

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
        self.findings.show([
            (f.severity.chinese, f.kind.value, f.place, f.reason, f.mend) for f in shown
        ])  # fmt: skip

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
        self.lapse_words.value = note("；".join(parts) or "没有带引用的题目")
        self.lapses.show([
            (r.item, str(r.citation), r.verdict.chinese, r.verdict.action,
             "、".join(map(str, r.proposals)), r.reason)
            for r in found.touched()
        ])  # fmt: skip
        if found.by_amendment:
            self.amendments.show(draw_lapse(found))
        else:
            self.amendments.clear("这段时间没有修法影响到题库里的引用")
