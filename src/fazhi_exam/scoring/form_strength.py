"""How hard and how telling one form is (单份试卷的难易与信息量), to see what an exchange moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from ..assembly.form import ExamForm, FormItem
from ..assembly.paper import Paper, Papers
from ..assembly.parity import pass_chances
from ..errors import DrawError, NotEnoughData
from ..typing import Floats, Ints
from .calibration import Calibration


@dataclass(frozen=True, slots=True)
class FormStrength:
    """What a form does to the borderline candidate and the two neighbours.

    Parameters
    ----------
    abilities
        Half a standard deviation below the borderline, the borderline, half one above.
    chance
        P(pass) at each, in [0, 1].
    marks
        Expected marks at each, in points.
    information
        Test information at each.
    """

    abilities: tuple[float, float, float]
    chance: Floats
    marks: Floats
    information: Floats


def form_strength(
    form: ExamForm, calibration: Calibration, *, pass_mark: Decimal, ability: float
) -> FormStrength:
    """Compute chance of passing, expected marks and information of a form.

    Parameters
    ----------
    pass_mark
        Marks needed to pass.
    ability
        Of the borderline candidate, on the scale of the calibration.

    Raises
    ------
    NotEnoughData
        If items of the form have no parameters.
    """
    items = tuple(form)
    lacking = [item.id for item in items if item.id not in calibration.place]
    if lacking:
        have = len(items) - len(lacking)
        raise NotEnoughData("换题的影响", have, len(items), "道题有参数", "请先标定试题")
    half = calibration.population.sd / 2
    around = (ability - half, ability, ability + half)
    nodes = np.array(around)
    chance = pass_chances(_OneForm(form), calibration.by_item(), pass_mark=pass_mark, thetas=nodes)[
        :, 0
    ]
    marks = sum(float(i.points) * calibration.share_curve(i.id, nodes) for i in items)
    information = sum(np.asarray(calibration[i.id].information(nodes)) for i in items)
    return FormStrength(around, chance, np.asarray(marks), np.asarray(information))


class _OneForm(Papers):
    """A form as the only paper, before anybody has got it."""

    def __init__(self, form: ExamForm) -> None:
        self._form = form

    @property
    def codes(self) -> tuple[str, ...]:
        return (self._form.code,)

    @cached_property
    def worth(self) -> Mapping[str, FormItem]:
        return {item.id: item for item in self._form}

    @property
    def item_ids(self) -> tuple[str, ...]:
        return tuple(self.worth)

    @property
    def matrix(self) -> Ints:
        return np.arange(len(self.worth), dtype=np.int64)[None, :]

    def __getitem__(self, code: str) -> Paper:
        raise DrawError(f"考生 {code}", "还没有试卷")
