"""Options of a question in a table: in columns, in one cell, or in the stem."""

import re
from collections.abc import Sequence

from ..bank.item import LETTERS
from .draft import Draft
from .text.options import circled_options, small_options, split_options, tidy
from .words import read_key

_SEPARATORS = (
    r"\n|<br\s*/?>",
    r"\$;\$|#{2,}|[┋┇‖]|\^|\t|\|\||\||｜",
    r"[；;]",
    r" {2,}",
    r"[、，,/]",
)
_HYPHENED = re.compile(r"(?:^|[\s;；|])([A-H])\s*[-－—]+\s*(?=\S)")
_COUNTED = re.compile(r"(?:^|[\s;；|])[（(]?([1-8])\s*[)）.．、:：]\s*(?=[^\s\d])")


def read_options(
    stem: str, columns: Sequence[str], cell: str, written: str, draft: Draft
) -> tuple[str, tuple[str, ...], Draft]:
    """Return the stem and option texts from option columns, one cell, or the stem itself."""
    if any(columns):
        return (stem, *_of_columns(columns, draft))
    if cell:
        return (stem, *_of_cell(cell, written, draft))
    found = split_options(stem)
    if not found.letters:
        found = small_options(stem)
    for note in found.notes if found.letters else ():
        draft = draft.doubt(note, 0.9)
    return found.stem if found.letters else stem, found.texts, draft


def _of_columns(columns: Sequence[str], draft: Draft) -> tuple[tuple[str, ...], Draft]:
    """Take options from their columns; one cell may hold the following option as well."""
    filled = [i for i, text in enumerate(columns) if text]
    texts = list(columns[: filled[-1] + 1])
    if gaps := [LETTERS[i] for i, text in enumerate(texts) if not text]:
        draft = draft.doubt(f"选项 {'、'.join(gaps)} 是空的", 0.5)
    texts = [bare_option(text, letter) for text, letter in zip(texts, LETTERS, strict=False)]
    for place, text in enumerate(texts):
        following = LETTERS[place + 1 : place + 2]
        glued = (
            re.search(rf"(?<=[\u4e00-\u9fff。；]){following}\s*[.．、:：]\s*\S", text)
            if following
            else None
        )
        if glued and (place + 1 >= len(texts) or not texts[place + 1]):
            draft = draft.doubt(f"选项 {LETTERS[place]} 与 {following} 写在一起，已拆开", 0.8)
            tail = bare_option(text[glued.start() :], following)
            texts[place] = text[: glued.start()].strip()
            texts[place + 1 : place + 2] = [tail]
    return tuple(texts), draft


def _of_cell(cell: str, written: str, draft: Draft) -> tuple[tuple[str, ...], Draft]:
    """Take options out of one cell: lettered, counted, or told apart by a sign."""
    for found in (
        split_options(cell),
        small_options(f"：\n{cell}"),
        circled_options(f"：\n{cell}"),
    ):
        if found.letters and not found.stem.strip("：\n"):
            for note in found.notes:
                draft = draft.doubt(note, 0.9)
            return found.texts, draft
    if hyphened := _marked(_HYPHENED, LETTERS, cell):
        return hyphened, draft
    if counted := _marked(_COUNTED, "12345678", cell):
        return counted, draft
    key = read_key(written).letters.strip("*")
    least = max(2, LETTERS.find(key[-1:]) + 1 if key else 2)
    for place, separator in enumerate(_SEPARATORS):
        parts = [p.strip() for p in re.split(separator, cell) if p.strip(" ；;，,、|")]
        if not least <= len(parts) <= len(LETTERS):
            continue
        if place > 2:
            draft = draft.doubt(f"选项没有字母，按“{cell[:12]}”中的间隔分成 {len(parts)} 个", 0.75)
        return tuple(bare_option(p, c) for p, c in zip(parts, LETTERS, strict=False)), draft
    return (), draft.doubt(f"选项“{cell[:20]}”分不开", 0.4)


def _marked(mark: re.Pattern[str], order: str, cell: str) -> tuple[str, ...]:
    """Return options that marks in this order begin, such as 1. 2. 3., or none."""
    marks = list(mark.finditer(cell))
    if len(marks) < 2 or cell[: marks[0].start()].strip():
        return ()
    if [one[1] for one in marks] != list(order[: len(marks)]):
        return ()
    ends = [*(one.start() for one in marks[1:]), len(cell)]
    return tuple(tidy(cell[m.end() : end]) for m, end in zip(marks, ends, strict=True))


def bare_option(text: str, letter: str) -> str:
    """Drop a letter that repeats the column: ``A.警告`` → ``警告``."""
    found = re.match(rf"^\s*[（(]?{letter}\s*(?:[.．、:：\-－—]|[)）])\s*(?=\S)", text)
    return tidy(text[found.end() :] if found else text)
