"""Feasibility: what is short, what conflicts, and what helps."""

from datetime import date

import pytest

from fazhi_exam.assembly import Blueprint, Usage, drawable, feasibility
from fazhi_exam.bank import Case, QuestionBank, Status
from fazhi_exam.errors import InfeasibleBlueprint, ItemError

from .banks import bank, blueprint, item

ON = date(2026, 12, 1)


def simple(rows: str, extra: str = "") -> Blueprint:
    """Make a blueprint of one section of single-choice items."""
    head = 'title="卷"\n[[sections]]\nid="1"\ntitle="单选题"\nkind="单选"\npoints=1\n'
    return Blueprint.from_toml(head + f"rows=[{rows}]\n{extra}")


def test_an_item_belongs_to_the_first_row_it_fits() -> None:
    """Rows never share an item, and a last row without conditions takes the rest."""
    pool = drawable(blueprint(), bank(), on=ON)
    members = [name for cell in pool.cells for name in cell.members]
    assert len(members) == len(set(members))
    assert all(name.startswith("07") for name in pool.cells[0].members)
    assert not any(name.startswith(("07", "08")) for name in pool.cells[2].members)


def test_needs_and_supplies_are_counted() -> None:
    """Twelve items for a row of five carry two disjoint papers and one sitting of two forms."""
    held = QuestionBank(tuple(item(f"07-{n:04d}") for n in range(12)))
    found = feasibility(simple('{title="全部",count=5}'), held, on=ON)
    assert (found.cells[0].need, found.cells[0].have) == (5, 12)
    assert found.disjoint_papers == 2
    assert (found.sittings(), found.sittings(2)) == (2, 1)
    assert found.binding.title == "单选题·全部"


def test_an_empty_bank_is_answered_in_chinese() -> None:
    """An empty bank is infeasible and the message says what is missing."""
    found = feasibility(blueprint(), QuestionBank(()), on=ON)
    assert not found.feasible
    with pytest.raises(InfeasibleBlueprint, match=r"需 5，有 0.*补充 5 道试题"):
        found.raise_if_infeasible()


def test_ten_thousand_items_are_too_many() -> None:
    """A blueprint for 10,000 items says by how many the bank is short."""
    found = feasibility(simple('{title="全部",count=10000}'), bank(), on=ON)
    with pytest.raises(InfeasibleBlueprint) as caught:
        found.raise_if_infeasible()
    assert caught.value.short_by == 10_000 - found.cells[0].have


def test_a_conflict_is_reduced_to_the_rows_that_matter() -> None:
    """Five items of one article and at most two per article conflict; other rows are not named."""
    held = QuestionBank(
        tuple(item(f"07-{n:04d}", citations=["《行政处罚法》第九条"]) for n in range(8))
        + tuple(item(f"08-{n:04d}", subject="08") for n in range(8))
    )
    wanted = simple(
        '{title="处罚",subjects=["07"],count=5},{title="许可",subjects=["08"],count=3}',
        '[[bounds]]\ntitle="同一条文"\nper="article"\nmaximum=2',
    )
    found = feasibility(wanted, held, on=ON)
    assert len(found.conflict) == 2
    assert "处罚" in found.conflict[0]
    assert "同一条文" in found.conflict[1]
    assert "2" in found.relaxation or "5" in found.relaxation


def test_the_relaxation_works() -> None:
    """What is advised makes the blueprint feasible."""
    held = QuestionBank(tuple(item(f"07-{n:04d}", band="难" if n < 2 else "中") for n in range(9)))
    bound = '[[bounds]]\ntitle="难题"\nbands=["难"]\nminimum={}'
    found = feasibility(simple('{title="全部",count=5}', bound.format(4)), held, on=ON)
    assert "降到 2" in found.relaxation
    assert feasibility(simple('{title="全部",count=5}', bound.format(2)), held, on=ON).feasible


def test_enemies_can_make_a_row_infeasible() -> None:
    """Three items of which each excludes the others cannot give two."""
    names = ["07-1", "07-2", "07-3"]
    held = QuestionBank(tuple(item(n, enemies=[m for m in names if m != n]) for n in names))
    found = feasibility(simple('{title="全部",count=2}'), held, on=ON)
    assert not found.feasible


def test_what_may_not_be_drawn_is_left_out() -> None:
    """Excluded, suspended, barred and recently used items are not counted."""
    held = QuestionBank(
        (*(item(f"07-{n}") for n in range(6)), item("07-9", status=Status.SUSPENDED))
    )
    wanted = simple('{title="全部",count=2}').model_copy(
        update={"exclude": frozenset(["07-0"]), "rest_days": 180}
    )
    usage = Usage({"07-1": date(2026, 9, 1), "07-2": date(2026, 1, 1)}, frozenset(["07-3"]))
    pool = drawable(wanted, held, on=ON, usage=usage)
    assert pool.cells[0].members == ("07-2", "07-4", "07-5")


def test_included_items_are_fixed_and_must_fit() -> None:
    """An item for every paper is fixed; one that is unknown or fits no row is refused by name."""
    held = QuestionBank((*(item(f"07-{n}") for n in range(6)), item("07-9", "判断")))
    wanted = simple('{title="全部",count=2}')
    pool = drawable(wanted.model_copy(update={"include": frozenset(["07-3"])}), held, on=ON)
    assert pool.cells[0].fixed == ("07-3",)
    with pytest.raises(ItemError, match="07-8"):
        drawable(wanted.model_copy(update={"include": frozenset(["07-8"])}), held, on=ON)
    with pytest.raises(InfeasibleBlueprint, match="必选题 07-9"):
        drawable(wanted.model_copy(update={"include": frozenset(["07-9"])}), held, on=ON)
    three = wanted.model_copy(update={"include": frozenset(["07-1", "07-2", "07-3"])})
    with pytest.raises(InfeasibleBlueprint, match="去掉 1 题"):
        feasibility(three, held, on=ON).raise_if_infeasible()


def test_neighbour_classes_share_the_cell() -> None:
    """With two classes a cell of nine has four for each."""
    held = QuestionBank(tuple(item(f"07-{n}") for n in range(9)))
    wanted = simple('{title="全部",count=5}').model_copy(update={"neighbour_classes": 2})
    assert feasibility(wanted, held, on=ON).cells[0].have == 4


def test_high_exposure_is_a_warning() -> None:
    """A cell whose items are on more papers than the cap is warned of."""
    wanted = Blueprint.model_validate({**dict(blueprint()), "exposure_cap": "0.10"})
    assert any("曝光" in text for text in feasibility(wanted, bank(), on=ON).warnings)


def test_bounds_on_minutes_and_reading() -> None:
    """Sums over estimated minutes and characters can be bounded; an impossible one conflicts."""
    text = '[[bounds]]\ntitle="阅读量"\nof="characters"\nmaximum={}'
    held = QuestionBank(tuple(item(f"07-{n}") for n in range(9)))
    each = len("关于题目 07-0 的说法") + 4 * len("07-0 选项 0")
    rows = '{title="全部",count=3}'
    assert feasibility(simple(rows, text.format(3 * each)), held, on=ON).feasible
    assert not feasibility(simple(rows, text.format(3 * each - 1)), held, on=ON).feasible
    minutes = '[[bounds]]\ntitle="时间"\nof="minutes"\nmaximum=1'
    assert not feasibility(simple(rows, minutes), held, on=ON).feasible


@pytest.mark.parametrize(
    ("per", "most"),
    [("statute", 2), ("article", 2), ("subject", 2), ("topic", 2), ("tag", 2)],
)
def test_a_bound_for_each_value(per: str, most: int) -> None:
    """Written once, a bound holds for each statute, article, subject, topic or tag."""
    held = QuestionBank(
        tuple(
            item(
                f"{s}-{n}",
                subject=s,
                topic=f"题{s}",
                tags=[f"标{s}"],
                citations=[f"《{'行政处罚法' if s == '07' else '行政许可法'}》第九条"],
            )
            for s in ("07", "08")
            for n in range(6)
        )
    )
    text = f'[[bounds]]\ntitle="各"\nper="{per}"\nmaximum={most}'
    assert feasibility(simple('{title="全部",count=4}', text), held, on=ON).feasible
    assert not feasibility(simple('{title="全部",count=5}', text), held, on=ON).feasible


def test_new_items_and_points_can_be_bounded() -> None:
    """A share of never-used items and a sum of points are kept as limits."""
    held = QuestionBank(tuple(item(f"07-{n}") for n in range(9)))
    usage = Usage({f"07-{n}": date(2025, 1, 1) for n in range(7)})
    text = '[[bounds]]\ntitle="新题"\nnew=true\nminimum={}'
    rows = '{title="全部",count=4}'
    assert feasibility(simple(rows, text.format(2)), held, on=ON, usage=usage).feasible
    assert not feasibility(simple(rows, text.format(3)), held, on=ON, usage=usage).feasible
    old = '[[bounds]]\ntitle="旧题"\nnew=false\nmaximum=1'
    assert not feasibility(simple(rows, old), held, on=ON, usage=usage).feasible
    points = '[[bounds]]\ntitle="分"\nof="points"\nlevels=["识记"]\nmaximum={}'
    assert feasibility(simple(rows, points.format(4)), held, on=ON).feasible
    assert not feasibility(simple(rows, points.format(3)), held, on=ON).feasible


def test_cases_go_by_half_of_their_questions() -> None:
    """A case fits a row when half of its sub-questions or more do; odd sizes are reported."""
    plan = {
        "C1": ["07", "07", "07", "08", "08"],
        "C2": ["07", "08", "08", "09", "09"],
        "C3": ["07"] * 3,
    }
    items, cases = [], {}
    for name, which in plan.items():
        ids = tuple(f"{name}-{k}" for k in range(len(which)))
        items += [item(i, subject=s, case=name) for i, s in zip(ids, which, strict=True)]
        cases[name] = Case(id=name, stimulus="案情", item_ids=ids)
    text = (
        'title="卷"\n[[sections]]\nid="1"\ntitle="案例"\ncases=true\npoints=2\n'
        'rows=[{title="处罚",subjects=["07"],count=1}]'
    )
    pool = drawable(Blueprint.from_toml(text), QuestionBank(tuple(items), cases), on=ON)
    assert pool.cells[0].members == ("C1",)
    assert pool.unfit_cases == ("C2", "C3")
    found = feasibility(Blueprint.from_toml(text), QuestionBank(tuple(items), cases), on=ON)
    assert "2 个案例不合任何一行" in found.warnings[0]


def test_reports_read_well() -> None:
    """The report says in Chinese whether a paper exists and which row binds, also as HTML."""
    found = feasibility(blueprint(), bank(), on=ON)
    assert "可行" in repr(found)
    assert "瓶颈" in repr(found)
    assert "<table>" in found._repr_html_()
    assert "不可行" in repr(feasibility(blueprint(), QuestionBank(()), on=ON))
