"""Documents hold what they must, and nothing that must not leave."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdfium2 import PdfDocument

from fazhi_exam.assembly import Blueprint, commit_draw, deal, seed_draw
from fazhi_exam.bank import QuestionBank
from fazhi_exam.delivery import Room, Sitting, Slot, assign_seats
from fazhi_exam.report.answer_card import answer_card
from fazhi_exam.report.draw_minutes import write_commitment, write_draw_minutes
from fazhi_exam.report.paper_content import emphasise, note_of, printed_paper
from fazhi_exam.report.papers import (
    PrintOptions,
    Sheet,
    write_answer_card,
    write_key_book,
    write_lists,
    write_papers,
    write_room_records,
    write_tickets,
)
from fazhi_exam.report.papers_word import write_papers_word
from fazhi_exam.report.typeset import TypesettingFailed, write_pdf, write_pdfs
from fazhi_exam.roster import Person, Roster

from ..examples import DAY, bank, item, roster, rules, sitting

NUMBER = "11010519491231002X"


def seated(people: int = 5) -> Sitting:
    plain = sitting(people)
    who = Roster(plain.roster.candidates, {c.code: Person("赵某", NUMBER) for c in plain.roster})
    seats = assign_seats(who, [Room("1", 3), Room("2", 3)])
    return Sitting("t-1", plain.programme, plain.bank, who, plain.papers, DAY, seats=seats)


EXAM = seated()


def words(path: Path) -> str:
    with PdfDocument(path) as pdf:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def pages(path: Path) -> int:
    with PdfDocument(path) as pdf:
        return len(pdf)


def test_papers_by_room(tmp_path: Path) -> None:
    """One file per room, every stem and option of each paper on it, numbered pages, no keys."""
    one, two = write_papers(EXAM, tmp_path)
    assert [one.name, two.name] == ["试卷_考场1.pdf", "试卷_考场2.pdf"]
    text = words(one).replace("\r", "").replace("\n", "")
    for code in EXAM.rooms["1"]:
        paper = printed_paper(EXAM, code)
        assert paper.code in text
        for section in paper.sections:
            for group in section.groups:
                for question in group.questions:
                    assert "".join(span.text for span in question.stem) in text
                    for option in question.options:
                        assert option in text
    assert "密" in text
    assert "第 1 页" in text
    assert "解析" not in text
    assert NUMBER not in text
    assert pages(one) % 2 == 0 or len(EXAM.rooms["1"]) == 1


def test_data_are_prepared_only_when_a_worker_is_free(tmp_path: Path) -> None:
    """Of eight jobs at most workers and one more wait, and progress counts to eight."""
    asked, told = [], []

    def jobs() -> Iterator[tuple[str, dict[str, Any], Path]]:
        for k in range(8):
            asked.append((k, len(told)))
            data = {"title": "考试", "kind": "证", "slips": []}
            yield "slips", data, tmp_path / f"{k}.pdf"

    found = write_pdfs(
        jobs(), count=8, workers=2, progress=lambda done, of: told.append((done, of))
    )
    assert [path.name for path in found] == [f"{k}.pdf" for k in range(8)]
    assert told == [(k, 8) for k in range(1, 9)]
    assert all(k - done <= 4 for k, done in asked)


def test_more_than_ten_sections_are_all_printed(tmp_path: Path) -> None:
    """Twelve sections are numbered to 十二 in PDF and Word, and none is lost."""
    pool = QuestionBank(tuple(item(f"07-{n:04d}", topic=f"题{n}") for n in range(1, 13)))
    sections = [
        {"id": str(n), "title": f"第{n}部分", "kind": "单选", "points": "1",
         "rows": [{"title": "不限", "count": 1, "topics": [f"题{n}"]}]} for n in range(1, 13)
    ]  # fmt: skip
    table = Blueprint.model_validate({"title": "多部分", "sections": sections})
    exam = held(pool, table)
    (pdf,) = write_papers(exam, tmp_path)
    document = Document(str(write_papers_word(exam, tmp_path)[0]))
    for text in (words(pdf), "\n".join(p.text for p in document.paragraphs)):
        assert "十二、第12部分" in "".join(text.split())


def held(pool: QuestionBank, table: Blueprint, people: int = 1) -> Sitting:
    """A sitting of one paper with this blueprint."""
    paper = rules("1").paper().model_copy(update={"blueprint": table})
    programme = rules("1").model_copy(update={"papers": (paper,)})
    who = roster(people)
    papers = deal(seed_draw(pool, table, who, seed=1, exam_id="t", on=DAY))
    return Sitting("t", programme, pool, who, papers, DAY)


def test_same_paper_same_bytes(tmp_path: Path) -> None:
    """Setting the same room twice gives the same file."""
    first = write_papers(EXAM, tmp_path / "a", rooms=["2"])[0].read_bytes()
    assert write_papers(EXAM, tmp_path / "b", rooms=["2"])[0].read_bytes() == first


def test_large_print_and_a3(tmp_path: Path) -> None:
    """Large print needs more pages than ordinary print; A3 fewer or as many."""
    options = {"": PrintOptions(duplex=False), "l": PrintOptions(large=True, duplex=False),
               "a3": PrintOptions(Sheet.A3_TWO_COLUMN, duplex=False)}  # fmt: skip
    count = {
        name: pages(write_papers(EXAM, tmp_path / name, rooms=["1"], options=option)[0])
        for name, option in options.items()
    }
    assert count["l"] >= count[""] >= count["a3"]


@pytest.mark.parametrize(
    "look", [PrintOptions(), PrintOptions(large=True), PrintOptions(Sheet.A3_TWO_COLUMN)]
)
def test_two_sided_printing_keeps_papers_apart(tmp_path: Path, look: PrintOptions) -> None:
    """Every paper begins on a front side and the last one ends on a back side."""
    (path,) = write_papers(EXAM, tmp_path, rooms=["1"], options=look)
    with PdfDocument(path) as pdf:
        texts = [page.get_textpage().get_text_range() for page in pdf]
    fronts = [number for number, text in enumerate(texts) if "第 1 页" in text]
    assert len(fronts) == len(EXAM.rooms["1"])
    assert all(number % 2 == 0 for number in fronts)
    assert len(texts) % 2 == 0


def test_lists_mask_identity_numbers(tmp_path: Path) -> None:
    """Sign-in lists, tickets and room records name people but never show a whole number."""
    for write in (write_lists, write_tickets, write_room_records):
        text = words(write(EXAM, tmp_path / f"{write.__name__}.pdf"))
        assert NUMBER not in text
        assert "19491231" not in text
    assert "110105********002X" in words(tmp_path / "write_lists.pdf")
    assert "应考人数" in words(tmp_path / "write_room_records.pdf")


def test_key_book_has_key_citation_and_explanation(tmp_path: Path) -> None:
    """Every item that may be on a paper stands in the key book with its key."""
    text = words(write_key_book(EXAM, tmp_path / "k.pdf"))
    for name in EXAM.papers.worth:
        assert name in text
    assert text.count("答案：") == len(EXAM.papers.worth)
    assert "《行政处罚法》第五十一条" in text


def test_answer_card_geometry(tmp_path: Path) -> None:
    """Every question has its bubbles on the sheet, none overlap, the number has ten per place."""
    import json

    pdf, geometry = write_answer_card(EXAM, tmp_path / "c.pdf", number_digits=6)
    card = json.loads(geometry.read_text("utf-8"))
    items = {b["item"] for b in card["bubbles"] if "item" in b}
    assert items == set(range(1, 12))
    assert sum("digit" in b for b in card["bubbles"]) == 60
    boxes = [(b["x"], b["y"], b["w"], b["h"]) for b in card["bubbles"]]
    for x, y, w, h in boxes:
        assert 0 < x - w / 2 < x + w / 2 < 210
        assert 0 < y - h / 2 < y + h / 2 < 297
    for i, (x, y, w, h) in enumerate(boxes):
        for u, v, s, t in boxes[:i]:
            assert abs(x - u) >= (w + s) / 2 or abs(y - v) >= (h + t) / 2
    assert pdf.read_bytes().startswith(b"%PDF")


def test_answer_card_rows_are_even_within_a_section() -> None:
    """Where one item has six options all questions of its section have six bubbles."""
    six = [f"选项{c}" for c in "甲乙丙丁戊己"]
    items = list(bank())
    wide = item(items[0].id, "单选", options=six, subject=items[0].subject)
    pool = QuestionBank((wide, *items[1:]), bank().cases)
    who = roster(3)
    papers = deal(seed_draw(pool, rules().blueprint, who, seed=1, exam_id="t", on=DAY))
    card = answer_card(Sitting("t", rules(), pool, who, papers, DAY))
    letters = {
        n: [b["option"] for b in card["bubbles"] if b.get("item") == n] for n in range(1, 12)
    }
    assert all(letters[n] == list("ABCDEF") for n in range(1, 5))
    assert all(letters[n] == list("ABCD") for n in (5, 6, 9, 10))
    assert all(letters[n] == list("AB") for n in (7, 8, 11))
    assert [flag["label"] for flag in card["flags"]] == ["缺考", "违纪"]


@pytest.mark.parametrize("count", [150, 151])
@pytest.mark.parametrize("width", [4, 6])
def test_answer_card_holds_150_items(count: int, width: int) -> None:
    """150 questions with up to six options fit on the sheet between the marks; 151 are refused."""
    options = [f"选项{c}" for c in "甲乙丙丁戊己"[:width]]
    pool = QuestionBank(tuple(item(f"07-{n:04d}", "单选", options=options) for n in range(count)))
    table = Blueprint.model_validate(
        {"title": "大卷", "sections": [
            {"id": "1", "title": "单选题", "kind": "单选", "points": "1",
             "rows": [{"title": "不限", "count": count}]}]}
    )  # fmt: skip
    exam = held(pool, table)
    if count > 150:
        with pytest.raises(ValueError, match="最多 150 题"):
            answer_card(exam)
        return
    boxes = [(b["x"], b["y"], b["w"], b["h"]) for b in answer_card(exam)["bubbles"]]
    assert len(boxes) == 150 * width + 80
    assert all(12 < x - w / 2 < x + w / 2 < 198 and 10 < y < 287 - h / 2 for x, y, w, h in boxes)
    rows = sorted({y for _, y, _, _ in boxes if y > 95})
    assert min(b - a for a, b in pairwise(rows)) > 2.6


def test_an_answer_card_too_narrow_for_the_codes_is_refused(tmp_path: Path) -> None:
    """Codes of four places need four boxes; nothing is written otherwise."""
    with pytest.raises(ValueError, match="准考证号最长 4 位"):
        write_answer_card(EXAM, tmp_path / "c.pdf", number_digits=3)
    assert list(tmp_path.iterdir()) == []


def test_tickets_tell_batch_and_place(tmp_path: Path) -> None:
    """With a batch a ticket has start and end; with a room its place."""
    slot = Slot("上午", datetime(2026, 12, 10, 9, tzinfo=UTC), 90, 6)
    rooms = [Room("1", 3, "教学楼三零一"), Room("2", 3)]
    batches = {candidate.code: slot for candidate in EXAM.roster}
    text = words(write_tickets(EXAM, tmp_path / "t.pdf", batches=batches, rooms=rooms))
    assert text.count("09:00—10:30") == 5
    assert text.count("教学楼三零一") == 3
    for write in (write_lists, write_room_records):
        assert "09:00—10:30" in words(write(EXAM, tmp_path / "l.pdf", slot=slot))


def test_points_are_printed_without_idle_zeros(tmp_path: Path) -> None:
    """Thirty items of half a point make 15 points, not 15.0."""
    assert note_of("", 30, Decimal("0.5")) == "共 30 题，每题 0.5 分，共 15 分"


def test_word_paper(tmp_path: Path) -> None:
    """The Word paper has every stem, page fields, the seal line and no key."""
    code = EXAM.roster.candidates[0].code
    (path,) = write_papers_word(EXAM, tmp_path, candidates=[code])
    document = Document(str(path))
    text = "\n".join(p.text for p in document.paragraphs)
    for name in EXAM.papers.items_of(code):
        assert EXAM.bank[name].stem in text
    xml = document.sections[0].footer._element.xml + document.sections[0].header._element.xml
    assert "NUMPAGES" in xml
    assert "封" in xml
    assert "解析" not in text
    languages = [e.get(qn("w:eastAsia")) for e in document.styles.element.iter(qn("w:lang"))]
    assert languages == ["zh-CN"]
    assert "（）" in text  # with room inside, but no blanks, at which a line could be broken
    again = write_papers_word(EXAM, tmp_path / "b", candidates=[code])[0]
    assert again.read_bytes() == path.read_bytes()


def test_word_papers_by_room(tmp_path: Path) -> None:
    """One file per room holds the papers in seat order, each numbered from page 1."""
    one, two = write_papers_word(EXAM, tmp_path, by_room=True)
    assert [one.name, two.name] == ["试卷_考场1.docx", "试卷_考场2.docx"]
    document = Document(str(one))
    text = "\n".join(p.text for p in document.paragraphs)
    places = [text.index(f"准考证号：{code}") for code in EXAM.rooms["1"]]
    assert places == sorted(places)
    assert len(document.sections) == len(EXAM.rooms["1"])
    for section, code in zip(document.sections, EXAM.rooms["1"], strict=True):
        assert EXAM.paper(code).code in section.footer._element.xml
        assert 'w:start="1"' in section._sectPr.xml
    assert text.count("（本卷完）") == len(EXAM.rooms["1"])


def test_negative_words_are_emphasised() -> None:
    """The 不 of a negative stem stands out; nothing is lost from the text."""
    spans = emphasise("下列不属于行政处罚的是")
    assert [s.text for s in spans if s.emphasis] == ["不属于"]
    assert "".join(s.text for s in spans) == "下列不属于行政处罚的是"


def test_minutes_hold_what_an_outsider_needs(tmp_path: Path) -> None:
    """Commitment before, digits, secret and seed after; places to sign."""
    secret = bytes(range(32))
    draw = commit_draw(bank(), rules().blueprint, roster(3), secret=secret, exam_id="t", on=DAY)
    before = Document(str(write_commitment(draw, tmp_path / "a.docx", on=date(2026, 12, 1))))
    cells = [c.text for t in before.tables for row in t.rows for c in row.cells]
    assert draw.commitment in cells
    assert secret.hex() not in "".join(cells) + "".join(p.text for p in before.paragraphs)
    revealed = draw.reveal(secret=secret, digits="385902")
    papers = deal(revealed)
    hashes = [(paper.candidate, paper.digest) for paper in papers]
    path = write_draw_minutes(revealed, tmp_path / "b.docx", paper_hashes=hashes)
    after = Document(str(path))
    text = "\n".join(p.text for p in after.paragraphs)
    for part in (draw.commitment, "385902", secret.hex(), revealed.seed.hex(), "签名"):
        assert part in text
    rows = [c.text for t in after.tables for row in t.rows for c in row.cells]
    assert all(value in rows for _, value in hashes)
    demo = seed_draw(bank(), rules().blueprint, roster(2), seed=1, exam_id="t", on=DAY)
    write_draw_minutes(demo, tmp_path / "c.docx")


def test_a_broken_template_leaves_no_file(tmp_path: Path) -> None:
    """A document that cannot be set is an error of the family, and nothing half-written stays."""
    with pytest.raises(TypesettingFailed):
        write_pdf("slips", {"title": "x"}, tmp_path / "x.pdf")
    assert list(tmp_path.iterdir()) == []
