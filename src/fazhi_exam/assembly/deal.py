"""One paper per candidate: many at once in arrays, or one alone, with the same result (抽题)."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from ..errors import DrawError
from ..typing import Bools, Ints, Progress
from .blueprint import OrderPolicy
from .draw import Draw, RevealedDraw
from .form import FormItem
from .manifest import Manifest, RosterRow
from .paper import Paper, Papers
from .stream import Stream, labelled, plain_seed, stream_key

_CHUNK = 4096
_PATIENCE = 100
_WORDS = 2**32


@dataclass(frozen=True)
class _Tables:
    """A manifest as integers: units are positions in byte order of their ids."""

    manifest: Manifest

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.manifest.units))

    @cached_property
    def place(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def fixed(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(self.place[n] for n in cell.fixed) for cell in self.manifest.cells)

    @cached_property
    def by_class(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """Members of every cell that a neighbour class may use: class, cell, units."""
        classes = self.manifest.neighbour_classes
        return tuple(
            tuple(
                tuple(self.place[n] for n in cell.members[one::classes])
                for cell in self.manifest.cells
            )
            for one in range(classes)
        )

    @cached_property
    def scores(self) -> Ints:
        return np.array([self.manifest.units[n].score for n in self.names], dtype=np.int64)

    @cached_property
    def foes(self) -> dict[int, frozenset[int]]:
        """Enemies of every unit that has any."""
        found: dict[int, set[int]] = {}
        for a, b in self.manifest.enemies:
            found.setdefault(self.place[a], set()).add(self.place[b])
            found.setdefault(self.place[b], set()).add(self.place[a])
        return {unit: frozenset(others) for unit, others in sorted(found.items())}

    @cached_property
    def enemies(self) -> Ints:
        """Pairs of units as compact codes, see `code`; shape ``(pairs, 2)``."""
        pairs = [(self.place[a], self.place[b]) for a, b in self.manifest.enemies]
        return self.code[np.array(pairs, dtype=np.int64).reshape(-1, 2)]

    @cached_property
    def code(self) -> Ints:
        """Compact number of every unit that has an enemy; the others share the next number."""
        code = np.full(len(self.names), len(self.foes), dtype=np.int64)
        code[list(self.foes)] = np.arange(len(self.foes))
        return code

    @cached_property
    def foe_codes(self) -> Ints:
        """Codes of the enemies of every code, filled up with one beyond the shared number."""
        most = max((len(others) for others in self.foes.values()), default=0)
        table = np.full((len(self.foes), most), len(self.foes) + 1, dtype=np.int64)
        for row, others in enumerate(self.foes.values()):
            table[row, : len(others)] = self.code[list(others)]
        return table

    @cached_property
    def weights(self) -> sparse.csr_array:
        """Weights of the bounds, shape ``(units, bounds)``."""
        bounds = self.manifest.bounds
        out = sparse.dok_array((len(self.names), len(bounds)), dtype=np.int64)
        for column, bound in enumerate(bounds):
            for name, weight in bound.weights.items():
                out[self.place[name], column] = weight
        return out.tocsr()

    @cached_property
    def limits(self) -> tuple[Ints, Ints]:
        top = np.iinfo(np.int64).max
        low = [-top if b.minimum is None else b.minimum for b in self.manifest.bounds]
        high = [top if b.maximum is None else b.maximum for b in self.manifest.bounds]
        return np.array(low, dtype=np.int64), np.array(high, dtype=np.int64)

    def seen(self, row: RosterRow) -> frozenset[int]:
        """Units that this candidate has answered before, in whole or in part."""
        if not row.seen:
            return frozenset()
        names = set(row.seen)
        return frozenset(
            i
            for i, name in enumerate(self.names)
            if name in names or not names.isdisjoint(self.manifest.units[name].items)
        )

    def neighbour_class(self, row: RosterRow) -> int:
        return row.neighbour_class % self.manifest.neighbour_classes

    def problem(self, units: Ints) -> str:
        """Say what is wrong with a drawn set of units; empty when nothing is."""
        target = self.manifest.target
        if target and abs(int(self.scores[units].sum()) - target.score) > target.tolerance:
            return "期望分不在允许范围内"
        if self.manifest.bounds:
            total = np.asarray(self.weights[units].sum(axis=0)).ravel()
            broken = np.flatnonzero((total < self.limits[0]) | (total > self.limits[1]))
            if broken.size:
                return f"限制“{self.manifest.bounds[int(broken[0])].title}”"
        return ""


def draw_units(tables: _Tables, seed: bytes, row: RosterRow) -> tuple[list[int], int]:
    """Draw one candidate's units alone; returns them in draw order, and the attempts used.

    Raises
    ------
    DrawError
        If no attempt passes, naming what rejected most.
    """
    manifest, seen = tables.manifest, tables.seen(row)
    members = tables.by_class[tables.neighbour_class(row)]
    free = [[u for u in units if u not in seen] for units in members]
    fixed = [[u for u in units if u not in seen] for units in tables.fixed]
    _refuse_short(manifest, row.code, free, fixed)
    reasons: Counter[str] = Counter()
    for attempt in range(manifest.max_attempts):
        stream = Stream(seed, row.code, "items", attempt)
        plan = manifest.plans[stream.below(len(manifest.plans))]
        drawn = _draw_cells(tables, stream, plan, fixed, free)
        if drawn is None:
            reasons["互斥题或做过的题太多，单元格抽不满"] += 1
            continue
        problem = tables.problem(np.array(drawn, dtype=np.int64))
        if not problem:
            return drawn, attempt + 1
        reasons[problem] += 1
    raise _failed(row.code, manifest.max_attempts, reasons)


def _draw_cells(
    tables: _Tables,
    stream: Stream,
    plan: Sequence[int],
    fixed: Sequence[Sequence[int]],
    free: Sequence[Sequence[int]],
) -> list[int] | None:
    """Draw every cell in order, passing over enemies of what is taken; ``None`` if one is short."""
    barred = {foe for units in fixed for unit in units for foe in tables.foes.get(unit, ())}

    def clashes(unit: int) -> bool:
        if unit in barred:
            return True
        barred.update(tables.foes.get(unit, ()))
        return False

    drawn: list[int] = []
    for need, always, units in zip(plan, fixed, free, strict=True):
        chosen = stream.choose(need - len(always), units, clashes)
        if len(chosen) < need - len(always):
            return None
        drawn += [*always, *chosen]
    return drawn


def _refuse_short(
    manifest: Manifest, code: str, free: Sequence[Sequence[int]], fixed: Sequence[Sequence[int]]
) -> None:
    have = [len(f) + len(a) for f, a in zip(free, fixed, strict=True)]
    for place, cell in enumerate(manifest.cells):
        need = min(plan[place] for plan in manifest.plans)
        if have[place] < need:
            raise DrawError(
                f"考生 {code}", f"“{cell.title}”需要 {need} 题，排除做过的题后只有 {have[place]} 题"
            )


def _failed(code: str, attempts: int, reasons: Counter[str]) -> DrawError:
    most, times = reasons.most_common(1)[0]
    return DrawError(
        f"考生 {code}",
        f"抽取 {attempts} 次都不合格，其中 {times} 次因为：{most}。请放宽该条件或补充试题",
    )


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
    tables = _Tables(revealed.draw.manifest)
    units, _ = draw_units(tables, revealed.seed, row)
    return _arranged(tables, revealed.seed, code, units)


def _arranged(tables: _Tables, seed: bytes, code: str, units: Sequence[int]) -> Paper:
    """Put drawn units and their options in the order shown."""
    manifest = tables.manifest
    stream = Stream(seed, code, "order", 0)
    names = [tables.names[unit] for unit in units]
    sections: list[tuple[str, tuple[str, ...]]] = []
    for section, part in zip(manifest.sections, _parts(manifest, names), strict=True):
        ordered = _ordered(manifest, stream, part)
        shown = tuple(item for name in ordered for item in manifest.units[name].items)
        sections.append((section.id, shown))
    options = Stream(seed, code, "options", 0)
    order = {
        name: _options(manifest, options, name)
        for _, shown in sections
        for name in shown
        if manifest.items[name].options
    }
    return Paper(code, tuple(sections), order)


def _parts(manifest: Manifest, names: Sequence[str]) -> Iterator[list[str]]:
    """Cut drawn units into sections; every plan takes the same number for a section."""
    start, column = 0, 0
    for section in manifest.sections:
        size = sum(manifest.plans[0][column : column + len(section.cells)])
        yield list(names[start : start + size])
        start, column = start + size, column + len(section.cells)


def _ordered(manifest: Manifest, stream: Stream, names: list[str]) -> list[str]:
    policy, units = manifest.policy, manifest.units
    if policy is OrderPolicy.AS_DRAWN:
        return names
    shuffled = [names[i] for i in stream.shuffle(range(len(names)))]
    if policy is OrderPolicy.EASY_TO_HARD:
        shuffled.sort(key=lambda name: -units[name].score)
    if policy is OrderPolicy.BY_TOPIC:
        shuffled.sort(key=lambda name: units[name].topic)
    return shuffled


def _options(manifest: Manifest, stream: Stream, name: str) -> tuple[str, ...]:
    item = manifest.items[name]
    if not manifest.shuffle_options:
        return item.options
    places = [i for i, option in enumerate(item.options) if option not in item.pinned]
    order = list(item.options)
    for place, origin in zip(places, stream.shuffle(places), strict=True):
        order[place] = item.options[origin]
    return tuple(order)


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
        self._tables = _Tables(revealed.draw.manifest)

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
        return _arranged(self._tables, self.revealed.seed, code, units)

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
    tables = _Tables(revealed.draw.manifest)
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
            drawn, good, odd = _attempt(tables, [keys[p] for p in part], classes[part], attempt)
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


def _attempt(
    tables: _Tables, keys: Sequence[bytes], classes: Ints, attempt: int
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


def _choose(tables: _Tables, words: Ints, used: int, plan: int, one: int) -> tuple[Ints, Bools]:
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


def _clashes(tables: _Tables, drawn: Ints) -> Bools:
    """Which columns of drawn units hold an enemy pair: there something has to be passed over."""
    if not tables.foes:
        return np.zeros(drawn.shape[1], dtype=bool)
    present = np.zeros((len(tables.foes) + 1, drawn.shape[1]), dtype=bool)
    present[tables.code[drawn], np.arange(drawn.shape[1])] = True
    one, two = tables.enemies.T
    return np.asarray((present[one] & present[two]).any(axis=0))


def _skipping(
    tables: _Tables, keys: Sequence[bytes], classes: Ints, attempt: int
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

    def __init__(self, tables: _Tables, words: Ints, used: int) -> None:
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


def _passes(tables: _Tables, drawn: Ints) -> Bools:
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


def _within_bounds(tables: _Tables, drawn: Ints) -> Bools:
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
