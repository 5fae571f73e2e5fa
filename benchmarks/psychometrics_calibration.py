"""How long calibration takes: ``python benchmarks/psychometrics_calibration.py [people] [case]``.

Each case runs in a process of its own, so that peak memory is its own. Times are CPU seconds of
the work from an int8 array to parameters with standard errors (sparse: from row pointers); wall
time stands beside them. Extra memory is the highest resident size during the work less the size
just before it (Linux; the high-water mark is reset, because making the data takes more than
keeping it). Results go to ``benchmarks/results/psychometrics_calibration.json``; one case alone is
printed and not stored.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from psychometrics_data import dichotomous, four_categories, randomised_papers

from fazhi_exam.engines import Serial
from fazhi_exam.psychometrics.ability import eap
from fazhi_exam.psychometrics.expectation_maximisation import make_runner
from fazhi_exam.psychometrics.fit import s_x2
from fazhi_exam.psychometrics.mml import MMLFit, fit_mml
from fazhi_exam.psychometrics.models import (
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Rasch,
    ThreePL,
    TwoPL,
)
from fazhi_exam.psychometrics.preparation import Job, Request
from fazhi_exam.psychometrics.quadrature import even_nodes
from fazhi_exam.psychometrics.responses import ResponseSet
from fazhi_exam.psychometrics.simulate import simulate_items

RESULTS = Path(__file__).parent / "results" / "psychometrics_calibration.json"
Facts = dict[str, float | str | bool]


def memory(what: str) -> float:
    """Resident size now (``VmRSS``) or at its highest (``VmHWM``) in GB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1e6
    raise LookupError(what)


def timed(work: Callable[[], MMLFit], goal: float) -> tuple[Facts, MMLFit]:
    """Run once and state CPU, wall, memory beyond the data, and how the fit ended."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets VmHWM
    before, wall, cpu = memory("VmRSS"), perf_counter(), process_time()
    fit = work()
    facts: Facts = {
        "cpu_s": round(process_time() - cpu, 3),
        "wall_s": round(perf_counter() - wall, 3),
        "goal_cpu_s": goal,
        "extra_gb": round(memory("VmHWM") - before, 3),
        "passes": fit.convergence.passes,
        "log_likelihood": fit.log_likelihood,
        "log_posterior": fit.log_posterior,
        "distance": fit.convergence.distance,
        "node_spacing": fit.node_spacing,
        "with_standard_errors": fit.information is not None,
    }
    return facts, fit


def dense_case(kind: type[ItemModel], people: int, goal: float) -> Facts:
    """Calibrate `people` by 50 items of one kind."""
    if kind in (GeneralisedPartialCredit, GradedResponse):
        data = four_categories(people, graded=kind is GradedResponse)
    else:
        data = dichotomous(people, guessing=kind is ThreePL)
    return timed(lambda: fit_mml(data, models=kind), goal)[0]


def sparse_case(people: int) -> Facts:
    """Calibrate `people` with 50 of 1,000 items each."""
    ptr, items, answers = randomised_papers(people, 1000)
    data = ResponseSet.sparse(ptr, items, answers, n_items=1000)
    return timed(lambda: fit_mml(data, models=TwoPL), 30.0)[0]


def eap_case(people: int) -> Facts:
    """Score everybody by EAP with standard errors at known items."""
    data = dichotomous(people)
    models = fit_mml(data[:50_000], models=TwoPL, information=None).models
    wall, cpu = perf_counter(), process_time()
    found = eap(models, data)
    return {
        "cpu_s": round(process_time() - cpu, 3),
        "wall_s": round(perf_counter() - wall, 3),
        "goal_cpu_s": 0.5,
        "mean_se": float(found.se.mean()),
    }


def sparse_eap_case(people: int) -> Facts:
    """Score everybody by EAP on papers of 50 of 1,000 known items; no goal was set."""
    ptr, items, answers = randomised_papers(people, 1000)
    data = ResponseSet.sparse(ptr, items, answers, n_items=1000)
    models = simulate_items(TwoPL, 1000, rng=1)
    wall, cpu = perf_counter(), process_time()
    found = eap(models, data)
    return {
        "cpu_s": round(process_time() - cpu, 3),
        "wall_s": round(perf_counter() - wall, 3),
        "mean_se": float(found.se.mean()),
    }


def small_case(people: int) -> Facts:
    """Calibrate 200 by 60 Rasch items with standard errors and item fit; best of 5."""
    del people
    data = dichotomous(200, items=60)
    best = (np.inf, np.inf)
    for _ in range(5):
        wall, cpu = perf_counter(), process_time()
        fit = fit_mml(data, models=Rasch)
        s_x2(data, fit.models, fit.population.nodes, fit.population.weights[0])
        best = min(best, (perf_counter() - wall, process_time() - cpu))
    return {"cpu_s": round(best[1], 3), "wall_s": round(best[0], 3), "goal_wall_s": 0.2}


def pass_case(people: int) -> Facts:
    """One pass of each kind beside the two matrix products of a textbook pass on 61 nodes."""
    x = dichotomous(people)
    theta = even_nodes(61).theta
    rng = np.random.default_rng(1)
    table, post = rng.standard_normal((50, 61)), rng.random((4096, 61))
    cpu = process_time()
    for at in range(0, people, 4096):
        block = x[at : at + 4096].astype(float)
        _ = block @ table
        _ = block.T @ post[: len(block)]
    floor = process_time() - cpu
    facts: Facts = {"two_products_cpu_s": round(floor, 3)}
    for kind in (TwoPL, ThreePL):
        job = Job.prepare(ResponseSet.dense(x), Request(kind), Serial())
        runner = make_runner(job, theta)
        z = np.concatenate([job.plan.start, job.state.pack()])
        runner.step(z)
        cpu = process_time()
        runner.step(z)
        spent = process_time() - cpu
        facts[f"{kind.__name__}_pass_cpu_s"] = round(spent, 3)
        facts[f"{kind.__name__}_pass_over_products"] = round(spent / floor, 3)
    return facts


def plain_em_case(kind: type[ItemModel], people: int) -> Facts:
    """Log-posterior of the calibration less that of plain EM run to 1e-8 on the same 61 nodes."""
    data = dichotomous(people, guessing=kind is ThreePL)
    nodes = even_nodes(61)
    fit = fit_mml(data, models=kind, nodes=nodes)
    job = Job.prepare(ResponseSet.dense(data), Request(kind), Serial())
    runner = make_runner(job, nodes.theta)
    z = np.concatenate([job.plan.start, job.state.pack()])
    last, passes, cpu = -np.inf, 0, process_time()
    while True:
        step = runner.step(z)
        passes += 1
        moved = float(np.abs(step.image - z).max())
        last = max(last, step.value)
        if moved < 1e-8 or passes >= 3000:
            break
        z = step.image
    return {
        "people": people,
        "plain_em_passes": passes,
        "plain_em_cpu_s": round(process_time() - cpu, 1),
        "accelerated_passes": fit.convergence.passes,
        "gain_over_plain_em": fit.log_posterior - last,
        "not_below": fit.log_posterior >= last - 1e-3,
    }


CASES: dict[str, Callable[[int], Facts]] = {
    "2PL": lambda n: dense_case(TwoPL, n, 3.0),
    "GPCM, 4 categories": lambda n: dense_case(GeneralisedPartialCredit, n, 8.0),
    "3PL": lambda n: dense_case(ThreePL, n, 20.0),
    "GRM, 4 categories": lambda n: dense_case(GradedResponse, n, 20.0),
    "sparse 2PL, 50 of 1,000": sparse_case,
    "EAP with SE": eap_case,
    "EAP with SE, 50 of 1,000": sparse_eap_case,
    "200 x 60 Rasch with SE and item fit": small_case,
    "one pass": pass_case,
    "2PL against plain EM": lambda n: plain_em_case(TwoPL, n),
    "3PL against plain EM": lambda n: plain_em_case(ThreePL, min(n, 100_000)),
}


def main() -> None:
    """Run every case in its own process and write the results."""
    if len(sys.argv) > 2:
        print(json.dumps(CASES[sys.argv[2]](int(sys.argv[1]))))
        return
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results: dict[str, Facts] = {}
    for name in CASES:
        done = subprocess.run(
            [sys.executable, __file__, str(people), name],
            capture_output=True,
            text=True,
            check=True,
        )
        results[name] = json.loads(done.stdout)
        print(f"{name:40} {results[name]}", flush=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}"
    facts = {"people": people, "items": 50, "machine": machine, "cases": results}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
