"""Pass rates over sittings (趋势): limits, change points, and whether there is a trend at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..errors import NotEnoughData
from ..scoring.decisions import Decisions
from ..statistics.control_charts import ControlChart, Segments, change_points, laney_chart, p_chart
from ..statistics.trend import Trend, cochran_armitage
from .counts import Counts, count

LANEY_FROM = 20
"""Points from which the extra spread between sittings can be estimated (Laney 2002)."""


@dataclass(frozen=True)
class RateTrend:
    """A rate over sittings, oldest first.

    Parameters
    ----------
    periods, counts
        Label and counts of each sitting with somebody in it.
    chart
        Limits within which a stable rate moves by luck: exact binomial, or Laney's with the spread
        between sittings from `LANEY_FROM` sittings on.
    segments
        Stretches with a constant rate; one stretch means no change was found.
    trend
        Cochran-Armitage test over the order of sittings.
    """

    periods: tuple[str, ...]
    counts: tuple[Counts, ...]
    chart: ControlChart
    segments: Segments
    trend: Trend

    def __str__(self) -> str:
        outside = [p for p, out in zip(self.periods, self.chart.signal, strict=True) if out]
        changes = [self.periods[k] for k in self.segments.changes.tolist()]
        people = sum(c.sat for c in self.counts)
        text = f"{len(self.periods)} 期共 {people} 人次实考，平均合格率 {self.chart.centre:.1%}"
        text += f"；超出控制限：{'、'.join(outside)}" if outside else "；各期都在控制限内"
        if changes:
            text += f"；变化点：{'、'.join(changes)}"
        if self.trend.p_value < 0.05 and not changes:
            text += f"；总体趋势每期 {100 * self.trend.slope:+.1f} 个百分点"
        return text

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def rate_trend(sittings: Sequence[Decisions], *, labels: Sequence[str] = ()) -> RateTrend:
    """Follow the pass rate (passes over those who sat) through sittings.

    Parameters
    ----------
    sittings
        In any order; sorted by day. Those in which nobody sat drop out.
    labels
        Names of the periods in the same order; the sitting ids by default.

    Raises
    ------
    NotEnoughData
        With fewer than two sittings that somebody sat.
    """
    names = list(labels) or [s.sitting_id for s in sittings]
    order = sorted(range(len(sittings)), key=lambda i: (sittings[i].on, names[i]))
    rows = [(names[i], count(sittings[i].decisions)) for i in order]
    return trend_of([(name, counts) for name, counts in rows if counts.sat])


def trend_of(rows: Sequence[tuple[str, Counts]]) -> RateTrend:
    """Follow a rate through counts that are already in order of time."""
    if len(rows) < 2:
        raise NotEnoughData("趋势", len(rows), 2, "期有人实考的考试")
    passed = np.array([counts.passed for _, counts in rows], float)
    sat = np.array([counts.sat for _, counts in rows], float)
    varied = 0 < passed.sum() < sat.sum()
    chart = laney_chart if len(rows) >= LANEY_FROM and varied else p_chart
    return RateTrend(
        tuple(name for name, _ in rows),
        tuple(counts for _, counts in rows),
        chart(passed, sat),
        change_points(passed, sat, max_changes=min(5, max(1, len(rows) // 2 - 1)))
        if len(rows) >= 4
        else Segments(np.array([0]), np.array([passed.sum() / sat.sum()]), np.zeros(1)),
        cochran_armitage(passed, sat),
    )
