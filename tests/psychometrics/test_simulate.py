"""Simulated data have the truth they claim."""

import numpy as np
import pytest

from fazhi_exam.psychometrics.models import GradedResponse, Nominal, RatingScale, ThreePL
from fazhi_exam.psychometrics.simulate import (
    simulate_abilities,
    simulate_items,
    simulate_presented,
    simulate_responses,
)


def test_answers_follow_the_probabilities() -> None:
    """At one ability the category shares are the model's probabilities, within sampling error."""
    for kind in (ThreePL, GradedResponse, Nominal):
        (model,) = simulate_items(kind, 1, rng=3)
        data = simulate_responses([model], np.full(40_000, 0.4), rng=4).to_dense()[:, 0]
        share = np.bincount(data, minlength=model.categories) / 40_000
        assert share == pytest.approx(model.probabilities(0.4), abs=0.012)


def test_abilities_have_the_asked_moments() -> None:
    """Mean, sd and skewness as asked."""
    theta = simulate_abilities(200_000, rng=1, mean=0.5, sd=2.0, skew=-1.0)
    z = (theta - 0.5) / 2.0
    assert z.mean() == pytest.approx(0, abs=0.01)
    assert z.std() == pytest.approx(1, abs=0.01)
    assert (z**3).mean() == pytest.approx(-1.0, abs=0.05)


def test_the_same_seed_gives_the_same_data() -> None:
    """Everything random comes from `rng`."""
    items = simulate_items(RatingScale, 5, rng=1)
    assert items == simulate_items(RatingScale, 5, rng=1)
    one, two = (simulate_responses(items, np.zeros(50), rng=9).to_dense() for _ in range(2))
    assert np.array_equal(one, two)


def test_every_item_is_presented_equally_often() -> None:
    """Random papers: the asked number of different items each, every item about equally often."""
    indptr, items = simulate_presented(20_000, 40, per_person=10, rng=2)
    rows = items.reshape(20_000, 10)
    assert np.all(np.diff(rows, axis=1) > 0)
    assert np.bincount(items) / 20_000 == pytest.approx(0.25, abs=0.015)
    assert indptr[-1] == items.size
