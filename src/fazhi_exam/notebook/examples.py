"""Synthetic sittings to try the panels on; nobody in them is real (示例)."""

import tempfile
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from ..assembly.deal import deal
from ..assembly.draw import seed_draw
from ..bank.question_bank import QuestionBank
from ..delivery.answers import AnswerSheet
from ..delivery.programme import Programme, programme
from ..delivery.seating import Room, assign_seats
from ..delivery.sitting import Sitting
from ..formats import read_bank, shipped_bank_folder
from ..marking.mark import mark
from ..psychometrics.models import Rasch
from ..scoring import Calibration, calibrate, decide, score
from ..simulate import (
    simulate_answers,
    synthetic_models,
    synthetic_roster,
    write_answers_workbook,
)
from ..store import open_store

UNITS = tuple(f"示例镇街{n:02d}" for n in range(1, 25))
LABEL = "模拟数据，不是真实考生"
_DAYS = (date(2026, 3, 12), date(2026, 6, 11), date(2026, 9, 10), date(2026, 12, 10))


@dataclass(frozen=True)
class ExampleSitting:
    """A simulated sitting and the answers of its candidates."""

    sitting: Sitting
    sheets: tuple[AnswerSheet, ...]


@dataclass(frozen=True)
class ExampleStore:
    """A store of simulated sittings, oldest first, and item parameters from the earlier ones."""

    url: str
    sittings: tuple[ExampleSitting, ...]
    calibration: Calibration


def example_sitting(
    *, people: int = 240, on: date = _DAYS[-1], rng: int = 1, level: float = 0.25
) -> ExampleSitting:
    """Simulate one sitting of the general enforcement exam.

    Parameters
    ----------
    people
        Candidates, over 24 units.
    on
        Day of the sitting; its id is year and month.
    rng
        Seed of people, draw and answers.
    level
        Mean ability.
    """
    bank, rules = _material()
    roster = synthetic_roster(people, UNITS, rng=rng, prefix=f"{on:%y%m}")
    name = f"{on:%Y-%m}"
    drawn = deal(seed_draw(bank, rules.blueprint, roster, seed=rng, exam_id=name, on=on))
    rooms = [Room(str(n + 1), 30) for n in range(-(-people // 30))]
    sitting = Sitting(
        name, rules, bank, roster, drawn, on, seats=assign_seats(roster, rooms),
        title=f"{rules.title}（{name} 模拟）",
    )  # fmt: skip
    random = np.random.default_rng(rng)
    homes = {unit: float(random.normal(0, 0.3)) for unit in UNITS}
    abilities = {c.code: level + homes[c.unit] + float(random.normal(0, 0.9)) for c in roster}
    models = synthetic_models(bank, rng=20261210)
    return ExampleSitting(
        sitting, simulate_answers(sitting, abilities, models, rng=random, absent=0.03)
    )


def example_store(path: str | Path | None = None, *, people: int = 240) -> ExampleStore:
    """Make a store with four simulated sittings; an existing one is not changed.

    Parameters
    ----------
    path
        SQLite file; a new temporary folder by default.
    people
        Candidates of each sitting.
    """
    file = Path(path) if path else Path(tempfile.mkdtemp(prefix="fazhi_exam_")) / "示例存档.db"
    url = f"sqlite:///{file.as_posix()}"
    held = tuple(
        example_sitting(people=people, on=day, rng=10 + k, level=0.1 * k)
        for k, day in enumerate(_DAYS)
    )
    marks = [mark(one.sitting, one.sheets) for one in held]
    history = marks[0].responses.stack(marks[1].responses).stack(marks[2].responses)
    calibration = calibrate(history, Rasch, label=LABEL)
    with open_store(url) as store:
        for one, found in zip(held, marks, strict=True):
            scores = score(found, one.sitting, calibration)
            store.record(one.sitting, found, decide(scores, one.sitting), scores)
    return ExampleStore(url, held, calibration)


@cache
def _material() -> tuple[QuestionBank, Programme]:
    return read_bank(shipped_bank_folder()), programme("enf_general")


def example_answers(example: ExampleSitting, path: str | Path | None = None) -> Path:
    """Write the answers of a simulated sitting as staff would type them, with two slips.

    Parameters
    ----------
    path
        Workbook; in a new temporary folder by default.
    """
    file = Path(path) if path else Path(tempfile.mkdtemp(prefix="fazhi_exam_")) / "答案录入表.xlsx"
    write_answers_workbook(example.sitting, example.sheets, file)
    return file
