"""At the edges every analysis gives a result or a reason, never a warning or a crash.

Small sittings and the ceiling (97 to 100 % right) are normal here; warnings are errors in the test
run, so a division by zero that only warns fails these tests too.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from fazhi_exam.errors import FazhiExamError
from fazhi_exam.psychometrics import (
    classical,
    decision_accuracy,
    dif,
    dif_models,
    equating,
    fit,
    linking,
    model_fit,
    person_fit,
    purification,
    reliability,
    standard_setting,
)
from fazhi_exam.psychometrics.models import FourPL, ItemModel, Rasch, ThreePL, TwoPL

NODES, WEIGHTS = linking.standard_population(31)
MODELS: list[ItemModel] = [
    TwoPL(1.1, -0.5),
    ThreePL(1.0, 0.2, 0.2),
    Rasch(0.0),
    TwoPL(0.9, 1.0),
    FourPL(1.2, -1.0, 0.1, 0.95),
]


def matrices() -> Iterator[tuple[str, np.ndarray]]:
    """Score matrices of five items that break careless code."""
    rng = np.random.default_rng(0)
    yield "all right", np.ones((30, 5))
    yield "all wrong", np.zeros((30, 5))
    yield "one person", np.array([[1, 0, 1, 1, 0]])
    yield "two people", np.array([[1, 0, 1, 1, 0], [0, 0, 1, 1, 1]])
    ceiling = np.ones((60, 5))
    ceiling[:2, 0] = ceiling[3, 1] = 0
    yield "ceiling", ceiling
    for name in ("half missing", "item never", "person none", "twin", "not a number", "random"):
        x = rng.integers(0, 2, (50, 5)).astype(float)
        if name == "half missing":
            x[rng.random(x.shape) < 0.5] = -1
        elif name == "item never":
            x[:, 2] = -1
        elif name == "person none":
            x[3] = -1
        elif name == "twin":
            x[:, 1] = x[:, 0]
        elif name == "not a number":
            x[0, 0] = np.nan
        yield name, x
    yield "all patterns", np.array(list(np.ndindex(2, 2, 2, 2, 2)))


def analyses(x: np.ndarray) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every analysis of a score matrix."""
    theta = np.random.default_rng(1).normal(size=len(x))
    group, total = np.arange(len(x)) % 2, np.where(x > 0, x, 0).sum(axis=1)
    counts = np.bincount(total.astype(int), minlength=6)
    other = equating.raw_distribution([1, 2, 3, 2, 1, 1])

    def large(i: np.ndarray, g: np.ndarray, m: np.ndarray) -> bool:
        return dif.mantel_haenszel(i, g, m).ets is dif.EtsClass.C

    yield "items", lambda: classical.item_statistics(x)
    yield "distractors", lambda: classical.distractor_table(x > 0, total)
    yield "alpha", lambda: reliability.alpha(x)
    yield "kr20", lambda: reliability.kr20(x)
    yield "guttman", lambda: reliability.guttman(reliability.item_covariance(x))
    yield "omega", lambda: reliability.omega(reliability.item_covariance(x))
    yield "halves", lambda: reliability.split_half(x)
    yield "strata", lambda: reliability.stratified_alpha(x, [0, 0, 1, 1, 2])
    yield (
        "livingston",
        lambda: decision_accuracy.livingston_lewis(total, [3], reliability=0.7, maximum=5),
    )
    yield "lee", lambda: decision_accuracy.lee(MODELS, [3], theta)
    yield "rudner", lambda: decision_accuracy.rudner(theta, np.abs(theta), [0.0])
    yield "s_x2", lambda: fit.s_x2(x, MODELS, NODES, WEIGHTS)
    yield "grouped", lambda: fit.grouped_fit(x, MODELS, theta, groups=3)
    yield "q3", lambda: fit.residual_correlations(x, MODELS, theta)
    yield "m2", lambda: model_fit.m2(x, MODELS, NODES, WEIGHTS)
    yield "lz", lambda: person_fit.log_likelihood_fit(x, MODELS, theta)
    yield "item squares", lambda: person_fit.mean_squares(x, MODELS, theta, axis=0)
    yield "person squares", lambda: person_fit.mean_squares(x, MODELS, theta, axis=1)
    yield "u3", lambda: person_fit.u3(x)
    yield "ht", lambda: person_fit.ht(x)
    yield "mantel", lambda: dif.mantel_haenszel(x[:, 0], group, total)
    yield "ordinal", lambda: dif.ordinal_dif(x[:, 0], group, total)
    yield "standardised", lambda: dif.standardisation(x[:, 0], group, total)
    yield "logistic", lambda: dif.logistic_dif(x[:, 0], group, total)
    yield "sibtest", lambda: dif.sibtest(x[:, 0], x[:, 1:], group)
    yield "purify", lambda: purification.purify(x, group, large)
    yield (
        "ratio",
        lambda: dif_models.likelihood_ratio_dif(x, group, MODELS, 0, NODES, [WEIGHTS, WEIGHTS]),
    )
    yield (
        "equipercentile",
        lambda: equating.equipercentile(equating.raw_distribution(counts), other),
    )
    yield "linear", lambda: equating.linear_equating(equating.raw_distribution(counts), other)
    yield "smoothing", lambda: equating.log_linear(counts, 2)
    yield "degree", lambda: equating.choose_degree(counts)
    yield "contrasting", lambda: standard_setting.contrasting_groups(total, group == 1)
    yield "borderline", lambda: standard_setting.borderline_group(total)
    yield "hofstee", lambda: standard_setting.hofstee(total, [2], [4], [0.1], [0.5])


CASES = [
    pytest.param(call, id=f"{name}: {analysis}")
    for name, x in matrices()
    for analysis, call in analyses(x)
]


@pytest.mark.parametrize("call", CASES)
def test_a_result_or_a_reason(call: Callable[[], object]) -> None:
    """Either a value comes back or a documented error says what is wrong."""
    try:
        answer = repr(call())
    except (FazhiExamError, ValueError) as reason:
        answer = str(reason)
    assert answer
