"""A sitting put together again from the store (存档中的考次)."""

from dataclasses import dataclass
from functools import cached_property

from ..assembly.deal import deal
from ..assembly.draw import RevealedDraw
from ..bank.question_bank import QuestionBank
from ..delivery.programme import programme
from ..delivery.sitting import Sitting
from ..errors import StoreError
from ..marking.mark import Marks
from ..passrate import PassRateTable, pass_rates
from ..psychometrics.models import Rasch
from ..report.summary import SittingSummary, summarise
from ..roster.candidate import Roster
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
        Item parameters to score with.

    Raises
    ------
    StoreError
        If the sitting is not there, its papers were not drawn by this library, or its rules are no
        longer those of the preset, or an item on its papers has another wording in `bank`.
    """
    sitting = recorded_sitting(store, sitting_id, bank)
    marks = store.marks(sitting_id, version=version)
    decisions = store.decisions(sitting_id, version=version)
    rules = sitting.rules
    if (rules.cut.value, rules.blueprint.total_points) != (decisions.cut, decisions.full_marks):
        raise StoreError(sitting_id, "合格线或满分与现在的项目规则不同，不能按现行规则解释")
    return Result(sitting, marks, decisions, score(marks, sitting, calibration))


def recorded_sitting(store: Store, sitting_id: str, bank: QuestionBank) -> Sitting:
    """Derive the papers again from the recorded draw and join them with rules and people."""
    known = {summary.id: summary for summary in store.sittings()}
    if sitting_id not in known:
        raise StoreError(sitting_id, "存档中没有这个考次")
    transcript = store.transcript(sitting_id)
    if transcript is None:
        raise StoreError(sitting_id, "存档中没有抽题记录（不是一人一卷），不能还原试卷")
    revealed = RevealedDraw.from_transcript(transcript)
    decisions = store.decisions(sitting_id)
    roster = Roster(decisions.candidates, dict(store.persons(sitting_id)))
    papers = deal(revealed)
    for item_id, item in papers.worth.items():
        # A bank may grow after an exam; what was asked has to be there in the same wording.
        if item_id not in bank or bank[item_id].revision != item.revision:
            raise StoreError(sitting_id, f"题目 {item_id} 在考试之后改过或删去了，请用当时的题库")
    found = known[sitting_id]
    return Sitting(
        sitting_id, programme(found.programme_id), bank, roster, papers, found.on,
        title=found.title,
    )  # fmt: skip


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
