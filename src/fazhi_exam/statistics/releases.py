"""What several releases together give away: counts that follow by subtracting one from another.

A published count is a statement about the sum of some disjoint groups of people ("atoms", such as
unit × month × attempt). A ledger of statements is their membership matrix and their counts.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from ..errors import DidNotConverge
from ..typing import Bools, Floats, Ints


def small_differences(members: ArrayLike, totals: ArrayLike, *, threshold: int = 10) -> Ints:
    """Find pairs of statements whose difference is a small group of people.

    Parameters
    ----------
    members
        Shape (statements, atoms): whether a statement counts an atom.
    totals
        Shape (statements,): the published counts, whole and not negative.
    threshold
        Fewest people that may be shown, at least 2.

    Returns
    -------
    pairs
        Shape (found, 2): positions of the smaller and of the larger statement. The smaller one
        counts a part of the larger one's atoms, or the same atoms at another time, and the counts
        differ by 1 to ``threshold - 1``. Sorted.

    Raises
    ------
    ValueError
        If shapes do not fit, or a number is missing or out of range.
    """
    m, t = _ledger(members, totals)
    if threshold < 2:
        raise ValueError("threshold must be at least 2")
    whole = m.astype(np.int64)
    shared = whole @ whole.T
    size = whole.sum(axis=1)
    part = shared == size[:, None]  # row's atoms all belong to the column's statement
    gap = t[None, :] - t[:, None]
    return np.argwhere(part & (gap > 0) & (gap < threshold)).astype(np.int64)


def implied_range(members: ArrayLike, totals: ArrayLike, wanted: ArrayLike) -> Floats:
    """Bound a sum of atoms by everything that was published, by linear programming.

    Parameters
    ----------
    members, totals
        As `small_differences`; statements must not contradict each other.
    wanted
        Shape (atoms,): which atoms the group of interest consists of.

    Returns
    -------
    low, high
        Shape (2,): the feasible interval; `high` is infinite if nothing bounds it. An interval
        narrower than the threshold around a small count gives it away, by whatever arithmetic.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is out of range, or the statements contradict each other.
    """
    m, t = _ledger(members, totals)
    group = np.asarray(wanted, np.bool_)
    if group.shape != m.shape[1:]:
        raise ValueError("wanted needs one entry per atom")
    bounds = []
    for sign in (1.0, -1.0):
        found = optimize.linprog(
            sign * group, A_eq=m.astype(float), b_eq=t, bounds=(0, None), method="highs"
        )
        if found.status == 2:
            raise ValueError("the published counts contradict each other")
        if found.status not in (0, 3):
            raise DidNotConverge("发布台账线性规划", int(found.nit), float("nan"))
        bounds.append(sign * float(found.fun) if found.status == 0 else np.inf)
    return np.array(bounds)


def _ledger(members: ArrayLike, totals: ArrayLike) -> tuple[Bools, Floats]:
    m, t = np.asarray(members), np.asarray(totals, float)
    if m.ndim != 2 or t.shape != m.shape[:1] or not np.isin(m, (0, 1)).all():
        raise ValueError("need members of shape (statements, atoms) and one total per statement")
    if not np.all((t >= 0) & (t == np.floor(t)) & np.isfinite(t)):
        raise ValueError("totals must be whole and not negative")
    return m.astype(np.bool_), t
