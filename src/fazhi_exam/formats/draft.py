"""A question as it was read from somebody's file, before a person has confirmed it (草稿)."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from html import escape
from typing import Any

from pydantic import ValidationError

from ..bank.item import Band, Case, Item, ItemKind, Level
from ..bank.question_bank import QuestionBank
from ..bank.text import fold_question
from ..errors import CitationError, ImportProblem
from ..law.citation import Citation, parse_citations
from .reading import Reading

DOUBTFUL = 0.75
"""Drafts below this confidence should be looked at one by one."""


@dataclass(frozen=True, slots=True)
class ImportDefaults:
    """What to assume where a file says nothing (导入默认值).

    Parameters
    ----------
    subject, topic
        For questions that name none.
    level, band
        Likewise; the draft says that they were assumed.
    """

    subject: str = "00"
    topic: str = "未分类"
    level: Level = Level.UNDERSTAND
    band: Band = Band.MIDDLE


UNGRADED = "待定级"
"""Tag of items whose level or band was assumed on import."""


@dataclass(frozen=True)
class Draft:
    """One question as read (草稿): mend it with `dataclasses.replace`, then `confirm`.

    Parameters
    ----------
    file, sheet, line
        Where it starts; lines and rows are counted from 1.
    kind
        None when neither the file nor the answer tells.
    stem, options, key
        As in `Item`: no number, no letters before options, ``"ABD"`` or 正确/错误.
    blanks
        Accepted words per blank of a 填空 question.
    answer
        Model answer of 简答 and 论述, as written.
    points, level, band, subject, topic, id, citations
        As written, or empty.
    extra
        Further fields of `Item` by name, as TOML has them.
    case, case_title, stimulus
        Shared stimulus: the same `case` joins sub-questions.
    number, section
        Number and heading in the file.
    confidence
        In [0, 1]; falls with every assumption made.
    notes
        Assumptions and doubts, in Chinese.
    raw
        The text as it stands in the file.
    """

    file: str
    line: int | None = None
    sheet: str = ""
    kind: ItemKind | None = None
    stem: str = ""
    options: tuple[str, ...] = ()
    key: str = ""
    blanks: tuple[tuple[str, ...], ...] = ()
    answer: str = ""
    explanation: str = ""
    citations: tuple[str, ...] = ()
    points: str = ""
    level: Level | None = None
    band: Band | None = None
    subject: str = ""
    topic: str = ""
    id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    case: str = ""
    case_title: str = ""
    stimulus: str = ""
    number: str = ""
    section: str = ""
    confidence: float = 1.0
    notes: tuple[str, ...] = ()
    raw: str = ""

    def doubt(self, note: str, factor: float = 0.9) -> "Draft":
        """Return the draft with one more note and less confidence."""
        return replace(self, notes=(*self.notes, note), confidence=self.confidence * factor)

    @cached_property
    def identity(self) -> str:
        """What makes it the same question: folded stem, options and stimulus, 64 hex digits."""
        parts = [fold_question(self.stem), *sorted(fold_question(text) for text in self.options)]
        # Without options the answer is part of the question: stems of this kind are short.
        parts += [] if self.options else [str(self.kind)]
        text = "\x1f".join((*parts, fold_question(self.stimulus)[:200]))
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

    def item_id(self, defaults: ImportDefaults) -> str:
        """Return the id given in the file, or one made of subject and content."""
        return self.id or f"{self.subject or defaults.subject}-x{self.identity[:10]}"

    def item(self, defaults: ImportDefaults) -> tuple[Item | None, tuple[ImportProblem, ...]]:
        """Return the question, or None, and everything to say about it."""
        problems = [self.problem(note, blocking=False) for note in self.notes]
        values, more = self._values(defaults)
        problems += [self.problem(reason, blocking=False) for reason in more]
        if self.kind is None:
            problems.append(self.problem("没有读出题型：没有选项，也没有可识别的答案"))
            return None, tuple(problems)
        try:
            return Item.model_validate(values), tuple(problems)
        except ValidationError as error:
            reasons = dict.fromkeys(_reason(fault) for fault in error.errors())
            problems += [self.problem(reason) for reason in reasons]
            return None, tuple(problems)

    def problem(self, reason: str, *, blocking: bool = True) -> ImportProblem:
        """Return one thing to say about this draft, with its place."""
        shown = f"{self.number}. {self.stem}" if self.number else self.stem
        return ImportProblem(
            reason, self.file, self.sheet, self.line, value=shown[:30], blocking=blocking
        )

    def _values(self, defaults: ImportDefaults) -> tuple[dict[str, Any], list[str]]:
        notes: list[str] = []
        values: dict[str, Any] = {
            **self.extra,
            "id": self.item_id(defaults),
            "kind": self.kind,
            "subject": self.subject or defaults.subject,
            "topic": self.topic or defaults.topic,
            "stem": self.stem,
            "explanation": self.explanation,
            "level": self.level or defaults.level,
            "band": self.band or defaults.band,
        }
        if self.options:
            values["options"] = list(self.options)
        if self.key:
            values["key"] = self.key
        if self.blanks:
            values["blanks"] = self.blanks
        if self.case:
            values["case"] = self.case
        if self.level is None or self.band is None:
            tags = tuple(values.get("tags", ()))
            values["tags"] = tags if UNGRADED in tags else (*tags, UNGRADED)
        citations, unread = _citations(self.citations)
        if citations:
            values["citations"] = citations
        if unread:
            notes.append(f"依据读不成法条引用，记入备注：{'；'.join(unread)[:60]}")
            old = str(values.get("note", ""))
            values["note"] = "；".join(part for part in (old, f"依据：{'；'.join(unread)}") if part)
        points = _points(self.points)
        if self.points and points is None:
            notes.append(f"分值“{self.points[:20]}”不是数字，未采用")
        if points is not None:
            values["points"] = points
        if self.kind is not None and not self.kind.objective and "marking_points" not in values:
            if self.answer and points is not None:
                values["marking_points"] = _marking_points(self.answer, points)
        elif self.answer and not self.explanation:
            values["explanation"] = self.answer
        return values, notes


def _points(written: str) -> Decimal | None:
    text = written.strip().removesuffix("分").strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number <= 1000 else None


@lru_cache(maxsize=8192)  # banks cite the same articles again and again
def _parsed(text: str) -> tuple[Citation, ...]:
    return parse_citations(text)


def _citations(written: Sequence[str]) -> tuple[tuple[Citation, ...], list[str]]:
    found: list[Citation] = []
    unread: list[str] = []
    for text in written:
        try:
            found += _parsed(text)
        except CitationError:
            unread.append(text)
    return tuple(dict.fromkeys(found)), unread


_POINT = re.compile(
    r"^\s*(?:[（(]\d{1,2}[)）]|\d{1,2}[.．、]|[①-⑳])\s*(.+?)\s*"
    r"(?:[（(]\s*(\d+(?:\.\d)?)\s*分\s*[)）])?[。；;\s]*$",
    re.DOTALL,
)
_SPLIT = re.compile(r"\n|(?<=[。；;）)])(?=\s*(?:[（(]\d{1,2}[)）]|[①-⑳]))")


def _marking_points(answer: str, points: Decimal) -> list[dict[str, Any]]:
    """Return the scheme a model answer contains, or the whole answer as one point."""
    parts = [_POINT.match(part) for part in _SPLIT.split(answer) if part.strip()]
    if len(parts) > 1 and all(parts):
        marks = [Decimal(p[2]) if p and p[2] else None for p in parts]
        if all(mark is not None for mark in marks) and sum(m for m in marks if m) >= points:
            return [{"points": m, "text": p[1]} for m, p in zip(marks, parts, strict=True) if p]
        each = (points / len(parts)).normalize()
        if all(mark is None for mark in marks) and each * len(parts) == points:
            return [{"points": Decimal(f"{each:f}"), "text": p[1]} for p in parts if p]
    return [{"points": points, "text": answer.strip()}]


def _reason(fault: Any) -> str:
    kind, place = fault["type"], ".".join(map(str, fault["loc"]))
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    if kind.startswith("string_too_short"):
        return "选项是空的" if place.startswith("options") else "题干是空的"
    return f"{place} 有误（{fault['msg']}）"


@dataclass(frozen=True, repr=False)
class BankReading(Reading[QuestionBank]):
    """A file of questions as read, before anything is kept (题库导入预览).

    Parameters
    ----------
    drafts
        Every question found, usable or not, in the order of the file.
    defaults
        What was assumed where the file says nothing.
    strays
        Those of the problems that belong to the file, not to one draft.
    """

    drafts: tuple[Draft, ...] = ()
    defaults: ImportDefaults = ImportDefaults()
    strays: tuple[ImportProblem, ...] = ()

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Questions found by kind; 未识别 when no kind was found."""
        tally = Counter(str(draft.kind or "未识别") for draft in self.drafts)
        order = [*map(str, ItemKind), "未识别"]
        return {kind: tally[kind] for kind in order if tally[kind]}

    @property
    def doubtful(self) -> tuple[Draft, ...]:
        """Drafts below `DOUBTFUL`, to be looked at first."""
        return tuple(draft for draft in self.drafts if draft.confidence < DOUBTFUL)

    def mended(self, drafts: Sequence[Draft]) -> "BankReading":
        """Return the reading with these drafts in place of the old ones, judged again."""
        return reading_of(self.source, drafts, self.strays, defaults=self.defaults)

    def __repr__(self) -> str:
        counts = "，".join(f"{kind} {number}" for kind, number in self.counts.items())
        noted = len(self.problems) - len(self.blocking)
        return (
            f"BankReading({self.source}: 读出 {len(self.drafts)} 题（{counts}），"
            f"可用 {len(self.good)} 题，{len(self.blocking)} 处须处理，{noted} 处提示)"
        )

    def _repr_html_(self) -> str:
        counts = "".join(f"<td>{escape(k)} {n}</td>" for k, n in self.counts.items())
        return f"<table><tr>{counts}</tr></table>{super()._repr_html_()}"


def case_id(stimulus: str) -> str:
    """Return an id made of the text of a shared stimulus."""
    return f"C{hashlib.sha256(fold_question(stimulus).encode('utf-8', 'replace')).hexdigest()[:8]}"


STRAY = "未归入任何题目"
"""How the problem of a line outside every question begins."""


def reading_of(
    source: str,
    drafts: Sequence[Draft],
    problems: Sequence[ImportProblem] = (),
    *,
    defaults: ImportDefaults | None = None,
) -> BankReading:
    """Judge drafts: build the bank of those that can be used, list the problems of all.

    A question found twice is used once; a case is used only when all its sub-questions can be.
    """
    defaults = defaults or ImportDefaults()
    found = list(problems)
    items: dict[str, Item] = {}
    lines: dict[str, int | None] = {}
    revisions: dict[str, Draft] = {}
    stimuli: dict[str, list[Draft]] = {}
    bad_cases: set[str] = set()
    for draft in drafts:
        item, some = draft.item(defaults)
        found += some
        if draft.case:
            stimuli.setdefault(draft.case, []).append(draft)
        if item is None:
            bad_cases |= {draft.case} if draft.case else set()
            continue
        if item.id in items:
            place = f"第 {lines[item.id]} 行" if lines[item.id] else "前面"
            same = revisions[item.id].key == draft.key
            if draft.id:
                found.append(draft.problem(f"编号 {item.id} 与{place}的题重复"))
            elif same:
                found.append(draft.problem(f"与{place}的题相同，只取一次", blocking=False))
            else:
                found.append(draft.problem(f"与{place}的题相同，但答案不同"))
            bad_cases |= {draft.case} if draft.case else set()
            continue
        items[item.id], lines[item.id], revisions[item.id] = item, draft.line, draft
    cases: dict[str, Case] = {}
    for name, parts in stimuli.items():
        ids = [i.id for i in items.values() if i.case == name]
        first = parts[0]
        stimulus = next((d.stimulus for d in parts if d.stimulus), "")
        if not stimulus:
            found.append(first.problem(f"案例 {name} 没有材料"))
            bad_cases.add(name)
        if name in bad_cases or not ids:
            bad_cases.add(name)
            continue
        title = next((d.case_title for d in parts if d.case_title), "")
        cases[name] = Case(id=name, title=title, stimulus=stimulus, item_ids=tuple(ids))
    for name in sorted(bad_cases):
        left_out = [i for i in items.values() if i.case == name]
        if left_out:
            found.append(stimuli[name][0].problem(f"案例 {name} 有小题不能用，整个案例暂不采用"))
    kept = tuple(item for item in items.values() if item.case not in bad_cases)
    order = sorted(range(len(found)), key=lambda i: (found[i].file, found[i].sheet,
                                                     found[i].line or 0, i))  # fmt: skip
    return BankReading(
        source, QuestionBank(kept, cases), tuple(found[i] for i in order), tuple(drafts),
        defaults, tuple(problems),
    )  # fmt: skip


def draft_of(
    item: Item, case: Case | None = None, *, file: str = "", line: int | None = None
) -> Draft:
    """Return an item of a bank as a draft; confirming it gives the item back."""
    extra: dict[str, Any] = {}
    for name in ("band_reason", "source", "field_part", "note", "tags", "enemies", "negative",
                 "status", "basis", "marking_points"):  # fmt: skip
        value = getattr(item, name)
        if value != Item.model_fields[name].get_default():
            extra[name] = value
    if pinned := [option.id for option in item.options if option.pinned]:
        extra["pinned"] = pinned
    key, options = "".join(sorted(item.key)), tuple(option.text for option in item.options)
    if options == ("正确", "错误"):
        key, options = item.key_text, ()
    return Draft(
        file, line, kind=item.kind, stem=item.stem, options=options, key=key,
        blanks=item.blanks, explanation=item.explanation,
        citations=tuple(str(c) for c in item.citations),
        points="" if item.points is None else str(item.points),
        level=item.level, band=item.band, subject=item.subject, topic=item.topic, id=item.id,
        extra=extra, case=item.case or "", case_title=case.title if case else "",
        stimulus=case.stimulus if case else "",
    )  # fmt: skip
