"""Questions and collections of questions (题库)."""

from .item import Band, Basis, Case, Item, ItemKind, Level, MarkingPoint, Option, Status
from .question_bank import QuestionBank
from .subjects import SUBJECTS, subject_name

__all__ = [
    "SUBJECTS",
    "Band",
    "Basis",
    "Case",
    "Item",
    "ItemKind",
    "Level",
    "MarkingPoint",
    "Option",
    "QuestionBank",
    "Status",
    "subject_name",
]
