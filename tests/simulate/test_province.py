"""The simulated province is as large as asked, true to its rules, and needs little memory."""

from pathlib import Path

import pytest

from fazhi_exam.facts import Period, Scope, Which, open_facts, overview
from fazhi_exam.simulate.province import write_province


def test_province_is_as_asked(tmp_path: Path) -> None:
    """Rows, months and units are as asked; portions do not change what a sitting holds."""
    written = write_province(tmp_path / "p", attempts=20_001, units=12, months=24, rng=1)
    assert (written.attempts, written.files) == (20_001, 24)
    with open_facts(tmp_path / "p") as facts:
        months = facts.count_by_period(period=Period.MONTH)
        assert (min(months), max(months)) == ("2025-01", "2026-12")
        assert {c.registered for c in months.values()} == {833, 834}
        assert len(facts.count_by("单位")) == 12
        assert facts.count(Scope(which=Which.FIRST)).sat < facts.count().sat
        curve = facts.attempts().curve
        assert list(curve.time) == [1, 2, 3, 4]
        texts = "\n".join(overview(facts).texts())
    assert written.version in texts


def test_same_seed_same_province(tmp_path: Path) -> None:
    """The same seed gives the same bytes, another seed others."""
    versions = [
        write_province(tmp_path / name, attempts=2_000, units=5, months=3, rng=seed).version
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert versions[0] == versions[1] != versions[2]
    many = write_province(tmp_path / "d", attempts=2_000, units=5, months=3, rng=1, portion=100)
    assert (many.attempts, many.files) == (2_000, 21)


def test_province_needs_room() -> None:
    """Fewer attempts than units times months are refused."""
    with pytest.raises(ValueError, match="an attempt of each"):
        write_province("nowhere", attempts=10, units=5, months=3, rng=1)
