"""Vectorised item families: log-probabilities of many alike items on nodes, and gradients.

Items are estimated in slope-intercept form. A *family* holds the items of one kind with one number
of categories; its parameters are an array ``(items, parameters)``:

- `StepFamily` (Rasch, 2PL, partial credit kinds): ``a, d_1 … d_{K-1}``; category logit ``k a theta
+ d_k``;
- `NominalFamily`: ``s_1 … s_{K-1}, d_1 … d_{K-1}``;
- `AsymptoteFamily` (3PL, 4PL): ``a, d, logit c, logit u``;
- `GradedFamily`: ``a, d_1 > … > d_{K-1}``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logit

from ..typing import Bools, Floats, Ints
from .models import (
    FourPL,
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    SlopeIntercept,
    ThreePL,
    TwoPL,
)

__all__ = [
    "AsymptoteFamily",
    "Family",
    "GradedFamily",
    "NominalFamily",
    "StepFamily",
    "family_of",
    "internal",
    "to_model",
]


@dataclass(frozen=True, slots=True)
class Family(ABC):
    """Items of one kind with `categories` categories.

    Parameters
    ----------
    items
        Item numbers, shape ``(J,)``.
    categories
        Number of categories ``K`` of each.
    """

    items: Ints
    categories: int

    @property
    @abstractmethod
    def n_parameters(self) -> int:
        """Parameters per item, free or not."""

    @property
    def sum_score(self) -> bool:
        """Whether the posterior depends on the answers only through a weighted sum."""
        return False

    @abstractmethod
    def log_p(self, eta: Floats, theta: Floats) -> Floats:
        """Log-probabilities, shape ``(J, K, Q)``."""

    @abstractmethod
    def gradient(self, eta: Floats, theta: Floats, log_p: Floats) -> Floats:
        """Return the derivatives of `log_p` by the parameters, shape ``(J, m, K, Q)``."""

    def category_slopes(self, eta: Floats) -> Floats:  # noqa: ARG002
        """Slope of each category's logit, shape ``(J, K)``; for sum-score families only."""
        raise TypeError(f"{type(self).__name__} has no sum score")

    def admissible(self, eta: Floats) -> Bools:
        """Whether each item's parameters lie in the family's domain, shape ``(J,)``."""
        return np.asarray(np.isfinite(eta[:, :2]).all(axis=1))


@dataclass(frozen=True, slots=True)
class StepFamily(Family):
    """Category weights ``exp(k a theta + d_k)``, ``d_0 = 0``."""

    @property
    def n_parameters(self) -> int:
        """Slope and K - 1 intercepts."""
        return self.categories

    @property
    def sum_score(self) -> bool:
        """Always."""
        return True

    def log_p(self, eta: Floats, theta: Floats) -> Floats:
        """See `Family.log_p`."""
        k = np.arange(self.categories, dtype=float)
        if self.categories == 2:
            z = eta[:, :1] * theta + eta[:, 1:2]
            right = log_expit(z)
            return np.stack([right - z, right], axis=1)
        z = (eta[:, 0, None, None] * k[:, None]) * theta
        z[:, 1:] += eta[:, 1:, None]
        return _log_softmax(z)

    def gradient(self, eta: Floats, theta: Floats, log_p: Floats) -> Floats:  # noqa: ARG002
        """See `Family.gradient`."""
        count, kinds, nodes = log_p.shape
        p = np.exp(log_p)
        out = np.empty((count, kinds, kinds, nodes))
        k = np.arange(kinds, dtype=float)
        mean = p[:, 1] if kinds == 2 else np.einsum("jkq,k->jq", p, k)
        out[:, 0] = (k[:, None] - mean[:, None, :]) * theta
        out[:, 1:] = -p[:, 1:, None, :]
        for i in range(1, kinds):
            out[:, i, i] += 1.0
        return out

    def category_slopes(self, eta: Floats) -> Floats:
        """See `Family.category_slopes`."""
        return eta[:, :1] * np.arange(self.categories, dtype=float)


@dataclass(frozen=True, slots=True)
class NominalFamily(Family):
    """Category weights ``exp(s_k theta + d_k)``, ``s_0 = d_0 = 0``."""

    @property
    def n_parameters(self) -> int:
        """K - 1 slopes and K - 1 intercepts."""
        return 2 * (self.categories - 1)

    @property
    def sum_score(self) -> bool:
        """Always."""
        return True

    def log_p(self, eta: Floats, theta: Floats) -> Floats:
        """See `Family.log_p`."""
        top = self.categories - 1
        z = np.zeros((len(eta), self.categories, theta.size))
        z[:, 1:] = eta[:, :top, None] * theta + eta[:, top:, None]
        return _log_softmax(z)

    def gradient(self, eta: Floats, theta: Floats, log_p: Floats) -> Floats:
        """See `Family.gradient`."""
        top = self.categories - 1
        p = np.exp(log_p)
        out = np.empty((len(eta), 2 * top, self.categories, theta.size))
        out[:, top:] = -p[:, 1:, None, :]
        for i in range(top):
            out[:, top + i, i + 1] += 1.0
        out[:, :top] = out[:, top:] * theta
        return out

    def category_slopes(self, eta: Floats) -> Floats:
        """See `Family.category_slopes`."""
        return np.concatenate([np.zeros((len(eta), 1)), eta[:, : self.categories - 1]], axis=1)


@dataclass(frozen=True, slots=True)
class AsymptoteFamily(Family):
    """``P = c + (u - c) expit(a theta + d)`` with ``c, u`` on the logit scale (±inf = 0, 1)."""

    @property
    def n_parameters(self) -> int:
        """Slope, intercept, logit c, logit u."""
        return 4

    def log_p(self, eta: Floats, theta: Floats) -> Floats:
        """See `Family.log_p`."""
        z = eta[:, :1] * theta + eta[:, 1:2]
        right, wrong = expit(z), expit(-z)
        c, u = expit(eta[:, 2:3]), expit(eta[:, 3:4])
        low, high = expit(-eta[:, 3:4]) * right + (1 - c) * wrong, c * wrong + u * right
        # Floors keep the logarithm finite where a probability underflows; such cells hold no mass.
        return np.asarray(np.log(np.maximum(np.stack([low, high], axis=1), 1e-300)))

    def gradient(self, eta: Floats, theta: Floats, log_p: Floats) -> Floats:
        """See `Family.gradient`."""
        z = eta[:, :1] * theta + eta[:, 1:2]
        right, wrong = expit(z), expit(-z)
        c, u = expit(eta[:, 2:3]), expit(eta[:, 3:4])
        slope = (u - c) * right * wrong
        dp = np.stack([slope * theta, slope, c * (1 - c) * wrong, u * (1 - u) * right], axis=1)
        p = np.exp(log_p)
        return np.stack([-dp / p[:, None, 0], dp / p[:, None, 1]], axis=2)

    def admissible(self, eta: Floats) -> Bools:
        """Finite, and ``c < u``."""
        return np.asarray(np.isfinite(eta[:, :2]).all(axis=1) & (eta[:, 2] < eta[:, 3]))


@dataclass(frozen=True, slots=True)
class GradedFamily(Family):
    """``P(X >= k) = expit(a theta + d_k)`` with falling ``d``."""

    @property
    def n_parameters(self) -> int:
        """Slope and K - 1 intercepts."""
        return self.categories

    def _tails(self, eta: Floats, theta: Floats) -> tuple[Floats, Floats]:
        z = eta[:, 0, None, None] * theta + eta[:, 1:, None]
        shape = (len(eta), 1, theta.size)
        one, zero = np.ones(shape), np.zeros(shape)
        above = np.concatenate([one, expit(z), zero], axis=1)
        return above, np.concatenate([zero, expit(-z), one], axis=1)

    def log_p(self, eta: Floats, theta: Floats) -> Floats:
        """See `Family.log_p`."""
        above, below = self._tails(eta, theta)
        gap = np.ones((len(eta), self.categories, 1))
        gap[:, 1:-1, 0] = -np.expm1(np.diff(eta[:, 1:], axis=1))
        return np.asarray(np.log(np.maximum(above[:, :-1] * below[:, 1:] * gap, 1e-300)))

    def gradient(self, eta: Floats, theta: Floats, log_p: Floats) -> Floats:
        """See `Family.gradient`."""
        above, below = self._tails(eta, theta)
        kinds = self.categories
        weight = above * below
        out = np.zeros((len(eta), kinds, kinds, theta.size))
        out[:, 0] = (below[:, :-1] - above[:, 1:]) * theta
        p = np.exp(log_p)
        for i in range(1, kinds):
            out[:, i, i] = weight[:, i] / p[:, i]
            out[:, i, i - 1] = -weight[:, i] / p[:, i - 1]
        return out

    def admissible(self, eta: Floats) -> Bools:
        """Finite, and intercepts falling."""
        falling = (np.diff(eta[:, 1:], axis=1) < -1e-9).all(axis=1)
        return np.asarray(np.isfinite(eta).all(axis=1) & falling)


def _log_softmax(z: Floats) -> Floats:
    z = z - z.max(axis=1, keepdims=True)
    return np.asarray(z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))


_STEP_KINDS = (Rasch, TwoPL, PartialCredit, RatingScale, GeneralisedPartialCredit)


def family_of(kind: type[ItemModel]) -> type[Family]:
    """Return the family that estimates a model class.

    Raises
    ------
    TypeError
        If the class is none of the models of this package.
    """
    if issubclass(kind, _STEP_KINDS):
        return StepFamily
    if issubclass(kind, ThreePL | FourPL):
        return AsymptoteFamily
    if issubclass(kind, GradedResponse):
        return GradedFamily
    if issubclass(kind, Nominal):
        return NominalFamily
    raise TypeError(f"no estimation for {kind.__name__}")


def internal(model: ItemModel) -> Floats:
    """Return the family parameters of a model, shape ``(m,)``."""
    form = model.slope_intercept()
    if isinstance(model, Nominal):
        s, d = np.array(form.slopes), np.array(form.intercepts)
        return np.concatenate([s[1:] - s[0], d[1:] - d[0]])
    if isinstance(model, ThreePL | FourPL):
        edge = logit(np.array([form.lower, form.upper]))
        return np.concatenate([form.slopes, form.intercepts, edge])
    return np.array([*form.slopes, *form.intercepts])


def to_model(kind: type[ItemModel], eta: Floats) -> ItemModel:
    """Build the model of class `kind` from family parameters; the inverse of `internal`."""
    values = [float(v) for v in eta]
    if issubclass(kind, Nominal):
        top = len(values) // 2
        return kind((0.0, *values[:top]), (0.0, *values[top:]))
    if issubclass(kind, ThreePL | FourPL):
        low, high = float(expit(values[2])), float(expit(values[3]))
        return kind.from_slope_intercept(SlopeIntercept((values[0],), (values[1],), low, high))
    return kind.from_slope_intercept(SlopeIntercept((values[0],), tuple(values[1:])))
