"""How many were due, sat and passed, and what may be said about it (合格率)."""

from .attempts import AttemptSummary, History, Which, attempts, attempts_of
from .compare import Comparison, StratumChange, compare, compare_counts
from .counts import NOBODY, Counts, count, count_by, counts_at, reconcile
from .indicators import Completion, Indicator, completion, indicator, indicators, studied
from .ledger import Coverage, Release, ReleaseLedger, Statement, release_of
from .ledger_file import LedgerError, enter, read_ledger, write_ledger
from .publish import (
    Detail,
    PublicRow,
    PublicTable,
    PublishingRefused,
    publish,
)
from .rates import Denominator, PassRateRow, PassRateTable, pass_rates, rate_row, rate_table
from .reasons import HiddenCount, Why, hidden_counts
from .trend import RateTrend, rate_trend, trend_of
from .units import UnitChange, UnitMapping, UnitMappingError, regroup

__all__ = [
    "NOBODY",
    "AttemptSummary",
    "Comparison",
    "Completion",
    "Counts",
    "Coverage",
    "Denominator",
    "Detail",
    "HiddenCount",
    "History",
    "Indicator",
    "LedgerError",
    "PassRateRow",
    "PassRateTable",
    "PublicRow",
    "PublicTable",
    "PublishingRefused",
    "RateTrend",
    "Release",
    "ReleaseLedger",
    "Statement",
    "StratumChange",
    "UnitChange",
    "UnitMapping",
    "UnitMappingError",
    "Which",
    "Why",
    "attempts",
    "attempts_of",
    "compare",
    "compare_counts",
    "completion",
    "count",
    "count_by",
    "counts_at",
    "enter",
    "hidden_counts",
    "indicator",
    "indicators",
    "pass_rates",
    "publish",
    "rate_row",
    "rate_table",
    "rate_trend",
    "read_ledger",
    "reconcile",
    "regroup",
    "release_of",
    "studied",
    "trend_of",
    "write_ledger",
]
