"""Write question_bank/README.md from the bank and the reading record: ``bank_readme.py``."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

from fazhi_exam.bank import SUBJECTS, Band, ItemKind, Level, QuestionBank
from fazhi_exam.doctor import examine
from fazhi_exam.formats import read_bank

HERE = Path(__file__).resolve().parent.parent / "question_bank"
DAY = date(2026, 11, 20)


def coverage(bank: QuestionBank) -> list[str]:
    """Table of subject × kind, and of subject × level."""
    kinds = [kind for kind in ItemKind if any(item.kind is kind for item in bank)]
    lines = [
        "| 主题 | " + " | ".join(kinds) + " | 案例（小题） | " + " | ".join(Level) + " |",
        "| --- |" + " ---: |" * (len(kinds) + 1 + len(Level)),
    ]
    total: Counter[str] = Counter()
    for code, name in SUBJECTS.items():
        own = [item for item in bank if item.subject == code]
        alone = Counter(item.kind for item in own if item.case is None)
        levels = Counter(item.level for item in own if item.case is None)
        cases = {item.case for item in own if item.case is not None}
        parts = sum(item.case is not None for item in own)
        cells = [str(alone[kind]) for kind in kinds] + [f"{len(cases)}（{parts}）"]
        lines.append(f"| {code} {name} | {' | '.join(cells)} | "
                     + " | ".join(str(levels[level]) for level in Level) + " |")  # fmt: skip
        total.update({kind.value: alone[kind] for kind in kinds})
        total.update({level.value: levels[level] for level in Level})
    cells = [str(total[kind.value]) for kind in kinds]
    parts = sum(item.case is not None for item in bank)
    cells += [f"{len(bank.cases)}（{parts}）", *(str(total[level.value]) for level in Level)]
    return [*lines, f"| **合计** | {' | '.join(cells)} |"]


def reading() -> list[str]:
    """Summarise the reading record."""
    lines = []
    for path in sorted((HERE / "reading").glob("*.jsonl")):
        rows = [json.loads(text) for text in path.read_text("utf-8").splitlines() if text]
        if not rows or "letters" not in rows[0]:
            continue
        real = [row for row in rows if not row["planted"]]
        planted = [row for row in rows if row["planted"]]
        differ = sum(not row["agrees"] or row["second_defensible"] for row in real)
        line = (
            f"- `{path.name}`：{len(real)} 题次，与答案不一致或存在第二种可辩护答案 {differ} 题次"
        )
        if planted:
            caught = sum(not row["agrees"] or row["second_defensible"] for row in planted)
            line += f"；混入错误答案的试题 {len(planted)} 道，读出 {caught} 道"
        lines.append(line)
    return lines


def main() -> None:
    """Write the page."""
    bank = read_bank(HERE)
    found = examine(bank, on=DAY)
    alone = [item for item in bank if item.case is None]
    bands = Counter(item.band for item in alone)
    single = Counter(next(iter(i.key)) for i in bank if i.kind is ItemKind.SINGLE)
    judged = Counter(item.key_text for item in bank if item.kind is ItemKind.TRUE_FALSE)
    five = sum(len(case.item_ids) == 5 for case in bank.cases.values())
    text = (Path(__file__).resolve().parent / "bank_readme_head.md").read_text("utf-8")
    parts = [
        text.strip(),
        "## 覆盖情况",
        f"独立试题 {len(alone)} 道，案例 {len(bank.cases)} 个（其中正好五个小题的 {five} 个）。"
        f"法律依据日期：{DAY:%Y-%m-%d}。",
        "\n".join(coverage(bank)),
        "难度（命题人估计）：" + "、".join(f"{band.value} {bands[band]}" for band in Band) + "。",
        "单选答案字母："
        + "、".join(f"{k} {v}" for k, v in sorted(single.items()))
        + "；判断："
        + "、".join(f"{k} {v}" for k, v in sorted(judged.items()))
        + "。",
        "各考核项目还能出多少套没有重复题的试卷（`fazhi-exam doctor`）："
        + "、".join(f"{name} {count}" for name, count in found.papers)
        + "。",
        "最薄弱的格：\n\n" + "\n".join(f"- {cell}" for cell in found.thinnest(8)),
        "## 审读记录",
        "每道客观题都由没有看过答案的人，只看题干、选项和法条文本重新作答；记录在 `reading/`，"
        "不一致的题目已改写或删除，改写的题目重新审读。",
        "\n".join(reading()),
    ]
    (HERE / "README.md").write_text("\n\n".join(parts) + "\n", "utf-8")


if __name__ == "__main__":
    main()
