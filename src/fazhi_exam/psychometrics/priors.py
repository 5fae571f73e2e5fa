"""Prior densities of item parameters (先验), for small samples and guessing parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import betaln, expit

from ..typing import Bools, Floats
from .kernels import AsymptoteFamily, Family, NominalFamily

__all__ = [
    "DEFAULT_PRIORS",
    "Beta",
    "Density",
    "ItemPrior",
    "LogNormal",
    "Normal",
    "Parameter",
]


class Parameter(Enum):
    """A parameter of an item that can carry a prior or an equality constraint."""

    SLOPE = "slope"
    INTERCEPT = "intercept"
    DIFFICULTY = "difficulty"
    LOWER = "lower"
    LOGIT_LOWER = "logit lower"
    UPPER = "upper"
    LOGIT_UPPER = "logit upper"


class Density(ABC):
    """A one-dimensional prior density."""

    __slots__ = ()

    @abstractmethod
    def log(self, x: Floats) -> Floats:
        """Log-density; ``-inf`` outside the support."""

    @abstractmethod
    def slope(self, x: Floats) -> Floats:
        """First derivative of the log-density."""

    @abstractmethod
    def curvature(self, x: Floats) -> Floats:
        """Negative second derivative of the log-density."""


@dataclass(frozen=True, slots=True)
class Normal(Density):
    """Normal density."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not self.sd > 0:
            raise ValueError(f"sd must be positive, found {self.sd}")

    def log(self, x: Floats) -> Floats:
        """See `Density.log`."""
        z = (x - self.mean) / self.sd
        return np.asarray(-0.5 * z**2 - np.log(self.sd * np.sqrt(2 * np.pi)))

    def slope(self, x: Floats) -> Floats:
        """See `Density.slope`."""
        return np.asarray((self.mean - x) / self.sd**2)

    def curvature(self, x: Floats) -> Floats:
        """See `Density.curvature`."""
        return np.full_like(x, self.sd**-2)


@dataclass(frozen=True, slots=True)
class LogNormal(Density):
    """Density of a positive number whose logarithm is normal with `mean` and `sd`."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not self.sd > 0:
            raise ValueError(f"sd must be positive, found {self.sd}")

    def log(self, x: Floats) -> Floats:
        """See `Density.log`."""
        safe = np.where(x > 0, x, 1.0)
        z = (np.log(safe) - self.mean) / self.sd
        value = -0.5 * z**2 - np.log(safe * self.sd * np.sqrt(2 * np.pi))
        return np.where(x > 0, value, -np.inf)

    def slope(self, x: Floats) -> Floats:
        """See `Density.slope`."""
        safe = np.where(x > 0, x, 1.0)
        value = -(1 + (np.log(safe) - self.mean) / self.sd**2) / safe
        return np.where(x > 0, value, 0.0)

    def curvature(self, x: Floats) -> Floats:
        """See `Density.curvature`."""
        safe = np.where(x > 0, x, 1.0)
        z = (np.log(safe) - self.mean) / self.sd**2
        return np.where(x > 0, (self.sd**-2 - 1 - z) / safe**2, 0.0)


@dataclass(frozen=True, slots=True)
class Beta(Density):
    """Beta density of an asymptote in (0, 1)."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        if not (self.alpha > 0 and self.beta > 0):
            raise ValueError(f"alpha and beta must be positive, found {self.alpha}, {self.beta}")

    def log(self, x: Floats) -> Floats:
        """See `Density.log`."""
        with np.errstate(divide="ignore"):
            value = (self.alpha - 1) * np.log(x) + (self.beta - 1) * np.log1p(-x)
        return np.asarray(value - betaln(self.alpha, self.beta))

    def slope(self, x: Floats) -> Floats:
        """See `Density.slope`."""
        return np.asarray((self.alpha - 1) / x - (self.beta - 1) / (1 - x))

    def curvature(self, x: Floats) -> Floats:
        """See `Density.curvature`."""
        return np.asarray((self.alpha - 1) / x**2 + (self.beta - 1) / (1 - x) ** 2)


@dataclass(frozen=True, slots=True)
class ItemPrior:
    """A prior density on one parameter of some items.

    Parameters
    ----------
    parameter
        Which. ``SLOPE`` and ``INTERCEPT`` mean all slopes and intercepts of an item;
        ``DIFFICULTY`` is ``-d / a`` of binary items and thresholds of graded ones, and the steps
        of partial credit items.
    density
        On the parameter itself, not on a transform; ``LOGIT_LOWER`` names the logit of ``c``.
    items
        Item numbers; None means every item that has the parameter.
    """

    parameter: Parameter
    density: Density
    items: Sequence[int] | None = None

    def covers(self, family: Family) -> Bools:
        """Which items of a family carry the prior, shape ``(J,)``."""
        asymptote = isinstance(family, AsymptoteFamily)
        has = asymptote or self.parameter in (
            Parameter.SLOPE,
            Parameter.INTERCEPT,
            Parameter.DIFFICULTY,
        )
        if isinstance(family, NominalFamily) and self.parameter is Parameter.DIFFICULTY:
            has = False
        if not has:
            return np.zeros(family.items.size, bool)
        if self.items is None:
            return np.ones(family.items.size, bool)
        return np.isin(family.items, np.asarray(self.items))

    def columns(self, family: Family) -> list[int]:
        """Columns of the family's parameters that the prior speaks about."""
        slopes = family.categories - 1 if isinstance(family, NominalFamily) else 1
        last = 2 if isinstance(family, AsymptoteFamily) else family.n_parameters
        if self.parameter is Parameter.SLOPE:
            return list(range(slopes))
        if self.parameter in (Parameter.INTERCEPT, Parameter.DIFFICULTY):
            return list(range(slopes, last))
        return [2 if self.parameter in (Parameter.LOWER, Parameter.LOGIT_LOWER) else 3]

    def evaluate(self, family: Family, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-prior, gradient and a positive curvature of each item of a family.

        Returns
        -------
        log, gradient, curvature
            Shapes ``(J,)``, ``(J, m)``, ``(J, m, m)``.
        """
        count, m = eta.shape
        log, gradient, curvature = np.zeros(count), np.zeros((count, m)), np.zeros((count, m, m))
        for column in self.columns(family):
            x, jacobian = self._value(family, eta, column)
            # A fixed asymptote of exactly 0 or 1 has an infinite logit and carries no prior.
            real = np.isfinite(eta[:, column])
            x = np.where(real, x, 0.5)
            log += np.where(real, self.density.log(x), 0.0)
            slope = np.where(real, self.density.slope(x), 0.0)
            gradient += slope[:, None] * jacobian
            bend = np.where(real, np.maximum(self.density.curvature(x), 0.0), 0.0)
            curvature += bend[:, None, None] * jacobian[:, :, None] * jacobian[:, None, :]
        return log, gradient, curvature

    def _value(self, family: Family, eta: Floats, column: int) -> tuple[Floats, Floats]:
        """Value of the parameter and its derivative by the family's parameters."""
        jacobian = np.zeros_like(eta)
        x = eta[:, column]
        if self.parameter in (Parameter.LOWER, Parameter.UPPER):
            p = expit(x)
            jacobian[:, column] = p * (1 - p)
            return p, jacobian
        if self.parameter is not Parameter.DIFFICULTY:
            jacobian[:, column] = 1.0
            return x, jacobian
        a = eta[:, 0]
        steps = type(family).__name__ == "StepFamily" and column > 1
        x = x - eta[:, column - 1] if steps else x
        jacobian[:, column] = -1 / a
        if steps:
            jacobian[:, column - 1] = 1 / a
        jacobian[:, 0] = x / a**2
        return -x / a, jacobian


DEFAULT_PRIORS = (
    ItemPrior(Parameter.LOGIT_LOWER, Normal(-1.386, 0.5)),
    ItemPrior(Parameter.LOGIT_UPPER, Normal(3.0, 0.5)),
)
"""Used where no priors are given: guessing about 0.2, upper asymptote about 0.95, on logits.

Without them the asymptotes of easy items are not determined by any usual number of people.
"""
