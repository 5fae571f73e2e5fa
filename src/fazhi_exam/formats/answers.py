"""Reading answers as staff type them: one row per candidate, one column per question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..assembly.paper import Paper
from ..bank.item import Item, ItemKind
from ..bank.text import fold_name, fold_width
from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.sitting import Sitting
from ..errors import ImportProblem
from .reading import Reading
from .tables import Cell, Line, Table, cell_text, data_lines, find_heading, read_tables

COLUMNS: Mapping[str, Sequence[str]] = {
    "考号": ("准考证号", "考生编号", "考试编号", "编号"),
    "姓名": ("考生姓名",),
    "状态": ("考试状态", "到考情况", "考勤", "备注"),
}
_STATES: Mapping[str, Attendance] = {
    **dict.fromkeys(("", "到考", "正常", "实考", "参考"), Attendance.PRESENT),
    **dict.fromkeys(("缺考", "未到", "缺席", "旷考"), Attendance.ABSENT),
    **dict.fromkeys(("违纪", "作弊", "试卷作废", "成绩无效"), Attendance.VOIDED),
    **dict.fromkeys(("缓考", "延期"), Attendance.DEFERRED),
    **dict.fromkeys(("免试", "免考"), Attendance.EXEMPT),
}
_TRUE, _FALSE = (
    {"√", "✓", "对", "正确", "T", "TRUE", "是"},
    {"×", "✗", "X", "错", "错误", "F", "FALSE", "否"},
)
_OMITTED = {"", "/", "-", "—", "——", "空", "未答", "未作答"}
_NUMBER = re.compile(r"^(?:第)?(\d{1,3})(?:题)?$")


def preview_answers(source: Any, sitting: Sitting) -> Reading[tuple[AnswerSheet, ...]]:
    """Read answers and show what fits and what does not.

    Parameters
    ----------
    source
        Path of a workbook, CSV, JSON or JSON Lines file, a dataframe, or a sequence of mappings.
        Columns headed 1, 2, 3 … are questions *as numbered on each candidate's own paper* and hold
        the printed letters; columns headed with item ids hold the author's letters.
    sitting
        Its papers turn printed letters into option ids.

    Returns
    -------
    Reading
        `good` holds one sheet per candidate found. An answer that cannot be read is listed as
        blocking, and in `good` counts as omitted. Candidates of the roster without a row are
        listed, and will be marked absent.
    """
    tables = read_tables(source)
    rows = _Answers(sitting)
    for table in tables:
        found = find_heading(table, COLUMNS, required=1)
        if found is None or "考号" not in found[1]:
            if any(cell is not None for row in table.rows for cell in row):
                rows.note(table, None, "", "", "没有找到含“考号”的表头，整张表未读")
            continue
        rows.read(table, *found)
    return Reading(tables[0].file if tables else "答案", rows.sheets(), tuple(rows.problems))


def read_answers(source: Any, sitting: Sitting) -> tuple[AnswerSheet, ...]:
    """Read answers of which every row can be used; see `preview_answers` to look first.

    Raises
    ------
    ImportFailed
        With every problem found.
    """
    return preview_answers(source, sitting).accept()


@dataclass
class _Answers:
    sitting: Sitting
    problems: list[ImportProblem] = field(default_factory=list)
    found: dict[str, AnswerSheet] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def note(
        self, table: Table, line: int | None, column: str, value: str, reason: str,
        *, blocking: bool = True,
    ) -> None:  # fmt: skip
        self.problems.append(
            ImportProblem(reason, table.file, table.sheet, line, column, value, blocking)
        )

    def read(self, table: Table, heading: int, columns: Mapping[str, int]) -> None:
        """Take every row of one table."""
        heads = [cell_text(value) for value in table.rows[heading]]
        questions: dict[str, int] = {}
        for index, head in enumerate(heads):
            name = _NUMBER.match(head.replace(" ", ""))
            key = name[1] if name else head
            if not (name or key in self.sitting.bank):
                if key and index not in columns.values():
                    reason = "不是题号，这一列未读"
                    self.note(table, heading + 1, key, "", reason, blocking=False)
                continue
            if key in questions:
                self.note(table, heading + 1, key, "", "题号重复，只读了第一列")
                continue
            questions[key] = index
        for line in data_lines(table, heading, {**columns, **questions}):
            self._row(table, line, tuple(questions))

    def _row(self, table: Table, line: Line, questions: tuple[str, ...]) -> None:
        code = line.text("考号").replace(" ", "")
        if not code:
            self.note(table, line.number, "考号", "", "没有填写")
        elif code not in self.sitting.papers:
            self.note(table, line.number, "考号", code, "名册中没有这个考号")
        elif code in self.lines:
            reason = f"与第 {self.lines[code]} 行重复，以前一行为准"
            self.note(table, line.number, "考号", code, reason)
        else:
            self.lines[code] = line.number
            self.found[code] = self._sheet(table, line, code, questions)

    def _sheet(
        self, table: Table, line: Line, code: str, questions: tuple[str, ...]
    ) -> AnswerSheet:
        state = fold_name(line.text("状态"))
        attendance = _STATES.get(state)
        if attendance is None:
            known = "、".join(word for word in _STATES if word)
            self.note(table, line.number, "状态", state, f"应为 {known} 之一")
            attendance = Attendance.PRESENT
        if attendance is not Attendance.PRESENT:
            filled = [q for q in questions if line.text(q) not in _OMITTED]
            if filled and attendance is not Attendance.VOIDED:
                reason = f"{attendance}，但填了 {len(filled)} 题的答案；答案未采用"
                self.note(table, line.number, "状态", state, reason)
            return AnswerSheet(code, attendance)
        paper = self.sitting.paper(code)
        chosen: dict[str, frozenset[str]] = {}
        written: dict[str, tuple[str, ...]] = {}
        for question in questions:
            self._answer(table, line, paper, question, chosen, written)
        return AnswerSheet(code, attendance, chosen, written)

    def _answer(
        self,
        table: Table,
        line: Line,
        paper: Paper,
        question: str,
        chosen: dict[str, frozenset[str]],
        written: dict[str, tuple[str, ...]],
    ) -> None:
        cell = line.cells.get(question)
        text = cell_text(cell)
        if fold_name(text) in _OMITTED:
            return
        printed = question not in self.sitting.bank
        item_ids = paper.item_ids
        if printed and not 1 <= int(question) <= len(item_ids):
            reason = f"这名考生的试卷只有 {len(item_ids)} 题"
            self.note(table, line.number, question, text, reason)
            return
        item_id = item_ids[int(question) - 1] if printed else question
        if item_id not in item_ids:
            self.note(table, line.number, question, text, "这道题不在该考生的试卷上")
            return
        item = self.sitting.bank[item_id]
        if item.kind is ItemKind.BLANK:
            written[item_id] = tuple(re.split(r"[；;|]", text))
        elif not item.kind.objective:
            written[item_id] = (text,)
        else:
            ids, reason = _options(cell, item, paper if printed else None)
            if reason:
                self.note(table, line.number, question, text, reason)
            else:
                chosen[item_id] = ids

    def sheets(self) -> tuple[AnswerSheet, ...]:
        """Sheets in the order of the roster; people without a row are listed."""
        for candidate in self.sitting.roster:
            if not candidate.exempt and candidate.code not in self.found:
                self.problems.append(
                    ImportProblem(
                        "没有这名考生的答案，将记为缺考",
                        column="考号",
                        value=candidate.code,
                        blocking=False,
                    )
                )
        return tuple(self.found[c.code] for c in self.sitting.roster if c.code in self.found)


def _options(cell: Cell, item: Item, paper: Paper | None) -> tuple[frozenset[str], str]:
    """Return option ids for what was typed, or what is wrong with it."""
    if isinstance(cell, bool):
        text = "√" if cell else "×"
    else:
        text = fold_width(cell_text(cell)).upper()
    if item.kind is ItemKind.TRUE_FALSE and text in _TRUE | _FALSE:
        word = "正确" if text in _TRUE else "错误"
        return frozenset(o.id for o in item.options if o.text == word), ""
    marks = re.sub(r"[\s,，、;；.．]", "", text)
    order = paper.option_order[item.id] if paper else tuple(o.id for o in item.options)
    shown = "ABCDEFGH"[: len(order)]
    if not marks or any(mark not in shown for mark in marks):
        allowed = "√、×" if item.kind is ItemKind.TRUE_FALSE else f"{shown[0]} 至 {shown[-1]}"
        return frozenset(), f"答案应为 {allowed}"
    if len(set(marks)) < len(marks):
        return frozenset(), "同一个字母填了两次"
    return frozenset(order[shown.index(mark)] for mark in marks), ""
