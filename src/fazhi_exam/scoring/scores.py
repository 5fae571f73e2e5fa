"""Scores of a sitting (成绩): exact totals, and beside them abilities and equated scores."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from html import escape

import numpy as np
from scipy import sparse

from ..delivery.answers import Attendance
from ..delivery.sitting import Sitting
from ..errors import NotEnoughData
from ..marking.changes import GiveToAll, VoidItem
from ..marking.mark import TOTAL_STEP, UNIT, Marks
from ..points import tidy
from ..psychometrics.ability import eap
from ..psychometrics.responses import ResponseSet
from ..rules import round_half_up
from ..typing import Bools, Floats, Ints
from .calibration import Calibration
from .reference import ReferenceCurve, reference_curve
from .steps import on_steps

_ROWS = 4096
"""Candidates whose papers are added up at a time."""


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
    cut
        Pass mark in points; None when it was not given.
    raw_error
        Conditional standard error of each raw total as a draw of items, in points, shape
        ``(people,)``; NaN for those who did not sit. None when it was not worked out.
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
    cut: Decimal | None = None
    raw_error: Floats | None = None

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
        # Not at the top: quality takes a report as its argument.
        from .quality import decision_quality

        try:
            quality = str(decision_quality(self))
        except NotEnoughData as error:
            quality = str(error)
        rows = "".join(
            f"<tr><td>{name}</td><td>{escape(value)}</td></tr>" for name, value in self._figures()
        )
        return f"<p>{escape(repr(self))}</p><table>{rows}</table><p>{escape(quality)}</p>"

    def _figures(self) -> list[tuple[str, str]]:
        """Name and value of what the page shows of the raw totals."""
        totals = [total for total in self.totals if total is not None]
        if not totals:
            return []
        quarter, middle, three = np.quantile(self.sat, [0.25, 0.5, 0.75])
        found = [
            ("最低分至最高分", f"{min(totals)} 至 {max(totals)}"),
            ("中位数（四分位）", f"{middle:g}（{quarter:g} 至 {three:g}）"),
        ]
        if self.cut is not None:
            passed = sum(total >= self.cut for total in totals)
            share = f"{passed / len(totals):.1%}"
            found.append(("卷面分不低于合格线", f"{passed} 人，占 {len(totals)} 人的 {share}"))
        label = "无题目参数" if self.calibration is None else self.calibration.label
        return [*found, ("题目参数", label or "未注明")]


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
        for that candidate. Items that were void or given to all say nothing about ability and do
        not make a paper harder or easier.
    """
    people = len(marks)
    empty = np.full(people, np.nan)
    cut, raw_error = sitting.rules.cut.value, _raw_errors(marks)
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
            cut=cut,
            raw_error=raw_error,
        )
    ability, error = _abilities(marks, calibration)
    curve = reference_curve(sitting.rules.blueprint, sitting.bank, calibration, on=sitting.on)
    return ScoreReport(
        marks.sitting_id,
        marks.full_marks,
        marks.candidates,
        marks.attendance,
        marks.totals,
        _equated(marks, sitting, calibration, curve),
        ability,
        error,
        curve.ability_at(float(cut)),
        calibration,
        cut,
        raw_error,
    )


def _abilities(marks: Marks, calibration: Calibration) -> tuple[Floats, Floats]:
    """EAP and standard error of each row of the marks; NaN without an answer that says anything."""
    responses = marks.responses
    known, given = calibration.place, _given_to_all(marks)
    column = np.array(
        [-1 if i in given else known.get(i, -1) for i in responses.item_ids], np.int64
    )
    to = column[responses.item]
    keep = to >= 0
    to = to[keep]
    kept = np.concatenate([[0], np.cumsum(keep)])[responses.indptr]
    wanted = np.array([model.categories for model in calibration.models], np.int64)
    have = responses.categories[responses.item[keep]]
    category = on_steps(responses.category[keep], have, wanted[to])
    order = np.lexsort((to, responses.row[keep]))
    answers = ResponseSet.sparse(
        kept, to[order], category[order], n_items=len(calibration.item_ids)
    )
    found = eap(calibration.models, answers, population=calibration.population)
    answered = np.diff(kept) > 0
    ability, error = np.full(len(marks), np.nan), np.full(len(marks), np.nan)
    rows = np.array([i for i, total in enumerate(marks.totals) if total is not None], np.int64)
    ability[rows[answered]] = found.theta[answered]
    error[rows[answered]] = found.se[answered]
    return ability, error


def _given_to_all(marks: Marks) -> set[str]:
    return {change.item_id for change in marks.changes if isinstance(change, GiveToAll)}


def _scales(marks: Marks) -> tuple[Floats, Floats]:
    """Points that counted on each paper, and what its total was multiplied by; ``(people,)``."""
    row = np.repeat(np.arange(len(marks)), np.diff(marks.indptr))
    left = np.bincount(row, marks.possible, minlength=len(marks)) * float(UNIT)
    scaled = {c.item_id for c in marks.changes if isinstance(c, VoidItem) and c.rescale}
    void = np.isin(marks.item, [k for k, i in enumerate(marks.item_ids) if i in scaled])
    touched = np.bincount(row, void, minlength=len(marks)) > 0
    full = float(marks.full_marks)
    scale = np.where(touched & (left > 0), full / np.where(left > 0, left, 1.0), 1.0)
    return np.asarray(left, float), np.asarray(scale, float)


def _raw_errors(marks: Marks) -> Floats:
    """Return the standard error of each total as a draw of items from their kind, in points.

    Items with the same points are one part; the spread of what was won within a part says how far
    another draw would have moved it (Feldt 1984, compound binomial error; with right and wrong
    alone it is exactly that). A single item of its kind takes the spread of all.
    """
    people = len(marks)
    counted = marks.possible > 0
    row = np.repeat(np.arange(people), np.diff(marks.indptr))[counted]
    points = marks.possible[counted] * float(UNIT)
    share = np.maximum(marks.awarded[counted], 0) * float(UNIT) / points
    worth, part = np.unique(points, return_inverse=True)
    cell, shape = row * worth.size + part, (people, worth.size)
    n, spread = (x.reshape(shape) for x in _spread(cell, share, people * worth.size))
    whole = _spread(row, share, people)[1]
    variance = (n * worth**2 * np.where(n > 1, spread, whole[:, None])).sum(axis=1)
    sat = np.array([total is not None for total in marks.totals], bool)
    return np.where(sat, np.sqrt(variance) * _scales(marks)[1], np.nan)


def _spread(group: Ints, values: Floats, size: int) -> tuple[Floats, Floats]:
    """Count and unbiased variance of the values of each group; 0 with fewer than two."""
    n = np.bincount(group, minlength=size).astype(float)
    mean = np.bincount(group, values, minlength=size) / np.maximum(n, 1)
    squares = np.bincount(group, (values - mean[group]) ** 2, minlength=size)
    return n, squares / np.maximum(n - 1, 1)


def _equated(
    marks: Marks, sitting: Sitting, calibration: Calibration, curve: ReferenceCurve
) -> tuple[Decimal | None, ...]:
    """Score on the reference paper of each row of the marks; None where an item is unknown."""
    table, known = _score_curves(marks, sitting, calibration, curve.nodes)
    left, scale = _scales(marks)
    full = float(marks.full_marks)
    y = np.concatenate([[0.0], curve.expected, [full]])
    counts = (marks.possible > 0).astype(float)
    out: list[Decimal | None] = [None] * len(marks)
    for start in range(0, len(marks), _ROWS):
        rows = range(start, min(start + _ROWS, len(marks)))
        span = slice(marks.indptr[start], marks.indptr[rows.stop])
        ptr = marks.indptr[start : rows.stop + 1] - marks.indptr[start]
        shape = (len(rows), len(marks.item_ids))
        held = sparse.csr_array((counts[span], marks.item[span], ptr), shape=shape)
        own = (held @ table) * scale[rows.start : rows.stop, None]
        lacking = held @ ~known
        for i in rows:
            total = marks.totals[i]
            if total is None or lacking[i - start]:
                continue
            # The ends are joined by straight lines: no ability expects 0 or full marks.
            x = np.concatenate([[0.0], own[i - start], [left[i] * scale[i]]])
            value = Decimal(repr(float(np.interp(float(total), x, y))))
            out[i] = tidy(round_half_up(value, TOTAL_STEP))
    return tuple(out)


def _score_curves(
    marks: Marks, sitting: Sitting, calibration: Calibration, nodes: Floats
) -> tuple[Floats, Bools]:
    """Return the expected points by item and node, ``(items, nodes)``, and which are known."""
    worth, given = sitting.papers.worth, _given_to_all(marks)
    table, known = np.zeros((len(marks.item_ids), nodes.size)), np.ones(len(marks.item_ids), bool)
    for k, item_id in enumerate(marks.item_ids):
        if item_id in given:
            table[k] = float(worth[item_id].points)
        elif item_id in calibration.place:
            table[k] = calibration.share_curve(item_id, nodes) * float(worth[item_id].points)
        else:
            known[k] = False
    return table, known
