"""Comparable papers, stated as the chance of passing of one and the same candidate (等值)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from html import escape

import numpy as np

from ..bank.item import Band
from ..bank.question_bank import QuestionBank
from ..errors import NotEnoughData
from ..psychometrics.models import ItemModel, Rasch
from ..typing import Floats, Ints, Rng, generator
from .form import FormItem
from .paper import Paper, Papers

_CHUNK = 1024
GOAL = 0.05
"""Largest difference in the chance of passing over papers that is called parity (5 个百分点)."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How alike papers are for the borderline candidate (等值报告).

    Parameters
    ----------
    ability
        Ability of the borderline candidate on the scale of the models.
    shift
        Half a standard deviation of ability, for the two neighbours.
    chance
        P(pass) at ``ability - shift``, ``ability`` and ``ability + shift``; shape ``(3, papers)``.
    """

    ability: float
    shift: float
    chance: Floats

    @property
    def spread(self) -> tuple[float, float, float]:
        """Largest minus smallest P(pass) over papers at each of the three abilities."""
        low, middle, high = (float(v) for v in np.ptp(self.chance, axis=1))
        return low, middle, high

    @property
    def reached(self) -> bool:
        """Whether the spread at the borderline is at most five percentage points."""
        return self.spread[1] <= GOAL

    def __str__(self) -> str:
        low, middle, high = (f"{100 * v:.1f}" for v in self.spread)
        verdict = "达到等值要求" if self.reached else "未达到等值要求"
        return (
            f"合格线考生在各卷的合格机会相差至多 {middle} 个百分点（要求不超过 5），{verdict}；"
            f"能力低、高半个标准差的考生分别相差 {low} 和 {high} 个百分点"
        )

    def __repr__(self) -> str:
        return f"Parity({self.chance.shape[1]} 份, 最大差 {100 * self.spread[1]:.1f} 个百分点)"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


@dataclass(frozen=True, slots=True)
class BandSpread:
    """What remains unequal when only difficulty bands are known (难度等级均衡后的差距).

    Parameters
    ----------
    spread
        Simulated largest minus smallest P(pass) over papers, one value per replicate.
    balanced
        Whether every paper looked at has as many items of each band as every other, cases apart.
    """

    spread: Floats
    balanced: bool

    def __str__(self) -> str:
        low, middle, high = (f"{100 * v:.0f}" for v in np.quantile(self.spread, [0.05, 0.5, 0.95]))
        bands = (
            "各卷只做到各难度等级题数相同（案例题不计）"
            if self.balanced
            else "各卷各难度等级的题数也不相同"
        )
        return (
            f"试题没有标定参数，{bands}，不能称为等值。"
            f"模拟估计：合格线考生在各卷的合格机会相差约 {middle} 个百分点"
            f"（90% 区间 {low} 至 {high}）"
        )

    def __repr__(self) -> str:
        return f"BandSpread(中位数 {100 * float(np.median(self.spread)):.0f} 个百分点，非等值)"


def parity(
    papers: Papers,
    models: Mapping[str, ItemModel],
    *,
    pass_mark: Decimal,
    ability: float,
    sd: float = 1.0,
) -> Parity:
    """Compute every paper's chance of passing at the borderline ability and around it.

    Parameters
    ----------
    papers
        The papers.
    models
        Item model by item id.
    pass_mark
        Marks needed to pass.
    ability
        Of the borderline candidate, see `borderline_ability`.
    sd
        Standard deviation of ability among candidates.
    """
    thetas = np.array([ability - sd / 2, ability, ability + sd / 2])
    chance = pass_chances(papers, models, pass_mark=pass_mark, thetas=thetas)
    return Parity(ability, sd / 2, chance)


def pass_chances(
    papers: Papers, models: Mapping[str, ItemModel], *, pass_mark: Decimal, thetas: Floats
) -> Floats:
    """Chance of reaching the pass mark on every paper, with the real points.

    Category ``k`` of an item with ``K`` categories earns ``k / (K - 1)`` of its points.

    Returns
    -------
    Floats
        Shape ``(abilities, papers)``.

    Raises
    ------
    NotEnoughData
        If items have no model.

    References
    ----------
    Lord and Wingersky (1984), Applied Psychological Measurement 8:453-461; states at and above the
    pass mark are joined, and states from which it is out of reach are dropped.
    """
    thetas = np.atleast_1d(np.asarray(thetas, float))
    used = np.unique(papers.matrix)
    lacking = [papers.item_ids[i] for i in used if papers.item_ids[i] not in models]
    if lacking:
        have = used.size - len(lacking)
        raise NotEnoughData("合格机会", have, int(used.size), "道题有参数", "请先标定试题")
    items = [papers.worth[name] for name in papers.item_ids]
    unit = _common_unit(items, [models.get(item.id) for item in items])
    cut = int(-(-Fraction(pass_mark) // unit))
    table = _gain_table(items, models, thetas, unit)
    matrix = papers.matrix
    out = np.empty((thetas.size, len(matrix)))
    for start in range(0, len(matrix), _CHUNK):
        part = matrix[start : start + _CHUNK]
        for t in range(thetas.size):
            out[t, start : start + _CHUNK] = _tail(table[t], part, cut)
    return out


def _common_unit(items: Sequence[FormItem], models: Sequence[ItemModel | None]) -> Fraction:
    """Largest fraction of which every category's points are a multiple."""
    steps = {
        Fraction(item.points) / (model.categories - 1)
        for item, model in zip(items, models, strict=True)
        if model is not None
    }
    unit = Fraction(0)
    for step in steps:
        unit = step if not unit else _gcd(unit, step)
    return unit or Fraction(1)


def _gcd(a: Fraction, b: Fraction) -> Fraction:
    while b:
        a, b = b, a % b
    return a


def _gain_table(
    items: Sequence[FormItem], models: Mapping[str, ItemModel], thetas: Floats, unit: Fraction
) -> Floats:
    """Probability of every gain in units of points, shape ``(abilities, items, gains)``."""
    most = max(int(Fraction(item.points) / unit) for item in items)
    table = np.zeros((thetas.size, len(items), most + 1))
    for place, item in enumerate(items):
        model = models.get(item.id)
        if model is None:
            continue
        step = int(Fraction(item.points) / unit) // (model.categories - 1)
        columns = step * np.arange(model.categories)
        table[:, place, columns] = model.probabilities(thetas)
    return table


def _tail(table: Floats, matrix: Ints, cut: int) -> Floats:
    """Chance of reaching `cut` for each row of items; `table` has shape ``(items, gains)``."""
    if cut <= 0:
        return np.ones(len(matrix))
    gains = [np.flatnonzero(table[column].any(axis=0)) for column in matrix.T]
    best = [int(g[-1]) for g in gains]
    rest = np.concatenate([np.cumsum(best[::-1])[::-1][1:], [0]])
    state = np.zeros((cut, len(matrix)))
    state[0] = 1.0
    sure = np.zeros(len(matrix))
    low, high = 0, 1
    for column, gain, left in zip(matrix.T, gains, rest, strict=True):
        p = table[column]
        after = np.zeros_like(state)
        for g in gain.tolist():
            share = np.ascontiguousarray(p[:, g])
            stop = min(high, cut - g)
            if stop > low:
                after[low + g : stop + g] += share * state[low:stop]
            over = state[max(low, cut - g) : high]
            if over.size:
                sure += share * over.sum(axis=0)
        high = min(cut, high + int(gain[-1]))
        low = max(0, cut - int(left))
        state = after
        if low >= high:
            break
    return sure


def spread_from_bands(
    papers: Papers,
    bank: QuestionBank,
    *,
    pass_mark: Decimal,
    rng: Rng,
    within: float = 0.35,
    judgement: float = 0.7,
    replicates: int = 20,
) -> BandSpread:
    """Simulate how unequal papers remain when difficulty is known by the writer's band alone.

    Every item gets a Rasch difficulty at the middle of its band with two errors added; the
    borderline candidate is the one whose mean expected mark over the papers is the pass mark.
    Whether bands are balanced is looked up in the papers, as a blueprint need not ask for it.

    Parameters
    ----------
    papers, bank
        The papers (at most 1,000 are looked at) and the bank with the bands.
    pass_mark
        Marks needed to pass.
    rng
        Randomness of the simulation.
    within, judgement
        Standard deviations of difficulty within a band and of the writer's judgement, in logits.
    replicates
        Simulated truths.
    """
    random = generator(rng)
    share = np.array([bank[name].band.share_right for name in papers.item_ids])
    points = np.array([float(papers.worth[name].points) for name in papers.item_ids])
    middle = -np.log(share / (1 - share))
    some = _Sample(papers, 1000)
    out = np.empty(replicates)
    for r in range(replicates):
        b = middle + np.hypot(within, judgement) * random.standard_normal(middle.size)
        models = {name: Rasch(float(v)) for name, v in zip(papers.item_ids, b, strict=True)}
        theta = _level(points[some.matrix], b[some.matrix], float(pass_mark))
        chance = pass_chances(some, models, pass_mark=pass_mark, thetas=np.array([theta]))
        out[r] = np.ptp(chance)
    return BandSpread(out, _bands_alike(some, bank))


def _bands_alike(papers: Papers, bank: QuestionBank) -> bool:
    """Whether all papers have the same counts of bands, sub-questions of cases apart."""
    bands = {band: place for place, band in enumerate(Band)}
    code = np.array(
        [-1 if (item := bank[name]).case else bands[item.band] for name in papers.item_ids]
    )
    counts = np.sort(code[papers.matrix], axis=1)
    return bool((counts == counts[:1]).all())


class _Sample(Papers):
    """The first papers of many."""

    def __init__(self, papers: Papers, size: int) -> None:
        self._papers, self._size = papers, size

    @property
    def codes(self) -> tuple[str, ...]:
        return self._papers.codes[: self._size]

    @property
    def worth(self) -> Mapping[str, FormItem]:
        return self._papers.worth

    @property
    def item_ids(self) -> tuple[str, ...]:
        return self._papers.item_ids

    @property
    def matrix(self) -> Ints:
        return self._papers.matrix[: self._size]

    def __getitem__(self, code: str) -> Paper:
        return self._papers[code]


def _level(points: Floats, b: Floats, pass_mark: float) -> float:
    """Ability at which the mean expected mark is the pass mark, by bisection within ±10."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        marks = (points / (1 + np.exp(b - middle))).sum(axis=1).mean()
        low, high = (middle, high) if marks < pass_mark else (low, middle)
    return (low + high) / 2
