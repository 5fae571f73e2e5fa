"""Hostile and broken files are refused or read with problems, quickly, with one family of errors."""  # noqa: E501

import json
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from fazhi_exam.errors import FazhiExamError, UnknownFormat, UnsafeFile
from fazhi_exam.formats import (
    csv_bytes,
    excel_template,
    legacy,
    preview_bank,
    preview_bytes,
    safe_cell,
)
from fazhi_exam.formats.spreadsheet import unsafe_cell

DTD = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>'  # noqa: E501
XXE = b'<?xml version="1.0"?><!DOCTYPE q SYSTEM "file:///etc/passwd"><quiz/>'


def archive(**members: bytes) -> bytes:
    """Return a zip of members; ``__`` in a name stands for ``/`` and ``_dot_`` for a dot."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """Return an office file with one member added or replaced."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


def far_cell() -> bytes:
    """Return a workbook of two cells, of which one is in the last row and column there is."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write(0, 0, "题干")
        page.write(1_048_575, 16_383, "远")
    return out.getvalue()


def link_member() -> bytes:
    """Return a zip whose member is a symbolic link out of it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        info = zipfile.ZipInfo("items/a.xml")
        info.external_attr = 0o120777 << 16
        package.writestr(info, "/etc/passwd")
        package.writestr(
            "imsmanifest.xml",
            b'<manifest><resources><resource type="imsqti_item" href="items/a.xml"/></resources></manifest>',  # noqa: E501
        )
    return out.getvalue()


REFUSED = {
    "empty.docx": b"",
    "empty.txt": b"",
    "not_zip.docx": b"PK\x03\x04 this is no archive",
    "text.xlsx": b"just text",
    "bomb.zip": archive(imsmanifest_dot_xml=b" " * (40 * 2**20)),
    "bomb.xlsx": with_member(excel_template(), "xl/worksheets/sheet1.xml", b"0" * (60 * 2**20)),
    "dtd.xml": DTD,
    "xxe.xml": XXE,
    "utf16_dtd.xml": DTD.decode().encode("utf-16"),
    "dtd.zip": archive(imsmanifest_dot_xml=DTD),
    "dtd_late.xml": b"<quiz>" + b" " * 70_000 + b"<!ENTITY a 'b'></quiz>",
    "macro.docx": archive(word__document_dot_xml=b"<a/>", word__vbaProject_dot_bin=b"x"),
    "nested.zip": archive(inner_dot_zip=archive(a_dot_xml=b"<a/>")),
    "no_document.docx": archive(a_dot_txt=b"x"),
    "far.xlsx": far_cell(),
    "unclosed.xml": b"<quiz><question type='multichoice'><answer>",
    "deep.xml": b"<a>" * 5_000 + b"</a>" * 5_000,
    "broken.json": b'[{"stem": ',
    "deep.json": b"[" * 200_000,
    "binary.txt": bytes(range(256)) * 50,
    "broken.pdf": b"%PDF-1.4 nothing",
    "broken.ods": archive(content_dot_xml=b"<x/>"),
    "broken.toml.zip": archive(**{"a" * 3: b"x"}),
}
REFUSED["traversal.zip"] = archive(**{".._dot_": b"x"}).replace(b"...", b"../")


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name: str) -> None:
    """The file is refused in under five seconds with an error of the library."""
    start = time.perf_counter()
    with pytest.raises(FazhiExamError):
        preview_bytes(REFUSED[name], name)
    assert time.perf_counter() - start < 5


def rows(count: int) -> bytes:
    return "题型,题干,A,B,C,答案\n".encode() + "单选,题,甲,乙,丙,A\n".encode() * count


READ = {
    "bom.txt": "\ufeff1.题目甲（A）\nA.甲 B.乙 C.丙\n".encode(),
    "marks.txt": "1.题目\u202e甲（\u200bA\u200b）\nA\u200b.甲 \u200eB.乙 C.丙\n".encode(),
    "one_line.txt": ("1.题" + "长" * 1_000_000 + "（A）A.甲 B.乙 C.丙").encode(),
    "brackets.txt": ("（" * 50_000 + "1.题（A）" + "）" * 50_000).encode(),
    "letters.txt": ("A. " * 6_000).encode(),
    "digits.txt": ("1 " * 60_000).encode(),
    "keys.txt": ("1-5 ABCDE " * 1_900).encode(),
    "labels.txt": ("答案：" * 40_000).encode(),
    "underscores.txt": ("1.题" + "_" * 200_000).encode(),
    "spaces.txt": ("1.题" + " " * 300_000 + "A.甲").encode(),
    "quotes.csv": b'a,"' + b"x" * 300_000,
    "wide.csv": b"," * 900,
    "braces.gift": b"::a::{" * 20_000,
    "equals.gift": b"q{" + b"=a" * 50_000 + b"}",
    "aiken.aiken": b"ANSWER: A\n" * 3_000,
    "tags.html": b"<p" * 100_000,
    "links.zip": link_member(),
}


@pytest.mark.parametrize("name", sorted(READ))
def test_read_quickly(name: str) -> None:
    """Odd but harmless files end in a reading or an error of the library, in under five seconds."""
    start = time.perf_counter()
    try:
        reading = preview_bytes(READ[name], name)
    except FazhiExamError:
        reading = None
    assert time.perf_counter() - start < 5
    if name in ("bom.txt", "marks.txt"):
        assert reading is not None
        assert [(d.stem, d.key) for d in reading.drafts] == [("题目甲", "A")]


def test_links_are_not_followed() -> None:
    """A symbolic link inside a package is data: the file it names is never opened."""
    try:
        shown = repr(preview_bytes(link_member(), "links.zip").problems)
    except FazhiExamError as error:
        shown = str(error)
    assert "root:" not in shown


def test_many_rows_are_refused() -> None:
    """A table of more rows than the limit is refused, naming both."""
    with pytest.raises(UnsafeFile, match="200000"):
        preview_bytes(rows(200_001), "many.csv")


def test_unknown_suffix(tmp_path: Path) -> None:
    """A file of another kind is refused with the list of kinds that are known."""
    (tmp_path / "a.exe").write_bytes(b"MZ")
    with pytest.raises(UnknownFormat, match=r"\.docx"):
        preview_bank(tmp_path / "a.exe")


@pytest.mark.parametrize(
    ("name", "advice"), [("a.doc", ".docx"), ("a.wps", ".docx"), ("a.et", ".xlsx")]
)
def test_old_files_get_advice(monkeypatch: pytest.MonkeyPatch, name: str, advice: str) -> None:
    """Without LibreOffice an old file is answered with how to save it anew."""
    monkeypatch.setattr(legacy.shutil, "which", lambda _: None)
    with pytest.raises(UnknownFormat, match=f"另存为 {advice}"):
        preview_bytes(b"\xd0\xcf\x11\xe0 old", name)


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "\u3000="]
)
def test_formulas_are_neutralised(sign: str) -> None:
    """Text that a spreadsheet would run gets a quote, which our reader takes off (CWE-1236)."""
    text = f"{sign}cmd|'/c calc'!A1"
    safe = safe_cell(text)
    assert isinstance(safe, str)
    assert safe.startswith("'")
    assert unsafe_cell(safe) == text
    line = csv_bytes([[text]]).decode("utf-8-sig")
    assert line.lstrip('"').startswith("'")


def test_numbers_stay_numbers() -> None:
    """Negative numbers and plain words are left alone."""
    assert [safe_cell(v) for v in (-5, 2.5, None, True, "甲", "", "a=b")] == [
        -5,
        2.5,
        None,
        True,
        "甲",
        "",
        "a=b",
    ]


def test_workbook_writes_no_formula() -> None:
    """Nothing in a written workbook is a formula or a link, whatever the texts are."""
    from fazhi_exam.formats import Sheet, workbook_bytes

    texts = ("=1+1", "http://example.org", "+1", "@x", "{=A1}", "12")
    data = workbook_bytes([Sheet("表", ("列",), tuple((t,) for t in texts))])
    with zipfile.ZipFile(BytesIO(data)) as book:
        xml = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in xml
        assert b"hyperlink" not in xml
        assert book.read("xl/sharedStrings.xml").count(b"<t") >= len(texts)


def test_errors_hold_no_traceback() -> None:
    """What is said of a broken file names the file and is Chinese."""
    with pytest.raises(FazhiExamError) as caught:
        preview_bytes(REFUSED["unclosed.xml"], "题库.xml")
    assert "题库.xml" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_problem_values_are_plain() -> None:
    """Problems can be turned into JSON for a page."""
    reading = preview_bytes("1.没有选项的题\n2.另一题（ ）\nA.甲 B.乙\n".encode(), "a.txt")
    assert json.dumps([str(problem) for problem in reading.problems])
