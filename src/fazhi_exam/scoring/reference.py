"""The reference paper (参照卷): what the blueprint asks for, averaged over the bank."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from ..assembly.blueprint import Blueprint
from ..assembly.pool import drawable
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

    def ability_at(self, points: float) -> float:
        """Return the ability whose expected score is `points`, within the nodes."""
        return float(np.interp(points, self.expected, self.nodes))


def reference_curve(
    blueprint: Blueprint, bank: QuestionBank, calibration: Calibration, *, on: date
) -> ReferenceCurve:
    """Average the expected score over all papers the blueprint may draw.

    Within a cell every calibrated unit is equally likely; units without parameters are left out.

    Raises
    ------
    NotEnoughData
        If a cell has no calibrated unit.
    """
    pool = drawable(blueprint, bank, on=on)
    expected = np.zeros_like(NODES)
    for cell in pool.cells:
        points = float(cell.section.points)
        curves = [
            points * np.sum([calibration.share_curve(i.id, NODES) for i in unit.items], axis=0)
            for unit in (pool.units[name] for name in (*cell.fixed, *cell.members))
            if all(item.id in calibration.place for item in unit.items)
        ]
        if not curves:
            what = f"参照卷的“{cell.title}”"
            raise NotEnoughData(what, 0, 1, "道已标定的题", "请先标定该范围的题目")
        expected += cell.need * np.mean(curves, axis=0)
    return ReferenceCurve(NODES, expected)
