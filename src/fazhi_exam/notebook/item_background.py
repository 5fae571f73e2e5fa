"""What stands behind a question: the edition it cites, and what happened to it (题目的来历)."""

from collections.abc import Sequence
from datetime import date
from html import escape

from ..bank.item import Item
from ..bank.life import CHINESE, LifeEvent
from ..errors import CitationError
from ..law.citation import Citation
from ..law.statute import Edition
from ..law.statute_book import StatuteBook
from .style import plain_table


def law_html(item: Item, book: StatuteBook, on: date) -> str:
    """Return a table of the cited articles as they stand on a day."""
    if not item.citations:
        return plain_table(["依据", "说明"], [("政策依据", item.source or "未注明")])
    rows = [_cited(citation, book, on) for citation in item.citations]
    heads = ["引用", "法规", f"{on:%Y-%m-%d} 施行的版本", "所在章节", "核对"]
    return plain_table(heads, rows) + _texts(item.citations, book, on)


def _cited(citation: Citation, book: StatuteBook, on: date) -> tuple[str, ...]:
    try:
        statute = book.resolve(citation.title)
    except CitationError:
        return str(citation), "法规库中没有", "—", "—", "请人工核对"
    edition, article = statute.edition_on(on), book.article(citation, on)
    problem = book.check(citation, on)
    return (
        str(citation),
        statute.title,
        _edition(edition) if edition else "当日不在施行期内",
        article.chapter if article and article.chapter else "—",
        problem.reason if problem else "现行有效",
    )


def _edition(edition: Edition) -> str:
    name = edition.name or f"{edition.adopted:%Y-%m-%d} 通过"
    return f"{name}，{edition.in_force:%Y-%m-%d} 起施行"


def _texts(citations: Sequence[Citation], book: StatuteBook, on: date) -> str:
    """Full texts where the reader has added them to the book."""
    found = []
    for citation in citations:
        try:
            article = book.article(citation, on)
        except CitationError:
            continue
        if article is not None and article.text:
            found.append(f"<p><b>{escape(str(citation))}</b>　{escape(article.text)}</p>")
    return "".join(found)


def history_html(item: Item, events: Sequence[LifeEvent]) -> str:
    """Return the events of an item, the newest first."""
    own = [event for event in events if event.item_id == item.id]
    if not own:
        return '<div class="note">这道题没有状态变更记录。</div>'
    rows = [
        (f"{e.when:%Y-%m-%d %H:%M}", f"{CHINESE[e.before]} → {CHINESE[e.after]}", e.who, e.why,
         "现在的内容" if e.revision == item.revision else "以前的内容")
        for e in reversed(own)
    ]  # fmt: skip
    return plain_table(["时间", "状态", "经办人", "理由", "针对"], rows)
