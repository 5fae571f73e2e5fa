"""Item response theory on arrays (心理测量引擎): numpy and scipy alone, no exam vocabulary.

The main names can be imported from here and are loaded when first used; each module can be
imported directly.
"""

from ..lazy import lazy_names

_WHERE = {
    "Rasch": "models",
    "TwoPL": "models",
    "ThreePL": "models",
    "FourPL": "models",
    "GradedResponse": "models",
    "PartialCredit": "models",
    "RatingScale": "models",
    "GeneralisedPartialCredit": "models",
    "Nominal": "models",
    "ItemModel": "models",
    "SlopeIntercept": "models",
    "ResponseSet": "responses",
    "NormalAbility": "quadrature",
    "ItemPrior": "priors",
    "Parameter": "priors",
    "Normal": "priors",
    "LogNormal": "priors",
    "Beta": "priors",
    "Equal": "plan",
    "AbilityShape": "mml_result",
    "InformationKind": "standard_errors",
    "MMLFit": "mml_result",
    "fit_mml": "mml",
    "people_needed": "preparation",
    "CMLFit": "cml",
    "fit_cml": "cml",
    "AbilityEstimates": "point_estimates",
    "KnownAbility": "posterior",
    "PersonAbility": "posterior",
    "eap": "ability",
    "map_estimate": "ability",
    "ml": "ability",
    "wle": "ability",
    "plausible_values": "ability",
    "score_distribution": "ability",
    "sum_score_eap": "ability",
    "score_curve": "information",
    "ability_at": "information",
    "true_score_equating": "irt_equating",
    "simulate_abilities": "simulate",
    "simulate_items": "simulate",
    "simulate_presented": "simulate",
    "simulate_responses": "simulate",
}

__all__ = list(_WHERE)

__getattr__ = lazy_names(__name__, _WHERE)


def __dir__() -> list[str]:
    return sorted(__all__)
