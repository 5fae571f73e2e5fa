"""Attempts and answers as columns, for analysis of any size (事实表).

Facts are derived from the store and can be made again at any time; nobody edits them. They lie as
Parquet files in a folder and are counted by DuckDB inside this process, or stand as tables of the
same columns in PostgreSQL or Spark and are counted there by the same expressions. Engines only
count; rates, intervals and everything after are worked out here.

Names are loaded when first used, because the libraries behind them are heavy.
"""

from ..lazy import lazy_names

_WHERE = {
    "FactsError": "layout",
    "FactsWriter": "write",
    "WrittenFacts": "write",
    "write_facts": "write",
    "Facts": "facts",
    "Scope": "scope",
    "Which": "scope",
    "Period": "scope",
    "Engine": "open",
    "open_facts": "open",
    "facts_in": "open",
    "facts_of": "open",
    "ItemCounts": "facts",
    "Overview": "overviews",
    "overview": "overviews",
    "unit_words": "overviews",
}

__all__ = list(_WHERE)

__getattr__ = lazy_names(__name__, _WHERE)


def __dir__() -> list[str]:
    return sorted(__all__)
