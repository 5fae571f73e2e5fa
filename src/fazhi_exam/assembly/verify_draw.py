"""Check a draw with nothing but Python (抽题核验), by the rules written in docs/conventions.md §1.

python -I verify_draw.py RECORD [--commitment HASH] [--bank FILE] [--code CODE [--paper FILE]]
"""

import argparse
import hashlib
import json
import struct
import sys
from pathlib import Path
from typing import Any


def lp(*parts: str | bytes) -> bytes:
    """Join parts, each behind its length in eight bytes (§1.1)."""
    raw = (part.encode() if isinstance(part, str) else part for part in parts)
    return b"".join(len(part).to_bytes(8, "big") + part for part in raw)


def canon(value: Any) -> bytes:
    """Write canonical JSON: sorted keys, no spaces, UTF-8 (§1.1)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha(data: Any) -> str:
    """SHA-256 of bytes, or of the canonical JSON of a value, as hex digits."""
    return hashlib.sha256(data if isinstance(data, bytes) else canon(data)).hexdigest()


def need(condition: Any, complaint: str) -> None:
    """Stop with a sentence unless the condition holds."""
    if not condition:
        raise SystemExit("核验未通过：" + complaint)


def words(seed: bytes, code: str, use: str, attempt: int) -> Any:
    """Iterate over the 32-bit words of one stream; no paper needs as many as are made (§1.2)."""
    key = lp("fazhi-exam-draw/1", seed, code, use, str(attempt))
    return iter(struct.unpack(">16384I", hashlib.shake_256(key).digest(65536)))


def below(stream: Any, n: int) -> int:
    """Return an unbiased number from 0 to n - 1; n = 1 takes no word (§1.2)."""
    while n > 1:
        if (word := int(next(stream))) < 2**32 // n * n:
            return word % n
    return 0


def pick(stream: Any, k: int, values: Any, foes: Any = None, barred: Any = frozenset()) -> Any:
    """Return k of the values in Fisher-Yates order, passing over what earlier ones bar (§1.4)."""
    values, out = list(values), list[str]()
    for i in range(len(values)):
        if len(out) < k:
            j = i + below(stream, len(values) - i)
            values[i], values[j] = values[j], values[i]
            if values[i] not in barred:
                out.append(values[i])
                barred |= foes[values[i]] if foes else set()
    return out


def draw(m: Any, seed: bytes, row: Any) -> list[list[str]]:
    """Return one candidate's units: for every section a list in draw order (§1.4)."""
    gone, step, target = set(row["seen"]), m["neighbour_classes"], m["target"]
    old = {u for u, unit in m["units"].items() if gone & {u, *unit["items"]}}
    cells = [(k, cell) for k, section in enumerate(m["sections"]) for cell in section["cells"]]
    foes: dict[str, set[str]] = {u: set() for u in m["units"]}
    for a, b in m["enemies"] + [[b, a] for a, b in m["enemies"]]:
        foes[a].add(b)
    for attempt in range(m["max_attempts"]):
        stream = words(seed, row["code"], "items", attempt)
        plan = m["plans"][below(stream, len(m["plans"]))]
        parts: list[list[str]] = [[] for _ in m["sections"]]
        barred = {foe for _, c in cells for u in c["fixed"] if u not in old for foe in foes[u]}
        for count, (k, cell) in zip(plan, cells, strict=True):
            mine = cell["members"][row["neighbour_class"] % step :: step]
            part, free = ([u for u in ids if u not in old] for ids in (cell["fixed"], mine))
            parts[k] += part + pick(stream, count - len(part), free, foes, barred)
        drawn = [unit for part in parts for unit in part]
        score = sum(m["units"][unit]["score"] for unit in drawn)
        good = not target or abs(score - target["score"]) <= target["tolerance"]
        for bound in m["bounds"]:
            total = sum(bound["weights"].get(unit, 0) for unit in drawn)
            low, high = bound["minimum"], bound["maximum"]
            good &= (low is None or low <= total) and (high is None or total <= high)
        if good and len(drawn) == sum(plan):  # otherwise some cell ran short
            return parts
    raise SystemExit(f"核验未通过：考生 {row['code']} 抽取 {m['max_attempts']} 次都不合格")


def paper(m: Any, seed: bytes, row: Any) -> Any:
    """Return one candidate's paper: items by section and options, in the order shown (§1.5)."""
    order, choice = (words(seed, row["code"], use, 0) for use in ("order", "options"))
    sections, options, units = [], {}, m["units"]
    for section, part in zip(m["sections"], draw(m, seed, row), strict=True):
        names = part if m["order"] == "as_drawn" else pick(order, len(part), part)
        key = {"easy_to_hard": "score", "by_topic": "topic"}.get(m["order"])
        names = sorted(names, key=lambda u: units[u].get(key, 0), reverse=key == "score")
        sections.append([section["id"], [item for u in names for item in units[u]["items"]]])
    for name in (name for _, names in sections for name in names if m["items"][name]["options"]):
        ids, pinned = m["items"][name]["options"], m["items"][name]["pinned"]
        loose = [o for o in ids if o not in pinned]
        mixed = iter(pick(choice, len(loose), loose) if m["shuffle_options"] else loose)
        options[name] = [o if o in pinned else next(mixed) for o in ids]
    return {"candidate": row["code"], "sections": sections, "options": options}


def main() -> None:
    """Check commitment and seed (§1.6), record (§1.7) and papers; exit status 0: all passed."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("transcript", type=Path)
    ask.add_argument("--demo", action="store_true", help="accept a draw without commitment")
    for name, kind in {"commitment": str, "bank": Path, "code": str, "paper": Path}.items():
        ask.add_argument("--" + name, type=kind)
    a = ask.parse_args()
    t = json.loads(data := a.transcript.read_bytes())
    need(canon(t) == data and t.pop("check") == sha(t), "校验值不符，记录被改动过")
    codes = [row["code"] for row in t["roster"]]
    need(codes == sorted(set(codes)) and set(t["papers"]) <= set(codes), "名单有误")
    need({t["spec"], t["manifest"]["spec"]} == {"fazhi-exam-draw/1"}, "算法版本不符")
    parts = map(bytes.fromhex, (sha(t["manifest"]), sha(t["roster"]), t["secret_hash"]))
    promise = lp("fazhi-exam-commitment/1", *parts)
    need(t["commitment"] == sha(promise), "承诺值与题库清单、名单、密钥不符")
    secret = bytes.fromhex(t["secret"])
    need(a.demo or len(secret) == 32, "没有密钥：这是演示抽题，不能证明公正（演示请加 --demo）")
    if secret:
        need(t["secret_hash"] == sha(lp("fazhi-exam-secret/1", secret)), "密钥与承诺时不同")
        need(t["digits"].isascii() and t["digits"].isdecimal(), "公开数字有误")
        promise = lp("fazhi-exam-seed/1", bytes.fromhex(t["commitment"]), secret, t["digits"])
        need(t["seed"] == sha(promise), "种子与承诺、密钥、公开数字不符")
    need(a.commitment in (None, t["commitment"]), "承诺值与事先公布的不同")
    need(not a.bank or sha(a.bank.read_bytes()) == t["manifest"]["bank"], "题库与承诺时不同")
    rows = [row for row in t["roster"] if row["code"] == (a.code or row["code"])]
    need(rows and (a.code or not a.paper), "名单中没有这名考生，或未写考号")
    for row in rows if a.code or t["papers"] else ():
        data = canon(paper(t["manifest"], bytes.fromhex(t["seed"]), row))
        need(t["papers"].get(row["code"]) in (None, sha(data)), "试卷与记录不符：" + row["code"])
        need(not a.paper or a.paper.read_bytes() == data, "试卷文件与推算结果不符")
        sys.stdout.buffer.write(data + b"\n" if a.code else b"")
    sys.stderr.write(f"核验通过：名单 {len(t['roster'])} 人，试卷 {len(t['papers'])} 份\n")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
        raise SystemExit("核验未通过：记录损坏，无法读取") from error
