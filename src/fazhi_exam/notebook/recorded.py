"""A sitting of the store with everything that follows from its marks (存档中的考次)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

from ..bank.question_bank import QuestionBank
from ..delivery.sitting import Sitting
from ..errors import NotEnoughData
from ..marking.mark import Marks
from ..marking.responses import ResponseMatrix
from ..passrate import PassRateTable, pass_rates
from ..psychometrics.models import Rasch
from ..report.summary import SittingSummary, summarise
from ..scoring import (
    Calibration,
    Decisions,
    ItemAnalysis,
    ScoreReport,
    calibrate,
    item_analysis,
    score,
)
from ..store import Store
from ..typing import Progress


@dataclass(frozen=True)
class Result:
    """One sitting with everything that follows from its marks (一次考试的结果)."""

    sitting: Sitting
    marks: Marks
    decisions: Decisions
    scores: ScoreReport

    @cached_property
    def analysis(self) -> ItemAnalysis:
        """Item analysis."""
        return item_analysis(self.marks, self.sitting)

    @cached_property
    def rates(self) -> PassRateTable:
        """Pass rates by unit over those who sat."""
        return pass_rates(self.decisions, by="单位")

    @cached_property
    def summary(self) -> SittingSummary:
        """Every figure of the documents."""
        return summarise(self.sitting, self.scores, self.decisions, self.rates, self.analysis)


def recorded_result(
    store: Store,
    sitting_id: str,
    bank: QuestionBank,
    *,
    version: int | None = None,
    calibration: Calibration | None = None,
) -> Result:
    """Read a sitting and its result back.

    Parameters
    ----------
    bank
        The bank it was drawn from.
    version
        Of the result; the newest by default.
    calibration
        Item parameters to score with; without them the scores are those that were recorded.

    Raises
    ------
    StoreError
        As `Store.sitting`.
    """
    sitting = store.sitting(sitting_id, bank)
    marks = store.marks(sitting_id, version=version)
    scores = (
        store.scores(sitting_id, version=version)
        if calibration is None
        else score(marks, sitting, calibration)
    )
    return Result(sitting, marks, store.decisions(sitting_id, version=version), scores)


_LINK = 5
"""Common questions below which two sittings are not put on one scale by them."""


def history_calibration(
    store: Store, programme_id: str, *, progress: Progress | None = None
) -> Calibration:
    """Calibrate all sittings of a programme in the store together, as `calibrate_together`.

    Raises
    ------
    NotEnoughData
        If there are no sittings, or too few candidates.
    """
    parts = [store.marks(summary.id).responses for summary in store.sittings(programme_id)]
    if not parts:
        raise NotEnoughData("题目参数", 0, 1, "次考试", "请先存档评过分的考次")
    return calibrate_together(parts, label=f"存档中 {len(parts)} 次考试", progress=progress)


def calibrate_together(
    parts: Sequence[ResponseMatrix], *, label: str = "", progress: Progress | None = None
) -> Calibration:
    """Calibrate sittings, oldest first, on one scale by the Rasch model.

    Every sitting is a group with a mean and a spread of its own, so that a question asked of able
    people does not pass for an easy one; the oldest sitting has mean 0. Sittings that no common
    questions tie to it are taken to be as able as it is, for nothing says otherwise.

    Raises
    ------
    NotEnoughData
        If there are too few candidates.
    """
    groups = [
        name
        for name, part in zip(sitting_groups(parts), parts, strict=True)
        for _ in part.candidates
    ]
    whole = reduce(ResponseMatrix.stack, parts)
    return calibrate(whole, Rasch, groups=groups, label=label, progress=progress)


def sitting_groups(parts: Sequence[ResponseMatrix]) -> list[str]:
    """Name the group of each sitting, oldest first; the reference comes first in order of name.

    Sittings tied by common questions are groups of their own. The oldest of every such set is of
    the reference group.
    """
    sets: list[tuple[set[str], list[int]]] = []
    for place, part in enumerate(parts):
        items, members = set(part.item_ids), [place]
        tied = [one for one in sets if len(one[0] & items) >= _LINK]
        for one in tied:
            items, members = items | one[0], members + one[1]
        sets = [one for one in sets if one not in tied] + [(items, members)]
    oldest = {min(members) for _, members in sets}
    return [f"{0 if place in oldest else place:04d}" for place in range(len(parts))]
