"""From marks to scores and decisions (成绩与结论); the joint to the numeric engine."""

from .calibration import Calibration, calibrate
from .decisions import Decision, Decisions, Grade, Outcome, decide, over_attempts, over_papers
from .item_analysis import Flag, ItemAnalysis, ItemReport, item_analysis
from .reference import ReferenceCurve, reference_curve
from .scores import ScoreReport, score

__all__ = [
    "Calibration",
    "Decision",
    "Decisions",
    "Flag",
    "Grade",
    "ItemAnalysis",
    "ItemReport",
    "Outcome",
    "ReferenceCurve",
    "ScoreReport",
    "calibrate",
    "decide",
    "item_analysis",
    "over_attempts",
    "over_papers",
    "reference_curve",
    "score",
]
