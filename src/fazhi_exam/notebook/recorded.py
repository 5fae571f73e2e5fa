"""A sitting of the store with everything that follows from its marks (存档中的考次)."""

from dataclasses import dataclass
from functools import cached_property

from ..bank.question_bank import QuestionBank
from ..delivery.sitting import Sitting
from ..marking.mark import Marks
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


def history_calibration(
    store: Store, programme_id: str, *, progress: Progress | None = None
) -> Calibration:
    """Calibrate all sittings of a programme in the store together by the Rasch model.

    Raises
    ------
    NotEnoughData
        If there are too few candidates.
    """
    ids = [summary.id for summary in store.sittings(programme_id)]
    label = f"存档中 {len(ids)} 次考试"
    return calibrate(store.responses(ids), Rasch, label=label, progress=progress)
