"""Pages of the pass-rate panel: trend, funnel, change, attempts (趋势、漏斗、比较、补考)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import ipywidgets as widgets

from .. import report
from ..facts.facts import Facts
from ..facts.overviews import unit_words
from ..facts.scope import Period, Scope
from ..passrate import Denominator, PassRateTable, rate_row
from ..passrate.trend import trend_of
from ..report.summary import SMALL, UnitComparison, compare_units
from .picture import Picture
from .style import note
from .table import Table

LONG = {"description_width": "90px"}
MOST_YEARS = 20


@dataclass(frozen=True, slots=True)
class View:
    """What is chosen on the panel: facts, scope, grouping, denominator."""

    facts: Facts
    scope: Scope
    by: str
    denominator: Denominator

    @property
    def table(self) -> PassRateTable:
        """Rates by group over the whole scope."""
        held = self.facts.held(self.scope)
        title = held[0].id if len(held) == 1 else f"{held[0].id} 至 {held[-1].id}"
        return self.facts.pass_rates(self.by, self.scope, denominator=self.denominator, title=title)


Redraw = Callable[[], None]


class TrendPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The rate over sittings, months or years, with limits and changes."""

    def __init__(self, redraw: Redraw) -> None:
        self.period = widgets.Dropdown(
            options=[(f"按{one}", one) for one in Period], description="时段", style=LONG
        )
        self.words, self.picture = widgets.HTML(), Picture("合格率走势")
        rates = ("参考率", "合格率÷实考", "合格率÷应考", "区间下限", "区间上限")
        self.table = Table(
            ["时段", "应考", "实考", "合格", *rates, "与界限"], name="各期合格率",
            formats=dict.fromkeys(rates, ".1%"),
            hints={
                "合格率÷实考": "合格人数 ÷ 实考人数；图中画的是这个",
                "合格率÷应考": "合格人数 ÷ 应考人数：缺考、违纪也算在分母里",
                "区间下限": "人数不多时合格率本来就会上下波动；区间是真实水平的可信范围（95%）",
                "与界限": "超出：只凭偶然很少会偏离这么多，值得去问原因",
            },
        )  # fmt: skip
        self.period.observe(lambda _: redraw(), names="value")
        super().__init__([self.period, self.words, self.picture, self.table])

    def draw(self, view: View) -> None:
        """Show the trend of a view."""
        counts = view.facts.count_by_period(view.scope, period=self.period.value)
        held = {name: one for name, one in counts.items() if one.sat}
        found = trend_of(list(held.items())) if len(held) > 1 else None
        outside = set()
        if found is None:
            self.words.value = note("只有一期有人实考，看不出趋势；请多选几期。")
            self.picture.clear()
        else:
            signals = zip(found.periods, found.chart.signal.tolist(), strict=True)
            outside = {name for name, signal in signals if signal}
            self.words.value = note(str(found))
            self.picture.show(report.plot_trend(found), described=str(found))
        rows = []
        for name, one in counts.items():
            row = rate_row(name, one, denominator=Denominator.SAT)
            over_due = one.passed / one.due if one.due else None
            place = "超出" if name in outside else "界限内" if name in held and found else "—"
            rows.append((name, one.due, one.sat, one.passed, row.attendance, row.rate, over_due,
                         row.low, row.high, place))  # fmt: skip
        self.table.show(rows)


class FunnelPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Which groups differ by more than luck, and what luck alone would show."""

    def __init__(self) -> None:
        self.words, self.picture = widgets.HTML(), Picture("合格率漏斗图")
        rates = ("合格率", "区间下限", "区间上限", "估计水平", "估计下限", "估计上限")
        self.table = Table(
            ["分组", "应考", "实考", "合格", *rates, "判断"], name="分组合格率",
            formats=dict.fromkeys(rates, ".1%"),
            hints={
                "估计水平": "把每个组往总体拉近之后的估计：人越少，拉得越近",
                "估计下限": "真实水平有 95% 的把握在下限和上限之间",
                "判断": f"已同时比较所有组；不足 {SMALL} 人的组不作评价；不排名次",
            },
        )  # fmt: skip
        super().__init__([self.words, self.picture, self.table])

    def draw(self, view: View) -> None:
        """Show the groups of a view."""
        table = view.table
        found = compare_units(table)
        words = unit_words(found)
        scope = f"{table.title}，分母：{view.denominator}"
        self.words.value = note(scope) + "".join(map(note, words))
        if found.funnel is None:
            self.picture.clear("全部合格、全部不合格或只有一个组，没有可比较的。")
        else:
            self.picture.show(report.plot_funnel(found), described="；".join(words))
        self.table.show(_unit_rows(found))


def _unit_rows(found: UnitComparison) -> list[tuple[str | int | float | None, ...]]:
    above, below = {r.group for r in found.above}, {r.group for r in found.below}
    rows: list[tuple[str | int | float | None, ...]] = []
    spread = found.funnel is not None and found.funnel.adjusted
    same = f"在各{found.by}通常差别之内" if spread else "与总体无统计差异"
    for place, row in enumerate(found.rows):
        c, belief = row.counts, found.shrunken
        level = (
            (None, None, None) if belief is None
            else (float(belief.mean[place]), float(belief.low[place]), float(belief.high[place]))
        )  # fmt: skip
        judged = (
            "人数少，不作评价" if row.n < SMALL
            else "高于总体" if row.group in above
            else "低于总体" if row.group in below
            else same
        )  # fmt: skip
        rows.append((row.group, c.due, c.sat, c.passed, row.rate, row.low, row.high, *level,
                     judged))  # fmt: skip
    rows += [(group, None, 0, 0, *[None] * 6, "无人实考") for group in found.empty]
    total = found.total
    c = total.counts
    return [*rows, ("合计", c.due, c.sat, c.passed, total.rate, total.low, total.high,
                    None, None, None, "")]  # fmt: skip


class ChangePage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Why the rate of one period differs from that of another."""

    def __init__(self, redraw: Redraw) -> None:
        self.before = widgets.Dropdown(description="前一期", style=LONG)
        self.after = widgets.Dropdown(description="后一期", style=LONG)
        self.words, self.picture = widgets.HTML(), Picture("合格率变化的构成")
        self.table = Table(
            ["分组", "前实考", "前合格", "后实考", "后合格", "内部变化", "构成变化"],
            name="两期比较", formats={"内部变化": "+.2%", "构成变化": "+.2%"},
            hints={
                "内部变化": "这个组自己合格得更多或更少，对总变化的贡献",
                "构成变化": "这个组的人在总人数中占得更多或更少，对总变化的贡献",
            },
        )  # fmt: skip
        for control in (self.before, self.after):
            control.observe(lambda _: redraw(), names="value")
        super().__init__([
            widgets.HBox([self.before, self.after]), self.words, self.picture, self.table,
        ])  # fmt: skip

    def offer(self, facts: Facts, programme: str) -> None:
        """Offer the years and sittings of a programme; the last two come first."""
        held = facts.held(Scope(programme))
        years = sorted({sitting.on.year for sitting in held})[-MOST_YEARS:]
        options: list[tuple[str, Scope]] = [
            (f"{y} 年", Scope(programme, since=date(y, 1, 1), until=date(y, 12, 31))) for y in years
        ]
        options += [(sitting.id, Scope(programme, (sitting.id,))) for sitting in held]
        self.before.options = self.after.options = options
        both = len(years) if len(years) > 1 else len(options)
        self.before.index, self.after.index = max(0, both - 2), both - 1

    def draw(self, view: View) -> None:
        """Show the change between the two chosen periods."""
        first, last = (
            replace(control.value, which=view.scope.which) for control in (self.before, self.after)
        )
        names = (str(self.before.label), str(self.after.label))
        found = view.facts.compare(first, last, by=view.by, names=names)
        self.words.value = note(str(found))
        self.picture.show(report.plot_decomposition(found), described=str(found))
        self.table.show([
            (g.group, g.before.sat, g.before.passed, g.after.sat, g.after.passed, g.learning,
             g.mix)
            for g in found.groups
        ])  # fmt: skip


class AttemptPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """How many attempts it takes; people whose window is open are neither passed nor failed."""

    def __init__(self, redraw: Redraw) -> None:
        self.window = widgets.Dropdown(
            options=[("半年内", 183), ("一年内", 365), ("两年内", 730)], value=365,
            description="期限", style=LONG,
        )  # fmt: skip
        self.words, self.picture = widgets.HTML(), Picture("参加几次后合格")
        shares = ("累计合格率", "区间下限", "区间上限")
        self.table = Table(
            ["第几次", "参加人数", "这次合格", *shares], name="补考",
            formats=dict.fromkeys(shares, ".1%"),
            hints={"累计合格率": "参加到这一次为止合格的比例；还没有机会再考的人不当作不合格"},
        )  # fmt: skip
        tip = widgets.HTML(note(
            "按考号跟踪同一个人，换号的人会被当作两个人；总是跟踪每个人的各次考试，不受“口径”影响。"
        ))  # fmt: skip
        self.window.observe(lambda _: redraw(), names="value")
        super().__init__([self.window, tip, self.words, self.picture, self.table])

    def draw(self, view: View) -> None:
        """Show how people of a view came to pass."""
        found = view.facts.attempts(view.scope, window=self.window.value)
        self.words.value = note(str(found))
        self.picture.show(report.plot_attempts(found), described=str(found))
        c = found.curve
        columns = (c.time, c.at_risk, c.events, c.passed_by, c.low, c.high)
        self.table.show([
            (int(time), int(risk), int(events), *(float(x) for x in shares))
            for time, risk, events, *shares in zip(*columns, strict=True)
        ])  # fmt: skip
