"""Reliability against published values, identities and simulation."""

import itertools

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.reliability import (
    alpha,
    alpha_of,
    compound_error,
    guttman,
    item_covariance,
    keats_error,
    kr20,
    kr21,
    length_for,
    lord_error,
    omega,
    one_factor,
    spearman_brown,
    split_half,
    standard_error,
    stratified_alpha,
)

from ..reference import lsat


def test_alpha_matches_ltm_and_mirt() -> None:
    """LSAT 6: 0.2950, and with each item left out; LSAT 7: 0.453."""
    x = lsat.responses(lsat.LSAT6)
    assert alpha(x).value == pytest.approx(lsat.LTM_ALPHA, abs=5e-5)
    without = [alpha(np.delete(x, j, axis=1)).value for j in range(5)]
    assert without == pytest.approx(lsat.LTM_ALPHA_WITHOUT, abs=5e-5)
    assert alpha(lsat.responses(lsat.LSAT7)).value == pytest.approx(lsat.MIRT7_ALPHA, abs=5e-4)


def test_kr20_is_alpha() -> None:
    """For right/wrong items the two formulas are one."""
    x = lsat.responses(lsat.LSAT6)
    total = x.sum(axis=1)
    p = x.mean(axis=0)
    by_hand = 5 / 4 * (1 - (p * (1 - p)).sum() / total.var())
    assert kr20(x) == pytest.approx(by_hand, rel=1e-12)


def test_kr21_equals_kr20_for_equally_hard_items() -> None:
    """Kuder-Richardson 21 is 20 with all facilities equal, and never more (same divisor)."""
    x = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]])
    total = x.sum(axis=1)
    assert kr21(total.mean(), total.var(), 4) == pytest.approx(kr20(x))


def test_feldt_interval_covers() -> None:
    """Parallel normal parts of alpha 0.8: the 90 % interval covers about 90 % of samples."""
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(1000):
        x = 10 + rng.standard_normal((60, 1)) + 2**0.5 * rng.standard_normal((60, 8))
        a = alpha(x, level=0.9)
        inside += a.low <= 0.8 <= a.high
    assert inside / 1000 == pytest.approx(0.9, abs=0.03)


def test_feldt_interval_of_the_textbook_case() -> None:
    """The limits are 1 - (1 - a) F at both tails (Feldt 1965); F values from a printed table.

    For 41 people and 26 items the 97.5 % point of F(40, 1000) is 1.50 (F tables: 1.61 at 120 and
    1.48 at infinitely many degrees), so an alpha of 0.9 reaches down to 1 - 0.1 * 1.50.
    """
    rng = np.random.default_rng(0)
    x = 20 + rng.standard_normal((41, 1)) + rng.standard_normal((41, 26))
    a = alpha(x)
    assert (1 - a.low) / (1 - a.value) == pytest.approx(1.50, abs=0.005)


def test_covariance_is_pairwise_and_complete() -> None:
    """Complete data: numpy's covariance; with gaps: each pair over its common people."""
    rng = np.random.default_rng(2)
    x = rng.integers(0, 4, (50, 4)).astype(float)
    np.testing.assert_allclose(item_covariance(x), np.cov(x.T), atol=1e-13)
    x[rng.random(x.shape) < 0.3] = -1
    found = item_covariance(x)
    for i, j in itertools.combinations(range(4), 2):
        both = (x[:, i] >= 0) & (x[:, j] >= 0)
        assert found[i, j] == pytest.approx(np.cov(x[both, i], x[both, j])[0, 1], abs=1e-12)


def test_guttman_bounds_by_enumeration() -> None:
    """Each bound from its definition, the fourth over all splits, in plain loops."""
    c = np.cov(lsat.responses(lsat.LSAT7).T)
    total = c.sum()
    found = guttman(c)
    assert found.lambda3 == pytest.approx(alpha_of(c), rel=1e-12)
    off = [c[i, j] ** 2 for i in range(5) for j in range(5) if i != j]
    assert found.lambda2 == pytest.approx(found.lambda1 + (5 / 4 * sum(off)) ** 0.5 / total)
    best = max(
        4 * c[np.ix_(half, [j for j in range(5) if j not in half])].sum() / total
        for size in (1, 2)
        for half in map(list, itertools.combinations(range(5), size))
    )
    assert found.lambda4 == pytest.approx(best, rel=1e-12)
    residual = 0.0
    for j in range(5):
        rest = [k for k in range(5) if k != j]
        beta = np.linalg.solve(c[np.ix_(rest, rest)], c[rest, j])
        residual += c[j, j] - beta @ c[rest, j]
    assert found.lambda6 == pytest.approx(1 - residual / total, rel=1e-10)
    assert found.lambda1 <= found.lambda3 <= found.lambda2 <= found.lambda4 + 1e-12


def test_guttman_search_finds_a_planted_split() -> None:
    """Twenty items in ten twin pairs: the best split parts every pair."""
    rng = np.random.default_rng(4)
    parts = rng.standard_normal((3000, 10)) + rng.standard_normal((3000, 1)) * 0.3
    c = np.cov(np.column_stack([parts, parts]).T + 0.0)
    c += 0.3 * np.eye(20)
    found = guttman(c)
    half = [c[:10, 10:].sum() * 4 / c.sum()]
    assert not found.exhaustive
    assert found.lambda4 == pytest.approx(half[0], rel=1e-9)


def test_omega_of_an_exact_one_factor_matrix() -> None:
    """Loadings are recovered, and omega is the share of variance they explain."""
    loading = np.array([0.8, 0.5, 1.2, 0.4, 0.9])
    unique = np.array([0.5, 1.0, 0.7, 0.3, 1.5])
    c = np.outer(loading, loading) + np.diag(unique)
    found, psi = one_factor(c)
    np.testing.assert_allclose(found, loading, atol=1e-4)
    np.testing.assert_allclose(psi, unique, atol=1e-4)
    assert omega(c) == pytest.approx(loading.sum() ** 2 / c.sum(), abs=1e-5)


def test_omega_equals_alpha_for_equal_loadings() -> None:
    """Equal loadings are the case in which alpha is the reliability."""
    c = np.full((6, 6), 0.25) + np.diag([0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    assert omega(c) == pytest.approx(alpha_of(c), abs=1e-5)


def test_split_half_by_hand() -> None:
    """Odd against even, and Rulon equals Spearman-Brown for equally spread halves."""
    x = np.array([[1, 2, 1, 2], [3, 3, 3, 3], [2, 1, 2, 1]])
    found = split_half(x)
    assert found.correlation == pytest.approx(0.5)
    assert found.spearman_brown == pytest.approx(2 / 3)
    assert found.rulon == pytest.approx(2 / 3)


def test_length_and_reliability_are_inverse() -> None:
    """Lengthening by the factor found reaches the target."""
    assert spearman_brown(0.6, length_for(0.6, 0.9)) == pytest.approx(0.9)


def test_standard_errors_by_hand() -> None:
    """The error is s sqrt(1 - r); Lord's error is largest in the middle and 0 at the ends."""
    assert standard_error(10.0, 0.91) == pytest.approx(3.0)
    assert lord_error([0, 50, 100], 100) == pytest.approx([0, 5.0252, 0], abs=1e-4)
    scaled = keats_error([50], 100, reliability=0.9, kr21=0.8)
    assert scaled == pytest.approx(lord_error([50], 100) / 2**0.5)


def test_mean_lord_error_agrees_with_kr21() -> None:
    """The mean square of Lord's error is var (1 - KR21) (Lord 1957)."""
    total = lsat.responses(lsat.LSAT6).sum(axis=1)
    mean_square = (lord_error(total, 5) ** 2).mean()
    assert mean_square == pytest.approx(total.var() * (1 - kr21(total.mean(), total.var(), 5)))


def test_compound_error_of_one_part_is_lords() -> None:
    """One part of one point reduces to the binomial error; points scale it."""
    assert compound_error([[30]], [60], [2.0]) == pytest.approx(2 * lord_error([30], 60))


def test_equal_totals_have_no_reliability() -> None:
    """Everybody equal is refused with a reason, not returned as NaN."""
    with pytest.raises(NotEnoughData):
        alpha(np.ones((10, 3)))


def test_stratified_alpha_of_two_independent_parts() -> None:
    """Parts without anything in common: plain alpha is too low, the stratified one is right."""
    loading = np.kron(np.eye(2), np.ones((1, 6)))
    rng = np.random.default_rng(7)
    x = 10 + rng.standard_normal((200_000, 2)) @ loading + rng.standard_normal((200_000, 12))
    true = 2 * 36 / (2 * 36 + 12)
    assert stratified_alpha(x, np.repeat([0, 1], 6)) == pytest.approx(true, abs=0.002)
    assert alpha(x).value < true - 0.05
    assert stratified_alpha(x, np.zeros(12)) == pytest.approx(alpha(x).value, rel=1e-12)


def test_lambda6_with_constant_and_duplicate_items() -> None:
    """An item without spread adds nothing; a duplicate is fully explained by its twin."""
    x = np.random.default_rng(0).integers(0, 2, (80, 4)).astype(float)
    c = np.cov(np.column_stack([x, x[:, 0], np.ones(80)]).T)
    found = guttman(c)
    residual = 0.0
    for j in (1, 2, 3):
        design = np.column_stack([np.ones(80), np.delete(x, j, axis=1)])
        rest = x[:, j] - design @ np.linalg.lstsq(design, x[:, j], rcond=None)[0]
        residual += rest @ rest / 79
    assert found.lambda6 == pytest.approx(1 - residual / c.sum(), rel=1e-6)
