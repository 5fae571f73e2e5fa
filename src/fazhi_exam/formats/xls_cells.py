"""Formatted numbers of old workbooks (.xls): the compound file and its BIFF8 records.

Only what is needed to know how a number looks; the cells themselves are read elsewhere. Layouts are
those of the published specifications MS-CFB and MS-XLS.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
_SMALL = 4096
_FORMAT, _STYLE, _SHEET, _DATES, _BEGIN, _STOP = 0x041E, 0x00E0, 0x0085, 0x0022, 0x0809, 0x000A
_NUMBER, _PACKED, _PACKED_ROW, _FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a cell, row and column counted from 0, with the index of its style."""

    row: int
    column: int
    style: int
    value: float


@dataclass(frozen=True, slots=True)
class OldSheet:
    """The numbers of one worksheet."""

    name: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class OldBook:
    """What an old workbook says of formats.

    Parameters
    ----------
    formats
        Code by number, of those written out.
    styles
        Number of the format of each style.
    since_1904
        Whether days are counted from 1904.
    sheets
        In the order of the file.
    """

    formats: dict[int, str]
    styles: tuple[int, ...]
    since_1904: bool
    sheets: tuple[OldSheet, ...]


def read_old_book(data: bytes) -> OldBook:
    """Read the formats and numbers of a workbook of Excel 97 to 2003.

    Raises
    ------
    ValueError
        If it is broken or older.
    """
    try:
        return _book(_stream(data))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("not a workbook of Excel 97 to 2003") from error


def _stream(data: bytes) -> bytes:
    """Return the stream ``Workbook`` of a compound file."""
    if data[:8] != SIGNATURE:
        raise ValueError("not a compound file")
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise ValueError("sectors of an unknown size")
    first_folder, first_small, more = (struct.unpack_from("<I", data, at)[0] for at in (48, 60, 68))
    tables = [n for n in struct.unpack_from("<109I", data, 76) if n < _END]
    for _ in range(len(data) // size // (size // 4) + 2):
        if more >= _END:
            break
        block = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        tables += [n for n in block[:-1] if n < _END]
        more = block[-1]
    if len(tables) > len(data) // size:
        raise ValueError("more tables than sectors")
    chain: list[int] = []
    for table in tables[: len(data) // size // (size // 4) + 2]:
        chain += struct.unpack_from(f"<{size // 4}I", data, (table + 1) * size)
    folder = _joined(data[size:], chain, first_folder, size)
    start, length = _entry(folder, "Workbook")
    if length >= _SMALL:
        return _joined(data[size:], chain, start, size)[:length]
    root, _ = _entry(folder, "Root Entry")
    small = _joined(data[size:], chain, first_small, size)
    links = list(struct.unpack(f"<{len(small) // 4}I", small))
    return _joined(_joined(data[size:], chain, root, size), links, start, 64)[:length]


def _joined(data: bytes, chain: list[int], start: int, size: int) -> bytes:
    """Join the sectors of one chain; one that runs in a circle ends after all sectors."""
    parts = []
    for _ in range(len(chain)):
        if start >= _END:
            break
        parts.append(data[start * size : (start + 1) * size])
        start = chain[start]
    return b"".join(parts)


def _entry(folder: bytes, wanted: str) -> tuple[int, int]:
    for at in range(0, len(folder) - 127, 128):
        length = struct.unpack_from("<H", folder, at + 64)[0]
        name = folder[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
        if name == wanted:
            start, size = struct.unpack_from("<II", folder, at + 116)
            return start, size
    raise ValueError(f"no stream {wanted}")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of the records from a place up to the end of its part."""
    while at + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, at)
        yield number, stream[at + 4 : at + 4 + length]
        if number == _STOP:
            return
        at += 4 + length


def _book(stream: bytes) -> OldBook:
    formats: dict[int, str] = {}
    styles: list[int] = []
    places: list[tuple[str, int]] = []
    since_1904 = False
    for number, body in _records(stream, 0):
        if number == _BEGIN and struct.unpack_from("<H", body)[0] != 0x0600:
            raise ValueError("older than Excel 97")
        if number == _FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = _text(body, 2, wide_count=True)
        elif number == _STYLE:
            styles.append(struct.unpack_from("<H", body, 2)[0])
        elif number == _DATES:
            since_1904 = body[:1] == b"\x01"
        elif number == _SHEET:
            places.append((_text(body, 6, wide_count=False), struct.unpack_from("<I", body)[0]))
    sheets = tuple(OldSheet(name, tuple(_numbers(stream, at))) for name, at in places)
    return OldBook(formats, tuple(styles), since_1904, sheets)


def _text(body: bytes, at: int, *, wide_count: bool) -> str:
    count = struct.unpack_from("<H" if wide_count else "<B", body, at)[0]
    at += 2 if wide_count else 1
    wide = body[at] & 1
    raw = body[at + 1 : at + 1 + count * (2 if wide else 1)]
    return raw.decode("utf-16-le") if wide else raw.decode("latin-1")


def _numbers(stream: bytes, at: int) -> Iterator[Number]:
    for number, body in _records(stream, at):
        if number == _NUMBER:
            row, column, style, value = struct.unpack_from("<HHHd", body)
            yield Number(row, column, style, value)
        elif number == _PACKED:
            row, column, style, packed = struct.unpack_from("<HHHI", body)
            yield Number(row, column, style, _unpacked(packed))
        elif number == _PACKED_ROW:
            row, column = struct.unpack_from("<HH", body)
            for place in range(4, len(body) - 7, 6):
                style, packed = struct.unpack_from("<HI", body, place)
                yield Number(row, column + (place - 4) // 6, style, _unpacked(packed))
        elif number == _FORMULA and body[12:14] != b"\xff\xff":
            row, column, style, value = struct.unpack_from("<HHHd", body)
            yield Number(row, column, style, value)


def _unpacked(packed: int) -> float:
    """Return the number of an RK record: 30 bits of an integer or of a float, perhaps times 100."""
    if packed & 2:
        whole = packed >> 2
        value = float(whole - (1 << 30) if whole >> 29 else whole)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))[0]
    return value / 100 if packed & 1 else value
