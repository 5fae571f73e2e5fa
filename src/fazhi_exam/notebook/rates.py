"""Pass rates through time and across groups (合格率趋势)."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import ipywidgets as widgets

from .. import report
from ..errors import FazhiExamError
from ..passrate import (
    Denominator,
    PassRateTable,
    attempts,
    compare,
    pass_rates,
    publish,
    rate_trend,
)
from ..report import sentences
from ..report.summary import compare_units
from ..scoring import Decisions
from ..store import open_store
from .boundary import Boundary
from .picture import Picture
from .steps import Steps
from .style import STYLE, note, plain_table
from .table import Table

_LONG = {"description_width": "90px"}
_DENOMINATORS = [("合格 ÷ 实考", Denominator.SAT), ("合格 ÷ 应考", Denominator.DUE)]


class RatePanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose programme, sittings, grouping and denominator; see trend, funnel, change, resits.

    Parameters
    ----------
    source
        Path or address of a store, or finished decisions.
    """

    def __init__(self, source: str | Path | Sequence[Decisions] = "") -> None:
        self.boundary = Boundary()
        self.decisions: tuple[Decisions, ...] = ()
        self._quiet = False
        self._followed: tuple[str, ...] = ()
        wide = {"width": "560px"}
        self.store = widgets.Text(
            source if isinstance(source, str) else "", description="存档库", style=_LONG,
            placeholder="存档文件的路径，按回车打开", continuous_update=False, layout=wide,
        )  # fmt: skip
        self.programme = widgets.Dropdown(description="考核项目", style=_LONG)
        self.period = widgets.SelectMultiple(description="考次", style=_LONG, rows=5, layout=wide)
        self.by = widgets.Dropdown(description="分组", style=_LONG)
        self.denominator = widgets.Dropdown(options=_DENOMINATORS, description="分母", style=_LONG)
        pages = [
            ("趋势", self._trend_page()), ("漏斗", self._funnel_page()),
            ("比较", self._compare_page()), ("补考", self._attempt_page()),
            ("发布", self._publish_page()),
        ]  # fmt: skip
        self.steps = Steps(pages, entered=lambda _: self._draw(), numbered=False)
        self.store.observe(lambda _: self.read_store(), names="value")
        for control in (self.programme, self.period, self.by, self.denominator):
            control.observe(lambda _: self._draw(), names="value")
        tip = widgets.HTML(note("按住 Ctrl 可多选考次；一个也不选就是全部。"))
        super().__init__([
            widgets.HTML(STYLE), self.store, self.programme, self.period, tip,
            widgets.HBox([self.by, self.denominator]), self.steps, self.boundary,
        ])  # fmt: skip
        self.add_class("fz")
        if isinstance(source, str | Path):
            if str(source):
                self.store.value = str(source)
                self.read_store()
        else:
            self.take(source)

    def _trend_page(self) -> widgets.VBox:
        self.trend_words, self.trend = widgets.HTML(), Picture("合格率走势")
        self.periods = Table(
            ["考次", "应考", "实考", "合格", "合格率"], name="各次合格率",
            formats={"合格率": ".1%"}, hints={"合格率": "合格人数 ÷ 实考人数"},
        )  # fmt: skip
        return widgets.VBox([self.trend_words, self.trend, self.periods])

    def _funnel_page(self) -> widgets.VBox:
        self.funnel_words, self.funnel = widgets.HTML(), Picture("合格率漏斗图")
        formats = dict.fromkeys(("合格率", "区间下限", "区间上限"), ".1%")
        self.groups = Table(
            ["分组", "应考", "实考", "合格", "合格率", "区间下限", "区间上限"],
            name="分组合格率", formats=formats,
        )  # fmt: skip
        return widgets.VBox([self.funnel_words, self.funnel, self.groups])

    def _compare_page(self) -> widgets.VBox:
        self.before = widgets.Dropdown(description="前一次", style=_LONG)
        self.after = widgets.Dropdown(description="后一次", style=_LONG)
        self.change_words, self.change = widgets.HTML(), Picture("合格率变化的构成")
        self.changes = Table(
            ["分组", "前实考", "前合格", "后实考", "后合格", "内部变化", "构成变化"],
            name="两期比较", formats={"内部变化": "+.2%", "构成变化": "+.2%"},
            hints={
                "内部变化": "这个组自己合格得更多或更少，对总变化的贡献",
                "构成变化": "这个组的人在总人数中占得更多或更少，对总变化的贡献",
            },
        )  # fmt: skip
        for control in (self.before, self.after):
            control.observe(lambda _: self._draw(), names="value")
        return widgets.VBox([
            widgets.HBox([self.before, self.after]), self.change_words, self.change, self.changes,
        ])  # fmt: skip

    def _attempt_page(self) -> widgets.VBox:
        self.attempt_words, self.attempt = widgets.HTML(), Picture("参加几次后合格")
        return widgets.VBox([
            widgets.HTML(note("按准考证号跟踪同一个人；换号的人会被当作两个人。")),
            self.attempt_words, self.attempt,
        ])  # fmt: skip

    def _publish_page(self) -> widgets.VBox:
        self.public_words, self.public = widgets.HTML(), widgets.HTML()
        return widgets.VBox([self.public_words, self.public])

    # ---- choosing ----

    def read_store(self) -> None:
        """Read every sitting of the store named in the field."""
        with self.boundary.guard("打开存档库"):
            text = self.store.value.strip()
            if "://" not in text:
                if not Path(text).is_file():
                    raise FazhiExamError(f"找不到存档文件“{text}”")
                text = f"sqlite:///{Path(text).as_posix()}"
            with open_store(text) as store:
                self.take([store.decisions(summary.id) for summary in store.sittings()])

    def take(self, decisions: Sequence[Decisions]) -> None:
        """Show these sittings."""
        with self.boundary.guard("读取考次"):
            if not decisions:
                raise FazhiExamError("这个存档库里还没有考次")
            self.decisions = tuple(sorted(decisions, key=lambda d: (d.on, d.sitting_id)))
            groups = sorted({name for d in decisions for c in d.candidates for name in c.groups})
            self._quiet, self._followed = True, ()
            self.programme.options = sorted({d.programme_id for d in self.decisions})
            self.programme.value = self.decisions[-1].programme_id
            self.by.options = groups or ["单位"]
            self.by.value = "单位" if "单位" in groups else self.by.options[0]
            ids = [d.sitting_id for d in self.decisions]
            self.period.options = self.before.options = self.after.options = ids
            self.before.value, self.after.value = ids[max(0, len(ids) - 2)], ids[-1]
            self._quiet = False
            self._draw()

    @property
    def chosen(self) -> tuple[Decisions, ...]:
        """The sittings of the chosen programme and period."""
        wanted = set(self.period.value) or {d.sitting_id for d in self.decisions}
        return tuple(
            d for d in self.decisions
            if d.programme_id == self.programme.value and d.sitting_id in wanted
        )  # fmt: skip

    def _draw(self) -> None:
        """Draw the open page alone, so that a change shows at once."""
        if self._quiet or not self.decisions:
            return
        pages = (self._draw_trend, self._draw_funnel, self._draw_change, self._draw_attempts,
                 self._draw_public)  # fmt: skip
        with self.boundary.guard("统计合格率"):
            if not self.chosen:
                raise FazhiExamError("没有选中考次")
            pages[self.steps.choice.value]()

    def _draw_trend(self) -> None:
        rows = [pass_rates(d, by=self.by.value).total for d in self.chosen]
        self.periods.show([
            (d.sitting_id, r.counts.due, r.counts.sat, r.counts.passed, r.rate)
            for d, r in zip(self.chosen, rows, strict=True)
        ])  # fmt: skip
        found = rate_trend(self.chosen)
        self.trend_words.value = note(str(found))
        self.trend.show(report.plot_trend(found), described=str(found))

    @property
    def table(self) -> PassRateTable:
        """Rates by group of the latest chosen sitting."""
        return pass_rates(self.chosen[-1], by=self.by.value, denominator=self.denominator.value)

    def _draw_funnel(self) -> None:
        table = self.table
        found = compare_units(table)
        words = (*sentences.units(found), *sentences.luck(found))
        self.funnel_words.value = note(f"考次：{table.title}") + "".join(map(note, words))
        self.funnel.show(report.plot_funnel(found), described="；".join(words))
        self.groups.show([
            (r.group, r.counts.due, r.counts.sat, r.counts.passed, r.rate, r.low, r.high)
            for r in (*table.rows, table.total)
        ])  # fmt: skip

    def _draw_change(self) -> None:
        by_id = {d.sitting_id: d for d in self.decisions}
        before, after = by_id[self.before.value], by_id[self.after.value]
        found = compare(before, after, by=self.by.value)
        self.change_words.value = note(str(found))
        self.change.show(report.plot_decomposition(found), described=str(found))
        self.changes.show([
            (g.group, g.before.sat, g.before.passed, g.after.sat, g.after.passed, g.learning,
             g.mix)
            for g in found.groups
        ])  # fmt: skip

    def _draw_attempts(self) -> None:
        chosen = tuple(d.sitting_id for d in self.chosen)
        if chosen == self._followed:
            return  # neither grouping nor denominator matters here
        last: date = max(d.on for d in self.chosen)
        found = attempts(self.chosen, until=last)
        self._followed = chosen
        self.attempt_words.value = note(str(found))
        self.attempt.show(report.plot_attempts(found), described=str(found))

    def _draw_public(self) -> None:
        found = publish(self.table)
        merged = f"合并：{'、'.join(found.merged)}。" if found.merged else ""
        self.public_words.value = note(
            f"对外版本隐去 {found.hidden} 个数字。{merged}{found.note}。"
            "隐去的数字不只是小单位：还有能从合计倒推出小单位的数字。"
        )
        records = found.records()
        self.public.value = plain_table(
            list(records[0]), [list(record.values()) for record in records]
        )
