"""Simulated answers with known truth (模拟数据), for every model and design."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats, Ints, Responses, Rng, generator
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
from .responses import ResponseSet

__all__ = [
    "simulate_abilities",
    "simulate_items",
    "simulate_presented",
    "simulate_responses",
]


def simulate_abilities(
    n_people: int, *, rng: Rng, mean: float = 0.0, sd: float = 1.0, skew: float = 0.0
) -> Floats:
    """Draw abilities of the given mean and sd.

    Parameters
    ----------
    skew
        0 for a normal distribution; positive for a long upper tail (a shifted gamma distribution
        with this skewness), negative for a long lower tail.
    """
    source = generator(rng)
    if skew == 0:
        return mean + sd * source.standard_normal(n_people)
    shape = 4.0 / skew**2
    z = (source.gamma(shape, size=n_people) - shape) / np.sqrt(shape)
    return np.asarray(mean + sd * np.sign(skew) * z)


def simulate_items(
    kind: type[ItemModel],
    n_items: int,
    *,
    rng: Rng,
    categories: int = 4,
    mean_difficulty: float = 0.0,
    sd_difficulty: float = 1.0,
) -> tuple[ItemModel, ...]:
    """Draw items of one class with usual parameters.

    Slopes are lognormal(0.1, 0.3), difficulties normal, lower asymptotes Beta(8, 32), upper ones
    Beta(38, 2); thresholds and steps lie at least 0.3 apart.

    Parameters
    ----------
    categories
        Of the polytomous classes.
    """
    source = generator(rng)
    a = np.exp(source.normal(0.1, 0.3, n_items))
    b = source.normal(mean_difficulty, sd_difficulty, n_items)
    c, d = source.beta(8, 32, n_items), source.beta(38, 2, n_items)
    gaps = np.maximum(source.exponential(0.8, (n_items, categories - 1)), 0.3)
    steps = np.cumsum(gaps, axis=1)
    steps += (b - steps.mean(axis=1))[:, None]
    shared = steps[0] - steps[0].mean()
    out: list[ItemModel] = []
    for j in range(n_items):
        s = tuple(steps[j].tolist())
        if issubclass(kind, Rasch):
            out.append(Rasch(float(b[j])))
        elif issubclass(kind, TwoPL):
            out.append(TwoPL(float(a[j]), float(b[j])))
        elif issubclass(kind, ThreePL):
            out.append(ThreePL(float(a[j]), float(b[j]), float(c[j])))
        elif issubclass(kind, FourPL):
            out.append(FourPL(float(a[j]), float(b[j]), float(c[j]), float(d[j])))
        elif issubclass(kind, GradedResponse):
            out.append(GradedResponse(float(a[j]), s))
        elif issubclass(kind, PartialCredit):
            out.append(PartialCredit(s))
        elif issubclass(kind, RatingScale):
            out.append(RatingScale(float(b[j]), tuple(shared.tolist())))
        elif issubclass(kind, GeneralisedPartialCredit):
            out.append(GeneralisedPartialCredit(float(a[j]), s))
        elif issubclass(kind, Nominal):
            form = GeneralisedPartialCredit(float(a[j]), s).slope_intercept()
            bends = source.uniform(0.7, 1.3, categories - 1) * np.arange(1, categories) * a[j]
            out.append(Nominal((0.0, *bends.tolist()), (0.0, *form.intercepts)))
        else:
            raise TypeError(f"no recipe for {kind.__name__}")
    return tuple(out)


def simulate_presented(
    n_people: int, n_items: int, *, per_person: int, rng: Rng
) -> tuple[Ints, Ints]:
    """Give everybody a random set of items, as randomised papers do.

    Returns
    -------
    indptr, items
        Row pointers and item numbers, rising within a person.

    Raises
    ------
    ValueError
        If a paper is longer than the bank.
    """
    if not 0 <= per_person <= n_items:
        raise ValueError(f"per_person must lie in 0..{n_items}, found {per_person}")
    source = generator(rng)
    chosen = np.empty((n_people, per_person), np.int64)
    for at in range(0, n_people, 10_000):
        size = min(10_000, n_people - at)
        keys = source.random((size, n_items), dtype=np.float32)
        part = np.argpartition(keys, per_person - 1, axis=1) if per_person else keys
        chosen[at : at + size] = np.sort(part[:, :per_person], axis=1)
    return np.arange(n_people + 1) * per_person, chosen.ravel()


def simulate_responses(
    models: Sequence[ItemModel],
    theta: ArrayLike,
    *,
    rng: Rng,
    presented: tuple[ArrayLike, ArrayLike] | None = None,
    groups: ArrayLike | None = None,
) -> ResponseSet:
    """Draw answers of people with abilities `theta`.

    Parameters
    ----------
    theta
        Shape ``(N,)``.
    presented
        Row pointers and item numbers of the items each person got (`simulate_presented`); None for
        a dense set in which everybody got everything.
    groups
        Group number of each person.
    """
    source = generator(rng)
    t = np.asarray(theta, float)
    if presented is None:
        matrix: Responses = np.empty((t.size, len(models)), np.int8)
        for j, model in enumerate(models):
            matrix[:, j] = _draw(model, t, source)
        return ResponseSet.dense(matrix, groups=groups)
    indptr, items = np.asarray(presented[0], np.int64), np.asarray(presented[1], np.int64)
    person = np.repeat(np.arange(t.size), np.diff(indptr))
    order = np.argsort(items, kind="stable")
    cuts = np.searchsorted(items[order], np.arange(len(models) + 1))
    categories = np.empty(items.size, np.int8)
    for model, low, high in zip(models, cuts[:-1], cuts[1:], strict=True):
        here = order[low:high]
        categories[here] = _draw(model, t[person[here]], source)
    return ResponseSet.sparse(indptr, items, categories, n_items=len(models), groups=groups)


def _draw(model: ItemModel, theta: Floats, source: np.random.Generator) -> Responses:
    """One category per ability, by the inverse of the cumulative distribution."""
    below = np.cumsum(model.probabilities(theta), axis=-1)[:, :-1]
    return np.asarray((source.random(theta.size)[:, None] > below).sum(axis=1), dtype=np.int8)
