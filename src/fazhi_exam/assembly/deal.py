"""One paper per candidate: many at once or one alone, with the same result (抽题)."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from ..errors import DrawError
from ..typing import Ints, Progress
from .draw import Draw, RevealedDraw
from .draw_many import draw_many
from .draw_one import arranged, draw_units
from .draw_tables import DrawTables
from .form import FormItem
from .manifest import Manifest
from .paper import Paper, Papers
from .stream import plain_seed, stream_key

_CHUNK = 4096
_PATIENCE = 100


def derive_paper(revealed: RevealedDraw, code: str) -> Paper:
    """Derive one candidate's paper alone, in milliseconds.

    Raises
    ------
    DrawError
        If the code is not on the roster or no attempt passes.
    """
    row = next((r for r in revealed.draw.roster if r.code == code), None)
    if row is None:
        raise DrawError(f"考生 {code}", "不在抽题名单中")
    tables = DrawTables(revealed.draw.manifest)
    units, _ = draw_units(tables, revealed.seed, row)
    return arranged(tables, revealed.seed, code, units)


class DealtPapers(Papers):
    """The papers of one draw: units in a compact array, each paper made when asked for (已抽试卷).

    Parameters
    ----------
    revealed
        The draw with its seed.
    units
        Drawn units as positions in the manifest's units in byte order, shape ``(papers, units)``.
    attempts
        Attempts each paper took.
    """

    def __init__(self, revealed: RevealedDraw, units: Ints, attempts: Ints) -> None:
        self.revealed, self.units, self.attempts = revealed, units, attempts
        self._tables = DrawTables(revealed.draw.manifest)

    @property
    def manifest(self) -> Manifest:
        """What was committed."""
        return self.revealed.draw.manifest

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Candidate codes in order."""
        return tuple(row.code for row in self.revealed.draw.roster)

    @cached_property
    def worth(self) -> Mapping[str, FormItem]:
        """What every drawable item counts."""
        return self.manifest.worth

    @property
    def unit_ids(self) -> tuple[str, ...]:
        """Ids of the units that `units` refers to."""
        return self._tables.names

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """Ids of all drawable items, those of a unit together and in order."""
        return tuple(n for unit in self.unit_ids for n in self.manifest.units[unit].items)

    @cached_property
    def matrix(self) -> Ints:
        """Which items each candidate has, shape ``(papers, items)``."""
        sizes = np.array([len(self.manifest.units[u].items) for u in self.unit_ids])
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        if not len(self.units):
            return np.zeros((0, 0), dtype=np.int64)
        # Sections fix the sizes of units column by column.
        columns = [
            first[self.units[:, c]] + k
            for c in range(self.units.shape[1])
            for k in range(int(sizes[self.units[0, c]]))
        ]
        return np.stack(columns, axis=1).astype(np.int64)

    def __getitem__(self, code: str) -> Paper:
        if code not in self._places:
            raise DrawError(f"考生 {code}", "不在抽题名单中")
        units = self.units[self._places[code]].tolist()
        return arranged(self._tables, self.revealed.seed, code, units)

    def transcript(self, *, with_papers: bool = True) -> bytes:
        """Return the transcript, by default with the hash of every paper."""
        hashes = ((paper.candidate, paper.digest) for paper in self) if with_papers else ()
        return self.revealed.transcript(hashes)


def deal(revealed: RevealedDraw, *, progress: Progress | None = None) -> DealtPapers:
    """Draw every candidate's paper.

    Each paper depends on the manifest, the seed and that candidate's own row alone; the arrays
    only save time, `derive_paper` gives the same.

    Raises
    ------
    DrawError
        Naming the first candidate for whom nothing passes, and what rejected most.
    """
    tables = DrawTables(revealed.draw.manifest)
    manifest, rows, seed = tables.manifest, revealed.draw.roster, revealed.seed
    units = np.zeros((len(rows), sum(manifest.plans[0])), dtype=np.int64)
    attempts = np.zeros(len(rows), dtype=np.int64)
    keys = [stream_key(seed, row.code, "items") for row in rows]
    classes = np.array([tables.neighbour_class(row) for row in rows], dtype=np.int64)
    # Alone are candidates with exclusions, and those who met a rejected word, about one in 100,000.
    alone = [place for place, row in enumerate(rows) if tables.seen(row)]
    active = np.delete(np.arange(len(rows)), alone)
    for attempt in range(manifest.max_attempts):
        left = []
        for start in range(0, active.size, _CHUNK):
            part = active[start : start + _CHUNK]
            drawn, good, odd = draw_many(tables, [keys[p] for p in part], classes[part], attempt)
            units[part[good]] = drawn[good]
            attempts[part[good]] = attempt + 1
            alone += part[odd].tolist()
            left.append(part[~(good | odd)])
        active = np.concatenate([*left, active[:0]])
        if progress:
            progress(len(rows) - active.size - len(alone), len(rows))
        if not active.size:
            break
        if attempt == _PATIENCE and not attempts.any():
            # Nobody has a paper yet: let one candidate say why rather than try on for all.
            draw_units(tables, seed, rows[int(active[0])])
    # Whoever is left fails again alone, which finds the reason and raises.
    for done, place in enumerate([*active.tolist(), *alone], 1):
        units[place], attempts[place] = draw_units(tables, seed, rows[place])
        if progress:
            progress(len(rows) - len(alone) + done, len(rows))
    return DealtPapers(revealed, units, attempts)


def rehearse(draw: Draw, *, seed: int = 0, progress: Progress | None = None) -> DealtPapers:
    """Deal a committed draw once with a made-up seed, to see that it will succeed on the day.

    The papers are thrown away; attempts, exposure and parity forecast those of the real draw.

    Raises
    ------
    DrawError
        As `deal` would.
    """
    return deal(RevealedDraw(draw, plain_seed(seed)), progress=progress)
