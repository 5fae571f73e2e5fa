"""The results of a sitting on one page (成绩报告)."""

import math
from collections.abc import Callable
from datetime import date
from html import escape
from pathlib import Path

import ipywidgets as widgets

from .. import report
from ..bank.question_bank import QuestionBank
from ..errors import FazhiExamError
from ..formats import read_bank, shipped_bank_folder
from ..passrate import Indicator, PublishingRefused, publish
from ..psychometrics.reliability import standard_error
from ..report import sentences
from ..report.numbers import percent
from ..report.summary import SittingSummary
from ..scoring import Calibration, Decision, Decisions, Outcome
from ..store import open_store
from ..store.store import SittingSummary as Listed
from ..typing import Progress
from .boundary import Boundary
from .export import WrittenFile, written
from .item_view import ItemView
from .picture import Picture
from .recorded import Result, history_calibration, recorded_result
from .result_documents import INTERNAL, LEDGER, PUBLIC, write_public
from .steps import Steps
from .style import STYLE, card, cards, note, plain_table
from .table import Table
from .work import Work

SURE = 0.8413
"""Chance of the right side of the cut one standard error away from it; less is called near."""
_LONG = {"description_width": "90px"}
_BANNERS = {
    False: '<div class="fault"><b>■ 内部版</b>　含考号和个人成绩，不得外传</div>',
    True: '<div class="done"><b>● 公开版</b>　已经过发布前保密处理</div>',
}


class ResultPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose a sitting from a store and see scores, units, items and decisions; export.

    Parameters
    ----------
    store
        Address such as ``sqlite:///exams.db``, or a path.
    bank
        The bank the sittings were drawn from; the shipped one by default.
    calibration
        Item parameters to score with; the panel can also calibrate the sittings in the store.
    folder
        Where documents go.
    ledger
        File that remembers what was published.
    today
        Gives the day of a release.

    Attributes
    ----------
    result
        What is shown, or None.
    """

    def __init__(
        self,
        store: str | Path = "",
        *,
        bank: QuestionBank | None = None,
        calibration: Calibration | None = None,
        folder: str | Path = "成绩输出",
        ledger: str | Path = LEDGER,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.today = today
        self.result: Result | None = None
        self.calibration = calibration
        self._bank = bank
        self._listed: tuple[Listed, ...] = ()
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self._build_choice(str(store), str(folder), str(ledger))
        pages = [
            ("概况", widgets.VBox([self.overview, self.public_overview])),
            ("分布", self._distribution_page()),
            ("单位", self._unit_page()), ("试题", widgets.VBox([self.secret, self.items])),
            ("临界考生", self._near_page()), ("薄弱环节", self._weak_page()),
            ("输出", self._export_page()),
        ]  # fmt: skip
        self.steps = Steps(pages)
        choice = widgets.VBox([self.store, self.choice, self.version, self.calibrate])
        super().__init__([
            widgets.HTML(STYLE), choice, self.public, self.banner, self.steps, self.work,
            self.boundary,
        ])  # fmt: skip
        self.add_class("fz")
        if store:
            self.read_store()

    def _build_choice(self, store: str, folder: str, ledger: str) -> None:
        wide = {"width": "560px"}
        self.store = widgets.Text(
            store, description="存档库", placeholder="存档文件的路径，按回车打开", style=_LONG,
            continuous_update=False, layout=wide,
        )  # fmt: skip
        self.choice = widgets.Dropdown(description="考次", style=_LONG, layout=wide)
        self.version = widgets.Dropdown(description="结果版本", style=_LONG)
        self.calibrate = widgets.Button(
            description="用存档中历次考试标定题目参数", layout={"width": "max-content"}
        )
        self.public = widgets.ToggleButtons(
            options=[("内部版", False), ("公开版", True)], style={"button_width": "160px"}
        )
        self.banner = widgets.HTML(_BANNERS[False])
        self.overview = widgets.HTML(note("请选择存档库和考次。"))
        self.public_overview = widgets.HTML()
        self.items, self.secret = ItemView(), widgets.HTML()
        self.folder = widgets.Text(folder, description="文件夹", style=_LONG)
        self.ledger = widgets.Text(ledger, description="发布台账", style=_LONG, layout=wide)
        self.store.observe(lambda _: self.read_store(), names="value")
        self.choice.observe(lambda _: self._choose(), names="value")
        self.version.observe(lambda _: self._read(), names="value")
        self.calibrate.on_click(lambda _: self._calibrate())
        self.public.observe(lambda _: self._switch(), names="value")

    def _distribution_page(self) -> widgets.VBox:
        self.distribution = Picture("成绩分布")
        self.bands = widgets.HTML()
        self.public_bands = widgets.HTML()
        self.scores = widgets.VBox([self.distribution, self.bands])
        return widgets.VBox([self.scores, self.public_bands])

    def _unit_page(self) -> widgets.VBox:
        self.units = Table(
            ["单位", "应考", "实考", "缺考", "违纪", "合格", "合格率", "区间下限", "区间上限",
             "收缩估计"],
            name="各单位合格率", page=30,
            formats=dict.fromkeys(("合格率", "区间下限", "区间上限", "收缩估计"), ".1%"),
            hints={
                "合格率": "合格人数 ÷ 实考人数", "区间下限": "95% 区间：人数越少区间越宽",
                "收缩估计": "把人数少的单位往总体靠，减去运气成分后的估计",
            },
        )  # fmt: skip
        self.unit_words = widgets.HTML()
        self.funnel, self.unit_rates = Picture("合格率漏斗图"), Picture("各单位合格率")
        self.public_units = widgets.HTML()
        self.inside = widgets.VBox([self.unit_words, self.units, self.funnel, self.unit_rates])
        return widgets.VBox([self.inside, self.public_units])

    def _near_page(self) -> widgets.VBox:
        self.near_words = widgets.HTML()
        self.near = Table(
            ["考号", "单位", "卷面分", "等值分", "结论", "把握", "理由"], name="临界考生",
            formats={"把握": ".0%"}, empty="没有临界考生",
            hints={"把握": "按题目参数估计，真实水平在结论这一边的可能性"},
        )  # fmt: skip
        return widgets.VBox([self.near_words, self.near])

    def _weak_page(self) -> widgets.VBox:
        heads = ["名称", "题数", "作答人次", "得分率"]
        kinds = {"得分率": ".1%"}
        self.subjects = Table(heads, name="各主题得分率", formats=kinds)
        self.articles = Table(heads, name="各法条得分率", formats=kinds, page=10)
        self.weak_words = widgets.HTML()
        return widgets.VBox([
            self.weak_words, widgets.HTML("<h3>按主题</h3>"), self.subjects,
            widgets.HTML("<h3>按法条</h3>"), self.articles,
        ])  # fmt: skip

    def _export_page(self) -> widgets.VBox:
        self.outputs = {
            name: widgets.Checkbox(True, description=name, indent=False)
            for name in (PUBLIC, *INTERNAL)
        }
        self.write = widgets.Button(description="写出文件", button_style="primary")
        self.written = Table(
            ["文件", "字节", "SHA-256"], name="文件清单", formats={"字节": ",d"},
            empty="还没有写出文件",
        )  # fmt: skip
        self.write.on_click(lambda _: self.export())
        return widgets.VBox([
            self.folder, self.ledger, *self.outputs.values(), self.write, self.written,
        ])  # fmt: skip

    # ---- choosing ----

    def read_store(self) -> None:
        """Open the store named in the field and show its newest sitting."""
        with self.boundary.guard("打开存档库"):
            self.result = None
            with open_store(self.url) as store:
                self._listed = store.sittings()
            if not self._listed:
                raise FazhiExamError("这个存档库里还没有考次")
            self.choice.options = [(f"{s.on:%Y-%m-%d}　{s.title}", s.id) for s in self._listed]
            newest = self._listed[-1].id
            if self.choice.value == newest:
                self._choose()
            else:
                self.choice.value = newest

    @property
    def url(self) -> str:
        """Address of the store; a plain path must be an existing file."""
        text = str(self.store.value).strip()
        if "://" in text:
            return text
        if not Path(text).is_file():
            raise FazhiExamError(f"找不到存档文件“{text}”")
        return f"sqlite:///{Path(text).as_posix()}"

    def _choose(self) -> None:
        found = next((s for s in self._listed if s.id == self.choice.value), None)
        if found is None:
            return
        options = [(f"第 {v} 版", v) for v in range(found.versions, 0, -1)]
        same = list(self.version.options) == options and self.version.value == found.versions
        self.version.options = options
        self.version.value = found.versions
        if same:
            self._read()

    def _read(self) -> None:
        if self.choice.value is None or self.version.value is None:
            return
        sitting_id, version = self.choice.value, self.version.value
        with self.boundary.guard("读取考次"):
            url = self.url

            def job(_: Progress) -> Result:
                if self._bank is None:
                    self._bank = read_bank(shipped_bank_folder())
                with open_store(url) as store:
                    found = recorded_result(
                        store, sitting_id, self._bank, version=version,
                        calibration=self.calibration,
                    )  # fmt: skip
                found.summary  # noqa: B018  (worked out here, beside the page)
                return found

            self.work.wait()
            self.work.start("读取考次", job, self.show)

    def _calibrate(self) -> None:
        with self.boundary.guard("标定题目参数"):
            if self.result is None:
                raise FazhiExamError("请先选择考次")
            url, programme_id = self.url, self.result.decisions.programme_id

            def job(progress: Progress) -> Calibration:
                with open_store(url) as store:
                    return history_calibration(store, programme_id, progress=progress)

            self.work.start("标定题目参数", job, self._take_calibration)

    def _take_calibration(self, found: Calibration) -> None:
        self.calibration = found
        if self.result is not None and self._bank is not None:
            with open_store(self.url) as store:
                self.show(recorded_result(
                    store, self.result.sitting.id, self._bank, version=self.version.value,
                    calibration=found,
                ))  # fmt: skip
        self.boundary.say(f"已标定：{found.label}，{len(found.item_ids)} 题，{found.people} 人")

    # ---- showing ----

    def show(self, result: Result) -> None:
        """Show a result on every page."""
        self.result = result
        self._show_overview(result.summary, result.decisions)
        self._show_distribution(result)
        self._show_units(result)
        self.items.show(result.analysis, result.sitting, self.calibration, result.marks)
        self._show_weak(result.summary)
        self._switch()

    def _show_overview(self, found: SittingSummary, decisions: Decisions) -> None:
        counts = found.counts
        mean = "—" if math.isnan(found.mean) else f"{found.mean:.2f}"
        excused = f"另有免试、缓考 {counts.excused} 人"
        missing = f"缺考 {counts.absent} 人，违纪 {counts.voided} 人"
        deviation = "" if math.isnan(found.deviation) else f"标准差 {found.deviation:.2f}；"
        parts = [
            card("应考", str(counts.due), excused, "名册人数减去免试和缓考"),
            card("实考", str(counts.sat), missing, "到考且试卷有效的人数"),
            rate_card(found.attendance, "到考且试卷有效的人占应考人数的比例"),
            rate_card(found.passing, "合格人数除以实考人数，95% 区间说明人数多少带来的不确定"),
            rate_card(found.passing_due, "合格人数除以应考人数：缺考、违纪的人也在分母里"),
            rate_card(found.excellence, "达到优秀线的人占实考人数的比例"),
            card("平均分", mean, f"{deviation}实考 {counts.sat} 人", "实考人员卷面分的平均"),
        ]
        words = [
            *sentences.passing(found), *sentences.sureness(found.certainty),
        ]  # fmt: skip
        outcomes = [(str(o), decisions.count(o)) for o in Outcome]
        self.overview.value = (
            f"<h3>{escape(found.title)}　{found.on:%Y-%m-%d}</h3>{cards(parts)}"
            f"<h3>结论</h3>{plain_table(['结论', '人数'], outcomes)}"
            + "".join(note(text) for text in words)
        )

    def _show_distribution(self, result: Result) -> None:
        scores, found = result.scores, result.summary
        error = None
        if found.certainty is not None and not math.isnan(found.deviation):
            error = standard_error(found.deviation, found.certainty.reliability)
        axes = report.plot_score_distribution(
            scores.sat, found.cut, error=error, full_marks=scores.full_marks
        )
        self.distribution.show(axes, described="；".join(sentences.bands(found.bands)))
        rows = [(sentences.band_name(band), band.people) for band in found.bands]
        self.bands.value = plain_table(["分数段", "人数"], rows)

    def _show_units(self, result: Result) -> None:
        found = result.summary.units
        shrunken = found.shrunken.mean.tolist() if found.shrunken is not None else []
        belief = dict(zip(found.names, shrunken, strict=False))
        self.units.show([
            (r.group, r.counts.due, r.counts.sat, r.counts.absent, r.counts.voided,
             r.counts.passed, r.rate, r.low, r.high, belief.get(r.group))
            for r in (*result.rates.rows, result.rates.total)
        ])  # fmt: skip
        words = (*sentences.units(found), *sentences.luck(found))
        self.unit_words.value = "".join(note(text) for text in words)
        self.funnel.show(report.plot_funnel(found), described="；".join(words))
        self.unit_rates.show(report.plot_pass_rates(found))

    def _show_weak(self, found: SittingSummary) -> None:
        for table, facets in ((self.subjects, found.subjects), (self.articles, found.articles)):
            table.show([(f.name, f.items, f.answers, f.share) for f in facets])
        self.weak_words.value = "".join(note(text) for text in sentences.weak_points(found))

    def _switch(self) -> None:
        """Show what stays inside, or what may leave the house; never both."""
        public = self.public.value
        self.banner.value = _BANNERS[public]
        for name, box in self.outputs.items():
            box.layout.display = "" if (name == PUBLIC) == public else "none"
        self.ledger.layout.display = "" if public else "none"
        if self.result is None:
            return
        for inside in (self.overview, self.scores, self.inside, self.items):
            inside.layout.display = "none" if public else ""
        self.secret.value = note("公开版不列题目和答案。") if public else ""
        self.public_bands.value = note("公开版不列成绩分布。") if public else ""
        self.public_overview.value, self.public_units.value = (
            self._public_words(self.result) if public else ("", "")
        )
        if public:
            self.near.show(())
            self.near_words.value = note("公开版不列个人；请切换到内部版查看。")
            return
        near = near_cut_people(self.result.decisions)
        units = self.result.decisions.groups
        self.near.show([
            (d.candidate, units[d.candidate].unit, d.raw, d.equated, str(d.outcome), d.sureness,
             d.reason)
            for d in near
        ])  # fmt: skip
        known = any(d.sureness is not None for d in self.result.decisions.decisions)
        self.near_words.value = note(
            f"结论把握不足 {SURE:.0%}（能力距合格线不到一个标准误）的 {len(near)} 人；"
            "结论按规定的分数作出，不因此改变。"
            if known
            else "存档的结论没有能力估计，无法判断谁在临界；评分时带上题目参数即可。"
        )

    def _public_words(self, result: Result) -> tuple[str, str]:
        """Return all together and the unit table as outsiders may see them, or why not."""
        try:
            found = publish(result.rates)
        except PublishingRefused as refused:
            return note(str(refused)), note(str(refused))
        title = f"<h3>{escape(result.sitting.title)}　{result.sitting.on:%Y-%m-%d}</h3>"
        overall = "".join(note(text) for text in report.overall(found.total))
        records = found.records()
        table = plain_table(list(records[0]), [list(record.values()) for record in records])
        return title + overall, note(f"{found.note}；隐去 {found.hidden} 个数字") + table

    def export(self) -> None:
        """Write the ticked documents of the version that is shown."""
        with self.boundary.guard("写出文件"):
            if self.result is None:
                raise FazhiExamError("还没有选定考次")
            result, folder = self.result, Path(self.folder.value.strip() or ".")
            public, ledger = self.public.value, self.ledger.value.strip()
            wanted = [
                name for name, box in self.outputs.items()
                if box.value and (name == PUBLIC) == public
            ]  # fmt: skip
            if not wanted:
                raise FazhiExamError("请至少勾选一种输出")
            if public and not ledger:
                raise FazhiExamError(f"请填写发布台账的文件名，例如 {LEDGER}")

            def job(progress: Progress) -> list[WrittenFile]:
                folder.mkdir(parents=True, exist_ok=True)
                done = []
                for count, name in enumerate(wanted):
                    progress(count, len(wanted))
                    path = (
                        write_public(result, folder, ledger, on=self.today())
                        if name == PUBLIC
                        else INTERNAL[name](result, folder)
                    )
                    done.append(written(folder, path.name))
                return done

            self.work.start("写出文件", job, self._show_files)

    def _show_files(self, files: list[WrittenFile]) -> None:
        self.written.show([(file.name, file.size, file.sha256) for file in files])
        self.boundary.say(f"已写出 {len(files)} 个文件到“{self.folder.value}”")


def rate_card(rate: Indicator, explained: str) -> str:
    """Return a card of a rate with its counts, denominator and interval."""
    below = f"{rate.part_name} {rate.part} ÷ {rate.whole_name} {rate.whole}"
    if rate.low is None or rate.high is None:
        return card(rate.name, "—", below, explained)
    value = percent(rate.part, rate.whole)
    return card(
        f"{rate.name}（÷{rate.whole_name}）", value,
        f"{below}，区间 {rate.low:.1%}–{rate.high:.1%}", explained,
    )  # fmt: skip


def near_cut_people(decisions: Decisions) -> list[Decision]:
    """Return the decisions that are less sure than `SURE`, the least sure first."""
    found = [d for d in decisions.decisions if d.sureness is not None and d.sureness < SURE]
    return sorted(found, key=lambda d: (d.sureness or 0.0, d.candidate))
