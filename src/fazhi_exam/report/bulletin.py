"""The bulletin (关于…考试情况的通报) as Word in the layout of official documents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from ..delivery.sitting import Sitting
from ..passrate.rates import PassRateRow, PassRateTable
from ..scoring.decisions import Decision, Decisions, Outcome
from ..scoring.item_analysis import ItemAnalysis
from ..scoring.scores import ScoreReport
from ..word_style import FANG, HEI, KAI, SONG, style_font
from . import sentences
from .numbers import chinese_date, interval, percent, points
from .summary import SittingSummary, summarise
from .word import add_table, new_document, page_numbers, save

_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What an office writes around its documents (发文要素).

    Parameters
    ----------
    issuer
        Name of the office over the seal; a blank to write on by default.
    number
        Document number (发文字号); ``{year}`` stands for the year of the exam.
    addressee
        Whom it is sent to.
    whole
        What all units together are called in sentences, such as 全市.
    issued
        Day of issue; a blank to write on by default.
    """

    issuer: str = "（发文机关）"
    number: str = "＿＿〔{year}〕＿＿号"
    addressee: str = "各有关单位"
    whole: str = "总体"
    issued: date | None = None


def write_bulletin(
    sitting: Sitting,
    scores: ScoreReport,
    decisions: Decisions,
    rates: PassRateTable,
    analysis: ItemAnalysis,
    path: str | Path,
    *,
    letterhead: Letterhead | None = None,
    internal: bool = False,
) -> Path:
    """Write the bulletin of a sitting.

    Order: scope and date; due, sat and rates with their denominators; bands; units with ties kept;
    weak subjects and articles; next steps; a table of units; in the internal version the lists of
    those absent, voided and failed.

    Parameters
    ----------
    sitting, scores, decisions, rates, analysis
        The finished results of one sitting.
    path
        File to write, ending in ``.docx``.
    letterhead
        Issuer, number, addressee.
    internal
        Whether to add the lists of names, under the mark 内部资料.
    """
    look = letterhead or Letterhead()
    summary = summarise(sitting, scores, decisions, rates, analysis)
    title = f"关于{summary.title}情况的通报"
    document = official_document(title, look, year=summary.on.year, internal=internal)
    for heading, texts in sections(summary, sitting, look):
        add_heading(document, heading)
        for text in texts:
            add_body(document, text)
    annexes = [f"各{rates.by}考试情况表", "统计说明"]
    if internal:
        annexes.append("缺考、违纪和不合格人员名单（内部）")
    _annex_note(document, annexes)
    add_seal(document, look)
    _unit_annex(document, summary)
    _method_annex(document, summary)
    if internal:
        _people_annex(document, sitting, decisions)
    page_numbers(document.sections[0])
    return save(document, path, title=title)


def sections(
    summary: SittingSummary, sitting: Sitting, look: Letterhead
) -> Iterable[tuple[str, Sequence[str]]]:
    """Yield heading and sentences of each numbered part that has something to say."""
    parts = (
        ("考试组织", sentences.scope(summary)),
        ("参考和合格情况", (
            *sentences.attendance(summary.counts, summary.attendance),
            *sentences.passing(summary),
        )),
        ("成绩分布", (*sentences.bands(summary.bands), *sentences.sureness(summary.certainty))),
        (f"分{summary.units.by}情况", (
            *sentences.units(summary.units, whole=look.whole), *sentences.luck(summary.units),
        )),
        ("薄弱环节", sentences.weak_points(summary)),
        ("下一步工作", sentences.next_steps(summary, sitting.programme)),
    )  # fmt: skip
    present = [(name, texts) for name, texts in parts if texts]
    for numeral, (name, texts) in zip(_NUMERALS, present, strict=False):
        yield f"{numeral}、{name}", texts


def official_document(title: str, look: Letterhead, *, year: int, internal: bool = False) -> Any:
    """Start a document: mark, number, title, addressee."""
    document = new_document(body=FANG, size=16, left=28, right=26)
    document.sections[0].top_margin, document.sections[0].bottom_margin = Mm(37), Mm(35)
    if internal:
        add_line(document, "内部资料　注意保存", font=HEI, size=16)
    number = look.number.replace("{year}", str(year))
    add_line(document, number, font=FANG, size=16, align=WD_ALIGN_PARAGRAPH.CENTER)
    heading = add_line(document, title, font=SONG, size=22, bold=True,
                       align=WD_ALIGN_PARAGRAPH.CENTER)  # fmt: skip
    heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(22)
    heading.paragraph_format.line_spacing = Pt(34)
    add_line(document, f"{look.addressee}：", font=FANG, size=16)
    return document


def add_line(
    document: Any,
    text: str,
    *,
    font: str,
    size: float,
    bold: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: bool = False,
) -> Any:
    """Add one paragraph on the line grid of official documents (28 points)."""
    paragraph = document.add_paragraph()
    look = paragraph.paragraph_format
    look.space_before = look.space_after = Pt(0)
    look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    if align is not None:
        paragraph.alignment = align
    if indent:
        look.first_line_indent = Pt(size * 2)
    style_font(paragraph.add_run(text), font, size=size, bold=bold)
    return paragraph


def add_heading(document: Any, text: str) -> None:
    """Add a numbered heading in 黑体."""
    paragraph = add_line(document, text, font=HEI, size=16, indent=True)
    paragraph.paragraph_format.keep_with_next = True


def add_body(document: Any, text: str) -> None:
    """Add a body paragraph in 仿宋, indented by two characters."""
    paragraph = add_line(document, text, font=FANG, size=16, indent=True)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY


def _annex_note(document: Any, names: Sequence[str]) -> None:
    add_line(document, "", font=FANG, size=16)
    for place, name in enumerate(names, 1):
        lead = "附件：" if place == 1 else "　　　"
        add_line(document, f"{lead}{place}．{name}", font=FANG, size=16, indent=True)


_TAIL = 9
"""Paragraphs at the end that stay on one page: the seal never stands on a page without text."""


def add_seal(document: Any, look: Letterhead) -> None:
    """Add issuer, place of the seal and day, to the right."""
    for _ in range(2):
        add_line(document, "", font=FANG, size=16)
    day = look.issued
    text = chinese_date(day.year, day.month, day.day) if day else "　　　　年　　月　　日"
    for line in (f"{look.issuer}（印章）", text):
        paragraph = add_line(document, line, font=FANG, size=16, align=WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = Pt(64)
    for paragraph in document.paragraphs[-_TAIL:-1]:
        paragraph.paragraph_format.keep_with_next = True


def new_annex(document: Any, place: int, title: str, *, across: bool = False) -> None:
    """Start an annex on a new page, across (A4 横排) where its table is wide."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    if (section.orientation == WD_ORIENT.LANDSCAPE) != across:
        section.page_width, section.page_height = section.page_height, section.page_width
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.top_margin, section.bottom_margin = Mm(24), Mm(20)
    section.left_margin = section.right_margin = Mm(20)
    add_line(document, f"附件{place}", font=HEI, size=16)
    heading = add_line(document, title, font=SONG, size=18, bold=True,
                       align=WD_ALIGN_PARAGRAPH.CENTER)  # fmt: skip
    heading.paragraph_format.space_after = Pt(10)


def _unit_annex(document: Any, summary: SittingSummary) -> None:
    units = summary.units
    new_annex(document, 1, f"各{units.by}考试情况表", across=True)
    head = [units.by, "名册", "应考", "实考", "合格", "缺考", "违纪", "免试缓考", "优秀", "参考率",
            f"合格率\n（÷{units.denominator.value[:2]}）", "95% 区间", "说明"]  # fmt: skip
    marks = {row.group: "高于总体" for row in units.above}
    marks |= {row.group: "低于总体" for row in units.below}
    marks |= {row.group: "人数少，不评价" for row in units.small}
    rows = [
        _unit_row(row, marks.get(row.group, "无统计差异" if units.funnel else ""))
        for row in units.rows
    ]
    rows += [[name, *["0"] * 8, "—", "—", "—", "无人参考"] for name in units.empty]
    rows.append(_unit_row(units.total, "—"))
    widths = [34, 13, 13, 13, 13, 13, 13, 16, 13, 22, 24, 34, 32]
    table = add_table(document, head, rows, widths=widths, size=10)
    tight(table)
    note = "注：按名称排列，不分先后；合格率相同的为并列。区间为 Wilson 法 95% 区间，人数越少越宽。"
    add_line(document, note, font=KAI, size=10.5)


def _unit_row(row: PassRateRow, note: str) -> list[str]:
    c = row.counts
    attended = percent(c.sat, c.due) if c.due else "—"
    rate = percent(c.passed, row.n) if row.n else "—"
    bounds = interval(row.low, row.high) if row.low is not None and row.high is not None else "—"
    counts = (c.registered, c.due, c.sat, c.passed, c.absent, c.voided, c.excused, c.excellent)
    return [row.group, *map(str, counts), attended, rate, bounds, note]


def tight(table: Any) -> None:
    """Keep rows whole across pages, with little space and the widths that were asked for."""
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell in row.cells:
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
            for paragraph in cell.paragraphs:
                look = paragraph.paragraph_format
                look.space_before = look.space_after = Pt(1.5)
    # Word takes the widths of the grid, LibreOffice those of the cells: both have to be set.
    for column, cell in zip(table.columns, table.rows[0].cells, strict=True):
        column.width = cell.width
    layout = OxmlElement("w:tblLayout")
    layout.set(qn("w:type"), "fixed")
    table._tbl.tblPr.append(layout)


def _method_annex(document: Any, summary: SittingSummary) -> None:
    new_annex(document, 2, "统计说明")
    for place, text in enumerate(sentences.method(summary), 1):
        add_line(document, f"{place}．{text}", font=FANG, size=14, indent=True)


def _people_annex(document: Any, sitting: Sitting, decisions: Decisions) -> None:
    new_annex(document, 3, "缺考、违纪和不合格人员名单（内部）")
    wanted = (Outcome.ABSENT, Outcome.VOIDED, Outcome.FAILED)
    some = [d for outcome in wanted for d in decisions.decisions if d.outcome is outcome]
    rows = [_person(place, sitting, one) for place, one in enumerate(some, 1)]
    if not rows:
        add_line(document, "无。", font=FANG, size=16, indent=True)
        return
    head = ["序号", "准考证号", "姓名", "单位", "成绩", "情况"]
    tight(add_table(document, head, rows, widths=[14, 32, 28, 46, 22, 26], size=10.5))


def _person(place: int, sitting: Sitting, one: Decision) -> list[str]:
    unit = sitting.roster[one.candidate].unit
    score = "—" if one.raw is None else points(one.raw)
    name = sitting.roster.name(one.candidate)
    return [str(place), one.candidate, name, unit, score, str(one.outcome)]
