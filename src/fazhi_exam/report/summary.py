"""All figures of one sitting that documents print (本次考试的数字), worked out once."""

import hashlib
import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from ..delivery.sitting import Sitting
from ..passrate.counts import Counts
from ..passrate.indicators import Indicator, indicators
from ..passrate.rates import Denominator, PassRateRow, PassRateTable
from ..scoring.decisions import Decisions
from ..scoring.item_analysis import ItemAnalysis
from ..scoring.scores import ScoreReport
from ..scoring.weakness import Facet, FacetResult, facet_results
from ..statistics.funnel import Funnel, funnel
from ..statistics.luck import Luck, what_luck_gives
from ..statistics.shrinkage import Shrunken, shrink
from .certainty import Certainty, certainty

SMALL = 10
"""Units with fewer people in the denominator are listed, never judged."""


@dataclass(frozen=True, slots=True)
class Band:
    """People whose score is at least `low` and under `high`; the top band has no `high`."""

    low: Decimal
    high: Decimal | None
    people: int


@dataclass(frozen=True)
class UnitComparison:
    """Units side by side (单位比较): who differs by more than luck; nobody is ranked.

    Parameters
    ----------
    by, denominator
        What the groups are and what rates are divided by.
    rows
        Every group with somebody in the denominator, in order of name.
    empty
        Groups with nobody in the denominator.
    funnel, shrunken, luck
        Comparison with the pooled rate, belief about true rates, and what equal units would
        show; None with fewer than two groups, and `luck` also when all or none passed.
    """

    by: str
    denominator: Denominator
    rows: tuple[PassRateRow, ...]
    empty: tuple[str, ...]
    total: PassRateRow
    funnel: Funnel | None
    shrunken: Shrunken | None
    luck: Luck | None

    @property
    def names(self) -> tuple[str, ...]:
        """Group names in the order of `rows`."""
        return tuple(row.group for row in self.rows)

    def _flagged(self, side: int) -> tuple[PassRateRow, ...]:
        if self.funnel is None:
            return ()
        return tuple(
            row
            for row, flag in zip(self.rows, self.funnel.flag.tolist(), strict=True)
            if flag == side and row.n >= SMALL
        )

    @property
    def above(self) -> tuple[PassRateRow, ...]:
        """Groups that are above the whole by more than luck; small ones are never among them."""
        return self._flagged(1)

    @property
    def below(self) -> tuple[PassRateRow, ...]:
        """Groups that are below the whole by more than luck; small ones are never among them."""
        return self._flagged(-1)

    @property
    def small(self) -> tuple[PassRateRow, ...]:
        """Groups with fewer than `SMALL` people in the denominator."""
        return tuple(row for row in self.rows if row.n < SMALL)

    @property
    def full(self) -> tuple[PassRateRow, ...]:
        """Groups where everybody passed: a tie."""
        return tuple(row for row in self.rows if row.counts.passed == row.n)

    @property
    def uniform(self) -> bool:
        """Whether all passed or none, so that there is nothing to compare."""
        return self.total.counts.passed in (0, self.total.n)


def compare_units(table: PassRateTable) -> UnitComparison:
    """Compare the groups of a table with the whole, allowing for luck."""
    rows = tuple(row for row in table.rows if row.n)
    empty = tuple(row.group for row in table.rows if not row.n)
    passed = np.array([row.counts.passed for row in rows])
    n = np.array([row.n for row in rows])
    found, belief, luck = None, None, None
    if len(rows) > 1:
        belief = shrink(passed, n)
        if 0 < passed.sum() < n.sum():
            found = funnel(passed, n)
            rate = float(passed.sum() / n.sum())
            luck = what_luck_gives(rate, n, threshold=max(0.0, rate - 0.1))
    return UnitComparison(
        table.by, table.denominator, rows, empty, table.total, found, belief, luck
    )


@dataclass(frozen=True)
class SittingSummary:
    """Figures of one sitting, as documents print them (考试情况).

    Parameters
    ----------
    title, on
        Name and day of the exam.
    counts
        The five counts and their neighbours.
    attendance, passing, passing_due, excellence
        参考率, 合格率 over those who sat and over those due, 优秀率.
    mean, deviation, lowest, highest
        Raw totals of those who sat, in points; NaN when nobody sat.
    bands
        From the highest to the lowest.
    units
        Comparison by unit.
    subjects, articles
        Share of points won, in order of name.
    share
        Share of points won over the whole paper; NaN when nobody sat.
    certainty
        How sure decisions are; None without abilities.
    version
        Names the data: bank and results, by their hashes.
    """

    title: str
    on: date
    full_marks: Decimal
    cut: Decimal
    counts: Counts
    attendance: Indicator
    passing: Indicator
    passing_due: Indicator
    excellence: Indicator
    excellent_mark: Decimal | None
    mean: float
    deviation: float
    lowest: float
    highest: float
    bands: tuple[Band, ...]
    units: UnitComparison
    subjects: tuple[FacetResult, ...]
    articles: tuple[FacetResult, ...]
    share: float
    certainty: Certainty | None
    version: str


def summarise(
    sitting: Sitting,
    scores: ScoreReport,
    decisions: Decisions,
    rates: PassRateTable,
    analysis: ItemAnalysis,
) -> SittingSummary:
    """Work out every figure that the documents of a sitting print."""
    counts, sat = rates.total.counts, scores.sat
    some = sat.size > 0
    return SittingSummary(
        sitting.title,
        sitting.on,
        scores.full_marks,
        decisions.cut,
        counts,
        *indicators(counts, sitting.on),
        sitting.rules.excellent_mark,
        float(sat.mean()) if some else math.nan,
        float(sat.std(ddof=1)) if sat.size > 1 else math.nan,
        float(sat.min()) if some else math.nan,
        float(sat.max()) if some else math.nan,
        score_bands(scores, decisions.cut, sitting.rules.excellent_mark),
        compare_units(rates),
        facet_results(analysis, sitting, Facet.SUBJECT),
        facet_results(analysis, sitting, Facet.ARTICLE),
        float(sat.mean()) / float(scores.full_marks) if some else math.nan,
        certainty(scores, decisions, sitting),
        f"题库 {sitting.bank.content_hash[:12]}，成绩 {result_hash(decisions)}",
    )


def score_bands(
    scores: ScoreReport, cut: Decimal, excellent: Decimal | None = None
) -> tuple[Band, ...]:
    """Count raw totals by bands of a tenth of the full marks, with edges at cut and excellent."""
    full = scores.full_marks
    edges = {full * tenth / 10 for tenth in (9, 8, 7, 6)} | {cut} | {excellent or cut}
    ordered = sorted({edge.normalize() for edge in edges if 0 < edge < full}, reverse=True)
    totals = [total for total in scores.totals if total is not None]
    bands = []
    high: Decimal | None = None
    for low in (*ordered, Decimal(0)):
        people = sum(low <= total and (high is None or total < high) for total in totals)
        bands.append(Band(low, high, people))
        high = low
    return tuple(bands)


def result_hash(decisions: Decisions) -> str:
    """Return 12 hex digits that change when any score or decision changes."""
    lines = [f"{d.candidate}\t{d.outcome}\t{d.raw}\t{d.equated}" for d in decisions.decisions]
    return hashlib.sha256("\n".join([decisions.sitting_id, *lines]).encode()).hexdigest()[:12]
