"""Information matrices of a marginal calibration at its estimate."""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack

from ..typing import Floats
from .expectation_maximisation import Runner, systematic_sample
from .grid import Expected, GridData
from .maximisation import statistics
from .preparation import PopulationState
from .standard_errors import (
    InformationKind,
    PopulationTerms,
    Products,
    complete_information,
    score_products,
)

__all__ = ["covariance_of", "information_matrices", "inverse_of"]

_SAMPLE_FOR_INFORMATION = 100_000
_EXACT_INFORMATION = 120_000
_SAMPLE_OF_LARGE_BANKS = 50_000


def information_matrices(runner: Runner, z: Floats) -> tuple[Floats, Floats, Products, int]:
    """Return observed information, cross-products and the sample size (0: everybody)."""
    plan, job = runner.plan, runner.job
    found, etas, state = (
        runner.last,
        plan.eta(z[: plan.n_free]),
        runner.state.unpack(z[plan.n_free :]),
    )
    if found is None:
        found, etas, state = runner.expect(z)
    sample_size, scale, grid = 0, 1.0, runner.grid
    people = job.data.n_people
    x = job.covariates
    if people > _EXACT_INFORMATION:
        large = plan.n_free > 800
        size = _SAMPLE_OF_LARGE_BANKS if large else _SAMPLE_FOR_INFORMATION
        chosen = systematic_sample(job.data, size)
        sample_size = chosen.size
        part = job.data.rows(chosen)
        scale = people / sample_size
        if job.data.weights is not None and part.weights is not None:
            scale = float(job.data.weights.sum() / part.weights.sum())
        grid = GridData.prepare(
            part, job.categories, job.engine, covariates=None if x is None else x[chosen]
        )
    elif grid is None:
        grid = GridData.prepare(job.data, job.categories, job.engine, covariates=x)
    terms = PopulationTerms(
        state.means,
        state.sds,
        np.nonzero(state.mean_free)[0],
        np.nonzero(state.sd_free)[0],
        state.beta.size,
    )
    products = score_products(
        grid,
        plan,
        etas,
        state.ability(runner.theta),
        terms,
        scale=scale,
        cut=1e-3 if sample_size else 1e-8 if people <= 5000 else 1e-6,
    )
    stats = statistics(plan, found, runner.penalty, runner.theta)
    complete = complete_information(plan, etas, runner.theta, stats, runner.penalty)
    if products.apart:
        size = plan.n_free + terms.size
        observed = np.eye(size)
        observed[: plan.n_free, : plan.n_free] = complete - products.missing
        cross = np.eye(size)
        cross[: plan.n_free, : plan.n_free] = products.cross
        _, _, bend = runner.population(found, state)
        rest = np.arange(plan.n_free, size)
        observed[rest, rest] = cross[rest, rest] = np.maximum(bend[: terms.size], 1e-12)
        return observed, cross, products, sample_size
    whole = np.zeros_like(products.missing)
    whole[: plan.n_free, : plan.n_free] = complete
    whole[plan.n_free :, plan.n_free :] = _population_information(runner, found, state)
    return whole - products.missing, products.cross, products, sample_size


def _population_information(runner: Runner, found: Expected, state: PopulationState) -> Floats:
    """Complete-data information of means, log sds and coefficients."""
    mass, theta = found.group_mass, runner.theta
    total, first, second = mass.sum(axis=1), mass @ theta, mass @ theta**2
    m, s = np.nonzero(state.mean_free)[0], np.nonzero(state.sd_free)[0]
    size = m.size + s.size + state.beta.size
    out = np.zeros((size, size))
    var = state.sds**2
    centre = first - state.means * total
    spread = second - 2 * state.means * first + state.means**2 * total
    if state.beta.size and found.regression is not None and runner.squares is not None:
        gram, x_sum = runner.squares[:-1], runner.squares[-1]
        old = np.concatenate([state.means[:1], state.beta])
        full = np.block([[total[:1, None], x_sum[None]], [x_sum[:, None], gram]])
        right = np.concatenate([first[:1], found.regression[:-1]])
        slope = (right - full @ old) / var[0]
        spread = np.array([second[0] - 2 * old @ right + old @ full @ old])
        centre = slope[:1] * var[0]
        b = np.arange(m.size + s.size, size)
        out[np.ix_(b, b)] = gram / var[0]
        if m.size:
            out[0, b] = out[b, 0] = x_sum / var[0]
        if s.size:
            out[m.size, b] = out[b, m.size] = 2 * slope[1:]
    for i, g in enumerate(m):
        out[i, i] = total[g] / var[g]
    for i, g in enumerate(s):
        at = m.size + i
        out[at, at] = 2 * spread[g] / var[g]
        where = np.nonzero(m == g)[0]
        out[at, where] = out[where, at] = 2 * centre[g] / var[g]
    return out


def inverse_of(matrix: Floats) -> Floats | None:
    """Inverse of a positive definite matrix, or None."""
    if not np.all(np.isfinite(matrix)):
        return None
    scale = np.sqrt(np.maximum(np.diagonal(matrix), 1e-300))
    factor, failed = lapack.dpotrf(matrix / np.outer(scale, scale), lower=1)
    if failed:
        return None
    lower, failed = lapack.dpotri(factor, lower=1)
    if failed:
        return None
    whole = np.tril(lower) + np.tril(lower, -1).T
    return np.asarray(whole / np.outer(scale, scale))


def covariance_of(kind: InformationKind, inverse: Floats, cross: Floats) -> Floats:
    """Return the covariance of the chosen kind from the inverse information and cross-products."""
    if kind is InformationKind.SANDWICH:
        return np.asarray(inverse @ cross @ inverse)
    if kind is InformationKind.CROSS_PRODUCT:
        return np.asarray(np.linalg.pinv(cross, hermitian=True))
    return inverse
