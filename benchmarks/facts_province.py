"""A province's pass rates: ``python benchmarks/facts_province.py [--large] [--folder DIR]``.

Writes 2,000,000 attempts of 176 units over 24 months, analyses them with every table and picture of
the overview, and notes time and peak memory; with ``--large`` also groups 50,000,000 attempts from
disk within 2 GiB. Every step runs in a process of its own, so that its peak memory is its own.
What was written is deleted at the end.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

RESULTS = Path(__file__).parent / "results" / "facts_province.json"
GIB = 1024**2  # of KiB, as the system reports memory


def write(folder: Path, attempts: int) -> dict[str, object]:
    """Write a province."""
    from fazhi_exam.simulate.province import write_province

    written = write_province(folder, attempts=attempts, rng=1)
    size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
    return {"rows": written.attempts, "files": written.files, "megabytes": round(size / 1e6, 1)}


def report(folder: Path) -> dict[str, object]:
    """Analyse everything, draw every picture, and write the tables for outside and inside."""
    from fazhi_exam import report
    from fazhi_exam.facts import open_facts, overview
    from fazhi_exam.report.figures import figure_bytes

    with open_facts(folder) as facts:
        found = overview(facts)
    drawn = [report.plot_funnel(found.units), report.plot_attempts(found.attempts)]
    if found.trend is not None:
        drawn.append(report.plot_trend(found.trend))
    if found.change is not None:
        drawn.append(report.plot_decomposition(found.change))
    size = sum(len(figure_bytes(axes, "png")) for axes in drawn)
    texts = "".join(found.texts()) + found.over_sat._repr_html_() + found.public._repr_html_()
    return {
        "units": len(found.over_sat), "months": len(found.monthly), "pictures": len(drawn),
        "bytes": size + len(texts.encode()),
    }  # fmt: skip


def group(folder: Path) -> dict[str, object]:
    """Group all attempts by month and unit, and follow every person to the first pass."""
    from fazhi_exam.facts import open_facts

    with open_facts(folder) as facts:
        start = perf_counter()
        cells = sum(map(len, facts.count_by_period_and("单位").values()))
        counted = perf_counter()
        found = facts.attempts()
        return {
            "cells": cells, "seconds_grouped": round(counted - start, 2),
            "persons": found.persons, "seconds_histories": round(perf_counter() - counted, 2),
        }  # fmt: skip


def measured(step: Callable[..., dict[str, object]], *args: object) -> dict[str, object]:
    """Run a step in a new process; return what it says with its seconds and peak memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (step, args))


def _timed(step: Callable[..., dict[str, object]], args: tuple[object, ...]) -> dict[str, object]:
    start, busy = perf_counter(), process_time()
    said = step(*args)
    seconds, spent = perf_counter() - start, process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": round(seconds, 2), "cpu_seconds": round(spent, 2),
        "load": round(os.getloadavg()[0], 1), "peak_gib": round(peak / GIB, 3), **said,
    }  # fmt: skip


def show(name: str, found: dict[str, object]) -> None:
    """Print one line."""
    print(f"{name:<12}" + "  ".join(f"{key} {value}" for key, value in found.items()), flush=True)


def main() -> None:
    """Run the measures and keep them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", action="store_true", help="also 50,000,000 attempts")
    parser.add_argument("--folder", type=Path, help="where to write (about 1 GB with --large)")
    given = parser.parse_args()
    here = Path(tempfile.mkdtemp(prefix="fazhi_province_", dir=given.folder))
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    try:
        known["machine"] = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "goal": "2e6: 10 s, 2 GiB; 5e7: 2 GiB",
        }
        for name, attempts in (("2e6", 2_000_000), ("5e7", 50_000_000)):
            if name == "5e7" and not given.large:
                continue
            folder = here / name
            known[f"{name} write"] = measured(write, folder, attempts)
            show(f"{name} write", known[f"{name} write"])
            step, doing = (report, "report") if name == "2e6" else (group, "group")
            known[f"{name} {doing}"] = measured(step, folder)
            show(f"{name} {doing}", known[f"{name} {doing}"])
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(here, ignore_errors=True)
    RESULTS.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
