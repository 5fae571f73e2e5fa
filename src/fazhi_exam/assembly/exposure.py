"""How often items meet candidates, how alike papers are, and where the keys stand (曝光)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse, stats

from ..bank.item import ItemKind
from ..bank.question_bank import QuestionBank
from ..typing import Floats, Ints
from .deal import DealtPapers
from .paper import Papers


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often each unit was drawn against what its cell leads one to expect (曝光报告).

    Parameters
    ----------
    unit_ids
        Items and cases that could be drawn; none when everything is on every paper, as with one
        paper for all.
    times, ideal
        Papers each is on, and papers it would be on if its cell were used evenly.
    papers
        Number of papers.
    """

    unit_ids: tuple[str, ...]
    times: Ints
    ideal: Floats
    papers: int

    @property
    def ratio(self) -> Floats:
        """Times over ideal for each unit."""
        return np.asarray(self.times / self.ideal)

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest ratio; NaN when no unit could be drawn."""
        if not self.unit_ids:
            return float("nan"), float("nan")
        return float(self.ratio.min()), float(self.ratio.max())

    @property
    def z(self) -> Floats:
        """Deviation of each count in standard deviations of independent even draws (binomial)."""
        share = self.ideal / self.papers
        sd = np.sqrt(self.papers * share * (1 - share))
        return np.divide(self.times - self.ideal, sd, out=np.zeros_like(self.ideal), where=sd > 0)

    @property
    def binomial_range(self) -> tuple[float, float]:
        """Range of ratios that even draws would stay within in 19 of 20 such draws."""
        if not self.unit_ids:
            return float("nan"), float("nan")
        share = self.ideal / self.papers
        tail = 0.025 / share.size
        low = stats.binom.ppf(tail, self.papers, share) / self.ideal
        high = stats.binom.isf(tail, self.papers, share) / self.ideal
        return float(low.min()), float(high.max())

    def outside(self, margin: float) -> int:
        """Count the units whose ratio differs from 1 by more than `margin`."""
        return int((np.abs(self.ratio - 1) > margin + 1e-12).sum())

    def expected_outside(self, margin: float) -> float:
        """Units that `outside` would count on average if draws were even (binomial).

        Parameters
        ----------
        margin
            In (0, 1), such as 0.1 for ten per cent.
        """
        return float(self._tails(margin).sum())

    def chance_of_any_outside(self, margin: float) -> float:
        """Chance that even draws put at least one unit outside; units taken as independent."""
        return float(-np.expm1(np.log1p(-self._tails(margin)).sum()))

    def _tails(self, margin: float) -> Floats:
        """Chance of each unit to lie outside; the counts at the very margin are inside."""
        share = self.ideal / self.papers
        # Counts are whole; the small step keeps 0.9 times an ideal that rounding moved.
        low = np.ceil((1 - margin) * self.ideal - 1e-9) - 1
        high = np.floor((1 + margin) * self.ideal + 1e-9)
        tails = stats.binom.cdf(low, self.papers, share) + stats.binom.sf(high, self.papers, share)
        return np.asarray(tails, dtype=float)

    @property
    def highest(self) -> float:
        """Largest share of papers that one unit is on; 1 when everything is on every paper."""
        return float(self.times.max() / self.papers) if self.unit_ids else 1.0

    def __str__(self) -> str:
        if not self.unit_ids:
            return f"{self.papers} 份试卷的试题全部相同，没有轮换"
        (low, high), (least, most) = self.range, self.binomial_range
        return (
            f"{self.papers} 份试卷中，每题使用次数是理想值的 {low:.2f} 至 {high:.2f} 倍"
            f"（纯随机时预期在 {least:.2f} 至 {most:.2f} 倍之间）；最高曝光率 {self.highest:.1%}"
        )


def exposure(papers: DealtPapers) -> Exposure:
    """Count how often each unit was drawn.

    The ideal of a unit is the mean need of its cell over the plans, divided by its members; units
    fixed on every paper and units of cells that no plan uses are left out.
    """
    manifest = papers.manifest
    place = {name: i for i, name in enumerate(papers.unit_ids)}
    counts = np.bincount(papers.units.ravel(), minlength=len(place))
    need = np.array(manifest.plans, dtype=float).mean(axis=0)
    share: dict[str, float] = {}
    for cell, wanted in zip(manifest.cells, need, strict=True):
        free = wanted - len(cell.fixed)
        if free > 0:
            share |= dict.fromkeys(cell.members, free / len(cell.members))
    names = tuple(sorted(share))
    times = counts[np.array([place[name] for name in names], np.int64)]
    ideal = np.array([share[name] for name in names]) * len(papers)
    return Exposure(names, times.astype(np.int64), ideal, len(papers))


@dataclass(frozen=True, slots=True)
class Overlap:
    """Items that two papers have in common (重题).

    Parameters
    ----------
    mean
        Mean over all pairs of papers, or of neighbours, in items.
    highest
        Largest number over the pairs looked at.
    pairs
        How many pairs were looked at for `highest`.
    items
        Items on a paper.
    """

    mean: float
    highest: int
    pairs: int
    items: int

    def __str__(self) -> str:
        return (
            f"任意两份试卷平均有 {self.mean:.1f} 题相同（每份 {self.items} 题），"
            f"在 {self.pairs} 对中最多 {self.highest} 题"
        )


def overlap(papers: Papers, *, most: int = 2000) -> Overlap:
    """Count common items of papers: the mean over all pairs, the highest over the first `most`."""
    matrix, size = papers.matrix, len(papers)
    if size < 2:
        return Overlap(0.0, 0, 0, matrix.shape[1])
    counts = np.bincount(matrix.ravel()).astype(float)
    mean = float((counts * (counts - 1)).sum() / (size * (size - 1)))
    some = overlap_matrix(papers, most=most)
    upper = some[np.triu_indices(len(some), 1)]
    return Overlap(mean, int(upper.max()), int(upper.size), matrix.shape[1])


def overlap_matrix(papers: Papers, *, most: int = 200) -> Ints:
    """Return the common items of the first `most` papers, pair by pair, for a heat map."""
    matrix = papers.matrix[:most]
    size, width = matrix.shape
    held = sparse.csr_array(
        (np.ones(size * width, np.int64), matrix.ravel(), np.arange(size + 1) * width),
        shape=(size, len(papers.item_ids)),
    )
    return np.asarray((held @ held.T).toarray(), dtype=np.int64)


def neighbour_overlap(papers: Papers, neighbours: Iterable[tuple[str, str]]) -> Overlap:
    """Count common items of candidates who sit next to each other.

    Parameters
    ----------
    papers
        The papers.
    neighbours
        Pairs of candidate codes.

    Raises
    ------
    DrawError
        If a code has no paper.
    """
    pairs = list(neighbours)
    sets = {code: set(papers.items_of(code)) for pair in pairs for code in pair}
    shared = [len(sets[a] & sets[b]) for a, b in pairs]
    mean = float(np.mean(shared)) if shared else 0.0
    return Overlap(mean, max(shared, default=0), len(shared), papers.matrix.shape[1])


@dataclass(frozen=True, slots=True)
class KeyPositions:
    """Under which letter the key of single-choice items is shown (答案字母分布).

    Parameters
    ----------
    counts
        Times by letter.
    pinned
        Items left out because an option keeps its place.
    p_value
        Chi-square test of equal use, over items with four movable options; NaN without such.
    """

    counts: Mapping[str, int]
    pinned: int
    p_value: float

    def __str__(self) -> str:
        total = sum(self.counts.values()) or 1
        shares = "，".join(f"{letter} {n / total:.1%}" for letter, n in self.counts.items())
        return f"单选题答案字母：{shares}"


def key_positions(papers: Papers, bank: QuestionBank, *, most: int = 1000) -> KeyPositions:
    """Count the letters of single-choice keys on the first `most` papers."""
    tally: Counter[str] = Counter()
    pinned: set[str] = set()
    for code in papers.codes[:most]:
        paper = papers[code]
        for name in paper.item_ids:
            item = bank[name]
            if item.kind is not ItemKind.SINGLE or len(item.options) != 4:
                continue
            if any(option.pinned for option in item.options):
                pinned.add(name)
                continue
            (key,) = item.key
            tally[paper.letter(name, key)] += 1
    counts = {letter: tally[letter] for letter in "ABCD"}
    p = float(stats.chisquare(list(counts.values())).pvalue) if tally else float("nan")
    return KeyPositions(counts, len(pinned), p)
