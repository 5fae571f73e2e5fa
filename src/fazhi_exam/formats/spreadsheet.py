"""Workbooks and CSV as they leave the program: no cell is ever taken for a formula (CWE-1236)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from .tables import Cell

_TRIGGERS = "=+-@\t\r\n|%＝＋－＠"


def safe_cell(value: Cell) -> Cell:
    """Put a quote before text that a spreadsheet would run; numbers stay numbers.

    For CSV and the clipboard, where a program guesses what a cell is. Full-width signs count, since
    some programs fold them.
    """
    if not isinstance(value, str) or not value.lstrip(" \u3000\u00a0\u200b\ufeff"):
        return value
    first = value.lstrip(" \u3000\u00a0\u200b\ufeff")[0]
    return f"'{value}" if first in _TRIGGERS or value[0] in _TRIGGERS else value


def unsafe_cell(value: str) -> str:
    """Take the quote of `safe_cell` off again, when reading our own files."""
    return value[1:] if value[:1] == "'" and safe_cell(value[1:]) != value[1:] else value


def csv_bytes(rows: Iterable[Sequence[Cell]], *, delimiter: str = ",") -> bytes:
    """Write rows as CSV that Excel opens as UTF-8, every cell made safe."""
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow(["" if value is None else safe_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class DropDown:
    """Allowed values of a column, offered as a list.

    Parameters
    ----------
    column
        Counted from 0.
    values
        What may be chosen.
    strict
        Whether anything else is refused.
    """

    column: int
    values: tuple[str, ...]
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet to be written.

    Parameters
    ----------
    name
        At most 31 characters.
    heading
        Column names.
    rows
        Cells; text is always written as text.
    widths
        Column widths in characters.
    lists
        Drop-downs for the rows below the heading.
    notes
        A hint per column, shown when a cell of it is chosen.
    """

    name: str
    heading: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()
    lists: tuple[DropDown, ...] = ()
    notes: tuple[str, ...] = ()


def workbook_bytes(sheets: Sequence[Sheet], *, room: int = 2_000) -> bytes:
    """Write a workbook; the same sheets give the same bytes.

    Parameters
    ----------
    sheets
        In order.
    room
        How many rows under the last one the drop-downs cover.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": _EPOCH, "author": "", "title": ""})
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True,
                            "valign": "vcenter"})  # fmt: skip
    plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    long_lists: list[tuple[str, ...]] = []
    for sheet in sheets:
        _write(book, sheet, bold, plain, room, long_lists)
    if long_lists:
        page = book.add_worksheet("字典")
        for column, values in enumerate(long_lists):
            for row, value in enumerate(values):
                page.write_string(row, column, value)
    book.close()
    return out.getvalue()


def _write(
    book: Any, sheet: Sheet, bold: Any, plain: Any, room: int, long_lists: list[tuple[str, ...]]
) -> None:
    page = book.add_worksheet(sheet.name[:31])
    page.freeze_panes(1, 0)
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width, plain)
    for column, name in enumerate(sheet.heading):
        page.write_string(0, column, name, bold)
    for row, cells in enumerate(sheet.rows, 1):
        for column, value in enumerate(cells):
            if value is None or value == "":
                continue
            if isinstance(value, bool):
                page.write_boolean(row, column, value)
            elif isinstance(value, int | float):
                page.write_number(row, column, value)
            else:
                page.write_string(row, column, value[:32_767])
    last = len(sheet.rows) + room
    if sheet.rows and sheet.heading:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.heading) - 1)
    for column, note in enumerate(sheet.notes):
        if note:
            page.write_comment(0, column, note)
    for one in sheet.lists:
        source: Any = list(one.values)
        if len(",".join(one.values)) > 255:
            letter = chr(65 + len(long_lists))
            source = f"=字典!${letter}$1:${letter}${len(one.values)}"
            long_lists.append(one.values)
        page.data_validation(1, one.column, last, one.column, {
            "validate": "list", "source": source, "ignore_blank": True,
            "error_type": "stop" if one.strict else "information",
            "error_title": "内容有误", "error_message": "请从下拉列表中选择",
        })  # fmt: skip


def _epoch() -> Any:
    from datetime import datetime

    return datetime(2000, 1, 1)  # noqa: DTZ001  (a fixed date, so that bytes repeat)


_EPOCH = _epoch()
