"""Information, measurement error and expected scores of a test along the ability scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats
from .models import ItemModel

Points = Sequence[int | Sequence[int]]


def category_points(models: Sequence[ItemModel], points: Points | None = None) -> list[Floats]:
    """Points of every category of every item; a single number multiplies the category number."""
    if points is not None and len(points) != len(models):
        raise ValueError(f"points for {len(points)} items, models for {len(models)}")
    table = []
    for j, model in enumerate(models):
        given = np.asarray(1 if points is None else points[j], dtype=np.float64)
        row = given * np.arange(model.categories) if given.ndim == 0 else given
        if row.shape != (model.categories,):
            raise ValueError(f"item {j}: {model.categories} categories, {row.size} points")
        table.append(np.asarray(row, dtype=np.float64))
    return table


@dataclass(frozen=True, slots=True)
class Information:
    """Information of a test.

    Parameters
    ----------
    theta
        Abilities, shape ``(n,)``.
    item
        Information of each item, shape ``(items, n)``.
    test
        Their sum, shape ``(n,)``.
    error
        Standard error of the ability, ``1 / sqrt(test)``, shape ``(n,)``; infinite where the
        test says nothing.
    """

    theta: Floats
    item: Floats
    test: Floats
    error: Floats


def information_curves(models: Sequence[ItemModel], theta: ArrayLike) -> Information:
    """Information of every item and of the test at the abilities `theta`, shape ``(n,)``."""
    nodes = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    item = np.stack([model.information(nodes) for model in models])
    test: Floats = item.sum(axis=0)
    error = np.full(nodes.shape, np.inf)
    np.divide(1.0, np.sqrt(test), out=error, where=test > 0)
    return Information(nodes, item, test, error)


def marginal_reliability(
    models: Sequence[ItemModel], nodes: ArrayLike, weights: ArrayLike
) -> float:
    """Reliability of the ability estimate over a population.

    Parameters
    ----------
    nodes, weights
        Ability distribution, shape ``(q,)`` each; the weights are renormalised to sum to 1.

    Notes
    -----
    ``mean of I / (I + 1 / var)``: the share of the variance of ability that the answers remove
    (Green et al. 1984, J. Educ. Meas. 21:347-360, in its Bayesian form, always within [0, 1)).
    """
    x, w = population(nodes, weights)
    variance = float(w @ (x - w @ x) ** 2)
    if variance <= 0:
        raise ValueError("the population must have some spread")
    test = information_curves(models, x).test
    return float(w @ (test / (test + 1 / variance)))


def population(nodes: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    """Check an ability distribution and make its weights sum to 1."""
    x, w = np.asarray(nodes, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if x.ndim != 1 or x.shape != w.shape or np.any(w < 0) or not w.sum() > 0:
        raise ValueError("nodes and weights must be vectors of one length, weights >= 0")
    return x, w / w.sum()


@dataclass(frozen=True, slots=True)
class ScoreCurve:
    """Expected score and its conditional standard deviation at each ability, in points.

    `slope` is the derivative of `expected` by ability. All have shape ``(n,)``.
    """

    theta: Floats
    expected: Floats
    deviation: Floats
    slope: Floats


def score_curve(
    models: Sequence[ItemModel], theta: ArrayLike, points: Points | None = None
) -> ScoreCurve:
    """Test characteristic curve with the standard error of measurement of the raw score."""
    nodes = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    expected, variance, slope = (np.zeros(nodes.shape) for _ in range(3))
    for model, row in zip(models, category_points(models, points), strict=True):
        p, dp, _ = model.derivatives(nodes)
        mean = p @ row
        expected += mean
        variance += p @ row**2 - mean**2
        slope += dp @ row
    return ScoreCurve(nodes, expected, np.sqrt(np.maximum(variance, 0.0)), slope)


def ability_at(
    models: Sequence[ItemModel],
    score: ArrayLike,
    points: Points | None = None,
    *,
    limit: float = 60.0,
) -> Floats:
    """Ability at which the test is expected to give a score (inverse of the curve).

    Parameters
    ----------
    score
        True scores, shape ``(n,)``.
    limit
        Abilities beyond ``±limit`` count as not reached.

    Returns
    -------
    Floats
        Shape ``(n,)``; ``-inf`` at or below the lowest expected score (the guessing floor),
        ``inf`` at or above the highest.

    Notes
    -----
    Newton's method inside a shrinking bracket: alone it is known to leave the scale near the floor
    of guessing items (Kolen & Brennan 2004, section 6.5).
    """
    target = np.atleast_1d(np.asarray(score, dtype=np.float64))
    ends = score_curve(models, [-limit, limit], points).expected
    found: Floats = np.where(target <= ends[0] + 1e-9, -np.inf, np.inf)
    inside = (target > ends[0] + 1e-9) & (target < ends[1] - 1e-9)
    found[inside] = _invert(models, target[inside], points, limit)
    return found


def _invert(
    models: Sequence[ItemModel], target: Floats, points: Points | None, limit: float
) -> Floats:
    low, high = np.full(target.shape, -limit), np.full(target.shape, limit)
    out: Floats = np.zeros(target.shape)
    for _ in range(80 if target.size else 0):
        curve = score_curve(models, out, points)
        gap = target - curve.expected
        low, high = np.where(gap > 0, out, low), np.where(gap > 0, high, out)
        step = np.divide(gap, curve.slope, out=np.full(gap.shape, np.inf), where=curve.slope > 0)
        # Half the bracket where Newton would leave it.
        stays = (out + step >= low) & (out + step <= high)
        moved = np.where(stays, out + step, (low + high) / 2)
        change = float(np.abs(moved - out).max())
        out = moved
        if change < 1e-13 * limit:
            break
    return out
