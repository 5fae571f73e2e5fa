"""The reader of Chinese question text: lines in, drafts out; nothing is dropped silently.

A file is cut into sections, shared stimuli, questions and answer tables (`cut`); each question is
then read by itself (`question`), and the tables fill in the keys that stand apart (`match`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ...errors import ImportProblem
from ..clean import Decoded, decode_text, is_traditional, to_simplified
from ..draft import Draft
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
    keyed, unused = give_answers(drafts, cutter.answers, cutter.given)
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
