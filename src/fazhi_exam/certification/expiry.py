"""When certificates run out (到期预测)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..statistics.poisson_binomial import central_interval, poisson_binomial
from ..typing import Floats
from .register import CertificateState, Register


@dataclass(frozen=True)
class ExpiryForecast:
    """Expiries by month, and how many certificates will be valid at the end.

    Parameters
    ----------
    on, until
        Day of the forecast and its horizon.
    expiring
        Certificates valid on `on` that run out in each month, by ``YYYY-MM``; certain.
    still_valid
        Distribution of the number of those certificates that are valid on `until`, shape
        ``(certificates + 1,)``; exact, each renewed independently.
    low, high
        The middle 95 % of it.
    """

    on: date
    until: date
    expiring: Mapping[str, int]
    still_valid: Floats
    low: int
    high: int

    @property
    def expected(self) -> float:
        """Mean number still valid."""
        return float(sum(k * p for k, p in enumerate(self.still_valid.tolist())))

    def __str__(self) -> str:
        running_out = sum(self.expiring.values())
        return (
            f"{self.on:%Y-%m-%d} 有效的 {len(self.still_valid) - 1} 个证件中，"
            f"到 {self.until:%Y-%m-%d} 有 {running_out} 个到期；"
            f"预计届时仍有效 {self.expected:.1f} 个（95% 区间 {self.low}–{self.high}）"
        )


def forecast(
    register: Register, *, on: date, until: date, renewal: Mapping[str, float] | float
) -> ExpiryForecast:
    """Forecast expiries and renewals.

    Parameters
    ----------
    on, until
        The forecast looks at certificates valid on `on` and ends on `until`.
    renewal
        Chance that a certificate that runs out is renewed: one number, or one by certificate
        number; within [0, 1].

    Raises
    ------
    ValueError
        If `until` is before `on` or a chance is out of range.
    """
    if until < on:
        raise ValueError("the horizon must not be before the day of the forecast")
    valid = [
        c.number
        for c in register.certificates
        if register.state(c.number, on) is CertificateState.VALID
    ]
    expiring: dict[str, int] = {}
    chances = []
    for number in valid:
        last = register.expires(number, on)
        if last >= until:
            chances.append(1.0)
            continue
        month = f"{last:%Y-%m}"
        expiring[month] = expiring.get(month, 0) + 1
        chances.append(renewal if isinstance(renewal, float | int) else renewal[number])
    distribution = poisson_binomial(chances)
    low, high = central_interval(distribution)
    return ExpiryForecast(on, until, dict(sorted(expiring.items())), distribution, low, high)
