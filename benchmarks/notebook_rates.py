"""How soon a change shows on the pass-rate panel, on 100,000 attempts of 176 units.

Run ``python benchmarks/notebook_rates.py``; the figures go to ``benchmarks/results``. On each of
the six pages every control is changed. The first opening of a page loads libraries and is kept
apart, and so is the export of a public version.
"""

import json
import os
import tempfile
from pathlib import Path
from time import process_time

from fazhi_exam.facts import Which
from fazhi_exam.notebook.rates_example import example_province
from fazhi_exam.notebook.rates_panel import PassRatePanel
from fazhi_exam.passrate import Denominator

RESULTS = Path(__file__).parent / "results" / "notebook_rates.json"
PAGES = ("趋势", "漏斗", "比较", "补考", "持证", "发布")
GOAL = 0.3


def changes(panel: PassRatePanel, page: int) -> list[float]:
    """Change every control of a page; return the seconds of processor time of each change."""
    panel.which.value, panel.period.value = Which.ALL, ()
    months = [name for _, name in panel.period.options]
    todo = [
        (panel.by, "岗位"), (panel.by, "单位"),
        (panel.denominator, Denominator.DUE), (panel.denominator, Denominator.SAT),
        (panel.period, tuple(months[12:])), (panel.period, tuple(months[:1])),
        (panel.which, Which.FIRST), (panel.which, Which.BEST),
    ]  # fmt: skip
    if PAGES[page] == "发布":
        public = panel.publication
        todo += [(public.rounding, 5), (public.version, False), (public.version, True)]
    spent = []
    for control, value in todo:
        start = process_time()
        control.value = value
        spent.append(process_time() - start)
        if panel.boundary.cause is not None:
            raise panel.boundary.cause
    return spent


def export(panel: PassRatePanel) -> float:
    """Return the seconds of entering a public version in the ledger and making its file."""
    page = panel.publication
    table = page.tables.children[0]
    start = process_time()
    table.export.click()
    spent = process_time() - start
    if page.boundary.cause is not None:
        raise page.boundary.cause
    return spent


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        made = example_province(Path(folder) / "p", attempts=100_000, units=176)
        panel = PassRatePanel(
            made.folder, register=made.register, staff=made.staff, on=made.on,
            ledger=Path(folder) / "发布台账.json",
        )  # fmt: skip
        pages, every = {}, []
        for page, name in enumerate(PAGES):
            start = process_time()
            panel.steps.go(page)
            opened = process_time() - start
            spent = changes(panel, page)
            every += spent
            pages[name] = {"opened": round(opened, 3), "slowest": round(max(spent), 3)}
        exported = export(panel)
        if panel.facts is not None:
            panel.facts.close()
    result = {
        "changes": len(every),
        "over_300_ms": sum(one > GOAL for one in every),
        "slowest_seconds": round(max(every), 3),
        "pages": pages,
        "exported": round(exported, 3),
        "load": round(os.getloadavg()[0], 1),
    }
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    print(text, end="")
    RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
