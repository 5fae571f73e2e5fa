"""Reading rosters (考生名册) as offices keep them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..bank.text import fold_name
from ..errors import ImportProblem
from ..roster.candidate import Candidate, Roster
from ..roster.identity import Person, check_identity_number, mask
from .reading import Reading
from .tables import Line, Table, cell_text, data_lines, find_heading, read_tables

COLUMNS: Mapping[str, Sequence[str]] = {
    "考号": ("准考证号", "考生编号", "考试编号", "报名号", "编号"),
    "姓名": ("考生姓名", "名字", "人员姓名"),
    "身份证号": ("身份证号码", "公民身份号码", "证件号码", "身份证"),
    "单位": ("工作单位", "所在单位", "单位名称", "报考单位", "镇街"),
    "岗位": ("职务", "执法岗位", "岗位名称"),
    "地区": ("区县", "县区", "所属地区"),
    "执法领域": ("领域", "执法类别", "执法种类"),
    "免试": ("免考", "免试理由"),
}
_GROUPS = ("单位", "岗位", "地区", "执法领域")


def preview_roster(source: Any, *, code_prefix: str = "") -> Reading[Roster]:
    """Read a roster and list every fault with its place.

    Parameters
    ----------
    source
        Path of a workbook, CSV, JSON or JSON Lines file, a dataframe, or a sequence of mappings.
        The heading may stand under title rows; a sheet without one is passed over with a note.
    code_prefix
        Rows without a candidate number get this prefix and a running number of four digits, in
        the order of the file.

    Returns
    -------
    Reading
        `good` holds the rows without a blocking fault. Identity numbers in messages are masked.
    """
    tables = read_tables(source)
    rows = _Rows(code_prefix)
    headed = 0
    for table in tables:
        found = find_heading(table, COLUMNS)
        if found is None:
            if any(cell is not None for row in table.rows for cell in row):
                rows.note(table, None, "", "", "没有找到表头（至少要有姓名和单位两列），整张表未读")
            continue
        headed += 1
        heading, columns = found
        missing = [name for name in ("姓名", "单位") if name not in columns]
        if missing:
            rows.note(table, heading + 1, "、".join(missing), "", "缺少这一列", blocking=True)
            continue
        for line in data_lines(table, heading, columns):
            rows.add(table, line, known=frozenset(columns))
    name = tables[0].file if tables else "名册"
    if not headed:
        rows.problems.append(ImportProblem("没有可读的名册", file=name))
    return Reading(name, Roster(tuple(rows.candidates), rows.persons), tuple(rows.problems))


def read_roster(source: Any, *, code_prefix: str = "") -> Roster:
    """Read a roster in which every row can be used; see `preview_roster` to look first.

    Raises
    ------
    ImportFailed
        With every fault found.
    """
    return preview_roster(source, code_prefix=code_prefix).accept()


@dataclass
class _Rows:
    """Rows read so far: candidates, persons, what was seen where, and the faults."""

    code_prefix: str
    candidates: list[Candidate] = field(default_factory=list)
    persons: dict[str, Person] = field(default_factory=dict)
    problems: list[ImportProblem] = field(default_factory=list)
    lines_by_number: dict[str, int] = field(default_factory=dict)
    lines_by_code: dict[str, int] = field(default_factory=dict)

    def note(
        self,
        table: Table,
        line: int | None,
        column: str,
        value: str,
        reason: str,
        *,
        blocking: bool = False,
    ) -> None:
        self.problems.append(
            ImportProblem(reason, table.file, table.sheet, line, column, value, blocking)
        )

    def add(self, table: Table, line: Line, *, known: frozenset[str]) -> None:
        """Take one row, or list why it cannot be taken; every fault of the row is listed."""
        before = len(self.problems)
        name, unit = fold_name(line.text("姓名")), fold_name(line.text("单位"))
        for column, value in (("姓名", name), ("单位", unit)):
            if not value:
                self.note(table, line.number, column, "", "没有填写", blocking=True)
        number = self._identity_number(table, line) if "身份证号" in known else ""
        code = line.text("考号").replace(" ", "")
        if code and code in self.lines_by_code:
            reason = f"考号与第 {self.lines_by_code[code]} 行重复"
            self.note(table, line.number, "考号", code, reason, blocking=True)
        if any(p.blocking for p in self.problems[before:]):
            return
        self._note_tidied(table, line, name, unit)
        code = code or f"{self.code_prefix}{len(self.candidates) + 1:04d}"
        self.lines_by_code[code] = line.number
        if number:
            self.lines_by_number[number] = line.number
        groups = {
            column: fold_name(line.text(column))
            for column in _GROUPS
            if column in known and line.text(column)
        }
        exempt = line.text("免试") if line.text("免试") not in ("", "否", "无") else ""
        self.candidates.append(Candidate(code, groups, exempt=exempt))
        self.persons[code] = Person(name, number)

    def _identity_number(self, table: Table, line: Line) -> str:
        """Return the checked number, or note the fault and return an empty string."""
        cell = line.cells.get("身份证号")
        number = cell_text(cell).replace(" ", "").upper()
        if isinstance(cell, int | float) and not isinstance(cell, bool) and cell >= 1e15:
            reason = "身份证号被存成数字（科学计数法），末几位已丢失，请按文本格式重新录入"
            self.note(table, line.number, "身份证号", f"{cell:.5E}", reason, blocking=True)
            return ""
        if not number:
            self.note(table, line.number, "身份证号", "", "没有填写", blocking=True)
        elif reason := check_identity_number(number):
            shown = number if "E" in number else mask(number)
            self.note(table, line.number, "身份证号", shown, reason, blocking=True)
        elif number in self.lines_by_number:
            reason = f"与第 {self.lines_by_number[number]} 行是同一人，重复登记"
            self.note(table, line.number, "身份证号", mask(number), reason, blocking=True)
        else:
            return number
        return ""

    def _note_tidied(self, table: Table, line: Line, name: str, unit: str) -> None:
        """Say what was tidied, so that nobody is surprised by a changed name."""
        for column, value in (("姓名", name), ("单位", unit)):
            raw = line.cells.get(column)
            if isinstance(raw, str) and raw != value:
                shown = f"{value[:1]}**" if column == "姓名" else raw
                self.note(table, line.number, column, shown, "含空格或全角字符，已整理")
        raw_number = line.cells.get("身份证号")
        if isinstance(raw_number, str) and not raw_number.isascii():
            reason = "含全角数字，已转为半角"
            self.note(table, line.number, "身份证号", mask(cell_text(raw_number)), reason)
