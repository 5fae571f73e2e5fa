"""Sittings whose outcome is chosen unit by unit, so that a test knows what is true."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from fazhi_exam.assembly import deal, seed_draw
from fazhi_exam.delivery import AnswerSheet, Attendance, Programme, Sitting
from fazhi_exam.marking import Marks, mark
from fazhi_exam.passrate import PassRateTable, pass_rates
from fazhi_exam.report.summary import SittingSummary, summarise
from fazhi_exam.roster import Candidate, Person, Roster
from fazhi_exam.scoring import (
    Decisions,
    ItemAnalysis,
    ScoreReport,
    decide,
    item_analysis,
    score,
)
from tests import examples

Outcomes = tuple[int, int, int, int]
"""Passed, failed, absent, voided."""


@dataclass(frozen=True)
class World:
    """One sitting with everything that documents take."""

    sitting: Sitting
    marks: Marks
    scores: ScoreReport
    decisions: Decisions
    rates: PassRateTable
    analysis: ItemAnalysis

    @property
    def summary(self) -> SittingSummary:
        """Figures as documents print them."""
        return summarise(self.sitting, self.scores, self.decisions, self.rates, self.analysis)


def world(
    units: Mapping[str, Outcomes],
    *,
    programme: Programme | None = None,
    names: str = "张某",
    on: date = examples.DAY,
    sitting_id: str = "2026-12",
    exempt: int = 0,
) -> World:
    """Everybody who passes answers all items rightly, everybody who fails none."""
    rules = programme or examples.rules()
    plan: list[tuple[str, int]] = []
    for unit, outcomes in units.items():
        plan += [(unit, kind) for kind, people in enumerate(outcomes) for _ in range(people)]
    plan += [(next(iter(units)), 4)] * exempt
    candidates = [
        Candidate(f"K{k:04d}", {"单位": unit}, exempt="在孕期" if kind == 4 else "")
        for k, (unit, kind) in enumerate(plan)
    ]
    persons = {c.code: Person(names, "11010519491231002X") for c in candidates}
    roster, bank = Roster(tuple(candidates), persons), examples.bank()
    drawn = deal(seed_draw(bank, rules.blueprint, roster, seed=3, exam_id="t", on=on))
    sitting = Sitting(sitting_id, rules, bank, roster, drawn, on)
    sheets = [_sheet(sitting, f"K{k:04d}", kind) for k, (_, kind) in enumerate(plan) if kind < 4]
    marks = mark(sitting, sheets)
    scores = score(marks, sitting)
    decisions = decide(scores, sitting)
    rates, analysis = pass_rates(decisions), item_analysis(marks, sitting)
    return World(sitting, marks, scores, decisions, rates, analysis)


def _sheet(sitting: Sitting, code: str, kind: int) -> AnswerSheet:
    if kind >= 2:
        return AnswerSheet(code, Attendance.ABSENT if kind == 2 else Attendance.VOIDED)
    chosen = {i: sitting.bank[i].key for i in sitting.papers.items_of(code)} if kind == 0 else {}
    return AnswerSheet(code, Attendance.PRESENT, chosen)


@cache
def ordinary() -> World:
    """Five units of different sizes; some absent, voided and exempt; nothing remarkable."""
    return world(
        {
            "甲镇": (20, 8, 1, 0),
            "乙街道": (15, 5, 0, 1),
            "丙镇": (9, 4, 0, 0),
            "丁镇": (4, 1, 1, 0),
            "戊镇": (3, 0, 0, 0),
        },
        exempt=2,
    )
