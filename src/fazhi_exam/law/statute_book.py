"""The statute book (法规库): which article stood where, on which day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self, TypeAlias

from rapidfuzz import fuzz, process

from ..errors import CitationError
from .citation import PREAMBLE, Citation, fold_title, print_title
from .editions import compare_editions
from .index_files import dump_statute, load_statutes, read_text_file
from .numerals import to_chinese
from .statute import (
    Article,
    ArticleMap,
    ArticleNumber,
    Basis,
    Edition,
    Statute,
    StatuteKind,
    day_before,
)

_SHIPPED = Path(__file__).resolve().parents[1] / "_data" / "statutes"


class CitationFault(StrEnum):
    """What is wrong with a citation on a day (引用问题)."""

    UNKNOWN_STATUTE = "unknown_statute"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    REPEALED = "repealed"
    OTHER_EDITION = "other_edition"
    NO_SUCH_ARTICLE = "no_such_article"
    NO_SUCH_PARAGRAPH = "no_such_paragraph"
    NO_SUCH_ITEM = "no_such_item"
    ARTICLES_UNKNOWN = "articles_unknown"


_Found: TypeAlias = tuple[CitationFault, str]


@dataclass(frozen=True, slots=True)
class CitationProblem:
    """One citation that cannot be relied on on a day; `reason` is in Chinese."""

    citation: Citation
    on: date
    fault: CitationFault
    reason: str

    @property
    def blocking(self) -> bool:
        """Whether the citation is wrong, not only unchecked."""
        return self.fault not in (CitationFault.UNKNOWN_STATUTE, CitationFault.ARTICLES_UNKNOWN)

    def __str__(self) -> str:
        return f"{self.citation}：{self.reason}"


@dataclass(frozen=True)
class StatuteBook:
    """Statutes with their editions and article maps (法规库).

    Parameters
    ----------
    statutes
        By id.
    maps
        Article maps between editions.
    """

    statutes: Mapping[str, Statute]
    maps: tuple[ArticleMap, ...] = ()
    _names: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names: dict[str, str] = {}
        for statute in self.statutes.values():
            for name in (statute.title, statute.short_title, *statute.aliases):
                names.setdefault(fold_title(name), statute.id)
        object.__setattr__(self, "_names", names)

    @classmethod
    def shipped(cls) -> "StatuteBook":
        """Return the book that comes with the package; read once."""
        return _read_shipped()

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """Read a folder of index files, as `tools/build_statute_index.py` writes them."""
        loaded = [
            pair
            for path in sorted(Path(folder).glob("*.json"))
            for pair in load_statutes(path.read_text("utf-8"))
        ]
        maps = tuple(one for _, more in loaded for one in more)
        return cls({statute.id: statute for statute, _ in loaded}, maps)

    @property
    def titles(self) -> tuple[str, ...]:
        """Every name under which a statute can be found."""
        return tuple(self._names)

    def __len__(self) -> int:
        return len(self.statutes)

    def __repr__(self) -> str:
        editions = sum(len(statute.editions) for statute in self.statutes.values())
        return f"<StatuteBook 法规 {len(self.statutes)} 部，版本 {editions} 个>"

    def resolve(self, title: str) -> Statute:
        """Find a statute by its full title, short title or a common alias.

        Raises
        ------
        CitationError
            If there is none; the problem names up to three similar titles.
        """
        found = self._names.get(fold_title(title))
        if found is not None:
            return self.statutes[found]
        near = self.suggestions(title)
        hint = "；是否为" + "、".join(f"《{name}》" for name in near) if near else ""
        raise CitationError(title, f"法规库中没有这一名称{hint}")

    def suggestions(self, title: str, *, most: int = 3) -> tuple[str, ...]:
        """Short titles similar to a misspelt one, best first."""
        hits = process.extract(
            fold_title(title),
            list(self._names),
            scorer=fuzz.ratio,
            limit=3 * most,
            score_cutoff=60,
        )
        names = (self.statutes[self._names[name]].short_title for name, _, _ in hits)
        return tuple(dict.fromkeys(names))[:most]

    def edition(self, statute: Statute | str, on: date) -> Edition | None:
        """Return the edition in force on a day; None if the statute was not in force."""
        chosen = self.resolve(statute) if isinstance(statute, str) else statute
        return chosen.edition_on(on)

    def article(self, citation: Citation, on: date) -> Article | None:
        """Return the cited article as it stood on a day, if it is on record."""
        edition = self.edition(self.resolve(citation.title), on)
        if edition is None or edition.articles is None or citation.article is None:
            return None
        return edition.articles.get((citation.article, citation.sub))

    def check(self, citation: Citation, on: date) -> CitationProblem | None:
        """Say what is wrong with a citation on a day; None if it is in order."""
        try:
            statute = self.resolve(citation.title)
        except CitationError as error:
            return CitationProblem(citation, on, CitationFault.UNKNOWN_STATUTE, error.problem)
        edition = statute.edition_on(on)
        found = _check_edition(citation, edition) if edition else _not_in_force(statute, on)
        return None if found is None else CitationProblem(citation, on, *found)

    def in_force(self, citations: Iterable[Citation], on: date) -> bool:
        """Whether no citation is known to be wrong on a day (an item may then be drawn)."""
        problems = (self.check(citation, on) for citation in citations)
        return not any(problem is not None and problem.blocking for problem in problems)

    def to_verify(self, citations: Iterable[Citation]) -> Mapping[Citation, str]:
        """Return the citations whose statute must be checked before use, with the reason."""
        notes: dict[Citation, str] = {}
        for citation in citations:
            known = self._names.get(fold_title(citation.title))
            if known is not None and self.statutes[known].to_verify:
                notes[citation] = self.statutes[known].to_verify
        return notes

    def map_between(self, old: Edition, new: Edition) -> ArticleMap | None:
        """Return the article map from one edition to another, if it is on record."""
        key = (old.statute, old.adopted, new.statute, new.adopted)
        return next((one for one in self.maps if _key(one) == key), None)

    def successors(self, edition: Edition) -> tuple[ArticleMap, ...]:
        """Return the maps that lead from an edition to another statute (a code)."""
        return tuple(
            one
            for one in self.maps
            if (one.statute, one.from_adopted) == (edition.statute, edition.adopted)
            and one.to_statute != edition.statute
        )

    def with_texts(self, folder: str | Path) -> "StatuteBook":
        """Add full texts a reader has: the ``.json`` and ``.txt`` files of a folder and below.

        A file belongs to the statute and edition whose id it bears: ``<id>.json`` is the latest
        edition on record, ``<id>@<day of adoption>.json`` an earlier one. Texts whose fingerprints
        differ from the record are refused.

        Raises
        ------
        CitationError
            If a file cannot be read or differs from the record.
        """
        statutes = dict(self.statutes)
        paths = sorted(p for p in Path(folder).rglob("*") if p.suffix in (".json", ".txt"))
        for path in paths:
            name, _, day = path.stem.partition("@")
            if name in statutes:
                statutes[name] = _put_texts(statutes[name], day, path)
        return replace(self, statutes=statutes)

    def with_edition(
        self, title: str, path: str | Path, *, adopted: date, in_force: date, name: str = ""
    ) -> "StatuteBook":
        """Add a new edition from its text file and map the articles of the present one to it.

        The map is a proposal (``confirmed=False``); without the full text of the present edition
        (`with_texts`) it joins only articles with the same words.

        Raises
        ------
        CitationError
            If the statute is unknown, the file cannot be read, or the edition is not the latest.
        """
        statute = self.resolve(title)
        last = statute.editions[-1]
        if in_force <= last.in_force:
            raise CitationError(title, f"新版本应晚于现有版本的施行日期 {last.in_force}")
        new = Edition(
            statute=statute.id,
            adopted=adopted,
            in_force=in_force,
            basis=Basis.TEXT,
            name=name or f"{adopted.year}年修订",
            articles=read_text_file(Path(path)),
        )
        ended = replace(last, ended=day_before(in_force))
        grown = replace(statute, editions=(*statute.editions[:-1], ended, new))
        maps = (*self.maps, compare_editions(ended, new)) if last.articles else self.maps
        return StatuteBook({**self.statutes, statute.id: grown}, maps)

    def with_statute(
        self,
        title: str,
        path: str | Path,
        *,
        adopted: date,
        in_force: date,
        kind: StatuteKind = StatuteKind.LOCAL_REGULATION,
        body: str = "",
        aliases: Sequence[str] = (),
    ) -> "StatuteBook":
        """Add a statute the book does not know, such as a local regulation, from its text file.

        Raises
        ------
        CitationError
            If the title is known already or the file cannot be read.
        """
        if fold_title(title) in self._names:
            raise CitationError(title, "法规库已有这一名称；修改文本请用 with_edition")
        short = print_title(title)
        edition = Edition(
            statute=short,
            adopted=adopted,
            in_force=in_force,
            name=f"{adopted.year}年文本",
            articles=read_text_file(Path(path)),
        )
        added = Statute(short, title, short, kind, (edition,), tuple(aliases), body, body)
        return replace(self, statutes={**self.statutes, short: added})

    def including(self, folder: str | Path) -> "StatuteBook":
        """Add index files a reader has written (`write`); theirs replace those of the same id."""
        other = StatuteBook.read(folder)
        maps = {_key(one): one for one in (*self.maps, *other.maps)}
        return StatuteBook({**self.statutes, **other.statutes}, tuple(maps.values()))

    def write(self, folder: str | Path, *titles: str) -> tuple[Path, ...]:
        """Write the facts of the named statutes, and their article maps, as index files.

        Only facts are written, never statute texts.
        """
        Path(folder).mkdir(parents=True, exist_ok=True)
        paths = []
        for statute in (self.resolve(title) for title in titles):
            maps = tuple(one for one in self.maps if one.statute == statute.id)
            path = Path(folder) / f"{statute.id}.json"
            path.write_text(dump_statute(statute, maps), "utf-8")
            paths.append(path)
        return tuple(paths)

    def confirming(self, confirmed: ArticleMap) -> "StatuteBook":
        """Put a map that a person has gone through in the place of the proposed one."""
        others = tuple(one for one in self.maps if _key(one) != _key(confirmed))
        links = {n: replace(link, confirmed=True) for n, link in confirmed.links.items()}
        return replace(self, maps=(*others, replace(confirmed, links=links)))


@cache
def _read_shipped() -> StatuteBook:
    return StatuteBook.read(_SHIPPED)


def _key(one: ArticleMap) -> tuple[str, date, str, date]:
    return one.statute, one.from_adopted, one.to_statute, one.to_adopted


def _not_in_force(statute: Statute, on: date) -> _Found:
    if statute.repealed_on is not None and on >= statute.repealed_on:
        return CitationFault.REPEALED, f"已于{_day(statute.repealed_on)}废止"
    first = statute.editions[0].in_force
    return CitationFault.NOT_YET_IN_FORCE, f"{_day(on)}尚未施行（{_day(first)}起施行）"


def _check_edition(citation: Citation, edition: Edition) -> _Found | None:
    """Whether the cited place exists in the edition in force."""
    cited_year = (citation.edition or "")[:4]
    if cited_year.isdigit() and int(cited_year) not in (
        edition.adopted.year,
        edition.in_force.year,
    ):
        return (
            CitationFault.OTHER_EDITION,
            f"引用{citation.edition}文本，当日施行的是{edition.name}文本",
        )
    if citation.article is None:
        return None
    if citation.article == PREAMBLE:
        return _check_preamble(citation, edition)
    number: ArticleNumber = (citation.article, citation.sub)
    if edition.articles is None:
        if edition.article_count and citation.article > edition.article_count:
            return CitationFault.NO_SUCH_ARTICLE, f"全文共{edition.article_count}条"
        return (
            CitationFault.ARTICLES_UNKNOWN,
            f"法规库未收录{edition.name or '当日'}文本的条文，需人工核对",
        )
    article = edition.articles.get(number)
    if article is None:
        last = max(n for n, _ in edition.articles)
        return CitationFault.NO_SUCH_ARTICLE, f"当日文本没有这一条（全文共{last}条）"
    return _check_within(citation, article.items)


def _check_preamble(citation: Citation, edition: Edition) -> _Found | None:
    if edition.articles is not None and not edition.preamble_paragraphs:
        return CitationFault.NO_SUCH_ARTICLE, "没有序言"
    if (citation.paragraph or 0) > (edition.preamble_paragraphs or 10**6):
        return CitationFault.NO_SUCH_PARAGRAPH, f"序言共{edition.preamble_paragraphs}个自然段"
    return None


def _check_within(citation: Citation, items: Sequence[int]) -> _Found | None:
    """Whether the paragraph and the item exist in an article with `items` items per paragraph."""
    if citation.paragraph is not None and citation.paragraph > len(items):
        return CitationFault.NO_SUCH_PARAGRAPH, f"本条只有{to_chinese(len(items))}款"
    if citation.item is None:
        return None
    most = max(items) if citation.paragraph is None else items[citation.paragraph - 1]
    if citation.item > most:
        where = "本条" if citation.paragraph is None else "本款"
        have = f"只有{to_chinese(most)}项" if most else "没有分项"
        return CitationFault.NO_SUCH_ITEM, where + have
    return None


def _put_texts(statute: Statute, day: str, path: Path) -> Statute:
    """Give an edition its texts, after comparing them with the fingerprints on record."""
    position = next(
        (i for i, e in enumerate(statute.editions) if e.adopted.isoformat() == day),
        len(statute.editions) - 1 if not day else None,
    )
    if position is None:
        return statute
    edition = statute.editions[position]
    texts = read_text_file(path)
    for number, known in (edition.articles or {}).items():
        if number not in texts or texts[number].fingerprint != known.fingerprint:
            raise CitationError(path.name, f"{known.label}与法规库登记的文本不一致")
    kept = edition.articles or {}
    articles = {
        number: replace(kept.get(number, found), text=found.text) for number, found in texts.items()
    }
    editions = list(statute.editions)
    editions[position] = replace(edition, articles=articles)
    return replace(statute, editions=tuple(editions))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
