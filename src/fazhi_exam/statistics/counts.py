"""Checked counts: what every function on numbers of passes accepts."""

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats


def counts(passed: ArrayLike, sat: ArrayLike, *, empty: bool = False) -> tuple[Floats, Floats]:
    """Return two count arrays broadcast against each other, or say what is wrong with them.

    Parameters
    ----------
    passed, sat
        Whole numbers that broadcast to shape ``(...)``; ``0 <= passed <= sat``.
    empty
        Whether ``sat == 0`` is allowed. A rate over nobody is undefined, so most callers refuse.

    Returns
    -------
    passed, sat
        Shape ``(...)``.

    Raises
    ------
    ValueError
        If a count is missing (NaN), not whole, negative or too large.
    """
    k, n = np.broadcast_arrays(np.asarray(passed, float), np.asarray(sat, float))
    # Written so that NaN fails: every comparison with NaN is false.
    if not np.all((k >= 0) & (k <= n) & ((n >= 0) if empty else (n > 0)) & np.isfinite(n)):
        bound = "sat >= 0" if empty else "sat > 0"
        raise ValueError(f"need finite counts with 0 <= passed <= sat and {bound}")
    if np.any(k != np.floor(k)) or np.any(n != np.floor(n)):
        raise ValueError("counts must be whole numbers")
    return k, n


def probability(name: str, value: float, *, closed: bool = False) -> float:
    """Return `value` if it lies in (0, 1), or in [0, 1] when `closed`.

    Raises
    ------
    ValueError
        If it does not, or is NaN.
    """
    inside = 0 <= value <= 1 if closed else 0 < value < 1
    if not inside:
        raise ValueError(f"{name} must lie in {'[0, 1]' if closed else '(0, 1)'}, not {value}")
    return float(value)
