"""Whether the bank keeps its promises to every programme (体检)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from .assembly import Feasibility, feasibility
from .bank import SUBJECTS, QuestionBank, review
from .bank.review import Review
from .delivery import programme, programme_names

FIELDS_FOR_EXAMS = ("F1", "F2", "F3", "F7")
PRACTICE_ITEMS = 60
"""Items that a field for practice only must have at least."""
_POLICY = frozenset({"01", "03"})
"""Subjects whose texts are not at hand; twice a paper's need is promised for them."""


@dataclass(frozen=True, slots=True)
class CellPromise:
    """One cell of one programme: what a paper needs, what is promised and what is there."""

    programme: str
    cell: str
    need: int
    promised: int
    have: int

    @property
    def kept(self) -> bool:
        """Whether there are as many items as promised."""
        return self.have >= self.promised

    def __str__(self) -> str:
        verdict = "够" if self.kept else f"缺 {self.promised - self.have}"
        return (
            f"{self.programme}·{self.cell}：一卷需 {self.need}，承诺 {self.promised}，"
            f"现有 {self.have}（{verdict}）"
        )


@dataclass(frozen=True)
class Examination:
    """What `examine` found.

    Parameters
    ----------
    cells
        Every cell of every programme.
    papers
        How many papers without a common item each programme can still draw.
    practice
        Items in each field that is for practice only.
    review
        The review of the bank on that day.
    """

    cells: tuple[CellPromise, ...]
    papers: tuple[tuple[str, int], ...]
    practice: tuple[tuple[str, int], ...]
    review: Review

    @property
    def broken(self) -> tuple[CellPromise, ...]:
        """Cells with fewer items than promised."""
        return tuple(cell for cell in self.cells if not cell.kept)

    @property
    def healthy(self) -> bool:
        """Whether every promise is kept and the review has nothing blocking."""
        enough = all(count >= PRACTICE_ITEMS for _, count in self.practice)
        return not self.broken and enough and not self.review.blocking

    def thinnest(self, most: int = 10) -> tuple[CellPromise, ...]:
        """Return the cells with the least to spare beyond their promise."""
        return tuple(sorted(self.cells, key=lambda c: (c.have / c.promised, c.have))[:most])

    def lines(self) -> list[str]:
        """Return the findings as sentences in Chinese."""
        out = [f"{name}：还能出 {count} 套没有重复题的试卷" for name, count in self.papers]
        out += [
            f"{SUBJECTS[code]}（{code}，仅供练习）：{count} 题" for code, count in self.practice
        ]
        out += ["最薄弱的格：", *(f"  {cell}" for cell in self.thinnest())]
        if self.broken:
            out += [f"没有达到承诺的格（{len(self.broken)}）：", *(f"  {c}" for c in self.broken)]
        return [*out, f"题库体检：{self.review}"]

    def records(self) -> dict[str, object]:
        """Return the findings as plain values."""
        return {
            "papers": dict(self.papers),
            "practice": dict(self.practice),
            "thinnest": [str(cell) for cell in self.thinnest()],
            "broken": [str(cell) for cell in self.broken],
            "healthy": self.healthy,
        }


def examine(bank: QuestionBank, *, on: date) -> Examination:
    """Hold the bank against every shipped programme on a day.

    Four times what one paper needs is promised in every cell, twice for the field papers and for
    subjects that rest on policy documents; other fields have `PRACTICE_ITEMS` items.
    """
    cells: list[CellPromise] = []
    papers = []
    for name in programme_names():
        fields = FIELDS_FOR_EXAMS if name == "enf_field" else (None,)
        for field in fields:
            label = f"{name}[{field}]" if field else name
            rules = programme(name, field=field)
            for paper in rules.papers:
                supply = feasibility(paper.blueprint, bank, on=on)
                papers.append((label, supply.disjoint_papers))
                cells += _promises(label, supply, 2 if field else 4)
    tally = Counter(item.subject for item in bank if item.case is None)
    practice = tuple(
        (code, tally[code])
        for code in SUBJECTS
        if code.startswith("F") and code not in FIELDS_FOR_EXAMS
    )
    return Examination(tuple(cells), tuple(papers), practice, review(bank, on=on))


def _promises(label: str, supply: Feasibility, times: int) -> list[CellPromise]:
    policy = {SUBJECTS[code] for code in _POLICY}
    out = []
    for cell in supply.cells:
        few = cell.title.partition("·")[2] in policy
        promised = cell.need * (2 if few else times)
        out.append(CellPromise(label, cell.title, cell.need, promised, cell.have))
    return out
