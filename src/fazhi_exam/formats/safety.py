"""One check in front of every parser: size, archives, XML without document types.

The limits follow measurements on hostile files: a workbook of 200 KiB may unpack to 200 MiB, and a
missing part may open as an empty table.
"""

import re
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from ..errors import UnsafeFile

MAX_FILE = 100 * 2**20
MAX_MEMBERS = 2_000
MAX_PACKAGE_MEMBERS = 60_000
MAX_UNPACKED = 300 * 2**20
MAX_RATIO = 200
MAX_CELLS = 8_000_000
MAX_SHEET_COLUMNS = 1_000
BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
    NotImplementedError, RuntimeError, OSError, EOFError, ValueError, KeyError, IndexError,
)  # fmt: skip
"""What the zip reader of the standard library raises on damaged archives."""
_XML = (".xml", ".rels", ".vml", ".qti", ".xhtml", ".html")


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that passed `check_bytes`.

    Raises
    ------
    UnsafeFile
        If it is missing, not a file, too large, or refused by `check_bytes`.
    """
    try:
        if not path.is_file():
            raise UnsafeFile(path.name, "找不到这个文件" if not path.exists() else "不是文件")
        if path.stat().st_size > MAX_FILE:
            raise UnsafeFile(path.name, f"超过 {MAX_FILE // 2**20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise UnsafeFile(path.name, f"无法读取（{error.strerror}）") from error
    check_bytes(path.name, data)
    return data


def check_bytes(name: str, data: bytes) -> None:
    """Refuse archives that unpack to too much and XML that declares a document type.

    Raises
    ------
    UnsafeFile
        Naming the file and what was found.
    """
    if not data:
        raise UnsafeFile(name, "文件是空的")
    if data[:4] == b"PK\x03\x04":
        _check_archive(name, data)
    elif data[:400].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<":
        _check_xml(name, data)


def _check_archive(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            # A package of questions holds a file for each; an office file never so many.
            package = name.lower().endswith((".zip", ".imscc"))
            most = MAX_PACKAGE_MEMBERS if package else MAX_MEMBERS
            if len(members) > most:
                raise UnsafeFile(name, f"压缩包内有 {len(members)} 个文件，超过 {most} 个")
            unpacked = sum(member.file_size for member in members)
            packed = max(1, sum(member.compress_size for member in members))
            if unpacked > MAX_UNPACKED or (unpacked > 2**20 and unpacked / packed > MAX_RATIO):
                raise UnsafeFile(name, f"解压后有 {unpacked // 2**20} MB，疑似压缩炸弹")
            for member in members:
                lower = member.filename.lower()
                if lower.startswith("/") or ".." in Path(lower).parts or "\\" in lower:
                    raise UnsafeFile(name, "压缩包内有越界的路径")
                if member.flag_bits & 1:
                    raise UnsafeFile(name, "压缩包已加密")
                if lower.endswith((".zip", ".xlsm", ".docm")) or "vbaproject" in lower:
                    raise UnsafeFile(name, "含有宏或嵌套的压缩包")
                if lower.endswith(_XML):
                    _check_xml(name, archive.read(member))
    except BROKEN as error:
        raise UnsafeFile(name, "压缩包已损坏，请用原程序打开后另存") from error


_CELL = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]*?\br="([A-Z]{0,3})(\d{1,7})"')
_REPEATED_CELL = re.compile(
    rb'<table:(?:covered-)?table-cell\b(?=[^>]*value-type)[^>]*number-columns-repeated="(\d{4,})"'
)
_REPEATED_ROW = re.compile(
    rb'<table:table-row\b[^>]*number-rows-repeated="(\d{4,})"[^>]*>(.*?)</table:table-row>',
    re.DOTALL,
)


def check_extent(name: str, data: bytes) -> None:
    """Refuse a workbook whose cells stand so far apart that reading it would fill the memory.

    Raises
    ------
    UnsafeFile
        Naming the file and the place.
    """
    if data[:4] != b"PK\x03\x04":
        return
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for member in archive.infolist():
                lower = member.filename.lower()
                if "worksheets/" in lower and lower.endswith(".xml"):
                    _check_sheet(name, archive.read(member))
                elif lower == "content.xml":
                    _check_ods(name, archive.read(member))
    except BROKEN as error:
        raise UnsafeFile(name, "压缩包已损坏，请用原程序打开后另存") from error


def _check_sheet(name: str, xml: bytes) -> None:
    row = width = 0
    widest = b""
    for letters, digits in _CELL.findall(xml):
        row = max(row, int(digits))
        if len(letters) > width or (len(letters) == width and letters > widest):
            widest, width = letters, len(letters)
    column = 0
    for letter in widest:
        column = column * 26 + letter - 64
    if row * max(1, column) > MAX_CELLS or column > MAX_SHEET_COLUMNS:
        raise UnsafeFile(name, f"工作表用到第 {row} 行第 {column} 列，请删去远处的空单元格后再导入")


def _check_ods(name: str, xml: bytes) -> None:
    far = [int(number) for number in _REPEATED_CELL.findall(xml)]
    far += [int(n) for n, inside in _REPEATED_ROW.findall(xml) if b"value-type" in inside]
    if far and max(far) > MAX_SHEET_COLUMNS:
        raise UnsafeFile(name, f"工作表中有重复 {max(far)} 次的单元格，请清理后再导入")


def _check_xml(name: str, data: bytes) -> None:
    # UTF-16 would hide the words from a byte search, so it is folded first.
    text = data.replace(b"\x00", b"") if b"\x00" in data[:400] else data
    head = text[:65536].upper()
    if (b"<!DOCTYPE" in head and b"<!DOCTYPE HTML>" not in head) or b"<!ENTITY" in text.upper():
        raise UnsafeFile(name, "XML 中声明了文档类型或实体，不予读取")
