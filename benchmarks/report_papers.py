"""Different papers of 100 items as PDF: wall, CPU and peak memory, 30 candidates to a room.

Run ``python benchmarks/report_papers.py [papers …]`` (200 and 1,000 by default); each size is
measured in a process of its own, and the figures go to ``benchmarks/results``. The goal is 1,000
papers in 120 s of wall time with all processes together below 1 GB.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from assembly_deal import ON, make_bank, make_blueprint

from fazhi_exam.assembly import seed_draw
from fazhi_exam.assembly.deal import deal
from fazhi_exam.bank import QuestionBank
from fazhi_exam.delivery import (
    CutScore,
    Programme,
    ProgrammePaper,
    Room,
    Route,
    Sitting,
    Source,
    assign_seats,
)
from fazhi_exam.report.papers import write_papers
from fazhi_exam.roster import Candidate, Roster

ROOM = 30


def worded(bank: QuestionBank) -> QuestionBank:
    """Give stems and options the length they have in real banks: 45 and 15 characters."""
    text = "根据行政处罚法的规定行政机关在作出决定之前应当告知当事人拟作出的内容及事实理由依据"
    items = []
    for item in bank:
        options = tuple(
            o.model_copy(update={"text": f"{o.text}{text[k : k + 7]}"})
            for k, o in enumerate(item.options)
        )
        change = {"stem": f"{item.stem}{text}", "options": options}
        items.append(item.model_copy(update=change))
    return QuestionBank(tuple(items))


def make_sitting(count: int) -> Sitting:
    """Make a sitting of so many candidates with a paper each from 5,000 items."""
    bank = worded(make_bank(5000)[0])
    blueprint = make_blueprint()
    paper = ProgrammePaper(
        id="p", title="科目", blueprint=blueprint, minutes=90, cut=CutScore(value=60)
    )
    programme = Programme(
        id="t",
        title="基准考试",
        route=Route.ENFORCEMENT,
        papers=(paper,),
        sources=(Source(text="基准", year=2026),),
    )
    roster = Roster(tuple(Candidate(f"{n:08d}", {"单位": f"单位{n % 7}"}) for n in range(count)))
    rooms = [Room(f"{n:02d}", ROOM) for n in range(1, 2 + count // ROOM)]
    papers = deal(seed_draw(bank, blueprint, roster, seed=2026, exam_id="bench", on=ON))
    seats = assign_seats(roster, rooms)
    return Sitting("bench", programme, bank, roster, papers, ON, seats=seats)


def resident() -> int:
    """Bytes held now by this process and its children (Linux); shared pages count for each."""
    pages, me = 0, os.getpid()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int(
                (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[1]
            )
            if me in (parent, int(folder.name)):
                pages += int((folder / "statm").read_text("ascii").split()[1])
        except OSError:
            continue  # the process has just ended
    return pages * os.sysconf("SC_PAGE_SIZE")


class Watch(threading.Thread):
    """Keeps the highest value of `resident` while the papers are written."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.done = 0, threading.Event()

    def run(self) -> None:
        """Look ten times a second."""
        while not self.done.wait(0.1):
            self.peak = max(self.peak, resident())


def cpu() -> float:
    """CPU seconds of this process and of the children that have ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


def measure(count: int) -> dict[str, float]:
    """Write `count` papers into a folder that is thrown away."""
    sitting = make_sitting(count)
    watch, wall, busy = Watch(), time.perf_counter(), cpu()
    watch.start()
    with tempfile.TemporaryDirectory() as folder:
        files = write_papers(sitting, folder)
        wall, busy = time.perf_counter() - wall, cpu() - busy
        size = sum(file.stat().st_size for file in files)
    watch.done.set()
    return {
        "papers": count,
        "files": len(files),
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(busy, 2),
        "wall_seconds_per_1000": round(1000 * wall / count, 1),
        "peak_gb_all_processes": round(watch.peak / 2**30, 3),
        "peak_gb_largest_worker": round(
            resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20, 3
        ),
        "megabytes_written": round(size / 2**20, 1),
    }


def main(counts: list[str]) -> None:
    """Measure each size in its own process and write the figures."""
    runs = []
    for count in counts:
        done = subprocess.run(
            [sys.executable, __file__, "--one", count], capture_output=True, check=True
        )
        runs.append(json.loads(done.stdout))
    figures = {"goal": {"papers": 1000, "wall_seconds": 120, "peak_gb": 1.0}, "runs": runs}
    text = json.dumps(figures, indent=1)
    print(text)
    path = Path(__file__).parent / "results" / "report_papers.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main(sys.argv[1:] or ["200", "1000"])
