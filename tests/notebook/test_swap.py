"""Exchanging an item on the panel, and papers against the target."""

import time
from datetime import date
from pathlib import Path

import numpy as np

from fazhi_exam.assembly import pass_chances
from fazhi_exam.assembly.blueprint import Mode
from fazhi_exam.formats import read_bank, shipped_bank_folder
from fazhi_exam.formats.recipe import SittingRecipe
from fazhi_exam.notebook import ExamSetupPanel
from fazhi_exam.notebook.examples import ExampleStore
from fazhi_exam.psychometrics.models import Rasch
from fazhi_exam.scoring import Calibration
from fazhi_exam.simulate import synthetic_roster

BANK = read_bank(shipped_bank_folder())
IDS = tuple(sorted(item.id for item in BANK if item.kind.objective))
KNOWN = Calibration(
    IDS,
    tuple(Rasch(float(b)) for b in np.random.default_rng(1).normal(-0.5, 0.8, len(IDS))),
    np.full(len(IDS), 500), 500, label="模拟参数",
)  # fmt: skip


def drawn(here: Path, mode: Mode, calibration: Calibration | None = KNOWN) -> ExamSetupPanel:
    recipe = SittingRecipe(
        id="t", on=date(2026, 12, 10), programme="enf_general", seed=2, mode=mode
    )
    panel = ExamSetupPanel(
        recipe, bank=BANK, roster=synthetic_roster(12, ["甲镇"], rng=1), calibration=calibration,
        folder=here / "输出",
    )  # fmt: skip
    panel.wizard.go.click()
    panel.work.wait()
    assert panel.sitting is not None, panel.boundary.text.value
    panel.exchange.click()
    assert panel.boundary.cause is None, panel.boundary.text.value
    return panel


def test_exchange_on_a_form_reaches_every_paper(here: Path) -> None:
    """After adopting, everybody has the new item in place of the old, and the recipe knows it."""
    panel = drawn(here, Mode.FIXED)
    out, into = panel.swap.old.value, panel.swap.new.value
    panel.swap.adopt.click()
    assert panel.boundary.cause is None, panel.boundary.text.value
    assert panel.recipe.swaps == (("A", out, into),)
    assert panel.sitting is not None
    for paper in panel.sitting.papers:
        assert into in paper.item_ids
        assert out not in paper.item_ids
    panel.save_recipe.click()
    text = (here / "输出" / "组卷方案.toml").read_text("utf-8")
    again = SittingRecipe.from_toml(text).build(
        bank=BANK, roster=synthetic_roster(12, ["甲镇"], rng=1)
    )
    assert [p.digest for p in again.papers] == [p.digest for p in panel.sitting.papers]


def test_exchange_moves_the_chance_of_passing(here: Path) -> None:
    """Chances before the exchange are those of the papers as dealt; half a deviation moves them."""
    panel = drawn(here, Mode.AB)
    opened = panel.swap.opened
    assert opened is not None
    assert opened.ability is not None
    assert panel.sitting is not None
    chance = pass_chances(
        panel.sitting.papers, KNOWN.by_item(), pass_mark=panel.sitting.rules.cut.value,
        thetas=np.array([opened.ability]),
    )[0]  # fmt: skip
    place = panel.sitting.papers.codes.index(panel.candidate.value)
    assert (
        f"<td>合格线上的考生的合格机会</td><td>{chance[place]:.1%}</td>" in panel.swap.moves.value
    )
    assert not set(panel.swap.new.options) & {item.id for item in opened.form}


def test_one_paper_each_is_only_looked_at(here: Path) -> None:
    """A provable paper cannot be changed by hand; the page says so and offers no such button."""
    panel = drawn(here, Mode.PER_CANDIDATE, calibration=None)
    assert panel.swap.adopt.layout.display == "none"
    assert "不能逐份换题" in panel.swap.words.value
    assert "先用存档标定题目参数" in panel.swap.moves.value
    start = time.process_time()
    for name in [value for _, value in panel.swap.old.options][:10]:
        panel.swap.old.value = name
    assert (time.process_time() - start) / 10 < 0.3
    panel.blueprint_table.counts["1.1"].value = 4
    assert panel.swap.layout.display == "none"


def test_papers_are_compared_with_the_target(here: Path) -> None:
    """With parameters parity is stated in percentage points and information has its target."""
    panel = drawn(here, Mode.PER_CANDIDATE)
    panel.compare.click()
    panel.work.wait()
    assert panel.boundary.cause is None, panel.boundary.text.value
    text = panel.comparison.value
    assert "模拟参数" in text
    assert "个百分点" in text
    assert "合格线处的信息量：目标" in text
    assert panel.chances.axes is not None
    assert panel.information.axes is not None


def test_one_form_is_compared_without_exposure(here: Path) -> None:
    """Where everybody has the same items, overlap is whole and no even use is spoken of."""
    panel = drawn(here, Mode.FIXED, calibration=None)
    panel.compare.click()
    panel.work.wait()
    assert panel.boundary.cause is None, panel.boundary.text.value
    assert "不能称为等值" in panel.comparison.value
    assert panel.exposure.axes is None


def test_parameters_come_from_a_store(here: Path, example: ExampleStore) -> None:
    """The sittings of a store give the parameters; a missing file is said."""
    panel = ExamSetupPanel(bank=BANK, folder=here / "输出")
    panel.parameters.value = "没有.db"
    assert "找不到存档库文件“没有.db”" in panel.boundary.text.value
    panel.parameters.value = example.url
    panel.work.wait()
    assert panel.calibration is not None
    assert "存档中 4 次考试" in panel.boundary.text.value
