"""Papers as Word, for offices that add their own heading or print elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from ..delivery.sitting import Sitting
from ..law.numerals import to_chinese
from ..points import tidy
from ..typing import Progress
from ..word_style import FANG, HEI, SONG, style_font
from .paper_content import PrintedPaper, PrintedSection, Question, printed_paper
from .word import add_field, add_table, add_text, new_document, page_numbers, save, seal_line

_LETTERS = "ABCDEFGH"


def write_papers_word(
    sitting: Sitting,
    folder: str | Path,
    *,
    candidates: Sequence[str] | None = None,
    by_room: bool = False,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write papers as Word, one file per candidate or per room.

    Parameters
    ----------
    folder
        Receives ``试卷_<candidate>.docx`` or ``试卷_考场<room>.docx``.
    candidates
        Whose papers; everybody's by default.
    by_room
        One file per room in seat order, each paper on its own odd page with pages from 1.
    progress
        Called as (files written, files).

    Raises
    ------
    DrawError
        If a candidate has no paper.
    """
    wanted = None if candidates is None else set(candidates)
    files: list[tuple[str, Sequence[str]]] = []
    if by_room:
        for room, codes in sitting.rooms.items():
            some = [code for code in codes if wanted is None or code in wanted]
            files += [(f"试卷_考场{room}", some)] if some else []
    else:
        everybody = [code for seated in sitting.rooms.values() for code in seated]
        chosen = everybody if candidates is None else candidates
        files = [(f"试卷_{code}", [code]) for code in chosen]
    written = []
    for done, (name, whose) in enumerate(files, 1):
        document = _document(sitting, whose)
        written.append(save(document, Path(folder) / f"{name}.docx", title=sitting.title))
        if progress is not None:
            progress(done, len(files))
    return tuple(written)


def _document(sitting: Sitting, codes: Sequence[str]) -> Any:
    document = new_document(left=32, right=18)
    for place, code in enumerate(codes):
        section = document.add_section(WD_SECTION.ODD_PAGE) if place else document.sections[0]
        paper = printed_paper(sitting, code)
        seal_line(section)
        if len(codes) == 1:
            page_numbers(section, f"识别码 {paper.code}")
        else:
            _page_numbers_of_section(section, f"识别码 {paper.code}")
        _add_paper(document, sitting, paper)
        if len(codes) > 1:
            add_text(document, "（本卷完）", centre=True)
    return document


def _page_numbers_of_section(section: Any, note: str) -> None:
    """Print page numbers of one paper among several, from 1.

    No total: the field for the pages of a section is not known to every word processor, which
    would then print a wrong one; the end of the paper is marked in its text.
    """
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    # Behind the margins, where the schema wants it.
    section._sectPr.find(qn("w:pgMar")).addnext(start)
    section.footer.is_linked_to_previous = False
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    style_font(paragraph.add_run("第 "), SONG, size=9)
    add_field(paragraph, "PAGE")
    style_font(paragraph.add_run(f" 页　{note}"), SONG, size=9)


def _add_paper(document: Any, sitting: Sitting, paper: PrintedPaper) -> None:
    rules = sitting.rules
    add_text(document, f"{sitting.title}试卷", font=HEI, size=18, centre=True)
    book = "闭卷" if rules.closed_book else "开卷"
    total = tidy(rules.blueprint.total_points)
    line = f"（{book}　时间：{rules.minutes} 分钟　满分：{total:f} 分）"
    add_text(document, line, font=FANG, size=12, centre=True)
    place = f"考场：{paper.room}　座位：{paper.seat}" if paper.room else ""
    add_text(document, f"准考证号：{paper.candidate}　　{place}", size=10.5, centre=True)
    parts = [to_chinese(number) for number in range(1, len(paper.sections) + 1)]
    add_table(document, ["题号", *parts, "总分", "核分人"], [["得分", *[""] * (len(parts) + 2)]])
    for numeral, section in zip(parts, paper.sections, strict=True):
        _add_section(document, numeral, section)


def _add_section(document: Any, numeral: str, section: PrintedSection) -> None:
    heading = document.add_paragraph()
    heading.paragraph_format.keep_with_next = True
    heading.paragraph_format.space_before = Pt(10)
    style_font(heading.add_run(f"{numeral}、{section.title}"), HEI, size=12)
    style_font(heading.add_run(f"（{section.note}）"), SONG, size=10.5)
    for group in section.groups:
        if group.stimulus:
            add_text(document, group.stimulus, indent=True)
        for question in group.questions:
            _add_question(document, question)


def _add_question(document: Any, question: Question) -> None:
    stem = document.add_paragraph()
    stem.paragraph_format.keep_with_next = bool(question.options)
    stem.paragraph_format.space_before, stem.paragraph_format.space_after = Pt(4), Pt(2)
    kind = f"（{question.kind}）" if question.kind else ""
    style_font(stem.add_run(f"{question.number}．{kind}"), SONG, size=10.5)
    for span in question.stem:
        run = style_font(stem.add_run(span.text), SONG, size=10.5, bold=span.emphasis)
        run.font.underline = span.emphasis
    if question.bracket:
        _add_bracket(stem)
    if question.options:
        _add_options(document, question.options)
    for _ in range(question.lines):
        add_text(document, "＿" * 38)


def _add_bracket(stem: Any) -> None:
    """Add （　　） with room for the answer.

    The room is spacing behind the first sign, for blanks would let it be broken over two lines.
    """
    opening = style_font(stem.add_run("（"), SONG, size=10.5)
    room = OxmlElement("w:spacing")
    room.set(qn("w:val"), str(26 * 20))  # twentieths of a point
    opening.element.rPr.insert_element_before(room, "w:w", "w:kern", "w:position", "w:sz")
    style_font(stem.add_run("）"), SONG, size=10.5)


def _add_options(document: Any, options: Sequence[str]) -> None:
    """Set options in four, two or one column by the longest of them."""
    longest = max(map(len, options))
    columns = 4 if longest <= 7 else 2 if longest <= 17 else 1
    if columns == 4 and len(options) in (5, 6):
        columns = 3
    shown = [f"{letter}．{text}" for letter, text in zip(_LETTERS, options, strict=False)]
    for start in range(0, len(shown), columns):
        line = _option_line(document, shown[start : start + columns], columns)
        line.keep_with_next = start + columns < len(shown)


def _option_line(document: Any, texts: Sequence[str], columns: int) -> Any:
    """Set a line of options and return its layout; a long one hangs behind its letter."""
    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.left_indent, layout.first_line_indent = Mm(13), Mm(-6)
    layout.space_before, layout.space_after = Pt(0), Pt(1)
    for k in range(1, columns):
        layout.tab_stops.add_tab_stop(Mm(7 + k * 152 / columns))
    for place, text in enumerate(texts):
        run = style_font(paragraph.add_run(text), SONG, size=10.5)
        if place + 1 < len(texts):
            run.add_tab()
    return layout
