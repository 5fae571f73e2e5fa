"""From the programme to sealed papers, on the panel alone."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from fazhi_exam.assembly import deal, feasibility, seed_draw
from fazhi_exam.assembly.blueprint import Mode
from fazhi_exam.bank import QuestionBank
from fazhi_exam.bank.lapse import not_in_force
from fazhi_exam.delivery import programme
from fazhi_exam.formats import read_bank, shipped_bank_folder
from fazhi_exam.formats.recipe import SittingRecipe
from fazhi_exam.law import StatuteBook
from fazhi_exam.notebook import ExamSetupPanel
from fazhi_exam.notebook.blueprint_table import state
from fazhi_exam.notebook.export import LIST_NAME, Output
from fazhi_exam.simulate import synthetic_roster, write_roster_workbook

DAY = date(2026, 12, 10)


@pytest.fixture(scope="module")
def bank() -> QuestionBank:
    return read_bank(shipped_bank_folder())


@pytest.fixture
def panel(here: Path, bank: QuestionBank) -> ExamSetupPanel:
    found = ExamSetupPanel(bank=bank, folder=here / "输出")
    assert found.boundary.cause is None
    return found


def drawn(panel: ExamSetupPanel, people: int = 40) -> ExamSetupPanel:
    panel.take_roster(synthetic_roster(people, ["甲镇", "乙镇"], rng=1))
    panel.wizard.go.click()
    panel.work.wait()
    assert panel.sitting is not None, panel.boundary.text.value
    return panel


# ---- programme and bank ----


def test_programme_is_shown_with_rules_and_source(panel: ExamSetupPanel) -> None:
    """The rules of a preset stand on the page with the text of their source."""
    rules = programme("enf_general")
    shown = panel.programme_rules.value
    for text in ("90 分钟，闭卷", "60 分（满分 100 分）", rules.sources[0].text, "5 年"):
        assert text in shown


@pytest.mark.parametrize("name", ["cadre_std", "annual_50", "enf_field", "enf_street"])
def test_every_preset_can_be_chosen(panel: ExamSetupPanel, name: str) -> None:
    """Choosing another preset shows its rows, and the field only where it matters."""
    panel.programme_choice.value = name
    assert panel.boundary.cause is None
    field = "F7" if name == "enf_field" else None
    blueprint = programme(name, field=field).papers[0].blueprint
    rows = sum(len(section.active_rows) for section in blueprint.sections)
    assert len(panel.blueprint_table.counts) == rows
    assert (panel.field_choice.layout.display == "") == (name == "enf_field")


def test_bank_part_limits_what_is_drawn(panel: ExamSetupPanel) -> None:
    """Only the ticked subjects are left, and rows of the others are short."""
    panel.subjects.value = ("07", "08")
    assert panel.bank is not None
    assert {item.subject for item in panel.bank} == {"07", "08"}
    assert "不足" in panel.blueprint_table.states["1.1"].value
    assert "充足" in panel.blueprint_table.states["1.6"].value


def test_what_is_not_in_force_that_day_is_not_drawn(panel: ExamSetupPanel, here: Path) -> None:
    """The day decides which questions are left out; this is said, and goes with the recipe."""
    assert panel.recipe.exclude == ()
    panel.on.value = date(2023, 6, 1)
    assert panel.bank is not None
    barred = not_in_force(panel.bank, StatuteBook.shipped(), on=date(2023, 6, 1))
    assert set(panel.recipe.exclude) == barred
    assert (
        f"其中 {len(barred)} 题引用的条文在考试日期不是现行条文，不抽" in panel.bank_summary.value
    )
    sitting = drawn(panel, people=10).sitting
    assert sitting is not None
    assert barred.isdisjoint(sitting.papers.item_ids)
    again = ExamSetupPanel(panel.recipe, bank=panel.bank)
    assert again.recipe == panel.recipe
    panel.on.value = DAY
    assert panel.recipe.exclude == ()
    assert "不抽" not in panel.bank_summary.value


def test_missing_bank_is_said(panel: ExamSetupPanel) -> None:
    """A folder that is not there is named in Chinese, and no draw is possible."""
    panel.bank_folder.value = "没有这个文件夹"
    assert "没有这个文件夹" in panel.boundary.text.value
    assert panel.bank is None
    panel.wizard.go.click()
    assert "题库还没有读好" in panel.boundary.text.value


# ---- roster ----


def test_faulty_roster_is_not_used_until_said_so(panel: ExamSetupPanel, here: Path) -> None:
    """Faults stand with line and reason; the good rows count only after the button."""
    people = synthetic_roster(30, ["甲镇", "乙镇"], rng=3)
    write_roster_workbook(people, here / "名册.xlsx", title="报名表")
    panel.roster_file.path.value = str(here / "名册.xlsx")
    assert panel.roster is None
    blocking = [row for row in panel.faults.rows if row[0] == "须处理"]
    assert {row[2] for row in blocking} <= set(range(4, 40))
    assert len(blocking) == 2  # the person listed twice, and the number in scientific notation
    assert panel.use_good.layout.display == ""
    panel.use_good.click()
    assert panel.roster is not None
    assert len(panel.roster) == 30
    assert sum(row[1] for row in panel.units.rows) == 30


def test_roster_may_be_plain_values(panel: ExamSetupPanel) -> None:
    """Rows of any source do: here mappings as another system would hand over."""
    panel.take_roster([{"姓名": f"考生{n}", "单位": "甲镇"} for n in "一二三"])
    assert panel.roster is not None
    assert len(panel.roster) == 3


# ---- blueprint ----


def test_colours_say_it_in_words() -> None:
    """Green, amber and red differ in word and sign, so that grey paper shows them too."""
    bank = read_bank(shipped_bank_folder())
    cell = feasibility(programme("enf_general").blueprint, bank, on=DAY).cells[0]
    words = [state(type(cell)("1.1", "甲", need, 12), 0.25) for need in (3, 4, 13)]
    assert words == [
        ("green", "● 充足 需 3 有 12"), ("amber", "▲ 偏紧 需 4 有 12，曝光 33%"),
        ("red", "■ 不足 需 13 有 12，缺 1"),
    ]  # fmt: skip


def test_table_follows_every_edit(panel: ExamSetupPanel) -> None:
    """Need and have beside each row are those of the feasibility report, live."""
    panel.blueprint_table.counts["1.5"].value = 14
    panel.blueprint_table.points["3"].value = "0.5"
    assert panel.bank is not None
    assert panel.programme is not None
    blueprint = panel.recipe.changed_blueprint(panel.programme)
    found = feasibility(blueprint, panel.bank, on=DAY)
    shown = [panel.blueprint_table.states[key].value for key in panel.blueprint_table.counts]
    for text, cell in zip(shown, found.cells, strict=True):
        assert f"需 {cell.need} 有 {cell.have}" in text
    assert "全卷 102 题，87 分" in panel.blueprint_table.totals.value
    assert "优秀线 90 高于满分 87" in panel.boundary.text.value
    panel.restore.click()
    assert panel.boundary.text.value == ""
    assert panel.recipe.quotas == {}
    assert "全卷 100 题，100 分" in panel.blueprint_table.totals.value


def test_impossible_blueprint_says_what_to_do(panel: ExamSetupPanel) -> None:
    """A row of 400 is red with the missing number, and the draw is refused with advice."""
    panel.blueprint_table.counts["1.1"].value = 400
    assert panel.bank is not None
    have = sum(i.subject == "01" and i.kind == "单选" and i.case is None for i in panel.bank)
    assert f"不足 需 400 有 {have}，缺 {400 - have}" in panel.blueprint_table.states["1.1"].value
    panel.take_roster(synthetic_roster(4, ["甲镇"], rng=1))
    panel.wizard.go.click()
    panel.work.wait()
    assert "蓝图无法满足" in panel.boundary.text.value
    assert panel.sitting is None


@pytest.mark.parametrize("points", ["abc", "0", "-1", "0.0.1", ""])
def test_nonsense_points_are_refused(panel: ExamSetupPanel, points: str) -> None:
    """Points that are no positive number leave a sentence, not a half-changed blueprint."""
    panel.blueprint_table.points["1"].value = points
    assert "不成立" in panel.blueprint_table.totals.value
    assert "意外" not in panel.boundary.text.value
    panel.wizard.go.click()
    assert panel.sitting is None


# ---- draw ----


def test_draw_needs_a_roster(panel: ExamSetupPanel) -> None:
    """Drawing too early says which step is missing."""
    panel.wizard.go.click()
    assert "还没有采用名册" in panel.boundary.text.value


def test_panel_draws_what_a_script_draws(panel: ExamSetupPanel) -> None:
    """The same seed gives the same papers by the public verbs."""
    drawn(panel)
    assert panel.sitting is not None
    assert panel.bank is not None
    assert panel.roster is not None
    blueprint = programme("enf_general").blueprint
    twin = deal(seed_draw(panel.bank, blueprint, panel.roster, seed=1, exam_id="示例考次", on=DAY))
    assert [p.digest for p in twin] == [p.digest for p in panel.sitting.papers]
    assert {room: len(codes) for room, codes in panel.sitting.rooms.items()} == {"1": 30, "2": 10}


def test_preview_shows_the_paper_as_printed(panel: ExamSetupPanel) -> None:
    """Every question of the candidate's own paper stands there in its order, no key and no name."""
    drawn(panel)
    assert panel.sitting is not None
    code = panel.candidate.options[7]
    panel.candidate.value = code
    paper, text = panel.sitting.papers[code], panel.paper.value
    assert paper.code in text
    first = panel.sitting.bank[paper.item_ids[0]]
    shown = [next(o.text for o in first.options if o.id == i) for i in paper.option_order[first.id]]
    places = [
        text.index(f"{letter}．{words}") for letter, words in zip("ABCD", shown, strict=False)
    ]
    assert places == sorted(places)
    assert text.count("<p>") - text.count("一、") >= 100
    assert panel.roster is not None
    assert panel.roster.name(code) not in text


def test_any_change_after_the_draw_voids_it(panel: ExamSetupPanel) -> None:
    """Papers never outlive the settings they were drawn from."""
    drawn(panel)
    panel.blueprint_table.counts["1.1"].value = 4
    assert panel.sitting is None
    assert "原来抽的卷已作废" in panel.wizard.outcome.value
    panel.write.click()
    assert "还没有抽题" in panel.boundary.text.value


@pytest.mark.parametrize(("mode", "forms"), [(Mode.AB, 2), (Mode.FIXED, 1)])
def test_fixed_and_ab_forms(panel: ExamSetupPanel, mode: Mode, forms: int) -> None:
    """One form or two: that many different sets of items over all candidates."""
    panel.wizard.mode.value = mode
    drawn(panel)
    assert panel.sitting is not None
    sets = {frozenset(paper.item_ids) for paper in panel.sitting.papers}
    assert len(sets) == forms


def test_commit_and_reveal(panel: ExamSetupPanel, here: Path) -> None:
    """The promise is shown before the digits, kept in two files, and the record checks out."""
    panel.take_roster(synthetic_roster(6, ["甲镇", "乙镇"], rng=1))
    panel.wizard.way.value = True
    assert panel.wizard.reveal.disabled
    panel.wizard.commit.click()
    draw = panel.wizard.draw
    assert draw is not None
    assert draw.commitment in panel.wizard.promise.value
    secret = (here / "输出" / "抽题密钥.txt").read_text().strip()
    assert secret not in panel.wizard.promise.value
    panel.wizard.digits.value = "３８ ５902"
    panel.wizard.reveal.click()
    panel.work.wait()
    assert panel.sitting is not None, panel.boundary.text.value
    panel.wizard.check.click()
    panel.work.wait()
    assert "核验通过：名单 6 人" in panel.wizard.proof.value


def test_promise_is_taken_up_another_day(panel: ExamSetupPanel, here: Path) -> None:
    """A second page with the same settings takes the promise up; other settings are refused."""
    people = synthetic_roster(6, ["甲镇", "乙镇"], rng=1)
    panel.take_roster(people)
    panel.wizard.commit.click()
    draw = panel.wizard.draw
    assert draw is not None
    second = ExamSetupPanel(folder=here / "输出", roster=people)
    second.wizard.resume.click()
    assert second.wizard.draw == draw
    second.wizard.digits.value = "123"
    second.wizard.reveal.click()
    second.work.wait()
    assert second.sitting is not None
    papers = [paper.digest for paper in second.sitting.papers]
    second.save_recipe.click()
    text = (here / "输出" / "组卷方案.toml").read_text("utf-8")
    rebuilt = SittingRecipe.from_toml(text).build(folder=here / "输出", roster=people)
    assert [paper.digest for paper in rebuilt.papers] == papers
    other = ExamSetupPanel(folder=here / "输出", roster=synthetic_roster(7, ["甲镇"], rng=1))
    other.wizard.resume.click()
    assert "名单有变化" in other.boundary.text.value


def test_reveal_without_digits_is_refused(panel: ExamSetupPanel) -> None:
    """Words are no public digits."""
    panel.take_roster(synthetic_roster(6, ["甲镇", "乙镇"], rng=1))
    panel.wizard.commit.click()
    panel.wizard.digits.value = "三八五"
    panel.wizard.reveal.click()
    panel.work.wait()
    assert panel.sitting is None
    assert "抽题" in panel.boundary.text.value


# ---- output ----


def test_export_lists_every_file_with_its_hash(panel: ExamSetupPanel, here: Path) -> None:
    """What is on the list is on the disk, with the SHA-256 that any tool computes."""
    drawn(panel, people=4)
    for output, box in panel.outputs.items():
        box.value = output in (Output.WORD, Output.LISTS, Output.TRANSCRIPT)
    panel.write.click()
    panel.work.wait()
    names = {file.name for file in panel.files}
    assert names == {"座位签到表.pdf", "抽题记录.json", *(f"试卷_{c}.docx" for c in
                     panel.sitting.rooms["1"][:3])}  # fmt: skip
    for file in panel.files:
        data = (here / "输出" / file.name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file.sha256
    listed = (here / "输出" / LIST_NAME).read_text("utf-8").splitlines()
    assert len(listed) == len(panel.files)
    assert (
        json.loads((here / "输出" / "抽题记录.json").read_bytes())["manifest"]["exam"] == "示例考次"
    )


def test_saved_recipe_sets_up_the_same(panel: ExamSetupPanel, here: Path) -> None:
    """Closing the page loses nothing: the recipe brings the same blueprint and the same papers."""
    panel.blueprint_table.counts["1.1"].value = 4
    panel.wizard.seed.value = 77
    drawn(panel)
    first = [paper.digest for paper in panel.sitting.papers]
    panel.save_recipe.click()
    second = ExamSetupPanel(folder=here / "输出")
    second.load_recipe.path.value = str(here / "输出" / "组卷方案.toml")
    assert second.recipe == panel.recipe
    assert second.blueprint_table.counts["1.1"].value == 4
    drawn(second)
    assert [paper.digest for paper in second.sitting.papers] == first


def test_comparison_speaks_of_all_papers(panel: ExamSetupPanel) -> None:
    """Exposure, overlap and the spread are shown in words, and never called equal by bands."""
    drawn(panel)
    panel.compare.click()
    panel.work.wait()
    text = panel.comparison.value
    assert "不能称为等值" in text
    assert "任意两份试卷平均有" in text
    assert panel.exposure.axes is not None
    assert panel.overlap.axes is not None


def test_questions_go_to_other_systems(panel: ExamSetupPanel, here: Path) -> None:
    """Moodle XML and QTI hold the questions on the papers, with a note on what is not carried."""
    drawn(panel, people=4)
    for output, box in panel.outputs.items():
        box.value = output in (Output.MOODLE, Output.QTI)
    panel.write.click()
    panel.work.wait()
    assert panel.boundary.cause is None
    assert panel.sitting is not None
    text = (here / "输出" / "题目_Moodle.xml").read_text("utf-8")
    used = {name for paper in panel.sitting.papers for name in paper.item_ids}
    shown = panel.sitting.papers.worth
    assert all(name in text for name in used & set(shown))
    assert "每名考生的抽题结果" in (here / "输出" / "题目_Moodle_未带入.txt").read_text("utf-8")
    assert (here / "输出" / "题目_QTI.zip").read_bytes()[:2] == b"PK"
