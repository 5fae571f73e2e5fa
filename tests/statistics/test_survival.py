"""Attempts to pass."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fazhi_exam.statistics.survival import Ending, attempts_to_pass, log_rank, outlook

from ..reference.statistics_published import (
    AML_CURVE,
    AML_LOG_RANK,
    AML_MAINTAINED,
    AML_NOT,
    REMISSION_6MP,
    REMISSION_CURVE,
    REMISSION_LOG_LOG_AT_6,
    REMISSION_LOG_RANK,
    REMISSION_PLACEBO,
)


@pytest.mark.parametrize(
    ("people", "published"), [(REMISSION_6MP, REMISSION_CURVE), (AML_MAINTAINED, AML_CURVE)]
)
def test_curve_matches_published_tables(
    people: tuple[tuple[int, ...], ...], published: dict[int, float]
) -> None:
    """Kaplan-Meier estimates of two textbook data sets, to three digits."""
    curve = attempts_to_pass(*people)
    found = dict(zip(curve.time, 1 - curve.passed_by, strict=True))
    for time, survival in published.items():
        assert found[time] == pytest.approx(survival, abs=5.001e-4)


def test_interval_matches_r() -> None:
    """Log-log interval of the remission data after six weeks."""
    curve = attempts_to_pass(*REMISSION_6MP)
    assert (1 - curve.high[0], 1 - curve.low[0]) == pytest.approx(
        REMISSION_LOG_LOG_AT_6, abs=5.001e-4
    )


def test_log_rank_matches_published_values() -> None:
    """Remission data: 16.79 with 19.25 and 10.75 expected; leukaemia data: 3.4, p 0.07."""
    time = (*REMISSION_6MP[0], *REMISSION_PLACEBO)
    event = (*REMISSION_6MP[1], *(1,) * 21)
    test = log_rank(time, event, ["a"] * 21 + ["b"] * 21)
    statistic, *expected = REMISSION_LOG_RANK
    assert test.statistic == pytest.approx(statistic, abs=5e-3)
    assert test.expected == pytest.approx(expected, abs=5e-3)
    aml = log_rank(
        AML_MAINTAINED[0] + AML_NOT[0], AML_MAINTAINED[1] + AML_NOT[1], [1] * 11 + [2] * 12
    )
    assert (round(aml.statistic, 1), round(aml.p_value, 2)) == AML_LOG_RANK


def test_log_rank_of_two_groups_is_scipys() -> None:
    """Heavily tied attempts: same p-value as scipy's log-rank test."""
    rng = np.random.default_rng(1)
    time, event = rng.integers(1, 5, 80), rng.uniform(size=80) < 0.7
    group = rng.integers(0, 2, 80)
    data = [
        stats.CensoredData(uncensored=time[event & (group == g)], right=time[~event & (group == g)])
        for g in (0, 1)
    ]
    assert log_rank(time, event, group).p_value == pytest.approx(stats.logrank(*data).pvalue)


def test_three_equal_groups_are_rarely_told_apart() -> None:
    """Three groups alike: p under 5 % in 2 to 9 % of 300 worlds, with two degrees of freedom."""
    rng = np.random.default_rng(2)
    small = []
    for _ in range(300):
        time, event = rng.integers(1, 6, 90), rng.uniform(size=90) < 0.6
        test = log_rank(time, event, np.repeat([1, 2, 3], 30))
        assert test.freedom == 2
        small.append(test.p_value < 0.05)
    assert 0.02 < np.mean(small) < 0.09


def test_without_censoring_it_is_the_share_that_passed() -> None:
    """If everybody passed in the end, the curve is the plain cumulative share."""
    curve = attempts_to_pass([1, 1, 1, 2, 2, 3], [1] * 6)
    assert curve.passed_by == pytest.approx([3 / 6, 5 / 6, 1])
    assert curve.at_risk.tolist() == [6, 3, 1]
    assert curve.median == 1


def test_censoring_corrects_the_naive_share() -> None:
    """People who only just failed their first attempt do not count as never passing."""
    rng = np.random.default_rng(3)
    needed = rng.geometric(0.6, 40_000)
    allowed = rng.integers(1, 5, 40_000)
    curve = attempts_to_pass(np.minimum(needed, allowed), needed <= allowed)
    assert curve.passed_by == pytest.approx(1 - 0.4 ** np.arange(1, 5), abs=0.01)
    assert np.mean(needed <= allowed) < curve.passed_by[-1] - 0.05


def test_leavers_by_hand() -> None:
    """Four people: one passes at once, one leaves after 1, one passes at 2, one is under way."""
    view = outlook([1, 1, 2, 2], [Ending.PASSED, Ending.LEFT, Ending.PASSED, Ending.UNDER_WAY])
    assert view.passed_by == pytest.approx([1 / 4, 1 / 4 + 1 / 2 * 1 / 2])
    assert view.left_by == pytest.approx([1 / 4, 1 / 4])
    assert view.under_way == pytest.approx([1 / 2, 1 / 4])


def test_without_leavers_the_outlook_is_kaplan_meier() -> None:
    """If nobody leaves, the share that passes is that of the plain curve."""
    view, curve = outlook(*REMISSION_6MP), attempts_to_pass(*REMISSION_6MP)
    assert view.passed_by == pytest.approx(curve.passed_by)
    assert view.at_risk.tolist() == curve.at_risk.tolist()


def test_leavers_lower_the_share_that_passes() -> None:
    """Pass 0.5 and leave 0.2 at every attempt: 5/7 pass in the end, where Kaplan-Meier says all."""
    rng = np.random.default_rng(4)
    attempts = rng.geometric(0.7, 50_000)
    ending = np.where(rng.uniform(size=50_000) < 5 / 7, Ending.PASSED, Ending.LEFT)
    assert outlook(attempts, ending).passed_by[-1] == pytest.approx(5 / 7, abs=0.01)
    assert attempts_to_pass(attempts, ending == Ending.PASSED).passed_by[-1] > 0.9
    with pytest.raises(ValueError, match="ending"):
        outlook([1], [3])


def test_edges_are_defined() -> None:
    """Nobody passed, all passed, one person: limits in order, no NaN."""
    for attempts, passed in (([1, 2], [0, 0]), ([1, 1], [1, 1]), ([1], [1]), ([3], [0])):
        curve = attempts_to_pass(attempts, passed)
        assert np.all((curve.low >= 0) & (curve.low <= curve.passed_by))
        assert np.all((curve.passed_by <= curve.high) & (curve.high <= 1))
    nobody = attempts_to_pass([1, 1], [0, 0])
    assert nobody.high[0] == pytest.approx(1 - 0.025**0.5)
    assert nobody.median == np.inf
    test = log_rank([1, 2], [0, 0], [1, 2])
    assert (test.statistic, test.p_value) == (0, 1)


@pytest.mark.parametrize(
    ("attempts", "passed"), [([], []), ([0], [1]), ([np.nan], [1]), ([1], [2]), ([1, 2], [1])]
)
def test_bad_people_are_refused(attempts: list[float], passed: list[int]) -> None:
    """Nobody, missing or impossible attempts: an error."""
    with pytest.raises(ValueError, match=r"person|positive"):
        attempts_to_pass(attempts, passed)


def test_one_group_is_refused() -> None:
    """A comparison needs two groups."""
    with pytest.raises(ValueError, match="two groups"):
        log_rank([1, 2], [1, 0], [1, 1])


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans(), st.integers(1, 6)), min_size=1))
@settings(max_examples=100, deadline=None)
def test_counted_people_give_the_same_curve(rows: list[tuple[int, bool, int]]) -> None:
    """Equal people counted together give the curve of scipy for the people one by one."""
    time, passed, people = (np.array(column) for column in zip(*rows, strict=True))
    found = attempts_to_pass(time, passed, people=people)
    expected = attempts_to_pass(np.repeat(time, people), np.repeat(passed, people))
    for name in ("time", "at_risk", "events", "passed_by", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-12)
    with pytest.raises(ValueError, match="positive whole"):
        attempts_to_pass(time, passed, people=people - 0.5)
