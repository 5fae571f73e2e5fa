"""Random-intercept logistic regression by adaptive Gauss-Hermite quadrature."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from ..errors import DidNotConverge
from ..typing import Floats, Ints
from .counts import counts


@dataclass(frozen=True, slots=True)
class MixedLogistic:
    """Logistic regression whose units have normal random intercepts.

    Parameters
    ----------
    coefficients, errors
        Shape (covariates,): fixed effects on the log-odds scale and their standard errors.
    covariance
        Shape (covariates, covariates): of the fixed effects, the spread being estimated.
    spread, spread_error
        Standard deviation of the unit effects and its standard error; the latter is infinite
        when the spread is at its lower bound 0.
    log_likelihood
        Of the counts, binomial coefficients included.
    deviance
        Minus twice the log-likelihood against one rate of its own for every row.
    units
        Shape (units,): sorted unit labels.
    effect, effect_error
        Shape (units,): posterior mean and standard deviation of each unit's effect, the fixed
        effects taken as known.
    nodes
        Quadrature points per unit.
    """

    coefficients: Floats
    errors: Floats
    covariance: Floats
    spread: float
    spread_error: float
    log_likelihood: float
    deviance: float
    units: Ints
    effect: Floats
    effect_error: Floats
    nodes: int

    def predict(self, covariates: ArrayLike, unit: ArrayLike) -> Floats:
        """Rate of known units with given covariates.

        Parameters
        ----------
        covariates
            Shape (rows, covariates).
        unit
            Shape (rows,): labels; an unknown one is a ValueError.
        """
        labels = np.asarray(unit)
        place = np.minimum(np.searchsorted(self.units, labels), self.units.size - 1)
        if not np.array_equal(self.units[place], labels):
            raise ValueError("unit was not part of the fit")
        return np.asarray(special.expit(self._linear(covariates) + self.effect[place]), float)

    def typical(self, covariates: ArrayLike) -> Floats:
        """Rate of a unit with effect 0, shape (rows,)."""
        return np.asarray(special.expit(self._linear(covariates)), float)

    def average(self, covariates: ArrayLike) -> Floats:
        """Rate averaged over all units there might be, shape (rows,)."""
        x, w = np.polynomial.hermite_e.hermegauss(41)
        rates = special.expit(self._linear(covariates)[:, None] + self.spread * x)
        return np.asarray(rates @ (w / w.sum()), float)

    def _linear(self, covariates: ArrayLike) -> Floats:
        x = np.asarray(covariates, float)
        if x.ndim != 2 or x.shape[1] != self.coefficients.size:
            raise ValueError(f"need {self.coefficients.size} covariates per row")
        return np.asarray(x @ self.coefficients, float)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Counts sorted by unit, with the first row of each unit."""

    k: Floats
    n: Floats
    x: Floats
    place: Ints
    start: Ints

    def by_unit(self, rows: Floats) -> Floats:
        return np.asarray(np.add.reduceat(rows, self.start, axis=0), float)


def fit_mixed_logistic(
    passed: ArrayLike,
    sat: ArrayLike,
    covariates: ArrayLike,
    unit: ArrayLike,
    *,
    nodes: int = 15,
) -> MixedLogistic:
    """Fit by maximum likelihood.

    Parameters
    ----------
    passed, sat
        Shape (rows,): counts of cells (or 0/1 of people); rows with nobody drop out.
    covariates
        Shape (rows, covariates): with a column of ones for the intercept; full column rank.
    unit
        Shape (rows,): integer labels of the units.
    nodes
        Quadrature points per unit, at least 5; odd numbers include the mode.

    Raises
    ------
    ValueError
        If shapes differ, a number is missing, fewer than two units have people, all passed or all
        failed, or covariates are linearly dependent.
    DidNotConverge
        If the maximum is not reached, as when a covariate separates passes from fails.

    References
    ----------
    Pinheiro and Bates (1995), JCGS 4:12-35. Same likelihood as ``lme4::glmer(nAGQ=nodes)``.
    """
    data, labels = _sorted_rows(passed, sat, covariates, unit)
    if nodes < 5:
        raise ValueError("need at least 5 nodes")
    rule = _rule(nodes)

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, slope = _likelihood(data, theta, rule)[:2]
        return -value, -slope

    # A start without unit effects; the spread enters by its square, so its sign is free.
    start = np.append(_plain_logistic(data), 0.5)
    tolerance = 1e-8 * float(data.n.sum())
    found = optimize.minimize(loss, start, jac=True, method="BFGS", options={"gtol": tolerance})
    theta, distance = _polished(loss, np.asarray(found.x, float))
    if not distance < 1e-8:
        raise DidNotConverge("随机截距逻辑回归", int(found.nit), distance)
    theta[-1] = abs(theta[-1]) if abs(theta[-1]) > 1e-3 else 0.0
    value, _, effect, effect_error = _likelihood(data, theta, rule)
    covariance, errors = _covariance(_curvature(loss, theta), at_zero=bool(theta[-1] == 0))
    # A covariate that decides everything runs off to where the likelihood is flat.
    if not np.all(errors[:-1] * np.abs(data.x).max(axis=0) < 100):
        raise DidNotConverge("随机截距逻辑回归", int(found.nit), float(np.max(errors[:-1])))
    rate = data.k / data.n
    own = float(np.sum(special.xlogy(data.k, rate) + special.xlog1py(data.n - data.k, -rate)))
    choose = -np.log1p(data.n) - special.betaln(data.n - data.k + 1, data.k + 1)
    return MixedLogistic(
        coefficients=theta[:-1],
        errors=errors[:-1],
        covariance=covariance,
        spread=float(theta[-1]),
        spread_error=float(errors[-1]),
        log_likelihood=value + float(choose.sum()),
        deviance=2 * (own - value),
        units=labels,
        effect=effect,
        effect_error=effect_error,
        nodes=nodes,
    )


def _sorted_rows(
    passed: ArrayLike, sat: ArrayLike, covariates: ArrayLike, unit: ArrayLike
) -> tuple[_Rows, Ints]:
    k, n = (np.atleast_1d(a) for a in counts(passed, sat, empty=True))
    x, label = np.asarray(covariates, float), np.asarray(unit)
    if k.ndim != 1 or x.ndim != 2 or len(x) != k.size or label.shape != k.shape:
        raise ValueError("need counts and units of shape (rows,), covariates of (rows, covariates)")
    if not np.isfinite(x).all() or not np.issubdtype(label.dtype, np.integer):
        raise ValueError("covariates must be finite and units integers")
    some = n > 0
    order = np.argsort(label[some], kind="stable")
    k, n, x, label = (a[some][order] for a in (k, n, x, label))
    labels, start, place = np.unique(label, return_index=True, return_inverse=True)
    if labels.size < 2:
        raise ValueError("need people in at least two units")
    if k.sum() in (0, n.sum()):
        raise ValueError("all passed or all failed: there is nothing to fit")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("covariates are linearly dependent")
    return _Rows(k, n, x, place.reshape(-1), start), labels.astype(np.int64)


def _rule(nodes: int) -> tuple[Floats, Floats]:
    """Nodes and log weights of the integral of exp(f) against nothing, f near -z**2 / 2."""
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    return z, np.log(w) + z**2 / 2 - 0.5 * np.log(2 * np.pi)


def _plain_logistic(data: _Rows) -> Floats:
    """Fit fixed effects without unit effects by a few damped Newton steps."""
    beta = np.zeros(data.x.shape[1])
    for _ in range(25):
        rate = special.expit(data.x @ beta)
        weight = data.n * rate * (1 - rate)
        slope = data.x.T @ (data.k - data.n * rate)
        step = np.linalg.lstsq(data.x.T @ (weight[:, None] * data.x), slope, rcond=None)[0]
        beta = beta + step * min(1.0, 2.0 / max(1e-300, float(np.max(np.abs(step)))))
        if np.max(np.abs(step)) < 1e-8:
            break
    return beta


def _likelihood(
    data: _Rows, theta: Floats, rule: tuple[Floats, Floats]
) -> tuple[float, Floats, Floats, Floats]:
    """Log-likelihood, its slope, and each unit's posterior mean and deviation of the effect.

    The slope is the posterior mean of the complete-data slope (Fisher's identity).
    """
    spread = theta[-1]
    linear = data.x @ theta[:-1]
    mode, curve = _modes(data, linear, spread)
    z, log_weight = rule
    u = mode[:, None] + z / np.sqrt(curve)[:, None]
    eta = linear[:, None] + spread * u[data.place]
    log_one = np.logaddexp(0, eta)
    inside = data.by_unit(data.k[:, None] * eta - data.n[:, None] * log_one) - u**2 / 2
    log_part = inside + log_weight - 0.5 * np.log(curve)[:, None]
    log_unit = special.logsumexp(log_part, axis=1)
    weight = np.exp(log_part - log_unit[:, None])
    residual = data.k[:, None] - data.n[:, None] * np.exp(eta - log_one)
    row_weight = weight[data.place]
    by_row = np.sum(row_weight * residual, axis=1)
    by_spread = float(np.sum(row_weight * residual * u[data.place]))
    mean = np.sum(weight * u, axis=1)
    deviation = np.sqrt(np.maximum(np.sum(weight * u**2, axis=1) - mean**2, 0))
    slope = np.append(data.x.T @ by_row, by_spread)
    return float(log_unit.sum()), slope, spread * mean, abs(spread) * deviation


def _modes(data: _Rows, linear: Floats, spread: float) -> tuple[Floats, Floats]:
    """Most probable standardised effect of every unit, and the curvature there."""
    u = np.zeros(data.start.size)
    curve = np.ones_like(u)
    for _ in range(100):
        rate = special.expit(linear + spread * u[data.place])
        slope = spread * data.by_unit(data.k - data.n * rate) - u
        curve = 1 + spread**2 * data.by_unit(data.n * rate * (1 - rate))
        step = np.clip(slope / curve, -1, 1)  # concave: short Newton steps always arrive
        u = u + step
        if np.max(np.abs(step)) < 1e-10:
            break
    return u, curve


def _polished(
    loss: Callable[[Floats], tuple[float, Floats]], theta: Floats
) -> tuple[Floats, float]:
    """Finish with Newton steps; return the distance of the last one in log-likelihood."""
    distance = np.inf
    for _ in range(15):
        slope = loss(theta)[1]
        step = np.linalg.lstsq(_curvature(loss, theta), slope, rcond=1e-12)[0]
        distance = float(abs(slope @ step))
        if distance < 1e-13:
            break
        theta = theta - step * min(1.0, 1.0 / float(np.max(np.abs(step))))
    return theta, distance


def _curvature(loss: Callable[[Floats], tuple[float, Floats]], theta: Floats) -> Floats:
    """Second derivatives by central differences of the slope."""
    width = 1e-4
    columns = [
        (loss(theta + width * unit)[1] - loss(theta - width * unit)[1]) / (2 * width)
        for unit in np.eye(theta.size)
    ]
    both = np.array(columns)
    return np.asarray((both + both.T) / 2, float)


def _covariance(curvature: Floats, *, at_zero: bool) -> tuple[Floats, Floats]:
    size = len(curvature) - 1 if at_zero else len(curvature)
    inverse = np.asarray(np.linalg.inv(curvature[:size, :size]), float)
    errors = np.full(len(curvature), np.inf)
    errors[:size] = np.sqrt(np.diag(inverse))
    return inverse[: len(curvature) - 1, : len(curvature) - 1], errors
