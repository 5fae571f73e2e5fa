"""Ability estimates (能力估计) and score distributions at given item models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats, Ints
from .models import ItemModel

__all__ = ["score_distribution"]


def _category_points(
    models: Sequence[ItemModel], points: Sequence[int | Sequence[int]] | None
) -> list[Ints]:
    """Integer points of every category of every item; by default the category number."""
    if points is not None and len(points) != len(models):
        raise ValueError(f"points for {len(points)} items, models for {len(models)}")
    table: list[Ints] = []
    for j, model in enumerate(models):
        given = np.asarray(1 if points is None else points[j])
        if given.dtype.kind not in "iu" or np.any(given < 0):
            raise ValueError(f"item {j}: points must be non-negative integers, found {given}")
        row = given * np.arange(model.categories) if given.ndim == 0 else given
        if row.shape != (model.categories,):
            raise ValueError(f"item {j}: {model.categories} categories, {row.size} points")
        table.append(row.astype(np.int64))
    return table


def score_distribution(
    models: Sequence[ItemModel],
    theta: ArrayLike,
    points: Sequence[int | Sequence[int]] | None = None,
) -> Floats:
    """Distribution of the total score at each ability, for any mixture of item kinds.

    Parameters
    ----------
    models
        The items of the test.
    theta
        Abilities, shape ``(n,)`` or a scalar.
    points
        Per item an integer weight of the category number, or the integer points of each category;
        by default the score is the sum of category numbers.

    Returns
    -------
    Floats
        Shape ``(n, highest score + 1)``; each row sums to 1.

    Raises
    ------
    ValueError
        If points are negative, not integer, or do not fit the models.

    References
    ----------
    Lord and Wingersky (1984), Applied Psychological Measurement 8:453-461; Thissen et al. (1995)
    for polytomous items.
    """
    nodes = np.atleast_1d(np.asarray(theta, float))
    table = _category_points(models, points)
    out = np.zeros((nodes.size, int(sum(row.max() for row in table)) + 1))
    out[:, 0] = 1.0
    top = 0
    for model, row in zip(models, table, strict=True):
        p = model.probabilities(nodes)
        before = out[:, : top + 1].copy()
        out[:, : top + 1] = 0.0
        for k, gain in enumerate(row.tolist()):
            out[:, gain : gain + top + 1] += p[:, k : k + 1] * before
        top += int(row.max())
    return out
