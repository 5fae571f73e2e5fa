"""From answers to exact marks (阅卷)."""

from .changes import GiveToAll, KeyChange, SecondKey, VoidItem
from .mark import ItemMark, Marks, mark
from .raters import Agreed, HumanMark, agree
from .rescore import Rescoring, rescore
from .responses import ResponseMatrix

__all__ = [
    "Agreed",
    "GiveToAll",
    "HumanMark",
    "ItemMark",
    "KeyChange",
    "Marks",
    "Rescoring",
    "ResponseMatrix",
    "SecondKey",
    "VoidItem",
    "agree",
    "mark",
    "rescore",
]
