"""Reading and writing 20,000 questions in every format, against the limits of the project.

Run ``python benchmarks/formats_reading.py [questions]``: each format is read in its own process, so
that the memory shown is its own. On a busy machine the processor time tells more than the clock.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fazhi_exam.bank import QuestionBank
from fazhi_exam.formats import (
    bank_to_toml,
    preview_bank,
    read_bank,
    shipped_bank_folder,
    write_excel,
    write_gift,
    write_json,
    write_moodle_xml,
    write_qti,
    write_word,
)

LIMITS = {".xlsx": 5, ".docx": 10, ".toml": 8, ".gift": 10, ".xml": 10, ".zip": 10, ".json": 10}
WRITERS = {
    ".xlsx": write_excel,
    ".docx": write_word,
    ".gift": write_gift,
    ".xml": write_moodle_xml,
    ".zip": write_qti,
    ".json": write_json,
}


def large_bank(size: int) -> QuestionBank:
    """Repeat the shipped items with a number in each stem, so that no two are alike."""
    source = [item for item in read_bank(shipped_bank_folder()) if item.case is None]
    items = []
    for number in range(size):
        item = source[number % len(source)]
        update = {"id": f"{item.id}-{number:05d}", "stem": f"{number:05d}号：{item.stem}"}
        items.append(item.model_copy(update=update))
    return QuestionBank(tuple(items))


def write_all(bank: QuestionBank, folder: Path) -> dict[str, float]:
    """Write every format; seconds by suffix."""
    seconds = {}
    for suffix, write in WRITERS.items():
        start = time.perf_counter()
        (folder / f"bank{suffix}").write_bytes(write(bank).data)
        seconds[suffix] = round(time.perf_counter() - start, 2)
    start = time.perf_counter()
    for subject, topic in sorted({(item.subject, item.topic) for item in bank}):
        text = bank_to_toml(bank, subject=subject, topic=topic)
        place = folder / ".toml" / f"{subject}_{len(list((folder / '.toml').glob('*')))}.toml"
        place.write_text(text, "utf-8")
    seconds[".toml"] = round(time.perf_counter() - start, 2)
    return seconds


def peak_memory() -> int:
    """Highest resident memory of this process in MB, without that of its parent (Linux)."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def read_one(path: Path) -> dict[str, float]:
    """Read one format and say how long it took and how much memory it needed."""
    start, used = time.perf_counter(), time.process_time()
    steps = []
    reading = preview_bank(path, progress=lambda done, total: steps.append((done, total)))
    return {
        "seconds": round(time.perf_counter() - start, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
        "load": round(os.getloadavg()[0], 1),
        "found": len(reading.drafts),
        "usable": len(reading.good),
        "progress_calls": len(steps),
        "peak_MB": peak_memory(),
    }


def main(size: int) -> None:
    """Measure, print, and keep the figures."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".toml").mkdir()
        written = write_all(large_bank(size), folder)
        for suffix, limit in LIMITS.items():
            path = folder / (".toml" if suffix == ".toml" else f"bank{suffix}")
            command = [sys.executable, __file__, "--read", str(path)]
            out = subprocess.run(command, capture_output=True, text=True, check=True)
            row = {"format": suffix, "limit": limit, "write_seconds": written[suffix]}
            row |= json.loads(out.stdout)
            rows.append(row)
            print(row)
    target = Path(__file__).with_name("results") / "formats_reading.json"
    target.write_text(json.dumps({"questions": size, "rows": rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        print(json.dumps(read_one(Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
