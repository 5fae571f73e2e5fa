"""One question (试题) and the facts a question carries."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..errors import CitationError
from ..law.citation import Citation
from ..points import Points

LETTERS = "ABCDEFGH"
"""Option ids in the author's order; a printed paper may show them in another order."""


class ItemKind(StrEnum):
    """Kinds of question (题型); closed on purpose, since each touches print, marks and analysis."""

    SINGLE = "单选"
    MULTIPLE = "多选"
    INDEFINITE = "不定项"
    TRUE_FALSE = "判断"
    BLANK = "填空"
    SHORT = "简答"
    ESSAY = "论述"

    @property
    def objective(self) -> bool:
        """Whether a program can mark it."""
        return self not in (ItemKind.SHORT, ItemKind.ESSAY)

    @property
    def has_options(self) -> bool:
        """Whether the candidate chooses among options."""
        return self in (
            ItemKind.SINGLE,
            ItemKind.MULTIPLE,
            ItemKind.INDEFINITE,
            ItemKind.TRUE_FALSE,
        )


class Level(StrEnum):
    """Cognitive level (能力层次)."""

    RECALL = "识记"
    UNDERSTAND = "理解"
    APPLY = "应用"
    ANALYSE = "分析"


class Band(StrEnum):
    """Difficulty band by the expected share right (难度等级): ≥ .85, .70, .50, .30, below."""

    EASY = "易"
    FAIRLY_EASY = "较易"
    MIDDLE = "中"
    FAIRLY_HARD = "较难"
    HARD = "难"

    @property
    def share_right(self) -> float:
        """The middle of the band as a proportion in (0, 1)."""
        return {"易": 0.91, "较易": 0.775, "中": 0.6, "较难": 0.4, "难": 0.22}[self.value]


class Basis(StrEnum):
    """What the key rests on (依据类型)."""

    STATUTE = "statute"
    POLICY = "policy"


class Status(StrEnum):
    """Life of an item (试题状态)."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PILOT = "pilot"
    LIVE = "live"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class _Written(BaseModel):
    """What people write: frozen, and unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Option(_Written):
    """One option (选项); `id` is its letter in the author's order and never changes."""

    id: str
    text: str = Field(min_length=1)
    pinned: bool = False


class MarkingPoint(_Written):
    """One point of a marking scheme (评分点) with wordings that also earn it."""

    points: Points
    text: str = Field(min_length=1)
    accept: tuple[str, ...] = ()


class Case(_Written):
    """A shared stimulus (案情) and its sub-questions in order."""

    id: str = Field(min_length=1)
    title: str = ""
    stimulus: str = Field(min_length=1)
    item_ids: tuple[str, ...] = Field(min_length=1)


class Item(_Written):
    """One question and the revision its content makes (试题).

    Construct it from what a person writes: ``options`` may be a list of texts, ``key`` letters such
    as ``"ABD"`` or 正确/错误, ``pinned`` a list of letters, ``citations`` a list of texts.

    Raises
    ------
    pydantic.ValidationError
        With every problem found, each under the field at fault.
    """

    id: str = Field(min_length=1)
    kind: ItemKind
    subject: str
    topic: str
    stem: str = Field(min_length=1)
    options: tuple[Option, ...] = ()
    key: frozenset[str] = frozenset()
    blanks: tuple[tuple[str, ...], ...] = ()
    points: Points | None = None
    marking_points: tuple[MarkingPoint, ...] = ()
    explanation: str = ""
    citations: tuple[Citation, ...] = ()
    level: Level
    band: Band
    band_reason: str = ""
    basis: Basis = Basis.STATUTE
    source: str = ""
    field_part: str = ""
    tags: tuple[str, ...] = ()
    enemies: frozenset[str] = frozenset()
    negative: bool = False
    status: Status = Status.DRAFT
    note: str = ""
    case: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        """Turn the written shorthand into values; wrong types are left for the field checks."""
        if not isinstance(data, Mapping):
            return data
        fields = dict(data)
        pinned = fields.pop("pinned", ())
        options = fields.get("options", ())
        if fields.get("kind") == ItemKind.TRUE_FALSE and not options:
            options = ("正确", "错误")
            key = fields.get("key")
            if isinstance(key, str) and key in options:
                fields["key"] = LETTERS[options.index(key)]
        if isinstance(options, Sequence) and all(isinstance(text, str) for text in options):
            if len(options) > len(LETTERS):
                raise ValueError(f"选项最多 {len(LETTERS)} 个，现有 {len(options)} 个")
            fields["options"] = [
                {"id": letter, "text": text, "pinned": letter in pinned}
                for letter, text in zip(LETTERS, options, strict=False)
            ]
        if isinstance(fields.get("key"), str):
            letters = fields["key"]
            if len(set(letters)) < len(letters):
                raise ValueError(f"答案 {letters} 中有重复的字母")
            fields["key"] = frozenset(letters)
        return fields

    @field_validator("citations", mode="before")
    @classmethod
    def _parse_citations(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        try:
            return tuple(Citation.parse(c) if isinstance(c, str) else c for c in value)
        except CitationError as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Check that kind, options, key and marking points agree with each other."""
        if self.kind.has_options:
            self._check_options()
        elif self.options or self.key:
            raise ValueError(f"{self.kind}题不应有选项或字母答案")
        if self.kind is ItemKind.BLANK:
            if not self.blanks or not all(self.blanks):
                raise ValueError("填空题的每个空都要有可接受的答案")
            if self.stem.count("＿＿") != len(self.blanks):
                raise ValueError(
                    f"题干有 {self.stem.count('＿＿')} 个空，答案有 {len(self.blanks)} 个"
                )
        elif self.blanks:
            raise ValueError(f"{self.kind}题不应有填空答案")
        if not self.kind.objective:
            total = sum((p.points for p in self.marking_points), start=0)
            if self.points is None or not self.marking_points:
                raise ValueError(f"{self.kind}题必须给出分值和评分点")
            if total < self.points:
                raise ValueError(f"评分点之和 {total} 小于分值 {self.points}")
        if self.basis is Basis.POLICY and not self.source:
            raise ValueError("依据为政策文件时，必须写明 source（文件名称和日期）")
        return self

    def _check_options(self) -> None:
        ids = [option.id for option in self.options]
        minimum = 2 if self.kind is ItemKind.TRUE_FALSE else 3
        if len(ids) < minimum:
            raise ValueError(f"{self.kind}题至少要有 {minimum} 个选项，现有 {len(ids)} 个")
        texts = [option.text for option in self.options]
        if len(set(texts)) < len(texts):
            raise ValueError("选项文字有重复")
        if missing := sorted(self.key - set(ids)):
            raise ValueError(f"答案为 {''.join(missing)}，选项只有 {ids[0]} 至 {ids[-1]}")
        right = len(self.key)
        if right == 0:
            raise ValueError("没有答案")
        if self.kind in (ItemKind.SINGLE, ItemKind.TRUE_FALSE) and right != 1:
            raise ValueError(f"{self.kind}题只能有一个答案，现有 {right} 个")
        if self.kind is ItemKind.MULTIPLE and right < 2:
            raise ValueError("多选题至少要有两个答案")

    @property
    def key_text(self) -> str:
        """The key as a marker reads it: letters, 正确/错误, or the accepted words per blank."""
        if self.kind is ItemKind.TRUE_FALSE:
            return next(option.text for option in self.options if option.id in self.key)
        if self.kind is ItemKind.BLANK:
            return "；".join("／".join(words) for words in self.blanks)
        if not self.kind.objective:
            return "；".join(f"{p.text}（{p.points} 分）" for p in self.marking_points)
        return "".join(sorted(self.key))

    @property
    def revision(self) -> str:
        """Content hash, 16 hex digits: changes when what is asked or what is right changes.

        Covers kind, stem, options, key, blanks, points and marking points; explanation, citation,
        status and notes may be mended without making a new revision.
        """
        content = {
            "kind": self.kind.value,
            "stem": self.stem,
            "options": [[o.id, o.text, o.pinned] for o in self.options],
            "key": sorted(self.key),
            "blanks": [list(words) for words in self.blanks],
            "points": None if self.points is None else str(self.points),
            "marking_points": [[str(p.points), p.text, *p.accept] for p in self.marking_points],
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Item({self.id}, {self.kind}, {self.subject} {self.topic}, {self.stem[:20]}…)"
