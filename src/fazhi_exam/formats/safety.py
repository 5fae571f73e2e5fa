"""One check in front of every parser: size, archives, XML without document types.

The limits follow measurements on hostile files: a workbook of 200 KiB may unpack to 200 MiB, and a
missing part may open as an empty table.
"""

import zipfile
from io import BytesIO
from pathlib import Path
from zlib import error as zlib_error

from ..errors import UnsafeFile

MAX_FILE = 100 * 2**20
MAX_MEMBERS = 2_000
MAX_UNPACKED = 300 * 2**20
MAX_RATIO = 200
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
    elif data[:5].lower() == b"<?xml" or data.lstrip()[:1] == b"<":
        _check_xml(name, data)


def _check_archive(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise UnsafeFile(name, f"压缩包内有 {len(members)} 个文件，超过 {MAX_MEMBERS} 个")
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
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
        raise UnsafeFile(name, "压缩包已损坏，请用原程序打开后另存") from error
    except (ValueError, OSError, EOFError, zlib_error) as error:
        raise UnsafeFile(name, "压缩包已损坏，请用原程序打开后另存") from error


def _check_xml(name: str, data: bytes) -> None:
    # UTF-16 would hide the words from a byte search, so it is folded first.
    text = data.replace(b"\x00", b"") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data
    head = text[:65536].upper()
    if (b"<!DOCTYPE" in head and b"<!DOCTYPE HTML>" not in head) or b"<!ENTITY" in text.upper():
        raise UnsafeFile(name, "XML 中声明了文档类型或实体，不予读取")
