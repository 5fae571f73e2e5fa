"""Cleaning of text as offices have it: encodings, widths, radicals, pinyin, broken numerals."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ..errors import UnsafeFile

_RADICALS = {
    "⺁": "厂", "⺌": "小", "⺎": "兀", "⺏": "尣", "⺕": "彐", "⺗": "心", "⺝": "月", "⺟": "母",
    "⺠": "民", "⺣": "灬", "⺫": "罒", "⺬": "示", "⺮": "竹", "⺱": "罓", "⺳": "罓", "⺶": "羊",
    "⺷": "羊", "⺸": "羊", "⺼": "肉", "⺾": "艹", "⻁": "虎", "⻄": "西", "⻅": "见", "⻆": "角",
    "⻉": "贝", "⻋": "车", "⻌": "辶", "⻎": "辶", "⻏": "阝", "⻑": "长", "⻒": "长", "⻓": "长",
    "⻔": "门", "⻖": "阝", "⻘": "青", "⻙": "韦", "⻚": "页", "⻛": "风", "⻜": "飞", "⻝": "食",
    "⻢": "马", "⻣": "骨", "⻤": "鬼", "⻥": "鱼", "⻦": "鸟", "⻧": "卤", "⻨": "麦", "⻩": "黄",
    "⻬": "齐", "⻮": "齿", "⻰": "龙", "⻳": "龟", "⺩": "王", "⺪": "疋", "⺢": "水", "⺡": "氵",
    "⺘": "扌", "⺖": "忄", "⺈": "刀", "⺉": "刂", "⺅": "亻", "⺄": "乙", "⺆": "冂",
}  # fmt: skip
_INVISIBLE = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD)


def _folding() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(old): new for old, new in _RADICALS.items()}
    for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00)):
        folded = unicodedata.normalize("NFKC", chr(code))
        if len(folded) == 1:
            table[code] = folded
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)):
        table |= {code: chr(code - 0xFEE0) for code in range(first, last + 1)}
    table |= {0xFF3B: "[", 0xFF3D: "]", 0xFF5B: "{", 0xFF5D: "}", 0x3016: "【", 0x3017: "】"}
    table |= dict.fromkeys((0x2573, 0x2715, 0x2716, 0x274C), "×") | {0x2705: "√"}
    table |= dict.fromkeys((0xA0, 0x2002, 0x2003, 0x2009, 0x202F, 0x3000), " ")
    table |= dict.fromkeys(_INVISIBLE)
    table |= dict.fromkeys((code for code in range(32) if code not in (9, 10, 13)), " ")
    return table | dict.fromkeys(range(0xE000, 0xE100), "")


_FOLD = _folding()
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_PINYIN = re.compile(
    rf"(?<=[\u3400-\u9fff])[(（](?=[a-zü]{{0,6}}[{_TONED}])[a-zü{_TONED}]{{1,7}}[)）]"
)
_RUNS = re.compile(r"([ _＿.…\-—=·\t])\1{30,}")
_SHIFTED = re.compile(r"[?？]。(?=[^\x00-\x7f])")
_TWISTED = {"?qǐng)?zhí)": "执", "?yún)^(qū)": "区", "?qǐng)?zhi)": "执"}
_NUMERALS = "一二三四五六七八九十"


def clean_line(raw: str) -> str:
    """Fold one line: widths of letters and digits, radicals, pinyin and broken list numerals.

    Chinese punctuation and inner spaces stay, since they separate options and keys.
    """
    text = raw.translate(_FOLD)
    if len(text) > 200:  # long runs of one sign say nothing and would slow every pattern down
        text = _RUNS.sub(lambda run: run[0][:30], text)
    if "。" in text and ("?。" in text or "？。" in text):
        text = _mend_shift(text)
    if "(" in text or "（" in text or "?" in text:
        for wrong, right in _TWISTED.items():
            text = text.replace(wrong, right)
        text = _PINYIN.sub("", text)
    return text.rstrip()


def _mend_shift(text: str) -> str:
    """Undo a one-byte shift in GBK: ``?。ㄒ唬┻M`` was ``　（一）進`` before a byte was lost."""
    while found := _SHIFTED.search(text):
        mended = _unshift(text[found.end() :])
        if mended is None:
            # Marked so that the search goes on behind it; the line is reported as doubtful.
            return text
        words, used = mended
        text = text[: found.start()] + words + text[found.end() + used :]
    return text


def _unshift(rest: str) -> tuple[str, int] | None:
    """Return the list numeral behind ``?。`` with the first sign after it, and its length."""
    for numeral, sign in (("二", "ǘ"), ("三", "ㄈ")):  # their second byte pair was lost for good
        if rest.startswith(sign):
            tail = _pairs(rest[1:3], start=True)
            return (f"（{numeral}）{tail[1:]}", 3) if tail and tail[0] == "）" else None
    for length in range(2, min(len(rest), 8) + 1):
        words = _pairs("。" + rest[:length], start=False)
        if words and len(words) >= 4 and words[1] == "（" and words[3] == "）":
            return (words[1:], length) if words[2] in _NUMERALS else None
    return None


def _pairs(text: str, *, start: bool) -> str:
    """Decode GBK text one byte later: a lead byte is put before it; empty when it has no sense."""
    try:
        data = text.encode("gb18030")
        return (b"\xa3" + data if start else b"\xa1" + data).decode("gb18030")
    except UnicodeError:
        return ""


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def to_simplified(text: str) -> str:
    """Turn Traditional into Simplified characters; Simplified text is left as it is."""
    return _converter()(text)


def is_traditional(text: str) -> bool:
    """Whether more than one Chinese character in twelve of a sample is Traditional."""
    sample = [char for char in text[:20_000] if "\u4e00" <= char <= "\u9fff"]
    if not sample:
        return False
    joined = "".join(sample)
    changed = sum(a != b for a, b in zip(joined, to_simplified(joined), strict=False))
    return changed * 12 > len(sample)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a file and what had to be assumed to read it.

    Parameters
    ----------
    text
        With line ends made equal.
    encoding
        Such as ``utf-8`` or ``gb18030``.
    notes
        In Chinese; empty when nothing was doubtful.
    """

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode_text(name: str, data: bytes) -> Decoded:
    """Decode by mark, else strict UTF-8, else GB18030 or Big5 by which gives common characters.

    Raises
    ------
    UnsafeFile
        If it is no text.
    """
    text, encoding, notes = _decode(name, data)
    if text.count("\x00") or _control_share(text) > 0.02:
        raise UnsafeFile(name, "不是文本文件")
    text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x0c", "\n").replace("\x0b", "\n").replace("\u2028", "\n")
    return Decoded(text.lstrip("\ufeff"), encoding, tuple(notes))


def _control_share(text: str) -> float:
    sample = text[:50_000]
    return sum(ord(c) < 32 and c not in "\t\r\n\x0b\x0c" for c in sample) / max(1, len(sample))


def _decode(name: str, data: bytes) -> tuple[str, str, list[str]]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), "utf-16", []
    try:
        return data.decode("utf-8-sig"), "utf-8", []
    except UnicodeDecodeError:
        pass
    found = []
    for encoding in ("gb18030", "big5hkscs"):
        text = data.decode(encoding, errors="replace")
        if text.count("\ufffd") <= max(1, len(text) // 500):
            found.append((_commonness(text, encoding), text, encoding))
    utf8 = data.decode("utf-8", errors="replace")
    if utf8.count("\ufffd") <= max(1, len(utf8) // 500) and len(utf8) > 20:
        return utf8, "utf-8", ["文件中有损坏的字节，已用 � 代替，请核对"]
    if not found:
        raise UnsafeFile(name, "文字编码不是 UTF-8、GB18030 或 Big5")
    share, text, encoding = max(found, key=lambda one: one[0])
    notes = [] if "\ufffd" not in text else ["文件中有损坏的字节，已用 � 代替，请核对"]
    if share < 0.5:
        notes.append(f"文字编码按 {encoding} 读入，请核对是否有乱码")
    if encoding == "big5hkscs":
        encoding = "big5"
    return text, encoding, notes


def _commonness(text: str, encoding: str) -> float:
    """Share of Chinese characters that belong to the common half of the encoding."""
    sample = [char for char in text[:20_000] if "\u3400" <= char <= "\u9fff"]
    if not sample:
        return 0.6 if encoding == "gb18030" else 0.0
    low, high, codec = (0xB0, 0xD7, "gb2312") if encoding == "gb18030" else (0xA4, 0xC6, "big5")
    common = 0
    for char in sample:
        try:
            common += low <= char.encode(codec)[0] <= high
        except UnicodeEncodeError:
            continue
    return common / len(sample)
