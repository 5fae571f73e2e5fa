"""Panels for notebooks and web pages (面板): thin over the public verbs.

Names are loaded when first used; the panels need ipywidgets, which a script does not.
"""

from importlib import import_module
from typing import Any

_WHERE = {
    "BankPanel": "bank_browser",
    "ExamSetupPanel": "exam_setup",
    "MarkingPanel": "marking_desk",
    "ItemPanel": "item_panel",
    "ResultPanel": "result",
    "PassRatePanel": "rates_panel",
    "example_province": "rates_example",
    "example_answers": "examples",
    "example_sitting": "examples",
    "example_store": "examples",
}

__all__ = list(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
