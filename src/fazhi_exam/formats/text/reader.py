"""The reader of Chinese question text: lines in, drafts out; nothing is dropped silently.

A file is cut into sections, shared stimuli, questions and answer tables (`cut`); each question is
then read by itself (`question`), and the tables fill in the keys that stand apart (`match`).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ...errors import ImportProblem
from ..clean import Decoded, decode_text, is_traditional, to_simplified
from ..draft import Draft
from ..words import read_key
from .answers import Answer
from .block import Block
from .cut import Cutter
from .lines import Line, lines_of
from .match import give_answers
from .question import read_block

Progress = Callable[[int, int], None]
"""Called with work done and work in all."""


def read_lines(
    lines: Sequence[Line], name: str, *, progress: Progress | None = None
) -> tuple[tuple[Draft, ...], tuple[ImportProblem, ...]]:
    """Read cleaned lines.

    Parameters
    ----------
    lines
        Of `lines_of`, or made by the Word reader.
    name
        File name for messages.
    progress
        Called now and then with questions done and questions in all.
    """
    cutter = Cutter(lines, name)
    cutter.cut()
    for line in cutter.pending:
        cutter.stray(line)
    drafts: list[tuple[Block, Draft]] = []
    for count, block in enumerate(cutter.blocks, 1):
        drafts.append((block, read_block(block, name)))
        if progress is not None and count % 500 == 0:
            progress(count, len(cutter.blocks))
    asked, apart = _apart(drafts)
    removed = list(apart)
    given = {
        place - bisect_left(removed, place): answer
        for place, answer in cutter.given.items() if place not in apart
    }  # fmt: skip
    keyed, left = give_answers(asked, [*cutter.answers, *apart.values()], given)
    lonely = {id(answer) for answer in left}
    keyed += [drafts[place][1] for place, answer in apart.items() if id(answer) in lonely]
    cut_as_questions = set(map(id, apart.values()))
    unused = [answer for answer in left if id(answer) not in cut_as_questions]
    problems = cutter.problems + [
        ImportProblem(
            f"答案表中第 {answer.number} 题的答案“{answer.key.text[:20]}”没有对应的题目",
            name,
            line=answer.line,
            value=answer.raw[:40],
            blocking=False,
        )
        for answer in unused
    ]
    return tuple(keyed), tuple(problems)


def _apart(
    drafts: Sequence[tuple[Block, Draft]],
) -> tuple[list[tuple[Block, Draft]], dict[int, Answer]]:
    """Take numbered answers that were cut as questions from the questions that lack theirs.

    Returns
    -------
    questions, answers
        The other drafts; and the answers by their place, none where no question before lacks one.
    """
    lacking = next(
        (place for place, (block, draft) in enumerate(drafts)
         if block.value and draft.stem and not (draft.key or draft.answer or draft.blanks)),
        len(drafts),
    )  # fmt: skip
    found = {
        place: Answer(
            block.value, read_key(draft.key or draft.answer), block.section,
            block.lines[0].number, draft.explanation, block.raw,
        )
        for place, (block, draft) in enumerate(drafts)
        if place > lacking and block.value and (draft.key or draft.answer)
        and not (draft.stem or draft.options or draft.blanks)
    }  # fmt: skip
    return [pair for place, pair in enumerate(drafts) if place not in found], found


def read_text(
    text: str, name: str, *, notes: Iterable[str] = (), progress: Progress | None = None
) -> tuple[tuple[Draft, ...], tuple[ImportProblem, ...]]:
    """Read the text of a file; Traditional text is turned into Simplified and says so."""
    problems = [ImportProblem(note, name, blocking=False) for note in notes]
    raws = text.split("\n")
    lines = lines_of(raws)
    if is_traditional(text):
        problems.append(ImportProblem("繁体文本已转换为简体，原文保留", name, blocking=False))
        lines = [replace(line, text=to_simplified(line.text)) for line in lines]
    drafts, more = read_lines(lines, name, progress=progress)
    return drafts, (*problems, *more)


def parse_text(
    data: bytes, name: str, *, progress: Progress | None = None
) -> tuple[tuple[Draft, ...], tuple[ImportProblem, ...]]:
    """Read a plain text file of any of the usual encodings."""
    decoded: Decoded = decode_text(name, data)
    return read_text(decoded.text, name, notes=decoded.notes, progress=progress)
