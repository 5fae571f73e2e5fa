"""Response data for the calibration benchmarks: the same people and items every time."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int8]


def dichotomous(people: int, *, guessing: bool = False, items: int = 50) -> Matrix:
    """Simulate 2PL or 3PL answers: a lognormal(0.1, 0.3), b N(0, 1), c Beta(8, 32)."""
    rng = np.random.default_rng(20261120)
    a = np.exp(rng.normal(0.1, 0.3, items))
    d = -a * rng.normal(0.0, 1.0, items)
    c = rng.beta(8, 32, items) * guessing
    theta = rng.standard_normal(people)
    out = np.empty((people, items), np.int8)
    for j in range(items):
        p = c[j] + (1 - c[j]) / (1 + np.exp(-(a[j] * theta + d[j])))
        out[:, j] = rng.random(people) < p
    return out


def four_categories(people: int, *, graded: bool, items: int = 50) -> Matrix:
    """Simulate graded or generalised partial credit answers in 0..3."""
    rng = np.random.default_rng(20261120)
    a = np.exp(rng.normal(0.1, 0.3, items))
    theta = rng.standard_normal(people)
    steps = np.sort(rng.normal(0, 1.0, (items, 3)), axis=1)
    steps[:, 1] = np.maximum(steps[:, 1], steps[:, 0] + 0.3)
    steps[:, 2] = np.maximum(steps[:, 2], steps[:, 1] + 0.3)
    out = np.empty((people, items), np.int8)
    for j in range(items):
        z = a[j] * (theta[:, None] - steps[j])
        u = rng.random(people)
        if graded:
            out[:, j] = (u[:, None] < 1 / (1 + np.exp(-z))).sum(1)
        else:
            z = np.concatenate([np.zeros((people, 1)), np.cumsum(z, axis=1)], axis=1)
            p = np.exp(z - z.max(1, keepdims=True))
            below = np.cumsum(p, axis=1) / p.sum(1, keepdims=True)
            out[:, j] = (u[:, None] > below[:, :3]).sum(1)
    return out


def randomised_papers(
    people: int, bank: int, *, per_person: int = 50
) -> tuple[NDArray[np.int64], NDArray[np.int32], Matrix]:
    """Simulate 2PL answers to random papers: row pointers, item numbers, categories."""
    rng = np.random.default_rng(5)
    a = np.exp(rng.normal(0.1, 0.3, bank))
    d = -a * rng.normal(0, 1, bank)
    theta = rng.standard_normal(people)
    items = np.empty((people, per_person), np.int32)
    for at in range(0, people, 20_000):
        size = min(20_000, people - at)
        keys = rng.random((size, bank), dtype=np.float32)
        items[at : at + size] = np.argpartition(keys, per_person, axis=1)[:, :per_person]
    items.sort(axis=1)
    p = 1 / (1 + np.exp(-(a[items] * theta[:, None] + d[items])))
    answers = (rng.random((people, per_person), dtype=np.float32) < p).astype(np.int8)
    return np.arange(people + 1) * per_person, items.ravel(), answers.ravel()
