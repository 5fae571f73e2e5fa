"""Shared type names: arrays, sources of randomness, progress."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

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
