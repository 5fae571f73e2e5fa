"""Exact points (分值): seventy-five items of 0.8 must add up to 60, so floats are refused."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator


def exact(value: object) -> Decimal:
    """Turn an integer, decimal or numeric text into a finite ``Decimal``.

    Raises
    ------
    ValueError
        If `value` is a float (``0.1 + 0.2`` must not become points), a bool or not a number.
    """
    if isinstance(value, float | bool):
        raise ValueError("分值必须是整数或十进制数字，不能用浮点数")
    try:
        number = Decimal(value)  # type: ignore[arg-type]
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ValueError(f"分值 {value!r} 不是数字") from error
    if not number.is_finite():
        raise ValueError(f"分值 {value!r} 不是有限的数字")
    return number


Points: TypeAlias = Annotated[Decimal, BeforeValidator(exact)]
"""An exact number of points; refuses floats."""


def tidy(value: Decimal) -> Decimal:
    """Drop meaningless zeros: 78.0000 becomes 78, 78.50 becomes 78.5; the value stays equal."""
    if value == value.to_integral_value():
        return value.quantize(Decimal(1))
    return value.normalize()
