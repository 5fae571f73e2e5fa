"""How many were due, sat and passed, and what may be said about it (合格率)."""

from .counts import Counts, count, count_by
from .rates import Denominator, PassRateRow, PassRateTable, pass_rates

__all__ = [
    "Counts",
    "Denominator",
    "PassRateRow",
    "PassRateTable",
    "count",
    "count_by",
    "pass_rates",
]
