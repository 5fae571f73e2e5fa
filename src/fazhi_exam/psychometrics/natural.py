"""Estimates and standard errors in the models' own parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..typing import Floats
from .expectation_maximisation import Runner
from .kernels import internal
from .models import (
    FourPL,
    GeneralisedPartialCredit,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    ThreePL,
)
from .plan import Plan

__all__ = ["natural_errors", "standardised"]


def standardised(
    runner: Runner, etas: list[Floats], weights: Floats
) -> tuple[list[Floats], Floats, Floats]:
    """Move the histogram to mean 0 and sd 1 by moving nodes and items; the likelihood stays."""
    theta = runner.theta
    mean = float(weights @ theta)
    sd = float(np.sqrt(weights @ (theta - mean) ** 2))
    if runner.plan.slope_fixed.any():
        sd = 1.0
    out = []
    for family, eta in zip(runner.plan.families, etas, strict=True):
        moved = eta.copy()
        kinds = family.categories
        if type(family).__name__ == "NominalFamily":
            moved[:, : kinds - 1] = eta[:, : kinds - 1] * sd
            moved[:, kinds - 1 :] = eta[:, kinds - 1 :] + eta[:, : kinds - 1] * mean
        else:
            steps = type(family).__name__ == "StepFamily"
            count = 1 if type(family).__name__ == "AsymptoteFamily" else kinds - 1
            times = np.arange(1.0, kinds) if steps else np.ones(count)
            moved[:, 0] = eta[:, 0] * sd
            moved[:, 1 : 1 + count] = eta[:, 1 : 1 + count] + eta[:, :1] * mean * times
        out.append(moved)
    return out, (theta - mean) / sd, np.array([mean, sd])


def natural_errors(
    plan: Plan,
    etas: Sequence[Floats],
    models: Sequence[ItemModel],
    covariance: Floats | None,
    stretch: Floats,
) -> tuple[tuple[float, ...], ...]:
    """Return standard errors of each model's own parameters by the delta method."""
    if covariance is None:
        return tuple((np.nan,) * len(model.parameters) for model in models)
    n = plan.n_free
    items = covariance[:n, :n]
    place = np.cumsum(plan.free) - 1
    out: dict[int, tuple[float, ...]] = {}
    for family, eta, low in zip(plan.families, etas, plan.offsets, strict=False):
        m = family.n_parameters
        for i, j in enumerate(family.items.tolist()):
            span = slice(low + i * m, low + (i + 1) * m)
            if plan.separate:
                used = place[span][plan.free[span]]
                local = np.eye(m)[:, plan.free[span]]
            else:
                rows = plan.design[span]
                used = np.unique(rows.indices)
                local = rows[:, used].toarray()
            block = local @ items[np.ix_(used, used)] @ local.T
            jacobian = _natural_jacobian(type(models[j]), models[j], eta[i])
            if stretch[1] != 1.0 or stretch[0] != 0.0:
                block = _stretched(block, family.categories, type(family).__name__, stretch)
            variance = ((jacobian @ block) * jacobian).sum(axis=1)
            moves = np.abs(jacobian) @ np.abs(local).sum(axis=1) > 0
            error = np.where(moves, np.sqrt(np.maximum(variance, 0.0)), np.nan)
            out[j] = tuple(error.tolist())
    return tuple(out[j] for j in range(len(models)))


def _stretched(block: Floats, kinds: int, family: str, stretch: Floats) -> Floats:
    """Covariance of an item's numbers after the histogram was standardised."""
    mean, sd = stretch
    m = len(block)
    move = np.eye(m)
    if family == "NominalFamily":
        top = kinds - 1
        move[:top, :top] *= sd
        move[np.arange(top, m), np.arange(top)] = mean
    else:
        count = 1 if family == "AsymptoteFamily" else kinds - 1
        times = np.arange(1.0, kinds) if family == "StepFamily" else np.ones(count)
        move[0, 0] = sd
        move[1 : 1 + count, 0] = mean * times
    return np.asarray(move @ block @ move.T)


def _natural_jacobian(kind: type[ItemModel], model: ItemModel, eta: Floats) -> Floats:
    """Differentiate the model's parameters by the slope-intercept numbers."""
    form = internal(model)
    m = form.size
    if issubclass(kind, ThreePL | FourPL):
        a, d = form[0], form[1]
        c = 1 / (1 + np.exp(-form[2]))
        u = 1 / (1 + np.exp(-form[3]))
        out = np.zeros((len(model.parameters), m))
        out[0, 0] = 1.0
        out[1, 0], out[1, 1] = d / a**2, -1 / a
        out[2, 2] = c * (1 - c)
        if issubclass(kind, FourPL):
            out[3, 3] = u * (1 - u)
        return out
    if isinstance(model, Nominal):
        top = m // 2
        out = np.zeros((2 * top + 2, m))
        out[np.arange(1, top + 1), np.arange(top)] = 1.0
        out[np.arange(top + 2, 2 * top + 2), np.arange(top, m)] = 1.0
        return out
    a, d = eta[0], eta[1:]
    top = m - 1
    steps = isinstance(model, PartialCredit | RatingScale | GeneralisedPartialCredit)
    difference = np.eye(top)
    if steps:
        difference -= np.eye(top, k=-1)
    b = np.zeros((top, m))
    b[:, 0] = (difference @ d) / a**2
    b[:, 1:] = -difference / a
    if isinstance(model, RatingScale):
        location = b.mean(axis=0, keepdims=True)
        return np.concatenate([location, b - location])
    if isinstance(model, Rasch | PartialCredit):
        return b
    first = np.zeros((1, m))
    first[0, 0] = 1.0
    return np.concatenate([first, b])
