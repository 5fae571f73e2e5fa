"""Models and answers that the tests of item fit and of model fit share."""

import numpy as np

from fazhi_exam.psychometrics.linking import standard_population
from fazhi_exam.psychometrics.models import GradedResponse, ItemModel, ThreePL, TwoPL

from ..reference import lsat

NODES, WEIGHTS = standard_population(121)
LSAT7 = [TwoPL(a, b) for a, b in zip(lsat.MIRT7_A, lsat.MIRT7_B, strict=True)]
LSAT6 = [TwoPL(lsat.MIRT6_A, -d / lsat.MIRT6_A) for d in lsat.MIRT6_D]
MIXED: list[ItemModel] = [
    TwoPL(1.1, -0.6),
    ThreePL(1.4, 0.3, 0.2),
    GradedResponse(1.2, (-0.3, 0.9)),
]


def sample(models: list[ItemModel], theta: np.ndarray, seed: int) -> np.ndarray:
    """Answers of people with these abilities."""
    rng = np.random.default_rng(seed)
    return np.stack(
        [
            (rng.random((theta.size, 1)) > m.probabilities(theta).cumsum(axis=1)[:, :-1]).sum(1)
            for m in models
        ],
        axis=1,
    )
