"""Scores of a sitting (成绩): exact totals, and beside them abilities and equated scores."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from html import escape

import numpy as np

from ..delivery.answers import Attendance
from ..delivery.sitting import Sitting
from ..marking.mark import TOTAL_STEP, Marks
from ..psychometrics.ability import eap
from ..psychometrics.responses import ResponseSet
from ..points import tidy
from ..rules import round_half_up
from ..typing import Floats
from .calibration import Calibration
from .reference import reference_curve


@dataclass(frozen=True)
class ScoreReport:
    """Scores of everybody who was to sit (成绩单).

    Parameters
    ----------
    sitting_id, full_marks
        Which sitting, and the full marks of its paper.
    candidates, attendance
        As in the marks.
    totals
        Exact raw total, None for those who did not sit.
    equated
        The total the same ability would get on the reference paper, to 0.01; None without a
        calibration.
    ability, standard_error
        EAP on the scale of the calibration and its standard error, shape ``(people,)``; NaN for
        those who did not sit or without a calibration.
    ability_cut
        Ability at which the reference paper is expected to give exactly the pass mark.
    calibration
        What the abilities rest on, or None.
    """

    sitting_id: str
    full_marks: Decimal
    candidates: tuple[str, ...]
    attendance: tuple[Attendance, ...]
    totals: tuple[Decimal | None, ...]
    equated: tuple[Decimal | None, ...]
    ability: Floats
    standard_error: Floats
    ability_cut: float | None = None
    calibration: Calibration | None = None

    @cached_property
    def _place(self) -> dict[str, int]:
        return {code: i for i, code in enumerate(self.candidates)}

    def index(self, candidate: str) -> int:
        """Return the row of a candidate; raises ``KeyError`` when there is none."""
        return self._place[candidate]

    @property
    def is_equated(self) -> bool:
        """Whether everybody who sat has an equated score."""
        pairs = zip(self.totals, self.equated, strict=True)
        return all(equated is not None for total, equated in pairs if total is not None)

    @property
    def sat(self) -> Floats:
        """Raw totals of those who sat, for statistics."""
        return np.array([float(t) for t in self.totals if t is not None])

    def __repr__(self) -> str:
        mean = f"{self.sat.mean():.2f}" if self.sat.size else "—"
        people, full = self.sat.size, self.full_marks
        return f"ScoreReport({self.sitting_id}: {people} 人，平均 {mean}，满分 {full})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def score(marks: Marks, sitting: Sitting, calibration: Calibration | None = None) -> ScoreReport:
    """Score a sitting on the parameters of a calibration.

    The equated score answers: what would this candidate, by the raw total on the own paper, have
    got on the reference paper (the average over the bank, weighted by the blueprint)? It is the
    true-score equating of Kolen & Brennan (2014, ch. 6) from each paper to the reference.

    Parameters
    ----------
    marks
        Marked answers.
    sitting
        The sitting they belong to; its blueprint gives the reference paper and the cut.
    calibration
        Item parameters; None leaves abilities and equated scores empty. Items on a paper that it
        does not know are left out of the ability; equating then is not possible and stays empty
        for that candidate.
    """
    people = len(marks)
    empty = np.full(people, np.nan)
    if calibration is None:
        return ScoreReport(
            marks.sitting_id,
            marks.full_marks,
            marks.candidates,
            marks.attendance,
            marks.totals,
            (None,) * people,
            empty,
            empty.copy(),
        )
    ability, error = _abilities(marks, calibration)
    curve = reference_curve(sitting.rules.blueprint, sitting.bank, calibration, on=sitting.on)
    return ScoreReport(
        marks.sitting_id,
        marks.full_marks,
        marks.candidates,
        marks.attendance,
        marks.totals,
        _equated(marks, sitting, calibration, curve.nodes, curve.expected),
        ability,
        error,
        curve.ability_at(float(sitting.rules.cut.value)),
        calibration,
    )


def _abilities(marks: Marks, calibration: Calibration) -> tuple[Floats, Floats]:
    """EAP and standard error of each row of the marks; NaN for those who did not sit."""
    responses = marks.responses
    known = calibration.place
    column = np.array([known.get(item_id, -1) for item_id in responses.item_ids], np.int64)
    keep = column[responses.item] >= 0
    kept = np.concatenate([[0], np.cumsum(keep)])
    order_key = responses.row[keep] * len(calibration.item_ids) + column[responses.item[keep]]
    order = np.argsort(order_key, kind="stable")
    answers = ResponseSet.sparse(
        kept[responses.indptr],
        column[responses.item[keep]][order],
        responses.category[keep][order],
        n_items=len(calibration.item_ids),
    )
    found = eap(calibration.models, answers, population=calibration.population)
    ability, error = np.full(len(marks), np.nan), np.full(len(marks), np.nan)
    rows = [i for i, total in enumerate(marks.totals) if total is not None]
    ability[rows], error[rows] = found.theta, found.se
    return ability, error


def _equated(
    marks: Marks, sitting: Sitting, calibration: Calibration, nodes: Floats, reference: Floats
) -> tuple[Decimal | None, ...]:
    worth = sitting.papers.worth
    curves = {
        item_id: calibration.share_curve(item_id, nodes) * float(worth[item_id].points)
        for item_id in marks.item_ids
        if item_id in calibration.place
    }
    out: list[Decimal | None] = []
    full = float(marks.full_marks)
    for code, total in zip(marks.candidates, marks.totals, strict=True):
        item_ids = [m.item_id for m in marks.of(code)] if total is not None else []
        if total is None or not all(item_id in curves for item_id in item_ids):
            out.append(None)
            continue
        own = np.sum([curves[item_id] for item_id in item_ids], axis=0)
        # The ends are joined by straight lines: no ability has an expected score of 0 or of full.
        x = np.concatenate([[0.0], own, [full]])
        y = np.concatenate([[0.0], reference, [full]])
        value = Decimal(repr(float(np.interp(float(total), x, y))))
        out.append(tidy(round_half_up(value, TOTAL_STEP)))
    return tuple(out)
