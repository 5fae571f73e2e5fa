"""Observed-score tests of differential functioning against R, brute force and simulation."""

import numpy as np
import pytest
from scipy.optimize import minimize

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.dif import (
    EtsClass,
    logistic_dif,
    mantel_haenszel,
    mantel_haenszel_tables,
    ordinal_dif,
    sibtest,
    standardisation,
)

# Admissions to Berkeley by department: male and female, admitted and rejected (Bickel et al. 1975).
BERKELEY = np.array(
    [
        [[512, 313], [89, 19]],
        [[353, 207], [17, 8]],
        [[120, 205], [202, 391]],
        [[138, 279], [131, 244]],
        [[53, 138], [94, 299]],
        [[22, 351], [24, 317]],
    ]
)


def simulate(
    people: int, *, seed: int, impact: float = 0.0, shift: float = 0.0, items: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """Two equal groups; the focal one is `impact` less able, item 0 is `shift` harder for it."""
    rng = np.random.default_rng(seed)
    g = np.arange(people) % 2
    theta = rng.standard_normal(people) - impact * g
    b = np.linspace(-1.5, 1.5, items)
    b[0] = 0.0
    hard = np.tile(b, (people, 1))
    hard[:, 0] += shift * g
    x = (rng.random(hard.shape) < 1 / (1 + np.exp(-1.2 * (theta[:, None] - hard)))).astype(np.int8)
    return x, g


def admissions() -> np.ndarray:
    """The people of the tables, one a row: admitted, group, department."""
    return np.array(
        [
            (right, group, stratum)
            for stratum, table in enumerate(BERKELEY)
            for group in (0, 1)
            for right, n in ((1, table[group, 0]), (0, table[group, 1]))
            for _ in range(n)
        ]
    )


def test_mantel_haenszel_matches_r() -> None:
    """R's mantelhaen.test(UCBAdmissions): 1.4269, p 0.2323, 0.9046968 (0.7719074, 1.0603298)."""
    found = mantel_haenszel_tables(BERKELEY)
    assert found.chi_square == pytest.approx(1.4269, abs=5e-5)
    assert found.p == pytest.approx(0.2323, abs=5e-5)
    assert found.odds_ratio == pytest.approx(0.9046968, abs=5e-8)
    low, high = np.exp(np.log(found.odds_ratio) + 1.959964 * found.log_error * np.array([-1, 1]))
    assert (low, high) == pytest.approx((0.7719074, 1.0603298), abs=1e-6)
    assert found.delta == pytest.approx(-2.35 * np.log(0.9046968), abs=1e-6)
    assert found.ets is EtsClass.A


def test_people_and_tables_give_one_answer() -> None:
    """Expanding the tables to people changes nothing; row order neither."""
    rows = admissions()
    people = rows[np.random.default_rng(0).permutation(len(rows))]
    found = mantel_haenszel(people[:, 0], people[:, 1], people[:, 2])
    assert found == mantel_haenszel_tables(BERKELEY)


def test_standardisation_by_hand() -> None:
    """Focal-weighted difference of shares over the departments."""
    share = BERKELEY[:, :, 0] / BERKELEY.sum(axis=2)
    weight = BERKELEY[:, 1].sum(axis=1)
    x, g, m = admissions().T
    found = standardisation(x, g, m)
    assert found.difference == pytest.approx(
        (weight * (share[:, 0] - share[:, 1])).sum() / weight.sum(), abs=1e-12
    )
    variance = (share * (1 - share) / BERKELEY.sum(axis=2)).sum(axis=1)
    assert found.error == pytest.approx(
        np.sqrt((weight**2 * variance).sum()) / weight.sum(), abs=1e-12
    )


def test_ets_classes_grow_with_the_shift() -> None:
    """No shift A, a moderate one B, a large one C, with plenty of people."""
    classes = []
    for shift in (0.0, 0.45, 1.0):
        x, g = simulate(6000, seed=1, shift=shift)
        classes.append(mantel_haenszel(x[:, 0], g, x.sum(axis=1)).ets)
    assert classes == [EtsClass.A, EtsClass.B, EtsClass.C]


def test_mantel_haenszel_holds_its_level() -> None:
    """Without differential functioning about 5 % of tests reject (conservative with correction)."""
    rejected = 0
    for seed in range(120):
        x, g = simulate(600, seed=seed)
        rejected += mantel_haenszel(x[:, 0], g, x.sum(axis=1)).p < 0.05
    assert rejected / 120 <= 0.10


def test_logistic_regression_by_a_general_optimiser() -> None:
    """Deviances of the three nested models from scipy's minimiser."""
    x, g = simulate(800, seed=5, shift=0.6, impact=0.4)
    y, m = x[:, 0].astype(float), x.sum(axis=1).astype(float)
    z = (m - m.mean()) / m.std()
    full = np.column_stack([np.ones(800), z, g, g * z])
    deviance = []
    for k in (2, 3, 4):
        d = full[:, :k]
        fit = minimize(
            lambda b, d=d: float((np.logaddexp(0, d @ b) - y * (d @ b)).sum()), np.zeros(k)
        )
        deviance.append(2 * fit.fun)
        if k == 3:
            effect = fit.x[2]
    found = logistic_dif(y, g, m)
    assert found.uniform == pytest.approx(deviance[0] - deviance[1], abs=1e-5)
    assert found.non_uniform == pytest.approx(deviance[1] - deviance[2], abs=1e-5)
    assert found.group_effect == pytest.approx(-effect, abs=1e-4)
    assert found.group_effect > 0
    assert 0 <= found.r2_change < 0.2


def test_sibtest_finds_the_size_of_the_shift() -> None:
    """Beta is the focal group's loss in proportion right at equal ability."""
    x, g = simulate(20_000, seed=2, shift=0.5, impact=0.5, items=40)
    found = sibtest(x[:, 0], x[:, 1:], g)
    nodes = np.linspace(-6, 6, 400)
    # SIBTEST weighs by all people at a score: here an equal mixture of N(0, 1) and N(-0.5, 1).
    w = np.exp(-(nodes**2) / 2) + np.exp(-((nodes + 0.5) ** 2) / 2)
    gap = 1 / (1 + np.exp(-1.2 * nodes)) - 1 / (1 + np.exp(-1.2 * (nodes - 0.5)))
    assert found.beta == pytest.approx((w @ gap) / w.sum(), abs=0.02)
    assert found.p < 1e-6


def test_sibtest_holds_its_level_under_impact() -> None:
    """One standard deviation of impact and no differential functioning: about 5 % rejected."""
    rejected = 0
    for seed in range(100):
        x, g = simulate(1000, seed=seed, impact=1.0, items=30)
        rejected += sibtest(x[:, 0], x[:, 1:], g).p < 0.05
    assert rejected / 100 <= 0.12


def test_one_group_is_refused() -> None:
    """A comparison needs two groups."""
    with pytest.raises(NotEnoughData):
        mantel_haenszel([1, 0, 1], [0, 0, 0], [1, 2, 3])


def test_ordinal_test_is_mantel_haenszel_for_two_scores() -> None:
    """Without the continuity correction R gives 1.5246 for Berkeley."""
    x, g, m = admissions().T
    found = ordinal_dif(x, g, m)
    assert found.chi_square == pytest.approx(1.5246, abs=5e-5)
    assert found.difference == standardisation(x, g, m).difference
    assert ordinal_dif(2 * x, g, m).chi_square == pytest.approx(found.chi_square)


def test_ordinal_test_sees_a_shift_in_partial_credit() -> None:
    """Half points awarded less often to the focal group at equal ability are found."""
    rng = np.random.default_rng(3)
    g = np.arange(3000) % 2
    theta = rng.standard_normal(3000)
    match = np.round(5 * theta + rng.standard_normal(3000))
    score = (rng.random((3000, 2)) < 1 / (1 + np.exp(-(theta - 0.7 * g)[:, None]))).sum(axis=1)
    found = ordinal_dif(score, g, match)
    assert found.p < 1e-6
    assert found.difference > 0.15
    assert found.ets is not EtsClass.A
    fair = (rng.random((3000, 2)) < 1 / (1 + np.exp(-theta[:, None]))).sum(axis=1)
    assert ordinal_dif(fair, g, match).ets is EtsClass.A
