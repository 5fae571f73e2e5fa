"""Linking: put item parameters of separate calibrations on one ability scale.

An ability on the new scale is ``slope * theta + intercept`` on the old one; so a new item's slope
is divided by ``slope`` and its difficulties become ``slope * b + intercept``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from ..errors import DidNotConverge, NotEnoughData
from ..typing import Floats
from .item_parameters import with_parameters
from .models import (
    FourPL,
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    ThreePL,
    TwoPL,
)

Population: TypeAlias = tuple[ArrayLike, ArrayLike]
"""Ability nodes and their weights, shape ``(q,)`` each."""


def standard_population(points: int = 61, limit: float = 6.0) -> Population:
    """Return evenly spaced nodes with standard normal weights that sum to 1."""
    nodes = np.linspace(-limit, limit, points)
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def rescale(model: ItemModel, slope: float, intercept: float) -> ItemModel:
    """Express an item on the scale ``slope * theta + intercept``; probabilities do not change.

    Rasch kinds keep their kind if `slope` is 1, otherwise they gain a slope parameter.
    """
    if not (np.isfinite(slope) and np.isfinite(intercept) and slope > 0):
        raise ValueError("slope must be positive, both must be finite")

    def move(b: Sequence[float]) -> tuple[float, ...]:
        return tuple(slope * x + intercept for x in b)

    match model:
        case Rasch(b):
            (at,) = move([b])
            return Rasch(at) if slope == 1 else TwoPL(1 / slope, at)
        case TwoPL(a, b):
            return TwoPL(a / slope, move([b])[0])
        case ThreePL(a, b, c):
            return ThreePL(a / slope, move([b])[0], c)
        case FourPL(a, b, c, d):
            return FourPL(a / slope, move([b])[0], c, d)
        case GradedResponse(a, steps):
            return GradedResponse(a / slope, move(steps))
        case GeneralisedPartialCredit(a, steps):
            return GeneralisedPartialCredit(a / slope, move(steps))
        case PartialCredit(steps):
            moved = move(steps)
            return (
                PartialCredit(moved) if slope == 1 else GeneralisedPartialCredit(1 / slope, moved)
            )
        case RatingScale(b, steps):
            if slope == 1:
                return RatingScale(b + intercept, steps)
            return GeneralisedPartialCredit(1 / slope, move([b + step for step in steps]))
        case Nominal(slopes, intercepts):
            return Nominal(
                tuple(a / slope for a in slopes),
                tuple(d - a * intercept / slope for a, d in zip(slopes, intercepts, strict=True)),
            )
    raise ValueError(f"unknown item model {type(model).__name__}")


def location(model: ItemModel) -> tuple[float, list[float]]:
    """Return the slope and the difficulties (all steps) of an item."""
    match model:
        case Rasch(b):
            return 1.0, [b]
        case TwoPL(a, b) | ThreePL(a, b, _) | FourPL(a, b, _, _):
            return a, [b]
        case GradedResponse(a, steps) | GeneralisedPartialCredit(a, steps):
            return a, list(steps)
        case PartialCredit(steps):
            return 1.0, list(steps)
        case RatingScale(b, steps):
            return 1.0, [b + step for step in steps]
    raise ValueError(f"{type(model).__name__} has no difficulties; use haebara or stocking_lord")


@dataclass(frozen=True, slots=True)
class Link:
    """Constants that carry the new scale to the old one.

    Parameters
    ----------
    slope, intercept
        ``theta_old = slope * theta_new + intercept``.
    covariance
        Shape ``(2, 2)``: sampling covariance of slope and intercept; None if not asked for.
    loss
        Value of the criterion per unit of population weight; 0 for the moment methods.
    """

    slope: float
    intercept: float
    covariance: Floats | None = None
    loss: float = 0.0

    @property
    def errors(self) -> tuple[float, float]:
        """Standard errors of slope and intercept; NaN without covariance."""
        if self.covariance is None:
            return float("nan"), float("nan")
        return float(np.sqrt(self.covariance[0, 0])), float(np.sqrt(self.covariance[1, 1]))

    def apply(self, models: Sequence[ItemModel]) -> list[ItemModel]:
        """Return the models on the old scale."""
        return [rescale(model, self.slope, self.intercept) for model in models]


@dataclass(frozen=True, slots=True)
class AnchorCovariance:
    """Sampling covariances of the anchor parameters, each item's `parameters` in item order."""

    new: Floats
    old: Floats


def check_anchors(new: Sequence[ItemModel], old: Sequence[ItemModel]) -> bool:
    """Check the pairing; true if the slope is fixed at 1 because all items are of Rasch kinds."""
    if len(new) != len(old):
        raise ValueError("both calibrations need the same anchor items in the same order")
    if len(new) < 2:
        raise NotEnoughData("锚题链接", len(new), 2, "道锚题")
    if any(a.categories != b.categories for a, b in zip(new, old, strict=True)):
        raise ValueError("an anchor item has different numbers of categories")
    return all(isinstance(m, Rasch | PartialCredit | RatingScale) for m in (*new, *old))


def _moments(models: Sequence[ItemModel]) -> tuple[float, float, float]:
    """Mean slope, mean difficulty, spread of the difficulties (of all steps)."""
    found = [location(model) for model in models]
    b = np.array([x for _, steps in found for x in steps])
    return float(np.mean([a for a, _ in found])), float(b.mean()), float(b.std())


def _linked(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    constants: Callable[[Sequence[ItemModel], Sequence[ItemModel]], tuple[float, float]],
    covariance: AnchorCovariance | None,
) -> Link:
    slope, intercept = constants(new, old)
    if covariance is None:
        return Link(slope, intercept)
    total = np.zeros((2, 2))
    for side, c in ((0, covariance.new), (1, covariance.old)):
        g = _gradient(new, old, side, lambda n, o: np.array(constants(n, o)))
        total += g @ np.asarray(c, dtype=np.float64) @ g.T
    return Link(slope, intercept, total)


def _gradient(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    side: int,
    value: Callable[[Sequence[ItemModel], Sequence[ItemModel]], Floats],
) -> Floats:
    """Central differences of `value` by every parameter of one side; columns are parameters."""
    pair = [list(new), list(old)]
    columns = []
    for j, model in enumerate(pair[side]):
        start = np.array(model.parameters)
        for k in range(start.size):
            ends = []
            for h in (1e-5, -1e-5):
                moved = start.copy()
                moved[k] += h
                changed = list(pair[side])
                changed[j] = with_parameters(model, moved)
                ends.append(value(changed, old) if side == 0 else value(new, changed))
            columns.append((ends[0] - ends[1]) / 2e-5)
    return np.stack(columns, axis=1)


def mean_mean(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    *,
    covariance: AnchorCovariance | None = None,
) -> Link:
    """Mean-mean linking: ``slope = mean(a_new) / mean(a_old)``.

    Parameters
    ----------
    new, old
        The anchor items in both calibrations, in the same order.
    covariance
        For standard errors by the delta method.

    References
    ----------
    Loyd & Hoover (1980), J. Educ. Meas. 17:179-193. Polytomous items enter with all their steps.
    """
    rasch = check_anchors(new, old)

    def constants(n: Sequence[ItemModel], o: Sequence[ItemModel]) -> tuple[float, float]:
        (a_new, b_new, _), (a_old, b_old, _) = _moments(n), _moments(o)
        slope = 1.0 if rasch else a_new / a_old
        return slope, b_old - slope * b_new

    return _linked(new, old, constants, covariance)


def mean_sigma(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    *,
    covariance: AnchorCovariance | None = None,
) -> Link:
    """Mean-sigma linking: ``slope = sd(b_old) / sd(b_new)``; Marco (1977), J. Educ. Meas. 14."""
    rasch = check_anchors(new, old)

    def constants(n: Sequence[ItemModel], o: Sequence[ItemModel]) -> tuple[float, float]:
        (_, b_new, s_new), (_, b_old, s_old) = _moments(n), _moments(o)
        slope = 1.0 if rasch else s_old / s_new
        return slope, b_old - slope * b_new

    return _linked(new, old, constants, covariance)


def _criterion(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    slope: float,
    intercept: float,
    populations: tuple[Population | None, Population | None],
    by_item: bool,
) -> Floats:
    """Weighted differences of curves; the criterion is their sum of squares."""
    forward = [rescale(m, slope, intercept) for m in new]
    backward = [rescale(m, 1 / slope, -intercept / slope) for m in old]
    parts = []
    for left, right, population in (
        (old, forward, populations[0]),
        (new, backward, populations[1]),
    ):
        if population is None:
            continue
        nodes, w = np.asarray(population[0], float), np.asarray(population[1], float)
        root = np.sqrt(w / w.sum())
        if by_item:
            # Every category counts, also both of a binary item, as in Kim & Kolen's STUIRT.
            parts += [
                ((a.probabilities(nodes) - b.probabilities(nodes)).T * root)
                for a, b in zip(left, right, strict=True)
            ]
        else:
            gap = sum(
                a.expected(nodes) - b.expected(nodes) for a, b in zip(left, right, strict=True)
            )
            parts.append(np.asarray(gap * root)[None, :])
    return np.concatenate([part.ravel() for part in parts])


def _characteristic(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    populations: tuple[Population | None, Population | None],
    by_item: bool,
    covariance: AnchorCovariance | None,
) -> Link:
    rasch = check_anchors(new, old)
    if populations[0] is None and populations[1] is None:
        raise ValueError("at least one population is needed")

    def residual(free: Floats) -> Floats:
        slope = 1.0 if rasch else float(np.exp(free[1]))
        return _criterion(new, old, slope, float(free[0]), populations, by_item)

    found = least_squares(
        residual, np.zeros(1 if rasch else 2), jac="2-point", method="lm",
        xtol=1e-13, ftol=1e-13, gtol=1e-13,
    )  # fmt: skip
    if not found.success:
        raise DidNotConverge("特征曲线链接", int(found.nfev), float(np.abs(found.grad).max()))
    intercept = float(found.x[0])
    slope = 1.0 if rasch else float(np.exp(found.x[1]))
    sides = sum(p is not None for p in populations)
    loss = float(found.fun @ found.fun) / sides
    if covariance is None:
        return Link(slope, intercept, None, loss)

    # Gauss-Newton form of the implicit derivative of the minimum by the item parameters.
    inverse = np.linalg.pinv(np.asarray(found.jac, dtype=np.float64))
    total = np.zeros((len(found.x), len(found.x)))

    def at_minimum(n: Sequence[ItemModel], o: Sequence[ItemModel]) -> Floats:
        return _criterion(n, o, slope, intercept, populations, by_item)

    for side, c in ((0, covariance.new), (1, covariance.old)):
        g = -inverse @ _gradient(new, old, side, at_minimum)
        total += g @ np.asarray(c, dtype=np.float64) @ g.T
    order = np.zeros((2, 2))
    if rasch:
        order[1, 1] = total[0, 0]
    else:
        change = np.array([[0.0, slope], [1.0, 0.0]])
        order = change @ total @ change.T
    return Link(slope, intercept, order, loss)


def haebara(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    *,
    old_population: Population | None = None,
    new_population: Population | None = None,
    covariance: AnchorCovariance | None = None,
) -> Link:
    """Haebara linking: least squares between the curves of every item (and category).

    Parameters
    ----------
    new, old
        The anchor items in both calibrations, in the same order.
    old_population, new_population
        Abilities at which the curves are compared on each scale. With neither, both are
        standard normal (the symmetric criterion); with one, only that scale is used.
    covariance
        For standard errors by the delta method.

    References
    ----------
    Haebara (1980), Jpn. Psychol. Res. 22:144-149; Kim & Kolen (2006). Reference values: STUIRT.
    """
    both = _populations(old_population, new_population)
    return _characteristic(new, old, both, True, covariance)


def stocking_lord(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    *,
    old_population: Population | None = None,
    new_population: Population | None = None,
    covariance: AnchorCovariance | None = None,
) -> Link:
    """Stocking-Lord linking: least squares between the expected anchor scores.

    Parameters are those of `haebara`.

    References
    ----------
    Stocking & Lord (1983), Appl. Psychol. Meas. 7:201-210. Reference values: STUIRT.
    """
    both = _populations(old_population, new_population)
    return _characteristic(new, old, both, False, covariance)


def _populations(
    old: Population | None, new: Population | None
) -> tuple[Population | None, Population | None]:
    return (
        (standard_population(), standard_population())
        if old is None and new is None
        else (
            old,
            new,
        )
    )


def jackknife(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    link: Callable[[Sequence[ItemModel], Sequence[ItemModel]], Link],
) -> Link:
    """Give a link the covariance that comes from the choice of anchor items.

    Parameters
    ----------
    link
        One of the linking functions, perhaps with its populations bound.

    Notes
    -----
    Delete-one jackknife over anchors. With few anchors this error is usually larger than the
    sampling error of people, and it does not shrink with more of them.
    """
    k = len(new)
    if k < 3:
        raise NotEnoughData("链接误差", k, 3, "道锚题")
    whole = link(new, old)
    parts = []
    for j in range(k):
        one = link([*new[:j], *new[j + 1 :]], [*old[:j], *old[j + 1 :]])
        parts.append((one.slope, one.intercept))
    centred = np.array(parts) - np.mean(parts, axis=0)
    return replace(whole, covariance=(k - 1) / k * centred.T @ centred)
