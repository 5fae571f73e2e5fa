"""What makes a sitting or a result the same as one that is already recorded."""

import hashlib
import json
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from ..delivery.sitting import Sitting
from ..marking.mark import Marks
from ..scoring.decisions import Decisions
from ..scoring.scores import ScoreReport


def digest(value: object) -> str:
    """Return the SHA-256 of plain values, 64 hex digits."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: object) -> object:
    """Turn a value that JSON does not know into one that it does."""
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


def sitting_facts(sitting: Sitting) -> object:
    """Return all that makes a sitting: rules, bank, people, seats, who has which items."""
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


def result_facts(marks: Marks, decisions: Decisions, scores: ScoreReport | None) -> object:
    """Return all that makes a result: answers, marks, key changes, decisions, abilities."""
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
