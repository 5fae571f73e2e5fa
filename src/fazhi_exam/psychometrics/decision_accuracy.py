"""How often a pass/fail decision is right, and how often a second test would repeat it.

Every method here first states the probability of each outcome given ability (or true score) and
then averages over people, so both tables are correct by construction: rows and columns add to the
same outcomes, and the table of two like tests is symmetric.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, ndtr, roots_jacobi
from scipy.stats import beta

from ..errors import NotEnoughData
from ..typing import Floats
from .ability import score_distribution
from .information import Points, score_curve
from .models import ItemModel


@dataclass(frozen=True, slots=True)
class DecisionQuality:
    """Accuracy and consistency of decisions; outcomes are ordered from the lowest.

    Parameters
    ----------
    accuracy
        Probability that the decision is the one the true score deserves.
    consistency
        Probability that a parallel test gives the same decision.
    kappa
        Consistency beyond chance; NaN if everybody gets the same outcome.
    false_pass, false_fail
        Probability of being placed too high, and too low; they and `accuracy` add to 1.
    true_by_observed
        Shape ``(outcomes, outcomes)``: joint probability of the deserved and the given outcome.
    observed_by_observed
        Shape ``(outcomes, outcomes)``, symmetric: joint probability on two parallel tests.
    """

    accuracy: float
    consistency: float
    kappa: float
    false_pass: float
    false_fail: float
    true_by_observed: Floats
    observed_by_observed: Floats


def quality(given: ArrayLike, deserved: ArrayLike, weights: ArrayLike) -> DecisionQuality:
    """Average conditional outcome probabilities over people.

    Parameters
    ----------
    given
        Shape ``(points, outcomes)``: probability of each outcome at each ability; rows sum to 1.
    deserved
        Shape ``(points, outcomes)``: probability that the true score at this point belongs to
        each outcome; 0 or 1 where the point lies on one side of every cut.
    weights
        Shape ``(points,)``: share of the people; renormalised to sum to 1.
    """
    p, t = np.asarray(given, dtype=np.float64), np.asarray(deserved, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    if p.ndim != 2 or t.shape != p.shape or w.shape != p.shape[:1] or not w.sum() > 0:
        raise ValueError("given and deserved need one shape, and one weight per row")
    w = w / w.sum()
    joint = (t * w[:, None]).T @ p
    repeat = (p * w[:, None]).T @ p
    repeat = (repeat + repeat.T) / 2  # rounding only; the product is symmetric already
    return _quality(joint, repeat)


def _quality(joint: Floats, repeat: Floats) -> DecisionQuality:
    margin = repeat.sum(axis=0)
    chance = float(margin @ margin)
    same = float(np.trace(repeat))
    return DecisionQuality(
        accuracy=float(np.trace(joint)),
        consistency=same,
        kappa=(same - chance) / (1 - chance) if chance < 1 - 1e-12 else float("nan"),
        false_pass=float(np.triu(joint, 1).sum()),
        false_fail=float(np.tril(joint, -1).sum()),
        true_by_observed=joint,
        observed_by_observed=repeat,
    )


def _cuts(cuts: ArrayLike) -> Floats:
    c = np.atleast_1d(np.asarray(cuts, dtype=np.float64))
    if c.ndim != 1 or not c.size or np.any(np.diff(c) <= 0) or not np.isfinite(c).all():
        raise ValueError("cuts must be finite and rise strictly")
    return c


def _one_hot(values: Floats, cuts: Floats) -> Floats:
    """Outcome of each value as 0/1 columns; a value equal to a cut has reached it."""
    # True scores come from sums of probabilities: 59.999999999999 has reached 60.
    return np.eye(cuts.size + 1)[np.searchsorted(cuts, values + 1e-9, side="right")]


def lee(
    models: Sequence[ItemModel],
    cuts: ArrayLike,
    theta: ArrayLike,
    weights: ArrayLike | None = None,
    points: Points | None = None,
) -> DecisionQuality:
    """Lee's classification accuracy and consistency of a raw-score cut.

    Parameters
    ----------
    models, points
        The test, and the points of its items as in `ability.score_distribution`.
    cuts
        Lowest total score of each higher outcome, rising; one cut is pass/fail.
    theta, weights
        Either the nodes of an ability distribution with their weights, or the estimated
        abilities of people with equal weights (the default).

    Notes
    -----
    The total score given ability is the Lord-Wingersky distribution; the deserved outcome is
    that of the expected score. Lee (2010), J. Educ. Meas. 47:1-17. Other programs are known to
    drop the scaling constant D in the recursion; here the models carry their own slope.
    """
    c = _cuts(cuts)
    nodes = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    w = np.ones(nodes.size) if weights is None else np.asarray(weights, dtype=np.float64)
    scores = score_distribution(models, nodes, points)
    outcome = _one_hot(np.arange(scores.shape[1], dtype=np.float64), c)
    expected = score_curve(models, nodes, points).expected
    return quality(scores @ outcome, _one_hot(expected, c), w)


def rudner(
    theta: ArrayLike, error: ArrayLike, cuts: ArrayLike, weights: ArrayLike | None = None
) -> DecisionQuality:
    """Rudner's classification accuracy and consistency of a cut on the ability scale.

    Parameters
    ----------
    theta, error
        Ability and its standard error, shape ``(n,)``, `error` >= 0.
    cuts
        Lowest ability of each higher outcome, rising.
    weights
        Shape ``(n,)``; equal by default.

    Notes
    -----
    The estimate is taken as normal about the true ability. Rudner (2001, 2005), Practical
    Assessment, Research & Evaluation 7(14), 10(13); consistency by the same argument (Wyse &
    Hao 2012). The information of three-parameter items belongs in `error`: a factor
    ``(1 - c^2)`` instead of ``(1 - c)`` has been seen elsewhere.
    """
    c = _cuts(cuts)
    x, se = np.asarray(theta, dtype=np.float64), np.asarray(error, dtype=np.float64)
    if x.ndim != 1 or x.shape != se.shape or np.any(se < 0):
        raise ValueError("theta and error must be vectors of one length, error >= 0")
    w = np.ones(x.size) if weights is None else np.asarray(weights, dtype=np.float64)
    gap = c - x[:, None]
    # Without error an ability equal to the cut has reached it.
    z = np.where(gap > 0, np.inf, -np.inf)
    np.divide(gap, se[:, None], out=z, where=np.broadcast_to(se[:, None] > 0, gap.shape))
    below = np.column_stack([np.zeros(x.size), ndtr(z), np.ones(x.size)])
    return quality(np.diff(below, axis=1), _one_hot(x, c), w)


@dataclass(frozen=True, slots=True)
class BetaTrueScore:
    """A true proportion score distribution: beta on ``[low, high]`` with shapes `a` and `b`.

    `four_moments` says whether the shape of the scores allowed all four moments to be matched;
    otherwise only mean and variance are, on [0, 1].
    """

    a: float
    b: float
    low: float
    high: float
    four_moments: bool


@dataclass(frozen=True, slots=True)
class LivingstonLewis:
    """Livingston-Lewis result: decision quality, effective test length and true scores."""

    quality: DecisionQuality
    effective_length: int
    true_score: BetaTrueScore


def livingston_lewis(
    scores: ArrayLike,
    cuts: ArrayLike,
    *,
    reliability: float,
    minimum: float = 0.0,
    maximum: float,
) -> LivingstonLewis:
    """Decision quality from total scores and their reliability alone.

    Parameters
    ----------
    scores
        Total scores, shape ``(people,)``, in points.
    cuts
        Lowest total score of each higher outcome, rising, in points.
    reliability
        Of the total score, in (0, 1).
    minimum, maximum
        Ends of the score scale, in points.

    Raises
    ------
    NotEnoughData
        If all scores are equal or there are fewer than ten.

    Notes
    -----
    The test is replaced by a binomial one of the effective length with the same mean, spread and
    reliability; the true proportion follows a four-parameter beta distribution fitted by
    moments. Livingston & Lewis (1995), J. Educ. Meas. 32:179-197; Hanson (1991), ACT Research
    Report 91-5, for the moments. All integrals are exact up to rounding (Gauss-Jacobi rules on
    each side of each cut), and the table of two tests is symmetric, which is not so everywhere.
    """
    c, x = _cuts(cuts), np.asarray(scores, dtype=np.float64)
    if x.ndim != 1 or maximum <= minimum or np.any((x < minimum) | (x > maximum)):
        raise ValueError("scores must be a vector within minimum and maximum")
    if not 0 < reliability < 1:
        raise ValueError("reliability must lie strictly between 0 and 1")
    if x.size < 10 or x.std() == 0:
        raise NotEnoughData("判定一致性", int(np.unique(x).size), 10, "人且分数不全相同")
    mean, variance = float(x.mean()), float(x.var(ddof=1))
    length = (mean - minimum) * (maximum - mean) - reliability * variance
    trials = max(1, round(length / (variance * (1 - reliability))))
    share = (x - minimum) / (maximum - minimum)
    true = _beta_from_moments(*_true_moments(share * trials, trials))
    edges = (c - minimum) / (maximum - minimum)
    joint, repeat = _beta_binomial(true, trials, edges)
    return LivingstonLewis(_quality(joint, repeat), trials, true)


def _true_moments(count: Floats, trials: int) -> tuple[float, float, float, float]:
    """Mean, variance, skewness and kurtosis of true proportions from factorial moments."""
    raw, product = [1.0], np.ones(count.shape)
    for k in range(4):
        if trials <= k:
            raw.append(float("nan"))
            continue
        product = product * (count - k) / (trials - k)
        raw.append(float(product.mean()))
    m = raw[1]
    variance = raw[2] - m**2
    third = raw[3] - 3 * m * raw[2] + 2 * m**3
    fourth = raw[4] - 4 * m * raw[3] + 6 * m**2 * raw[2] - 3 * m**4
    if not variance > 0:
        return m, 0.0, float("nan"), float("nan")
    return m, variance, third / variance**1.5, fourth / variance**2


def _beta_from_moments(
    mean: float, variance: float, skewness: float, kurtosis: float
) -> BetaTrueScore:
    """Four-parameter beta if it exists within [0, 1], else two parameters on [0, 1]."""
    if not variance > 0:
        raise NotEnoughData("真分数分布", 0, 1, "种真分数", "分数的差异不超过测量误差")
    odd = skewness**2
    size = 6 * (kurtosis - odd - 1) / (6 + 3 * odd - 2 * kurtosis)
    if np.isfinite(size) and size > 0:
        spread = (size + 2) * np.sqrt(odd / ((size + 2) ** 2 * odd + 16 * (size + 1)))
        small, large = size / 2 * (1 - spread), size / 2 * (1 + spread)
        a, b = (large, small) if skewness < 0 else (small, large)
        width = np.sqrt(variance) * size * np.sqrt((size + 1) / (a * b))
        low = mean - width * a / size
        if a > 0 and b > 0 and low >= 0 and low + width <= 1:
            return BetaTrueScore(float(a), float(b), float(low), float(low + width), True)
    size = mean * (1 - mean) / variance - 1
    return BetaTrueScore(mean * size, (1 - mean) * size, 0.0, 1.0, False)


def _beta_binomial(true: BetaTrueScore, trials: int, edges: Floats) -> tuple[Floats, Floats]:
    """Joint tables by Gauss rules on panels cut at the true-score edges and at quantiles.

    Inside a panel the integrand is smooth; the power at 0 or 1, where the density may be infinite,
    is taken into the weight of a Gauss-Jacobi rule.
    """
    width = true.high - true.low
    inner = np.clip((edges - true.low) / width, 0.0, 1.0)
    # A panel next to a singular end must reach well into the mass, or its neighbour suffers.
    tails = [1e-13, 1e-4, 0.02, 0.2]
    share = [*(tails if true.a >= 4 else []), 0.5, *(1 - np.array(tails if true.b >= 4 else []))]
    spread = beta.ppf(share, true.a, true.b)
    knots = np.unique(np.concatenate([[0.0, 1.0], inner, spread]))
    parts = [
        _beta_rule(true.a, true.b, low, high, 40 + trials // 8)
        for low, high in pairwise(knots.tolist())
        if high - low > 1e-14
    ]
    u, w = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Smallest count whose share of the trials reaches the edge.
    need = np.ceil(edges * trials - 1e-9)
    below = [np.zeros(u.size), *(_binomial_below(need, true.low + width * u, trials).T)]
    given = np.diff(np.column_stack([*below, np.ones(u.size)]), axis=1)
    hot = np.eye(edges.size + 1)[np.searchsorted(inner, u, side="right")]
    w = w / w.sum()
    joint, repeat = (hot * w[:, None]).T @ given, (given * w[:, None]).T @ given
    return joint, (repeat + repeat.T) / 2


def _beta_rule(a: float, b: float, low: float, high: float, order: int) -> tuple[Floats, Floats]:
    """Nodes and weights for a beta(a, b) density on [low, high] within [0, 1]."""
    order = min(order, 80)
    # From the fourth power on the end is smooth enough, and large exponents would overflow.
    left, right = low <= 0.0 and a < 4, high >= 1.0 and b < 4
    t, w = roots_jacobi(order, b - 1 if right else 0.0, a - 1 if left else 0.0)
    half = (high - low) / 2
    u = low + half * (1 + t)
    log = np.log(half) - betaln(a, b)
    log = log + (a - 1) * (np.log(half) if left else np.log(np.maximum(u, 1e-300)))
    log = log + (b - 1) * (np.log(half) if right else np.log(np.maximum(1 - u, 1e-300)))
    return np.asarray(u), np.asarray(w * np.exp(log))


def _binomial_below(need: Floats, p: Floats, trials: int) -> Floats:
    """P(count < need), shape (points, cuts)."""
    out = np.ones((p.size, need.size))
    for k, least in enumerate(need):
        if least <= 0:
            out[:, k] = 0.0
        elif least <= trials:
            out[:, k] = 1.0 - betainc(least, trials - least + 1, p)
    return out


@dataclass(frozen=True, slots=True)
class NearCut:
    """People whose score lies within one standard error of the cut: `count` of `people`."""

    count: int
    people: int
    share: float
    error: float


def near_cut(scores: ArrayLike, cut: float, error: float) -> NearCut:
    """Count the scores within one conditional standard error of a cut (ends included).

    Parameters
    ----------
    scores
        Shape ``(people,)``, in points.
    cut, error
        Cut score, and the conditional standard error of measurement at the cut, in points.
    """
    x = np.asarray(scores, dtype=np.float64)
    if x.ndim != 1 or not x.size or error < 0:
        raise ValueError("need a vector of scores and an error >= 0")
    count = int((np.abs(x - cut) <= error + 1e-9).sum())
    return NearCut(count, x.size, count / x.size, float(error))
