"""Keys and blanks inside a stem: （ B ）, ［√］, ____ and a bare letter after the question mark."""

import re
from dataclasses import dataclass

from ..words import KeyText, read_key

_BRACKET = re.compile(r"[（(【\[〔]([^（()）【】\[\]〔〕\n]{0,24})[)）】\]〕]")
_EMPTY_END = re.compile(r"(?:[（(]\s*[)）]|_{2,}|＿+|\s)+\s*[。.．?？:：]?\s*$")
_EMPTY = re.compile(r"[（(]\s*[)）]")
_RULED_KEY = re.compile(r"(?:_+|＿+)\s*([A-H](?:[\s,，、]*[A-H]){0,7})\s*(?:_+|＿+)")
_BARE = re.compile(
    r"(?:(?<=[？?:：。）)是有为])\s*|[ \t]+)([A-H](?:[\s,，、]?[A-H]){0,7})\s*[。.]?$"
)
_BARE_TRUTH = re.compile(
    r"(?:(?<=[。？?！!）)；;])\s*|[ \t]+)(√|✓|✔|×|✗|✘|对|错|正确|错误|[TFXV])\s*$"
)
_POINTS = re.compile(
    r"[（(【\[]\s*(?:(?:本题|每题|共|满分)?\s*(?P<a>\d{1,3}(?:\.\d)?)\s*分|"
    r"(?:本题)?(?:分值|分数|满分)\s*[:：]\s*(?P<b>\d{1,3}(?:\.\d)?)\s*分?)\s*[)）】\]]"
)
_BLANK = re.compile(r"_{2,}|＿+|[（(]\s*[)）]|[【\[]\s{2,}[】\]]|﹍{2,}|\.{6,}|…{3,}(?=。)")
_FILLED = re.compile(
    r"(?<![_＿])[_＿]{1,3}\s*([^_＿\s、，。；：,;（）()][^_＿\n、，。；：,;]{0,20}?)\s*[_＿]{1,3}(?![_＿])"
)


_SOURCE_END = re.compile(
    r"[（(【\[]\s*(?:(?:法律|法条)?(?:依据|出处|来源)[:：为]?|参?见|摘自)?\s*"
    r"(《[^《》\n]{2,40}》\s*第[一二三四五六七八九十百千零〇\d]{1,9}条"
    r"(?:[^（()）【】\[\]\n]{0,40})?)\s*[)）】\]]\s*[。.]?\s*$"
)


@dataclass(frozen=True, slots=True)
class StemKey:
    """A stem without the key that stood in it."""

    stem: str
    key: KeyText | None = None
    notes: tuple[str, ...] = ()


def take_points(stem: str) -> tuple[str, str]:
    """Take ``（2分）`` at the beginning or the end out of a stem."""
    for found in _POINTS.finditer(stem):
        if found.start() <= 2 or not stem[found.end() :].strip(" 。.：:（()）　\t\n"):
            return (stem[: found.start()] + stem[found.end() :]).strip(), found["a"] or found["b"]
    return stem, ""


def take_source(stem: str) -> tuple[str, str]:
    """Take ``（《行政处罚法》第九条）`` off the end of a stem: the stem and the source."""
    found = _SOURCE_END.search(stem)
    if not found or not stem[: found.start()].strip():
        return stem, ""
    return stem[: found.start()].rstrip(), found[1].strip()


def take_key(stem: str) -> StemKey:
    """Take the key out of a stem, wherever it stands.

    The blank at the end goes as well, since the program prints it; one inside the stem stays as
    （　）.
    """
    found: list[tuple[re.Match[str], KeyText]] = []
    notes: list[str] = []
    for one in _BRACKET.finditer(stem):
        inner = one[1].strip()
        if not inner:
            continue
        key = read_key(inner)
        ends = one.start() == 0 or not stem[one.end() :].strip(" 。.？?：:；;\t\n")
        if key.letters == "*" or (key.truth is not None and not ends):
            continue
        if key.plain and not (one[0][0] in "【[〔" and len(inner) > 8):
            if "?" in inner or "？" in inner:
                notes.append("答案括号中有乱码“?”，已忽略")
            found.append((one, key))
    if found:
        distinct = {(key.letters, key.truth) for _, key in found}
        if len(distinct) > 1:
            # (A) inside a stem is more often a name than a key; the last bracket is the key's.
            notes.append("题干中有几处像答案的括号，取最后一处，请核对")
        one, key = found[-1]
        before, after = stem[: one.start()], stem[one.end() :]
        middle = before.strip() and after.strip(" 。.？?：:；;\t\n")
        if not before.strip() and key.letters:
            middle = after.strip()  # the bracket stands for the subject of the sentence
        asks = "？" if after.strip()[:1] in ("？", "?") else ""
        stem = f"{before}（　）{after}" if middle else before.rstrip() + asks or after.lstrip()
        return StemKey(_close(stem), key, notes=tuple(notes))
    if ruled := _RULED_KEY.search(stem):
        middle = stem[ruled.end() :].strip(" 。.？?：:；;\t\n")
        stem = stem[: ruled.start()] + (f"（　）{stem[ruled.end() :]}" if middle else "")
        return StemKey(_close(stem), read_key(ruled[1]))
    for pattern in (_BARE, _BARE_TRUTH):
        if bare := pattern.search(stem):
            return StemKey(_close(stem[: bare.start()]), read_key(bare[1]))
    return StemKey(_close(stem))


def _close(stem: str) -> str:
    """Drop the empty bracket at the end, and make one inside the stem a quoted blank."""
    text = _EMPTY_END.sub("", stem.strip()) or stem.strip()
    return _EMPTY.sub("（　）", text).strip()


def count_blanks(stem: str) -> int:
    """Return how many blanks a fill-in stem has."""
    return len(_BLANK.findall(stem.replace("（　）", "（ ）")))


def filled_blanks(stem: str) -> tuple[str, tuple[str, ...]]:
    """Take answers written on the rule, ``__七__``, out of a fill-in stem."""
    answers = tuple(found[1].strip() for found in _FILLED.finditer(stem))
    return (_FILLED.sub("____", stem), answers) if answers else (stem, ())


_RULED_BRACKET = re.compile(r"(?:_{2,}|＿+)\s*[（(]\s*([^（()）\n]{1,20}?)\s*[)）]")


def bracketed_blanks(stem: str) -> tuple[str, tuple[str, ...]]:
    """Take answers in brackets behind their rules, ``____（锅盖）``, when every rule has one."""
    answers = tuple(found[1].strip() for found in _RULED_BRACKET.finditer(stem))
    if not answers or len(answers) < count_blanks(stem):
        return stem, ()
    return _RULED_BRACKET.sub("____", stem), answers


_WORD_BRACKET = re.compile(r"[（(\[【]\s*([^（()）\[\]【】\n]{1,20}?)\s*[)）\]】]")
_REMARK = re.compile(r"\d{4}\s*年|分$|简称|下同|修[订正]|^\d{1,2}$|以下|包括|如[:：]")


def filled_brackets(stem: str) -> tuple[str, tuple[str, ...]]:
    """Take answers written in brackets, ``属于（人民）``, out of a stem that has no other blank."""
    if _BLANK.search(stem):
        return stem, ()
    every = list(_WORD_BRACKET.finditer(stem))
    found = [one for one in every if not _REMARK.search(one[1])]
    if not found and all(one[1].isdigit() for one in every):
        found = every
    for one in reversed(found):
        stem = f"{stem[: one.start()]}____{stem[one.end() :]}"
    return stem, tuple(one[1] for one in found)


def rule_blanks(stem: str) -> str:
    """Write every blank as ＿＿."""
    return _BLANK.sub("＿＿", stem)


def split_answers(written: str, blanks: int) -> tuple[tuple[str, ...], ...]:
    """Return the accepted words per blank; empty when their number does not fit.

    Blanks are told apart by ；, ; line, 、 , or a gap, in this order; alternatives by /.
    """
    text = re.sub(r"(?:^|[\s；;]+)[（(]\d{1,2}[)）]\s*", "；", written.strip())
    text = re.sub(r"(?m)(?:^|(?<=[；;]))\s*\d{1,2}[)）.、](?!\d)\s*", "", text).strip("。；;")
    text = re.sub(r"第[一二三四五六\d]空[:：]?|[①-⑳]", "；", text).strip("；")
    for pattern in (r"[；;]|\n+|\|", r"[、，,]", r"\s+"):
        parts = [part.strip() for part in re.split(pattern, text) if part.strip()]
        if len(parts) == blanks:
            return tuple(_alternatives(part) for part in parts)
    return (_alternatives(text),) if blanks == 1 and text else ()


_TWICE = re.compile(
    r"^(\d+|[一二三四五六七八九十百千]+)[（(](\d+|[一二三四五六七八九十百千]+)[)）]$"
)


def _alternatives(part: str) -> tuple[str, ...]:
    if twice := _TWICE.match(part):  # 60（六十）
        return twice[1], twice[2]
    words = re.split(r"\s*(?:/|／|\|\|)\s*", part)
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip())) or (part,)
