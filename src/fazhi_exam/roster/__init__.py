"""Who sits the exam (考生): codes and groups; names and identity numbers live apart."""

from .candidate import Candidate, Roster
from .changes import ChangeKind, RosterChange, changed_roster
from .identity import Person, check_identity_number, mask

__all__ = [
    "Candidate",
    "ChangeKind",
    "Person",
    "Roster",
    "RosterChange",
    "changed_roster",
    "check_identity_number",
    "mask",
]
