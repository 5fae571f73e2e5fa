"""QTI result reports: what a candidate answered to each item, 2.x and 3.0 alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .qti2 import attribute, every
from .xml_names import from_xml_name

_OWN = ("numAttempts", "duration")
"""Response variables that every item session has; they are no answers."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One result of an item (单题结果).

    A report may hold several of an item, each with its own time: attempts, or steps on the way.
    The one with the greatest `standing` counts.

    Parameters
    ----------
    names
        Identifier of the item as it stands, and the text behind it where it is an escape.
    answers
        One entry for each response variable, in order of number: the values given, or none.
    standing
        Whether it was submitted, and when.
    """

    names: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...]
    standing: tuple[bool, datetime]
    line: int | None

    @property
    def values(self) -> tuple[str, ...]:
        """All values; among several variables, one that was left empty keeps its place."""
        empty = ("",) if len(self.answers) > 1 else ()
        return tuple(value for part in self.answers for value in part or empty)


def candidate_names(result: Any) -> tuple[str, ...]:
    """Return what may be the candidate's code: ``sourcedId``, then those of the sessions.

    ``sourcedId`` is optional and must be an XML name, which an exam number is not; programs
    therefore escape it or have it as the identifier of a session.
    """
    names: list[str] = []
    for context in every(result, "context"):
        names += _spellings(attribute(context, "sourcedId"))
        for session in every(context, "sessionIdentifier"):
            names += _spellings(attribute(session, "identifier"))
    return tuple(dict.fromkeys(filter(None, names)))


def item_results(result: Any) -> Iterator[ItemResult]:
    """Go through the item results of a report, those of items never begun left out."""
    for one in every(result, "itemResult"):
        answers = _answers(one)
        if any(answers) or attribute(one, "sessionStatus") != "initial":
            names = _spellings(attribute(one, "identifier"))
            yield ItemResult(names, answers, _standing(one), one.sourceline)


def _spellings(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((name, from_xml_name(name))))


def _standing(result: Any) -> tuple[bool, datetime]:
    submitted = attribute(result, "sessionStatus") not in ("initial", "pendingSubmission")
    try:
        when = datetime.fromisoformat(attribute(result, "datestamp"))
    except ValueError:
        return submitted, _NEVER
    return submitted, when if when.tzinfo else when.replace(tzinfo=UTC)


def _answers(result: Any) -> tuple[tuple[str, ...], ...]:
    variables = [v for v in every(result, "responseVariable")
                 if attribute(v, "identifier") not in _OWN]  # fmt: skip
    variables.sort(key=_number)
    return tuple(
        tuple(
            _text(value)
            for answered in every(variable, "candidateResponse")
            for value in every(answered, "value")
        )
        for variable in variables
    )


def _number(variable: Any) -> int:
    """Place of a blank: the number its variable ends in; reports have them in any order."""
    found = re.search(r"\d{1,6}$", attribute(variable, "identifier"))
    return int(found[0]) if found else 0


def _text(node: Any) -> str:
    return "".join(node.itertext()).strip()
