"""Opening a store, recording a sitting, reading it back."""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import as_file, files
from types import TracebackType
from typing import Any, Self

import numpy as np
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from ..assembly.deal import DealtPapers
from ..delivery.answers import Attendance
from ..delivery.programme import DecisionBasis
from ..delivery.sitting import Sitting
from ..errors import StoreError
from ..marking.changes import GiveToAll, KeyChange, SecondKey, VoidItem
from ..marking.mark import Marks
from ..marking.responses import ResponseMatrix
from ..roster.candidate import Candidate
from ..roster.identity import Person
from ..scoring.decisions import Decision, Decisions, Grade, Outcome
from ..scoring.scores import ScoreReport
from . import schema
from .packing import pack, unpack

APPLICATION_ID = 0x46415A48
"""Marks an SQLite file as ours ("FAZH")."""
_CHANGES = {kind.__name__: kind for kind in (VoidItem, SecondKey, GiveToAll)}


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
        self._engine = _engine(url)
        try:
            _migrate(self._engine, url)
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            self._engine.dispose()
            raise StoreError("打开", f"{_name(url)} 不是可用的存档库") from error

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
        sitting_hash = _digest(_sitting_facts(sitting))
        result_hash = _digest(_result_facts(marks, decisions, scores))
        with self._engine.begin() as db:
            known = db.execute(
                sa.select(schema.sitting.c.content_hash).where(schema.sitting.c.id == sitting.id)
            ).scalar()
            if known is None:
                _insert_sitting(db, sitting, sitting_hash)
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
            _insert_result(db, version, reason, result_hash, marks, decisions, scores)
            _append_audit(
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

    def marks(self, sitting_id: str, *, version: int | None = None) -> Marks:
        """Read the marks of a sitting back.

        Raises
        ------
        StoreError
            If there is no such sitting or version, or the record was damaged.
        """
        with self._engine.connect() as db:
            head = _result_row(db, sitting_id, version)
            rows = _attempt_rows(db, sitting_id, head.version)
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
            tuple(_decimal(row.total) for row in rows),
            Decimal(head.full_marks),
            tuple(_change(c) for c in json.loads(head.changes_json)),
        )

    def decisions(self, sitting_id: str, *, version: int | None = None) -> Decisions:
        """Read the decisions of a sitting back; raises ``StoreError`` as `marks` does."""
        with self._engine.connect() as db:
            head = _result_row(db, sitting_id, version)
            rows = _attempt_rows(db, sitting_id, head.version)
            sitting = db.execute(
                sa.select(schema.sitting).where(schema.sitting.c.id == sitting_id)
            ).one()
            candidates = db.execute(
                sa.select(schema.candidate)
                .where(schema.candidate.c.sitting_id == sitting_id)
                .order_by(schema.candidate.c.code)
            ).all()
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
                    _decimal(row.total),
                    _decimal(row.equated),
                    Grade(row.grade) if row.grade else None,
                    row.sureness,
                    row.attempt,
                )
                for row in rows
            ),
            tuple(
                Candidate(c.code, json.loads(c.groups_json), exempt=c.exempt) for c in candidates
            ),
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
                if row.hash != _digest([before, row.seq, row.what, row.detail_json]):
                    raise StoreError("审计日志", f"第 {row.seq} 条被改动过")
                before = row.hash


def _engine(url: str) -> Engine:
    try:
        engine = sa.create_engine(url)
    except sa.exc.ArgumentError as error:
        raise StoreError("打开", "存档库地址有误，应如 sqlite:///exams.db") from error
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _: object) -> None:
            # The driver's own transactions start too late for BEGIN IMMEDIATE; we start them.
            connection.isolation_level = None
            for pragma in ("foreign_keys=ON", "busy_timeout=30000", "synchronous=FULL"):
                connection.execute(f"PRAGMA {pragma}")

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _name(url: str) -> str:
    return sa.make_url(url).database or "内存"


def _migrate(engine: Engine, url: str) -> None:
    with as_file(files("fazhi_exam.store") / "migrations") as folder, engine.begin() as db:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes.update(connection=db, metadata=schema.metadata)
        script = ScriptDirectory.from_config(config)
        head, now = script.get_current_head(), MigrationContext.configure(db).get_current_revision()
        if now == head:
            return
        if now is None and sa.inspect(db).get_table_names():
            raise StoreError("打开", f"{_name(url)} 是别的程序的数据库")
        if now is not None and now not in {r.revision for r in script.walk_revisions()}:
            raise StoreError("打开", f"{_name(url)} 由更新的版本建立，请升级软件；文件未改动")
        if now is not None and engine.dialect.name == "sqlite":
            _back_up(db, f"{_name(url)}.{now}.bak")
        command.upgrade(config, "head")
        if engine.dialect.name == "sqlite":
            db.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def _back_up(db: Connection, path: str) -> None:
    source = db.connection.driver_connection
    with sqlite3.connect(path) as target:
        source.backup(target)  # type: ignore[union-attr]


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=_json)
    return hashlib.sha256(text.encode()).hexdigest()


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"cannot record {type(value).__name__}")


def _sitting_facts(sitting: Sitting) -> object:
    return [
        sitting.id,
        sitting.title,
        sitting.on,
        sitting.rules.id,
        sitting.programme.model_dump(mode="json"),
        sitting.bank.content_hash,
        [[c.code, dict(c.groups), c.exempt] for c in sitting.roster],
        [[code, seat.room, seat.number] for code, seat in sorted(sitting.seats.items())],
        list(sitting.papers.item_ids),
        sitting.papers.matrix,
    ]


def _result_facts(marks: Marks, decisions: Decisions, scores: ScoreReport | None) -> object:
    numbers = [] if scores is None else [_floats(scores.ability), _floats(scores.standard_error)]
    return [
        marks.item_ids,
        marks.revisions,
        marks.indptr,
        marks.item,
        marks.chosen,
        marks.awarded,
        marks.possible,
        marks.totals,
        marks.changes,
        [
            [d.candidate, d.outcome, d.reason, d.raw, d.equated, d.attempt]
            for d in decisions.decisions
        ],
        numbers,
    ]


def _floats(values: Any) -> list[str]:
    """Abilities to six digits: a rebuilt numeric library must not look like a new result."""
    return [f"{value:.6f}" for value in values]


def _insert_sitting(db: Connection, sitting: Sitting, content_hash: str) -> None:
    papers = sitting.papers
    draw = papers.transcript(with_papers=False) if isinstance(papers, DealtPapers) else None
    db.execute(
        schema.sitting.insert(),
        {
            "id": sitting.id,
            "programme_id": sitting.programme.id,
            "paper_id": sitting.rules.id,
            "title": sitting.title,
            "on_date": sitting.on,
            "programme_json": json.dumps(
                sitting.programme.model_dump(mode="json"), ensure_ascii=False, sort_keys=True
            ),
            "bank_hash": sitting.bank.content_hash,
            "draw": zlib.compress(draw, 9) if draw else None,
            "content_hash": content_hash,
        },
    )
    people = []
    for candidate in sitting.roster:
        seat = sitting.seats.get(candidate.code)
        people.append(
            {
                "sitting_id": sitting.id,
                "code": candidate.code,
                "unit": candidate.unit,
                "groups_json": json.dumps(
                    dict(candidate.groups), ensure_ascii=False, sort_keys=True
                ),
                "exempt": candidate.exempt,
                "room": seat.room if seat else None,
                "seat": seat.number if seat else None,
            }
        )
    db.execute(schema.candidate.insert(), people)
    persons = [
        {"sitting_id": sitting.id, "code": code, "name": p.name,
         "identity_number": p.identity_number}
        for code, p in sitting.roster.persons.items()
    ]  # fmt: skip
    if persons:
        db.execute(schema.person.insert(), persons)
    _insert_revisions(db, sitting)


def _insert_revisions(db: Connection, sitting: Sitting) -> None:
    """Keep the wording of every item that may be on a paper, once per revision."""
    known = {tuple(row) for row in db.execute(sa.select(*schema.item_revision.primary_key.columns))}
    rows = []
    for item_id in sorted(sitting.papers.worth):
        item = sitting.bank[item_id]
        if (item.id, item.revision) not in known:
            content = item.model_dump(mode="json", exclude={"citations"})
            content["citations"] = [str(citation) for citation in item.citations]
            for name in ("key", "enemies"):
                content[name] = sorted(content[name])
            text = json.dumps(content, ensure_ascii=False, sort_keys=True)
            rows.append({"item_id": item.id, "revision": item.revision, "content_json": text})
    if rows:
        db.execute(schema.item_revision.insert(), rows)


def _insert_result(
    db: Connection,
    version: int,
    reason: str,
    content_hash: str,
    marks: Marks,
    decisions: Decisions,
    scores: ScoreReport | None,
) -> None:
    calibration = scores.calibration if scores is not None else None
    db.execute(
        schema.result.insert(),
        {
            "sitting_id": marks.sitting_id,
            "version": version,
            "reason": reason,
            "full_marks": f"{marks.full_marks:f}",
            "cut": f"{decisions.cut:f}",
            "basis": str(decisions.basis),
            "changes_json": json.dumps(
                [{"kind": type(c).__name__, **asdict(c)} for c in marks.changes],
                ensure_ascii=False,
                sort_keys=True,
                default=_json,
            ),
            "items_json": json.dumps(
                list(zip(marks.item_ids, marks.revisions, strict=True)), ensure_ascii=False
            ),
            "calibration": repr(calibration) if calibration else "",
            "content_hash": content_hash,
        },
    )
    rows = []
    place = {code: i for i, code in enumerate(marks.candidates)}
    for decision in decisions.decisions:
        i = place.get(decision.candidate)
        part = slice(0, 0) if i is None else slice(marks.indptr[i], marks.indptr[i + 1])
        ability = None if scores is None or i is None else _number(scores.ability[i])
        error = None if scores is None or i is None else _number(scores.standard_error[i])
        rows.append(
            {
                "sitting_id": marks.sitting_id,
                "version": version,
                "code": decision.candidate,
                "attempt": decision.attempt,
                "attendance": str(Attendance.EXEMPT if i is None else marks.attendance[i]),
                "total": None if decision.raw is None else f"{decision.raw:f}",
                "equated": None if decision.equated is None else f"{decision.equated:f}",
                "ability": ability,
                "standard_error": error,
                "outcome": str(decision.outcome),
                "grade": None if decision.grade is None else str(decision.grade),
                "sureness": decision.sureness,
                "reason": decision.reason,
                "answers": pack(
                    marks.item[part], marks.chosen[part], marks.awarded[part], marks.possible[part]
                ),
            }
        )
    db.execute(schema.attempt.insert(), rows)


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _append_audit(db: Connection, what: str, detail: Mapping[str, object]) -> None:
    last = db.execute(
        sa.select(schema.audit.c.seq, schema.audit.c.hash)
        .order_by(schema.audit.c.seq.desc())
        .limit(1)
    ).first()
    seq, before = (last.seq + 1, last.hash) if last else (1, "")
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    row = {
        "seq": seq,
        "what": what,
        "detail_json": text,
        "hash": _digest([before, seq, what, text]),
    }
    db.execute(schema.audit.insert(), row)


def _result_row(db: Connection, sitting_id: str, version: int | None) -> Any:
    query = sa.select(schema.result).where(schema.result.c.sitting_id == sitting_id)
    if version is not None:
        query = query.where(schema.result.c.version == version)
    row = db.execute(query.order_by(schema.result.c.version.desc()).limit(1)).first()
    if row is None:
        raise StoreError(
            sitting_id, "存档中没有这个考次" + (f"的第 {version} 版" if version else "")
        )
    return row


def _attempt_rows(db: Connection, sitting_id: str, version: int) -> list[Any]:
    return list(
        db.execute(
            sa.select(schema.attempt)
            .where(schema.attempt.c.sitting_id == sitting_id)
            .where(schema.attempt.c.version == version)
            .order_by(schema.attempt.c.code)
        )
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _change(fields: Mapping[str, Any]) -> KeyChange:
    rest = {key: value for key, value in fields.items() if key != "kind"}
    if "key" in rest:
        rest["key"] = frozenset(rest["key"])
    return _CHANGES[fields["kind"]](**rest)
