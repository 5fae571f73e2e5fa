"""Interval estimates for proportions."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from fazhi_exam.statistics.intervals import (
    agresti_coull,
    clopper_pearson,
    jeffreys,
    mid_p,
    wilson,
)

from ..reference.statistics_published import NEWCOMBE_SINGLE

Interval = Callable[..., tuple[np.ndarray, np.ndarray]]
EVERY = (wilson, agresti_coull, clopper_pearson, jeffreys, mid_p)


def test_wilson_matches_newcombe() -> None:
    """81 of 263 at 95 %: Newcombe (1998), Table I, method 3."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize("row", NEWCOMBE_SINGLE)
def test_three_methods_match_newcombe(row: tuple[tuple[float, float], ...]) -> None:
    """Wilson, Clopper-Pearson and mid-p reproduce Newcombe's table of examples."""
    counts, *limits = row
    for method, expected in zip((wilson, clopper_pearson, mid_p), limits, strict=True):
        assert method(*counts) == pytest.approx(expected, abs=5.001e-5)


def test_nobody_of_25_matches_agresti() -> None:
    """0 of 25: upper bounds 0.133, 0.137 and 0.113 (Agresti 2002, section 1.4)."""
    upper = [float(method(0, 25)[1]) for method in (wilson, clopper_pearson, mid_p)]
    assert upper == pytest.approx([0.133, 0.137, 0.113], abs=5.001e-4)


@pytest.mark.parametrize("counts", [(0, 12), (3, 12), (12, 12), (40, 90)])
def test_clopper_pearson_and_wilson_agree_with_scipy(counts: tuple[int, int]) -> None:
    """The binomtest of scipy gives the same exact and score limits."""
    test = stats.binomtest(*counts)
    for method, name in ((clopper_pearson, "exact"), (wilson, "wilson")):
        other = test.proportion_ci(0.9, method=name)
        assert method(*counts, level=0.9) == pytest.approx((other.low, other.high), abs=1e-12)


@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.5, 0.999))
def test_limits_hold_the_rate_and_mirror(n: int, k: int, level: float) -> None:
    """Limits lie in [0, 1] around the rate; fails have the mirrored limits of passes."""
    k = min(k, n)
    for method in EVERY:
        low, high = method(k, n, level=level)
        assert 0 <= low <= k / n <= high <= 1
        other_low, other_high = method(n - k, n, level=level)
        assert (low, high) == pytest.approx((1 - other_high, 1 - other_low), abs=1e-9)


@given(st.integers(1, 60), st.integers(1, 60))
def test_mid_p_limits_have_the_tails_they_claim(n: int, k: int) -> None:
    """At the lower mid-p limit P(more) + P(as many) / 2 is exactly the tail probability."""
    k = min(k, n)
    low, _ = mid_p(k, n)
    tail = stats.binom.sf(k, n, low) + stats.binom.pmf(k, n, low) / 2
    assert tail == pytest.approx(0.025, rel=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.95, 1 - 1e-9])
def test_mid_p_limits_of_many_people_have_their_tails(level: float) -> None:
    """The same for every count of 1,000 people, and far out."""
    k = np.arange(1, 1000)
    low, _ = mid_p(k, 1000, level=level)
    tail = stats.binom.sf(k, 1000, low) + stats.binom.pmf(k, 1000, low) / 2
    assert tail == pytest.approx((1 - level) / 2, rel=2e-9)


def test_equal_counts_have_equal_limits_among_any_others() -> None:
    """Beside a unit of 30 million people the others keep their limits."""
    low, high = mid_p([3, 20_000_000, 7], [9, 30_000_000, 12])
    alone = mid_p([3, 7], [9, 12])
    assert low[[0, 2]].tolist() == alone[0].tolist()
    assert high[[0, 2]].tolist() == alone[1].tolist()


def test_mid_p_lies_within_clopper_pearson() -> None:
    """Mid-p limits are never outside the exact ones."""
    k, n = np.meshgrid(np.arange(0, 61), np.arange(1, 61))
    k = np.minimum(k, n)
    low, high = mid_p(k, n)
    outer_low, outer_high = clopper_pearson(k, n)
    assert np.all(outer_low <= low + 1e-12)
    assert np.all(high <= outer_high + 1e-12)


def test_agresti_coull_is_centred_on_wilson_and_not_shorter() -> None:
    """Agresti-Coull shares Wilson's centre and contains Wilson's interval."""
    low, high = agresti_coull(20, 50)
    inner_low, inner_high = wilson(20, 50)
    assert (low + high) / 2 == pytest.approx((inner_low + inner_high) / 2, abs=1e-12)
    assert low < inner_low < inner_high < high


def test_jeffreys_limit_cuts_off_its_tail_of_the_posterior() -> None:
    """Under Jeffreys' prior the posterior mass under the lower limit is 2.5 %."""
    low, _ = jeffreys(7, 10)

    def density(p: float) -> float:
        return float(p**6.5 * (1 - p) ** 2.5)

    share = integrate.quad(density, 0, low)[0] / integrate.quad(density, 0, 1)[0]
    assert share == pytest.approx(0.025, rel=1e-6)


def test_jeffreys_is_closed_at_the_ends() -> None:
    """With nobody (everybody) passed the interval starts at 0 (ends at 1)."""
    assert jeffreys(0, 9)[0] == 0
    assert jeffreys(9, 9)[1] == 1


def exact_coverage(method: Interval, n: int, rate: np.ndarray) -> np.ndarray:
    """Chance that the interval of a sample of n holds the rate, summed over all samples."""
    k = np.arange(n + 1)
    low, high = method(k, np.full(n + 1, n))
    inside = (low <= rate[:, None]) & (rate[:, None] <= high)
    return np.sum(inside * stats.binom.pmf(k, n, rate[:, None]), axis=1)


@pytest.mark.parametrize("n", [5, 12, 20, 100])
def test_exact_coverage(n: int) -> None:
    """Clopper-Pearson always covers; the others cover on average, Agresti-Coull at least."""
    rate = np.linspace(0.0005, 0.9995, 1999)
    assert exact_coverage(clopper_pearson, n, rate).min() >= 0.95 - 1e-12
    for method in (wilson, jeffreys, mid_p):
        assert 0.935 < exact_coverage(method, n, rate).mean() < (0.985 if n == 5 else 0.97)
    assert exact_coverage(agresti_coull, n, rate).mean() > 0.95


@pytest.mark.parametrize("method", EVERY)
def test_simulated_coverage_is_the_exact_one(method: Interval) -> None:
    """In 40,000 samples the interval covers as often as exact summation says, within noise."""
    n, rate, worlds = 12, 0.85, 40_000
    exact = float(exact_coverage(method, n, np.array([rate]))[0])
    low, high = method(np.random.default_rng(5).binomial(n, rate, worlds), np.full(worlds, n))
    found = np.mean((low <= rate) & (rate <= high))
    assert abs(found - exact) < 4 * np.sqrt(exact * (1 - exact) / worlds) + 1e-9


def test_shapes_broadcast_and_scalars_work() -> None:
    """Counts broadcast; one row equals the scalar call."""
    low, high = mid_p([[1], [2]], [5, 9, 30])
    assert low.shape == high.shape == (2, 3)
    assert (low[1, 2], high[1, 2]) == pytest.approx(tuple(map(float, mid_p(2, 30))), abs=1e-12)


def test_empty_input_gives_empty_limits() -> None:
    """No groups, no limits, no error."""
    for method in EVERY:
        assert method([], [])[0].shape == (0,)


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize(
    ("passed", "sat"), [(0, 0), (2, 1), (-1, 5), (np.nan, 5), (1, np.nan), (1, np.inf), (0.5, 2)]
)
def test_impossible_counts_are_refused(method: Interval, passed: float, sat: float) -> None:
    """Nobody, missing, negative, broken or too many: an error, never NaN."""
    with pytest.raises(ValueError, match=r"counts|sat"):
        method(passed, sat)


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize("level", [0, 1, 95, -0.1, np.nan])
def test_impossible_levels_are_refused(method: Interval, level: float) -> None:
    """A level is a share, not a percentage."""
    with pytest.raises(ValueError, match="level"):
        method(1, 2, level=level)
