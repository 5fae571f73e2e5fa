"""Files in and out (文件读写): every reader returns values and problems, never drops anything."""

from .answers import preview_answers, read_answers
from .bank_excel import excel_template, write_csv, write_excel
from .bank_json import write_json, write_json_lines
from .bank_toml import bank_to_toml
from .bank_word import write_word
from .confirm import Confirmed, Conflict, confirm
from .draft import BankReading, Draft, ImportDefaults, reading_of
from .form_export import write_form, write_papers_bank
from .gift import write_gift
from .moodle_xml import write_moodle_xml
from .qti_package import write_qti
from .reading import Reading
from .registry import (
    BankFormat,
    known_formats,
    preview_bank,
    preview_bytes,
    read_bank,
    shipped_bank_folder,
)
from .results import preview_results, read_results
from .roster import preview_roster, read_roster
from .spreadsheet import DropDown, Sheet, csv_bytes, safe_cell, workbook_bytes
from .written import Written

__all__ = [
    "BankFormat",
    "BankReading",
    "Confirmed",
    "Conflict",
    "Draft",
    "DropDown",
    "ImportDefaults",
    "Reading",
    "Sheet",
    "Written",
    "bank_to_toml",
    "confirm",
    "csv_bytes",
    "excel_template",
    "known_formats",
    "preview_answers",
    "preview_bank",
    "preview_bytes",
    "preview_results",
    "preview_roster",
    "read_answers",
    "read_bank",
    "read_results",
    "read_roster",
    "reading_of",
    "safe_cell",
    "shipped_bank_folder",
    "workbook_bytes",
    "write_csv",
    "write_excel",
    "write_form",
    "write_gift",
    "write_json",
    "write_json_lines",
    "write_moodle_xml",
    "write_papers_bank",
    "write_qti",
    "write_word",
]
