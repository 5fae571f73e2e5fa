"""Who sits the exam (考生): codes and groups; names and identity numbers live apart."""

from .candidate import Candidate, Roster
from .identity import Person, check_identity_number, mask

__all__ = ["Candidate", "Person", "Roster", "check_identity_number", "mask"]
