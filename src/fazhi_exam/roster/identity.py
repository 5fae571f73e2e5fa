"""Names and identity numbers (身份信息): kept apart from candidates, masked unless asked."""

import re
from dataclasses import dataclass
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")


@dataclass(frozen=True, slots=True)
class Person:
    """A person behind a candidate (个人信息); its printed form never shows the whole number."""

    name: str
    identity_number: str = ""

    @property
    def masked(self) -> str:
        """The identity number with the birth date hidden, for printing."""
        return mask(self.identity_number)

    def __repr__(self) -> str:
        return f"Person({self.name[:1]}**, {self.masked})"

    __str__ = __repr__


def mask(number: str) -> str:
    """Hide the middle of an identity number: ``110101********123X``; short texts become stars."""
    if not number:
        return ""
    if len(number) != 18:
        return "*" * min(len(number), 18)
    return f"{number[:6]}********{number[-4:]}"


def check_identity_number(number: str) -> str:
    """Say what is wrong with a resident identity number, in Chinese; empty when it is right.

    The check digit is the one of GB 11643-1999 (ISO 7064 MOD 11-2). The returned sentence never
    repeats the number.
    """
    if _SCIENTIFIC.match(number):
        return "身份证号被 Excel 存成科学计数法，末几位已丢失，请按文本格式重新录入"
    if len(number) != 18:
        return f"身份证号应为 18 位，现为 {len(number)} 位"
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return "身份证号只能是 17 位数字加一位数字或 X"
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "身份证号中的出生日期不存在"
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECK[total % 11] != number[17]:
        return "身份证号校验位不符，请核对是否录错"
    return ""
