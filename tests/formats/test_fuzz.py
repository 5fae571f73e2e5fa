"""Mutated files never raise anything but the library's own errors, and never hang."""

import random
import re
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from fazhi_exam.errors import FazhiExamError
from fazhi_exam.formats import preview_bytes

from ..examples import bank
from .corpus import FOLDER, files
from .test_other_files import AIKEN, LINES, page, pdf, web_table

READERS = {
    "文本": (".txt",), "Excel": (".xlsx",), "Word": (".docx",), "表格文本": (".csv",),
    "JSON": (".json", ".jsonl"), "GIFT": (".gift",), "XML": (".xml",), "QTI 包": (".zip",),
    "TOML": (".toml",), "Aiken": (".aiken",), "网页": (".html", ".htm"), "PDF": (".pdf",),
}  # fmt: skip
SIGNS = [
    "（", "）", "A.", "答案：", "1.", "{", "}", "=", "~", "\x00", "\ufeff", "<", ">", "&", '"',
    "\\", "一、单选题", "案例一：", "参考答案", "1-5 ABCDE", "_____", "\n\n", "\ud7ff", "𠮷", "％",
    "|", "ANSWER: ", "<table>", "</td>", "&#x41;", "endobj", "stream",
]  # fmt: skip


def seeds(suffixes: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """Corpus files of these kinds, and failing inputs of earlier runs."""
    paths = [*files("import"), *sorted((FOLDER / "fuzz").glob("*"))]
    found = [(p.name, p.read_bytes()) for p in paths if p.suffix in suffixes]
    if ".toml" in suffixes:
        from fazhi_exam.formats import bank_to_toml

        found.append(("a.toml", bank_to_toml(bank(2), subject="07", topic="适用").encode()))
    if ".aiken" in suffixes:
        found.append(("a.aiken", AIKEN.encode()))
        found.append(("b.aiken", AIKEN.encode("gb18030")))
    if ".html" in suffixes:
        found.append(("a.html", page(LINES).encode()))
        found.append(("b.html", page(LINES).encode("gb18030")))
        found.append(("c.htm", web_table().encode()))
    if ".pdf" in suffixes:
        found.append(("a.pdf", pdf(LINES)))
    return found


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Change bytes, cut, repeat, or add signs; inside archives change one member."""
    if data[:4] == b"PK\x03\x04" and rng.random() < 0.7:
        return mutate_member(data, rng)
    if rng.random() < 0.5:
        data = swap_words(data, rng)
    out = bytearray(data)
    for _ in range(rng.choice((0, 0, 1, 3, 6))):
        place = rng.randrange(len(out) + 1)
        choice = rng.randrange(5)
        if choice == 0 and out:
            out[place % len(out)] = rng.randrange(256)
        elif choice == 1:
            del out[place : place + rng.randint(1, 60)]
        elif choice == 2:
            out[place:place] = rng.choice(SIGNS).encode("utf-8", "surrogatepass")
        elif choice == 3:
            piece = bytes(out[place : place + rng.randint(1, 200)])
            out[place:place] = piece * rng.randint(1, 20)
        else:
            end = rng.randrange(len(out) + 1)
            out = out[min(place, end) :] + out[: min(place, end)]
    return bytes(out)


def swap_words(data: bytes, rng: random.Random) -> bytes:
    """Put words of the file in the place of others, so that markup stays well formed."""
    words = list(re.finditer(rb"[A-Za-z0-9]{1,20}", data[:200_000]))
    if not words:
        return data
    for _ in range(rng.randint(1, 4)):
        old, new = rng.choice(words)[0], rng.choice(words)[0]
        data = data.replace(old, new, rng.choice((1, 2, -1)))
    return data


def mutate_member(data: bytes, rng: random.Random) -> bytes:
    """Change one member of an archive and pack it anew."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = old.namelist()
        likely = [n for n in names if n.endswith((".xml", ".mht", ".rels"))]
        target = rng.choice(likely or names)
        for name in names:
            content = old.read(name)
            if name == target:
                if rng.random() < 0.05:
                    continue
                content = mutate(content, rng)
            new.writestr(name, content)
    return out.getvalue()


def run(reader: str, rounds: int, seed: int) -> None:
    """Read mutated files; a failing one is kept beside the corpus under its own name."""
    rng = random.Random(f"{reader}{seed}")  # noqa: S311
    sources = seeds(READERS[reader])
    assert sources
    for number in range(rounds):
        name, data = rng.choice(sources)
        changed = mutate(data, rng)
        start = time.perf_counter()
        try:
            preview_bytes(changed, name)
        except FazhiExamError as error:
            fault = error.__cause__
            ours = fault is None or not str(error).count("读取时出错")
            if not ours:
                keep(name, changed)
                raise AssertionError(f"{reader} round {number}: {fault!r}") from fault
        except Exception as error:
            keep(name, changed)
            raise AssertionError(f"{reader} round {number}: {error!r}") from error
        assert time.perf_counter() - start < 5, f"{reader} round {number} took too long"


def keep(name: str, data: bytes) -> None:
    """Store a failing input, so that it stays in the corpus."""
    folder = FOLDER / "fuzz"
    folder.mkdir(exist_ok=True)
    (folder / f"failing_{Path(name).name}").write_bytes(data)


@pytest.mark.parametrize("reader", READERS)
def test_mutated_files(reader: str) -> None:
    """Some sixty changed files per reader: only errors of the library, none slow."""
    run(reader, 56, seed=1)


@pytest.mark.full
@pytest.mark.parametrize("reader", READERS)
def test_mutated_files_in_full(reader: str) -> None:
    """Ten thousand changed files per reader: only errors of the library, none slow."""
    run(reader, 10_000, seed=2)
