"""An immutable collection of questions (题库)."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from types import MappingProxyType

from ..errors import ItemError
from .item import Band, Case, Item, ItemKind, Level, Status
from .subjects import subject_name


@dataclass(frozen=True)
class QuestionBank:
    """Items in id order, with the cases that sub-questions belong to (题库).

    Parameters
    ----------
    items
        Any order; kept sorted by id.
    cases
        Shared stimuli by case id.

    Raises
    ------
    ItemError
        If two items have one id, or an item and its case do not name each other.
    """

    items: tuple[Item, ...]
    cases: Mapping[str, Case] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(sorted(self.items, key=lambda item: item.id)))
        object.__setattr__(self, "cases", MappingProxyType(dict(sorted(self.cases.items()))))
        for item_id, times in Counter(item.id for item in self.items).items():
            if times > 1:
                raise ItemError(item_id, "编号", f"在题库中出现 {times} 次")
        listed = {i: case.id for case in self.cases.values() for i in case.item_ids}
        for item in self.items:
            if item.case != listed.pop(item.id, None):
                raise ItemError(item.id, "案例", "小题与案例没有互相对应")
        if listed:
            missing, case_id = next(iter(listed.items()))
            raise ItemError(missing, "案例", f"案例 {case_id} 列出的小题不在题库中")

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._by_id

    def __getitem__(self, item_id: str) -> Item:
        """Return one item; raises ``ItemError`` when there is none of that id."""
        try:
            return self._by_id[item_id]
        except KeyError:
            raise ItemError(item_id, "编号", "题库中没有这道题") from None

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def enemies(self) -> Mapping[str, frozenset[str]]:
        """Enemy items of each item, made symmetric (互斥题); items without any are absent."""
        pairs: dict[str, set[str]] = {}
        for item in self.items:
            for other in item.enemies:
                pairs.setdefault(item.id, set()).add(other)
                pairs.setdefault(other, set()).add(item.id)
        return MappingProxyType({key: frozenset(value) for key, value in sorted(pairs.items())})

    @cached_property
    def manifest(self) -> tuple[tuple[str, str], ...]:
        """Id and hash of every item and case; the hash covers content and what a draw looks at."""
        rows = [(item.id, _fingerprint(item)) for item in self.items]
        rows += [
            (case.id, _digest([case.stimulus, *case.item_ids])) for case in self.cases.values()
        ]
        return tuple(sorted(rows))

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the manifest, 64 hex digits; equal banks have equal hashes."""
        text = json.dumps(self.manifest, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def where(
        self,
        *,
        kind: ItemKind | Collection[ItemKind] | None = None,
        subject: str | Collection[str] | None = None,
        topic: str | Collection[str] | None = None,
        level: Level | Collection[Level] | None = None,
        band: Band | Collection[Band] | None = None,
        status: Status | Collection[Status] | None = None,
        tag: str | None = None,
        statute: str | None = None,
        text: str | None = None,
        matching: Callable[[Item], bool] | None = None,
    ) -> "QuestionBank":
        """Return the items that satisfy every condition given.

        Cases stay whole: a sub-question is kept or left with its case, by whether any sub-question
        of the case satisfies the conditions.

        Parameters
        ----------
        kind, subject, topic, level, band, status
            One value or several of which one must hold.
        tag, statute, text
            A tag the item has, a statute title it cites, words that stem or options contain.
        matching
            Any further condition.
        """
        allowed = {
            "kind": kind,
            "subject": subject,
            "topic": topic,
            "level": level,
            "band": band,
            "status": status,
        }
        tests = {name: _several(value) for name, value in allowed.items() if value is not None}

        def fits(item: Item) -> bool:
            return (
                all(getattr(item, name) in values for name, values in tests.items())
                and (tag is None or tag in item.tags)
                and (statute is None or any(c.title == statute for c in item.citations))
                and (text is None or text in item.stem or any(text in o.text for o in item.options))
                and (matching is None or matching(item))
            )

        kept = {item.id for item in self.items if fits(item)}
        cases = {c.id: c for c in self.cases.values() if kept.intersection(c.item_ids)}
        kept |= {i for case in cases.values() for i in case.item_ids}
        return QuestionBank(tuple(item for item in self.items if item.id in kept), cases)

    def counts(self) -> Mapping[tuple[str, ItemKind], int]:
        """Independent items by subject and kind (sub-questions of cases are not counted)."""
        tally = Counter((item.subject, item.kind) for item in self.items if item.case is None)
        return MappingProxyType(dict(sorted(tally.items())))

    def __repr__(self) -> str:
        alone = sum(item.case is None for item in self.items)
        return (
            f"QuestionBank({alone} 道独立试题, {len(self.cases)} 个案例"
            f"共 {len(self.items) - alone} 小题, {self.content_hash[:12]})"
        )

    def _repr_html_(self) -> str:
        kinds = [kind for kind in ItemKind if any(kind == k for _, k in self.counts())]
        subjects = sorted({subject for subject, _ in self.counts()})
        head = "".join(f"<th>{escape(kind)}</th>" for kind in kinds)
        rows = "".join(
            f"<tr><td>{escape(code)} {escape(subject_name(code))}</td>"
            + "".join(f"<td>{self.counts().get((code, kind), 0)}</td>" for kind in kinds)
            + "</tr>"
            for code in subjects
        )
        return f"<p>{escape(repr(self))}</p><table><tr><th>主题</th>{head}</tr>{rows}</table>"


def _several(value: str | Collection[str]) -> frozenset[str]:
    return frozenset((value,)) if isinstance(value, str) else frozenset(value)


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _fingerprint(item: Item) -> str:
    return _digest(
        [
            item.revision,
            item.subject,
            item.topic,
            item.level.value,
            item.band.value,
            item.field_part,
            sorted(item.tags),
            sorted(item.enemies),
            item.status.value,
            [str(c) for c in item.citations],
            item.case,
        ]
    )
