"""Blueprints: what is read, what is refused, and by which name."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from fazhi_exam.assembly import (
    Blueprint,
    Bound,
    Row,
    blueprint_from_rows,
    blueprint_to_rows,
    blueprint_to_toml,
)
from fazhi_exam.bank import ItemKind
from fazhi_exam.rules import AllOrNothing, HalfSubset, Net

from .banks import TOML, blueprint


def broken(old: str, new: str) -> str:
    """Read the test blueprint with a change and return the complaint."""
    text = TOML.format(options="", bounds="")
    assert old in text
    with pytest.raises(ValidationError) as caught:
        Blueprint.from_toml(text.replace(old, new, 1))
    return str(caught.value)


def test_totals_are_exact() -> None:
    """15 × 1 + 7 × 2 + 8 × 1 + one case of five sub-questions × 2 make 47 points and 35 items."""
    read = blueprint()
    assert (read.total_points, read.items_per_paper) == (Decimal(47), 35)


def test_points_of_eight_tenths_add_up() -> None:
    """Seventy-five items of 0.8 points make exactly 60."""
    text = 'title="卷"\n[[sections]]\nid="1"\ntitle="判断"\nkind="判断"\npoints=0.8\n'
    read = Blueprint.from_toml(text + 'rows=[{title="全部",count=75}]')
    assert read.total_points == Decimal("60.0")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("count = 5", "count = 0", "处罚"),
        ("count = 5", "count = -3", "处罚"),
        ("points = 1", "points = 0", "单项选择题"),
        ('kind = "单选"', "", "单项选择题"),
        ("cases = true", 'cases = true\nkind = "单选"', "案例分析题"),
        ('title = "许可"', 'title = "处罚"', "处罚"),
        ('id = "2"', 'id = "1"', "编号"),
        ('title = "测试卷"', 'title = "测试卷"\ninclude = ["a"]\nexclude = ["a"]', "必选题"),
        ('title = "测试卷"', 'title = "测试卷"\nexposure_cap = 2', "曝光上限"),
    ],
)
def test_a_fault_is_named(old: str, new: str, named: str) -> None:
    """A wrong blueprint is refused with the row, section or field at fault."""
    assert named in broken(old, new)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "没有写下限"),
        ({"minimum": 3, "maximum": 2}, "自相矛盾"),
        ({"minimum": -1}, "负数"),
    ],
)
def test_a_contradictory_bound_is_named(given: dict[str, int], named: str) -> None:
    """A bound without limits, or with limits that exclude each other, is refused by name."""
    with pytest.raises(ValidationError, match=named):
        Bound.model_validate({"title": "难题", **given})


def test_a_bound_beyond_the_paper_is_refused() -> None:
    """A lower limit above the size of the paper is refused by name."""
    with pytest.raises(ValidationError, match="下限 36 超过整卷的 35"):
        blueprint(bounds='[[bounds]]\ntitle="难题"\nminimum=36')


def test_unknown_fields_are_mistakes() -> None:
    """A misspelt field is not ignored."""
    with pytest.raises(ValidationError):
        Row.model_validate({"title": "处罚", "count": 1, "subject": ["07"]})


def test_rules_of_sections() -> None:
    """A rule is given by its code; in a case only multiple choice follows it."""
    read = blueprint()
    assert read.section("2").rule == HalfSubset()
    cases = read.section("4").model_copy(update={"rule": Net()})
    assert cases.rule_for(ItemKind.MULTIPLE) == Net()
    assert cases.rule_for(ItemKind.SINGLE) == AllOrNothing()


def test_the_table_gives_the_same_blueprint_back() -> None:
    """Written as a table and read again a blueprint is the same; blank cells repeat those above."""
    read = blueprint('balance = ["band"]', '[[bounds]]\ntitle="难题"\nbands=["难"]\nmaximum=3')
    lines = blueprint_to_rows(read)
    for line, before in zip(lines[1:][::-1], lines[:-1][::-1], strict=True):
        if line["大题编号"] == before["大题编号"]:
            line.update(dict.fromkeys(list(line)[:6], ""))
    assert blueprint_from_rows("测试卷", lines, like=read) == read


def test_a_table_with_a_wrong_count_names_the_line() -> None:
    """The line and the row are named when a count is no number."""
    lines = blueprint_to_rows(blueprint())
    lines[1]["题数"] = "四"
    with pytest.raises(ValueError, match="第 3 行“许可”"):
        blueprint_from_rows("测试卷", lines)


def test_optional_rows_take_items_from_another() -> None:
    """An optional row is off, and switched on it leaves the size of the paper as it was."""
    text = TOML.format(options="", bounds="").replace(
        '{ title = "其他", count = 6 },',
        '{ title = "其他", count = 6 }, { title = "本地", tags = ["本地"], count = 2, optional = true },',  # noqa: E501
    )
    read = Blueprint.from_toml(text)
    assert read.items_per_paper == 35
    local = read.with_optional("本地", instead_of="其他")
    assert local.items_per_paper == 35
    assert [row.count for row in local.sections[0].active_rows] == [5, 4, 4, 2]
    with pytest.raises(ValueError, match="外地"):
        read.with_optional("外地")
    with pytest.raises(ValueError, match="没有"):
        read.with_optional("本地", instead_of="不存在")


def test_toml_gives_the_same_blueprint_back() -> None:
    """Written as TOML and read again a blueprint is the same, with all its options."""
    read = blueprint(
        'balance = ["band", "level"]\ninclude = ["b", "a"]\nrest_days = 180\nmode = "ab"\n'
        'exposure_cap = 0.25\nstatuses = ["live", "pilot"]\norder = "by_topic"',
        '[[bounds]]\ntitle = "难\\"题\\\\"\nbands = ["难"]\nmaximum = 3\n'
        'new = true\nper = "article"',
    )
    assert Blueprint.from_toml(blueprint_to_toml(read)) == read
    text = TOML.format(options="", bounds="").replace(
        'rule = "half_subset"', 'rule = { code = "fixed_subset", partial = 0.5 }'
    )
    read = Blueprint.from_toml(text)
    assert Blueprint.from_toml(blueprint_to_toml(read)) == read


def test_unknown_sections_and_lines_are_refused() -> None:
    """A section that is not there, and a table without sections, are mistakes."""
    with pytest.raises(KeyError):
        blueprint().section("9")
    with pytest.raises(ValidationError, match="没有大题"):
        blueprint_from_rows("空", [])
    with pytest.raises(ValidationError, match="都叫"):
        blueprint(bounds='[[bounds]]\ntitle="甲"\nmaximum=3\n' * 2)


def test_a_row_that_gives_all_its_items_disappears() -> None:
    """When the optional row takes all of another one, that one is gone; it cannot give more."""
    text = TOML.format(options="", bounds="").replace(
        '{ title = "全部", count = 8 }',
        '{ title = "全部", count = 8 }, { title = "本地", count = 8, optional = true },'
        '{ title = "更多", count = 9, optional = true }',
    )
    read = Blueprint.from_toml(text)
    assert [r.title for r in read.with_optional("本地", instead_of="全部").sections[2].rows] == [
        "本地",
        "更多",
    ]
    with pytest.raises(ValueError, match="不够让出 9 题"):
        read.with_optional("更多", instead_of="全部")
