"""How many papers a bank can still carry for a programme (覆盖)."""

from datetime import date
from html import escape

import ipywidgets as widgets

from ..assembly.feasibility import CellSupply, Feasibility, feasibility
from ..assembly.pool import Usage
from ..bank.lapse import not_in_force
from ..bank.question_bank import QuestionBank
from ..bank.subjects import SUBJECTS
from ..delivery.programme import programme, programme_names
from ..errors import FazhiExamError
from ..law.statute_book import StatuteBook
from .boundary import Boundary
from .picture import Picture
from .pictures import coverage_grid, coverage_words, draw_coverage
from .programme_view import needs_field, title_of
from .style import note

_LONG = {"description_width": "90px"}
_FIELDS = [(f"{code} {name}", code) for code, name in SUBJECTS.items() if code.startswith("F")]
_KEY = (
    "每格：不重题还能出几份卷（需几题，有几题）。■ 不够一份　▲ 不足三份；颜色越深，能出的卷越多。"
)


class CoveragePage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A heat map of what a programme asks for and what the bank has on the day of the exam.

    Parameters
    ----------
    boundary
        Of the panel.

    Attributes
    ----------
    found
        What is shown; None before the page was opened.
    """

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary
        self.found: Feasibility | None = None
        self._bank, self._on = QuestionBank(()), date.min
        self._shown: tuple[object, ...] = ()
        self.programme = widgets.Dropdown(
            options=[(title_of(name), name) for name in programme_names()], value="enf_general",
            description="考核项目", style=_LONG, layout={"width": "680px"},
        )  # fmt: skip
        self.field = widgets.Dropdown(
            options=_FIELDS, value="F7", description="执法领域", style=_LONG
        )
        self.paper = widgets.Dropdown(description="科目", style=_LONG, layout={"width": "420px"})
        self.words, self.picture = widgets.HTML(), Picture("题库覆盖情况")
        for control in (self.programme, self.field, self.paper):
            control.observe(lambda _: self._draw(), names="value")
        super().__init__([self.programme, self.field, self.paper, self.words, self.picture])

    def show(self, bank: QuestionBank, on: date | None) -> None:
        """Compare a bank with the chosen programme for a day."""
        with self.boundary.guard("核算覆盖"):
            if on is None:
                raise FazhiExamError("请填写考试日期")
            self._bank, self._on = bank, on
            self._draw()

    def _draw(self) -> None:
        with self.boundary.guard("核算覆盖"):
            name = self.programme.value
            field = self.field.value if needs_field(name) else None
            self.field.layout.display = "none" if field is None else ""
            whole = programme(name, field=field)
            papers = [(paper.title, paper.id) for paper in whole.papers]
            if list(self.paper.options) != papers:
                self.paper.options = papers
                self.paper.value = papers[0][1]
            barred = not_in_force(self._bank, StatuteBook.shipped(), on=self._on)
            # Nothing is known of past use here, so the day counts only by what it bars.
            wanted = (self._bank.content_hash, name, field, self.paper.value, barred)
            if wanted != self._shown:
                rules = whole.paper(self.paper.value)
                usage = Usage(barred=barred)
                found = feasibility(rules.blueprint, self._bank, on=self._on, usage=usage)
                self._tell(found, len(barred))
                self._shown = wanted

    def _tell(self, found: Feasibility, barred: int) -> None:
        words = (
            f"还能出 {found.disjoint_papers} 份互不重题的卷；最紧的是“{found.binding.title}”"
            if found.feasible
            else f"不能组卷：{'；'.join(found.conflict[:4])}。建议：{found.relaxation}"
        )
        if barred:
            words += f"。另有 {barred} 题引用的条文在考试日期不是现行条文，没有计入"
        self.found = found
        self.words.value = note(words)
        self.picture.tell(coverage_html(found), lambda: draw_coverage(found))


def coverage_html(found: Feasibility) -> str:
    """Return the heat map as a table: rows of the blueprint, its sections beside one another."""
    sections, rows, cells = coverage_grid(found)
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *sections))
    body = "".join(
        f"<tr><th>{escape(row)}</th>{''.join(_cell(cells.get((s, row))) for s in sections)}</tr>"
        for row in rows
    )
    return f'<h3>题库覆盖情况</h3><p>{_KEY}</p><table class="heat"><tr>{head}</tr>{body}</table>'


def _cell(held: CellSupply | None) -> str:
    if held is None:
        return "<td></td>"
    papers = held.disjoint_papers
    shade = "none" if papers < 1 else min(papers // 3, 3)
    return f'<td class="heat-{shade}">{escape(coverage_words(held))}</td>'
