"""Person fit: how well a row of answers agrees with the model.

Low values of `lz` and `lz_star`, and high values of `u3`, mean an unlikely pattern. A flag is a
reason to look, never a verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit

from ..errors import NotEnoughData
from ..typing import Bools, Floats, Ints
from .classical import Columns, presented
from .models import ItemModel


@dataclass(frozen=True, slots=True)
class LogLikelihoodFit:
    """Standardised log-likelihood of every person's answers, each of shape ``(people,)``.

    Parameters
    ----------
    log_likelihood
        Natural logarithm of the probability of the answers at the ability given.
    lz
        Standardised with the mean and variance at that ability (Drasgow, Levine & Williams 1985).
        Its spread is too small when the ability was estimated from the same answers.
    lz_star
        Corrected for the estimation (Snijders 2001; Sinharay 2016 for several categories); about
        standard normal. NaN, like `lz`, for people without answers or without information.
    """

    log_likelihood: Floats
    lz: Floats
    lz_star: Floats


def _prepared(
    responses: ArrayLike, models: Sequence[ItemModel], theta: ArrayLike
) -> tuple[Columns, Bools, Floats]:
    """Columns of answers, whose ability is finite, and the abilities with 0 elsewhere."""
    columns, t = Columns(responses), np.asarray(theta, dtype=np.float64)
    if (columns.people, columns.items) != (t.size, len(models)) or t.ndim != 1:
        raise ValueError("responses need the shape people x items, one ability per person")
    finite: Bools = np.isfinite(t)
    return columns, finite, np.where(finite, t, 0.0)


def _answers(columns: Columns, models: Sequence[ItemModel], item: int) -> tuple[Ints, Bools]:
    x, mask = columns[item]
    if np.any(x >= models[item].categories):
        raise ValueError(f"item {item}: a response beyond {models[item].categories} categories")
    return x.astype(np.int64), mask


def log_likelihood_fit(
    responses: ArrayLike, models: Sequence[ItemModel], theta: ArrayLike
) -> LogLikelihoodFit:
    """Compute lz and lz* of every person.

    Parameters
    ----------
    responses
        Shape ``(people, items)``, categories; negative means not presented.
    models
        One per item.
    theta
        Estimated abilities ``(people,)`` by maximum likelihood, weighted likelihood or MAP;
        not-finite ones give NaN.

    Notes
    -----
    The corrected statistic replaces each category's log-probability by its residual on the
    likelihood score, so its numerator does not move with small errors of the ability; this form
    is the same for every estimator of that kind, because the estimating equation has then been
    subtracted.
    """
    columns, finite, t = _prepared(responses, models, theta)
    people = t.size
    observed, mean, variance, cross, information, score = (np.zeros(people) for _ in range(6))
    for j, model in enumerate(models):
        p, dp, _ = model.derivatives(t)
        at, seen = _answers(columns, models, j)
        seen = seen & finite
        log_p = np.log(np.maximum(p, 1e-300))
        ratio = dp / np.maximum(p, 1e-300)
        expected = (p * log_p).sum(axis=1)
        pick = np.arange(people)
        observed += seen * log_p[pick, at]
        mean += seen * expected
        variance += seen * ((p * log_p**2).sum(axis=1) - expected**2)
        cross += seen * (dp * log_p).sum(axis=1)
        information += seen * (dp * ratio).sum(axis=1)
        score += seen * ratio[pick, at]
    with np.errstate(divide="ignore", invalid="ignore"):
        lz = np.where(variance > 1e-12, (observed - mean) / np.sqrt(variance), np.nan)
        c = cross / information
        # Variance of the part of log P that is uncorrelated with the score of the ability.
        rest = variance - c * cross
        star = np.where(
            (information > 1e-12) & (rest > 1e-12),
            (observed - mean - c * score) / np.sqrt(rest),
            np.nan,
        )
    return LogLikelihoodFit(observed, lz, star)


@dataclass(frozen=True, slots=True)
class MeanSquareFit:
    """Infit and outfit mean squares (1 is expected) and their standardised forms."""

    infit: Floats
    outfit: Floats
    infit_z: Floats
    outfit_z: Floats


def mean_squares(
    responses: ArrayLike, models: Sequence[ItemModel], theta: ArrayLike, *, axis: int
) -> MeanSquareFit:
    """Infit and outfit of persons (``axis=1``) or of items (``axis=0``).

    Parameters
    ----------
    responses, models, theta
        As in `log_likelihood_fit`.
    axis
        Axis that is averaged over: 1 gives one value per person, 0 one per item.

    Notes
    -----
    Wright & Masters (1982), chapter 5; the standardised forms use the Wilson-Hilferty cube root.
    The mean squares suppose a common slope; with unequal slopes 1 is still expected.
    """
    if axis not in (0, 1):
        raise ValueError("axis is 0 (items) or 1 (persons)")
    columns, finite, t = _prepared(responses, models, theta)
    size = columns.people if axis == 1 else columns.items
    # Rows: answers, squared residuals over variance, kurtosis; residuals, variance, its spread.
    total = np.zeros((6, size))
    for j, model in enumerate(models):
        answer, seen = _answers(columns, models, j)
        p = model.probabilities(t)
        k = np.arange(model.categories)
        e = p @ k
        d = k - e[:, None]
        variance = (p * d**2).sum(axis=1)
        fourth = (p * d**4).sum(axis=1)
        square = (answer - e) ** 2
        use = seen & finite & (variance > 1e-10)
        v = np.where(use, variance, 1.0)
        parts = (np.ones(v.size), square / v, fourth / v**2, square, v, fourth - v**2)
        for row, part in zip(total, parts, strict=True):
            if axis == 1:
                row += np.where(use, part, 0.0)
            else:
                row[j] = part[use].sum()
    n, ratio, kurtosis, square, variance, spread = total
    with np.errstate(divide="ignore", invalid="ignore"):
        outfit, infit = ratio / n, square / variance
        q_out = np.sqrt((kurtosis / n - 1) / n)
        q_in = np.sqrt(spread) / variance
        z = [(np.cbrt(m) - 1) * 3 / q + q / 3 for m, q in ((infit, q_in), (outfit, q_out))]
    return MeanSquareFit(infit, outfit, z[0], z[1])


def u3(responses: ArrayLike, facility: ArrayLike | None = None) -> Floats:
    """Van der Flier's U3 of right/wrong answers.

    Parameters
    ----------
    responses
        Shape ``(people, items)``; negative means not presented.
    facility
        Share right of each item; by default in these data. Items with 0 or 1 are left out.

    Returns
    -------
    Floats
        Shape ``(people,)``: 0 for a Guttman pattern, 1 for its reverse; NaN if all or none of the
        person's items are right.

    References
    ----------
    Van der Flier (1982), J. Cross-Cult. Psychol. 13:267-298.
    """
    values, mask = presented(responses)
    if np.any((values != 0) & (values != 1)):
        raise ValueError("U3 needs answers scored 0 or 1")
    with np.errstate(invalid="ignore"):
        p = values.sum(0) / mask.sum(0) if facility is None else np.asarray(facility, float)
    usable = (p > 0) & (p < 1)
    if usable.sum() < 2:
        raise NotEnoughData("U3", int(usable.sum()), 2, "道有对有错的题")
    order = np.flatnonzero(usable)[np.argsort(-p[usable], kind="stable")]
    w = logit(p[order])
    x, seen = values[:, order], mask[:, order]
    right = x.sum(axis=1)
    rank = seen.cumsum(axis=1)
    count = seen.sum(axis=1)
    best = (seen & (rank <= right[:, None])) @ w
    worst = (seen & (rank > (count - right)[:, None])) @ w
    gap = best - worst
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap > 1e-12, (best - x @ w) / gap, np.nan)


def ht(responses: ArrayLike) -> Floats:
    """Sijtsma's person scalability coefficient of complete right/wrong answers.

    Parameters
    ----------
    responses
        Shape ``(people, items)`` of 0 and 1, nothing missing, at least two people.

    Returns
    -------
    Floats
        Shape ``(people,)``; 1 for perfect agreement with the others' order of the items, 0 for
        none; NaN if all or none are right.

    Notes
    -----
    Sum of covariances with all other people over the sum of the largest possible ones: Sijtsma
    (1986), Sijtsma & Meijer (1992), Appl. Psychol. Meas. 16:149-157. Sorting people by score
    makes it ``n log n`` instead of a pass over all pairs.
    """
    x, mask = presented(responses)
    if not mask.all() or np.any((x != 0) & (x != 1)) or len(x) < 2:
        raise ValueError("Ht needs complete answers scored 0 or 1 of at least two people")
    share = x.mean(axis=1)
    rest = x.sum(axis=0) - x
    covariance = (x * rest).mean(axis=1) - share * rest.mean(axis=1)
    order = np.argsort(share, kind="stable")
    s = share[order]
    # For a pair the largest covariance is min(s) (1 - max(s)).
    lower = np.concatenate([[0.0], s.cumsum()])[:-1]
    upper = (1 - s)[::-1].cumsum()[::-1] - (1 - s)
    largest = np.empty(len(s))
    largest[order] = (1 - s) * lower + s * upper
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((share > 0) & (share < 1) & (largest > 0), covariance / largest, np.nan)
