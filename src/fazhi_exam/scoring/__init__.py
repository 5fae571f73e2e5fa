"""From marks to scores and decisions (成绩与结论); the joint to the numeric engine."""

from .calibration import Calibration, calibrate
from .decisions import Decision, Decisions, Grade, Outcome, decide, over_attempts, over_papers
from .dif import DifTable, ItemDif, item_dif
from .form_strength import FormStrength, form_strength
from .item_analysis import Flag, ItemAnalysis, ItemReport, item_analysis
from .link import LinkedCalibration, LinkMethod, link
from .option_curves import OptionCurves, option_curves
from .paper_information import PaperInformation, paper_information
from .quality import DecisionReport, decision_quality
from .reference import ReferenceCurve, reference_curve
from .scale import ReportingScale
from .scores import ScoreReport, score
from .standards import (
    StandardStudy,
    angoff_study,
    bookmark_study,
    borderline_group_study,
    contrasting_groups_study,
    ebel_study,
    hofstee_study,
)

__all__ = [
    "Calibration",
    "Decision",
    "DecisionReport",
    "Decisions",
    "DifTable",
    "Flag",
    "FormStrength",
    "Grade",
    "ItemAnalysis",
    "ItemDif",
    "ItemReport",
    "LinkMethod",
    "LinkedCalibration",
    "OptionCurves",
    "Outcome",
    "PaperInformation",
    "ReferenceCurve",
    "ReportingScale",
    "ScoreReport",
    "StandardStudy",
    "angoff_study",
    "bookmark_study",
    "borderline_group_study",
    "calibrate",
    "contrasting_groups_study",
    "decide",
    "decision_quality",
    "ebel_study",
    "form_strength",
    "hofstee_study",
    "item_analysis",
    "item_dif",
    "link",
    "option_curves",
    "over_attempts",
    "over_papers",
    "paper_information",
    "reference_curve",
    "score",
]
