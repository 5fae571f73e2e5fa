"""What a candidate handed in (答题卡)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Attendance(StrEnum):
    """Whether the candidate sat (到考情况); absent and voided are kept apart everywhere."""

    PRESENT = "到考"
    ABSENT = "缺考"
    VOIDED = "违纪"
    DEFERRED = "缓考"
    EXEMPT = "免试"


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """One candidate's choices, under item and option ids (答题卡).

    Parameters
    ----------
    candidate
        Candidate code.
    attendance
        Only a candidate who was present can have answers that count.
    chosen
        Item id → option ids. An item of the paper that is missing here, or has an empty set, was
        omitted: it earns nothing, which differs from not having been presented.
    written
        Item id → texts written, one per blank for 填空, one for 简答 and 论述.
    """

    candidate: str
    attendance: Attendance = Attendance.PRESENT
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "chosen", MappingProxyType(dict(self.chosen)))
        object.__setattr__(self, "written", MappingProxyType(dict(self.written)))
