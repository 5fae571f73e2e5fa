"""Classical item statistics: how hard an item is and how well it separates people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from ..typing import Bools, Floats, Ints


def presented(scores: ArrayLike) -> tuple[Floats, Bools]:
    """Split a score matrix into values and the mask of what was presented.

    Parameters
    ----------
    scores
        Shape ``(people, items)``; a negative number or NaN means not presented. An omitted
        answer is a marking decision and arrives here as the points it was given.

    Returns
    -------
    values, mask
        Values with 0 where the mask is false; both ``(people, items)``.

    Raises
    ------
    ValueError
        If `scores` is not a matrix with at least one row and one column.
    """
    x = np.asarray(scores, dtype=np.float64)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError("scores must be a matrix of people x items with at least one of each")
    mask = x >= 0  # false for NaN as well
    return np.where(mask, x, 0.0), mask


class Columns:
    """One column of a score matrix at a time, so that a large int8 matrix is never copied."""

    def __init__(self, scores: ArrayLike) -> None:
        x = np.asarray(scores)
        if x.ndim != 2 or 0 in x.shape:
            raise ValueError("scores must be a matrix of people x items with at least one of each")
        self.matrix, self.people, self.items = x, x.shape[0], x.shape[1]

    def __getitem__(self, item: int) -> tuple[Floats, Bools]:
        """Return the scores of an item (0 where not presented) and who was presented it."""
        x = self.matrix[:, item].astype(np.float64)
        mask: Bools = x >= 0
        return np.where(mask, x, 0.0), mask

    def totals(self, top: Floats) -> tuple[Floats, Floats]:
        """Return the points won and the points available to each person."""
        won, available = np.zeros(self.people), np.zeros(self.people)
        for j in range(self.items):
            x, mask = self[j]
            won += x
            available += mask * top[j]
        return won, available


def _maxima(columns: Columns, maximum: ArrayLike | None) -> Floats:
    found = np.array([columns[j][0].max() for j in range(columns.items)])
    if maximum is None:
        seen: Floats = np.maximum(found, 1.0)
        return seen
    top = np.broadcast_to(np.asarray(maximum, dtype=np.float64), found.shape)
    if np.any(top <= 0) or np.any(found > top):
        raise ValueError("every maximum must be positive and no score may exceed it")
    return np.array(top)


def correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Return the product-moment correlation; NaN if fewer than two pairs or no spread."""
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError("both arguments must be vectors of one length")
    if a.size < 2:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    # A constant leaves rounding noise, which must not turn into a correlation.
    if scale <= 1e-12 * a.size:
        return float("nan")
    return float(np.clip((a @ b) / scale, -1.0, 1.0))


def biserial(item: ArrayLike, criterion: ArrayLike) -> float:
    """Biserial correlation of a right/wrong item with a criterion.

    Parameters
    ----------
    item, criterion
        Shape ``(people,)``; `item` holds 0 and 1.

    Returns
    -------
    float
        Estimated correlation with the normal variable behind the item. It may pass 1 when the
        criterion is far from normal; it is NaN if all or none are right.

    Notes
    -----
    ``r = (M1 - M0) / s * p q / phi(z_p)``, with `s` the standard deviation over `n`:
    Pearson (1909); Lord & Novick (1968), section 15.9.
    """
    x, y = np.asarray(item, dtype=np.float64), np.asarray(criterion, dtype=np.float64)
    if np.any((x != 0) & (x != 1)):
        raise ValueError("the item must be scored 0 or 1")
    p = float(x.mean()) if x.size else float("nan")
    if not 0 < p < 1:
        return float("nan")
    ordinate = float(np.exp(-0.5 * ndtri(p) ** 2) / np.sqrt(2 * np.pi))
    return correlation(x, y) * float(np.sqrt(p * (1 - p))) / ordinate


@dataclass(frozen=True, slots=True)
class UpperLower:
    """Proportion of the points won by the best and the weakest share of the people.

    ``discrimination = upper - lower`` per item, each of shape ``(items,)``; `share` in (0, 0.5].
    """

    upper: Floats
    lower: Floats
    discrimination: Floats
    share: float


def _tail(criterion: Floats, share: float) -> Floats:
    """Weights (people,) of the highest share; people tied at the edge share what is left."""
    need = share * criterion.size
    edge = np.sort(criterion)[::-1][max(int(np.ceil(need - 1e-9)) - 1, 0)]
    above, tied = criterion > edge, criterion == edge
    weight: Floats = above + tied * (need - above.sum()) / tied.sum()
    return weight


def upper_lower(
    scores: ArrayLike,
    criterion: ArrayLike | None = None,
    *,
    maximum: ArrayLike | None = None,
    share: float = 0.27,
) -> UpperLower:
    """Discrimination index from the upper and the lower group.

    Parameters
    ----------
    scores
        Shape ``(people, items)``; negative means not presented.
    criterion
        Shape ``(people,)``; by default the share of the available points each person won.
    maximum
        Highest score of each item; by default the highest seen.
    share
        Size of each group; 0.27 is Kelley's choice.

    Notes
    -----
    People tied at the edge of a group enter with equal fractions, so that the order of the rows
    cannot change the result. Kelley (1939), J. Educ. Psychol. 30:17-24.
    """
    if not 0 < share <= 0.5:
        raise ValueError("share must lie in (0, 0.5]")
    columns = Columns(scores)
    top = _maxima(columns, maximum)
    if criterion is None:
        won, available = columns.totals(top)
        y = np.divide(won, available, out=np.zeros(won.size), where=available > 0)
    else:
        y = np.asarray(criterion, dtype=np.float64)
        if y.shape != (columns.people,):
            raise ValueError("the criterion must have one value per person")
    return _upper_lower(columns, top, y, share)


def _upper_lower(columns: Columns, top: Floats, y: Floats, share: float) -> UpperLower:
    tails = (_tail(y, share), _tail(-y, share))
    ends = np.full((2, columns.items), np.nan)
    for j in range(columns.items):
        x, mask = columns[j]
        for k, weight in enumerate(tails):
            seen = float(weight @ mask)
            if seen > 0:
                ends[k, j] = float(weight @ x) / seen / top[j]
    return UpperLower(ends[0], ends[1], ends[0] - ends[1], share)


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """Classical statistics of every item, each array of shape ``(items,)``.

    Parameters
    ----------
    count
        People to whom the item was presented.
    facility, facility_se
        Mean share of the points won, in [0, 1], and its standard error.
    deviation
        Standard deviation of the item score (divisor n - 1), in points.
    item_total, item_rest
        Correlation with the share of points won on the whole test, and on all other items.
    biserial
        Biserial correlation with the rest; NaN for items with more than two scores.
    discrimination
        Upper group minus lower group.
    """

    count: Ints
    facility: Floats
    facility_se: Floats
    deviation: Floats
    item_total: Floats
    item_rest: Floats
    biserial: Floats
    discrimination: Floats


def facility(scores: ArrayLike, maximum: ArrayLike | None = None) -> Floats:
    """Mean share of the points won on every item (items,), over those to whom it was presented."""
    columns = Columns(scores)
    top = _maxima(columns, maximum)
    out = np.full(columns.items, np.nan)
    for j in range(columns.items):
        x, mask = columns[j]
        if mask.any():
            out[j] = x.sum() / mask.sum() / top[j]
    return out


def item_statistics(
    scores: ArrayLike, *, maximum: ArrayLike | None = None, share: float = 0.27
) -> ItemStatistics:
    """All classical statistics of a scored test.

    Parameters
    ----------
    scores
        Shape ``(people, items)``, points won; negative means not presented.
    maximum
        Highest score of each item; by default the highest seen.
    share
        Size of the upper and the lower group.

    Notes
    -----
    Where people saw different items, "total" and "rest" are shares of the points that were
    available to each person; with a complete matrix this is the usual correlation with the sum.
    """
    columns = Columns(scores)
    top = _maxima(columns, maximum)
    won, available = columns.totals(top)
    count = np.zeros(columns.items, dtype=np.int64)
    mean, total, rest, bis, spread = (np.full(columns.items, np.nan) for _ in range(5))
    for j in range(columns.items):
        score, seen = columns[j]
        x, others = score[seen], available[seen] - top[j]
        count[j] = x.size
        if x.size:
            mean[j] = x.mean() / top[j]
        if x.size > 1:
            spread[j] = x.std(ddof=1)
            total[j] = correlation(x, won[seen] / available[seen])
        usable = others > 0
        if usable.sum() > 1:
            y = (won[seen] - x)[usable] / others[usable]
            rest[j] = correlation(x[usable], y)
            if np.all((x == 0) | (x == 1)):
                bis[j] = biserial(x[usable], y)
    y = np.divide(won, available, out=np.zeros(won.size), where=available > 0)
    return ItemStatistics(
        count=count,
        facility=mean,
        facility_se=spread / top / np.sqrt(np.maximum(count, 1)),
        deviation=spread,
        item_total=total,
        item_rest=rest,
        biserial=bis,
        discrimination=_upper_lower(columns, top, y, share).discrimination,
    )


@dataclass(frozen=True, slots=True)
class DistractorTable:
    """How one item's options were chosen; rows are the options and, last, "none chosen".

    Parameters
    ----------
    count, proportion
        Shape ``(options + 1,)``: people who chose it, and their share of those presented.
    mean_criterion
        Mean criterion of those who chose it; NaN if nobody did.
    correlation
        Correlation of choosing it with the criterion: positive for a good key, negative for a
        good distractor.
    by_group
        Shape ``(options + 1, groups)``: share choosing it in each criterion group, lowest first.
    group_size
        Shape ``(groups,)``.
    """

    count: Ints
    proportion: Floats
    mean_criterion: Floats
    correlation: Floats
    by_group: Floats
    group_size: Ints


def distractor_table(
    chosen: ArrayLike, criterion: ArrayLike, *, groups: int = 5
) -> DistractorTable:
    """Tabulate the choice of every option against a criterion.

    Parameters
    ----------
    chosen
        Shape ``(people, options)``, true where the option was chosen, for the people to whom the
        item was presented; several may be true, a row without any is an omitted answer.
    criterion
        Shape ``(people,)``, usually the score on the other items.
    groups
        Criterion groups of nearly equal size; people with equal values stay together, so there
        may be fewer.
    """
    picked, y = np.asarray(chosen, dtype=bool), np.asarray(criterion, dtype=np.float64)
    if picked.ndim != 2 or y.shape != (len(picked),) or not y.size or groups < 1:
        raise ValueError("need people x options, one criterion value per person, groups >= 1")
    picked = np.column_stack([picked, ~picked.any(axis=1)])
    edges = np.unique(np.quantile(y, np.arange(1, groups) / groups, method="higher"))
    group = np.searchsorted(edges, y, side="right")
    _, group = np.unique(group, return_inverse=True)  # an empty lowest group disappears
    size = np.bincount(group)
    count = picked.sum(axis=0)
    share = np.stack([np.bincount(group, weights=column) / size for column in picked.T])
    mean = np.divide(y @ picked, count, out=np.full(count.shape, np.nan), where=count > 0)
    related = np.array([correlation(column, y) for column in picked.T.astype(np.float64)])
    return DistractorTable(count, count / y.size, mean, related, share, size.astype(np.int64))
