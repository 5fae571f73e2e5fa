"""How numbers are written in documents (数字的写法): no rate without its count."""

from decimal import ROUND_HALF_UP, Decimal
from statistics import NormalDist

LEVEL_Z = NormalDist().inv_cdf(0.975)


def percent(part: int, whole: int) -> str:
    """Write a share of people; 100% and 0% only when they are exact.

    Raises
    ------
    ValueError
        If there is nobody, or more in the part than in the whole.
    """
    if not 0 <= part <= whole or whole == 0:
        raise ValueError("need 0 <= part <= whole and whole > 0")
    if part in (0, whole):
        return "100%" if part else "0%"
    share = Decimal(100 * part) / whole
    for places in range(1, 9):
        text = share.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if 0 < text < 100:
            return f"{text}%"
    return f"{share}%"


def percentage(value: float, places: int = 1) -> str:
    """Write a proportion that is not a count of people, such as a bound or a share of points."""
    return f"{value:.{places}%}"


def interval(low: float, high: float) -> str:
    """Write a 95 % interval of a proportion."""
    return f"{low:.1%}–{high:.1%}"


def chinese_date(year: int, month: int, day: int) -> str:
    """Write a date as official documents do."""
    return f"{year}年{month}月{day}日"


def points(value: Decimal | float) -> str:
    """Write a score without trailing zeros."""
    if isinstance(value, float):
        return f"{value:.2f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
