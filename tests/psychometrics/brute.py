"""Direct summation in plain loops, against which every shortcut is checked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fazhi_exam.psychometrics.models import ItemModel

Array = NDArray[np.float64]


def weights_of(theta: Array, mean: float = 0.0, sd: float = 1.0) -> Array:
    """Return normal weights on the nodes, summing to 1."""
    w = np.exp(-0.5 * ((theta - mean) / sd) ** 2)
    return np.asarray(w / w.sum())


def likelihoods(models: Sequence[ItemModel], row: Sequence[int], theta: Array) -> Array:
    """Likelihood of one person's answers at each node, item after item; -1 is not presented."""
    out = np.ones(theta.size)
    for model, category in zip(models, row, strict=True):
        if category >= 0:
            out = out * model.probabilities(theta)[:, category]
    return out


def loglik(
    models: Sequence[ItemModel], matrix: NDArray[np.int8], theta: Array, weights: Array
) -> Array:
    """Marginal log-likelihood of each person; `weights` is one row, or one per person."""
    tables = [model.probabilities(theta) for model in models]
    rows = np.broadcast_to(np.atleast_2d(weights), (len(matrix), theta.size))
    out = []
    for row, w in zip(matrix, rows, strict=True):
        product = w.copy()
        for table, category in zip(tables, row, strict=True):
            if category >= 0:
                product *= table[:, category]
        out.append(np.log(product.sum()))
    return np.array(out)


def moments(
    models: Sequence[ItemModel], matrix: NDArray[np.int8], theta: Array, weights: Array
) -> tuple[Array, Array]:
    """Posterior mean and sd of each person."""
    mean, sd = [], []
    for row in matrix:
        post = weights * likelihoods(models, row.tolist(), theta)
        post /= post.sum()
        m = float(post @ theta)
        mean.append(m)
        sd.append(float(np.sqrt(post @ (theta - m) ** 2)))
    return np.array(mean), np.array(sd)
