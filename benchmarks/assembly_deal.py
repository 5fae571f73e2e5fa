"""100,000 provable papers of 100 items from 5,000, against independent draws as is usual today.

Run ``python benchmarks/assembly_deal.py [papers]``; the figures go to ``benchmarks/results``.
"""

import json
import resource
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from fazhi_exam.assembly import Blueprint, ParityTarget, borderline_ability, drawable, seed_draw
from fazhi_exam.assembly.deal import DealtPapers, deal, derive_paper
from fazhi_exam.assembly.draw import RevealedDraw
from fazhi_exam.assembly.exposure import Exposure, exposure, overlap
from fazhi_exam.assembly.parity import pass_chances
from fazhi_exam.assembly.stream import plain_seed
from fazhi_exam.bank import Item, QuestionBank
from fazhi_exam.psychometrics.models import TwoPL
from fazhi_exam.roster import Candidate, Roster

OTHER_SEEDS = (1, 2, 3, 4)
ON, PASS = date(2026, 12, 1), Decimal(60)
SUBJECTS = [f"{n:02d}" for n in range(1, 11)]
KINDS = {"单选": (50, 1), "多选": (20, 1), "判断": (30, 1)}


def make_bank(size: int, seed: int = 1) -> tuple[QuestionBank, dict[str, TwoPL]]:
    """Make items of three kinds in ten subjects; 4 % stand in enemy pairs."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(size)[: size // 25 // 2 * 2]
    foes = {int(a): int(b) for a, b in zip(chosen[::2], chosen[1::2], strict=True)}
    kinds = rng.permutation(np.repeat(list(KINDS), [size // 2, size // 5, size - size * 7 // 10]))
    items, models = [], {}
    for n, kind in enumerate(kinds.tolist()):
        name = f"{SUBJECTS[n % 10]}-{n:05d}"
        fields = {
            "id": name, "kind": kind, "subject": SUBJECTS[n % 10], "topic": "甲",
            "stem": f"题干 {n}", "key": {"单选": "B", "多选": "AC", "判断": "正确"}[kind],
            "level": "理解", "band": "中",
        }  # fmt: skip
        if kind != "判断":
            fields["options"] = [f"选项 {n} {k}" for k in range(4)]
        if n in foes:
            fields["enemies"] = [f"{SUBJECTS[foes[n] % 10]}-{foes[n]:05d}"]
        items.append(Item.model_validate(fields))
        models[name] = TwoPL(float(rng.lognormal(-0.1, 0.3)), float(rng.normal(-0.3, 1.0)))
    return QuestionBank(tuple(items)), models


def make_blueprint() -> Blueprint:
    """Make 30 cells: three kinds by ten subjects."""
    sections = [
        {
            "id": str(n),
            "title": f"{kind}题",
            "kind": kind,
            "points": points,
            "rows": [{"title": s, "subjects": [s], "count": count // 10} for s in SUBJECTS],
        }
        for n, (kind, (count, points)) in enumerate(KINDS.items(), 1)
    ]
    return Blueprint.model_validate({"title": "基准", "sections": sections})


def independent(papers: DealtPapers, rng: np.random.Generator) -> np.ndarray:
    """Draw every cell at random for every paper, looking at nothing else."""
    place = {name: i for i, name in enumerate(papers.unit_ids)}
    cells = papers.manifest.cells
    columns = []
    for cell, need in zip(cells, papers.manifest.plans[0], strict=True):
        members = np.array([place[n] for n in cell.members])
        keys = rng.random((len(papers), members.size))
        columns.append(members[np.argpartition(keys, need, axis=1)[:, :need]])
    return np.concatenate(columns, axis=1)


def enemy_papers(papers: DealtPapers, units: np.ndarray) -> int:
    """Count the papers that hold an enemy pair."""
    place = {name: i for i, name in enumerate(papers.unit_ids)}
    bad = np.zeros(len(units), dtype=bool)
    for start in range(0, len(units), 5000):
        present = np.zeros((min(5000, len(units) - start), len(place)), dtype=bool)
        np.put_along_axis(present, units[start : start + 5000], True, axis=1)
        for a, b in papers.manifest.enemies:
            bad[start : start + 5000] |= present[:, place[a]] & present[:, place[b]]
    return int(bad.sum())


def exposure_figures(found: Exposure) -> dict[str, object]:
    """State exposure against the goal of ±10 % and against what even draws give by chance."""
    low, high = found.binomial_range
    return {
        "ratio_lowest": found.range[0],
        "ratio_highest": found.range[1],
        "units": len(found.unit_ids),
        "units_outside_10_percent": found.outside(0.1),
        "even_draws": {
            "95_percent_of_draws_stay_above": low,
            "95_percent_of_draws_stay_below": high,
            "units_outside_10_percent_on_average": found.expected_outside(0.1),
            "chance_of_any_outside_10_percent": found.chance_of_any_outside(0.1),
        },
        "sd_of_counts_against_binomial": float(found.z.std()),
    }


def main(count: int) -> None:
    """Measure and write the figures."""
    bank, models = make_bank(5000)
    blueprint = make_blueprint()
    roster = Roster(tuple(Candidate(f"K{n:06d}") for n in range(count)))
    target = ParityTarget(models, PASS)
    clock = time.process_time()
    revealed = seed_draw(bank, blueprint, roster, seed=2026, exam_id="bench", on=ON, parity=target)
    committed = time.process_time() - clock
    papers = deal(revealed)
    dealt = time.process_time() - clock - committed
    theta = borderline_ability(drawable(blueprint, bank, on=ON), target)
    thetas = np.array([theta - 0.5, theta, theta + 0.5])
    chance = pass_chances(papers, models, pass_mark=PASS, thetas=thetas)
    total = time.process_time() - clock
    start = time.perf_counter()
    derive_paper(revealed, papers.codes[count // 2])
    alone = time.perf_counter() - start
    used = exposure(papers)
    clock = time.process_time()
    units = independent(papers, np.random.default_rng(5))
    usual_time = time.process_time() - clock
    usual = DealtPapers(revealed, units, np.ones(count, dtype=np.int64))
    usual_chance = pass_chances(usual, models, pass_mark=PASS, thetas=thetas)
    usual_used = exposure(usual)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    others = []
    for seed in OTHER_SEEDS if count >= 100_000 else ():
        again = RevealedDraw(revealed.draw, plain_seed(seed))
        others.append(exposure_figures(exposure(deal(again))) | {"seed": seed})
    figures = {
        "papers": count,
        "cpu_seconds": {
            "commit": committed,
            "deal": dealt,
            "parity": total - committed - dealt,
            "all": total,
        },
        "peak_gb": peak,
        "derive_one_ms": 1000 * alone,
        "attempts_mean": float(papers.attempts.mean()),
        "attempts_most": int(papers.attempts.max()),
        "enemy_papers": enemy_papers(papers, papers.units),
        "exposure": exposure_figures(used),
        "exposure_other_seeds": others,
        "spread_points": [100 * float(v) for v in np.ptp(chance, axis=1)],
        "overlap_mean": overlap(papers).mean,
        "independent": {
            "cpu_seconds": usual_time,
            "enemy_papers": enemy_papers(papers, units),
            "exposure": exposure_figures(usual_used),
            "spread_points": [100 * float(v) for v in np.ptp(usual_chance, axis=1)],
        },
    }
    text = json.dumps(figures, indent=1)
    print(text)
    path = Path(__file__).parent / "results" / "assembly_deal.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
