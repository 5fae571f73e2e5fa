"""Files of the layouts offices have are read as a person reads them."""

import math
from pathlib import Path

import pytest

from fazhi_exam.statistics.intervals import wilson

from .corpus import FOLDER, compare, files

UNSEEN = sorted(path.name for path in FOLDER.glob("unseen*") if path.is_dir())


@pytest.mark.parametrize("path", files("import"), ids=lambda path: path.name)
def test_corpus_file(path: Path) -> None:
    """Every question of the file is found with kind, stem, options and key, and every doubt said."""  # noqa: E501
    found, reading = compare(path)
    assert not found.faults, "\n".join(found.faults)
    assert all(draft.raw for draft in reading.drafts)
    assert all(draft.file and draft.line for draft in reading.drafts)


@pytest.mark.parametrize("folder", UNSEEN)
def test_files_never_seen(folder: str) -> None:
    """Of questions in files written by somebody who had not seen the reader, 97 % have their key."""  # noqa: E501
    paths = files(folder)
    if not paths:
        pytest.skip(f"nobody has written files for tests/corpus/{folder} yet")
    results = {path.name: compare(path)[0] for path in paths}
    expected = sum(result.expected for result in results.values())
    keyed = sum(result.keyed for result in results.values())
    low, high = wilson(keyed, expected)
    report = [
        f"{keyed} / {expected} = {keyed / expected:.1%} ({float(low):.1%} - {float(high):.1%})"
    ]
    for name, result in results.items():
        report += [f"{name}: {fault}" for fault in result.faults]
    text = "\n".join(report)
    assert keyed >= math.ceil(0.97 * expected), text
    assert not [stem for result in results.values() for stem in result.silent], text
