"""Review of 20,000 items without near duplicates, and with them: processor time.

Run: ``python benchmarks/bank_review.py [items]``. The items are the shipped bank, copied under new
ids with other words in stem and options, so that every check has its usual work to do.
"""

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

from fazhi_exam.bank import Item, QuestionBank, review
from fazhi_exam.formats import read_bank, shipped_bank_folder

DAY = date(2026, 12, 10)


def grown(count: int) -> QuestionBank:
    """Copy the shipped items until there are `count`."""
    shipped = [item for item in read_bank(shipped_bank_folder()) if item.case is None]
    items: list[Item] = []
    for k in range(count):
        item = shipped[k % len(shipped)]
        turn = k // len(shipped)
        # A private character per copy makes the words of every copy other words.
        mark = chr(0x5000 + turn)
        stem = (
            "".join(c if i % 7 else mark + c for i, c in enumerate(item.stem))
            if turn
            else item.stem
        )
        options = tuple(
            option.model_copy(update={"text": option.text + mark}) if turn else option
            for option in item.options
        )
        change = {
            "id": f"{item.id}-{turn}",
            "stem": stem,
            "options": options,
            "enemies": frozenset(),
        }
        items.append(item.model_copy(update=change))
    return QuestionBank(tuple(items))


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    bank = grown(count)
    review(QuestionBank(bank.items[:10]), on=DAY)  # the statute book is read once
    started = time.process_time()
    plain = review(bank, on=DAY, near=None)
    middle = time.process_time()
    full = review(bank, on=DAY)
    result = {
        "items": count,
        "cpu_seconds_without_near_duplicates": round(middle - started, 2),
        "cpu_seconds_with_near_duplicates": round(time.process_time() - middle, 2),
        "findings_without": len(plain),
        "findings_with": len(full),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if count == 20_000:
        path = Path(__file__).parent / "results" / "bank_review.json"
        path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
