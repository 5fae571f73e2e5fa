"""Opening files by their kind: only this module and the readers beside it touch the disk."""

from pathlib import Path

from ..bank.item import Case, Item
from ..bank.question_bank import QuestionBank
from ..errors import ImportProblem, ItemError, UnknownFormat
from .bank_toml import parse_bank_toml
from .reading import Reading
from .safety import read_file


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


def preview_bank(path: str | Path) -> Reading[QuestionBank]:
    """Read a bank and show what is there, before anything is kept.

    Parameters
    ----------
    path
        A folder of TOML files (searched in order of name) or one such file.

    Raises
    ------
    UnknownFormat
        If the path is no folder and no file of a known kind.
    UnsafeFile
        If a file cannot be opened safely.
    """
    root = Path(path)
    files = sorted(root.rglob("*.toml")) if root.is_dir() else [root]
    if not files:
        raise UnknownFormat(root.name, (".toml",), "文件夹中没有题目文件")
    items: list[Item] = []
    cases: list[Case] = []
    problems: list[ImportProblem] = []
    for file in files:
        if file.suffix.lower() != ".toml":
            raise UnknownFormat(file.name, (".toml", "文件夹"))
        if file.name == "STATUTES.toml":
            continue
        name = file.relative_to(root).as_posix() if root.is_dir() else file.name
        some_items, some_cases, some_problems = parse_bank_toml(read_file(file), name)
        items += some_items
        cases += some_cases
        problems += some_problems
    bank, clashes = _without_clashes(items, cases)
    return Reading(root.name, bank, (*problems, *clashes))


def _without_clashes(
    items: list[Item], cases: list[Case]
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
