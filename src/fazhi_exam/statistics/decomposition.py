"""Why a rate changed: parts that add up to the change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats
from .counts import counts


@dataclass(frozen=True, slots=True)
class Kitagawa:
    """A change of a rate split into rates within strata and the mix of strata.

    Parameters
    ----------
    before, after
        The two overall rates.
    rate, mix
        Effects; ``rate + mix == after - before`` up to rounding.
    rate_by_stratum, mix_by_stratum
        Shape (strata,); they sum to `rate` and `mix`.
    """

    before: float
    after: float
    rate: float
    mix: float
    rate_by_stratum: Floats
    mix_by_stratum: Floats

    @property
    def change(self) -> float:
        """The whole change."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class ThreeParts:
    """A change of a pass rate split into form and cut, mix, and ability (三部分分解).

    Parameters
    ----------
    before, after
        The two overall pass rates.
    cut, mix, ability
        Effects; they sum to ``after - before`` up to rounding.
    """

    before: float
    after: float
    cut: float
    mix: float
    ability: float

    @property
    def change(self) -> float:
        """The whole change."""
        return self.after - self.before


def kitagawa(
    passed: ArrayLike, sat: ArrayLike, later_passed: ArrayLike, later_sat: ArrayLike
) -> Kitagawa:
    """Split a change into what happened within strata and what the mix of strata did.

    Parameters
    ----------
    passed, sat, later_passed, later_sat
        Shape (strata,). A stratum without people at one time takes its rate from the other time,
        so its whole part is mix; one that is empty at both times has no part.

    Raises
    ------
    ValueError
        If a count is out of range or missing, or nobody sat at one time.

    References
    ----------
    Kitagawa (1955), JASA 50:1168-1194, symmetric form without interaction.
    """
    k0, n0, k1, n1 = _two_times(passed, sat, later_passed, later_sat)
    r0, r1 = _filled_rates(k0, n0, k1, n1)
    w0, w1 = n0 / n0.sum(), n1 / n1.sum()
    rate = (r1 - r0) * (w0 + w1) / 2
    mix = (w1 - w0) * (r0 + r1) / 2
    # Differences from the mean rate: the same sum, but a stratum's part then tells whether more
    # or fewer people in it helped.
    mix_centred = mix - (w1 - w0) * (w0 @ r0 + w1 @ r1) / 2
    return Kitagawa(
        before=float(k0.sum() / n0.sum()),
        after=float(k1.sum() / n1.sum()),
        rate=float(rate.sum()),
        mix=float(mix.sum()),
        rate_by_stratum=rate,
        mix_by_stratum=mix_centred,
    )


def das_gupta(first: ArrayLike, second: ArrayLike) -> Floats:
    """Effects of several factors on a sum of products.

    Parameters
    ----------
    first, second
        Shape (factors, cells), finite: the factors at the two times. The quantity explained is
        the sum over cells of the product over factors; up to about 12 factors.

    Returns
    -------
    effects
        Shape (factors,); they sum to the change. The order of factors does not matter.

    Raises
    ------
    ValueError
        If the shapes differ or a value is missing.

    References
    ----------
    Das Gupta (1993), Standardization and Decomposition of Rates, US Bureau of the Census,
    P23-186, chapter 2; equal to Shapley's value.
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    if a.ndim != 2 or a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("need two finite arrays of shape (factors, cells)")

    def value(changed: frozenset[int]) -> float:
        rows = [b[i] if i in changed else a[i] for i in range(len(a))]
        return float(np.prod(rows, axis=0).sum())

    return _shapley(len(a), value)


def das_gupta_mix(
    passed: ArrayLike, sat: ArrayLike, later_passed: ArrayLike, later_sat: ArrayLike
) -> Floats:
    """Split a change into rates and the mix along each of several cross-classified factors.

    Parameters
    ----------
    passed, sat, later_passed, later_sat
        Shape (levels of factor 1, levels of factor 2, …). Cells without people at one time take
        their rate from the other time.

    Returns
    -------
    effects
        Shape (1 + factors,): rates within cells first, then the mix along each factor; they sum
        to the change.

    Raises
    ------
    ValueError
        If a count is out of range or missing, or nobody sat at one time.

    References
    ----------
    Das Gupta (1993), chapter 5: cross-classified populations, each cell's share split evenly
    into one part per factor.
    """
    k0, n0, k1, n1 = _two_times(passed, sat, later_passed, later_sat)
    r0, r1 = _filled_rates(k0, n0, k1, n1)
    first = [r0.ravel()] + [part.ravel() for part in _share_by_factor(n0)]
    second = [r1.ravel()] + [part.ravel() for part in _share_by_factor(n1)]
    return das_gupta(np.array(first), np.array(second))


def three_parts(
    sat: ArrayLike,
    later_sat: ArrayLike,
    *,
    passed: ArrayLike,
    passed_at_later_cut: ArrayLike,
    later_passed_at_first_cut: ArrayLike,
    later_passed: ArrayLike,
) -> ThreeParts:
    """Split a change of a pass rate when the forms were put on one scale.

    Parameters
    ----------
    sat, later_sat
        Shape (strata,): people of the two times.
    passed, later_passed
        Shape (strata,): passes as decided, each at its own cut.
    passed_at_later_cut, later_passed_at_first_cut
        Shape (strata,): how many of the same people would have passed at the other time's cut,
        both cuts expressed on the common (equated) scale.

    Returns
    -------
    parts
        `cut`: the same people, other cut; `mix`: other shares of the strata; `ability`: other
        people of the same stratum at the same cut. Each is averaged over the orders in which the
        three can change, so that the parts add up and no order is preferred.

    Raises
    ------
    ValueError
        If a count is out of range or missing, or nobody sat at one time.
    """
    k0, n0, k1, n1 = _two_times(passed, sat, later_passed, later_sat)
    other0, _, other1, _ = _two_times(
        passed_at_later_cut, sat, later_passed_at_first_cut, later_sat
    )
    share = (n0 / n0.sum(), n1 / n1.sum())
    first_cut = _filled_rates(k0, n0, other1, n1)
    later_cut = _filled_rates(other0, n0, k1, n1)

    def value(changed: frozenset[int]) -> float:
        rates = (later_cut if 0 in changed else first_cut)[2 in changed]
        return float(share[1 in changed] @ rates)

    cut, mix, ability = _shapley(3, value)
    return ThreeParts(
        before=float(k0.sum() / n0.sum()),
        after=float(k1.sum() / n1.sum()),
        cut=float(cut),
        mix=float(mix),
        ability=float(ability),
    )


def _two_times(
    k0: ArrayLike, n0: ArrayLike, k1: ArrayLike, n1: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    a, b = (np.atleast_1d(x) for x in counts(k0, n0, empty=True))
    c, d = (np.atleast_1d(x) for x in counts(k1, n1, empty=True))
    if b.shape != d.shape:
        raise ValueError("both times need the same strata")
    if b.sum() == 0 or d.sum() == 0:
        raise ValueError("somebody must have sat at each time")
    return a, b, c, d


def _filled_rates(k0: Floats, n0: Floats, k1: Floats, n1: Floats) -> tuple[Floats, Floats]:
    """Rates within strata; an empty stratum takes the rate of the other time."""
    r0, r1 = k0 / np.maximum(n0, 1), k1 / np.maximum(n1, 1)
    return np.where(n0 > 0, r0, r1), np.where(n1 > 0, r1, r0)


def _shapley(factors: int, value: Callable[[frozenset[int]], float]) -> Floats:
    """Average effect of changing each factor over all orders of change."""
    of = {
        frozenset(chosen): value(frozenset(chosen))
        for size in range(factors + 1)
        for chosen in combinations(range(factors), size)
    }
    effects = np.zeros(factors)
    for chosen, before in of.items():
        for i in set(range(factors)) - chosen:
            effects[i] += _order_weight(len(chosen), factors) * (of[chosen | {i}] - before)
    return effects


def _order_weight(before: int, factors: int) -> float:
    """Share of orders in which exactly a given set of `before` factors changes first."""
    return factorial(before) * factorial(factors - 1 - before) / factorial(factors)


def _share_by_factor(n: Floats) -> Sequence[Floats]:
    """Split each cell's share of all people into a product of one part per factor."""
    axes = range(n.ndim)

    def total(kept: frozenset[int]) -> Floats:
        away = tuple(i for i in axes if i not in kept)
        return np.asarray(n.sum(axis=away, keepdims=True), float)

    parts = []
    for axis in axes:
        part = np.ones_like(n)
        others = [i for i in axes if i != axis]
        for size in range(n.ndim):
            for chosen in combinations(others, size):
                given = frozenset(chosen)
                ratio = total(given | {axis}) / np.maximum(total(given), 1)
                part = part * ratio ** _order_weight(size, n.ndim)
        parts.append(np.where(n > 0, part, 0.0))
    return parts
