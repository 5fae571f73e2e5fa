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
    FourPL,
    GeneralisedPartialCredit,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    ThreePL,
    TwoPL,
)
from ..psychometrics.priors import DEFAULT_PRIORS, ItemPrior
from ..psychometrics.quadrature import NormalAbility
from ..psychometrics.responses import ResponseSet
from ..typing import Floats, Ints, Progress
from .steps import on_steps

_POLYTOMOUS: Mapping[type[ItemModel], type[ItemModel]] = {
    Rasch: PartialCredit,
    TwoPL: GeneralisedPartialCredit,
    ThreePL: GeneralisedPartialCredit,
    FourPL: GeneralisedPartialCredit,
}
"""What stands in for a dichotomous model on an item with more than two categories."""
_SHOWN = 50
"""Items on a printed page."""


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
    ability
        Ability distribution of the people on the scale of the models, where it is not that of
        `fit` (after a link); None otherwise.
    """

    item_ids: tuple[str, ...]
    models: tuple[ItemModel, ...]
    answers: Ints
    people: int
    standard_errors: tuple[tuple[float, ...], ...] = ()
    fit: MMLFit | None = None
    label: str = ""
    ability: NormalAbility | None = None

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
        """Ability distribution of the people it rests on; standard normal for given parameters.

        Of several groups it has the mean and the spread of all people together.
        """
        if self.ability is not None:
            return self.ability
        if self.fit is None:
            return NormalAbility()
        found = self.fit.population
        share = found.people / found.people.sum()
        mean = float(share @ found.means)
        variance = float(share @ (found.sds**2 + (found.means - mean) ** 2))
        return NormalAbility(mean, float(np.sqrt(variance)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user must know: a weak link, no convergence, sampled standard errors."""
        return () if self.fit is None else tuple(note.text for note in self.fit.notes)

    @property
    def weak_items(self) -> Mapping[str, str]:
        """Items whose parameters are weakly determined, and what was done about it."""
        if self.fit is None:
            return {}
        return {self.item_ids[weak.item]: weak.action for weak in self.fit.weak_items}

    def records(self) -> list[dict[str, str | int | float | None]]:
        """Return one record per item under Chinese headings.

        区分度 is the slope on the logistic scale (1 for Rasch kinds, that of the highest category
        for nominal items), 难度 the ability in the middle of the item (the mean of its steps), 猜测
        the lower asymptote. A standard error is given where the figure is itself a parameter.
        """
        errors = self.standard_errors or ((),) * len(self.models)
        rows = zip(self.item_ids, self.models, errors, self.answers.tolist(), strict=True)
        return [_record(item_id, model, error, n) for item_id, model, error, n in rows]

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
        notes = "".join(f"<p>注意：{escape(note)}</p>" for note in self.notes)
        return f"<p>{escape(repr(self))}</p>{notes}{table}{_table(self.records())}"


def calibrate(
    responses: ResponseMatrix,
    model: type[ItemModel] = TwoPL,
    *,
    other_models: Mapping[str, type[ItemModel]] | None = None,
    groups: Sequence[str] | None = None,
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
    other_models
        Items that have another model, by item id.
    groups
        Group of each candidate, such as the sitting; every group has a mean and a spread of its
        own, and the first in order of name has mean 0. By default all are one group.
    anchors
        Item models that stay fixed, by item id; others are put on their scale. Anchors that
        nobody was presented are left aside.
    priors
        Prior densities of the numeric engine.
    label
        What the parameters rest on.
    engine, progress
        Where passes run; called after each pass, raising from it interrupts.

    Raises
    ------
    NotEnoughData
        If there are too few candidates for the model, saying how many would do, or anchors were
        given and nobody was presented any of them.
    ValueError
        If the groups are not one per candidate, or another model is named for an unknown item.
    """
    people, items = responses.shape
    place = {item_id: i for i, item_id in enumerate(responses.item_ids)}
    known = {place[i]: m for i, m in (anchors or {}).items() if i in place}
    if anchors and not known:
        raise NotEnoughData("按锚题标定", 0, 1, "道锚题", "锚题都不在这些作答中，量尺无从衔接")
    counts = responses.categories.copy()
    for column, fixed in known.items():
        counts[column] = fixed.categories
    category = on_steps(
        responses.category, responses.categories[responses.item], counts[responses.item]
    )
    try:
        fit = fit_mml(
            ResponseSet.sparse(
                responses.indptr,
                responses.item,
                category,
                n_items=items,
                groups=_group_numbers(groups, people),
            ),
            models=_kinds(responses, model, other_models or {}),
            categories=counts,
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


def _kinds(
    responses: ResponseMatrix, model: type[ItemModel], others: Mapping[str, type[ItemModel]]
) -> list[type[ItemModel]]:
    """Return the model class of each column."""
    if strange := sorted(set(others) - set(responses.item_ids)):
        raise ValueError(f"other_models names {strange[0]}, which is not among the answers")
    counts = zip(responses.item_ids, responses.categories.tolist(), strict=True)
    return [
        others.get(item_id, model if count == 2 else _POLYTOMOUS.get(model, model))
        for item_id, count in counts
    ]


def _group_numbers(groups: Sequence[str] | None, people: int) -> Ints | None:
    """Return the number of each candidate's group, in order of name."""
    if groups is None:
        return None
    if len(groups) != people:
        raise ValueError(f"{len(groups)} groups for {people} candidates")
    return np.unique(np.asarray(groups, np.str_), return_inverse=True)[1].astype(np.int64)


def _record(
    item_id: str, model: ItemModel, errors: Sequence[float], answers: int
) -> dict[str, str | int | float | None]:
    """Return what one item's row says."""
    slope, places = model.slope_intercept().slopes[-1], _difficulty_places(model)
    difficulty = [model.parameters[k] for k in places]
    own = len(places) == 1 and len(errors) > places[0]
    guessed = isinstance(model, ThreePL | FourPL)
    free = not isinstance(model, Rasch | PartialCredit | RatingScale | Nominal)
    return {
        "题目": item_id,
        "模型": type(model).__name__,
        "作答人数": answers,
        "区分度": slope,
        "区分度标准误": _known(errors[0]) if free and errors else None,
        "难度": float(np.mean(difficulty)) if difficulty else None,
        "难度标准误": _known(errors[places[0]]) if own else None,
        "猜测": model.parameters[2] if guessed else None,
    }


def _difficulty_places(model: ItemModel) -> list[int]:
    """Where difficulties stand among the parameters; nominal items have none."""
    if isinstance(model, Nominal):
        return []
    if isinstance(model, Rasch | RatingScale):
        return [0]
    if isinstance(model, ThreePL | FourPL):
        return [1]
    first = 0 if isinstance(model, PartialCredit) else 1
    return list(range(first, len(model.parameters)))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _table(records: Sequence[Mapping[str, str | int | float | None]]) -> str:
    """Print the first records."""
    if not records:
        return ""
    head = "".join(f"<th>{name}</th>" for name in records[0])
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row.values()) + "</tr>"
        for row in records[:_SHOWN]
    )
    more = f"<p>…… 共 {len(records)} 题</p>" if len(records) > _SHOWN else ""
    return f"<table><tr>{head}</tr>{rows}</table>{more}"


def _cell(value: str | int | float | None) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return "—" if value is None else escape(str(value))
