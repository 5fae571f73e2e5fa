"""Writing facts: Parquet files by year, one sitting or portion at a time (生成事实表)."""

import hashlib
import shutil
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np

from ..marking.mark import UNIT, Marks
from ..scoring.decisions import Decisions, Outcome
from ..store.store import Store
from ..typing import Progress
from .layout import (
    ANSWERS,
    ATTEMPTS,
    MANIFEST,
    FactsError,
    Manifest,
    answer_schema,
    attempt_schema,
)

if TYPE_CHECKING:
    import pyarrow

Source: TypeAlias = Store | Iterable[Decisions] | Iterable[tuple[Decisions, Marks]]


@dataclass(frozen=True, slots=True)
class WrittenFacts:
    """What was written: rows of both tables, files, and the data version."""

    folder: Path
    attempts: int
    answers: int
    files: int
    version: str


class FactsWriter(AbstractContextManager["FactsWriter"]):
    """Writes portions of rows; the folder appears, whole, when the ``with`` block ends well.

    Parameters
    ----------
    folder
        Must be new, empty or an earlier folder of facts, which is then replaced.
    groups
        Group columns of attempts.

    Raises
    ------
    FactsError
        If something else lies in the folder.
    """

    def __init__(self, folder: str | Path, *, groups: Sequence[str]) -> None:
        self.folder = Path(folder)
        occupied = self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir()))
        if occupied and not (self.folder / MANIFEST).is_file():
            raise FactsError(self.folder.name, "文件夹中有别的文件，没有写入；请换一个文件夹")
        self.groups = tuple(groups)
        self.schemas = {ATTEMPTS: attempt_schema(self.groups), ANSWERS: answer_schema()}
        self.rows = dict.fromkeys(self.schemas, 0)
        self.written: WrittenFacts | None = None
        self._partial = self.folder.with_name(self.folder.name + ".partial")
        self._names: list[str] = []

    def __enter__(self) -> Self:
        shutil.rmtree(self._partial, ignore_errors=True)
        self._partial.mkdir(parents=True)
        return self

    def attempts(self, year: int, name: str, table: "pyarrow.Table") -> None:
        """Add attempts of one year as a file; columns as `attempt_schema` says."""
        self._add(ATTEMPTS, year, name, table)

    def answers(self, year: int, name: str, table: "pyarrow.Table") -> None:
        """Add answers of one year as a file; columns as `answer_schema` says."""
        self._add(ANSWERS, year, name, table)

    def _add(self, kind: str, year: int, name: str, table: "pyarrow.Table") -> None:
        from pyarrow import parquet

        path = f"{kind}/year={year}/{name}.parquet"
        file = self._partial / path
        if file.exists():
            raise FactsError(path, "同一部分写了两次")
        file.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table.cast(self.schemas[kind]), file, compression="zstd")
        self.rows[kind] += table.num_rows
        self._names.append(path)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            shutil.rmtree(self._partial, ignore_errors=True)
            return
        version = self._version()
        manifest = Manifest(self.groups, self.rows[ATTEMPTS], self.rows[ANSWERS], version)
        (self._partial / MANIFEST).write_text(manifest.to_json(), "utf-8")
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self._partial.rename(self.folder)
        self.written = WrittenFacts(
            self.folder, self.rows[ATTEMPTS], self.rows[ANSWERS], len(self._names), version
        )

    def _version(self) -> str:
        whole = hashlib.sha256()
        for name in sorted(self._names):
            with (self._partial / name).open("rb") as file:
                whole.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}".encode())
        return whole.hexdigest()[:12]


def write_facts(
    source: Source, folder: str | Path, *, progress: Progress | None = None
) -> WrittenFacts:
    """Write attempts, and answers where there are marks, of all sittings of a store.

    One sitting is held in memory at a time. An earlier folder of facts is replaced when all is
    written; on an error it stays as it was.

    Parameters
    ----------
    source
        A store, decisions, or pairs of decisions and marks.
    folder
        Where the files go.

    Raises
    ------
    FactsError
        If there is no sitting, or something else lies in the folder.
    """
    parts = list(_parts(source))
    if not parts:
        raise FactsError(Path(folder).name, "没有考次，无法生成")
    groups = sorted({name for part in parts for name in part.groups()})
    numbers = AttemptNumbers()
    with FactsWriter(folder, groups=groups) as writer:
        for done, part in enumerate(parts):
            if progress is not None:
                progress(done, len(parts))
            decisions, marks = part.read()
            name = hashlib.sha256(decisions.sitting_id.encode()).hexdigest()[:16]
            writer.attempts(decisions.on.year, name, attempt_table(decisions, groups, numbers))
            if marks is not None:
                writer.answers(decisions.on.year, name, answer_table(decisions, marks))
    if progress is not None:
        progress(len(parts), len(parts))
    assert writer.written is not None  # noqa: S101  (the block ended well)
    return writer.written


@dataclass(frozen=True)
class _Part:
    """One sitting that is read when it is its turn."""

    store: Store | None
    sitting_id: str
    pair: tuple[Decisions, Marks | None] | None = None

    def read(self) -> tuple[Decisions, Marks | None]:
        if self.pair is not None:
            return self.pair
        assert self.store is not None  # noqa: S101
        return self.store.decisions(self.sitting_id), self.store.marks(self.sitting_id)

    def groups(self) -> set[str]:
        decisions = self.pair[0] if self.pair is not None else self.read()[0]
        return {name for candidate in decisions.candidates for name in candidate.groups}


def _parts(source: Source) -> Iterable[_Part]:
    if isinstance(source, Store):
        for summary in sorted(source.sittings(), key=lambda s: (s.on, s.id)):
            yield _Part(source, summary.id)
        return
    pairs = [(one, None) if isinstance(one, Decisions) else one for one in source]
    for decisions, marks in sorted(pairs, key=lambda pair: (pair[0].on, pair[0].sitting_id)):
        yield _Part(None, decisions.sitting_id, (decisions, marks))


class AttemptNumbers:
    """Counts each person's rows and attempts in a programme, sittings given in order of day."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], int] = {}
        self._sat: dict[tuple[str, str], int] = {}

    def of(self, decisions: Decisions) -> list[tuple[int, int | None]]:
        """Return entry and attempt of every decision; a stated later attempt is believed."""
        out: list[tuple[int, int | None]] = []
        for one in decisions.decisions:
            key = decisions.programme_id, one.candidate
            entry = self._rows[key] = self._rows.get(key, 0) + 1
            attempt = None
            if one.outcome in (Outcome.PASSED, Outcome.FAILED):
                attempt = self._sat[key] = max(self._sat.get(key, 0) + 1, one.attempt)
            out.append((entry, attempt))
        return out


def attempt_table(
    decisions: Decisions, groups: Sequence[str], numbers: AttemptNumbers
) -> "pyarrow.Table":
    """Return the decisions of a sitting as rows of attempts."""
    import pyarrow as pa

    counted = numbers.of(decisions)

    n = len(decisions)
    people = [decisions.groups[d.candidate].groups for d in decisions.decisions]
    columns = {
        "programme": [decisions.programme_id] * n,
        "sitting": [decisions.sitting_id] * n,
        "on": [decisions.on] * n,
        "person": [d.candidate for d in decisions.decisions],
        "entry": [entry for entry, _ in counted],
        "attempt": [attempt for _, attempt in counted],
        "outcome": [str(d.outcome) for d in decisions.decisions],
        "grade": [None if d.grade is None else str(d.grade) for d in decisions.decisions],
        "raw": [_units(d.raw) for d in decisions.decisions],
        "equated": [_units(d.equated) for d in decisions.decisions],
        **{group: [own.get(group, "") or "未填写" for own in people] for group in groups},
    }
    return pa.table(columns, schema=attempt_schema(groups))


def _units(points: Decimal | None) -> int | None:
    return None if points is None else int((points / UNIT).to_integral_value(ROUND_HALF_UP))


def answer_table(decisions: Decisions, marks: Marks) -> "pyarrow.Table":
    """Return the marks of a sitting as rows of answers."""
    import pyarrow as pa

    rows = len(marks.item)
    person = np.repeat(np.arange(len(marks.candidates)), np.diff(marks.indptr)).astype(np.int32)
    item = marks.item.astype(np.int32)

    def named(index: np.ndarray, names: Sequence[str]) -> "pyarrow.Array":
        words = pa.array(list(names), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(index), words).cast(pa.string())

    subjects = [item_id.split("-")[0] for item_id in marks.item_ids]
    return pa.table(
        {
            "sitting": pa.array([decisions.sitting_id] * rows, pa.string()),
            "on": pa.array([decisions.on] * rows, pa.date32()),
            "person": named(person, marks.candidates),
            "item": named(item, marks.item_ids),
            "revision": named(item, marks.revisions),
            "subject": named(item, subjects),
            "chosen": pa.array(marks.chosen.astype(np.int16)),
            "awarded": pa.array(marks.awarded.astype(np.int32)),
            "possible": pa.array(marks.possible.astype(np.int32)),
        },
        schema=answer_schema(),
    )
