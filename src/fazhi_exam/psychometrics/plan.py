"""The plan of a calibration: which numbers are free, and how they make up the items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..typing import Bools, Floats, Ints
from .grid import Layout
from .kernels import AsymptoteFamily, Family, NominalFamily, family_of, internal, to_model
from .models import FourPL, ItemModel, PartialCredit, Rasch, RatingScale
from .priors import Parameter

__all__ = ["Equal", "Plan", "make_plan", "resolve_kinds"]


@dataclass(frozen=True, slots=True)
class Equal:
    """Items that share the value of a parameter.

    Parameters
    ----------
    parameter
        ``SLOPE``, ``INTERCEPT``, ``LOGIT_LOWER`` (or ``LOWER``) or ``LOGIT_UPPER`` (or ``UPPER``).
        Equal slopes of `TwoPL` items make the one-parameter model.
    items
        Item numbers; None means every item that has the parameter free.
    """

    parameter: Parameter
    items: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Families of items and the linear map from free numbers to their parameters.

    Parameters
    ----------
    kinds
        Model class of each item.
    families
        Items by family and number of categories.
    offsets
        First place of each family's parameters in the flat vector ``eta``, length last.
    design, constant
        ``eta = design @ phi + constant``.
    free
        Which entries of `eta` move with `phi`.
    separate
        Whether every free number belongs to one item and equals one entry of `eta`.
    start
        Starting `phi`.
    """

    kinds: tuple[type[ItemModel], ...]
    layout: Layout
    families: tuple[Family, ...]
    offsets: Ints
    design: sparse.csr_matrix
    constant: Floats
    free: Bools
    separate: bool
    start: Floats
    anchored: Bools
    slope_fixed: Bools

    @property
    def sum_score(self) -> bool:
        """Whether all items allow the sum-score pass."""
        return all(family.sum_score for family in self.families)

    @property
    def n_free(self) -> int:
        """Number of free item numbers."""
        return int(self.start.size)

    def eta(self, phi: Floats) -> list[Floats]:
        """Parameters of each family, shapes ``(J, m)``."""
        if self.separate:
            flat = self.constant.copy()
            flat[self.free] = phi
        else:
            # An infinite logit stands in the constant; 0 * inf never arises because it has no free
            # part.
            flat = self.design @ phi + self.constant
        return self.split(flat)

    def split(self, flat: Floats) -> list[Floats]:
        """Cut a flat vector of item parameters by family."""
        return [
            flat[low:high].reshape(-1, family.n_parameters)
            for family, low, high in zip(
                self.families, self.offsets[:-1], self.offsets[1:], strict=True
            )
        ]

    def split_free(self) -> list[Bools]:
        """Which parameters of each family are free, shapes ``(J, m)``."""
        return [
            self.free[low:high].reshape(-1, family.n_parameters)
            for family, low, high in zip(
                self.families, self.offsets[:-1], self.offsets[1:], strict=True
            )
        ]

    def to_phi(self, values: Iterable[Floats]) -> Floats:
        """Carry derivatives by item parameters over to the free numbers."""
        flat = np.concatenate([v.ravel() for v in values])
        return flat[self.free] if self.separate else np.asarray(self.design.T @ flat)

    def log_p(self, etas: Sequence[Floats], theta: Floats) -> tuple[Floats, list[Floats]]:
        """Log-probabilities by flat category row, and by family."""
        out = np.empty((self.layout.rows, theta.size))
        parts = []
        offsets = self.layout.offsets
        for family, eta in zip(self.families, etas, strict=True):
            part = family.log_p(eta, theta)
            parts.append(part)
            out[self.rows(family, offsets)] = part.reshape(-1, theta.size)
        return out, parts

    @staticmethod
    def rows(family: Family, offsets: Ints) -> Ints:
        """Flat category rows of a family, item by item."""
        return np.asarray((offsets[family.items, None] + np.arange(family.categories)).ravel())

    def category_form(self, etas: Sequence[Floats]) -> tuple[Floats, Floats]:
        """Slope and intercept of every category row; for sum-score families."""
        slopes, intercepts = np.zeros(self.layout.rows), np.zeros(self.layout.rows)
        offsets = self.layout.offsets
        for family, eta in zip(self.families, etas, strict=True):
            rows = self.rows(family, offsets)
            slopes[rows] = family.category_slopes(eta).ravel()
            d = np.zeros((len(eta), family.categories))
            d[:, 1:] = eta[:, family.n_parameters - family.categories + 1 :]
            intercepts[rows] = d.ravel()
        return slopes, intercepts

    def models(self, etas: Sequence[Floats]) -> tuple[ItemModel, ...]:
        """Items in their own classes, in item order."""
        out: dict[int, ItemModel] = {}
        for family, eta in zip(self.families, etas, strict=True):
            for j, row in zip(family.items.tolist(), eta, strict=True):
                out[j] = to_model(self.kinds[j], row)
        return tuple(out[j] for j in range(len(out)))


def resolve_kinds(
    models: type[ItemModel] | Sequence[type[ItemModel]], n_items: int
) -> tuple[type[ItemModel], ...]:
    """One model class per item.

    Raises
    ------
    ValueError
        If the number of classes is not the number of items.
    """
    if isinstance(models, type):
        return (models,) * n_items
    if len(models) != n_items:
        raise ValueError(f"{len(models)} models for {n_items} items")
    return tuple(models)


def make_plan(
    kinds: Sequence[type[ItemModel]],
    counts: Floats,
    *,
    categories: Ints,
    anchors: Mapping[int, ItemModel],
    equal: Sequence[Equal],
    start: Sequence[ItemModel] | None,
) -> Plan:
    """Lay out the free numbers of a calibration.

    Parameters
    ----------
    counts
        Answers in each category, ``(J, K)``; they give the starting values.
    categories
        Number of categories of each item.
    anchors
        Items whose parameters are fixed.
    """
    shape = [(family_of(kind), int(k)) for kind, k in zip(kinds, categories, strict=True)]
    for j, (form, k) in enumerate(shape):
        if k != 2 and (issubclass(form, AsymptoteFamily) or _binary(kinds[j])):
            raise ValueError(f"item {j}: {kinds[j].__name__} has two categories, found {k}")
    families: list[Family] = []
    for key in dict.fromkeys(shape):
        items = np.array([j for j, other in enumerate(shape) if other == key])
        families.append(key[0](items, key[1]))
    sizes = [f.items.size * f.n_parameters for f in families]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    constant, free = np.zeros(offsets[-1]), np.ones(offsets[-1], bool)
    where: dict[int, Ints] = {}
    for family, low in zip(families, offsets, strict=False):
        m = family.n_parameters
        for i, j in enumerate(family.items.tolist()):
            place = np.arange(low + i * m, low + (i + 1) * m)
            where[j] = place
            given = start[j] if start is not None else None
            constant[place] = (
                internal(given) if given is not None else _first_guess(family, counts[j])
            )
            if j in anchors:
                constant[place], free[place] = internal(anchors[j]), False
            elif issubclass(kinds[j], Rasch | PartialCredit | RatingScale):
                constant[place[0]], free[place[0]] = 1.0, False
            elif isinstance(family, AsymptoteFamily):
                if not np.isfinite(constant[place[2]]):
                    constant[place[2]] = -3.0
                free[place[3]] = issubclass(kinds[j], FourPL)
                if not free[place[3]]:
                    constant[place[3]] = np.inf
                elif not np.isfinite(constant[place[3]]):
                    constant[place[3]] = 3.0
    shared = _shared(kinds, families, where, free, equal, anchors)
    scales = _rating_scales(kinds, categories, anchors)
    slope_fixed = np.array([not free[where[j][0]] for j in range(len(kinds))])
    anchored = np.array([j in anchors for j in range(len(kinds))])
    layout = Layout(np.asarray(categories, np.int64))
    if not shared and not scales:
        at = np.nonzero(free)[0]
        design = sparse.csr_matrix(
            (np.ones(at.size), (at, np.arange(at.size))), shape=(free.size, at.size)
        )
        phi = constant[free]
        fixed = np.where(free, 0.0, constant)
        return Plan(
            tuple(kinds),
            layout,
            tuple(families),
            offsets,
            design,
            fixed,
            free,
            True,
            phi,
            anchored,
            slope_fixed,
        )
    design, phi, fixed = _joint_design(constant, free, shared, scales, where, categories)
    return Plan(
        tuple(kinds),
        layout,
        tuple(families),
        offsets,
        design,
        fixed,
        free,
        False,
        phi,
        anchored,
        slope_fixed,
    )


def _binary(kind: type[ItemModel]) -> bool:
    return kind.__name__ in ("Rasch", "TwoPL", "ThreePL", "FourPL")


def _first_guess(family: Family, counts: Floats) -> Floats:
    """Return starting parameters from the category counts."""
    k = family.categories
    c = counts[:k] + 0.5
    slope = 1.0 if k == 2 else 0.7
    if isinstance(family, AsymptoteFamily):
        p = np.clip((c[1] / c.sum() - 0.2) / 0.8, 0.05, 0.97)
        return np.array([1.0, 1.16 * np.log(p / (1 - p)), -1.386, 3.0])
    if family.__class__.__name__ == "GradedFamily":
        above = np.cumsum(c[::-1])[::-1][1:] / c.sum()
        return np.concatenate([[1.0], 1.16 * np.log(above / (1 - above))])
    d = np.log(c[1:] / c[0]) * (1.16 if k == 2 else 1.0)
    if isinstance(family, NominalFamily):
        return np.concatenate([0.7 * np.arange(1.0, k), d])
    return np.concatenate([[slope], d])


def _shared(
    kinds: Sequence[type[ItemModel]],
    families: Sequence[Family],
    where: Mapping[int, Ints],
    free: Bools,
    equal: Sequence[Equal],
    anchors: Mapping[int, ItemModel],
) -> list[Ints]:
    """Return the sets of entries of `eta` that are held equal."""
    family_by_item = {j: family for family in families for j in family.items.tolist()}
    out: list[Ints] = []
    for rule in equal:
        groups: dict[int, list[int]] = {}
        items = range(len(kinds)) if rule.items is None else rule.items
        for j in items:
            if j in anchors or (rule.items is None and issubclass(kinds[j], RatingScale)):
                continue
            for position, column in enumerate(_columns(rule.parameter, family_by_item[j])):
                entry = int(where[j][column])
                if free[entry]:
                    groups.setdefault(position, []).append(entry)
        out += [np.array(g) for g in groups.values() if len(g) > 1]
    flat = np.concatenate(out) if out else np.zeros(0, np.int64)
    if np.unique(flat).size != flat.size:
        raise ValueError("two equality constraints name the same parameter")
    return out


def _columns(parameter: Parameter, family: Family) -> list[int]:
    slopes = family.categories - 1 if isinstance(family, NominalFamily) else 1
    asymptote = isinstance(family, AsymptoteFamily)
    if parameter is Parameter.SLOPE:
        return list(range(slopes))
    if parameter is Parameter.INTERCEPT:
        return list(range(slopes, 2 if asymptote else family.n_parameters))
    if parameter in (Parameter.LOWER, Parameter.LOGIT_LOWER):
        return [2] if asymptote else []
    if parameter in (Parameter.UPPER, Parameter.LOGIT_UPPER):
        return [3] if asymptote else []
    raise ValueError(f"no equality constraint on {parameter.value}; use intercepts")


def _rating_scales(
    kinds: Sequence[type[ItemModel]], categories: Ints, anchors: Mapping[int, ItemModel]
) -> list[list[int]]:
    """Rating scale items by number of categories; each set shares its steps."""
    out: dict[int, list[int]] = {}
    for j, kind in enumerate(kinds):
        if issubclass(kind, RatingScale) and j not in anchors:
            out.setdefault(int(categories[j]), []).append(j)
    return list(out.values())


def _joint_design(
    constant: Floats,
    free: Bools,
    shared: Sequence[Ints],
    scales: Sequence[Sequence[int]],
    where: Mapping[int, Ints],
    categories: Ints,
) -> tuple[sparse.csr_matrix, Floats, Floats]:
    """Linear map with shared numbers; starting free numbers and the constant part."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    phi: list[float] = []
    done = ~free

    def put(entry: int, column: int, value: float) -> None:
        rows.append(entry)
        columns.append(column)
        values.append(value)
        done[entry] = True

    for group in shared:
        for entry in group.tolist():
            put(entry, len(phi), 1.0)
        phi.append(float(constant[group].mean()))
    for items in scales:
        k = int(categories[items[0]])
        d = np.array([constant[where[j][1:]] for j in items])
        steps = -np.diff(np.concatenate([np.zeros((len(items), 1)), d], axis=1), axis=1)
        tau = (steps - steps.mean(axis=1, keepdims=True)).mean(axis=0)
        first = len(phi)
        phi += tau[:-1].tolist()  # the last step makes the sum 0
        for j, b in zip(items, steps.mean(axis=1).tolist(), strict=True):
            for v in range(1, k):
                entry = int(where[j][v])
                put(entry, len(phi), -float(v))
                if v < k - 1:
                    for u in range(v):
                        put(entry, first + u, -1.0)
            phi.append(b)
    for entry in np.nonzero(~done)[0].tolist():
        put(entry, len(phi), 1.0)
        phi.append(float(constant[entry]))
    fixed = np.where(free, 0.0, constant)
    design = sparse.csr_matrix((values, (rows, columns)), shape=(constant.size, len(phi)))
    return design, np.array(phi), fixed
