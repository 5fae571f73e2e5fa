"""The life of items: who put which revision into which state, when and why (试题生命周期)."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from ..errors import ImportFailed, ImportProblem, ItemError
from .item import Item, Status
from .question_bank import QuestionBank

HISTORY = "history.jsonl"
"""Name of the file beside the bank that holds the events, one JSON object per line."""

CHINESE: Mapping[Status, str] = MappingProxyType(
    {
        Status.DRAFT: "草稿",
        Status.REVIEWED: "已审",
        Status.PILOT: "试测",
        Status.LIVE: "启用",
        Status.SUSPENDED: "停用",
        Status.RETIRED: "退役",
    }
)

NEXT: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.DRAFT: frozenset({Status.REVIEWED, Status.RETIRED}),
        Status.REVIEWED: frozenset({Status.DRAFT, Status.PILOT, Status.LIVE, Status.RETIRED}),
        Status.PILOT: frozenset({Status.REVIEWED, Status.LIVE, Status.SUSPENDED, Status.RETIRED}),
        Status.LIVE: frozenset({Status.SUSPENDED, Status.RETIRED}),
        Status.SUSPENDED: frozenset({Status.REVIEWED, Status.LIVE, Status.RETIRED}),
        Status.RETIRED: frozenset(),
    }
)
"""Where an item may go from each state. Retirement is final: an item id is never used again."""


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """One step in the life of an item (试题状态变更).

    Parameters
    ----------
    item_id, revision
        The item and the content that was judged.
    before, after
        The state it left and the state it entered.
    who
        Who decided.
    when
        With time zone.
    why
        The reason; never empty.

    Raises
    ------
    ItemError
        If the step is not allowed, or `who` or `why` is empty.
    ValueError
        If `when` has no time zone.
    """

    item_id: str
    revision: str
    before: Status
    after: Status
    who: str
    when: datetime
    why: str

    def __post_init__(self) -> None:
        if self.when.tzinfo is None:
            raise ValueError("when needs a time zone")
        if not self.who.strip() or not self.why.strip():
            raise ItemError(self.item_id, "状态", "必须写明经办人和理由")
        if self.after not in NEXT[self.before]:
            allowed = "、".join(CHINESE[s] for s in Status if s in NEXT[self.before])
            raise ItemError(
                self.item_id,
                "状态",
                f"不能由{CHINESE[self.before]}改为{CHINESE[self.after]}"
                f"（只能改为：{allowed or '无，退役后编号不再使用'}）",
            )

    def __str__(self) -> str:
        return (
            f"{self.when:%Y-%m-%d %H:%M} {self.item_id}（{self.revision}）"
            f"{CHINESE[self.before]} → {CHINESE[self.after]}，{self.who}：{self.why}"
        )


def status_of(item: Item, events: Sequence[LifeEvent]) -> Status:
    """Return an item's state after its events, given in order.

    An item that never had an event keeps the state it was written with. A retired item stays
    retired. Content that was changed after its last event is a draft again: nobody has judged it.
    """
    if not events:
        return item.status
    last = events[-1]
    if last.after is Status.RETIRED or last.revision == item.revision:
        return last.after
    return Status.DRAFT


def with_history(bank: QuestionBank, events: Iterable[LifeEvent]) -> QuestionBank:
    """Return the bank with the states its history gives; events of other items are passed over.

    Raises
    ------
    ItemError
        If two events of an item do not follow each other.
    """
    table: dict[str, list[LifeEvent]] = {}
    for event in events:
        before = table.setdefault(event.item_id, [])
        if before:
            _follows(before[-1], event)
        before.append(event)
    items = []
    for item in bank:
        status = status_of(item, table.get(item.id, ()))
        same = status is item.status
        items.append(item if same else item.model_copy(update={"status": status}))
    return QuestionBank(tuple(items), bank.cases)


def move(
    bank: QuestionBank,
    ids: Iterable[str],
    to: Status,
    *,
    who: str,
    when: datetime,
    why: str,
) -> tuple[LifeEvent, ...]:
    """Make the events that put items into a state, from the states they have in `bank`.

    Parameters
    ----------
    bank
        The bank after `with_history`.
    ids
        Ids of items, or of cases for all their sub-questions; those already there are passed over.
    to, who, when, why
        As in `LifeEvent`.

    Raises
    ------
    ItemError
        If an item does not exist or may not go there; no event is made then.
    """
    groups = (bank.cases[one].item_ids if one in bank.cases else (one,) for one in ids)
    names = (item_id for group in groups for item_id in group)
    items = [bank[name] for name in dict.fromkeys(names)]
    return tuple(
        LifeEvent(item.id, item.revision, item.status, to, who, when, why)
        for item in items
        if item.status is not to
    )


def read_history(path: str | Path) -> tuple[LifeEvent, ...]:
    """Read the events beside a bank, oldest first; none when there is no file yet.

    Parameters
    ----------
    path
        The file, or the folder of the bank.

    Raises
    ------
    ImportFailed
        If a line cannot be read; every such line is named.
    """
    file = _file(path)
    if not file.exists():
        return ()
    events, problems = [], []
    for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            events.append(_parse(line))
        except (ValueError, KeyError, TypeError, AttributeError, ItemError) as error:
            problems.append(ImportProblem(f"无法读取：{error}", file=file.name, line=number))
    if problems:
        raise ImportFailed(problems)
    return tuple(events)


def append_history(path: str | Path, events: Iterable[LifeEvent]) -> None:
    """Append events in one write, so that a reader sees all of them or none.

    Raises
    ------
    ImportFailed
        If what is there already cannot be read.
    ItemError
        If an event does not follow what is there; nothing is written then.
    """
    file = _file(path)
    last = {event.item_id: event for event in read_history(file)}
    lines = []
    for event in events:
        if event.item_id in last:
            _follows(last[event.item_id], event)
        last[event.item_id] = event
        lines.append(_line(event))
    if not lines:
        return
    torn = file.exists() and file.stat().st_size > 0 and not file.read_bytes().endswith(b"\n")
    data = ("\n" if torn else "") + "".join(line + "\n" for line in lines)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, data.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _follows(before: LifeEvent, event: LifeEvent) -> None:
    """Check that an event starts where the one before ended, or with changed content as a draft."""
    redrafted = event.before is Status.DRAFT and event.revision != before.revision
    retired = before.after is Status.RETIRED
    if retired or (event.before is not before.after and not redrafted):
        raise ItemError(
            event.item_id,
            "状态",
            f"历史记录不连贯：{before.when:%Y-%m-%d} 已为{CHINESE[before.after]}，"
            f"{event.when:%Y-%m-%d} 却从{CHINESE[event.before]}开始",
        )
    if event.when < before.when:
        raise ItemError(event.item_id, "状态", "变更时间早于前一次变更")


def _file(path: str | Path) -> Path:
    given = Path(path)
    return given / HISTORY if given.is_dir() else given


def _line(event: LifeEvent) -> str:
    fields = {
        "item": event.item_id,
        "revision": event.revision,
        "from": event.before.value,
        "to": event.after.value,
        "who": event.who,
        "when": event.when.isoformat(),
        "why": event.why,
    }
    return json.dumps(fields, ensure_ascii=False)


def _parse(line: str) -> LifeEvent:
    fields = json.loads(line)
    words = [fields[name] for name in ("item", "revision", "from", "to", "who", "when", "why")]
    if not all(isinstance(word, str) for word in words):
        raise ValueError("每一项都应是文字")
    item, revision, before, after, who, when, why = words
    return LifeEvent(
        item, revision, Status(before), Status(after), who, datetime.fromisoformat(when), why
    )
