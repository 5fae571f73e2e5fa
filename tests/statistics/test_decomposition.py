"""Why a rate changed."""

from itertools import permutations

import numpy as np
import pytest

from fazhi_exam.statistics.decomposition import das_gupta, das_gupta_mix, kitagawa, three_parts

from ..reference.statistics_published import UCB_MEN, UCB_WOMEN


def random_table(
    rng: np.random.Generator, shape: tuple[int, ...], *, empty: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Draw counts with many empty strata, but never nobody at all."""
    n = rng.integers(1, 40, shape) * (rng.uniform(size=shape) > empty)
    n.flat[rng.integers(n.size)] += 1
    return rng.binomial(n, rng.uniform(size=shape)), n


def test_berkeley_sign_reversal() -> None:
    """Men over women: raw gap +14.2 points, rate effect -3.6, mix effect +17.8."""
    parts = kitagawa(*UCB_WOMEN, *UCB_MEN)
    found = (100 * parts.change, 100 * parts.rate, 100 * parts.mix)
    assert found == pytest.approx((14.2, -3.6, 17.8), abs=0.05)


@pytest.mark.parametrize("strata", [1, 2, 7])
def test_parts_sum_to_the_change(strata: int) -> None:
    """On 10,000 random tables with empty strata the parts sum to the change to 1e-12."""
    rng = np.random.default_rng(strata)
    for _ in range(3334):
        parts = kitagawa(*random_table(rng, (strata,)), *random_table(rng, (strata,)))
        assert abs(parts.rate + parts.mix - parts.change) < 1e-12
        assert abs(parts.rate_by_stratum.sum() - parts.rate) < 1e-12
        assert abs(parts.mix_by_stratum.sum() - parts.mix) < 1e-12


def test_a_stratum_seen_once_is_all_mix() -> None:
    """If a group appears only at one time, its part is mix, not rate."""
    parts = kitagawa([5, 0], [10, 0], [5, 9], [10, 10])
    assert parts.rate == 0
    assert parts.mix == pytest.approx(14 / 20 - 0.5)
    back = kitagawa([5, 9], [10, 10], [5, 0], [10, 0])
    assert (back.rate, back.mix) == (0, pytest.approx(0.5 - 14 / 20))


def test_same_shares_are_all_rate() -> None:
    """If shares do not change there is no mix effect, and the reverse."""
    assert kitagawa([5, 5], [10, 20], [12, 20], [20, 40]).mix == pytest.approx(0, abs=1e-15)
    assert kitagawa([5, 5], [10, 20], [20, 5], [40, 20]).rate == 0


def test_das_gupta_is_the_average_over_all_orders() -> None:
    """Four factors, 24 orders of change one after another: the same effects."""
    rng = np.random.default_rng(1)
    a, b = rng.uniform(size=(2, 4, 5))
    expected = np.zeros(4)
    for order in permutations(range(4)):
        now = a.copy()
        for factor in order:
            before = np.prod(now, axis=0).sum()
            now[factor] = b[factor]
            expected[factor] += (np.prod(now, axis=0).sum() - before) / 24
    assert das_gupta(a, b) == pytest.approx(expected, abs=1e-14)


def test_das_gupta_of_two_factors_by_hand() -> None:
    """Two factors: each change times the other's mean."""
    effects = das_gupta([[2.0], [3.0]], [[4.0], [5.0]])
    assert effects == pytest.approx([2 * 4, 2 * 3])


def test_das_gupta_mix_with_one_factor_is_kitagawa() -> None:
    """One classification: rate and mix as Kitagawa has them."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        tables = (*random_table(rng, (4,)), *random_table(rng, (4,)))
        parts = kitagawa(*tables)
        assert das_gupta_mix(*tables) == pytest.approx([parts.rate, parts.mix], abs=1e-13)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 2)])
def test_cross_classified_parts_sum_to_the_change(shape: tuple[int, ...]) -> None:
    """Several factors, empty cells: the parts sum to the change to 1e-12."""
    rng = np.random.default_rng(3)
    for _ in range(150):
        k0, n0 = random_table(rng, shape)
        k1, n1 = random_table(rng, shape)
        effects = das_gupta_mix(k0, n0, k1, n1)
        assert effects.shape == (1 + len(shape),)
        assert abs(effects.sum() - (k1.sum() / n1.sum() - k0.sum() / n0.sum())) < 1e-12


def test_a_factor_whose_shares_stay_has_no_part() -> None:
    """Independent factors: if only the first one's shares change, only it has a mix effect."""
    before, after = np.outer([0.5, 0.5], [0.3, 0.7]), np.outer([0.2, 0.8], [0.3, 0.7])
    rate = np.array([[0.9, 0.6], [0.5, 0.4]])
    n0, n1 = np.round(before * 1000), np.round(after * 1000)
    effects = das_gupta_mix(rate * n0, n0, rate * n1, n1)
    assert effects[[0, 2]] == pytest.approx([0, 0], abs=1e-12)
    assert abs(effects[1]) > 0.01


def test_three_parts_sum_and_find_the_cause() -> None:
    """Parts sum to 1e-12; if only cut, mix or ability changed, only that part is not 0."""
    rng = np.random.default_rng(4)
    for _ in range(500):
        k0, n0 = random_table(rng, (5,))
        k1, n1 = random_table(rng, (5,))
        parts = three_parts(
            n0,
            n1,
            passed=k0,
            passed_at_later_cut=rng.binomial(n0, 0.5),
            later_passed_at_first_cut=rng.binomial(n1, 0.5),
            later_passed=k1,
        )
        assert abs(parts.cut + parts.mix + parts.ability - parts.change) < 1e-12
    n = np.array([20, 30])
    for first, first_later, later_first, later, expected in (
        ([10, 20], [12, 24], [10, 20], [12, 24], (6 / 50, 0, 0)),
        ([10, 20], [10, 20], [14, 20], [14, 20], (0, 0, 4 / 50)),
    ):
        parts = three_parts(
            n,
            n,
            passed=first,
            passed_at_later_cut=first_later,
            later_passed_at_first_cut=later_first,
            later_passed=later,
        )
        assert (parts.cut, parts.mix, parts.ability) == pytest.approx(expected, abs=1e-15)


def test_only_the_mix_changed() -> None:
    """Same cut, same rates, other shares: all of the change is mix."""
    parts = three_parts(
        [10, 30],
        [30, 10],
        passed=[9, 15],
        passed_at_later_cut=[9, 15],
        later_passed_at_first_cut=[27, 5],
        later_passed=[27, 5],
    )
    assert (parts.cut, parts.mix, parts.ability) == pytest.approx((0, 0.2, 0), abs=1e-15)


@pytest.mark.parametrize("bad", [([1], [0]), ([np.nan], [2]), ([3], [2])])
def test_nobody_and_missing_counts_are_refused(bad: tuple[list[float], list[int]]) -> None:
    """Nobody at one time, NaN or impossible counts: an error."""
    for arguments in ((*bad, [1], [2]), ([1], [2], *bad)):
        with pytest.raises(ValueError, match=r"sat|counts"):
            kitagawa(*arguments)
    with pytest.raises(ValueError, match="somebody"):
        kitagawa([0], [0], [1], [2])
    with pytest.raises(ValueError, match="factors"):
        das_gupta([1.0], [np.nan])
    with pytest.raises(ValueError, match="strata"):
        kitagawa([1], [2], [1, 1], [2, 2])
