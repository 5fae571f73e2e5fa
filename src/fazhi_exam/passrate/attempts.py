"""First attempt, best of n, and how many attempts it takes (一次合格率与补考)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..errors import NotEnoughData
from ..scoring.decisions import Decision, Decisions, Outcome
from ..statistics.survival import AttemptCurve, attempts_to_pass


@dataclass(frozen=True)
class AttemptSummary:
    """A person's attempts over sittings, by persons and by attendances.

    Parameters
    ----------
    persons, attendances
        People who sat at least once (人), and papers sat (人次).
    passed_first
        Passed at the first attempt.
    passed_within
        Passed by the end of the window after their own first attempt.
    window
        Length of the window in days.
    not_yet
        People without a pass whose window is still open; they are neither passed nor failed.
    curve
        Share that passes within 1, 2, … attempts; people who have not had their next chance yet are
        censored.
    """

    persons: int
    attendances: int
    passed_first: int
    passed_within: int
    window: int
    not_yet: int
    curve: AttemptCurve

    @property
    def first_rate(self) -> float:
        """First-attempt rate (一次合格率): over the persons."""
        return self.passed_first / self.persons

    @property
    def eventual_rate(self) -> float | None:
        """Eventual rate (最终合格率): over the persons whose window has closed or who passed."""
        decided = self.persons - self.not_yet
        return self.passed_within / decided if decided else None

    def __str__(self) -> str:
        text = (
            f"{self.persons} 人、{self.attendances} 人次；一次合格 {self.passed_first} 人"
            f"（{self.first_rate:.1%}）"
        )
        if self.eventual_rate is not None:
            text += f"；{self.window} 天内合格 {self.passed_within} 人（{self.eventual_rate:.1%}）"
        return text + (f"；{self.not_yet} 人期限未满，未计入" if self.not_yet else "")


def attempts(sittings: Sequence[Decisions], *, window: int = 365, until: date) -> AttemptSummary:
    """Follow people by their candidate code through the sittings of one programme.

    Parameters
    ----------
    sittings
        Decisions; candidate codes stand for the same person in all of them.
    window
        Days after the first attempt within which a pass counts as eventual.
    until
        Day up to which is known what happened.

    Raises
    ------
    NotEnoughData
        If nobody sat.
    """
    history: dict[str, list[tuple[date, Decision]]] = {}
    for sitting in sorted(sittings, key=lambda s: (s.on, s.sitting_id)):
        for decision in sitting.decisions:
            if decision.outcome in (Outcome.PASSED, Outcome.FAILED):
                history.setdefault(decision.candidate, []).append((sitting.on, decision))
    if not history:
        raise NotEnoughData("补考分析", 0, 1, "名实考考生")
    number, passed = [], []
    first = within = waiting = 0
    for tries in history.values():
        place = next((k for k, (_, d) in enumerate(tries) if d.outcome is Outcome.PASSED), None)
        number.append(len(tries) if place is None else place + 1)
        passed.append(place is not None)
        first += place == 0
        closes = tries[0][0] + timedelta(days=window)
        if place is not None and tries[place][0] <= closes:
            within += 1
        elif closes > until:
            waiting += 1
    return AttemptSummary(
        len(history),
        sum(len(tries) for tries in history.values()),
        first,
        within,
        window,
        waiting,
        attempts_to_pass(number, passed),
    )
