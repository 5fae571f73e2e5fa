"""Nodes for a calibration, from the information of the test."""

from __future__ import annotations

import numpy as np

from ..typing import Floats
from .expectation_maximisation import Runner
from .preparation import Job
from .quadrature import Nodes, nodes_for

__all__ = ["better_nodes", "first_nodes", "information_peak"]


def first_nodes(job: Job) -> Nodes:
    """Nodes for a rough guess of the information; checked again at the estimate."""
    if job.data.is_sparse:
        length = job.data.answers()[0].size / max(1, job.data.n_people)
    else:
        length = job.data.n_items
    points = float((job.categories - 1).mean())
    return nodes_for(1.0 + length * (0.3 if points <= 1 else 0.6))


def information_peak(runner: Runner, z: Floats) -> float:
    """Highest information of the test a person takes, prior included."""
    etas = runner.plan.eta(z[: runner.plan.n_free])
    peak = np.zeros(runner.theta.size)
    for family, eta in zip(runner.plan.families, etas, strict=True):
        log_p = family.log_p(eta, runner.theta)
        p = np.exp(log_p)
        dp = np.gradient(p, runner.theta, axis=2)
        item = (dp**2 / np.maximum(p, 1e-12)).sum(axis=1)
        peak += item.sum(axis=0)
    data = runner.job.data
    if data.is_sparse:
        share = np.diff(data.row_pointers()).max(initial=0) / max(1, data.n_items)
        peak = peak * share
    return float(peak.max()) + 1.0


def better_nodes(runner: Runner, z: Floats, now: Nodes) -> Nodes | None:
    """Finer or wider nodes, if the estimate asks for them."""
    state = runner.state.unpack(z[runner.plan.n_free :])
    need = 1.0 / np.sqrt(information_peak(runner, z))
    means, sds = state.means, state.sds
    if state.beta.size and runner.job.covariates is not None:
        shift = runner.job.covariates @ state.beta
        means = np.array([means[0] + shift.min(), means[0] + shift.max()])
        sds = np.array([sds[0], sds[0]])
    low, high = float((means - 5 * sds).min()), float((means + 5 * sds).max())
    wide = low < now.theta[0] - 1e-9 or high > now.theta[-1] + 1e-9
    if not wide and now.spacing <= 1.02 * need:
        return None
    low = min(now.theta[0], float((means - 6 * sds).min()))
    high = max(now.theta[-1], float((means + 6 * sds).max()))
    fewest = int(np.ceil((high - low) / 0.2)) + 1
    return nodes_for((1.05 / need) ** 2, low=low, high=high, fewest=max(61, fewest))
