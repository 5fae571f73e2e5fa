"""Everything of a sitting written into one folder, with a list of hashes (输出)."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from ..assembly.deal import DealtPapers
from ..bank.question_bank import QuestionBank
from ..delivery.sitting import Sitting
from ..files import write_bytes
from ..formats import Written, write_moodle_xml, write_papers_bank, write_qti
from ..report.papers import (
    PrintOptions,
    write_answer_card,
    write_key_book,
    write_lists,
    write_papers,
    write_tickets,
)
from ..report.papers_word import write_papers_word
from ..typing import Progress

LIST_NAME = "文件清单.sha256"
_WORD_SAMPLES = 3


class Output(StrEnum):
    """What can be written for a sitting (输出种类)."""

    PAPERS = "试卷 PDF（每考场一个文件）"
    WORD = "试卷 Word（前 3 份样张）"
    WORD_ALL = "试卷 Word（全部）"
    KEY_BOOK = "答案与解析册"
    ANSWER_CARD = "答题卡"
    LISTS = "座位签到表"
    TICKETS = "准考证"
    TRANSCRIPT = "抽题记录"
    MOODLE = "所用题目 Moodle XML"
    QTI = "所用题目 QTI 2.1 题包"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written: name within the folder, bytes, SHA-256 in 64 hex digits."""

    name: str
    size: int
    sha256: str


_Writer: TypeAlias = Callable[[], object]


def export_sitting(
    sitting: Sitting,
    folder: str | Path,
    wanted: Collection[Output],
    *,
    options: PrintOptions | None = None,
    progress: Progress | None = None,
) -> tuple[WrittenFile, ...]:
    """Write what is wanted and a list of every file with its hash.

    Parameters
    ----------
    folder
        Is made when missing; files of the same name are replaced.
    wanted
        Kinds of output.
    options
        Sheet and size of the papers.
    progress
        Called as (outputs done, outputs) between files; raising from it stops, and the list of
        hashes then is not written.

    Returns
    -------
    tuple of WrittenFile
        In the order of names.

    Raises
    ------
    TypesettingFailed
        If a document cannot be set.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    before = _stamps(target)
    jobs = _jobs(sitting, target, frozenset(wanted))
    rooms = len(sitting.rooms) if Output.PAPERS in wanted else 0
    total = rooms + len(jobs)

    def tell(done: int, _: int) -> None:
        if progress is not None:
            progress(done, total)

    if rooms:
        tell(0, total)
        write_papers(sitting, target, options=options, progress=tell)
    for done, job in enumerate(jobs, rooms):
        tell(done, total)
        job()
    tell(total, total)
    after = _stamps(target)
    files = tuple(
        written(target, name) for name in sorted(after) if after[name] != before.get(name)
    )
    lines = (f"{file.sha256}  {file.name}\n" for file in files)
    (target / LIST_NAME).write_text("".join(lines), "utf-8")
    return files


def written(folder: Path, name: str) -> WrittenFile:
    """Return size and hash of a file."""
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WrittenFile(name, path.stat().st_size, digest)


def _stamps(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and path.name != LIST_NAME
    }


def _jobs(sitting: Sitting, folder: Path, wanted: frozenset[Output]) -> list[_Writer]:
    """All but the papers as PDF, in small jobs, so that progress moves and cancelling is quick."""
    jobs: list[_Writer] = []
    some = [code for codes in sitting.rooms.values() for code in codes]
    if Output.WORD_ALL not in wanted:
        some = some[:_WORD_SAMPLES]
    if wanted & {Output.WORD, Output.WORD_ALL}:
        jobs += [
            _word(sitting, folder, some[start : start + 10]) for start in range(0, len(some), 10)
        ]
    if Output.KEY_BOOK in wanted:
        jobs.append(lambda: write_key_book(sitting, folder / "答案与解析.pdf"))
    if Output.ANSWER_CARD in wanted:
        jobs.append(lambda: write_answer_card(sitting, folder / "答题卡.pdf"))
    if Output.LISTS in wanted:
        jobs.append(lambda: write_lists(sitting, folder / "座位签到表.pdf"))
    if Output.TICKETS in wanted:
        jobs.append(lambda: write_tickets(sitting, folder / "准考证.pdf"))
    for output, write, name in (
        (Output.MOODLE, write_moodle_xml, "题目_Moodle.xml"),
        (Output.QTI, write_qti, "题目_QTI.zip"),
    ):
        if output in wanted:
            jobs.append(_questions(sitting, folder / name, write))
    papers = sitting.papers
    if Output.TRANSCRIPT in wanted and isinstance(papers, DealtPapers):
        jobs.append(lambda: write_bytes(papers.transcript(), folder / "抽题记录.json"))
    return jobs


def _questions(sitting: Sitting, path: Path, write: Callable[[QuestionBank], Written]) -> _Writer:
    """Write the questions on the papers, and beside them what the format could not carry."""

    def job() -> None:
        found = write_papers_bank(sitting.papers, sitting.bank, write)
        write_bytes(found.data, path)
        lines = found.not_carried or ("全部内容都已写入",)
        path.with_name(f"{path.stem}_未带入.txt").write_text("\n".join(lines) + "\n", "utf-8")

    return job


def _word(sitting: Sitting, folder: Path, codes: list[str]) -> _Writer:
    return lambda: write_papers_word(sitting, folder, candidates=codes)
