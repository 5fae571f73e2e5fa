"""Questions in tables: Excel, CSV and web pages; any column order, many names for a column."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TypeAlias

from ..bank.item import LETTERS, ItemKind
from ..errors import ImportProblem
from .clean import clean_line, decode_text
from .draft import Draft, case_id
from .markup import html_lines
from .sheet_columns import (
    BLANKS,
    Columns,
    Layout,
    canonical_name,
    find_layout,
    guess_layout,
    layout_at,
)
from .sheet_rows import draft_of_fields, is_own, plain_text
from .shown_cells import with_shown
from .spreadsheet import unsafe_cell
from .tables import Cell, Table, cell_text, parse_table_text, parse_workbook
from .text import Progress, read_text
from .text.headings import case_heading, section_of
from .words import KIND_WORDS, kind_of

Found = tuple[tuple[Draft, ...], tuple[ImportProblem, ...]]
_HELP = ("说明", "帮助", "字典", "代码", "下拉选项", "须知", "目录", "封面", "统计", "反馈", "名单",
         "help", "readme")  # fmt: skip
_OWN = ("编号", "题型", "能力层次", "难度")
_KEYED = ("答案", "填空答案", "选项", "选对", "选错", *LETTERS, *BLANKS)
_CARRIED = ("题型", "难度", "能力层次", "分值", "主题", "二级主题", "标签", "来源", "法条引用",
            "案例编号", "案例标题", "案例材料")  # fmt: skip
_LISTED = frozenset(("序号", "编号", *_CARRIED[:8]))
_TOTAL = re.compile(r"^(?:合计|小计|总计|共计|总题量|题目总数)(?:$|\s*[:：]?\s*\d|\s*[:：])")
_FOOT = re.compile(
    r"^(?:审核|审批|复核|校对|制表|制作|填表|填报|填写|出题|命题|录入|联系|报送|负责|打印|统计)"
    r"(?:人|单位|部门|科室|日期|时间|电话|意见|领导|负责人|人员)?\s*(?:签字|签名|盖章|（[^）]*）)?\s*[:：]|"
    r"^(?:注|备注|说明|附注|填表说明|填写说明)\s*[:：]|^单位（盖章）|^共\s*\d+\s*[道个]?题|^以上共"
)
_EXAMPLE = re.compile(r"^(?:示例|样例|范例|例|例如|填写示例|举例)[:：]?$")
_SECTION_NOTE = re.compile(
    rf"^[^。？?]{{0,12}}(?:以下|下列|下面)[^。？?]{{0,6}}(?:{KIND_WORDS})题?"
)


def find_columns(table: Table) -> Layout | None:
    """Find the heading of a table of questions; None when it has none."""
    return find_layout(table)


def read_question_tables(tables: Iterable[Table], *, progress: Progress | None = None) -> Found:
    """Read the questions of worksheets; what is left out is said."""
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    for table in tables:
        if not any(_filled(row) for row in table.rows):
            continue
        layout = find_layout(table) or guess_layout(table)
        if layout is None:
            is_help = any(word in table.sheet.casefold() for word in _HELP)
            reason = "说明页，未读" if is_help else "没有找到含“题干”的表头，整张表未读"
            problems.append(ImportProblem(reason, table.file, table.sheet,
                                          blocking=not (is_help or table.hidden)))  # fmt: skip
            continue
        if table.hidden:
            note = "工作表是隐藏的，也已读入，请核对"
            problems.append(ImportProblem(note, table.file, table.sheet, blocking=False))
        problems += _unread_columns(table, layout)
        for part in layout.parts:
            for one in _Rows(table, layout, part, progress).read():
                if isinstance(one, Draft):
                    drafts.append(one)
                else:
                    problems.append(one)
    return tuple(drafts), tuple(problems)


def _filled(row: Sequence[Cell]) -> bool:
    return any(cell is not None and cell != "" for cell in row)


def _unread_columns(table: Table, layout: Layout) -> list[ImportProblem]:
    if layout.last < layout.first:
        return []  # no heading
    taken = layout.taken
    problems = []
    for index, value in enumerate(table.rows[layout.first]):
        name = cell_text(value)
        if index not in taken and name and not _over_taken(table, layout, index):
            filled = any(len(row) > index and row[index] not in (None, "")
                         for row in table.rows[layout.last + 1 :])  # fmt: skip
            if filled:
                problems.append(ImportProblem("不认识的列，未读", table.file, table.sheet,
                                              layout.first + 1, name, blocking=False))  # fmt: skip
    return problems


def _over_taken(table: Table, layout: Layout, index: int) -> bool:
    return layout.last > layout.first and canonical_name(
        cell_text(table.rows[layout.first][index])
    ) == "选项"  # fmt: skip


def only_kind(text: str) -> ItemKind | None:
    """Return the kind a title names when it names just one."""
    kinds = {kind_of(word) for word in re.findall(KIND_WORDS, text)}
    return kinds.pop() if len(kinds) == 1 else None


@dataclass(frozen=True, slots=True)
class _Above:
    """What the rows above a question say of it: 二、多选题（每题2分）, 案例一."""

    kind: ItemKind | None = None
    points: str = ""
    case_title: str = ""
    stimulus: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with a stem, to which rows below may still add options."""

    last: int
    number: int
    fields: Mapping[str, str]
    above: _Above
    notes: tuple[tuple[str, float], ...] = ()


@dataclass
class _Rows:
    """The rows under one heading, read from top to bottom."""

    table: Table
    layout: Layout
    columns: Columns
    progress: Progress | None = None
    above: _Above = field(default_factory=_Above)
    waiting: _Row | None = None
    kind_before: str = ""
    case_before: int = -1

    def __post_init__(self) -> None:
        first, last = min(self.columns.values()), max(self.columns.values())
        self.span = slice(first, last + 1) if len(self.layout.parts) > 1 else slice(None)
        heads = (cell for row in self.table.rows[: self.layout.first] for cell in row if cell)
        titles = [self.table.sheet, *map(cell_text, heads), PurePath(self.table.file).stem]
        self.kind = self.layout.kind or next(filter(None, map(only_kind, titles)), None)
        self.carried = _carried(self.table, self.columns)

    def read(self) -> Iterator["Draft | ImportProblem"]:
        """Yield the questions and what was left out, in the order of the sheet."""
        total = len(self.table.rows)
        for index in range(self.layout.last + 1, total):
            row = self.table.rows[index][self.span] if self.span.start else self.table.rows[index]
            if _filled(row):
                yield from self._row(index, self.table.rows[index])
            if self.progress is not None and (index + 1) % 1000 == 0:
                self.progress(index + 1, total)
        yield from self._flush()

    def _flush(self) -> Iterator[Draft]:
        if self.waiting is not None:
            yield self._draft(self.waiting)
        self.waiting = None

    def _row(self, index: int, row: Sequence[Cell]) -> Iterator["Draft | ImportProblem"]:
        fields, notes = self._fields(index, row)
        stem = fields.get("题干", "")
        if stem and len(stem) <= 12 and canonical_name(stem) == "题干":
            yield from self._flush()
            self._heading_again(index, row)
            return
        if not any(fields.get(name) for name in _KEYED):
            texts = list(dict.fromkeys(filter(None, map(cell_text, row[self.span]))))
            if problem := self._between(index, texts, fields):
                yield from self._flush()
                if problem.reason:
                    yield problem
                return
        elif not stem and self._goes_on(index, fields):
            return
        yield from self._flush()
        if not stem:
            shown = " ".join(filter(None, map(cell_text, row[self.span])))
            yield self._problem(index, "没有题干，这一行未读", shown, blocking=True)
        elif _EXAMPLE.match(fields.get("序号", "") or str(row[0])):
            yield self._problem(index, "填写示例，未读", stem)
        else:
            self.waiting = _Row(index, index + 1, fields, self.above, notes)

    def _problem(
        self, index: int, reason: str, shown: str, *, blocking: bool = False
    ) -> ImportProblem:
        return ImportProblem(reason, self.table.file, self.table.sheet, index + 1, "题干",
                             shown[:40], blocking=blocking)  # fmt: skip

    def _heading_again(self, index: int, row: Sequence[Cell]) -> None:
        """Take the columns of a heading that is repeated further down."""
        again = layout_at(self.table, index, row)
        if again is not None and len(self.layout.parts) == 1:
            self.columns = again.parts[0]
            self.carried = _carried(self.table, self.columns)
        self.kind_before = ""

    def _between(
        self, index: int, texts: list[str], fields: Mapping[str, str]
    ) -> ImportProblem | None:
        """Read a row without options and key that is no question; an empty reason says nothing."""
        lone = texts[0] if len(texts) == 1 else ""
        if lone and (above := _heading_of(lone, self.above)):
            self.above, self.kind_before = above, ""
            return self._problem(index, "", lone)
        total = any(_TOTAL.match(text) for text in texts[:3]) and not fields.get("解析")
        if total or any(_FOOT.match(text) for text in texts[:3]):
            return self._problem(index, "表尾，未读", " ".join(texts))
        if fields.get("题干"):
            return None
        if all(name in _LISTED for name, text in fields.items() if text):
            return self._problem(index, "只有序号或题型，没有题目，未读", " ".join(texts))
        return self._problem(
            index, "没有题干，这一行未读", " ".join(texts), blocking=len(texts) > 1
        )

    def _goes_on(self, index: int, fields: Mapping[str, str]) -> bool:
        """Join an option that stands in a row of its own to the question above."""
        row = self.waiting
        given = {name for name in _KEYED if fields.get(name)}
        if row is None or row.last != index - 1 or not row.fields.get("选项") or given != {"选项"}:
            return False
        joined = {**row.fields, "选项": f"{row.fields['选项']}\n{fields['选项']}"}
        note = ("选项分写在几行，已合并", 0.95)
        notes = row.notes if note in row.notes else (*row.notes, note)
        self.waiting = replace(row, last=index, fields=joined, notes=notes)
        return True

    def _fields(
        self, index: int, row: Sequence[Cell]
    ) -> tuple[dict[str, str], tuple[tuple[str, float], ...]]:
        """Return the cells of a row by column name, and what was assumed of them."""
        fields = {
            name: _as_written(row, self.columns[name]) for name in _OWN if name in self.columns
        }
        if is_own(fields):
            return {name: _as_written(row, place) for name, place in self.columns.items()}, ()
        shown = self.table.shown
        fields = {
            name: shown[index, place]
            if shown and (index, place) in shown and name not in ("分值", "难度")
            else _cell(row, place)
            for name, place in self.columns.items()
        }
        for name, source in self.carried.get(index, ()):
            fields[name] = fields[name] or _cell(self.table.rows[source], self.columns[name])
        key = (
            row[self.columns["答案"]]
            if "答案" in self.columns and self.columns["答案"] < len(row)
            else None
        )
        if isinstance(key, bool):
            fields["答案"] = "正确" if key else "错误"
        return fields, self._unsure(index, fields)

    def _unsure(self, index: int, fields: Mapping[str, str]) -> tuple[tuple[str, float], ...]:
        """Say of which cells it is not known how they look."""
        unsure = self.table.unsure
        return tuple(
            (f"{name}的单元格是日期或特殊格式的数字，读作“{fields[name]}”，请核对", 0.5)
            for name in (*_KEYED, "题干")
            if unsure and fields.get(name) and (index, self.columns.get(name, -1)) in unsure
        )

    def _draft(self, row: _Row) -> Draft:
        fields, above = dict(row.fields), row.above
        table, kind = self.table, above.kind or self.kind
        notes = [*row.notes, *((note, 0.6) for note in self.layout.notes)]
        raw = "\n".join(f"{name}：{value}" for name, value in fields.items() if value)
        if not fields.get("题型") and self.kind_before and above.kind is None:
            # The kind stands only in the first row of its group.
            kind = kind_of(self.kind_before) or kind
            notes.append((f"题型是空的，按上面一题的“{self.kind_before[:6]}”读入，请核对", 0.85))
        self.kind_before = fields.get("题型") or self.kind_before
        alone = not (fields.get("案例材料") or fields.get("案例编号") or above.stimulus)
        if alone and self.case_before == row.number - 1:
            notes.append(("没有案例材料，而上一题有：若属于同一案例，请补上", 0.7))
        self.case_before = row.last + 1 if fields.get("案例材料") else -1
        fields["分值"] = fields.get("分值") or above.points
        options = [fields.get(letter, "") for letter in LETTERS]
        draft = draft_of_fields(fields, options, file=table.file, sheet=table.sheet,
                                line=row.number, raw=raw, kind=kind)  # fmt: skip
        if above.stimulus and not draft.stimulus:
            draft = replace(draft, case=case_id(above.stimulus), case_title=above.case_title,
                            stimulus=above.stimulus)  # fmt: skip
            notes.append((f"案例材料取自题目上方的“{above.case_title[:8]}”一行", 0.9))
        for note, factor in notes:
            draft = draft.doubt(note, factor)
        return draft


Carried: TypeAlias = dict[int, list[tuple[str, int]]]


def _carried(table: Table, columns: Columns) -> Carried:
    """Return, by row, the columns whose cell is merged with one above, and the row of that one."""
    names = {columns[name]: name for name in _CARRIED if name in columns}
    carried: Carried = {}
    for (top, left), (bottom, _) in table.merged:
        if left in names:
            for index in range(top + 1, bottom + 1):
                carried.setdefault(index, []).append((names[left], top))
    return carried


def _heading_of(text: str, above: _Above) -> _Above | None:
    """Return what a row with a single text says of the questions below it, or None."""
    section = section_of(text)
    if section is not None:
        return _Above(section.kind, section.points)
    if len(text) <= 60 and _SECTION_NOTE.match(text):
        return _Above(only_kind(text))
    if case := case_heading(text):
        return replace(above, case_title=case[0], stimulus=case[1])
    if above.case_title and not above.stimulus and len(text) > 12:
        return replace(above, stimulus=text)
    return None


def _as_written(row: Sequence[Cell], place: int) -> str:
    value = row[place] if place < len(row) else None
    return unsafe_cell(value) if isinstance(value, str) else cell_text(value)


def _cell(row: Sequence[Cell], place: int) -> str:
    """Return a cell as text: cleaned, web tags taken out, numbers to 15 digits."""
    value = row[place] if place < len(row) else None
    if isinstance(value, str):
        text = plain_text(unsafe_cell(value.strip()))
        return "\n".join(map(clean_line, re.split(r"\r\n|\r|\n|_x000D_", text))).strip()
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.15g}"
    return cell_text(value)


def parse_excel(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a workbook of questions (.xlsx, .xls, .ods), or a web page that is named like one."""
    if data.lstrip()[:1] == b"<":
        return parse_html(data, name, progress=progress)
    tables = with_shown(parse_workbook(name, data), name, data)
    return read_question_tables(tables, progress=progress)


def parse_csv(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a CSV or TSV file of questions."""
    decoded = decode_text(name, data)
    drafts, problems = read_question_tables(
        (parse_table_text(name, decoded.text),), progress=progress
    )
    notes = tuple(ImportProblem(note, name, blocking=False) for note in decoded.notes)
    return drafts, (*notes, *problems)


def parse_html(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a web page: its tables of questions, else its text; nothing of it is run or fetched."""
    html = decode_text(name, data).text
    tables = [
        Table(name, f"表 {number}", tuple(
            tuple("\n".join(html_lines(c)) for c in _TD.findall(row)) for row in _TR.findall(body)
        ))
        for number, body in enumerate(_TABLE.findall(html), 1)
    ]  # fmt: skip
    if any(find_layout(table) for table in tables):
        return read_question_tables(tables, progress=progress)
    return read_text("\n".join(html_lines(html)), name, progress=progress)


_TABLE = re.compile(r"<table\b[^>]{0,2000}>(.*?)</table\s*>", re.IGNORECASE | re.DOTALL)
_TR = re.compile(r"<tr\b[^>]{0,2000}>(.*?)(?=</tr\s*>|<tr\b|\Z)", re.IGNORECASE | re.DOTALL)
_TD = re.compile(
    r"<t[dh]\b[^>]{0,2000}>(.*?)(?=</t[dh]\s*>|<t[dh]\b|\Z)", re.IGNORECASE | re.DOTALL
)
