"""One holding of an exam (考次)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from ..assembly.paper import Paper, Papers
from ..bank.question_bank import QuestionBank
from ..errors import DrawError
from ..roster.candidate import Roster
from .programme import Programme, ProgrammePaper
from .seating import Seat


@dataclass(frozen=True)
class Sitting:
    """Programme, papers, candidates and the day (考次).

    Parameters
    ----------
    id
        Short name used in records and file names, such as ``2026-12``.
    programme, paper_id
        The rules, and which of their papers is sat (None when there is only one).
    bank
        The items the papers were drawn from.
    roster, papers
        Candidates and the paper of each who is not exempt.
    on
        Day of the exam.
    seats
        Seat by candidate code; may be empty.
    title
        Heading printed on papers and reports.

    Raises
    ------
    DrawError
        If a candidate has no paper, or the bank no longer holds what the papers were drawn from.
    """

    id: str
    programme: Programme
    bank: QuestionBank = field(repr=False)
    roster: Roster
    papers: Papers = field(repr=False)
    on: date
    paper_id: str | None = None
    seats: Mapping[str, Seat] = field(default_factory=dict, repr=False)
    title: str = ""

    def __post_init__(self) -> None:
        for candidate in self.roster:
            if not candidate.exempt and candidate.code not in self.papers:
                raise DrawError("考次", f"考生 {candidate.code} 没有试卷")
        for item_id, item in self.papers.worth.items():
            # A bank may grow after a draw; what is asked must be there in the same wording.
            if item_id not in self.bank or self.bank[item_id].revision != item.revision:
                raise DrawError("题库", f"题目 {item_id} 在抽题之后改过或删去了，请用抽题时的题库")
        if not self.title:
            object.__setattr__(self, "title", f"{self.programme.title}（{self.rules.title}）")

    @property
    def rules(self) -> ProgrammePaper:
        """Rules of the paper being sat."""
        return self.programme.paper(self.paper_id)

    def paper(self, candidate: str) -> Paper:
        """Return the paper of a candidate."""
        return self.papers[candidate]

    @cached_property
    def rooms(self) -> Mapping[str, tuple[str, ...]]:
        """Candidate codes by room in seat order; one room of everybody when nobody is seated."""
        if not self.seats:
            return {"1": tuple(c.code for c in self.roster if not c.exempt)}
        rooms: dict[str, list[tuple[int, str]]] = {}
        for code, seat in self.seats.items():
            rooms.setdefault(seat.room, []).append((seat.number, code))
        return {room: tuple(code for _, code in sorted(seats)) for room, seats in rooms.items()}

    def __repr__(self) -> str:
        return f"Sitting({self.id}, {self.title}, {self.on:%Y-%m-%d}, {len(self.roster)} 名考生)"
