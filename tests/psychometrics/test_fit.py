"""Fit statistics against mirt, enumeration of patterns, and simulation."""

import itertools

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.fit import (
    grouped_fit,
    residual_correlations,
    rest_score_tables,
    s_x2,
)
from fazhi_exam.psychometrics.models import GradedResponse, ItemModel, TwoPL

from ..reference import lsat
from .fit_examples import LSAT6, LSAT7, MIXED, NODES, WEIGHTS, sample


def test_s_x2_matches_mirt_on_section_7() -> None:
    """Two-parameter fit of LSAT 7: all five items, two degrees each."""
    found = s_x2(lsat.responses(lsat.LSAT7), LSAT7, NODES, WEIGHTS)
    np.testing.assert_allclose(found.statistic, lsat.MIRT7_S_X2, rtol=2e-3)
    assert found.degrees.tolist() == [2] * 5


def test_s_x2_matches_mirt_on_section_6() -> None:
    """Common slope on LSAT 6: the rarest group of item 3 is merged, which costs a degree."""
    found = s_x2(lsat.responses(lsat.LSAT6), LSAT6, NODES, WEIGHTS, free=2)
    np.testing.assert_allclose(found.statistic, lsat.MIRT6_S_X2, atol=6e-3)
    assert tuple(found.degrees) == lsat.MIRT6_S_X2_DF


def test_rest_score_tables_by_enumeration() -> None:
    """Every pattern of a mixed test added to its item category and total."""
    nodes, weights = np.array([-1.0, 0.5]), np.array([0.4, 0.6])
    found = rest_score_tables(MIXED, nodes, weights)
    wanted = [np.zeros((m.categories, 5)) for m in MIXED]
    for t, w in zip(nodes, weights, strict=True):
        p = [m.probabilities(t) for m in MIXED]
        for x in itertools.product(range(2), range(2), range(3)):
            prob = w * np.prod([p[j][k] for j, k in enumerate(x)])
            for j, k in enumerate(x):
                wanted[j][k, sum(x)] += prob
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-15)


def test_s_x2_is_a_chi_square_under_the_model() -> None:
    """True parameters, 12 mixed items: p-values are about uniform and the mean is the degrees."""
    rng = np.random.default_rng(1)
    models: list[ItemModel] = [
        *[TwoPL(float(a), float(b)) for a, b in rng.normal((1.2, 0), (0.2, 1), (8, 2))],
        *[GradedResponse(1.3, (b - 0.6, b + 0.6)) for b in (-0.8, -0.2, 0.3, 0.9)],
    ]
    ratio, low = [], 0
    for seed in range(30):
        theta = np.random.default_rng(seed + 100).standard_normal(800)
        found = s_x2(sample(models, theta, seed), models, NODES, WEIGHTS, free=0)
        ratio.append((found.statistic / found.degrees).mean())
        low += int((found.p < 0.05).sum())
    assert np.mean(ratio) == pytest.approx(1, abs=0.05)
    assert low / 360 == pytest.approx(0.05, abs=0.04)


def test_s_x2_finds_a_bad_item() -> None:
    """An item with a curve that falls again has by far the smallest p-value."""
    rng = np.random.default_rng(5)
    theta = rng.standard_normal(2000)
    models: list[ItemModel] = [TwoPL(1.2, float(b)) for b in np.linspace(-1.5, 1.5, 15)]
    x = sample(models, theta, 3)
    x[:, 7] = rng.random(2000) < 1 / (1 + np.exp(theta**2 - 1))
    found = s_x2(x, models, NODES, WEIGHTS)
    assert int(np.argmin(found.p)) == 7
    assert found.rmsea[7] > 0.1
    assert np.median(np.delete(found.rmsea, 7)) < 0.05


def test_grouped_statistics_under_the_model() -> None:
    """With true abilities X2 and G2 average their degrees of freedom (nothing estimated)."""
    theta = np.random.default_rng(0).standard_normal(4000)
    models: list[ItemModel] = [TwoPL(1.2, float(b)) for b in np.linspace(-1, 1, 25)]
    found = grouped_fit(sample(models, theta, 1), models, theta, free=0)
    assert found.x2.degrees.tolist() == [10] * 25
    assert found.x2.statistic.mean() == pytest.approx(10, abs=2.7)
    assert found.g2.statistic.mean() == pytest.approx(10, abs=2.7)


def test_residual_correlations_find_a_twin() -> None:
    """Two copies of one item stand out from all other pairs; the rest is near 0."""
    theta = np.random.default_rng(0).standard_normal(2000)
    models: list[ItemModel] = [TwoPL(1.2, float(b)) for b in np.linspace(-1, 1, 12)]
    x = sample(models, theta, 1)
    x[:, 4] = x[:, 3]
    found = residual_correlations(x, models, theta)
    assert np.isnan(np.diag(found.matrix)).all()
    flat = np.nan_to_num(found.excess, nan=-1)
    assert sorted(np.unravel_index(int(np.argmax(flat)), flat.shape)) == [3, 4]
    other = np.delete(np.delete(found.matrix, 4, 0), 4, 1)
    assert np.nanmax(np.abs(other)) < 0.1
    x[5:, 0] = -1
    assert np.isnan(residual_correlations(x, models, theta).matrix[0]).all()


def test_nobody_complete_is_refused() -> None:
    """Random papers have no common total score; the message says what to do."""
    x = np.where(np.eye(40, 5, dtype=bool), -1, 1)
    x[5:] = -1
    with pytest.raises(NotEnoughData):
        s_x2(x, LSAT7, NODES, WEIGHTS)
