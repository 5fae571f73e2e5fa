"""Calibration side by side with Python rivals.

``python benchmarks/psychometrics_rivals.py PYTHON [largest]``: `PYTHON` is an interpreter that has
numpy, `girth` and the compiled-kernel `mirt` package. The same 2PL answers go to all; every
program runs in a process of its own, once on 100 people to warm up, then timed: best of three up
to 10,000 people, once above. Accuracy is the log-likelihood of each program's own estimates on one
rule of 61 nodes on [-6, 6], summed here. The work is not quite the same: this package and `mirt`
include standard errors, `girth` (41 nodes) has none; each stops by its own rule.
Results: ``benchmarks/results/psychometrics_rivals.json``.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from psychometrics_data import Matrix, dichotomous

RESULTS = Path(__file__).parent / "results" / "psychometrics_rivals.json"
SIZES = (200, 2_000, 10_000, 100_000, 1_000_000)
PATIENCE = 3600
REPEATED = 10_000


def ours(x: Matrix) -> tuple[Any, Any]:
    """Calibrate with this package: standard errors included."""
    from fazhi_exam.psychometrics.mml import fit_mml
    from fazhi_exam.psychometrics.models import TwoPL
    from fazhi_exam.psychometrics.quadrature import even_nodes

    fit = fit_mml(
        x,
        models=TwoPL,
        nodes=even_nodes(61),
        priors=(),
        minimum_people=0,
        protect_weak=False,
    )
    values = np.array([m.parameters for m in fit.models])
    return values[:, 0], values[:, 1]


def mirt_61(x: Matrix) -> tuple[Any, Any]:
    """Calibrate with the mirt package: 61 nodes, its default standard errors."""
    import mirt

    found = mirt.fit_mirt(x.astype(int), model="2PL", n_quadpts=61).model.parameters
    return found["discrimination"], found["difficulty"]


def girth_default(x: Matrix) -> tuple[Any, Any]:
    """Calibrate with girth as it comes (41 nodes, no standard errors)."""
    import girth

    found = girth.twopl_mml(x.T.astype(int))
    return found["Discrimination"], found["Difficulty"]


PROGRAMS = {"ours": ours, "mirt": mirt_61, "girth": girth_default}


def loglik(x: Matrix, a: Any, b: Any) -> float:
    """Log-likelihood on 61 nodes."""
    theta = np.linspace(-6, 6, 61)
    z = np.outer(theta, a) - a * b
    right, wrong = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    log_w = -0.5 * theta**2
    log_w -= np.log(np.exp(log_w).sum())
    total = 0.0
    for at in range(0, len(x), 20_000):
        block = x[at : at + 20_000].astype(float)
        post = block @ (right - wrong).T + wrong.sum(1) + log_w
        top = post.max(1)
        total += float((top + np.log(np.exp(post - top[:, None]).sum(1))).sum())
    return total


def one(program: str, people: int) -> None:
    """Time one program at one size and print the facts."""
    x = dichotomous(people)
    work = PROGRAMS[program]
    work(dichotomous(100))
    best = (np.inf, np.inf)
    for _ in range(3 if people <= REPEATED else 1):
        wall, cpu = perf_counter(), process_time()
        a, b = work(x)
        best = min(best, (process_time() - cpu, perf_counter() - wall))
    facts = {
        "cpu_s": best[0],
        "wall_s": best[1],
        "log_likelihood": loglik(x, np.array(a), np.array(b)),
    }
    print(json.dumps(facts))


def versions(python: str) -> dict[str, str]:
    """Versions of the rivals and of numpy on both sides."""
    code = "import importlib.metadata as m; print(*map(m.version, ('mirt', 'girth', 'numpy')))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    names = ("mirt", "girth", "numpy of the rivals")
    return dict(zip(names, done.stdout.split(), strict=True)) | {"numpy here": np.__version__}


def main() -> None:
    """Run all programs at all sizes; a program that fails is reported as such."""
    if sys.argv[1] == "--one":
        one(sys.argv[2], int(sys.argv[3]))
        return
    rival, largest = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[-1]
    table: list[dict[str, object]] = []
    for people in (n for n in SIZES if n <= largest):
        row: dict[str, Any] = {"people": people}
        for program in PROGRAMS:
            if program == "girth" and people > 100_000:
                row[program] = "not run: ten times the 100,000 row would be some ten CPU minutes"
                continue
            python = sys.executable if program == "ours" else rival
            command = [python, __file__, "--one", program, str(people)]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, check=True, timeout=PATIENCE
                )
                row[program] = json.loads(done.stdout.splitlines()[-1])
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                row[program] = f"failed: {type(error).__name__}"
        for program in ("mirt", "girth"):
            if isinstance(row[program], dict):
                row[f"{program}_over_ours_cpu"] = round(
                    row[program]["cpu_s"] / row["ours"]["cpu_s"], 1
                )
                gain = row["ours"]["log_likelihood"] - row[program]["log_likelihood"]
                row[f"ours_less_{program}_log_likelihood"] = round(gain, 4)
        table.append(row)
        print(json.dumps(row), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    facts = {"model": "2PL, 50 items", "versions": versions(rival), "sizes": table}
    RESULTS.write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
