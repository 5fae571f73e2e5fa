"""Equating from observed scores: what a score on one form is worth on another.

The groups are random samples of one population. Equating through item models is in
`irt_equating`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import DidNotConverge, NotEnoughData
from ..typing import Floats, Rng, generator


@dataclass(frozen=True, slots=True)
class ScoreDistribution:
    """Distribution of integer scores 0, 1, …, K on one form.

    Parameters
    ----------
    probability
        Shape ``(K + 1,)``, sums to 1.
    people
        Sample size; 0 if the distribution comes from a model and has no sampling error.
    covariance
        Sampling covariance of `probability`, shape ``(K + 1, K + 1)``.
    degree
        Moments kept by log-linear smoothing; None for the raw distribution.
    deviance, aic
        Likelihood-ratio chi-square of the smoothing against the raw frequencies, and that plus
        twice the number of moments; 0 for the raw distribution.
    """

    probability: Floats
    people: int
    covariance: Floats
    degree: int | None = None
    deviance: float = 0.0
    aic: float = 0.0

    @property
    def mean(self) -> float:
        """Mean score."""
        return float(np.arange(self.probability.size) @ self.probability)

    @property
    def deviation(self) -> float:
        """Standard deviation (divisor n)."""
        x = np.arange(self.probability.size) - self.mean
        return float(np.sqrt(x**2 @ self.probability))


def _counts(counts: ArrayLike) -> Floats:
    n = np.asarray(counts, dtype=np.float64)
    if n.ndim != 1 or n.size < 2 or np.any(n < 0):
        raise ValueError("counts must be a vector of at least two numbers >= 0")
    if n.sum() <= 0:
        raise NotEnoughData("等值", 0, 1)
    return n


def raw_distribution(counts: ArrayLike) -> ScoreDistribution:
    """Turn the number of people at each score 0, 1, …, K into a distribution."""
    n = _counts(counts)
    total = float(n.sum())
    p: Floats = n / total
    return ScoreDistribution(p, round(total), (np.diag(p) - np.outer(p, p)) / total)


def log_linear(counts: ArrayLike, degree: int) -> ScoreDistribution:
    """Smooth a score distribution so that its first `degree` moments stay as they are.

    Parameters
    ----------
    counts
        People at each score 0, 1, …, K.
    degree
        Moments kept, from 1 to K - 1; more follow the data more closely.

    Raises
    ------
    DidNotConverge
        If the maximum is not reached, which happens when the moments force an edge.

    References
    ----------
    Holland & Thayer (2000), J. Educ. Behav. Stat. 25:133-183; covariance of the probabilities
    from their multinomial likelihood.
    """
    n = _counts(counts)
    if not 1 <= degree <= n.size - 2:
        raise ValueError("degree must lie between 1 and the number of scores minus 2")
    total = float(n.sum())
    t = np.linspace(-1, 1, n.size)
    # Orthonormal polynomials: raw powers lose the information matrix above degree 6.
    basis = np.linalg.qr(np.polynomial.legendre.legvander(t, degree))[0][:, 1:]
    target, beta = n @ basis / total, np.zeros(degree)
    for _ in range(200):
        p = _softmax(basis @ beta)
        gradient = target - p @ basis
        information = (basis * p[:, None]).T @ basis - np.outer(p @ basis, p @ basis)
        if float(np.abs(gradient).max()) < 1e-13:
            break
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        beta = beta + _damped(basis, beta, step, target)
    else:
        if float(np.abs(gradient).max()) > 1e-9:
            raise DidNotConverge("对数线性平滑", 200, float(np.abs(gradient).max()))
    spread = basis * p[:, None] - np.outer(p, p @ basis)
    covariance = spread @ np.linalg.pinv(information, hermitian=True) @ spread.T / total
    seen = n > 0
    deviance = 2 * float(n[seen] @ np.log(n[seen] / total / p[seen]))
    return ScoreDistribution(p, round(total), covariance, degree, deviance, deviance + 2 * degree)


def _softmax(logit: Floats) -> Floats:
    e: Floats = np.exp(logit - logit.max())
    p: Floats = e / e.sum()
    return p


def _damped(basis: Floats, beta: Floats, step: Floats, target: Floats) -> Floats:
    """Halve a Newton step until the (concave) log-likelihood does not fall."""

    def value(b: Floats) -> float:
        logit = basis @ b
        top = float(logit.max())
        return float(target @ b) - top - float(np.log(np.exp(logit - top).sum()))

    start = value(beta)
    for _ in range(40):
        if value(beta + step) >= start - 1e-15 * abs(start):
            break
        step = step / 2
    return step


def choose_degree(counts: ArrayLike, highest: int = 8) -> ScoreDistribution:
    """Log-linear smoothing of the degree with the smallest AIC, from 2 to `highest`."""
    fits = [log_linear(counts, d) for d in range(2, min(highest, len(_counts(counts)) - 2) + 1)]
    return min(fits, key=lambda fit: fit.aic)


@dataclass(frozen=True, slots=True)
class Equating:
    """A conversion table.

    Parameters
    ----------
    score
        Scores on the new form, shape ``(n,)``.
    equated
        What they are worth on the old form, not rounded.
    error
        Standard errors of `equated`; NaN where none can be given.
    """

    score: Floats
    equated: Floats
    error: Floats


def _with_error(
    score: Floats,
    equated: Floats,
    by_new: Floats,
    by_old: Floats,
    new: ScoreDistribution,
    old: ScoreDistribution,
) -> Equating:
    """Delta method; rows of the Jacobians belong to scores, columns to probabilities."""
    variance = np.einsum("ij,jk,ik->i", by_new, new.covariance, by_new)
    variance = variance + np.einsum("ij,jk,ik->i", by_old, old.covariance, by_old)
    return Equating(score, equated, np.sqrt(np.maximum(variance, 0.0)))


def mean_equating(new: ScoreDistribution, old: ScoreDistribution) -> Equating:
    """Shift the scores of the new form by the difference of the means (random groups)."""
    x = np.arange(new.probability.size, dtype=np.float64)
    y = np.arange(old.probability.size, dtype=np.float64)
    ones = np.ones((x.size, 1))
    return _with_error(x, x - new.mean + old.mean, -ones * x, ones * y, new, old)


def linear_equating(new: ScoreDistribution, old: ScoreDistribution) -> Equating:
    """Give the new form the mean and the standard deviation of the old one (random groups).

    References
    ----------
    Kolen & Brennan (2004), section 2.3; standard errors by the delta method on all moments,
    without supposing normal scores.
    """
    x = np.arange(new.probability.size, dtype=np.float64)
    y = np.arange(old.probability.size, dtype=np.float64)
    if new.deviation <= 0 or old.deviation <= 0:
        raise NotEnoughData("线性等值", 1, 2, "种不同的分数")
    ratio = old.deviation / new.deviation
    z = (x - new.mean)[:, None]
    by_old = y - 0 * z + z / (2 * new.deviation * old.deviation) * (y - old.mean) ** 2
    by_new = -ratio * x - z * ratio / (2 * new.deviation**2) * (x - new.mean) ** 2
    return _with_error(x, old.mean + ratio * z[:, 0], by_new, by_old, new, old)


def percentile_rank(distribution: ScoreDistribution, score: ArrayLike) -> Floats:
    """Share of people below each score, counting half of those at it; within [0, 1].

    Scores are spread evenly over half a point to either side (Kolen & Brennan 2004, eq. 2.14).
    """
    p = distribution.probability
    edges = np.arange(p.size + 1) - 0.5
    below = np.concatenate([[0.0], p.cumsum()])
    rank: Floats = np.interp(np.asarray(score, dtype=np.float64), edges, below)
    return rank


def equipercentile(new: ScoreDistribution, old: ScoreDistribution) -> Equating:
    """Equate scores that have the same percentile rank (random groups).

    Parameters
    ----------
    new, old
        Raw (`raw_distribution`), smoothed (`log_linear`) or from a model.

    Notes
    -----
    Where nobody on the old form has the scores around the rank, the middle of the gap is taken,
    which is the convention of Kolen & Brennan (2004), section 2.5. Standard errors by the delta
    method with the covariance of each distribution (raw: multinomial, as Lord 1982; smoothed:
    Holland & Thayer 2000); NaN where the old form has no density.
    """
    x = np.arange(new.probability.size, dtype=np.float64)
    f, g = new.probability, old.probability
    rank = percentile_rank(new, x)
    below = np.concatenate([[0.0], g.cumsum()])
    tiny = 1e-12
    upper = np.clip(np.searchsorted(below, rank + tiny, side="right") - 1, 0, g.size - 1)
    lower = np.clip(np.searchsorted(below, rank - tiny, side="left") - 1, 0, g.size - 1)
    ends = []
    for cell, edge in ((upper, -0.5), (lower, 0.5)):
        inside = g[cell] > 0
        part = np.divide(rank - below[cell], g[cell], out=np.full(x.size, 0.5), where=inside)
        ends.append(np.where(inside, cell - 0.5 + np.clip(part, 0, 1), cell + edge))
    ends[0] = np.where(rank >= 1 - tiny, g.size - 0.5, ends[0])
    ends[1] = np.where(rank <= tiny, -0.5, ends[1])
    equated = (ends[0] + ends[1]) / 2
    density = np.where(upper == lower, g[upper], np.nan)
    by_new = np.tri(x.size, f.size, -1) + 0.5 * np.eye(x.size, f.size)
    cell = np.clip(np.round(equated), 0, g.size - 1).astype(int)
    columns = np.arange(g.size)
    by_old = (columns < cell[:, None]) + (columns == cell[:, None]) * (equated - cell + 0.5)[
        :, None
    ]
    scale = np.where(density > 0, density, np.nan)[:, None]
    plain = _with_error(x, equated, by_new, -by_old, new, old)
    return Equating(x, equated, plain.error / scale[:, 0])


def bootstrap_error(
    new: ScoreDistribution,
    old: ScoreDistribution,
    equate: Callable[[ScoreDistribution, ScoreDistribution], Equating],
    *,
    rng: Rng,
    replications: int = 500,
) -> Equating:
    """Replace the standard errors by those of a parametric bootstrap.

    Parameters
    ----------
    equate
        For instance `equipercentile`; samples are smoothed again to the degree of `new`, `old`.
    replications
        At least 50.
    """
    if replications < 50:
        raise ValueError("at least 50 replications")
    draw = generator(rng)

    def resample(d: ScoreDistribution) -> ScoreDistribution:
        if d.people == 0:
            return d
        counts = draw.multinomial(d.people, d.probability)
        return raw_distribution(counts) if d.degree is None else log_linear(counts, d.degree)

    table = np.stack([equate(resample(new), resample(old)).equated for _ in range(replications)])
    plain = equate(new, old)
    return Equating(plain.score, plain.equated, table.std(axis=0, ddof=1))


def equated_cut(table: Equating, cut: float) -> float:
    """Lowest score on the new form that is worth at least `cut` on the old one.

    Raises
    ------
    NotEnoughData
        If no score on the new form is worth that much.
    """
    enough = table.equated >= cut - 1e-9
    if not enough.any():
        raise NotEnoughData("等值合格线", 0, 1, "个达到原合格线的分数")
    return float(table.score[int(np.argmax(enough))])
