"""Synthetic people, answers and workbooks with known truth (模拟); nobody here is real."""

from .answers import simulate_answers, synthetic_models
from .people import identity_number, synthetic_roster
from .workbooks import write_answers_workbook, write_roster_workbook

__all__ = [
    "identity_number",
    "simulate_answers",
    "synthetic_models",
    "synthetic_roster",
    "write_answers_workbook",
    "write_roster_workbook",
]
