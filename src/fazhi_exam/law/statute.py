"""What is known of a statute: its editions, their articles, and which article became which."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias

from .citation import Citation, article_label
from .numerals import to_int

ArticleNumber: TypeAlias = tuple[int, int]
"""(number, N of 之N or 0)."""

_ITEM_MARK = re.compile(r"（([一二三四五六七八九十百]+)）")
_SUBORDINATE = re.compile(r"(?:[0-9０-９]+[.．、]|[①-⑳])")


class StatuteKind(StrEnum):
    """Rank of a text (文件类别)."""

    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    PARTY_STATE_REGULATION = "party_state_regulation"
    DEPARTMENTAL_RULE = "departmental_rule"
    JUDICIAL_INTERPRETATION = "judicial_interpretation"
    LOCAL_REGULATION = "local_regulation"
    POLICY_DOCUMENT = "policy_document"


class Basis(StrEnum):
    """How surely a date in force is known (施行日期的依据)."""

    TEXT = "text"  # the text itself says so
    KNOWN = "known"  # from the amending decision
    RECALLED = "recalled"  # from memory, to be verified
    ASSUMED = "assumed"  # the day of adoption stands in for it


class Relation(StrEnum):
    """What became of an article in a later edition (新旧条文关系)."""

    SAME = "same"  # same words, same number
    RENUMBERED = "renumbered"  # same words, other number
    CHANGED = "changed"  # other words; the number may differ too
    MERGED = "merged"  # taken up into an article that holds other old articles too
    SPLIT = "split"  # divided over several new articles
    NONE = "none"  # no counterpart

    @property
    def chinese(self) -> str:
        """The word printed in reports."""
        return {
            "same": "未变",
            "renumbered": "条号变化",
            "changed": "内容修改",
            "merged": "并入他条",
            "split": "拆分",
            "none": "无对应条文",
        }[self]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph (款) of an article, with its items (项)."""

    text: str
    items: tuple[str, ...] = ()

    @property
    def full_text(self) -> str:
        """Paragraph and items, one per line."""
        return "\n".join((self.text, *self.items))


@dataclass(frozen=True, slots=True)
class Article:
    """Facts of one article (条).

    Parameters
    ----------
    number
        (number, N of 之N or 0).
    chapter
        Heading it stands under, empty when the text has none.
    items
        Number of items of each paragraph, so ``len(items)`` paragraphs.
    fingerprint
        16 hexadecimal digits of the SHA-256 of the punctuation-free text.
    paragraph_fingerprints
        8 hexadecimal digits for each paragraph.
    text
        Full text where the reader has it, else empty.
    """

    number: ArticleNumber
    chapter: str
    items: tuple[int, ...]
    fingerprint: str
    paragraph_fingerprints: tuple[str, ...]
    text: str = ""

    @property
    def label(self) -> str:
        """第…条, with 之N."""
        return article_label(*self.number)

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Paragraphs of the full text; empty when the text is not at hand."""
        return split_article(self.text) if self.text else ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a statute (法律文本的一个版本).

    Parameters
    ----------
    statute
        Id of the statute.
    adopted
        Day of adoption; it names the edition within its statute.
    in_force, ended
        First and last day in force; `ended` is None while it is in force.
    basis
        How surely `in_force` is known.
    name
        As people write it: ``2021年修订``.
    articles
        By number, in order; None when the articles are not on record.
    article_count
        Highest article number, where known without the articles.
    text_as_of
        Day on which the source of the articles was current.
    """

    statute: str
    adopted: date
    in_force: date
    ended: date | None = None
    basis: Basis = Basis.TEXT
    name: str = ""
    articles: Mapping[ArticleNumber, Article] | None = field(default=None, compare=False)
    article_count: int | None = None
    preamble_paragraphs: int = 0
    text_as_of: date | None = None

    def covers(self, on: date) -> bool:
        """Whether the edition was in force on that day."""
        return self.in_force <= on and (self.ended is None or on <= self.ended)

    @property
    def has_texts(self) -> bool:
        """Whether full texts are at hand."""
        return bool(self.articles) and any(a.text for a in (self.articles or {}).values())


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """One old article and what became of it.

    Parameters
    ----------
    old
        Old article.
    new
        New articles, best first; empty for `Relation.NONE`.
    relation
        The relation.
    likeness
        0 to 1: likeness of the wording (1 for the same words).
    confirmed
        Whether a person has confirmed the link; otherwise it is a proposal.
    """

    old: ArticleNumber
    new: tuple[ArticleNumber, ...]
    relation: Relation
    likeness: float = 1.0
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ArticleMap:
    """Which article became which, from one edition to a later one (新旧条文对照).

    `to_statute` differs from `statute` when a code took over the subject of a repealed statute.
    """

    statute: str
    from_adopted: date
    to_statute: str
    to_adopted: date
    links: Mapping[ArticleNumber, ArticleLink] = field(compare=False)
    new_articles: tuple[ArticleNumber, ...] = ()

    @property
    def to_review(self) -> tuple[ArticleLink, ...]:
        """Links a person has not confirmed, the least alike first; same words need no review."""
        kept = (Relation.SAME, Relation.RENUMBERED)
        open_ = (x for x in self.links.values() if not x.confirmed and x.relation not in kept)
        return tuple(sorted(open_, key=lambda link: link.likeness))

    def with_link(self, link: ArticleLink) -> "ArticleMap":
        """Return the map with one link put right by a person, marked as confirmed."""
        links = {**self.links, link.old: replace(link, confirmed=True)}
        targets = {number for one in links.values() for number in one.new}
        before = {number for one in self.links.values() for number in one.new}
        free = sorted((set(self.new_articles) | before) - targets)
        return replace(self, links=links, new_articles=tuple(free))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{article_label(*link.old)}</td>"
            f"<td>{'、'.join(article_label(*number) for number in link.new)}</td>"
            f"<td>{link.relation.chinese}</td><td>{link.likeness:.2f}</td>"
            f"<td>{'已确认' if link.confirmed else ''}</td></tr>"
            for link in self.links.values()
        )
        head = "".join(f"<th>{name}</th>" for name in ("原条文", "新条文", "关系", "相似度", ""))
        new = "、".join(article_label(*number) for number in self.new_articles) or "无"
        return f"<table><tr>{head}</tr>{rows}</table><p>新增条文：{new}</p>"


@dataclass(frozen=True, slots=True)
class Statute:
    """A statute with everything known of its editions (法规).

    Parameters
    ----------
    id
        Stable short id.
    title, short_title, aliases
        Full title, title without 中华人民共和国, and other names in use.
    kind, first_body, last_body
        Rank, and the bodies that adopted the first and the latest edition.
    editions
        In order of the day in force.
    repealed_on, repealed_by
        First day no longer in force, and the statute that repealed it.
    to_verify
        Why its present state must be checked before use, in Chinese; empty when it need not be.
    """

    id: str
    title: str
    short_title: str
    kind: StatuteKind
    editions: tuple[Edition, ...]
    aliases: tuple[str, ...] = ()
    first_body: str = ""
    last_body: str = ""
    repealed_on: date | None = None
    repealed_by: str = ""
    to_verify: str = ""

    def edition_on(self, on: date) -> Edition | None:
        """Return the edition in force on a day; None before the first, and after a repeal."""
        return next((e for e in reversed(self.editions) if e.covers(on)), None)

    def citation(self, number: ArticleNumber) -> Citation:
        """Return the citation of one of its articles, by the short title."""
        return Citation(self.short_title, number[0], number[1])


def bare_text(text: str) -> str:
    """Text without punctuation, spaces and differences of width: what fingerprints compare."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


def fingerprint(text: str, digits: int = 16) -> str:
    """First hexadecimal digits of the SHA-256 of the punctuation-free text."""
    return hashlib.sha256(bare_text(text).encode()).hexdigest()[:digits]


def split_article(text: str) -> tuple[Paragraph, ...]:
    """Divide an article into paragraphs and items.

    A line that starts with （一） belongs as an item to the paragraph above it, a line that starts
    with ``1.`` to the item or paragraph above it; every other line is a paragraph.
    """
    paragraphs: list[tuple[str, list[str]]] = []
    for line in (part.strip() for part in text.splitlines()):
        if not line or re.match("[①-⑳]", line):
            continue
        mark = _ITEM_MARK.match(line)
        if paragraphs and mark and to_int(mark.group(1)) == len(paragraphs[-1][1]) + 1:
            paragraphs[-1][1].append(line)
        elif paragraphs and (mark or _SUBORDINATE.match(line)):
            head, items = paragraphs[-1]
            if items:
                items[-1] += line
            else:
                paragraphs[-1] = (head + line, items)
        else:
            paragraphs.append((line, []))
    return tuple(Paragraph(head, tuple(items)) for head, items in paragraphs)


def article_from_text(number: ArticleNumber, text: str, chapter: str = "") -> Article:
    """Derive the facts of an article from its text, and keep the text."""
    parts = split_article(text)
    return Article(
        number,
        chapter,
        tuple(len(part.items) for part in parts),
        fingerprint(text),
        tuple(fingerprint(part.full_text, 8) for part in parts),
        text,
    )


def day_before(day: date) -> date:
    """Return the last day before `day`."""
    return day - timedelta(days=1)
