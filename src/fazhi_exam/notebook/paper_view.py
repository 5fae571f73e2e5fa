"""A paper on the screen as it is printed (试卷预览)."""

from collections.abc import Sequence
from html import escape

from ..delivery.sitting import Sitting
from ..report.paper_content import PrintedPaper, Question, Span, printed_paper

_NUMERALS = "一二三四五六七八九十"


def paper_html(sitting: Sitting, candidate: str) -> str:
    """Return one candidate's paper as HTML; no name stands on it.

    Raises
    ------
    DrawError
        If the candidate has no paper.
    """
    paper, rules = printed_paper(sitting, candidate), sitting.rules
    book = "闭卷" if rules.closed_book else "开卷"
    place = f"　考场：{paper.room}　座位：{paper.seat}" if paper.room else ""
    return (
        f'<div class="paper"><h4>{escape(sitting.title)}试卷</h4>'
        f"<p>（{book}　时间：{rules.minutes} 分钟　满分：{rules.blueprint.total_points:f} 分）<br>"
        f"准考证号：{escape(candidate)}{escape(place)}　识别码：{paper.code}</p>"
        f"{_sections(paper)}</div>"
    )


def _sections(paper: PrintedPaper) -> str:
    parts = []
    for numeral, section in zip(_NUMERALS, paper.sections, strict=False):
        parts.append(f"<p><b>{numeral}、{escape(section.title)}</b>（{escape(section.note)}）</p>")
        for group in section.groups:
            if group.stimulus:
                parts.append(f'<div class="stimulus">{escape(group.stimulus)}</div>')
            parts += [_question(question) for question in group.questions]
    return "".join(parts)


def _question(question: Question) -> str:
    kind = f"（{question.kind}）" if question.kind else ""
    bracket = "（　　）" if question.bracket else ""
    options = "".join(
        f"<br>　{letter}．{escape(text)}"
        for letter, text in zip("ABCDEFGH", question.options, strict=False)
    )
    lines = "<br>＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿" * question.lines
    return f"<p>{question.number}．{kind}{spans(question.stem)}{bracket}{options}{lines}</p>"


def spans(parts: Sequence[Span]) -> str:
    """Return spans of text as HTML, the emphasised ones marked."""
    return "".join(
        f"<em>{escape(part.text)}</em>" if part.emphasis else escape(part.text) for part in parts
    )
