"""What a marginal calibration returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats
from .models import (
    ItemModel,
)
from .posterior import KnownAbility, PersonAbility
from .standard_errors import (
    InformationKind,
)

__all__ = [
    "AbilityShape",
    "Convergence",
    "MMLFit",
    "Note",
    "NoteKind",
    "Population",
    "WeakItem",
    "WeakReason",
]


class AbilityShape(Enum):
    """Shape of the ability distribution."""

    NORMAL = "normal"
    HISTOGRAM = "histogram"


class WeakReason(Enum):
    """Why an item is weakly determined."""

    EMPTY_CATEGORY = "有类别无人选择"
    FEW_ANSWERS = "作答人数过少"
    NEARLY_UNANIMOUS = "几乎所有人作答相同"
    WANDERING_ASYMPTOTE = "下限（猜测）参数不确定"
    LARGE_ERROR = "参数标准误过大"
    LOW_SLOPE = "区分度接近零或为负"


class NoteKind(Enum):
    """What a note of a fit is about."""

    WEAK_LINK = "anchors link weakly"
    POPULATION_HELD = "group too small for its own distribution"
    POPULATION_COLLAPSED = "no spread of ability beyond chance"
    SAMPLED_INFORMATION = "information from a sample of people"
    ITEMS_APART = "standard errors without products between items"
    NOT_CONVERGED = "not converged"
    INFORMATION_SINGULAR = "information not positive definite"


@dataclass(frozen=True, slots=True)
class WeakItem:
    """An item whose parameters the data hardly determine, and what was done.

    Parameters
    ----------
    item
        Item number.
    action
        What was done about it, in Chinese.
    """

    item: int
    reason: WeakReason
    action: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a user of a fit should know, in Chinese."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Population:
    """The estimated ability distribution.

    Parameters
    ----------
    means, sds
        Per group, shape ``(G,)``; with a regression the residual sd.
    mean_se, sd_se
        Standard errors; nan where fixed.
    nodes
        Shape ``(Q,)``.
    weights
        Shape ``(G, Q)``, rows sum to 1.
    coefficients, coefficient_se
        Latent regression, shape ``(p,)``; empty without one.
    people
        Weighted number of people per group, shape ``(G,)``.
    """

    means: Floats
    sds: Floats
    mean_se: Floats
    sd_se: Floats
    nodes: Floats
    weights: Floats
    coefficients: Floats
    coefficient_se: Floats
    people: Floats


@dataclass(frozen=True, slots=True)
class Convergence:
    """How an estimate ended.

    Parameters
    ----------
    converged
        Whether the estimated shortfall is below the tolerance.
    passes
        Passes over the data.
    shortfall
        Estimated distance of the log-posterior below its maximum.
    distance
        Estimated largest distance of an item number (slope-intercept form) to its value at the
        maximum: the Newton step with the information matrix, nan when no standard errors were
        asked.
    distance_se
        The same in units of each number's standard error.
    """

    converged: bool
    passes: int
    shortfall: float
    distance: float
    distance_se: float


@dataclass(frozen=True, slots=True, repr=False)
class MMLFit:
    """A marginal maximum likelihood calibration.

    Parameters
    ----------
    models
        Items in item order.
    standard_errors
        Per item in the order of ``model.parameters``; nan for fixed numbers.
    covariance
        Covariance of the free numbers (items in slope-intercept form, then group means, log sds,
        coefficients), or None.
    log_likelihood, log_posterior
        At the estimate; equal without priors.
    n_free
        Number of free numbers, population included.
    node_spacing, smallest_posterior_sd
        The spacing of the nodes and the smallest posterior sd it was chosen for.
    """

    models: tuple[ItemModel, ...]
    standard_errors: tuple[tuple[float, ...], ...]
    covariance: Floats | None
    log_likelihood: float
    log_posterior: float
    population: Population
    convergence: Convergence
    n_people: int
    n_free: int
    node_spacing: float
    smallest_posterior_sd: float
    weak_items: tuple[WeakItem, ...]
    notes: tuple[Note, ...]
    information: InformationKind | None

    def __repr__(self) -> str:
        end = "converged" if self.convergence.converged else "NOT converged"
        return (
            f"MMLFit({len(self.models)} items, {self.n_people} people, log-likelihood "
            f"{self.log_likelihood:.3f}, {end} in {self.convergence.passes} passes, "
            f"{len(self.weak_items)} weak items, {len(self.notes)} notes)"
        )

    @property
    def ability(self) -> KnownAbility:
        """The estimated ability distribution, as `eap` and `plausible_values` take it.

        Raises ``ValueError`` after a latent regression, where everybody has a distribution of
        their own: see `ability_given`.
        """
        if self.population.coefficients.size:
            raise ValueError("ability depends on covariates here: use ability_given(covariates)")
        return KnownAbility(self.population.nodes, self.population.weights)

    def ability_given(self, covariates: ArrayLike) -> PersonAbility:
        """Return everybody's ability distribution under the latent regression.

        Parameters
        ----------
        covariates
            Shape ``(people, p)``, in the order of the calibration's covariates.

        Raises
        ------
        ValueError
            If the number of covariates differs from the calibration's.
        """
        x, beta = np.asarray(covariates, float), self.population.coefficients
        if x.ndim != 2 or x.shape[1] != beta.size or not beta.size:
            raise ValueError(f"need people by {beta.size} covariates, found shape {x.shape}")
        means = float(self.population.means[0]) + x @ beta
        return PersonAbility(means, float(self.population.sds[0]))

    @property
    def aic(self) -> float:
        """Akaike's criterion of the log-likelihood."""
        return 2 * self.n_free - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion of the log-likelihood."""
        return float(np.log(max(self.n_people, 1)) * self.n_free - 2 * self.log_likelihood)
