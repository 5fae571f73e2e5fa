"""Nothing is written before a person agrees, and nothing is written twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from fazhi_exam.errors import ImportFailed
from fazhi_exam.formats import (
    ImportDefaults,
    confirm,
    preview_bank,
    preview_bytes,
    read_bank,
    write_excel,
)
from fazhi_exam.formats.confirm import slug
from fazhi_exam.formats.draft import UNGRADED

from ..examples import bank as small_bank

TEXT = """一、单选题
1.甲事项由谁决定（ A ）
A.省级政府 B.县级政府 C.乡镇政府
2.乙事项的期限为（ ）
A.五日 B.七日 C.十日
答案：C
案例一：某局作出处罚决定。
1.本案中（ ）
A.合法 B.违法 C.不明
答案：B
"""
HERE = ImportDefaults(subject="07", topic="适用")


def test_preview_writes_nothing(tmp_path: Path) -> None:
    """Looking at a file leaves the folder as it was."""
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    reading = preview_bank(tmp_path / "a.txt", defaults=HERE)
    assert reading.counts == {"单选": 3}
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_import_twice_changes_nothing(tmp_path: Path) -> None:
    """The second import writes no byte and says that nothing changed (I4)."""
    reading = preview_bytes(TEXT.encode(), "a.txt", defaults=HERE)
    first = confirm(reading, tmp_path)
    assert len(first.added) == 3
    files = {path: path.read_bytes() for path in tmp_path.rglob("*.toml")}
    again = confirm(preview_bytes(TEXT.encode(), "a.txt", defaults=HERE), tmp_path)
    assert (again.added, again.conflicts, again.files) == ((), (), ())
    assert set(again.unchanged) == set(first.added)
    assert "没有变化" in str(again)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.toml")} == files
    assert read_bank(tmp_path) == reading.good


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("决定（ A ）", "决定（ B ）", "答案"),
        ("C.十日\n答案：C", "C.十五日\n答案：C", "选项"),
        ("甲事项由谁决定", "甲的事项应由谁决定", "题干"),
    ],
)
def test_changed_question_is_a_conflict(tmp_path: Path, old: str, new: str, field: str) -> None:
    """A changed key, option or stem is listed and not written; the bank stays as it was (I4)."""
    text = TEXT.replace("A.省级政府", "A.省级人民政府及其部门").replace(
        "B.县级政府", "B.县级人民政府及其部门"
    )
    confirm(preview_bytes(text.encode(), "a.txt", defaults=HERE), tmp_path)
    before = read_bank(tmp_path)
    assert old in text
    changed = text.replace(old, new)
    result = confirm(preview_bytes(changed.encode(), "a.txt", defaults=HERE), tmp_path)
    assert len(result.conflicts) == 1
    assert field in result.conflicts[0].fields
    assert result.added == ()
    assert read_bank(tmp_path) == before


def test_same_id_with_other_content_is_a_conflict(tmp_path: Path) -> None:
    """An id that the bank holds with other words is never overwritten."""
    whole = small_bank(2)
    confirm(preview_bytes(write_excel(whole).data, "a.xlsx"), tmp_path)
    reading = preview_bytes(write_excel(whole).data, "a.xlsx")
    drafts = [replace(reading.drafts[0], stem="全新的题干"), *reading.drafts[1:]]
    result = confirm(reading.mended(drafts), tmp_path)
    assert [c.item_id for c in result.conflicts] == [reading.drafts[0].id]
    assert read_bank(tmp_path) == whole


def test_unusable_drafts_are_refused(tmp_path: Path) -> None:
    """A draft without a key stops the import, until it is mended."""
    reading = preview_bytes("1.题干（ ）\nA.甲 B.乙 C.丙\n".encode(), "a.txt", defaults=HERE)
    with pytest.raises(ImportFailed, match="没有答案"):
        confirm(reading, tmp_path)
    assert list(tmp_path.iterdir()) == []
    mended = reading.mended([replace(reading.drafts[0], key="B")])
    assert not mended.blocking
    assert len(confirm(mended, tmp_path).added) == 1


def test_good_only_leaves_out_the_rest(tmp_path: Path) -> None:
    """What can be used is written when a person says so."""
    text = TEXT + "二、单选题\n9.没有答案的题（ ）\nA.甲 B.乙 C.丙\n"
    result = confirm(preview_bytes(text.encode(), "a.txt", defaults=HERE), tmp_path, good_only=True)
    assert len(result.added) == 3


def test_later_import_joins_the_earlier(tmp_path: Path) -> None:
    """A second file of the same subject is added to what the first brought."""
    confirm(preview_bytes(TEXT.encode(), "a.txt", defaults=HERE), tmp_path)
    more = "1.丙事项（ A ）\nA.甲甲 B.乙乙 C.丙丙\n"
    confirm(preview_bytes(more.encode(), "b.txt", defaults=HERE), tmp_path)
    assert len(read_bank(tmp_path)) == 4
    assert [path.parent.name for path in tmp_path.rglob("*.toml")] == ["07_行政处罚"]


def test_assumed_level_is_marked() -> None:
    """Items whose level or band was assumed can be found by a tag."""
    good = preview_bytes(TEXT.encode(), "a.txt", defaults=HERE).good
    assert len(good.where(tag=UNGRADED)) == 3


def test_repeated_question_is_taken_once() -> None:
    """The same question twice in a file is used once and noted; with another key it is a problem."""  # noqa: E501
    twice = "1.题（A）\nA.甲 B.乙 C.丙\n2.题（A）\nA.甲 B.乙 C.丙\n"
    reading = preview_bytes(twice.encode(), "a.txt")
    assert (len(reading.drafts), len(reading.good), len(reading.blocking)) == (2, 1, 0)
    other = preview_bytes(twice.replace("2.题（A）", "2.题（B）").encode(), "a.txt")
    assert any("答案不同" in problem.reason for problem in other.blocking)


@pytest.mark.parametrize("name", ["../../etc", "a/b", "CON", ".hidden", "a\x00b", "a\u202eb", ""])
def test_slug_stays_inside(name: str) -> None:
    """A topic never names a place outside its folder, nor a name some system refuses."""
    made = slug(name)
    assert made
    assert "/" not in made
    assert "\\" not in made
    assert not made.startswith(".")
    assert made.upper() != "CON"
