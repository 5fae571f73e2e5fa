"""A roster as offices send it is read with every fault listed at its place."""

import json
from pathlib import Path

import pytest
import xlsxwriter

from fazhi_exam.errors import ImportFailed, UnknownFormat, UnsafeFile
from fazhi_exam.formats import preview_roster, read_roster
from fazhi_exam.simulate import synthetic_roster, write_roster_workbook

UNITS = ["甲镇", "乙街道", "丙镇"]


def test_office_workbook(tmp_path: Path) -> None:
    """Title rows, spaces, full-width digits, a double and a broken number: all found, good kept."""
    people = synthetic_roster(20, UNITS, rng=3)
    path = tmp_path / "名册.xlsx"
    write_roster_workbook(people, path, title="报名汇总表")
    reading = preview_roster(path)
    assert len(reading.good) == 20
    assert reading.good.candidates == people.candidates
    assert [p.line for p in reading.blocking] == [11, 25]
    assert "同一人" in reading.blocking[0].reason
    assert "科学计数法" in reading.blocking[1].reason
    tidied = [p for p in reading.problems if not p.blocking]
    assert {p.column for p in tidied} == {"姓名", "单位", "身份证号"}
    with pytest.raises(ImportFailed) as caught:
        read_roster(path)
    assert len(caught.value.problems) == len(reading.problems)
    everything = str(caught.value) + repr(reading) + reading._repr_html_()
    for person in people.persons.values():
        assert person.identity_number not in everything
        assert person.name not in everything


def test_clean_workbook_is_read_without_a_word(tmp_path: Path) -> None:
    """Without faults nothing is reported and everybody is there."""
    people = synthetic_roster(8, UNITS, rng=4)
    path = tmp_path / "a.xlsx"
    write_roster_workbook(people, path, title="汇总", faults=False)
    assert preview_roster(path).problems == ()
    assert read_roster(path).persons == people.persons


@pytest.mark.parametrize("suffix", ["csv", "gbk.csv", "jsonl", "json", "tsv"])
def test_other_files(tmp_path: Path, suffix: str) -> None:
    """CSV in UTF-8 or GB18030, TSV, JSON and JSON Lines give the same people."""
    rows = [{"姓名": "赵甲", "工作单位": "甲镇", "准考证号": "1"},
            {"姓名": "钱乙", "工作单位": "乙镇", "准考证号": "2"}]  # fmt: skip
    path = tmp_path / f"r.{suffix}"
    if suffix.endswith("sv"):
        mark = "\t" if suffix == "tsv" else ","
        text = "\n".join([mark.join(rows[0]), *(mark.join(r.values()) for r in rows)])
        path.write_text(text, "gb18030" if "gbk" in suffix else "utf-8-sig")
    elif suffix == "jsonl":
        path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    else:
        path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    assert [(c.code, c.unit) for c in read_roster(path)] == [("1", "甲镇"), ("2", "乙镇")]


def test_plain_values_and_dataframes() -> None:
    """A list of mappings and a data frame are read like a file; codes are made when missing."""
    import pandas

    rows = [{"姓名": "赵甲", "单位": "甲镇"}, {"姓名": "钱乙", "单位": "乙镇"}]
    for source in (rows, pandas.DataFrame(rows)):
        found = read_roster(source, code_prefix="2026")
        assert [c.code for c in found] == ["20260001", "20260002"]


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    """No heading, missing columns, wrong kinds of file and broken files each get a sentence."""
    sheet = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(str(sheet))
    book.add_worksheet("说明").write(0, 0, "请看下一张表")
    book.close()
    reading = preview_roster(sheet)
    assert any("没有找到表头" in p.reason for p in reading.problems)
    assert any("没有可读的名册" in p.reason for p in reading.blocking)
    assert any(
        "缺少这一列" in p.reason for p in preview_roster([{"考号": "1", "姓名": "a"}]).blocking
    )
    for name, data, error in (
        ("a.doc", b"x", UnknownFormat),
        ("a.xlsx", b"PK\x03\x04garbage", UnsafeFile),
        ("a.xlsx", b"", UnsafeFile),
        ("b.csv", b"\xff\xfe\xff", UnsafeFile),
        ("b.json", b"{", UnsafeFile),
        ("b.json", b'{"a": 1}', UnsafeFile),
        ("c.xlsx", b"not a workbook", UnsafeFile),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(error):
            preview_roster(path)
    with pytest.raises(UnsafeFile, match="找不到"):
        preview_roster(tmp_path / "none.xlsx")
