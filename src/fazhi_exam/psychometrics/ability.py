"""Abilities (能力估计) and score distributions at given models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ..engines import Engine, Serial, one_blas_thread
from ..typing import Floats, Ints, Rng, generator
from .information import Points, category_points
from .models import ItemModel
from .point_estimates import AbilityEstimates, AbilityMethod, point_estimates
from .posterior import (
    KnownAbility,
    PersonAbility,
    ability_on_nodes,
    person_moments,
    person_shifts,
    posterior_draws,
)
from .quadrature import STANDARD_NORMAL, NormalAbility
from .responses import ResponseLike, ResponseSet, as_responses

__all__ = [
    "AbilityEstimates",
    "AbilityMethod",
    "KnownAbility",
    "PersonAbility",
    "SumScoreTable",
    "eap",
    "map_estimate",
    "ml",
    "plausible_values",
    "score_distribution",
    "sum_score_eap",
    "wle",
]


Population: TypeAlias = NormalAbility | Sequence[NormalAbility] | KnownAbility | PersonAbility
"""One distribution, one per group, nodes with weights, or a mean per person."""


def _checked(models: Sequence[ItemModel], responses: ResponseLike) -> ResponseSet:
    """Return the responses if they fit the models."""
    data = as_responses(responses)
    if data.n_items != len(models):
        raise ValueError(f"{data.n_items} items in the responses, {len(models)} models")
    if data.matrix is not None:
        most = data.matrix.max(axis=0, initial=-1)
        found = np.asarray(most, np.int64)
    else:
        items, categories = data.answers()
        found = np.full(len(models), -1, np.int64)
        np.maximum.at(found, items, categories)
    limits = np.array([model.categories for model in models])
    if np.any(found >= limits):
        j = int(np.argmax(found >= limits))
        raise ValueError(f"item {j}: category {found[j]} answered, {limits[j]} categories")
    return data


def eap(
    models: Sequence[ItemModel],
    responses: ResponseLike,
    *,
    population: Population = STANDARD_NORMAL,
    engine: Engine | None = None,
) -> AbilityEstimates:
    """Posterior mean and standard deviation of everybody's ability.

    Parameters
    ----------
    models
        The items.
    responses
        One person or a million; a person without answers gets the population's mean.
    population
        One distribution, one per group, one per person, or nodes with weights.
    engine
        Where the passes run; serial by default.

    Raises
    ------
    ValueError
        If responses and models do not fit.

    References
    ----------
    Bock and Mislevy (1982), Applied Psychological Measurement 6:431-444.
    """
    data = _checked(models, responses)
    with one_blas_thread():
        ability = ability_on_nodes(models, population, data.n_groups)
        shifts = person_shifts(population, data.n_people)
        found = person_moments(data, models, ability, engine or Serial(), shifts)
    return AbilityEstimates(found.mean, np.sqrt(np.maximum(found.variance, 0.0)), AbilityMethod.EAP)


def map_estimate(
    models: Sequence[ItemModel],
    responses: ResponseLike,
    *,
    population: NormalAbility | Sequence[NormalAbility] | PersonAbility = STANDARD_NORMAL,
) -> AbilityEstimates:
    """Mode of everybody's posterior under a normal population, common or of each person.

    Raises
    ------
    ValueError
        If responses and models do not fit, or there are fewer distributions than groups.
    """
    data = _checked(models, responses)
    if isinstance(population, PersonAbility):
        person_shifts(population, data.n_people)
        weight = np.full(data.n_people, population.sd**-2.0)
        return point_estimates(data, models, AbilityMethod.MAP, population.means, weight)
    groups = [population] if isinstance(population, NormalAbility) else list(population)
    if len(groups) == 1:
        groups = groups * data.n_groups
    if len(groups) < data.n_groups:
        raise ValueError(f"{data.n_groups} groups, {len(groups)} ability distributions")
    who = np.zeros(data.n_people, np.int64) if data.groups is None else data.groups
    mean = np.array([g.mean for g in groups])[who]
    precision = np.array([g.sd**-2.0 for g in groups])[who]
    return point_estimates(data, models, AbilityMethod.MAP, mean, precision)


def ml(models: Sequence[ItemModel], responses: ResponseLike) -> AbilityEstimates:
    """Maximum likelihood ability; infinite where the likelihood keeps rising.

    Raises
    ------
    ValueError
        If responses and models do not fit.
    """
    data = _checked(models, responses)
    zero = np.zeros(data.n_people)
    return point_estimates(data, models, AbilityMethod.ML, zero, zero)


def wle(models: Sequence[ItemModel], responses: ResponseLike) -> AbilityEstimates:
    """Weighted likelihood ability; finite for everybody and nearly unbiased.

    Raises
    ------
    ValueError
        If responses and models do not fit.

    References
    ----------
    Warm (1989), Psychometrika 54:427-450; Penfield and Bergeron (2005) for polytomous items.
    """
    data = _checked(models, responses)
    zero = np.zeros(data.n_people)
    return point_estimates(data, models, AbilityMethod.WLE, zero, zero)


def plausible_values(
    models: Sequence[ItemModel],
    responses: ResponseLike,
    *,
    draws: int,
    rng: Rng,
    population: Population = STANDARD_NORMAL,
    engine: Engine | None = None,
) -> Floats:
    """Draw abilities from everybody's posterior, for statistics of groups rather than of people.

    Returns
    -------
    Floats
        Shape ``(people, draws)``.

    Raises
    ------
    ValueError
        If `draws` is less than 1 or the responses do not fit the models.

    References
    ----------
    Mislevy (1991), Psychometrika 56:177-196.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, found {draws}")
    data = _checked(models, responses)
    uniforms = generator(rng).random((data.n_people, draws))
    with one_blas_thread():
        ability = ability_on_nodes(models, population, data.n_groups)
        shifts = person_shifts(population, data.n_people)
        return posterior_draws(data, models, ability, engine or Serial(), uniforms, shifts)


@dataclass(frozen=True, slots=True)
class SumScoreTable:
    """Ability for each possible total score.

    Parameters
    ----------
    score
        0, 1, …, highest; shape ``(S,)``.
    theta, se
        Posterior mean and sd given the total score; nan where the score cannot be reached.
    probability
        Model probability of the score in the population.
    """

    score: Ints
    theta: Floats
    se: Floats
    probability: Floats


def sum_score_eap(
    models: Sequence[ItemModel],
    *,
    points: Sequence[int | Sequence[int]] | None = None,
    population: NormalAbility | KnownAbility = STANDARD_NORMAL,
) -> SumScoreTable:
    """Tabulate the posterior mean of ability for every total score, mixed kinds allowed.

    Parameters
    ----------
    points
        As in `score_distribution`.

    References
    ----------
    Thissen, Pommerich, Billeaud and Williams (1995), Applied Psychological Measurement 19:39-49.
    """
    ability = ability_on_nodes(models, population, 1)
    joint = (
        score_distribution(models, ability.theta, points) * np.exp(ability.log_weights[0])[:, None]
    )
    total = joint.sum(axis=0)
    reachable = total > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(reachable, ability.theta @ joint / total, np.nan)
        spread = ((ability.theta[:, None] - mean) ** 2 * joint).sum(axis=0) / total
    return SumScoreTable(
        np.arange(total.size), mean, np.where(reachable, np.sqrt(spread), np.nan), total
    )


def _whole_points(models: Sequence[ItemModel], points: Points | None) -> list[Ints]:
    """Points of every category of every item, which must be whole and not negative here."""
    table = category_points(models, points)
    for j, row in enumerate(table):
        if np.any(row < 0) or np.any(row != np.rint(row)):
            raise ValueError(f"item {j}: points must be non-negative integers, found {row}")
    return [row.astype(np.int64) for row in table]


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
    table = _whole_points(models, points)
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
