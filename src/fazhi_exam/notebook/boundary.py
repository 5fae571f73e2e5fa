"""Where a panel's errors end: Chinese for the officer, the cause kept for the engineer."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import ipywidgets as widgets
from pydantic import ValidationError

from ..errors import FazhiExamError

log = logging.getLogger(__name__)
_UNEXPECTED = (
    "程序遇到意外情况，这一步没有完成，已有的内容没有改动。请点“查看详情”，把文字交给技术人员。"
)


class Boundary(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Shows what went wrong or well; a ``with`` block of `guard` never lets an error through.

    Attributes
    ----------
    cause
        The last error, or None; its traceback is behind the button 查看详情.
    """

    def __init__(self) -> None:
        self.cause: Exception | None = None
        self.text = widgets.HTML()
        self.button = widgets.Button(description="查看详情", layout={"display": "none"})
        self.details = widgets.Textarea(
            disabled=True, layout={"display": "none", "width": "100%", "height": "160px"}
        )
        self._depth = 0
        self.button.on_click(lambda _: self._show_details())
        super().__init__([self.text, self.button, self.details])
        self.add_class("fz-say")  # stays in view on pages longer than the screen

    @contextmanager
    def guard(self, doing: str) -> Iterator[None]:
        """Run a step of a panel; `doing` names it in the message, such as ``"读取名册"``."""
        if not self._depth:
            self.clear()
        self._depth += 1
        try:
            yield
        except Exception as error:  # this is the named boundary of the panels
            self.fail(error, doing)
        finally:
            self._depth -= 1

    def fail(self, error: Exception, doing: str) -> None:
        """Show an error and keep it."""
        self.cause = error
        log.info("%s failed: %s", doing, type(error).__name__)
        self.text.value = (
            f'<div class="fault" role="alert">{escape(doing)}：{escape(said(error))}</div>'
        )
        self.button.layout.display = ""
        self.details.layout.display = "none"

    def say(self, text: str) -> None:
        """Show that something was done."""
        self.clear()
        self.text.value = f'<div class="done" role="status">{escape(text)}</div>'

    def clear(self) -> None:
        """Show nothing."""
        self.cause = None
        self.text.value = ""
        self.button.layout.display = self.details.layout.display = "none"

    def _show_details(self) -> None:
        if self.cause is not None:
            self.details.value = "".join(traceback.format_exception(self.cause))
            self.details.layout.display = ""


def said(error: Exception) -> str:
    """Return the Chinese sentence for an error; texts that are not ours are not shown."""
    if isinstance(error, FazhiExamError):
        return str(error)
    if isinstance(error, ValidationError):
        return "；".join(_fault(fault["msg"]) for fault in error.errors())
    if isinstance(error, FileNotFoundError):
        return f"找不到文件“{error.filename}”"
    if isinstance(error, OSError):
        return f"文件“{error.filename or ''}”无法读写（可能被其他程序占用、磁盘已满或没有权限）"
    text = str(error)
    if isinstance(error, ValueError) and any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return text
    return _UNEXPECTED


def _fault(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return (
        text if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "填写的内容不符合要求"
    )
