"""The kind of a question where it stands with the question: 【单选题】, （判断）, 多选：."""

import re

from ..words import KIND_WORDS

INLINE_KIND = re.compile(
    rf"^\s*(?:[【\[（(〔]\s*)({KIND_WORDS}|选择|案例|[单多判填简问](?=[】\])）〕]))(?:题)?\s*(?:[，,、/]?\s*\d{{1,3}}(?:\.\d)?\s*分)?\s*(?:[】\])）〕])\s*[:：.、]?\s*"
)
TAG_ONLY = re.compile(
    rf"^第\s*\d{{1,4}}\s*题\s*[（(【\[]?\s*(?:{KIND_WORDS})题?[^。？?]{{0,60}}$|^(?:\d{{1,4}}\s*[.．、])?\s*[（(【\[]\s*(?:{KIND_WORDS})题?\s*[，,、/]?\s*\d{{1,3}}(?:\.\d)?\s*分\s*[)）】\]]$"
)
_END_KIND = re.compile(
    rf"[【\[（(〔]\s*({KIND_WORDS})(?:题)?\s*[】\])）〕](?=\s*(?:[（(]\s*[)）])?\s*[。.]?\s*(?:\n|$|[A-H][.．、]))"
)
_TAG_LINE = re.compile(
    rf"^\s*({KIND_WORDS})题\s*(?:[（(]\s*\d{{1,3}}(?:\.\d)?\s*分\s*[)）])?\s*(?:\n|$)"
)
_PLAIN_KIND = re.compile(rf"^\s*({KIND_WORDS})(?:题\s*[:：.、]|\s*[:：])\s*(?=\S)")


def inline_kind(stem: str) -> tuple[str, str]:
    """Take ``【单选题】`` or ``（判断）`` from the ends of a stem: kind word and the rest."""
    if found := INLINE_KIND.match(stem) or _PLAIN_KIND.match(stem) or _TAG_LINE.match(stem):
        return found[1], stem[found.end() :]
    if found := _END_KIND.search(stem):
        return found[1], stem[: found.start()] + stem[found.end() :]
    return "", stem


def begins_with_kind(text: str) -> bool:
    """Whether a line begins a question with its kind, 【单选】…; a mere heading does not."""
    found = INLINE_KIND.match(text)
    return found is not None and (len(text) - found.end() > 4 or TAG_ONLY.match(text) is not None)


_KIND_INSIDE = re.compile(r"^(.{0,60}?)[【\[](单选|多选|判断|不定项|填空|简答)题?[】\]]")


def take_kind(body: str) -> tuple[str, str]:
    """Take the kind out of a stem: at its ends, or in square brackets further inside."""
    word, rest = inline_kind(body)
    if not word and (inner := _KIND_INSIDE.search(rest)):
        return inner[2], rest.replace(inner[0], inner[1], 1)
    return word, rest
