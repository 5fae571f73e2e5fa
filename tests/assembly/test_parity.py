"""Parity: the chance of passing is right, and claimed only where it is known."""

from datetime import date
from decimal import Decimal
from itertools import product

import numpy as np
import pytest

from fazhi_exam.assembly import (
    DealtPapers,
    ParityTarget,
    borderline_ability,
    deal,
    drawable,
    parity,
    pass_chances,
    seed_draw,
    spread_from_bands,
)
from fazhi_exam.assembly.parity import Parity
from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.ability import score_distribution
from fazhi_exam.psychometrics.models import PartialCredit, Rasch, TwoPL
from fazhi_exam.typing import Floats

from .banks import bank, blueprint, models, roster

ON = date(2026, 12, 1)
BANK = bank(400, cases=10)
MODELS = models(BANK)
PASS = Decimal(28)


def papers(
    parity_target: ParityTarget | None = None, size: int = 60, **options: str
) -> DealtPapers:
    """Deal papers from the test bank."""
    return deal(
        seed_draw(
            BANK,
            blueprint(**options),
            roster(size),
            seed=11,
            exam_id="试",
            on=ON,
            parity=parity_target,
        )
    )


def test_chance_of_passing_by_full_distribution() -> None:
    """P(pass) equals the upper tail of the whole score distribution, paper by paper."""
    dealt = papers(size=5)
    thetas = np.array([-0.7, 0.0, 0.9])
    found = pass_chances(dealt, MODELS, pass_mark=PASS, thetas=thetas)
    for place, code in enumerate(dealt.codes):
        names = dealt.items_of(code)
        weights = [int(dealt.worth[name].points) for name in names]
        whole = score_distribution([MODELS[name] for name in names], thetas, weights)
        assert found[:, place] == pytest.approx(whole[:, 28:].sum(axis=1), abs=1e-12)


def test_chance_of_passing_by_brute_force() -> None:
    """With half points and partial credit P(pass) is the sum over all 2^a 3^b answer patterns."""
    from fazhi_exam.assembly import Blueprint

    text = (
        'title="卷"\n[[sections]]\nid="1"\ntitle="单"\nkind="单选"\npoints=1.5\n'
        'rows=[{title="全部",count=4}]\n[[sections]]\nid="2"\ntitle="多"\nkind="多选"\npoints=2\n'
        'rows=[{title="全部",count=3}]'
    )
    wanted = Blueprint.from_toml(text)
    dealt = deal(seed_draw(BANK, wanted, roster(3), seed=1, exam_id="试", on=ON))
    graded = {
        name: PartialCredit((-0.5, 0.6 + n / 100))
        if BANK[name].kind == "多选"
        else TwoPL(1.1, n / 99)
        for n, name in enumerate(dealt.item_ids)
    }
    found = pass_chances(dealt, graded, pass_mark=Decimal("7.5"), thetas=np.array([0.2]))
    for place, code in enumerate(dealt.codes):
        names = dealt.items_of(code)
        steps = [graded[name].probabilities(0.2) for name in names]
        total = 0.0
        for pattern in product(*(range(len(p)) for p in steps)):
            marks = sum(
                float(dealt.worth[n].points) * k / (len(p) - 1)
                for n, k, p in zip(names, pattern, steps, strict=True)
            )
            if marks >= 7.5:
                total += float(np.prod([p[k] for k, p in zip(pattern, steps, strict=True)]))
        assert found[0, place] == pytest.approx(total, abs=1e-12)


def test_the_borderline_candidate_earns_the_pass_mark() -> None:
    """At the borderline ability the mean expected mark over many papers is the pass mark."""
    pool = drawable(blueprint(), BANK, on=ON)
    theta = borderline_ability(pool, ParityTarget(MODELS, PASS))
    dealt = papers(size=2000)
    marks = np.array(
        [float(dealt.worth[n].points) * float(MODELS[n].expected(theta)) for n in dealt.item_ids]
    )
    assert marks[dealt.matrix].sum(axis=1).mean() == pytest.approx(28, abs=0.1)


def test_a_tolerance_makes_papers_comparable() -> None:
    """Held to the tolerance the papers are within five points; drawn freely they are not."""
    target = ParityTarget(MODELS, PASS)
    theta = borderline_ability(drawable(blueprint(), BANK, on=ON), target)
    held = parity(papers(target, 300), MODELS, pass_mark=PASS, ability=theta)
    free = parity(papers(size=300), MODELS, pass_mark=PASS, ability=theta)
    assert held.reached
    assert "，达到等值要求" in str(held)
    assert not free.reached
    assert "未达到等值要求" in str(free)
    assert free.spread[1] > 3 * held.spread[1]


def test_identical_papers_do_not_differ() -> None:
    """With models all alike every paper has the same chance."""
    alike = {name: Rasch(0.1) for name in MODELS}
    found = parity(papers(size=20), alike, pass_mark=PASS, ability=0.3)
    assert found.spread == pytest.approx((0, 0, 0), abs=1e-12)


def test_items_without_models_are_counted() -> None:
    """A chance of passing is refused while items lack models."""
    with pytest.raises(NotEnoughData, match="标定"):
        pass_chances(papers(size=3), {}, pass_mark=PASS, thetas=np.array([0.0]))


def test_bands_alone_never_claim_parity() -> None:
    """With bands only the remaining spread is simulated, stated, and not called parity."""
    dealt = papers(size=200, options='balance = ["band"]')
    found = spread_from_bands(dealt, BANK, pass_mark=PASS, rng=4, replicates=5)
    assert found.spread.min() > 0.05
    assert "不能称为等值" in str(found)
    assert "达到等值" not in str(found)
    assert found.balanced
    assert "各难度等级题数相同" in str(found)


def test_bands_that_differ_are_not_called_alike() -> None:
    """Without balance in the blueprint the report does not say that bands are the same."""
    found = spread_from_bands(papers(size=50), BANK, pass_mark=PASS, rng=4, replicates=2)
    assert not found.balanced
    assert "题数也不相同，不能称为等值" in str(found)
    assert "只做到各难度等级题数相同" not in str(found)


def test_less_error_leaves_less_spread() -> None:
    """Without band and judgement error, balanced papers are much closer."""
    dealt = papers(size=100, options='balance = ["band"]')
    rough = spread_from_bands(dealt, BANK, pass_mark=PASS, rng=4, replicates=3)
    exact = spread_from_bands(
        dealt, BANK, pass_mark=PASS, rng=4, replicates=3, within=0, judgement=0
    )
    assert exact.spread.max() < rough.spread.min()


def test_five_points_are_the_line() -> None:
    """A spread of exactly five points is parity, one above is not."""

    def report(chance: Floats) -> Parity:
        return Parity(0.0, 0.5, np.stack([chance] * 3))

    assert report(np.array([0.5, 0.55])).reached is (0.55 - 0.5 <= 0.05)
    assert report(np.array([0.5, 0.5499])).reached
    assert not report(np.array([0.5, 0.5501])).reached
