"""Have the bank read by somebody who does not see the keys.

    blind_reading.py export BANK OUT [--plants FILE] [--size N] [--only PREFIX ...]
    blind_reading.py merge  BANK OUT ANSWERS.jsonl ... --record FILE --reader NAME --round N
    blind_reading.py sign   BANK RECORD.jsonl ...

``export`` writes batches of questions (stem, options, stimulus; no key, explanation or citation)
with neutral numbers, wrong-key plants mixed in, and ``numbers.json``, which readers do not get.
``merge`` compares the letters chosen with the keys, appends to the reading record and prints what
differs. An answer is one JSON object a line: n, letters, article, confidence (0 to 1), second (true
when another answer can be defended), note. ``sign`` puts every draft whose present revision was
read with the same answer into the state "reviewed", in the bank's history.
"""

import argparse
import hashlib
import json
import re
import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from fazhi_exam.bank import Item, ItemKind, Status
from fazhi_exam.bank.life import LifeEvent, append_history, read_history, with_history
from fazhi_exam.bank.text import fold_question
from fazhi_exam.formats import read_bank


def shown(item: Item, stimulus: str) -> dict[str, Any]:
    """Return what a reader sees of an item."""
    return {
        "kind": item.kind.value,
        "stimulus": stimulus,
        "stem": item.stem,
        "options": {o.id: o.text for o in item.options} if item.kind is not ItemKind.TRUE_FALSE
        else {"A": "正确", "B": "错误"},
    }  # fmt: skip


def plants_in(path: Path) -> list[Item]:
    """Read the planted items, which have wrong keys and never enter the bank."""
    tables = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    return [Item.model_validate(block) for block in tables["item"]]


def filled_right(item: Item, note: str) -> bool:
    """Whether the words a reader gave for the blanks (答：甲；乙) are among the accepted ones."""
    words = note.partition("答：")[2].split("。")[0].replace(";", "；").split("；")
    if len(words) != len(item.blanks):
        return False
    given = [re.split(r"[（()）/／]", word) for word in words]
    return all(
        {fold_question(part) for part in parts} & {fold_question(a) for a in accepted}
        for parts, accepted in zip(given, item.blanks, strict=True)
    )


def export(args: argparse.Namespace) -> None:
    """Write batches and the list of numbers."""
    bank = read_bank(args.bank)
    prefixes = tuple(args.only or ("",))
    chosen = [i for i in bank if i.kind.objective and i.id.startswith(prefixes)]
    if args.unread and Path(args.unread).exists():
        lines = Path(args.unread).read_text("utf-8").splitlines()
        done = {(line["id"], line["revision"]) for line in map(json.loads, lines)}
        chosen = [i for i in chosen if (i.id, i.revision) not in done]
    plants = plants_in(Path(args.plants)) if args.plants else []
    entries = [(i, bank.cases[i.case].stimulus if i.case else "", False) for i in chosen]
    entries += [(i, "", True) for i in plants]
    # Cases stay together and plants spread evenly: order by the hash of the case or item id.
    entries.sort(
        key=lambda e: (hashlib.sha256((e[0].case or e[0].id).encode()).hexdigest(), e[0].id)
    )
    entries.sort(key=lambda e: e[0].subject)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    numbers = {}
    for start in range(0, len(entries), args.size):
        lines = []
        for k, (item, stimulus, planted) in enumerate(
            entries[start : start + args.size], start + 1
        ):
            n = f"Q{k:04d}"
            numbers[n] = {"id": item.id, "revision": item.revision, "planted": planted}
            lines.append(json.dumps({"n": n, **shown(item, stimulus)}, ensure_ascii=False))
        name = out / f"batch_{start // args.size + 1:02d}.jsonl"
        name.write_text("\n".join(lines) + "\n", "utf-8")
    (out / "numbers.json").write_text(json.dumps(numbers, ensure_ascii=False, indent=0), "utf-8")
    print(f"{len(entries)} 题（其中植入 {len(plants)} 题）")


def merge(args: argparse.Namespace) -> None:
    """Compare answers with keys, append to the record, print the differences."""
    bank = read_bank(args.bank)
    numbers = json.loads((Path(args.out) / "numbers.json").read_text("utf-8"))
    plants = {i.id: i for i in plants_in(Path(args.plants))} if args.plants else {}
    caught = missed = differ = 0
    lines = []
    for path in args.answers:
        for text in Path(path).read_text("utf-8").splitlines():
            if not text.strip():
                continue
            answer = json.loads(text)
            place = numbers[answer["n"]]
            item = plants[place["id"]] if place["planted"] else bank[place["id"]]
            letters, second = "".join(sorted(answer["letters"])), bool(answer.get("second"))
            if item.kind is ItemKind.BLANK:
                agrees = filled_right(item, answer.get("note", ""))
            else:
                agrees = frozenset(letters) == item.key
            if place["planted"]:
                caught, missed = caught + (not agrees or second), missed + (agrees and not second)
            line = {
                "id": place["id"], "revision": place["revision"], "planted": place["planted"],
                "letters": letters, "article": answer.get("article", ""),
                "confidence": answer.get("confidence"), "second_defensible": second,
                "agrees": agrees, "note": answer.get("note", ""), "reader": args.reader,
                "round": args.round,
            }  # fmt: skip
            lines.append(json.dumps(line, ensure_ascii=False))
            if not place["planted"] and (not agrees or second):
                differ += 1
                print(
                    f"{item.id} 键 {item.key_text} 读者 {letters} 第二答案 {second}：{line['note']}"
                )
                print(f"    {item.stem}")
    record = Path(args.record)
    record.parent.mkdir(parents=True, exist_ok=True)
    with record.open("a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    print(f"读 {len(lines)} 题；不一致或有第二答案 {differ} 题；植入：发现 {caught}，漏过 {missed}")


def sign(args: argparse.Namespace) -> None:
    """Record as reviewed what was read with the same answer and no second defensible one."""
    bank = with_history(read_bank(args.bank), read_history(args.bank))
    texts = [t for path in args.records for t in Path(path).read_text("utf-8").splitlines()]
    rows = [json.loads(text) for text in texts]
    good = {
        (row["id"], row["revision"])
        for row in rows
        if row["agrees"] and not row["second_defensible"] and not row["planted"]
    }
    drafts = [i for i in bank if i.status is Status.DRAFT and (i.id, i.revision) in good]
    when = datetime.fromisoformat(args.when)
    why = "未看答案者只看题干、选项和法条独立作答，与答案一致（见 reading/）"
    events = [
        LifeEvent(i.id, i.revision, Status.DRAFT, Status.REVIEWED, "审读人", when, why)
        for i in drafts
    ]
    append_history(args.bank, events)
    left = [i.id for i in bank if i.status is Status.DRAFT and (i.id, i.revision) not in good]
    print(f"已审 {len(events)} 题；尚未审读 {len(left)} 题：{'、'.join(left[:20])}")


def main() -> None:
    """Run the named step."""
    parser = argparse.ArgumentParser(description=__doc__)
    steps = parser.add_subparsers(required=True)
    first = steps.add_parser("export")
    first.add_argument("bank")
    first.add_argument("out")
    first.add_argument("--plants")
    first.add_argument("--size", type=int, default=250)
    first.add_argument("--only", nargs="*")
    first.add_argument("--unread", help="leave out revisions that stand in this record")
    first.set_defaults(run=export)
    second = steps.add_parser("merge")
    second.add_argument("bank")
    second.add_argument("out")
    second.add_argument("answers", nargs="+")
    second.add_argument("--plants")
    second.add_argument("--record", required=True)
    second.add_argument("--reader", required=True)
    second.add_argument("--round", type=int, required=True)
    second.set_defaults(run=merge)
    third = steps.add_parser("sign")
    third.add_argument("bank")
    third.add_argument("records", nargs="+")
    third.add_argument("--when", required=True, help="moment with time zone, ISO 8601")
    third.set_defaults(run=sign)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
