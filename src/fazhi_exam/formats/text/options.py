"""Finding options in running text: A. A． A、 (A) A, several on a line, glued, doubled, unmarked."""  # noqa: E501

import re
from dataclasses import dataclass
from itertools import pairwise

from ...bank.item import LETTERS
from ...bank.text import fold_question

_MARK = re.compile(
    r"(?:[（(【\[〔]\s*([A-H])\s*[)）】\]〕](?:[ \t]*[.．、:：])?|(?<![A-Za-z0-9])([A-H])"
    r"(?:\s*([.．、:：,，)）])|(?![A-Za-z0-9])|(?<=\s[A-H])(?=\d{1,5}(?:[一-鿿%％]|\s|$))))"
)
_END = " \t，,;；。"
_BULLETS = " \t○●□☐◯◎〇•▪◇"
_UNMARKED_GAP = re.compile(r"\t+| {2,}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A letter that may begin an option; `strength` 3 is sure, 0 a mere letter before a word."""

    letter: str
    start: int
    end: int
    strength: int


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """Stem and options of a text.

    Parameters
    ----------
    stem
        What stands before the first option.
    letters
        As printed, normally A, B, C …
    texts
        Option texts in the same order.
    notes
        Assumptions made, in Chinese.
    """

    stem: str
    letters: str = ""
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _marks(text: str) -> list[Mark]:
    found = []
    for one in _MARK.finditer(text):
        letter = one[1] or one[2]
        separated = bool(one[1] or one[3])
        start = one.start()
        last = text[start - 1 : start]
        line_start = not text[max(text.rfind("\n", 0, start) + 1, start - 200) : start].strip()
        gap = last in ("", "\n", "\t", " ") or last in "。；;，,）)："
        following = text[one.end() : one.end() + 1]
        if line_start:
            strength = 3 if separated or following in (" ", "\t") else 1
        elif separated:
            strength = 2 if gap else 1
        elif gap and following in (" ", "\t"):
            strength = 1
        else:
            strength = 0
        if following == "" and not separated:
            continue  # a bare letter at the very end is a key, not an option
        if one[1] and following == "\n" and not line_start:
            continue  # so is one in brackets at the end of a line
        found.append(Mark(letter, one.start(), one.end(), strength))
    return found


def _chain(marks: list[Mark]) -> list[Mark]:
    """Return the longest run A, B, C … ; among equals the one whose A is the surer option."""
    best: list[Mark] = []
    starts = [i for i, mark in enumerate(marks) if mark.letter == "A"]
    for start in starts[:20]:
        chain = [marks[start]]
        for mark in marks[start + 1 :]:
            if mark.letter == LETTERS[len(chain) % len(LETTERS)] and len(chain) < len(LETTERS):
                chain.append(mark)
        same = len(chain) == len(best)
        surer = same and chain[0].strength > best[0].strength
        # （A）是…证件。A. … B. …: the first bracket is a blank, for there is no stem before it.
        blank = same and best and best[0].start <= 1 and chain[0].strength == best[0].strength
        if len(chain) > len(best) or surer or blank:
            best = chain
    return best


def _gapped(marks: list[Mark]) -> list[Mark]:
    """Return option lines in rising order although a letter is missing between them."""
    sure = [mark for mark in marks if mark.strength == 3]
    chain: list[Mark] = []
    for mark in sure:
        if not chain or mark.letter > chain[-1].letter:
            chain.append(mark)
    return chain


_FIRST = re.compile(
    r"^\s*[（(【\[〔]?\s*A\s*[.．、:：)）】\]〕\s]\s*\S|^\s*A(?=[\u4e00-\u9fff《“])"
)


def begins_options(line: str) -> bool:
    """Whether a line begins with option A."""
    return bool(_FIRST.match(line))


def split_options(text: str) -> SplitOptions:
    """Split a question into stem and options.

    Returns
    -------
    SplitOptions
        Without letters when no options are found.
    """
    marks = _marks(text)
    best: list[Mark] = []
    for strength in sorted({mark.strength for mark in marks}, reverse=True):
        chain = _chain([mark for mark in marks if mark.strength >= strength])
        enough = 2 if strength else 3
        if len(chain) >= enough and len(chain) > len(best):
            best = chain
    notes: list[str] = []
    gapped = _gapped(marks)
    if len(gapped) >= 3 and len(gapped) > len(best):
        best = gapped
        missing = [c for c in LETTERS[: LETTERS.index(best[-1].letter)]
                   if c not in {m.letter for m in best}]  # fmt: skip
        notes.append(f"缺少选项 {'、'.join(missing)}")
    if not best:
        return SplitOptions(text.strip())
    texts = []
    for mark, following in zip(best, [*best[1:], None], strict=True):
        body = text[mark.end : following.start if following else None]
        cleaned, doubled = _undouble(body, mark.letter)
        if doubled:
            notes.append(f"选项 {mark.letter} 写了两遍，只取一次")
        texts.append(cleaned)
    if texts[-1].endswith("。") and not any(text.endswith("。") for text in texts[:-1]):
        texts[-1] = texts[-1].removesuffix("。")
    glued = [b.letter for _, b in pairwise(best) if _is_glued(text, b)]
    if glued:
        notes.append(f"选项 {'、'.join(glued)} 与前一选项写在一起，已拆开")
    return SplitOptions(
        text[: best[0].start].strip(), "".join(m.letter for m in best), tuple(texts), tuple(notes)
    )


_CIRCLED = "①②③④⑤⑥⑦⑧"
_CIRCLED_MARK = re.compile(rf"([{_CIRCLED}])\s*[.．、:：]?")
_CIRCLED_KEY = re.compile(rf"([（(]\s*)([{_CIRCLED}](?:[\s、,，;；]*[{_CIRCLED}])*)(\s*[)）])")
_CIRCLED_ONLY = re.compile(
    rf"^[（(\s]*[{_CIRCLED}1-8](?:[\s、,，;；]*[{_CIRCLED}1-8])*[\s。.)）]*$"
)
_TO_LETTERS = str.maketrans(_CIRCLED + "12345678", LETTERS * 2)


def circled_options(text: str) -> SplitOptions:
    """Split a question whose options are counted ①②③, for one that has no lettered options.

    A key of the same figures in a bracket of the stem is turned into letters.
    """
    chain: list[re.Match[str]] = []
    for mark in _CIRCLED_MARK.finditer(text):
        if len(chain) < len(_CIRCLED) and mark[1] == _CIRCLED[len(chain)]:
            chain.append(mark)
        elif mark[1] == "①":
            return SplitOptions(text.strip())  # two lists: which one is asked about is unknown
    if len(chain) < 3 or not re.search(r"\S[\s。？?：:，,）)_]+$", text[: chain[0].start()]):
        return SplitOptions(text.strip())
    ends = [*(mark.start() for mark in chain[1:]), len(text)]
    texts = tuple(tidy(text[m.end() : end]) for m, end in zip(chain, ends, strict=True))
    if not all(texts):
        return SplitOptions(text.strip())
    stem = _CIRCLED_KEY.sub(
        lambda found: found[1] + found[2].translate(_TO_LETTERS) + found[3],
        text[: chain[0].start()].strip(),
    )
    return SplitOptions(stem, LETTERS[: len(texts)], texts)


_TICKED = re.compile(r"(?m)(^[ \t]*|[ \t])[√✓✔☑*★]\s?([A-H])\s*([.．、:：)）])")
_RIGHT = re.compile(
    r"^〔√〕\s*(?P<a>.+)$|^(?P<b>.*\S)\s*[（(【]\s*(?:正确(?:答案|选项)?|标准答案|答案|√|✓|✔)\s*[)）】]$|"
    r"^(?P<c>.*[^\s√×])[√✓✔]$",
    re.DOTALL,
)


_RADIO = re.compile(
    rf"[{_BULLETS}\n]*[○●□☐◯◎〇]\s*(?:正确|错误|对|错|是|否|√|×)\s*[○●□☐◯◎〇]\s*(?:正确|错误|对|错|是|否|√|×)\s*$"
)


_PRESSED = re.compile(r"[○●□☐◯◎〇]\s*(正确|错误|对|错|是|否)\s*[（(]\s*(?:正确答案|答案)\s*[)）]")


def take_radio(text: str) -> tuple[str, str]:
    """Take the buttons ``○ 正确 ○ 错误`` off a true/false question: text, and what is marked."""
    pressed = _PRESSED.search(text)
    plain = _PRESSED.sub(r"○\1", text)
    return _RADIO.sub("", plain), pressed[1] if pressed else ""


def ticked(text: str) -> str:
    """Put the tick before an option letter, ``√B.``, behind it, so that it stays with its text."""
    return _TICKED.sub(r"\1\2\3〔√〕", text)


def marked_right(found: SplitOptions) -> tuple[SplitOptions, str]:
    """Return the options without the marks 〔√〕 and （正确答案）, and the letters marked."""
    texts, letters = [], ""
    for letter, text in zip(found.letters, found.texts, strict=True):
        if one := _RIGHT.match(text.rstrip("。;； ")):
            letters += letter
            texts.append((one["a"] or one["b"] or one["c"]).strip())
        else:
            texts.append(text)
    return SplitOptions(found.stem, found.letters, tuple(texts), found.notes), letters


_SMALL_MARK = re.compile(r"(?m)(^|[\s;；。(（\[【])([a-h])(?=\s*[.．、)）:：]\s*[^\sA-Za-z])")


def small_options(text: str) -> SplitOptions:
    """Split a question whose options have small letters, for one that has no others."""
    found = split_options(_SMALL_MARK.sub(lambda mark: mark[1] + mark[2].upper(), text))
    return found if len(found.letters) >= 3 and found.stem else SplitOptions(text.strip())


def circled_key(written: str) -> str:
    """Return ``ABD`` for ``①②④`` or ``1、2、4``; other keys as they are."""
    return written.translate(_TO_LETTERS) if _CIRCLED_ONLY.match(written.strip()) else written


def _is_glued(text: str, mark: Mark) -> bool:
    return text[mark.start - 1 : mark.start] not in (
        " ",
        "\t",
        "\n",
        "",
        ";",
        "；",
        "。",
        "，",
        ",",
    )


def _undouble(body: str, letter: str) -> tuple[str, bool]:
    """Drop a second copy of an option: ``复议机关,A：复议机关``."""
    if letter not in body:
        return tidy(body), False
    parts = re.split(rf"[,，;；\s]*(?<![A-Za-z0-9]){letter}\s*[.．、:：]", body)
    if len(parts) == 2 and fold_question(parts[0]) == fold_question(parts[1]):
        return tidy(parts[0]), True
    return tidy(body), False


_BLANKS = re.compile(r"[ \t]+")


def joined_lines(text: str) -> str:
    """Join wrapped lines; a blank stays between words of Latin letters."""
    lines = [line.strip() for line in text.strip().split("\n")]
    joined = ""
    for line in lines:
        if not line:
            continue
        latin = joined[-1:].isascii() and line[:1].isascii() and joined[-1:].isalnum()
        joined += (" " if joined and latin and line[:1].isalnum() else "") + line
    return _BLANKS.sub(" ", joined).strip()


def tidy(text: str) -> str:
    """Join wrapped lines and drop separators at the end."""
    return joined_lines(text).rstrip(" \t;；，,|｜").strip()


def unmarked_options(lines: list[str]) -> tuple[str, ...]:
    """Return options that have no letters: one a line, or several on one line with wide gaps."""
    kept = [line.strip().lstrip(_BULLETS) for line in lines if line.strip(_BULLETS)]
    if len(kept) == 1:
        kept = [part.strip() for part in _UNMARKED_GAP.split(kept[0]) if part.strip()]
    elif all(_UNMARKED_GAP.search(line) for line in kept):
        kept = [part.strip() for line in kept for part in _UNMARKED_GAP.split(line) if part.strip()]
    return tuple(line.rstrip("；;。 ") for line in kept) if 2 <= len(kept) <= 8 else ()
