"""Sittings of people who come back, made up at random; nobody in them is real."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from fazhi_exam.delivery import DecisionBasis
from fazhi_exam.roster import Candidate
from fazhi_exam.scoring import Decision, Decisions, Grade, Outcome

OTHERS = (Outcome.ABSENT, Outcome.VOIDED, Outcome.DEFERRED, Outcome.EXEMPT)


def one_decision(code: str, rng: np.random.Generator, *, shift: int = 0) -> Decision:
    """A decision with a score, or one of the others."""
    if rng.random() < 0.2:
        return Decision(code, OTHERS[int(rng.integers(4))], "理由")
    raw = int(np.clip(rng.normal(65, 15), 0, 100))
    grade = Grade.EXCELLENT if raw >= 90 else Grade.GOOD if raw >= 80 else Grade.PASS
    passed = raw >= 60
    return Decision(
        code, Outcome.PASSED if passed else Outcome.FAILED, "理由", Decimal(raw),
        Decimal(raw + shift) / 2, grade if passed else Grade.FAIL,
    )  # fmt: skip


def sittings(
    seed: int, *, number: int = 4, people: int = 120, moves: float = 0.1
) -> list[Decisions]:
    """Sittings 60 days apart; some people take part in several, and some change their unit."""
    rng = np.random.default_rng(seed)
    home = {f"p{k:04d}": f"单位{int(rng.integers(6))}" for k in range(people)}
    out = []
    for k in range(number):
        on = date(2025, 9, 1) + timedelta(days=60 * k)
        here = sorted(c for c in home if rng.random() < 0.6)
        for code in here:
            if rng.random() < moves:
                home[code] = f"单位{int(rng.integers(6))}"
        posts = {c: "" if rng.random() < 0.1 else str(rng.choice(["甲岗", "乙岗"])) for c in here}
        out.append(
            Decisions(
                f"s{k}", "p", on, DecisionBasis.RAW_TOTAL, Decimal(60), Decimal(100),
                tuple(one_decision(c, rng, shift=2 * k) for c in here),
                tuple(Candidate(c, {"单位": home[c], "岗位": posts[c]}) for c in here),
            )
        )  # fmt: skip
    return out
