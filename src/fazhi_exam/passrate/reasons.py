"""Why a number is missing from a public table (隐去的理由)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ..statistics.disclosure import primary
from .publish import Detail, PublicTable, _cells, _merge_small
from .rates import PassRateTable


class Why(StrEnum):
    """Why a count is hidden."""

    FEW = "这个数字代表的人太少"
    SMALL_GROUP = "这个单位人太少，公布任何一项都会说出每个人的结果"
    DERIVED = "人数够多，但公布了就能用合计倒推出别的隐去的数字"


@dataclass(frozen=True, slots=True)
class HiddenCount:
    """One hidden count: where, and why. The count itself is not here."""

    group: str
    column: str
    why: Why


def hidden_counts(table: PassRateTable, public: PublicTable) -> tuple[HiddenCount, ...]:
    """Explain every hidden count of a public table; for use inside the house.

    Parameters
    ----------
    table
        The internal table from which `public` was made.

    Raises
    ------
    ValueError
        If the two do not belong together.
    """
    counts, _ = _merge_small({row.group: row.counts for row in table}, public.threshold)
    if list(counts) != [row.group for row in public.rows]:
        raise ValueError("the public table was made from another table")
    cells = np.array([_cells(one, public.detail) for one in counts.values()])
    first = primary(cells, threshold=public.threshold)
    out = []
    for place, row in enumerate((*public.rows, public.total)):
        small = place < len(counts) and 0 < int(cells[place].sum()) < public.threshold
        whole = ("实考", row.sat) if public.detail is Detail.SAT else ("应考", row.due)
        shown_counts = zip(public.detail.value, row.counts, strict=True)
        for k, (column, shown) in enumerate((*shown_counts, whole)):
            if shown is None:
                few = Why.SMALL_GROUP if small else Why.FEW
                why = few if first[place, k] else Why.DERIVED
                out.append(HiddenCount(row.group, column, why))
    return tuple(out)
