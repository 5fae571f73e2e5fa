"""Papers as Word, for offices that add their own heading or print elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.enum.text import WD_BREAK
from docx.shared import Mm, Pt

from ..delivery.sitting import Sitting
from ..typing import Progress
from .paper_content import PrintedSection, Question, printed_paper
from .word import (
    FANG,
    HEI,
    SONG,
    add_table,
    add_text,
    new_document,
    page_numbers,
    save,
    seal_line,
    style_font,
)

_NUMERALS = "一二三四五六七八九十"


def write_papers_word(
    sitting: Sitting,
    folder: str | Path,
    *,
    candidates: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write papers as Word, one file per candidate.

    Parameters
    ----------
    folder
        Receives ``试卷_<candidate>.docx``.
    candidates
        Whose papers; everybody's by default.
    progress
        Called as (files written, files).

    Raises
    ------
    DrawError
        If a candidate has no paper.
    """
    codes = (
        [c for room in sitting.rooms.values() for c in room] if candidates is None else candidates
    )
    written = []
    for done, code in enumerate(codes, 1):
        path = Path(folder) / f"试卷_{code}.docx"
        written.append(save(_document(sitting, code), path, title=sitting.title))
        if progress is not None:
            progress(done, len(codes))
    return tuple(written)


def _document(sitting: Sitting, code: str) -> Any:
    paper, rules = printed_paper(sitting, code), sitting.rules
    document = new_document(left=32, right=18)
    seal_line(document.sections[0])
    page_numbers(document.sections[0], f"识别码 {paper.code}")
    add_text(document, f"{sitting.title}试卷", font=HEI, size=18, centre=True)
    book = "闭卷" if rules.closed_book else "开卷"
    line = f"（{book}　时间：{rules.minutes} 分钟　满分：{rules.blueprint.total_points:f} 分）"
    add_text(document, line, font=FANG, size=12, centre=True)
    place = f"考场：{paper.room}　座位：{paper.seat}" if paper.room else ""
    add_text(document, f"准考证号：{code}　　{place}", size=10.5, centre=True)
    parts = list(_NUMERALS[: len(paper.sections)])
    add_table(document, ["题号", *parts, "总分", "核分人"], [["得分", *[""] * (len(parts) + 2)]])
    for numeral, section in zip(_NUMERALS, paper.sections, strict=False):
        _add_section(document, numeral, section)
    return document


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
        style_font(stem.add_run("（\u00a0\u00a0\u00a0\u00a0\u00a0）"), SONG, size=10.5)
    if question.options:
        _add_options(document, question.options)
    for _ in range(question.lines):
        add_text(document, "＿" * 38)


def _add_options(document: Any, options: Sequence[str]) -> None:
    """Set options in four, two or one column by the longest of them."""
    longest = max(map(len, options))
    columns = 4 if longest <= 7 else 2 if longest <= 17 else 1
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.left_indent = Mm(7)
    paragraph.paragraph_format.space_after = Pt(4)
    for k in range(1, columns):
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(7 + k * 152 / columns))
    for place, text in enumerate(options):
        run = style_font(paragraph.add_run(f"{'ABCDEFGH'[place]}．{text}"), SONG, size=10.5)
        if place + 1 < len(options):
            if (place + 1) % columns:
                run.add_tab()
            else:
                run.add_break(WD_BREAK.LINE)
