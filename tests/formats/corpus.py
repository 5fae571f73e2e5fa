"""Reading the corpus: files of many layouts with what should be read from them."""

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fazhi_exam.bank.text import fold_question
from fazhi_exam.formats import BankReading, Draft, preview_bank
from fazhi_exam.formats.clean import clean_line

FOLDER = Path(__file__).resolve().parent.parent / "corpus"


def files(folder: str) -> list[Path]:
    """Corpus files that have an expected result."""
    found = sorted((FOLDER / folder).glob("*.expected.json"))
    return [path.with_name(path.name.removesuffix(".expected.json")) for path in found]


@dataclass(frozen=True)
class Compared:
    """Questions expected, found with the right key, and read exactly; and what was missed."""

    expected: int
    keyed: int
    exact: int
    faults: tuple[str, ...]
    silent: tuple[str, ...]


def folded(value: Any) -> Any:
    """Texts without white space, widths, radicals and a full stop at the end; blanks alike."""
    if isinstance(value, list):
        return [folded(one) for one in value]
    text = unicodedata.normalize("NFKC", clean_line(value).replace("（\u3000）", "（）"))
    return re.sub(r"_+", "_", re.sub(r"\s+", "", text)).rstrip("。.")


def keys_of(draft: Draft) -> tuple[str, ...]:
    """The key as the expected results may write it: letters, words per blank, or the answer."""
    if draft.blanks:
        return (";".join(",".join(words) for words in draft.blanks),
                *(["".join(folded([words[0] for words in draft.blanks]))]))  # fmt: skip
    return (draft.key or "", folded(draft.answer or ""))


def right_key(draft: Draft, wanted: Any) -> bool:
    """Whether the draft has the expected key; a list holds one word a blank, or an answer."""
    if not isinstance(wanted, list):
        return wanted == keys_of(draft)[0]
    if draft.blanks:
        return [folded(words[0]) for words in draft.blanks] == folded(wanted)
    return folded(draft.answer) == "".join(folded(wanted))


def compare(path: Path) -> tuple[Compared, BankReading]:
    """Compare what is read from a file with its expected result."""
    wanted = json.loads(path.with_name(f"{path.name}.expected.json").read_text("utf-8"))
    reading = preview_bank(path)
    left = list(reading.drafts)
    keyed = exact = 0
    faults: list[str] = []
    silent: list[str] = []
    for row in wanted["questions"]:
        draft = next((d for d in left if _is(d, row)), None)
        if draft is None:
            faults.append(f"没有读出：{row['stem'][:30]}")
            if not reading.problems:
                silent.append(row["stem"])
            continue
        left.remove(draft)
        if right_key(draft, row["key"]):
            keyed += 1
        else:
            faults.append(f"{row['stem'][:20]}：答案应为 {row['key']}，读成 {keys_of(draft)}")
            if not any(p.line == draft.line for p in reading.problems):
                silent.append(row["stem"])
        wrong = [n for n, a, b in _fields(draft, row) if a != b]
        exact += not wrong and right_key(draft, row["key"])
        faults += [f"{row['stem'][:20]}：{n} 应为 {b!r}，读成 {a!r}"
                   for n, a, b in _fields(draft, row) if a != b]  # fmt: skip
    faults += [f"多读出：{draft.stem[:30]}" for draft in left]
    notes = [str(problem) for problem in reading.problems]
    faults += [f"没有提示“{word}”" for word in wanted.get("noted", ())
               if not any(word in note for note in notes)]  # fmt: skip
    rows = len(wanted["questions"])
    return Compared(rows, keyed, exact, tuple(faults), tuple(silent)), reading


def _is(draft: Draft, row: dict[str, Any]) -> bool:
    same = fold_question(draft.stem) == fold_question(row["stem"])
    options = row.get("options")
    return same and (options is None or len(draft.options) == len(options))


def _fields(draft: Draft, row: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    values: dict[str, Any] = {
        "kind": str(draft.kind or ""), "stem": draft.stem, "options": list(draft.options),
        "explanation": draft.explanation, "citations": list(draft.citations),
        "points": draft.points, "band": str(draft.band or ""), "topic": draft.topic,
        "stimulus": draft.stimulus, "subject": draft.subject, "level": str(draft.level or ""),
        "id": draft.id,
    }  # fmt: skip
    if "case" in row:
        row = {**row, "stimulus": row["case"] or ""}
    return [(name, folded(values[name]), folded(row[name])) for name in values if name in row]
