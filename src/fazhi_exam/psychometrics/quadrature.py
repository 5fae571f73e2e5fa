"""Nodes and ability distributions (积分节点与能力分布)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Floats

__all__ = [
    "STANDARD_NORMAL",
    "Nodes",
    "NormalAbility",
    "even_nodes",
    "nodes_for",
    "normal_log_weights",
]

_MOST_NODES = 1001


@dataclass(frozen=True, slots=True)
class Nodes:
    """Evenly spaced abilities at which integrals over ability are summed.

    Parameters
    ----------
    theta
        Shape ``(Q,)``, rising, evenly spaced.
    smallest_sd
        The smallest posterior standard deviation for which the spacing was chosen; 0 if none was
        asked.
    """

    theta: Floats
    smallest_sd: float = 0.0

    @property
    def spacing(self) -> float:
        """Distance of neighbours."""
        return float(self.theta[1] - self.theta[0])


@dataclass(frozen=True, slots=True)
class NormalAbility:
    """A normal ability distribution."""

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and np.isfinite(self.sd) and self.sd > 0):
            raise ValueError(f"need a finite mean and sd > 0, found {self.mean}, {self.sd}")


STANDARD_NORMAL = NormalAbility()
"""Mean 0, sd 1: the default population."""


def even_nodes(count: int = 61, *, low: float = -6.0, high: float = 6.0) -> Nodes:
    """Return `count` evenly spaced nodes from `low` to `high`."""
    if count < 3 or not low < high:
        raise ValueError(f"need at least 3 nodes and low < high, found {count}, {low}, {high}")
    return Nodes(np.linspace(low, high, count))


def nodes_for(
    information: float, *, low: float = -6.0, high: float = 6.0, fewest: int = 61
) -> Nodes:
    """Choose nodes fine enough for a test of the given highest information.

    The error of the even rule for a normal posterior of standard deviation ``s`` is about
    ``exp(-2 pi^2 s^2 / h^2)``, so a spacing ``h <= s`` keeps it below 1e-8.

    Parameters
    ----------
    information
        Highest information of the test over ability, prior included.
    low, high
        Range; ``mean ± 6 sd`` of the abilities.
    fewest
        At least so many nodes.
    """
    sd = 1.0 / np.sqrt(max(information, 1e-9))
    need = int(np.ceil((high - low) / sd)) + 1
    need = min(max(need, fewest), _MOST_NODES)
    return Nodes(np.linspace(low, high, need + (need + 1) % 2), float(sd))


def normal_log_weights(theta: ArrayLike, mean: float = 0.0, sd: float = 1.0) -> Floats:
    """Logarithm of normal weights on nodes, renormalised to sum to 1."""
    z = -0.5 * ((np.asarray(theta, float) - mean) / sd) ** 2
    return np.asarray(z - z.max() - np.log(np.sum(np.exp(z - z.max()))))
