"""What a paper must look like (组卷蓝图、双向细目表), written as a table and checked when read."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_serializer, model_validator

from ..bank.item import Band, Basis, Item, ItemKind, Level, Status
from ..points import Points
from ..rules import AllOrNothing, MarkingRule


class Measure(StrEnum):
    """What a bound adds up (计量)."""

    ITEMS = "items"
    POINTS = "points"
    MINUTES = "minutes"
    CHARACTERS = "characters"


class Per(StrEnum):
    """A bound written once and meant for each value of something (逐项限制)."""

    STATUTE = "statute"
    ARTICLE = "article"
    SUBJECT = "subject"
    TOPIC = "topic"
    TAG = "tag"


class Mode(StrEnum):
    """Who gets which items (出卷方式): everyone the same, A/B forms, or one paper each."""

    FIXED = "fixed"
    AB = "ab"
    PER_CANDIDATE = "per_candidate"


class OrderPolicy(StrEnum):
    """Order of items within a section (题序)."""

    SHUFFLED = "shuffled"
    AS_DRAWN = "as_drawn"
    EASY_TO_HARD = "easy_to_hard"
    BY_TOPIC = "by_topic"


class Facet(StrEnum):
    """Facets whose counts can be the same on every paper (均衡维度)."""

    LEVEL = "level"
    BAND = "band"


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Selection(_Written):
    """Conditions on an item; an empty one allows everything, several must all hold (选题条件).

    Parameters
    ----------
    subjects, topics, levels, bands, field_parts
        Values of which the item must have one.
    tags
        Tags of which the item must have one.
    statutes
        Titles without 《》, of which the item must cite one.
    basis
        What the key rests on.
    negative
        Whether the stem is a negative one.
    """

    subjects: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    bands: tuple[Band, ...] = ()
    field_parts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    statutes: tuple[str, ...] = ()
    basis: Basis | None = None
    negative: bool | None = None

    def fits(self, item: Item) -> bool:
        """Whether an item satisfies every condition."""
        return (
            (not self.subjects or item.subject in self.subjects)
            and (not self.topics or item.topic in self.topics)
            and (not self.levels or item.level in self.levels)
            and (not self.bands or item.band in self.bands)
            and (not self.field_parts or item.field_part in self.field_parts)
            and (not self.tags or not set(self.tags).isdisjoint(item.tags))
            and (not self.statutes or any(c.title in self.statutes for c in item.citations))
            and (self.basis is None or item.basis is self.basis)
            and (self.negative is None or item.negative is self.negative)
        )


class Row(Selection):
    """One line of the table: so many items of this description, exactly (蓝图行).

    In a section of cases a row draws whole cases. An item belongs to the first row of the blueprint
    that it fits, so rows never share an item and a last row without conditions takes the rest.

    Parameters
    ----------
    title
        How the row is called in the table and in messages; unique within its section.
    count
        Items, or cases in a section of cases; at least 1.
    optional
        Off unless switched on with `Blueprint.with_optional` (本地法规 and the like).
    """

    title: str = Field(min_length=1)
    count: int
    optional: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.count < 1:
            raise ValueError(f"蓝图行“{self.title}”的题数应为正整数，现为 {self.count}")
        return self


class Section(_Written):
    """One part of the paper (大题): one kind of question, or whole cases.

    Parameters
    ----------
    id
        Short and stable, such as ``"1"``.
    title, instruction
        As printed.
    kind
        The kind of question; ``None`` in a section of cases, whose sub-questions may be mixed.
    cases
        Whether rows draw whole cases with `items_per_case` sub-questions each.
    points
        Points of each item; in a section of cases of each sub-question.
    rule
        Marking rule. In a section of cases it holds for multiple and indefinite choice; the other
        kinds are marked right or wrong.
    minutes
        Advised working time; ``None`` when none is advised.
    """

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    instruction: str = ""
    kind: ItemKind | None = None
    cases: bool = False
    items_per_case: int = Field(default=5, ge=1)
    points: Points
    rule: MarkingRule = AllOrNothing()
    minutes: int | None = Field(default=None, ge=0)
    rows: tuple[Row, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.cases == (self.kind is not None):
            raise ValueError(f"大题“{self.title}”应写明题型 kind，或写明 cases = true，二者取一")
        if self.points <= 0:
            raise ValueError(f"大题“{self.title}”的每题分值应大于 0，现为 {self.points}")
        if not self.active_rows:
            raise ValueError(f"大题“{self.title}”没有蓝图行")
        for title, times in Counter(row.title for row in self.rows).items():
            if times > 1:
                raise ValueError(f"大题“{self.title}”有 {times} 行都叫“{title}”")
        return self

    @property
    def active_rows(self) -> tuple[Row, ...]:
        """The rows that are drawn."""
        return tuple(row for row in self.rows if not row.optional)

    @property
    def items(self) -> int:
        """Items (sub-questions of cases counted singly) on one paper."""
        each = self.items_per_case if self.cases else 1
        return each * sum(row.count for row in self.active_rows)

    @property
    def total_points(self) -> Decimal:
        """Points of the whole section."""
        return self.points * self.items

    def rule_for(self, kind: ItemKind) -> MarkingRule:
        """Return the marking rule of an item of this kind in this section."""
        if self.cases and kind not in (ItemKind.MULTIPLE, ItemKind.INDEFINITE):
            return AllOrNothing()
        return self.rule


class Bound(Selection):
    """A limit on what may be counted or added up over the whole paper (限制条件).

    Parameters
    ----------
    title
        How the bound is called in messages.
    kinds
        Kinds of question it looks at; empty for all.
    minimum, maximum
        Inclusive; at least one is given.
    of
        What is added up over the items that fit: their number, points, estimated minutes, or
        characters to read.
    per
        Makes one such bound for each statute, article, subject, topic or tag met in the bank.
    new
        Whether it counts items never used before, or only used ones (新题).
    """

    title: str = Field(min_length=1)
    kinds: tuple[ItemKind, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    of: Measure = Measure.ITEMS
    per: Per | None = None
    new: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        low, high = self.minimum, self.maximum
        if low is None and high is None:
            raise ValueError(f"限制“{self.title}”没有写下限 minimum 或上限 maximum")
        if min(v for v in (low, high) if v is not None) < 0:
            raise ValueError(f"限制“{self.title}”的上下限不能为负数")
        if low is not None and high is not None and low > high:
            raise ValueError(f"限制“{self.title}”自相矛盾：下限 {low} 大于上限 {high}")
        return self

    def fits(self, item: Item) -> bool:
        """Whether an item is counted."""
        return (not self.kinds or item.kind in self.kinds) and super().fits(item)


_USABLE = frozenset(Status) - {Status.SUSPENDED, Status.RETIRED}


class Blueprint(_Written):
    """The whole table (组卷蓝图). What it asks for holds exactly on every paper.

    Parameters
    ----------
    title
        Name of the paper.
    sections, bounds
        Quotas and limits.
    exclude, include
        Ids of items or cases never drawn, and of those on every paper.
    statuses
        States of an item in which it may be drawn.
    rest_days
        An item used on a day less than this long before the exam is not drawn.
    mode
        Everyone the same form, A/B forms, or one paper per candidate.
    order
        Order of items within a section.
    shuffle_options
        Whether options are shown in an order of the candidate's own; true/false and pinned options
        stay.
    balance
        Facets whose counts are made the same on every paper (used while items have no parameters).
    neighbour_classes
        With more than 1, neighbours draw from separate parts of every cell.
    exposure_cap
        Highest share of papers an item may be on, in (0, 1]; feasibility warns above it.
    """

    title: str = Field(min_length=1)
    sections: tuple[Section, ...]
    bounds: tuple[Bound, ...] = ()
    exclude: frozenset[str] = frozenset()
    include: frozenset[str] = frozenset()
    statuses: frozenset[Status] = _USABLE
    rest_days: int = Field(default=0, ge=0)
    mode: Mode = Mode.PER_CANDIDATE
    order: OrderPolicy = OrderPolicy.SHUFFLED
    shuffle_options: bool = True
    balance: tuple[Facet, ...] = ()
    neighbour_classes: int = Field(default=1, ge=1)
    exposure_cap: Points | None = None

    @field_serializer("exclude", "include", "statuses", when_used="json")
    def _in_order(self, names: Iterable[str]) -> list[str]:
        # A set has no order of its own; what is written or hashed must have one.
        return sorted(names)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.sections:
            raise ValueError(f"蓝图“{self.title}”没有大题")
        for name, times in Counter(section.id for section in self.sections).items():
            if times > 1:
                raise ValueError(f"有 {times} 个大题的编号都是“{name}”")
        for name, times in Counter(bound.title for bound in self.bounds).items():
            if times > 1:
                raise ValueError(f"有 {times} 条限制都叫“{name}”")
        if both := sorted(self.include & self.exclude):
            raise ValueError(f"必选题与排除题重复：{'、'.join(both)}")
        if self.exposure_cap is not None and not 0 < self.exposure_cap <= 1:
            raise ValueError(f"曝光上限应在 0 与 1 之间，现为 {self.exposure_cap}")
        for bound in self.bounds:
            self._check_reach(bound)
        return self

    def _check_reach(self, bound: Bound) -> None:
        """Refuse a lower limit that no paper of this size can reach."""
        most = {Measure.ITEMS: Decimal(self.items_per_paper), Measure.POINTS: self.total_points}
        if bound.minimum is not None and bound.minimum > most.get(bound.of, bound.minimum):
            raise ValueError(
                f"限制“{bound.title}”的下限 {bound.minimum} 超过整卷的 {most[bound.of]}"
            )

    @property
    def total_points(self) -> Decimal:
        """Points of a whole paper."""
        return sum((section.total_points for section in self.sections), start=Decimal(0))

    @property
    def items_per_paper(self) -> int:
        """Items on a paper, sub-questions counted singly."""
        return sum(section.items for section in self.sections)

    def section(self, section_id: str) -> Section:
        """Return the section of that id; raises ``KeyError`` when there is none."""
        for section in self.sections:
            if section.id == section_id:
                return section
        raise KeyError(section_id)

    def with_optional(self, title: str, *, instead_of: str | None = None) -> "Blueprint":
        """Switch an optional row on, taking its items from another row of the same section.

        Raises
        ------
        ValueError
            If there is no such optional row, or the other row has too few items to give.
        """
        sections = list(self.sections)
        for place, section in enumerate(sections):
            if any(row.title == title and row.optional for row in section.rows):
                rows = _switch_on(section.rows, title, instead_of)
                sections[place] = section.model_copy(update={"rows": rows})
                return Blueprint.model_validate({**dict(self), "sections": tuple(sections)})
        raise ValueError(f"蓝图“{self.title}”没有名为“{title}”的可选行")

    @classmethod
    def from_toml(cls, text: str) -> "Blueprint":
        """Read a blueprint written as TOML.

        Raises
        ------
        pydantic.ValidationError
            With every problem found, each naming the section, row or bound at fault.
        tomllib.TOMLDecodeError
            If the text is not TOML.
        """
        return cls.model_validate(tomllib.loads(text, parse_float=Decimal))


def _switch_on(rows: Sequence[Row], title: str, instead_of: str | None) -> tuple[Row, ...]:
    wanted = next(row for row in rows if row.title == title)
    out: list[Row] = []
    given = instead_of is None
    for row in rows:
        if row.title == title:
            out.append(row.model_copy(update={"optional": False}))
        elif row.title == instead_of:
            given, rest = True, row.count - wanted.count
            if rest < 0:
                raise ValueError(f"“{row.title}”只有 {row.count} 题，不够让出 {wanted.count} 题")
            out += [row.model_copy(update={"count": rest})] if rest else []
        else:
            out.append(row)
    if not given:
        raise ValueError(f"同一大题中没有名为“{instead_of}”的行")
    return tuple(out)
