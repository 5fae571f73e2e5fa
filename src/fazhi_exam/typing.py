"""Shared type names: arrays, exact points, sources of randomness."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Responses: TypeAlias = NDArray[np.int8]

Rng: TypeAlias = int | np.random.SeedSequence | np.random.Generator
"""What functions that simulate or resample accept as ``rng``."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called as ``progress(done, total)``; raising from it interrupts the work without harm."""


def generator(rng: Rng) -> np.random.Generator:
    """Return a NumPy generator for an integer seed, a seed sequence or a generator.

    Draws that decide over people never use it: they follow the written draw specification.
    """
    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)


def exact(value: Any) -> Decimal:
    """Turn an integer, decimal or numeric text into a finite ``Decimal``.

    Raises
    ------
    ValueError
        If `value` is a float (``0.1 + 0.2`` must not become points), a bool or not a number.
    """
    if isinstance(value, float | bool):
        raise ValueError("分值必须是整数或十进制数字，不能用浮点数")
    try:
        number = Decimal(value)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ValueError(f"分值 {value!r} 不是数字") from error
    if not number.is_finite():
        raise ValueError(f"分值 {value!r} 不是有限的数字")
    return number


Points: TypeAlias = Annotated[Decimal, BeforeValidator(exact)]
"""An exact number of points; refuses floats."""
