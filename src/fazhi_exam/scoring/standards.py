"""Setting a pass line by judgement or by groups (合格线制定), with a record of how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

import numpy as np

from ..delivery.programme import CutScore
from ..errors import NotEnoughData
from ..points import tidy
from ..psychometrics import standard_setting as numeric
from ..rules import round_half_up
from .calibration import Calibration


@dataclass(frozen=True)
class StandardStudy:
    """A study of where to draw the line (合格线研究).

    Parameters
    ----------
    cut
        The proposed pass line with its method and source; a person decides whether to use it.
    error
        Standard error of the proposal in points; NaN when it cannot be worked out.
    facts
        Figures of the study under Chinese names, for the record.
    by_rater
        Each rater's own line in points, by rater code; empty for methods without raters.
    """

    cut: CutScore
    error: float
    facts: Mapping[str, float]
    by_rater: Mapping[str, float]

    def __repr__(self) -> str:
        error = "" if np.isnan(self.error) else f" ± {self.error:.2f}"
        return f"StandardStudy({self.cut.method}: {self.cut.value}{error}，{self.cut.source})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{value:.3f}</td></tr>"
            for name, value in (*self.facts.items(), *self.by_rater.items())
        )
        return f"<p>{escape(repr(self))}</p><table>{rows}</table>"


def _study(
    method: str,
    value: float,
    error: float,
    held_on: date,
    facts: Mapping[str, float],
    by_rater: Mapping[str, float] | None = None,
) -> StandardStudy:
    # Half-mark steps: a line such as 58.37 suggests a precision that no panel has.
    points = tidy(round_half_up(Decimal(repr(float(value))), Decimal("0.5")))
    source = f"{held_on:%Y-%m-%d} 合格线研究"
    raters = dict(by_rater or {})
    figures = {"取整前的合格线": float(value), **facts}
    return StandardStudy(
        CutScore(value=points, method=method, source=source), float(error), figures, raters
    )


def angoff_study(
    ratings: Mapping[str, Mapping[str, float]],
    points: Mapping[str, Decimal],
    *,
    held_on: date,
    facility: Mapping[str, float] | None = None,
) -> StandardStudy:
    """Set a line by modified Angoff: raters judge a borderline candidate's chance on each item.

    Parameters
    ----------
    ratings
        Rater code → item id → share in [0, 1]; an item a rater left out is simply absent.
    points
        Points by item id; its items are the form.
    held_on
        Day of the panel, for the record.
    facility
        Observed facility by item id, to see how realistic the raters are.

    Raises
    ------
    NotEnoughData
        With fewer than two raters, or an item nobody rated.
    """
    raters, items = sorted(ratings), sorted(points)
    table = np.array([[ratings[r].get(i, np.nan) for i in items] for r in raters])
    seen = None if facility is None else [facility.get(i, np.nan) for i in items]
    found = numeric.angoff(
        table.reshape(len(raters), len(items)),
        points=[float(points[i]) for i in items],
        facility=seen,
    )
    facts = {
        "评委人数": float(len(raters)),
        "题目数": float(len(items)),
        "评委间可靠性": found.dependability,
        "平均一致性": float(np.nanmean(found.rater_consistency)),
    }
    by_rater = dict(zip(raters, found.cuts.by_rater.tolist(), strict=True))
    return _study("Angoff", found.cuts.cut, found.cuts.error, held_on, facts, by_rater)


def ebel_study(
    cells: Mapping[str, str],
    expected: Mapping[str, Mapping[str, float]],
    points: Mapping[str, Decimal],
    *,
    held_on: date,
) -> StandardStudy:
    """Set a line by Ebel: what a borderline candidate wins in each cell of a table of items.

    Parameters
    ----------
    cells
        Item id → cell agreed by the panel, such as 重要·较难.
    expected
        Rater code → cell → share of the cell's points in [0, 1].
    points
        Points by item id; its items are the form.
    held_on
        Day of the panel, for the record.

    Raises
    ------
    NotEnoughData
        With fewer than two raters, an item without a cell, or a cell a rater did not judge.
    """
    raters, items = sorted(expected), sorted(points)
    placed = [i for i in items if i in cells]
    if len(placed) < len(items):
        raise NotEnoughData("Ebel 法", len(placed), len(items), "道已归类的题")
    names = sorted({cells[i] for i in items})
    table = [[expected[r][name] for name in names if name in expected[r]] for r in raters]
    judged = sum(len(row) for row in table)
    if judged < len(raters) * len(names):
        raise NotEnoughData("Ebel 法", judged, len(raters) * len(names), "个评委对类别的判断")
    place = {name: k for k, name in enumerate(names)}
    found = numeric.ebel(
        [place[cells[i]] for i in items], table, points=[float(points[i]) for i in items]
    )
    facts = {
        "评委人数": float(len(raters)),
        "题目数": float(len(items)),
        "类别数": float(len(names)),
    }
    by_rater = dict(zip(raters, found.by_rater.tolist(), strict=True))
    return _study("Ebel", found.cut, found.error, held_on, facts, by_rater)


def bookmark_study(
    calibration: Calibration,
    pages: Mapping[str, int],
    points: Mapping[str, Decimal],
    *,
    held_on: date,
    probability: float = 2 / 3,
) -> StandardStudy:
    """Set a line by bookmark: raters mark the first item a borderline candidate does not master.

    Parameters
    ----------
    calibration
        Item models on one scale.
    pages
        Rater code → place, from 1, of the first item in order of mastery location that a
        borderline candidate does not master.
    points
        Points by item id; its items are the booklet, all with two categories.
    probability
        Chance of success that counts as mastery, in (0, 1).

    Raises
    ------
    NotEnoughData
        If items of the booklet are not calibrated, or there are fewer than two raters.
    """
    lacking = [i for i in points if i not in calibration.place]
    if lacking:
        have = len(points) - len(lacking)
        raise NotEnoughData("书签法", have, len(points), "道已标定的题")
    items = sorted(points)
    models = [calibration[i] for i in items]
    places, _, _ = numeric.mastery_locations(models, probability=probability)
    raters = sorted(pages)
    found = numeric.bookmark(places, [pages[r] for r in raters])

    def expected(theta: float) -> float:
        grid = np.array([theta])
        return sum(float(points[i]) * float(calibration.share_curve(i, grid)[0]) for i in items)

    low, high = expected(found.cut - found.error), expected(found.cut + found.error)
    by_rater = {r: expected(t) for r, t in zip(raters, found.by_rater.tolist(), strict=True)}
    facts = {"评委人数": float(len(raters)), "能力合格线": found.cut, "掌握概率": probability}
    return _study("Bookmark", expected(found.cut), (high - low) / 2, held_on, facts, by_rater)


def contrasting_groups_study(
    scores: Sequence[float], qualified: Sequence[bool], *, held_on: date
) -> StandardStudy:
    """Contrasting groups: the line at which a candidate is as likely qualified as not.

    Parameters
    ----------
    scores
        Raw totals.
    qualified
        Whether supervisors, not knowing the score, judged the person qualified.

    Raises
    ------
    NotEnoughData
        If a group is too small.
    """
    found = numeric.contrasting_groups(scores, qualified)
    facts = {
        "胜任人数": float(np.sum(qualified)),
        "不胜任人数": float(np.sum(~np.asarray(qualified, bool))),
        "误判最少处": found.fewest_errors,
        "误判人数": float(found.errors),
        "密度交点": found.crossing,
    }
    return _study("对照组", found.even_odds, found.even_odds_error, held_on, facts)


def borderline_group_study(scores: Sequence[float], *, held_on: date) -> StandardStudy:
    """Borderline group: the median score of those judged to be on the line.

    Raises
    ------
    NotEnoughData
        If the group is too small.
    """
    found = numeric.borderline_group(scores)
    facts = {"人数": float(found.people), "平均分": found.mean}
    facts |= {"区间下限": found.low, "区间上限": found.high}
    return _study("边缘组", found.median, (found.high - found.low) / 4, held_on, facts)


def hofstee_study(
    scores: Sequence[float],
    limits: Mapping[str, tuple[float, float, float, float]],
    *,
    held_on: date,
) -> StandardStudy:
    """Hofstee's compromise between an acceptable line and an acceptable failure rate.

    Parameters
    ----------
    scores
        Raw totals of the candidates.
    limits
        Rater code → lowest and highest acceptable line (points), least and most acceptable share
        of failures, in [0, 1].
    """
    lowest, highest, least, most = np.array([limits[r] for r in sorted(limits)]).T
    found = numeric.hofstee(scores, lowest, highest, least, most)
    facts = {"不合格率": found.fail_rate, "曲线相交": float(found.crosses)}
    return _study("Hofstee", found.cut, float("nan"), held_on, facts)
