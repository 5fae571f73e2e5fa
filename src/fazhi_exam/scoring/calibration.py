"""Item parameters estimated from answers (参数标定), with item ids put back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np

from ..psychometrics.mml import MMLFit
from ..psychometrics.models import ItemModel
from ..typing import Floats, Ints


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
        One mapping of parameter name to standard error per item; empty when not estimated.
    fit
        The numeric result, with convergence and quadrature; None when the parameters were given.
    label
        What the parameters rest on, printed wherever they are used.
    """

    item_ids: tuple[str, ...]
    models: tuple[ItemModel, ...]
    answers: Ints
    people: int
    standard_errors: tuple[Mapping[str, float], ...] = ()
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

    def __repr__(self) -> str:
        kinds = sorted({type(model).__name__ for model in self.models})
        return (
            f"Calibration({'、'.join(kinds)}: {len(self.item_ids)} 题，{self.people} 人"
            f"{'，' + self.label if self.label else ''})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"
