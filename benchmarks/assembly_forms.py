"""Parallel forms by integer programming: ten disjoint ones from 20,000 items, one from 1,000.

Run ``python benchmarks/assembly_forms.py``; the figures go to ``benchmarks/results``.
"""

import json
import time
from datetime import date
from pathlib import Path

from assembly_deal import make_bank, make_blueprint

from fazhi_exam.assembly import FormTargets, assemble

ON = date(2026, 12, 1)


def measure(size: int, forms: int) -> dict[str, object]:
    """Assemble forms of 100 items in 30 rows, with enemies and information at three points."""
    bank, models = make_bank(size)
    blueprint = make_blueprint()
    cpu, wall = time.process_time(), time.perf_counter()
    made = assemble(blueprint, bank, on=ON, forms=forms, targets=FormTargets(models), rng=1)
    return {
        "bank": size,
        "forms": forms,
        "cpu_seconds": time.process_time() - cpu,
        "wall_seconds": time.perf_counter() - wall,
        "search_seconds": sum(report.seconds for report in made.reports),
        "deviation": made.deviation,
        "within": made.within,
        "common_items": max((n for i, row in enumerate(made.overlap) for n in row[:i]), default=0),
    }


def main() -> None:
    """Measure and write the figures."""
    figures = [measure(1000, 1), measure(5000, 10), measure(20_000, 10)]
    text = json.dumps(figures, indent=1)
    print(text)
    path = Path(__file__).parent / "results" / "assembly_forms.json"
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
