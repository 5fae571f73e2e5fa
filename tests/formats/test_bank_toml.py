"""The bank's own files are read with every fault named, and written back unchanged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fazhi_exam.bank import QuestionBank, Status
from fazhi_exam.bank.life import LifeEvent, append_history
from fazhi_exam.errors import ImportFailed, UnknownFormat
from fazhi_exam.formats import bank_to_toml, preview_bank, read_bank, shipped_bank_folder

from ..examples import bank

GOOD = """
subject = "07"
topic = "适用"
[[item]]
id = "07-0001"
kind = "单选"
stem = "题干"
options = ["甲", "乙", "丙", "丁"]
key = "B"
level = "识记"
band = "易"
"""


def write(folder: Path, text: str, name: str = "a.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_round_trip(tmp_path: Path) -> None:
    """Writing a bank and reading it back gives the same bank."""
    whole = bank()
    for subject in ("07", "10"):
        write(tmp_path, bank_to_toml(whole, subject=subject, topic="适用"), f"{subject}.toml")
    again = read_bank(tmp_path)
    assert again == whole
    assert again.content_hash == whole.content_hash


def test_shipped_bank_round_trips(tmp_path: Path) -> None:
    """Every shipped item survives being written and read."""
    whole = read_bank(shipped_bank_folder())
    topics = sorted({(item.subject, item.topic) for item in whole})
    home = {c.id: (whole[c.item_ids[0]].subject, whole[c.item_ids[0]].topic)
            for c in whole.cases.values()}  # fmt: skip
    mixed = [c for c in whole.cases.values()
             if len({(whole[i].subject, whole[i].topic) for i in c.item_ids}) > 1]  # fmt: skip
    assert len(home) == len(whole.cases)
    plain = QuestionBank(
        tuple(i for i in whole if i.case not in {c.id for c in mixed}),
        {c.id: c for c in whole.cases.values() if c not in mixed},
    )
    for number, (subject, topic) in enumerate(topics):
        write(tmp_path, bank_to_toml(plain, subject=subject, topic=topic), f"{number:03d}.toml")
    assert read_bank(tmp_path).content_hash == plain.content_hash


@pytest.mark.parametrize(
    ("change", "field", "part"),
    [
        (('key = "B"', 'key = "E"'), "整题", "答案为 E，选项只有 A 至 D"),
        (('kind = "单选"', 'kind = "选择"'), "题型", "之一"),
        (('level = "识记"', 'stage = "识记"'), "能力层次", "缺少这一项"),
        (('level = "识记"', 'level = "识记"\nx = 1'), "x", "没有这一项"),
        (('stem = "题干"', 'stem = ""'), "题干", "不能为空"),
        (('stem = "题干"', "stem = 3"), "题干", "类型不对"),
    ],
)
def test_faults_name_file_item_and_field(
    tmp_path: Path, change: tuple[str, str], field: str, part: str
) -> None:
    """A fault says file, line, item and field; strict reading refuses with all of them."""
    write(tmp_path, GOOD.replace(*change))
    reading = preview_bank(tmp_path)
    found = [p for p in reading.problems if p.column == field]
    assert found
    assert found[0].file == "a.toml"
    assert found[0].line == 5
    assert "07-0001" in found[0].reason
    assert part in found[0].reason
    assert len(reading.good) == 0
    with pytest.raises(ImportFailed):
        read_bank(tmp_path)


@pytest.mark.parametrize(
    "data", [b"a = ", b"\xff\xfe", b'item = 3\nsubject = "07"', b"[[case]]\nid='c'"]
)
def test_broken_files_are_problems_not_crashes(tmp_path: Path, data: bytes) -> None:
    """Broken TOML, wrong encodings and wrong shapes are listed."""
    (tmp_path / "a.toml").write_bytes(data)
    assert preview_bank(tmp_path).blocking


def test_double_ids_are_listed_and_the_first_kept(tmp_path: Path) -> None:
    """A second use of an id in another file is a problem; the rest can be shown."""
    write(tmp_path, GOOD, "a.toml")
    write(tmp_path, GOOD, "b.toml")
    reading = preview_bank(tmp_path)
    assert len(reading.good) == 1
    assert "重复" in reading.blocking[0].reason


def test_unknown_kinds_of_file(tmp_path: Path) -> None:
    """An empty folder and a picture are answered with what can be read."""
    with pytest.raises(UnknownFormat, match="没有题目文件"):
        preview_bank(tmp_path)
    with pytest.raises(UnknownFormat):
        preview_bank(write(tmp_path, "", "a.png"))


def test_states_come_from_the_history_beside_the_bank(tmp_path: Path) -> None:
    """A reviewed item is reviewed after reading; a torn history is a problem, not a crash."""
    write(tmp_path, GOOD)
    revision = read_bank(tmp_path)["07-0001"].revision
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    event = LifeEvent("07-0001", revision, Status.DRAFT, Status.REVIEWED, "审读人", moment, "已读")
    append_history(tmp_path, [event])
    assert read_bank(tmp_path)["07-0001"].status is Status.REVIEWED
    (tmp_path / "history.jsonl").write_text("{不是 JSON", "utf-8")
    assert preview_bank(tmp_path).blocking
