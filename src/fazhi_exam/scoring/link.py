"""Putting two calibrations on one scale (链接), through the items they share."""

import math
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from html import escape

from ..errors import NotEnoughData
from ..psychometrics.drift import stable_link
from ..psychometrics.linking import haebara, mean_mean, mean_sigma, rescale, stocking_lord
from ..psychometrics.models import ItemModel, Nominal, PartialCredit, Rasch, RatingScale
from ..psychometrics.quadrature import NormalAbility
from .calibration import Calibration

LEAST_ANCHORS = 10
"""Common items below which a link is refused; a fifth of the paper is the usual advice."""


class LinkMethod(Enum):
    """How the constants of the link are found (链接方法)."""

    MEAN_MEAN = partial(mean_mean)
    MEAN_SIGMA = partial(mean_sigma)
    HAEBARA = partial(haebara)
    STOCKING_LORD = partial(stocking_lord)


@dataclass(frozen=True)
class LinkedCalibration:
    """A calibration moved to the scale of another.

    Parameters
    ----------
    calibration
        The new item models, their standard errors and the new people's ability distribution, all
        on the old scale. The errors are those of the new calibration; the uncertainty of the link
        itself is not in them.
    slope, intercept
        Old ability = slope × new ability + intercept.
    anchors
        Common items that carried the link.
    drifted
        Common items left out because they had become easier or harder than the others.
    """

    calibration: Calibration
    slope: float
    intercept: float
    anchors: tuple[str, ...]
    drifted: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"LinkedCalibration(斜率 {self.slope:.3f}，截距 {self.intercept:.3f}，"
            f"锚题 {len(self.anchors)} 道，漂移剔除 {len(self.drifted)} 道)"
        )

    def _repr_html_(self) -> str:
        drifted = f"<p>漂移剔除：{escape('、'.join(self.drifted))}</p>" if self.drifted else ""
        return f"<p>{escape(repr(self))}</p>{drifted}{self.calibration._repr_html_()}"


def link(
    new: Calibration,
    old: Calibration,
    *,
    method: LinkMethod = LinkMethod.STOCKING_LORD,
    least: int = LEAST_ANCHORS,
) -> LinkedCalibration:
    """Move a calibration to the scale of an earlier one.

    Anchors that drifted are dropped one by one, worst first, and the link is made again.

    Parameters
    ----------
    new, old
        Two calibrations with common items; the item kinds must agree.
    method
        Of finding the constants.
    least
        Anchors that must be left.

    Raises
    ------
    NotEnoughData
        If too few common items are there or are stable.
    """
    common = sorted(set(new.item_ids) & set(old.item_ids))
    if len(common) < least:
        raise NotEnoughData("链接", len(common), least, "道共同题", "请在两次考试中保留锚题")
    found = stable_link(
        [new[item_id] for item_id in common],
        [old[item_id] for item_id in common],
        method.value,
        least=least,
    )
    slope, intercept = found.link.slope, found.link.intercept
    moved = tuple(rescale(model, slope, intercept) for model in new.models)
    errors = tuple(
        _moved_errors(model, error, slope)
        for model, error in zip(new.models, new.standard_errors, strict=False)
    )
    people = new.population
    ability = NormalAbility(slope * people.mean + intercept, slope * people.sd)
    label = f"{new.label}；已链接到 {old.label or '原量尺'}"
    kept = dict(zip(common, found.kept.tolist(), strict=True))
    return LinkedCalibration(
        replace(new, models=moved, fit=None, standard_errors=errors, label=label, ability=ability),
        slope,
        intercept,
        tuple(item_id for item_id in common if kept[item_id]),
        tuple(item_id for item_id in common if not kept[item_id]),
    )


def _moved_errors(model: ItemModel, errors: tuple[float, ...], slope: float) -> tuple[float, ...]:
    """Return the errors of an item's parameters after `rescale`, in the new model's order."""
    if isinstance(model, Nominal | RatingScale):
        # They would need the covariance of the item's parameters; a shift alone keeps steps.
        kept = isinstance(model, RatingScale) and slope == 1
        return errors if kept else (math.nan,) * len(rescale(model, slope, 0.0).parameters)
    if isinstance(model, Rasch | PartialCredit):
        moved = tuple(slope * error for error in errors)
        return moved if slope == 1 else (math.nan, *moved)
    at = 1 + (model.categories - 1)
    return (errors[0] / slope, *(slope * e for e in errors[1:at]), *errors[at:])
