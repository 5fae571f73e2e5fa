"""Text of PDF files; a scanned file has none, and says so."""

import re
from io import BytesIO

from ..errors import ImportProblem, MissingExtra, UnsafeFile
from .sheets import Found
from .text import Progress, read_text

MAX_PAGES = 2_000
_BEGIN = re.compile(
    r"^\s*(?:[（(]?\d{1,4}\s*[.．、:：)）]|[（(]?[A-H]\s*[)）.．、:：]|[【\[]|第?[一二三四五六七八九十]+[、.．]|(?:正确|参考)?答案|解析)"
)


def parse_pdf(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read the text layer of a PDF; line numbers count lines after wrapped ones are joined.

    Raises
    ------
    MissingExtra
        If pypdfium2 is not installed.
    UnsafeFile
        If the file is broken, locked, or has too many pages.
    """
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingExtra("读取 PDF 文字", "pdf-text") from error
    pages: list[str] = []
    try:
        document = pypdfium2.PdfDocument(BytesIO(data))
        try:
            if len(document) > MAX_PAGES:
                raise UnsafeFile(name, f"有 {len(document)} 页，超过 {MAX_PAGES} 页")
            for number in range(len(document)):
                page = document[number]
                text = page.get_textpage()
                pages.append(text.get_text_bounded())
                text.close()
                page.close()
                if progress is not None:
                    progress(number + 1, len(document))
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise UnsafeFile(name, "PDF 无法读取：已损坏或有密码") from error
    lines = [line for page in pages for line in page.replace("\r\n", "\n").split("\n")]
    if sum(len(line.strip()) for line in lines) < 20:
        reason = "没有文字层，可能是扫描件；请先做文字识别，或向提供者要 Word 文件"
        return (), (ImportProblem(reason, name),)
    return read_text("\n".join(_rejoin(lines)), name)


def _rejoin(lines: list[str]) -> list[str]:
    """Join lines that the page width cut."""
    widest = max((len(line) for line in lines), default=0)
    out: list[str] = []
    for line in lines:
        previous = out[-1] if out else ""
        full = len(previous) >= 0.8 * widest and widest > 20
        if previous and full and line.strip() and not _BEGIN.match(line):
            out[-1] = previous.rstrip() + line.strip()
        else:
            out.append(line)
    return out
