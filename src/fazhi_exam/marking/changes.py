"""Decisions about a faulty question (答案更正), each with its reason."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class VoidItem:
    """The item counts for nobody (作废).

    Parameters
    ----------
    item_id, reason
        What is void and why.
    rescale
        Whether each total is scaled up to the full marks of the paper, halves up to 0.01.
    """

    item_id: str
    reason: str
    rescale: bool = True


@dataclass(frozen=True, slots=True)
class SecondKey:
    """Another set of options is right as well (增加答案); each candidate gets the better mark."""

    item_id: str
    key: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class GiveToAll:
    """Everybody whose paper holds the item gets its points (全体给分), omitted or not."""

    item_id: str
    reason: str


KeyChange: TypeAlias = VoidItem | SecondKey | GiveToAll


def describe(change: KeyChange) -> str:
    """Say in Chinese what was decided and why."""
    match change:
        case VoidItem(rescale=scaled):
            done = "作废，其余题目按比例折算到满分" if scaled else "作废，不折算"
        case SecondKey(key=key):
            done = f"增加答案 {''.join(sorted(key))}"
        case GiveToAll():
            done = "全体给分"
    return f"{change.item_id} {done}：{change.reason}"
