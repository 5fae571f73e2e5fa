"""Differential item functioning from item models: Wald test, areas, likelihood ratio.

Groups are coded 0 (reference) and 1 (focal).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.stats import chi2

from ..errors import NotEnoughData
from ..typing import Bools, Floats
from .classical import presented
from .item_parameters import probability_gradient, with_parameters
from .models import FourPL, ItemModel, ThreePL


@dataclass(frozen=True, slots=True)
class WaldDif:
    """Lord's test of equal item parameters, per item: `chi_square` and `p` of shape (items,)."""

    chi_square: Floats
    p: Floats
    degrees: int


def wald_dif(
    reference: ArrayLike,
    focal: ArrayLike,
    reference_covariance: ArrayLike,
    focal_covariance: ArrayLike,
) -> WaldDif:
    """Lord's chi-square that parameters from two separate calibrations are equal.

    Parameters
    ----------
    reference, focal
        Shape ``(items, parameters)``, on one scale (link the focal group first). Leave out
        lower asymptotes, whose errors are not normal.
    reference_covariance, focal_covariance
        Shape ``(items, parameters, parameters)``.

    References
    ----------
    Lord (1980), Applications of Item Response Theory, section 14.4.
    """
    d = np.atleast_2d(np.asarray(reference, float) - np.asarray(focal, float))
    v = np.asarray(reference_covariance, float) + np.asarray(focal_covariance, float)
    if v.shape != (*d.shape, d.shape[1]):
        raise ValueError("one covariance matrix per item is needed")
    chi = np.einsum("ij,ij->i", d, np.linalg.solve(v, d[:, :, None])[:, :, 0])
    return WaldDif(chi, np.asarray(chi2.sf(chi, d.shape[1])), d.shape[1])


@dataclass(frozen=True, slots=True)
class RajuArea:
    """Area between two item curves; positive `signed` means harder for the focal group.

    `signed_error` and `unsigned_error` are NaN without covariances.
    """

    signed: float
    unsigned: float
    signed_error: float
    unsigned_error: float


def raju_area(
    reference: tuple[float, float],
    focal: tuple[float, float],
    *,
    lower: float = 0.0,
    reference_covariance: ArrayLike | None = None,
    focal_covariance: ArrayLike | None = None,
) -> RajuArea:
    """Exact area between two logistic curves with slopes a and difficulties b.

    Parameters
    ----------
    reference, focal
        ``(a, b)`` of each group on one scale; both slopes positive.
    lower
        Common lower asymptote; with unequal ones the area is infinite.
    reference_covariance, focal_covariance
        Covariance of ``(a, b)``, shape ``(2, 2)``, for standard errors by the delta method.

    References
    ----------
    Raju (1988), Psychometrika 53:495-502; (1990), Appl. Psychol. Meas. 14:197-207.
    """
    (a1, b1), (a2, b2) = reference, focal
    if min(a1, a2) <= 0 or not 0 <= lower < 1:
        raise ValueError("slopes must be positive and the lower asymptote in [0, 1)")
    both = np.array([a1, b1, a2, b2])
    signed = (1 - lower) * (b2 - b1)
    unsigned = (1 - lower) * _unsigned(both)
    errors = [float("nan"), float("nan")]
    if reference_covariance is not None and focal_covariance is not None:
        c = np.zeros((4, 4))
        c[:2, :2], c[2:, 2:] = np.asarray(reference_covariance), np.asarray(focal_covariance)
        slope = np.array([0.0, -1.0, 0.0, 1.0]) * (1 - lower)
        steps = np.eye(4) * 1e-6
        bend = np.array([_unsigned(both + h) - _unsigned(both - h) for h in steps]) / 2e-6
        bend = bend * (1 - lower)
        errors = [float(np.sqrt(g @ c @ g)) for g in (slope, bend)]
    return RajuArea(signed, unsigned, errors[0], errors[1])


def _unsigned(values: Floats) -> float:
    """Unsigned area for a lower asymptote of 0; falls back to |b2 - b1| for equal slopes."""
    a1, b1, a2, b2 = values.tolist()
    gap = b2 - b1
    if abs(a1 - a2) < 1e-9 * max(a1, a2):
        return abs(float(gap))
    k = a1 * a2 * gap / (a2 - a1)
    # 2 (a2 - a1) / (a1 a2) * ln(1 + e^k) - gap, without overflow
    return abs(float(2 * (a2 - a1) / (a1 * a2) * np.logaddexp(0, k) - gap))


@dataclass(frozen=True, slots=True)
class LikelihoodRatioDif:
    """Likelihood-ratio test of one item.

    Parameters
    ----------
    chi_square, degrees, p
        Twice the gain in log-likelihood from separate item parameters, its degrees of freedom
        and p-value.
    reference, focal
        The item as estimated in each group, on the common scale.
    """

    chi_square: float
    degrees: int
    p: float
    reference: ItemModel
    focal: ItemModel


def likelihood_ratio_dif(
    responses: ArrayLike,
    group: ArrayLike,
    models: Sequence[ItemModel],
    item: int,
    nodes: ArrayLike,
    weights: ArrayLike,
) -> LikelihoodRatioDif:
    """Test one item's parameters for equality between two groups, all others being anchors.

    Parameters
    ----------
    responses
        Shape ``(people, items)``, categories; negative means not presented.
    group
        0 reference, 1 focal, shape ``(people,)``.
    models
        Calibrated items on one scale; the studied one gives the starting values and the kind.
    item
        Index of the studied item.
    nodes, weights
        Ability nodes ``(q,)`` and the ability distribution of each group, shape ``(2, q)``.

    Notes
    -----
    Anchors and ability distributions are held at their estimates, and only the studied item is
    estimated, once for everybody and once by group; lower and upper asymptotes stay as they are.
    Thissen, Steinberg & Wainer (1993). Holding the anchors fixed leaves out their sampling error,
    which is small beside the item's own when there are many anchors.

    Raises
    ------
    NotEnoughData
        If a group has fewer than 20 answers to the item.
    """
    values, mask = presented(responses)
    g = np.asarray(group)
    x, w = np.asarray(nodes, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if values.shape != (g.size, len(models)) or w.shape != (2, x.size):
        raise ValueError("need one group per person, one model per item, weights of shape (2, q)")
    use = mask[:, item]
    for code in (0, 1):
        have = int((use & (g == code)).sum())
        if have < 20:
            raise NotEnoughData("项目功能差异（似然比）", have, 20, "人（较小的组）")
    log = np.zeros((g.size, x.size))
    for j, model in enumerate(models):
        if j != item:
            table = np.log(np.maximum(model.probabilities(x), 1e-300)).T
            log += np.where(mask[:, j : j + 1], table[values[:, j].astype(np.int64)], 0.0)
    log += np.log(np.maximum(w / w.sum(axis=1, keepdims=True), 1e-300))[g.astype(np.int64)]
    prior = np.exp(log - log.max(axis=1, keepdims=True))[use]
    prior /= prior.sum(axis=1, keepdims=True)
    answer, side = values[use, item].astype(np.int64), g[use]
    both, start = _fit_item(models[item], answer, prior, x)
    parts = [_fit_item(start, answer[side == k], prior[side == k], x) for k in (0, 1)]
    chi = max(2 * (parts[0][0] + parts[1][0] - both), 0.0)
    degrees = int(_free(start).sum())
    return LikelihoodRatioDif(chi, degrees, float(chi2.sf(chi, degrees)), parts[0][1], parts[1][1])


def _free(model: ItemModel) -> Bools:
    free: Bools = np.ones(len(model.parameters), dtype=bool)
    if isinstance(model, ThreePL | FourPL):
        free[2:] = False
    return free


def _fit_item(
    model: ItemModel, answer: np.ndarray, prior: Floats, nodes: Floats
) -> tuple[float, ItemModel]:
    """Maximise the marginal likelihood of one item given the posterior from the others."""
    free = _free(model)
    start = np.array(model.parameters)

    def loss(values: Floats) -> tuple[float, Floats]:
        full = start.copy()
        full[free] = values
        try:
            current = with_parameters(model, full)
        except ValueError:  # steps out of order or a slope past zero: not a candidate
            return 1e12, np.zeros(values.size)
        p = np.maximum(current.probabilities(nodes), 1e-300)
        joint = prior * p.T[answer]
        marginal = joint.sum(axis=1)
        posterior = joint / marginal[:, None]
        table = np.stack([posterior[answer == k].sum(axis=0) for k in range(p.shape[1])], axis=1)
        slope = (probability_gradient(current, nodes)[free] * (table / p)).sum(axis=(1, 2))
        return -float(np.log(marginal).sum()), -slope

    found = minimize(loss, start[free], jac=True, method="L-BFGS-B", options={"ftol": 1e-13})
    best = start.copy()
    best[free] = found.x
    return -float(found.fun), with_parameters(model, best)
