"""Old office files, PDF, web pages and Aiken: read, or refused with advice in Chinese."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

import fazhi_exam
from fazhi_exam.errors import FazhiExamError, UnknownFormat, UnsafeFile
from fazhi_exam.formats import legacy, preview_bytes
from fazhi_exam.formats.draft import BankReading

LINES = (
    "一、单项选择题",
    "1. 公民对行政处罚决定不服的，可以自知道之日起几日内申请行政复议？（ B ）",
    "A. 三十日",
    "B. 六十日",
    "C. 九十日",
    "D. 一百二十日",
    "二、判断题",
    "2. 行政机关可以对同一违法行为给予两次罚款。（ 错误 ）",
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
RTF = (r"{\rtf1\ansi\ansicpg936 " + r"\par ".join(
    "".join(c if c < "\x80" else f"\\u{ord(c)}?" for c in line) for line in LINES
) + "}").encode()  # fmt: skip


def texts(reading: BankReading) -> list[tuple[str, str]]:
    """Stem and key of every question."""
    return [(d.stem[:4], d.key) for d in reading.drafts]


def outcome(data: bytes, name: str) -> tuple[BankReading | None, str]:
    """Return a reading, or the words of the refusal."""
    try:
        return preview_bytes(data, name), ""
    except FazhiExamError as error:
        return None, str(error)


@pytest.mark.parametrize("name", ["题库.doc", "题库.wps", "题库.rtf"])
def test_old_documents_without_office(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Without LibreOffice the answer is how to save the file anew, in Chinese."""
    monkeypatch.setattr(legacy, "find_office", lambda: None)
    with pytest.raises(UnknownFormat, match=r"另存为 \.docx") as caught:
        preview_bytes(RTF if name.endswith(".rtf") else OLE, name)
    assert name in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("name", ["题库.doc", "题库.wps"])
@pytest.mark.parametrize("outcome", ["nothing", "late", "missing"])
def test_old_documents_that_do_not_convert(
    monkeypatch: pytest.MonkeyPatch, name: str, outcome: str
) -> None:
    """When LibreOffice gives nothing, hangs or cannot be started, the same advice is given."""

    def run(command: list[str], **_: Any) -> None:
        if outcome == "late":
            raise subprocess.TimeoutExpired(command, 1)
        if outcome == "missing":
            raise FileNotFoundError(command[0])

    monkeypatch.setattr(legacy, "find_office", lambda: "soffice")
    monkeypatch.setattr(legacy.subprocess, "run", run)
    with pytest.raises(UnsafeFile, match=r"另存为 \.docx"):
        preview_bytes(OLE, name)


@pytest.mark.parametrize("name", ["题库.docx", "题库.xlsx", "题库.txt", "题库.html", "题库.pdf"])
def test_old_document_under_a_new_name(name: str) -> None:
    """An old file that was only renamed is refused, or said to hold no question."""
    reading, refusal = outcome(OLE, name)
    if reading is None:
        assert name in refusal
        assert "读取时出错" not in refusal
    else:
        assert not reading.drafts
        assert reading.problems


@pytest.mark.full
@pytest.mark.skipif(legacy.find_office() is None, reason="LibreOffice is not installed")
def test_rtf_is_read() -> None:
    """Where LibreOffice is present an .rtf is converted and read."""
    assert texts(preview_bytes(RTF, "题库.rtf")) == [("公民对行", "B"), ("行政机关", "错误")]


def pdf(lines: tuple[str, ...]) -> bytes:
    """Return a PDF with one line of text under another."""
    import typst

    fonts = Path(fazhi_exam.__file__).parent / "_data" / "fonts"
    source = "#set page(width: 210mm, height: 297mm)\n" + " \\\n".join(
        "#" + '"' + line.replace('"', '\\"') + '"' for line in lines
    )
    out: bytes = typst.compile(source.encode(), font_paths=[str(fonts)], ignore_system_fonts=True)
    return out


def test_pdf_is_read() -> None:
    """Questions in the text layer of a PDF are found with their keys."""
    reading = preview_bytes(pdf(LINES), "题库.pdf")
    assert texts(reading) == [("公民对行", "B"), ("行政机关", "错误")]
    assert reading.drafts[0].options == ("三十日", "六十日", "九十日", "一百二十日")


def test_scanned_pdf_says_so() -> None:
    """A PDF without text is no error: the reading says that it may be a scan."""
    reading = preview_bytes(pdf(()), "扫描件.pdf")
    assert not reading.drafts
    assert any("扫描件" in str(problem) for problem in reading.problems)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_cut_pdf(share: float) -> None:
    """A PDF that was not received whole is read, or refused with one of our errors."""
    data = pdf(LINES)
    reading, refusal = outcome(data[: int(len(data) * share)], "半份.pdf")
    if reading is None:
        assert "半份.pdf" in refusal
        assert "读取时出错" not in refusal
    else:
        assert reading.drafts or reading.problems


AIKEN = """下列哪一机关行使国家立法权？
A. 国务院
B) 全国人民代表大会及其常务委员会
C. 最高人民法院
ANSWER: B

没有答案的题？
A. 甲
B. 乙
"""


@pytest.mark.parametrize("name", ["题库.aiken", "题库.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_aiken_is_read(name: str, encoding: str) -> None:
    """Aiken is known by suffix or by its look, in every encoding; a missing answer is said."""
    reading = preview_bytes(AIKEN.replace("\n", "\r\n").encode(encoding), name)
    first, second = reading.drafts
    assert (first.key, first.options[1]) == ("B", "全国人民代表大会及其常务委员会")
    assert not second.key
    assert any("ANSWER" in str(problem) for problem in reading.problems)


def page(lines: tuple[str, ...]) -> str:
    """Return a web page with a paragraph for each line."""
    shown = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><head><title>题</title><script>alert('1. 甲')</script></head>{shown}</html>"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_web_page_is_read(encoding: str) -> None:
    """Paragraphs of a web page are read as text; scripts are not."""
    reading = preview_bytes(page(LINES).encode(encoding), "题库.html")
    assert texts(reading) == [("公民对行", "B"), ("行政机关", "错误")]
    assert "alert" not in repr(reading.drafts)


def web_table() -> str:
    """Return a web page that is one table with a question."""
    rows = (("题型", "题干", "选项A", "选项B", "选项C", "答案"),
            ("单选题", "甲 &lt; 乙的是", "一", "二", "三", "C"))  # fmt: skip
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table>{body}</table>"


def test_web_table_is_read() -> None:
    """A table of questions in a web page is read by its heading."""
    (draft,) = preview_bytes(web_table().encode(), "a.htm").drafts
    assert (draft.stem, draft.key, draft.options) == ("甲 < 乙的是", "C", ("一", "二", "三"))


def test_page_without_questions_says_so() -> None:
    """A page that holds no question gives a reading with a problem, not an empty success."""
    reading = preview_bytes("<p>通知</p>".encode(), "a.html")
    assert not reading.drafts
    assert reading.problems
