"""What is committed before a draw: integers and texts only, in one canonical form (抽题清单)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ..rules import MarkingRule
from .blueprint import OrderPolicy
from .form import FormItem
from .stream import digest


class _Committed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON."""
        return digest(self.model_dump(mode="json"))


class CommittedCell(_Committed):
    """A cell: `fixed` come first on every paper, the rest is chosen among `members`."""

    id: str
    title: str
    fixed: tuple[str, ...]
    members: tuple[str, ...]


class CommittedSection(_Committed):
    """A section: what its items are worth, how they are marked, and its cells in order."""

    id: str
    title: str
    points: str
    rule: str
    cells: tuple[CommittedCell, ...]


class CommittedUnit(_Committed):
    """What is drawn as a whole: its items in their order.

    `score` are the marks expected of a borderline candidate in 1/10,000.
    """

    items: tuple[str, ...]
    score: int
    topic: str


class CommittedItem(_Committed):
    """Revision and options of an item; `pinned` options keep their places."""

    kind: str
    revision: str
    options: tuple[str, ...]
    pinned: tuple[str, ...]


class CommittedBound(_Committed):
    """A limit on the sum of integer weights over the units of a paper."""

    title: str
    minimum: int | None
    maximum: int | None
    weights: dict[str, int]


class CommittedTarget(_Committed):
    """Expected marks of a borderline candidate and the tolerance, both in 1/10,000."""

    score: int
    tolerance: int


class RosterRow(_Committed):
    """What a draw knows of a candidate."""

    code: str
    seen: tuple[str, ...] = ()
    neighbour_class: int = 0


class Manifest(_Committed):
    """The committed list; `docs/conventions.md` §1 describes every field.

    `plans` holds, for each plan a paper may follow, how many units it takes from each cell in
    order; there is one plan unless counts of levels or bands are balanced.
    """

    spec: Literal["fazhi-exam-draw/1"] = "fazhi-exam-draw/1"
    exam: str
    date: str
    title: str
    bank: str
    sections: tuple[CommittedSection, ...]
    plans: tuple[tuple[int, ...], ...]
    units: dict[str, CommittedUnit]
    items: dict[str, CommittedItem]
    enemies: tuple[tuple[str, str], ...]
    bounds: tuple[CommittedBound, ...]
    target: CommittedTarget | None
    score_basis: Literal["parameters", "bands"]
    order: Literal["shuffled", "as_drawn", "easy_to_hard", "by_topic"]
    shuffle_options: Literal[0, 1]
    neighbour_classes: int
    max_attempts: int

    @property
    def policy(self) -> OrderPolicy:
        """The order of items within a section."""
        return OrderPolicy(self.order)

    @property
    def cells(self) -> tuple[CommittedCell, ...]:
        """All cells in the order of the plans' columns."""
        return tuple(cell for section in self.sections for cell in section.cells)

    @property
    def worth(self) -> Mapping[str, FormItem]:
        """Points and marking rule of every item that can be drawn, by item id."""
        rules = TypeAdapter[MarkingRule](MarkingRule)
        out = {}
        for section in self.sections:
            rule = rules.validate_json(section.rule)
            exact = rules.validate_python("all_or_nothing")
            for cell in section.cells:
                for unit in (*cell.fixed, *cell.members):
                    names = self.units[unit].items
                    for name in names:
                        item = self.items[name]
                        by_rule = len(names) == 1 or item.kind in ("多选", "不定项")
                        out[name] = FormItem(
                            name,
                            item.revision,
                            Decimal(section.points),
                            rule if by_rule else exact,
                            unit if unit != name else None,
                        )
        return out


def roster_hash(rows: tuple[RosterRow, ...]) -> str:
    """Return the SHA-256 of the canonical JSON of the roster rows."""
    return digest([row.model_dump(mode="json") for row in rows])
