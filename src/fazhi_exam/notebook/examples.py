"""Synthetic sittings to try the panels on; nobody in them is real (示例)."""

import tempfile
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

from ..assembly.blueprint import Row, Section
from ..assembly.deal import deal
from ..assembly.draw import seed_draw
from ..bank.item import Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.programme import Programme, programme
from ..delivery.seating import Room, assign_seats
from ..delivery.sitting import Sitting
from ..formats import read_bank, shipped_bank_folder
from ..marking.mark import mark
from ..marking.raters import HumanMark
from ..psychometrics.models import Rasch
from ..scoring import Calibration, calibrate, decide, score
from ..simulate import (
    simulate_answers,
    synthetic_models,
    synthetic_roster,
    write_answers_workbook,
)
from ..store import open_store
from .rater_page import append_marks

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
    *,
    people: int = 240,
    on: date = _DAYS[-1],
    rng: int = 1,
    level: float = 0.25,
    short_answers: bool = False,
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
    short_answers
        Whether the last section of the papers is one of short answers, which people mark.
    """
    bank, rules = _material()
    if short_answers:
        rules = _with_short_answers(rules, bank)
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
    sheets = simulate_answers(sitting, abilities, models, rng=random, absent=0.03)
    return ExampleSitting(sitting, tuple(_written(sheet, sitting, random) for sheet in sheets))


def _with_short_answers(rules: Programme, bank: QuestionBank) -> Programme:
    """Put five short answers of six points in the place of the last section, of thirty points."""
    paper = rules.papers[0]
    *kept, last = paper.blueprint.sections
    section = Section(
        id=last.id, title="简答题", kind=ItemKind.SHORT, points=Decimal(6),
        rows=(Row(title="不限", count=5),),
    )  # fmt: skip
    other = {i.id for i in bank if i.kind is ItemKind.SHORT and i.points != section.points}
    table = paper.blueprint.model_copy(
        update={
            "sections": (*kept, section),
            "exclude": paper.blueprint.exclude | other,
        }
    )
    return rules.model_copy(update={"papers": (paper.model_copy(update={"blueprint": table}),)})


def _written(sheet: AnswerSheet, sitting: Sitting, random: np.random.Generator) -> AnswerSheet:
    """Let a candidate write some of the marking points of each short answer."""
    if sheet.attendance is not Attendance.PRESENT:
        return sheet
    texts = {
        name: tuple(p.text for p in sitting.bank[name].marking_points if random.random() < 0.7)
        for name in sitting.papers.items_of(sheet.candidate)
        if not sitting.bank[name].kind.objective
    }
    answers = {name: ("\n".join(parts),) for name, parts in texts.items() if parts}
    return replace(sheet, written={**sheet.written, **answers})


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


def example_marks(example: ExampleSitting, path: str | Path | None = None) -> Path:
    """Write the points that raters 甲 and 乙 gave: one dispute, and two answers not yet marked.

    Parameters
    ----------
    path
        JSON Lines; in a new temporary folder by default.
    """
    file = Path(path) if path else Path(tempfile.mkdtemp(prefix="fazhi_exam_")) / "主观题评分.jsonl"
    bank = example.sitting.bank
    answers = [
        (sheet.candidate, name, _points(bank[name], text))
        for sheet in example.sheets
        for name, (text,) in sheet.written.items()
        if not bank[name].kind.objective
    ]
    marks = []
    for place, (code, name, points) in enumerate(answers[:-2]):
        first, second = points, max(points - Decimal(place % 2) / 2, Decimal(0))
        if place == 0:
            first, second = Decimal(5), Decimal(1)
        marks += [HumanMark(code, name, "甲", first), HumanMark(code, name, "乙", second)]
    append_marks(file, marks)
    return file


def _points(item: Item, text: str) -> Decimal:
    """Return what an answer made of marking points is worth."""
    said = text.split("\n")
    total = sum((p.points for p in item.marking_points if p.text in said), start=Decimal(0))
    return min(total, item.points or total)
