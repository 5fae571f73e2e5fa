"""Empirical levels of the tests under the model they suppose; long, run with ``--full``."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import kstest

from fazhi_exam.psychometrics.dif import logistic_dif, mantel_haenszel, sibtest
from fazhi_exam.psychometrics.fit import s_x2
from fazhi_exam.psychometrics.linking import standard_population
from fazhi_exam.psychometrics.models import ItemModel, TwoPL
from fazhi_exam.psychometrics.person_fit import log_likelihood_fit

pytestmark = pytest.mark.full
ITEMS = 30


def rejections(seed: int, test: str, runs: int = 600) -> float:
    """Share of nominal 5 % tests that reject without differential functioning."""
    rng = np.random.default_rng(seed)
    b = np.linspace(-1.5, 1.5, ITEMS)
    g = np.arange(800) % 2
    count = 0
    for _ in range(runs):
        theta = rng.standard_normal(800) - 0.5 * g
        x = (rng.random((800, ITEMS)) < expit(theta[:, None] - b)).astype(np.int8)
        if test == "mantel":
            p = mantel_haenszel(x[:, 14], g, x.sum(axis=1)).p
        elif test == "logistic":
            p = logistic_dif(x[:, 14], g, x.sum(axis=1)).uniform_p
        else:
            p = sibtest(x[:, 14], np.delete(x, 14, axis=1), g).p
        count += p < 0.05
    return count / runs


@pytest.mark.parametrize(("test", "low", "high"), [
    ("mantel", 0.02, 0.065), ("logistic", 0.03, 0.075), ("sibtest", 0.03, 0.085),
])  # fmt: skip
def test_differential_functioning_holds_its_level(test: str, low: float, high: float) -> None:
    """Rasch data with half a deviation of impact: 600 tests reject about 5 %.

    Mantel-Haenszel is a little conservative (continuity correction), SIBTEST a little liberal.
    """
    assert low <= rejections(1, test) <= high


def test_s_x2_values_are_uniform() -> None:
    """3,000 p-values at true parameters: uniform within what 3,000 can show at 1 %."""
    rng = np.random.default_rng(4)
    models: list[ItemModel] = [
        TwoPL(float(a), float(b)) for a, b in rng.normal((1.2, 0), (0.2, 0.8), (20, 2))
    ]
    a, b = np.array([m.parameters for m in models]).T
    nodes, weights = standard_population(61)
    values = []
    for _ in range(150):
        theta = rng.standard_normal(1500)
        x = rng.random((1500, 20)) < expit(a * (theta[:, None] - b))
        values.append(s_x2(x, models, nodes, weights, free=0, least=5).p)
    assert kstest(np.concatenate(values), "uniform").statistic < 0.04


def test_person_fit_false_alarms() -> None:
    """60 items, 40,000 people at their true ability: at most 1.2 times 5 % and twice 1 %.

    The left tail of a log-likelihood is a little heavier than normal, which shortens with length.
    """
    rng = np.random.default_rng(6)
    a, b = rng.uniform(0.8, 1.6, 60), rng.normal(size=60)
    models = [TwoPL(float(x), float(y)) for x, y in zip(a, b, strict=True)]
    theta = rng.normal(0, 0.8, 40_000)
    x = rng.random((40_000, 60)) < expit(a * (theta[:, None] - b))
    star = log_likelihood_fit(x, models, theta).lz_star
    assert (star < -1.6449).mean() <= 0.06
    assert (star < -2.3263).mean() <= 0.02
