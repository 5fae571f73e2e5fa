"""Workbooks as offices send them, faults included; shares no code with the readers."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from ..bank.item import ItemKind
from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.sitting import Sitting
from ..roster.candidate import Roster

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def _open(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001  (a fixed stamp)
    return book


def write_roster_workbook(roster: Roster, path: Path, *, title: str, faults: bool = True) -> None:
    """Write a roster the way an office lays it out.

    A merged title row stands above the heading and a line of totals below. With `faults` the
    sheet has spaces inside names, full-width digits, a person listed twice, and an identity number
    that Excel turned into a number.

    Parameters
    ----------
    roster
        At least four candidates with names and identity numbers.
    """
    book = _open(path)
    sheet = book.add_worksheet("报名汇总")
    heading = ("序号", "单  位", "姓 名", "身份证号码", "准考证号", "岗位", "备注")
    bold = book.add_format({"bold": True, "align": "center"})
    sheet.merge_range(0, 0, 0, len(heading) - 1, title, bold)
    sheet.merge_range(1, 0, 1, len(heading) - 1, "填报单位（盖章）：　　　　　填报日期：", None)
    for column, text in enumerate(heading):
        sheet.write_string(2, column, text, bold)
    rows = []
    for number, candidate in enumerate(roster, 1):
        person = roster.persons[candidate.code]
        rows.append(
            [str(number), candidate.unit, person.name, person.identity_number, candidate.code,
             candidate.groups.get("岗位", ""), ""]
        )  # fmt: skip
    numeric_row = -1
    if faults:
        rows[1][2] = "　".join(rows[1][2])
        rows[2][1] = f" {rows[2][1]}　"
        rows[3][3] = rows[3][3].translate(_FULL_WIDTH)
        rows.insert(7, [*rows[5][:4], f"{rows[5][4]}9", *rows[5][5:]])
        numeric_row = len(rows)
        extra = rows[6][3]
        rows.append([str(numeric_row + 1), rows[0][1], "钟某某", extra, "", "内勤", "补报"])
    for place, row in enumerate(rows):
        for column, text in enumerate(row):
            if place == numeric_row and column == 3:
                sheet.write_number(3 + place, column, float(text[:17] + "0"))
            else:
                sheet.write_string(3 + place, column, text)
    sheet.merge_range(3 + len(rows), 0, 3 + len(rows), 1, "合计", bold)
    sheet.write_number(3 + len(rows), 2, len(rows))
    sheet.set_column(1, 4, 22)
    book.close()


def write_answers_workbook(
    sitting: Sitting, sheets: Sequence[AnswerSheet], path: Path, *, faults: bool = True
) -> None:
    """Write answers the way staff type them: printed letters by question number.

    True/false answers become √ and ×. With `faults` one letter is not on the paper and one paper is
    marked as voided by state.
    """
    book = _open(path)
    sheet = book.add_worksheet("答案录入")
    count = max((len(sitting.paper(s.candidate).item_ids) for s in sheets), default=0)
    sheet.merge_range(0, 0, 0, 2 + count, f"{sitting.title}　答案录入表", None)
    heading = ["准考证号", "姓名", "考试状态", *(str(n) for n in range(1, count + 1))]
    for column, text in enumerate(heading):
        sheet.write_string(1, column, text)
    wrong_letter = next(
        (i for i, s in enumerate(sheets) if s.attendance is Attendance.PRESENT), None
    )
    for place, answers in enumerate(sheets):
        sheet.write_string(2 + place, 0, answers.candidate)
        sheet.write_string(2 + place, 1, sitting.roster.name(answers.candidate))
        sheet.write_string(2 + place, 2, str(answers.attendance))
        if answers.attendance is not Attendance.PRESENT:
            continue
        paper = sitting.paper(answers.candidate)
        for number, item_id in enumerate(paper.item_ids):
            text = _typed(sitting, paper.option_order.get(item_id, ()), item_id, answers)
            if faults and place == wrong_letter and number == 4:
                text = "G"
            if text:
                sheet.write_string(2 + place, 3 + number, text)
    book.close()


def _typed(sitting: Sitting, order: Sequence[str], item_id: str, answers: AnswerSheet) -> str:
    item = sitting.bank[item_id]
    if item_id in answers.written:
        return "；".join(answers.written[item_id])
    chosen = answers.chosen.get(item_id, frozenset())
    if item.kind is ItemKind.TRUE_FALSE:
        texts = {option.id: option.text for option in item.options}
        return "".join("√" if texts[i] == "正确" else "×" for i in chosen)
    return "".join("ABCDEFGH"[n] for n, option_id in enumerate(order) if option_id in chosen)
