"""Fair comparison of units whose people differ."""

import numpy as np
import pytest
from scipy import stats

from fazhi_exam.statistics.intervals import wilson
from fazhi_exam.statistics.standardisation import direct, fay_feuer, indirect


def test_fay_feuer_with_one_stratum_is_the_exact_poisson_interval() -> None:
    """7 events among 1,000: chi-square limits of Garwood (1936), as Fay and Feuer show."""
    rate, low, high = fay_feuer([7], [1000], [1])
    expected = (0.007, stats.chi2.ppf(0.025, 14) / 2000, stats.chi2.ppf(0.975, 16) / 2000)
    assert (rate, low, high) == pytest.approx(expected, rel=1e-10)


def test_fay_feuer_without_events() -> None:
    """No events: rate and lower limit 0, upper limit 3.689 times the largest weight."""
    rate, low, high = fay_feuer([0, 0], [50, 200], [1, 1])
    assert (rate, low) == (0, 0)
    assert high == pytest.approx(3.688879 * 0.5 / 50, rel=1e-6)


def test_direct_rate_by_hand() -> None:
    """Rates 0.9 and 0.5 with a standard of 3 to 1: 0.8."""
    result = direct([[9, 10]], [[10, 20]], [3, 1])
    assert result.rate == pytest.approx([0.8])
    assert result.weights == pytest.approx([0.75, 0.25])


def test_direct_limits_cover() -> None:
    """Three strata of 8 to 40 people: the limits hold the true standardised rate in ≥ 95 %."""
    rng = np.random.default_rng(1)
    n, rate, weight = np.array([8, 20, 40]), np.array([0.7, 0.85, 0.95]), np.array([0.2, 0.5, 0.3])
    result = direct(rng.binomial(n, rate, (20_000, 3)), np.tile(n, (20_000, 1)), weight)
    truth = rate @ weight
    assert np.mean((result.low <= truth) & (truth <= result.high)) >= 0.95
    assert np.all((result.low <= result.rate) & (result.rate <= result.high))


def test_direct_limits_mirror() -> None:
    """Fails have the mirrored rate and limits of passes."""
    passes, fails = direct([[2, 3]], [[10, 9]], [1, 2]), direct([[8, 6]], [[10, 9]], [1, 2])
    assert passes.low == pytest.approx(1 - fails.high)
    assert passes.high == pytest.approx(1 - fails.low)


def test_direct_needs_people_in_every_stratum() -> None:
    """A unit without people in a stratum of the standard cannot be standardised directly."""
    with pytest.raises(ValueError, match="every stratum"):
        direct([[2, 0]], [[10, 0]], [1, 2])
    assert direct([[2, 0]], [[10, 0]], [1, 0]).rate == pytest.approx([0.2])


def test_indirect_with_one_stratum_is_wilson() -> None:
    """With one stratum the interval of the ratio is Wilson's, divided by the reference rate."""
    result = indirect([[81]], [[263]], [400], [1000])
    assert (result.low[0] * 0.4, result.high[0] * 0.4) == pytest.approx(wilson(81, 263), rel=1e-9)


def test_indirect_counts_by_hand() -> None:
    """10 and 20 people at reference rates 0.9 and 0.5: 19 passes expected, 21 are 1.105 of that."""
    result = indirect([[9, 12]], [[10, 20]], [90, 100], [100, 200])
    assert (result.expected[0], result.ratio[0]) == pytest.approx((19, 21 / 19))
    assert result.rate[0] == pytest.approx(21 / 19 * 190 / 300)
    z = 2 / np.sqrt(10 * 0.09 + 20 * 0.25)
    assert result.p_value[0] == pytest.approx(2 * stats.norm.sf(z))


def test_indirect_comparison_is_fair() -> None:
    """A unit with the reference's rates but a harder mix has ratio 1, whatever its raw rate."""
    result = indirect([[9, 50]], [[10, 100]], [900, 500], [1000, 1000])
    assert result.ratio == pytest.approx([1])
    assert 59 / 110 < 0.7


def test_indirect_interval_covers() -> None:
    """A unit of three strata: the interval holds the true ratio in 93 to 97 % of worlds."""
    rng = np.random.default_rng(2)
    n, base = np.array([5, 12, 20]), np.array([0.6, 0.8, 0.9])
    k = rng.binomial(n, base, (20_000, 3))
    result = indirect(k, np.tile(n, (20_000, 1)), base * 1000, [1000] * 3)
    assert 0.93 < np.mean((result.low <= 1) & (result.high >= 1)) < 0.97


def test_indirect_edges() -> None:
    """All passed: the upper limit is everybody; all failed: the lower one is nobody."""
    result = indirect([[5, 5], [0, 0], [1, 0]], [[5, 5], [5, 5], [1, 0]], [50, 80], [100, 100])
    assert result.high[0] == pytest.approx(10 / 6.5)
    assert result.low[1] == 0
    assert np.all(np.isfinite([result.low, result.high, result.rate, result.p_value]))


@pytest.mark.parametrize(
    ("passed", "sat", "reference", "problem"),
    [
        ([[0, 0]], [[0, 0]], [1, 1], "at least one person"),
        ([[1, 0]], [[1, 1]], [0, 1], "rules out"),
        ([[0, 0]], [[1, 0]], [0, 1], "no pass"),
        ([[1, 1, 1]], [[1, 1, 1]], [1, 1], "strata"),
        ([[np.nan, 1]], [[1, 1]], [1, 1], "counts"),
    ],
)
def test_indirect_refuses_the_impossible(
    passed: list[list[float]], sat: list[list[int]], reference: list[int], problem: str
) -> None:
    """Empty units, unknown strata, missing counts and impossible results are errors."""
    with pytest.raises(ValueError, match=problem):
        indirect(passed, sat, reference, [2, 2])
