"""What the numbers of a workbook look like: .xlsx files keep formats apart from the values."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO

from lxml import etree

from ..errors import UnsafeFile
from .markup import xml_parser
from .number_formats import BUILT_IN, GENERAL, shown_number
from .safe_zip import BROKEN
from .tables import Place, Table

_PLAIN = (GENERAL, "@", "")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]{1,40})</")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')


def with_shown(tables: tuple[Table, ...], name: str, data: bytes) -> tuple[Table, ...]:
    """Add to tables of an .xlsx file what a person sees where a number has a format.

    Numbers whose format is not understood, and dates of other workbooks, are left `unsure`.

    Raises
    ------
    UnsafeFile
        If the part of the file that holds the formats is broken.
    """
    if data[:4] != b"PK\x03\x04" or not name.lower().endswith(".xlsx"):
        return tables
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            found = dict(_sheets(archive))
    except (*BROKEN, etree.LxmlError) as error:
        raise UnsafeFile(name, "工作簿的格式部分已损坏，请用 Excel 打开后另存") from error
    return tuple(_with(table, found.get(table.sheet, {})) for table in tables)


def _with(table: Table, seen: Mapping[Place, str | None]) -> Table:
    if not seen:
        return table
    shown = {place: text for place, text in seen.items() if text is not None}
    unsure = frozenset(place for place, text in seen.items() if text is None)
    return replace(table, shown=shown, unsure=(table.unsure - shown.keys()) | unsure)


@dataclass(frozen=True, slots=True)
class _Formats:
    """Codes by number of the cell style, without the plain ones."""

    codes: Mapping[int, str]
    since_1904: bool


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, dict[Place, str | None]]]:
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
            yield str(sheet.get("name", "")), _cells(archive.read(part), formats)


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


def _cells(xml: bytes, formats: _Formats) -> dict[Place, str | None]:
    styles = b"|".join(str(index).encode() for index in formats.codes)
    cell = re.compile(
        rb'<(?:\w+:)?c\b(?=[^>]*\bs="(?:' + styles + rb')")([^>]*[^/])>(.*?)</(?:\w+:)?c>',
        re.DOTALL,
    )
    seen: dict[Place, str | None] = {}
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
