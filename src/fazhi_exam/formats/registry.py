"""Opening files by their kind: only this module and the readers beside it touch the disk."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..bank.item import Case, Item
from ..bank.life import HISTORY, read_history, with_history
from ..bank.question_bank import QuestionBank
from ..errors import (
    FazhiExamError,
    ImportFailed,
    ImportProblem,
    ItemError,
    UnknownFormat,
    UnsafeFile,
)
from .bank_toml import parse_bank_toml
from .draft import BankReading, Draft, ImportDefaults, draft_of, reading_of
from .exchange import sniff_text, sniff_xml
from .gift import parse_aiken, parse_gift
from .json_questions import parse_json
from .legacy import parse_legacy
from .pdf import parse_pdf
from .qti_package import parse_package
from .safety import check_bytes, read_file
from .sheets import Found, parse_csv, parse_excel, parse_html
from .text import Progress
from .word import parse_word

log = logging.getLogger(__name__)


class Parse(Protocol):
    """Turns bytes into drafts and problems."""

    def __call__(self, data: bytes, name: str, *, progress: Progress | None = None) -> Found:
        """Read one file."""


@runtime_checkable
class BankFormat(Protocol):
    """What a plug-in of the entry point group ``fazhi_exam.formats`` offers."""

    @property
    def title(self) -> str:
        """Name of the format, in Chinese."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes it reads, such as ``.docx``."""

    @property
    def parse(self) -> Parse:
        """The reader."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A reader of the library."""

    title: str
    suffixes: tuple[str, ...]
    parse: Parse


FORMATS: tuple[BuiltIn, ...] = (
    BuiltIn("Excel 工作簿", (".xlsx", ".xls", ".ods"), parse_excel),
    BuiltIn("表格文本", (".csv", ".tsv"), parse_csv),
    BuiltIn("JSON", (".json", ".jsonl"), parse_json),
    BuiltIn("Word 文档", (".docx",), parse_word),
    BuiltIn("纯文本、GIFT 或 Aiken", (".txt", ".text", ".md"), sniff_text),
    BuiltIn("网页", (".html", ".htm"), parse_html),
    BuiltIn("PDF", (".pdf",), parse_pdf),
    BuiltIn("GIFT", (".gift",), parse_gift),
    BuiltIn("Aiken", (".aiken",), parse_aiken),
    BuiltIn("Moodle XML 或 QTI", (".xml", ".qti"), sniff_xml),
    BuiltIn("QTI 包", (".zip", ".imscc"), parse_package),
    BuiltIn("旧版文档", (".doc", ".wps", ".rtf", ".et"), parse_legacy),
)
"""The readers that come with the library; plug-ins follow them."""
GROUP = "fazhi_exam.formats"


@cache
def known_formats() -> dict[str, BankFormat]:
    """Return the reader of each suffix: built in, then by entry point (which may not replace one).

    A plug-in that fails to load is left out with a warning: one broken plug-in must not stop the
    reading of other files.
    """
    table: dict[str, BankFormat] = {s: form for form in FORMATS for s in form.suffixes}
    for point in entry_points(group=GROUP):
        try:
            form = point.load()
        except Exception as error:
            log.warning("plug-in %s could not be loaded: %s", point.name, error)
            continue
        if isinstance(form, BankFormat):
            for suffix in form.suffixes:
                table.setdefault(suffix.lower(), form)
    return table


def shipped_bank_folder() -> Path:
    """Return the folder of the bank that comes with the library, installed or in a checkout.

    Raises
    ------
    UnknownFormat
        If neither place holds it, which means a damaged installation.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_data" / "question_bank", package.parents[1] / "question_bank"):
        if folder.is_dir():
            return folder
    raise UnknownFormat("question_bank", ("随库题库",), "安装不完整，请重新安装")


def preview_bank(
    path: str | Path,
    *,
    defaults: ImportDefaults | None = None,
    progress: Progress | None = None,
) -> BankReading:
    """Read a bank and show what is there, before anything is kept.

    Parameters
    ----------
    path
        A folder of TOML files (searched in order of name), one such file, or a file of any kind in
        `known_formats`; a folder without TOML files is searched for those.
    defaults
        What to assume where a file other than TOML says nothing.
    progress
        Called now and then with work done and work in all.

    Returns
    -------
    BankReading
        `good` is the bank of the usable questions, `drafts` holds every question found.

    Raises
    ------
    UnknownFormat
        If the path is no folder and no file of a known kind.
    UnsafeFile
        If a file cannot be opened safely.
    """
    root = Path(path)
    if root.is_dir():
        files = sorted(root.rglob("*.toml"))
        if not files:
            return _read_folder(root, defaults, progress)
    elif root.suffix.lower() == ".toml":
        files = [root]
    else:
        return preview_bytes(read_file_of(root), root.name, defaults=defaults, progress=progress)
    items: list[Item] = []
    cases: list[Case] = []
    problems: list[ImportProblem] = []
    places: dict[str, str] = {}
    for number, file in enumerate(files, 1):
        if file.name == "STATUTES.toml":
            continue
        name = file.relative_to(root).as_posix() if root.is_dir() else file.name
        some_items, some_cases, some_problems = parse_bank_toml(read_file(file), name)
        items += some_items
        cases += some_cases
        problems += some_problems
        places.update((item.id, name) for item in some_items)
        if progress is not None:
            progress(number, len(files))
    bank, clashes = _without_clashes(items, cases)
    if root.is_dir():
        bank, torn = _with_states(bank, root)
        clashes = (*clashes, *torn)
    drafts = tuple(
        draft_of(i, bank.cases.get(i.case) if i.case else None, file=places[i.id]) for i in bank
    )
    found = (*problems, *clashes)
    return BankReading(root.name, bank, found, drafts, defaults or ImportDefaults(), found)


def read_file_of(path: Path) -> bytes:
    """Return the bytes of a file of a known kind.

    Raises
    ------
    UnknownFormat
        Naming what is known; old Word and WPS files get advice.
    UnsafeFile
        If it is missing or refused.
    """
    if path.suffix.lower() not in known_formats():
        raise UnknownFormat(path.name, (".toml", *known_formats(), "文件夹"))
    return read_file(path)


def preview_bytes(
    data: bytes,
    name: str,
    *,
    defaults: ImportDefaults | None = None,
    progress: Progress | None = None,
) -> BankReading:
    """Read a file held in memory, such as one dropped on a page; the name tells its kind.

    Raises
    ------
    UnknownFormat, UnsafeFile
        As `preview_bank` does; no other error comes out of a reader.
    """
    check_bytes(name, data)
    suffix = Path(name).suffix.lower()
    if suffix == ".toml":
        items, cases, problems = parse_bank_toml(data, name)
        bank, clashes = _without_clashes(list(items), list(cases))
        found = (*problems, *clashes)
        drafts = tuple(draft_of(i, bank.cases.get(i.case or ""), file=name) for i in bank)
        return BankReading(name, bank, found, drafts, defaults or ImportDefaults(), found)
    form = known_formats().get(suffix)
    if form is None:
        raise UnknownFormat(name, (".toml", *known_formats()))
    drafts, problems = _guarded(form.parse, data, name, progress)
    if not drafts and not problems:
        problems = (ImportProblem("文件中没有读出题目", name),)
    return reading_of(name, drafts, problems, defaults=defaults)


def _guarded(parse: Parse, data: bytes, name: str, progress: Progress | None) -> Found:
    """Run a reader; whatever else it raises is one of our errors, with its cause kept."""
    try:
        return parse(data, name, progress=progress)
    except FazhiExamError:
        raise
    except Exception as error:
        raise UnsafeFile(name, f"读取时出错（{type(error).__name__}），文件可能已损坏") from error


def _read_folder(
    root: Path, defaults: ImportDefaults | None, progress: Progress | None
) -> BankReading:
    files = [f for f in sorted(root.rglob("*")) if f.suffix.lower() in known_formats()]
    if not files:
        raise UnknownFormat(root.name, (".toml", *known_formats()), "文件夹中没有题目文件")
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    for number, file in enumerate(files, 1):
        name = file.relative_to(root).as_posix()
        try:
            form = known_formats()[file.suffix.lower()]
            some, more = _guarded(form.parse, read_file(file), name, None)
        except FazhiExamError as error:
            more, some = (ImportProblem(str(error), name),), ()
        drafts += some
        problems += more
        if progress is not None:
            progress(number, len(files))
    return reading_of(root.name, drafts, problems, defaults=defaults)


def _with_states(bank: QuestionBank, root: Path) -> tuple[QuestionBank, tuple[ImportProblem, ...]]:
    """Give items the states of the history beside the bank; a damaged history is a problem."""
    try:
        return with_history(bank, read_history(root)), ()
    except ImportFailed as error:
        return bank, error.problems
    except ItemError as error:
        return bank, (ImportProblem(str(error), file=HISTORY),)


def _without_clashes(
    items: Iterable[Item], cases: Iterable[Case]
) -> tuple[QuestionBank, tuple[ImportProblem, ...]]:
    """Leave out second uses of an id, each with a problem, so that the rest can be shown."""
    problems = []
    first_case = {}
    for case in cases:
        if case.id in first_case:
            problems.append(ImportProblem(f"案例编号 {case.id} 重复", column="编号", value=case.id))
        else:
            first_case[case.id] = case
    first: dict[str, Item] = {}
    for item in items:
        if item.id in first:
            problems.append(ImportProblem(f"题目编号 {item.id} 重复", column="编号", value=item.id))
        else:
            first[item.id] = item
    for case in list(first_case.values()):
        if any(i not in first or first[i].case != case.id for i in case.item_ids):
            del first_case[case.id]
    kept = [item for item in first.values() if item.case is None or item.case in first_case]
    try:
        return QuestionBank(tuple(kept), first_case), tuple(problems)
    except ItemError as error:
        return QuestionBank(()), (*problems, ImportProblem(str(error)))


def read_bank(path: str | Path) -> QuestionBank:
    """Read a bank of which every item can be used; see `preview_bank` to look first.

    Raises
    ------
    ImportFailed
        With every problem found.
    """
    return preview_bank(path).accept()
