"""Random-intercept logistic regression."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from fazhi_exam.errors import DidNotConverge
from fazhi_exam.statistics.mixed_logistic import MixedLogistic, fit_mixed_logistic

from ..reference.statistics_published import CBPP, CBPP_DEVIANCE, CBPP_EFFECTS


def cbpp(nodes: int) -> MixedLogistic:
    """Fit the herds with an effect of each period."""
    herd, incidence, size, period = np.array(CBPP).T
    columns = [np.ones(len(CBPP)), *(period == p for p in (2, 3, 4))]
    return fit_mixed_logistic(incidence, size, np.column_stack(columns), herd, nodes=nodes)


def test_cbpp_matches_lme4() -> None:
    """glmer(nAGQ = 25): deviance 100.010030538, fixed effects as lme4's own test has them."""
    fit = cbpp(25)
    assert fit.deviance == pytest.approx(CBPP_DEVIANCE, abs=2e-8)
    assert fit.coefficients == pytest.approx(CBPP_EFFECTS, abs=2e-5)


def test_fewer_nodes_come_to_the_same() -> None:
    """Nine nodes are as good as 25 to five digits."""
    few, many = cbpp(9), cbpp(25)
    assert few.deviance == pytest.approx(many.deviance, rel=1e-6)
    assert few.coefficients == pytest.approx(many.coefficients, abs=1e-4)


def test_likelihood_and_effects_are_those_of_direct_integration() -> None:
    """Two small units, integrated by scipy: same likelihood, same posterior mean of the effect."""
    k, n, unit = np.array([1, 3, 4, 2]), np.array([4, 5, 4, 6]), np.array([1, 1, 2, 2])
    x = np.column_stack([np.ones(4), [0, 1, 0, 1]])
    fit = fit_mixed_logistic([*k, 9, 1], [*n, 10, 10], np.vstack([x, x[:1], x[:1]]), [*unit, 3, 4])

    def density(u: float, rows: np.ndarray) -> float:
        rate = special.expit(x[rows] @ fit.coefficients + fit.spread * u)
        return float(np.prod(stats.binom.pmf(k[rows], n[rows], rate)) * stats.norm.pdf(u))

    for place, rows in enumerate((unit == 1, unit == 2)):
        total = integrate.quad(density, -9, 9, args=(rows,), epsabs=1e-13)[0]
        mean = integrate.quad(lambda u, r=rows: u * density(u, r), -9, 9, epsabs=1e-13)[0] / total
        assert fit.effect[place] == pytest.approx(fit.spread * mean, rel=1e-5)


def test_parameters_are_recovered_and_errors_are_honest() -> None:
    """In 60 simulated provinces, the true slope lies within 1.96 errors in 88 to 100 % of cases."""
    rng = np.random.default_rng(1)
    unit = np.repeat(np.arange(60), 3)
    x = np.column_stack([np.ones(180), np.tile([0.0, 1.0, 2.0], 60)])
    inside, spread = [], []
    for _ in range(60):
        linear = x @ [1.0, 0.3] + 0.7 * rng.normal(size=60)[unit]
        fit = fit_mixed_logistic(rng.binomial(20, special.expit(linear)), 20, x, unit)
        inside.append(abs(fit.coefficients[1] - 0.3) < 1.96 * fit.errors[1])
        spread.append(fit.spread)
    assert 0.88 <= np.mean(inside) <= 1
    assert np.mean(spread) == pytest.approx(0.7, abs=0.04)


def test_without_spread_it_is_plain_logistic_regression() -> None:
    """If units are exactly alike the spread is 0 and effects are the log odds."""
    fit = fit_mixed_logistic(
        [7] * 8 + [5] * 8, 10, np.column_stack([np.ones(16), [0] * 8 + [1] * 8]), list(range(8)) * 2
    )
    assert fit.spread == 0
    assert np.isinf(fit.spread_error)
    assert fit.coefficients == pytest.approx([np.log(7 / 3), -np.log(7 / 3)], abs=1e-6)
    assert fit.errors[0] == pytest.approx(1 / np.sqrt(8 * 10 * 0.21), rel=1e-5)


def test_predictions() -> None:
    """A unit with effect 0 has the typical rate; the average is pulled towards one half."""
    fit = cbpp(15)
    row = np.array([[1.0, 0, 0, 0]])
    typical, average = float(fit.typical(row)[0]), float(fit.average(row)[0])
    assert typical == pytest.approx(special.expit(fit.coefficients[0]))
    expected = integrate.quad(
        lambda u: special.expit(fit.coefficients[0] + fit.spread * u) * stats.norm.pdf(u), -9, 9
    )[0]
    assert average == pytest.approx(expected, rel=1e-8)
    assert typical < average < 0.5
    rate = fit.predict(row, [14])
    assert rate == pytest.approx(special.expit(fit.coefficients[0] + fit.effect[13]))
    with pytest.raises(ValueError, match="not part"):
        fit.predict(row, [99])
    with pytest.raises(ValueError, match="covariates"):
        fit.typical([[1.0]])


def test_rows_may_come_in_any_order_and_be_empty() -> None:
    """Order and rows with nobody change nothing; labels come back sorted."""
    rng = np.random.default_rng(2)
    unit = np.repeat([30, 10, 20, 40], 5)
    k = rng.binomial(9, 0.4, 20)
    x = np.column_stack([np.ones(20), rng.normal(size=20)])
    order = rng.permutation(20)
    first = fit_mixed_logistic(k, 9, x, unit)
    second = fit_mixed_logistic(
        [*k[order], 0], [*np.full(20, 9), 0], np.vstack([x[order], [1, 5]]), [*unit[order], 50]
    )
    assert second.units.tolist() == [10, 20, 30, 40]
    assert second.coefficients == pytest.approx(first.coefficients, abs=1e-6)
    assert second.effect == pytest.approx(first.effect, abs=1e-5)


def test_separation_is_reported() -> None:
    """A covariate that decides everything has no finite effect: an error says so."""
    x = np.column_stack([np.ones(8), [0, 1] * 4])
    with pytest.raises(DidNotConverge):
        fit_mixed_logistic([0, 9] * 4, 9, x, [1, 1, 2, 2, 3, 3, 4, 4])


def test_a_period_in_which_all_passed_is_reported() -> None:
    """An effect of a period without a single fail is infinite; the fit says so."""
    x = np.column_stack([np.ones(12), [0, 0, 1] * 4])
    with pytest.raises(DidNotConverge):
        fit_mixed_logistic([5, 7, 9, 6, 6, 9, 3, 5, 9, 8, 7, 9], 9, x, np.repeat([1, 2, 3, 4], 3))


def test_people_and_cells_give_the_same_fit() -> None:
    """One row per person or one per cell: same effects, errors and spread."""
    rng = np.random.default_rng(3)
    unit, x = np.repeat(np.arange(12), 2), np.column_stack([np.ones(24), [0, 1] * 12])
    n = rng.integers(3, 9, 24)
    k = rng.binomial(n, rng.beta(4, 2, 12)[unit])
    cells = fit_mixed_logistic(k, n, x, unit)
    row = np.repeat(np.arange(24), n)
    one = np.concatenate([np.arange(m) < j for j, m in zip(k, n, strict=True)])
    people = fit_mixed_logistic(one, 1, x[row], unit[row])
    assert people.coefficients == pytest.approx(cells.coefficients, abs=1e-6)
    assert people.errors == pytest.approx(cells.errors, rel=1e-4)
    assert people.spread == pytest.approx(cells.spread, abs=1e-6)


@pytest.mark.parametrize(
    ("passed", "sat", "x", "unit", "problem"),
    [
        ([1, 2], [3, 3], [[1.0], [1.0]], [1, 1], "two units"),
        ([3, 3], [3, 3], [[1.0], [1.0]], [1, 2], "all passed"),
        ([1, 2], [3, 3], [[1.0, 2], [1, 2]], [1, 2], "dependent"),
        ([1, np.nan], [3, 3], [[1.0], [1]], [1, 2], "counts"),
        ([1, 2], [3, 3], [[1.0], [np.nan]], [1, 2], "finite"),
        ([1, 2], [3, 3], [[1.0]], [1, 2], "shape"),
    ],
)
def test_bad_input_is_refused(
    passed: list[float], sat: list[int], x: list[list[float]], unit: list[int], problem: str
) -> None:
    """Each impossible input is an error that names what is wrong."""
    with pytest.raises(ValueError, match=problem):
        fit_mixed_logistic(passed, sat, x, unit)
