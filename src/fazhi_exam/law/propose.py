"""Which article does an item rest on? (为未注明依据的试题提出法条建议)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ..errors import CitationError
from .citation import Citation, find_citations
from .statute import Article, StatuteKind, bare_text
from .statute_book import StatuteBook

_K1, _B = 1.0, 0.3
_LOCAL_WEIGHT = 0.15
_SHORTLIST = 40
_SHORTEST_RUN = 5
_RUN_WEIGHT = 0.9
_TITLE_WEIGHT = 0.35
_CITED_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class CitationProposal:
    """An article an item may rest on (法条建议).

    Parameters
    ----------
    citation
        The article, with the paragraph where the evidence lies in one paragraph.
    score
        Above 0; only for comparing proposals for one item.
    share
        Share (0 to 1) of the item's words in the evidence.
    evidence
        Runs of words that stand both in the item and in the article, longest first.
    """

    citation: Citation
    score: float
    share: float
    evidence: tuple[str, ...]


Scores: TypeAlias = NDArray[np.float64]


class ArticleIndex:
    """Every article in force on a day, indexed by character pairs for searching.

    Parameters
    ----------
    book
        A book with full texts (`StatuteBook.with_texts`).
    on
        The day whose editions are searched.

    Raises
    ------
    CitationError
        If the book holds no full text of an edition in force on that day.
    """

    def __init__(self, book: StatuteBook, on: date) -> None:
        self.on = on
        self.titles = book.titles
        self._book = book
        self._articles: list[tuple[str, Article]] = []
        for statute in book.statutes.values():
            edition = statute.edition_on(on)
            if edition is not None and edition.has_texts:
                held = (edition.articles or {}).values()
                self._articles += [(statute.id, article) for article in held if article.text]
        if not self._articles:
            raise CitationError(on.isoformat(), "没有可供比对的法规全文，请先用 with_texts 载入")
        self._names = self._title_names()
        self._texts = [bare_text(article.text) for _, article in self._articles]
        self._build()

    def __len__(self) -> int:
        return len(self._articles)

    def propose(
        self, text_parts: Sequence[str], *, top: int = 5, within: Collection[str] = ()
    ) -> tuple[CitationProposal, ...]:
        """Rank articles for one item; see `propose_citations`."""
        whole = "\n".join(text_parts)
        words = bare_text(whole)
        if len(words) < 4:
            return ()
        first = self._bm25(words)
        first += float(first.max()) * self._prior(whole)
        if within:
            allowed = {self._book.resolve(title).id for title in within}
            first[[name not in allowed for name, _ in self._articles]] = 0.0
        best = np.argsort(-first, kind="stable")[:_SHORTLIST]
        highest = float(first[best[0]]) or 1.0
        cited = self._cited(whole)
        ranked = []
        for k in best[first[best] > 0]:
            evidence = _runs(words, self._texts[k])
            weight = sum((len(run) - _SHORTEST_RUN + 1) ** 1.2 for run in evidence)
            own = (
                _CITED_WEIGHT if (self._articles[k][0], self._articles[k][1].number) in cited else 0
            )
            score = first[k] / highest + _RUN_WEIGHT * weight / len(words) + own
            ranked.append((float(score), int(k), evidence))
        ranked.sort(key=lambda one: (-one[0], one[1]))
        return tuple(self._proposal(words, *one) for one in ranked[:top])

    def _proposal(
        self, words: str, score: float, k: int, evidence: tuple[str, ...]
    ) -> CitationProposal:
        statute, article = self._articles[k]
        share = min(1.0, sum(map(len, evidence)) / len(words))
        citation = self._book.statutes[statute].citation(article.number)
        paragraphs = [bare_text(part.full_text) for part in article.paragraphs]
        if len(paragraphs) > 1 and evidence:
            hits = [sum(_longest(run, part) for run in evidence) for part in paragraphs]
            order = sorted(hits, reverse=True)
            if order[0] > 1.5 * order[1]:
                citation = citation.at(*article.number, paragraph=hits.index(order[0]) + 1)
        return CitationProposal(citation, round(score, 3), round(share, 3), evidence[:3])

    def _title_names(self) -> dict[str, set[str]]:
        names: dict[str, set[str]] = {}
        for name, _ in self._articles:
            statute = self._book.statutes[name]
            known = {statute.short_title, *statute.aliases}
            names[name] = {title for title in known if len(title) >= 3}
        return names

    def _build(self) -> None:
        pairs = [sorted({t[i : i + 2] for i in range(len(t) - 1)}) for t in self._texts]
        self._vocabulary = {p: k for k, p in enumerate(sorted({p for ps in pairs for p in ps}))}
        rows = np.repeat(np.arange(len(pairs)), [len(ps) for ps in pairs])
        columns = np.array([self._vocabulary[p] for ps in pairs for p in ps])
        count = np.bincount(columns, minlength=len(self._vocabulary))
        weight = np.log(1 + (len(pairs) - count + 0.5) / (count + 0.5))
        length = np.array([len(t) for t in self._texts], dtype=float)
        norm = (_K1 + 1) / (1 + _K1 * (1 - _B + _B * length / length.mean()))
        values = weight[columns] * norm[rows]
        shape = (len(pairs), len(self._vocabulary))
        self._table = csr_matrix((values, (rows, columns)), shape=shape)

    def _bm25(self, words: str) -> Scores:
        """Okapi BM25 over character pairs (Robertson and Zaragoza 2009), each counted once."""
        query = np.zeros(len(self._vocabulary))
        for i in range(len(words) - 1):
            column = self._vocabulary.get(words[i : i + 2])
            if column is not None:
                query[column] = 1.0
        return np.asarray(self._table @ query, dtype=np.float64)

    def _prior(self, whole: str) -> Scores:
        """Weight of each article's statute: named in the item, or local and its place not named."""
        weights = {}
        for name, titles in self._names.items():
            statute = self._book.statutes[name]
            weights[name] = _TITLE_WEIGHT * any(title in whole for title in titles)
            local = statute.kind is StatuteKind.LOCAL_REGULATION
            if local and statute.short_title[:2] not in whole:
                weights[name] -= _LOCAL_WEIGHT
        return np.array([weights[name] for name, _ in self._articles], dtype=np.float64)

    def _cited(self, whole: str) -> set[tuple[str, tuple[int, int]]]:
        """Articles the item's own words cite."""
        found = set()
        for one in find_citations(whole, titles=self.titles):
            try:
                statute = self._book.resolve(one.citation.title)
            except CitationError:
                continue
            if one.citation.article:
                found.add((statute.id, (one.citation.article, one.citation.sub)))
        return found


def propose_citations(
    text_parts: Sequence[str],
    book_with_texts: StatuteBook,
    *,
    top: int = 5,
    on: date | None = None,
    within: Collection[str] = (),
    index: ArticleIndex | None = None,
) -> tuple[CitationProposal, ...]:
    """Propose the articles an item rests on, best first, with the evidence.

    Parameters
    ----------
    text_parts
        Stem, keyed options, explanation: whatever the item has.
    book_with_texts
        A book with full texts.
    top
        How many proposals.
    on
        Day whose law is meant; by default the last day an edition on record comes into force.
    within
        Titles of the only statutes that come into question, if that is known.
    index
        An `ArticleIndex` built before, for many items; otherwise one is built here.

    Raises
    ------
    CitationError
        If the book holds no full texts, or a title in `within` is unknown.
    """
    if index is None:
        days = (e.in_force for s in book_with_texts.statutes.values() for e in s.editions)
        index = ArticleIndex(book_with_texts, on or max(days))
    return index.propose(text_parts, top=top, within=within)


def _longest(run: str, text: str) -> int:
    """Length of the longest part of a run that stands in a text, 0 below four characters."""
    found = SequenceMatcher(None, run, text, autojunk=False).find_longest_match()
    return found.size if found.size >= _SHORTEST_RUN - 1 else 0


def _runs(words: str, article: str) -> tuple[str, ...]:
    """Return the runs of characters common to both texts, longest first."""
    matcher = SequenceMatcher(None, words, article, autojunk=False)
    blocks = (words[b.a : b.a + b.size] for b in matcher.get_matching_blocks())
    found = {run for run in blocks if len(run) >= _SHORTEST_RUN}
    return tuple(sorted(found, key=lambda run: (-len(run), run)))
