"""Purification: match people on items that do not themselves function differently."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..typing import Bools, Floats
from .classical import presented


@dataclass(frozen=True, slots=True)
class Purified:
    """Flags after purification.

    Parameters
    ----------
    flagged
        Items flagged in the last round, shape ``(items,)``.
    rounds
        Rounds used.
    settled
        False if the flags began to cycle or the rounds ran out; then look at the data.
    """

    flagged: Bools
    rounds: int
    settled: bool


def matching_score(scores: ArrayLike, keep: ArrayLike, item: int) -> Floats:
    """Total over the kept items and the studied one, shape ``(people,)``.

    With a complete matrix this is the plain sum. Otherwise the sum is scaled to all of those items
    and rounded, so that random papers can be matched; NaN for people who saw none of them.
    """
    values, mask = presented(scores)
    use = np.asarray(keep, dtype=bool).copy()
    use[item] = True
    return _scaled(values[:, use].sum(axis=1), mask[:, use].sum(axis=1), int(use.sum()))


def _scaled(total: Floats, seen: Floats, items: int) -> Floats:
    if bool((seen == items).all()):
        return total
    scaled: Floats = np.full(total.shape, np.nan)
    np.divide(total * items, seen, out=scaled, where=seen > 0)
    return np.round(scaled)


def purify(
    scores: ArrayLike,
    group: ArrayLike,
    flag: Callable[[Floats, Floats, Floats], bool],
    *,
    rounds: int = 10,
) -> Purified:
    """Repeat a test of every item, each time matching on the items not flagged before.

    Parameters
    ----------
    scores
        Shape ``(people, items)``; negative means not presented.
    group
        0 reference, 1 focal.
    flag
        Called with item score, group and matching score; true if the item functions
        differently. For instance ``lambda x, g, m: mantel_haenszel(x, g, m).ets is EtsClass.C``.
    rounds
        At most this many.

    References
    ----------
    Candell & Drasgow (1988); Clauser, Mazor & Hambleton (1993). The studied item always stays in
    its own matching score (Holland & Thayer 1988).
    """
    values, mask = presented(scores)
    g = np.asarray(group, dtype=np.float64)
    items = values.shape[1]
    flagged: Bools = np.zeros(items, dtype=bool)
    seen = {flagged.tobytes()}
    for done in range(1, rounds + 1):
        total, seen_items = values @ ~flagged, mask @ (~flagged).astype(np.float64)
        now = np.zeros(items, dtype=bool)
        for j in range(items):
            extra = float(flagged[j])
            match = _scaled(
                total + extra * values[:, j],
                seen_items + extra * mask[:, j],
                items - int(flagged.sum()) + int(flagged[j]),
            )
            now[j] = flag(np.where(mask[:, j], values[:, j], -1.0), g, match)
        if np.array_equal(now, flagged):
            return Purified(now, done, True)
        if now.all() or now.tobytes() in seen:
            return Purified(now, done, False)
        flagged = now
        seen.add(now.tobytes())
    return Purified(flagged, rounds, False)
