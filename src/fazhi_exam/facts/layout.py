"""Which columns facts have, and where the files lie (事实表的结构)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FazhiExamError

if TYPE_CHECKING:
    import pyarrow

SCHEMA = 1
"""Number of this layout; files of another one are refused."""
MANIFEST = "facts.json"
ATTEMPTS, ANSWERS = "attempts", "answers"


class FactsError(FazhiExamError):
    """Facts cannot be written or read (事实表有误)."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place, self.problem = place, problem

    def __str__(self) -> str:
        return f"事实表 {self.place}：{self.problem}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of facts holds.

    Parameters
    ----------
    groups
        Columns of attempts that are groups of the candidates, such as 单位.
    attempts, answers
        Rows of the two tables.
    version
        12 hex digits that change whenever a file does; printed as the data version.
    schema
        Number of the layout.
    """

    groups: tuple[str, ...]
    attempts: int
    answers: int
    version: str
    schema: int = SCHEMA

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read what a folder of facts says of itself.

    Raises
    ------
    FactsError
        If it is not a folder of facts, or of another layout.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest = Manifest(
            tuple(map(str, found["groups"])), int(found["attempts"]), int(found["answers"]),
            str(found["version"]), int(found["schema"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FactsError(folder.name, f"不是事实表文件夹（没有可读的 {MANIFEST}）") from error
    if manifest.schema != SCHEMA:
        raise FactsError(
            folder.name, f"结构版本为 {manifest.schema}，本程序使用 {SCHEMA}，请重新生成"
        )
    return manifest


def attempt_schema(groups: Sequence[str]) -> "pyarrow.Schema":
    """Return the columns of attempts: one row per person on the roster of a sitting.

    Parameters
    ----------
    groups
        Names of the groups as they were at exam time; each is a column of its own.

    Raises
    ------
    FactsError
        If a group has the name of another column, or stands twice.

    Notes
    -----
    ``entry`` counts a person's rows in a programme from 1, in order of day; ``attempt`` counts
    those that were sat and is empty for the others. Both are worked out when facts are written,
    so that no engine has to sort people. ``raw`` and ``equated`` are whole numbers of 1/10,000
    point, empty when there is no score, so that no engine rounds. ``on`` is the day of the exam;
    the folder adds ``year``.
    """
    import pyarrow as pa

    fixed = [
        ("programme", pa.string()), ("sitting", pa.string()), ("on", pa.date32()),
        ("person", pa.string()), ("entry", pa.int16()), ("attempt", pa.int16()),
        ("outcome", pa.string()),
        ("grade", pa.string()), ("raw", pa.int32()), ("equated", pa.int32()),
    ]  # fmt: skip
    taken = {name for name, _ in fixed} | {"year"}
    for group in groups:
        if not group or group in taken:
            raise FactsError(group or "分组", "分组名称为空、重复或与固定列同名")
        taken.add(group)
    return pa.schema([*fixed, *((group, pa.string()) for group in groups)])


def answer_schema() -> "pyarrow.Schema":
    """Return the columns of answers: one row per person and item that was on the paper.

    Notes
    -----
    ``chosen`` holds options as bits (A = 1, B = 2, C = 4 …), 0 when nothing was chosen;
    ``awarded`` and ``possible`` are whole numbers of 1/10,000 point. An item that was not on the
    paper has no row, an omitted one has.
    """
    import pyarrow as pa

    return pa.schema([
        ("sitting", pa.string()), ("on", pa.date32()), ("person", pa.string()),
        ("item", pa.string()), ("revision", pa.string()), ("subject", pa.string()),
        ("chosen", pa.int16()), ("awarded", pa.int32()), ("possible", pa.int32()),
    ])  # fmt: skip
