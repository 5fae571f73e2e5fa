"""The borderline candidate (合格线考生): the ability whose expected marks are the pass mark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from scipy.optimize import brentq

from ..errors import DrawError
from ..psychometrics.models import ItemModel
from ..typing import Floats
from .pool import SCALE, Pool, Unit

_WIDEST = 8.0


@dataclass(frozen=True, slots=True)
class ParityTarget:
    """What makes papers comparable by the chance of passing (等值目标).

    Parameters
    ----------
    models
        Item model by item id, on one scale, for every item that can be drawn.
    pass_mark
        Marks needed to pass.
    tolerance
        How far the expected marks of a paper may lie from the target, in marks; ``None`` takes
        what keeps the chance of passing within four percentage points, see `tolerance_for`.
    """

    models: Mapping[str, ItemModel] = field(repr=False)
    pass_mark: Decimal
    tolerance: Decimal | None = None


def expected_marks(
    unit: Unit, points: Decimal, models: Mapping[str, ItemModel], theta: float
) -> float:
    """Return the marks expected on a unit at an ability; categories of an item earn equal steps."""
    marks = 0.0
    for item in unit.items:
        model = models[item.id]
        marks += float(model.expected(theta)) / (model.categories - 1)
    return float(points) * marks


def borderline_ability(pool: Pool, target: ParityTarget) -> float:
    """Ability at which a paper drawn by the blueprint is expected to earn the pass mark.

    The expectation is over the bank: within a cell every unit is equally likely.

    Raises
    ------
    DrawError
        If items lack models, or no ability reaches or misses the pass mark.
    """
    lacking = sorted(
        item.id for unit in pool.units.values() for item in unit.items
        if item.id not in target.models
    )  # fmt: skip
    if lacking:
        raise DrawError(
            "等值目标",
            f"{len(lacking)} 道题没有参数（如 {'、'.join(lacking[:3])}）。"
            "可先标定、排除这些题，或改用难度等级均衡（不称等值）",
        )

    def surplus(theta: float) -> float:
        return mean_marks(pool, target.models, theta) - float(target.pass_mark)

    if surplus(-_WIDEST) > 0 or surplus(_WIDEST) < 0:
        raise DrawError("等值目标", f"任何能力的期望分都达不到合格线 {target.pass_mark} 分")
    return float(brentq(surplus, -_WIDEST, _WIDEST, xtol=1e-10))


def mean_marks(pool: Pool, models: Mapping[str, ItemModel], theta: float) -> float:
    """Return a paper's expected marks at an ability: over the bank, weighted by the blueprint."""
    total = 0.0
    for cell in pool.cells:
        points = cell.section.points
        total += sum(expected_marks(pool.units[n], points, models, theta) for n in cell.fixed)
        if cell.members and cell.need > len(cell.fixed):
            each = [expected_marks(pool.units[n], points, models, theta) for n in cell.members]
            total += (cell.need - len(cell.fixed)) * float(np.mean(each))
    return total


def tolerance_for(pool: Pool, models: Mapping[str, ItemModel], theta: float) -> float:
    """Half-width, in marks, that holds P(pass) within four points at the borderline ability.

    Near the pass mark P(pass) changes by the density of the score, ``1 / (sd sqrt(2 pi))``, for
    every mark of expected score; `sd` is that of a paper's score given the ability.
    """
    variance = 0.0
    for cell in pool.cells:
        points = float(cell.section.points)
        free = cell.need - len(cell.fixed)
        each = [_variance(pool.units[n], points, models, theta) for n in cell.members]
        variance += sum(_variance(pool.units[n], points, models, theta) for n in cell.fixed)
        variance += free * float(np.mean(each)) if each else 0.0
    return 0.02 * float(np.sqrt(2 * np.pi * variance))


def _variance(unit: Unit, points: float, models: Mapping[str, ItemModel], theta: float) -> float:
    out = 0.0
    for item in unit.items:
        p = models[item.id].probabilities(theta)
        step = points / (p.size - 1) * np.arange(p.size)
        out += float(p @ step**2 - (p @ step) ** 2)
    return out


def unit_scores(pool: Pool, models: Mapping[str, ItemModel] | None, theta: float) -> dict[str, int]:
    """Return every unit's expected marks in 1/10,000, from models or the middle of its band."""
    out = {}
    for cell in pool.cells:
        for name in (*cell.fixed, *cell.members):
            unit, points = pool.units[name], cell.section.points
            if models is None:
                share = sum(item.band.share_right for item in unit.items)
                out[name] = round(SCALE * float(points) * share)
            else:
                out[name] = round(SCALE * expected_marks(unit, points, models, theta))
    return out


def information_at(unit: Unit, models: Mapping[str, ItemModel], theta: Floats) -> Floats:
    """Fisher information of a unit at abilities, shape ``theta.shape``."""
    return np.asarray(sum(models[item.id].information(theta) for item in unit.items))
