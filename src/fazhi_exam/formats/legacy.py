"""Old office files (.doc .wps .rtf .et): converted where LibreOffice is present, else advice."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from ..errors import UnknownFormat, UnsafeFile
from .safety import read_file
from .sheets import Found, parse_excel
from .text import Progress
from .word import parse_word

SECONDS = 90
_ADVICE = "请用 Word 或 WPS 打开后，另存为 .docx 再导入"
_ADVICE_ET = "请用 WPS 表格打开后，另存为 .xlsx 再导入"


def find_office() -> str | None:
    """Return the LibreOffice program, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def parse_legacy(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Convert an old office file and read the result.

    Raises
    ------
    UnknownFormat
        If LibreOffice is not there; the advice says how to save the file anew.
    UnsafeFile
        If the conversion fails.
    """
    table = name.lower().endswith(".et")
    advice = _ADVICE_ET if table else _ADVICE
    office = find_office()
    if office is None:
        raise UnknownFormat(name, (".docx", ".xlsx"), advice)
    converted = _convert(office, data, Path(name).suffix.lower(), "xlsx" if table else "docx", name)
    parse = parse_excel if table else parse_word
    return parse(converted, name, progress=progress)


def _convert(office: str, data: bytes, suffix: str, target: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"input{suffix}"
        source.write_bytes(data)
        # A profile of its own: macros stay off, and an open LibreOffice is not disturbed.
        command = [
            office, f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}", "--headless",
            "--norestore", "--convert-to", target, "--outdir", folder, str(source),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            raise UnsafeFile(name, f"LibreOffice 转换失败；{_ADVICE}") from error
        out = Path(folder) / f"input.{target}"
        if not out.exists():
            raise UnsafeFile(name, f"LibreOffice 转换失败；{_ADVICE}")
        return read_file(out)
