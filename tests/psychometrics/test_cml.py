"""Conditional calibration against enumeration of patterns and published values."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.cml import fit_cml
from fazhi_exam.psychometrics.models import PartialCredit, Rasch
from fazhi_exam.psychometrics.responses import ResponseSet
from fazhi_exam.psychometrics.simulate import (
    simulate_abilities,
    simulate_items,
    simulate_presented,
    simulate_responses,
)

from .test_mml import LSAT6, people


def negative_loglik(b: list[NDArray[np.float64]], data: NDArray[np.int8]) -> float:
    """Conditional log-likelihood by listing every pattern of each total, negated."""
    total: dict[int, float] = {}
    weights: dict[tuple[int, ...], float] = {}
    for pattern in itertools.product(*(range(len(x) + 1) for x in b)):
        w = float(np.exp(-sum(x[:k].sum() for x, k in zip(b, pattern, strict=True))))
        weights[pattern] = w
        total[sum(pattern)] = total.get(sum(pattern), 0.0) + w
    return -sum(np.log(weights[tuple(r)] / total[sum(r)]) for r in data.tolist())


def test_rasch_and_partial_credit_reach_the_enumerated_maximum() -> None:
    """Mixed numbers of categories: what scipy finds from a list of all patterns."""
    truth = (Rasch(-0.5), Rasch(0.6), PartialCredit((-0.4, 0.7)), Rasch(0.1))
    data = simulate_responses(truth, simulate_abilities(150, rng=1), rng=2).to_dense()
    sizes = [1, 1, 2, 1]

    def unpack(x: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        full = np.append(x, -x.sum())
        return list(np.split(full, np.cumsum(sizes)[:-1]))

    best = minimize(lambda x: negative_loglik(unpack(x), data), np.zeros(4), method="BFGS")
    fit = fit_cml(data)
    found = np.concatenate([m.parameters for m in fit.models])
    assert found == pytest.approx(np.append(best.x, -best.x.sum()), abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-7)


def test_lsat6_matches_marginal_differences() -> None:
    """LSAT 6: centred difficulties agree with the marginal ones of ltm times the slope."""
    fit = fit_cml(people(LSAT6))
    marginal = 0.7551 * np.array([-3.6153, -1.3224, -0.3176, -1.7301, -2.7802])
    b = np.array([m.parameters[0] for m in fit.models])
    assert b.sum() == pytest.approx(0, abs=1e-12)
    assert b == pytest.approx(marginal - marginal.mean(), abs=0.02)


def test_recovery_with_honest_errors() -> None:
    """Sixty items: estimates lie around the truth as their standard errors say."""
    truth = simulate_items(Rasch, 60, rng=1)
    data = simulate_responses(truth, simulate_abilities(1000, rng=2, skew=-1.5), rng=3)
    fit = fit_cml(data)
    t = np.array([m.parameters[0] for m in truth])
    e = np.array([m.parameters[0] for m in fit.models])
    z = (e - (t - t.mean())) / np.array(fit.standard_errors)[:, 0]
    assert 0.75 < z.std() < 1.25
    assert fit.distance < 1e-8


def test_booklets_are_joined_by_their_common_items() -> None:
    """Two overlapping booklets, sparse or dense: the same estimates for all items."""
    truth = simulate_items(PartialCredit, 9, rng=1, categories=3)
    matrix = simulate_responses(truth, simulate_abilities(900, rng=2), rng=3).to_dense().copy()
    matrix[:450, 6:] = -1
    matrix[450:, :3] = -1
    one, two = fit_cml(matrix), fit_cml(ResponseSet.dense(matrix).to_sparse())
    assert np.array([m.parameters for m in one.models]) == pytest.approx(
        np.array([m.parameters for m in two.models]), abs=1e-10
    )
    t = np.array([m.parameters for m in truth])
    e = np.array([m.parameters for m in one.models])
    assert np.abs(((e - t) - (e - t).mean()) / np.array(one.standard_errors)).max() < 4


def test_unusable_data_is_named() -> None:
    """Few people, unanimous items, unlinked booklets: NotEnoughData; own forms: ValueError."""
    truth = simulate_items(Rasch, 8, rng=1)
    data = simulate_responses(truth, simulate_abilities(300, rng=2), rng=3).to_dense().copy()
    with pytest.raises(NotEnoughData, match="30"):
        fit_cml(data[:20])
    full = data.copy()
    full[:, 2] = 1
    with pytest.raises(NotEnoughData, match="2"):
        fit_cml(full)
    apart = data.copy()
    apart[:150, 4:] = -1
    apart[150:, :4] = -1
    with pytest.raises(NotEnoughData, match="相连"):
        fit_cml(apart)
    presented = simulate_presented(900, 8 * 8, per_person=20, rng=1)
    many = simulate_responses(
        simulate_items(Rasch, 64, rng=1), np.zeros(900), rng=2, presented=presented
    )
    with pytest.raises(ValueError, match="fit_mml"):
        fit_cml(many)
