"""The reference paper (参照卷): what the blueprint asks for, averaged over the bank."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from ..assembly.blueprint import Blueprint
from ..assembly.pool import Pool, drawable
from ..bank.question_bank import QuestionBank
from ..errors import NotEnoughData
from ..typing import Floats
from .calibration import Calibration

NODES: Floats = np.linspace(-6.0, 6.0, 241)


@dataclass(frozen=True)
class ReferenceCurve:
    """Expected score on the reference paper at each ability.

    Parameters
    ----------
    nodes, expected
        Shape ``(nodes,)``, both increasing; `expected` in points.
    """

    nodes: Floats
    expected: Floats

    def __repr__(self) -> str:
        low, high = self.expected[0], self.expected[-1]
        return f"ReferenceCurve(期望得分 {low:.2f} 至 {high:.2f} 分)"

    def ability_at(self, points: float) -> float:
        """Return the ability whose expected score is `points`, within the nodes."""
        return float(np.interp(points, self.expected, self.nodes))


def reference_curve(
    blueprint: Blueprint, bank: QuestionBank, calibration: Calibration, *, on: date
) -> ReferenceCurve:
    """Average the expected score over all papers the blueprint may draw.

    Units that stand on every paper count fully. The other units of a cell are equally likely;
    those without parameters are left out.

    Raises
    ------
    NotEnoughData
        If a unit that stands on every paper is not calibrated, or none of those to draw from.
    """
    pool = drawable(blueprint, bank, on=on)
    expected = np.zeros_like(NODES)
    for cell in pool.cells:
        points = float(cell.section.points)
        fixed = _curves(cell.fixed, pool, calibration)
        drawn = _curves(cell.members, pool, calibration)
        lacking = len(cell.fixed) - len(fixed)
        left = cell.need - len(cell.fixed)
        if lacking or (left > 0 and not drawn):
            have, need = (len(fixed), len(cell.fixed)) if lacking else (0, 1)
            what = f"参照卷的“{cell.title}”"
            raise NotEnoughData(what, have, need, "道已标定的题", "请先标定该范围的题目")
        expected += points * np.sum(fixed, axis=0)
        if left > 0:
            expected += points * left * np.mean(drawn, axis=0)
    return ReferenceCurve(NODES, expected)


def _curves(names: Iterable[str], pool: Pool, calibration: Calibration) -> list[Floats]:
    """Return the expected share of points, summed over its items, of each calibrated unit."""
    return [
        np.sum([calibration.share_curve(item.id, NODES) for item in unit.items], axis=0)
        for unit in (pool.units[name] for name in names)
        if all(item.id in calibration.place for item in unit.items)
    ]
