"""Marginal maximum likelihood calibration (边际极大似然标定) of all models, kinds mixed freely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..engines import Engine, Serial, one_blas_thread
from ..typing import Floats, Progress
from .acceleration import Outcome, Step, maximise
from .expectation_maximisation import Runner, make_runner, penalty_on, systematic_sample
from .mml_information import covariance_of, information_matrices, inverse_of
from .mml_result import (
    AbilityShape,
    Convergence,
    MMLFit,
    Note,
    NoteKind,
    Population,
    WeakItem,
    WeakReason,
)
from .models import (
    FourPL,
    ItemModel,
    Nominal,
    ThreePL,
    TwoPL,
)
from .natural import natural_errors, standardised
from .node_choice import better_nodes, first_nodes, information_peak
from .plan import Equal
from .preparation import Job, PopulationState, Request, people_needed
from .priors import DEFAULT_PRIORS, ItemPrior
from .quadrature import Nodes, normal_log_weights
from .responses import ResponseLike, as_responses
from .standard_errors import (
    InformationKind,
)

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

_LEAST_SD = 0.03
_LADDER_FROM = 200_000
_LADDER_SAMPLE = 20_000


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
    tolerance: float = 1e-7,
    most_passes: int = 500,
    minimum_people: int | None = None,
    few_answers: int = 30,
    protect_weak: bool = True,
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
        Which standard errors; None for none. Above 120,000 people the scores of a systematic
        sample of 100,000 (50,000 for banks of more than 400 items) stand for everybody's, the
        complete-data part stays exact: standard errors are then right to about 0.1 % (2PL) or
        0.3 % (3PL). For such large banks products between different items are left out, which
        makes the errors about 1 to 2 % too small; the fit says so.
    nodes
        By default chosen from the test information, at least 61 on ``mean ± 6 sd``.
    tolerance
        Stop when the log-posterior is estimated to lie this close to its maximum.
    minimum_people
        Overrides `people_needed`, at your own risk; 0 for no check.
    few_answers
        An item with fewer answers is named as weakly determined. Such items, items with an empty
        category and items on which fewer than 50 people differ from the rest get half a
        pseudo-answer per category or a lognormal(0, 0.5) prior on the slope, and the fit says
        which.
    protect_weak
        Whether weak items get that help. Without it they are only named, and an item with an empty
        category drifts off.
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
    request = Request(
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
        protect_weak,
    )
    with one_blas_thread():
        job = Job.prepare(as_responses(responses), request, engine or Serial())
        return _run(job, information, nodes, tolerance, most_passes, progress)


def _histogram_start(job: Job, theta: Floats) -> Job:
    if job.state.histogram is None:
        return job
    return replace(job, state=replace(job.state, histogram=np.exp(normal_log_weights(theta))))


def _run(
    job: Job,
    kind: InformationKind | None,
    nodes: Nodes | None,
    tolerance: float,
    most_passes: int,
    progress: Progress | None,
) -> MMLFit:
    """Choose nodes, climb, check the nodes, finish with standard errors."""
    chosen = nodes or first_nodes(job)
    job = _histogram_start(job, chosen.theta)
    z = np.concatenate([job.plan.start, job.state.pack()])
    z = _ladder(job, chosen, z, most_passes, progress)
    passes = 0
    runner = make_runner(job, chosen.theta)
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
        better = None if nodes is not None else better_nodes(runner, z, chosen)
        if better is None or job.state.histogram is not None or passes >= most_passes:
            break
        chosen = better
        runner = replace(
            runner,
            theta=chosen.theta,
            penalty=penalty_on(job, chosen.theta),
            windows=None,
            last=None,
        )
    return _finish(runner, outcome, passes, kind)


def _ladder(
    job: Job, nodes: Nodes, z: Floats, most_passes: int, progress: Progress | None
) -> Floats:
    """Start a large grid calibration from a systematic sample of people."""
    data = job.data
    packed = job.plan.sum_score and not data.is_sparse and data.is_complete
    if packed or data.n_people < _LADDER_FROM or data.n_people < 100 * data.n_items:
        return z
    sample = systematic_sample(data, _LADDER_SAMPLE)
    runner = make_runner(job, nodes.theta, sample=sample)

    def still_starting(_: int, __: int) -> None:
        # Passes over the sample do not count, but they can be interrupted.
        if progress is not None:
            progress(0, most_passes)

    outcome = maximise(
        runner.step,
        z,
        admissible=runner.admissible,
        tolerance=0.1,
        most_passes=40,
        progress=still_starting,
    )
    return outcome.point


def _finish(runner: Runner, outcome: Outcome, passes: int, kind: InformationKind | None) -> MMLFit:
    """Finish with standard errors and a last Newton step."""
    z, last = outcome.point, outcome.last
    notes = list(runner.job.notes)
    covariance: Floats | None = None
    distance = relative = np.nan
    shortfall, converged = outcome.shortfall, outcome.converged
    size = runner.plan.n_free + _scalar_numbers(runner.state)
    if kind is not None and size:
        observed, cross, products, sampled = information_matrices(runner, z)
        inverse = inverse_of(observed)
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
        covariance = covariance_of(kind, inverse, cross)
        if sampled:
            text = f"标准误的信息矩阵由 {sampled} 名考生的系统样本计算。"
            notes.append(Note(NoteKind.SAMPLED_INFORMATION, text))
        if products.apart:
            text = "题目很多，标准误未计入题目之间的协方差，约偏小 1% 至 2%。"
            notes.append(Note(NoteKind.ITEMS_APART, text))
    if not converged:
        text = f"迭代 {passes} 次后对数后验估计仍低于最大值 {shortfall:.2g}。"
        notes.append(Note(NoteKind.NOT_CONVERGED, text))
    convergence = Convergence(converged, passes, shortfall, distance, relative)
    return _result(runner, z, last, covariance, convergence, kind, tuple(notes))


def _scalar_numbers(state: PopulationState) -> int:
    """Count the population numbers other than histogram weights."""
    return int(state.mean_free.sum() + state.sd_free.sum()) + state.beta.size


def _polish(
    runner: Runner, z: Floats, last: Step, step: Floats, inverse: Floats, passes: int
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
    runner: Runner,
    z: Floats,
    last: Step,
    covariance: Floats | None,
    convergence: Convergence,
    kind: InformationKind | None,
    notes: tuple[Note, ...],
) -> MMLFit:
    plan, job, n = runner.plan, runner.job, runner.plan.n_free
    if runner.last is None:
        raise TypeError("no pass was made")
    state = runner.state.unpack(z[n:])
    etas = plan.eta(z[:n])
    theta = runner.theta
    stretch = np.array([0.0, 1.0])
    if state.histogram is not None:
        etas, theta, stretch = standardised(runner, etas, state.histogram)
    # Anchors are handed back as given, to the last digit.
    models = tuple(job.anchors.get(j, m) for j, m in enumerate(plan.models(etas)))
    errors = natural_errors(plan, etas, models, covariance, stretch)
    weights = np.exp(state.ability(theta).log_weights)
    m, s = int(state.mean_free.sum()), int(state.sd_free.sum())
    mean_se, sd_se = np.full(state.means.size, np.nan), np.full(state.sds.size, np.nan)
    beta_se = np.full(state.beta.size, np.nan)
    if covariance is not None:
        tail = np.sqrt(np.maximum(np.diagonal(covariance)[n:], 0.0))
        mean_se[state.mean_free] = tail[:m]
        sd_se[state.sd_free] = tail[m : m + s] * state.sds[state.sd_free]
        beta_se = tail[m + s : m + s + state.beta.size]
    who = np.zeros(job.data.n_people, np.int64) if job.data.groups is None else job.data.groups
    people = np.bincount(who, job.data.weights, minlength=job.data.n_groups).astype(float)
    population = Population(
        state.means, state.sds, mean_se, sd_se, theta, weights, state.beta, beta_se, people
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
        float(1.0 / np.sqrt(information_peak(runner, z))),
        job.weak + _weak_after(job, models, errors),
        notes + _collapse_notes(state),
        kind,
    )


def _collapse_notes(state: PopulationState) -> tuple[Note, ...]:
    """Say when answers show no spread of ability beyond chance, which makes abilities useless."""
    flat = np.nonzero(state.sd_free & (state.sds < _LEAST_SD))[0]
    if not flat.size:
        return ()
    names = "、".join(str(g) for g in flat)
    text = (
        f"第 {names} 组的能力标准差估计为零：作答中看不出考生之间超出偶然的能力差别，"
        "能力估计和区分度没有意义，请勿据此排序或判定。"
    )
    return (Note(NoteKind.POPULATION_COLLAPSED, text),)


def _weak_after(
    job: Job, models: Sequence[ItemModel], errors: Sequence[tuple[float, ...]]
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
