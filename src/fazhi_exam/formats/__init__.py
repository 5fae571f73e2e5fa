"""Files in and out (文件读写): every reader returns values and problems, never drops anything."""

from .answers import preview_answers, read_answers
from .bank_toml import bank_to_toml
from .reading import Reading
from .registry import preview_bank, read_bank, shipped_bank_folder
from .roster import preview_roster, read_roster

__all__ = [
    "Reading",
    "bank_to_toml",
    "preview_answers",
    "preview_bank",
    "preview_roster",
    "read_answers",
    "read_bank",
    "read_roster",
    "shipped_bank_folder",
]
