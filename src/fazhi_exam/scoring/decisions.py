"""Pass or fail, with the reason (结论)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from html import escape

from scipy.special import ndtr

from ..delivery.answers import Attendance
from ..delivery.programme import AttemptRule, DecisionBasis, Programme, ProgrammePaper
from ..delivery.sitting import Sitting
from ..errors import ProgrammeError
from ..roster.candidate import Candidate
from .scores import ScoreReport


class Outcome(StrEnum):
    """What was decided (结论); people who did not sit are neither passed nor failed."""

    PASSED = "合格"
    FAILED = "不合格"
    ABSENT = "缺考"
    VOIDED = "违纪"
    DEFERRED = "缓考"
    EXEMPT = "免试"


class Grade(StrEnum):
    """Band of a score (等次)."""

    EXCELLENT = "优秀"
    GOOD = "良好"
    PASS = "合格"  # noqa: S105
    FAIL = "不合格"


_NOT_SAT = {
    Attendance.ABSENT: Outcome.ABSENT,
    Attendance.VOIDED: Outcome.VOIDED,
    Attendance.DEFERRED: Outcome.DEFERRED,
    Attendance.EXEMPT: Outcome.EXEMPT,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one candidate and what it rests on.

    Parameters
    ----------
    candidate
        Candidate code.
    outcome, reason
        The decision and its reason in Chinese.
    raw, equated
        Raw total and equated score; None when the candidate did not sit or, for `equated`, when no
        calibration was at hand. The one that does not decide is shown beside and changes nothing.
    grade
        Band of the deciding score, None when the candidate did not sit.
    sureness
        Chance in [0, 1] that the candidate's ability lies on the side of the cut that was decided,
        from ability and its standard error; None without a calibration.
    attempt
        1 for the first attempt.
    """

    candidate: str
    outcome: Outcome
    reason: str
    raw: Decimal | None = None
    equated: Decimal | None = None
    grade: Grade | None = None
    sureness: float | None = None
    attempt: int = 1


@dataclass(frozen=True)
class Decisions:
    """All decisions of a sitting (结论表), in the order of candidate codes.

    Parameters
    ----------
    sitting_id, programme_id, on
        What was decided, under which rules, and the day of the exam.
    basis
        Which score decided.
    cut, full_marks
        Pass line and full marks on the raw scale.
    decisions
        One for everybody on the roster, exempt candidates included.
    candidates
        The roster's candidates with their groups at exam time.
    """

    sitting_id: str
    programme_id: str
    on: date
    basis: DecisionBasis
    cut: Decimal
    full_marks: Decimal
    decisions: tuple[Decision, ...]
    candidates: tuple[Candidate, ...]

    def __len__(self) -> int:
        return len(self.decisions)

    @cached_property
    def _by_code(self) -> dict[str, Decision]:
        return {decision.candidate: decision for decision in self.decisions}

    def __getitem__(self, candidate: str) -> Decision:
        return self._by_code[candidate]

    @cached_property
    def groups(self) -> Mapping[str, Candidate]:
        """Candidate by code."""
        return {candidate.code: candidate for candidate in self.candidates}

    def count(self, *outcomes: Outcome) -> int:
        """Count the candidates with one of these outcomes."""
        return sum(decision.outcome in outcomes for decision in self.decisions)

    def __repr__(self) -> str:
        sat = self.count(Outcome.PASSED, Outcome.FAILED)
        return (
            f"Decisions({self.sitting_id}: 实考 {sat} 人，合格 {self.count(Outcome.PASSED)} 人，"
            f"缺考 {self.count(Outcome.ABSENT)} 人，违纪 {self.count(Outcome.VOIDED)} 人)"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(d.candidate)}</td><td>{d.outcome}</td>"
            f"<td>{'' if d.raw is None else d.raw}</td>"
            f"<td>{'' if d.equated is None else d.equated}</td><td>{escape(d.reason)}</td></tr>"
            for d in self.decisions[:50]
        )
        more = f"<p>…… 共 {len(self)} 人</p>" if len(self) > 50 else ""
        head = "<tr><th>考号</th><th>结论</th><th>卷面分</th><th>等值分</th><th>理由</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>{more}"


def decide(scores: ScoreReport, sitting: Sitting, *, attempt: int = 1) -> Decisions:
    """Decide on every candidate of a sitting by the programme's rules.

    Raises
    ------
    ProgrammeError
        If the programme decides by the equated score and the report has none.
    """
    programme, rules = sitting.programme, sitting.rules
    if programme.decision_basis is DecisionBasis.EQUATED and not scores.is_equated:
        reason = "规定按等值分判定，但没有标定的题目参数，无法计算等值分"
        raise ProgrammeError(programme.id, "判定依据", reason)
    decisions = []
    for candidate in sitting.roster:
        if candidate.exempt:
            reason = f"免试：{candidate.exempt}"
            decisions.append(Decision(candidate.code, Outcome.EXEMPT, reason, attempt=attempt))
        else:
            place = scores.index(candidate.code)
            decisions.append(_decide_one(scores, place, rules, programme, attempt))
    return Decisions(
        sitting.id,
        programme.id,
        sitting.on,
        programme.decision_basis,
        rules.cut.value,
        scores.full_marks,
        tuple(decisions),
        tuple(sitting.roster),
    )


def _decide_one(
    scores: ScoreReport, place: int, rules: ProgrammePaper, programme: Programme, attempt: int
) -> Decision:
    code, attendance = scores.candidates[place], scores.attendance[place]
    raw = scores.totals[place]
    if raw is None:
        outcome = _NOT_SAT[attendance]
        reasons = {Outcome.VOIDED: "违纪，本次成绩无效", Outcome.ABSENT: "缺考，没有成绩"}
        return Decision(code, outcome, reasons.get(outcome, str(outcome)), attempt=attempt)
    equated = scores.equated[place]
    by_raw = programme.decision_basis is DecisionBasis.RAW_TOTAL
    deciding = raw if by_raw else equated
    if deciding is None:
        raise ProgrammeError(programme.id, "判定依据", f"考生 {code} 没有等值分")
    passed = deciding >= rules.cut.value
    name = "卷面分" if by_raw else "等值分"
    relation = "不低于" if passed else "低于"
    return Decision(
        code,
        Outcome.PASSED if passed else Outcome.FAILED,
        f"{name} {deciding:f} {relation}合格线 {rules.cut.value:f}",
        raw,
        equated,
        _grade(deciding, rules),
        _sureness(scores, place, passed=passed),
        attempt,
    )


def _grade(value: Decimal, rules: ProgrammePaper) -> Grade:
    if value < rules.cut.value:
        return Grade.FAIL
    if rules.excellent_mark is not None and value >= rules.excellent_mark:
        return Grade.EXCELLENT
    if rules.good_mark is not None and value >= rules.good_mark:
        return Grade.GOOD
    return Grade.PASS


def _sureness(scores: ScoreReport, place: int, *, passed: bool) -> float | None:
    ability, error = float(scores.ability[place]), float(scores.standard_error[place])
    if scores.ability_cut is None or math.isnan(ability) or error <= 0:
        return None
    above = float(ndtr((ability - scores.ability_cut) / error))
    return above if passed else 1 - above


def over_attempts(attempts: Sequence[Decisions], rule: AttemptRule = AttemptRule.BEST) -> Decisions:
    """Join several attempts into one decision per candidate.

    Parameters
    ----------
    attempts
        In the order they were held.
    rule
        Best score, last score, or the first pass.

    Raises
    ------
    ValueError
        If there is no attempt, or the programmes differ.
    """
    if not attempts or len({a.programme_id for a in attempts}) != 1:
        raise ValueError("need at least one attempt, all of one programme")
    candidates = {c.code: c for part in attempts for c in part.candidates}
    chosen = []
    for code in sorted(candidates):
        tries = [part[code] for part in attempts if code in part.groups]
        sat = [t for t in tries if t.raw is not None]
        chosen.append(_pick(sat, rule, attempts[0].basis) if sat else tries[-1])
    last = attempts[-1]
    return Decisions(
        "+".join(part.sitting_id for part in attempts),
        last.programme_id,
        last.on,
        last.basis,
        last.cut,
        last.full_marks,
        tuple(chosen),
        tuple(candidates[code] for code in sorted(candidates)),
    )


def _pick(sat: Sequence[Decision], rule: AttemptRule, basis: DecisionBasis) -> Decision:
    if rule is AttemptRule.LAST:
        return sat[-1]
    passes = [t for t in sat if t.outcome is Outcome.PASSED]
    if rule is AttemptRule.FIRST_PASS and passes:
        return passes[0]

    def deciding(decision: Decision) -> Decimal:
        value = decision.raw if basis is DecisionBasis.RAW_TOTAL else decision.equated
        return Decimal(-1) if value is None else value

    return max(sat, key=deciding)


def over_papers(parts: Mapping[str, Decisions], programme: Programme) -> Mapping[str, Decision]:
    """Join the papers of a programme: every paper with ``must_pass`` has to be passed.

    Parameters
    ----------
    parts
        Decisions by paper id.
    programme
        Says which papers must be passed.

    Returns
    -------
    dict
        One decision by candidate code, whose reason names the papers.

    Raises
    ------
    ProgrammeError
        If a paper that must be passed was not decided.
    """
    needed = [paper for paper in programme.papers if paper.must_pass]
    for paper in needed:
        if paper.id not in parts:
            raise ProgrammeError(programme.id, "科目", f"还没有“{paper.title}”的结论")
    codes = sorted({code for part in parts.values() for code in part.groups})
    joined = {}
    for code in codes:
        by_paper = {
            paper.title: parts[paper.id][code].outcome if code in parts[paper.id].groups
            else Outcome.ABSENT
            for paper in needed
        }  # fmt: skip
        outcomes = set(by_paper.values())
        worst = next(
            (o for o in (Outcome.VOIDED, Outcome.FAILED, Outcome.ABSENT, Outcome.DEFERRED)
             if o in outcomes),
            Outcome.EXEMPT if outcomes == {Outcome.EXEMPT} else Outcome.PASSED,
        )  # fmt: skip
        reason = "；".join(f"{title}：{outcome}" for title, outcome in by_paper.items())
        joined[code] = Decision(code, worst, reason)
    return joined
