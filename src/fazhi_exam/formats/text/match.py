"""Giving the keys of an answer table to the questions they belong to."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...bank.item import LETTERS, ItemKind
from ..draft import Draft
from .answers import Answer
from .block import Block
from .finish import without_marks
from .headings import Section
from .stem import count_blanks, rule_blanks, split_answers

_ORDINAL = re.compile(r"第?[一二三四五六七八九十]{1,3}(?:部分|大题)?")


def give_answers(
    drafts: Sequence[tuple[Block, Draft]],
    answers: Sequence[Answer],
    known: Mapping[int, Answer],
) -> tuple[list[Draft], list[Answer]]:
    """Return the drafts with their keys, and the answers that belong to no question.

    Answers whose question is `known` by its place go there. Tables with headings follow the
    sections of the same kind; tables without follow the numbers, and where numbers begin again, the
    order of the sections.
    """
    if not answers and not known:
        return _shared(drafts, [draft for _, draft in drafts]), []
    groups = _sections(drafts)
    given = dict(known)
    unused: list[Answer] = []
    runs = _runs(answers)
    free = list(groups)
    for section, run in runs:
        places = _choose(section, run, free, groups, drafts, given)
        for answer in run:
            place = places.get(answer.number)
            if place is None or place in given:
                unused.append(answer)
            else:
                given[place] = answer
    out = [
        _apply(draft, given[index], block) if index in given else draft
        for index, (block, draft) in enumerate(drafts)
    ]
    return _shared(drafts, out), unused


def _shared(drafts: Sequence[tuple[Block, Draft]], out: list[Draft]) -> list[Draft]:
    """Give each question of a stimulus its part of an answer that stands under the last one."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, (block, _) in enumerate(drafts):
        if block.stimulus is not None:
            groups[id(block.stimulus)].append(place)
    for places in groups.values():
        *before, last = places
        parts = _numbered_parts(out[last].answer)
        if not before or len(parts) != len(places):
            continue
        if any(out[place].answer or out[place].key or out[place].options for place in before):
            continue
        for place, part in zip(places, parts, strict=True):
            kept = _without_missing(out[place])
            out[place] = replace(kept, kind=kept.kind or ItemKind.SHORT, answer=part).doubt(
                "答案写在案例末尾，已按序号分给各小题", 0.9
            )
    return out


def _without_missing(draft: Draft) -> Draft:
    """Drop the doubt that there is no answer, now that there is one."""
    kept = tuple(note for note in draft.notes if not note.startswith("没有选项"))
    return draft if len(kept) == len(draft.notes) else replace(draft, notes=kept, confidence=0.9)


_PART = re.compile(r"(?:^|(?<=[\s。；;]))[（(]?(\d{1,2})[)）.．、]\s*")


def _numbered_parts(answer: str) -> list[str]:
    """Cut ``（1）甲。（2）乙。`` at its numbers, when they count from 1."""
    found = list(_PART.finditer(answer))
    if (
        not found
        or found[0].start()
        or [int(one[1]) for one in found] != [*range(1, len(found) + 1)]
    ):
        return []
    ends = [*(one.start() for one in found[1:]), len(answer)]
    return [answer[one.end() : end].strip() for one, end in zip(found, ends, strict=True)]


def _sections(drafts: Sequence[tuple[Block, Draft]]) -> dict[int, list[int]]:
    """Places of the drafts by section, in order; a restart of numbers begins a new one."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, (block, _) in enumerate(drafts):
        groups[block.section_index].append(place)
    return dict(groups)


def _runs(answers: Sequence[Answer]) -> list[tuple[Section | None, list[Answer]]]:
    """Cut answers where the heading changes or the numbers begin again."""
    runs: list[tuple[Section | None, list[Answer]]] = []
    for answer in answers:
        if not runs or answer.section is not runs[-1][0] or answer.number <= runs[-1][1][-1].number:
            runs.append((answer.section, []))
        runs[-1][1].append(answer)
    return runs


def _choose(
    section: Section | None,
    run: list[Answer],
    free: list[int],
    groups: dict[int, list[int]],
    drafts: Sequence[tuple[Block, Draft]],
    given: dict[int, Answer],
) -> dict[int, int]:
    """Places by number for one run of answers."""
    wanted = {answer.number for answer in run}

    if section is not None:
        own = {
            block.value: place for place, (block, _) in reversed(list(enumerate(drafts)))
            if block.stimulus is not None and block.stimulus.heading.title == section.title
            and block.value and place not in given
        }  # fmt: skip
        if wanted & set(own):
            return own

    def numbers(index: int) -> dict[int, int]:
        return {
            drafts[p][0].value: p for p in reversed(groups[index])
            if drafts[p][0].value and p not in given
        }  # fmt: skip

    matching = [
        index for index in free
        if section is not None and section.title
        and (drafts[groups[index][0]][0].section is section
             or _same(drafts[groups[index][0]][0].section, section))
    ]  # fmt: skip
    for index in matching:
        found = numbers(index)
        if len(wanted & set(found)) >= 0.6 * len(wanted):
            return found
    everywhere: dict[int, int] = {}
    unique = True
    for index in groups:
        for number, place in numbers(index).items():
            unique = unique and number not in everywhere
            everywhere.setdefault(number, place)
    if section is None or not section.title or not matching:
        if unique and wanted & set(everywhere):
            return everywhere
        for index in free:
            found = numbers(index)
            if wanted <= set(found) or len(wanted & set(found)) >= 0.8 * len(wanted):
                return found
    for index in matching:  # numbers are missing or count through: go by order
        places = [p for p in groups[index] if p not in given]
        if len(places) == len(run):
            return {a.number: p for a, p in zip(run, places, strict=True)}
    unnumbered = [p for index in free for p in groups[index] if not drafts[p][0].value]
    if len(unnumbered) == len(run):
        return {a.number: p for a, p in zip(run, unnumbered, strict=True)}
    return {}


def _same(a: Section, b: Section) -> bool:
    """Whether the heading of an answer table, `b`, stands for the section `a`."""
    if b.kind is None and _ORDINAL.fullmatch(b.title):
        found = _ORDINAL.match(a.title.lstrip("（("))
        return found is not None and found[0] == b.title
    if a.kind is not None or b.kind is not None:
        return a.kind is b.kind
    return a.cases == b.cases


def _apply(draft: Draft, answer: Answer, block: Block) -> Draft:
    """Fill in the key of one draft; a different key already there is a contradiction."""
    if answer.explanation and not draft.explanation:
        draft = replace(draft, explanation=answer.explanation)
    key = answer.key
    kind = draft.kind or block.section.kind
    if draft.options:
        letters = LETTERS[: len(draft.options)] if key.letters == "*" else key.letters
        if not letters:
            return draft.doubt(f"答案表中写作“{key.text[:20]}”，读不成字母", 0.4)
        if draft.key and draft.key != letters:
            note = f"题目中的答案为 {draft.key}，答案表为 {letters}，二者不一致，请确定答案"
            return replace(draft, key="").doubt(note, 0.3)
        kept = tuple(n for n in draft.notes if not n.startswith("没有题型也没有答案"))
        doubtful = len(kept) < len(draft.notes)
        draft = replace(draft, notes=kept, key=letters,
                        confidence=draft.confidence / 0.6 if doubtful else draft.confidence)  # fmt: skip  # noqa: E501
        if block.section.kind is None and kind is ItemKind.SINGLE and len(letters) > 1:
            return replace(draft, kind=ItemKind.MULTIPLE)
        if kind is ItemKind.SINGLE and len(letters) > 1:
            note = f"标明单选题，答案有 {len(letters)} 个，按多选题读入，请核对"
            return replace(draft, kind=ItemKind.MULTIPLE).doubt(note, 0.6)
        if any(letter not in LETTERS[: len(draft.options)] for letter in letters):
            return draft.doubt(f"答案 {letters} 没有对应的选项", 0.4)
        return draft
    truth = key.truth
    if kind is ItemKind.TRUE_FALSE and truth is None and key.letters in ("A", "B"):
        mapped = block.section.a_is_true
        truth = (key.letters == "A") is (mapped if mapped is not None else True)
    if kind in (ItemKind.TRUE_FALSE, None) and truth is not None:
        word = "正确" if truth else "错误"
        if draft.key and draft.key != word:
            note = f"题目中的答案为 {draft.key}，答案表为 {word}，二者不一致，请确定答案"
            return replace(draft, key="").doubt(note, 0.3)
        notes = tuple(note for note in draft.notes if not note.startswith("没有"))
        return replace(draft, kind=ItemKind.TRUE_FALSE, key=word, notes=notes, confidence=0.9)
    written, note = without_marks(key.text)
    if note and not draft.explanation:
        draft = replace(draft, explanation=note)
    if key.plain and answer.explanation:
        written = f"{written}\n{answer.explanation}"
    if kind is ItemKind.BLANK or (kind is None and count_blanks(draft.stem)):
        blanks = split_answers(key.text, count_blanks(draft.stem))
        return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(draft.stem), blanks=blanks)
    if kind in (ItemKind.SHORT, ItemKind.ESSAY, None) and written:
        explanation = "" if draft.explanation == answer.explanation else draft.explanation
        draft = _without_missing(draft)
        return replace(draft, kind=kind or ItemKind.SHORT, answer=written, explanation=explanation)
    return draft.doubt(f"答案表中写作“{key.text[:20]}”，与题型不符", 0.5)
