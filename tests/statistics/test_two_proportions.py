"""Two rates compared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fazhi_exam.statistics.two_proportions import (
    boschloo,
    cochran_mantel_haenszel,
    fisher,
    newcombe,
)

from ..reference.statistics_published import (
    NEWCOMBE_DIFFERENCE,
    UCB_MANTEL_HAENSZEL,
    UCB_MEN,
    UCB_WOMEN,
)


@pytest.mark.parametrize(("counts", "limits"), NEWCOMBE_DIFFERENCE)
def test_newcombe_matches_its_paper(
    counts: tuple[int, int, int, int], limits: tuple[float, float]
) -> None:
    """Method 10 of Newcombe (1998), Table II."""
    assert newcombe(*counts) == pytest.approx(limits, abs=5.001e-5)


@given(st.tuples(*[st.integers(1, 50)] * 2), st.tuples(*[st.floats(0, 1)] * 2))
def test_newcombe_is_antisymmetric_and_holds_the_difference(
    sizes: tuple[int, int], rates: tuple[float, float]
) -> None:
    """Exchanging the groups turns the interval round zero; it holds the observed difference."""
    (n, m), (k, j) = sizes, (round(rates[0] * sizes[0]), round(rates[1] * sizes[1]))
    low, high = newcombe(k, n, j, m)
    other_low, other_high = newcombe(j, m, k, n)
    assert (low, high) == pytest.approx((-other_high, -other_low), abs=1e-12)
    assert -1 <= low <= k / n - j / m + 1e-12
    assert k / n - j / m - 1e-12 <= high <= 1


def test_newcombe_coverage_is_near_its_level() -> None:
    """20 of each group, rates 0.8 and 0.6: exact coverage lies within 2 points of 95 %."""
    k = np.arange(21)
    low, high = newcombe(k[:, None], 20, k, 20)
    chance = np.outer(stats.binom.pmf(k, 20, 0.8), stats.binom.pmf(k, 20, 0.6))
    assert np.sum(chance * ((low <= 0.2) & (high >= 0.2))) == pytest.approx(0.95, abs=0.02)


def test_fisher_on_the_tea_lady() -> None:
    """3 of 4 against 1 of 4: two-sided p 0.486 (Agresti 2002, section 3.5.2)."""
    assert fisher(3, 4, 1, 4) == pytest.approx(0.4857, abs=5e-5)


def test_boschloo_is_not_less_powerful_than_fisher() -> None:
    """Boschloo's p-value never exceeds Fisher's; with nothing to compare it is 1."""
    for counts in ((9, 10, 4, 10), (7, 12, 2, 15)):
        assert boschloo(*counts) <= fisher(*counts)
    assert boschloo(0, 4, 0, 7) == boschloo(4, 4, 7, 7) == 1


def test_cochran_mantel_haenszel_matches_r() -> None:
    """Admissions at Berkeley: R's mantelhaen.test, men over women."""
    result = cochran_mantel_haenszel(*UCB_MEN, *UCB_WOMEN)
    statistic, p_value, *odds = UCB_MANTEL_HAENSZEL
    assert result.statistic == pytest.approx(statistic, abs=5e-5)
    assert result.p_value == pytest.approx(p_value, abs=5e-5)
    assert (result.odds_ratio, result.low, result.high) == pytest.approx(odds, abs=5e-8)


def test_berkeley_departments_do_not_share_an_odds_ratio() -> None:
    """Department A favoured women; the test of homogeneity notices."""
    assert cochran_mantel_haenszel(*UCB_MEN, *UCB_WOMEN).homogeneity_p < 0.01


def test_one_stratum_gives_the_cross_product_ratio() -> None:
    """With one stratum the Mantel-Haenszel odds ratio is ad / bc."""
    assert cochran_mantel_haenszel([9], [12], [4], [11]).odds_ratio == pytest.approx(9 * 7 / 12)


def test_strata_without_information_do_not_matter() -> None:
    """Empty groups, all passed, all failed: such strata change nothing."""
    plain = cochran_mantel_haenszel([9, 3], [12, 8], [4, 2], [11, 9])
    more = cochran_mantel_haenszel(
        [9, 3, 5, 0, 4], [12, 8, 5, 3, 6], [4, 2, 2, 0, 0], [11, 9, 2, 7, 0]
    )
    assert more == plain


def test_one_sided_tables_have_open_odds_ratios() -> None:
    """If one group always passed, the odds ratio is infinite, not NaN."""
    result = cochran_mantel_haenszel([5], [5], [3], [6])
    assert (result.odds_ratio, result.high, result.low) == (np.inf, np.inf, 0)
    assert cochran_mantel_haenszel([3], [6], [5], [5]).odds_ratio == 0


def test_nothing_to_compare_is_refused() -> None:
    """No informative stratum, an empty group, NaN: an error."""
    with pytest.raises(ValueError, match="no stratum"):
        cochran_mantel_haenszel([5], [5], [3], [3])
    with pytest.raises(ValueError, match="sat > 0"):
        fisher(0, 0, 1, 2)
    with pytest.raises(ValueError, match="sat > 0"):
        newcombe(np.nan, 4, 1, 2)
