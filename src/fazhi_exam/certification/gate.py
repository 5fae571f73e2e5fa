"""Who may be on duty (上岗条件): checked, trained, qualified."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .register import CertificateState, Register


class Requirement(StrEnum):
    """The three conditions of 审查合格、统一培训、取得资格."""

    CLEARED = "审查合格"
    TRAINED = "统一培训"
    QUALIFIED = "取得执法资格证件"


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a person may be on duty on a day, and what is missing."""

    person: str
    on: date
    missing: tuple[Requirement, ...]
    detail: str

    @property
    def allowed(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def __str__(self) -> str:
        verdict = "可以上岗" if self.allowed else f"不得上岗，缺少：{'、'.join(self.missing)}"
        return f"{self.person}：{verdict}（{self.detail}）"


def duty_gate(
    register: Register, person: str, *, on: date, cleared: bool, trained: bool,
    area: str | None = None,
) -> GateResult:  # fmt: skip
    """Check one person on one day.

    Parameters
    ----------
    cleared, trained
        Whether the review was passed and the common training completed.
    area
        Enforcement field the certificate has to cover; any field by default.
    """
    own = [c for c in register.certificates if c.holder == person]
    states = {c.number: register.state(c.number, on) for c in own}
    valid = [
        c for c in own
        if states[c.number] is CertificateState.VALID and (area is None or area in c.fields)
    ]  # fmt: skip
    missing = []
    if not cleared:
        missing.append(Requirement.CLEARED)
    if not trained:
        missing.append(Requirement.TRAINED)
    if not valid:
        missing.append(Requirement.QUALIFIED)
    if valid:
        last = max(register.expires(c.number, on) for c in valid)
        detail = f"证件有效至 {last:%Y-%m-%d}"
    elif own:
        detail = "证件状态：" + "、".join(sorted({str(state) for state in states.values()}))
        if any(state is CertificateState.VALID for state in states.values()):
            detail = f"证件不含“{area}”领域"
    else:
        detail = "没有证件"
    return GateResult(person, on, tuple(missing), detail)
