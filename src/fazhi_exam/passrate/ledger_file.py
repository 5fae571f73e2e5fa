"""The ledger of releases as a file (发布台账文件): read in full or refused, never half written.

The file tells which small groups were merged, so it stays inside the house.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from ..errors import FazhiExamError
from ..files import write_bytes
from .attempts import Which
from .ledger import COLUMNS, Coverage, Release, ReleaseLedger, Statement
from .publish import THRESHOLD

VERSION = 1
"""Number of this layout; files of another one are refused."""
_ADVICE = "文件没有改动；请从备份恢复，或请管理员查看，不要删除后重建：以前公布过什么要靠它记住"


class LedgerError(FazhiExamError):
    """The file of a ledger cannot be read or written (发布台账有误)."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(file, problem)
        self.file, self.problem = file, problem

    def __str__(self) -> str:
        return f"发布台账“{self.file}”：{self.problem}"


def read_ledger(path: str | Path) -> ReleaseLedger:
    """Read a ledger; where there is no file nothing was published.

    Raises
    ------
    LedgerError
        If there is a file that is not a whole ledger of this version.
    """
    file = Path(path)
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return ReleaseLedger()
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(str(path), f"无法读取。{_ADVICE}") from error
    try:
        found = json.loads(text)
        version = found["version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LedgerError(str(path), f"内容已损坏，或不是发布台账。{_ADVICE}") from error
    if version != VERSION:
        raise LedgerError(
            str(path), f"格式版本为 {version}，本程序使用 {VERSION}。请用写它的程序打开"
        )
    try:
        return ReleaseLedger(tuple(map(_release, _rows(found["releases"]))))
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(str(path), f"内容已损坏。{_ADVICE}") from error


def write_ledger(ledger: ReleaseLedger, path: str | Path) -> Path:
    """Write a ledger in place of the file there, in full or not at all.

    Raises
    ------
    LedgerError
        If the file cannot be written, or another program is writing it.
    """
    file = Path(path)
    with _alone(file):
        _put(ledger, file)
    return file


def enter(release: Release, path: str | Path, *, threshold: int = THRESHOLD) -> ReleaseLedger:
    """Check a release against the ledger in a file and add it there.

    Call it before a public table is handed out: nobody else can enter a release between the check
    and the writing. What was said before leaves the file as it is.

    Returns
    -------
    ReleaseLedger
        What the file holds now.

    Raises
    ------
    PublishingRefused
        If the release clashes with an earlier one; the file is as before.
    LedgerError
        If the file is not a whole ledger, or cannot be written.
    """
    file = Path(path)
    with _alone(file):
        before = read_ledger(file)
        after = before.add(release, threshold=threshold)
        if after is not before:
            _put(after, file)
    return after


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold a file beside the ledger that only one program can make."""
    lock = file.with_name(file.name + ".lock")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(str(file), "所在的文件夹无法建立") from error
    try:
        lock.touch(exist_ok=False)
    except FileExistsError as error:
        raise LedgerError(
            str(file), f"正由另一个程序写入。请稍候再试；确认没有人在用时，可删除“{lock.name}”"
        ) from error
    except OSError as error:
        raise LedgerError(str(file), "无法写入（所在的文件夹没有写权限）") from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _put(ledger: ReleaseLedger, file: Path) -> None:
    releases = [_fields(release) for release in ledger.releases]
    document = {"version": VERSION, "releases": releases}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    try:
        write_bytes(text.encode(), file)
    except OSError as error:
        raise LedgerError(str(file), "无法写入（可能被其他程序占用或磁盘已满）") from error


def _fields(release: Release) -> dict[str, object]:
    coverage = release.coverage
    return {
        "title": release.title,
        "on": release.on.isoformat(),
        "by": coverage.by,
        "sittings": sorted(coverage.sittings),
        "which": coverage.which.name,
        "rounded_to": release.rounded_to,
        "statements": [
            {"column": s.column, "value": s.value, "whole": s.whole, "groups": sorted(s.groups)}
            for s in release.statements
        ],
    }


def _release(fields: Mapping[str, object]) -> Release:
    coverage = Coverage(
        _text(fields["by"]), frozenset(_texts(fields["sittings"])), Which[_text(fields["which"])]
    )
    return Release(
        _text(fields["title"]), date.fromisoformat(_text(fields["on"])), coverage,
        tuple(map(_statement, _rows(fields["statements"]))), _whole(fields["rounded_to"], least=1),
    )  # fmt: skip


def _statement(fields: Mapping[str, object]) -> Statement:
    column, whole = _text(fields["column"]), fields["whole"]
    if column not in COLUMNS or not isinstance(whole, bool):
        raise ValueError("a statement needs a known column")
    return Statement(column, frozenset(_texts(fields["groups"])), whole, _whole(fields["value"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("need a text")
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise TypeError("need a list of texts")
    return [_text(one) for one in value]


def _rows(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list):
        raise TypeError("need a list")
    return value


def _whole(value: object, *, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"need a whole number of at least {least}")
    return value
