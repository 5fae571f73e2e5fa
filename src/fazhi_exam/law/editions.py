"""Two editions side by side: which article became which (新旧条文对照). A person confirms."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from .statute import Article, ArticleLink, ArticleMap, ArticleNumber, Edition, Relation, bare_text

LIKE_ENOUGH = 0.52
"""Indel likeness from which an article counts as the same one in other words."""

TAKEN_UP = 0.80
"""Share of a text, in runs of at least four characters, found again in another."""

CLEARLY_LIKE = 0.70
"""Likeness from which two articles that are each other's closest are joined out of order."""

PARTLY_TAKEN_UP = 0.60
"""Share from which an article without a partner is shown beside the one that holds most of it."""

Grid: TypeAlias = NDArray[np.float64]

_RUN = 4


@dataclass(frozen=True, slots=True)
class ComparedEdition:
    """An edition's articles by number, without punctuation, for comparing."""

    numbers: tuple[ArticleNumber, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, articles: Mapping[ArticleNumber, Article]) -> "ComparedEdition":
        """Take the articles of an edition whose full texts are at hand.

        Raises
        ------
        ValueError
            If an article has no text.
        """
        if not all(article.text for article in articles.values()):
            raise ValueError("comparing editions needs the full text of every article")
        return cls(tuple(articles), tuple(bare_text(a.text) for a in articles.values()))


def compare_editions(old: Edition, new: Edition) -> ArticleMap:
    """Map every article of an old edition to the articles of a new one.

    Articles with the same words are joined first; the rest by an alignment that keeps the order
    of both texts (maximum total likeness, Needleman and Wunsch 1970), then, out of order, where
    the likeness alone suffices; what is left is looked for inside longer articles (merged, split).
    Likeness is the normalised indel similarity of the texts without punctuation.

    Returns
    -------
    ArticleMap
        Every link with ``confirmed=False``: a proposal for a person who reads both texts.

    Raises
    ------
    ValueError
        If a full text is missing.
    """
    left, right = ComparedEdition.of(old.articles or {}), ComparedEdition.of(new.articles or {})
    links = _links(left, right)
    used = {number for link in links for number in link.new}
    return ArticleMap(
        old.statute,
        old.adopted,
        new.statute,
        new.adopted,
        {link.old: link for link in links},
        tuple(number for number in right.numbers if number not in used),
    )


def shared_runs(part: str, grams: frozenset[str]) -> float:
    """Share of `part` (0 to 1) covered by runs of four characters that are in `grams`."""
    covered = [False] * len(part)
    for i in range(len(part) - _RUN + 1):
        if part[i : i + _RUN] in grams:
            covered[i : i + _RUN] = [True] * _RUN
    return sum(covered) / len(part) if part else 0.0


def _grams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + _RUN] for i in range(len(text) - _RUN + 1))


def _links(old: ComparedEdition, new: ComparedEdition) -> list[ArticleLink]:
    likeness = process.cdist(old.texts, new.texts, scorer=Indel.normalized_similarity)
    grid: Grid = np.asarray(likeness, dtype=np.float64)
    pairs = _identical(old, new)
    pairs |= _mutual(grid, pairs)
    pairs |= _aligned(grid, pairs)
    pairs |= _out_of_order(grid, pairs)
    grams = [_grams(text) for text in new.texts]
    old_grams = [_grams(text) for text in old.texts]
    free = [j for j in range(len(new.texts)) if j not in set(pairs.values())]
    links = []
    for i, text in enumerate(old.texts):
        parts = [j for j in free if shared_runs(new.texts[j], old_grams[i]) >= TAKEN_UP]
        if (j := pairs.get(i)) is None:
            links.append(_unpaired(old.numbers[i], text, new, grams, parts))
            continue
        targets = tuple(new.numbers[k] for k in (j, *parts))
        same = text == new.texts[j]
        if same and not parts:
            kept = old.numbers[i] == new.numbers[j]
            relation = Relation.SAME if kept else Relation.RENUMBERED
        else:
            relation = Relation.SPLIT if parts else Relation.CHANGED
        links.append(ArticleLink(old.numbers[i], targets, relation, round(float(grid[i, j]), 3)))
    return links


def _identical(old: ComparedEdition, new: ComparedEdition) -> dict[int, int]:
    """Join articles with the same words; among several, the one nearest in the order."""
    places: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(new.texts):
        places[text].append(j)
    pairs: dict[int, int] = {}
    for i, text in enumerate(old.texts):
        free = [j for j in places[text] if j not in pairs.values()]
        if free:
            pairs[i] = min(free, key=lambda j: abs(j - i))
    return pairs


def _mutual(grid: Grid, done: Mapping[int, int]) -> dict[int, int]:
    """Join two articles that are each other's closest and clearly alike, wherever they stand."""
    left = grid.copy()
    left[list(done), :] = 0.0
    left[:, list(done.values())] = 0.0
    best, owner = left.argmax(axis=1), left.argmax(axis=0)
    return {
        i: int(j)
        for i, j in enumerate(best)
        if left[i, j] >= CLEARLY_LIKE and int(owner[j]) == i
    }


def _aligned(grid: Grid, done: Mapping[int, int]) -> dict[int, int]:
    """Align what is left in the order of both texts; a pair must be alike enough to count."""
    rows = [i for i in range(grid.shape[0]) if i not in done]
    columns = [j for j in range(grid.shape[1]) if j not in set(done.values())]
    gain = grid[np.ix_(rows, columns)].tolist()
    best = [[0.0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for a, row in enumerate(gain):
        for b, value in enumerate(row):
            joined = best[a][b] + value if value >= LIKE_ENOUGH else 0.0
            best[a + 1][b + 1] = max(best[a][b + 1], best[a + 1][b], joined)
    pairs: dict[int, int] = {}
    a, b = len(rows), len(columns)
    while a and b:
        if best[a][b] == best[a - 1][b]:
            a -= 1
        elif best[a][b] == best[a][b - 1]:
            b -= 1
        else:
            a, b = a - 1, b - 1
            pairs[rows[a]] = columns[b]
    return pairs


def _out_of_order(grid: Grid, done: Mapping[int, int]) -> dict[int, int]:
    """Join what moved elsewhere in other words, the most alike first."""
    taken = set(done.values())
    pairs: dict[int, int] = {}
    rows, columns = np.nonzero(grid >= LIKE_ENOUGH)
    for k in np.argsort(-grid[rows, columns], kind="stable"):
        i, j = int(rows[k]), int(columns[k])
        if i not in done and i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _unpaired(
    number: ArticleNumber,
    text: str,
    new: ComparedEdition,
    grams: Sequence[frozenset[str]],
    parts: Sequence[int],
) -> ArticleLink:
    """Look for an article without a partner inside longer ones, or for its parts."""
    shares = [shared_runs(text, gram) for gram in grams]
    best = max(range(len(shares)), key=shares.__getitem__)
    if shares[best] >= TAKEN_UP:
        return ArticleLink(number, (new.numbers[best],), Relation.MERGED, round(shares[best], 3))
    if parts:
        found = tuple(new.numbers[j] for j in parts)
        return ArticleLink(number, found, Relation.SPLIT, round(shares[best], 3))
    if shares[best] >= PARTLY_TAKEN_UP:
        return ArticleLink(number, (new.numbers[best],), Relation.CHANGED, round(shares[best], 3))
    return ArticleLink(number, (), Relation.NONE, round(shares[best], 3))
