"""A blueprint goes out as a worksheet and comes back, faults named by line and heading."""

from pathlib import Path

import pytest

from fazhi_exam.assembly import blueprint_to_rows
from fazhi_exam.delivery import programme
from fazhi_exam.formats.blueprint_workbook import preview_blueprint, write_blueprint_workbook

from ..examples import blueprint


@pytest.mark.parametrize("name", ["enf_general", "cadre_std", "annual_80", "enf_street"])
def test_round_trip(tmp_path: Path, name: str) -> None:
    """Every preset's blueprint survives the workbook unchanged."""
    before = programme(name).blueprint
    path = write_blueprint_workbook(before, tmp_path / "b.xlsx")
    assert preview_blueprint(path, like=before).accept() == before
    assert write_blueprint_workbook(before, tmp_path / "c.xlsx").read_bytes() == path.read_bytes()


def test_changed_numbers_are_taken() -> None:
    """Fewer items in a row make a smaller paper."""
    lines = blueprint_to_rows(blueprint())
    lines[0]["题数"] = "1"
    found = preview_blueprint(lines, like=blueprint()).accept()
    assert found.total_points == blueprint().total_points - 1


@pytest.mark.parametrize(
    ("column", "value", "part"),
    [
        ("题数", "两", "正整数"),
        ("题数", "0", "正整数"),
        ("主题", "99", "没有主题代码"),
        ("每题分值", "x", "不是数字"),
        ("难度", "很难", "难"),
    ],
)
def test_faults_are_named(column: str, value: str, part: str) -> None:
    """A wrong cell is a blocking problem that says what was expected."""
    lines = blueprint_to_rows(blueprint())
    lines[0][column] = value
    reading = preview_blueprint(lines, like=blueprint())
    assert reading.blocking
    assert any(part in p.reason for p in reading.blocking)
    assert "没有找到" in preview_blueprint([{"甲": "乙"}], like=blueprint()).blocking[0].reason
