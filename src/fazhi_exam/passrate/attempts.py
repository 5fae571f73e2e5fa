"""First attempt, best of n, and how many attempts it takes (一次合格率与补考)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ..errors import NotEnoughData
from ..scoring.decisions import Decision, Decisions, Outcome
from ..statistics.survival import AttemptCurve, attempts_to_pass


class Which(StrEnum):
    """Which attempts of a person count (统计口径)."""

    ALL = "各次考试（人次）"
    FIRST = "首次参加（每人一次）"
    BEST = "最好一次（每人一次）"


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


@dataclass(frozen=True, slots=True)
class History:
    """Attempts of a person, or of `people` persons alike.

    Parameters
    ----------
    first
        Day of the first attempt that counts (实考).
    passed
        Day of the first pass, or None.
    number
        Which attempt that was, from 1; without a pass, how many there were.
    tries
        How many attempts there were in all, later ones included.
    people
        How many persons have this history.
    """

    first: date
    passed: date | None
    number: int
    tries: int
    people: int = 1


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
    histories = []
    for tries in history.values():
        place = next((k for k, (_, d) in enumerate(tries) if d.outcome is Outcome.PASSED), None)
        histories.append(
            History(
                tries[0][0],
                None if place is None else tries[place][0],
                len(tries) if place is None else place + 1,
                len(tries),
            )
        )
    return attempts_of(histories, window=window, until=until)


def attempts_of(histories: Sequence[History], *, window: int = 365, until: date) -> AttemptSummary:
    """Sum histories up; as `attempts` for people whose histories are at hand.

    Raises
    ------
    NotEnoughData
        If nobody sat.
    """
    persons = sum(h.people for h in histories)
    if not persons:
        raise NotEnoughData("补考分析", 0, 1, "名实考考生")
    first = within = waiting = attendances = 0
    for one in histories:
        attendances += one.tries * one.people
        closes = one.first + timedelta(days=window)
        if one.passed is not None and one.number == 1:
            first += one.people
        if one.passed is not None and one.passed <= closes:
            within += one.people
        elif closes > until:
            waiting += one.people
    return AttemptSummary(
        persons,
        attendances,
        first,
        within,
        window,
        waiting,
        attempts_to_pass(
            [h.number for h in histories],
            [h.passed is not None for h in histories],
            people=[h.people for h in histories],
        ),
    )
