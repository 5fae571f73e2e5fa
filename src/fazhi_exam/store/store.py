"""Opening a store, recording a sitting, reading it back."""

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import numpy as np
import sqlalchemy as sa

from ..assembly.deal import deal
from ..assembly.draw import RevealedDraw
from ..bank.question_bank import QuestionBank
from ..delivery.answers import Attendance
from ..delivery.programme import DecisionBasis, Programme
from ..delivery.seating import Seat
from ..delivery.sitting import Sitting
from ..errors import StoreError
from ..marking.mark import Marks
from ..marking.responses import ResponseMatrix
from ..roster.candidate import Roster
from ..roster.identity import Person
from ..scoring.decisions import Decision, Decisions, Grade, Outcome
from ..scoring.scores import ScoreReport
from . import schema
from .connect import make_engine, migrate, shown_name
from .identity import digest, result_facts, sitting_facts
from .packing import unpack
from .rows import (
    append_audit,
    attempt_rows,
    candidate_of,
    candidate_rows,
    change_of,
    decimal,
    insert_result,
    insert_sitting,
    result_row,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording did: `version` of the result, and whether anything was added."""

    sitting_id: str
    version: int
    added: bool
    message: str


@dataclass(frozen=True, slots=True)
class SittingSummary:
    """One line of the list of sittings; counts are those of the newest result."""

    id: str
    title: str
    programme_id: str
    on: date
    candidates: int
    sat: int
    passed: int
    versions: int


def open_store(url: str = "sqlite:///exams.db") -> "Store":
    """Open a store, making or upgrading its tables.

    Parameters
    ----------
    url
        ``sqlite:///file.db`` or a PostgreSQL address. Before an SQLite file is upgraded a copy is
        made beside it.

    Raises
    ------
    StoreError
        If the file is not a store, is newer than this library, or cannot be opened.
    """
    return Store(url)


class Store(AbstractContextManager["Store"]):
    """A store that is open (存档库). Use it in a ``with`` statement."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = make_engine(url)
        try:
            migrate(self._engine, url)
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            self._engine.dispose()
            raise StoreError("打开", f"{shown_name(url)} 不是可用的存档库") from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def record(
        self,
        sitting: Sitting,
        marks: Marks,
        decisions: Decisions,
        scores: ScoreReport | None = None,
        *,
        reason: str = "首次评分",
    ) -> Recorded:
        """Add a sitting and its result, all of it or nothing.

        Recording the same again adds nothing and says so; a different result of the same sitting
        is added as its next version.

        Raises
        ------
        StoreError
            If a sitting of this id with other papers, candidates or rules is already there.
        """
        sitting_hash = digest(sitting_facts(sitting))
        result_hash = digest(result_facts(marks, decisions, scores))
        with self._engine.begin() as db:
            known = db.execute(
                sa.select(schema.sitting.c.content_hash).where(schema.sitting.c.id == sitting.id)
            ).scalar()
            if known is None:
                insert_sitting(db, sitting, sitting_hash)
            elif known != sitting_hash:
                raise StoreError(
                    sitting.id, "已有同名考次，但名单、试卷或规则不同；请换一个考次编号"
                )
            rows = db.execute(
                sa.select(schema.result.c.version, schema.result.c.content_hash)
                .where(schema.result.c.sitting_id == sitting.id)
                .order_by(schema.result.c.version)
            ).all()
            for version, content_hash in rows:
                if content_hash == result_hash:
                    return Recorded(sitting.id, version, False, "存档中已有相同的结果，未作改动")
            version = len(rows) + 1
            insert_result(db, version, reason, result_hash, marks, decisions, scores)
            append_audit(
                db, "result", {"sitting": sitting.id, "version": version, "reason": reason,
                               "sitting_hash": sitting_hash, "result_hash": result_hash},
            )  # fmt: skip
        return Recorded(sitting.id, version, True, f"已存档：{sitting.id} 第 {version} 版结果")

    def sittings(self, programme_id: str | None = None) -> tuple[SittingSummary, ...]:
        """List the sittings, oldest first."""
        newest = (
            sa.select(schema.result.c.sitting_id, sa.func.max(schema.result.c.version).label("v"))
            .group_by(schema.result.c.sitting_id)
            .subquery()
        )
        attempt, sitting = schema.attempt, schema.sitting
        outcome = attempt.c.outcome
        query = (
            sa.select(
                sitting.c.id,
                sitting.c.title,
                sitting.c.programme_id,
                sitting.c.on_date,
                sa.func.count(),
                sa.func.sum(sa.case((attempt.c.total.is_not(None), 1), else_=0)),
                sa.func.sum(sa.case((outcome == str(Outcome.PASSED), 1), else_=0)),
                newest.c.v,
            )
            .join(newest, newest.c.sitting_id == sitting.c.id)
            .join(
                attempt,
                (attempt.c.sitting_id == sitting.c.id) & (attempt.c.version == newest.c.v),
            )
            .group_by(sitting.c.id, newest.c.v)
            .order_by(sitting.c.on_date, sitting.c.id)
        )
        if programme_id is not None:
            query = query.where(sitting.c.programme_id == programme_id)
        with self._engine.connect() as db:
            return tuple(SittingSummary(*row) for row in db.execute(query))

    def sitting(self, sitting_id: str, bank: QuestionBank) -> Sitting:
        """Put a sitting together again: its rules as recorded, its papers derived from the draw.

        Parameters
        ----------
        bank
            Holds every item on the papers in the wording that was asked; it may have grown since.

        Raises
        ------
        StoreError
            If there is no such sitting, its papers were not dealt by one draw, or an item has
            another wording in `bank`.
        """
        with self._engine.connect() as db:
            head = db.execute(
                sa.select(schema.sitting).where(schema.sitting.c.id == sitting_id)
            ).one_or_none()
            people = candidate_rows(db, sitting_id)
        if head is None:
            raise StoreError(sitting_id, "存档中没有这个考次")
        if head.draw is None:
            raise StoreError(sitting_id, "存档中没有单一的抽题记录（如 A、B 卷），不能还原试卷")
        papers = deal(RevealedDraw.from_transcript(zlib.decompress(head.draw)))
        for item_id, item in papers.worth.items():
            if item_id not in bank or bank[item_id].revision != item.revision:
                raise StoreError(
                    sitting_id, f"题目 {item_id} 在考试之后改过或删去了，请用当时的题库"
                )
        return Sitting(
            sitting_id,
            Programme.model_validate_json(head.programme_json),
            bank,
            Roster(tuple(map(candidate_of, people)), dict(self.persons(sitting_id))),
            papers,
            head.on_date,
            paper_id=head.paper_id,
            seats={row.code: Seat(row.room, row.seat) for row in people if row.room is not None},
            title=head.title,
        )

    def scores(self, sitting_id: str, *, version: int | None = None) -> ScoreReport:
        """Read totals, equated scores and abilities back, as they were recorded.

        The item parameters are not kept in the store, so the report has no calibration and no
        ability at the cut; score the `marks` again to get them.

        Raises
        ------
        StoreError
            As `marks`.
        """
        with self._engine.connect() as db:
            head = result_row(db, sitting_id, version)
            rows = attempt_rows(db, sitting_id, head.version)
        rows = [row for row in rows if row.attendance != str(Attendance.EXEMPT)]
        return ScoreReport(
            sitting_id,
            Decimal(head.full_marks),
            tuple(row.code for row in rows),
            tuple(Attendance(row.attendance) for row in rows),
            tuple(decimal(row.total) for row in rows),
            tuple(decimal(row.equated) for row in rows),
            np.array([row.ability for row in rows], float),
            np.array([row.standard_error for row in rows], float),
        )

    def marks(self, sitting_id: str, *, version: int | None = None) -> Marks:
        """Read the marks of a sitting back.

        Raises
        ------
        StoreError
            If there is no such sitting or version, or the record was damaged.
        """
        with self._engine.connect() as db:
            head = result_row(db, sitting_id, version)
            rows = attempt_rows(db, sitting_id, head.version)
        items = json.loads(head.items_json)
        parts = [unpack(row.answers, sitting_id) for row in rows if row.attendance != "免试"]
        rows = [row for row in rows if row.attendance != "免试"]
        counts = [len(part[0]) for part in parts]

        def joined(k: int, kind: type[np.generic]) -> Any:
            return np.concatenate([part[k] for part in parts] or [np.zeros(0, kind)])

        return Marks(
            sitting_id,
            tuple(row.code for row in rows),
            tuple(Attendance(row.attendance) for row in rows),
            tuple(item_id for item_id, _ in items),
            tuple(revision for _, revision in items),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            joined(0, np.int32),
            joined(1, np.uint8),
            joined(2, np.int64),
            joined(3, np.int64),
            tuple(decimal(row.total) for row in rows),
            Decimal(head.full_marks),
            tuple(change_of(c) for c in json.loads(head.changes_json)),
        )

    def decisions(self, sitting_id: str, *, version: int | None = None) -> Decisions:
        """Read the decisions of a sitting back; raises ``StoreError`` as `marks` does."""
        with self._engine.connect() as db:
            head = result_row(db, sitting_id, version)
            rows = attempt_rows(db, sitting_id, head.version)
            sitting = db.execute(
                sa.select(schema.sitting).where(schema.sitting.c.id == sitting_id)
            ).one()
            candidates = candidate_rows(db, sitting_id)
        return Decisions(
            sitting_id,
            sitting.programme_id,
            sitting.on_date,
            DecisionBasis(head.basis),
            Decimal(head.cut),
            Decimal(head.full_marks),
            tuple(
                Decision(
                    row.code,
                    Outcome(row.outcome),
                    row.reason,
                    decimal(row.total),
                    decimal(row.equated),
                    Grade(row.grade) if row.grade else None,
                    row.sureness,
                    row.attempt,
                )
                for row in rows
            ),
            tuple(map(candidate_of, candidates)),
        )

    def responses(self, sitting_ids: Sequence[str]) -> ResponseMatrix:
        """Return the answers of several sittings as one matrix, for calibration.

        Raises
        ------
        StoreError
            If a sitting is not there, or none was named.
        """
        if not sitting_ids:
            raise StoreError("作答记录", "没有指定考次")
        whole = self.marks(sitting_ids[0]).responses
        for sitting_id in sitting_ids[1:]:
            whole = whole.stack(self.marks(sitting_id).responses)
        return whole

    def persons(self, sitting_id: str) -> Mapping[str, Person]:
        """Return name and identity number by candidate code; only to print rolls and slips."""
        with self._engine.connect() as db:
            rows = db.execute(
                sa.select(schema.person).where(schema.person.c.sitting_id == sitting_id)
            )
            return {row.code: Person(row.name, row.identity_number) for row in rows}

    def transcript(self, sitting_id: str) -> bytes | None:
        """Return the transcript of the draw, or None when the papers were not drawn here."""
        with self._engine.connect() as db:
            found = db.execute(
                sa.select(schema.sitting.c.draw).where(schema.sitting.c.id == sitting_id)
            ).scalar()
        return zlib.decompress(found) if found else None

    def verify(self) -> None:
        """Check the chain of the audit log.

        Raises
        ------
        StoreError
            Naming the first entry that does not follow from those before it.
        """
        before = ""
        with self._engine.connect() as db:
            for row in db.execute(sa.select(schema.audit).order_by(schema.audit.c.seq)):
                if row.hash != digest([before, row.seq, row.what, row.detail_json]):
                    raise StoreError("审计日志", f"第 {row.seq} 条被改动过")
                before = row.hash
