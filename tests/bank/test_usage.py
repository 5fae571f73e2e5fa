"""Use and difficulty travel beside the bank."""

from datetime import date
from pathlib import Path

import pytest

from fazhi_exam.bank import Band, QuestionBank
from fazhi_exam.bank.usage import ItemUse, current, off_band, read_usage, used, write_usage
from fazhi_exam.errors import ImportFailed

from .worlds import plain

ONE = plain()


def use(n: int = 100, facility: float | None = 0.6, **fields: object) -> ItemUse:
    values = {"times": 1, "last_used": date(2026, 6, 1), **fields}
    return ItemUse(ONE.id, ONE.revision, n=n, facility=facility, **values)  # type: ignore[arg-type]


def test_round_trip(tmp_path: Path) -> None:
    """What is written is read back equal, and no unfinished file stays behind."""
    usage = {"07-0001": use(discrimination=0.3), "07-0002": ItemUse("07-0002", "r")}
    write_usage(tmp_path, usage)
    assert read_usage(tmp_path) == usage
    assert [path.name for path in tmp_path.iterdir()] == ["usage.jsonl"]
    assert read_usage(tmp_path / "none.jsonl") == {}


def test_facilities_are_weighted() -> None:
    """0.6 of 100 and 0.9 of 300 are 330 of 400 right."""
    joined = used({ONE.id: use()}, [use(300, 0.9, last_used=date(2026, 3, 1))])[ONE.id]
    assert joined.facility == pytest.approx(330 / 400)
    assert (joined.n, joined.times, joined.last_used) == (400, 2, date(2026, 6, 1))


def test_a_new_revision_starts_anew() -> None:
    """Answers to the old words say nothing of the new ones."""
    newer = ItemUse(ONE.id, "other", 1, date(2026, 9, 1), 50, 0.2)
    assert used({ONE.id: use()}, [newer]) == {ONE.id: newer}
    assert current({ONE.id: newer}, QuestionBank((ONE,))) == {}
    with pytest.raises(ValueError, match="different"):
        use().and_then(newer)


@pytest.mark.parametrize(
    ("facility", "band"),
    [
        (0.9, "易"),
        (0.85, "易"),
        (0.7, "较易"),
        (0.5, "中"),
        (0.3, "较难"),
        (0.29, "难"),
        (0.0, "难"),
    ],
)
def test_bands(facility: float, band: str) -> None:
    """The bounds are .85, .70, .50 and .30."""
    assert use(facility=facility).band is Band(band)


def test_off_band() -> None:
    """An item written as 中 that 100 people found easy is listed; with fewer answers it is not."""
    bank = QuestionBank((ONE,))
    assert off_band(bank, {ONE.id: use(100, 0.9)}) == (ONE,)
    assert off_band(bank, {ONE.id: use(99, 0.9)}) == ()
    assert off_band(bank, {ONE.id: use(100, 0.6)}) == ()


@pytest.mark.parametrize(
    "fields",
    [{"n": -1}, {"facility": 1.2}, {"discrimination": 2.0}, {"facility": None}, {"times": -1}],
)
def test_out_of_range(fields: dict[str, float]) -> None:
    """Numbers that cannot be are mistakes."""
    with pytest.raises(ValueError, match=r"counts|share|correlation|facility"):
        use(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"item_id": "a"}', '{"item_id":"a","revision":"r","n":"x"}']
)
def test_damaged_lines_are_named(tmp_path: Path, line: str) -> None:
    """A line that cannot be read is reported with its number."""
    path = tmp_path / "usage.jsonl"
    path.write_text("\n" + line + "\n", "utf-8")
    with pytest.raises(ImportFailed) as caught:
        read_usage(path)
    assert caught.value.problems[0].line == 2


def test_an_item_stands_once(tmp_path: Path) -> None:
    """Two lines for one item are reported."""
    write_usage(tmp_path, {ONE.id: use()})
    path = tmp_path / "usage.jsonl"
    path.write_text(path.read_text("utf-8") * 2, "utf-8")
    with pytest.raises(ImportFailed, match="重复"):
        read_usage(path)
