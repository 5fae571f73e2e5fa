"""Trend of a rate over ordered groups."""

from itertools import product
from math import comb

import numpy as np
import pytest

from fazhi_exam.statistics.trend import cochran_armitage, exact_trend

from ..reference.statistics_published import (
    ALCOHOL,
    ALCOHOL_TREND,
    MALFORMED,
    NOT_MALFORMED,
    R_SMOKERS,
    R_SMOKERS_TREND,
)


def test_trend_matches_r() -> None:
    """R's help page: prop.trend.test(smokers, patients)."""
    result = cochran_armitage(*R_SMOKERS)
    assert (result.z**2, result.p_value) == pytest.approx(R_SMOKERS_TREND, abs=5e-5)
    assert result.slope < 0


def test_trend_matches_agresti_with_his_scores() -> None:
    """Alcohol and malformation: z squared 6.57, exact one-sided p 0.017."""
    sat = np.add(MALFORMED, NOT_MALFORMED)
    assert cochran_armitage(MALFORMED, sat, scores=ALCOHOL).z ** 2 == pytest.approx(
        ALCOHOL_TREND[0], abs=5e-3
    )
    one_sided, _ = exact_trend(MALFORMED, sat, scores=ALCOHOL)
    assert one_sided == pytest.approx(ALCOHOL_TREND[1], abs=5e-5)


@pytest.mark.parametrize("passed", [(0, 1, 2, 3), (2, 0, 1, 0), (1, 1, 1, 1), (0, 0, 0, 0)])
def test_exact_trend_is_the_count_of_all_tables(passed: tuple[int, ...]) -> None:
    """Both p-values equal the share of all allocations at least as far out, one by one."""
    sat, total = (3, 2, 4, 5), sum(passed)
    score = np.arange(1, 5)
    mean = total * np.dot(score, sat) / sum(sat)
    observed = np.dot(score, passed) - mean
    tail = far = 0
    for table in product(*(range(n + 1) for n in sat)):
        if sum(table) == total:
            ways = int(np.prod([comb(n, k) for n, k in zip(sat, table, strict=True)]))
            gap = np.dot(score, table) - mean
            tail += ways * bool(gap * (1 if observed >= 0 else -1) >= abs(observed) - 1e-9)
            far += ways * bool(abs(gap) >= abs(observed) - 1e-9)
    every = comb(sum(sat), total)
    assert exact_trend(passed, sat) == pytest.approx((tail / every, far / every), rel=1e-12)


def test_no_information_is_no_trend() -> None:
    """All passed, all failed or equal scores: slope 0 and p 1."""
    for arguments in (([3, 4], [3, 4], None), ([0, 0], [3, 4], None), ([1, 2], [3, 4], [2, 2])):
        result = cochran_armitage(arguments[0], arguments[1], scores=arguments[2])
        assert (result.slope, result.z, result.p_value) == (0, 0, 1)
        assert exact_trend(arguments[0], arguments[1], scores=arguments[2])[1] == pytest.approx(1)


def test_empty_groups_drop_out() -> None:
    """A group with nobody changes nothing but keeps its place in the order."""
    with_gap = cochran_armitage([1, 0, 5], [9, 0, 9])
    assert with_gap == cochran_armitage([1, 5], [9, 9], scores=[1, 3])


@pytest.mark.parametrize("scores", [[1, np.nan], [1, 2, 3]])
def test_bad_scores_are_refused(scores: list[float]) -> None:
    """Missing or superfluous scores are errors."""
    with pytest.raises(ValueError, match="scores"):
        cochran_armitage([1, 2], [3, 4], scores=scores)


def test_one_group_is_refused() -> None:
    """A trend needs two groups with people."""
    with pytest.raises(ValueError, match="two groups"):
        cochran_armitage([1, 0], [3, 0])
