"""Where points were lost (薄弱环节): share of points won by subject, topic or article."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape

import numpy as np
from scipy import sparse, stats

from ..bank.item import Item
from ..bank.subjects import subject_name
from ..delivery.sitting import Sitting
from ..marking.mark import UNIT, Marks
from ..typing import Floats, Ints
from .item_analysis import ItemAnalysis


class Facet(Enum):
    """What items are grouped by; an item that cites two articles counts for both."""

    SUBJECT = "主题"
    TOPIC = "专题"
    ARTICLE = "法条"

    def of(self, item: Item) -> tuple[str, ...]:
        """Return the values of an item, as printed."""
        if self is Facet.SUBJECT:
            return (subject_name(item.subject),)
        if self is Facet.TOPIC:
            return (f"{subject_name(item.subject)}·{item.topic}",)
        return tuple(sorted({str(c.whole_article) for c in item.citations}))


@dataclass(frozen=True, slots=True)
class FacetResult:
    """How everybody did on the items of one subject, topic or article.

    Parameters
    ----------
    name
        The subject, topic or article as printed.
    items, answers
        Items that were presented, and answers to them with omissions.
    share
        Points won over points possible, in [0, 1].
    """

    name: str
    items: int
    answers: int
    share: float


def facet_results(
    analysis: ItemAnalysis, sitting: Sitting, facet: Facet = Facet.SUBJECT
) -> tuple[FacetResult, ...]:
    """Add item figures up by subject, topic or article, in order of name.

    Items that count for nobody are left out.
    """
    sums: dict[str, list[float]] = {}
    for report in analysis.items:
        if report.answers == 0 or np.isnan(report.facility):
            continue
        points = float(sitting.papers.worth[report.item_id].points) * report.answers
        for name in facet.of(sitting.bank[report.item_id]):
            one = sums.setdefault(name, [0, 0, 0.0, 0.0])
            one[0] += 1
            one[1] += report.answers
            one[2] += points * report.facility
            one[3] += points
    return tuple(
        FacetResult(name, int(items), int(answers), won / possible)
        for name, (items, answers, won, possible) in sorted(sums.items())
        if possible > 0
    )


@dataclass(frozen=True)
class WeaknessTable:
    """Share of points won by group and subject (薄弱环节表).

    Parameters
    ----------
    by, facet
        What the groups (rows) and the columns are.
    groups, names
        Group of each row and subject (topic, article) of each column, in order of name.
    people
        Shape ``(groups,)``: people who sat.
    answers
        Shape ``(groups, names)``: answers given or omitted.
    share
        Shape ``(groups, names)``: points won over points possible; NaN without answers.
    whole_answers, whole_share
        Shape ``(names,)``: the same for everybody.
    difference
        Shape ``(groups, names)``: share minus the share of all other groups; NaN where either
        is missing.
    p_value
        Shape ``(groups, names)``: two-sided, people as the sampling unit; NaN with fewer than two
        people on either side.
    """

    by: str
    facet: Facet
    groups: tuple[str, ...]
    names: tuple[str, ...]
    people: Ints
    answers: Ints
    share: Floats
    whole_answers: Ints
    whole_share: Floats
    difference: Floats
    p_value: Floats

    def row(self, group: str) -> int:
        """Return the row of a group; raises ``KeyError`` when there is none."""
        try:
            return self.groups.index(group)
        except ValueError:
            raise KeyError(group) from None

    def records(self) -> list[dict[str, str | int | float | None]]:
        """Return one record per group and column, under Chinese headings."""
        return [
            {
                self.by: group,
                self.facet.value: name,
                "实考": int(self.people[g]),
                "作答人次": int(self.answers[g, k]),
                "得分率": _plain(self.share[g, k]),
                "全体作答人次": int(self.whole_answers[k]),
                "全体得分率": _plain(self.whole_share[k]),
            }
            for g, group in enumerate(self.groups)
            for k, name in enumerate(self.names)
        ]

    def __repr__(self) -> str:
        return (
            f"WeaknessTable(按{self.by}×{self.facet.value}：{len(self.groups)}×{len(self.names)}，"
            f"实考 {int(self.people.sum())} 人)"
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.names)
        rows = "".join(
            f"<tr><td>{escape(group)}（{self.people[g]} 人）</td>"
            + "".join(
                "<td>—</td>" if np.isnan(s) else f"<td>{s:.0%}（{n}）</td>"
                for s, n in zip(self.share[g], self.answers[g], strict=True)
            )
            + "</tr>"
            for g, group in enumerate(self.groups)
        )
        note = "<p>括号内为作答人次</p>"
        return f"<p>{escape(repr(self))}</p>{note}<table><tr><th></th>{head}</tr>{rows}</table>"


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def weakness(
    marks: Marks, sitting: Sitting, by: str = "单位", *, facet: Facet = Facet.SUBJECT
) -> WeaknessTable:
    """Work out the share of points won by group and subject (topic, article).

    A group is compared with everybody outside it by the difference of two ratio estimates whose
    errors come from the spread between people (Cochran 1977, Sampling Techniques, ch. 6.3), on
    Welch's degrees of freedom.

    Parameters
    ----------
    marks, sitting
        Marked answers and the sitting they belong to.
    by
        A group of the candidates at exam time, such as 单位 or 岗位.
    facet
        What the columns are.
    """
    names, won, possible, answers = _by_person(marks, sitting, facet)
    rows = [i for i, total in enumerate(marks.totals) if total is not None]
    label = [sitting.roster[marks.candidates[i]].groups.get(by, "") or "未填写" for i in rows]
    groups = tuple(sorted(set(label)))
    member = np.array([[one == group for one in label] for group in groups], float)
    member = member.reshape(len(groups), len(rows))
    share, error, n = _ratio(member, won, possible)
    other_share, other_error, other_n = _ratio(1 - member, won, possible)
    whole, _, _ = _ratio(np.ones((1, len(rows))), won, possible)
    difference = share - other_share
    return WeaknessTable(
        by,
        facet,
        groups,
        names,
        member.sum(axis=1).astype(np.int64),
        (member @ answers).astype(np.int64),
        share,
        answers.sum(axis=0).astype(np.int64),
        whole[0],
        difference,
        _welch(difference, error, n, other_error, other_n),
    )


def _by_person(
    marks: Marks, sitting: Sitting, facet: Facet
) -> tuple[tuple[str, ...], Floats, Floats, Floats]:
    """Names of columns, and points won, points possible and answers of each person who sat."""
    values = [facet.of(sitting.bank[item_id]) for item_id in marks.item_ids]
    names = tuple(sorted(_flat(values)))
    place = {name: k for k, name in enumerate(names)}
    pairs = [(column, place[name]) for column, some in enumerate(values) for name in some]
    at = np.array(pairs, np.int64).reshape(len(pairs), 2)
    belongs = sparse.csr_array(
        (np.ones(len(pairs)), (at[:, 0], at[:, 1])), shape=(len(values), len(names))
    )
    row_of = np.repeat(np.arange(len(marks)), np.diff(marks.indptr))
    counted = marks.possible > 0
    where = (row_of[counted], marks.item[counted])
    rows = [i for i, total in enumerate(marks.totals) if total is not None]
    scale = float(UNIT)

    def added(entries: Floats) -> Floats:
        by_item = sparse.csr_array((entries, where), shape=(len(marks), len(values)))
        return np.asarray((by_item @ belongs).toarray()[rows], float)

    won = added(np.maximum(marks.awarded[counted], 0).astype(float) * scale)
    possible = added(marks.possible[counted].astype(float) * scale)
    return names, won, possible, added(np.ones(int(counted.sum())))


def _flat(values: Iterable[Sequence[str]]) -> set[str]:
    return {name for some in values for name in some}


def _ratio(member: Floats, won: Floats, possible: Floats) -> tuple[Floats, Floats, Floats]:
    """Ratio, its variance and the people with points possible; shape (groups, names) each."""
    total = member @ possible
    n = member @ (possible > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(total > 0, (member @ won) / total, np.nan)
        # Sum of squared residuals (won - ratio * possible) without a three-way array.
        squares = (
            member @ won**2
            - 2 * ratio * (member @ (won * possible))
            + ratio**2 * (member @ possible**2)
        )
        spread = np.maximum(squares, 0) * n / (n - 1) / total**2
    return ratio, np.where(n > 1, spread, np.nan), n


def _welch(difference: Floats, v1: Floats, n1: Floats, v2: Floats, n2: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = v1 + v2
        freedom = variance**2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        t = np.abs(difference) / np.sqrt(variance)
        p = 2 * stats.t.sf(t, np.where(np.isfinite(freedom), freedom, 1.0))
    known = (variance > 0) & np.isfinite(difference)
    same = (variance == 0) & (difference == 0)
    return np.where(known, p, np.where(same, 1.0, np.nan))
