"""Item response models (项目反应模型): how likely is each category at an ability.

All models are logistic without the constant 1.7 (``D = 1``). Each is stated twice and both forms
are convertible: the *difficulty* form (slope ``a``, difficulties ``b``) is how the classes are
built and printed; the *slope-intercept* form writes every logit as ``slope * theta + intercept``
and is how they are estimated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from ..typing import Floats

__all__ = [
    "FourPL",
    "GeneralisedPartialCredit",
    "GradedResponse",
    "ItemModel",
    "Nominal",
    "PartialCredit",
    "Rasch",
    "RatingScale",
    "SlopeIntercept",
    "ThreePL",
    "TwoPL",
]


@dataclass(frozen=True, slots=True)
class SlopeIntercept:
    """The slope-intercept form of an item.

    Parameters
    ----------
    slopes
        One slope; for `Nominal` one per category.
    intercepts
        Binary: one, ``logit = slope * theta + intercept``. Graded: ``K - 1``, of ``P(X >= k)``,
        falling. Partial credit kinds: ``K - 1`` of the categories 1 to ``K - 1``, where category
        ``k`` has the weight ``exp(k * slope * theta + intercept_k)`` and category 0 the weight 1.
        Nominal: ``K``, one per category.
    lower, upper
        Asymptotes of a binary item, ``0 <= lower < upper <= 1``.
    """

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    lower: float = 0.0
    upper: float = 1.0


class ItemModel(ABC):
    """What every item model offers; categories are scored 0, 1, …, ``categories - 1``."""

    __slots__ = ()

    @property
    @abstractmethod
    def categories(self) -> int:
        """Number of categories, at least 2."""

    @property
    @abstractmethod
    def parameters(self) -> tuple[float, ...]:
        """All parameters in the order of the class's fields, nested ones laid flat."""

    @abstractmethod
    def derivatives(self, theta: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Probabilities and their first two derivatives by ability.

        Returns
        -------
        p, dp, d2p
            Each of shape ``theta.shape + (categories,)``; over categories they sum to 1, 0 and 0.
        """

    @abstractmethod
    def slope_intercept(self) -> SlopeIntercept:
        """Return the same item in slope-intercept form."""

    @classmethod
    @abstractmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form; the inverse of `slope_intercept`.

        Raises
        ------
        ValueError
            If the form does not describe this kind of item, or a slope is 0 where a difficulty is
            needed.
        """

    def probabilities(self, theta: ArrayLike) -> Floats:
        """Probability of each category, shape ``theta.shape + (categories,)``."""
        return self.derivatives(theta)[0]

    def information(self, theta: ArrayLike) -> Floats:
        """Fisher information at each ability, ``sum_k P_k'^2 / P_k``; shape ``theta.shape``."""
        p, dp, _ = self.derivatives(theta)
        # A probability that underflows to 0 carries no information; its derivative is 0 too.
        ratio = np.divide(dp, p, out=np.zeros_like(dp), where=p > 0)
        return np.asarray(np.sum(dp * ratio, axis=-1))

    def expected(self, theta: ArrayLike) -> Floats:
        """Return the expected category number at each ability; shape ``theta.shape``."""
        return np.asarray(self.probabilities(theta) @ np.arange(self.categories, dtype=float))


def _check(label: str, *values: float) -> None:
    if not all(np.isfinite(v) for v in values):
        raise ValueError(f"{label}: parameters must be finite, found {values}")


def _floats(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _single(
    form: SlopeIntercept, label: str, *, binary: bool = False
) -> tuple[float, tuple[float, ...]]:
    """Return the one slope of a form and its intercepts; refuse a form of another kind."""
    if len(form.slopes) != 1 or not form.intercepts or (binary and len(form.intercepts) != 1):
        raise ValueError(
            f"{label}: the form has {len(form.slopes)} slopes, {len(form.intercepts)} intercepts"
        )
    if form.slopes[0] == 0:
        raise ValueError(f"{label}: a slope of 0 has no difficulty")
    return form.slopes[0], form.intercepts


class _Binary(ItemModel):
    """Shared arithmetic of the one- to four-parameter logistic items."""

    __slots__ = ()

    @abstractmethod
    def _abcd(self) -> tuple[float, float, float, float]: ...

    @property
    def categories(self) -> int:
        """Return the number of categories."""
        return 2

    def slope_intercept(self) -> SlopeIntercept:
        """Return the slope-intercept form."""
        a, b, c, d = self._abcd()
        return SlopeIntercept((a,), (-a * b,), c, d)

    def derivatives(self, theta: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return probabilities and their first two derivatives."""
        a, b, c, d = self._abcd()
        z = a * (np.asarray(theta, float) - b)
        right, wrong = expit(z), expit(-z)
        slope = (d - c) * a * right * wrong
        bend = slope * a * (wrong - right)
        # Both categories are built from small positive terms, so neither tail loses digits.
        p = np.stack([(1 - d) * right + (1 - c) * wrong, c * wrong + d * right], axis=-1)
        return p, np.stack([-slope, slope], axis=-1), np.stack([-bend, bend], axis=-1)


@dataclass(frozen=True, slots=True)
class Rasch(_Binary):
    """One-parameter item: ``logit P = theta - b``. Rasch (1960)."""

    b: float

    def __post_init__(self) -> None:
        _check("Rasch", self.b)

    def _abcd(self) -> tuple[float, float, float, float]:
        return 1.0, self.b, 0.0, 1.0

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return (self.b,)

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, (intercept,) = _single(form, "Rasch", binary=True)
        if slope != 1:
            raise ValueError(f"Rasch: the slope is 1, found {slope}")
        return cls(-intercept)


@dataclass(frozen=True, slots=True)
class TwoPL(_Binary):
    """Two-parameter item: ``logit P = a (theta - b)``. Birnbaum (1968)."""

    a: float
    b: float

    def __post_init__(self) -> None:
        _check("TwoPL", self.a, self.b)

    def _abcd(self) -> tuple[float, float, float, float]:
        return self.a, self.b, 0.0, 1.0

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return self.a, self.b

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, (intercept,) = _single(form, "TwoPL", binary=True)
        return cls(slope, -intercept / slope)


@dataclass(frozen=True, slots=True)
class ThreePL(_Binary):
    """Three-parameter item: ``P = c + (1 - c) expit(a (theta - b))``. Birnbaum (1968)."""

    a: float
    b: float
    c: float

    def __post_init__(self) -> None:
        _check("ThreePL", self.a, self.b, self.c)
        if not 0 <= self.c < 1:
            raise ValueError(f"ThreePL: c in [0, 1), found {self.c}")

    def _abcd(self) -> tuple[float, float, float, float]:
        return self.a, self.b, self.c, 1.0

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return self.a, self.b, self.c

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, (intercept,) = _single(form, "ThreePL", binary=True)
        return cls(slope, -intercept / slope, form.lower)


@dataclass(frozen=True, slots=True)
class FourPL(_Binary):
    """Four-parameter item: ``P = c + (d - c) expit(a (theta - b))``; `d` is the upper asymptote.

    Barton and Lord (1981).
    """

    a: float
    b: float
    c: float
    d: float

    def __post_init__(self) -> None:
        _check("FourPL", self.a, self.b, self.c, self.d)
        if not 0 <= self.c < self.d <= 1:
            raise ValueError(f"FourPL: 0 <= c < d <= 1, found c={self.c}, d={self.d}")

    def _abcd(self) -> tuple[float, float, float, float]:
        return self.a, self.b, self.c, self.d

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return self.a, self.b, self.c, self.d

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, (intercept,) = _single(form, "FourPL", binary=True)
        return cls(slope, -intercept / slope, form.lower, form.upper)


@dataclass(frozen=True, slots=True)
class GradedResponse(ItemModel):
    """Graded item: ``P(X >= k) = expit(a (theta - b_k))``, ``b`` rising.

    With a negative slope, a sign of a wrong key, ``b`` falls. Samejima (1969).
    """

    a: float
    b: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "b", _floats(self.b))
        _check("GradedResponse", self.a, *self.b)
        rises = (self.a * (high - low) > 0 for low, high in pairwise(self.b))
        if not self.b or self.a == 0 or not all(rises):
            raise ValueError(f"GradedResponse: b must rise, found a={self.a}, b={self.b}")

    @property
    def categories(self) -> int:
        """Return the number of categories."""
        return len(self.b) + 1

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return (self.a, *self.b)

    def slope_intercept(self) -> SlopeIntercept:
        """Return the slope-intercept form."""
        return SlopeIntercept((self.a,), tuple(-self.a * b for b in self.b))

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, intercepts = _single(form, "GradedResponse")
        return cls(slope, tuple(-d / slope for d in intercepts))

    def derivatives(self, theta: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return probabilities and their first two derivatives."""
        z = self.a * (np.asarray(theta, float)[..., None] - np.array(self.b))
        shape = (*z.shape[:-1], 1)
        above = np.concatenate([np.ones(shape), expit(z), np.zeros(shape)], axis=-1)
        below = np.concatenate([np.zeros(shape), expit(-z), np.ones(shape)], axis=-1)
        # expit(x) - expit(y) = expit(x) expit(-y) (1 - exp(y - x)) keeps its digits in both tails.
        gap = np.concatenate([np.ones(1), -np.expm1(-self.a * np.diff(self.b)), np.ones(1)])
        p = above[..., :-1] * below[..., 1:] * gap
        first = self.a * (below[..., :-1] - above[..., 1:])
        weight = above * below
        second = -self.a * self.a * (weight[..., :-1] + weight[..., 1:])
        return p, p * first, p * (first**2 + second)


class _DivideByTotal(ItemModel):
    """Items whose category weights are ``exp(slope_k theta + intercept_k)``."""

    __slots__ = ()

    @abstractmethod
    def category_form(self) -> tuple[Floats, Floats]:
        """Slope and intercept of every category, each of shape ``(categories,)``."""

    def derivatives(self, theta: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return probabilities and their first two derivatives."""
        slopes, intercepts = self.category_form()
        z = np.asarray(theta, float)[..., None] * slopes + intercepts
        p = np.exp(z - z.max(axis=-1, keepdims=True))
        p /= p.sum(axis=-1, keepdims=True)
        centred = slopes - (p @ slopes)[..., None]
        spread = np.sum(p * centred**2, axis=-1, keepdims=True)
        return p, p * centred, p * (centred**2 - spread)


def _step_form(a: float, steps: Sequence[float]) -> tuple[Floats, Floats]:
    """Category slopes and intercepts of a partial credit item with the given steps."""
    return a * np.arange(len(steps) + 1.0), np.concatenate([[0.0], -a * np.cumsum(steps)])


@dataclass(frozen=True, slots=True)
class PartialCredit(_DivideByTotal):
    """Partial credit item: the odds of category k against k - 1 are ``exp(theta - b_k)``.

    Masters (1982).
    """

    b: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "b", _floats(self.b))
        _check("PartialCredit", *self.b)
        if not self.b:
            raise ValueError("PartialCredit: at least one step")

    @property
    def categories(self) -> int:
        """Return the number of categories."""
        return len(self.b) + 1

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return self.b

    def category_form(self) -> tuple[Floats, Floats]:
        """Return slope and intercept of every category."""
        return _step_form(1.0, self.b)

    def slope_intercept(self) -> SlopeIntercept:
        """Return the slope-intercept form."""
        return SlopeIntercept((1.0,), _floats(-np.cumsum(self.b)))

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, intercepts = _single(form, "PartialCredit")
        if slope != 1:
            raise ValueError(f"PartialCredit: the slope is 1, found {slope}")
        return cls(_steps(1.0, intercepts))


def _steps(slope: float, intercepts: Sequence[float]) -> tuple[float, ...]:
    """Return the steps from the intercepts of the categories 1 to K - 1."""
    return _floats(-np.diff(np.concatenate([[0.0], intercepts])) / slope)


@dataclass(frozen=True, slots=True)
class RatingScale(_DivideByTotal):
    """Rating scale item: a partial credit item with steps ``b + steps_k``. Andrich (1978).

    The steps are shared by the items of a scale and by convention sum to 0.
    """

    b: float
    steps: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", _floats(self.steps))
        _check("RatingScale", self.b, *self.steps)
        if not self.steps:
            raise ValueError("RatingScale: at least one step")

    @property
    def categories(self) -> int:
        """Return the number of categories."""
        return len(self.steps) + 1

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return (self.b, *self.steps)

    def category_form(self) -> tuple[Floats, Floats]:
        """Return slope and intercept of every category."""
        return _step_form(1.0, [self.b + step for step in self.steps])

    def slope_intercept(self) -> SlopeIntercept:
        """Return the slope-intercept form."""
        return SlopeIntercept((1.0,), _floats(self.category_form()[1][1:]))

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, intercepts = _single(form, "RatingScale")
        if slope != 1:
            raise ValueError(f"RatingScale: the slope is 1, found {slope}")
        steps = _steps(1.0, intercepts)
        b = sum(steps) / len(steps)
        return cls(b, tuple(step - b for step in steps))


@dataclass(frozen=True, slots=True)
class GeneralisedPartialCredit(_DivideByTotal):
    """Generalised partial credit item: the odds of k against k - 1 are ``exp(a (theta - b_k))``.

    Muraki (1992).
    """

    a: float
    b: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "b", _floats(self.b))
        _check("GeneralisedPartialCredit", self.a, *self.b)
        if not self.b:
            raise ValueError("GeneralisedPartialCredit: at least one step")

    @property
    def categories(self) -> int:
        """Return the number of categories."""
        return len(self.b) + 1

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return (self.a, *self.b)

    def category_form(self) -> tuple[Floats, Floats]:
        """Return slope and intercept of every category."""
        return _step_form(self.a, self.b)

    def slope_intercept(self) -> SlopeIntercept:
        """Return the slope-intercept form."""
        return SlopeIntercept((self.a,), _floats(self.category_form()[1][1:]))

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        slope, intercepts = _single(form, "GeneralisedPartialCredit")
        return cls(slope, _steps(slope, intercepts))


@dataclass(frozen=True, slots=True)
class Nominal(_DivideByTotal):
    """Nominal item: ``P_k`` proportional to ``exp(slope_k theta + intercept_k)``. Bock (1972).

    Only differences between categories count; estimation sets the first slope and intercept to 0.
    """

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "slopes", _floats(self.slopes))
        object.__setattr__(self, "intercepts", _floats(self.intercepts))
        _check("Nominal", *self.slopes, *self.intercepts)
        if len(self.slopes) != len(self.intercepts) or len(self.slopes) < 2:
            raise ValueError(
                "Nominal: one slope and one intercept per category, at least two categories"
            )

    @property
    def categories(self) -> int:
        """Return the number of categories."""
        return len(self.slopes)

    @property
    def parameters(self) -> tuple[float, ...]:
        """Return the parameters in field order."""
        return self.slopes + self.intercepts

    def category_form(self) -> tuple[Floats, Floats]:
        """Return slope and intercept of every category."""
        return np.array(self.slopes), np.array(self.intercepts)

    def slope_intercept(self) -> SlopeIntercept:
        """Return the slope-intercept form."""
        return SlopeIntercept(self.slopes, self.intercepts)

    @classmethod
    def from_slope_intercept(cls, form: SlopeIntercept) -> Self:
        """Build the item from its slope-intercept form."""
        return cls(form.slopes, form.intercepts)
