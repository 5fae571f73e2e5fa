"""Equating against Kolen & Brennan, resampling and identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.equating import (
    bootstrap_error,
    choose_degree,
    equated_cut,
    equipercentile,
    linear_equating,
    log_linear,
    mean_equating,
    percentile_rank,
    raw_distribution,
)

from ..reference import kolen_brennan as kb

X, Y = raw_distribution(kb.ACT_X), raw_distribution(kb.ACT_Y)


def test_act_moments() -> None:
    """4,329 and 4,152 people; means 19.8524 and 18.9798, deviations 8.2116 and 8.9393.

    Kolen & Brennan (2004), Table 2.6.
    """
    assert (X.people, Y.people) == (4329, 4152)
    assert (X.mean, Y.mean) == pytest.approx((19.8524, 18.9798), abs=5e-5)
    assert (X.deviation, Y.deviation) == pytest.approx((8.2116, 8.9393), abs=5e-5)


def test_act_equipercentile() -> None:
    """Kolen & Brennan (2004), Table 2.7, column of unsmoothed equipercentile equivalents."""
    found = equipercentile(X, Y).equated
    assert found[[0, 1, 2, 3, 10, 20, 30, 40]] == pytest.approx(
        [0.0000, 0.9796, 1.6462, 2.2856, 8.1607, 19.1647, 30.1305, 39.9006], abs=6e-5
    )


def test_act_mean_and_linear() -> None:
    """Score 0 becomes -0.87 by the mean and -2.63 by linear equating (K&B 2004, Table 2.7)."""
    assert mean_equating(X, Y).equated[0] == pytest.approx(-0.8726, abs=5e-5)
    assert linear_equating(X, Y).equated[0] == pytest.approx(-2.6319, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=8, max_size=20), st.integers(1, 4))
def test_smoothing_keeps_moments(counts: list[int], degree: int) -> None:
    """The first moments of the smoothed distribution are those of the data, in plain powers."""
    smooth = log_linear(counts, degree)
    x = np.arange(len(counts))
    p = np.array(counts) / sum(counts)
    for k in range(1, degree + 1):
        assert smooth.probability @ x**k == pytest.approx(p @ x**k, rel=1e-8)
    assert smooth.probability.sum() == pytest.approx(1)


def test_smoothing_act_data_prefers_six_moments() -> None:
    """Kolen & Brennan chose six moments: the fit stops improving there (their Table 3.2)."""
    deviance = [log_linear(kb.ACT_X, d).deviance for d in range(2, 9)]
    assert np.all(np.diff(deviance) < 1e-9)
    assert 4 <= (choose_degree(kb.ACT_X).degree or 0) <= 8
    assert choose_degree(kb.ACT_X).degree == 6


def test_identical_forms_equate_to_themselves() -> None:
    """A form equated to itself is the identity, by every method (rows of the scale in use)."""
    for d in (X, log_linear(kb.ACT_X, 6)):
        for method in (mean_equating, linear_equating, equipercentile):
            np.testing.assert_allclose(method(d, d).equated[1:], d_scores(41)[1:], atol=1e-9)


def d_scores(n: int) -> np.ndarray:
    """Scores 0 to n - 1."""
    return np.arange(n, dtype=float)


def test_equipercentile_is_symmetric_between_scores() -> None:
    """The percentile rank of an equivalent on the old form is the rank on the new one."""
    new, old = log_linear(kb.ACT_X, 6), log_linear(kb.ACT_Y, 6)
    found = equipercentile(new, old)
    np.testing.assert_allclose(
        percentile_rank(old, found.equated), percentile_rank(new, found.score), atol=1e-12
    )


@pytest.mark.parametrize("method", [mean_equating, linear_equating, equipercentile])
@pytest.mark.parametrize("degree", [None, 6])
def test_delta_errors_agree_with_the_bootstrap(method: type, degree: int | None) -> None:
    """Standard errors by formula and by 300 resamplings agree where there are people."""
    new = X if degree is None else log_linear(kb.ACT_X, degree)
    old = Y if degree is None else log_linear(kb.ACT_Y, degree)
    plain = method(new, old).error
    drawn = bootstrap_error(new, old, method, rng=7, replications=300).error
    middle = slice(6, 37)
    np.testing.assert_allclose(plain[middle], drawn[middle], rtol=0.3)
    assert np.mean(plain[middle] / drawn[middle]) == pytest.approx(1, abs=0.1)


def test_smoothing_lowers_the_error() -> None:
    """Presmoothing is done because it makes the equivalents more certain."""
    raw = equipercentile(X, Y).error[8:35]
    smooth = equipercentile(log_linear(kb.ACT_X, 6), log_linear(kb.ACT_Y, 6)).error[8:35]
    assert smooth.mean() < raw.mean()


def test_equated_cut_is_never_below_the_old_one() -> None:
    """The lowest passing score on the new form is worth the cut; one less is not."""
    table = equipercentile(log_linear(kb.ACT_X, 6), log_linear(kb.ACT_Y, 6))
    new = int(equated_cut(table, 24))
    assert table.equated[new] >= 24 > table.equated[new - 1]
    with pytest.raises(NotEnoughData):
        equated_cut(table, 99)
