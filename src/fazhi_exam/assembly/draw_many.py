"""Many candidates' draws at once in arrays; bit for bit what `draw_one` gives.

Most papers meet no enemies: they are drawn in step, cell by cell, for thousands of candidates.
Those that do meet some are drawn again by `_Skipper`, with a place of their own in the stream.
Whoever meets a rejected word, about one in 100,000, is left to `draw_one`.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from ..typing import Bools, Ints
from .draw_tables import DrawTables
from .stream import labelled

_WORDS = 2**32


def draw_many(
    tables: DrawTables, keys: Sequence[bytes], classes: Ints, attempt: int
) -> tuple[Ints, Bools, Bools]:
    """One attempt for many candidates: units drawn, which pass, which met a rejected word."""
    manifest = tables.manifest
    count = 1 + sum(manifest.plans[0])
    words = _word_table(keys, attempt, count)
    drawn = np.empty((count - 1, len(keys)), dtype=np.int64)
    odd = np.zeros(len(keys), dtype=bool)
    plans, used = _below(words[0], len(manifest.plans), odd)
    for plan in range(len(manifest.plans)):
        for one in range(manifest.neighbour_classes):
            group = np.flatnonzero((plans == plan) & (classes == one))
            if group.size:
                whole = group.size == len(keys)
                part = words if whole else words[:, group]
                out, strange = _choose(tables, part, used, plan, one)
                drawn[:, group] = out
                odd[group] |= strange
    short = np.zeros(len(keys), dtype=bool)
    clash = np.flatnonzero(_clashes(tables, drawn) & ~odd)
    if clash.size:
        again = _skipping(tables, [keys[c] for c in clash.tolist()], classes[clash], attempt)
        drawn[:, clash], short[clash], odd[clash] = again
    good = ~odd & ~short & _passes(tables, drawn)
    return drawn.T, good, odd


def _word_table(keys: Sequence[bytes], attempt: int, count: int) -> Ints:
    """First words of many streams, shape ``(words, streams)``: a step reads one block of memory."""
    tail, shake = labelled(str(attempt)), hashlib.shake_256
    data = b"".join([shake(key + tail).digest(4 * count) for key in keys])
    return np.frombuffer(data, ">u4").reshape(len(keys), count).T.astype(np.int64, order="C")


def _below(words: Ints, n: int, odd: Bools) -> tuple[Ints, int]:
    """Integers below `n` and the words used; rejected words are marked in `odd`."""
    if n == 1:
        return np.zeros(words.size, dtype=np.int64), 0
    odd |= words >= _WORDS - _WORDS % n
    return words % n, 1


def _choose(tables: DrawTables, words: Ints, used: int, plan: int, one: int) -> tuple[Ints, Bools]:
    """Choose from every cell in order for candidates of one plan and neighbour class."""
    odd = np.zeros(words.shape[1], dtype=bool)
    columns: list[Ints] = []
    for place, need in enumerate(tables.manifest.plans[plan]):
        members = np.array(tables.by_class[one][place], dtype=np.int64)
        always = tables.fixed[place]
        columns += [np.full(words.shape[1], unit) for unit in always]
        wanted = need - len(always)
        if members.size < wanted:
            return np.zeros((words.shape[0] - 1, words.shape[1]), dtype=np.int64), ~odd
        steps = []
        for i in range(wanted):
            step, took = _below(words[used], members.size - i, odd)
            used += took
            steps.append(step + i)
        columns += [members[at] for at in _fisher_yates(steps, members.size)]
    return np.array(columns), odd


def _fisher_yates(steps: Sequence[Ints], size: int) -> list[Ints]:
    """Values at the first places after swapping place ``i`` with ``steps[i]`` in turn.

    For few steps the earlier swaps are searched instead of keeping the whole cell per candidate:
    after step ``t`` place ``steps[t]`` holds what was at place ``t``.
    """
    if len(steps) ** 2 > 2 * size:
        return _fisher_yates_whole(steps, size)
    out: list[Ints] = []
    moved: list[Ints] = []
    for i, step in enumerate(steps):
        value, here = step.copy(), np.full(step.size, i)
        for t in range(i):
            np.copyto(value, moved[t], where=steps[t] == step)
            np.copyto(here, moved[t], where=steps[t] == i)
        out.append(value)
        moved.append(here)
    return out


def _fisher_yates_whole(steps: Sequence[Ints], size: int) -> list[Ints]:
    rows = np.arange(steps[0].size)
    table = np.tile(np.arange(size, dtype=np.int64)[:, None], (1, rows.size))
    for i, step in enumerate(steps):
        held = table[step, rows]
        table[step, rows] = table[i]
        table[i] = held
    return list(table[: len(steps)])


def _clashes(tables: DrawTables, drawn: Ints) -> Bools:
    """Which columns of drawn units hold an enemy pair: there something has to be passed over."""
    if not tables.foes:
        return np.zeros(drawn.shape[1], dtype=bool)
    present = np.zeros((len(tables.foes) + 1, drawn.shape[1]), dtype=bool)
    present[tables.code[drawn], np.arange(drawn.shape[1])] = True
    one, two = tables.enemies.T
    return np.asarray((present[one] & present[two]).any(axis=0))


def _skipping(
    tables: DrawTables, keys: Sequence[bytes], classes: Ints, attempt: int
) -> tuple[Ints, Bools, Bools]:
    """Draw again with more words, passing over enemies: units, which fell short, which are odd."""
    manifest = tables.manifest
    size = sum(manifest.plans[0])
    count = 2 * size + 64
    words = _word_table(keys, attempt, count)
    odd = np.zeros(len(keys), dtype=bool)
    short = np.zeros(len(keys), dtype=bool)
    drawn = np.zeros((size, len(keys)), dtype=np.int64)
    plans, used = _below(words[0], len(manifest.plans), odd)
    for plan in range(len(manifest.plans)):
        for one in range(manifest.neighbour_classes):
            group = np.flatnonzero((plans == plan) & (classes == one))
            if group.size:
                search = _Skipper(tables, words[:, group], used)
                for place, need in enumerate(manifest.plans[plan]):
                    search.cell(tables.fixed[place], tables.by_class[one][place], need)
                drawn[:, group] = search.drawn
                short[group] |= search.short
                odd[group] |= search.odd
    return drawn, short, odd


class _Skipper:
    """Draws cell by cell for many candidates at once while passing over enemies.

    Candidates use different numbers of words, so each has a place of its own in the stream.
    """

    def __init__(self, tables: DrawTables, words: Ints, used: int) -> None:
        self.tables, self.words = tables, words
        papers = words.shape[1]
        self.at = np.full(papers, used)
        self.drawn = np.zeros((sum(tables.manifest.plans[0]), papers), dtype=np.int64)
        self.column = 0
        self.odd = np.zeros(papers, dtype=bool)
        self.short = np.zeros(papers, dtype=bool)
        # One row for every unit with enemies, one for all others, one to write what nobody reads.
        self.barred = np.zeros((len(tables.foes) + 2, papers), dtype=bool)
        for units in tables.fixed:
            for unit in units:
                self.barred[list(tables.code[list(tables.foes.get(unit, ()))])] = True

    def cell(self, fixed: Sequence[int], members: Sequence[int], need: int) -> None:
        """Draw one cell for everybody."""
        for unit in fixed:
            self.drawn[self.column] = unit
            self.column += 1
        wanted, size = need - len(fixed), len(members)
        units = np.array(members, dtype=np.int64)
        table = np.tile(np.arange(size, dtype=np.int32)[:, None], (1, self.at.size))
        got = np.zeros(self.at.size, dtype=np.int64)
        for i in range(size):
            rows = np.flatnonzero((got < wanted) & ~self.odd)
            if not rows.size:
                break
            step = self._step(rows, size, i)
            here = table[step, rows]
            table[step, rows] = table[i, rows]
            table[i, rows] = here
            self._take(rows, units[here], got)
        self.short |= got < wanted
        self.column += wanted

    def _step(self, rows: Ints, size: int, i: int) -> Ints:
        if size - i == 1:
            return np.full(rows.size, i)
        beyond = self.at[rows] >= len(self.words)
        word = self.words[np.where(beyond, 0, self.at[rows]), rows]
        self.at[rows] += 1
        n = size - i
        self.odd[rows] |= beyond | (word >= _WORDS - _WORDS % n)
        return np.asarray(i + word % n)

    def _take(self, rows: Ints, units: Ints, got: Ints) -> None:
        """Keep the units that clash with nothing taken before, and bar their enemies."""
        code = self.tables.code[units]
        free = ~self.barred[code, rows]
        rows, units, code = rows[free], units[free], code[free]
        self.drawn[self.column + got[rows], rows] = units
        got[rows] += 1
        foes = code < len(self.tables.foes)
        for others in self.tables.foe_codes[code[foes]].T:
            self.barred[others, rows[foes]] = True


def _passes(tables: DrawTables, drawn: Ints) -> Bools:
    """Which columns of drawn units satisfy target and bounds."""
    manifest = tables.manifest
    good = np.ones(drawn.shape[1], dtype=bool)
    if manifest.target:
        total = tables.scores[drawn].sum(axis=0)
        good &= np.abs(total - manifest.target.score) <= manifest.target.tolerance
    left = np.flatnonzero(good)
    if left.size:
        good[left] = _within_bounds(tables, drawn[:, left])
    return good


def _within_bounds(tables: DrawTables, drawn: Ints) -> Bools:
    if not tables.manifest.bounds:
        return np.ones(drawn.shape[1], dtype=bool)
    size, papers = drawn.shape
    papers_by_unit = sparse.csr_array(
        (np.ones(size * papers, dtype=np.int64), drawn.T.ravel(), np.arange(papers + 1) * size),
        shape=(papers, len(tables.names)),
    )
    total = (papers_by_unit @ tables.weights).toarray()
    low, high = tables.limits
    return np.asarray(((total >= low) & (total <= high)).all(axis=1))
