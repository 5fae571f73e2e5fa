"""Typography and personal data in any text that is printed (排印与敏感信息)."""

import re
from collections.abc import Iterator

from .findings import Finding, FindingKind, Severity
from .tidy import tidy, unpaired, what_changed

_B, _W = Severity.BLOCKING, Severity.WARNING
_HIDE = "删去或改用××"
_GARBAGE = re.compile("\ufffd|[\u3400-\u9fff][?？]{2,}[\u3400-\u9fff]")
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[0-9Xx](?![0-9A-Za-z])"
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_CARD = re.compile(r"(?<!\d)[3-6]\d{15,18}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,64}\.[A-Za-z]{2,8}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_text(
    ids: tuple[str, ...], field: str, text: str, *, typography: bool = True
) -> Iterator[Finding]:
    """Yield what does not print well and what may identify a person.

    Parameters
    ----------
    ids, field
        As in `Finding`.
    text
        Any text.
    typography
        Whether typography is looked at; personal data always are.
    """
    if typography:
        better = tidy(text)
        if better != text:
            reason = what_changed(text, better)
            yield Finding(_W, FindingKind.TYPOGRAPHY, ids, field, reason, better)
        if _GARBAGE.search(text):
            reason = "有乱码（�或连续的问号）"
            yield Finding(_B, FindingKind.TYPOGRAPHY, ids, field, reason, "对照原文更正")
        if alone := unpaired(better):
            reason = f"引号或括号不成对：{alone}"
            yield Finding(_W, FindingKind.TYPOGRAPHY, ids, field, reason, "补全或删去")
    for severity, reason in _personal(text):
        yield Finding(severity, FindingKind.SENSITIVE, ids, field, reason, _HIDE)


def _personal(text: str) -> Iterator[tuple[Severity, str]]:
    if any(valid_identity(hit.group()) for hit in _IDENTITY.finditer(text)):
        yield _B, "有一个校验无误的公民身份号码"
    elif any(_luhn(hit.group()) for hit in _CARD.finditer(text)):
        yield _B, "疑似银行卡号"
    if _MOBILE.search(text) or _LANDLINE.search(text):
        yield _W, "疑似电话号码"
    if "@" in text and _MAIL.search(text):
        yield _W, "疑似电子邮箱"


def valid_identity(number: str) -> bool:
    """Whether an 18-digit identity number carries the check digit of GB 11643-1999."""
    if len(number) != 18 or not number[:17].isdigit():
        return False
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, number[:17], strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _luhn(number: str) -> bool:
    """Whether a card number carries the check digit of ISO/IEC 7812-1."""
    digits = [int(d) for d in reversed(number)]
    doubled = (d * 2 - 9 * (d > 4) for d in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def masked(text: str) -> str:
    """Hide long numbers and addresses, so that no finding repeats personal data."""
    text = re.sub(r"\d{9,}[0-9Xx]|0\d{2,3}-\d{7,8}", "××××", text)
    return _MAIL.sub("××××", text) if "@" in text else text
