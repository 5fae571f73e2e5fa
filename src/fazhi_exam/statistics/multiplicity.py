"""Adjusting p-values when many units are looked at together."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ..typing import Floats


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Adjust p-values to control the false discovery rate (scipy's own).

    Parameters
    ----------
    p
        Shape (units,), in [0, 1].

    Returns
    -------
    adjusted
        Shape (units,); rejecting those ``<= q`` keeps the expected share of false ones under q.

    Raises
    ------
    ValueError
        If a p-value is missing or outside [0, 1].
    """
    values = _checked(p)
    return np.asarray(stats.false_discovery_control(values), float) if values.size else values


def holm(p: ArrayLike) -> Floats:
    """Adjust p-values to control the chance of any false rejection, step down.

    Parameters, returns and errors as `benjamini_hochberg`.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65-70.
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(values.size, 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def _checked(p: ArrayLike) -> Floats:
    values = np.asarray(p, float)
    if values.ndim != 1 or not np.all((values >= 0) & (values <= 1)):
        raise ValueError("need a vector of p-values in [0, 1]")
    return values
