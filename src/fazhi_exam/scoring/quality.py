"""How far the decisions of a sitting can be trusted (判定质量)."""

from dataclasses import dataclass
from html import escape

import numpy as np

from ..errors import NotEnoughData
from ..psychometrics.decision_accuracy import rudner
from .scores import ScoreReport


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """Reliability of scores and of decisions.

    Parameters
    ----------
    people
        Candidates it rests on.
    reliability
        Share of the variance of ability estimates that is not error (marginal reliability).
    near_cut
        Candidates whose ability lies within one standard error of the line.
    accuracy
        Expected share of decisions that agree with true ability, in [0, 1].
    consistency
        Expected share that would come out the same in a second, equal exam.
    kappa
        Consistency beyond chance.
    """

    people: int
    reliability: float
    near_cut: int
    accuracy: float
    consistency: float
    kappa: float

    def __str__(self) -> str:
        return (
            f"{self.people} 人中有 {self.near_cut} 人（{self.near_cut / self.people:.1%}）"
            f"离合格线不到一个标准误；估计判定正确的占 {self.accuracy:.1%}，"
            f"若再考一次等值的试卷，约 {1 - self.consistency:.1%} 的人结论会改变"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def decision_quality(scores: ScoreReport) -> DecisionReport:
    """Estimate how many decisions are right and how many would be repeated.

    Rudner (2001, 2005) on the abilities and their standard errors; reliability is
    ``var(ability) / (var(ability) + mean(error²))``.

    Raises
    ------
    NotEnoughData
        If the report has no abilities, or fewer than 30 candidates.
    """
    known = ~np.isnan(scores.ability)
    people = int(known.sum())
    if scores.ability_cut is None or people < 30:
        raise NotEnoughData("判定质量", people, 30, "名有能力估计的考生", "请先用标定参数计分")
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
