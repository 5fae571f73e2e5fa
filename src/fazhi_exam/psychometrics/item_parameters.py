"""Item models as vectors of parameters: rebuild them, and differentiate by them."""

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats
from .models import ItemModel

Model = TypeVar("Model", bound=ItemModel)


def with_parameters(model: Model, values: ArrayLike) -> Model:
    """Return the same kind of item with other parameters, in the order of `parameters`.

    Raises
    ------
    ValueError
        If the number of values does not fit or the model refuses them.
    """
    flat = np.asarray(values, dtype=np.float64).ravel().tolist()
    if len(flat) != len(model.parameters):
        raise ValueError(f"{len(model.parameters)} parameters expected, found {len(flat)}")
    arguments: dict[str, float | tuple[float, ...]] = {}
    for field in fields(model):  # type: ignore[arg-type]
        old = getattr(model, field.name)
        take = len(old) if isinstance(old, tuple) else 1
        arguments[field.name] = tuple(flat[:take]) if isinstance(old, tuple) else flat[0]
        flat = flat[take:]
    return replace(model, **arguments)  # type: ignore[type-var]


def probability_gradient(model: ItemModel, theta: ArrayLike) -> Floats:
    """Differentiate the category probabilities by every parameter of the item.

    Parameters
    ----------
    theta
        Abilities, shape ``(n,)``.

    Returns
    -------
    Floats
        Shape ``(parameters, n, categories)``, in the order of `parameters`; central differences,
        accurate to about 1e-9. At the edge of the allowed range (a lower asymptote of 0) the
        difference is taken to the inside.
    """
    x = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    start = np.array(model.parameters)
    out = np.empty((start.size, x.size, model.categories))
    for k in range(start.size):
        ends, width = [], 0.0
        for h in (1e-5, -1e-5):
            moved = start.copy()
            moved[k] += h
            try:
                ends.append(with_parameters(model, moved).probabilities(x))
                width += 1e-5
            except ValueError:
                ends.append(model.probabilities(x))
        if width == 0:
            raise ValueError(f"parameter {k} of {model!r} cannot be moved either way")
        out[k] = (ends[0] - ends[1]) / width
    return out
