"""Funnel of unit rates around a target."""

from dataclasses import fields
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy import stats

from fazhi_exam.statistics.funnel import MANY, dispersion, funnel, funnel_limits


def mid_p_tail(passed: int, sat: int, target: Fraction) -> Fraction:
    """P(fewer) + P(as many) / 2, in exact fractions."""
    mass = [comb(sat, j) * target**j * (1 - target) ** (sat - j) for j in range(passed + 1)]
    return sum(mass[:-1], Fraction(0)) + mass[-1] / 2


@pytest.mark.parametrize("sat", [1, 5, 12, 37, 60])
@pytest.mark.parametrize("target", [Fraction(17, 20), Fraction(1, 2), Fraction(1, 50)])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_limits_separate_by_exact_mid_p(sat: int, target: Fraction, level: float) -> None:
    """A count is outside a limit exactly if its mid-p tail, as a fraction, is under alpha / 2."""
    low, high = funnel_limits(float(target), sat, level=level)
    half = (1 - level) / 2
    for k in range(sat + 1):
        tail = float(mid_p_tail(k, sat, target))
        assert (k / sat < low - 1e-12) == (tail < half)
        assert (k / sat > high + 1e-12) == (1 - tail < half)


def test_limits_mirror_and_narrow() -> None:
    """Limits for fails mirror those for passes, and large units have narrower ones."""
    n = np.array([4, 10, 50, 400])
    low, high = funnel_limits(0.8, n, level=0.95)
    other_low, other_high = funnel_limits(0.2, n, level=0.95)
    assert low == pytest.approx(1 - other_high)
    assert high == pytest.approx(1 - other_low)
    assert np.all(np.diff(high - low)[1:] < 0)


def test_limits_of_large_units_are_the_normal_ones() -> None:
    """With 100,000 people the exact limits are target ± z standard errors."""
    low, high = funnel_limits(0.8, 100_000, level=0.95)
    assert (low, high) == pytest.approx(
        (0.8 - 1.959964 * np.sqrt(0.16e-5), 0.8 + 1.959964 * np.sqrt(0.16e-5)), abs=2e-5
    )


def test_a_truly_bad_unit_is_flagged_and_its_neighbours_are_not() -> None:
    """One unit at 40 % among forty at 85 %: only that one is flagged, downwards."""
    rng = np.random.default_rng(2)
    n = np.full(41, 40)
    k = rng.binomial(n, 0.85)
    k[7] = 16
    result = funnel(k, n, allow_dispersion=False)
    assert np.flatnonzero(result.flagged).tolist() == [7]
    assert result.flag[7] == -1


def null_worlds_with_a_flag(worlds: int, *, seed: int) -> int:
    """Worlds in which any of 176 equal units is flagged."""
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(worlds):
        n = rng.integers(3, 80, 176)
        found += bool(funnel(rng.binomial(n, 0.85), n).flagged.any())
    return found


def test_equal_units_are_hardly_ever_flagged() -> None:
    """With no true differences at most 5 % of worlds show a flagged unit (200 worlds)."""
    assert null_worlds_with_a_flag(200, seed=1) <= 10


@pytest.mark.full
def test_equal_units_are_hardly_ever_flagged_in_many_worlds() -> None:
    """With no true differences at most 5 % of worlds show a flagged unit (4,000 worlds)."""
    assert null_worlds_with_a_flag(4000, seed=2) <= 200


def test_expected_outside_is_what_luck_gives() -> None:
    """Over 300 equal worlds the units outside the limits number as many as expected."""
    rng = np.random.default_rng(3)
    n = rng.integers(3, 80, 176)
    first = funnel(rng.binomial(n, 0.85), n, target=0.85, allow_dispersion=False)
    found = [
        np.sum(
            funnel(rng.binomial(n, 0.85), n, target=0.85, allow_dispersion=False).outside != 0, 1
        )
        for _ in range(300)
    ]
    noise = 4 * np.sqrt(first.expected_outside / 300)
    assert np.all(np.abs(np.mean(found, axis=0) - first.expected_outside) < noise)


def test_over_dispersion_is_measured() -> None:
    """Rates with a spread of tau = 0.05 on the arcsine scale: tau squared is found within 25 %."""
    rng = np.random.default_rng(4)
    n = np.full(2000, 400)
    rate = np.sin(np.arcsin(np.sqrt(0.7)) + rng.uniform(-1, 1, 2000) * 0.05 * np.sqrt(3)) ** 2
    found = dispersion(rng.binomial(n, rate), n)
    assert found.tau2 == pytest.approx(0.0025, rel=0.25)
    assert found.p_value < 1e-6


def test_over_dispersion_of_small_units_is_measured_by_moments() -> None:
    """Small units with intraclass correlation 0.08: found within 15 %."""
    rng = np.random.default_rng(5)
    n = rng.integers(3, 20, 6000)
    k = rng.binomial(n, rng.beta(0.8 * 11.5, 0.2 * 11.5, 6000))
    assert dispersion(k, n).intraclass == pytest.approx(0.08, rel=0.15)


def test_tau_squared_of_unequal_units_by_hand() -> None:
    """DerSimonian-Laird on the arcsine scale, winsorised a tenth, luck being 0.6787."""
    rng = np.random.default_rng(9)
    n = np.array([60] * 15 + [3000] * 5)
    k = rng.binomial(n, rng.beta(14, 6, 20))
    z = 2 * np.sqrt(n) * (np.arcsin(np.sqrt(k / n)) - np.arcsin(np.sqrt(0.7)))
    low, high = np.percentile(z, [10, 90])
    statistic = np.sum(np.minimum(np.maximum(z, low), high) ** 2) / 0.67874
    expected = (statistic - 19) / (4 * n.sum() - 4 * np.sum(n**2) / n.sum())
    assert dispersion(k, n, target=0.7).tau2 == pytest.approx(expected, rel=1e-3)


def test_limits_widen_with_over_dispersion() -> None:
    """Where every large unit is outside plain limits, adjusted limits hold most of them."""
    rng = np.random.default_rng(6)
    n = np.where(np.arange(200) % 4 == 0, 30, 2000)
    k = rng.binomial(n, rng.beta(35, 15, 200))
    plain, adjusted = funnel(k, n, allow_dispersion=False), funnel(k, n)
    assert adjusted.adjusted
    assert np.mean(plain.outside[0] != 0) > 0.4
    assert np.mean(adjusted.outside[0] != 0) < 0.1
    assert np.all(adjusted.high - adjusted.low >= plain.high - plain.low - 1e-9)


def test_adjusted_limits_follow_the_arcsine_formula() -> None:
    """Units of 50 and more: sin² of arcsin √target ± z √(1/4n + tau²)."""
    rng = np.random.default_rng(7)
    n = np.full(60, 500)
    result = funnel(rng.binomial(n, rng.beta(35, 15, 60)), n, target=0.7)
    reach = stats.norm.isf(0.001) * np.sqrt(1 / 2000 + result.dispersion.tau2)
    expected = np.sin(np.arcsin(np.sqrt(0.7)) - reach) ** 2
    assert result.limits(500, level=0.998)[0] == pytest.approx(expected)
    assert result.low[1] == pytest.approx(expected)


def test_few_units_are_never_adjusted() -> None:
    """Under 20 units extra spread is measured but not allowed for."""
    n = np.full(MANY - 1, 300)
    k = np.where(np.arange(MANY - 1) % 2, 280, 200)
    result = funnel(k, n)
    assert result.dispersion.p_value < 1e-6
    assert not result.adjusted


def test_units_too_small_to_differ_say_so() -> None:
    """A unit of one person can never lie outside; one of a hundred can."""
    assert funnel([1, 80], [1, 100], target=0.8).can_differ.tolist() == [False, True]


@pytest.mark.parametrize(
    ("passed", "sat"),
    [
        ([5], [5]),
        ([0], [5]),
        ([1], [1]),
        ([0, 0], [1, 9]),
        ([3, 3], [3, 3]),
        ([40] * 30, [40] * 30),
    ],
)
def test_edges_are_defined(passed: list[int], sat: list[int]) -> None:
    """One unit, one person, all passed, all failed: nothing is flagged and no number is NaN."""
    result = funnel(passed, sat)
    assert not result.flagged.any()
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            assert np.all(np.isfinite(value)), field.name


@pytest.mark.parametrize(("passed", "sat"), [([], []), ([0], [0]), ([np.nan], [3]), ([[1]], [[2]])])
def test_bad_units_are_refused(passed: list[float], sat: list[float]) -> None:
    """No unit, an empty unit, a missing count, a matrix: an error."""
    with pytest.raises(ValueError, match=r"unit|counts"):
        funnel(passed, sat)


def test_p_values_are_not_too_small() -> None:
    """With a known target, mid-p is under 5 % in about 5 % of equal units."""
    n = np.arange(3, 60)
    k = np.random.default_rng(8).binomial(np.tile(n, 400), 0.85)
    one_by_one = funnel(k, np.tile(n, 400), target=0.85, allow_dispersion=False)
    assert 0.03 < np.mean(one_by_one.p_value <= 0.05) < 0.053
