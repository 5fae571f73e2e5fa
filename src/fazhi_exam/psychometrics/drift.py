"""Drift of anchor items: between two calibrations, and over many sittings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2, norm

from ..errors import NotEnoughData
from ..typing import Bools, Floats
from .linking import Link, Population, check_anchors, haebara, location, standard_population
from .models import ItemModel


@dataclass(frozen=True, slots=True)
class AnchorDrift:
    """How far each anchor moved between two calibrations, after linking.

    Parameters
    ----------
    shift
        New minus old mean difficulty on the old scale, shape ``(anchors,)``; positive: harder.
    robust_z
        `shift` about its median in units of 0.74 times the interquartile range.
    curve_distance
        Weighted root mean square difference of the expected item scores, as a share of the
        maximum.
    flagged
        True where the anchor moved too far.
    """

    shift: Floats
    robust_z: Floats
    curve_distance: Floats
    flagged: Bools


def anchor_drift(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    link: Link,
    *,
    population: Population | None = None,
    z_limit: float = 2.7,
    distance_limit: float = 0.10,
) -> AnchorDrift:
    """Look for anchors that do not behave as before.

    Parameters
    ----------
    z_limit, distance_limit
        An anchor is flagged if its robust z passes 2.7 and its curve moved by at least a fifth of
        `distance_limit`, or if the curve moved by more than `distance_limit` of the maximum.

    References
    ----------
    Huynh & Meyer (2010), Practical Assessment 15(2), robust z; Wells et al. (2014), curves.
    """
    check_anchors(new, old)
    moved = link.apply(new)
    shift = np.array(
        [np.mean(location(n)[1]) - np.mean(location(o)[1]) for n, o in zip(moved, old, strict=True)]
    )
    low, middle, high = np.quantile(shift, [0.25, 0.5, 0.75])
    # All anchors exactly in place leaves rounding noise that must not be flagged.
    z = (shift - middle) / max(0.74 * (high - low), 1e-8)
    nodes, w = population or standard_population()
    x, w = np.asarray(nodes, dtype=np.float64), np.asarray(w, dtype=np.float64)
    distance = np.array(
        [
            np.sqrt(w @ (n.expected(x) - o.expected(x)) ** 2 / w.sum()) / (n.categories - 1)
            for n, o in zip(moved, old, strict=True)
        ]
    )
    flagged = (distance > distance_limit) | (
        (np.abs(z) > z_limit) & (distance > distance_limit / 5)
    )
    return AnchorDrift(shift, z, distance, flagged)


@dataclass(frozen=True, slots=True)
class StableLink:
    """Link over the anchors that stayed in place: `kept` is a mask, `rounds` how often it ran."""

    link: Link
    kept: Bools
    rounds: int


def stable_link(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    link: Callable[[Sequence[ItemModel], Sequence[ItemModel]], Link] = haebara,
    *,
    least: int = 3,
) -> StableLink:
    """Link, drop the anchor that drifted most, and link again until none is flagged.

    Raises
    ------
    NotEnoughData
        If fewer than `least` anchors would be left.
    """
    kept = np.ones(len(new), dtype=bool)
    for done in range(1, len(new) + 1):
        chosen = np.flatnonzero(kept).tolist()
        if len(chosen) < least:
            raise NotEnoughData("稳定的锚题", len(chosen), least, "道")
        n, o = [new[j] for j in chosen], [old[j] for j in chosen]
        found = link(n, o)
        drift = anchor_drift(n, o, found)
        if not drift.flagged.any():
            return StableLink(found, kept, done)
        worst = int(np.argmax(np.where(drift.flagged, drift.curve_distance, -1.0)))
        kept[chosen[worst]] = False
    raise NotEnoughData("稳定的锚题", 0, least, "道")


@dataclass(frozen=True, slots=True)
class DifficultyTrend:
    """Drift of anchors over several sittings.

    Parameters
    ----------
    slope, slope_error
        Change of difficulty per unit of time against the other anchors, shape ``(anchors,)``.
    slope_p
        Two-sided p-value of the slope.
    heterogeneity, heterogeneity_p
        Chi-square (sittings - 1 degrees of freedom) against "no change at all", and its p-value.
    """

    slope: Floats
    slope_error: Floats
    slope_p: Floats
    heterogeneity: Floats
    heterogeneity_p: Floats


def difficulty_trend(
    difficulty: ArrayLike, error: ArrayLike, time: ArrayLike | None = None
) -> DifficultyTrend:
    """Fit a straight line to every anchor's difficulty over sittings.

    Parameters
    ----------
    difficulty, error
        Shape ``(sittings, anchors)``, at least 3 x 2: difficulty on each sitting's own scale and
        its standard error (positive). NaN where an anchor was not used.
    time
        Shape ``(sittings,)``; by default 0, 1, 2, …

    Notes
    -----
    Scales are aligned first by two-way weighted least squares (sitting effects and anchor
    effects), so a change of all anchors together is a change of scale, not drift.
    """
    d, e = np.asarray(difficulty, dtype=np.float64), np.asarray(error, dtype=np.float64)
    if d.ndim != 2 or d.shape != e.shape or np.any(e[np.isfinite(d)] <= 0):
        raise ValueError("difficulty and error need one shape, errors > 0")
    if d.shape[0] < 3 or d.shape[1] < 2:
        raise NotEnoughData("锚题漂移趋势", d.shape[0], 3, "次考试")
    t = np.arange(d.shape[0]) if time is None else np.asarray(time, dtype=np.float64)
    use = np.isfinite(d)
    w = np.where(use, 1 / np.where(use, e, 1.0) ** 2, 0.0)
    y = np.where(use, d, 0.0)
    sitting, anchor = np.zeros((d.shape[0], 1)), np.zeros((1, d.shape[1]))
    for _ in range(500):
        before = sitting
        anchor = (w * (y - sitting)).sum(0, keepdims=True) / w.sum(0, keepdims=True)
        sitting = (w * (y - anchor)).sum(1, keepdims=True) / w.sum(1, keepdims=True)
        sitting = sitting - sitting[0]
        if np.abs(sitting - before).max() < 1e-12:
            break
    rest = np.where(use, y - sitting - anchor, 0.0)
    mean_t = (w * t[:, None]).sum(0) / w.sum(0)
    spread = (w * (t[:, None] - mean_t) ** 2).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (w * (t[:, None] - mean_t) * rest).sum(0) / spread
        slope_error = 1 / np.sqrt(spread)
    chi = (w * rest**2).sum(0)
    return DifficultyTrend(
        slope,
        slope_error,
        2 * np.asarray(norm.sf(np.abs(slope) / slope_error)),
        chi,
        np.asarray(chi2.sf(chi, np.maximum(use.sum(0) - 1, 1))),
    )
