"""How many were due, sat and passed, and what may be said about it (合格率)."""

from .attempts import AttemptSummary, attempts
from .compare import Comparison, StratumChange, compare
from .counts import Counts, count, count_by
from .publish import (
    PublicRow,
    PublicTable,
    PublishingRefused,
    Release,
    ReleaseLedger,
    publish,
    release_of,
)
from .rates import Denominator, PassRateRow, PassRateTable, pass_rates, rate_row, rate_table
from .trend import RateTrend, rate_trend, trend_of

__all__ = [
    "AttemptSummary",
    "Comparison",
    "Counts",
    "Denominator",
    "PassRateRow",
    "PassRateTable",
    "PublicRow",
    "PublicTable",
    "PublishingRefused",
    "RateTrend",
    "Release",
    "ReleaseLedger",
    "StratumChange",
    "attempts",
    "compare",
    "count",
    "count_by",
    "pass_rates",
    "publish",
    "rate_row",
    "rate_table",
    "rate_trend",
    "release_of",
    "trend_of",
]
