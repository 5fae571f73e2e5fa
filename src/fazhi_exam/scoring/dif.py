"""Items that are harder for one group than for others of equal score (项目功能差异)."""

from dataclasses import dataclass
from html import escape

import numpy as np

from ..delivery.sitting import Sitting
from ..errors import NotEnoughData
from ..marking.mark import Marks
from ..psychometrics.dif import EtsClass, mantel_haenszel
from ..typing import Bools, Floats

FEWEST = 10
"""Answers that each of the two groups must have given to an item for it to be tested."""


@dataclass(frozen=True, slots=True)
class ItemDif:
    """One item: people of the two groups, effect on the delta scale, test and class.

    `delta` is negative when the item is harder for the focal group; beyond 1.5 either way, and
    significantly beyond 1, it is of class C.
    """

    item_id: str
    others: int
    focal: int
    delta: float
    delta_error: float
    p: float
    ets: EtsClass

    @property
    def flagged(self) -> bool:
        """Whether the item is to be looked at."""
        return self.ets is EtsClass.C


@dataclass(frozen=True)
class DifTable:
    """Every item that could be tested, the largest effects first (分组差异表).

    Parameters
    ----------
    by, focal
        Name of the grouping, and the group that is compared with everybody else.
    people
        Everybody else and the focal group, of those who sat.
    items
        Tested items.
    untested
        Items with too few answers of one of the groups.
    """

    by: str
    focal: str
    people: tuple[int, int]
    items: tuple[ItemDif, ...]
    untested: tuple[str, ...]

    def flagged(self) -> tuple[ItemDif, ...]:
        """Return the items to be looked at."""
        return tuple(item for item in self.items if item.flagged)

    def __str__(self) -> str:
        found = self.flagged()
        harder = sum(item.delta < 0 for item in found)
        verdict = (
            f"{len(found)} 道须查看（对“{self.focal}”偏难 {harder} 道，"
            f"偏易 {len(found) - harder} 道）"
            if found
            else "没有发现须查看的题"
        )
        return (
            f"{self.by}“{self.focal}”{self.people[1]} 人与其余 {self.people[0]} 人比较，"
            f"总分相近的人再比每道题：检验了 {len(self.items)} 道，{verdict}；"
            f"{len(self.untested)} 道作答人数不足，没有检验"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(i.item_id)}</td><td>{i.delta:+.2f}</td><td>{i.p:.3f}</td></tr>"
            for i in self.flagged()
        )
        return f"<p>{escape(str(self))}</p><table>{rows}</table>"


def item_dif(
    marks: Marks, sitting: Sitting, *, by: str, focal: str | None = None, strata: int = 10
) -> DifTable:
    """Test every item by Mantel-Haenszel, one group against everybody else.

    People are matched on the share of points won on their own paper, in classes of equal size
    (thick matching, Donoghue & Allen 1993), because single totals hold too few people. An item
    counts as right when all its points were won.

    Parameters
    ----------
    by
        Grouping of the roster, such as ``岗位``.
    focal
        The group to compare; None for the largest.
    strata
        Classes of people, from the weakest to the strongest.

    Raises
    ------
    NotEnoughData
        If one of the two sides has fewer than 30 people.
    """
    sat = np.array([total is not None for total in marks.totals])
    group = np.array([sitting.roster[code].groups.get(by, "") for code in marks.candidates], str)
    named = sorted({name for name in group[sat].tolist() if name})
    if not named:
        raise NotEnoughData(f"分组差异（{by}）", 0, 30, "名填写了这一分组的实考人员")
    sizes = {name: int(((group == name) & sat).sum()) for name in named}
    one = focal if focal is not None else max(named, key=lambda name: sizes[name])
    inside = sat & (group == one)
    people = (int((sat & ~inside).sum()), int(inside.sum()))
    if min(people) < 30:
        raise NotEnoughData(f"分组差异（{one}）", min(people), 30, "人（较小的一方）")
    stratum = _strata(marks, sat, strata)
    row = np.repeat(np.arange(len(marks)), np.diff(marks.indptr))
    counted = (marks.possible > 0) & sat[row]
    tested, untested = [], []
    for column, item_id in enumerate(marks.item_ids):
        at = np.flatnonzero(counted & (marks.item == column))
        who = row[at]
        found = _test(marks, at, inside[who], stratum[who], item_id)
        if found is None:
            untested.append(item_id)
        else:
            tested.append(found)
    tested.sort(key=lambda item: (not item.flagged, -abs(item.delta)))
    return DifTable(by, one, people, tuple(tested), tuple(untested))


def _strata(marks: Marks, sat: Bools, strata: int) -> Floats:
    """Class of each person by share of points won, -1 for those who did not sit."""
    row = np.repeat(np.arange(len(marks)), np.diff(marks.indptr))
    won = np.bincount(row, np.maximum(marks.awarded, 0), len(marks))
    possible = np.bincount(row, marks.possible, len(marks))
    share = won[sat] / np.maximum(possible[sat], 1)
    edges = np.quantile(share, np.arange(1, strata) / strata)
    out = np.full(len(marks), -1.0)
    out[sat] = np.searchsorted(edges, share, side="right")
    return out


def _test(
    marks: Marks, at: np.ndarray, inside: Bools, stratum: Floats, item_id: str
) -> ItemDif | None:
    focal = int(inside.sum())
    if min(focal, inside.size - focal) < FEWEST:
        return None
    right = (marks.awarded[at] >= marks.possible[at]).astype(float)
    if right.min() == right.max():
        return None
    try:
        found = mantel_haenszel(right, inside.astype(float), stratum)
    except NotEnoughData:
        return None
    if not (np.isfinite(found.delta) and np.isfinite(found.delta_error)):
        return None
    return ItemDif(
        item_id, inside.size - focal, focal, found.delta, found.delta_error, found.p, found.ets
    )
