"""Item parameters estimated from answers (参数标定), with item ids put back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np

from ..engines import Engine
from ..errors import NotEnoughData
from ..marking.responses import ResponseMatrix
from ..psychometrics.mml import MMLFit, fit_mml
from ..psychometrics.models import (
    GeneralisedPartialCredit,
    ItemModel,
    PartialCredit,
    Rasch,
    TwoPL,
)
from ..psychometrics.priors import DEFAULT_PRIORS, ItemPrior
from ..psychometrics.quadrature import NormalAbility
from ..psychometrics.responses import ResponseSet
from ..typing import Floats, Ints, Progress

_POLYTOMOUS: Mapping[type[ItemModel], type[ItemModel]] = {
    Rasch: PartialCredit,
    TwoPL: GeneralisedPartialCredit,
}
"""What stands in for a dichotomous model on an item with more than two categories."""


@dataclass(frozen=True)
class Calibration:
    """Item models on one scale, with how they were reached (参数标定).

    Parameters
    ----------
    item_ids, models
        Item id and model of each calibrated item.
    answers
        Number of answers each item was calibrated on, shape ``(items,)``.
    people
        Number of candidates.
    standard_errors
        Standard errors of each item's parameters in the model's order; empty when not estimated.
    fit
        The numeric result with convergence, quadrature and notes; None when parameters were given.
    label
        What the parameters rest on, printed wherever they are used.
    """

    item_ids: tuple[str, ...]
    models: tuple[ItemModel, ...]
    answers: Ints
    people: int
    standard_errors: tuple[tuple[float, ...], ...] = ()
    fit: MMLFit | None = None
    label: str = ""

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Column by item id."""
        return {item_id: i for i, item_id in enumerate(self.item_ids)}

    def __getitem__(self, item_id: str) -> ItemModel:
        return self.models[self.place[item_id]]

    def by_item(self) -> dict[str, ItemModel]:
        """Return item model by item id, as `assembly` takes it."""
        return dict(zip(self.item_ids, self.models, strict=True))

    def share_curve(self, item_id: str, theta: Floats) -> Floats:
        """Return the expected share of an item's points at each ability, within [0, 1]."""
        model = self[item_id]
        return np.asarray(model.expected(theta)) / (model.categories - 1)

    @property
    def population(self) -> NormalAbility:
        """Ability distribution of the people it rests on; standard normal for given parameters."""
        if self.fit is None:
            return NormalAbility()
        return NormalAbility(float(self.fit.population.means[0]), float(self.fit.population.sds[0]))

    @property
    def weak_items(self) -> Mapping[str, str]:
        """Items whose parameters are weakly determined, and what was done about it."""
        if self.fit is None:
            return {}
        return {self.item_ids[weak.item]: weak.action for weak in self.fit.weak_items}

    def __repr__(self) -> str:
        kinds = sorted({type(model).__name__ for model in self.models})
        return (
            f"Calibration({'、'.join(kinds)}: {len(self.item_ids)} 题，{self.people} 人"
            f"{'，' + self.label if self.label else ''})"
        )

    def _repr_html_(self) -> str:
        weak = self.weak_items
        rows = "".join(
            f"<tr><td>{escape(i)}</td><td>{escape(action)}</td></tr>" for i, action in weak.items()
        )
        table = f"<p>参数不稳的题目：</p><table>{rows}</table>" if weak else ""
        return f"<p>{escape(repr(self))}</p>{table}"


def calibrate(
    responses: ResponseMatrix,
    model: type[ItemModel] = TwoPL,
    *,
    anchors: Mapping[str, ItemModel] | None = None,
    priors: Sequence[ItemPrior] = DEFAULT_PRIORS,
    label: str = "",
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Estimate item parameters from answers by marginal maximum likelihood.

    Parameters
    ----------
    responses
        Answers of one or several sittings (see `ResponseMatrix.stack`).
    model
        For items with two categories. Items with more get its partial-credit form.
    anchors
        Item models that stay fixed, by item id; others are put on their scale.
    priors
        Prior densities of the numeric engine.
    label
        What the parameters rest on.
    engine, progress
        Where passes run; called after each pass, raising from it interrupts.

    Raises
    ------
    NotEnoughData
        If there are too few candidates for the model, saying how many would do.
    """
    people, items = responses.shape
    kinds = [
        model if count == 2 else _POLYTOMOUS.get(model, model)
        for count in responses.categories.tolist()
    ]
    place = {item_id: i for i, item_id in enumerate(responses.item_ids)}
    known = {place[i]: m for i, m in (anchors or {}).items() if i in place}
    try:
        fit = fit_mml(
            ResponseSet.sparse(responses.indptr, responses.item, responses.category, n_items=items),
            models=kinds,
            categories=responses.categories,
            anchors=known or None,
            priors=priors,
            engine=engine,
            progress=progress,
        )
    except NotEnoughData as error:
        name = {Rasch: "Rasch 模型", TwoPL: "双参数模型"}.get(model, model.__name__)
        advice = "可改用历次考试累积的参数，或使用更简单的模型"
        raise NotEnoughData(f"{name}标定", people, error.need, "人", advice) from error
    return Calibration(
        responses.item_ids,
        fit.models,
        responses.answers_per_item,
        people,
        fit.standard_errors,
        fit,
        label,
    )
