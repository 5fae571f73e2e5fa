"""Marking again after a decision on a question (重新评分); the earlier result is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from ..delivery.answers import AnswerSheet
from ..delivery.sitting import Sitting
from .changes import KeyChange, describe
from .mark import Marks, mark


@dataclass(frozen=True)
class Rescoring:
    """Two results of one sitting and what led from one to the other (重评记录)."""

    before: Marks
    after: Marks

    @property
    def changes(self) -> tuple[KeyChange, ...]:
        """The key changes that are new in `after`."""
        return tuple(c for c in self.after.changes if c not in self.before.changes)

    @property
    def moved(self) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Total before and after, of each candidate whose total changed."""
        pairs = zip(self.before.candidates, self.before.totals, self.after.totals, strict=True)
        return {
            code: (old, new)
            for code, old, new in pairs
            if old is not None and new is not None and old != new
        }

    def __repr__(self) -> str:
        return f"Rescoring({'；'.join(map(describe, self.changes))}；{len(self.moved)} 人分数变化)"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(code)}</td><td>{old}</td><td>{new}</td></tr>"
            for code, (old, new) in self.moved.items()
        )
        head = "<tr><th>考号</th><th>原分</th><th>新分</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"


def rescore(
    before: Marks,
    sitting: Sitting,
    sheets: Sequence[AnswerSheet],
    changes: Sequence[KeyChange],
    *,
    human: Mapping[tuple[str, str], Decimal] | None = None,
) -> Rescoring:
    """Mark all candidates again with further key changes.

    A key error is put right for everybody, never for those alone who asked (`docs/conventions.md`
    §3); the old result stays as it was.

    Raises
    ------
    AnswerError
        As `mark` does.
    """
    after = mark(sitting, sheets, human=human, changes=(*before.changes, *changes))
    return Rescoring(before, after)
