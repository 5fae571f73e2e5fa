"""Marginal calibration against published values, direct summation and known truth."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fazhi_exam.engines import Serial, Threads
from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics import mml_information, standard_errors
from fazhi_exam.psychometrics.ability import eap
from fazhi_exam.psychometrics.grid import Ability, Expected, GridData
from fazhi_exam.psychometrics.kernels import internal
from fazhi_exam.psychometrics.mml import (
    AbilityShape,
    MMLFit,
    NoteKind,
    WeakReason,
    fit_mml,
    people_needed,
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
from fazhi_exam.psychometrics.plan import Equal, make_plan
from fazhi_exam.psychometrics.priors import Beta, ItemPrior, LogNormal, Normal, Parameter
from fazhi_exam.psychometrics.quadrature import even_nodes, normal_log_weights
from fazhi_exam.psychometrics.responses import ResponseSet
from fazhi_exam.psychometrics.simulate import (
    simulate_abilities,
    simulate_items,
    simulate_presented,
    simulate_responses,
)
from fazhi_exam.psychometrics.standard_errors import InformationKind
from fazhi_exam.psychometrics.sum_score import SumScoreData

from . import brute

# Counts of the 32 answer patterns 00000, 00001, …, 11111 of sections 6 and 7 of the Law School
# Admission Test: Bock and Lieberman (1970), Psychometrika 35:179-197.
LSAT6 = [3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15]
LSAT6 += [10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298]
LSAT7 = [12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28]
LSAT7 += [7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308]
PATTERNS = (np.arange(32)[:, None] >> np.arange(4, -1, -1) & 1).astype(np.int8)


def people(counts: list[int]) -> NDArray[np.int8]:
    """One row per person."""
    return np.repeat(PATTERNS, counts, axis=0)


def slopes(fit: MMLFit) -> NDArray[np.float64]:
    """Slopes of all items."""
    return np.array([m.slope_intercept().slopes[0] for m in fit.models])


def test_lsat7_two_parameters() -> None:
    """LSAT 7, 2PL: log-likelihood -2658.805 and the slopes and intercepts every program prints."""
    fit = fit_mml(people(LSAT7), models=TwoPL)
    assert fit.log_likelihood == pytest.approx(-2658.805, abs=1e-3)
    intercepts = [m.slope_intercept().intercepts[0] for m in fit.models]
    assert slopes(fit) == pytest.approx([0.988, 1.081, 1.706, 0.765, 0.736], abs=2e-3)
    assert intercepts == pytest.approx([1.856, 0.808, 1.804, 0.486, 1.855], abs=2e-3)
    assert fit.convergence.converged
    assert fit.convergence.distance < 1e-6


def test_lsat6_two_parameters() -> None:
    """LSAT 6, 2PL, as printed by Rizopoulos (2006), J. Statistical Software 17(5), ltm."""
    fit = fit_mml(people(LSAT6), models=TwoPL)
    assert fit.log_likelihood == pytest.approx(-2466.653, abs=2e-3)
    assert slopes(fit) == pytest.approx([0.8254, 0.7229, 0.8905, 0.6886, 0.6575], abs=2e-3)
    b = [m.parameters[1] for m in fit.models]
    assert b == pytest.approx([-3.3597, -1.3696, -0.2799, -1.8659, -3.1236], abs=6e-3)


def test_lsat6_one_parameter() -> None:
    """LSAT 6 with one common slope: 0.755, log-likelihood -2466.938 (Rizopoulos 2006)."""
    fit = fit_mml(people(LSAT6), models=TwoPL, equal=[Equal(Parameter.SLOPE)])
    assert fit.log_likelihood == pytest.approx(-2466.938, abs=2e-3)
    assert slopes(fit) == pytest.approx([0.7551] * 5, abs=1e-3)
    b = [m.parameters[1] for m in fit.models]
    assert b == pytest.approx([-3.6153, -1.3224, -0.3176, -1.7301, -2.7802], abs=3e-3)


def test_rasch_is_the_one_parameter_model_rescaled() -> None:
    """Slope 1 with a free sd and one free slope with sd 1 have the same maximum."""
    rasch = fit_mml(people(LSAT6), models=Rasch)
    one = fit_mml(people(LSAT6), models=TwoPL, equal=[Equal(Parameter.SLOPE)])
    assert rasch.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    assert rasch.population.sds[0] == pytest.approx(slopes(one)[0], abs=1e-6)
    assert rasch.population.sd_se[0] == pytest.approx(one.standard_errors[0][0], rel=1e-4)


def test_pattern_weights_stand_for_people() -> None:
    """32 weighted patterns and the 1,000 people give the same estimates and standard errors."""
    weighted = ResponseSet.dense(PATTERNS, weights=LSAT7)
    one = fit_mml(weighted, models=TwoPL)
    two = fit_mml(people(LSAT7), models=TwoPL)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-8)
    assert np.array(one.standard_errors) == pytest.approx(np.array(two.standard_errors), rel=1e-4)


MIXED: tuple[ItemModel, ...] = (
    TwoPL(1.2, -0.5),
    ThreePL(1.4, 0.3, 0.2),
    GradedResponse(1.1, (-1.0, 0.2, 0.9)),
    GeneralisedPartialCredit(0.9, (-0.6, 0.4)),
    Nominal((0.0, 0.8, 1.5), (0.0, 0.6, 0.1)),
    FourPL(1.5, -0.2, 0.15, 0.93),
    TwoPL(0.9, 0.7),
    GradedResponse(1.6, (-0.3, 0.5)),
)


def natural_loglik(fit: MMLFit, matrix: NDArray[np.int8]) -> float:
    """Log-likelihood of a fit's own models by plain loops on its own nodes."""
    p = fit.population
    return float(brute.loglik(fit.models, matrix, p.nodes, p.weights[0]).sum())


@pytest.mark.parametrize("missing", [0.0, 0.2, 0.7])
def test_mixed_kinds_have_the_likelihood_of_plain_loops(missing: float) -> None:
    """Kinds mixed in one calibration, with missing answers: the log-likelihood is the plain sum."""
    data = simulate_responses(MIXED, simulate_abilities(400, rng=1), rng=2).to_dense().copy()
    data[np.random.default_rng(3).random(data.shape) < missing] = -1
    fit = fit_mml(data, models=[type(m) for m in MIXED], minimum_people=0, information=None)
    assert natural_loglik(fit, data) == pytest.approx(fit.log_likelihood, abs=1e-9 * 400)


def test_estimate_is_a_maximum_and_observed_information_its_curvature() -> None:
    """Differences of the plain-loop likelihood: the first are zero, the second the information."""
    truth = (
        TwoPL(1.2, -0.5),
        ThreePL(1.3, 0.2, 0.2),
        GradedResponse(1.4, (-0.5, 0.6)),
        TwoPL(0.9, 0.3),
    )
    data = simulate_responses(truth, simulate_abilities(1500, rng=4), rng=5).to_dense()
    prior = [ItemPrior(Parameter.LOGIT_LOWER, Normal(-1.4, 0.5))]
    fit = fit_mml(data, models=[type(m) for m in truth], priors=prior, minimum_people=0)
    unique, counts = np.unique(data, axis=0, return_counts=True)
    plan = make_plan(
        [type(m) for m in fit.models],
        np.ones((4, 3)),
        categories=np.array([2, 2, 3, 2]),
        anchors={},
        equal=(),
        start=fit.models,
    )
    nodes, weights = fit.population.nodes, fit.population.weights[0]

    def value(phi: NDArray[np.float64]) -> float:
        etas = plan.eta(phi)
        models = plan.models(etas)
        c = internal(models[1])[2]
        total = float(counts @ brute.loglik(models, unique, nodes, weights))
        return total - 0.5 * ((c + 1.4) / 0.5) ** 2

    point, h = plan.start, 1e-3
    eye = np.eye(point.size) * h
    gradient = np.array([(value(point + e) - value(point - e)) / (2 * h) for e in eye])
    hessian = np.array(
        [
            [
                value(point + a + b) - value(point + a - b) - value(point - a + b)
                + value(point - a - b)
                for b in eye
            ]
            for a in eye
        ]
    ) / (4 * h * h)  # fmt: skip
    assert fit.covariance is not None
    error = np.sqrt(np.diag(fit.covariance))
    assert np.abs(gradient * error).max() < 1e-3
    expected = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    assert error == pytest.approx(expected, rel=2e-4)


def test_cross_product_information_is_the_sum_over_people() -> None:
    """Cross-products are those of numeric scores by pattern; the sandwich joins both matrices."""
    fit = fit_mml(people(LSAT7), models=TwoPL, information=InformationKind.CROSS_PRODUCT)
    nodes, weights = fit.population.nodes, fit.population.weights[0]
    start = np.array([(m.a, -m.a * m.b) for m in fit.models if isinstance(m, TwoPL)]).ravel()

    def each(x: NDArray[np.float64]) -> NDArray[np.float64]:
        models = [TwoPL(a, -d / a) for a, d in x.reshape(-1, 2)]
        return brute.loglik(models, PATTERNS, nodes, weights)

    h = 1e-4
    scores = np.array([(each(start + e) - each(start - e)) / (2 * h) for e in np.eye(10) * h])
    cross = (scores * np.array(LSAT7)) @ scores.T
    assert fit.covariance is not None
    assert fit.covariance == pytest.approx(np.linalg.inv(cross), rel=1e-3, abs=1e-6)
    observed = fit_mml(people(LSAT7), models=TwoPL)
    sandwich = fit_mml(people(LSAT7), models=TwoPL, information=InformationKind.SANDWICH)
    assert observed.covariance is not None
    assert sandwich.covariance is not None
    joined = observed.covariance @ cross @ observed.covariance
    assert sandwich.covariance == pytest.approx(joined, rel=1e-3, abs=1e-6)


def test_large_sittings_take_their_information_from_a_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of the people, evenly over the scores, give standard errors within 4 %; it is noted."""
    truth = simulate_items(TwoPL, 12, rng=1)
    data = simulate_responses(truth, simulate_abilities(3000, rng=2), rng=3)
    exact = np.array(fit_mml(data).standard_errors)
    monkeypatch.setattr(mml_information, "_EXACT_INFORMATION", 2000)
    monkeypatch.setattr(mml_information, "_SAMPLE_FOR_INFORMATION", 1500)
    fit = fit_mml(data)
    assert [n.kind for n in fit.notes] == [NoteKind.SAMPLED_INFORMATION]
    assert np.array(fit.standard_errors) == pytest.approx(exact, rel=0.04)


def test_large_banks_take_items_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without products between items the errors shrink by a few percent; it is noted."""
    truth = simulate_items(TwoPL, 60, rng=1)
    presented = simulate_presented(4000, 60, per_person=20, rng=2)
    data = simulate_responses(truth, simulate_abilities(4000, rng=3), rng=4, presented=presented)
    exact = np.array(fit_mml(data).standard_errors)
    monkeypatch.setattr(standard_errors, "_DENSE_LIMIT", 10)
    fit = fit_mml(data)
    ratio = np.array(fit.standard_errors) / exact
    assert [n.kind for n in fit.notes] == [NoteKind.ITEMS_APART]
    assert np.all((ratio > 0.85) & (ratio < 1.03))


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


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_every_model_recovers_its_truth(kind: type[ItemModel]) -> None:
    """Simulated parameters come back, with errors of the size of the standard errors."""
    truth = simulate_items(kind, 12, rng=11)
    data = simulate_responses(truth, simulate_abilities(4000, rng=12), rng=13)
    fit = fit_mml(data, models=kind)
    assert fit.convergence.converged
    t = np.concatenate([m.parameters for m in truth])
    e = np.concatenate([m.parameters for m in fit.models])
    s = np.concatenate(fit.standard_errors)
    free = np.isfinite(s) & (s > 0)
    z = ((e - t) / np.where(free, s, 1.0))[free]
    # Asymptotes and what hangs on them are pulled by the prior, so they scatter less than 1.
    assert 0.4 < np.sqrt(np.mean(z**2)) < 1.35
    assert np.abs(z).max() < 4.5


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_recovery_improves_with_the_square_root_of_people(kind: type[ItemModel]) -> None:
    """Sixteen times the people, a quarter of the error."""
    truth = simulate_items(kind, 20, rng=21)
    error = []
    for people_count in (4000, 64_000):
        theta = simulate_abilities(people_count, rng=22)
        fit = fit_mml(simulate_responses(truth, theta, rng=23), models=kind)
        where = np.linspace(-2, 2, 9)
        gap = [
            f.probabilities(where) - t.probabilities(where)
            for f, t in zip(fit.models, truth, strict=True)
        ]
        error.append(np.sqrt(np.mean([np.mean(g**2) for g in gap])))
    assert 1.8 < error[0] / error[1] < 8


def packed_and_grid(
    data: ResponseSet, models: tuple[ItemModel, ...], means: tuple[float, ...] = (0.0,)
) -> tuple[Expected, Expected]:
    """One pass by sum scores and one on the grid."""
    categories = np.array([m.categories for m in models])
    plan = make_plan(
        [type(m) for m in models],
        np.ones((len(models), int(categories.max()))),
        categories=categories,
        anchors=dict(enumerate(models)),
        equal=(),
        start=None,
    )
    theta = even_nodes(61).theta
    etas = plan.eta(np.zeros(0))
    log_p, _ = plan.log_p(etas, theta)
    ability = Ability(theta, np.stack([normal_log_weights(theta, m) for m in means]))
    form = plan.category_form(etas)
    one = SumScoreData.prepare(data, categories, Serial()).expect(log_p, ability, *form)
    two = GridData.prepare(data, categories, Serial()).expect(log_p, ability)
    return one, two


def test_sum_scores_give_what_the_grid_gives() -> None:
    """Cumulant tables and packed codes equal direct summation: 1e-9 per person."""
    models = (
        *simulate_items(TwoPL, 14, rng=1),
        *simulate_items(GeneralisedPartialCredit, 5, rng=2),
        *simulate_items(Nominal, 3, rng=3),
        TwoPL(-0.6, 0.4),
    )
    n = 3000
    groups = np.arange(n) % 2
    data = simulate_responses(models, simulate_abilities(n, rng=4), rng=5, groups=groups)
    weighted = ResponseSet.dense(data.to_dense(), groups=groups, weights=np.linspace(0.5, 1.5, n))
    for given in (data, weighted):
        one, two = packed_and_grid(given, models, (0.0, 0.3))
        assert one.loglik == pytest.approx(two.loglik, abs=1e-9 * n)
        assert one.counts == pytest.approx(two.counts, abs=1e-7)
        assert one.moments == pytest.approx(two.moments, abs=1e-7)
        assert one.group_mass == pytest.approx(two.group_mass, abs=1e-7)


def test_many_parts_add_up() -> None:
    """People cut into several parts, in different orders by the two methods, give the same sums."""
    models = simulate_items(TwoPL, 6, rng=1)
    n = 150_000
    data = simulate_responses(models, simulate_abilities(n, rng=2), rng=3)
    one, two = packed_and_grid(data, models)
    assert one.loglik == pytest.approx(two.loglik, abs=1e-10 * n)
    assert one.moments == pytest.approx(two.moments, rel=1e-10)
    patterns, counts = np.unique(data.to_dense(), axis=0, return_counts=True)
    theta = even_nodes(61).theta
    direct = brute.loglik(models, patterns, theta, brute.weights_of(theta))
    assert one.loglik == pytest.approx(float(counts @ direct), rel=1e-13)


def test_grid_pass_is_direct_summation() -> None:
    """Node windows lose less than 1e-9 a person against plain loops."""
    models = simulate_items(ThreePL, 30, rng=6)
    data = simulate_responses(models, simulate_abilities(200, rng=7), rng=8)
    theta = even_nodes(61).theta
    table = np.concatenate([np.log(m.probabilities(theta)).T for m in models])
    grid = GridData.prepare(data, np.full(30, 2), Serial())
    ability = Ability(theta, normal_log_weights(theta)[None])
    first = grid.expect(table, ability)
    again = grid.expect(table, ability, first.windows)
    direct = brute.loglik(models, data.to_dense(), theta, brute.weights_of(theta))
    assert first.loglik == pytest.approx(direct.sum(), abs=1e-9 * 200)
    assert again.loglik == pytest.approx(direct.sum(), abs=1e-9 * 200)
    assert again.table == pytest.approx(first.table, abs=1e-8)


@pytest.mark.parametrize("kind", [TwoPL, ThreePL])
def test_engines_agree_bit_for_bit(kind: type[ItemModel]) -> None:
    """Serial and threads return identical numbers: chunks depend on data, sums keep order."""
    models = simulate_items(kind, 15, rng=1)
    data = simulate_responses(models, simulate_abilities(140_000, rng=2), rng=3)
    one = fit_mml(data, models=kind, most_passes=4, information=None, engine=Serial())
    two = fit_mml(data, models=kind, most_passes=4, information=None, engine=Threads(2))
    assert one.log_likelihood == two.log_likelihood
    assert one.models == two.models


def test_sparse_and_dense_agree() -> None:
    """Randomised papers stored by answers or as a matrix with -1: the same calibration."""
    models = simulate_items(TwoPL, 40, rng=1)
    presented = simulate_presented(3000, 40, per_person=15, rng=2)
    data = simulate_responses(models, simulate_abilities(3000, rng=3), rng=4, presented=presented)
    one = fit_mml(data, models=TwoPL)
    two = fit_mml(ResponseSet.dense(data.to_dense()), models=TwoPL)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-7)
    assert slopes(one) == pytest.approx(slopes(two), abs=1e-7)
    assert np.array(one.standard_errors) == pytest.approx(np.array(two.standard_errors), rel=1e-5)


def test_order_of_people_and_items_does_not_matter() -> None:
    """Permuted rows and columns give the permuted result."""
    models = simulate_items(GradedResponse, 8, rng=1)
    data = simulate_responses(models, simulate_abilities(1500, rng=2), rng=3).to_dense()
    rows, columns = (
        np.random.default_rng(4).permutation(1500),
        np.random.default_rng(5).permutation(8),
    )
    one = fit_mml(data, models=GradedResponse)
    two = fit_mml(data[rows][:, columns], models=GradedResponse)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-8)
    assert slopes(two) == pytest.approx(slopes(one)[columns], abs=1e-6)


def test_accelerated_point_is_not_below_plain_em() -> None:
    """Plain EM to 1e-8 on the same nodes, written out here, ends no higher than the calibration."""
    models = simulate_items(TwoPL, 10, rng=1)
    data = simulate_responses(models, simulate_abilities(1000, rng=2), rng=3).to_dense()
    theta = even_nodes(61).theta
    fit = fit_mml(data, models=TwoPL, nodes=even_nodes(61))
    x, w = data.astype(float), brute.weights_of(theta)
    a, d = np.ones(10), np.zeros(10)
    last = -np.inf
    for _ in range(2000):
        z = np.outer(theta, a) + d
        p = 1 / (1 + np.exp(-z))
        log = x @ np.log(p).T + (1 - x) @ np.log(1 - p).T + np.log(w)
        top = log.max(1, keepdims=True)
        post = np.exp(log - top)
        total = float((np.log(post.sum(1)) + top[:, 0]).sum())
        if total - last < 1e-8:
            break
        last = total
        post /= post.sum(1, keepdims=True)
        n, r = post.sum(0), post.T @ x
        for _ in range(3):
            p = 1 / (1 + np.exp(-(np.outer(theta, a) + d)))
            e, v = r - n[:, None] * p, n[:, None] * p * (1 - p)
            g = np.stack([(e * theta[:, None]).sum(0), e.sum(0)])
            h11, h12, h22 = (v * theta[:, None] ** 2).sum(0), (v * theta[:, None]).sum(0), v.sum(0)
            det = h11 * h22 - h12**2
            a, d = a + (h22 * g[0] - h12 * g[1]) / det, d + (h11 * g[1] - h12 * g[0]) / det
    assert fit.log_likelihood >= last - 1e-3
    assert fit.log_likelihood == pytest.approx(last, abs=1e-3)


def test_groups_recover_their_means() -> None:
    """Two groups of different level and spread, one scale: means and sds come back."""
    models = simulate_items(TwoPL, 20, rng=1)
    theta = np.concatenate(
        [simulate_abilities(2500, rng=2), simulate_abilities(2500, rng=3, mean=0.6, sd=1.3)]
    )
    groups = np.repeat([0, 1], 2500)
    data = simulate_responses(models, theta, rng=4, groups=groups)
    fit = fit_mml(data, models=TwoPL)
    p = fit.population
    assert np.isnan(p.mean_se[0])
    assert abs(p.means[1] - 0.6) < 4 * p.mean_se[1] < 0.3
    assert abs(p.sds[1] - 1.3) < 4 * p.sd_se[1] < 0.3
    rows = [p.weights[g] for g in groups[::50]]
    direct = brute.loglik(fit.models, data.to_dense()[::50], p.nodes, np.array(rows)).sum()
    sub = ResponseSet.dense(data.to_dense()[::50], groups=groups[::50])
    again = fit_mml(
        sub, anchors=dict(enumerate(fit.models)), minimum_people=0, most_passes=2, information=None
    )
    assert again.log_likelihood >= direct - 1e-6


@pytest.mark.parametrize("people_count", [3000, 25_000])
def test_latent_regression_recovers_its_coefficients(people_count: int) -> None:
    """Ability regressed on covariates, by grid and by sum scores: coefficients come back."""
    rng = np.random.default_rng(1)
    x = np.column_stack([rng.standard_normal(people_count), rng.random(people_count) < 0.4])
    beta = np.array([0.5, -0.4])
    theta = x @ beta + rng.standard_normal(people_count)
    models = simulate_items(TwoPL, 15, rng=2)
    fit = fit_mml(simulate_responses(models, theta, rng=3), models=TwoPL, covariates=x)
    p = fit.population
    assert fit.convergence.converged
    assert np.all(np.abs(p.coefficients - beta) < 4 * p.coefficient_se)
    assert np.all(p.coefficient_se < 3.0 / np.sqrt(people_count) * 1.5)
    with pytest.raises(ValueError, match="ability_given"):
        _ = fit.ability
    # At the maximum of the likelihood the score of the regression is zero: the residuals of the
    # posterior means are orthogonal to the covariates.
    everybody = fit.ability_given(x)
    scores = eap(fit.models, simulate_responses(models, theta, rng=3), population=everybody)
    assert np.abs(x.T @ (scores.theta - everybody.means)).max() < 1e-3 * np.sqrt(people_count)


def test_histogram_follows_a_skewed_population() -> None:
    """On a skewed population the histogram fits better and is skewed; mean 0 and sd 1 hold."""
    models = simulate_items(TwoPL, 25, rng=1)
    data = simulate_responses(models, simulate_abilities(4000, rng=2, skew=-1.5), rng=3)
    normal = fit_mml(data, models=TwoPL)
    shaped = fit_mml(data, models=TwoPL, ability=AbilityShape.HISTOGRAM)
    assert shaped.log_likelihood > normal.log_likelihood + 20
    p = shaped.population
    w = p.weights[0]
    assert w @ p.nodes == pytest.approx(0, abs=1e-9)
    assert w @ p.nodes**2 == pytest.approx(1, abs=1e-9)
    assert w @ p.nodes**3 < -0.7
    assert natural_loglik(shaped, data.to_dense()) == pytest.approx(shaped.log_likelihood, abs=1e-4)


def test_scores_use_the_estimated_population() -> None:
    """A fit's ability distribution goes into `eap`: the mean ability is the population's."""
    truth = simulate_items(TwoPL, 20, rng=1)
    data = simulate_responses(truth, simulate_abilities(1500, rng=2, mean=0.7), rng=3)
    fit = fit_mml(data, anchors=dict(enumerate(truth)))
    scores = eap(fit.models, data, population=fit.ability)
    assert scores.theta.mean() == pytest.approx(fit.population.means[0], abs=1e-6)


def test_anchors_stay_and_the_population_moves() -> None:
    """Fixed items stay, new ones land on their scale, the new sitting's mean is found."""
    truth = simulate_items(TwoPL, 30, rng=1)
    data = simulate_responses(truth, simulate_abilities(3000, rng=2, mean=0.8, sd=0.7), rng=3)
    anchors = dict(enumerate(truth[:15]))
    fit = fit_mml(data, models=TwoPL, anchors=anchors)
    assert fit.models[:15] == truth[:15]
    assert all(np.isnan(fit.standard_errors[3]))
    p = fit.population
    assert abs(p.means[0] - 0.8) < 4 * p.mean_se[0]
    assert abs(p.sds[0] - 0.7) < 4 * p.sd_se[0]
    z = [
        (f.parameters[1] - t.parameters[1]) / s[1]
        for f, t, s in zip(fit.models[15:], truth[15:], fit.standard_errors[15:], strict=True)
    ]
    assert np.abs(z).max() < 4
    assert not fit.notes


def test_new_items_keep_their_own_model() -> None:
    """Beside anchored 2PL items a new 3PL item is estimated as 3PL."""
    truth = (*simulate_items(TwoPL, 10, rng=1), ThreePL(1.4, 0.5, 0.22))
    data = simulate_responses(truth, simulate_abilities(3000, rng=2), rng=3)
    fit = fit_mml(data, models=ThreePL, anchors=dict(enumerate(truth[:10])))
    assert isinstance(fit.models[0], TwoPL)
    assert isinstance(fit.models[10], ThreePL)


def test_weak_links_are_named() -> None:
    """Two anchors among thirty items are too few, and the fit says so."""
    truth = simulate_items(TwoPL, 30, rng=1)
    data = simulate_responses(truth, simulate_abilities(1000, rng=2), rng=3)
    fit = fit_mml(data, models=TwoPL, anchors={0: truth[0], 1: truth[1]})
    assert "30 items, 1000 people" in repr(fit)
    assert "1 notes" in repr(fit)
    assert [n.kind for n in fit.notes] == [NoteKind.WEAK_LINK]
    assert "锚题" in fit.notes[0].text


@pytest.mark.parametrize("count", [3, 12, 60, 240])
def test_small_sittings_are_refused(count: int) -> None:
    """From 3 to 240 people a 2PL without other knowledge is NotEnoughData with what is needed."""
    data = simulate_responses(
        simulate_items(TwoPL, 20, rng=1), simulate_abilities(count, rng=2), rng=3
    )
    with pytest.raises(NotEnoughData) as error:
        fit_mml(data, models=TwoPL)
    assert (error.value.have, error.value.need) == (count, people_needed(TwoPL))
    assert "先验" in str(error.value)


def test_identical_answers_are_refused() -> None:
    """Where everybody answers alike nothing can be estimated."""
    with pytest.raises(NotEnoughData, match="完全相同"):
        fit_mml(np.ones((600, 5), np.int8), models=Rasch)


@pytest.mark.parametrize("kind", [TwoPL, GradedResponse])
def test_a_wrong_key_is_named(kind: type[ItemModel]) -> None:
    """An item scored the wrong way round gets a negative slope and is named."""
    truth = simulate_items(TwoPL, 12, rng=1)
    data = simulate_responses(truth, simulate_abilities(1200, rng=2), rng=3).to_dense().copy()
    data[:, 5] = 1 - data[:, 5]
    fit = fit_mml(data, models=kind)
    assert slopes(fit)[5] < -0.3
    assert (5, WeakReason.LOW_SLOPE) in [(w.item, w.reason) for w in fit.weak_items]


@pytest.mark.parametrize("count", [10, 30, 60])
def test_small_sittings_with_priors_stay_sensible(count: int) -> None:
    """With priors on slopes and difficulties a handful of people gives moderate parameters."""
    truth = simulate_items(TwoPL, 20, rng=1)
    data = simulate_responses(truth, simulate_abilities(count, rng=2), rng=3)
    priors = [
        ItemPrior(Parameter.SLOPE, LogNormal(0.0, 0.3)),
        ItemPrior(Parameter.DIFFICULTY, Normal(0.0, 1.5)),
    ]
    fit = fit_mml(data, models=TwoPL, priors=priors)
    assert fit.convergence.converged
    values = np.array([m.parameters for m in fit.models])
    assert np.all((values[:, 0] > 0.3) & (values[:, 0] < 3))
    assert np.abs(values[:, 1]).max() < 5


def test_few_people_on_a_fixed_bank_only_move_the_population() -> None:
    """Three people on anchored items: no item changes, and nothing is refused."""
    truth = simulate_items(TwoPL, 20, rng=1)
    data = simulate_responses(truth, simulate_abilities(3, rng=2), rng=3)
    fit = fit_mml(data, anchors=dict(enumerate(truth)))
    assert fit.models == truth
    assert fit.population.sds[0] == 1
    assert [n.kind for n in fit.notes] == [NoteKind.POPULATION_HELD]


def test_ceiling_data_is_calibrated_and_weak_items_named() -> None:
    """97 to 100 % right: finite parameters, all-right items named with what was done."""
    truth = tuple(Rasch(b) for b in np.linspace(-5.0, -3.5, 12))
    data = simulate_responses(truth, simulate_abilities(600, rng=2), rng=3).to_dense().copy()
    data[:, 0] = 1
    assert data.mean() > 0.97
    fit = fit_mml(data, models=Rasch)
    assert fit.convergence.converged
    assert all(np.isfinite(m.parameters[0]) for m in fit.models)
    named = {w.item: w for w in fit.weak_items}
    assert named[0].reason is WeakReason.EMPTY_CATEGORY
    assert "虚拟作答" in named[0].action
    two = fit_mml(data, models=TwoPL)
    assert two.convergence.converged
    values = np.array([m.parameters for m in two.models])
    assert np.all((values[:, 0] > 0.2) & (values[:, 0] < 3))
    assert np.all((values[:, 1] > -12) & (values[:, 1] < -1))
    reasons = {w.item: w.reason for w in two.weak_items}
    assert reasons[0] is WeakReason.EMPTY_CATEGORY
    assert WeakReason.NEARLY_UNANIMOUS in reasons.values()


def test_answers_without_any_ability_are_named() -> None:
    """600 people who answer by chance at 98.5 % have no spread of ability; the fit says so."""
    x = (np.random.default_rng(0).random((600, 50)) < 0.985).astype(np.int8)
    fit = fit_mml(x, models=Rasch)
    assert NoteKind.POPULATION_COLLAPSED in [note.kind for note in fit.notes]
    # Everybody equal, an item's difficulty is the logit of its share of right answers.
    right = x.mean(axis=0)
    wanted = np.log((1 - right) / right)
    assert np.array([m.parameters[0] for m in fit.models]) == pytest.approx(wanted, abs=1e-3)


def test_all_wrong_and_unused_categories_are_named() -> None:
    """An item nobody solved and a graded item with an empty category: named, finite."""
    truth = (*simulate_items(TwoPL, 6, rng=1), GradedResponse(1.0, (-1.0, 0.5, 1.0)))
    data = simulate_responses(truth, simulate_abilities(800, rng=2), rng=3).to_dense().copy()
    data[:, 1] = 0
    data[data[:, 6] == 2, 6] = 1
    fit = fit_mml(data, models=[type(m) for m in truth], minimum_people=0)
    assert {w.item for w in fit.weak_items} >= {1, 6}
    assert all(np.all(np.isfinite(m.parameters)) for m in fit.models)


def test_protection_can_be_declined() -> None:
    """Without protection a nearly unanimous item is only named, and the likelihood is higher."""
    truth = (*simulate_items(TwoPL, 9, rng=1), TwoPL(0.7, -5.0))
    data = simulate_responses(truth, simulate_abilities(700, rng=2), rng=3)
    safe, plain = fit_mml(data), fit_mml(data, protect_weak=False)
    for fit in (safe, plain):
        assert (9, WeakReason.NEARLY_UNANIMOUS) in [(w.item, w.reason) for w in fit.weak_items]
    assert plain.log_likelihood == plain.log_posterior >= safe.log_likelihood


def test_priors_pull_towards_their_centre() -> None:
    """A sharp Beta prior decides the asymptotes; without priors posterior is likelihood."""
    truth = simulate_items(ThreePL, 10, rng=1)
    data = simulate_responses(truth, simulate_abilities(1500, rng=2), rng=3)
    sharp = fit_mml(data, models=ThreePL, priors=[ItemPrior(Parameter.LOWER, Beta(2000, 8000))])
    assert [m.parameters[2] for m in sharp.models] == pytest.approx([0.2] * 10, abs=0.01)
    two = fit_mml(data, models=TwoPL, priors=())
    assert two.log_posterior == two.log_likelihood


def test_rating_scale_shares_its_steps() -> None:
    """Items of a rating scale share steps that sum to 0; partial credit fits no worse."""
    truth = simulate_items(RatingScale, 8, rng=1)
    data = simulate_responses(truth, simulate_abilities(1500, rng=2), rng=3)
    scale = fit_mml(data, models=RatingScale)
    steps = np.array([m.parameters[1:] for m in scale.models])
    assert np.ptp(steps, axis=0) == pytest.approx(0, abs=1e-12)
    assert steps[0].sum() == pytest.approx(0, abs=1e-12)
    free = fit_mml(data, models=PartialCredit)
    assert free.log_likelihood >= scale.log_likelihood
    assert free.n_free - scale.n_free == 8 * 3 - (8 + 2)


def test_nodes_follow_the_test_information() -> None:
    """A long sharp test gets nodes closer than the smallest posterior sd; both are reported."""
    truth = tuple(GradedResponse(2.5, (b - 0.5, b, b + 0.5)) for b in np.linspace(-1, 1, 60))
    data = simulate_responses(truth, simulate_abilities(600, rng=2), rng=3)
    fit = fit_mml(data, models=GradedResponse)
    assert fit.node_spacing <= 1.02 * fit.smallest_posterior_sd < 0.15


def test_progress_can_interrupt() -> None:
    """Every pass reports; raising from the callback stops the work and reaches the caller."""

    class StopHereError(Exception):
        pass

    seen: list[int] = []

    def progress(done: int, total: int) -> None:
        assert 0 < done <= total
        seen.append(done)
        if done == 3:
            raise StopHereError

    with pytest.raises(StopHereError):
        fit_mml(people(LSAT7), models=TwoPL, progress=progress)
    assert seen == [1, 2, 3]


def test_the_start_on_a_sample_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large sittings start on a sample of people; its passes count as 0 and can be stopped."""
    monkeypatch.setattr("fazhi_exam.psychometrics.mml._LADDER_FROM", 500)
    monkeypatch.setattr("fazhi_exam.psychometrics.mml._LADDER_SAMPLE", 200)
    data = simulate_responses(
        simulate_items(ThreePL, 5, rng=1), simulate_abilities(1000, rng=2), rng=3
    )

    def stop(done: int, total: int) -> None:
        assert done == 0 < total
        raise InterruptedError

    with pytest.raises(InterruptedError):
        fit_mml(data, models=ThreePL, progress=stop)


def test_contradictory_arguments_are_refused() -> None:
    """Wrong numbers of models, categories beyond the stated, anchors outside the test."""
    data = people(LSAT7)
    for call in (
        lambda: fit_mml(data, models=[TwoPL]),
        lambda: fit_mml(data, categories=[2, 2]),
        lambda: fit_mml(data * np.int8(2), categories=[2] * 5),
        lambda: fit_mml(data, anchors={7: TwoPL(1, 0)}),
        lambda: fit_mml(data, covariates=np.zeros((3, 1))),
        lambda: fit_mml(data * np.int8(2), models=TwoPL),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
