"""Marking (评分): exact points for every answer under the rules of the paper."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..assembly.form import FormItem
from ..bank.item import LETTERS, Item, ItemKind
from ..bank.text import fold_question
from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.sitting import Sitting
from ..errors import AnswerError
from ..points import tidy
from ..rules import round_half_up
from ..typing import Ints
from .changes import GiveToAll, KeyChange, SecondKey, VoidItem
from .responses import ResponseMatrix

UNIT = Decimal("0.0001")
"""Points are stored as whole numbers of this."""
TOTAL_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ItemMark:
    """What one candidate earned on one item; `chosen` is empty when it was omitted."""

    item_id: str
    chosen: frozenset[str]
    awarded: Decimal
    possible: Decimal


@dataclass(frozen=True)
class Marks:
    """Exact marks of a sitting (评分结果), stored by row of answers.

    Parameters
    ----------
    sitting_id
        Which sitting was marked.
    candidates, attendance
        Everybody on the roster who is not exempt, and whether they sat.
    item_ids, revisions
        Columns: every item on a paper, and the revision that was marked.
    indptr, item
        Entries of candidate i are ``indptr[i]:indptr[i + 1]``, with their columns; nobody but those
        who sat has entries.
    chosen
        Options chosen as bits (A = 1, B = 2, C = 4 …); for 填空 the blanks that are right.
    awarded, possible
        Points of each entry as whole numbers of `UNIT`.
    totals
        Total of each candidate, between 0 and the full marks; None for those who did not sit.
    full_marks
        Full marks of the paper.
    changes
        Key changes that are included.
    """

    sitting_id: str
    candidates: tuple[str, ...]
    attendance: tuple[Attendance, ...]
    item_ids: tuple[str, ...]
    revisions: tuple[str, ...]
    indptr: Ints
    item: NDArray[np.int32]
    chosen: NDArray[np.uint8]
    awarded: Ints
    possible: Ints
    totals: tuple[Decimal | None, ...]
    full_marks: Decimal
    changes: tuple[KeyChange, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {code: i for i, code in enumerate(self.candidates)}

    def total(self, candidate: str) -> Decimal | None:
        """Return a candidate's total, or None when the candidate did not sit."""
        return self.totals[self._row_of[candidate]]

    def of(self, candidate: str) -> Iterator[ItemMark]:
        """Yield the marks of one candidate, item by item in column order."""
        i = self._row_of[candidate]
        for k in range(self.indptr[i], self.indptr[i + 1]):
            yield ItemMark(
                self.item_ids[self.item[k]],
                letters(int(self.chosen[k])),
                tidy(int(self.awarded[k]) * UNIT),
                tidy(int(self.possible[k]) * UNIT),
            )

    @cached_property
    def responses(self) -> ResponseMatrix:
        """Answers of those who sat as ordered categories; void items are left out.

        The categories of an item are the ranks of the points that were awarded for it, so that
        all-or-nothing marking gives 0 and 1, and half marks give 0, 1 and 2.
        """
        rows = [i for i, a in enumerate(self.attendance) if a is Attendance.PRESENT]
        keep = self.possible > 0
        category = np.zeros(len(self.item), np.int8)
        shares: list[tuple[int, ...]] = []
        order = np.argsort(self.item, kind="stable")
        bounds = np.searchsorted(self.item[order], np.arange(len(self.item_ids) + 1))
        for column in range(len(self.item_ids)):
            entries = order[bounds[column] : bounds[column + 1]]
            entries = entries[keep[entries]]
            earned, full = np.maximum(self.awarded[entries], 0), self.possible[entries]
            share = np.where(earned == full, 10_000, earned * 10_000 // np.maximum(full, 1))
            steps = np.unique(np.concatenate([[0, 10_000], share]))
            category[entries] = np.searchsorted(steps, share)
            shares.append(tuple(steps.tolist()))
        per_row = np.add.reduceat(
            np.concatenate([keep, [False]]).astype(np.int64), self.indptr[:-1]
        ) * (np.diff(self.indptr) > 0)
        used = [
            c for c in range(len(self.item_ids)) if keep[order[bounds[c] : bounds[c + 1]]].any()
        ]
        to = np.full(len(self.item_ids), -1, np.int32)
        to[used] = np.arange(len(used), dtype=np.int32)
        return ResponseMatrix(
            tuple(self.candidates[i] for i in rows),
            tuple(self.item_ids[c] for c in used),
            np.concatenate([[0], np.cumsum(per_row[rows])]).astype(np.int64),
            to[self.item[keep]],
            category[keep],
            tuple(shares[column] for column in used),
        )

    def __repr__(self) -> str:
        sat = sum(total is not None for total in self.totals)
        return (
            f"Marks({self.sitting_id}: {len(self)} 人应考，{sat} 人有成绩，满分 {self.full_marks})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def letters(bits: int) -> frozenset[str]:
    """Return the option ids that stand in a bit pattern (A = 1, B = 2, C = 4 …)."""
    return frozenset(letter for k, letter in enumerate(LETTERS) if bits >> k & 1)


def bits_of(chosen: Iterable[str]) -> int:
    """Return the bit pattern of option ids; the inverse of `letters`."""
    return sum(1 << LETTERS.index(letter) for letter in set(chosen))


def _units(points: Decimal) -> int:
    return int((points / UNIT).to_integral_value(ROUND_HALF_UP))


def mark(
    sitting: Sitting,
    sheets: Sequence[AnswerSheet],
    *,
    human: Mapping[tuple[str, str], Decimal] | None = None,
    changes: Sequence[KeyChange] = (),
) -> Marks:
    """Mark every answer sheet of a sitting.

    Parameters
    ----------
    sitting
        Holds the papers, the bank they were drawn from and the rules.
    sheets
        One per candidate. A candidate of the roster without a sheet is marked absent (缺考).
    human
        Agreed points for 简答 and 论述 by (candidate, item id).
    changes
        Key changes to apply.

    Raises
    ------
    AnswerError
        If a sheet belongs to nobody, comes twice, answers an item or an option that is not on the
        paper, or a subjective answer has no points.
    """
    by_code: dict[str, AnswerSheet] = {}
    codes = {candidate.code for candidate in sitting.roster}
    for sheet in sheets:
        if sheet.candidate not in codes:
            raise AnswerError(sheet.candidate, "全卷", "名册中没有这名考生")
        if sheet.candidate in by_code:
            raise AnswerError(sheet.candidate, "全卷", "同一考生有两份答卷")
        by_code[sheet.candidate] = sheet
    entries = _Entries(sitting, human or {}, tuple(changes))
    attendance = []
    candidates = [c.code for c in sitting.roster if not c.exempt]
    for code in candidates:
        sheet = by_code.get(code, AnswerSheet(code, Attendance.ABSENT))
        attendance.append(sheet.attendance)
        entries.add(code, sheet)
    return entries.marks(tuple(candidates), tuple(attendance))


class _Entries:
    """Collects entries row by row; awards for one choice on one item are worked out once."""

    def __init__(
        self,
        sitting: Sitting,
        human: Mapping[tuple[str, str], Decimal],
        changes: tuple[KeyChange, ...],
    ) -> None:
        self.sitting, self.human, self.changes = sitting, human, changes
        self.worth, self.full = sitting.papers.worth, sitting.rules.blueprint.total_points
        self.void = {c.item_id for c in changes if isinstance(c, VoidItem)}
        self.rows: list[list[tuple[str, int, int, int]]] = []
        self.totals: list[Decimal | None] = []
        self.known: dict[tuple[str, int], int] = {}

    def add(self, code: str, sheet: AnswerSheet) -> None:
        """Mark one sheet; those who did not sit get no entries and no total."""
        if sheet.attendance is not Attendance.PRESENT:
            answered = sheet.chosen or sheet.written
            if answered and sheet.attendance is not Attendance.VOIDED:
                raise AnswerError(code, "全卷", f"{sheet.attendance}的考生不应有答案")
            self.rows.append([])
            self.totals.append(None)
            return
        item_ids = self.sitting.papers.items_of(code)
        if unknown := {*sheet.chosen, *sheet.written} - set(item_ids):
            raise AnswerError(code, min(unknown), "不在这名考生的试卷上")
        row = []
        for item_id in item_ids:
            item, worth = self.sitting.bank[item_id], self.worth[item_id]
            chosen = self._chosen(code, item, sheet)
            earned = self._award(code, item, worth, chosen)
            void = item_id in self.void
            row.append(
                (item_id, chosen, 0 if void else earned, 0 if void else _units(worth.points))
            )
        self.rows.append(sorted(row))
        self.totals.append(self._total(row))

    def _chosen(self, code: str, item: Item, sheet: AnswerSheet) -> int:
        if item.kind is ItemKind.BLANK:
            texts = sheet.written.get(item.id, ())
            return sum(
                1 << k
                for k, (text, accepted) in enumerate(zip(texts, item.blanks, strict=False))
                if fold_question(text) in {fold_question(word) for word in accepted}
            )
        chosen = sheet.chosen.get(item.id, frozenset())
        if strange := chosen - {option.id for option in item.options}:
            raise AnswerError(code, item.id, f"没有选项 {''.join(sorted(strange))}")
        return bits_of(chosen)

    def _award(self, code: str, item: Item, worth: FormItem, chosen: int) -> int:
        """Points in units, before voiding; subjective points come from people."""
        if not item.kind.objective:
            points = self.human.get((code, item.id))
            if points is None:
                raise AnswerError(code, item.id, "主观题还没有评分")
            if not 0 <= points <= worth.points:
                raise AnswerError(code, item.id, f"评分 {points} 不在 0 至 {worth.points} 之间")
            return _units(points)
        key = (item.id, chosen)
        if key not in self.known:
            self.known[key] = self._award_choice(item, worth, chosen)
        return self.known[key]

    def _award_choice(self, item: Item, worth: FormItem, chosen: int) -> int:
        if any(isinstance(c, GiveToAll) and c.item_id == item.id for c in self.changes):
            return _units(worth.points)
        if item.kind is ItemKind.BLANK:
            share = worth.points * chosen.bit_count() / len(item.blanks)
            return _units(round_half_up(share, TOTAL_STEP))
        keys = [item.key]
        keys += [c.key for c in self.changes if isinstance(c, SecondKey) and c.item_id == item.id]
        rule = worth.rule
        best = max(rule.award(letters(chosen), key, worth.points) for key in keys)
        return _units(best)

    def _total(self, row: Sequence[tuple[str, int, int, int]]) -> Decimal:
        """Sum of a row with its floor at zero; void items are scaled out where that was decided."""
        total = max(sum(earned for _, _, earned, _ in row), 0) * UNIT
        void = {c.item_id for c in self.changes if isinstance(c, VoidItem) and c.rescale}
        if not void.intersection(item_id for item_id, *_ in row):
            return tidy(min(total, self.full))
        left = sum(points for _, _, _, points in row) * UNIT
        if left <= 0:
            raise AnswerError("全体", "全卷", "所有题目都作废了，无法折算")
        return tidy(min(round_half_up(total * self.full / left, TOTAL_STEP), self.full))

    def marks(self, candidates: tuple[str, ...], attendance: tuple[Attendance, ...]) -> Marks:
        """Lay the rows out as arrays."""
        ids = tuple(sorted({entry[0] for row in self.rows for entry in row}))
        column = {item_id: i for i, item_id in enumerate(ids)}
        flat = [entry for row in self.rows for entry in row]
        return Marks(
            sitting_id=self.sitting.id,
            candidates=candidates,
            attendance=attendance,
            item_ids=ids,
            revisions=tuple(self.sitting.bank[item_id].revision for item_id in ids),
            indptr=np.concatenate([[0], np.cumsum([len(row) for row in self.rows])]).astype(
                np.int64
            ),
            item=np.array([column[entry[0]] for entry in flat], np.int32),
            chosen=np.array([entry[1] for entry in flat], np.uint8),
            awarded=np.array([entry[2] for entry in flat], np.int64),
            possible=np.array([entry[3] for entry in flat], np.int64),
            totals=tuple(self.totals),
            full_marks=self.full,
            changes=self.changes,
        )
