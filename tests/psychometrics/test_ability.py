"""Abilities against direct summation, root finding and counting of patterns."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar

from fazhi_exam.engines import Threads
from fazhi_exam.psychometrics.ability import (
    KnownAbility,
    PersonAbility,
    eap,
    map_estimate,
    ml,
    plausible_values,
    sum_score_eap,
    wle,
)
from fazhi_exam.psychometrics.models import (
    FourPL,
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    ThreePL,
    TwoPL,
)
from fazhi_exam.psychometrics.quadrature import NormalAbility
from fazhi_exam.psychometrics.responses import ResponseSet
from fazhi_exam.psychometrics.simulate import (
    simulate_abilities,
    simulate_items,
    simulate_presented,
    simulate_responses,
)

from . import brute

KINDS: tuple[type[ItemModel], ...] = (
    Rasch,
    TwoPL,
    ThreePL,
    FourPL,
    GradedResponse,
    PartialCredit,
    RatingScale,
    GeneralisedPartialCredit,
    Nominal,
)
FINE = np.linspace(-8, 8, 1601)


def answers(models: tuple[ItemModel, ...], people: int, seed: int = 2) -> NDArray[np.int8]:
    """Simulate answers with a fifth of the cells not presented."""
    data = simulate_responses(models, simulate_abilities(people, rng=seed), rng=seed + 1)
    matrix = data.to_dense().copy()
    matrix[np.random.default_rng(seed).random(matrix.shape) < 0.2] = -1
    return matrix


def loglik(models: tuple[ItemModel, ...], row: NDArray[np.int8], theta: float) -> float:
    """Log-likelihood of one person at one ability."""
    pairs = zip(models, row.tolist(), strict=True)
    return float(sum(np.log(m.probabilities(theta)[k]) for m, k in pairs if k >= 0))


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_eap_is_the_posterior_mean(kind: type[ItemModel]) -> None:
    """Every model: mean and sd of the posterior summed on 1,601 nodes."""
    models = simulate_items(kind, 15, rng=1)
    matrix = answers(models, 8)
    prior = brute.weights_of(FINE, 0.2, 1.1)
    mean, sd = brute.moments(models, matrix, FINE, prior)
    found = eap(models, matrix, population=NormalAbility(0.2, 1.1))
    assert found.theta == pytest.approx(mean, abs=1e-6)  # nodes end at 6 sd
    assert found.se == pytest.approx(sd, abs=1e-6)


def test_eap_of_a_crowd_is_that_of_each_person() -> None:
    """Above 20,000 people sum scores take over, for binary, partial credit and nominal items."""
    models = (
        *simulate_items(TwoPL, 20, rng=1),
        *simulate_items(PartialCredit, 4, rng=2),
        *simulate_items(Nominal, 3, rng=3),
    )
    data = simulate_responses(models, simulate_abilities(21_000, rng=4), rng=5).to_dense()
    many, few = eap(models, data), eap(models, data[:300])
    assert many.theta[:300] == pytest.approx(few.theta, abs=1e-9)
    assert many.se[:300] == pytest.approx(few.se, abs=1e-7)
    one = eap(models, data[7:8])
    assert one.theta == pytest.approx(many.theta[7:8], abs=1e-9)


def test_eap_sparse_and_threads_agree() -> None:
    """Stored by answers or as a matrix, serial or on threads: the same abilities."""
    models = simulate_items(GradedResponse, 30, rng=1)
    presented = simulate_presented(5000, 30, per_person=12, rng=2)
    data = simulate_responses(models, simulate_abilities(5000, rng=3), rng=4, presented=presented)
    sparse = eap(models, data)
    assert np.array_equal(sparse.theta, eap(models, data, engine=Threads(2)).theta)
    dense = eap(models, ResponseSet.dense(data.to_dense()))
    assert sparse.theta == pytest.approx(dense.theta, abs=1e-12)
    for verb in (ml, wle, map_estimate):
        one, two = verb(models, data), verb(models, data.to_dense())
        assert one.theta == pytest.approx(two.theta, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_map_is_the_posterior_mode(kind: type[ItemModel]) -> None:
    """Every model: the maximum found by scipy's bounded search of the log-posterior."""
    models = simulate_items(kind, 15, rng=1)
    matrix = answers(models, 6)
    found = map_estimate(models, matrix, population=NormalAbility(-0.1, 0.9))
    for row, theta, se in zip(matrix, found.theta, found.se, strict=True):

        def cost(t: float, row: NDArray[np.int8] = row) -> float:
            return 0.5 * ((t + 0.1) / 0.9) ** 2 - loglik(models, row, t)

        grid = min(np.linspace(-4, 4, 41), key=cost)
        best = minimize_scalar(
            cost, bounds=(grid - 0.3, grid + 0.3), method="bounded", options={"xatol": 1e-10}
        )
        assert theta == pytest.approx(best.x, abs=2e-6)
        presented = [m for m, k in zip(models, row, strict=True) if k >= 0]
        information = sum(float(m.information(theta)) for m in presented) + 0.9**-2
        assert se == pytest.approx(information**-0.5, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_wle_solves_warms_equation(kind: type[ItemModel]) -> None:
    """Every model: the root of score + J / (2 I), with derivatives taken numerically."""
    models = simulate_items(kind, 20, rng=1)
    matrix = answers(models, 5)
    found = wle(models, matrix)
    h = 1e-4
    for row, theta in zip(matrix, found.theta, strict=True):
        used = [(m, k) for m, k in zip(models, row.tolist(), strict=True) if k >= 0]

        def equation(t: float, used: list[tuple[ItemModel, int]] = used) -> float:
            score = information = bias = 0.0
            for m, k in used:
                low, mid, high = (m.probabilities(t + s) for s in (-h, 0.0, h))
                first, second = (high - low) / (2 * h), (high - 2 * mid + low) / h**2
                score += first[k] / mid[k]
                information += float((first**2 / mid).sum())
                bias += float((first * second / mid).sum())
            return score + bias / (2 * information)

        assert equation(theta - 0.02) > 0 > equation(theta + 0.02)
        assert theta == pytest.approx(brentq(equation, theta - 0.02, theta + 0.02), abs=1e-5)


def test_point_estimates_of_a_crowd_are_those_of_each_person() -> None:
    """Above 2,000 people the test's curves take over: the same abilities and errors to 1e-8."""
    models = (
        *simulate_items(TwoPL, 10, rng=1),
        *simulate_items(PartialCredit, 4, rng=2),
        *simulate_items(Nominal, 3, rng=3),
    )
    data = simulate_responses(models, simulate_abilities(2500, rng=4), rng=5).to_dense().copy()
    data[0], data[1] = 0, [m.categories - 1 for m in models]
    for verb in (ml, wle, map_estimate):
        many, few = verb(models, data), verb(models, data[:400])
        assert many.theta[:400] == pytest.approx(few.theta, abs=1e-8)
        assert many.se[:400] == pytest.approx(few.se, abs=1e-8)


def test_maximum_likelihood_of_unanimous_answers_is_infinite() -> None:
    """All right and all wrong are ±inf with infinite error, WLE is finite, no answers are nan."""
    models = simulate_items(TwoPL, 10, rng=1)
    matrix = np.array([[1] * 10, [0] * 10, [-1] * 10, [1, 0] * 5], np.int8)
    found = ml(models, matrix)
    assert found.theta[:2].tolist() == [np.inf, -np.inf]
    assert np.all(np.isinf(found.se[:2]))
    assert np.isnan(found.theta[2])
    assert np.isfinite(found.theta[3])
    weighted = wle(models, matrix)
    assert np.all(np.isfinite(weighted.theta[[0, 1, 3]]))
    bayes = eap(models, matrix)
    assert bayes.theta[2] == pytest.approx(0, abs=1e-9)
    assert bayes.se[2] == pytest.approx(1, abs=1e-7)


def test_rasch_score_is_sufficient() -> None:
    """With Rasch items people with the same total have the same ability, whatever they solved."""
    models = simulate_items(Rasch, 12, rng=1)
    rows = np.random.default_rng(1).permuted(np.tile([1] * 7 + [0] * 5, (6, 1)), axis=1)
    for verb in (eap, map_estimate, ml, wle):
        assert np.ptp(verb(models, rows.astype(np.int8)).theta) < 1e-9


def test_sum_score_eap_counts_every_pattern() -> None:
    """The table equals sums over all patterns of mixed kinds with the same total."""
    models = (TwoPL(1.2, -0.5), GradedResponse(1.1, (-0.5, 0.8)), ThreePL(1.5, 0.3, 0.2))
    prior = brute.weights_of(FINE)
    mass: dict[int, NDArray[np.float64]] = {}
    for pattern in itertools.product(range(2), range(3), range(2)):
        product = prior * brute.likelihoods(models, pattern, FINE)
        mass[sum(pattern)] = mass.get(sum(pattern), 0) + product
    table = sum_score_eap(models)
    for s, joint in mass.items():
        mean = float(joint @ FINE / joint.sum())
        assert table.probability[s] == pytest.approx(joint.sum(), abs=1e-8)
        assert table.theta[s] == pytest.approx(mean, abs=1e-6)
        assert table.se[s] ** 2 == pytest.approx(joint @ (FINE - mean) ** 2 / joint.sum(), abs=1e-6)
    assert np.isnan(sum_score_eap(models, points=[2, 2, 2]).theta[1])


def test_plausible_values_have_the_posteriors_moments() -> None:
    """Over many draws each person's values have the EAP as mean and its error as sd."""
    models = simulate_items(TwoPL, 20, rng=1)
    data = simulate_responses(models, simulate_abilities(40, rng=2), rng=3)
    draws = plausible_values(models, data, draws=4000, rng=5)
    found = eap(models, data)
    z = (draws.mean(axis=1) - found.theta) / (found.se / np.sqrt(4000))
    assert np.abs(z).max() < 4.5
    assert draws.std(axis=1) / found.se == pytest.approx(1, abs=0.06)
    assert np.array_equal(draws, plausible_values(models, data, draws=4000, rng=5))


def test_known_ability_on_nodes_is_used_as_given() -> None:
    """A distribution on nodes, as a calibration returns it, gives the posterior on these nodes."""
    models = simulate_items(TwoPL, 10, rng=1)
    matrix = answers(models, 5)
    theta = np.linspace(-4, 4, 41)
    weights = brute.weights_of(theta, 0.3, 0.8)
    mean, _ = brute.moments(models, matrix, theta, weights)
    assert eap(models, matrix, population=KnownAbility(theta, weights[None])).theta == (
        pytest.approx(mean, abs=1e-10)
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_abilities_stay_in_their_bounds(seed: int, kind: type[ItemModel]) -> None:
    """EAP lies within the nodes, its error is moderate, and WLE is finite."""
    models = simulate_items(kind, 8, rng=seed)
    matrix = answers(models, 6, seed % 1000)
    found = eap(models, matrix)
    assert np.all(np.abs(found.theta) < 6)
    assert np.all((found.se > 0) & (found.se < 1.6))
    assert np.all(np.isfinite(wle(models, np.maximum(matrix, 0)).theta))


@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS), st.floats(-4, 4))
def test_more_items_never_carry_less_information(
    seed: int, kind: type[ItemModel], theta: float
) -> None:
    """Every item's information is at least 0, so that of a test only grows with items."""
    values = [float(m.information(theta)) for m in simulate_items(kind, 5, rng=seed)]
    assert min(values) >= 0
    assert np.all(np.diff(np.cumsum(values)) >= 0)


def test_responses_must_fit_the_models() -> None:
    """Too many items or a category the model lacks is a ValueError that names the item."""
    models = simulate_items(TwoPL, 3, rng=1)
    with pytest.raises(ValueError, match="item 1"):
        eap(models, np.array([[0, 2, 1]], np.int8))
    with pytest.raises(ValueError, match="4 items"):
        ml(models, np.zeros((1, 4), np.int8))


@pytest.mark.parametrize("sparse", [False, True])
def test_a_population_per_person_is_that_persons_prior(sparse: bool) -> None:
    """Each person's mean and mode are those of direct summation under that person's own normal."""
    models = simulate_items(TwoPL, 8, rng=1) + simulate_items(ThreePL, 4, rng=2)
    given = answers(tuple(models), 12)
    means, sd = np.linspace(-2.5, 3.0, 12), 0.8
    data = ResponseSet.dense(given)
    who = PersonAbility(means, sd)
    found = eap(models, data.to_sparse() if sparse else data, population=who)
    modes = map_estimate(models, data, population=who)
    draws = plausible_values(models, data, draws=4000, rng=5, population=who)
    for n, mean in enumerate(means.tolist()):
        post = np.exp(-(((FINE - mean) / sd) ** 2) / 2) * brute.likelihoods(models, given[n], FINE)
        post /= post.sum()
        assert found.theta[n] == pytest.approx(post @ FINE, abs=1e-6)
        assert found.se[n] == pytest.approx(np.sqrt(post @ (FINE - post @ FINE) ** 2), abs=1e-6)
        assert modes.theta[n] == pytest.approx(FINE[np.argmax(post)], abs=0.0051)
        assert draws[n].mean() == pytest.approx(found.theta[n], abs=5 * found.se[n] / 60)
    with pytest.raises(ValueError, match="11 ability means"):
        eap(models, data, population=PersonAbility(means[:11]))
