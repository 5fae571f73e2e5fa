"""Legal-training exams (法治考试), from the question bank to the bulletin.

Names are listed in the order in which an exam uses them and are loaded when first used.
"""

from importlib import import_module
from typing import Any

from ._version import __version__

_WHERE = {
    # law and bank
    "Citation": "law",
    "StatuteBook": "law",
    "Item": "bank",
    "ItemKind": "bank",
    "QuestionBank": "bank",
    "read_bank": "formats",
    "preview_bank": "formats",
    "shipped_bank_folder": "formats",
    # roster
    "Candidate": "roster",
    "Roster": "roster",
    "read_roster": "formats",
    "preview_roster": "formats",
    # programme and papers
    "Programme": "delivery",
    "programme": "delivery",
    "programme_names": "delivery",
    "Blueprint": "assembly",
    # sitting
    "Room": "delivery",
    "assign_seats": "delivery",
    "Sitting": "delivery",
    "AnswerSheet": "delivery",
    "Attendance": "delivery",
    "read_answers": "formats",
    "preview_answers": "formats",
    # marks
    "mark": "marking",
    "rescore": "marking",
    "VoidItem": "marking",
    "SecondKey": "marking",
    "GiveToAll": "marking",
    # errors
    "FazhiExamError": "errors",
}

__all__ = ["__version__", *_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
