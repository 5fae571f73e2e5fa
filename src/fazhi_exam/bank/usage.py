"""How often items were used and how hard they proved: kept beside the bank (使用与难度记录)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from ..errors import ImportFailed, ImportProblem
from ..files import write_bytes
from .item import Band, Item
from .question_bank import QuestionBank

USAGE = "usage.jsonl"
"""Name of the file beside the bank, one JSON object per item and line."""

_LOWEST = {Band.EASY: 0.85, Band.FAIRLY_EASY: 0.70, Band.MIDDLE: 0.50, Band.FAIRLY_HARD: 0.30}


@dataclass(frozen=True, slots=True)
class ItemUse:
    """Use and difficulty of one revision of an item (使用与难度).

    Parameters
    ----------
    item_id, revision
        What was used; a changed question starts anew.
    times
        In how many exams it was used.
    last_used
        Day of the last of them.
    n
        How many candidates answered it.
    facility
        Share of the points they earned, 0 to 1; None before there are answers.
    discrimination
        Correlation with the rest of the paper, -1 to 1; None if unknown.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    item_id: str
    revision: str
    times: int = 0
    last_used: date | None = None
    n: int = 0
    facility: float | None = None
    discrimination: float | None = None

    def __post_init__(self) -> None:
        if self.times < 0 or self.n < 0:
            raise ValueError("times and n are counts")
        if self.facility is not None and not 0 <= self.facility <= 1:
            raise ValueError("facility is a share in [0, 1]")
        if self.discrimination is not None and not -1 <= self.discrimination <= 1:
            raise ValueError("discrimination is a correlation in [-1, 1]")
        if (self.facility is None) != (self.n == 0):
            raise ValueError("facility needs n > 0, and the other way round")

    @property
    def band(self) -> Band | None:
        """The difficulty band the answers show; None without answers."""
        if self.facility is None:
            return None
        shown = (band for band, lowest in _LOWEST.items() if self.facility >= lowest)
        return next(shown, Band.HARD)

    def and_then(self, later: "ItemUse") -> "ItemUse":
        """Join with later use of the same revision; facilities are weighted by `n`.

        Raises
        ------
        ValueError
            If it is another item or revision.
        """
        if (self.item_id, self.revision) != (later.item_id, later.revision):
            raise ValueError("these are uses of different revisions")
        total = self.n + later.n
        earned = self.n * (self.facility or 0.0) + later.n * (later.facility or 0.0)
        days = [day for day in (self.last_used, later.last_used) if day is not None]
        known = later.discrimination if later.discrimination is not None else self.discrimination
        return replace(
            self,
            times=self.times + later.times,
            last_used=max(days, default=None),
            n=total,
            facility=earned / total if total else None,
            discrimination=known,
        )


Usage = Mapping[str, ItemUse]
"""Use by item id."""


def used(usage: Usage, uses: Iterable[ItemUse]) -> dict[str, ItemUse]:
    """Return the record with further uses joined; use of another revision replaces the old one."""
    table = dict(usage)
    for one in uses:
        known = table.get(one.item_id)
        same = known is not None and known.revision == one.revision
        table[one.item_id] = known.and_then(one) if known is not None and same else one
    return dict(sorted(table.items()))


def current(usage: Usage, bank: QuestionBank) -> dict[str, ItemUse]:
    """Return the records that speak of the questions as they now stand in the bank."""
    return {
        item.id: usage[item.id]
        for item in bank
        if item.id in usage and usage[item.id].revision == item.revision
    }


def off_band(bank: QuestionBank, usage: Usage, *, least: int = 100) -> tuple[Item, ...]:
    """Return the items that at least `least` answers show in another band than written."""
    known = current(usage, bank)
    return tuple(
        bank[name]
        for name, use in known.items()
        if use.n >= least and use.band is not bank[name].band
    )


def read_usage(path: str | Path) -> dict[str, ItemUse]:
    """Read the record beside a bank (the file, or the bank's folder); empty without a file.

    Raises
    ------
    ImportFailed
        If a line cannot be read or an item stands twice; every such line is named.
    """
    file = _file(path)
    if not file.exists():
        return {}
    table: dict[str, ItemUse] = {}
    problems = []
    for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            one = _parse(line)
        except (ValueError, TypeError, KeyError) as error:
            problems.append(ImportProblem(f"无法读取：{error}", file=file.name, line=number))
            continue
        if one.item_id in table:
            problems.append(
                ImportProblem("题目重复", file=file.name, line=number, value=one.item_id)
            )
        table[one.item_id] = one
    if problems:
        raise ImportFailed(problems)
    return table


def write_usage(path: str | Path, usage: Usage) -> Path:
    """Write the whole record in the place of the old one."""
    file = _file(path)
    lines = []
    for _, one in sorted(usage.items()):
        fields = {name: value for name, value in asdict(one).items() if value is not None}
        fields |= {"last_used": one.last_used.isoformat()} if one.last_used else {}
        lines.append(json.dumps(fields, ensure_ascii=False) + "\n")
    return write_bytes("".join(lines).encode(), file)


def _file(path: str | Path) -> Path:
    given = Path(path)
    return given / USAGE if given.is_dir() else given


def _parse(line: str) -> ItemUse:
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise TypeError("每行应是一个 JSON 对象")
    if "last_used" in fields:
        fields["last_used"] = date.fromisoformat(fields["last_used"])
    return ItemUse(**fields)
