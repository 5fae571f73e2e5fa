"""Categories of an item that was seen with fewer or more of them than its model has."""

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Ints


def on_steps(category: ArrayLike, have: ArrayLike, want: ArrayLike) -> Ints:
    """Move categories to an item with another number of them, full points to full points.

    Categories count the different awards of one sitting, so that an item with half marks has two
    of them where nobody got half. They are taken as equal steps of the points, as in
    `Calibration.share_curve`; what falls in the middle of two goes to the even one.

    Parameters
    ----------
    category
        From 0 to ``have - 1``.
    have, want
        Numbers of categories, at least 2, of the same shape or one for all.
    """
    steps = np.asarray(have, np.int64) - 1
    share = np.asarray(category, np.int64) * (np.asarray(want, np.int64) - 1)
    return np.rint(share / steps).astype(np.int64)
