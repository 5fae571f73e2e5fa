"""Every question that is asked of an engine, over given tables."""

from datetime import date

import ibis

from fazhi_exam.facts import expressions
from fazhi_exam.facts.layout import answer_schema, attempt_schema


def tables() -> tuple[ibis.Table, ibis.Table]:
    """Attempts and answers that lie nowhere."""
    return (
        ibis.table(ibis.Schema.from_pyarrow(attempt_schema(("单位",))), name="attempts"),
        ibis.table(ibis.Schema.from_pyarrow(answer_schema()), name="answers"),
    )


def every_expression(a: ibis.Table, b: ibis.Table) -> dict[str, ibis.Table]:
    """Every function of the module, over attempts and answers with the group 单位."""
    day, last = date(2025, 9, 1), date(2026, 1, 31)
    some = expressions.chosen(a, programme="p", sittings=("s0", "s2"), since=day, until=last)
    return {
        "chosen": some.select("sitting", "on", "person", "raw"),
        "sat": expressions.sat(some).select("sitting", "person", "outcome"),
        "counts": expressions.counts(a, ["单位"]),
        "counts of some": expressions.counts(some, ["单位", "on"]),
        "months": expressions.counts(expressions.with_month(a), ["month", "单位"]),
        "first": expressions.counts(expressions.first_attempts(a), ["单位"]),
        "best": expressions.counts(expressions.best_attempts(a), ["单位"]),
        "best rows": expressions.best_attempts(some).select("sitting", "person", "outcome"),
        "histories": expressions.histories(a),
        "persons": expressions.persons(a, ["单位"]),
        "equated": expressions.equated(a, "单位"),
        "points": expressions.points(a, ["单位"]),
        "sittings": expressions.sittings(a),
        "items": expressions.items(b),
        "subjects": expressions.items(
            expressions.answers_with_group(b, a, "单位"), ["单位", "subject"]
        ),
    }
