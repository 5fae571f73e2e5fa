"""Classical item statistics against published analyses and plain arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.psychometrics.classical import (
    biserial,
    correlation,
    distractor_table,
    facility,
    item_statistics,
    upper_lower,
)

from ..reference import lsat


def test_item_total_and_item_rest_match_ltm() -> None:
    """LSAT 6: point-biserial with the item in and out of the total as ltm prints them.

    ltm divides by n in one place and by n - 1 in the other, so that its figures are a true
    correlation times sqrt((n - 1) / n); ours are correlations.
    """
    found = item_statistics(lsat.responses(lsat.LSAT6))
    shrink = (999 / 1000) ** 0.5
    assert found.item_total * shrink == pytest.approx(lsat.LTM_INCLUDED, abs=1e-4)
    assert found.item_rest * shrink == pytest.approx(lsat.LTM_EXCLUDED, abs=5e-5)


def test_item_statistics_match_mirt() -> None:
    """LSAT 7: means, deviations and correlations as mirt's itemstats prints them."""
    found = item_statistics(lsat.responses(lsat.LSAT7))
    assert found.facility == pytest.approx(lsat.MIRT7_MEAN, abs=5e-4)
    assert found.deviation == pytest.approx(lsat.MIRT7_SD, abs=5e-4)
    assert found.item_total == pytest.approx(lsat.MIRT7_TOTAL_R, abs=5e-4)
    assert found.item_rest == pytest.approx(lsat.MIRT7_REST_R, abs=5e-4)


def test_biserial_recovers_the_latent_correlation() -> None:
    """A cut of a bivariate normal at 80 % right has the biserial of the uncut variable."""
    rng = np.random.default_rng(3)
    z = rng.standard_normal((400_000, 2))
    y = 0.5 * z[:, 0] + np.sqrt(0.75) * z[:, 1]
    assert biserial(z[:, 0] > -0.8416, y) == pytest.approx(0.5, abs=0.005)


def test_biserial_is_the_point_biserial_times_a_constant() -> None:
    """At p = 1/2 the factor is sqrt(pi / 2)."""
    x, y = np.array([0, 1, 0, 1, 1, 0]), np.array([1.0, 4, 2, 6, 3, 3])
    assert biserial(x, y) == pytest.approx(correlation(x, y) * np.sqrt(np.pi / 2), rel=1e-12)


def test_not_presented_does_not_count() -> None:
    """A facility is over those who saw the item; an item nobody saw has none."""
    x = np.array([[1, -1, -1], [0, 1, -1], [-1, 1, -1]])
    assert facility(x)[:2] == pytest.approx([0.5, 1.0])
    assert np.isnan(facility(x)[2])


def test_upper_lower_by_hand() -> None:
    """Ten people, groups of three without ties: 3/3 against 1/3."""
    item = np.array([[1], [1], [1], [0], [1], [0], [1], [0], [1], [0]])
    found = upper_lower(item, criterion=np.arange(10, 0, -1), share=0.3)
    assert found.discrimination[0] == pytest.approx(1 - 1 / 3)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_row_order_never_matters(seed: int) -> None:
    """Shuffling people changes no statistic, ties or not."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, (30, 5)).astype(np.int8)
    x[rng.random(x.shape) < 0.1] = -1
    a = item_statistics(x, maximum=2)
    b = item_statistics(x[rng.permutation(30)], maximum=2)
    for name in ("facility", "item_total", "item_rest", "discrimination"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), atol=1e-12)


def test_item_all_right_has_no_correlation() -> None:
    """At the ceiling a correlation is undefined, not a rounding artefact."""
    x = np.ones((20, 3))
    x[:7, 2] = 0
    found = item_statistics(x)
    assert np.isnan(found.item_rest[:2]).all()
    assert found.facility[0] == 1
    assert found.facility_se[0] == 0


def test_distractor_table_counts_every_person_once_for_single_choice() -> None:
    """Options and "none chosen" add up to everybody, also within each group."""
    rng = np.random.default_rng(1)
    choice, total = rng.integers(0, 5, 200), rng.integers(0, 40, 200)
    table = distractor_table(choice[:, None] == np.arange(4), total, groups=4)
    assert table.count.sum() == 200
    assert table.count[4] == (choice == 4).sum()
    np.testing.assert_allclose(table.by_group.sum(axis=0), 1)
    assert table.group_size.sum() == 200
    assert table.mean_criterion[1] == pytest.approx(total[choice == 1].mean())
    assert table.correlation[2] == pytest.approx(np.corrcoef(choice == 2, total)[0, 1])


def test_distractor_table_with_one_criterion_value() -> None:
    """Everybody equal: one group, and correlations are undefined."""
    table = distractor_table(np.eye(3, dtype=bool), np.ones(3))
    assert table.group_size.tolist() == [3]
    assert np.isnan(table.correlation).all()
