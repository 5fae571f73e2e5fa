"""A paper as the candidate will see it, independent of where it is printed."""

import re
from dataclasses import dataclass
from decimal import Decimal

from ..bank.item import Item, ItemKind
from ..delivery.sitting import Sitting
from ..points import tidy

_NEGATIVE = re.compile(
    r"不属于|不正确|不符合|不包括|不应当|不应|不适用|不需要|不能|不得|错误|除外|不是|无权|违反"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text, emphasised or not."""

    text: str
    emphasis: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question as printed: running number, stem, options in the order shown.

    Parameters
    ----------
    number
        Running over the whole paper from 1; answers are typed under it.
    kind
        Printed before the stem where kinds are mixed, else empty.
    bracket
        Whether （　　） for the answer is printed after the stem.
    lines
        Ruled lines to write on, 0 for objective questions.
    """

    number: int
    item_id: str
    kind: str
    stem: tuple[Span, ...]
    options: tuple[str, ...]
    bracket: bool
    lines: int


@dataclass(frozen=True, slots=True)
class Group:
    """Questions under one shared stimulus, which is empty for independent items."""

    stimulus: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """One part of the paper with its heading and note."""

    title: str
    note: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """Everything on one candidate's paper."""

    candidate: str
    room: str
    seat: str
    code: str
    sections: tuple[PrintedSection, ...]


def printed_paper(sitting: Sitting, candidate: str) -> PrintedPaper:
    """Lay out one candidate's paper.

    Raises
    ------
    DrawError
        If the candidate has no paper.
    """
    paper = sitting.paper(candidate)
    blueprint = sitting.rules.blueprint
    sections = []
    number = 0
    for section_id, item_ids in paper.sections:
        section = blueprint.section(section_id)
        groups: list[tuple[str | None, list[Question]]] = []
        for item_id in item_ids:
            number += 1
            item = sitting.bank[item_id]
            if not groups or item.case is None or groups[-1][0] != item.case:
                groups.append((item.case, []))
            shown = paper.option_order.get(item_id, ())
            groups[-1][1].append(_question(item, number, shown, mixed=section.cases))
        note = note_of(section.instruction, len(item_ids), section.points)
        printed = tuple(
            Group(_stimulus(sitting, case), tuple(questions)) for case, questions in groups
        )
        sections.append(PrintedSection(section.title, note, printed))
    seat = sitting.seats.get(candidate)
    return PrintedPaper(
        candidate,
        seat.room if seat else "",
        str(seat.number) if seat else "",
        paper.code,
        tuple(sections),
    )


def _stimulus(sitting: Sitting, case: str | None) -> str:
    return "" if case is None else sitting.bank.cases[case].stimulus


def note_of(instruction: str, count: int, points: Decimal) -> str:
    """Return the note of a section: instruction, number of items and points."""
    each, total = tidy(points), tidy(points * count)
    return f"{instruction}共 {count} 题，每题 {each:f} 分，共 {total:f} 分"


def _question(item: Item, number: int, shown: tuple[str, ...], *, mixed: bool) -> Question:
    texts = {option.id: option.text for option in item.options}
    true_false = item.kind is ItemKind.TRUE_FALSE
    return Question(
        number,
        item.id,
        str(item.kind) if mixed else "",
        emphasise(item.stem) if item.negative else (Span(item.stem),),
        () if true_false else tuple(texts[option_id] for option_id in shown),
        item.kind.has_options,
        {ItemKind.SHORT: 6, ItemKind.ESSAY: 14}.get(item.kind, 0),
    )


def emphasise(stem: str) -> tuple[Span, ...]:
    """Mark the negative words of a stem, so that nobody overlooks a 不."""
    spans = []
    place = 0
    for found in _NEGATIVE.finditer(stem):
        if found.start() > place:
            spans.append(Span(stem[place : found.start()]))
        spans.append(Span(found.group(), emphasis=True))
        place = found.end()
    if place < len(stem):
        spans.append(Span(stem[place:]))
    return tuple(spans)
