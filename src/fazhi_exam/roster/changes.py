"""Late changes to a roster (名单变更), each with its reason and a record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ..errors import ImportFailed, ImportProblem
from .candidate import Candidate, Roster
from .identity import Person


class ChangeKind(StrEnum):
    """What may change after a roster was fixed (变更类型)."""

    ADDED = "增加"
    WITHDRAWN = "退出"
    MOVED = "调整单位"
    EXEMPTED = "免试"


@dataclass(frozen=True, slots=True)
class RosterChange:
    """One change with the day and the reason; `candidate` holds the new data.

    Parameters
    ----------
    kind, on, reason
        What, when, why; the reason must not be empty.
    candidate
        The candidate as it is to stand; for a withdrawal only the code counts.
    person
        Name and number of somebody added.
    """

    kind: ChangeKind
    on: date
    reason: str
    candidate: Candidate
    person: Person | None = None


def changed_roster(roster: Roster, changes: Sequence[RosterChange]) -> Roster:
    """Apply changes in order and return a new roster.

    Raises
    ------
    ImportFailed
        With every change that does not fit: no reason, unknown or known code.
    """
    candidates = {candidate.code: candidate for candidate in roster}
    persons = dict(roster.persons)
    problems = []
    for number, change in enumerate(changes, 1):
        code = change.candidate.code
        if not change.reason.strip():
            problems.append(ImportProblem("没有写明变更理由", line=number, value=code))
        elif change.kind is ChangeKind.ADDED and code in candidates:
            problems.append(ImportProblem("考号已在名册中，不能再增加", line=number, value=code))
        elif change.kind is not ChangeKind.ADDED and code not in candidates:
            problems.append(ImportProblem("名册中没有这个考号", line=number, value=code))
        elif change.kind is ChangeKind.WITHDRAWN:
            del candidates[code]
            persons.pop(code, None)
        elif change.kind is ChangeKind.EXEMPTED:
            candidates[code] = replace(candidates[code], exempt=change.reason)
        else:
            candidates[code] = change.candidate
            if change.person is not None:
                persons[code] = change.person
    if problems:
        raise ImportFailed(problems)
    return Roster(tuple(candidates.values()), persons)
