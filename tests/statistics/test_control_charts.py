"""Rates over time."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import stats

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.statistics.control_charts import (
    change_points,
    laney_chart,
    p_chart,
    shewhart_chart,
)

from ..reference.statistics_published import JUICE_CANS, JUICE_CHART


def test_shewhart_limits_match_montgomery() -> None:
    """Example 7.1: centre 0.2313, limits 0.0524 and 0.4102, samples 15 and 23 signal."""
    chart = shewhart_chart(JUICE_CANS, 50)
    centre, low, high, signals = JUICE_CHART
    assert (chart.centre, chart.low[0], chart.high[0]) == pytest.approx(
        (centre, low, high), abs=5e-5
    )
    assert tuple(np.flatnonzero(chart.signal) + 1) == signals


def test_exact_limits_give_the_chance_they_claim() -> None:
    """Small groups at 95 %: luck crosses exact limits in at most 0.3 % of points on average."""
    n = np.arange(5, 40)
    chart = p_chart(np.round(0.95 * n), n, centre=0.95)
    crossed = [
        stats.binom.cdf(np.ceil(low * m - 1e-9) - 1, m, 0.95)
        + stats.binom.sf(np.floor(high * m + 1e-9), m, 0.95)
        for m, low, high in zip(n, chart.low, chart.high, strict=True)
    ]
    assert np.mean(crossed) < 0.003


def test_normal_limits_of_small_groups_cry_wolf() -> None:
    """12 people at 95 %: two failures less than expected cross the textbook limit far too often."""
    chart = shewhart_chart([12], 12, centre=0.95)
    count = np.ceil(chart.low[0] * 12) - 1
    assert stats.binom.cdf(count, 12, 0.95) > 5 * 0.00135


def test_laney_by_hand() -> None:
    """Rates alternate 0.45 and 0.55 in groups of 100: z = ∓1, every range 2, sigma 2 / 1.128."""
    chart = laney_chart([45, 55] * 10, 100)
    assert chart.sigma_z == pytest.approx(2 / 1.128379, rel=1e-6)
    assert chart.high[0] == pytest.approx(0.5 + 3 * 0.05 * 2 / 1.128379, rel=1e-6)
    assert not chart.signal.any()


def test_laney_finds_the_extra_spread() -> None:
    """Beta-binomial points: sigma_z squared is 1 + (n - 1) times the intraclass correlation."""
    rng = np.random.default_rng(1)
    n, rho = 5000, 0.004
    size = 1 / rho - 1
    k = rng.binomial(n, rng.beta(0.8 * size, 0.2 * size, 4000))
    assert laney_chart(k, n).sigma_z ** 2 == pytest.approx(1 + (n - 1) * rho, rel=0.06)


def test_laney_needs_twenty_points() -> None:
    """With 19 points the spread between points cannot be told."""
    with pytest.raises(NotEnoughData) as error:
        laney_chart([5] * 19, 10)
    assert (error.value.have, error.value.need) == (19, 20)


def test_all_passed_over_time() -> None:
    """If everybody always passed, the centre is 1 and nothing signals."""
    for chart in (p_chart([9] * 25, 9), shewhart_chart([9] * 25, 9), laney_chart([9] * 25, 9)):
        assert chart.centre == 1
        assert not chart.signal.any()


def test_two_changes_are_found() -> None:
    """Rates 0.80, 0.90 and 0.70 with changes at 20 and 36, 300 people a month: found exactly."""
    rate = np.repeat([0.8, 0.9, 0.7], [20, 16, 12])
    found = change_points(np.random.default_rng(2).binomial(300, rate), 300)
    assert found.changes.tolist() == [20, 36]
    assert found.rate == pytest.approx([0.8, 0.9, 0.7], abs=0.02)


def test_no_change_is_invented() -> None:
    """In 200 stable series of 36 months at most one in twenty gets a change."""
    rng = np.random.default_rng(3)
    found = [change_points(rng.binomial(50, 0.85, 36), 50).changes.size for _ in range(200)]
    assert np.mean(np.array(found) > 0) <= 0.05


def test_search_is_exhaustive() -> None:
    """The best two changes equal those of trying all pairs."""
    rng = np.random.default_rng(4)
    n = rng.integers(5, 30, 14)
    k = rng.binomial(n, np.repeat([0.3, 0.8, 0.4], [5, 5, 4]))

    def fit(changes: tuple[int, ...]) -> float:
        edges = (0, *changes, 14)
        total = 0.0
        for i, j in pairwise(edges):
            a, m = k[i:j].sum(), n[i:j].sum()
            total += (
                stats.binom.logpmf(a, m, a / m) - np.log(stats.binom.pmf(a, m, 0.5)) - m * np.log(2)
            )
        return float(total)

    best = max((c for c in combinations(range(2, 13), 2) if c[1] - c[0] >= 2), key=fit)
    assert change_points(k, n, max_changes=2).changes.tolist() == list(best)


def test_overdispersed_series_do_not_break_up() -> None:
    """Large groups with extra spread: dividing by it keeps the series in one piece."""
    rng = np.random.default_rng(5)
    k = rng.binomial(20_000, rng.beta(400, 100, 36))
    sigma = laney_chart(k, 20_000).sigma_z
    assert change_points(k, 20_000).changes.size > 0
    assert change_points(k, 20_000, dispersion=max(1.0, sigma**2)).changes.size == 0


def test_short_and_empty_series() -> None:
    """One point has no change; months with nobody are allowed; nobody at all is an error."""
    assert change_points([3], [5]).start.tolist() == [0]
    assert change_points([0, 3, 0, 4], [0, 5, 0, 5]).rate == pytest.approx([0.7])
    with pytest.raises(ValueError, match="at least one person"):
        change_points([0, 0], [0, 0])
    for chart in (p_chart, shewhart_chart):
        with pytest.raises(ValueError, match=r"point|counts"):
            chart([], [])
        with pytest.raises(ValueError, match="sat > 0"):
            chart([0], [0])
