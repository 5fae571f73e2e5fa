"""The EM map of a marginal calibration: one pass over the people, one M-step."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..typing import Floats, Ints
from .acceleration import Step
from .grid import PART, Expected, GridData
from .maximisation import Penalty, statistics, update_items
from .plan import Plan
from .preparation import Job, PopulationState
from .quadrature import normal_log_weights
from .responses import ResponseSet
from .sum_score import SumScoreData

__all__ = ["Runner", "make_runner", "penalty_on", "systematic_sample"]

_DIRECT_LIMIT = 20_000


@dataclass(slots=True)
class Runner:
    """The EM map of one job on one set of nodes; remembers the node windows between passes."""

    job: Job
    plan: Plan
    theta: Floats
    penalty: Penalty
    grid: GridData | None
    packed: SumScoreData | None
    state: PopulationState
    squares: Floats | None
    windows: Ints | None = None
    last: Expected | None = None

    def expect(self, z: Floats) -> tuple[Expected, list[Floats], PopulationState]:
        """One pass over the people at `z`."""
        phi = z[: self.plan.n_free]
        etas = self.plan.eta(phi)
        state = self.state.unpack(z[self.plan.n_free :])
        log_p, _ = self.plan.log_p(etas, self.theta)
        ability = state.ability(self.theta)
        if self.packed is not None:
            slopes, intercepts = self.plan.category_form(etas)
            found = self.packed.expect(log_p, ability, slopes, intercepts)
        else:
            if self.grid is None:
                raise TypeError("no data prepared")
            found = self.grid.expect(log_p, ability, self.windows)
            self.windows = found.windows
        self.last = found
        return found, etas, state

    def step(self, z: Floats) -> Step:
        """One EM step, with the log-posterior and its gradient at `z`."""
        n = self.plan.n_free
        found, _, state = self.expect(z)
        stats = statistics(self.plan, found, self.penalty, self.theta)
        # With few people a pass costs less than a scoring round of all items.
        people = self.job.data.n_people
        rounds = 1 if people < 1000 else 2 if people < _DIRECT_LIMIT else 3
        phi, gradient, scale, extra = update_items(
            self.plan, z[:n], self.theta, stats, self.penalty, rounds=rounds
        )
        moved, slope, bend = self.population(found, state)
        return Step(
            found.loglik + extra,
            np.concatenate([phi, moved]),
            np.concatenate([gradient, slope]),
            np.concatenate([scale, bend]),
        )

    def population(self, found: Expected, state: PopulationState) -> tuple[Floats, Floats, Floats]:
        """M-step of the population: new numbers, gradient and curvature at the old ones."""
        mass, theta = found.group_mass, self.theta
        total = mass.sum(axis=1)
        first, second = mass @ theta, mass @ theta**2
        means, sds, beta = state.means, state.sds, state.beta
        if beta.size and found.regression is not None and self.squares is not None:
            # Means given the covariates: with m = mean + X beta, all sums follow from X'X and
            # X'E(theta).
            xt, n = found.regression[:-1], total[0]
            free_mean = bool(state.mean_free[0])
            gram, x_sum = self.squares[:-1], self.squares[-1]
            full = np.block([[np.array([[n]]), x_sum[None]], [x_sum[:, None], gram]])
            right = np.concatenate([[first[0]], xt])
            old = np.concatenate([[means[0]], beta])
            slope = right - full @ old
            if free_mean:
                new = np.linalg.solve(full, right)
            else:
                new = np.concatenate([[means[0]], np.linalg.solve(gram, xt - x_sum * means[0])])
            spread_old = second[0] - 2 * old @ right + old @ full @ old
            spread_new = second[0] - 2 * new @ right + new @ full @ new
            var = sds[0] ** 2
            g = [slope[:1] / var] if free_mean else [np.zeros(0)]
            h = [np.array([n / var])] if free_mean else [np.zeros(0)]
            moved = [new[:1]] if free_mean else [np.zeros(0)]
            if state.sd_free[0]:
                moved.append(np.array([0.5 * np.log(spread_new / n)]))
                g.append(np.array([spread_old / var - n]))
                h.append(np.array([2 * n]))
            return (
                np.concatenate([*moved, new[1:]]),
                np.concatenate([*g, slope[1:] / var]),
                np.concatenate([*h, np.diag(gram) / var]),
            )
        if state.histogram is not None:
            weights = mass[0] / total[0]
            root = np.sqrt(weights)
            old = np.sqrt(state.histogram)
            return root, np.zeros_like(root), 4 * total[0] * np.ones_like(old)
        safe = np.maximum(total, 1e-300)
        centre = np.where(state.mean_free, first / safe, means)
        spread = (second - 2 * centre * first + centre**2 * total) / safe
        old_spread = second - 2 * means * first + means**2 * total
        f, s = state.mean_free, state.sd_free
        return (
            np.concatenate([centre[f], 0.5 * np.log(np.maximum(spread[s], 1e-6))]),
            np.concatenate(
                [((first - means * total) / sds**2)[f], (old_spread / sds**2 - total)[s]]
            ),
            np.concatenate([(total / sds**2)[f], (2 * total)[s]]),
        )

    def admissible(self, z: Floats) -> bool:
        """Whether the items lie in their families' domains."""
        if not np.all(np.isfinite(z)):
            return False
        etas = self.plan.eta(z[: self.plan.n_free])
        return all(f.admissible(e).all() for f, e in zip(self.plan.families, etas, strict=True))


def make_runner(job: Job, theta: Floats, *, sample: Ints | None = None) -> Runner:
    """Prepare the passes over everybody, or over a sample."""
    data = job.data if sample is None else job.data.rows(sample)
    x = job.covariates if job.covariates is None or sample is None else job.covariates[sample]
    packed = grid = None
    fits = job.plan.sum_score and not data.is_sparse
    if fits and data.n_people > _DIRECT_LIMIT and data.is_complete:
        packed = SumScoreData.prepare(data, job.categories, job.engine, covariates=x)
    else:
        grid = GridData.prepare(data, job.categories, job.engine, covariates=x)
    squares = None
    if x is not None:
        w = np.ones(len(x)) if data.weights is None else data.weights
        squares = np.vstack([(x * w[:, None]).T @ x, w @ x])
    return Runner(
        job,
        job.plan,
        theta,
        penalty_on(job, theta),
        grid,
        packed,
        job.state,
        squares,
    )


def penalty_on(job: Job, theta: Floats) -> Penalty:
    """Return the penalty with its pseudo-answers spread over the nodes."""
    return replace(job.penalty, pseudo_weights=np.exp(normal_log_weights(theta)))


def systematic_sample(data: ResponseSet, size: int) -> Ints:
    """Evenly spaced people of the order by group and total score."""
    if data.matrix is not None:
        matrix = data.matrix if data.is_complete else np.maximum(data.matrix, 0)
        total = matrix.sum(axis=1, dtype=np.int32)
    else:
        _, categories = data.answers()
        ptr = data.row_pointers()
        total = np.empty(data.n_people, np.int32)
        for at in range(0, data.n_people, PART):  # one run of sums would take eight times the data
            end = min(at + PART, data.n_people)
            running = np.concatenate([[0], np.cumsum(categories[ptr[at] : ptr[end]], dtype=int)])
            total[at:end] = np.diff(running[ptr[at : end + 1] - ptr[at]])
    if data.groups is not None:
        total = total + (int(total.max(initial=0)) + 1) * data.groups.astype(np.int32)
    if total.max(initial=0) < 2**15:
        total = total.astype(np.int16)  # sorted by radix
    order = np.argsort(total, kind="stable")
    place = ((np.arange(size) + 0.5) * (data.n_people / size)).astype(np.int64)
    return np.sort(order[place])
