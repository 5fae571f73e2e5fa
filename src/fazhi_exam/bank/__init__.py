"""Questions and collections of questions (题库)."""

from .findings import Finding, FindingKind, Severity
from .item import Band, Basis, Case, Item, ItemKind, Level, MarkingPoint, Option, Status
from .question_bank import QuestionBank
from .review import Review, review
from .subjects import SUBJECTS, subject_name

__all__ = [
    "SUBJECTS",
    "Band",
    "Basis",
    "Case",
    "Finding",
    "FindingKind",
    "Item",
    "ItemKind",
    "Level",
    "MarkingPoint",
    "Option",
    "QuestionBank",
    "Review",
    "Severity",
    "Status",
    "review",
    "subject_name",
]
