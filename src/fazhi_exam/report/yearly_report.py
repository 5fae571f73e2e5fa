"""The yearly report (年度报告): all sittings of a programme in one year, and the change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

from docx.shared import Mm

from ..passrate.compare import Comparison
from ..passrate.counts import NOBODY, Counts, count
from ..passrate.indicators import indicators
from ..passrate.rates import Denominator, PassRateRow, rate_row
from ..passrate.trend import RateTrend, trend_of
from ..scoring.decisions import Decisions
from ..word_style import KAI
from . import sentences
from .bulletin import (
    Letterhead,
    add_body,
    add_heading,
    add_line,
    add_seal,
    new_annex,
    official_document,
    tight,
)
from .figures import figure_bytes
from .numbers import interval, percent
from .plots_time import plot_trend
from .summary import result_hash
from .word import add_table, page_numbers, save


@dataclass(frozen=True)
class YearFigures:
    """Figures of one year (年度数字), counted by attendances (人次).

    Parameters
    ----------
    year, title
        Which year, and the name of the programme.
    rows
        One per sitting in order of day: its counts and pass rate over those who sat.
    total
        All sittings together; a person who sat twice counts twice.
    trend
        Rates over sittings; None with fewer than two that somebody sat.
    change
        Comparison with the year before, if given.
    version
        Names the data.
    """

    year: int
    title: str
    rows: tuple[PassRateRow, ...]
    total: PassRateRow
    trend: RateTrend | None
    change: Comparison | None
    version: str


def year_figures(
    year: int, sittings: Sequence[Decisions], *, title: str, change: Comparison | None = None
) -> YearFigures:
    """Add the sittings of one year up.

    Raises
    ------
    ValueError
        If there is no sitting, or one lies in another year.
    """
    if not sittings or any(s.on.year != year for s in sittings):
        raise ValueError("need at least one sitting, all in the year")
    ordered = sorted(sittings, key=lambda s: (s.on, s.sitting_id))
    counts: list[tuple[str, Counts]] = [(s.sitting_id, count(s.decisions)) for s in ordered]
    held = [(name, c) for name, c in counts if c.sat]
    whole = sum((c for _, c in counts), NOBODY)
    return YearFigures(
        year,
        title,
        tuple(rate_row(name, c, denominator=Denominator.SAT) for name, c in counts),
        rate_row("合计", whole, denominator=Denominator.SAT),
        trend_of(held) if len(held) > 1 else None,
        change,
        "、".join(f"{s.sitting_id} {result_hash(s)}" for s in ordered),
    )


def write_yearly_report(
    figures: YearFigures, path: str | Path, *, letterhead: Letterhead | None = None
) -> Path:
    """Write the report of one year as Word.

    Parameters
    ----------
    figures
        From `year_figures`.
    path
        File to write, ending in ``.docx``.
    """
    look = letterhead or Letterhead()
    title = f"{figures.year}年度{figures.title}情况报告"
    document = official_document(title, look, year=figures.year)
    parts = (
        ("总体情况", overall(figures)),
        ("各次考试情况", trend_sentences(figures.trend)),
        ("与上年比较", change_sentences(figures.change)),
    )
    present = [(name, texts) for name, texts in parts if texts]
    for numeral, (name, texts) in zip("一二三", present, strict=False):
        add_heading(document, f"{numeral}、{name}")
        for text in texts:
            add_body(document, text)
        if name == "各次考试情况" and figures.trend is not None:
            picture = BytesIO(figure_bytes(plot_trend(figures.trend), "png"))
            document.add_picture(picture, width=Mm(150))
    add_seal(document, look)
    _annex(document, figures)
    page_numbers(document.sections[0])
    return save(document, path, title=title)


def overall(figures: YearFigures) -> tuple[str, ...]:
    """Say how many sittings and attendances there were, with rates."""
    c = figures.total.counts
    lead = (
        f"{figures.year}年共举行{figures.title} {len(figures.rows)} 次，应考 {c.due} 人次，"
        f"实考 {c.sat} 人次，缺考 {c.absent} 人次，违纪 {c.voided} 人次。"
    )
    if c.sat == 0:
        return (lead, "没有人实考，不计合格率。")
    rates = indicators(c, date(figures.year, 12, 31))[:2]
    return (lead, "；".join(sentences.rate(rate).replace(" 人", " 人次") for rate in rates) + "。")


def trend_sentences(trend: RateTrend | None) -> tuple[str, ...]:
    """Say which sittings lie outside the limits and where the rate changed, or that none did."""
    if trend is None:
        return ()
    n = int(trend.chart.sat.sum())
    lead = f"{len(trend.periods)} 次考试实考共 {n} 人次"
    odd = [p for p, out in zip(trend.periods, trend.chart.signal, strict=True) if out]
    changes = [trend.periods[k] for k in trend.segments.changes.tolist()]
    if not odd and not changes:
        return (f"{lead}，各次合格率的起伏没有超出偶然波动。",)
    out = []
    if odd:
        out.append(f"{lead}，合格率超出偶然波动范围的有：{'、'.join(odd)}。")
    if changes:
        out.append(f"合格率水平从{'、'.join(changes)}起发生变化。")
    return tuple(out)


def change_sentences(change: Comparison | None) -> tuple[str, ...]:
    """Say how the rate differs from the year before; causes only where it is more than luck."""
    if change is None:
        return ()
    first, last = change.before, change.after
    out = [
        f"合格率由 {percent(first.passed, first.sat)}（{first.passed}/{first.sat} 人）变为 "
        f"{percent(last.passed, last.sat)}（{last.passed}/{last.sat} 人），变化 "
        f"{100 * change.change:+.1f} 个百分点（95% 区间 {100 * change.low:+.1f} 至 "
        f"{100 * change.high:+.1f}）。"
    ]
    if change.is_noise:
        out.append("这一变化没有超出偶然波动，不宜解释为水平提高或下降。")
    elif change.parts is not None:
        p = change.parts
        out.append(
            f"其中试卷难度与合格线 {100 * p.cut:+.1f}、人员构成 {100 * p.mix:+.1f}、"
            f"水平 {100 * p.ability:+.1f} 个百分点。"
        )
    else:
        out.append(
            f"其中各{change.by}内部变化 {100 * change.split.rate:+.1f}、"
            f"人员构成 {100 * change.split.mix:+.1f} 个百分点；试卷难度的影响未能分开。"
        )
    return tuple(out)


def _annex(document: object, figures: YearFigures) -> None:
    new_annex(document, 1, f"{figures.year}年各次考试情况表", across=True)
    rows = []
    for row in (*figures.rows, figures.total):
        c = row.counts
        bounds = "—" if row.low is None or row.high is None else interval(row.low, row.high)
        numbers = (c.due, c.sat, c.passed, c.absent, c.voided, c.excused, c.excellent)
        rate = percent(c.passed, row.n) if row.n else "—"
        rows.append([row.group, *map(str, numbers), rate, bounds])
    head = ["考次", "应考", "实考", "合格", "缺考", "违纪", "免试缓考", "优秀", "合格率\n（÷实考）",
            "95% 区间"]  # fmt: skip
    tight(add_table(document, head, rows, widths=[40, 18, 18, 18, 18, 18, 22, 18, 26, 36], size=10))
    texts = (
        "注：均按人次统计，同一人多次参加的重复计入；合格率＝合格人次÷实考人次，区间为 Wilson 法。",
        f"数据版本：{figures.version}。",
    )
    for text in texts:
        add_line(document, text, font=KAI, size=10.5)
