"""What several releases together give away, by whatever arithmetic (多次发布的联合推断).

A published count is a statement about the sum of some disjoint groups of people ("atoms", such as
unit × month × attempt). A ledger of statements is their membership matrix and their counts.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from ..errors import DidNotConverge
from ..typing import Bools, Floats


def implied_range(members: ArrayLike, totals: ArrayLike, wanted: ArrayLike) -> Floats:
    """Bound a sum of atoms by everything that was published, by linear programming.

    `passrate.ReleaseLedger` compares releases two by two and wholes with their parts; this finds
    what follows from any number of them, for a group that an analyst is worried about.

    Parameters
    ----------
    members
        Shape (statements, atoms): whether a statement counts an atom.
    totals
        Shape (statements,): the published counts, whole and not negative; they must not contradict
        each other.
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
    DidNotConverge
        If the linear programme was not solved.

    Examples
    --------
    Failures of a unit were published for January and February, for February and March, and for
    January and March. No two of these are part of one another, yet January follows: 3.

    >>> months = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    >>> implied_range(months, [24, 31, 13], [1, 0, 0])
    array([3., 3.])
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
