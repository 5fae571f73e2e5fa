"""What is recorded stays as it was and can be read back."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from fazhi_exam.delivery import Attendance, Sitting
from fazhi_exam.errors import StoreError
from fazhi_exam.marking import SecondKey, VoidItem, mark, rescore
from fazhi_exam.scoring import decide, score
from fazhi_exam.simulate import simulate_answers, synthetic_models
from fazhi_exam.store import open_store, schema
from fazhi_exam.store.packing import pack, unpack

from ..examples import sitting

EXAM = sitting(12)
CODES = [c.code for c in EXAM.roster]
SHEETS = [
    replace(s, attendance=Attendance.VOIDED) if k == 2 else s
    for k, s in enumerate(
        simulate_answers(EXAM, dict.fromkeys(CODES, 0.0), synthetic_models(EXAM.bank, rng=1), rng=1)
    )
]
MARKS = mark(EXAM, SHEETS)
SCORES = score(MARKS, EXAM)
DECISIONS = decide(SCORES, EXAM)


def url(folder: Path) -> str:
    return f"sqlite:///{(folder / 'exams.db').as_posix()}"


def test_recording_twice_changes_nothing(tmp_path: Path) -> None:
    """The same result is added once; the second time says so and the file's dump is equal."""
    with open_store(url(tmp_path)) as store:
        first = store.record(EXAM, MARKS, DECISIONS, SCORES)
        assert (first.version, first.added) == (1, True)
    with sqlite3.connect(tmp_path / "exams.db") as db:
        before = list(db.iterdump())
    with open_store(url(tmp_path)) as store:
        second = store.record(EXAM, MARKS, DECISIONS, SCORES)
        assert (second.version, second.added) == (1, False)
        assert "未作改动" in second.message
        store.verify()
    with sqlite3.connect(tmp_path / "exams.db") as db:
        assert list(db.iterdump()) == before


def test_read_back_is_equal(tmp_path: Path) -> None:
    """Marks, decisions, persons and the transcript come back as they were."""
    with open_store(url(tmp_path)) as store:
        store.record(EXAM, MARKS, DECISIONS, SCORES)
        again = store.marks("t-1")
        assert again.totals == MARKS.totals
        assert again.attendance == MARKS.attendance
        assert [list(again.of(c)) for c in CODES] == [list(MARKS.of(c)) for c in CODES]
        assert store.decisions("t-1") == DECISIONS
        assert store.responses(["t-1"]).shape == MARKS.responses.shape
        assert store.persons("t-1") == dict(EXAM.roster.persons)
        transcript = store.transcript("t-1")
        assert transcript is not None
        assert b"fazhi-exam-draw/1" in transcript
        (summary,) = store.sittings("t")
        assert (summary.candidates, summary.sat, summary.versions) == (12, 11, 1)
        assert store.sittings("other") == ()


def test_rescoring_is_a_new_version(tmp_path: Path) -> None:
    """After a key change both results are there, the newest first, with its changes."""
    name = MARKS.item_ids[0]
    other = rescore(
        MARKS, EXAM, SHEETS,
        [VoidItem(name, "依据已修改"), SecondKey(MARKS.item_ids[1], frozenset("A"), "两可")],
    ).after  # fmt: skip
    with open_store(url(tmp_path)) as store:
        store.record(EXAM, MARKS, DECISIONS)
        second = store.record(EXAM, other, decide(score(other, EXAM), EXAM), reason="更正答案")
        assert second.version == 2
        assert store.marks("t-1").changes == other.changes
        assert store.marks("t-1", version=1).totals == MARKS.totals
        assert store.sittings()[0].versions == 2


def test_another_sitting_of_the_same_name_is_refused(tmp_path: Path) -> None:
    """Other papers under a known id are a conflict, not an overwrite."""
    other = sitting(12, seed=2)
    with open_store(url(tmp_path)) as store:
        store.record(EXAM, MARKS, DECISIONS)
        marks = mark(other, [])
        with pytest.raises(StoreError, match="已有同名考次"):
            store.record(other, marks, decide(score(marks, other), other))
        assert len(store.sittings()) == 1
        with pytest.raises(StoreError, match="没有这个考次"):
            store.marks("none")
        with pytest.raises(StoreError, match="第 9 版"):
            store.decisions("t-1", version=9)
        with pytest.raises(StoreError, match="没有指定"):
            store.responses([])


def test_migrations_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    """A new file has exactly the tables that the code describes."""
    with open_store(url(tmp_path)):
        pass
    engine = sa.create_engine(url(tmp_path))
    with engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), schema.metadata) == []
    engine.dispose()


def test_foreign_and_newer_files_are_refused_untouched(tmp_path: Path) -> None:
    """Another program's database, a newer store and a text file are answered, not changed."""
    path = tmp_path / "exams.db"
    with sqlite3.connect(path) as db:
        db.execute("create table x (a)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="别的程序"):
        open_store(url(tmp_path))
    assert path.read_bytes() == before
    path.unlink()
    with open_store(url(tmp_path)):
        pass
    with sqlite3.connect(path) as db:
        db.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(StoreError, match="更新的版本"):
        open_store(url(tmp_path))
    path.write_text("这不是数据库" * 100)
    with pytest.raises(StoreError, match="不是可用的存档库"):
        open_store(url(tmp_path))
    with pytest.raises(StoreError, match="地址有误"):
        open_store("exams.db")


def test_a_changed_log_is_noticed(tmp_path: Path) -> None:
    """Editing the audit log breaks its chain."""
    with open_store(url(tmp_path)) as store:
        store.record(EXAM, MARKS, DECISIONS)
    with sqlite3.connect(tmp_path / "exams.db") as db:
        db.execute("update audit set detail_json = replace(detail_json, 't-1', 't-2')")
    with open_store(url(tmp_path)) as store, pytest.raises(StoreError, match="第 1 条被改动过"):
        store.verify()


def test_packed_answers_notice_every_changed_byte() -> None:
    """Any single changed byte of a packed attempt is refused."""
    part = slice(MARKS.indptr[0], MARKS.indptr[1])
    arrays = (MARKS.item[part], MARKS.chosen[part], MARKS.awarded[part], MARKS.possible[part])
    data = pack(*arrays)
    assert all((a == b).all() for a, b in zip(unpack(data, "x"), arrays, strict=True))
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x41
        with pytest.raises(StoreError):
            unpack(bytes(broken), "x")
    assert isinstance(EXAM, Sitting)
