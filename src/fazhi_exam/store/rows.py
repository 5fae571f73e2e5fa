"""Values to rows and rows to values; every function works inside the caller's transaction."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..assembly.deal import DealtPapers
from ..delivery.answers import Attendance
from ..delivery.sitting import Sitting
from ..errors import StoreError
from ..marking.changes import GiveToAll, KeyChange, SecondKey, VoidItem
from ..marking.mark import Marks
from ..roster.candidate import Candidate
from ..scoring.decisions import Decisions
from ..scoring.scores import ScoreReport
from . import schema
from .identity import digest, plain
from .packing import pack

_CHANGES = {kind.__name__: kind for kind in (VoidItem, SecondKey, GiveToAll)}


def insert_sitting(db: Connection, sitting: Sitting, content_hash: str) -> None:
    """Add a sitting, its candidates and the wording of its items."""
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


def insert_result(
    db: Connection,
    version: int,
    reason: str,
    content_hash: str,
    marks: Marks,
    decisions: Decisions,
    scores: ScoreReport | None,
) -> None:
    """Add a version of a result with one row per candidate."""
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
                default=plain,
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


def append_audit(db: Connection, what: str, detail: Mapping[str, object]) -> None:
    """Add an entry to the log; its hash covers the entry before it."""
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
        "hash": digest([before, seq, what, text]),
    }
    db.execute(schema.audit.insert(), row)


def result_row(db: Connection, sitting_id: str, version: int | None) -> Any:
    """Return one version of a result, the newest by default; raises ``StoreError`` when missing."""
    query = sa.select(schema.result).where(schema.result.c.sitting_id == sitting_id)
    if version is not None:
        query = query.where(schema.result.c.version == version)
    row = db.execute(query.order_by(schema.result.c.version.desc()).limit(1)).first()
    if row is None:
        raise StoreError(
            sitting_id, "存档中没有这个考次" + (f"的第 {version} 版" if version else "")
        )
    return row


def attempt_rows(db: Connection, sitting_id: str, version: int) -> list[Any]:
    """Return the rows of a result in the order of candidate codes."""
    return list(
        db.execute(
            sa.select(schema.attempt)
            .where(schema.attempt.c.sitting_id == sitting_id)
            .where(schema.attempt.c.version == version)
            .order_by(schema.attempt.c.code)
        )
    )


def candidate_rows(db: Connection, sitting_id: str) -> list[Any]:
    """Return the candidates of a sitting in the order of their codes."""
    return list(
        db.execute(
            sa.select(schema.candidate)
            .where(schema.candidate.c.sitting_id == sitting_id)
            .order_by(schema.candidate.c.code)
        )
    )


def candidate_of(row: Any) -> Candidate:
    """Read a candidate from its row."""
    return Candidate(row.code, json.loads(row.groups_json), exempt=row.exempt)


def decimal(text: str | None) -> Decimal | None:
    """Read an exact number that may be missing."""
    return None if text is None else Decimal(text)


def change_of(fields: Mapping[str, Any]) -> KeyChange:
    """Read a key change from its fields."""
    rest = {key: value for key, value in fields.items() if key != "kind"}
    if "key" in rest:
        rest["key"] = frozenset(rest["key"])
    return _CHANGES[fields["kind"]](**rest)
