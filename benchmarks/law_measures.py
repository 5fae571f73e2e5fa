"""Citation proposals against items whose citation is known, lapse against pairs judged by reading.

Run ``python benchmarks/law_measures.py FOLDER [BANK]``: FOLDER holds full texts of statutes (none
are shipped), BANK question files with ``citations``; the figures go to ``benchmarks/results``.

Weights of the proposals were chosen on one quarter of the items (by a checksum of the item's id);
the precision given is that of the other three quarters. Titles and article numbers in the item's
own words are struck out first, because items without a citation rarely have them.
"""

import csv
import json
import random
import re
import sys
import time
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from fazhi_exam.errors import CitationError
from fazhi_exam.law import (
    ArticleIndex,
    Citation,
    StatuteBook,
    check_agreement,
    parse_citations,
    to_chinese,
)
from fazhi_exam.law.agreement import quantities
from fazhi_exam.law.lapse import lapse

ROOT = Path(__file__).resolve().parents[1]
ON = date(2026, 11, 20)
EVE = {
    "行政复议法2017→2023": date(2023, 12, 31),
    "治安管理处罚法2012→2025": date(2025, 12, 31),
    "立法法2015→2023": date(2023, 3, 14),
    "环境保护法→生态环境法典": date(2026, 8, 14),
    "突发事件应对法2007→2024": date(2024, 10, 31),
}
WORD = {"no_counterpart": "none"}


def items_of(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the items of question files; a case's stimulus goes before its stems."""
    for path in sorted(folder.glob("*/*.toml")):
        raw = tomllib.loads(path.read_text("utf-8"))
        yield from raw.get("item", [])
        for case in raw.get("case", []):
            for item in case.get("item", []):
                yield item | {"stem": case["stimulus"] + item["stem"]}


def key_words(item: dict[str, Any]) -> str:
    """Return the keyed options or the answers of the blanks."""
    options = item.get("options", [])
    if options:
        return "；".join(
            options["ABCDEFGH".index(c)] for c in item.get("key", "") if c in "ABCDEFGH"
        )
    return "；".join(blank[0] for blank in item.get("blanks", []))


def without_citations(text: str) -> str:
    """Strike out titles and article numbers."""
    return re.sub(r"《[^》]*》|第[〇零一二三四五六七八九十百千]+[条款项]", "", text)


def cited(item: dict[str, Any], book: StatuteBook) -> set[tuple[str, int, int]]:
    """Return the articles an item cites, as far as the book holds them."""
    found = set()
    for text in item.get("citations", []):
        citation = Citation.parse(text)
        if book.article(citation, ON) is not None:
            name = book.resolve(citation.title).id
            found.add((name, citation.article or 0, citation.sub))
    return found


def precision(book: StatuteBook, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Share of items with a cited article among the first 1, 3, 5 proposals, by parts given."""
    start = time.process_time()
    index = ArticleIndex(book, ON)
    built = time.process_time() - start
    known = [(item, cited(item, book)) for item in items]
    known = [(i, c) for i, c in known if c and zlib.crc32(i["id"].encode()) % 4]
    table: dict[str, Any] = {"articles": len(index), "items": len(known), "index_seconds": built}
    for name, explained in (("stem and key", False), ("stem, key and explanation", True)):
        hits: Counter[int] = Counter()
        start = time.process_time()
        for item, articles in known:
            parts = [
                item["stem"],
                key_words(item),
                item.get("explanation", "") if explained else "",
            ]
            proposals = index.propose([without_citations(part) for part in parts])
            places = [
                (book.resolve(p.citation.title).id, p.citation.article or 0, p.citation.sub)
                for p in proposals
            ]
            for top in (1, 3, 5):
                hits[top] += any(place in articles for place in places[:top])
        table[name] = {f"top {top}": round(hits[top] / len(known), 3) for top in (1, 3, 5)}
        table[name]["ms_per_item"] = 1000 * (time.process_time() - start) / len(known)
    return table


def agreement(book: StatuteBook, items: list[dict[str, Any]]) -> dict[str, int]:
    """Count findings on keys taken to be right, and on the same keys with one number changed.

    Stems of cases and negative stems are left out: there the key need not repeat the article.
    """
    rng, found = random.Random(3), Counter[str]()  # noqa: S311
    for item in items:
        citations = [Citation.parse(text) for text in item.get("citations", [])]
        articles = [a.text for c in citations if (a := book.article(c, ON)) is not None]
        key = key_words(item)
        if not articles or not key or item.get("negative") or "【案情】" in item["stem"]:
            continue
        hits = check_agreement([key], articles)
        found["keys"] += 1
        found["keys with a finding"] += bool(hits)
        found["keys with a likely finding"] += any(hit.likely for hit in hits)
        if not hits and (wrong := with_wrong_number(key, rng)):
            found["keys with one number changed"] += 1
            found["of these found"] += bool(check_agreement([wrong], articles))
    return dict(found)


def with_wrong_number(key: str, rng: random.Random) -> str:
    """Change one number that has a unit; empty if there is none."""
    number = re.search("([一二三四五六七八九十百]+)(个工作日|日|个月|年|元|倍|人)", key)
    if number is None or not (read := quantities(number.group())):
        return ""
    value = int(read[0].value)
    other = max(1, value + rng.choice([-5, -3, -2, -1, 1, 2, 3, 5, 10]))
    other += other == value
    return key[: number.start(1)] + to_chinese(other) + key[number.end(1) :]


def citation_faults(book: StatuteBook, items: list[dict[str, Any]]) -> dict[str, int]:
    """How many citations of the bank cannot be read, or are at fault on the day."""
    found: Counter[str] = Counter()
    for item in items:
        for text in item.get("citations", []):
            found["citations"] += 1
            try:
                problem = book.check(Citation.parse(text), ON)
            except CitationError:
                found["unreadable"] += 1
                continue
            if problem is not None:
                found[problem.fault.value] += 1
    return dict(found)


def lapse_agreement(book: StatuteBook) -> dict[str, dict[str, int]]:
    """Compare the shipped book with the pairs judged by reading, for each amendment."""
    table: dict[str, dict[str, int]] = {}
    with (ROOT / "tests" / "reference" / "lapse_pairs.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            new = parse_citations(row["new"]) if row["new"] else ()
            old = Citation.parse(row["old"])
            found = lapse({"甲": [old]}, book, start=EVE[row["amendment"]], end=ON).rows[0]
            word = WORD.get(found.verdict.value, found.verdict.value)
            right = word in (row["relation"], "repealed")
            if row["relation"] in ("renumbered", "changed"):
                right = right and bool(found.proposals) and found.proposals[0] in new
            counts = table.setdefault(row["amendment"], {"pairs": 0, "agree": 0})
            counts["pairs"] += 1
            counts["agree"] += right
    return table


def main(texts: Path, bank: Path) -> None:
    """Measure and write."""
    start = time.perf_counter()
    book = StatuteBook.shipped()
    loaded = time.perf_counter() - start
    full = book.with_texts(texts)
    items = list(items_of(bank))
    result = {
        "load_shipped_seconds": loaded,
        "proposals": precision(full, items),
        "citations": citation_faults(book, items),
        "agreement": agreement(full, items),
        "lapse": lapse_agreement(book),
    }
    out = ROOT / "benchmarks" / "results" / "law_measures.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(out.read_text("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "question_bank")
