"""Hiding counts in 500 tables of 176 units × 4 grades, and the attack on each of them.

Run ``python benchmarks/statistics_disclosure.py [tables]``; the figures go to
``benchmarks/results``. A breach is a hidden count that the published ones, margins included, bound
within less than the threshold; there must be none.
"""

import json
import sys
from pathlib import Path
from time import process_time

import numpy as np

from fazhi_exam.statistics.attack import breaches
from fazhi_exam.statistics.disclosure import suppress
from fazhi_exam.typing import Ints

RESULTS = Path(__file__).parent / "results" / "statistics_disclosure.json"
UNITS, THRESHOLD, PEOPLE = 176, 10, (8, 20, 40, 80)


def unit_table(rng: np.random.Generator, mean: int) -> Ints:
    """Draw a table of units by four grades, with unequal units and shares."""
    size = rng.poisson(rng.gamma(2.0, mean / 2, UNITS))
    shares = rng.dirichlet([4, 9, 12, 3], UNITS)
    return np.array([rng.multinomial(n, p) for n, p in zip(size, shares, strict=True)])


def one(table: Ints) -> dict[str, float]:
    """Hide counts of a table and attack it."""
    start = process_time()
    made = suppress(table, threshold=THRESHOLD)
    between = process_time()
    found = breaches(table, made.hidden, threshold=THRESHOLD)
    return {
        "breaches": int(found.sum()),
        "small": float(made.primary.mean()),
        "hidden": float(made.hidden.mean()),
        "suppress": between - start,
        "attack": process_time() - between,
    }


def summed(rows: list[dict[str, float]]) -> dict[str, float]:
    """Sum tables up."""
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return {
        "tables": len(rows),
        "breaches": sum(int(row["breaches"]) for row in rows),
        "share_too_small": round(mean["small"], 3),
        "share_hidden": round(mean["hidden"], 3),
        "suppress_seconds": round(mean["suppress"], 4),
        "suppress_seconds_worst": round(max(row["suppress"] for row in rows), 3),
        "attack_seconds": round(mean["attack"], 4),
        "attack_seconds_worst": round(max(row["attack"] for row in rows), 3),
    }


def main() -> None:
    """Measure and write."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rng = np.random.default_rng(3)
    by_size: dict[int, list[dict[str, float]]] = {mean: [] for mean in PEOPLE}
    for _ in range(count):
        mean = int(rng.choice(PEOPLE))
        by_size[mean].append(one(unit_table(rng, mean)))
    found: dict[str, float] = {"units": UNITS, "grades": 4, "threshold": THRESHOLD}
    found |= summed([row for rows in by_size.values() for row in rows])
    result = found | {f"{m} people a unit": summed(rows) for m, rows in by_size.items() if rows}
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    print(text, end="")
    RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
