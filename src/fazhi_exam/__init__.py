"""Legal-training exams (法治考试), from the question bank to the bulletin.

Names are listed in the order in which an exam uses them and are loaded when first used.
"""

from ._version import __version__
from .lazy import lazy_names

_WHERE = {
    # law and bank
    "Citation": "law",
    "StatuteBook": "law",
    "Item": "bank",
    "ItemKind": "bank",
    "Level": "bank",
    "Band": "bank",
    "QuestionBank": "bank",
    "read_bank": "formats",
    "preview_bank": "formats",
    "shipped_bank_folder": "formats",
    "review": "bank",
    "confirm": "formats",
    "lapse": "bank.lapse",
    "propose_enemies": "bank.enemies",
    # roster
    "Candidate": "roster",
    "Person": "roster",
    "Roster": "roster",
    "read_roster": "formats",
    "preview_roster": "formats",
    # programme and blueprint
    "Programme": "delivery",
    "programme": "delivery",
    "programme_names": "delivery",
    "Blueprint": "assembly",
    "feasibility": "assembly",
    # draw and papers
    "ParityTarget": "assembly",
    "assemble": "assembly",
    "commit_draw": "assembly",
    "seed_draw": "assembly",
    "deal": "assembly",
    "parity": "assembly",
    "exposure": "assembly",
    # sitting
    "Room": "delivery",
    "assign_seats": "delivery",
    "Sitting": "delivery",
    "SittingRecipe": "formats.recipe",
    "AnswerSheet": "delivery",
    "Attendance": "delivery",
    "read_answers": "formats",
    "preview_answers": "formats",
    "preview_results": "formats",
    # papers and lists as files
    "PrintOptions": "report",
    "write_papers": "report",
    "write_papers_word": "report",
    "write_key_book": "report",
    "write_lists": "report",
    "write_tickets": "report",
    "write_answer_card": "report",
    # marks
    "mark": "marking",
    "rescore": "marking",
    "HumanMark": "marking",
    "agree": "marking",
    "VoidItem": "marking",
    "SecondKey": "marking",
    "GiveToAll": "marking",
    # scores and decisions
    "calibrate": "scoring",
    "Calibration": "scoring",
    "Rasch": "psychometrics.models",
    "TwoPL": "psychometrics.models",
    "ThreePL": "psychometrics.models",
    "GradedResponse": "psychometrics.models",
    "GeneralisedPartialCredit": "psychometrics.models",
    "score": "scoring",
    "item_analysis": "scoring",
    "item_dif": "scoring",
    "option_curves": "scoring",
    "paper_information": "scoring",
    "form_strength": "scoring",
    "decision_quality": "scoring",
    "link": "scoring",
    "angoff_study": "scoring",
    "ebel_study": "scoring",
    "decide": "scoring",
    "over_attempts": "scoring",
    "over_papers": "scoring",
    # certificates and pass rates
    "Register": "certification",
    "certified_share": "certification",
    "duty_gate": "certification",
    "Denominator": "passrate",
    "pass_rates": "passrate",
    "compare": "passrate",
    "rate_trend": "passrate",
    "attempts": "passrate",
    "publish": "passrate",
    # reports and store
    "write_bulletin": "report",
    "write_score_list": "report",
    "write_html_report": "report",
    "write_result_slips": "report",
    "plot_funnel": "report",
    "plot_pass_rates": "report",
    "plot_score_distribution": "report",
    "open_store": "store",
    # errors
    "FazhiExamError": "errors",
    "ImportProblem": "errors",
    "ImportFailed": "errors",
    "BlockedReview": "errors",
    "InfeasibleBlueprint": "errors",
    "NotEnoughData": "errors",
}

__all__ = ["__version__", *_WHERE]

__getattr__ = lazy_names(__name__, _WHERE)


def __dir__() -> list[str]:
    return sorted(__all__)
