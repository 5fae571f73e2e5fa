"""The life of items and the record of who decided what."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from fazhi_exam.bank import Case, Item, QuestionBank, Status
from fazhi_exam.bank.life import (
    LifeEvent,
    append_history,
    move,
    read_history,
    with_history,
)
from fazhi_exam.errors import ImportFailed, ItemError

from .worlds import plain

NOON = datetime(2026, 11, 2, 12, tzinfo=timezone(timedelta(hours=8)))


def step(one: Item, before: Status, after: Status, hours: int = 0) -> LifeEvent:
    return LifeEvent(
        one.id, one.revision, before, after, "审题组", NOON + timedelta(hours=hours), "集体审定"
    )


ALLOWED = {
    ("draft", "reviewed"), ("draft", "retired"), ("reviewed", "draft"), ("reviewed", "pilot"),
    ("reviewed", "live"), ("reviewed", "retired"), ("pilot", "reviewed"), ("pilot", "live"),
    ("pilot", "suspended"), ("pilot", "retired"), ("live", "suspended"), ("live", "retired"),
    ("suspended", "reviewed"), ("suspended", "live"), ("suspended", "retired"),
}  # fmt: skip


@pytest.mark.parametrize("before", list(Status))
@pytest.mark.parametrize("after", list(Status))
def test_steps(before: Status, after: Status) -> None:
    """Only these fifteen steps exist; nothing leaves retirement and nothing becomes live unseen."""
    if (before.value, after.value) in ALLOWED:
        step(plain(), before, after)
    else:
        with pytest.raises(ItemError, match="不能由"):
            step(plain(), before, after)


def test_who_why_and_when_are_needed() -> None:
    """A step without a name or a reason is refused, and so is a time without zone."""
    one = plain()
    for who, why in (("", "理由"), ("某人", " ")):
        with pytest.raises(ItemError, match="经办人"):
            LifeEvent(one.id, one.revision, Status.DRAFT, Status.REVIEWED, who, NOON, why)
    with pytest.raises(ValueError, match="time zone"):
        LifeEvent(one.id, one.revision, Status.DRAFT, Status.REVIEWED, "甲",
                  NOON.replace(tzinfo=None), "理由")  # fmt: skip


def test_history_gives_states() -> None:
    """The last event decides; items without events keep what was written."""
    one, two = plain(1), plain(2, status="live")
    events = [step(one, Status.DRAFT, Status.REVIEWED), step(one, Status.REVIEWED, Status.LIVE, 1)]
    after = with_history(QuestionBank((one, two)), events)
    assert [item.status for item in after] == [Status.LIVE, Status.LIVE]
    assert one.status is Status.DRAFT


def test_changed_content_is_a_draft_again() -> None:
    """Nobody judged the new words, so they cannot be live; a better explanation changes nothing."""
    one = plain()
    events = [step(one, Status.DRAFT, Status.REVIEWED)]
    changed = plain(stem=one.stem + "什么", status="reviewed")
    assert with_history(QuestionBank((changed,)), events)["07-0001"].status is Status.DRAFT
    explained = plain(explanation="更清楚的解析")
    assert with_history(QuestionBank((explained,)), events)["07-0001"].status is Status.REVIEWED
    again = [*events, step(changed, Status.DRAFT, Status.REVIEWED, 1)]
    assert with_history(QuestionBank((changed,)), again)["07-0001"].status is Status.REVIEWED


def test_retirement_is_final() -> None:
    """New words under a retired id stay retired."""
    one = plain()
    events = [step(one, Status.DRAFT, Status.RETIRED)]
    changed = plain(stem=one.stem + "什么")
    assert with_history(QuestionBank((changed,)), events)["07-0001"].status is Status.RETIRED
    with pytest.raises(ItemError, match="不连贯"):
        with_history(
            QuestionBank((one,)), [*events, step(changed, Status.DRAFT, Status.REVIEWED, 1)]
        )


def test_events_follow_each_other() -> None:
    """A gap, or a time that runs backwards, is refused."""
    one = plain()
    first = step(one, Status.DRAFT, Status.REVIEWED)
    with pytest.raises(ItemError, match="不连贯"):
        with_history(QuestionBank((one,)), [first, step(one, Status.PILOT, Status.LIVE, 1)])
    with pytest.raises(ItemError, match="早于"):
        with_history(QuestionBank((one,)), [first, step(one, Status.REVIEWED, Status.LIVE, -1)])


def test_moving_a_case_moves_its_parts() -> None:
    """A case goes as a whole; items already there make no event; one bad item stops all."""
    parts = tuple(plain(k, case="c") for k in (1, 2))
    case = Case(id="c", stimulus="案情", item_ids=("07-0001", "07-0002"))
    bank = QuestionBank((*parts, plain(3, status="retired")), {"c": case})
    how = {"who": "审题组", "when": NOON, "why": "审定"}
    events = move(bank, ["c"], Status.REVIEWED, **how)  # type: ignore[arg-type]
    assert [event.item_id for event in events] == ["07-0001", "07-0002"]
    assert move(bank, ["c"], Status.DRAFT, **how) == ()  # type: ignore[arg-type]
    with pytest.raises(ItemError, match="退役"):
        move(bank, ["c", "07-0003"], Status.REVIEWED, **how)  # type: ignore[arg-type]


def test_file_keeps_what_was_appended(tmp_path: Path) -> None:
    """Events written in two goes are read back equal and in order."""
    one = plain()
    first = step(one, Status.DRAFT, Status.REVIEWED)
    second = step(one, Status.REVIEWED, Status.LIVE, 1)
    assert read_history(tmp_path) == ()
    append_history(tmp_path, [first])
    append_history(tmp_path, [second])
    assert read_history(tmp_path) == (first, second)
    assert len((tmp_path / "history.jsonl").read_text("utf-8").splitlines()) == 2


def test_nothing_is_written_when_an_event_does_not_follow(tmp_path: Path) -> None:
    """The file stays as it was, byte for byte."""
    one, two = plain(1), plain(2)
    append_history(tmp_path, [step(one, Status.DRAFT, Status.REVIEWED)])
    before = (tmp_path / "history.jsonl").read_bytes()
    with pytest.raises(ItemError):
        append_history(
            tmp_path,
            [step(two, Status.DRAFT, Status.REVIEWED), step(one, Status.PILOT, Status.LIVE, 1)],
        )
    assert (tmp_path / "history.jsonl").read_bytes() == before


@pytest.mark.parametrize("line", ["{", "[]", "1", '{"item": 1}', '"x"', '{"item": "a"}', "null"])
def test_damaged_lines_are_named(tmp_path: Path, line: str) -> None:
    """A line that cannot be read is reported with its number."""
    append_history(tmp_path, [step(plain(), Status.DRAFT, Status.REVIEWED)])
    path = tmp_path / "history.jsonl"
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(ImportFailed) as caught:
        read_history(path)
    assert [problem.line for problem in caught.value.problems] == [2]
