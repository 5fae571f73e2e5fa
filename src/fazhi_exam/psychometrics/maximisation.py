"""The M-step: item parameters that fit expected counts, by Fisher scoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from ..typing import Bools, Floats
from .grid import Expected
from .kernels import Family, StepFamily
from .plan import Plan
from .priors import ItemPrior

__all__ = [
    "Penalty",
    "Score",
    "Statistics",
    "joint",
    "score_items",
    "statistics",
    "update_items",
]


@dataclass(frozen=True, slots=True)
class Penalty:
    """What speaks about items besides the answers.

    Parameters
    ----------
    priors
        Prior densities.
    pseudo
        Pseudo-answers per item, spread evenly over its categories and over a standard normal
        ability; 0 for items that need none. Shape ``(J,)``.
    pseudo_weights
        Node weights of the pseudo-answers, shape ``(Q,)``.
    """

    priors: Sequence[ItemPrior]
    pseudo: Floats
    pseudo_weights: Floats


@dataclass(frozen=True, slots=True)
class Statistics:
    """Expected counts of a family's items.

    Parameters
    ----------
    counts, moments
        Expected answers and sums of ability by category, ``(J, K)``.
    mass
        Expected people by node, ``(J, Q)`` or ``(1, Q)``.
    table
        Expected answers by category and node, ``(J, K, Q)``, or None where `counts` and `moments`
        suffice.
    """

    counts: Floats
    moments: Floats
    mass: Floats
    table: Floats | None


@dataclass(frozen=True, slots=True)
class Score:
    """Expected log-posterior of a family's items with gradient and expected information.

    Parameters
    ----------
    value, gradient, information
        Shapes ``(J,)``, ``(J, m)``, ``(J, m, m)``.
    """

    value: Floats
    gradient: Floats
    information: Floats


def statistics(plan: Plan, expected: Expected, penalty: Penalty, theta: Floats) -> list[Statistics]:
    """Return the expected counts of each family, pseudo-answers included."""
    out = []
    offsets = plan.layout.offsets
    for family in plan.families:
        rows = plan.rows(family, offsets)
        shape = (family.items.size, family.categories)
        counts = expected.counts[rows].reshape(shape)
        moments = expected.moments[rows].reshape(shape)
        mass = expected.mass if len(expected.mass) == 1 else expected.mass[family.items]
        table = None
        if expected.table is not None and not family.sum_score:
            table = expected.table[rows].reshape(*shape, theta.size)
        pseudo = penalty.pseudo[family.items]
        if pseudo.any():
            share = (pseudo / family.categories)[:, None]
            weights = penalty.pseudo_weights
            counts = counts + share
            moments = moments + share * float(weights @ theta)
            mass = mass + pseudo[:, None] * weights
            table = None if table is None else table + share[:, :, None] * weights
        out.append(Statistics(counts, moments, mass, table))
    return out


def score_items(
    family: Family, eta: Floats, theta: Floats, stats: Statistics, penalty: Penalty
) -> Score:
    """Evaluate the expected log-posterior of a family's items."""
    log_p = family.log_p(eta, theta)
    p = np.exp(log_p)
    slope = family.gradient(eta, theta, log_p)
    count, m, kinds, nodes = slope.shape
    expected = p * stats.mass[:, None, :]
    flat = slope.reshape(count, m, kinds * nodes)
    information = (flat * expected.reshape(count, 1, -1)) @ flat.transpose(0, 2, 1)
    value = _value(family, eta, log_p, stats)
    if stats.table is not None:
        gradient = (flat @ stats.table.reshape(count, -1, 1))[:, :, 0]
    else:
        dc = stats.counts - expected.sum(axis=2)
        dt = stats.moments - expected @ theta
        if isinstance(family, StepFamily):
            gradient = np.concatenate(
                [(dt @ np.arange(kinds, dtype=float))[:, None], dc[:, 1:]], axis=1
            )
        else:
            gradient = np.concatenate([dt[:, 1:], dc[:, 1:]], axis=1)
    for prior in penalty.priors:
        held = prior.covers(family)
        if held.any():
            log, first, second = prior.evaluate(family, eta)
            value = value + np.where(held, log, 0.0)
            gradient = gradient + np.where(held[:, None], first, 0.0)
            information = information + np.where(held[:, None, None], second, 0.0)
    return Score(value, gradient, information)


def _value(family: Family, eta: Floats, log_p: Floats, stats: Statistics) -> Floats:
    if stats.table is not None:
        return np.asarray((stats.table * log_p).sum(axis=(1, 2)))
    slopes = family.category_slopes(eta)
    d = eta[:, family.n_parameters - family.categories + 1 :]
    value = (slopes * stats.moments).sum(axis=1) + (d * stats.counts[:, 1:]).sum(axis=1)
    return np.asarray(value + (log_p[:, 0] * stats.mass).sum(axis=1))


def _objective(
    family: Family, eta: Floats, theta: Floats, stats: Statistics, penalty: Penalty
) -> Floats:
    """Evaluate the expected log-posterior of each item; ``-inf`` outside the domain."""
    inside = family.admissible(eta)
    if not inside.all():
        return _objective_safe(family, eta, inside, theta, stats, penalty)
    value = _value(family, eta, family.log_p(eta, theta), stats)
    for prior in penalty.priors:
        held = prior.covers(family)
        if held.any():
            value = value + np.where(held, prior.evaluate(family, eta)[0], 0.0)
    return value


def _objective_safe(
    family: Family,
    eta: Floats,
    inside: Bools,
    theta: Floats,
    stats: Statistics,
    penalty: Penalty,
) -> Floats:
    """Objective of the admissible items, ``-inf`` for the others."""
    out = np.full(len(eta), -np.inf)
    if inside.any():
        part = type(family)(family.items[inside], family.categories)
        mass = stats.mass if len(stats.mass) == 1 else stats.mass[inside]
        table = None if stats.table is None else stats.table[inside]
        chosen = Statistics(stats.counts[inside], stats.moments[inside], mass, table)
        out[inside] = _objective(part, eta[inside], theta, chosen, penalty)
    return out


def update_items(
    plan: Plan,
    phi: Floats,
    theta: Floats,
    stats: Sequence[Statistics],
    penalty: Penalty,
    *,
    rounds: int = 3,
) -> tuple[Floats, Floats, Floats, float]:
    """Improve the free item numbers by a few safeguarded scoring steps.

    Returns
    -------
    phi, gradient, scale, penalty_value
        New free numbers; gradient and diagonal information at the old ones; log-prior at the old
        ones, pseudo-answers included.
    """
    etas = plan.eta(phi)
    scores = [
        score_items(family, eta, theta, stat, penalty)
        for family, eta, stat in zip(plan.families, etas, stats, strict=True)
    ]
    gradient = plan.to_phi([s.gradient for s in scores])
    if plan.separate:
        scale = plan.to_phi([np.diagonal(s.information, axis1=1, axis2=2) for s in scores])
    else:
        scale = np.diag(_joint_information(plan, scores)).copy()
    scale = np.maximum(scale, 1e-8 * scale.max(initial=1.0))
    extra = _penalty_value(plan, etas, theta, penalty)
    for round_number in range(rounds):
        if round_number:
            scores = [
                score_items(family, eta, theta, stat, penalty)
                for family, eta, stat in zip(plan.families, etas, stats, strict=True)
            ]
        if plan.separate:
            moved = [
                _newton(family, eta, theta, stat, penalty, score, mask)
                for family, eta, stat, score, mask in zip(
                    plan.families, etas, stats, scores, plan.split_free(), strict=True
                )
            ]
            step = max(
                (
                    float(np.abs(a[f] - b[f]).max(initial=0.0))
                    for a, b, f in zip(moved, etas, plan.split_free(), strict=True)
                ),
                default=0.0,
            )
            etas = moved
            phi = np.concatenate([e.ravel() for e in etas])[plan.free]
        else:
            before = phi
            phi = _joint_newton(plan, phi, theta, stats, penalty, scores)
            etas = plan.eta(phi)
            step = float(np.abs(phi - before).max(initial=0.0))
        if step < 1e-10:
            break
    return phi, gradient, scale, extra


def _penalty_value(plan: Plan, etas: Sequence[Floats], theta: Floats, penalty: Penalty) -> float:
    """Log-prior of all items, pseudo-answers included."""
    total = 0.0
    for family, eta in zip(plan.families, etas, strict=True):
        pseudo = penalty.pseudo[family.items]
        if pseudo.any():
            mean = family.log_p(eta, theta).mean(axis=1)
            total += float(pseudo @ (mean @ penalty.pseudo_weights))
        for prior in penalty.priors:
            held = prior.covers(family)
            if held.any():
                total += float(prior.evaluate(family, eta)[0][held].sum())
    return total


def _newton(
    family: Family,
    eta: Floats,
    theta: Floats,
    stats: Statistics,
    penalty: Penalty,
    score: Score,
    free: Bools,
) -> Floats:
    """One scoring step for every item apart, halved where it would not rise."""
    if not free.any():
        return eta
    information = score.information * (free[:, :, None] & free[:, None, :])
    m = eta.shape[1]
    diagonal = np.diagonal(information, axis1=1, axis2=2)
    ridge = np.where(free, 1e-9 * diagonal + 1e-10, 1.0)
    information[:, np.arange(m), np.arange(m)] += ridge
    gradient = np.where(free, score.gradient, 0.0)
    step = np.linalg.solve(information, gradient[:, :, None])[:, :, 0]
    # Far from the maximum a full step of a flat item can be wild.
    step = step * np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300))
    return _halved(family, eta, np.asarray(step), theta, stats, penalty, score.value)


def _halved(
    family: Family,
    eta: Floats,
    step: Floats,
    theta: Floats,
    stats: Statistics,
    penalty: Penalty,
    value: Floats,
) -> Floats:
    for _ in range(12):
        trial = _objective(family, eta + step, theta, stats, penalty)
        bad = ~(trial >= value - 1e-11 * np.abs(value))
        if not bad.any():
            return eta + step
        step = np.where(bad[:, None], step / 2, step)
    return eta + np.where(bad[:, None], 0.0, step)


def _joint_information(plan: Plan, scores: Sequence[Score]) -> Floats:
    """Information of the free numbers when they are shared between items."""
    return joint(plan, [s.information for s in scores])


def joint(plan: Plan, blocks: Sequence[Floats]) -> Floats:
    """Carry item blocks ``(J, m, m)`` over to the free numbers, dense."""
    rows, columns, values = [], [], []
    for low, block in zip(plan.offsets, blocks, strict=False):
        count, m, _ = block.shape
        place = low + np.arange(count * m).reshape(count, m)
        rows.append(np.broadcast_to(place[:, :, None], block.shape).ravel())
        columns.append(np.broadcast_to(place[:, None, :], block.shape).ravel())
        values.append(block.ravel())
    size = plan.constant.size
    whole = sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(size, size),
    )
    return np.asarray((plan.design.T @ whole @ plan.design).toarray())


def _joint_newton(
    plan: Plan,
    phi: Floats,
    theta: Floats,
    stats: Sequence[Statistics],
    penalty: Penalty,
    scores: Sequence[Score],
) -> Floats:
    """One scoring step for all free numbers together, halved until it rises."""
    information = _joint_information(plan, scores)
    diagonal = np.arange(phi.size)
    information[diagonal, diagonal] *= 1 + 1e-9
    information[diagonal, diagonal] += 1e-10
    step = cho_solve(cho_factor(information), plan.to_phi([s.gradient for s in scores]))
    step = step * min(1.0, 2.0 / max(float(np.abs(step).max(initial=0.0)), 1e-300))
    value = sum(float(s.value.sum()) for s in scores)
    for _ in range(12):
        etas = plan.eta(phi + step)
        trial = sum(
            float(_objective(family, eta, theta, stat, penalty).sum())
            for family, eta, stat in zip(plan.families, etas, stats, strict=True)
        )
        if trial >= value - 1e-11 * abs(value):
            return np.asarray(phi + step)
        step = step / 2
    return phi
