"""Pairs of texts that are nearly the same (近似题): min-hash proposes, an exact measure decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

_GRAM = 3
_BANDS, _ROWS = 36, 3
_FEW, _MANY = 16, 64
_PER_TEXT = 40  # candidates a text may have in one band, on average
_COPIES = 20  # of more equal texts than this, not every pair is listed
_CHUNK = 250_000
_NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two texts by position, ``first < second``, and their likeness in percent."""

    first: int
    second: int
    likeness: float


def similar_pairs(texts: Sequence[str], *, cutoff: float = 90.0) -> tuple[SimilarPair, ...]:
    """Find the pairs of texts that are at least `cutoff` percent alike.

    Likeness is ``100 (1 - d / (m + n))``, with `d` the fewest insertions and deletions that turn
    one text of length `m` into the other of length `n`. Candidates come from banded min-hashes of
    character triples (Broder 1997), so a pair may be missed: at 90 % alike about one in 200, and
    fewer the more alike. Where very many texts are alike or equal, not every pair is listed, but
    every text is. Texts are compared as given; fold them first. Empty texts match nothing.

    Parameters
    ----------
    texts
        Shape ``(n,)``; 50,000 stems take some five seconds on one core.
    cutoff
        In [50, 100]; below 85 more pairs are missed.

    Returns
    -------
    tuple of SimilarPair
        In order of position.

    Raises
    ------
    ValueError
        If `cutoff` is out of range.
    """
    if not 50 <= cutoff <= 100:
        raise ValueError("cutoff is a percentage from 50 to 100")
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text:
            places.setdefault(text, []).append(place)
    pairs = [_pair(i, j, 100.0) for same in places.values() for i, j in _among(same)]
    distinct = list(places)
    first, second = _candidates(distinct, cutoff) if len(distinct) > 1 else (_NOTHING, _NOTHING)
    for start in range(0, len(first), _CHUNK):
        left = [distinct[i] for i in first[start : start + _CHUNK]]
        right = [distinct[j] for j in second[start : start + _CHUNK]]
        scores = process.cpdist(
            left, right, scorer=fuzz.ratio, score_cutoff=cutoff, dtype=np.float32
        )
        for k in np.flatnonzero(scores >= cutoff):
            likeness = round(float(scores[k]), 1)
            these, those = places[left[k]][:_COPIES], places[right[k]][:_COPIES]
            pairs += [_pair(i, j, likeness) for i in these for j in those]
    return tuple(sorted(pairs, key=lambda pair: (pair.first, pair.second)))


def _pair(one: int, other: int, likeness: float) -> SimilarPair:
    return SimilarPair(min(one, other), max(one, other), likeness)


def _among(same: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield all pairs of a few equal texts; of very many, each with the first."""
    if len(same) <= _COPIES:
        yield from combinations(same, 2)
    else:
        yield from ((same[0], other) for other in same[1:])


def _candidates(texts: Sequence[str], cutoff: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs that share a band of min-hashes and whose letters allow the cutoff."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    signature = _signatures(texts, lengths)
    count = len(texts)
    bags = _bags(texts, lengths)
    codes = [_NOTHING]
    for band in range(_BANDS):
        key = np.zeros(count, np.uint64)
        for row in range(_ROWS):
            key = (key ^ signature[band * _ROWS + row]) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(31)
        # Among very many equal keys those stand together that share the next min-hash too.
        order = np.lexsort((signature[(band + 1) * _ROWS % len(signature)], key))
        # A bank that is one template filled in would otherwise be compared in full.
        most = (_PER_TEXT if len(codes[0]) < _PER_TEXT * count else 1) * count
        for left, right in _same_key(key, order, most):
            low, high = _possible(left, right, lengths, bags, cutoff)
            codes.append(low * count + high)
        # Sorted by hand: np.unique hashes, which is slow for codes in arithmetic sequence.
        merged = np.sort(np.concatenate(codes))
        codes = [merged[np.diff(merged, prepend=-1) > 0]]
    return codes[0] // count, codes[0] % count


def _same_key(
    key: NDArray[np.uint64], order: NDArray[np.int64], most: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield pairs of positions with equal keys, nearest in `order` first, at most `most`."""
    ordered = key[order]
    alone = np.ones(len(key), bool)
    equal = ordered[1:] == ordered[:-1]
    alone[1:] &= ~equal
    alone[:-1] &= ~equal
    order, ordered = order[~alone], ordered[~alone]
    for distance in range(1, len(order)):
        same = np.flatnonzero(ordered[distance:] == ordered[:-distance])
        most -= len(same)
        if not len(same) or most < 0:
            return
        for start in range(0, len(same), _CHUNK):
            some = same[start : start + _CHUNK]
            yield order[some], order[some + distance]


def _possible(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    lengths: NDArray[np.int64],
    bags: NDArray[np.uint8],
    cutoff: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Drop pairs whose letters differ too much: each differing letter costs one edit at least."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    for columns in (slice(_FEW), slice(_FEW, None)):
        allowed = (100 - cutoff) / 100 * (lengths[low] + lengths[high]) + 1e-9
        one, two = bags[low, columns], bags[high, columns]
        # The sum of |a - b|; unsigned differences would wrap around.
        apart = (np.maximum(one, two) - np.minimum(one, two)).sum(axis=1, dtype=np.int64)
        near = apart <= allowed
        low, high = low[near], high[near]
    return low, high


def _bags(texts: Sequence[str], lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Letters of every text counted in a few classes, then in many, shape ``(n, few + many)``."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4").astype(np.uint64)
    mixed = (codes * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    owner = np.repeat(np.arange(len(texts)), lengths)
    tables = []
    for classes in (_FEW, _MANY):
        cell = owner * classes + (mixed % np.uint64(classes)).astype(np.int64)
        table = np.bincount(cell, minlength=len(texts) * classes).reshape(len(texts), classes)
        tables.append(np.minimum(table, 255).astype(np.uint8))
    return np.concatenate(tables, axis=1)


def _signatures(texts: Sequence[str], lengths: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Min-hashes of the character triples of every text, shape ``(bands * rows, n)``."""
    grams, sizes = _triples(texts, lengths)
    starts = np.cumsum(sizes) - sizes
    # Multiply-shift hashing (Dietzfelbinger et al. 1997) with fixed multipliers: the same bank
    # always gives the same pairs.
    rng = np.random.default_rng(20_161)
    factors = rng.integers(0, 1 << 63, _BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)
    shifts = rng.integers(0, 1 << 63, _BANDS * _ROWS, dtype=np.uint64)
    out = np.empty((_BANDS * _ROWS, len(texts)), np.uint32)
    for k, (factor, shift) in enumerate(zip(factors, shifts, strict=True)):
        values = ((grams * factor + shift) >> np.uint64(32)).astype(np.uint32)
        out[k] = np.minimum.reduceat(values, starts)
    return out


def _triples(
    texts: Sequence[str], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the character triples of all texts in a row, and how many each text has."""
    # Short texts are padded so that every text has a triple of its own.
    padded = [text if len(text) >= _GRAM else text + "\0" * (_GRAM - len(text)) for text in texts]
    sizes = np.maximum(lengths, _GRAM)
    codes = np.frombuffer("".join(padded).encode("utf-32-le"), "<u4").astype(np.uint64)
    grams = np.zeros(len(codes), np.uint64)
    for k in range(_GRAM):
        grams = grams * np.uint64(1_000_003) + np.roll(codes, -k)
    grams = (grams ^ (grams >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    grams ^= grams >> np.uint64(32)
    within = np.ones(len(codes), bool)
    for k in range(1, _GRAM):
        within[np.cumsum(sizes) - k] = False  # these triples run into the next text
    return grams[within], sizes - (_GRAM - 1)
