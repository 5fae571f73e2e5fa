"""A blueprint as a worksheet that a training officer fills in (蓝图表)."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from pydantic import ValidationError

from ..assembly import Blueprint, blueprint_from_rows, blueprint_to_rows
from ..assembly.blueprint_table import COLUMNS
from ..bank.item import Band, ItemKind, Level
from ..bank.subjects import SUBJECTS
from ..errors import ImportProblem
from ..files import write_bytes
from .reading import Reading
from .tables import cell_text, read_tables

SHEET = "蓝图"
_CHOICES = {
    "题型": [kind.value for kind in ItemKind] + ["案例×5", "案例×4", "案例×3"],
    "评分规则": [
        "all_or_nothing",
        "half_subset",
        "fixed_subset",
        "per_option",
        "proportional",
        "net",
    ],
    "可选": ["是"],
}
_HELP = (
    ("大题编号", "同一大题各行写同一编号；下面几行可以留空，表示与上一行相同"),
    ("题型", "单选、多选、不定项、判断、填空、简答、论述，或“案例×5”（每个案例五个小题）"),
    ("每题分值", "十进制数，如 1 或 0.5；案例大题为每小题的分值"),
    ("行", "这一行的名称，同一大题内不能重复"),
    ("题数", "正好抽取的题数（案例大题为案例数）"),
    ("主题", "主题代码，几个之间用顿号隔开：" + "、".join(f"{c} {n}" for c, n in SUBJECTS.items())),
    ("知识点", "二级主题，可空"),
    ("能力层次", "、".join(level.value for level in Level) + "，可空"),
    ("难度", "、".join(band.value for band in Band) + "，可空"),
    ("法规部分", "专业卷用：法律、法规、地方性法规"),
    ("可选", "写“是”表示平时不抽（如地方性法规），启用时由另一行让出题数"),
)


def write_blueprint_workbook(blueprint: Blueprint, path: str | Path) -> Path:
    """Write a blueprint as a workbook with drop-downs and a sheet of explanations."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": blueprint.title, "created": datetime(2026, 1, 1)})  # noqa: DTZ001
    head = book.add_format({"bold": True, "bg_color": "#DDDDDD", "border": 1, "text_wrap": True})
    sheet = book.add_worksheet(SHEET)
    sheet.write_string(0, 0, blueprint.title, book.add_format({"bold": True, "font_size": 14}))
    for column, name in enumerate(COLUMNS):
        sheet.write_string(1, column, name, head)
        sheet.set_column(column, column, 14)
        if name in _CHOICES:
            sheet.data_validation(
                2, column, 300, column, {"validate": "list", "source": _CHOICES[name]}
            )
    for number, line in enumerate(blueprint_to_rows(blueprint), 2):
        for column, name in enumerate(COLUMNS):
            sheet.write_string(number, column, line[name])
    sheet.freeze_panes(2, 0)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 14)
    notes.set_column(1, 1, 110)
    for number, (name, text) in enumerate(_HELP):
        notes.write_string(number, 0, name, head)
        notes.write_string(number, 1, text)
    book.close()
    return write_bytes(buffer.getvalue(), path)


def preview_blueprint(source: Any, *, like: Blueprint) -> Reading[Blueprint]:
    """Read a blueprint from a workbook or any table with its headings.

    Parameters
    ----------
    source
        What `read_tables` accepts; the first sheet with the headings counts.
    like
        Bounds, options, instructions and rules of like-numbered sections are taken from here, and
        it is what `good` holds when the table cannot be used.

    Returns
    -------
    Reading
        A fault names the line, the heading and what was expected.
    """
    tables = read_tables(source)
    for table in tables:
        for index, row in enumerate(table.rows[:6]):
            heads = [cell_text(value) for value in row]
            if {"行", "题数"} <= set(heads):
                lines = [
                    {h: cell_text(v) for h, v in zip(heads, cells, strict=False) if h in COLUMNS}
                    for cells in table.rows[index + 1 :]
                ]
                return _read(table.file, table.sheet, index, lines, like)
    reason = f"没有找到含“行”和“题数”的表头；表头应为：{'、'.join(COLUMNS)}"
    name = tables[0].file if tables else "蓝图"
    return Reading(name, like, (ImportProblem(reason, file=name),))


def _read(
    name: str, sheet: str, index: int, lines: list[dict[str, str]], like: Blueprint
) -> Reading[Blueprint]:
    used = [(n, line) for n, line in enumerate(lines, index + 2) if line.get("行")]
    problems = [
        ImportProblem("题数应为正整数", name, sheet, number, "题数", line.get("题数", ""))
        for number, line in used
        if not line.get("题数", "").isdecimal() or int(line["题数"]) < 1
    ]
    problems += [
        ImportProblem(f"没有主题代码“{code}”", name, sheet, number, "主题", code)
        for number, line in used
        for code in line.get("主题", "").split("、")
        if code.strip() and code.strip() not in SUBJECTS
    ]
    if not problems:
        try:
            made = blueprint_from_rows(like.title, [line for _, line in used], like=like)
            return Reading(name, made)
        except ValidationError as error:
            problems += [
                ImportProblem(
                    fault["msg"].removeprefix("Value error, "), name, sheet,
                    column=" › ".join(str(part) for part in fault["loc"]),
                )
                for fault in error.errors()
            ]  # fmt: skip
        except ValueError as error:
            problems.append(ImportProblem(str(error), name, sheet))
    return Reading(name, like, tuple(problems))
