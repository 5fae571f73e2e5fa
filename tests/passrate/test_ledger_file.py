"""The ledger on disk is what was written, or an error; it never loses a release."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fazhi_exam.passrate import (
    Detail,
    LedgerError,
    PublishingRefused,
    ReleaseLedger,
    Which,
    enter,
    read_ledger,
    write_ledger,
)

from .test_ledger import FIRST, SIZES, counts, release

SECOND = release(counts(SIZES | {"丁": 9, "戊": 8}, failed=0), "下半年", sittings=["2", "3"],
                 which=Which.BEST, detail=Detail.OUTCOMES, round_to=5)  # fmt: skip


def test_round_trip(tmp_path: Path) -> None:
    """What is read is what was written, merged rows and rounding included; a folder is made."""
    ledger = ReleaseLedger((FIRST, SECOND))
    path = write_ledger(ledger, tmp_path / "台账" / "发布台账.json")
    assert read_ledger(path) == ledger
    assert any(1 < len(s.groups) < len(SIZES) + 2 for s in SECOND.statements)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert json.loads(path.read_text("utf-8"))["version"] == 1


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    """Where nothing was published there is no file."""
    assert read_ledger(tmp_path / "发布台账.json") == ReleaseLedger()


def test_releases_are_entered_once_and_clashes_never(tmp_path: Path) -> None:
    """A clean release is added, the same one leaves the file, a clash leaves it as well."""
    path = tmp_path / "发布台账.json"
    assert enter(FIRST, path).releases == (FIRST,)
    before = path.read_bytes()
    assert enter(replace(FIRST, title="再次"), path).releases == (FIRST,)
    with pytest.raises(PublishingRefused, match=r"更正稿.*“初稿”"):
        enter(release(counts(SIZES, shift=1), "更正稿"), path)
    assert path.read_bytes() == before
    enter(SECOND, path)
    assert read_ledger(path).releases == (FIRST, SECOND)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def broken() -> dict[str, str]:
    """Return texts that are no whole ledger."""

    def text(**changed: object) -> str:
        fields = {
            "title": "甲", "on": "2026-07-01", "by": "单位", "sittings": ["1"], "which": "ALL",
            "rounded_to": 1,
            "statements": [{"column": "合格", "value": 9, "whole": True, "groups": ["甲局"]}],
        }  # fmt: skip
        return json.dumps({"version": 1, "releases": [fields | changed]})

    statement = {"column": "合格", "value": 9, "whole": True, "groups": ["甲局"]}
    return {
        "empty": "",
        "half": text()[:-30],
        "list": "[]",
        "number": "7",
        "deep": "[" * 100_000,
        "no releases": '{"version": 1}',
        "null": '{"version": 1, "releases": null}',
        "text": '{"version": 1, "releases": ""}',
        "one text": '{"version": 1, "releases": ["甲"]}',
        "day": text(on="昨天"),
        "no sitting": text(sittings=[]),
        "sitting": text(sittings=[1]),
        "which": text(which="LAST"),
        "rounding": text(rounded_to=0),
        "column": text(statements=[statement | {"column": "优良"}]),
        "negative": text(statements=[statement | {"value": -1}]),
        "fraction": text(statements=[statement | {"value": 1.5}]),
        "whole": text(statements=[statement | {"whole": "是"}]),
        "groups": text(statements=[statement | {"groups": "甲局"}]),
    }


@pytest.mark.parametrize("name", broken())
def test_a_broken_file_is_refused_and_kept(name: str, tmp_path: Path) -> None:
    """Nothing is entered into a ledger that cannot be read in full; its bytes stay."""
    path = tmp_path / "发布台账.json"
    path.write_text(broken()[name], "utf-8")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=r"发布台账“.*发布台账.json”：.*损坏.*不要删除后重建"):
        enter(FIRST, path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_other_bytes_and_versions_are_refused(tmp_path: Path) -> None:
    """A file that is not text, a folder, and the layout of another version."""
    path = tmp_path / "a.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LedgerError, match="无法读取"):
        read_ledger(path)
    with pytest.raises(LedgerError, match="无法读取"):
        read_ledger(tmp_path)
    path.write_text('{"version": 2, "releases": []}', "utf-8")
    with pytest.raises(LedgerError, match="格式版本为 2，本程序使用 1"):
        enter(FIRST, path)


def test_two_programs_do_not_write_at_once(tmp_path: Path) -> None:
    """While another program writes, a release waits; the message says what to do."""
    path = tmp_path / "发布台账.json"
    lock = tmp_path / "发布台账.json.lock"
    lock.touch()
    with pytest.raises(LedgerError, match=r"另一个程序.*发布台账.json.lock"):
        enter(FIRST, path)
    assert not path.exists()
    assert lock.exists()
    lock.unlink()
    enter(FIRST, path)
    (tmp_path / "文件").touch()
    with pytest.raises(LedgerError, match="文件夹无法建立"):
        enter(FIRST, tmp_path / "文件" / "台账.json")


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full the ledger is as before, and no half file stays."""
    path = tmp_path / "发布台账.json"
    enter(FIRST, path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(LedgerError, match="磁盘已满"):
        enter(SECOND, path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
