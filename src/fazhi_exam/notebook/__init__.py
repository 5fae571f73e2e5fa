"""Panels for notebooks and web pages (面板): thin over the public verbs.

Names are loaded when first used; the panels need ipywidgets, which a script does not.
"""

from ..lazy import lazy_names

_WHERE = {
    "BankPanel": "bank_browser",
    "ExamSetupPanel": "exam_setup",
    "MarkingPanel": "marking_desk",
    "ItemPanel": "item_panel",
    "ResultPanel": "result",
    "PassRatePanel": "rates_panel",
    "example_province": "rates_example",
    "example_answers": "examples",
    "example_marks": "examples",
    "example_sitting": "examples",
    "example_store": "examples",
}

__all__ = list(_WHERE)

__getattr__ = lazy_names(__name__, _WHERE)


def __dir__() -> list[str]:
    return sorted(__all__)
