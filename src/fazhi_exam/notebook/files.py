"""Choosing a file: dropped on the button, picked, or named by its path (选文件)."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets


class FileField(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A file from the officer's computer, or a path on the machine that runs the notebook.

    Parameters
    ----------
    label
        What the file is.
    accept
        Suffixes the picker offers, such as ``".xlsx,.csv"``.
    chosen
        Called with the path whenever a file was given.
    """

    def __init__(self, label: str, *, accept: str, chosen: Callable[[Path], None]) -> None:
        self.upload = widgets.FileUpload(
            accept=accept,
            multiple=False,
            description=f"选择{label}",
            icon="",
            layout={"width": "max-content"},
        )
        self.path = widgets.Text(
            placeholder=f"或填写{label}的路径，按回车读取",
            continuous_update=False,
            layout={"width": "420px"},
        )
        self._chosen = chosen
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.upload.observe(lambda _: self._take_upload(), names="value")
        self.path.observe(lambda _: self._take_path(), names="value")
        super().__init__([widgets.HBox([self.upload, self.path])])

    def _take_path(self) -> None:
        if text := self.path.value.strip():
            self._chosen(Path(text))

    def _take_upload(self) -> None:
        if not self.upload.value:
            return
        given = self.upload.value[0]
        # Readers take paths; the copy goes when this field does.
        self._folder = tempfile.TemporaryDirectory(prefix="fazhi_exam_")
        path = Path(self._folder.name) / Path(given["name"].replace("\\", "/")).name
        path.write_bytes(bytes(given["content"]))
        self._chosen(path)
