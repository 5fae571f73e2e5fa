"""How long the statistics of counts and rates take.

Run ``python benchmarks/statistics_rates.py``; the figures go to ``benchmarks/results``. Equal rows
are solved once, so intervals are timed on rows of few, of many and of hardly any equal counts.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np

from fazhi_exam.statistics.attack import breaches
from fazhi_exam.statistics.control_charts import change_points
from fazhi_exam.statistics.decomposition import kitagawa
from fazhi_exam.statistics.disclosure import suppress
from fazhi_exam.statistics.funnel import funnel
from fazhi_exam.statistics.intervals import (
    agresti_coull,
    clopper_pearson,
    jeffreys,
    mid_p,
    wilson,
)
from fazhi_exam.statistics.mixed_logistic import fit_mixed_logistic
from fazhi_exam.statistics.shrinkage import grid_prior, rank_intervals, shrink

ROWS = 1_000_000
UNITS = 176


RESULTS = Path(__file__).parent / "results" / "statistics_rates.json"
KEPT: dict[str, dict[str, float]] = {}


def timed(name: str, step: Callable[[], object], *, goal: float) -> None:
    """Print and keep the best of three runs beside the goal, in seconds of processor time."""
    best = np.inf
    for _ in range(3):
        start = process_time()
        step()
        best = min(best, process_time() - start)
    KEPT[name] = {"seconds": round(best, 4), "goal": goal}
    print(f"{name:<52}{best:9.3f} s   goal {goal:6.2f} s   {'ok' if best <= goal else 'MISSED'}")


def main() -> None:
    """Time intervals on a million rows and the analyses of a province of 176 units."""
    rng = np.random.default_rng(1)
    for largest in (300, 2000, 100_000):
        sat = rng.integers(1, largest + 1, ROWS)
        passed = rng.binomial(sat, rng.beta(8, 2, ROWS))
        for method in (wilson, agresti_coull, clopper_pearson, jeffreys, mid_p):
            timed(
                f"{method.__name__}, 1e6 rows of up to {largest} people",
                lambda m=method, k=passed, n=sat: m(k, n),
                goal=2,
            )
    n = rng.integers(5, 60, UNITS)
    k = rng.binomial(n, rng.beta(8, 2, UNITS))
    timed("funnel, 176 units", lambda: funnel(k, n), goal=0.1)
    timed("shrink by maximum likelihood, 176 units", lambda: shrink(k, n), goal=0.05)
    timed("shrink on a grid, 176 units", lambda: shrink(k, n, prior=grid_prior(k, n)), goal=0.5)
    timed("rank intervals, 176 units", lambda: rank_intervals(shrink(k, n), rng=1), goal=0.3)
    unit = np.repeat(np.arange(331), 4)
    x = np.column_stack([np.ones(unit.size), *(np.tile(np.arange(4), 331) == j for j in (1, 2, 3))])
    linear = x @ [0.5, 0.1, -0.1, 0.2] + 0.4 * rng.normal(size=331)[unit]
    many = rng.binomial(200, 1 / (1 + np.exp(-linear)))
    timed(
        "mixed logistic, 331 units × 4 cells",
        lambda: fit_mixed_logistic(many, 200, x, unit),
        goal=0.5,
    )
    series = rng.binomial(500, 0.85, 120)
    timed("change points, 120 months", lambda: change_points(series, 500), goal=0.1)
    before, after = rng.integers(1, 50, (2, 5000))
    timed(
        "Kitagawa, 5,000 strata",
        lambda: kitagawa(before // 2, before, after // 3, after),
        goal=0.01,
    )
    for mean, share in ((40, [8, 20, 25, 5]), (15, [8, 20, 25, 5])):
        table = rng.multinomial(rng.poisson(mean, UNITS) + 1, rng.dirichlet(share, UNITS))
        timed(
            f"suppress, 176 units × 4 grades, {mean} people each",
            lambda t=table: suppress(t),
            goal=5,
        )
        mask = suppress(table).hidden
        timed(
            f"attack on it ({mask.sum()} hidden)", lambda t=table, m=mask: breaches(t, m), goal=10
        )
    known = {"load": round(os.getloadavg()[0], 1), "timed": KEPT}
    RESULTS.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
