"""Numbers as a spreadsheet shows them: 0.8 under ``0%`` is 80%, 45630 may be 12月4日."""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

GENERAL = "General"
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "¥#,##0;¥-#,##0", 6: "¥#,##0;¥-#,##0",
    7: "¥#,##0.00;¥-#,##0.00", 8: "¥#,##0.00;¥-#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
    27: "yyyy年m月", 28: "m月d日", 29: "m月d日", 30: "m-d-yy", 31: "yyyy年m月d日", 32: "h时mm分",
    33: "h时mm分ss秒", 34: "上午/下午h时mm分", 35: "上午/下午h时mm分ss秒", 36: "yyyy年m月",
    37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: "#,##0;-#,##0", 42: "¥#,##0;-¥#,##0", 43: "#,##0.00;-#,##0.00", 44: "¥#,##0.00;-¥#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 50: "yyyy年m月", 51: "m月d日",
    52: "yyyy年m月", 53: "m月d日", 54: "m月d日", 55: "上午/下午h时mm分", 56: "上午/下午h时mm分ss秒",
    57: "yyyy年m月", 58: "m月d日",
}  # fmt: skip
"""Codes of the formats a workbook need not write out, as Excel in Chinese shows them."""

_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|'
    r"(?P<code>General|G/通用格式|AM/PM|A/P|上午/下午|y+|m+|d+|h+|s+|a{3,4}|E[+-]|[0#?,.]+|%|/|@)|"
    r"(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|$)', re.DOTALL)
_COLOURS = re.compile(
    r"(?:black|blue|cyan|green|magenta|red|white|yellow|黑色|蓝色|青色|绿色|洋红|红色|白色|黄色|"
    r"color\s*\d+|颜色\s*\d+)$",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"^(#\s+)?(\?+)/\?+$")
_CHINESE = "[dbnum1"
_MOST, _LONGEST = 1e15, 255
_DIGITS = "〇一二三四五六七八九"


@lru_cache(maxsize=4096)  # the same few numbers stand in column after column
def shown_number(value: float, code: str, *, since_1904: bool = False) -> str | None:
    """Return a number as a format shows it.

    Parameters
    ----------
    value
        As stored; a date is a count of days.
    code
        Such as ``0.00%``, ``m"月"d"日"`` or ``[$¥-804]#,##0``.
    since_1904
        Whether days are counted from 1904, as old Macintosh workbooks do.

    Returns
    -------
    str or None
        None for a format that is not understood.
    """
    if not abs(value) < _MOST or len(code) > _LONGEST:
        return None
    section, negative = _section(value, code)
    if "[$-f800]" in section.lower():
        section = "yyyy年m月d日"
    elif "[$-f400]" in section.lower():
        section = "h:mm:ss"
    if found := _FRACTION.match(section.strip()):
        return _fraction(value, whole=bool(found[1]), most=10 ** len(found[2]) - 1)
    pieces = _pieces(section)
    if pieces is None:
        return None
    dated = any(c and text[:1].lower() in "ymdhsa上[" and text != _CHINESE for c, text in pieces)
    if dated:
        return _date(value, pieces, since_1904)
    return _number(abs(value) if negative else value, pieces)


def _section(value: float, code: str) -> tuple[str, bool]:
    """Return the part of a code for a value, and whether that part writes the minus itself."""
    parts = [found[1] for found in _SECTIONS.finditer(code)]
    parts = parts[:-1] if len(parts) > 1 and not code.endswith(";") else parts
    if value < 0 and len(parts) > 1:
        return parts[1], True
    if value == 0 and len(parts) > 2:
        return parts[2], False
    return parts[0] if parts else code, False


Pieces: TypeAlias = tuple[tuple[bool, str], ...]


@lru_cache(maxsize=256)
def _pieces(section: str) -> Pieces | None:
    """Cut a section into codes (True) and texts (False); None when a bracket is not understood."""
    pieces: list[tuple[bool, str]] = []
    for found in _PIECE.finditer(section):
        bracket = found["bracket"]
        if found["code"]:
            pieces.append((True, found["code"]))
        elif bracket is None:
            pieces.append((False, found["quoted"] or found["escaped"] or found["plain"] or ""))
        elif bracket[:1] == "$":
            pieces.append((False, bracket[1:].partition("-")[0]))
        elif re.match(r"(?:h+|m+|s+|DBNum1)$", bracket, re.IGNORECASE):
            pieces.append((True, f"[{bracket.lower()}"))
        elif not _COLOURS.match(bracket):
            return None
    if (True, _CHINESE) in pieces:
        rest = [piece for piece in pieces if piece != (True, _CHINESE)]
        if any(is_code and text.lower() not in ("general", "0") for is_code, text in rest):
            return None
        pieces = [(is_code, _CHINESE if is_code else text) for is_code, text in rest]
    return tuple(pieces)


def _number(value: float, pieces: Pieces) -> str | None:
    codes = [text for is_code, text in pieces if is_code]
    fields = [text for text in codes if text != "%"]
    if fields == ["@"]:
        return "".join(_general(value) if text == "@" else text for _, text in pieces)
    if len(fields) > 1 or any(text in ("/", "@") or text[:1] in "eE" for text in fields):
        return None
    percent = Decimal(100) ** codes.count("%")
    out = "-" if value < 0 else ""
    for is_code, text in pieces:
        if not is_code or text == "%":
            out += text
        elif text == _CHINESE:
            numeral = _numeral(abs(value))
            if numeral is None:
                return None
            out += numeral
        elif text[:1] in "gG":
            out += _general(abs(value))
        else:
            out += _digits(Decimal(repr(abs(value))) * percent, text)
    return out.strip()


def _general(value: float) -> str:
    """Return a number without a format, to the 15 digits a cell holds."""
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"


def _digits(value: Decimal, code: str) -> str:
    """Write digits by a code such as ``#,##0.0#``."""
    whole, _, decimals = code.partition(".")
    bare = whole.rstrip(",")
    value /= Decimal(1000) ** (len(whole) - len(bare))
    places = sum(sign in "0#?" for sign in decimals)
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    left, _, right = f"{rounded:f}".partition(".")
    least = bare.count("0")
    left = left.zfill(least) if least or left != "0" else ""
    if "," in bare:
        left = f"{int(left):,}" if left else left
    while len(right) > decimals.count("0") and right.endswith("0"):
        right = right[:-1]
    return f"{left}.{right}" if right else left


def _fraction(value: float, *, whole: bool, most: int) -> str:
    near = Fraction(value).limit_denominator(most)
    full, rest = divmod(abs(near), 1) if whole else (0, abs(near))
    sign = "-" if near < 0 else ""
    if not rest:
        return f"{sign}{full}"
    part = f"{rest.numerator}/{rest.denominator}"
    return f"{sign}{full} {part}" if full else f"{sign}{part}"


def _numeral(value: float) -> str | None:
    """Return a whole number below 10,000 in Chinese numerals, as DBNum1 shows it."""
    if not float(value).is_integer() or value >= 10_000:
        return None
    number, out = int(value), ""
    if number == 0:
        return "〇"
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            out += _DIGITS[digit] + unit
        elif out and number % place:
            out += "" if out.endswith("〇") else "〇"
    return out


_NAMES = "一二三四五六日"


def _date(value: float, pieces: Pieces, since_1904: bool) -> str | None:
    """Write a date or time; `m` means minutes behind hours and before seconds."""
    seconds = round(value * 86_400)
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
    if not since_1904 and value < 60:
        first += timedelta(days=1)  # the days before the 29 February 1900 that never was
    if not 0 <= value < 2_958_466:
        return None
    moment = first + timedelta(seconds=seconds)
    codes = [text.lower() for is_code, text in pieces if is_code]
    clock12 = any(text in ("am/pm", "a/p", "上午/下午") for text in codes)
    out, place = "", -1
    for is_code, text in pieces:
        place += is_code
        code = text.lower()
        if not is_code or code in ("/", ",", ".", "@"):
            out += "" if code == "@" else text
            continue
        before = codes[place - 1] if place else ""
        after = next((c for c in codes[place + 1 :]), "")
        minutes = code in ("m", "mm") and (before.strip("[")[:1] == "h" or after[:1] == "s")
        word = _part(code, moment, seconds, minutes=minutes, clock12=clock12)
        if word is None:
            return None
        out += word
    return out.strip()


def _part(code: str, moment: datetime, seconds: int, *, minutes: bool, clock12: bool) -> str | None:
    """Return one part of a date; None for one that is not understood."""
    hour = (moment.hour + 11) % 12 + 1 if clock12 else moment.hour
    if code.startswith("["):
        total = seconds // {"h": 3600, "m": 60, "s": 1}[code[1]]
        return str(total).zfill(len(code) - 1)
    numbers = {"d": moment.day, "h": hour, "s": moment.second,
               "m": moment.minute if minutes else moment.month}  # fmt: skip
    if code[0] in numbers and len(code) <= 2:
        return str(numbers[code[0]]).zfill(len(code))
    if code[0] == "y":
        return f"{moment.year % 100:02d}" if len(code) <= 2 else str(moment.year)
    if code in ("aaa", "aaaa"):
        return ("星期" if code == "aaaa" else "") + _NAMES[moment.weekday()]
    halves = {"am/pm": ("AM", "PM"), "a/p": ("A", "P"), "上午/下午": ("上午", "下午")}
    return halves[code][moment.hour >= 12] if code in halves else None
