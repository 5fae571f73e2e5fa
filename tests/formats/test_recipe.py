"""A recipe brings the same sitting again, whoever reads it."""

from datetime import date
from pathlib import Path

import pytest

from fazhi_exam.assembly import alternatives, commit_draw, deal, drawable
from fazhi_exam.assembly.blueprint import Facet, Mode, OrderPolicy
from fazhi_exam.bank.lapse import not_in_force
from fazhi_exam.delivery import programme
from fazhi_exam.errors import DrawError, ProgrammeError
from fazhi_exam.formats import read_bank, shipped_bank_folder
from fazhi_exam.formats.recipe import SittingRecipe, changed
from fazhi_exam.law import StatuteBook
from fazhi_exam.simulate import synthetic_roster

DAY = date(2026, 12, 10)
PLAIN = SittingRecipe(id="t", on=DAY, programme="enf_general", seed=3)
HEAD = "id = 't'\non = 2026-12-10\nprogramme = 'enf_general'\n"


def test_recipe_survives_toml() -> None:
    """A setup written down and read back is the same setup."""
    recipe = SittingRecipe(
        programme="enf_field", field="F7", subjects=("07", "F7"), id="甲-1", on=DAY, seed=9,
        title='引号"和\\斜杠\n换行', quotas={"1.1": 4, "2.3": 0}, points={"1": "0.8"}, mode=Mode.AB,
        order=OrderPolicy.BY_TOPIC, room_seats=28, balance=(Facet.BAND,), good_rows_only=True,
        swaps=(("A", "07-0001", "07-0002"),), transcript="抽题记录.json", exclude=("07-0009",),
    )  # fmt: skip
    assert SittingRecipe.from_toml(recipe.to_toml()) == recipe


@pytest.mark.parametrize(
    ("text", "place"),
    [("seed = -1", "seed"), ("seed = 1\ncolour = 'red'", "colour"), ("on = 'x'", "文件"),
     ("seed = 'x'", "seed"), ("seed = 1\nmode = 'x'", "mode"), ("= 1", "文件")],
)  # fmt: skip
def test_bad_recipe_names_its_field(text: str, place: str) -> None:
    """A recipe with a mistake is refused with the place of the mistake."""
    with pytest.raises(ProgrammeError) as caught:
        SittingRecipe.from_toml(HEAD + text)
    assert caught.value.field == place


def test_changed_blueprint() -> None:
    """Counts and points change where said; a count of 0 leaves the row out; bounds stay."""
    before = programme("enf_general").blueprint
    after = changed(before, {"1.1": 5, "1.2": 0}, {"2": "2"})
    assert after.section("1").items == 50 + 2 - 2
    assert [row.title for row in after.section("1").rows][:2] == [
        "习近平法治思想",
        "政务公开与决策",
    ]
    assert after.total_points == 50 + 20 * 2 + 30
    assert after.bounds == before.bounds
    assert changed(before, {}, {}) == before


def test_changes_reach_the_sitting() -> None:
    """Quotas, mode, order and the part of the bank are those of the sitting that is built."""
    recipe = PLAIN.model_copy(update={
        "quotas": {"1.1": 4}, "mode": Mode.FIXED, "order": OrderPolicy.AS_DRAWN, "room_seats": 5,
    })  # fmt: skip
    found = recipe.build(roster=synthetic_roster(12, ["甲镇"], rng=1))
    assert found.rules.blueprint.items_per_paper == 101
    assert len({frozenset(paper.item_ids) for paper in found.papers}) == 1
    assert len({paper.item_ids for paper in found.papers}) == 1
    assert [len(codes) for codes in found.rooms.values()] == [5, 5, 2]
    part = PLAIN.model_copy(update={"subjects": ("07",)})
    assert {item.subject for item in part.read_bank()} == {"07"}


def test_forms_a_and_b_share_no_item() -> None:
    """Neighbours with forms A and B have no question in common."""
    bank = read_bank(shipped_bank_folder())
    recipe = PLAIN.model_copy(update={"mode": Mode.AB})
    blueprint = recipe.rules().blueprint
    first, second = recipe.forms(bank, blueprint)
    assert not {item.id for item in first} & {item.id for item in second}


def test_exchanges_are_made_again() -> None:
    """A form with one item exchanged comes back so, and nothing else on it has moved."""
    bank = read_bank(shipped_bank_folder())
    recipe = PLAIN.model_copy(update={"mode": Mode.FIXED})
    blueprint = recipe.rules().blueprint
    (form,) = recipe.forms(bank, blueprint)
    old = next(iter(form)).id
    new = alternatives(drawable(blueprint, bank, on=DAY), form, old)[0]
    again = recipe.model_copy(update={"swaps": (("A", old, new),)})
    (other,) = again.forms(bank, blueprint)
    assert [i.id for i in other] == [new if i.id == old else i.id for i in form]
    bad = recipe.model_copy(update={"swaps": (("A", old, old),)})
    with pytest.raises(DrawError, match="不能替换"):
        bad.forms(bank, blueprint)


def test_committed_draw_comes_from_its_record(tmp_path: Path) -> None:
    """Papers of a proved draw follow its record, not the seed; another roster is refused."""
    bank, people = read_bank(shipped_bank_folder()), synthetic_roster(5, ["甲镇"], rng=1)
    draw = commit_draw(
        bank, programme("enf_general").blueprint, people, secret=b"s" * 32, exam_id="t", on=DAY
    )
    papers = deal(draw.reveal(secret=b"s" * 32, digits="385902"))
    (tmp_path / "r.json").write_bytes(papers.transcript())
    recipe = PLAIN.model_copy(update={"transcript": "r.json"})
    found = recipe.build(folder=tmp_path, roster=people)
    assert [p.digest for p in found.papers] == [p.digest for p in papers]
    with pytest.raises(DrawError, match="名单有变化"):
        recipe.build(folder=tmp_path, roster=synthetic_roster(6, ["甲镇"], rng=1))


def test_recipe_without_a_roster_says_so() -> None:
    """A sitting needs people."""
    with pytest.raises(ProgrammeError, match="名册"):
        PLAIN.build()


def test_only_what_is_in_force_is_drawn() -> None:
    """On a day of 2023 questions on later law are named in the recipe and on no paper."""
    bank, early = read_bank(shipped_bank_folder()), date(2023, 6, 1)
    recipe = PLAIN.model_copy(update={"on": early}).as_of(bank)
    assert set(recipe.exclude) == not_in_force(bank, StatuteBook.shipped(), on=early)
    assert recipe.exclude
    assert PLAIN.as_of(bank).exclude == ()
    sitting = recipe.build(bank=bank, roster=synthetic_roster(20, ["甲镇"], rng=1))
    assert not set(sitting.papers.item_ids) & set(recipe.exclude)
