"""PDF by typst: data in as JSON, bytes out, the same everywhere (排版).

Every document is set in a process of its own, because typst keeps what it has read: 30 papers of a
hundred items take about 200 MB that only the end of the process gives back.
"""

import json
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import FazhiExamError
from ..typing import Progress

Job: TypeAlias = tuple[str, Mapping[str, Any], Path]
"""Template name, data and path of one document."""


class TypesettingFailed(FazhiExamError):  # noqa: N818
    """A document could not be set; the message of the typesetter is kept (排版失败)."""

    def __init__(self, document: str, message: str) -> None:
        super().__init__(document, message)
        self.document, self.message = document, message

    def __str__(self) -> str:
        return f"排版 {self.document} 失败：{self.message}"


def write_pdf(template: str, data: Mapping[str, Any], path: Path) -> Path:
    """Set one document from a shipped template.

    Raises
    ------
    TypesettingFailed
        If typst reports an error; no file is left then.
    """
    return write_pdfs([(template, data, path)])[0]


def write_pdfs(
    jobs: Iterable[Job],
    *,
    count: int | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Set several documents, each in a process of its own, and write them in full or not at all.

    Jobs are taken one at a time as a worker falls free, so an iterator that prepares its data when
    asked keeps no more than a few documents in memory.

    Parameters
    ----------
    jobs
        Template name, data and path of each document.
    count
        Number of jobs, for `progress`; needed when `jobs` has no length.
    workers
        Processes at a time; each may take some hundred megabytes.
    progress
        Called after each document, in the order of the jobs.

    Raises
    ------
    TypesettingFailed
        For the first document that fails.
    """
    total = len(jobs) if isinstance(jobs, Sized) else count or 0
    done: list[Path] = []
    running: deque[Future[Path]] = deque()

    def finish_first() -> None:
        done.append(running.popleft().result())
        if progress is not None:
            progress(len(done), max(total, len(done)))

    with ThreadPoolExecutor(workers) as pool:
        try:
            for job in jobs:
                if len(running) > workers:
                    finish_first()
                running.append(pool.submit(_run, *job))
            while running:
                finish_first()
        finally:
            for task in running:
                task.cancel()
    return tuple(done)


def _run(template: str, data: Mapping[str, Any], path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    command = [sys.executable, "-m", "fazhi_exam.report.typeset", template, str(unfinished)]
    text = json.dumps(data, ensure_ascii=False)
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        unfinished.unlink(missing_ok=True)
        raise TypesettingFailed(path.name, done.stderr.decode("utf-8", "replace")[-2000:])
    unfinished.replace(path)
    return path


def _main(template: str, path: str) -> None:
    import typst

    data = sys.stdin.buffer.read().decode("utf-8")
    # The package is real files in every supported installation; as_file also serves a zip.
    with as_file(files("fazhi_exam") / "_data") as folder:
        typst.compile(
            str(folder / "templates" / f"{template}.typ"),
            output=path,
            root=str(folder / "templates"),
            font_paths=[str(folder / "fonts")],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": data},
        )


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
