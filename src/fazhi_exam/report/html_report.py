"""The analyst's report as one self-contained web page (分析报告)."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isnan
from pathlib import Path

from ..delivery.sitting import Sitting
from ..files import write_bytes
from ..marking.mark import Marks
from ..passrate.indicators import Indicator
from ..passrate.rates import PassRateTable
from ..scoring.decisions import Decisions
from ..scoring.item_analysis import ItemAnalysis
from ..scoring.scores import ScoreReport
from ..scoring.weakness import FacetResult, WeaknessTable, weakness
from . import sentences
from .figures import inline_svg
from .numbers import chinese_date, interval, percent, percentage, points
from .plots import plot_funnel, plot_pass_rates, plot_score_distribution, plot_weakness
from .score_list import option_counts
from .summary import SittingSummary, UnitComparison, summarise

_STYLE = """
:root{color-scheme:light}
body{font:16px/1.7 "Noto Sans SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif;
max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.6rem;text-align:center}
h2{font-size:1.2rem;border-bottom:2px solid #2b5c8a;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-size:.86rem;margin:.6rem 0}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{border:1px solid #bbb;padding:.2rem .45rem;text-align:right}
th{background:#eee;text-align:center}td:first-child,td.t{text-align:left}
tr.total td{font-weight:600;border-top:2px solid #222}
.cards{display:flex;flex-wrap:wrap;gap:.8rem}
.card{border:1px solid #bbb;border-radius:6px;padding:.5rem .9rem;flex:1 1 9rem}
.card b{display:block;font-size:1.5rem}.card small{color:#555}
figure{margin:1rem 0}figure svg{max-width:100%;height:auto}figcaption{font-size:.86rem;color:#444}
.wide{overflow-x:auto}
.mark{border:2px solid #b03a2e;color:#b03a2e;padding:.2rem .8rem;display:inline-block}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}figure,tr{break-inside:avoid}}
"""


def write_html_report(
    sitting: Sitting,
    scores: ScoreReport,
    decisions: Decisions,
    rates: PassRateTable,
    analysis: ItemAnalysis,
    path: str | Path,
    *,
    marks: Marks | None = None,
) -> Path:
    """Write figures, plots, tables and method of a sitting; it names no person.

    Parameters
    ----------
    sitting, scores, decisions, rates, analysis
        The finished results of one sitting.
    path
        File to write, ending in ``.html``; it needs nothing beside it.
    marks
        Where they are given, weak points are also drawn by unit and subject.
    """
    summary = summarise(sitting, scores, decisions, rates, analysis)
    parts = [
        _heading(summary),
        _cards(summary),
        _scores(summary, scores),
        _units(summary, rates),
        _subjects(summary, None if marks is None else weakness(marks, sitting, rates.by)),
        _certainty(summary),
        _items(sitting, analysis),
        _section("统计说明", paragraphs(sentences.method(summary))),
    ]
    return write_bytes(page(f"{summary.title}分析报告", parts).encode(), path)


def page(title: str, parts: Iterable[str]) -> str:
    """Return a whole web page."""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def paragraphs(texts: Iterable[str]) -> str:
    """Return texts as escaped paragraphs."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "", total: bool = False
) -> str:
    """Return a table of escaped texts; with `total` its last row is the sum."""
    listed = list(rows)
    body = []
    for place, row in enumerate(listed):
        kind = ' class="total"' if total and place == len(listed) - 1 else ""
        body.append(f"<tr{kind}>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>")
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{title}<thead><tr>{names}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def figure(svg: str, caption: str) -> str:
    """Return a picture with its words."""
    words = escape(caption, quote=True)
    shown = svg.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1)
    return f"<figure>{shown}<figcaption>{escape(caption)}</figcaption></figure>"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _heading(summary: SittingSummary) -> str:
    day = chinese_date(summary.on.year, summary.on.month, summary.on.day)
    return (
        f"<h1>{escape(summary.title)}分析报告</h1>"
        f"<p>考试日期：{day}　{escape(summary.version)}</p>"
        '<p class="mark">内部资料：含小单位数据，对外公布须先经披露审核</p>'
        + paragraphs(sentences.scope(summary))
    )


def _cards(summary: SittingSummary) -> str:
    counts = summary.counts
    cards = [
        ("应考", str(counts.due), f"名册 {counts.registered} 人，免试缓考 {counts.excused} 人"),
        ("实考", str(counts.sat), f"缺考 {counts.absent} 人，违纪 {counts.voided} 人"),
        *(_rate_card(rate) for rate in (summary.attendance, summary.passing, summary.passing_due)),
    ]
    if summary.excellent_mark is not None:
        cards.append(_rate_card(summary.excellence))
    mean = "—" if isnan(summary.mean) else f"{summary.mean:.2f}"
    cards.append(("平均分", mean, f"实考 {counts.sat} 人，满分 {points(summary.full_marks)} 分"))
    shown = "".join(
        f'<div class="card">{escape(name)}<b>{escape(value)}</b><small>{escape(note)}</small></div>'
        for name, value, note in cards
    )
    texts = (*sentences.attendance(counts, summary.attendance), *sentences.passing(summary))
    return _section("总体情况", f'<div class="cards">{shown}</div>' + paragraphs(texts))


def _rate_card(rate: Indicator) -> tuple[str, str, str]:
    name = f"{rate.name}（÷{rate.whole_name}）"
    if rate.low is None or rate.high is None:
        return name, "—", f"{rate.whole_name} 0 人"
    note = f"{rate.part}/{rate.whole} 人，95% 区间 {interval(rate.low, rate.high)}"
    return name, percent(rate.part, rate.whole), note


def _scores(summary: SittingSummary, scores: ScoreReport) -> str:
    found = summary.certainty
    ax = plot_score_distribution(
        scores.sat,
        summary.cut,
        error=None if found is None else found.error_in_points,
        full_marks=summary.full_marks,
    )
    caption = f"成绩分布与合格线（实考 {summary.counts.sat} 人）"
    people = sum(band.people for band in summary.bands)
    rows = [
        [sentences.band_name(b), str(b.people), percent(b.people, people) if people else "—"]
        for b in summary.bands
    ]
    rows.append(["合计", str(people), "100%" if people else "—"])
    head = ["分数段", "人数", "占实考"]
    return _section(
        "成绩分布",
        figure(inline_svg(ax, name="scores"), caption) + table(head, rows, total=True),
    )


def _units(summary: SittingSummary, rates: PassRateTable) -> str:
    units = summary.units
    texts = (*sentences.units(units), *sentences.luck(units))
    pictures = ""
    if len(units.rows) > 1:
        base = f"{len(units.rows)} 个{units.by}，{units.denominator} {units.total.n} 人"
        pictures = figure(inline_svg(plot_funnel(units), name="funnel"), f"合格率漏斗图（{base}）")
        words = (
            f"收缩估计与实际合格率（{base}）；收缩估计把小{units.by}拉向总体，减少偶然波动的影响"
        )
        pictures += figure(inline_svg(plot_pass_rates(units), name="rates"), words)
    return _section(f"分{units.by}情况", paragraphs(texts) + pictures + unit_table(units, rates))


def unit_table(units: UnitComparison, rates: PassRateTable) -> str:
    """Return the table of units with counts, rate, interval and shrunken rate."""
    head = [rates.by, "应考", "实考", "合格", "缺考", "违纪", "免试缓考", "优秀",
            "参考率", f"合格率（÷{rates.denominator}）", "95% 区间", "收缩估计",
            "漏斗图 p（调整后）"]  # fmt: skip
    place = {row.group: k for k, row in enumerate(units.rows)}
    rows = []
    for row in (*rates.rows, rates.total):
        c, k = row.counts, place.get(row.group) if row is not rates.total else None
        shrunken = (
            "—" if k is None or units.shrunken is None else percentage(units.shrunken.mean[k])
        )
        p = "—" if k is None or units.funnel is None else f"{units.funnel.p_adjusted[k]:.2f}"
        bounds = "—" if row.low is None or row.high is None else interval(row.low, row.high)
        counts = (c.due, c.sat, c.passed, c.absent, c.voided, c.excused, c.excellent)
        rows.append([
            row.group, *map(str, counts), percent(c.sat, c.due) if c.due else "—",
            percent(c.passed, row.n) if row.n else "—", bounds, shrunken, p,
        ])  # fmt: skip
    return table(head, rows, caption=f"按{rates.by}（按名称排列，不分先后）", total=True)


def _subjects(summary: SittingSummary, table: WeaknessTable | None) -> str:
    lowest = sorted(summary.articles, key=lambda one: (one.share, one.name))
    judged = [one for one in lowest if one.answers >= sentences.FEW_ANSWERS][:20]
    return _section(
        "薄弱环节",
        paragraphs(sentences.weak_points(summary))
        + _facet_table("主题", summary.subjects, "按主题的得分率")
        + _facet_table(
            "法条", judged, f"得分率最低的法条（作答 {sentences.FEW_ANSWERS} 人次及以上）"
        )
        + ("" if table is None else _heat_map(table)),
    )


def _heat_map(table: WeaknessTable) -> str:
    words = f"各{table.by}分{table.facet.value}得分率（实考 {int(table.people.sum())} 人）"
    return figure(inline_svg(plot_weakness(table), name="weakness"), words)


def _facet_table(name: str, found: Sequence[FacetResult], caption: str) -> str:
    rows = [[f.name, str(f.items), str(f.answers), percentage(f.share)] for f in found]
    return table([name, "题数", "作答人次", "得分率"], rows, caption=caption) if rows else ""


def _certainty(summary: SittingSummary) -> str:
    found = summary.certainty
    if found is None:
        text = "本次成绩没有题目参数可用，未估计能力、信度和判定准确度；标定题目后可以补算。"
        return _section("结论的把握", paragraphs([text]))
    rows = [
        ["能力估计的边际信度", f"{found.reliability:.3f}", f"{found.people} 人"],
        ["临界（距合格线不到一个标准误）", percent(found.near, found.people),
         f"{found.near}/{found.people} 人"],
        ["判定准确度（Rudner）", percentage(found.accuracy), f"{found.people} 人"],
        ["再考一次结论相同（Lee）",
         "—" if found.repeat is None else percentage(found.repeat), f"{found.people} 人"],
        ["一致性系数 κ", "—" if found.kappa is None or isnan(found.kappa) else f"{found.kappa:.3f}",
         f"{found.people} 人"],
        ["预计误判合格", f"{found.wrongly_passed:.1f} 人", f"{found.people} 人中"],
        ["预计误判不合格", f"{found.wrongly_failed:.1f} 人", f"{found.people} 人中"],
    ]  # fmt: skip
    return _section(
        "结论的把握",
        paragraphs(sentences.sureness(found)) + table(["指标", "数值", "依据人数"], rows),
    )


def _items(sitting: Sitting, analysis: ItemAnalysis) -> str:
    flagged = analysis.flagged()
    text = f"共 {len(analysis.items)} 题，{analysis.people} 人作答；{len(flagged)} 题有提示。"
    if not isnan(analysis.reliability):
        text += (
            f"全卷 α 信度 {analysis.reliability:.3f}（95% 区间 {analysis.reliability_low:.3f}–"
            f"{analysis.reliability_high:.3f}）。"
        )
    head = [
        "题号",
        "题型",
        "主题",
        "作答人次",
        "漏答",
        "得分率",
        "区分度",
        "各选项人次（*为答案）",
        "提示",
    ]
    rows = [
        [
            one.item_id, str(one.kind), sitting.bank[one.item_id].topic, str(one.answers),
            str(one.omitted), "—" if isnan(one.facility) else f"{one.facility:.2f}",
            "—" if isnan(one.discrimination) else f"{one.discrimination:.2f}",
            option_counts(one), "；".join(one.flags),
        ]
        for one in flagged
    ]  # fmt: skip
    return _section(
        "试题分析", paragraphs([text]) + (table(head, rows, caption="有提示的题目") if rows else "")
    )
