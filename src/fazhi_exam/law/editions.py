"""Two editions side by side: which article became which (新旧条文对照). A person confirms."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .statute import (
    Article,
    ArticleLink,
    ArticleMap,
    ArticleNumber,
    Edition,
    Relation,
    bare_text,
)

SURE = 0.80
"""Score from which a pair fixes the order its neighbours are expected in."""

PAIRED = 0.40
"""Score from which two articles are joined one to one."""

TAKEN_UP = 0.62
"""Weighted share of a text found again in one other article: merged into it, or split off it."""

NEAREST = 0.27
"""Score from which an article without a partner is still shown beside the nearest one."""

NEIGHBOURHOOD = 0.12
"""Greatest bonus for standing where the neighbours suggest."""

Grid: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike the articles of two editions are; every grid has shape (old, new), 0 to 1.

    Parameters
    ----------
    score
        Mean of the weighted Dice coefficient and the larger share.
    of_old, of_new
        Weighted share of the old (new) article found in the new (old) one.
    """

    score: Grid
    of_old: Grid
    of_new: Grid


def compare_editions(old: Edition, new: Edition) -> ArticleMap:
    """Map every article of an old edition to the articles of a new one.

    Articles with the same words are joined first. The others are compared by character pairs,
    each weighted by its rarity (inverse document frequency over both editions); pairs of clearly
    alike articles tell where the rest are expected, and the rest are joined best first, with a
    bonus for standing where expected. What is left is looked for inside other articles.

    Returns
    -------
    ArticleMap
        Every link with ``confirmed=False``: a proposal for a person who reads both texts. Where a
        full text is missing, articles are joined by their fingerprints, and the others are marked
        as changed without a counterpart.
    """
    left, right = dict(old.articles or {}), dict(new.articles or {})
    if old.has_texts and new.has_texts:
        links = _links(left, right)
    else:
        links = _links_by_fingerprint(left, right)
    used = {number for link in links for number in link.new}
    return ArticleMap(
        old.statute,
        old.adopted,
        new.statute,
        new.adopted,
        {link.old: link for link in links},
        tuple(number for number in right if number not in used),
    )


def likeness(old: list[str], new: list[str]) -> Likeness:
    """Compare two lists of texts by character pairs weighted by rarity.

    Weights are ``log((1 + N) / n)`` for a pair that occurs in n of N texts (Sparck Jones 1972).
    """
    pairs = [{text[i : i + 2] for i in range(len(text) - 1)} for text in (*old, *new)]
    vocabulary = {pair: k for k, pair in enumerate(sorted(set().union(*pairs)))}
    counts = np.zeros(max(len(vocabulary), 1))
    for text in pairs:
        counts[[vocabulary[pair] for pair in text]] += 1
    root = np.sqrt(np.log((1 + len(pairs)) / np.maximum(counts, 1)))
    columns = [np.array(sorted(vocabulary[pair] for pair in text), dtype=int) for text in pairs]
    starts = np.cumsum([0, *map(len, columns)])
    flat = np.concatenate(columns) if columns else np.array([], dtype=int)
    table = csr_matrix((root[flat], flat, starts), shape=(len(pairs), len(root)))
    common: Grid = (table[: len(old)] @ table[len(old) :].T).toarray()
    total = np.maximum(np.asarray(table.multiply(table).sum(axis=1)).ravel(), 1e-12)
    of_old, of_new = common / total[: len(old), None], common / total[None, len(old) :]
    dice = 2 * common / (total[: len(old), None] + total[None, len(old) :])
    return Likeness((dice + np.maximum(of_old, of_new)) / 2, of_old, of_new)


def _links(
    old: Mapping[ArticleNumber, Article], new: Mapping[ArticleNumber, Article]
) -> list[ArticleLink]:
    left = [bare_text(article.text) for article in old.values()]
    right = [bare_text(article.text) for article in new.values()]
    alike = likeness(left, right)
    pairs = _identical(left, right)
    expected = _with_neighbours(alike.score, pairs)
    pairs |= _best_first(expected, alike.score, pairs)
    numbers = tuple(new)
    split = _split_off(alike, pairs)
    links = []
    for i, number in enumerate(old):
        if (j := pairs.get(i)) is None:
            links.append(_unpaired(i, number, numbers, alike, expected))
            continue
        targets = tuple(numbers[k] for k in (j, *split.get(i, ())))
        if left[i] == right[j]:
            relation = Relation.SAME if number == numbers[j] else Relation.RENUMBERED
            links.append(ArticleLink(number, (numbers[j],), relation))
        else:
            relation = Relation.SPLIT if len(targets) > 1 else Relation.CHANGED
            links.append(ArticleLink(number, targets, relation, round(alike.score[i, j], 3)))
    return links


def _identical(left: list[str], right: list[str]) -> dict[int, int]:
    """Join articles with the same words; among several, the one nearest in the order."""
    places: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(right):
        places[text].append(j)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for i, text in enumerate(left):
        free = [j for j in places[text] if j not in taken]
        if free:
            pairs[i] = min(free, key=lambda j: abs(j - i))
            taken.add(pairs[i])
    return pairs


def _with_neighbours(score: Grid, pairs: Mapping[int, int]) -> Grid:
    """Add the bonus for standing where the surely paired neighbours suggest."""
    rows, columns = score.shape
    best = score.argmax(axis=1)
    anchors = {i: int(best[i]) for i in range(rows) if score[i, best[i]] >= SURE} | dict(pairs)
    if len(anchors) < 3:
        anchors = {0: 0, rows - 1: columns - 1} | anchors
    known = np.array(sorted(anchors))
    partners = np.array([anchors[int(i)] for i in known])
    expected = np.empty(rows)
    for i in range(rows):
        near = np.argsort(np.abs(known - i), kind="stable")[:5]
        # The median withstands single articles that moved far away.
        expected[i] = np.median(partners[near] - (known[near] - i) * columns / rows)
    distance = np.abs(np.arange(columns)[None, :] - expected[:, None])
    bonus: Grid = score + NEIGHBOURHOOD * np.exp(-distance / (3 + 0.03 * columns))
    return bonus


def _best_first(expected: Grid, score: Grid, done: Mapping[int, int]) -> dict[int, int]:
    """Join one to one, the best pair first."""
    taken = set(done.values())
    pairs: dict[int, int] = {}
    rows, columns = np.nonzero(score >= PAIRED - NEIGHBOURHOOD)
    for k in np.argsort(-expected[rows, columns], kind="stable"):
        i, j = int(rows[k]), int(columns[k])
        if expected[i, j] >= PAIRED and i not in done and i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _split_off(alike: Likeness, pairs: Mapping[int, int]) -> dict[int, list[int]]:
    """Give each new article without a partner to the old article most of it comes from."""
    parts: dict[int, list[int]] = defaultdict(list)
    paired = set(pairs.values())
    for j in range(alike.score.shape[1]):
        i = int(alike.of_new[:, j].argmax())
        if j not in paired and i in pairs and alike.of_new[i, j] >= TAKEN_UP:
            parts[i].append(j)
    return parts


def _unpaired(
    i: int,
    number: ArticleNumber,
    numbers: tuple[ArticleNumber, ...],
    alike: Likeness,
    expected: Grid,
) -> ArticleLink:
    """Look for an article without a partner inside another, then for the nearest one."""
    if not numbers:
        return ArticleLink(number, (), Relation.NONE, 0.0)
    holder, nearest = int(alike.of_old[i].argmax()), int(expected[i].argmax())
    score = round(float(alike.score[i, nearest]), 3)
    if alike.of_old[i, holder] >= TAKEN_UP:
        share = round(float(alike.of_old[i, holder]), 3)
        return ArticleLink(number, (numbers[holder],), Relation.MERGED, share)
    if expected[i, nearest] >= NEAREST:
        return ArticleLink(number, (numbers[nearest],), Relation.CHANGED, score)
    return ArticleLink(number, (), Relation.NONE, score)


def _links_by_fingerprint(
    old: Mapping[ArticleNumber, Article], new: Mapping[ArticleNumber, Article]
) -> list[ArticleLink]:
    """Join articles whose words are the same, or that share a paragraph; the rest are unknown."""
    whole = {article.fingerprint: number for number, article in reversed(list(new.items()))}
    part = {
        mark: number
        for number, article in reversed(list(new.items()))
        for mark in article.paragraph_fingerprints
    }
    links = []
    for number, article in old.items():
        same = new.get(number)
        if same is not None and same.fingerprint == article.fingerprint:
            links.append(ArticleLink(number, (number,), Relation.SAME))
        elif article.fingerprint in whole:
            links.append(ArticleLink(number, (whole[article.fingerprint],), Relation.RENUMBERED))
        else:
            marks = [part[mark] for mark in article.paragraph_fingerprints if mark in part]
            targets = tuple(dict.fromkeys(marks))
            links.append(ArticleLink(number, targets, Relation.CHANGED, 0.0))
    return links
