"""Every question asked of an engine, as expressions that any engine can run (查询表达式).

Nothing else in the package writes queries, so that SQL written by hand could take this module's
place. Three habits keep the answers the same on DuckDB, PostgreSQL and Spark:

- a condition is counted with ``ifelse(1, 0).sum()``, as not every engine turns a truth value into
  a number;
- nothing is ordered or compared (``<``) by text, because the order of Chinese differs between
  servers; results are sorted in Python;
- points are whole numbers of 1/10,000, so that sums are exact.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import ibis

from ..scoring.decisions import Grade, Outcome

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, Table

COUNTS = (
    "registered", "excused", "due", "sat", "passed", "absent", "voided", "excellent", "good",
)  # fmt: skip
_RANK = (
    Outcome.PASSED, Outcome.FAILED, Outcome.VOIDED, Outcome.ABSENT, Outcome.DEFERRED,
    Outcome.EXEMPT,
)  # fmt: skip
_POINTS, _ENTRIES = 2**31, 2**15
"""More than any raw score and any number of entries; a key stays under 2^63."""


def chosen(
    attempts: "Table",
    *,
    programme: str | None = None,
    sittings: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> "Table":
    """Keep the attempts of a programme, of some sittings, within days; both ends included."""
    found = attempts
    if programme is not None:
        found = found.filter(found.programme == programme)
    if sittings:
        found = found.filter(found.sitting.isin(list(sittings)))
    if since is not None:
        found = found.filter(found.on >= ibis.literal(since))
    if until is not None:
        found = found.filter(found.on <= ibis.literal(until))
    return found


def _one(condition: "BooleanValue") -> "IntegerValue":
    return condition.ifelse(1, 0)


def _is(table: "Table", *outcomes: Outcome) -> "BooleanValue":
    return table.outcome.isin([str(one) for one in outcomes])


def sat(table: "Table") -> "Table":
    """Keep the attempts that count as sat (实考)."""
    return table.filter(_is(table, Outcome.PASSED, Outcome.FAILED))


def counts(attempts: "Table", by: Sequence[str]) -> "Table":
    """Count attempts by columns: one row per combination, with the columns `COUNTS`."""
    t = attempts
    return t.group_by(list(by)).agg(
        registered=t.count(),
        excused=_one(_is(t, Outcome.EXEMPT, Outcome.DEFERRED)).sum(),
        due=_one(~_is(t, Outcome.EXEMPT, Outcome.DEFERRED)).sum(),
        sat=_one(_is(t, Outcome.PASSED, Outcome.FAILED)).sum(),
        passed=_one(_is(t, Outcome.PASSED)).sum(),
        absent=_one(_is(t, Outcome.ABSENT)).sum(),
        voided=_one(_is(t, Outcome.VOIDED)).sum(),
        excellent=_one(t.grade == str(Grade.EXCELLENT)).sum().fill_null(0),
        good=_one(t.grade == str(Grade.GOOD)).sum().fill_null(0),
    )


def with_month(attempts: "Table") -> "Table":
    """Add ``month`` as a whole number such as 202603."""
    return attempts.mutate(month=attempts.on.year() * 100 + attempts.on.month())


def first_attempts(attempts: "Table") -> "Table":
    """Keep first attempts: whoever sat before is not there, also if that was outside the scope."""
    return attempts.filter(attempts.attempt == 1)


def best_attempts(attempts: "Table") -> "Table":
    """Keep one row per person and programme: a pass before a fail before not having sat.

    Among several of a kind the one with most raw points counts, then the earliest; its unit is the
    unit that the result belongs to.
    """
    t = attempts
    rank = ibis.literal(len(_RANK))
    for place, outcome in reversed(list(enumerate(_RANK))):
        rank = (t.outcome == str(outcome)).ifelse(place, rank)
    # One whole number orders a person's rows: smaller is better, and no two are equal. A smallest
    # number and a join cost a third of a window function, and can spill.
    points = t.raw.fill_null(0).cast("int64")
    key = (rank.cast("int64") * _POINTS + (_POINTS - 1 - points)) * _ENTRIES + t.entry
    keyed = t.mutate(key=key)
    best = keyed.group_by(["programme", "person"]).agg(key=keyed.key.min())
    return keyed.semi_join(best, ["programme", "person", "key"]).drop("key")


def histories(attempts: "Table") -> "Table":
    """Count persons by their history: first day, day of the pass, its number, number of attempts.

    Columns ``first``, ``passed`` (empty without a pass), ``number`` (of the pass, or of all
    attempts), ``tries``, ``people``. Attempts are numbered from the first one in the table.
    """
    t = sat(attempts)
    is_pass = t.outcome == str(Outcome.PASSED)
    persons = t.group_by(["programme", "person"]).agg(
        first=t.on.min(),
        passed=t.on.min(where=is_pass),
        start=t.attempt.min(),
        number=t.attempt.min(where=is_pass),
        last=t.attempt.max(),
        tries=t.count(),
    )
    number = persons.number.fill_null(persons.last) - persons.start + 1
    whole = persons.mutate(number=number)
    return whole.group_by(["first", "passed", "number", "tries"]).agg(people=whole.count())


def persons(attempts: "Table", by: Sequence[str]) -> "Table":
    """Count different persons who sat (人) beside attendances (人次)."""
    t = sat(attempts)
    return t.group_by(list(by)).agg(persons=t.person.nunique(), attendances=t.count())


def equated(attempts: "Table", by: str) -> "Table":
    """Count those who sat by group, outcome and equated score, in 1/10,000 points."""
    t = sat(attempts)
    return t.group_by([by, "equated", "outcome"]).agg(people=t.count())


def points(attempts: "Table", by: Sequence[str]) -> "Table":
    """Sum raw points and their squares of those who sat.

    The squares are summed as decimals of 38 digits: sums of floats depend on the order in which
    an engine takes the rows, and those of whole numbers end at 2^63.
    """
    t = sat(attempts)
    value = t.raw.cast("int64")
    squares = (value * value).cast("decimal(38, 0)").sum()
    return t.group_by(list(by)).agg(people=value.count(), total=value.sum(), squares=squares)


def sittings(attempts: "Table") -> "Table":
    """List sittings with programme, day and rows."""
    return attempts.group_by(["programme", "sitting", "on"]).agg(rows=attempts.count())


def items(answers: "Table", by: Sequence[str] = ("item", "revision")) -> "Table":
    """Sum answers by columns: how often presented, omitted, and points won of points possible."""
    t = answers
    return t.group_by(list(by)).agg(
        presented=t.count(),
        omitted=_one(t.chosen == 0).sum(),
        full=_one(t.awarded == t.possible).sum(),
        awarded=t.awarded.cast("int64").sum(),
        possible=t.possible.cast("int64").sum(),
    )


def answers_with_group(answers: "Table", attempts: "Table", group: str) -> "Table":
    """Give every answer a group of the person at exam time."""
    own = attempts.select("sitting", "person", group)
    return answers.inner_join(own, ["sitting", "person"])
