"""The score list (成绩汇总表) as Excel: texts stay texts, rates are live formulas."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from math import isnan
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from ..bank.subjects import subject_name
from ..delivery.sitting import Sitting
from ..files import write_bytes
from ..passrate.rates import PassRateRow, PassRateTable
from ..scoring.decisions import Decision, Decisions, Outcome
from ..scoring.item_analysis import ItemAnalysis, ItemReport
from ..scoring.scores import ScoreReport
from . import sentences
from .numbers import LEVEL_Z, chinese_date, points
from .summary import SittingSummary, UnitComparison, summarise

Cell = str | int | float | None
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that a spreadsheet may take for a formula; full-width forms included."""


class Book:
    """A workbook that is the same bytes every time and never guesses what a text is."""

    def __init__(self, title: str) -> None:
        self._buffer = BytesIO()
        self.book = xlsxwriter.Workbook(
            self._buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self.book.set_properties({"title": title, "created": datetime(2026, 1, 1)})  # noqa: DTZ001
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **look: Any) -> Any:
        """Return a format; equal ones are shared."""
        full = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter"} | look
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(full)
        return self._formats[key]

    def sheet(self, name: str, widths: Sequence[float], *, across: bool = False) -> Any:
        """Add a sheet with column widths in characters, set up to print on A4."""
        sheet = self.book.add_worksheet(name)
        for k, width in enumerate(widths):
            sheet.set_column(k, k, width)
        sheet.set_paper(9)
        if across:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C第 &P 页　共 &N 页")
        return sheet

    def text(self, sheet: Any, row: int, column: int, value: str, **look: Any) -> None:
        """Write a text as a text, marked so where its first character could start a formula."""
        if value.lstrip().startswith(_RISKY):
            look["quote_prefix"] = True
        sheet.write_string(row, column, value, self.style(**look))

    def cell(self, sheet: Any, row: int, column: int, value: Cell, **look: Any) -> None:
        """Write a value of a bordered table."""
        look = {"border": 1, "align": "center"} | look
        if value is None or value == "" or (isinstance(value, float) and isnan(value)):
            sheet.write_blank(row, column, None, self.style(**look))
        elif isinstance(value, str):
            self.text(sheet, row, column, value, **look)
        else:
            sheet.write_number(row, column, value, self.style(**look))

    def head(self, sheet: Any, row: int, names: Sequence[str]) -> None:
        """Write the heading of a table and keep it in view and on every page."""
        for k, name in enumerate(names):
            self.cell(sheet, row, k, name, bold=True, bg_color="#EDEDED", text_wrap=True)
        sheet.set_row(row, 32)
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)

    def title(self, sheet: Any, text: str, columns: int, note: str = "") -> int:
        """Write the title over the whole width; return the row of the heading."""
        look = self.style(font_name="黑体", font_size=16, align="center")
        if columns > 1:
            sheet.merge_range(0, 0, 0, columns - 1, "", look)
        sheet.write_string(0, 0, text, look)
        sheet.set_row(0, 28)
        if not note:
            return 1
        self.text(sheet, 1, 0, note, font_size=9.5)
        return 2

    def save(self, path: str | Path) -> Path:
        """Write the file in full or not at all."""
        self.book.close()
        return write_bytes(self._buffer.getvalue(), path)


def write_score_list(
    sitting: Sitting,
    scores: ScoreReport,
    decisions: Decisions,
    analysis: ItemAnalysis,
    rates: PassRateTable,
    path: str | Path,
) -> Path:
    """Write scores, units, items and method as one workbook (internal: it names people).

    Parameters
    ----------
    sitting, scores, decisions, analysis, rates
        The finished results of one sitting.
    path
        File to write, ending in ``.xlsx``.
    """
    summary = summarise(sitting, scores, decisions, rates, analysis)
    book = Book(f"{summary.title}成绩汇总表")
    _people_sheet(book, summary, sitting, decisions)
    _unit_sheet(book, summary, rates)
    _item_sheet(book, summary, sitting, analysis)
    _method_sheet(book, summary)
    return book.save(path)


def write_public_list(
    sitting: Sitting, decisions: Decisions, path: str | Path, *, with_scores: bool = False
) -> Path:
    """Write the list of those who passed, for publication: name and unit only.

    Parameters
    ----------
    with_scores
        Whether to add the score, where the programme has scores published.
    """
    passed = [d for d in decisions.decisions if d.outcome is Outcome.PASSED]
    head = ["序号", "姓名", "单位", *(["成绩"] if with_scores else [])]
    book = Book(f"{sitting.title}合格人员名单")
    sheet = book.sheet("合格人员名单", [8, 16, 32, 10])
    row = book.title(sheet, f"{sitting.title}合格人员名单", len(head), f"共 {len(passed)} 人")
    book.head(sheet, row, head)
    for place, one in enumerate(passed, 1):
        name, unit = sitting.roster.name(one.candidate), sitting.roster[one.candidate].unit
        values: list[Cell] = [place, name, unit]
        if with_scores and one.raw is not None:
            values.append(float(one.raw))
        for k, value in enumerate(values):
            book.cell(sheet, row + place, k, value)
    return book.save(path)


def _people_sheet(
    book: Book, summary: SittingSummary, sitting: Sitting, decisions: Decisions
) -> None:
    equated = any(d.equated is not None for d in decisions.decisions)
    post = next((g for g in ("职务", "岗位") for c in sitting.roster if c.groups.get(g)), "")
    head = ["序号", "准考证号", "姓名", "身份证号", "单位", *([post] if post else []), "成绩",
            *(["等值分（参考）"] if equated else []), "等次", "结论", "备注"]  # fmt: skip
    widths = [6, 16, 12, 22, 24, *([14] if post else []), 9, *([10] if equated else []), 8, 9, 22]
    sheet = book.sheet("成绩汇总表", widths, across=True)
    day = chinese_date(summary.on.year, summary.on.month, summary.on.day)
    note = (
        f"考试日期：{day}　满分 {points(summary.full_marks)} 分　合格线 {points(summary.cut)} 分　"
        f"应考 {summary.counts.due} 人　实考 {summary.counts.sat} 人　合格 {summary.counts.passed} "
        "人　内部资料，注意保存"
    )
    row = book.title(sheet, f"{summary.title}成绩汇总表", len(head), note)
    book.head(sheet, row, head)
    for place, one in enumerate(decisions.decisions, 1):
        person = sitting.roster.persons.get(one.candidate)
        candidate = sitting.roster[one.candidate]
        values: list[Cell] = [place, one.candidate, person.name if person else "",
                              person.masked if person else "", candidate.unit]  # fmt: skip
        values += [candidate.groups.get(post, "")] if post else []
        values.append(None if one.raw is None else float(one.raw))
        values += [None if one.equated is None else float(one.equated)] if equated else []
        values += [str(one.grade or ""), str(one.outcome), remark(one)]
        for k, value in enumerate(values):
            book.cell(sheet, row + place, k, value)
    last = row + len(decisions) + 2
    book.text(
        sheet,
        last,
        0,
        "单位负责人（签字）：＿＿＿＿＿＿　　经办人：＿＿＿＿＿＿　　（盖章）　　年　　月　　日",
    )
    sheet.autofilter(row, 0, row + len(decisions), len(head) - 1)


def remark(one: Decision) -> str:
    """Write what the remark column says: nothing for a plain pass or fail."""
    if one.outcome in (Outcome.PASSED, Outcome.FAILED):
        return "" if one.attempt == 1 else f"第 {one.attempt} 次参加"
    return one.reason


def _unit_sheet(book: Book, summary: SittingSummary, rates: PassRateTable) -> None:
    base = rates.denominator.value
    head = [rates.by, "应考", "实考", "合格", "缺考", "违纪", "免试缓考", "优秀",
            "参考率\n（实考÷应考）", f"合格率\n（÷{base}）", "95% 下限", "95% 上限",
            "优秀率\n（÷实考）", "说明"]  # fmt: skip
    sheet = book.sheet("单位", [26, 7, 7, 7, 7, 7, 9, 7, 12, 12, 10, 10, 12, 18], across=True)
    note = "按名称排列，不分先后；合格率相同的为并列。比率和区间为公式，随人数变动。"
    row = book.title(sheet, f"{summary.title}各{rates.by}考试情况", len(head), note)
    book.head(sheet, row, head)
    first = row + 1
    for k, one in enumerate(rates.rows):
        _unit_cells(book, sheet, first + k, one, base)
        book.cell(sheet, first + k, 13, _note_of(one, summary.units))
    last = first + len(rates.rows)
    _unit_cells(book, sheet, last, rates.total, base, sum_from=first)
    book.cell(sheet, last, 13, "")


def _note_of(one: PassRateRow, units: UnitComparison) -> str:
    if one.n == 0:
        return "无人参考"
    if one in units.small:
        return "人数少，不评价"
    if one in units.above or one in units.below:
        return "高于总体" if one in units.above else "低于总体"
    return "无统计差异" if units.funnel is not None else ""


def _unit_cells(
    book: Book, sheet: Any, row: int, one: PassRateRow, base: str, *, sum_from: int | None = None
) -> None:
    """Write counts (or sums of the rows above) and the formulas of one row."""
    c = one.counts
    counts = (c.due, c.sat, c.passed, c.absent, c.voided, c.excused, c.excellent)
    bold = {"bold": True} if sum_from is not None else {}
    book.cell(sheet, row, 0, one.group, **bold)
    plain, share = (
        book.style(border=1, align="center", **bold),
        book.style(border=1, align="center", num_format="0.0%", **bold),
    )
    for k, people in enumerate(counts, 1):
        if sum_from is None or sum_from == row:
            book.cell(sheet, row, k, people, **bold)
        else:
            area = f"{xl_rowcol_to_cell(sum_from, k)}:{xl_rowcol_to_cell(row - 1, k)}"
            sheet.write_formula(row, k, f"=SUM({area})", plain, people)
    due, sat, passed, excellent = (xl_rowcol_to_cell(row, k) for k in (1, 2, 3, 7))
    n = sat if base == "实考人数" else due
    formulas = (
        (f"{sat}/{due}", due, one.attendance),
        (f"{passed}/{n}", n, one.rate),
        (f"MAX(0,{_wilson(passed, n, '-')})", n, one.low),
        (f"MIN(1,{_wilson(passed, n, '+')})", n, one.high),
        (f"{excellent}/{sat}", sat, one.excellence),
    )
    for k, (formula, whole, value) in enumerate(formulas, 8):
        text = f'=IF({whole}=0,"",{formula})'
        sheet.write_formula(row, k, text, share, "" if value is None else value)


def _wilson(passed: str, n: str, sign: str) -> str:
    """Wilson bound as a spreadsheet formula."""
    z = f"{LEVEL_Z:.9f}"
    root = f"{z}*SQRT({passed}*({n}-{passed})/{n}+{z}^2/4)"
    return f"({passed}+{z}^2/2{sign}{root})/({n}+{z}^2)"


def _item_sheet(
    book: Book, summary: SittingSummary, sitting: Sitting, analysis: ItemAnalysis
) -> None:
    head = ["题号", "题型", "主题", "专题", "作答人次", "漏答", "得分率", "标准误", "区分度",
            "各选项选择人次（*为答案）", "提示", "题干"]  # fmt: skip
    sheet = book.sheet("试题分析", [12, 8, 18, 14, 9, 7, 9, 9, 9, 30, 36, 50], across=True)
    note = f"实考 {analysis.people} 人；得分率和区分度按作答人次计，作答不足 30 人次的只供参考。"
    row = book.title(sheet, f"{summary.title}试题分析", len(head), note)
    book.head(sheet, row, head)
    for place, one in enumerate(analysis.items, 1):
        item = sitting.bank[one.item_id]
        values: list[Cell] = [one.item_id, str(one.kind), subject_name(one.subject), item.topic,
                              one.answers, one.omitted]  # fmt: skip
        for k, value in enumerate(values):
            book.cell(sheet, row + place, k, value)
        for k, figure in enumerate((one.facility, one.facility_se, one.discrimination), 6):
            book.cell(sheet, row + place, k, figure, num_format="0.00")
        texts = (option_counts(one), "；".join(one.flags), item.stem)
        for k, text in enumerate(texts, 9):
            book.cell(sheet, row + place, k, text, align="left", text_wrap=True)
    if analysis.items:
        sheet.autofilter(row, 0, row + len(analysis.items), len(head) - 1)


def option_counts(one: ItemReport) -> str:
    """Write how often each option was chosen, the key marked with a star."""
    return "　".join(f"{use.option}{'*' if use.right else ''} {use.chosen}" for use in one.options)


def _method_sheet(book: Book, summary: SittingSummary) -> None:
    sheet = book.sheet("说明", [110])
    row = book.title(sheet, "统计说明", 1)
    for k, text in enumerate(sentences.method(summary)):
        book.text(sheet, row + k, 0, text, text_wrap=True)
