"""Ordered and nominal categories against published fits of real answers."""

import pytest

from fazhi_exam.psychometrics import (
    Equal,
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Nominal,
    Parameter,
    fit_mml,
)

from ..reference.lsat import responses
from ..reference.science import GRADED_EQUAL_SLOPES, LOG_LIKELIHOOD, SCIENCE


@pytest.mark.parametrize(
    ("model", "name"),
    [(GradedResponse, "graded"), (GeneralisedPartialCredit, "gpcm"), (Nominal, "nominal")],
)
def test_log_likelihood_of_the_science_data(model: type[ItemModel], name: str) -> None:
    """The maximum is what the R package mirt prints, or higher where mirt stopped before it.

    Its default tolerance of 1e-4 on parameters leaves the nominal model some 0.003 below.
    """
    fit = fit_mml(
        responses(SCIENCE), models=model, priors=(), protect_weak=False, minimum_people=0
    )  # fmt: skip
    assert LOG_LIKELIHOOD[name] - 0.0015 <= fit.log_likelihood <= LOG_LIKELIHOOD[name] + 0.006


def test_graded_responses_with_one_slope() -> None:
    """The constraint of equal slopes costs what mirt says it costs."""
    fit = fit_mml(
        responses(SCIENCE), models=GradedResponse, priors=(), equal=[Equal(Parameter.SLOPE)],
        protect_weak=False, minimum_people=0,
    )  # fmt: skip
    assert fit.log_likelihood == pytest.approx(GRADED_EQUAL_SLOPES, abs=0.0015)
