"""What is measured (试卷、母卷): chosen item revisions with points and marking rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..bank.question_bank import QuestionBank
from ..errors import DrawError
from ..rules import MarkingRule


@dataclass(frozen=True, slots=True)
class FormItem:
    """One item as it counts: its revision, points and marking rule.

    Parameters
    ----------
    id, revision
        Which item, in which wording.
    points
        Full marks.
    rule
        How a choice becomes marks.
    case
        Id of the case it belongs to, or ``None``.
    """

    id: str
    revision: str
    points: Decimal
    rule: MarkingRule
    case: str | None = None


@dataclass(frozen=True, slots=True)
class FormSection:
    """The items of one section, in the order of the form."""

    id: str
    title: str
    instruction: str
    items: tuple[FormItem, ...]


@dataclass(frozen=True, slots=True)
class ExamForm:
    """Chosen item revisions with points: what is being measured (试卷).

    Parameters
    ----------
    code
        Such as ``"A"``.
    title
        Name of the paper.
    bank_hash
        Content hash of the bank the items were taken from.
    sections
        Items by section.
    """

    code: str
    title: str
    bank_hash: str
    sections: tuple[FormSection, ...]

    def __iter__(self) -> Iterator[FormItem]:
        return (item for section in self.sections for item in section.items)

    def __len__(self) -> int:
        return sum(len(section.items) for section in self.sections)

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Ids in the order of the form."""
        return tuple(item.id for item in self)

    @property
    def total_points(self) -> Decimal:
        """Points of the whole form."""
        return sum((item.points for item in self), start=Decimal(0))

    def overlap(self, other: "ExamForm") -> int:
        """Count the items that both forms hold."""
        return len(set(self.item_ids) & set(other.item_ids))

    def check(self, bank: QuestionBank) -> None:
        """Refuse a bank that no longer holds the same wordings.

        Raises
        ------
        DrawError
            Naming the first item that is gone or was changed.
        """
        for item in self:
            if item.id not in bank:
                raise DrawError(f"试卷 {self.code}", f"题目 {item.id} 已不在题库中")
            if bank[item.id].revision != item.revision:
                raise DrawError(f"试卷 {self.code}", f"题目 {item.id} 在成卷后被修改")

    def __repr__(self) -> str:
        return f"ExamForm({self.code}, {self.title}, {len(self)} 题, {self.total_points} 分)"
