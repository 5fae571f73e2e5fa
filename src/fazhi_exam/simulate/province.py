"""A province's attempts as facts, for tests of scale (模拟全省数据); nobody in it is real."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..facts.layout import attempt_schema
from ..facts.write import FactsWriter, WrittenFacts
from ..marking.mark import UNIT
from ..scoring.decisions import Grade, Outcome
from ..typing import Floats, Ints, Rng, generator

if TYPE_CHECKING:
    import pyarrow

GROUPS = ("单位", "岗位")
_POSTS = ("综合行政执法员", "案件审核员", "执法队长", "内勤")
_PORTION = 1_000_000
_OUTCOMES = (Outcome.PASSED, Outcome.FAILED, Outcome.ABSENT, Outcome.VOIDED, Outcome.DEFERRED)
_POINTS = int(1 / UNIT)


def write_province(
    folder: str | Path,
    *,
    attempts: int = 2_000_000,
    units: int = 176,
    months: int = 24,
    rng: Rng,
    start: date = date(2025, 1, 1),
    portion: int = _PORTION,
) -> WrittenFacts:
    """Write facts of one programme with a sitting each month; memory is bounded by `portion`.

    People who fail mostly come back the month after, up to four times in all; units have true
    differences, sizes are uneven, and the level rises in the second half of the time.

    Parameters
    ----------
    folder
        As `facts.FactsWriter`.
    attempts
        Rows, at least one per month and unit.
    units, months
        How many units and monthly sittings.
    rng
        Seed or generator; the same seed gives the same facts.
    start
        First day of the first month.
    portion
        Rows held in memory at a time.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    if units < 1 or months < 1 or attempts < units * months or portion < 1:
        raise ValueError("need a unit, a month, a positive portion and an attempt of each")
    random = generator(rng)
    size = np.exp(random.normal(0, 0.8, units))
    level = random.normal(0, 0.3, units)
    rows = np.full(months, attempts // months)
    rows[: attempts % months] += 1
    waiting: Ints = np.empty((0, 3), np.int64)  # person, unit, entries made
    people = 0
    with FactsWriter(folder, groups=GROUPS) as writer:
        for month, number in enumerate(rows.tolist()):
            when = date(start.year + (start.month - 1 + month) // 12,
                        (start.month - 1 + month) % 12 + 1, 15)  # fmt: skip
            rise = 0.2 if month >= months // 2 else 0.0
            back, waiting = waiting[:number], waiting[number:]
            failed = []
            for k, first in enumerate(range(0, number, portion)):
                n = min(portion, number - first)
                again = back[first : first + n]
                fresh = n - len(again)
                home = random.choice(units, fresh, p=size / size.sum())
                who = np.column_stack([
                    np.concatenate([again[:, 0], people + np.arange(fresh)]),
                    np.concatenate([again[:, 1], home]),
                    np.concatenate([again[:, 2] + 1, np.ones(fresh, np.int64)]),
                ])  # fmt: skip
                people += fresh
                outcome, points = _results(who, level + rise, random)
                writer.attempts(
                    when.year, f"{when:%Y%m}-{k:04d}", _table(when, who, outcome, points)
                )
                returns = (outcome == 1) & (who[:, 2] < 4) & (random.random(n) < 0.8)
                failed.append(who[returns])
            waiting = np.concatenate([waiting, *failed])
    if writer.written is None:
        raise RuntimeError("the facts were not written")
    return writer.written


def _results(who: Ints, level: Floats, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Outcome (place in `_OUTCOMES`) and points out of 100; people differ from one another."""
    n = len(who)
    # The same person has the same ability each time: it is a fixed function of the number.
    ability = np.sin(who[:, 0] * 12.9898) * 1.1 + level[who[:, 1]] + 0.25 * (who[:, 2] - 1)
    points = np.clip(np.round(71 + 9 * ability + random.normal(0, 6, n)), 0, 100).astype(np.int64)
    outcome = np.where(points >= 60, 0, 1)
    chance = random.random(n)
    outcome[chance < 0.05] = 4
    outcome[chance < 0.04] = 3
    outcome[chance < 0.038] = 2
    return outcome.astype(np.int64), points


def _words(places: Ints, words: tuple[str, ...] | list[str]) -> "pyarrow.Array":
    import pyarrow as pa

    table = pa.array(list(words), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), table).cast(
        pa.string()
    )


def _table(when: date, who: Ints, outcome: Ints, points: Ints) -> "pyarrow.Table":
    import pyarrow as pa
    from pyarrow import compute

    n = len(who)
    sat = outcome <= 1
    grade = np.select([~sat, points >= 90, points >= 80, points >= 60], [-1, 0, 1, 2], 3)
    grades = _words(np.maximum(grade, 0), [str(g) for g in Grade])
    raw = pa.array((points * _POINTS).astype(np.int32), mask=~sat)
    names = [f"第{k + 1:03d}单位" for k in range(int(who[:, 1].max()) + 1)]
    number = compute.utf8_lpad(pa.array(who[:, 0]).cast(pa.string()), 9, "0")
    zeros = np.zeros(n, np.int64)
    return pa.table(
        {
            "programme": _words(zeros, ["模拟全省"]),
            "sitting": _words(zeros, [f"{when:%Y-%m}"]),
            "on": pa.array(np.full(n, np.datetime64(when)), pa.date32()),
            "person": number,
            "entry": pa.array(who[:, 2].astype(np.int16)),
            "attempt": pa.array(who[:, 2].astype(np.int16), mask=~sat),
            "outcome": _words(outcome, [str(one) for one in _OUTCOMES]),
            "grade": compute.if_else(pa.array(sat), grades, pa.scalar(None, pa.string())),
            "raw": raw,
            "equated": raw,
            "单位": _words(who[:, 1], names),
            "岗位": _words(who[:, 0] % len(_POSTS), _POSTS),
        },
        schema=attempt_schema(GROUPS),
    )
