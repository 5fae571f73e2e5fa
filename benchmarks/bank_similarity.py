"""Near duplicates among 50,000 stems: processor time, and the share of known pairs found.

Run: ``python benchmarks/bank_similarity.py [stems]``. Stems are synthetic and share legal phrases,
as real ones do; 2 % are edited copies: scattered characters, a clause put in, words taken out.
Pairs are known in three ways: the planted copies; all pairs of a sample of stems against every
stem, by brute force; and 20,000 edited copies of the stems of the shipped bank.
"""

import json
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from fazhi_exam.bank.similarity import similar_pairs
from fazhi_exam.bank.text import fold_question
from fazhi_exam.formats import read_bank, shipped_bank_folder

LAWS = (
    "行政处罚法 行政许可法 行政强制法 行政复议法 行政诉讼法 宪法 民法典 监察法 公务员法 国家赔偿法 "
    "保守国家秘密法 数据安全法 安全生产法 环境保护法"
).split()
PHRASES = (
    "应当自收到申请之日起{}日内作出决定 可以在法定期限届满前延长{}个月 不得少于{}人并出示执法证件 "
    "可以处{}万元以下罚款 应当组织听证并制作笔录 有权陈述和申辩 "
    "依法承担赔偿责任 应当说明理由并告知救济途径 "
    "自违法行为发生之日起{}年内未被发现的不再给予处罚"
).split()
ASKS = "下列说法正确的是 下列表述错误的是 对此处理符合法律规定的是 下列哪一选项不符合规定".split()
CUTOFF = 90.0


def stems(count: int, rng: random.Random) -> tuple[list[str], set[tuple[int, int]]]:
    """Make stems and the pairs of positions that were planted."""
    words = [
        chr(rng.randint(0x4E00, 0x6FFF)) + chr(rng.randint(0x4E00, 0x6FFF)) for _ in range(4000)
    ]
    weights = [1 / (k + 3) for k in range(4000)]

    def one() -> str:
        some = "".join(rng.choices(words, weights, k=rng.randint(3, 14)))
        first, second = (rng.choice(PHRASES).format(rng.randint(1, 60)) for _ in range(2))
        law = f"根据《{rng.choice(LAWS)}》第{rng.randint(1, 120)}条，" if rng.random() < 0.5 else ""
        middle = f"{first}，{some[8:]}，" if rng.random() < 0.7 else ""
        return f"{law}{some[:8]}{middle}{second}。{rng.choice(ASKS)}（　）"

    made = [one() for _ in range(count)]
    planted = set()
    for _ in range(count // 50):
        source, copy = rng.sample(range(count), 2)
        made[copy] = edited(made[source], rng)
        planted.add((min(source, copy), max(source, copy)))
    return made, planted


def edited(stem: str, rng: random.Random) -> str:
    """Change a stem as a person would."""
    chars = list(stem)
    how = rng.random()
    if how < 0.5:
        for _ in range(rng.randint(1, 5)):
            chars[rng.randrange(len(chars))] = rng.choice("的了和是在有其于")
    elif how < 0.75:
        place = rng.randrange(len(chars))
        chars[place:place] = "，依照有关法律法规的规定"[: rng.randint(1, 12)]
    else:
        place = rng.randrange(len(chars))
        del chars[place : place + rng.randint(1, 8)]
    return "".join(chars)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    rng = random.Random(11)  # noqa: S311
    made, planted = stems(count, rng)
    started = time.process_time()
    texts = [fold_question(stem) for stem in made]
    found = {(pair.first, pair.second) for pair in similar_pairs(texts, cutoff=CUTOFF)}
    seconds = time.process_time() - started
    good = [(a, b) for a, b in planted if fuzz.ratio(texts[a], texts[b]) >= CUTOFF]
    sample = rng.sample(range(count), min(count, 1500))
    scores = process.cdist(
        [texts[i] for i in sample], texts, scorer=fuzz.ratio, score_cutoff=CUTOFF, dtype=np.uint8
    )
    true = {
        (min(sample[row], int(j)), max(sample[row], int(j)))
        for row, j in zip(*np.nonzero(scores), strict=True)
        if sample[row] != j and fuzz.ratio(texts[sample[row]], texts[j]) >= CUTOFF
    }
    shipped = [item.stem for item in read_bank(shipped_bank_folder())]
    origins = [rng.randrange(len(shipped)) for _ in range(20_000)]
    real = [fold_question(stem) for stem in shipped]
    real += [fold_question(edited(shipped[origin], rng)) for origin in origins]
    hits = {(pair.first, pair.second) for pair in similar_pairs(real, cutoff=CUTOFF)}
    copies = [(origin, len(shipped) + k) for k, origin in enumerate(origins)]
    close = [(a, b) for a, b in copies if fuzz.ratio(real[a], real[b]) >= CUTOFF]
    result = {
        "shipped_copies": len(close),
        "shipped_copies_found": sum(pair in hits for pair in close),
        "stems": count,
        "mean_length": round(sum(map(len, texts)) / count, 1),
        "cpu_seconds": round(seconds, 2),
        "pairs_found": len(found),
        "planted": len(good),
        "planted_found": sum(pair in found for pair in good),
        "brute_force_pairs": len(true),
        "brute_force_found": sum(pair in found for pair in true),
        "missed_by_likeness": dict(
            Counter(int(fuzz.ratio(texts[a], texts[b])) for a, b in {*true, *good} - found)
        ),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if count == 50_000:
        path = Path(__file__).parent / "results" / "bank_similarity.json"
        path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
