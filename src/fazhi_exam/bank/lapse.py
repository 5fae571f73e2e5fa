"""What changes of law do to a bank, and mending its citations (题库的法条失效检查)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from ..law.citation import Citation
from ..law.lapse import LapsedUse, LapseReport, Verdict
from ..law.lapse import lapse as lapse_citations
from ..law.lapse import lapsed_uses as find_lapsed_uses
from ..law.statute_book import StatuteBook
from .item import Basis, Item, ItemKind, Status
from .life import CHINESE
from .question_bank import QuestionBank


@dataclass(frozen=True, slots=True)
class NewCitations:
    """Citations proposed for an item in the place of those it has (引用更新建议).

    Parameters
    ----------
    item_id
        The item.
    before, after
        All its citations as they stand and as they would stand.
    certain
        Whether the cited words are the same and only the number changed; otherwise a person reads
        the new articles first.
    reasons
        In Chinese, one per citation that changes.
    """

    item_id: str
    before: tuple[Citation, ...]
    after: tuple[Citation, ...]
    certain: bool
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        old, new = ("、".join(map(str, side)) for side in (self.before, self.after))
        return f"{self.item_id}：{old} → {new}（{'；'.join(self.reasons)}）"


@dataclass(frozen=True, slots=True)
class BankLapse:
    """What the changes of law between two days do to a bank (题库的法条失效检查)."""

    report: LapseReport
    proposals: tuple[NewCitations, ...]
    moves: Mapping[str, Status]

    def __str__(self) -> str:
        parts = "，".join(f"{v.chinese} {n} 题" for v, n in self.report.counts.items() if n)
        span = f"{self.report.start:%Y-%m-%d} 至 {self.report.end:%Y-%m-%d}"
        return f"{span}：{parts or '没有引用法条的试题'}；提出新引用 {len(self.proposals)} 题。"

    def _repr_html_(self) -> str:
        return self.report._repr_html_()

    @property
    def actions(self) -> Mapping[str, str]:
        """Advice in Chinese for each item whose state should change."""
        return {name: f"建议改为{CHINESE[status]}" for name, status in self.moves.items()}


def lapse(bank: QuestionBank, book: StatuteBook, *, start: date, end: date) -> BankLapse:
    """Say what became of every citation of a bank between two days, and what to do.

    Parameters
    ----------
    bank
        The bank; retired items are passed over.
    book
        The statute book.
    start, end
        Day on which the citations were right, and day on which the items are to be used.

    Returns
    -------
    BankLapse
        The report; new citations proposed; states proposed: 停用 for items whose law changed in
        words, 退役 for items whose law is gone. Nothing is applied.

    Raises
    ------
    ValueError
        If `end` is before `start`.
    """
    items = {item.id: item for item in bank if item.status is not Status.RETIRED}
    report = lapse_citations(
        {name: item.citations for name, item in items.items()}, book, start=start, end=end
    )
    fate = {
        Verdict.CHANGED: Status.SUSPENDED,
        Verdict.NO_COUNTERPART: Status.RETIRED,
        Verdict.REPEALED: Status.RETIRED,
    }
    moves = {name: fate[worst] for name, worst in report.by_item.items() if worst in fate}
    return BankLapse(report, _proposals(items, report), moves)


def _proposals(items: Mapping[str, Item], report: LapseReport) -> tuple[NewCitations, ...]:
    rows = {(row.item, row.citation): row for row in report.rows}
    out = []
    for name, item in items.items():
        own = [rows[name, citation] for citation in item.citations]
        changed = [row for row in own if row.proposals]
        if not changed:
            continue
        after = tuple(
            dict.fromkeys(one for row in own for one in (row.proposals or (row.citation,)))
        )
        safe = (Verdict.UNCHANGED, Verdict.RENUMBERED)
        certain = all(row.verdict in safe for row in own)
        reasons = tuple(row.reason for row in changed)
        out.append(NewCitations(name, item.citations, after, certain, reasons))
    return tuple(out)


def with_citations(bank: QuestionBank, citations: Mapping[str, Sequence[Citation]]) -> QuestionBank:
    """Return the bank with the citations a person confirmed; the revisions stay the same.

    Raises
    ------
    ItemError
        If an item does not exist.
    """
    wanted = {bank[name].id: tuple(several) for name, several in citations.items()}
    items = tuple(
        item.model_copy(update={"citations": wanted[item.id]}) if item.id in wanted else item
        for item in bank
    )
    return QuestionBank(items, bank.cases)


def lapsed_uses(
    bank: QuestionBank,
    uses: Iterable[tuple[str, date]],
    book: StatuteBook,
    *,
    written: Mapping[str, date],
) -> tuple[LapsedUse, ...]:
    """List uses of items in past exams whose law had changed by the day of the exam.

    Parameters
    ----------
    bank
        The bank as it was used.
    uses
        (item id, day of the exam) of every use; ids the bank does not have are passed over.
    book
        The statute book.
    written
        Day on which each item was last found right, as its history says.
    """
    cited = {item.id: item.citations for item in bank}
    return find_lapsed_uses(cited, uses, book, written=written)


def not_in_force(bank: QuestionBank, book: StatuteBook, *, on: date) -> frozenset[str]:
    """Return the ids of items that must not be drawn for a day (当日不可用的试题).

    A citation of theirs is not in force on that day: its statute is not, or has no such place.
    """

    @cache  # many items cite the same article
    def stands(citation: Citation) -> bool:
        return book.in_force((citation,), on)

    return frozenset(item.id for item in bank if not all(map(stands, item.citations)))


@dataclass(frozen=True, slots=True)
class Uncited:
    """An item that cites nothing, and the articles it may rest on, best first (引用建议)."""

    item_id: str
    citations: tuple[Citation, ...]
    scores: tuple[float, ...]
    evidence: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        if not self.citations:
            return f"{self.item_id}：没有找到相近的条文"
        return f"{self.item_id}：{self.citations[0]}（依据：{'、'.join(self.evidence[0])}）"


def propose_citations(
    bank: QuestionBank, book_with_texts: StatuteBook, *, on: date, top: int = 3
) -> tuple[Uncited, ...]:
    """Propose articles for every item that rests on a statute and cites none.

    Stem, keyed options or answers, and explanation are matched with the full texts in force on a
    day. A person confirms, `with_citations` applies.

    Raises
    ------
    CitationError
        If the book holds no full text in force on that day.
    """
    from ..law.propose import ArticleIndex

    lacking = [
        item
        for item in bank
        if item.basis is Basis.STATUTE and not item.citations and item.status is not Status.RETIRED
    ]
    if not lacking:
        return ()
    index = ArticleIndex(book_with_texts, on)
    out = []
    for item in lacking:
        found = index.propose(_words(item), top=top)
        out.append(
            Uncited(
                item.id,
                tuple(one.citation for one in found),
                tuple(one.score for one in found),
                tuple(one.evidence for one in found),
            )
        )
    return tuple(out)


def _words(item: Item) -> list[str]:
    """Return what an item says about the law, without the facts of its case."""
    right = [o.text for o in item.options if o.id in item.key]
    if item.kind is ItemKind.TRUE_FALSE:
        right = []
    answers = [words[0] for words in item.blanks if words]
    points = [point.text for point in item.marking_points]
    parts = [item.stem, *right, *answers, *points, item.explanation]
    return [part for part in parts if part]
