"""Marking rules as data (评分规则): what was chosen, the key and the points give the mark.

The six rules for multiple-answer items are those in use in Chinese exams (`docs/conventions.md`
§3). A programme names one by its code; every rule keeps four promises, which the tests check for
all subsets: the mark lies between minus the penalty and the points, a blank earns nothing, the key
earns everything, and the order of options plays no part.
"""

from abc import abstractmethod
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from .points import Points

Chosen: TypeAlias = frozenset[str]


def round_half_up(value: Decimal, step: Decimal) -> Decimal:
    """Round to the nearest multiple of `step`, halves away from zero (四舍五入)."""
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step


class _Rule(BaseModel):
    """What all rules share: the penalty for a wrong answer and the rounding of shares."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: ClassVar[str]

    penalty: Points = Field(default=Decimal(0), ge=0)
    step: Points = Field(default=Decimal("0.01"), gt=0)

    def award(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:
        """Return the mark for the options chosen.

        Parameters
        ----------
        chosen
            Option ids marked by the candidate; empty means omitted and earns exactly 0.
        key
            Right option ids, not empty.
        points
            Full marks of the item, at least 0.
        """
        if not chosen:
            return Decimal(0)
        if chosen == key:
            return points
        share = self._part(chosen, key, points)
        return -self.penalty if share <= 0 else min(round_half_up(share, self.step), points)

    @abstractmethod
    def _part(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:
        """Points for a non-empty choice that is not the key; 0 or less means wrong."""


class AllOrNothing(_Rule):
    """Full marks for the exact key, else nothing (全对得分), as in the national legal exam."""

    title = "全部选对得满分，多选、少选、错选均不得分"
    code: Literal["all_or_nothing"] = "all_or_nothing"

    def _part(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:  # noqa: ARG002
        return Decimal(0)


class HalfSubset(_Rule):
    """Half the marks when every option chosen is right but some are missing (少选得一半)."""

    title = "全部选对得满分，少选且无错选得一半分，有错选不得分"
    code: Literal["half_subset"] = "half_subset"

    def _part(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:
        return points / 2 if chosen < key else Decimal(0)


class FixedSubset(_Rule):
    """A fixed mark when every option chosen is right but some are missing (少选得固定分)."""

    title = "全部选对得满分，少选且无错选得固定分，有错选不得分"
    code: Literal["fixed_subset"] = "fixed_subset"
    partial: Points = Field(default=Decimal(1), ge=0)

    def _part(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:
        return min(self.partial, points) if chosen < key else Decimal(0)


class PerOption(_Rule):
    """Each right option earns a set mark, any wrong one loses all (每选对一个得分)."""

    title = "少选时每选对一个得固定分，有错选不得分"
    code: Literal["per_option"] = "per_option"
    each: Points = Field(default=Decimal("0.5"), ge=0)

    def _part(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:
        return min(self.each * len(chosen), points) if chosen < key else Decimal(0)


class Proportional(_Rule):
    """Right options chosen over right options in all, any wrong one loses all (按比例得分)."""

    title = "少选时按选对的比例得分，有错选不得分"
    code: Literal["proportional"] = "proportional"

    def _part(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:
        return points * len(chosen) / len(key) if chosen < key else Decimal(0)


class Net(_Rule):
    """Right minus wrong over right options in all, not below zero (净得分)."""

    title = "按（选对数－选错数）÷应选数得分，不低于零分"
    code: Literal["net"] = "net"

    def _part(self, chosen: Chosen, key: Chosen, points: Decimal) -> Decimal:
        return points * (len(chosen & key) - len(chosen - key)) / len(key)


def _from_code(value: Any) -> Any:
    return {"code": value} if isinstance(value, str) else value


MarkingRule: TypeAlias = Annotated[
    Annotated[
        AllOrNothing | HalfSubset | FixedSubset | PerOption | Proportional | Net,
        Field(discriminator="code"),
    ],
    BeforeValidator(_from_code),
]
"""A rule as it is written: its code, or a table with the code and its settings."""

_READER: TypeAdapter[MarkingRule] = TypeAdapter(MarkingRule)


def parse_rule(value: str | Mapping[str, object] | _Rule) -> MarkingRule:
    """Read a rule from its code, or from a table with the code and its settings.

    Raises
    ------
    pydantic.ValidationError
        If there is no such code or setting.
    """
    return _READER.validate_python(value)
