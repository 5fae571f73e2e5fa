"""Behind a question stand the edition it cites and what happened to it."""

import shutil
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fazhi_exam.bank import QuestionBank, Status
from fazhi_exam.bank.life import append_history, move
from fazhi_exam.formats import read_bank, shipped_bank_folder
from fazhi_exam.notebook import BankPanel


def test_history_stands_with_the_item(here: Path) -> None:
    """A reviewed item says who, when and why, and its state is that of the last event."""
    source = next(Path(shipped_bank_folder()).glob("07_*"))
    shutil.copytree(source, here / "bank" / source.name)
    bank = read_bank(here / "bank")
    name = next(item.id for item in bank if item.case is None)
    when = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    append_history(
        here / "bank",
        move(bank, [name], Status.REVIEWED, who="审题组", when=when, why="依据可能修改<b>"),
    )
    panel = BankPanel(here / "bank")
    panel.work.wait()
    assert panel.boundary.cause is None, panel.boundary.text.value
    panel.reader.one.value = name
    shown = ("2026-11-03 09:30", "草稿 → 已审", "审题组", "依据可能修改&lt;b&gt;", "现在的内容")
    for text in shown:
        assert text in panel.reader.history.value
    assert panel.bank[name].status is Status.REVIEWED
    other = next(item.id for item in bank if item.id != name)
    panel.reader.one.value = other
    assert "没有状态变更记录" in panel.reader.history.value


def test_cited_edition_is_that_of_the_day(here: Path) -> None:
    """Before 15 July 2021 the penalties Act stood in an older edition than after it."""
    panel = BankPanel(on=date(2026, 12, 10))
    panel.work.wait()
    panel.statute.value = "行政处罚法"
    assert "中华人民共和国行政处罚法" in panel.reader.law.value
    assert "2021-07-15 起施行" in panel.reader.law.value
    assert "现行有效" in panel.reader.law.value
    panel.on.value = date(2020, 1, 1)
    assert "2021-07-15 起施行" not in panel.reader.law.value


def test_coverage_is_a_map_with_words(here: Path) -> None:
    """Each cell of the blueprint stands in the map with need and have; a picture is for saving."""
    panel = BankPanel()
    panel.work.wait()
    panel.steps.go(1)
    assert panel.boundary.cause is None
    page = panel.coverage
    assert page.found is not None
    for cell in page.found.cells:
        assert f"需 {cell.need} 有 {cell.have}" in page.picture.image.value
    assert page.picture.axes is None
    page.picture.save[1].click()
    assert page.picture.axes is not None
    assert len(page.picture.axes.texts) == len(page.found.cells)
    assert "题库覆盖情况.svg" in page.picture.link.value


def test_coverage_counts_what_is_in_force_that_day(here: Path) -> None:
    """On a day before an Act of 2026 the questions on it are not counted, and this is said."""
    panel = BankPanel()
    panel.work.wait()
    panel.steps.go(1)
    page = panel.coverage
    assert page.found is not None
    assert "没有计入" not in page.words.value
    before = {cell.id: cell.have for cell in page.found.cells}
    panel.on.value = date(2021, 1, 1)
    assert "引用的条文在考试日期不是现行条文" in page.words.value
    after = {cell.id: cell.have for cell in page.found.cells}
    assert sum(after.values()) < sum(before.values())


def test_a_day_that_changes_nothing_draws_nothing(here: Path) -> None:
    """Between two amendments the map stays as it is, without being worked out again."""
    panel = BankPanel()
    panel.work.wait()
    panel.steps.go(1)
    found = panel.coverage.found
    panel.on.value = date(2026, 12, 11)
    assert panel.coverage.found is found
    panel.coverage.programme.value = "annual_50"
    assert panel.coverage.found is not found


@pytest.mark.parametrize("turn", ["day", "programme", "filter"])
def test_every_change_shows_at_once(turn: str) -> None:
    """A change on a bank of over 4,000 questions costs less than 300 ms of processor time."""
    shipped = [item for item in read_bank(shipped_bank_folder()) if item.case is None]
    again = [
        item.model_copy(update={"id": f"{item.id}-2", "enemies": frozenset()}) for item in shipped
    ]
    panel = BankPanel(QuestionBank((*shipped, *again)), on=date(2026, 12, 10))
    panel.steps.go(1)
    control, values = {
        "day": (panel.on, [date(2023, 1, 1), date(2025, 1, 1), date(2021, 1, 1)]),
        "programme": (panel.coverage.programme, ["annual_50", "enf_street", "cadre_std"]),
        "filter": (panel.kind, ["单选", "判断", ""]),
    }[turn]
    costs = []
    for value in values:
        started = time.process_time()
        control.value = value
        costs.append(time.process_time() - started)
    # The median: once in a while Python looks through everything that the other tests left.
    assert sorted(costs)[1] < 0.3
    assert panel.boundary.cause is None
