"""Tables as offices lay them out: title rows above the heading, two-line heads, totals below."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, TypeAlias

import narwhals.stable.v1 as nw
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from ..bank.text import fold_name, fold_width
from ..errors import UnknownFormat, UnsafeFile
from .safety import check_extent, read_file

Cell: TypeAlias = str | int | float | bool | None
Place: TypeAlias = tuple[int, int]
MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
WORKBOOKS = (".xlsx", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".jsonl", ".json")


@dataclass(frozen=True, slots=True)
class Table:
    """One worksheet (工作表); `rows[0]` is line 1 of the sheet.

    Parameters
    ----------
    file, sheet
        Where it stands.
    rows
        Cells as stored.
    merged
        First and last cell of merged areas, row and column counted from 0.
    shown
        Text of the cells that look otherwise than they are stored: 80%, 12月4日.
    unsure
        Dates and numbers of which it is not known how they look.
    hidden
        Whether the sheet is hidden in the workbook.
    """

    file: str
    sheet: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[tuple[Place, Place], ...] = ()
    shown: Mapping[Place, str] = field(default_factory=dict)
    unsure: frozenset[Place] = frozenset()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One data row under a found heading: line number and cells by known column name."""

    number: int
    cells: Mapping[str, Cell]

    def text(self, column: str) -> str:
        """Return the cell as folded text, empty when absent."""
        return cell_text(self.cells.get(column))


def cell_text(value: Cell) -> str:
    """Return a cell as a person reads it: 3.0 is ``3``, widths folded, outer spaces gone."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return fold_width(str(value))


def read_tables(source: Any) -> tuple[Table, ...]:
    """Return the tables of a file, of any dataframe, or of a sequence of mappings.

    Parameters
    ----------
    source
        A path to .xlsx, .xls, .ods, .csv, .tsv, .json (a list of objects) or .jsonl; a dataframe
        of any library; or plain values: a sequence of mappings with the same keys.

    Raises
    ------
    UnknownFormat
        If the kind of file is not one of these.
    UnsafeFile
        If the file is refused or broken.
    """
    if isinstance(source, str | Path):
        return _read_path(Path(source))
    if isinstance(source, Sequence):
        return (_from_records("数据", list(source)),)
    frame = nw.from_native(source, eager_only=True)
    rows = [tuple(frame.columns), *(tuple(map(_plain, row)) for row in frame.iter_rows())]
    return (Table("数据表", "", tuple(rows)),)


def _plain(value: Any) -> Cell:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if value != value else value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _read_path(path: Path) -> tuple[Table, ...]:
    suffix = path.suffix.lower()
    if suffix not in WORKBOOKS + TEXTS:
        raise UnknownFormat(path.name, WORKBOOKS + TEXTS, "请在原程序中另存为 .xlsx")
    data = read_file(path)
    if suffix in WORKBOOKS:
        return parse_workbook(path.name, data)
    text = decode(path.name, data)
    if suffix in (".json", ".jsonl"):
        return (_from_records(path.name, _json_records(path.name, text, lines=suffix == ".jsonl")),)
    return (parse_table_text(path.name, text),)


def parse_table_text(name: str, text: str) -> Table:
    """Read comma- or tab-separated text; the first line tells which.

    Raises
    ------
    UnsafeFile
        If it is too large or a field is.
    """
    first = text.partition("\n")[0]
    counts = {sign: first.count(sign) for sign in "\t,;"}
    tabs = name.lower().endswith(".tsv") or counts["\t"] >= max(1, counts[","])
    delimiter = "\t" if tabs else ";" if counts[";"] > counts[","] else ","
    try:
        rows = tuple(tuple(row) for row in csv.reader(StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise UnsafeFile(name, f"表格文本有误：{error}") from error
    _check_size(name, len(rows), max(map(len, rows), default=0))
    return Table(name, "", rows)


def parse_workbook(name: str, data: bytes) -> tuple[Table, ...]:
    """Read every worksheet of a workbook.

    Raises
    ------
    UnsafeFile
        If it is broken or larger than the limits.
    """
    check_extent(name, data)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        tables = []
        for sheet in book.sheets_metadata:
            content = book.get_sheet_by_name(sheet.name)
            _check_size(name, content.height, content.width)
            rows = content.to_python(skip_empty_area=False)
            tables.append(Table(
                name, sheet.name, tuple(tuple(_empty(_plain(v)) for v in row) for row in rows),
                tuple(content.merged_cell_ranges or ()), unsure=_dates(rows),
                hidden=sheet.visible != SheetVisibleEnum.Visible,
            ))  # fmt: skip
    except (OSError, ValueError) as error:
        raise UnsafeFile(name, f"工作簿无法读取（{error}）") from error
    except BaseException as error:  # calamine's own errors share no public base class
        # A fault inside its compiled part arrives as a PanicException.
        if type(error).__module__.startswith(("python_calamine", "pyo3_runtime")):
            raise UnsafeFile(name, "工作簿已损坏，请用 Excel 打开后另存") from error
        raise
    return tuple(tables)


_USUAL = frozenset((str, float, int, bool))


def _dates(rows: Sequence[Sequence[Any]]) -> frozenset[Place]:
    """Return the places of dates and times, which `_plain` makes text."""
    return frozenset(
        (number, place) for number, row in enumerate(rows) if not _USUAL.issuperset(map(type, row))
        for place, value in enumerate(row) if isinstance(value, date | time | timedelta)
    )  # fmt: skip


def _empty(value: Cell) -> Cell:
    return None if value == "" else value


def _check_size(name: str, rows: int, columns: int) -> None:
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise UnsafeFile(name, f"有 {rows} 行 {columns} 列，超过 {MAX_ROWS} 行 {MAX_COLUMNS} 列")


def decode(name: str, data: bytes) -> str:
    """Decode text by its mark, else strict UTF-8, else GB18030.

    Raises
    ------
    UnsafeFile
        If it is neither.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnsafeFile(name, "文字编码不是 UTF-8 或 GB18030")


def _json_records(name: str, text: str, *, lines: bool) -> list[Any]:
    try:
        if lines:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        records = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnsafeFile(name, f"JSON 有误：{error}") from error
    if not isinstance(records, list):
        raise UnsafeFile(name, "JSON 应为一组对象")
    return records


def _from_records(name: str, records: list[Any]) -> Table:
    if not all(isinstance(record, Mapping) for record in records):
        raise UnsafeFile(name, "每一条记录都应是“列名: 值”的对象")
    columns: dict[str, None] = {}
    for record in records:
        columns.update(dict.fromkeys(map(str, record)))
    head: tuple[Cell, ...] = tuple(columns)
    rows = [tuple(_plain(record.get(column)) for column in columns) for record in records]
    return Table(name, "", (head, *rows))


def find_heading(
    table: Table, synonyms: Mapping[str, Sequence[str]], *, required: int = 2, within: int = 12
) -> tuple[int, dict[str, int]] | None:
    """Find the heading row: the first with at least `required` known column names.

    Parameters
    ----------
    synonyms
        Canonical column name → other names people use, compared after folding.
    required
        How many known names make a heading.
    within
        How many rows from the top may hold titles and notes.

    Returns
    -------
    index of the row (from 0) and column index by canonical name, or None when there is none.
    """
    names = {
        _heading(name): canonical
        for canonical, others in synonyms.items()
        for name in (canonical, *others)
    }
    for index, row in enumerate(table.rows[:within]):
        found: dict[str, int] = {}
        for column, value in enumerate(row):
            canonical = names.get(_heading(cell_text(value)))
            if canonical is not None and canonical not in found:
                found[canonical] = column
        if len(found) >= required:
            return index, found
    return None


def _heading(text: str) -> str:
    return fold_name(text).replace(" ", "").strip("*＊:：").replace("（", "(").partition("(")[0]


def data_lines(table: Table, heading: int, columns: Mapping[str, int]) -> list[Line]:
    """Return the non-empty rows under the heading; rows of totals (合计、小计) are left out."""
    lines = []
    for number, row in enumerate(table.rows[heading + 1 :], heading + 2):
        cells = {name: row[i] if i < len(row) else None for name, i in columns.items()}
        texts = [cell_text(value) for value in row]
        if not any(texts) or any(fold_name(t) in ("合计", "小计", "总计") for t in texts[:3]):
            continue
        lines.append(Line(number, cells))
    return lines
