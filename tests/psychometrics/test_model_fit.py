"""M2 and its indices against mirt, enumeration of patterns, and simulation."""

import itertools

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.model_fit import m2, moment_covariance
from fazhi_exam.psychometrics.models import GradedResponse, ItemModel

from ..reference import lsat
from .fit_examples import LSAT6, LSAT7, MIXED, NODES, WEIGHTS, sample


def test_m2_matches_mirt_on_section_7() -> None:
    """LSAT 7, two-parameter: M2 11.94 on 5 degrees, RMSEA .037 (.009, .065), SRMSR .032."""
    found = m2(lsat.responses(lsat.LSAT7), LSAT7, NODES, WEIGHTS)
    assert found.m2 == pytest.approx(lsat.MIRT7_M2["m2"], abs=0.01)
    assert found.degrees == lsat.MIRT7_M2["df"]
    assert found.p == pytest.approx(lsat.MIRT7_M2["p"], abs=5e-4)
    assert found.rmsea == pytest.approx(lsat.MIRT7_M2["rmsea"], abs=5e-4)
    assert found.rmsea_low == pytest.approx(lsat.MIRT7_M2["low"], abs=1e-3)
    assert found.rmsea_high == pytest.approx(lsat.MIRT7_M2["high"], abs=1e-3)
    assert found.srmsr == pytest.approx(lsat.MIRT7_SRMSR, abs=5e-4)


def test_m2_matches_mirt_with_a_common_slope() -> None:
    """LSAT 6, one slope for all items: nine degrees, TLI 1.073, CFI 1."""
    constraints = np.zeros((10, 6))
    constraints[np.arange(5) * 2 + 1, np.arange(5)] = 1
    # mirt's free parameters are a and d = -a b: with d held, b moves by -b / a.
    constraints[np.arange(5) * 2, 5] = 1
    constraints[np.arange(5) * 2 + 1, 5] = [-m.b / m.a for m in LSAT6]
    found = m2(lsat.responses(lsat.LSAT6), LSAT6, NODES, WEIGHTS, constraints=constraints)
    assert found.m2 == pytest.approx(lsat.MIRT6_M2["m2"], abs=0.01)
    assert found.degrees == lsat.MIRT6_M2["df"]
    assert found.tli == pytest.approx(lsat.MIRT6_M2["tli"], abs=2e-3)
    assert found.cfi == lsat.MIRT6_M2["cfi"]
    assert found.srmsr == pytest.approx(lsat.MIRT6_M2["srmsr"], abs=5e-4)
    # A common slope and a free spread of ability are one model in two guises.
    plain = np.zeros((10, 5))
    plain[np.arange(5) * 2 + 1, np.arange(5)] = 1
    other = m2(
        lsat.responses(lsat.LSAT6), LSAT6, NODES, WEIGHTS, constraints=plain, free_deviation=True
    )
    assert other.m2 == pytest.approx(found.m2, rel=1e-5)
    assert other.degrees == 9


def test_moment_covariance_by_enumeration() -> None:
    """The covariance behind M2, from all patterns of a mixed test."""
    nodes, weights = np.array([-1.0, 0.5]), np.array([0.4, 0.6])
    tables = [m.probabilities(nodes) for m in MIXED]
    rows, prob = [], []
    for x in itertools.product(range(2), range(2), range(3)):
        prob.append(
            sum(
                w * np.prod([p[q, k] for p, k in zip(tables, x, strict=True)])
                for q, w in enumerate(weights)
            )
        )
        rows.append([x[0], x[1], x[2] == 1, x[2] == 2, x[0] * x[1], x[0] * x[2], x[1] * x[2]])
    f, pr = np.array(rows, float), np.array(prob)
    mean, cov = moment_covariance(tables, weights)
    np.testing.assert_allclose(mean, pr @ f, atol=1e-14)
    np.testing.assert_allclose(cov, (f * pr[:, None]).T @ f - np.outer(pr @ f, pr @ f), atol=1e-14)


def test_m2_is_a_chi_square_under_the_model() -> None:
    """True graded parameters and nothing estimated: the mean over samples is the moments."""
    models: list[ItemModel] = [
        GradedResponse(1.3, (b - 0.7, b, b + 0.7)) for b in (-0.6, -0.2, 0.1, 0.4, 0.8)
    ]
    none = np.zeros((20, 1))
    none[0, 0] = 1e-12
    values = []
    for seed in range(60):
        theta = np.random.default_rng(seed + 500).standard_normal(1000)
        values.append(m2(sample(models, theta, seed), models, NODES, WEIGHTS, constraints=none))
    assert values[0].degrees == 15 + 10 - 1
    assert np.mean([v.m2 for v in values]) == pytest.approx(24, abs=3)


def test_means_only_is_m2_for_two_categories() -> None:
    """For right/wrong items the share is the mean: all members of the family agree."""
    plain = m2(lsat.responses(lsat.LSAT7), LSAT7, NODES, WEIGHTS)
    assert m2(lsat.responses(lsat.LSAT7), LSAT7, NODES, WEIGHTS, means_only=True) == plain


def test_means_only_has_fewer_moments() -> None:
    """Eight graded items of three categories: 8 + 28 means and products, less 24 parameters."""
    models: list[ItemModel] = [
        GradedResponse(1.2, (b - 0.5, b + 0.5)) for b in np.linspace(-1, 1, 8)
    ]
    theta = np.random.default_rng(2).standard_normal(1500)
    found = m2(sample(models, theta, 3), models, NODES, WEIGHTS, means_only=True)
    assert found.degrees == 8 + 28 - 24
    assert found.p > 1e-4


def test_an_item_everybody_wins_is_refused() -> None:
    """M2 needs variation, and says which."""
    with pytest.raises(NotEnoughData):
        m2(np.ones((50, 5)), LSAT7, NODES, WEIGHTS)


def test_baseline_by_enumeration() -> None:
    """TLI and CFI compare with M2 of independent items, here from all 32 patterns."""
    x = lsat.responses(lsat.LSAT7).astype(float)
    first, second = np.triu_indices(5, 1)
    patterns = np.array(list(itertools.product((0.0, 1.0), repeat=5)))
    share = x.mean(axis=0)
    prob = np.prod(np.where(patterns == 1, share, 1 - share), axis=1)
    moments = np.column_stack([patterns, patterns[:, first] * patterns[:, second]])
    expected = prob @ moments
    covariance = (moments * prob[:, None]).T @ moments - np.outer(expected, expected)
    observed = np.concatenate([share, (x[:, first] * x[:, second]).mean(axis=0)])
    change = np.zeros((15, 5))
    change[:5] = np.eye(5)
    for k, (i, j) in enumerate(zip(first, second, strict=True)):
        change[5 + k, i], change[5 + k, j] = share[j], share[i]
    inverse = np.linalg.inv(covariance)
    weight = (
        inverse - inverse @ change @ np.linalg.inv(change.T @ inverse @ change) @ change.T @ inverse
    )
    base = 1000 * (observed - expected) @ weight @ (observed - expected)
    found = m2(x, LSAT7, NODES, WEIGHTS)
    assert found.cfi == pytest.approx(1 - (found.m2 - 5) / (base - 10), rel=1e-9)
    assert found.tli == pytest.approx((base / 10 - found.m2 / 5) / (base / 10 - 1), rel=1e-9)
