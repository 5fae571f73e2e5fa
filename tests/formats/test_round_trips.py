"""What a format can carry comes back as it was; what it cannot is listed."""

from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from lxml import etree

from fazhi_exam.bank import Case, QuestionBank
from fazhi_exam.formats import (
    Written,
    excel_template,
    preview_bytes,
    write_csv,
    write_excel,
    write_form,
    write_gift,
    write_json,
    write_json_lines,
    write_moodle_xml,
    write_papers_bank,
    write_qti,
    write_word,
)

from ..examples import bank as small_bank
from ..examples import item, sitting


def full_bank() -> QuestionBank:
    """Every kind, every field, and signs that formats give a meaning to."""
    items = [
        *small_bank(3),
        item("07-0901", "填空"),
        item("07-0902", "简答"),
        item("07-0903", "论述", marking_points=[
            {"points": "4", "text": "要点{甲}", "accept": ["同义=一", "同义~二"]},
            {"points": "2", "text": "要点#乙"}]),
        item("07-0904", "单选", stem="a < b & c {x} ~ y = z # w : 100% \\n", options=["=1+1", "@甲", "<b>乙</b>", "-3"],  # noqa: E501
             pinned=["D"], negative=True, tags=["甲", "乙"], enemies=["07-0905"], note="备注", status="live"),  # noqa: E501
        item("07-0905", "不定项", key="C", basis="policy", source="某文件（2025年1月1日）", citations=[]),  # noqa: E501
        item("F1-0906", "判断", subject="F1", topic="街面秩序", field_part="法律", key="正确"),
        item("07-0907", "填空", stem="期限为＿＿日。", blanks=[["七", "7"]]),
    ]  # fmt: skip
    return QuestionBank(tuple(items), small_bank(3).cases)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.xlsx", write_excel),
        ("a.csv", write_csv),
        ("a.json", write_json),
        ("a.jsonl", write_json_lines),
        ("a.zip", write_qti),
        ("b.zip", lambda bank: write_qti(bank, version=3)),
        ("a.xml", write_moodle_xml),
    ],
)
def test_identity(name, write) -> None:  # type: ignore[no-untyped-def]
    """Excel, CSV, JSON, Moodle XML, QTI 2.1 and 3.0 give an equal bank back and lose nothing."""
    bank = full_bank()
    written: Written = write(bank)
    again = preview_bytes(written.data, name)
    assert not again.blocking
    for one in bank:
        assert again.good[one.id] == one
    assert again.good == bank
    assert written.not_carried == ()
    assert written.left_out == ()


def test_gift_lists_what_it_loses() -> None:
    """GIFT keeps all but marking schemes, case titles and questions of several blanks, and says so."""  # noqa: E501
    bank = full_bank()
    written = write_gift(bank)
    again = preview_bytes(written.data, "a.gift").good
    several = {i.id for i in bank if len(i.blanks) > 1}
    assert set(written.left_out) == several
    assert any(text.startswith("评分点") for text in written.not_carried)
    kept = [i for i in bank if i.kind.objective and i.id not in several]
    assert [again[i.id] for i in kept] == kept


def test_word_is_read_back() -> None:
    """The Word layout gives back what is asked and what is right."""
    bank = full_bank()
    again = preview_bytes(write_word(bank).data, "a.docx")
    assert not again.blocking
    assert len(again.good) == len(bank)
    wanted = sorted((i.stem, i.kind, i.key_text, tuple(o.text for o in i.options)) for i in bank)
    got = sorted((i.stem, i.kind, i.key_text, tuple(o.text for o in i.options)) for i in again.good)
    assert [w[:2] for w in got] == [w[:2] for w in wanted]
    assert [w[2:] for w in got if w[1].objective] == [w[2:] for w in wanted if w[1].objective]


def test_same_bank_same_bytes() -> None:
    """Writing twice gives the same bytes in every format."""
    bank = full_bank()
    for write in (write_excel, write_word, write_qti, write_gift, write_moodle_xml, write_json):
        assert write(bank).data == write(bank).data


def test_titled_case() -> None:
    """Title and stimulus of a case are carried by Moodle XML and both versions of QTI."""
    parts = tuple(item(f"07-C009-{n}", case="07-C009") for n in (1, 2))
    case = Case(id="07-C009", title="甲公司案", stimulus="案情第一段。\n第二段。",
                item_ids=("07-C009-1", "07-C009-2"))  # fmt: skip
    bank = QuestionBank(parts, {case.id: case})
    for name, written in (("a.xml", write_moodle_xml(bank)), ("a.zip", write_qti(bank)),
                          ("b.zip", write_qti(bank, version=3))):  # fmt: skip
        assert preview_bytes(written.data, name).good.cases[case.id] == case


def test_template_reads_as_empty() -> None:
    """The template holds no question, has drop-downs, and its help sheets are named as such."""
    data = excel_template()
    reading = preview_bytes(data, "模板.xlsx")
    assert reading.drafts == ()
    assert not reading.blocking
    with ZipFile(BytesIO(data)) as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<dataValidation ") == 7


def test_template_filled_by_hand() -> None:
    """A row without an id is read as a person would, brackets and all."""
    text = "题型,题干,选项A,选项B,选项C,答案\n单选题,下列正确的是（ Ｂ ）。,A.甲,B.乙,C.丙,\n"
    (draft,) = preview_bytes(text.encode(), "a.csv").drafts
    assert (draft.stem, draft.options, draft.key) == ("下列正确的是", ("甲", "乙", "丙"), "B")


def test_form_goes_out_with_its_points() -> None:
    """A form's points stand in the file, and what the target must be told is listed."""
    held = sitting()
    papers = held.papers
    written = write_papers_bank(papers, held.bank, write_moodle_xml)
    again = preview_bytes(written.data, "a.xml").good
    assert {i.id for i in again} == {i for i in papers.item_ids if i in papers.worth}
    for one in again:
        if one.kind.objective:
            assert one.points == papers.worth[one.id].points
    assert any("乱序" in text for text in written.not_carried)


def test_qti_test_keeps_sections_and_points() -> None:
    """The test of a QTI package names every question of the form once, with its weight."""
    from fazhi_exam.assembly.form import ExamForm, FormItem, FormSection

    held = sitting()
    worth = list(held.papers.worth.values())[:4]
    sections = (FormSection("1", "一、选择题", "", tuple(
        FormItem(w.id, held.bank[w.id].revision, Decimal("2.5"), w.rule, w.case) for w in worth
    )),)  # fmt: skip
    form = ExamForm("A", "试卷 A", held.bank.content_hash, sections)
    for version, tag in ((2, "assessmentItemRef"), (3, "qti-assessment-item-ref")):
        written = write_form(
            form, held.bank, lambda b, v=version: write_qti(b, version=v, form=form)
        )
        with ZipFile(BytesIO(written.data)) as package:
            root = etree.fromstring(package.read("test.xml"))
            rows = [n for n in root.iter() if etree.QName(n).localname == tag]
            assert len(rows) == len(worth)
            assert [n[0].get("value") for n in rows] == ["2.5"] * len(worth)
            for row in rows:
                package.getinfo(row.get("href"))
