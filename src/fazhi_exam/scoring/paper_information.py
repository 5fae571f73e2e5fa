"""How much each paper of a sitting tells at each ability (试卷信息量), against the reference."""

from dataclasses import dataclass

import numpy as np

from ..assembly.pool import drawable
from ..delivery.sitting import Sitting
from ..errors import NotEnoughData
from ..typing import Floats
from .calibration import Calibration
from .reference import reference_curve


@dataclass(frozen=True)
class PaperInformation:
    """Test information of papers over ability.

    Parameters
    ----------
    abilities
        Shape ``(points,)``.
    papers
        Information of each paper, shape ``(papers, points)``.
    target
        Information of the reference paper: the average over the bank weighted by the blueprint,
        shape ``(points,)``.
    ability_cut
        Ability at which the reference paper is expected to give exactly the pass mark.
    items
        Items on a paper.
    """

    abilities: Floats
    papers: Floats
    target: Floats
    ability_cut: float
    items: int

    @property
    def at_cut(self) -> Floats:
        """Information of each paper at the pass mark, shape ``(papers,)``."""
        return np.array([np.interp(self.ability_cut, self.abilities, row) for row in self.papers])

    @property
    def target_at_cut(self) -> float:
        """Information of the reference paper at the pass mark."""
        return float(np.interp(self.ability_cut, self.abilities, self.target))

    def __str__(self) -> str:
        low, high = float(self.at_cut.min()), float(self.at_cut.max())
        return (
            f"合格线处的信息量：目标 {self.target_at_cut:.1f}，各卷 {low:.1f} 至 {high:.1f}；"
            f"对应的能力标准误 {1 / np.sqrt(high):.2f} 至 {1 / np.sqrt(low):.2f}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>"


def paper_information(
    sitting: Sitting, calibration: Calibration, *, most: int = 1000
) -> PaperInformation:
    """Add up the information of the items of each paper, as Fisher information is additive.

    Parameters
    ----------
    most
        At most this many papers are looked at; those with an item without parameters are left out.

    Raises
    ------
    NotEnoughData
        If no paper is left, or a whole cell of the blueprint has no parameters.
    """
    papers, nodes = sitting.papers, np.linspace(-4.0, 4.0, 81)
    matrix = papers.matrix[:most]
    known = np.array([name in calibration.place for name in papers.item_ids])
    matrix = matrix[known[matrix].all(axis=1)]
    if not len(matrix):
        raise NotEnoughData("试卷信息量", 0, 1, "份各题都有参数的试卷", "请先标定试题")
    table = np.zeros((len(papers.item_ids), nodes.size))
    for place in np.unique(matrix).tolist():
        table[place] = calibration[papers.item_ids[place]].information(nodes)
    found = np.array([table[row].sum(axis=0) for row in matrix])
    rules = sitting.rules
    reference = reference_curve(rules.blueprint, sitting.bank, calibration, on=sitting.on)
    target = _average(sitting, calibration, nodes)
    cut = reference.ability_at(float(rules.cut.value))
    return PaperInformation(nodes, found, target, cut, matrix.shape[1])


def _average(sitting: Sitting, calibration: Calibration, nodes: Floats) -> Floats:
    """Information of the reference paper; units without parameters are left out."""
    pool = drawable(sitting.rules.blueprint, sitting.bank, on=sitting.on)
    total = np.zeros(nodes.size)
    for cell in pool.cells:
        units = [pool.units[name].items for name in (*cell.fixed, *cell.members)]
        curves = [
            np.sum([calibration[item.id].information(nodes) for item in items], axis=0)
            for items in units
            if all(item.id in calibration.place for item in items)
        ]
        total += cell.need * np.mean(curves, axis=0)  # reference_curve has seen that there are some
    return total
