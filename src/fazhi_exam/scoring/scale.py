"""A scale for reporting abilities (报告量尺), such as mean 500 and deviation 100."""

from dataclasses import dataclass

import numpy as np

from ..typing import Floats


@dataclass(frozen=True, slots=True)
class ReportingScale:
    """A straight-line scale with ends, as national exams print it.

    Parameters
    ----------
    mean, deviation
        Scale score of ability 0, and of one unit of ability.
    low, high
        Scores are cut off here, so that nobody reads meaning into extremes.
    step
        Scores are rounded half up to a multiple of this.

    Raises
    ------
    ValueError
        If the ends or the step make no sense.
    """

    mean: float = 500.0
    deviation: float = 100.0
    low: float = 200.0
    high: float = 800.0
    step: float = 1.0

    def __post_init__(self) -> None:
        if not (self.low < self.high and self.step > 0 and self.deviation > 0):
            raise ValueError("need low < high, step > 0 and deviation > 0")

    def score(self, ability: Floats) -> Floats:
        """Return scale scores, NaN where the ability is NaN."""
        raw = self.mean + self.deviation * np.asarray(ability, float)
        return np.clip(np.floor(raw / self.step + 0.5) * self.step, self.low, self.high)

    def error(self, standard_error: Floats) -> Floats:
        """Return standard errors on the scale, before rounding and cutting."""
        return self.deviation * np.asarray(standard_error, float)
