"""What a reader found: the usable value and every problem with its place."""

import logging
from dataclasses import dataclass
from html import escape
from typing import Generic, TypeVar

from ..errors import ImportFailed, ImportProblem

log = logging.getLogger(__name__)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Reading(Generic[Value]):
    """A file as it was read, before anything is kept (导入预览).

    Parameters
    ----------
    source
        File or folder name, for messages.
    good
        The value made of the rows or items without a blocking problem. Using it is a decision:
        call `accept_good` to say so.
    problems
        Everything found, in the order of the file.
    """

    source: str
    good: Value
    problems: tuple[ImportProblem, ...] = ()

    @property
    def blocking(self) -> tuple[ImportProblem, ...]:
        """The problems whose rows or items are not in `good`."""
        return tuple(problem for problem in self.problems if problem.blocking)

    def accept(self) -> Value:
        """Return the value if all of the file could be used.

        Raises
        ------
        ImportFailed
            With every problem, if any of them is blocking.
        """
        if self.blocking:
            raise ImportFailed(self.problems)
        return self.accept_good()

    def accept_good(self) -> Value:
        """Return what could be used, knowing that the rest was left out."""
        for problem in self.problems:
            log.warning("%s: line %s: %s", self.source, problem.line, problem.reason)
        return self.good

    def __repr__(self) -> str:
        noted = len(self.problems) - len(self.blocking)
        return (
            f"Reading({self.source}: {self.good!r}，{len(self.blocking)} 处须处理，{noted} 处提示)"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{'须处理' if p.blocking else '提示'}</td><td>{escape(p.sheet)}</td>"
            f"<td>{p.line or ''}</td><td>{escape(p.column)}</td><td>{escape(p.value)}</td>"
            f"<td>{escape(p.reason)}</td></tr>"
            for p in self.problems
        )
        head = "<tr><th></th><th>工作表</th><th>行</th><th>列</th><th>内容</th><th>问题</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"
