"""Points given by people for short answers and essays (人工评分), and how two of them agree."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from ..errors import AnswerError
from ..rules import round_half_up


@dataclass(frozen=True, slots=True)
class HumanMark:
    """One rater's points for one answer; raters are codes, not names."""

    candidate: str
    item_id: str
    rater: str
    points: Decimal


@dataclass(frozen=True)
class Agreed:
    """Points after comparing raters, and what is still in dispute.

    Parameters
    ----------
    points
        Agreed points by (candidate, item id).
    disputed
        Pairs whose first two marks differ by more than the tolerance and that lack a third one.
    """

    points: Mapping[tuple[str, str], Decimal]
    disputed: tuple[tuple[str, str], ...]


def agree(
    marks: Iterable[HumanMark], *, tolerance: Decimal, step: Decimal = Decimal("0.5")
) -> Agreed:
    """Combine the marks of each answer.

    One mark stands alone. Two marks within the tolerance give their mean; otherwise a third rater
    decides, and the mean of the two closest marks stands (of two equal distances the higher pair).

    Parameters
    ----------
    tolerance
        Largest difference between two raters that needs no third one, in points.
    step
        Means are rounded half up to a multiple of this.

    Raises
    ------
    AnswerError
        If one rater marked an answer twice.
    """
    given: dict[tuple[str, str], list[HumanMark]] = {}
    for human in marks:
        given.setdefault((human.candidate, human.item_id), []).append(human)
    points: dict[tuple[str, str], Decimal] = {}
    disputed = []
    for (candidate, item_id), group in sorted(given.items()):
        rater, times = Counter(human.rater for human in group).most_common(1)[0]
        if times > 1:
            raise AnswerError(candidate, item_id, f"评卷人 {rater} 评了 {times} 次")
        values = sorted(human.points for human in group)
        gaps = [(b - a, -b) for a, b in pairwise(values)]
        if gaps and len(values) == 2 and gaps[0][0] > tolerance:
            disputed.append((candidate, item_id))
            continue
        if not gaps:
            points[candidate, item_id] = values[0]
            continue
        closest = min(gaps)
        upper = -closest[1]
        mean = (upper + upper - closest[0]) / 2
        points[candidate, item_id] = round_half_up(mean, step)
    return Agreed(MappingProxyType(points), tuple(disputed))
