"""Equating through item models: true scores and observed scores, with standard errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import DidNotConverge
from ..typing import Floats, Rng, generator
from .ability import score_distribution
from .equating import Equating, ScoreDistribution, equipercentile
from .information import Points, ability_at, category_points, score_curve
from .item_parameters import probability_gradient, with_parameters
from .models import ItemModel


@dataclass(frozen=True, slots=True)
class TrueScoreEquating:
    """Item-response true-score equating.

    Parameters
    ----------
    score, equated
        Scores on the new form and their worth on the old one, shape ``(n,)``.
    theta
        Ability that links them; infinite outside the range of the curve.
    error
        Standard errors from the covariance of the item parameters; NaN without it.
    """

    score: Floats
    equated: Floats
    theta: Floats
    error: Floats


def true_score_equating(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    score: ArrayLike | None = None,
    *,
    new_points: Points | None = None,
    old_points: Points | None = None,
    new_covariance: ArrayLike | None = None,
    old_covariance: ArrayLike | None = None,
) -> TrueScoreEquating:
    """Equate expected scores at the same ability; both forms must be on one scale.

    Parameters
    ----------
    new, old
        The items of the two forms.
    score
        Scores on the new form; by default every integer from 0 to the highest.
    new_points, old_points
        Points of the items, as in `information.score_curve`.
    new_covariance, old_covariance
        Covariance of all item parameters of a form in their order, for standard errors.

    Notes
    -----
    Below the guessing floor of the new form scores are interpolated from 0 (Kolen 1981), and the
    highest score goes to the highest. Reference values: the program PolyEquate (Kolen 2004).
    """
    top_new = float(sum(row.max() for row in category_points(new, new_points)))
    top_old = float(sum(row.max() for row in category_points(old, old_points)))
    x = np.arange(top_new + 1) if score is None else np.atleast_1d(np.asarray(score, float))
    theta = ability_at(new, x, new_points)
    inside = np.isfinite(theta)
    floor_new = float(score_curve(new, [-60.0], new_points).expected[0])
    floor_old = float(score_curve(old, [-60.0], old_points).expected[0])
    equated = np.where(theta > 0, top_old, 0.0)
    low = np.isneginf(theta)
    equated[low] = x[low] * (floor_old / floor_new if floor_new > 1e-9 else 0.0)
    curve = score_curve(old, theta[inside], old_points)
    equated[inside] = curve.expected
    error = np.full(x.shape, np.nan)
    if new_covariance is not None or old_covariance is not None:
        ratio = curve.slope / score_curve(new, theta[inside], new_points).slope
        variance = np.zeros(ratio.shape)
        for models, points, covariance, factor in (
            (new, new_points, new_covariance, ratio),
            (old, old_points, old_covariance, np.ones(ratio.shape)),
        ):
            if covariance is not None:
                g = expected_gradient(models, theta[inside], points) * factor[:, None]
                variance += np.einsum("ij,jk,ik->i", g, np.asarray(covariance, float), g)
        error[inside] = np.sqrt(np.maximum(variance, 0.0))
    return TrueScoreEquating(x, equated, theta, error)


def expected_gradient(
    models: Sequence[ItemModel], theta: ArrayLike, points: Points | None = None
) -> Floats:
    """Differentiate the expected total score by every item parameter.

    Returns
    -------
    Floats
        Shape ``(n, parameters)``, items in order, each with its `parameters`; central
        differences, accurate to about 1e-9.
    """
    x = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    columns = [
        probability_gradient(model, x) @ row
        for model, row in zip(models, category_points(models, points), strict=True)
    ]
    return np.concatenate(columns, axis=0).T


def observed_score_equating(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    nodes: ArrayLike,
    weights: ArrayLike,
    *,
    new_points: Points | None = None,
    old_points: Points | None = None,
) -> Equating:
    """Equipercentile equating of the score distributions that the models imply.

    Parameters
    ----------
    nodes, weights
        Ability distribution of the population for whom scores are to mean the same, shape
        ``(q,)`` each.

    References
    ----------
    Lord & Wingersky (1984); Kolen & Brennan (2004), section 6.6.
    """
    return equipercentile(
        modelled_distribution(new, nodes, weights, new_points),
        modelled_distribution(old, nodes, weights, old_points),
    )


def observed_score_error(
    new: Sequence[ItemModel],
    old: Sequence[ItemModel],
    nodes: ArrayLike,
    weights: ArrayLike,
    *,
    new_covariance: ArrayLike,
    old_covariance: ArrayLike,
    rng: Rng,
    replications: int = 200,
    new_points: Points | None = None,
    old_points: Points | None = None,
) -> Equating:
    """Observed-score equating with standard errors from draws of the item parameters.

    Parameters
    ----------
    new_covariance, old_covariance
        Covariance of all item parameters of a form in their order; draws outside the allowed range
        (a negative lower asymptote, steps out of order) are drawn again.
    replications
        At least 50.
    """
    if replications < 50:
        raise ValueError("at least 50 replications")
    source = generator(rng)
    sides = [(new, _root(new_covariance)), (old, _root(old_covariance))]
    table = []
    for _ in range(replications):
        first, second = (_redraw(models, root, source) for models, root in sides)
        table.append(
            observed_score_equating(
                first, second, nodes, weights, new_points=new_points, old_points=old_points
            ).equated
        )
    plain = observed_score_equating(
        new, old, nodes, weights, new_points=new_points, old_points=old_points
    )
    return Equating(plain.score, plain.equated, np.std(np.stack(table), axis=0, ddof=1))


def _root(covariance: ArrayLike) -> Floats:
    """Matrix square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(np.asarray(covariance, dtype=np.float64))
    root: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def _redraw(
    models: Sequence[ItemModel], root: Floats, source: np.random.Generator
) -> list[ItemModel]:
    start = np.concatenate([model.parameters for model in models])
    if root.shape[0] != start.size:
        raise ValueError(f"{start.size} item parameters, covariance of {root.shape[0]}")
    ends = np.cumsum([len(model.parameters) for model in models])[:-1]
    for _ in range(1000):
        values = np.split(start + root @ source.standard_normal(root.shape[1]), ends)
        try:
            return [with_parameters(m, v) for m, v in zip(models, values, strict=True)]
        except ValueError:  # outside the range of the model: not a possible draw
            continue
    raise DidNotConverge("题目参数抽样", 1000, float("inf"))


def modelled_distribution(
    models: Sequence[ItemModel],
    nodes: ArrayLike,
    weights: ArrayLike,
    points: Points | None = None,
) -> ScoreDistribution:
    """Total-score distribution that the models imply in a population."""
    w = np.asarray(weights, dtype=np.float64)
    p = (w / w.sum()) @ score_distribution(models, nodes, points)
    return ScoreDistribution(p, 0, np.zeros((p.size, p.size)))
