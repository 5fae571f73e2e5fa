"""Work that takes time: in a thread, with progress and a cancel button (长时间任务)."""

import threading
from collections.abc import Callable
from typing import TypeVar

import ipywidgets as widgets

from ..errors import FazhiExamError
from ..typing import Progress
from .boundary import Boundary

Found = TypeVar("Found")


class _Stopped(Exception):  # noqa: N818
    """Raised out of the progress call when the officer pressed 取消."""


class Work(widgets.HBox):  # type: ignore[misc]  # ipywidgets has no types
    """Runs one job at a time beside the page; nothing blocks meanwhile.

    Parameters
    ----------
    boundary
        Where the errors of the job are shown.
    """

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary
        self.bar = widgets.IntProgress(min=0, max=1, layout={"width": "320px"})
        self.label = widgets.Label()
        self.cancel = widgets.Button(description="取消", button_style="warning")
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.cancel.on_click(lambda _: self.stop())
        super().__init__([self.label, self.bar, self.cancel], layout={"display": "none"})
        self.add_class("fz-say")

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        return self._thread is not None and self._thread.is_alive()

    def start(
        self, doing: str, job: Callable[[Progress], Found], then: Callable[[Found], None]
    ) -> None:
        """Run `job` in a thread and hand its result to `then`.

        Parameters
        ----------
        doing
            Shown beside the bar and in messages.
        job
            Takes the progress call; cancelling raises from it.
        then
            Shows the result; errors in it are caught as well.
        """
        with self.boundary.guard(doing):
            if self.busy:
                raise FazhiExamError("上一项工作还没有完成，请稍候或先取消")
            self._stop.clear()
            self.label.value, self.bar.value, self.bar.max = f"正在{doing}……", 0, 1
            self.layout.display = ""
            self._thread = threading.Thread(target=self._run, args=(doing, job, then), daemon=True)
            self._thread.start()

    def _run(
        self, doing: str, job: Callable[[Progress], Found], then: Callable[[Found], None]
    ) -> None:
        try:
            with self.boundary.guard(doing):
                try:
                    found = job(self.advance)
                    self.advance(self.bar.max, self.bar.max)
                except _Stopped:
                    self.boundary.say(f"{doing}已取消")
                else:
                    then(found)
        finally:
            self.layout.display = "none"

    def advance(self, done: int, total: int) -> None:
        """Move the bar; this is the progress call that jobs receive."""
        if self._stop.is_set():
            raise _Stopped
        self.bar.max, self.bar.value = max(1, total), done

    def stop(self) -> None:
        """Ask the running job to end at its next progress call."""
        self._stop.set()
        self.label.value = "正在取消……"

    def wait(self, seconds: float = 60.0) -> None:
        """Wait for the job to end, for scripts and tests."""
        if self._thread is not None:
            self._thread.join(seconds)
