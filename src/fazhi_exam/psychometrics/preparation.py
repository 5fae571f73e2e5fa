"""Checks and starting values of a marginal calibration: who is enough, which items are weak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from ..engines import Engine
from ..errors import NotEnoughData
from ..typing import Bools, Floats, Ints
from .grid import Ability
from .maximisation import Penalty
from .mml_result import AbilityShape, Note, NoteKind, WeakItem, WeakReason
from .models import (
    FourPL,
    GeneralisedPartialCredit,
    GradedResponse,
    ItemModel,
    Nominal,
    PartialCredit,
    Rasch,
    RatingScale,
    ThreePL,
    TwoPL,
)
from .plan import Equal, Plan, make_plan, resolve_kinds
from .priors import DEFAULT_PRIORS, ItemPrior, LogNormal, Normal, Parameter
from .quadrature import normal_log_weights
from .responses import ResponseSet

__all__ = ["Job", "PopulationState", "Request", "people_needed"]

_UNANIMOUS = 50
_PEOPLE_FOR_MEAN = 5
_PEOPLE_FOR_SD = 20
_NEEDED: tuple[tuple[tuple[type[ItemModel], ...], int], ...] = (
    ((Rasch, PartialCredit, RatingScale), 100),
    ((TwoPL, GradedResponse, GeneralisedPartialCredit), 500),
    ((Nominal,), 1000),
    ((ThreePL,), 1000),
    ((FourPL,), 2000),
)


def people_needed(
    kind: type[ItemModel],
    *,
    slope_prior: bool = False,
    equal_slopes: bool = False,
    intercept_prior: bool = False,
) -> int:
    """People below which an item of a class is not calibrated without other knowledge.

    Rasch and partial credit 100; 2PL, graded and generalised partial credit 500; nominal and 3PL
    1,000; 4PL 2,000. A prior on the slopes, or equal slopes, lowers the need to 100; priors on
    slopes and intercepts (or on the intercepts of Rasch items) lower it to 10. Anchored items need
    nobody.

    The figures follow the usual advice (Lord 1980; de Ayala 2009, ch. 4-6) rounded to be
    remembered: at them the standard error of a difficulty near the middle is about 0.2, 0.15 and
    0.2.
    """
    need = next(count for kinds, count in _NEEDED if issubclass(kind, kinds))
    fixed_slope = need == 100
    if intercept_prior and (slope_prior or fixed_slope):
        return 10
    return 100 if slope_prior or equal_slopes else need


@dataclass(frozen=True, slots=True)
class PopulationState:
    """The population's numbers; free ones move with the iteration."""

    means: Floats
    sds: Floats
    mean_free: Bools
    sd_free: Bools
    beta: Floats
    histogram: Floats | None

    def pack(self) -> Floats:
        """Lay the free numbers flat."""
        parts = [self.means[self.mean_free], np.log(self.sds[self.sd_free]), self.beta]
        if self.histogram is not None:
            # Square roots stay meaningful under extrapolation, logarithms of empty tails do not.
            parts.append(np.sqrt(self.histogram))
        return np.concatenate(parts)

    def unpack(self, z: Floats) -> PopulationState:
        """Take the free numbers from a flat vector."""
        means, sds = self.means.copy(), self.sds.copy()
        m, s, b = int(self.mean_free.sum()), int(self.sd_free.sum()), self.beta.size
        means[self.mean_free], sds[self.sd_free] = z[:m], np.exp(np.clip(z[m : m + s], -5, 5))
        histogram = None
        if self.histogram is not None:
            histogram = z[m + s + b :] ** 2
            histogram = histogram / histogram.sum()
        return replace(self, means=means, sds=sds, beta=z[m + s : m + s + b], histogram=histogram)

    @property
    def size(self) -> int:
        """How many free numbers; a histogram has sum 1, mean 0 and sd 1."""
        extra = 0 if self.histogram is None else self.histogram.size - 3
        return int(self.mean_free.sum() + self.sd_free.sum()) + self.beta.size + extra

    def ability(self, theta: Floats) -> Ability:
        """Put the distribution on nodes."""
        if self.histogram is not None:
            return Ability(theta, np.log(np.maximum(self.histogram, 1e-300))[None])
        log_w = np.stack(
            [normal_log_weights(theta, m, s) for m, s in zip(self.means, self.sds, strict=True)]
        )
        beta = self.beta if self.beta.size else None
        return Ability(theta, log_w, float(self.sds[0]), float(self.means[0]), beta)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of a calibration; the fields are the arguments of `fit_mml`."""

    models: type[ItemModel] | Sequence[type[ItemModel]]
    categories: ArrayLike | None = None
    priors: Sequence[ItemPrior] = DEFAULT_PRIORS
    equal: Sequence[Equal] = ()
    anchors: Mapping[int, ItemModel] = field(default_factory=dict)
    covariates: ArrayLike | None = None
    ability: AbilityShape = AbilityShape.NORMAL
    start: Sequence[ItemModel] | None = None
    minimum_people: int | None = None
    few_answers: int = 30
    protect_weak: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """Everything a calibration needs that does not change while it runs."""

    data: ResponseSet
    plan: Plan
    penalty: Penalty
    state: PopulationState
    covariates: Floats | None
    categories: Ints
    weak: tuple[WeakItem, ...]
    notes: tuple[Note, ...]
    engine: Engine
    anchors: Mapping[int, ItemModel]

    @classmethod
    def prepare(cls, data: ResponseSet, request: Request, engine: Engine) -> Job:
        """Check the request against the data and lay out what will be estimated.

        Raises
        ------
        NotEnoughData
            If there are too few people for some item.
        ValueError
            If the request contradicts itself or the data.
        """
        anchors = request.anchors
        kinds = _kinds(request, data.n_items)
        counts = data.category_counts(weighted=True)
        categories = _category_numbers(kinds, counts, request.categories, anchors)
        missing = max(0, int(categories.max()) - counts.shape[1])
        counts = np.pad(counts, ((0, 0), (0, missing)))
        _check_people(data, kinds, counts, request)
        weak, pseudo, extra = _weak_items(kinds, counts, categories, request)
        plan = make_plan(
            kinds,
            counts,
            categories=categories,
            anchors=anchors,
            equal=request.equal,
            start=request.start,
        )
        covariates = _covariates(data, request)
        state, held = _population(data, plan, request, covariates)
        return cls(
            data,
            plan,
            Penalty((*request.priors, *extra), pseudo, np.zeros(0)),
            state,
            covariates,
            categories,
            weak,
            _link_notes(anchors, counts, categories) + _held_notes(held),
            engine,
            anchors,
        )


def _kinds(request: Request, n_items: int) -> list[type[ItemModel]]:
    """Return one model class per item; anchors bring their own."""
    kinds = list(resolve_kinds(request.models, n_items))
    for j, model in request.anchors.items():
        if not 0 <= j < n_items:
            raise ValueError(f"anchors name item {j}, outside 0..{n_items - 1}")
        kinds[j] = type(model)
    if request.start is not None and len(request.start) != n_items:
        raise ValueError(f"{len(request.start)} starting models for {n_items} items")
    return kinds


def _covariates(data: ResponseSet, request: Request) -> Floats | None:
    """Return the covariates as an array, if they fit."""
    histogram = request.ability is AbilityShape.HISTOGRAM
    if histogram and (data.n_groups > 1 or request.covariates is not None or request.anchors):
        raise ValueError("a histogram needs one group, no covariates and no anchors")
    if request.covariates is None:
        return None
    x = np.asarray(request.covariates, float)
    if x.ndim != 2 or len(x) != data.n_people or not np.all(np.isfinite(x)):
        raise ValueError(f"covariates: {data.n_people} rows of finite numbers")
    if data.n_groups > 1:
        raise ValueError("covariates and groups together: code the groups as covariates")
    return x


def _population(
    data: ResponseSet, plan: Plan, request: Request, covariates: Floats | None
) -> tuple[PopulationState, Bools]:
    """Say which population numbers are free, and which groups are too small for their own."""
    groups = data.n_groups
    histogram = request.ability is AbilityShape.HISTOGRAM
    mean_free, sd_free = np.ones(groups, bool), np.ones(groups, bool)
    mean_free[0] = bool(request.anchors)
    sd_free[0] = bool(plan.slope_fixed.any()) and not histogram
    who = np.zeros(data.n_people, np.int64) if data.groups is None else data.groups
    people = np.bincount(who, data.weights, minlength=groups)
    # The mean of a few people says little, their spread less: they keep the standard ones.
    held = (mean_free & (people < _PEOPLE_FOR_MEAN)) | (sd_free & (people < _PEOPLE_FOR_SD))
    state = PopulationState(
        np.zeros(groups),
        np.ones(groups),
        mean_free & (people >= _PEOPLE_FOR_MEAN),
        sd_free & (people >= _PEOPLE_FOR_SD),
        np.zeros(0 if covariates is None else covariates.shape[1]),
        np.zeros(0) if histogram else None,
    )
    return state, held


def _category_numbers(
    kinds: Sequence[type[ItemModel]],
    counts: Floats,
    categories: ArrayLike | None,
    anchors: Mapping[int, ItemModel],
) -> Ints:
    """Return the number of categories of each item."""
    seen = counts.shape[1] - np.argmax(counts[:, ::-1] > 0, axis=1)
    seen = np.where(counts.any(axis=1), seen, 2)
    out = np.maximum(seen, 2) if categories is None else np.asarray(categories, np.int64)
    if out.shape != (len(kinds),) or np.any(out < 2):
        raise ValueError(f"categories: {len(kinds)} numbers of at least 2")
    out = out.astype(np.int64)
    for j, model in anchors.items():
        out[j] = model.categories
    if np.any(seen > out):
        j = int(np.argmax(seen > out))
        raise ValueError(f"item {j}: category {seen[j] - 1} was answered, {out[j]} categories")
    if categories is None:
        ratings = [
            j for j, k in enumerate(kinds) if issubclass(k, RatingScale) and j not in anchors
        ]
        if ratings:
            out[ratings] = out[ratings].max()
    return out


def _check_people(
    data: ResponseSet, kinds: Sequence[type[ItemModel]], counts: Floats, request: Request
) -> None:
    """Refuse a calibration whose numbers would be nonsense."""
    new = [j for j in range(data.n_items) if j not in request.anchors]
    people = data.n_people if data.weights is None else round(float(data.weights.sum()))
    if data.n_items < 1 or people < 1:
        raise NotEnoughData("参数标定", people, 1, advice="没有作答数据。")
    need, worst = max(
        ((_needed(kinds[j], j, request), kinds[j].__name__) for j in new), default=(0, "")
    )
    need = need if request.minimum_people is None else request.minimum_people
    if people < need:
        raise NotEnoughData(
            f"{worst} 参数标定",
            people,
            need,
            advice="可使用题库已有参数作锚题、为参数设先验，或改用参数更少的模型（如 Rasch）。",
        )
    if new and not (np.count_nonzero(counts[new], axis=1) > 1).any():
        advice = "所有人的作答完全相同，无法区分难度与能力；可使用题库已有参数。"
        raise NotEnoughData("参数标定", 0, 1, "道有不同作答的题", advice)
    if new and data.n_items < 2:
        raise NotEnoughData("参数标定", data.n_items, 2, "题", "单独一题无法区分能力与难度。")


def _needed(kind: type[ItemModel], item: int, request: Request) -> int:
    """Count the people an item needs under the priors and constraints of a request."""

    def held(parameter: Parameter) -> bool:
        return any(
            p.parameter is parameter and (p.items is None or item in p.items)
            for p in request.priors
        )

    tied = any(
        e.parameter is Parameter.SLOPE and (e.items is None or item in e.items)
        for e in request.equal
    )
    return people_needed(
        kind,
        slope_prior=held(Parameter.SLOPE),
        equal_slopes=tied,
        intercept_prior=held(Parameter.INTERCEPT) or held(Parameter.DIFFICULTY),
    )


def _weak_items(
    kinds: Sequence[type[ItemModel]], counts: Floats, shapes: Ints, request: Request
) -> tuple[tuple[WeakItem, ...], Floats, tuple[ItemPrior, ...]]:
    """Name the items that need help; give pseudo-answers of each and priors on their slopes."""
    weak: list[WeakItem] = []
    pseudo = np.zeros(len(kinds))
    helped: list[int] = []
    for j, k in enumerate(shapes.tolist()):
        if j in request.anchors:
            continue
        row = counts[j, :k]
        action = []
        if np.any(row <= 0):
            reason = WeakReason.EMPTY_CATEGORY
        elif row.sum() < request.few_answers:
            reason = WeakReason.FEW_ANSWERS
        elif row.sum() - row.max() < _UNANIMOUS:
            reason = WeakReason.NEARLY_UNANIMOUS
        else:
            continue
        if not request.protect_weak:
            weak.append(WeakItem(j, reason, "按要求未加先验，参数可能没有意义"))
            continue
        if reason is not WeakReason.NEARLY_UNANIMOUS:
            pseudo[j] = 0.5 * k
            action.append("每类别加入 0.5 个虚拟作答")
        fixed = issubclass(kinds[j], Rasch | PartialCredit | RatingScale)
        given = any(
            p.parameter is Parameter.SLOPE and (p.items is None or j in p.items)
            for p in request.priors
        )
        if not fixed and not given:
            helped.append(j)
            action.append("区分度加先验")
        if action:
            weak.append(WeakItem(j, reason, "、".join(action) + "，参数仅供参考"))
    nominal = [j for j in helped if issubclass(kinds[j], Nominal)]
    others = [j for j in helped if j not in nominal]
    extra = []
    if others:
        extra.append(ItemPrior(Parameter.SLOPE, LogNormal(0.0, 0.5), others))
    if nominal:
        extra.append(ItemPrior(Parameter.SLOPE, Normal(0.0, 1.5), nominal))
    return tuple(weak), pseudo, tuple(extra)


def _link_notes(anchors: Mapping[int, ItemModel], counts: Floats, shapes: Ints) -> tuple[Note, ...]:
    """Warn when the anchors are too few to carry the scale."""
    new = len(shapes) - len(anchors)
    answered = [j for j in anchors if counts[j].sum() > 0]
    if not anchors or new == 0:
        return ()
    share = len(answered) / len(shapes)
    if len(answered) < 5 or share < 0.2:
        text = (
            f"锚题仅 {len(answered)} 道（占 {share:.0%}）：新题参数与题库量尺的联系较弱，"
            "建议不少于 5 道且不低于 20 %。"
        )
        return (Note(NoteKind.WEAK_LINK, text),)
    return ()


def _held_notes(held: Bools) -> tuple[Note, ...]:
    """Say which groups were too small for a distribution of their own."""
    if not held.any():
        return ()
    names = "、".join(str(g) for g in np.nonzero(held)[0])
    text = (
        f"第 {names} 组人数过少（均值需 {_PEOPLE_FOR_MEAN} 人，标准差需 {_PEOPLE_FOR_SD} 人），"
        "能力分布取标准值。"
    )
    return (Note(NoteKind.POPULATION_HELD, text),)
