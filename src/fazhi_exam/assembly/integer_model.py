"""The integer programme of one form as plain matrices, for any solver (整数规划模型)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from ..typing import Floats
from .plans import facet_margins
from .pool import Pool


@dataclass(frozen=True, slots=True)
class LinearRow:
    """One condition ``low <= sum of weights over chosen units <= high``.

    Parameters
    ----------
    title
        What it stands for.
    weights
        By unit id; absent means 0.
    low, high
        Inclusive; may be infinite.
    elastic
        Scale by which the condition may give way when no form satisfies it; 0 means never.
    """

    title: str
    weights: Mapping[str, float]
    low: float
    high: float
    elastic: float = 0.0


@dataclass(frozen=True)
class IntegerModel:
    """Choose ``x`` in {0, 1} with ``low <= A x <= high`` (整数规划).

    Parameters
    ----------
    units
        Unit ids, one per column.
    titles
        What each row stands for.
    matrix
        Shape ``(rows, units)``.
    low, high
        Limits of the rows, shape ``(rows,)``.
    fixed
        1 for units that must be chosen, shape ``(units,)``.
    elastic
        Scale by which a row may give way, shape ``(rows,)``.
    """

    units: tuple[str, ...]
    titles: tuple[str, ...]
    matrix: sparse.csr_array
    low: Floats
    high: Floats
    fixed: Floats
    elastic: Floats

    def first(self, cost: Floats, *, seconds: float) -> tuple[str, ...] | None:
        """Return the units of the first form found, led by a cost; ``None`` if none is found."""
        answer = milp(
            cost,
            constraints=LinearConstraint(self.matrix, self.low, self.high),
            integrality=np.ones(len(self.units)),
            bounds=Bounds(self.fixed, np.ones(len(self.units))),
            # With costs in (0, 1) every solution has a gap below 1: the first one is taken.
            options={"time_limit": seconds, "mip_rel_gap": 1.0},
        )
        return self._chosen(answer.x)

    def nearest(self, *, floor: float, seconds: float) -> tuple[str, ...] | None:
        """Return the form whose elastic rows give way least; no effort is spent below `floor`.

        One more column holds the largest excess over its elastic rows, in units of their scale.
        """
        size = len(self.units)
        scale = self.elastic[:, None]
        over = sparse.csr_array(np.hstack([-scale, scale]))
        upper = sparse.hstack([self.matrix, over[:, [0]]]).tocsr()
        lower = sparse.hstack([self.matrix, over[:, [1]]]).tocsr()
        nothing = np.full(self.low.size, np.inf)
        answer = milp(
            np.append(np.zeros(size), 1.0),
            constraints=[
                LinearConstraint(upper, -nothing, self.high),
                LinearConstraint(lower, self.low, nothing),
            ],
            integrality=np.append(np.ones(size), 0),
            bounds=Bounds(np.append(self.fixed, floor), np.append(np.ones(size), np.inf)),
            options={"time_limit": seconds, "mip_rel_gap": 0.05},
        )
        return self._chosen(None if answer.x is None else answer.x[:-1])

    def _chosen(self, x: Floats | None) -> tuple[str, ...] | None:
        if x is None:
            return None
        return tuple(name for name, value in zip(self.units, x, strict=True) if value > 0.5)


def integer_model(
    pool: Pool, units: Collection[str], rows: Sequence[LinearRow] = ()
) -> IntegerModel:
    """Write down the programme of one form over some units of a pool.

    Quotas, enemy pairs, limits, fixed units and balanced facets of the blueprint become rows, and
    further rows are added behind them.
    """
    names = tuple(sorted(units))
    place = {name: i for i, name in enumerate(names)}
    every = [*_blueprint_rows(pool), *rows]
    entries: list[tuple[int, int, float]] = [
        (number, place[name], weight)
        for number, row in enumerate(every)
        for name, weight in row.weights.items()
        if name in place
    ]
    i, j, value = (np.array(column) for column in zip(*entries, strict=True))
    matrix = sparse.csr_array((value.astype(float), (i, j)), shape=(len(every), len(names)))
    fixed = {name for cell in pool.cells for name in cell.fixed}
    return IntegerModel(
        names,
        tuple(row.title for row in every),
        matrix,
        np.array([row.low for row in every]),
        np.array([row.high for row in every]),
        np.array([float(name in fixed) for name in names]),
        np.array([row.elastic for row in every]),
    )


def _blueprint_rows(pool: Pool) -> list[LinearRow]:
    rows = [
        LinearRow(c.title, dict.fromkeys((*c.fixed, *c.members), 1.0), c.need, c.need)
        for c in pool.cells
    ]
    rows += [LinearRow(f"互斥题 {a} {b}", {a: 1.0, b: 1.0}, -np.inf, 1.0) for a, b in pool.enemies]
    for limit in pool.limits:
        low = -np.inf if limit.minimum is None else float(limit.minimum)
        high = np.inf if limit.maximum is None else float(limit.maximum)
        rows.append(LinearRow(limit.title, limit.weights, low, high))
    rows += [
        LinearRow(title, dict.fromkeys(units, 1.0), count, count)
        for title, units, count in facet_margins(pool, pool.blueprint.balance)
    ]
    return rows
