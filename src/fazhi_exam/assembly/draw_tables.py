"""A manifest laid out for drawing: integers in place of names (抽题用表)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from ..typing import Ints
from .manifest import Manifest, RosterRow


@dataclass(frozen=True)
class DrawTables:
    """A manifest as integers: units are positions in byte order of their ids."""

    manifest: Manifest

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Unit ids in byte order."""
        return tuple(sorted(self.manifest.units))

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of every unit id."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def fixed(self) -> tuple[tuple[int, ...], ...]:
        """Fixed units of every cell."""
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
        """Expected marks of every unit in 1/10,000."""
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
        """Lower and upper limits of the bounds."""
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
        """Return the class whose part of every cell a candidate draws from."""
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
