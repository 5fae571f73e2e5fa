"""Parallel forms: on blueprint, alike in information, with no more in common than allowed."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from fazhi_exam.assembly import (
    Assembly,
    FormTargets,
    assemble,
    drawable,
    integer_model,
)
from fazhi_exam.bank import QuestionBank
from fazhi_exam.errors import DidNotConverge, DrawError, InfeasibleBlueprint

from .banks import bank, blueprint, item, models

ON = date(2026, 12, 1)
BANK = bank(400, cases=10)
MODELS = models(BANK)
TARGETS = FormTargets(MODELS, tolerance=0.02)


def build(forms: int = 3, **given: object) -> Assembly:
    """Assemble forms from the test bank."""
    wanted = given.pop("blueprint", blueprint())
    return assemble(wanted, BANK, on=ON, forms=forms, rng=1, **given)  # type: ignore[arg-type]


def test_forms_are_on_blueprint_and_disjoint() -> None:
    """Each form meets every quota, holds no enemy pair, and shares nothing with another."""
    made = build()
    for form in made.forms:
        kinds = Counter((BANK[i.id].kind.value, BANK[i.id].subject) for i in form if not i.case)
        assert kinds["单选", "07"] == 5
        assert kinds["单选", "08"] == 4
        assert form.total_points == 47
        for one in form:
            assert not BANK.enemies.get(one.id, frozenset()) & set(form.item_ids)
    assert all(a.overlap(b) == 0 for a, b in combinations(made.forms, 2))
    assert [form.code for form in made.forms] == ["A", "B", "C"]


def test_information_is_alike() -> None:
    """Test information, summed anew from the models, is within the tolerance of the target."""
    made = build(targets=TARGETS)
    assert made.within
    for form, report in zip(made.forms, made.reports, strict=True):
        info = np.sum([MODELS[i.id].information(np.array([-1.0, 0, 1])) for i in form], axis=0)
        assert info == pytest.approx(report.information)
        assert np.abs(info / made.target - 1).max() <= 0.02 + 1e-9
        assert report.deviation <= 0.02 + 1e-9
    assert "全部达到要求" in str(made)


def test_expected_marks_at_the_pass_mark_are_alike() -> None:
    """With a pass mark the forms are also alike in the borderline candidate's expected marks."""
    from fazhi_exam.assembly import ParityTarget, borderline_ability

    made = build(targets=FormTargets(MODELS, tolerance=0.05, pass_mark=Decimal(28)))
    pool = drawable(blueprint(), BANK, on=ON)
    theta = borderline_ability(pool, ParityTarget(MODELS, Decimal(28)))
    for form in made.forms:
        marks = sum(float(i.points) * float(MODELS[i.id].expected(theta)) for i in form)
        assert marks == pytest.approx(28, abs=0.3)


def test_anchors_are_on_every_form_and_the_overlap_is_capped() -> None:
    """Anchors stand on each form; besides them at most so many items are shared."""
    made = build(forms=4, anchors=frozenset(["07-0000", "07-C01"]), overlap=2)
    for form in made.forms:
        assert {"07-0000", "07-C01-1"} <= set(form.item_ids)
    for a, b in combinations(made.forms, 2):
        assert a.overlap(b) <= 6 + 2
    assert made.overlap[0][0] == 35


def test_balanced_facets_are_equal_over_forms() -> None:
    """With balanced bands all forms have the same count of every band."""
    made = build(blueprint=blueprint('balance = ["band"]'))
    counts = {
        tuple(sorted(Counter(BANK[i.id].band.value for i in form if not i.case).items()))
        for form in made.forms
    }
    assert len(counts) == 1


def test_bounds_hold() -> None:
    """An upper limit per article holds on every form."""
    made = build(blueprint=blueprint(bounds='[[bounds]]\ntitle="条"\nper="article"\nmaximum=5'))
    for form in made.forms:
        cited = Counter(str(c) for i in form for c in BANK[i.id].citations)
        assert max(cited.values()) <= 5


def test_another_rng_gives_other_forms() -> None:
    """The same rng gives the same forms, another one others."""
    assert build().forms == build().forms
    other = assemble(blueprint(), BANK, on=ON, forms=3, rng=2)
    assert other.forms != build().forms


def test_too_many_forms_are_refused_with_the_row() -> None:
    """When the bank cannot fill so many disjoint forms, the scarcest row and the lack are named."""
    with pytest.raises(InfeasibleBlueprint, match=r"单项选择题·处罚（每套 5 题，20 套互不重题"):
        build(forms=20)


def test_the_nearest_form_is_taken_and_said_so() -> None:
    """Where no form meets the information target, the nearest one is given and not called met."""
    held = QuestionBank(tuple(item(f"07-{n}") for n in range(6)))
    from fazhi_exam.assembly import Blueprint
    from fazhi_exam.psychometrics.models import Rasch

    text = 'title="卷"\n[[sections]]\nid="1"\ntitle="单"\nkind="单选"\npoints=1\n'
    wanted = Blueprint.from_toml(text + 'rows=[{title="全部",count=2}]')
    spread = {f"07-{n}": Rasch(b) for n, b in enumerate((-3.0, -3.1, -2.9, 3.0, 3.1, 2.9))}
    made = assemble(
        wanted, held, on=ON, forms=3, targets=FormTargets(spread, (-3.0, 0.0), tolerance=0.0005)
    )
    assert not made.within
    assert "未达到目标" in str(made)
    # Any pair of one easy and one hard item is near; two of a kind would be off by half.
    assert made.deviation < 0.1


def test_missing_models_and_no_time_are_said() -> None:
    """Items without models are counted, and a search without time ends with an error."""
    with pytest.raises(DrawError, match="没有参数"):
        build(targets=FormTargets({}))
    with pytest.raises(DidNotConverge, match="时间"):
        build(time_limit=1e-9)
    with pytest.raises(ValueError, match="forms"):
        build(forms=0)
    with pytest.raises(ValueError, match="tolerance"):
        FormTargets(MODELS, tolerance=0)


def test_the_matrices_serve_another_solver() -> None:
    """The plain matrices alone, given to a solver, yield a form on blueprint."""
    pool = drawable(blueprint(), BANK, on=ON)
    model = integer_model(pool, pool.units)
    cost = np.arange(len(model.units), dtype=float)
    answer = milp(
        cost,
        constraints=LinearConstraint(model.matrix, model.low, model.high),
        integrality=np.ones(cost.size),
        bounds=Bounds(model.fixed, 1.0),
    )
    chosen = {name for name, x in zip(model.units, answer.x, strict=True) if x > 0.5}
    for cell in pool.cells:
        assert len(chosen & set(cell.members)) == cell.need
    assert len(model.titles) == model.matrix.shape[0]
