"""How far the decisions of a sitting can be trusted (判定质量)."""

from dataclasses import dataclass
from html import escape

import numpy as np

from ..errors import NotEnoughData
from ..psychometrics.decision_accuracy import livingston_lewis, near_cut, rudner
from .scores import ScoreReport


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """Reliability of scores and of decisions.

    Parameters
    ----------
    people
        Candidates it rests on.
    reliability
        Share of the variance of ability estimates (of raw totals without abilities) that is not
        error.
    near_cut
        Candidates whose ability (raw total) lies within one standard error of the line.
    accuracy
        Expected share of decisions that agree with true ability, in [0, 1].
    consistency
        Expected share that would come out the same in a second, equal exam.
    kappa
        Consistency beyond chance.
    by_ability
        Whether it rests on abilities; otherwise on raw totals as draws of items.
    """

    people: int
    reliability: float
    near_cut: int
    accuracy: float
    consistency: float
    kappa: float
    by_ability: bool = True

    def __str__(self) -> str:
        start = "" if self.by_ability else "按卷面分估计（没有题目参数）："
        return (
            f"{start}{self.people} 人中有 {self.near_cut} 人（{self.near_cut / self.people:.1%}）"
            f"离合格线不到一个标准误；估计判定正确的占 {self.accuracy:.1%}，"
            f"若再考一次等值的试卷，约 {1 - self.consistency:.1%} 的人结论会改变"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


LEAST = 30
"""Candidates below whom nothing is said."""
_LEAST_RELIABILITY = 0.01


def decision_quality(scores: ScoreReport) -> DecisionReport:
    """Estimate how many decisions are right and how many would be repeated.

    With abilities: Rudner (2001, 2005) on them and their standard errors; reliability is
    ``var(ability) / (var(ability) + mean(error²))``. Without: Livingston and Lewis (1995) on the
    raw totals, with the reliability ``1 - mean(error²) / var(total)`` of totals on papers that are
    drawn anew (Feldt 1984; for right and wrong answers of one kind it is KR-21).

    Raises
    ------
    NotEnoughData
        If fewer than 30 candidates sat, or all have the same total and there is no calibration.
    """
    known = ~np.isnan(scores.ability)
    if scores.ability_cut is None or not known.any():
        return _by_totals(scores)
    people = int(known.sum())
    if people < LEAST:
        raise NotEnoughData("判定质量", people, LEAST, "名有能力估计的考生", "可并入其他考次")
    ability, error = scores.ability[known], scores.standard_error[known]
    found = rudner(ability, error, [scores.ability_cut])
    spread = float(np.var(ability))
    return DecisionReport(
        people,
        spread / (spread + float(np.mean(error**2))),
        int(np.sum(np.abs(ability - scores.ability_cut) <= error)),
        found.accuracy,
        found.consistency,
        found.kappa,
    )


def _by_totals(scores: ScoreReport) -> DecisionReport:
    totals, errors = scores.sat, scores.raw_error
    if scores.cut is None or errors is None or totals.size < LEAST:
        raise NotEnoughData("判定质量", totals.size, LEAST, "名有成绩的考生", "可并入其他考次")
    noise = float(np.nanmean(errors**2))
    spread = float(np.var(totals))
    if spread == 0:
        raise NotEnoughData("判定质量", 1, 2, "种不同的成绩", "所有人得分相同")
    reliability = 1 - noise / spread
    full, cut = float(scores.full_marks), float(scores.cut)
    # Among people nearly alike the estimate can fall to zero or below; the method needs some.
    usable = min(max(reliability, _LEAST_RELIABILITY), 1 - _LEAST_RELIABILITY)
    found = livingston_lewis(totals, [cut], reliability=usable, maximum=full).quality
    # The error at the line, by the binomial law from the errors that were seen.
    room = float(np.mean(totals * (full - totals)))
    at_cut = np.sqrt(noise * cut * (full - cut) / room) if room > 0 else 0.0
    near = near_cut(totals, cut, float(at_cut))
    return DecisionReport(
        totals.size,
        max(reliability, 0.0),
        near.count,
        found.accuracy,
        found.consistency,
        found.kappa,
        by_ability=False,
    )
