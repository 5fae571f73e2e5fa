"""Results, rates, items and marks on their panels, checked against a count by hand."""

import sqlite3
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from fazhi_exam.bank import QuestionBank
from fazhi_exam.delivery import programme
from fazhi_exam.formats import preview_answers, shipped_bank_folder
from fazhi_exam.marking import VoidItem, mark, rescore
from fazhi_exam.notebook import (
    BankPanel,
    ItemPanel,
    MarkingPanel,
    ResultPanel,
    example_answers,
)
from fazhi_exam.notebook.examples import ExampleSitting, ExampleStore
from fazhi_exam.passrate import read_ledger
from fazhi_exam.scoring import Flag, Outcome, decide, score
from fazhi_exam.store import open_store


@pytest.fixture(scope="module")
def results(example: ExampleStore, tmp_path_factory: pytest.TempPathFactory) -> ResultPanel:
    panel = ResultPanel(
        example.url, bank=example.sittings[0].sitting.bank, calibration=example.calibration,
        folder=tmp_path_factory.mktemp("out"),
        ledger=tmp_path_factory.mktemp("ledger") / "发布台账.json",
    )  # fmt: skip
    panel.work.wait()
    assert panel.boundary.cause is None
    return panel


def tally(example: ExampleStore, sitting_id: str) -> Counter[Outcome]:
    with open_store(example.url) as store:
        return Counter(d.outcome for d in store.decisions(sitting_id).decisions)


# ---- results ----


def test_cards_carry_their_denominators(results: ResultPanel, example: ExampleStore) -> None:
    """Every rate stands with its counts: passes over those who sat, and over those due."""
    found = tally(example, "2026-12")
    passed, sat = found[Outcome.PASSED], found[Outcome.PASSED] + found[Outcome.FAILED]
    due = sat + found[Outcome.ABSENT] + found[Outcome.VOIDED]
    text = results.overview.value
    assert f"合格 {passed} ÷ 实考 {sat}" in text
    assert f"合格 {passed} ÷ 应考 {due}" in text
    assert f"实考 {sat} ÷ 应考 {due}" in text
    assert f"缺考 {found[Outcome.ABSENT]} 人，违纪 {found[Outcome.VOIDED]} 人" in text


def test_unit_table_adds_up(results: ResultPanel, example: ExampleStore) -> None:
    """Units sum to the last line, and each pass rate is passes over those who sat."""
    *units, total = results.units.rows
    for column in range(1, 6):
        assert sum(row[column] for row in units) == total[column]
    assert total[5] == tally(example, "2026-12")[Outcome.PASSED]
    for row in units:
        if row[2]:
            assert row[6] == pytest.approx(row[5] / row[2])
            assert row[7] <= row[6] <= row[8]


def test_near_people_are_the_unsure_ones(results: ResultPanel, example: ExampleStore) -> None:
    """Listed are the decisions less sure than one standard error, the least sure first."""
    with open_store(example.url) as store:
        sure = {d.candidate: d.sureness for d in store.decisions("2026-12").decisions}
    wanted = {code for code, value in sure.items() if value is not None and value < 0.8413}
    assert {row[0] for row in results.near.rows} == wanted
    values = [row[5] for row in results.near.rows]
    assert values == sorted(values)


def test_public_version_names_nobody(results: ResultPanel) -> None:
    """In the public version no code is on any page and no list of people can be written."""
    codes = {row[0] for row in results.near.rows}
    assert codes
    results.public.value = True
    shown = [results.public_overview.value, results.near.body.value, results.public_bands.value,
             results.public_units.value, results.weak_words.value]  # fmt: skip
    assert not [code for code in codes if any(code in text for text in shown)]
    hidden = (results.overview, results.scores, results.inside, results.items)
    assert {box.layout.display for box in hidden} == {"none"}
    cells = [c.split("<")[0] for c in results.public_units.value.split("<td>")[1:]]
    assert cells
    assert not [n for n in cells if n.isdigit() and 0 < int(n) < 10]
    results.write.click()
    results.work.wait()
    names = {row[0] for row in results.written.rows}
    results.public.value = False
    assert results.inside.layout.display == ""
    assert results.public_units.value == ""
    assert names == {"公告（公开）.docx"}
    assert len(read_ledger(results.ledger.value).releases) == 1


def test_internal_version_writes_everything(results: ResultPanel) -> None:
    """All five documents are written and hashed."""
    results.write.click()
    results.work.wait()
    assert results.boundary.cause is None
    assert {row[0] for row in results.written.rows} == {
        "通报.docx", "通报（内部）.docx", "成绩报告.html", "成绩汇总表.xlsx",
        "成绩通知单.pdf",
    }  # fmt: skip


def test_another_sitting_replaces_every_page(results: ResultPanel, example: ExampleStore) -> None:
    """Choosing an earlier sitting shows its own figures."""
    results.choice.value = "2026-03"
    results.work.wait()
    found = tally(example, "2026-03")
    sat = found[Outcome.PASSED] + found[Outcome.FAILED]
    assert f"合格 {found[Outcome.PASSED]} ÷ 实考 {sat}" in results.overview.value
    assert results.units.rows[-1][2] == sat
    results.choice.value = "2026-12"
    results.work.wait()


def test_store_calibrates_itself(example: ExampleStore) -> None:
    """Without parameters at hand the sittings in the store give them, and say what they rest on."""
    panel = ResultPanel(example.url, bank=example.sittings[0].sitting.bank)
    panel.work.wait()
    assert panel.result is not None
    assert panel.result.summary.certainty is None
    panel.calibrate.click()
    panel.work.wait()
    assert panel.calibration is not None
    assert panel.result.summary.certainty is not None
    assert "存档中 4 次考试" in panel.boundary.text.value


def test_result_of_a_changed_bank_is_refused(example: ExampleStore) -> None:
    """Answers are never explained by another wording than the one that was asked."""
    bank = example.sittings[0].sitting.bank
    used = sorted(example.sittings[-1].sitting.papers.worth)[0]
    items = [
        item.model_copy(update={"stem": item.stem + "（改）"}) if item.id == used else item
        for item in bank
    ]
    other = QuestionBank(tuple(type(i).model_validate(dict(i)) for i in items), bank.cases)
    panel = ResultPanel(example.url, bank=other)
    panel.work.wait()
    assert f"题目 {used} 在考试之后改过" in panel.boundary.text.value
    assert panel.result is None


def test_wrong_store_is_said(here: Path) -> None:
    """A missing file, a file that is no store, and an empty store each get a sentence."""
    panel = ResultPanel()
    panel.store.value = "没有.db"
    assert "找不到存档文件“没有.db”" in panel.boundary.text.value
    (here / "文本.db").write_text("这不是数据库" * 200, "utf-8")
    panel.store.value = "文本.db"
    assert "不是" in panel.boundary.text.value
    with open_store(f"sqlite:///{here}/空.db"):
        pass
    panel.store.value = "空.db"
    assert "还没有考次" in panel.boundary.text.value


# ---- items ----


def test_items_with_flags_come_first(example: ExampleStore, last: ExampleSitting) -> None:
    """The list shows the flagged items; one opened shows key, options and its curve."""
    marks = mark(last.sitting, last.sheets)
    panel = ItemPanel(last.sitting, marks, example.calibration)
    panel.work.wait()
    assert panel.boundary.cause is None
    assert "再考一次结论相同" in panel.quality.value
    view = panel.items
    assert all(report.flags for report in view.shown)
    few = [Flag.FEW_ANSWERS in report.flags for report in view.shown]
    assert few == sorted(few)
    view.flag.value = Flag.FEW_ANSWERS.name
    assert {row[0] for row in view.items.rows} == {"○ 人少"}
    assert all(report.answers < 30 for report in view.shown)
    view.flag.value = "*"
    known = next(r for r in view.shown if r.item_id in example.calibration.place)
    view.one.value = known.item_id
    assert view.curve.axes is not None
    assert last.sitting.bank[known.item_id].key_text in view.card.value
    presented = sum(known.item_id in last.sitting.papers.items_of(c) for c, t in
                    zip(marks.candidates, marks.totals, strict=True) if t is not None)  # fmt: skip
    assert known.answers == presented


def test_whole_test_and_groups_are_shown(example: ExampleStore, last: ExampleSitting) -> None:
    """Every number of the test has its sentence; curves, map and group comparison are drawn."""
    marks = mark(last.sitting, last.sheets)
    panel = ItemPanel(last.sitting, marks, example.calibration)
    panel.work.wait()
    assert panel.boundary.cause is None
    rows = panel.explained.value.split("<tr>")[2:]
    assert len(rows) == 6
    assert all("。</td>" in row for row in rows)
    assert panel.information.axes is not None
    assert panel.wright.axes is not None
    panel.items.flag.value = "*"
    busy = max(panel.items.shown, key=lambda r: (bool(r.options), r.answers))
    panel.items.one.value = busy.item_id
    if busy.answers >= 20:
        assert panel.items.choices.axes is not None
    else:
        assert "选项曲线" in panel.items.choices.image.value
    page = panel.groups
    assert page.by.options[0] == "岗位"
    page.go.click()
    panel.work.wait()
    assert panel.boundary.cause is None, panel.boundary.text.value
    assert page.found is not None
    assert page.found.focal == page.focal.value
    assert str(page.found) in page.words.value.replace("&quot;", '"')
    assert len(page.table.rows) == len(page.found.items)


def test_items_without_parameters_say_so(last: ExampleSitting) -> None:
    """No parameters: no curves, and decision quality from raw totals, which is said."""
    panel = ItemPanel(last.sitting, mark(last.sitting, last.sheets))
    panel.work.wait()
    assert "判定正确" in panel.quality.value
    assert "卷面分距合格线" in panel.quality.value
    assert "没有题目参数" in panel.explained.value
    assert "没有这道题的标定参数" in panel.items.curve.image.value


# ---- marking ----


@pytest.fixture
def desk(last: ExampleSitting, here: Path) -> MarkingPanel:
    path = example_answers(last, here / "答案.xlsx")
    return MarkingPanel(last.sitting, path, store=f"sqlite:///{here}/存档.db")


def test_answers_are_looked_at_before_marking(desk: MarkingPanel, last: ExampleSitting) -> None:
    """The wrong letter is listed, attendance adds up by room, and nothing is marked yet."""
    assert desk.marks is None
    assert any(row[4] == "G" for row in desk.faults.rows)
    for row in desk.rooms.rows:
        assert sum(row[2:]) == row[1]
    assert sum(row[1] for row in desk.rooms.rows) == len(last.sitting.roster)


def test_desk_marks_like_a_script(desk: MarkingPanel, last: ExampleSitting, here: Path) -> None:
    """The totals are those of `mark` on the same workbook."""
    desk.accept.click()
    desk.work.wait()
    assert desk.marks is not None
    sheets = preview_answers(here / "答案.xlsx", last.sitting).accept_good()
    assert desk.marks.totals == mark(last.sitting, sheets).totals
    assert {row[0]: row[3] for row in desk.totals.rows} == dict(
        zip(desk.marks.candidates, desk.marks.totals, strict=True)
    )


def test_key_change_is_tried_before_it_counts(
    desk: MarkingPanel, last: ExampleSitting, here: Path
) -> None:
    """Trying shows who moves and changes nothing; confirming makes a second version."""
    desk.accept.click()
    desk.work.wait()
    before = desk.marks
    assert before is not None
    desk.record.click()
    desk.preview.click()
    assert "必须写明理由" in desk.boundary.text.value
    desk.reason.value = "依据已修改"
    desk.preview.click()
    desk.work.wait()
    wanted = rescore(before, last.sitting, desk.sheets, [VoidItem(desk.item.value, "依据已修改")])
    assert {row[0]: (row[1], row[2]) for row in desk.moved.rows} == dict(wanted.moved)
    assert desk.marks is before
    desk.confirm.click()
    assert desk.marks.totals == wanted.after.totals
    desk.record.click()
    desk.record.click()
    assert "未作改动" in desk.boundary.text.value
    with open_store(f"sqlite:///{here}/存档.db") as store:
        assert store.sittings()[0].versions == 2
        assert store.marks(last.sitting.id, version=1).totals == before.totals
        kept = store.decisions(last.sitting.id, version=2)
    assert kept == decide(score(wanted.after, last.sitting), last.sitting)
    with sqlite3.connect(here / "存档.db") as db:
        reasons = [row[0] for row in db.execute("SELECT reason FROM result ORDER BY version")]
    assert reasons[0] == "首次评分"
    assert "依据已修改" in reasons[1]


@pytest.mark.parametrize("letters", ["", "Z", "题"])
def test_second_key_must_be_a_letter_of_the_item(desk: MarkingPanel, letters: str) -> None:
    """Another right answer has to be an option of the item."""
    desk.accept.click()
    desk.work.wait()
    desk.way.value, desk.reason.value, desk.key.value = "second", "有歧义", letters
    desk.preview.click()
    assert "另一答案应是" in desk.boundary.text.value
    assert desk.rescoring is None


def test_give_to_all_gives_everybody_the_points(desk: MarkingPanel, last: ExampleSitting) -> None:
    """After giving an item to all, nobody has less and those who missed it have its points more."""
    desk.accept.click()
    desk.work.wait()
    assert desk.marks is not None
    desk.way.value, desk.reason.value = "give", "题目有误"
    desk.preview.click()
    desk.work.wait()
    worth = last.sitting.papers.worth[desk.item.value].points
    missed = {
        code for code in desk.marks.candidates for m in desk.marks.of(code)
        if m.item_id == desk.item.value and m.awarded == 0
    }  # fmt: skip
    assert {row[0] for row in desk.moved.rows} == missed
    assert {row[3] for row in desk.moved.rows} <= {Decimal(worth)}


# ---- bank ----


@pytest.fixture(scope="module")
def browser(example: ExampleStore) -> BankPanel:
    panel = BankPanel(example.sittings[0].sitting.bank, on=date(2026, 12, 10))
    assert panel.boundary.cause is None
    return panel


def test_filters_narrow_the_list(browser: BankPanel) -> None:
    """Every filter counts, and the opened question shows its key and citation."""
    browser.subject.value, browser.kind.value = "07", "判断"
    alone = [row for row in browser.items.rows if browser.bank[row[0]].case is None]
    assert {row[2] for row in alone} == {"判断"}
    wanted = {i.id for i in browser.bank if i.subject == "07" and i.kind == "判断" and not i.case}
    assert {row[0] for row in alone} == wanted
    browser.reader.one.value = sorted(wanted)[0]
    item = browser.bank[sorted(wanted)[0]]
    assert str(item.citations[0]) in browser.reader.card.value
    browser.text.value = "没有这样的文字"
    assert browser.items.rows == ()
    assert "没有符合条件的题目" in browser.items.body.value
    browser.subject.value = browser.kind.value = browser.text.value = ""
    assert len(browser.items.rows) == len(browser.bank)


def test_coverage_speaks_of_the_scarcest_cell(browser: BankPanel) -> None:
    """How many papers without a common item the bank can carry is need over have, cell by cell."""
    browser.steps.go(1)
    alone = [item for item in browser.bank if item.case is None]
    scarce = min(
        sum(
            i.kind == section.kind and i.subject in row.subjects
            and (not row.topics or i.topic in row.topics)
            for i in alone
        ) // row.count
        for section in programme("enf_general").blueprint.sections
        for row in section.rows
    )  # fmt: skip
    assert f"还能出 {scarce} 份互不重题的卷" in browser.coverage.words.value


def test_health_check_lists_by_severity(browser: BankPanel) -> None:
    """The list is the review's own, and the choice of severity narrows it."""
    browser.check.click()
    browser.work.wait()
    assert browser.found is not None, browser.boundary.text.value
    assert len(browser.findings.rows) == len(browser.found)
    browser.severity.value = "warning"
    assert {row[0] for row in browser.findings.rows} <= {"建议处理"}


def test_amendments_name_the_items_they_touch(browser: BankPanel) -> None:
    """Between 2005 and 2026 the penalty act was rewritten: items citing it are listed."""
    browser.since.value = date(2018, 1, 1)
    browser.until.click()
    browser.work.wait()
    assert browser.lapsed is not None, browser.boundary.text.value
    cited = {row[0] for row in browser.lapses.rows if "《行政处罚法》" in row[1]}
    assert cited
    assert all(browser.bank[i].citations for i in cited)
    browser.since.value = date(2027, 1, 1)
    browser.until.click()
    assert "考试日期早于命题时间" in browser.boundary.text.value


# ---- import ----

TEXT = """一、单项选择题
1. 公民对行政处罚不服，申请行政复议的一般期限是（ ）
A. 三十日
B. 六十日
C. 九十日
D. 一年
答案：B
2. 行政处罚的一般追责时效是（ ）
A. 一年
B. 二年
C. 三年
D. 五年
答案：E
"""


@pytest.fixture
def importing(example: ExampleStore, here: Path) -> BankPanel:
    panel = BankPanel(example.sittings[0].sitting.bank)
    (here / "题目.txt").write_text(TEXT, "utf-8")
    panel.desk.subject.value = "07"
    panel.desk.file.path.value = str(here / "题目.txt")
    panel.work.wait()
    assert panel.boundary.cause is None
    return panel


def test_import_is_looked_at_mended_and_confirmed(importing: BankPanel, here: Path) -> None:
    """Raw stands beside read, a bad key blocks, a mended file is written, and once is enough."""
    desk = importing.desk
    assert desk.reading is not None
    assert len(desk.reading.drafts) == 2
    assert any(row[0] == "须处理" for row in desk.problems.rows)
    desk.accept.click()
    importing.work.wait()
    assert desk.confirmed is None
    assert not (here / "我的题库").exists()
    desk.one.value = 1
    assert "一般追责时效" in desk.raw.value
    desk.key.value = "B"
    desk.mend.click()
    importing.work.wait()
    assert not desk.reading.blocking
    desk.accept.click()
    importing.work.wait()
    assert desk.confirmed is not None, importing.boundary.text.value
    assert len(desk.confirmed.added) == 2
    assert {item.key_text for item in importing.bank} == {"B"}
    desk.accept.click()
    importing.work.wait()
    assert desk.confirmed.added == ()
    assert len(desk.confirmed.unchanged) == 2


def test_what_cannot_be_used_is_opened_first(importing: BankPanel, here: Path) -> None:
    """The file is not imported while a question cannot be used; leaving it out opens the way."""
    desk = importing.desk
    assert desk.one.value == 1
    assert "须处理" in desk.one.label
    desk.accept.click()
    assert "还有 1 处须处理，什么也没有写入" in importing.boundary.text.value
    desk.drop.click()
    importing.work.wait()
    assert desk.reading is not None
    assert len(desk.reading.drafts) == 1
    desk.accept.click()
    importing.work.wait()
    assert desk.confirmed is not None, importing.boundary.text.value
    assert len(desk.confirmed.added) == 1
    assert importing.folder.value == "我的题库"


def test_changed_question_is_shown_beside_the_old_one(importing: BankPanel, here: Path) -> None:
    """A question with another key is a conflict: both wordings are shown, the bank stays."""
    desk = importing.desk
    desk.drop.click()
    importing.work.wait()
    desk.accept.click()
    importing.work.wait()
    (here / "改.txt").write_text(TEXT.replace("答案：B", "答案：C"), "utf-8")
    desk.file.path.value = str(here / "改.txt")
    importing.work.wait()
    desk.good_only.value = True
    desk.accept.click()
    importing.work.wait()
    assert "冲突的题没有写入" in desk.outcome.value
    ((_, line, what, held, read),) = desk.conflicts.rows
    assert (line, what) == (2, "答案")
    assert str(held).endswith("答案：B")
    assert str(read).endswith("答案：C")
    assert {item.key_text for item in importing.bank} == {"B"}


WRITTEN = """一、填空题
1. 立案之日起＿＿日内作出行政处罚决定。
二、简答题
1. 简述行政处罚的基本原则。
参考答案：处罚法定；公开公正。
"""


def test_answers_in_words_can_be_mended(importing: BankPanel, here: Path) -> None:
    """Blanks with several spellings, and the points of a short answer, are typed in."""
    (here / "主观.txt").write_text(WRITTEN, "utf-8")
    desk = importing.desk
    desk.file.path.value = str(here / "主观.txt")
    importing.work.wait()
    assert desk.reading is not None
    assert len(desk.reading.drafts) == 2
    for place, draft in enumerate(desk.reading.drafts):
        desk.one.value = place
        if draft.kind == "填空":
            desk.key.value = "九十/90"
            desk.citations.value = "《行政处罚法》第六十条"
        else:
            desk.points.value = "10"
        desk.mend.click()
        importing.work.wait()
    assert not desk.reading.blocking, desk.reading.blocking
    blank, short = desk.reading.good.items
    if blank.kind != "填空":
        blank, short = short, blank
    assert blank.blanks == (("九十", "90"),)
    assert str(blank.citations[0]) == "《行政处罚法》第六十条"
    assert short.points == 10


def test_import_before_reading_is_said(here: Path, example: ExampleStore) -> None:
    """Pressing confirm without a file says what is missing."""
    panel = BankPanel(example.sittings[0].sitting.bank)
    panel.desk.accept.click()
    assert "还没有读取题目文件" in panel.boundary.text.value


def test_another_folder_is_read(here: Path, example: ExampleStore) -> None:
    """A folder typed in replaces the bank; a missing one is said and the old bank stays."""
    panel = BankPanel(example.sittings[0].sitting.bank)
    before = len(panel.bank)
    panel.folder.value = "没有这里"
    panel.work.wait()
    assert "没有这里" in panel.boundary.text.value
    assert len(panel.bank) == before
    law = next(shipped_bank_folder().glob("07_*"))
    panel.folder.value = str(law)
    panel.work.wait()
    assert panel.boundary.cause is None
    assert {item.subject for item in panel.bank} == {"07"}
    assert len(panel.items.rows) == len(panel.bank)
