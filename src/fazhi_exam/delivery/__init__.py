"""Holding the exam (考务): the programme's rules, the sitting, seats, answer sheets."""

from .answers import AnswerSheet, Attendance
from .programme import (
    AttemptRule,
    CutScore,
    DecisionBasis,
    Exemption,
    Programme,
    ProgrammePaper,
    Route,
    Source,
    parse_programme,
    programme,
    programme_names,
)
from .seating import Room, Seat, assign_seats, with_neighbour_classes
from .sitting import Sitting
from .slots import Slot, assign_slots, slot_rosters

__all__ = [
    "AnswerSheet",
    "AttemptRule",
    "Attendance",
    "CutScore",
    "DecisionBasis",
    "Exemption",
    "Programme",
    "ProgrammePaper",
    "Room",
    "Route",
    "Seat",
    "Sitting",
    "Slot",
    "Source",
    "assign_seats",
    "assign_slots",
    "parse_programme",
    "programme",
    "programme_names",
    "slot_rosters",
    "with_neighbour_classes",
]
