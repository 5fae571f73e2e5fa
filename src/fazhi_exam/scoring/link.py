"""Putting two calibrations on one scale (链接), through the items they share."""

from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

from ..errors import NotEnoughData
from ..psychometrics.drift import stable_link
from ..psychometrics.linking import haebara, mean_mean, mean_sigma, rescale, stocking_lord
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
        The new item models on the old scale.
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
    label = f"{new.label}；已链接到 {old.label or '原量尺'}"
    kept = dict(zip(common, found.kept.tolist(), strict=True))
    return LinkedCalibration(
        replace(new, models=moved, fit=None, standard_errors=(), label=label),
        slope,
        intercept,
        tuple(item_id for item_id in common if kept[item_id]),
        tuple(item_id for item_id in common if not kept[item_id]),
    )
