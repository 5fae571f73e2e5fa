"""How sure pass and fail are (结论的把握): measurement error around the line."""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..delivery.sitting import Sitting
from ..psychometrics.decision_accuracy import DecisionQuality, lee, near_cut
from ..psychometrics.reliability import standard_error
from ..scoring.calibration import Calibration
from ..scoring.decisions import Decisions, Outcome
from ..scoring.scores import ScoreReport

_PAPERS = 9
"""Papers, evenly spread over the roster, over which a second exam is averaged."""
_NODES = np.linspace(-4.0, 4.0, 41)
_FINEST = 4000
"""Most steps of the score scale for which a second exam is worked out."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure the decisions are (结论的把握).

    Parameters
    ----------
    people
        People who sat and have an ability estimate.
    reliability
        Share of the variance of estimated ability that is not error (marginal reliability).
    near
        People whose ability lies within one standard error of the cut.
    expected_wrong
        Expected number of decisions that differ from the side of the cut on which the ability
        lies; `wrongly_passed` and `wrongly_failed` are its two parts.
    error_in_points
        Standard error of measurement of the raw total, from its spread and `reliability`.
    label
        What the item parameters rest on.
    repeat
        Share in [0, 1] of decisions that a second exam with such papers would repeat, and kappa;
        None when an item on the papers has no parameters.
    kappa
        The same beyond chance; None or NaN where it cannot be worked out.
    """

    people: int
    reliability: float
    near: int
    expected_wrong: float
    wrongly_passed: float
    wrongly_failed: float
    error_in_points: float | None
    label: str
    repeat: float | None = None
    kappa: float | None = None

    @property
    def accuracy(self) -> float:
        """Expected share of right decisions, in [0, 1]."""
        return 1 - self.expected_wrong / self.people


def certainty(scores: ScoreReport, decisions: Decisions, sitting: Sitting) -> Certainty | None:
    """Say how sure decisions are; None without abilities.

    Each decision is right with the chance that ability lies on its side of the cut (Rudner 2001,
    PARE 7(14), applied to the decision that was made). A second exam is worked out by Lee (2010),
    averaged over some of the papers.
    """
    known = np.isfinite(scores.ability) & np.isfinite(scores.standard_error)
    sure = [
        (d.outcome is Outcome.PASSED, d.sureness)
        for d in decisions.decisions
        if d.sureness is not None
    ]
    if scores.ability_cut is None or not known.any() or not sure:
        return None
    ability, error = scores.ability[known], scores.standard_error[known]
    wrongly_passed = math.fsum(1 - s for passed, s in sure if passed)
    wrongly_failed = math.fsum(1 - s for passed, s in sure if not passed)
    spread, noise = float(ability.var()), float((error**2).mean())
    reliability = spread / (spread + noise) if spread + noise > 0 else math.nan
    distance = (ability - scores.ability_cut) / np.where(error > 0, error, np.nan)
    near = near_cut(distance[np.isfinite(distance)], 0.0, 1.0)
    deviation = float(scores.sat.std(ddof=1)) if scores.sat.size > 1 else math.nan
    again = second_exam(scores, sitting, float(ability.mean()), math.sqrt(spread + noise))
    return Certainty(
        len(sure),
        reliability,
        near.count,
        wrongly_passed + wrongly_failed,
        wrongly_passed,
        wrongly_failed,
        None if math.isnan(deviation) else standard_error(deviation, reliability),
        scores.calibration.label if scores.calibration is not None else "",
        None if again is None else again[0],
        None if again is None else again[1],
    )


def second_exam(
    scores: ScoreReport, sitting: Sitting, mean: float, deviation: float
) -> tuple[float, float] | None:
    """Consistency and kappa of pass and fail over two exams with papers like those dealt.

    Parameters
    ----------
    mean, deviation
        Ability of the people, taken as normal.

    Returns
    -------
    pair
        None without parameters for every item, or with points too fine for a whole-number scale.
    """
    calibration, codes = scores.calibration, sitting.papers.codes
    if calibration is None or not codes:
        return None
    weights = np.exp(-(_NODES**2) / 2)
    chosen = sorted({k * len(codes) // _PAPERS for k in range(_PAPERS)})
    found = [
        _one_paper(calibration, sitting, codes[k], mean + deviation * _NODES, weights)
        for k in chosen
    ]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    return (
        float(np.mean([one.consistency for one in known])),
        float(np.mean([one.kappa for one in known])),
    )


def _one_paper(
    calibration: Calibration, sitting: Sitting, code: str, nodes: np.ndarray, weights: np.ndarray
) -> DecisionQuality | None:
    items = sitting.papers.items_of(code)
    if any(item not in calibration.place for item in items):
        return None
    models = [calibration[item] for item in items]
    # Categories are taken as equal steps of the points, as in the expected score.
    steps = [
        sitting.papers.worth[item].points / (model.categories - 1)
        for item, model in zip(items, models, strict=True)
    ]
    cut = sitting.rules.cut.value
    scale = _whole_scale([*steps, cut])
    if scale is None or sitting.rules.blueprint.total_points * scale > _FINEST:
        return None
    weighted = [int(step * scale) for step in steps]
    return lee(models, float(cut * scale), nodes, weights, weighted)


def _whole_scale(values: list[Decimal]) -> int | None:
    """Smallest factor from a short list that makes all values whole."""
    for scale in (1, 2, 4, 5, 10, 20, 50, 100):
        if all(value * scale == (value * scale).to_integral_value() for value in values):
            return scale
    return None
