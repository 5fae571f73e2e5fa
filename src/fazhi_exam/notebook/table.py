"""A table that sorts, filters, turns pages and goes to Excel (表格)."""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from io import BytesIO
from typing import TypeAlias

import ipywidgets as widgets

from .style import hint

Cell: TypeAlias = str | int | float | Decimal | None
_SHORT = 14
"""Characters of a text up to which it is never broken."""
_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Table(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Rows of plain cells under fixed headings.

    Parameters
    ----------
    columns
        Headings.
    name
        File name of the Excel export, without suffix.
    formats
        How numbers of a column are shown, as format specifications such as ``".1%"``.
    hints
        Plain-language explanation by heading.
    page
        Rows shown at a time.
    empty
        What to say when there are no rows.
    single
        Whether a row takes one line, long texts being cut on the screen (never in the export).
    turned
        Called with the rows of the page whenever another page is shown.
    allowed
        Asked before the Excel file is made; nothing is made when it says no.
    """

    def __init__(
        self,
        columns: Sequence[str],
        *,
        name: str,
        formats: Mapping[str, str] | None = None,
        hints: Mapping[str, str] | None = None,
        page: int = 15,
        empty: str = "没有内容",
        single: bool = False,
        turned: Callable[[Sequence[Sequence[Cell]]], None] | None = None,
        allowed: Callable[[], bool] | None = None,
    ) -> None:
        self.columns, self.name, self.page, self.empty = tuple(columns), name, page, empty
        self.formats, self.hints = dict(formats or {}), dict(hints or {})
        self.single, self.turned, self.allowed = single, turned, allowed
        self.rows: tuple[tuple[Cell, ...], ...] = ()
        self.filter = widgets.Text(placeholder="输入文字筛选", layout={"width": "180px"})
        self.sort = widgets.Dropdown(
            options=[("原有顺序", -1), *((f"按{c}排序", i) for i, c in enumerate(columns))],
            layout={"width": "190px"},
        )
        self.descending = widgets.ToggleButton(description="从大到小", layout={"width": "90px"})
        self.back = widgets.Button(description="上一页", layout={"width": "80px"})
        self.forward = widgets.Button(description="下一页", layout={"width": "80px"})
        self.export = widgets.Button(description="导出 Excel", layout={"width": "110px"})
        self.place, self.body, self.link = widgets.Label(), widgets.HTML(), widgets.HTML()
        self._first = 0
        for control in (self.filter, self.sort, self.descending):
            control.observe(lambda _: self._turn(0), names="value")
        self.back.on_click(lambda _: self._turn(self._first - self.page))
        self.forward.on_click(lambda _: self._turn(self._first + self.page))
        self.export.on_click(lambda _: self._export())
        tools = widgets.HBox(
            [self.filter, self.sort, self.descending, self.back, self.place, self.forward,
             self.export, self.link],
            layout={"flex_flow": "row wrap"},
        )  # fmt: skip
        super().__init__([tools, self.body])
        self._turn(0)

    def show(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Replace the rows."""
        self.rows = tuple(tuple(row) for row in rows)
        self.link.value = ""
        self._turn(0)

    @property
    def shown(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that pass the filter, in the order chosen."""
        wanted = self.filter.value.strip()
        rows = [row for row in self.rows if not wanted or any(wanted in str(c) for c in row)]
        if self.sort.value >= 0:
            key = _order(self.sort.value)
            rows.sort(key=key, reverse=self.descending.value)
        return tuple(rows)

    def text(self, column: int, cell: Cell) -> str:
        """Return a cell as it is shown."""
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            return "—"
        form = self.formats.get(self.columns[column], "")
        if form.endswith("%") and isinstance(cell, float):
            return _percent(cell, form)
        return format(cell, form) if form and not isinstance(cell, str) else str(cell)

    def _turn(self, first: int) -> None:
        rows = self.shown
        last_page = (len(rows) - 1) // self.page * self.page if rows else 0
        self._first = min(max(0, first), last_page)
        head = "".join(
            f"<th>{escape(c)} {hint(self.hints[c]) if c in self.hints else ''}</th>"
            for c in self.columns
        )
        page = rows[self._first : self._first + self.page]
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in page)
        nothing = f'<tr><td colspan="{len(self.columns)}">{escape(self.empty)}</td></tr>'
        look = ' class="single"' if self.single else ""
        self.body.value = f"<table{look}><tr>{head}</tr>{body or nothing}</table>"
        end = min(len(rows), self._first + self.page)
        self.place.value = f"第 {self._first + 1 if rows else 0}–{end} 行，共 {len(rows)} 行"
        if self.turned is not None:
            self.turned(page)

    def _cells(self, row: Sequence[Cell]) -> str:
        return "".join(_cell(self.text(i, cell), cell) for i, cell in enumerate(row))

    def _export(self) -> None:
        self.link.value = ""
        if self.allowed is not None and not self.allowed():
            return
        self.link.value = "正在生成 Excel 文件……"
        data = base64.b64encode(workbook_bytes(self.name, self.columns, self.shown)).decode()
        self.link.value = (
            f'<a class="save" download="{escape(self.name)}.xlsx" '
            f'href="data:{_MIME};base64,{data}">保存 {escape(self.name)}.xlsx</a>'
        )


def _cell(text: str, cell: Cell) -> str:
    if not isinstance(cell, str):
        return f"<td class=num>{escape(text)}</td>"
    look = " class=short" if len(text) <= _SHORT else f' title="{escape(text, quote=True)}"'
    return f"<td{look}>{escape(text)}</td>"


def _percent(value: float, form: str) -> str:
    """Round half up as documents do, not to even: 183 of 240 is 76.3 %."""
    places = int(form.rstrip("%").rpartition(".")[2])
    exact = Decimal(repr(round(100 * value, 9)))
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:{'+' if form.startswith('+') else ''}f}%"


def _order(column: int) -> Callable[[Sequence[Cell]], tuple[int, float, str]]:
    """Numbers by size, then texts, then empty cells."""

    def key(row: Sequence[Cell]) -> tuple[int, float, str]:
        cell = row[column]
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            return 2, 0.0, ""
        return (1, 0.0, cell) if isinstance(cell, str) else (0, float(cell), "")

    return key


def workbook_bytes(name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return a workbook of one sheet; texts are written as texts, so none can be a formula."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "nan_inf_to_errors": True})
    sheet = book.add_worksheet(name[:31] or "表")
    bold = book.add_format({"bold": True})
    for column, heading in enumerate(columns):
        sheet.write_string(0, column, heading, bold)
    for line, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, column, cell)
            elif cell is not None:
                sheet.write_number(line, column, float(cell))
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
