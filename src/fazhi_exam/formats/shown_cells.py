"""What the numbers of a workbook look like: a cell is stored as 0.8 and shown as 80%."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, TypeAlias

from lxml import etree

from ..errors import UnsafeFile
from .markup import xml_parser
from .number_formats import BUILT_IN, GENERAL, shown_number
from .safety import BROKEN
from .tables import Place, Table
from .xls_cells import SIGNATURE, OldBook, read_old_book

_PLAIN = (GENERAL, "@", "")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]{1,40})</")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')


Seen: TypeAlias = dict[Place, str | None]


@dataclass(frozen=True, slots=True)
class Look:
    """What a sheet looks like: texts of formatted numbers (None: not known) and merged areas."""

    seen: Seen
    merged: tuple[tuple[Place, Place], ...] = ()


def with_shown(tables: tuple[Table, ...], name: str, data: bytes) -> tuple[Table, ...]:
    """Add to tables of a workbook what a person sees where a number has a format.

    Numbers of which this cannot be told are left `unsure`.

    Raises
    ------
    UnsafeFile
        If the part of the file that holds the formats is broken.
    """
    if data[:8] == SIGNATURE:
        try:
            found = _old(read_old_book(data))
        except ValueError:  # older than Excel 97: nothing is known of any number
            return tuple(replace(table, unsure=table.unsure | _numbers(table)) for table in tables)
    else:
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                open_document = "content.xml" in archive.namelist()
                found = dict((_open_document if open_document else _sheets)(archive))
        except (*BROKEN, etree.LxmlError) as error:
            raise UnsafeFile(name, "工作簿的格式部分已损坏，请用 Excel 打开后另存") from error
    return tuple(_with(table, found.get(table.sheet)) for table in tables)


def _with(table: Table, look: Look | None) -> Table:
    if look is None:
        return table
    shown = {place: text for place, text in look.seen.items() if text is not None}
    unsure = frozenset(place for place, text in look.seen.items() if text is None)
    return replace(table, shown=shown, unsure=(table.unsure - shown.keys()) | unsure,
                   merged=table.merged or look.merged)  # fmt: skip


def _numbers(table: Table) -> frozenset[Place]:
    return frozenset(
        (number, place) for number, row in enumerate(table.rows) for place, value in enumerate(row)
        if isinstance(value, int | float) and not isinstance(value, bool)
    )  # fmt: skip


def _old(book: OldBook) -> dict[str, Look]:
    codes = [book.formats.get(number) or BUILT_IN.get(number, "") for number in book.styles]
    return {
        sheet.name: Look({
            (one.row, one.column): shown_number(
                one.value, codes[one.style], since_1904=book.since_1904
            )
            for one in sheet.numbers
            if one.style < len(codes) and codes[one.style] not in _PLAIN
        })
        for sheet in book.sheets
    }  # fmt: skip


def _open_document(archive: zipfile.ZipFile) -> Iterator[tuple[str, Look]]:
    """Return the numbers of an .ods file: it holds the text that is shown beside each value."""
    root = etree.fromstring(archive.read("content.xml"), xml_parser())
    for table in root.iterfind(".//{*}table"):
        seen: Seen = {}
        merged: list[tuple[Place, Place]] = []
        number = 0
        for row in table.iter("{*}table-row"):
            column = 0
            for cell in row.iterchildren("{*}table-cell", "{*}covered-table-cell"):
                facts = _facts(cell)
                if facts.get("value-type") in _SHOWN_TYPES:
                    text = cell.find("{*}p")
                    seen[number, column] = None if text is None else "".join(text.itertext())
                if (rows := int(facts.get("number-rows-spanned", 1))) > 1:
                    last = column + int(facts.get("number-columns-spanned", 1)) - 1
                    merged.append(((number, column), (number + rows - 1, last)))
                column += int(facts.get("number-columns-repeated", 1))
            number += int(_facts(row).get("number-rows-repeated", 1))
        yield _facts(table).get("name", ""), Look(seen, tuple(merged))


def _facts(element: Any) -> dict[str, str]:
    """Return the attributes of an element by name, whatever their name space."""
    return {str(key).rpartition("}")[2]: str(text) for key, text in element.attrib.items()}


_SHOWN_TYPES = ("float", "percentage", "currency", "date", "time")


@dataclass(frozen=True, slots=True)
class _Formats:
    """Codes by number of the cell style, without the plain ones."""

    codes: Mapping[int, str]
    since_1904: bool


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, Look]]:
    """Return the formatted numbers of each worksheet, by its name."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return
    book = etree.fromstring(archive.read("xl/workbook.xml"), xml_parser())
    dates = book.find("{*}workbookPr")
    since_1904 = dates is not None and dates.get("date1904") in ("1", "true")
    formats = _Formats(_codes(archive.read("xl/styles.xml")), since_1904)
    if not formats.codes:
        return
    links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), xml_parser())
    parts = {link.get("Id"): link.get("Target", "") for link in links.iterfind("{*}Relationship")}
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        marked = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
        target = str(parts.get(marked, ""))
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            yield str(sheet.get("name", "")), Look(_cells(archive.read(part), formats))


def _codes(styles: bytes) -> dict[int, str]:
    root = etree.fromstring(styles, xml_parser())
    own = {one.get("numFmtId"): str(one.get("formatCode", ""))
           for one in root.iterfind("{*}numFmts/{*}numFmt")}  # fmt: skip
    codes = {}
    for index, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
        number = str(style.get("numFmtId", "0"))
        code = own.get(number) or (BUILT_IN.get(int(number), "") if number.isdigit() else "")
        if code not in _PLAIN:
            codes[index] = code
    return codes


def _cells(xml: bytes, formats: _Formats) -> Seen:
    styles = b"|".join(str(index).encode() for index in formats.codes)
    cell = re.compile(
        rb'<(?:\w+:)?c\b(?=[^>]*\bs="(?:' + styles + rb')")([^>]*[^/])>(.*?)</(?:\w+:)?c>',
        re.DOTALL,
    )
    seen: Seen = {}
    for found in cell.finditer(xml):
        kind, place = _TYPE.search(found[1]), _PLACE.search(found[1])
        value, style = _VALUE.search(found[2]), _STYLE.search(found[1])
        if value is None or style is None or place is None or (kind and kind[1] != b"n"):
            continue
        try:
            number = float(value[1])
        except ValueError:
            continue
        text = shown_number(number, formats.codes[int(style[1])], since_1904=formats.since_1904)
        seen[int(place[2]) - 1, _column(place[1])] = text
    return seen


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1
