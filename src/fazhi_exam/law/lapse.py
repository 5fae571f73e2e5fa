"""What an amendment does to citations (法条失效检查)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from html import escape
from itertools import pairwise

from ..errors import CitationError
from .citation import PREAMBLE, Citation
from .statute import Article, ArticleLink, ArticleMap, Edition, Relation, Statute
from .statute_book import CitationProblem, StatuteBook


class Verdict(StrEnum):
    """What became of a citation between two days (引用变化), worst last."""

    UNCHANGED = "unchanged"
    RENUMBERED = "renumbered"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    NO_COUNTERPART = "no_counterpart"
    REPEALED = "repealed"

    @property
    def chinese(self) -> str:
        """The word printed in reports."""
        return _CHINESE[self][0]

    @property
    def action(self) -> str:
        """What to do with the item, in Chinese."""
        return _CHINESE[self][1]


_CHINESE = {
    Verdict.UNCHANGED: ("条文未变", "可继续使用"),
    Verdict.RENUMBERED: ("条号变化", "改用新条号"),
    Verdict.UNKNOWN: ("无法判断", "人工核对"),
    Verdict.CHANGED: ("内容修改", "复核题目"),
    Verdict.NO_COUNTERPART: ("无对应条文", "停用"),
    Verdict.REPEALED: ("法规废止", "停用"),
}
_DOUBTFUL = 0.4
_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class LapseRow:
    """One citation of one item and what became of it.

    Parameters
    ----------
    item
        Item id.
    citation
        The citation as it stands in the item.
    verdict
        What became of it.
    proposals
        Citations to put in its place, best first; a person confirms.
    amendment
        What caused it, such as ``《行政复议法》2023年修订（2024年1月1日起施行）``; else empty.
    reason
        In Chinese.
    likeness
        0 to 1: likeness of the wording of old and new article, where they were compared.
    """

    item: str
    citation: Citation
    verdict: Verdict
    proposals: tuple[Citation, ...] = ()
    amendment: str = ""
    reason: str = ""
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class LapseReport:
    """What the changes of law between two days do to items (法条变化对题库的影响)."""

    start: date
    end: date
    rows: tuple[LapseRow, ...]

    def verdict(self, item: str) -> Verdict:
        """Return the worst verdict over an item's citations."""
        verdicts = (row.verdict for row in self.rows if row.item == item)
        return max(verdicts, key=_RANK.__getitem__, default=Verdict.UNCHANGED)

    @property
    def by_item(self) -> Mapping[str, Verdict]:
        """Worst verdict of every item."""
        worst: dict[str, Verdict] = {}
        for row in self.rows:
            before = worst.get(row.item, Verdict.UNCHANGED)
            worst[row.item] = max(before, row.verdict, key=_RANK.__getitem__)
        return worst

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """Number of items under each verdict."""
        counted = Counter(self.by_item.values())
        return {verdict: counted.get(verdict, 0) for verdict in Verdict}

    @property
    def by_amendment(self) -> Mapping[str, Mapping[Verdict, int]]:
        """For each amendment, the number of items under each verdict (an item counts once)."""
        worst: dict[tuple[str, str], Verdict] = {}
        for row in self.touched():
            key = row.amendment, row.item
            worst[key] = max(worst.get(key, row.verdict), row.verdict, key=_RANK.__getitem__)
        table: dict[str, Counter[Verdict]] = {}
        for (amendment, _), verdict in worst.items():
            table.setdefault(amendment, Counter())[verdict] += 1
        return dict(sorted(table.items(), key=lambda pair: -sum(pair[1].values())))

    def touched(self, *verdicts: Verdict) -> tuple[LapseRow, ...]:
        """Return the rows under these verdicts; without any named, all but the unchanged."""
        wanted = verdicts or tuple(v for v in Verdict if v is not Verdict.UNCHANGED)
        return tuple(row for row in self.rows if row.verdict in wanted)

    def __iter__(self) -> Iterator[LapseRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        parts = "，".join(f"{v.chinese} {n}" for v, n in self.counts.items() if n)
        return f"<LapseReport {self.start} 至 {self.end}：{parts or '没有题目'}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("题号", "引用", "变化", "建议", "说明"))
        rows = "".join(
            "<tr>"
            + "".join(
                f"<td>{escape(cell)}</td>"
                for cell in (
                    row.item,
                    str(row.citation),
                    f"{row.verdict.chinese}（{row.verdict.action}）",
                    "、".join(map(str, row.proposals)),
                    row.reason,
                )
            )
            + "</tr>"
            for row in self.touched()[:200]
        )
        return f"<p>{escape(repr(self)[1:-1])}</p><table><tr>{head}</tr>{rows}</table>"


@dataclass(frozen=True, slots=True)
class LapsedUse:
    """An item that was used on a day when the law it was written on had changed."""

    item: str
    used_on: date
    row: LapseRow


def lapse(
    citations_by_item: Mapping[str, Sequence[Citation]],
    book: StatuteBook,
    *,
    start: date,
    end: date,
) -> LapseReport:
    """Say for every citation what became of it between two days.

    Parameters
    ----------
    citations_by_item
        Item id -> its citations, valid on `start`.
    book
        The statute book.
    start, end
        Day on which the citations were right, and day on which the items are to be used.

    Raises
    ------
    ValueError
        If `end` is before `start`.
    """
    if end < start:
        raise ValueError("end must not be before start")
    rows = tuple(
        _row(item, citation, book, start, end)
        for item, citations in citations_by_item.items()
        for citation in citations
    )
    return LapseReport(start, end, rows)


def lapsed_uses(
    citations_by_item: Mapping[str, Sequence[Citation]],
    uses: Iterable[tuple[str, date]],
    book: StatuteBook,
    *,
    written: Mapping[str, date],
) -> tuple[LapsedUse, ...]:
    """List past uses of items whose law had changed by the day of the exam.

    Parameters
    ----------
    citations_by_item
        Item id -> its citations.
    uses
        (item id, day of the exam) of every use.
    book
        The statute book.
    written
        Day on which each item was last found right; uses before it are not judged.
    """
    found: list[LapsedUse] = []
    for item, used_on in uses:
        since = written.get(item)
        if since is None or used_on < since:
            continue
        report = lapse({item: citations_by_item.get(item, ())}, book, start=since, end=used_on)
        bad = report.touched(Verdict.CHANGED, Verdict.NO_COUNTERPART, Verdict.REPEALED)
        found.extend(LapsedUse(item, used_on, row) for row in bad)
    return tuple(found)


def usable(
    citations: Iterable[Citation], book: StatuteBook, on: date
) -> tuple[CitationProblem, ...]:
    """Return what stands against using an item on a day; empty when every citation is in force.

    A statute the book does not know, or whose articles it does not hold, is not held against the
    item (`StatuteBook.check` reports it).
    """
    problems = (book.check(citation, on) for citation in citations)
    return tuple(problem for problem in problems if problem is not None and problem.blocking)


def _row(item: str, citation: Citation, book: StatuteBook, start: date, end: date) -> LapseRow:
    try:
        statute = book.resolve(citation.title)
    except CitationError as error:
        return LapseRow(item, citation, Verdict.UNKNOWN, reason=error.problem)
    old, new = statute.edition_on(start), statute.edition_on(end)
    if new is None:
        return _without_edition(item, citation, book, statute, old)
    if old is None:
        reason = f"{_day(start)}尚未施行，引用当时不成立"
        return LapseRow(item, citation, Verdict.UNKNOWN, reason=reason)
    if old.adopted == new.adopted:
        note = f"（{statute.to_verify}）" if statute.to_verify else ""
        return LapseRow(item, citation, Verdict.UNCHANGED, reason=f"其间没有修改{note}")
    amendment = f"《{statute.short_title}》{new.name}（{_day(new.in_force)}起施行）"
    if citation.article is None:
        return LapseRow(
            item, citation, Verdict.CHANGED, (), amendment, "全文有修改，引用未指明条文"
        )
    return _trace(item, citation, book, statute, (old, new), amendment)


def _without_edition(
    item: str, citation: Citation, book: StatuteBook, statute: Statute, old: Edition | None
) -> LapseRow:
    """Judge a statute not in force on the later day: repealed, or not yet in force."""
    if statute.repealed_on is None:
        return LapseRow(item, citation, Verdict.UNKNOWN, reason="该日尚未施行")
    by = book.statutes.get(statute.repealed_by)
    name = f"《{by.short_title}》" if by else ""
    amendment = f"{name}废止《{statute.short_title}》（{_day(statute.repealed_on)}起）"
    proposals: tuple[Citation, ...] = ()
    likeness = None
    for one in book.successors(old) if old else ():
        link = one.links.get((citation.article or 0, citation.sub))
        successor = book.statutes.get(one.to_statute)
        if link and successor and link.new:
            proposals += tuple(successor.citation(number) for number in link.new)
            likeness = link.likeness
    hint = "，新法中内容相近的条文见建议，须另行命题" if proposals else ""
    reason = f"已于{_day(statute.repealed_on)}废止{hint}"
    return LapseRow(item, citation, Verdict.REPEALED, proposals, amendment, reason, likeness)


def _trace(
    item: str,
    citation: Citation,
    book: StatuteBook,
    statute: Statute,
    editions: tuple[Edition, Edition],
    amendment: str,
) -> LapseRow:
    """Follow an article through the maps from one edition to a later one."""
    old, new = editions
    if citation.article == PREAMBLE or old.articles is None or new.articles is None:
        reason = f"法规库没有{old.name if old.articles is None else new.name}文本的条文，不能对照"
        return LapseRow(item, citation, Verdict.UNKNOWN, (), amendment, reason)
    number = (citation.article or 0, citation.sub)
    article = old.articles.get(number)
    if article is None:
        reason = f"{old.name}文本没有这一条，引用原已有误"
        return LapseRow(item, citation, Verdict.UNKNOWN, (), amendment, reason)
    link = _follow(book, statute, old, new, article)
    if link is None:
        return LapseRow(item, citation, Verdict.UNKNOWN, (), amendment, "两个版本之间没有条文对照")
    return _judge(item, citation, statute, article, new.articles, link, amendment)


def _follow(
    book: StatuteBook, statute: Statute, old: Edition, new: Edition, article: Article
) -> ArticleLink | None:
    """Compose the links of all maps between two editions of one statute."""
    if direct := book.map_between(old, new):
        return direct.links.get(article.number)
    steps = [e for e in statute.editions if old.in_force <= e.in_force <= new.in_force]
    held = [e for e in steps if e.articles is not None]
    link = ArticleLink(article.number, (article.number,), Relation.SAME)
    for before, after in pairwise(held):
        one = book.map_between(before, after)
        if one is None:
            return None
        link = _compose(link, one)
    return link


def _compose(link: ArticleLink, one: ArticleMap) -> ArticleLink:
    following = [one.links[number] for number in link.new if number in one.links]
    targets = tuple(dict.fromkeys(number for step in following for number in step.new))
    if not targets:
        return ArticleLink(link.old, (), Relation.NONE, 0.0)
    kept = (Relation.SAME, Relation.RENUMBERED)
    steps = [link.relation, *(step.relation for step in following)]
    same = all(step in kept for step in steps) and len(targets) == 1
    relation = Relation.RENUMBERED if same and targets != (link.old,) else Relation.SAME
    likeness = link.likeness * min(step.likeness for step in following)
    return ArticleLink(link.old, targets, relation if same else Relation.CHANGED, likeness)


def _judge(
    item: str,
    citation: Citation,
    statute: Statute,
    article: Article,
    new_articles: Mapping[tuple[int, int], Article],
    link: ArticleLink,
    amendment: str,
) -> LapseRow:
    """Turn a link into a verdict, with the paragraph looked for in the new articles."""
    if link.relation is Relation.SAME:
        return LapseRow(item, citation, Verdict.UNCHANGED, (), amendment, "条文文字未变", 1.0)
    if link.relation is Relation.RENUMBERED:
        place = citation.at(*link.new[0], paragraph=citation.paragraph, item=citation.item)
        reason = f"文字未变，条号变为{place.whole_article.place}"
        return LapseRow(item, citation, Verdict.RENUMBERED, (place,), amendment, reason, 1.0)
    if link.relation is Relation.NONE:
        reason = "新文本没有对应条文"
        return LapseRow(
            item, citation, Verdict.NO_COUNTERPART, (), amendment, reason, link.likeness
        )
    targets = {number: new_articles[number] for number in link.new if number in new_articles}
    if (kept := _same_paragraph(citation, article, targets)) is not None:
        moved = kept.place != citation.place
        verdict = Verdict.RENUMBERED if moved else Verdict.UNCHANGED
        reason = "所引的款文字未变" + (f"，现为{kept.place}" if moved else "，同条其他款有修改")
        return LapseRow(item, citation, verdict, (kept,) if moved else (), amendment, reason, 1.0)
    proposals = tuple(statute.citation(number) for number in link.new)
    how = {Relation.SPLIT: "拆分", Relation.MERGED: "并入"}.get(link.relation, "修改")
    where = "、".join(place.place for place in proposals)
    reason = f"条文有{how}，现见{where}" if where else "条文有修改，对应条文须人工查找"
    if where and link.likeness < _DOUBTFUL and not link.confirmed:
        reason += "（文字差异大，对应关系须核对）"
    return LapseRow(item, citation, Verdict.CHANGED, proposals, amendment, reason, link.likeness)


def _same_paragraph(
    citation: Citation, article: Article, targets: Mapping[tuple[int, int], Article]
) -> Citation | None:
    """Find the cited paragraph, word for word, in the articles the old one became."""
    if citation.paragraph is None or citation.paragraph > len(article.paragraph_fingerprints):
        return None
    wanted = article.paragraph_fingerprints[citation.paragraph - 1]
    places = [
        citation.at(*number, paragraph=position, item=citation.item)
        for number, candidate in targets.items()
        for position, print_ in enumerate(candidate.paragraph_fingerprints, 1)
        if print_ == wanted
    ]
    same = [place for place in places if place.place == citation.place]
    if same:
        return same[0]
    return places[0] if len(places) == 1 else None


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
