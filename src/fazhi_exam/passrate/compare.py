"""Why a pass rate changed between two sittings (两期比较)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape

import numpy as np

from ..errors import NotEnoughData
from ..scoring.decisions import Decision, Decisions, Outcome
from ..statistics.decomposition import Kitagawa, ThreeParts, kitagawa, three_parts
from ..statistics.two_proportions import newcombe
from .counts import NOBODY, Counts, count_by


@dataclass(frozen=True)
class StratumChange:
    """One group at the two times, and its part of the change.

    `learning` and `mix` are parts of the overall change, in proportions: people of the group pass
    more or less often, and the group's share of all candidates grew or shrank.
    """

    group: str
    before: Counts
    after: Counts
    learning: float
    mix: float


@dataclass(frozen=True)
class Comparison:
    """Two sittings compared (两期比较); all rates are passes over those who sat.

    Parameters
    ----------
    by
        What the groups are.
    before, after
        Counts of everybody.
    change, low, high
        After minus before, with its 95 % interval (Newcombe).
    split
        What happened within groups and what the mix of groups did; the two sum to the change.
    parts
        Line and form, mix, and ability, when both sittings have equated scores; else None.
    groups
        Every group of either sitting.
    """

    by: str
    before_id: str
    after_id: str
    before: Counts
    after: Counts
    change: float
    low: float
    high: float
    split: Kitagawa
    parts: ThreeParts | None
    groups: tuple[StratumChange, ...]

    @property
    def is_noise(self) -> bool:
        """Whether the interval of the change holds zero."""
        return self.low <= 0 <= self.high

    def __str__(self) -> str:
        first = self.before.passed / self.before.sat
        last = self.after.passed / self.after.sat
        text = (
            f"合格率由 {first:.1%}（{self.before.passed}/{self.before.sat}）变为 {last:.1%}"
            f"（{self.after.passed}/{self.after.sat}），变化 {100 * self.change:+.1f} 个百分点"
            f"（95% 区间 {100 * self.low:+.1f} 至 {100 * self.high:+.1f}）"
        )
        if self.is_noise:
            return f"{text}；变化在偶然波动范围内，不宜解释原因"
        if self.parts is not None:
            p = self.parts
            return (
                f"{text}；其中试卷与合格线 {100 * p.cut:+.1f}，人员构成 {100 * p.mix:+.1f}，"
                f"水平 {100 * p.ability:+.1f} 个百分点"
            )
        return (
            f"{text}；其中各{self.by}内部变化 {100 * self.split.rate:+.1f}，"
            f"人员构成变化 {100 * self.split.mix:+.1f} 个百分点"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def compare(before: Decisions, after: Decisions, *, by: str = "单位") -> Comparison:
    """Compare the pass rates of two sittings and split the change.

    Parameters
    ----------
    before, after
        Decisions of the two sittings, of programmes that mean the same.
    by
        Group of the candidates whose mix may have changed.

    Raises
    ------
    NotEnoughData
        If nobody sat at one of the times.
    """
    first, last = count_by(before, by), count_by(after, by)
    names = sorted({*first, *last})
    found = compare_counts(first, last, by=by, names=(before.sitting_id, after.sitting_id))
    return replace(found, parts=_parts(before, after, by, names))


def compare_counts(
    before: Mapping[str, Counts],
    after: Mapping[str, Counts],
    *,
    by: str,
    names: tuple[str, str],
    parts: ThreeParts | None = None,
) -> Comparison:
    """Compare two periods of which only counts by group are at hand.

    Parameters
    ----------
    before, after
        Counts by group.
    by
        What the groups are.
    names
        What the periods are called.
    parts
        Line and form, mix, and ability, when they were worked out elsewhere.

    Raises
    ------
    NotEnoughData
        If nobody sat at one of the times.
    """
    whole = sum(before.values(), NOBODY), sum(after.values(), NOBODY)
    for counts in whole:
        if counts.sat == 0:
            raise NotEnoughData("两期比较", 0, 1, "名实考考生")
    groups = sorted({*before, *after})
    pairs = [(before.get(g, NOBODY), after.get(g, NOBODY)) for g in groups]
    k0, n0 = _vectors(a for a, _ in pairs)
    k1, n1 = _vectors(b for _, b in pairs)
    split = kitagawa(k0, n0, k1, n1)
    low, high = newcombe(whole[1].passed, whole[1].sat, whole[0].passed, whole[0].sat)
    rate, mix = split.rate_by_stratum.tolist(), split.mix_by_stratum.tolist()
    return Comparison(
        by,
        *names,
        *whole,
        split.change,
        float(low),
        float(high),
        split,
        parts,
        tuple(
            StratumChange(group, *pair, rate[i], mix[i])
            for i, (group, pair) in enumerate(zip(groups, pairs, strict=True))
        ),
    )


def _vectors(counts: Iterable[Counts]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(c.passed, c.sat) for c in counts]
    table = np.array(pairs, float).reshape(len(pairs), 2)
    return table[:, 0], table[:, 1]


def _parts(before: Decisions, after: Decisions, by: str, names: list[str]) -> ThreeParts | None:
    """Three parts through equated scores; None when somebody who sat has none.

    On the equated scale the two sittings' lines may differ even if the printed line is the same,
    because the papers did. A paper's line on that scale is the equated score at which people of
    that sitting began to pass.
    """
    sat0, sat1 = _sat(before), _sat(after)
    if any(d.equated is None for d in (*sat0, *sat1)):
        return None
    line0, line1 = _line(sat0, before.cut), _line(sat1, after.cut)

    def tally(
        people: list[Decision], where: Decisions, passes: Callable[[Decision], bool]
    ) -> list[int]:
        out = dict.fromkeys(names, 0)
        for decision in people:
            out[_group(where, decision, by)] += passes(decision)
        return list(out.values())

    def at(line: Decimal) -> Callable[[Decision], bool]:
        return lambda d: d.equated is not None and d.equated >= line

    def decided(decision: Decision) -> bool:
        return decision.outcome is Outcome.PASSED

    return three_parts(
        tally(sat0, before, lambda _: True),
        tally(sat1, after, lambda _: True),
        passed=tally(sat0, before, decided),
        passed_at_later_cut=tally(sat0, before, at(line1)),
        later_passed_at_first_cut=tally(sat1, after, at(line0)),
        later_passed=tally(sat1, after, decided),
    )


def _sat(decisions: Decisions) -> list[Decision]:
    return [d for d in decisions.decisions if d.outcome in (Outcome.PASSED, Outcome.FAILED)]


def _group(decisions: Decisions, decision: Decision, by: str) -> str:
    return decisions.groups[decision.candidate].groups.get(by, "") or "未填写"


def _line(people: list[Decision], cut: Decimal) -> Decimal:
    """Equated score that passes as many people as the decisions did (their line on that scale)."""
    passed = sum(d.outcome is Outcome.PASSED for d in people)
    equated = sorted((d.equated for d in people if d.equated is not None), reverse=True)
    return cut if passed == 0 else equated[passed - 1]
