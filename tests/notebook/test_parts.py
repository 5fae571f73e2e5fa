"""The parts that every panel is made of."""

import hashlib
import pkgutil
import re
import threading
from base64 import b64decode
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path

import ipywidgets as widgets
import openpyxl
import pytest

from fazhi_exam import notebook
from fazhi_exam.errors import FazhiExamError, ItemError
from fazhi_exam.notebook.boundary import Boundary
from fazhi_exam.notebook.export import written
from fazhi_exam.notebook.files import FileField
from fazhi_exam.notebook.picture import Picture
from fazhi_exam.notebook.steps import Steps
from fazhi_exam.notebook.table import Table, workbook_bytes
from fazhi_exam.notebook.work import Work
from fazhi_exam.report import new_axes
from fazhi_exam.typing import Progress

TRAITLETS = (
    "_trait_default_generators", "_traits", "_all_trait_default_generators", "_descriptors",
    "_static_immutable_initial_values", "_instance_inits",
)  # fmt: skip
"""What traitlets itself writes into every class."""


def modules() -> list[str]:
    return [m.name for m in pkgutil.iter_modules(notebook.__path__)]


@pytest.mark.parametrize("name", modules())
def test_panels_hide_no_widget_machinery(name: str) -> None:
    """A method of ours that hides a private one of ipywidgets breaks the display of the panel."""
    module = import_module(f"fazhi_exam.notebook.{name}")
    for kind in vars(module).values():
        if isinstance(kind, type) and issubclass(kind, widgets.Widget):
            if kind.__module__ != module.__name__:
                continue
            base = set(dir(kind.__mro__[1]))
            hidden = {n for n in vars(kind) if n in base and not n.startswith("__")}
            assert not {name for name in hidden if name not in TRAITLETS}, hidden


def test_public_names_are_there() -> None:
    """Every name the package lists can be fetched."""
    for name in notebook.__all__:
        assert getattr(notebook, name) is not None


# ---- errors ----


def test_our_error_is_said_in_chinese() -> None:
    """What an officer can mend is said as the error says it, escaped."""
    bar = Boundary()
    with bar.guard("读取题库"):
        raise ItemError("07-0001", "答案", "为 E，选项只有 A 至 <D>")
    assert "读取题库：题目 07-0001 的答案：为 E，选项只有 A 至 &lt;D&gt;" in bar.text.value
    assert isinstance(bar.cause, ItemError)


def test_unexpected_error_shows_no_traceback() -> None:
    """A mistake of the program shows one sentence; the traceback waits behind the button."""
    bar = Boundary()
    with bar.guard("组卷"):
        {}["secret name"]
    assert "KeyError" not in bar.text.value
    assert "Traceback" not in bar.text.value
    assert "意外" in bar.text.value
    assert bar.details.layout.display == "none"
    bar.button.click()
    assert bar.details.layout.display == ""
    assert "KeyError" in bar.details.value


def test_next_success_clears_the_error() -> None:
    """An error does not stay on the page after the next step went well."""
    bar = Boundary()
    with bar.guard("一"):
        raise FazhiExamError("坏了")
    with bar.guard("二"):
        pass
    assert bar.text.value == ""
    assert bar.cause is None


def test_inner_success_keeps_the_outer_error() -> None:
    """A step inside a step does not wipe what the outer one has to say."""
    bar = Boundary()
    with bar.guard("外"):
        with bar.guard("内"):
            raise FazhiExamError("坏了")
        with bar.guard("内二"):
            pass
    assert "坏了" in bar.text.value


# ---- long work ----


def test_work_moves_the_bar_and_hands_over() -> None:
    """The job runs beside the page, moves the bar, and its result arrives."""
    bar, got = Boundary(), []
    work = Work(bar)
    seen: list[tuple[int, int]] = []

    def job(progress: Progress) -> str:
        for k in range(3):
            progress(k, 3)
            seen.append((work.bar.value, work.bar.max))
        return "done"

    work.start("试", job, got.append)
    work.wait()
    assert got == ["done"]
    assert seen == [(0, 3), (1, 3), (2, 3)]
    assert work.layout.display == "none"


def test_work_is_cancelled() -> None:
    """Cancel ends the job at its next progress call, and nothing is handed over."""
    bar, got, started, go = Boundary(), [], threading.Event(), threading.Event()
    work = Work(bar)

    def job(progress: Progress) -> str:
        started.set()
        go.wait(10)
        progress(1, 2)
        return "done"

    work.start("抽题", job, got.append)
    started.wait(10)
    work.cancel.click()
    go.set()
    work.wait()
    assert got == []
    assert "抽题已取消" in bar.text.value


def test_work_refuses_a_second_job_and_shows_errors() -> None:
    """One job at a time; an error of the job is shown like any other."""
    bar, go = Boundary(), threading.Event()
    work = Work(bar)

    def job(_: Progress) -> None:
        go.wait(10)
        raise FazhiExamError("打印机没有纸")

    work.start("一", job, lambda _: None)
    work.start("二", job, lambda _: None)
    assert "上一项工作还没有完成" in bar.text.value
    go.set()
    work.wait()
    assert "一：打印机没有纸" in bar.text.value


# ---- tables ----


def test_table_filters_sorts_and_turns() -> None:
    """Numbers sort by size with empty cells last; the filter looks into every column."""
    table = Table(["单位", "人数"], name="人数", page=2)
    table.show([("甲镇", 9), ("乙镇", 10), ("丙街道", None), ("丁镇", 2)])
    assert table.place.value == "第 1–2 行，共 4 行"
    table.forward.click()
    assert "丁镇" in table.body.value
    assert "甲镇" not in table.body.value
    table.sort.value = 1
    assert [row[0] for row in table.shown] == ["丁镇", "甲镇", "乙镇", "丙街道"]
    table.filter.value = "镇"
    assert [row[0] for row in table.shown] == ["丁镇", "甲镇", "乙镇"]
    table.descending.value = True
    assert [row[0] for row in table.shown] == ["乙镇", "甲镇", "丁镇"]


def test_table_rounds_half_up_and_escapes() -> None:
    """183 of 240 is 76.3 % as documents print it; texts cannot become markup."""
    table = Table(["单位", "合格率", "变化"], name="表", formats={"合格率": ".1%", "变化": "+.2%"})
    table.show([("<b>甲</b>", 183 / 240, -0.00125), ("乙", float("nan"), 0.5)])
    assert "76.3%" in table.body.value
    assert "-0.13%" in table.body.value
    assert "+50.00%" in table.body.value
    assert "—" in table.body.value
    assert "<b>甲" not in table.body.value


def test_exported_workbook_holds_no_formula() -> None:
    """A cell that looks like a formula stays text, and numbers stay numbers."""
    table = Table(["内容", "数"], name="导出")
    table.show([('=HYPERLINK("http://x")', 1.5), ("@SUM(A1)", None)])
    table.export.click()
    data = re.search(r"base64,([^\"]+)", table.link.value)
    assert data is not None
    sheet = openpyxl.load_workbook(BytesIO(b64decode(data.group(1)))).active
    assert [[c.value for c in row] for row in sheet.iter_rows()] == [
        ["内容", "数"], ['=HYPERLINK("http://x")', 1.5], ["@SUM(A1)", None],
    ]  # fmt: skip
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
    assert workbook_bytes("空", ["甲"], [])[:2] == b"PK"


# ---- pictures, steps, files ----


def test_picture_offers_three_formats() -> None:
    """The figure can be kept as PNG, SVG and PDF, and says in words what it shows."""
    picture = Picture("图")
    axes = new_axes()
    axes.plot([0, 1])
    picture.show(axes, described="一条 <直线>")
    assert 'alt="一条 &lt;直线&gt;"' in picture.image.value
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for button, kind in zip(picture.save, starts, strict=True):
        button.click()
        data = re.search(r"base64,([^\"]+)", picture.link.value)
        assert data is not None
        assert b64decode(data.group(1)).startswith(starts[kind])
    picture.clear("没有数据")
    assert "没有数据" in picture.image.value
    assert picture.tools.layout.display == "none"


def test_steps_go_forward_and_back() -> None:
    """The next step is named on its button; the ends go nowhere."""
    entered: list[int] = []
    steps = Steps([("甲", widgets.HTML()), ("乙", widgets.HTML())], entered=entered.append)
    assert steps.next.description == "下一步：2 乙"
    steps.next.click()
    assert steps.stack.selected_index == 1
    assert steps.next.layout.display == "none"
    steps.go(7)
    steps.previous.click()
    assert entered == [1, 0]


def test_file_field_takes_path_and_upload(tmp_path: Path) -> None:
    """A path and a dropped file end in the same call; a name cannot leave the folder."""
    got: list[Path] = []
    field = FileField("名册", accept=".xlsx", chosen=got.append)
    field.path.value = str(tmp_path / "a.xlsx")
    field.upload.value = (
        {
            "name": "..\\..\\b.xlsx",
            "type": "",
            "size": 3,
            "content": b"abc",
            "last_modified": datetime(2026, 1, 1, tzinfo=UTC),
        },
    )
    assert got[0] == tmp_path / "a.xlsx"
    assert got[1].name == "b.xlsx"
    assert got[1].read_bytes() == b"abc"


def test_written_file_is_hashed(tmp_path: Path) -> None:
    """The hash in the list is the SHA-256 of the file."""
    (tmp_path / "a.txt").write_bytes(b"abc")
    found = written(tmp_path, "a.txt")
    assert found.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert found.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert found.size == 3
