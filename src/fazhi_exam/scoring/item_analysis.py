"""How each question worked (试题分析): with n everywhere and a sentence for the trainer."""

import math
from dataclasses import dataclass
from enum import StrEnum
from html import escape

import numpy as np

from ..bank.item import Item, ItemKind
from ..delivery.sitting import Sitting
from ..marking.mark import UNIT, Marks, letters
from ..psychometrics.classical import item_statistics
from ..psychometrics.reliability import alpha

FEW = 30
"""Below this many answers a statistic is shown but not judged."""


class Flag(StrEnum):
    """Why an item should be looked at (提示)."""

    FEW_ANSWERS = "作答人数少，只供参考"
    TOO_EASY = "几乎人人答对，区分不出水平"
    TOO_HARD = "答对率低于三成，请核对是否超纲或表述不清"
    NEGATIVE = "水平高的人反而答错，请先核对答案"
    WEAK = "区分度低，请改写干扰项或题干"
    KEY_SUSPECT = "有错误选项比答案更受高分者青睐，答案可能有误或有歧义"
    DEAD_DISTRACTOR = "有干扰项几乎无人选，请替换"


@dataclass(frozen=True, slots=True)
class OptionUse:
    """How often an option was chosen, and by whom.

    `score_share` is the mean share of points the choosers won on their papers, in [0, 1].
    """

    option: str
    right: bool
    chosen: int
    score_share: float


@dataclass(frozen=True, slots=True)
class ItemReport:
    """One item's figures.

    Parameters
    ----------
    answers
        Candidates to whom it was presented, omissions included.
    facility, facility_se
        Mean share of its points that was won, in [0, 1], and the standard error.
    discrimination
        Correlation with the rest of the paper; NaN when it cannot be worked out.
    omitted
        Candidates who chose no option; 0 for 填空 and subjective items, where marks do not tell a
        blank from a wrong answer.
    """

    item_id: str
    kind: ItemKind
    subject: str
    answers: int
    facility: float
    facility_se: float
    discrimination: float
    omitted: int
    options: tuple[OptionUse, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class ItemAnalysis:
    """Figures of every item of a sitting and of the paper as a whole.

    Parameters
    ----------
    people
        Candidates who sat.
    items
        In the order of item ids.
    reliability, reliability_low, reliability_high
        Cronbach's alpha with its 95 % interval where everybody had the same paper; NaN for papers
        that differ (the marginal reliability of the calibration serves instead).
    """

    sitting_id: str
    people: int
    items: tuple[ItemReport, ...]
    reliability: float
    reliability_low: float
    reliability_high: float

    def flagged(self, flag: Flag | None = None) -> tuple[ItemReport, ...]:
        """Return the items with a flag, or with this flag."""
        return tuple(i for i in self.items if (flag in i.flags if flag else i.flags))

    def __repr__(self) -> str:
        return (
            f"ItemAnalysis({self.sitting_id}: {len(self.items)} 题，{self.people} 人，"
            f"{len(self.flagged())} 题有提示)"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(i.item_id)}</td><td>{i.answers}</td><td>{i.facility:.2f}</td>"
            f"<td>{_figure(i.discrimination)}</td><td>{escape('；'.join(i.flags))}</td></tr>"
            for i in self.items
        )
        head = "<tr><th>题目</th><th>作答人数</th><th>得分率</th><th>区分度</th><th>提示</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"


def _figure(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.2f}"


def item_analysis(marks: Marks, sitting: Sitting) -> ItemAnalysis:
    """Work out the classical figures of every item.

    Omitted answers count as won nothing; items that were not on a paper do not count at all.

    Parameters
    ----------
    marks, sitting
        Marked answers and the sitting they belong to.
    """
    rows = [i for i, total in enumerate(marks.totals) if total is not None]
    row_of = np.repeat(np.arange(len(marks)), np.diff(marks.indptr))
    scores = np.full((len(marks), len(marks.item_ids)), np.nan)
    counted = marks.possible > 0
    scores[row_of[counted], marks.item[counted]] = np.maximum(marks.awarded[counted], 0)
    scores = scores[rows] * float(UNIT)
    if not rows:
        return ItemAnalysis(marks.sitting_id, 0, (), math.nan, math.nan, math.nan)
    points = np.array([float(sitting.papers.worth[i].points) for i in marks.item_ids])
    figures = item_statistics(scores, maximum=points)
    won = np.nansum(scores, axis=1)
    available = np.where(np.isnan(scores), 0.0, points).sum(axis=1)
    share = np.full(len(marks), np.nan)
    share[rows] = won / np.where(available > 0, available, np.nan)
    order = np.argsort(marks.item, kind="stable")
    bounds = np.searchsorted(marks.item[order], np.arange(len(marks.item_ids) + 1))
    reports = []
    for column, item_id in enumerate(marks.item_ids):
        entries = order[bounds[column] : bounds[column + 1]]
        chosen = marks.chosen[entries].tolist()
        uses = _options(sitting.bank[item_id], chosen, share[row_of[entries]])
        facility = float(figures.facility[column])
        discrimination = float(figures.item_rest[column])
        answers = int(figures.count[column])
        reports.append(
            ItemReport(
                item_id,
                sitting.bank[item_id].kind,
                sitting.bank[item_id].subject,
                answers,
                facility,
                float(figures.facility_se[column]),
                discrimination,
                sum(bits == 0 for bits in chosen) if uses else 0,
                uses,
                _flags(answers, facility, discrimination, uses),
            )
        )
    whole = (math.nan, math.nan, math.nan)
    varied = len({total for total in marks.totals if total is not None}) > 1
    if varied and not np.isnan(scores).any() and len(rows) > 2 and len(marks.item_ids) > 1:
        found = alpha(scores)
        whole = (found.value, found.low, found.high)
    return ItemAnalysis(marks.sitting_id, len(rows), tuple(reports), *whole)


def _options(item: Item, chosen: list[int], share: np.ndarray) -> tuple[OptionUse, ...]:
    uses = []
    for option in item.options:
        mask = np.array([option.id in letters(bits) for bits in chosen], bool)
        mean = float(share[mask].mean()) if mask.any() else math.nan
        uses.append(OptionUse(option.id, option.id in item.key, int(mask.sum()), mean))
    return tuple(uses)


def _flags(
    answers: int, facility: float, discrimination: float, uses: tuple[OptionUse, ...]
) -> tuple[Flag, ...]:
    if answers < FEW:
        return (Flag.FEW_ANSWERS,)
    found = []
    if facility >= 0.97:
        found.append(Flag.TOO_EASY)
    elif facility < 0.3:
        found.append(Flag.TOO_HARD)
    # Two standard errors of a correlation near zero, so that luck alone seldom flags an item.
    noise = 2 / math.sqrt(answers)
    if discrimination < -noise:
        found.append(Flag.NEGATIVE)
    elif discrimination + noise < 0.2 and facility < 0.97:
        found.append(Flag.WEAK)
    right = [u.score_share for u in uses if u.right and u.chosen >= 5]
    wrong = [u.score_share for u in uses if not u.right and u.chosen >= max(5, 0.15 * answers)]
    if right and wrong and max(wrong) > min(right) + 0.02:
        found.append(Flag.KEY_SUSPECT)
    unused = any(u.chosen < 0.02 * answers for u in uses if not u.right)
    if unused and len(uses) > 2 and answers >= 100 and facility < 0.97:
        found.append(Flag.DEAD_DISTRACTOR)
    return tuple(found)
