"""Anderson acceleration of a fixed-point iteration, with a safeguard on the objective.

Anderson (1965), J. ACM 12:547-560; Walker and Ni (2011), SIAM J. Numer. Anal. 49:1715-1735.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..typing import Floats, Progress

__all__ = ["Outcome", "Step", "maximise"]

_MEMORY = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One evaluation of the map.

    Parameters
    ----------
    value
        Objective at the point where the map was evaluated.
    image
        The map's image of the point.
    gradient
        Gradient of the objective at the point.
    scale
        Positive curvature of each coordinate, for measuring lengths.
    """

    value: float
    image: Floats
    gradient: Floats
    scale: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an iteration ended.

    Parameters
    ----------
    point, last
        The point and the evaluation there.
    passes
        Evaluations of the map.
    shortfall
        Estimate of how far the objective lies below its maximum.
    converged
        Whether the estimate fell below the tolerance.
    """

    point: Floats
    last: Step
    passes: int
    shortfall: float
    converged: bool


@dataclass(slots=True)
class _Memory:
    """Differences of the last points and residuals."""

    points: list[Floats] = field(default_factory=list)
    residuals: list[Floats] = field(default_factory=list)

    def clear(self) -> None:
        self.points.clear()
        self.residuals.clear()

    def propose(self, point: Floats, residual: Floats, scale: Floats) -> Floats:
        """Remember a point and return the accelerated next one."""
        self.points.append(point)
        self.residuals.append(residual)
        del self.points[: -_MEMORY - 1], self.residuals[: -_MEMORY - 1]
        if len(self.points) == 1:
            return point + residual
        root = np.sqrt(scale)
        dz = np.diff(np.array(self.points), axis=0).T
        df = np.diff(np.array(self.residuals), axis=0).T
        size = np.maximum(np.linalg.norm(root[:, None] * df, axis=0), 1e-300)
        gamma = np.linalg.lstsq(root[:, None] * df / size, root * residual, rcond=1e-10)[0] / size
        return np.asarray(point + residual - (dz + df) @ gamma)


def maximise(
    step: Callable[[Floats], Step],
    start: Floats,
    *,
    admissible: Callable[[Floats], bool],
    tolerance: float,
    most_passes: int,
    progress: Progress | None = None,
) -> Outcome:
    """Iterate ``z -> step(z).image``, accelerated, never going down.

    Parameters
    ----------
    step
        A map whose image never lowers the objective (an EM step).
    tolerance
        Stop when the estimated shortfall of the objective is below it.
    progress
        Called after every pass with ``(passes, most_passes)``; raising from it interrupts.
    """
    memory = _Memory()
    point, now, passes = start, step(start), 1
    shortfall = np.inf
    settled = 0
    while True:
        if progress is not None:
            progress(passes, most_passes)
        residual = now.image - point
        ahead = memory.propose(point, residual, now.scale)
        # g' d / 2 is the height still to climb if d is the Newton step, which the accelerated step
        # is near the maximum; the plain residual bounds it from below.
        delta = ahead - point
        climb = abs(float(now.gradient @ delta)) / 2
        quick = abs(float(now.gradient @ residual)) / 2
        shortfall = max(climb, quick)
        settled = settled + 1 if shortfall < tolerance else 0
        if settled >= 1 and (passes >= 3 or quick < 1e-3 * tolerance):
            return Outcome(point, now, passes, shortfall, True)
        if passes >= most_passes:
            return Outcome(point, now, passes, shortfall, False)
        plain = now.image
        if not admissible(ahead) or float(now.gradient @ delta) < 0:
            memory.clear()
            ahead = plain
        found = step(ahead)
        passes += 1
        if not found.value >= now.value - 1e-12 * abs(now.value) and ahead is not plain:
            memory.clear()
            ahead, found = plain, step(plain)
            passes += 1
        elif not found.value >= now.value - 1e-12 * abs(now.value):
            # Even the plain step cannot rise: the objective is flat to rounding here.
            return Outcome(point, now, passes, shortfall, shortfall < 1e3 * tolerance)
        point, now = ahead, found
