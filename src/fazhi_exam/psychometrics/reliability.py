"""Reliability of a total score, and the standard error of measurement."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.stats import f as f_distribution

from ..errors import NotEnoughData
from ..typing import Bools, Floats
from .classical import correlation, presented

_BLOCK = 65_536  # rows at a time: a million int8 rows must not become two float copies


def item_covariance(scores: ArrayLike) -> Floats:
    """Covariances of the item scores (divisor n - 1).

    Parameters
    ----------
    scores
        Shape ``(people, items)``; negative means not presented. Each covariance uses the people
        who were presented both items, so random papers are allowed.

    Returns
    -------
    Floats
        Shape ``(items, items)``, symmetric; positive semi-definite if the matrix is complete.

    Raises
    ------
    NotEnoughData
        If some pair of items was answered together by fewer than two people.
    """
    matrix = np.asarray(scores)
    presented(matrix[:1])  # refuses anything but a matrix with rows and columns
    blocks = [matrix[k : k + _BLOCK] for k in range(0, len(matrix), _BLOCK)]
    count, one = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
    for block in blocks:
        x, mask = presented(block)
        count += mask.sum(axis=0)
        one += x.sum(axis=0)
    # Centring first keeps the products small, so that rounding stays at 1e-16 of the variance.
    centre = one / np.maximum(count, 1)
    both, sums, products = (np.zeros((count.size, count.size)) for _ in range(3))
    for block in blocks:
        x, mask = presented(block)
        m = mask.astype(np.float64)
        x = np.where(mask, x - centre, 0.0)
        both += m.T @ m
        sums += x.T @ m
        products += x.T @ x
    if both.min() < 2:
        raise NotEnoughData("题目间协方差", int(both.min()), 2)
    out: Floats = (products - sums * sums.T / both) / (both - 1)
    return out


def _checked(covariance: ArrayLike) -> tuple[Floats, float]:
    c = np.asarray(covariance, dtype=np.float64)
    if c.ndim != 2 or c.shape[0] != c.shape[1] or len(c) < 2:
        raise ValueError("need a square covariance matrix of at least two items")
    total = float(c.sum())
    if total <= 0:
        raise NotEnoughData("信度", 0, 1, "种不同的总分", "所有人总分相同时信度没有意义")
    return c, total


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability coefficient with its interval at `level`."""

    value: float
    low: float
    high: float
    level: float
    people: int
    items: int


def alpha_of(covariance: ArrayLike) -> float:
    """Coefficient alpha from a covariance matrix: ``k/(k-1) (1 - sum var / var total)``."""
    c, total = _checked(covariance)
    return len(c) / (len(c) - 1) * (1 - float(np.trace(c)) / total)


def alpha(scores: ArrayLike, *, level: float = 0.95) -> Reliability:
    """Coefficient alpha with Feldt's interval; for right/wrong items this is KR-20.

    Parameters
    ----------
    scores
        Shape ``(people, items)``; negative means not presented.
    level
        Coverage of the interval, in (0, 1).

    Notes
    -----
    ``(1 - alpha) / (1 - estimate)`` follows F with ``n - 1`` and ``(n - 1)(k - 1)`` degrees of
    freedom: Feldt (1965), Psychometrika 30:357-370. With incomplete data `n` is the mean number
    of people per item, which makes the interval approximate.
    """
    if not 0 < level < 1:
        raise ValueError("level must lie in (0, 1)")
    value = alpha_of(item_covariance(scores))
    matrix = np.asarray(scores)
    people, items = round(int((matrix >= 0).sum()) / matrix.shape[1]), matrix.shape[1]
    tail = (1 - level) / 2
    spread = f_distribution(people - 1, (people - 1) * (items - 1))
    return Reliability(
        value,
        1 - (1 - value) * float(spread.ppf(1 - tail)),
        1 - (1 - value) * float(spread.ppf(tail)),
        level,
        people,
        items,
    )


def stratified_alpha(scores: ArrayLike, strata: ArrayLike) -> float:
    """Alpha of a test made of parts, such as sections with different kinds of items.

    Parameters
    ----------
    scores
        Shape ``(people, items)``; negative means not presented.
    strata
        Part of each item, shape ``(items,)``; a part of one item counts as unreliable.

    Notes
    -----
    ``1 - sum var_s (1 - alpha_s) / var``: Cronbach, Schoenemann & McKie (1965), Educ. Psychol.
    Meas. 25:291-312. Plain alpha is too low where the parts measure somewhat different things.
    """
    c, total = _checked(item_covariance(scores))
    part = np.asarray(strata)
    if part.shape != (len(c),):
        raise ValueError("one part per item is needed")
    error = 0.0
    for label in np.unique(part):
        block = c[np.ix_(part == label, part == label)]
        variance = float(block.sum())
        known = alpha_of(block) if len(block) > 1 and variance > 0 else 0.0
        error += variance * (1 - known)
    return 1 - error / total


def kr20(scores: ArrayLike) -> float:
    """Kuder-Richardson formula 20: alpha of items scored 0 and 1.

    Notes
    -----
    Item variances ``p q`` and the variance of the total share one divisor, so that KR-20 is
    alpha exactly; texts that mix ``n`` and ``n - 1`` differ in the third decimal.
    """
    values, mask = presented(scores)
    if np.any((values != 0) & (values != 1) & mask):
        raise ValueError("KR-20 needs items scored 0 or 1")
    return alpha_of(item_covariance(scores))


def kr21(mean: float, variance: float, items: int) -> float:
    """Kuder-Richardson formula 21 from the mean, variance and length of a right/wrong test."""
    if items < 2 or variance <= 0 or not 0 <= mean <= items:
        raise ValueError("need at least two items, a positive variance and a mean within the scale")
    return items / (items - 1) * (1 - mean * (items - mean) / (items * variance))


@dataclass(frozen=True, slots=True)
class GuttmanBounds:
    """Guttman's six lower bounds to reliability; `lambda3` is coefficient alpha.

    `lambda4` is the best split found; `exhaustive` says whether every split was tried.
    """

    lambda1: float
    lambda2: float
    lambda3: float
    lambda4: float
    lambda5: float
    lambda6: float
    exhaustive: bool


def guttman(covariance: ArrayLike) -> GuttmanBounds:
    """Guttman's lower bounds from a covariance matrix of item scores.

    Notes
    -----
    Guttman (1945), Psychometrika 10:255-282. All splits are tried up to 14 items; beyond that
    the best of a deterministic exchange search, which is still a lower bound.
    """
    c, total = _checked(covariance)
    k = len(c)
    off = c - np.diag(np.diag(c))
    one = 1 - float(np.trace(c)) / total
    squares = (off**2).sum(axis=0)
    four, exhaustive = _best_split(c, total)
    return GuttmanBounds(
        lambda1=one,
        lambda2=one + float(np.sqrt(k / (k - 1) * squares.sum())) / total,
        lambda3=k / (k - 1) * one,
        lambda4=four,
        lambda5=one + 2 * float(np.sqrt(squares.max())) / total,
        lambda6=1 - float(_residual_variances(c).sum()) / total,
        exhaustive=exhaustive,
    )


def _residual_variances(c: Floats) -> Floats:
    """Variance of each item that the other items leave unexplained, (items,)."""
    if np.linalg.cond(c) < 1e10:
        plain: Floats = 1 / np.diag(np.linalg.inv(c))
        return plain
    # Constant or duplicate items: one regression each, where the inverse does not exist.
    out = np.empty(len(c))
    for j in range(len(c)):
        rest = np.arange(len(c)) != j
        known = np.linalg.lstsq(c[np.ix_(rest, rest)], c[rest, j], rcond=1e-10)[0] @ c[rest, j]
        out[j] = max(float(c[j, j] - known), 0.0)
    return out


def _best_split(c: Floats, total: float) -> tuple[float, bool]:
    """Largest ``4 cov(A, B) / var(total)``; with signs t this is ``1 - t'Ct / total``."""
    k = len(c)
    if k <= 14:
        best = min(_quadratic(c, t) for t in _splits(k))
        return 1 - best / total, True
    starts = [np.where(np.arange(k) % 2, 1.0, -1.0), np.where(np.arange(k) < k / 2, 1.0, -1.0)]
    starts += [np.where(v >= 0, 1.0, -1.0) for v in np.linalg.eigh(c)[1].T[: min(k, 12)]]
    best = min(_quadratic(c, _exchange(c, t.copy())) for t in starts)
    return 1 - best / total, False


def _quadratic(c: Floats, signs: Floats) -> float:
    return float(signs @ c @ signs)


def _splits(k: int) -> list[Floats]:
    out = []
    for size in range(1, k // 2 + 1):
        for half in combinations(range(k), size):
            t = np.ones(k)
            t[list(half)] = -1
            out.append(t)
    return out


def _exchange(c: Floats, t: Floats) -> Floats:
    """Flip the sign that lowers ``t'Ct`` most until none does."""
    for _ in range(20 * len(c)):
        change = -4 * t * (c @ t) + 4 * np.diag(c)
        j = int(np.argmin(change))
        if change[j] >= -1e-12 * abs(float(c.sum())):
            break
        t[j] = -t[j]
    return t


def one_factor(covariance: ArrayLike) -> tuple[Floats, Floats]:
    """Maximum-likelihood loadings and unique variances of one factor.

    Parameters
    ----------
    covariance
        Shape ``(items, items)``, positive definite, at least three items.

    Returns
    -------
    loadings, uniqueness
        Shape ``(items,)``, in item score units; loadings sum to a positive number.
    """
    c, _ = _checked(covariance)
    if len(c) < 3:
        raise ValueError("one factor needs at least three items")
    sd = np.sqrt(np.diag(c))
    if np.any(sd <= 0):
        raise NotEnoughData(
            "单因子模型", 0, 1, "种不同的题目得分", "请先去掉无人答对或全部答对的题目"
        )
    r = c / np.outer(sd, sd)

    def loss(free: Floats) -> tuple[float, Floats]:
        psi = np.exp(free)
        scaled = r / np.sqrt(np.outer(psi, psi))
        values, vectors = np.linalg.eigh(scaled)
        top, rest = values[-1], np.maximum(values[:-1], 1e-12)
        loading = np.sqrt(psi) * vectors[:, -1] * np.sqrt(max(top - 1, 0.0))
        # The gradient of the concentrated likelihood: diag of (Sigma - R) over psi (Joreskog 1967).
        slope = (loading**2 + psi - 1) / psi
        return float(np.sum(rest - np.log(rest) - 1)), slope

    start = np.log(np.clip(1 / np.diag(np.linalg.pinv(r, hermitian=True)), 0.05, 0.95))
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(np.log(0.005), 0.0)] * len(c),
        options={"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-9},
    )  # fmt: skip
    psi = np.exp(np.asarray(found.x, dtype=np.float64))
    values, vectors = np.linalg.eigh(r / np.sqrt(np.outer(psi, psi)))
    loading = np.sqrt(psi) * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    loading *= 1.0 if loading.sum() >= 0 else -1.0
    return loading * sd, psi * sd**2


def omega(covariance: ArrayLike) -> float:
    """McDonald's omega of one factor: ``(sum l)^2 / ((sum l)^2 + sum psi)``.

    References
    ----------
    McDonald (1999), Test Theory: A Unified Treatment, chapter 6.
    """
    loading, unique = one_factor(covariance)
    common = float(loading.sum()) ** 2
    return common / (common + float(unique.sum()))


@dataclass(frozen=True, slots=True)
class SplitHalf:
    """Reliability from two halves of a test.

    Parameters
    ----------
    correlation
        Between the two half scores.
    spearman_brown
        Stepped up to full length; supposes halves of equal spread.
    rulon
        Flanagan-Rulon ``4 cov / var``; supposes nothing about the spreads.
    """

    correlation: float
    spearman_brown: float
    rulon: float


def split_half(scores: ArrayLike, first: ArrayLike | None = None) -> SplitHalf:
    """Split-half reliability of a complete score matrix.

    Parameters
    ----------
    scores
        Shape ``(people, items)``, without missing cells.
    first
        Mask ``(items,)`` of the first half; odd against even items by default.
    """
    x, mask = presented(scores)
    if not mask.all():
        raise ValueError("split halves need every item presented to everyone")
    half: Bools = np.arange(x.shape[1]) % 2 == 0 if first is None else np.asarray(first, dtype=bool)
    if half.shape != (x.shape[1],) or half.all() or not half.any():
        raise ValueError("each half must hold at least one item")
    a, b = x[:, half].sum(axis=1), x[:, ~half].sum(axis=1)
    r = correlation(a, b)
    spread = float(np.var(a + b, ddof=1)) if len(a) > 1 else 0.0
    rulon = 4 * float(np.cov(a, b)[0, 1]) / spread if spread > 0 else float("nan")
    return SplitHalf(r, spearman_brown(r, 2.0), rulon)


def spearman_brown(reliability: float, length: float) -> float:
    """Reliability of a test made `length` times as long with like items."""
    return length * reliability / (1 + (length - 1) * reliability)


def length_for(reliability: float, target: float) -> float:
    """How many times as long the test must be to reach the `target` reliability."""
    if not (0 < reliability < 1 and 0 < target < 1):
        raise ValueError("both reliabilities must lie strictly between 0 and 1")
    return target * (1 - reliability) / (reliability * (1 - target))


def standard_error(deviation: float, reliability: float) -> float:
    """Return the standard error of measurement ``s sqrt(1 - r)``, in the units of `deviation`."""
    if deviation < 0 or reliability > 1:
        raise ValueError("need a deviation >= 0 and a reliability <= 1")
    return float(deviation * np.sqrt(1 - reliability))


def lord_error(score: ArrayLike, items: int) -> Floats:
    """Conditional standard error of a number-right score, ``sqrt(x (n - x) / (n - 1))``.

    References
    ----------
    Lord (1955, 1957), Educ. Psychol. Meas. 17:510-521 (binomial error).
    """
    x = np.asarray(score, dtype=np.float64)
    if items < 2 or np.any((x < 0) | (x > items)):
        raise ValueError("need at least two items and scores within 0 and the number of items")
    return np.sqrt(x * (items - x) / (items - 1))


def keats_error(score: ArrayLike, items: int, *, reliability: float, kr21: float) -> Floats:
    """Lord's conditional error scaled so that its average agrees with a better reliability.

    Notes
    -----
    The binomial error supposes items of one difficulty and is therefore too large on average;
    Keats (1957), Psychometrika 22:29-41, multiplies its square by ``(1 - r) / (1 - KR21)``.
    """
    if not (kr21 < 1 and reliability <= 1):
        raise ValueError("kr21 must be below 1 and the reliability at most 1")
    scaled: Floats = lord_error(score, items) * np.sqrt((1 - reliability) / (1 - kr21))
    return scaled


def compound_error(right: ArrayLike, items: ArrayLike, points: ArrayLike) -> Floats:
    """Conditional standard error of a total made of parts with their own points per item.

    Parameters
    ----------
    right
        Shape ``(people, parts)``: items answered right in each part.
    items, points
        Shape ``(parts,)``: items in the part (at least two) and points for each.

    References
    ----------
    Feldt (1984), Educ. Psychol. Meas. 44:883-891 (compound binomial error).
    """
    x = np.atleast_2d(np.asarray(right, dtype=np.float64))
    n, w = np.asarray(items, dtype=np.float64), np.asarray(points, dtype=np.float64)
    if n.shape != w.shape or x.shape[1:] != n.shape or np.any(n < 2):
        raise ValueError("need one number of items (at least two) and of points for every part")
    if np.any((x < 0) | (x > n)):
        raise ValueError("a part cannot have more right answers than items")
    out: Floats = np.sqrt((w**2 * x * (n - x) / (n - 1)).sum(axis=1))
    return out
