"""Files appear in full or not at all, and archives depend on their content alone."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from fazhi_exam.files import STAMP, restamped, write_bytes


def test_failed_write_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk gives up, the old file stands and nothing unfinished is left beside it."""
    path = write_bytes("旧".encode(), tmp_path / "新建" / "记录.json")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_bytes("新".encode(), path)
    assert path.read_text("utf-8") == "旧"
    assert list(path.parent.iterdir()) == [path]


def test_restamped_archives_are_equal() -> None:
    """Two archives of the same members, made at other times and levels, become the same bytes."""

    def made(year: int, level: int) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
            for name in ("b.xml", "a.xml"):
                archive.writestr(zipfile.ZipInfo(name, (year, 5, 6, 7, 8, 10)), name * 500)
        return out.getvalue()

    one, two = restamped(made(2001, 1)), restamped(made(2025, 9))
    assert one == two
    with zipfile.ZipFile(BytesIO(one)) as archive:
        assert archive.namelist() == ["b.xml", "a.xml"]
        assert {member.date_time for member in archive.infolist()} == {STAMP}
        assert archive.read("a.xml") == b"a.xml" * 500
