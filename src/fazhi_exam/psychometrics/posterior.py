"""Posterior distributions of ability at fixed item models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..engines import Engine
from ..typing import Floats, Ints
from .grid import Ability, GridData, GridPart, Layout, PersonMoments, posteriors
from .models import ItemModel
from .plan import make_plan
from .quadrature import NormalAbility, nodes_for, normal_log_weights
from .responses import ResponseSet
from .sum_score import SumScoreData

__all__ = [
    "KnownAbility",
    "PersonAbility",
    "ability_on_nodes",
    "person_moments",
    "person_shifts",
    "posterior_draws",
]

_PACK_FROM = 20_000


@dataclass(frozen=True, slots=True)
class KnownAbility:
    """An ability distribution given on nodes, as a calibration returns it.

    Parameters
    ----------
    nodes
        Evenly spaced, shape ``(Q,)``.
    weights
        Shape ``(G, Q)``, one row per group.
    """

    nodes: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class PersonAbility:
    """A normal ability distribution for each person, as a latent regression gives it.

    Parameters
    ----------
    means
        Shape ``(N,)``.
    sd
        Common standard deviation, positive.
    """

    means: Floats
    sd: float = 1.0

    def __post_init__(self) -> None:
        if self.means.ndim != 1 or not np.all(np.isfinite(self.means)) or not self.sd > 0:
            raise ValueError("need a vector of finite means and sd > 0")


def person_shifts(
    population: NormalAbility | Sequence[NormalAbility] | KnownAbility | PersonAbility,
    people: int,
) -> Floats | None:
    """Distance of each person's mean from the middle of all, ``(N, 1)``; None without such means.

    Raises
    ------
    ValueError
        If there is not one mean per person.
    """
    if not isinstance(population, PersonAbility):
        return None
    if population.means.size != people:
        raise ValueError(f"{people} people, {population.means.size} ability means")
    return np.asarray(population.means - _middle(population))[:, None]


def _middle(population: PersonAbility) -> float:
    means = population.means
    return float(means.max(initial=-np.inf) + means.min(initial=np.inf)) / 2 if means.size else 0.0


def ability_on_nodes(
    models: Sequence[ItemModel],
    population: NormalAbility | Sequence[NormalAbility] | KnownAbility | PersonAbility,
    n_groups: int,
) -> Ability:
    """Put an ability distribution on nodes fine enough for the test.

    Raises
    ------
    ValueError
        If there are fewer distributions than groups.
    """
    if isinstance(population, KnownAbility):
        weights = np.atleast_2d(population.weights)
        if len(weights) < n_groups:
            raise ValueError(f"{n_groups} groups, {len(weights)} ability distributions")
        return Ability(population.nodes, np.log(np.maximum(weights, 1e-300)))
    if isinstance(population, PersonAbility):
        middle, sd = _middle(population), population.sd
        reach = float(np.abs(population.means - middle).max(initial=0.0)) + 6 * sd
        theta = _fine_nodes(models, middle - reach, middle + reach, sd)
        log_w = np.tile(normal_log_weights(theta, middle, sd), (n_groups, 1))
        return Ability(theta, log_w, sd, middle, np.ones(1))
    groups = [population] if isinstance(population, NormalAbility) else list(population)
    if len(groups) == 1:
        groups = groups * n_groups
    if len(groups) < n_groups:
        raise ValueError(f"{n_groups} groups, {len(groups)} ability distributions")
    low, high = min(g.mean - 6 * g.sd for g in groups), max(g.mean + 6 * g.sd for g in groups)
    theta = _fine_nodes(models, low, high, min(g.sd for g in groups))
    return Ability(theta, np.stack([normal_log_weights(theta, g.mean, g.sd) for g in groups]))


def _fine_nodes(models: Sequence[ItemModel], low: float, high: float, sd: float) -> Floats:
    """Nodes fine enough for the test and for a population of the given spread."""
    coarse = np.linspace(low, high, 121)
    peak = sum((model.information(coarse) for model in models), np.zeros(coarse.size)).max()
    fewest = max(61, int(np.ceil((high - low) / (0.2 * sd))) + 1)
    return nodes_for(1.1 * float(peak) + sd**-2, low=low, high=high, fewest=fewest).theta


def person_moments(
    data: ResponseSet,
    models: Sequence[ItemModel],
    ability: Ability,
    engine: Engine,
    shifts: Floats | None = None,
) -> PersonMoments:
    """Posterior mean and variance and log-likelihood of everybody; `shifts` of `person_shifts`."""
    log_p, categories = _log_table(models, ability.theta)
    plan_free = np.zeros(0)
    packs = data.n_people > _PACK_FROM and not data.is_sparse and data.is_complete
    if packs and shifts is None:
        plan = make_plan(
            [type(model) for model in models],
            np.ones((len(models), int(categories.max()))),
            categories=categories,
            anchors=dict(enumerate(models)),
            equal=(),
            start=None,
        )
        if plan.sum_score:
            slopes, intercepts = plan.category_form(plan.eta(plan_free))
            # Nominal items count from category 0: what its own slope and intercept add is the same
            # for everybody and stands in the look-up of the other categories.
            zero, _ = plan.log_p(plan.eta(plan_free), ability.theta)
            packed = SumScoreData.prepare(data, categories, engine)
            return packed.moments(zero, ability, slopes, intercepts)
    return GridData.prepare(data, categories, engine, covariates=shifts).moments(log_p, ability)


def _log_table(models: Sequence[ItemModel], theta: Floats) -> tuple[Floats, Ints]:
    """Log-probabilities by category row and node, and the numbers of categories."""
    categories = np.array([model.categories for model in models], np.int64)
    p = np.concatenate([model.probabilities(theta).T for model in models])
    return np.log(np.maximum(p, 1e-300)), categories


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws for one part from the posteriors' inverse distribution functions."""

    uniforms: Floats

    def __call__(
        self, part: GridPart, layout: Layout, log_p: Floats, ability: Ability, complete: bool
    ) -> Floats:
        """Values of shape ``(size of the part, draws)``."""
        out = np.empty((part.size, self.uniforms.shape[1]))
        step = ability.theta[1] - ability.theta[0]
        at = part.first
        for block in posteriors(part, layout, log_p, ability, None, complete):
            cdf = np.cumsum(block.post, axis=1)
            cdf /= cdf[:, -1:]
            u = self.uniforms[at + block.rows.start : at + block.rows.stop]
            for d in range(u.shape[1]):
                node = (cdf < u[:, d : d + 1]).sum(axis=1)
                below = np.where(
                    node > 0,
                    np.take_along_axis(cdf, np.maximum(node - 1, 0)[:, None], 1)[:, 0],
                    0.0,
                )
                mass = np.take_along_axis(cdf, node[:, None], 1)[:, 0] - below
                inside = (u[:, d] - below) / np.maximum(mass, 1e-300)
                # Each node stands for the interval of one spacing around it.
                out[block.rows, d] = ability.theta[block.low + node] + step * (inside - 0.5)
        return out


def posterior_draws(
    data: ResponseSet,
    models: Sequence[ItemModel],
    ability: Ability,
    engine: Engine,
    uniforms: Floats,
    shifts: Floats | None = None,
) -> Floats:
    """Draw from everybody's posterior; `uniforms`, ``(people, draws)``, decides the draws."""
    log_p, categories = _log_table(models, ability.theta)
    grid = GridData.prepare(data, categories, engine, covariates=shifts)
    draw = _Draw(uniforms[grid.order])
    parts = engine.map(draw, grid.parts, grid.layout, log_p, ability, grid.complete)
    out = np.empty_like(uniforms)
    out[grid.order] = np.concatenate(parts)
    return out
