"""Marginal maximum likelihood calibration (边际极大似然标定) of all models, kinds mixed freely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import lapack

from ..engines import Engine, Serial, one_blas_thread
from ..errors import NotEnoughData
from ..typing import Bools, Floats, Ints, Progress
from .acceleration import Outcome, Step, maximise
from .grid import Ability, Expected, GridData
from .kernels import internal
from .maximisation import Penalty, statistics, update_items
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
from .priors import DEFAULT_PRIORS, ItemPrior, Parameter
from .quadrature import Nodes, nodes_for, normal_log_weights
from .responses import ResponseLike, ResponseSet, as_responses
from .standard_errors import (
    InformationKind,
    PopulationTerms,
    Products,
    complete_information,
    score_products,
)
from .sum_score import SumScoreData

__all__ = [
    "AbilityShape",
    "Convergence",
    "MMLFit",
    "Note",
    "NoteKind",
    "Population",
    "WeakItem",
    "WeakReason",
    "fit_mml",
    "people_needed",
]

_DIRECT_LIMIT = 20_000
_SAMPLE_FOR_INFORMATION = 50_000
_EXACT_INFORMATION = 200_000
_LADDER_FROM = 200_000
_LADDER_SAMPLE = 20_000


class AbilityShape(Enum):
    """Shape of the ability distribution."""

    NORMAL = "normal"
    HISTOGRAM = "histogram"


class WeakReason(Enum):
    """Why an item is weakly determined."""

    EMPTY_CATEGORY = "有类别无人选择"
    FEW_ANSWERS = "作答人数过少"
    WANDERING_ASYMPTOTE = "下限（猜测）参数不确定"
    LARGE_ERROR = "参数标准误过大"
    LOW_SLOPE = "区分度接近零或为负"


class NoteKind(Enum):
    """What a note of a fit is about."""

    WEAK_LINK = "anchors link weakly"
    SAMPLED_INFORMATION = "information from a sample of people"
    ITEMS_APART = "standard errors without products between items"
    NOT_CONVERGED = "not converged"
    INFORMATION_SINGULAR = "information not positive definite"


@dataclass(frozen=True, slots=True)
class WeakItem:
    """An item whose parameters the data hardly determine, and what was done.

    Parameters
    ----------
    item
        Item number.
    action
        What was done about it, in Chinese.
    """

    item: int
    reason: WeakReason
    action: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a user of a fit should know, in Chinese."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Population:
    """The estimated ability distribution.

    Parameters
    ----------
    means, sds
        Per group, shape ``(G,)``; with a regression the residual sd.
    mean_se, sd_se
        Standard errors; nan where fixed.
    nodes
        Shape ``(Q,)``.
    weights
        Shape ``(G, Q)``, rows sum to 1.
    coefficients, coefficient_se
        Latent regression, shape ``(p,)``; empty without one.
    """

    means: Floats
    sds: Floats
    mean_se: Floats
    sd_se: Floats
    nodes: Floats
    weights: Floats
    coefficients: Floats
    coefficient_se: Floats


@dataclass(frozen=True, slots=True)
class Convergence:
    """How an estimate ended.

    Parameters
    ----------
    converged
        Whether the estimated shortfall is below the tolerance.
    passes
        Passes over the data.
    shortfall
        Estimated distance of the log-posterior below its maximum.
    distance
        Estimated largest distance of an item number (slope-intercept form) to its value at the
        maximum: the Newton step with the information matrix, nan when no standard errors were
        asked.
    distance_se
        The same in units of each number's standard error.
    """

    converged: bool
    passes: int
    shortfall: float
    distance: float
    distance_se: float


@dataclass(frozen=True, slots=True)
class MMLFit:
    """A marginal maximum likelihood calibration.

    Parameters
    ----------
    models
        Items in item order.
    standard_errors
        Per item in the order of ``model.parameters``; nan for fixed numbers.
    covariance
        Covariance of the free numbers (items in slope-intercept form, then group means, log sds,
        coefficients), or None.
    log_likelihood, log_posterior
        At the estimate; equal without priors.
    n_free
        Number of free numbers, population included.
    node_spacing, smallest_posterior_sd
        The spacing of the nodes and the smallest posterior sd it was chosen for.
    """

    models: tuple[ItemModel, ...]
    standard_errors: tuple[tuple[float, ...], ...]
    covariance: Floats | None
    log_likelihood: float
    log_posterior: float
    population: Population
    convergence: Convergence
    n_people: int
    n_free: int
    node_spacing: float
    smallest_posterior_sd: float
    weak_items: tuple[WeakItem, ...]
    notes: tuple[Note, ...]
    information: InformationKind | None

    @property
    def aic(self) -> float:
        """Akaike's criterion of the log-likelihood."""
        return 2 * self.n_free - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion of the log-likelihood."""
        return float(np.log(max(self.n_people, 1)) * self.n_free - 2 * self.log_likelihood)


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


def fit_mml(
    responses: ResponseLike,
    *,
    models: type[ItemModel] | Sequence[type[ItemModel]] = TwoPL,
    categories: ArrayLike | None = None,
    priors: Sequence[ItemPrior] = DEFAULT_PRIORS,
    equal: Sequence[Equal] = (),
    anchors: Mapping[int, ItemModel] | None = None,
    covariates: ArrayLike | None = None,
    ability: AbilityShape = AbilityShape.NORMAL,
    start: Sequence[ItemModel] | None = None,
    information: InformationKind | None = InformationKind.OBSERVED,
    nodes: Nodes | None = None,
    tolerance: float = 1e-6,
    most_passes: int = 500,
    minimum_people: int | None = None,
    few_answers: int = 30,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> MMLFit:
    """Calibrate items by marginal maximum likelihood (or the posterior mode, with priors).

    The scale: the first group's abilities have mean 0 and sd 1. Where an item's slope is fixed
    (Rasch, partial credit, rating scale, anchors) the sd is free; where anchors are given the
    means are free too. Other groups' means and sds are always free.

    Parameters
    ----------
    responses
        A response set, or a people-by-items matrix with -1 for not presented.
    models
        One class for all items or one per item.
    categories
        Number of categories per item, ``(J,)``; by default what was observed, at least 2.
    priors
        Prior densities; the default speaks of asymptotes only. ``()`` for none.
    equal
        Equality constraints; equal slopes of `TwoPL` items make the 1PL.
    anchors
        Items with fixed parameters, by item number.
    covariates
        People by covariates, without a constant: ability is regressed on them.
    ability
        Normal, or estimated on the nodes (one group, no covariates).
    start
        Starting models.
    information
        Which standard errors; None for none.
    nodes
        By default chosen from the test information, at least 61 on ``mean ± 6 sd``.
    tolerance
        Stop when the log-posterior is estimated to lie this close to its maximum.
    minimum_people
        Overrides `people_needed`, at your own risk; 0 for no check.
    few_answers
        An item with fewer answers is named as weakly determined.
    engine
        Where passes run; serial by default.
    progress
        Called after each pass; raising from it interrupts.

    Raises
    ------
    NotEnoughData
        If there are fewer people than `people_needed` for some item.
    ValueError
        If arguments contradict each other or the data.

    References
    ----------
    Bock and Aitkin (1981), Psychometrika 46:443-459; Mislevy (1986), Psychometrika 51:177-195;
    Louis (1982), JRSS B 44:226-233.
    """
    data = as_responses(responses)
    with one_blas_thread():
        job = _Job.prepare(
            data,
            models,
            categories,
            tuple(priors),
            tuple(equal),
            dict(anchors or {}),
            covariates,
            ability,
            start,
            minimum_people,
            few_answers,
            engine or Serial(),
        )
        return _run(job, information, nodes, tolerance, most_passes, progress)


@dataclass(frozen=True, slots=True)
class _State:
    """The population's numbers; free ones move with the iteration."""

    means: Floats
    sds: Floats
    mean_free: Bools
    sd_free: Bools
    beta: Floats
    histogram: Floats | None

    def pack(self) -> Floats:
        parts = [self.means[self.mean_free], np.log(self.sds[self.sd_free]), self.beta]
        if self.histogram is not None:
            # Square roots stay meaningful under extrapolation, logarithms of empty tails do not.
            parts.append(np.sqrt(self.histogram))
        return np.concatenate(parts)

    def unpack(self, z: Floats) -> _State:
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
        extra = 0 if self.histogram is None else self.histogram.size
        return int(self.mean_free.sum() + self.sd_free.sum()) + self.beta.size + extra

    def ability(self, theta: Floats) -> Ability:
        if self.histogram is not None:
            return Ability(theta, np.log(np.maximum(self.histogram, 1e-300))[None])
        log_w = np.stack(
            [normal_log_weights(theta, m, s) for m, s in zip(self.means, self.sds, strict=True)]
        )
        beta = self.beta if self.beta.size else None
        return Ability(theta, log_w, float(self.sds[0]), float(self.means[0]), beta)


@dataclass(frozen=True, slots=True)
class _Job:
    """Everything a calibration needs that does not change while it runs."""

    data: ResponseSet
    plan: Plan
    penalty: Penalty
    state: _State
    covariates: Floats | None
    categories: Ints
    weak: tuple[WeakItem, ...]
    notes: tuple[Note, ...]
    engine: Engine
    people_weight: Floats
    anchors: Mapping[int, ItemModel]

    @classmethod
    def prepare(
        cls,
        data: ResponseSet,
        models: type[ItemModel] | Sequence[type[ItemModel]],
        categories: ArrayLike | None,
        priors: tuple[ItemPrior, ...],
        equal: tuple[Equal, ...],
        anchors: dict[int, ItemModel],
        covariates: ArrayLike | None,
        shape: AbilityShape,
        start: Sequence[ItemModel] | None,
        minimum_people: int | None,
        few_answers: int,
        engine: Engine,
    ) -> _Job:
        kinds = list(resolve_kinds(models, data.n_items))
        if any(not 0 <= j < data.n_items for j in anchors):
            raise ValueError(f"anchors name items outside 0..{data.n_items - 1}")
        for j, model in anchors.items():
            kinds[j] = type(model)
        if start is not None and len(start) != data.n_items:
            raise ValueError(f"{len(start)} starting models for {data.n_items} items")
        counts = data.category_counts(weighted=True)
        shapes = _category_numbers(kinds, counts, categories, anchors)
        if counts.shape[1] < shapes.max():
            counts = np.pad(counts, ((0, 0), (0, int(shapes.max()) - counts.shape[1])))
        _check_people(data, kinds, priors, equal, anchors, minimum_people)
        weak, pseudo = _weak_items(kinds, counts, shapes, anchors, few_answers)
        plan = make_plan(
            kinds, counts, categories=shapes, anchors=anchors, equal=equal, start=start
        )
        x = None if covariates is None else np.asarray(covariates, float)
        groups = data.n_groups
        if x is not None:
            if x.ndim != 2 or len(x) != data.n_people or not np.all(np.isfinite(x)):
                raise ValueError(f"covariates: {data.n_people} rows of finite numbers")
            if groups > 1:
                raise ValueError("covariates and groups together: code the groups as covariates")
        if shape is AbilityShape.HISTOGRAM and (groups > 1 or x is not None or anchors):
            raise ValueError("a histogram needs one group, no covariates and no anchors")
        unit_free = bool(plan.slope_fixed.any()) and shape is AbilityShape.NORMAL
        mean_free, sd_free = np.ones(groups, bool), np.ones(groups, bool)
        mean_free[0], sd_free[0] = bool(anchors), unit_free
        state = _State(
            np.zeros(groups),
            np.ones(groups),
            mean_free,
            sd_free,
            np.zeros(0 if x is None else x.shape[1]),
            None,
        )
        if shape is AbilityShape.HISTOGRAM:
            state = replace(state, histogram=np.zeros(0))
        weight = np.bincount(
            np.zeros(data.n_people, np.int64) if data.groups is None else data.groups,
            data.weights,
            minlength=groups,
        ).astype(float)
        return cls(
            data,
            plan,
            Penalty(priors, pseudo, np.zeros(0)),
            state,
            x,
            shapes,
            weak,
            _link_notes(anchors, counts, shapes),
            engine,
            weight,
            anchors,
        )


def _category_numbers(
    kinds: Sequence[type[ItemModel]],
    counts: Floats,
    categories: ArrayLike | None,
    anchors: Mapping[int, ItemModel],
) -> Ints:
    """Number of categories of each item."""
    seen = counts.shape[1] - np.argmax(counts[:, ::-1] > 0, axis=1)
    seen = np.where(counts.any(axis=1), seen, 2)
    out = np.maximum(seen, 2) if categories is None else np.asarray(categories, np.int64)
    if out.shape != (len(kinds),) or np.any(out < 2):
        raise ValueError(f"categories: {len(kinds)} numbers of at least 2")
    out = out.astype(np.int64)
    for j, model in anchors.items():
        out[j] = model.categories
    scale: dict[int, int] = {}
    if np.any(seen > out):
        j = int(np.argmax(seen > out))
        raise ValueError(f"item {j}: category {seen[j] - 1} was answered, {out[j]} categories")
    if categories is None:
        ratings = [
            j for j, k in enumerate(kinds) if issubclass(k, RatingScale) and j not in anchors
        ]
        if ratings:
            scale[0] = int(out[ratings].max())
            out[ratings] = scale[0]
    return out


def _check_people(
    data: ResponseSet,
    kinds: Sequence[type[ItemModel]],
    priors: Sequence[ItemPrior],
    equal: Sequence[Equal],
    anchors: Mapping[int, ItemModel],
    minimum_people: int | None,
) -> None:
    """Refuse a calibration whose numbers would be nonsense."""
    if data.n_items < 1 or data.n_people < 1:
        raise NotEnoughData("参数标定", data.n_people, 1, advice="没有作答数据。")
    need, worst = 0, ""
    for j in range(data.n_items):
        if j in anchors:
            continue

        def held(parameter: Parameter, item: int = j) -> bool:
            return any(
                p.parameter is parameter and (p.items is None or item in p.items) for p in priors
            )

        tied = any(
            e.parameter is Parameter.SLOPE and (e.items is None or j in e.items) for e in equal
        )
        known = held(Parameter.INTERCEPT) or held(Parameter.DIFFICULTY)
        count = people_needed(
            kinds[j], slope_prior=held(Parameter.SLOPE), equal_slopes=tied, intercept_prior=known
        )
        if count > need:
            need, worst = count, kinds[j].__name__
    need = need if minimum_people is None else minimum_people
    if data.n_people < need:
        raise NotEnoughData(
            f"{worst} 参数标定",
            data.n_people,
            need,
            advice="可使用题库已有参数作锚题、为参数设先验，或改用参数更少的模型（如 Rasch）。",
        )
    if len(anchors) < data.n_items and data.n_items < 2:
        raise NotEnoughData("参数标定", data.n_items, 2, "题", "单独一题无法区分能力与难度。")


def _weak_items(
    kinds: Sequence[type[ItemModel]],
    counts: Floats,
    shapes: Ints,
    anchors: Mapping[int, ItemModel],
    few_answers: int,
) -> tuple[tuple[WeakItem, ...], Floats]:
    """Items that need pseudo-answers, and how many each."""
    weak: list[WeakItem] = []
    pseudo = np.zeros(len(kinds))
    for j, k in enumerate(shapes.tolist()):
        if j in anchors:
            continue
        row = counts[j, :k]
        if np.any(row <= 0):
            reason, pseudo[j] = WeakReason.EMPTY_CATEGORY, 0.5 * k
        elif row.sum() < few_answers:
            reason, pseudo[j] = WeakReason.FEW_ANSWERS, 0.5 * k
        else:
            continue
        weak.append(WeakItem(j, reason, f"加入每类别 {0.5:g} 个虚拟作答，参数仅供参考"))
    return tuple(weak), pseudo


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


@dataclass(slots=True)
class _Runner:
    """The EM map of one job on one set of nodes; remembers the node windows between passes."""

    job: _Job
    plan: Plan
    theta: Floats
    penalty: Penalty
    grid: GridData | None
    packed: SumScoreData | None
    state: _State
    weight: Floats
    squares: Floats | None
    windows: Ints | None = None
    last: Expected | None = None

    def expect(self, z: Floats) -> tuple[Expected, list[Floats], _State]:
        """One pass over the people at `z`."""
        phi = z[: self.plan.n_free]
        etas = self.plan.eta(phi)
        state = self.state.unpack(z[self.plan.n_free :])
        log_p, _ = self.plan.log_p(etas, self.theta)
        ability = state.ability(self.theta)
        if self.packed is not None:
            slopes, intercepts = self.plan.category_form(etas)
            found = self.packed.expect(log_p, ability, slopes, intercepts)
        else:
            assert self.grid is not None
            found = self.grid.expect(log_p, ability, self.windows)
            self.windows = found.windows
        self.last = found
        return found, etas, state

    def step(self, z: Floats) -> Step:
        """One EM step, with the log-posterior and its gradient at `z`."""
        n = self.plan.n_free
        found, _, state = self.expect(z)
        stats = statistics(self.plan, found, self.penalty, self.theta)
        phi, gradient, scale, extra = update_items(
            self.plan, z[:n], self.theta, stats, self.penalty
        )
        moved, slope, bend = self.population(found, state)
        return Step(
            found.loglik + extra,
            np.concatenate([phi, moved]),
            np.concatenate([gradient, slope]),
            np.concatenate([scale, bend]),
        )

    def population(self, found: Expected, state: _State) -> tuple[Floats, Floats, Floats]:
        """M-step of the population: new numbers, gradient and curvature at the old ones."""
        mass, theta = found.group_mass, self.theta
        total = mass.sum(axis=1)
        first, second = mass @ theta, mass @ theta**2
        means, sds, beta = state.means, state.sds, state.beta
        if beta.size and found.regression is not None and self.squares is not None:
            # Means given the covariates: with m = mean + X beta, all sums follow from X'X and
            # X'E(theta).
            xt, n = found.regression[:-1], total[0]
            free_mean = bool(state.mean_free[0])
            gram, x_sum = self.squares[:-1], self.squares[-1]
            full = np.block([[np.array([[n]]), x_sum[None]], [x_sum[:, None], gram]])
            right = np.concatenate([[first[0]], xt])
            old = np.concatenate([[means[0]], beta])
            slope = right - full @ old
            if free_mean:
                new = np.linalg.solve(full, right)
            else:
                new = np.concatenate([[means[0]], np.linalg.solve(gram, xt - x_sum * means[0])])
            spread_old = second[0] - 2 * old @ right + old @ full @ old
            spread_new = second[0] - 2 * new @ right + new @ full @ new
            var = sds[0] ** 2
            g = [slope[:1] / var] if free_mean else [np.zeros(0)]
            h = [np.array([n / var])] if free_mean else [np.zeros(0)]
            moved = [new[:1]] if free_mean else [np.zeros(0)]
            if state.sd_free[0]:
                moved.append(np.array([0.5 * np.log(spread_new / n)]))
                g.append(np.array([spread_old / var - n]))
                h.append(np.array([2 * n]))
            return (
                np.concatenate([*moved, new[1:]]),
                np.concatenate([*g, slope[1:] / var]),
                np.concatenate([*h, np.diag(gram) / var]),
            )
        if state.histogram is not None:
            weights = mass[0] / total[0]
            root = np.sqrt(weights)
            old = np.sqrt(state.histogram)
            return root, np.zeros_like(root), 4 * total[0] * np.ones_like(old)
        safe = np.maximum(total, 1e-300)
        centre = np.where(state.mean_free, first / safe, means)
        spread = (second - 2 * centre * first + centre**2 * total) / safe
        old_spread = second - 2 * means * first + means**2 * total
        f, s = state.mean_free, state.sd_free
        return (
            np.concatenate([centre[f], 0.5 * np.log(np.maximum(spread[s], 1e-6))]),
            np.concatenate(
                [((first - means * total) / sds**2)[f], (old_spread / sds**2 - total)[s]]
            ),
            np.concatenate([(total / sds**2)[f], (2 * total)[s]]),
        )

    def admissible(self, z: Floats) -> bool:
        """Whether the items lie in their families' domains."""
        if not np.all(np.isfinite(z)):
            return False
        etas = self.plan.eta(z[: self.plan.n_free])
        return all(f.admissible(e).all() for f, e in zip(self.plan.families, etas, strict=True))


def _runner(job: _Job, theta: Floats, *, sample: Ints | None = None) -> _Runner:
    """Prepare the passes over everybody, or over a sample."""
    data = job.data if sample is None else job.data.rows(sample)
    x = job.covariates if job.covariates is None or sample is None else job.covariates[sample]
    packed = grid = None
    fits = job.plan.sum_score and not data.is_sparse
    if fits and data.n_people > _DIRECT_LIMIT and data.is_complete:
        packed = SumScoreData.prepare(data, job.categories, job.engine, covariates=x)
    else:
        grid = GridData.prepare(data, job.categories, job.engine, covariates=x)
    squares = None
    if x is not None:
        w = np.ones(len(x)) if data.weights is None else data.weights
        squares = np.vstack([(x * w[:, None]).T @ x, w @ x])
    return _Runner(
        job,
        job.plan,
        theta,
        _penalty_on(job, theta),
        grid,
        packed,
        job.state,
        job.people_weight,
        squares,
    )


def _penalty_on(job: _Job, theta: Floats) -> Penalty:
    return replace(job.penalty, pseudo_weights=np.exp(normal_log_weights(theta)))


def _histogram_start(job: _Job, theta: Floats) -> _Job:
    if job.state.histogram is None:
        return job
    return replace(job, state=replace(job.state, histogram=np.exp(normal_log_weights(theta))))


def _run(
    job: _Job,
    kind: InformationKind | None,
    nodes: Nodes | None,
    tolerance: float,
    most_passes: int,
    progress: Progress | None,
) -> MMLFit:
    """Choose nodes, climb, check the nodes, finish with standard errors."""
    chosen = nodes or _first_nodes(job)
    job = _histogram_start(job, chosen.theta)
    z = np.concatenate([job.plan.start, job.state.pack()])
    z = _ladder(job, chosen, z)
    passes = 0
    runner = _runner(job, chosen.theta)
    while True:
        outcome = maximise(
            runner.step,
            z,
            admissible=runner.admissible,
            tolerance=tolerance,
            most_passes=max(2, most_passes - passes),
            progress=progress,
        )
        passes += outcome.passes
        z = outcome.point
        better = None if nodes is not None else _better_nodes(runner, z, chosen)
        if better is None or job.state.histogram is not None or passes >= most_passes:
            break
        chosen = better
        runner = replace(
            runner,
            theta=chosen.theta,
            penalty=_penalty_on(job, chosen.theta),
            windows=None,
            last=None,
        )
    return _finish(runner, outcome, passes, kind)


def _first_nodes(job: _Job) -> Nodes:
    """Nodes for a rough guess of the information; checked again at the estimate."""
    if job.data.is_sparse:
        length = job.data.answers()[0].size / max(1, job.data.n_people)
    else:
        length = job.data.n_items
    points = float((job.categories - 1).mean())
    return nodes_for(1.0 + length * (0.3 if points <= 1 else 0.6))


def _information_peak(runner: _Runner, z: Floats) -> float:
    """Highest information of the test a person takes, prior included."""
    etas = runner.plan.eta(z[: runner.plan.n_free])
    peak = np.zeros(runner.theta.size)
    for family, eta in zip(runner.plan.families, etas, strict=True):
        log_p = family.log_p(eta, runner.theta)
        p = np.exp(log_p)
        dp = np.gradient(p, runner.theta, axis=2)
        item = (dp**2 / np.maximum(p, 1e-12)).sum(axis=1)
        peak += item.sum(axis=0)
    data = runner.job.data
    if data.is_sparse:
        share = np.diff(data.row_pointers()).max(initial=0) / max(1, data.n_items)
        peak = peak * share
    return float(peak.max()) + 1.0


def _better_nodes(runner: _Runner, z: Floats, now: Nodes) -> Nodes | None:
    """Finer or wider nodes, if the estimate asks for them."""
    state = runner.state.unpack(z[runner.plan.n_free :])
    need = 1.0 / np.sqrt(_information_peak(runner, z))
    means, sds = state.means, state.sds
    if state.beta.size and runner.job.covariates is not None:
        shift = runner.job.covariates @ state.beta
        means = np.array([means[0] + shift.min(), means[0] + shift.max()])
        sds = np.array([sds[0], sds[0]])
    low, high = float((means - 5 * sds).min()), float((means + 5 * sds).max())
    wide = low < now.theta[0] - 1e-9 or high > now.theta[-1] + 1e-9
    if not wide and now.spacing <= 1.02 * need:
        return None
    low = min(now.theta[0], float((means - 6 * sds).min()))
    high = max(now.theta[-1], float((means + 6 * sds).max()))
    fewest = int(np.ceil((high - low) / 0.2)) + 1
    return nodes_for((1.05 / need) ** 2, low=low, high=high, fewest=max(61, fewest))


def _ladder(job: _Job, nodes: Nodes, z: Floats) -> Floats:
    """Start a large grid calibration from a systematic sample of people."""
    data = job.data
    packed = job.plan.sum_score and not data.is_sparse and data.is_complete
    if packed or data.n_people < _LADDER_FROM or data.n_people < 100 * data.n_items:
        return z
    sample = _systematic(data, _LADDER_SAMPLE)
    runner = _runner(job, nodes.theta, sample=sample)
    outcome = maximise(runner.step, z, admissible=runner.admissible, tolerance=0.1, most_passes=40)
    return outcome.point


def _systematic(data: ResponseSet, size: int) -> Ints:
    """Evenly spaced people of the order by group and total score."""
    if data.matrix is not None:
        matrix = data.matrix if data.is_complete else np.maximum(data.matrix, 0)
        total = matrix.sum(axis=1, dtype=np.int32)
    else:
        _, categories = data.answers()
        ptr = data.row_pointers()
        running = np.concatenate([[0], np.cumsum(categories, dtype=np.int64)])
        total = (running[ptr[1:]] - running[ptr[:-1]]).astype(np.int32)
    if data.groups is not None:
        total = total + (int(total.max(initial=0)) + 1) * data.groups.astype(np.int32)
    if total.max(initial=0) < 2**15:
        total = total.astype(np.int16)  # sorted by radix
    order = np.argsort(total, kind="stable")
    place = ((np.arange(size) + 0.5) * (data.n_people / size)).astype(np.int64)
    return np.sort(order[place])


def _finish(runner: _Runner, outcome: Outcome, passes: int, kind: InformationKind | None) -> MMLFit:
    """Standard errors, a last Newton step, and the result."""
    z, last = outcome.point, outcome.last
    notes = list(runner.job.notes)
    covariance: Floats | None = None
    distance = relative = np.nan
    shortfall, converged = outcome.shortfall, outcome.converged
    size = runner.plan.n_free + _scalar_numbers(runner.state)
    if kind is not None:
        observed, cross, products, sampled = _information(runner, z)
        inverse = _inverse(observed)
        if inverse is None:
            text = "信息矩阵不正定，标准误用交叉乘积矩阵的广义逆近似，仅供参考。"
            notes.append(Note(NoteKind.INFORMATION_SINGULAR, text))
            inverse = np.asarray(np.linalg.pinv(cross, hermitian=True))
        else:
            step = inverse @ last.gradient[:size]
            z, last, passes = _polish(runner, z, last, step, inverse, passes)
            step = inverse @ last.gradient[:size]
            items = np.abs(step[: runner.plan.n_free])
            distance = float(np.abs(items).max(initial=0.0))
            errors = np.sqrt(np.diagonal(inverse))
            relative = float((np.abs(step) / errors).max(initial=0.0))
            shortfall = abs(float(last.gradient[:size] @ step)) / 2
            converged = converged or shortfall < 1e-6
        covariance = _covariance(kind, inverse, cross)
        if sampled:
            text = f"标准误的信息矩阵由 {sampled} 名考生的系统样本计算。"
            notes.append(Note(NoteKind.SAMPLED_INFORMATION, text))
        if products.apart:
            text = "题目很多，标准误未计入题目之间的协方差。"
            notes.append(Note(NoteKind.ITEMS_APART, text))
    if not converged:
        text = f"迭代 {passes} 次后对数后验估计仍低于最大值 {shortfall:.2g}。"
        notes.append(Note(NoteKind.NOT_CONVERGED, text))
    convergence = Convergence(converged, passes, shortfall, distance, relative)
    return _result(runner, z, last, covariance, convergence, kind, tuple(notes))


def _scalar_numbers(state: _State) -> int:
    """Population numbers other than histogram weights."""
    return int(state.mean_free.sum() + state.sd_free.sum()) + state.beta.size


def _information(runner: _Runner, z: Floats) -> tuple[Floats, Floats, Products, int]:
    """Observed information and cross-products at `z`; and the size of the sample, 0 for everybody."""
    plan, job = runner.plan, runner.job
    found, etas, state = (
        runner.last,
        plan.eta(z[: plan.n_free]),
        runner.state.unpack(z[plan.n_free :]),
    )
    if found is None:
        found, etas, state = runner.expect(z)
    sample_size, scale, grid = 0, 1.0, runner.grid
    people = job.data.n_people
    x = job.covariates
    exact = _EXACT_INFORMATION if runner.packed is not None or not job.data.is_sparse else 100_000
    if people > exact:
        chosen = _systematic(job.data, _SAMPLE_FOR_INFORMATION)
        sample_size = chosen.size
        part = job.data.rows(chosen)
        scale = people / sample_size
        if job.data.weights is not None and part.weights is not None:
            scale = float(job.data.weights.sum() / part.weights.sum())
        grid = GridData.prepare(
            part, job.categories, job.engine, covariates=None if x is None else x[chosen]
        )
    elif grid is None:
        grid = GridData.prepare(job.data, job.categories, job.engine, covariates=x)
    terms = PopulationTerms(
        state.means,
        state.sds,
        np.nonzero(state.mean_free)[0],
        np.nonzero(state.sd_free)[0],
        state.beta.size,
    )
    products = score_products(
        grid,
        plan,
        etas,
        state.ability(runner.theta),
        terms,
        scale=scale,
        cut=1e-3 if sample_size else 1e-6,
    )
    stats = statistics(plan, found, runner.penalty, runner.theta)
    complete = complete_information(plan, etas, runner.theta, stats, runner.penalty)
    if products.apart:
        size = plan.n_free + terms.size
        observed = np.eye(size)
        observed[: plan.n_free, : plan.n_free] = complete - products.missing
        cross = np.eye(size)
        cross[: plan.n_free, : plan.n_free] = products.cross
        _, _, bend = runner.population(found, state)
        rest = np.arange(plan.n_free, size)
        observed[rest, rest] = cross[rest, rest] = np.maximum(bend[: terms.size], 1e-12)
        return observed, cross, products, sample_size
    whole = np.zeros_like(products.missing)
    whole[: plan.n_free, : plan.n_free] = complete
    whole[plan.n_free :, plan.n_free :] = _population_information(runner, found, state)
    return whole - products.missing, products.cross, products, sample_size


def _population_information(runner: _Runner, found: Expected, state: _State) -> Floats:
    """Complete-data information of means, log sds and coefficients."""
    mass, theta = found.group_mass, runner.theta
    total, first, second = mass.sum(axis=1), mass @ theta, mass @ theta**2
    m, s = np.nonzero(state.mean_free)[0], np.nonzero(state.sd_free)[0]
    size = m.size + s.size + state.beta.size
    out = np.zeros((size, size))
    var = state.sds**2
    centre = first - state.means * total
    spread = second - 2 * state.means * first + state.means**2 * total
    if state.beta.size and found.regression is not None and runner.squares is not None:
        gram, x_sum = runner.squares[:-1], runner.squares[-1]
        old = np.concatenate([state.means[:1], state.beta])
        full = np.block([[total[:1, None], x_sum[None]], [x_sum[:, None], gram]])
        right = np.concatenate([first[:1], found.regression[:-1]])
        slope = (right - full @ old) / var[0]
        spread = np.array([second[0] - 2 * old @ right + old @ full @ old])
        centre = slope[:1] * var[0]
        b = np.arange(m.size + s.size, size)
        out[np.ix_(b, b)] = gram / var[0]
        if m.size:
            out[0, b] = out[b, 0] = x_sum / var[0]
        if s.size:
            out[m.size, b] = out[b, m.size] = 2 * slope[1:]
    for i, g in enumerate(m):
        out[i, i] = total[g] / var[g]
    for i, g in enumerate(s):
        at = m.size + i
        out[at, at] = 2 * spread[g] / var[g]
        where = np.nonzero(m == g)[0]
        out[at, where] = out[where, at] = 2 * centre[g] / var[g]
    return out


def _inverse(matrix: Floats) -> Floats | None:
    """Inverse of a positive definite matrix, or None."""
    if not np.all(np.isfinite(matrix)):
        return None
    scale = np.sqrt(np.maximum(np.diagonal(matrix), 1e-300))
    factor, failed = lapack.dpotrf(matrix / np.outer(scale, scale), lower=1)
    if failed:
        return None
    lower, failed = lapack.dpotri(factor, lower=1)
    if failed:
        return None
    whole = np.tril(lower) + np.tril(lower, -1).T
    return np.asarray(whole / np.outer(scale, scale))


def _covariance(kind: InformationKind, inverse: Floats, cross: Floats) -> Floats:
    if kind is InformationKind.SANDWICH:
        return np.asarray(inverse @ cross @ inverse)
    if kind is InformationKind.CROSS_PRODUCT:
        return np.asarray(np.linalg.pinv(cross, hermitian=True))
    return inverse


def _polish(
    runner: _Runner, z: Floats, last: Step, step: Floats, inverse: Floats, passes: int
) -> tuple[Floats, Step, int]:
    """One Newton step, kept if it does not lower the log-posterior."""
    if float(np.max(np.abs(step) / np.sqrt(np.diagonal(inverse)), initial=0.0)) < 1e-7:
        return z, last, passes
    moved = z.copy()
    moved[: step.size] += step
    if not runner.admissible(moved):
        return z, last, passes
    before = runner.last
    found = runner.step(moved)
    if found.value >= last.value - 1e-13 * abs(last.value):
        return moved, found, passes + 1
    runner.last = before
    return z, last, passes + 1


def _result(
    runner: _Runner,
    z: Floats,
    last: Step,
    covariance: Floats | None,
    convergence: Convergence,
    kind: InformationKind | None,
    notes: tuple[Note, ...],
) -> MMLFit:
    plan, job, n = runner.plan, runner.job, runner.plan.n_free
    assert runner.last is not None
    state = runner.state.unpack(z[n:])
    etas = plan.eta(z[:n])
    theta = runner.theta
    stretch = np.array([0.0, 1.0])
    if state.histogram is not None:
        etas, theta, stretch = _standardised(runner, etas, state.histogram)
    # Anchors are handed back as given, to the last digit.
    models = tuple(job.anchors.get(j, m) for j, m in enumerate(plan.models(etas)))
    errors = _natural_errors(plan, etas, models, covariance, stretch)
    weights = np.exp(state.ability(theta).log_weights)
    m, s = int(state.mean_free.sum()), int(state.sd_free.sum())
    mean_se, sd_se = np.full(state.means.size, np.nan), np.full(state.sds.size, np.nan)
    beta_se = np.full(state.beta.size, np.nan)
    if covariance is not None:
        tail = np.sqrt(np.maximum(np.diagonal(covariance)[n:], 0.0))
        mean_se[state.mean_free] = tail[:m]
        sd_se[state.sd_free] = tail[m : m + s] * state.sds[state.sd_free]
        beta_se = tail[m + s : m + s + state.beta.size]
    population = Population(
        state.means, state.sds, mean_se, sd_se, theta, weights, state.beta, beta_se
    )
    return MMLFit(
        models,
        errors,
        covariance,
        runner.last.loglik,
        last.value,
        population,
        convergence,
        job.data.n_people,
        n + runner.state.size,
        float(theta[1] - theta[0]),
        float(1.0 / np.sqrt(_information_peak(runner, z))),
        job.weak + _weak_after(job, models, errors),
        notes,
        kind,
    )


def _standardised(
    runner: _Runner, etas: list[Floats], weights: Floats
) -> tuple[list[Floats], Floats, Floats]:
    """Move the histogram to mean 0 and sd 1 by moving nodes and items; the likelihood does not change."""
    theta = runner.theta
    mean = float(weights @ theta)
    sd = float(np.sqrt(weights @ (theta - mean) ** 2))
    if runner.plan.slope_fixed.any():
        sd = 1.0
    out = []
    for family, eta in zip(runner.plan.families, etas, strict=True):
        moved = eta.copy()
        kinds = family.categories
        if type(family).__name__ == "NominalFamily":
            moved[:, : kinds - 1] = eta[:, : kinds - 1] * sd
            moved[:, kinds - 1 :] = eta[:, kinds - 1 :] + eta[:, : kinds - 1] * mean
        else:
            steps = type(family).__name__ == "StepFamily"
            count = 1 if type(family).__name__ == "AsymptoteFamily" else kinds - 1
            times = np.arange(1.0, kinds) if steps else np.ones(count)
            moved[:, 0] = eta[:, 0] * sd
            moved[:, 1 : 1 + count] = eta[:, 1 : 1 + count] + eta[:, :1] * mean * times
        out.append(moved)
    return out, (theta - mean) / sd, np.array([mean, sd])


def _natural_errors(
    plan: Plan,
    etas: Sequence[Floats],
    models: Sequence[ItemModel],
    covariance: Floats | None,
    stretch: Floats,
) -> tuple[tuple[float, ...], ...]:
    """Standard errors of each model's own parameters by the delta method."""
    if covariance is None:
        return tuple((np.nan,) * len(model.parameters) for model in models)
    n = plan.n_free
    items = covariance[:n, :n]
    out: dict[int, tuple[float, ...]] = {}
    for family, eta, low in zip(plan.families, etas, plan.offsets, strict=False):
        m = family.n_parameters
        for i, j in enumerate(family.items.tolist()):
            rows = plan.design[low + i * m : low + (i + 1) * m]
            used = np.unique(rows.indices)
            local = rows[:, used].toarray()
            block = local @ items[np.ix_(used, used)] @ local.T
            jacobian = _natural_jacobian(type(models[j]), models[j], eta[i])
            if stretch[1] != 1.0 or stretch[0] != 0.0:
                block = _stretched(block, family.categories, type(family).__name__, stretch)
            variance = np.einsum("pa,ab,pb->p", jacobian, block, jacobian)
            moves = np.abs(jacobian) @ np.abs(local).sum(axis=1) > 0
            error = np.where(moves, np.sqrt(np.maximum(variance, 0.0)), np.nan)
            out[j] = tuple(float(v) for v in error)
    return tuple(out[j] for j in range(len(models)))


def _stretched(block: Floats, kinds: int, family: str, stretch: Floats) -> Floats:
    """Covariance of an item's numbers after the histogram was standardised."""
    mean, sd = stretch
    m = len(block)
    move = np.eye(m)
    if family == "NominalFamily":
        top = kinds - 1
        move[:top, :top] *= sd
        move[np.arange(top, m), np.arange(top)] = mean
    else:
        count = 1 if family == "AsymptoteFamily" else kinds - 1
        times = np.arange(1.0, kinds) if family == "StepFamily" else np.ones(count)
        move[0, 0] = sd
        move[1 : 1 + count, 0] = mean * times
    return np.asarray(move @ block @ move.T)


def _natural_jacobian(kind: type[ItemModel], model: ItemModel, eta: Floats) -> Floats:
    """Derivatives of the model's parameters by the slope-intercept numbers."""
    form = internal(model)
    m = form.size
    if issubclass(kind, ThreePL | FourPL):
        a, d = form[0], form[1]
        c = 1 / (1 + np.exp(-form[2]))
        u = 1 / (1 + np.exp(-form[3]))
        out = np.zeros((len(model.parameters), m))
        out[0, 0] = 1.0
        out[1, 0], out[1, 1] = d / a**2, -1 / a
        out[2, 2] = c * (1 - c)
        if issubclass(kind, FourPL):
            out[3, 3] = u * (1 - u)
        return out
    if isinstance(model, Nominal):
        top = m // 2
        out = np.zeros((2 * top + 2, m))
        out[np.arange(1, top + 1), np.arange(top)] = 1.0
        out[np.arange(top + 2, 2 * top + 2), np.arange(top, m)] = 1.0
        return out
    a, d = eta[0], eta[1:]
    top = m - 1
    steps = isinstance(model, PartialCredit | RatingScale | GeneralisedPartialCredit)
    difference = np.eye(top)
    if steps:
        difference -= np.eye(top, k=-1)
    b = np.zeros((top, m))
    b[:, 0] = (difference @ d) / a**2
    b[:, 1:] = -difference / a
    if isinstance(model, RatingScale):
        location = b.mean(axis=0, keepdims=True)
        return np.concatenate([location, b - location])
    if isinstance(model, Rasch | PartialCredit):
        return b
    first = np.zeros((1, m))
    first[0, 0] = 1.0
    return np.concatenate([first, b])


def _weak_after(
    job: _Job, models: Sequence[ItemModel], errors: Sequence[tuple[float, ...]]
) -> tuple[WeakItem, ...]:
    """Items that turned out weakly determined."""
    named = {w.item for w in job.weak}
    out: list[WeakItem] = []
    for j, (model, error) in enumerate(zip(models, errors, strict=True)):
        if j in named or job.plan.anchored[j]:
            continue
        slope = model.slope_intercept().slopes[-1]
        if isinstance(model, ThreePL | FourPL) and np.nan_to_num(error[2]) > 0.1:
            out.append(
                WeakItem(
                    j, WeakReason.WANDERING_ASYMPTOTE, "保留估计值；下限主要由先验决定或不确定"
                )
            )
        elif not isinstance(model, Nominal) and slope < 0.2:
            out.append(WeakItem(j, WeakReason.LOW_SLOPE, "保留估计值；请检查答案与题干"))
        elif not isinstance(model, Nominal) and max(np.nan_to_num(error)) > 1.0:
            out.append(WeakItem(j, WeakReason.LARGE_ERROR, "保留估计值；使用前应增加样本"))
    return tuple(out)
