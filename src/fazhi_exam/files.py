"""Files in full or not at all, and archives whose bytes depend on their content alone (文件)."""

import os
import zipfile
from io import BytesIO
from pathlib import Path

STAMP = (2026, 1, 1, 0, 0, 0)
"""Time of every member of an archive: equal content has to give equal bytes."""


def write_bytes(data: bytes, path: str | Path) -> Path:
    """Write a file by way of an unfinished one, so that no half file is ever seen.

    Missing folders are made; where writing fails, a file that was there before is as it was.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    try:
        with unfinished.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(target)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    return target


def add_member(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add a member with the fixed time."""
    member = zipfile.ZipInfo(name, STAMP)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    archive.writestr(member, data, compresslevel=6)


def restamped(data: bytes) -> bytes:
    """Return an archive with the same members in the same order, all at the fixed time."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            add_member(new, member.filename, old.read(member))
    return out.getvalue()
