"""Behind a question stand the edition it cites and what happened to it."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from fazhi_exam.bank import Status
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
    assert panel.boundary.cause is None, panel.boundary.text.value
    panel.one.value = name
    shown = ("2026-11-03 09:30", "草稿 → 已审", "审题组", "依据可能修改&lt;b&gt;", "现在的内容")
    for text in shown:
        assert text in panel.history.value
    assert panel.bank[name].status is Status.REVIEWED
    other = next(item.id for item in bank if item.id != name)
    panel.one.value = other
    assert "没有状态变更记录" in panel.history.value


def test_cited_edition_is_that_of_the_day(here: Path) -> None:
    """Before 15 July 2021 the penalties Act stood in an older edition than after it."""
    panel = BankPanel(on=date(2026, 12, 10))
    panel.statute.value = "行政处罚法"
    assert "中华人民共和国行政处罚法" in panel.law.value
    assert "2021-07-15 起施行" in panel.law.value
    assert "现行有效" in panel.law.value
    panel.on.value = date(2020, 1, 1)
    assert "2021-07-15 起施行" not in panel.law.value


def test_coverage_is_a_map_with_words(here: Path) -> None:
    """Each cell of the blueprint stands in the map with need and have."""
    panel = BankPanel()
    panel.steps.go(1)
    assert panel.boundary.cause is None
    axes = panel.coverage.axes
    assert axes is not None
    texts = [text.get_text() for text in axes.texts]
    assert all("需" in text and "有" in text for text in texts)
    assert len(texts) > 20
