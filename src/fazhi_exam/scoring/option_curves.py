"""Who chose which option (选项曲线), and where an item stands on the scale (题目位置)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..delivery.sitting import Sitting
from ..errors import NotEnoughData
from ..marking.mark import Marks, letters
from ..typing import Floats, Ints
from .calibration import Calibration

_NAMES = {2: ("较低", "较高"), 3: ("低", "中", "高"), 4: ("低", "较低", "较高", "高")}


@dataclass(frozen=True)
class OptionCurves:
    """Share of each group of candidates that chose each option.

    Parameters
    ----------
    item_id, key
        The item and its right options.
    groups, people
        Names of the groups from the weakest to the strongest by total, and people in each.
    shares
        Option id → share of each group, shape ``(groups,)``, in [0, 1].
    """

    item_id: str
    key: str
    groups: tuple[str, ...]
    people: Ints
    shares: Mapping[str, Floats]


def option_curves(marks: Marks, sitting: Sitting, item_id: str) -> OptionCurves:
    """Split those who had an item by their total into two to four groups and count options.

    Groups have at least ten people; those who left the item blank count, under no option.

    Raises
    ------
    NotEnoughData
        If fewer than 20 people had the item, or it has no options.
    """
    item = sitting.bank[item_id]
    if not item.options:
        raise NotEnoughData(f"题目 {item_id} 的选项曲线", 0, 2, "个选项", "填空和主观题没有选项")
    column = marks.item_ids.index(item_id)
    sat = np.array([total is not None for total in marks.totals])
    row = np.repeat(np.arange(len(marks)), np.diff(marks.indptr))
    at = np.flatnonzero((marks.item == column) & sat[row])
    if at.size < 20:
        raise NotEnoughData(f"题目 {item_id} 的选项曲线", int(at.size), 20, "人作答")
    totals = np.array([float(total or 0) for total in marks.totals])[row[at]]
    names = _NAMES[min(4, at.size // 10)]
    place = np.empty(at.size, np.int64)
    place[np.argsort(totals, kind="stable")] = np.arange(at.size) * len(names) // at.size
    people = np.bincount(place, minlength=len(names))
    chosen = [letters(int(bits)) for bits in marks.chosen[at]]
    shares = {}
    for option in item.options:
        mine = np.array([option.id in one for one in chosen], float)
        shares[option.id] = np.bincount(place, mine, len(names)) / people
    return OptionCurves(item_id, "".join(sorted(item.key)), names, people, shares)


def item_locations(calibration: Calibration, item_ids: Sequence[str]) -> Floats:
    """Ability at which half of an item's points is expected, shape ``(items,)``.

    Within ±6; an item that is easier or harder than that stands at the end.
    """
    nodes = np.linspace(-6.0, 6.0, 481)
    return np.array(
        [np.interp(0.5, calibration.share_curve(name, nodes), nodes) for name in item_ids], float
    )
