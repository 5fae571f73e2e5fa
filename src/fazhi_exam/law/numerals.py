"""Numbers as Chinese statutes write them, and back (汉字数字)."""

import re

DIGITS = {
    **{c: i for i, c in enumerate("〇一二三四五六七八九")},
    **{c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **dict(zip("○两貳參陸弌弍弎", (0, 2, 2, 3, 6, 1, 2, 3), strict=True)),
    **{c: i for i, c in enumerate("0123456789")},
    **{c: i for i, c in enumerate("０１２３４５６７８９")},
}
_TENS = str.maketrans({"廿": "二十", "卅": "三十", "卌": "四十"})

NUMERAL = "[〇○零一二三四五六七八九十百千万亿两廿卅卌壹贰貳叁參肆伍陆陸柒捌玖拾佰仟0-9０-９]+"
"""Regular expression of a run of numeral characters; not every such run is a number."""

_PLACES = "[〇○零一二三四五六七八九0-9０-９]+"


def to_int(text: str) -> int:
    """Read a whole number in Chinese numerals or digits of either width.

    Accepts ``一百二十三``, ``十二``, ``廿三``, ``两千零五``, ``二〇二一`` (place by place),
    ``壹拾``, ``１２``, ``3万``.

    Raises
    ------
    ValueError
        If `text` is not one well-formed number; ``一百五`` is refused because it can mean 105
        (written carelessly) or 150.
    """
    compact = "".join(text.split()).translate(_TENS)
    if not compact:
        raise ValueError("no number in an empty text")
    if re.fullmatch(_PLACES, compact):
        chinese_only = not re.search("[0-9０-９]", compact)
        if chinese_only and len(compact) > 1 and DIGITS[compact[0]] == 0 and len(compact) < 3:
            raise ValueError(f"not a number: {text!r}")
        return int("".join(str(DIGITS[c]) for c in compact))
    total, rest, ceiling = 0, compact, 10**12
    for unit, worth in (("亿億", 10**8), ("万萬", 10**4)):
        head, mark, tail = _split_at(rest, unit)
        if mark:
            if not head or worth >= ceiling:
                raise ValueError(f"not a number: {text!r}")
            total, rest, ceiling = total + _below_ten_thousand(head, text) * worth, tail, worth
    return total + (_below_ten_thousand(rest, text, after=total > 0) if rest else 0)


def to_chinese(number: int) -> str:
    """Write a whole number from 0 to 99,999,999 as a statute would: 0 is ``零``, 105 ``一百零五``.

    Raises
    ------
    ValueError
        If `number` is outside that range.
    """
    if not 0 <= number < 10**8:
        raise ValueError(f"number out of range: {number}")
    if number >= 10**4:
        high, low = divmod(number, 10**4)
        link = "零" if 0 < low < 1000 else ""
        tail = to_chinese(low) if low else ""
        return to_chinese(high) + "万" + link + ("一" + tail if 10 <= low < 20 else tail)
    if number == 0:
        return "零"
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap and text else "") + "〇一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return text[1:] if text.startswith("一十") else text


def _split_at(text: str, marks: str) -> tuple[str, str, str]:
    for position, char in enumerate(text):
        if char in marks:
            return text[:position], char, text[position + 1 :]
    return "", "", text


def _below_ten_thousand(part: str, whole: str, *, after: bool = False) -> int:
    """Value of a group such as ``一千零二十`` or ``305``; `after` allows a leading 零."""
    if re.fullmatch("[0-9０-９]+", part):
        return int("".join(str(DIGITS[c]) for c in part))
    pattern = "(?:(D)千)?(?:(Z?)(D)百)?(?:(Z?)(D?)十)?(?:(Z?)(D))?"
    folded = part.translate(str.maketrans("仟佰拾", "千百十"))
    if after and folded[0] in "零〇○":
        folded = folded[1:]
    pattern = pattern.replace("D", "[一二两三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖1-9１-９]")
    found = re.fullmatch(pattern.replace("Z", "[零〇○]"), folded)
    if not found or not folded:
        raise ValueError(f"not a number: {whole!r}")
    thousands, zero_h, hundreds, zero_t, tens, zero_o, ones = found.groups()
    has_ten = tens is not None
    if ones and not has_ten and (thousands or hundreds) and not zero_o:
        raise ValueError(f"not a number: {whole!r}")  # 一百五: 105 or 150?
    if (zero_h and not thousands) or (zero_t and not (thousands or hundreds)):
        raise ValueError(f"not a number: {whole!r}")
    if zero_o and not (thousands or hundreds):
        raise ValueError(f"not a number: {whole!r}")
    value = DIGITS[thousands] * 1000 if thousands else 0
    value += DIGITS[hundreds] * 100 if hundreds else 0
    value += (DIGITS[tens] if tens else 1) * 10 if has_ten else 0
    return value + (DIGITS[ones] if ones else 0)
