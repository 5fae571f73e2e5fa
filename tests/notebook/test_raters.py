"""Short answers are marked by people, beside the marking points, and disputes are settled."""

from decimal import Decimal
from pathlib import Path

import pytest

from fazhi_exam.assembly import deal, seed_draw
from fazhi_exam.bank import QuestionBank
from fazhi_exam.delivery import AnswerSheet, Sitting
from fazhi_exam.errors import FazhiExamError
from fazhi_exam.formats import Reading
from fazhi_exam.marking import mark
from fazhi_exam.notebook import (
    MarkingPanel,
    example_answers,
    example_marks,
    example_sitting,
)
from fazhi_exam.notebook.rater_page import read_marks

from ..examples import DAY, bank, blueprint, item, roster, rules, sitting


def exam() -> Sitting:
    """A sitting of four people with one short answer of 6 points each."""
    plain = blueprint()
    short = {"id": "5", "title": "简答题", "kind": "简答", "points": "6",
             "rows": [{"title": "不限", "count": 1}]}  # fmt: skip
    table = type(plain).model_validate({**dict(plain), "sections": [*plain.sections, short]})
    what = rules()
    paper = what.papers[0].model_copy(update={"blueprint": table})
    what = what.model_copy(update={"papers": (paper,)})
    pool = bank()
    pool = QuestionBank((*pool, item("07-0901", "简答")), pool.cases)
    who = roster(4)
    drawn = deal(seed_draw(pool, table, who, seed=1, exam_id="t", on=DAY))
    return Sitting("t-1", what, pool, who, drawn, DAY)


EXAM = exam()
CODES = [c.code for c in EXAM.roster]
SHEETS = [
    AnswerSheet(code, written={} if k == 3 else {"07-0901": (f"第 {k} 份答案<b>",)})
    for k, code in enumerate(CODES)
]


@pytest.fixture
def desk(here: Path) -> MarkingPanel:
    panel = MarkingPanel(EXAM, store=f"sqlite:///{here}/存档.db")
    panel.reading = Reading("答案", tuple(SHEETS))
    panel.raters.take(SHEETS)
    assert panel.boundary.cause is None
    return panel


def give(panel: MarkingPanel, rater: str, points: list[str]) -> None:
    """Let a rater mark all answers in turn, each by its first marking point."""
    panel.raters.rater.value = rater
    for worth in points:
        for choice in panel.raters._choices:
            choice.value = Decimal(0)
        left = Decimal(worth)
        for choice in panel.raters._choices:
            step = max(s for _, s in choice.options if s <= left)
            choice.value, left = step, left - step
        panel.raters.keep.click()
        assert panel.boundary.cause is None, panel.boundary.text.value


def test_answer_stands_beside_its_marking_points(desk: MarkingPanel) -> None:
    """What was written is shown as text, with every marking point; the sum never exceeds 6."""
    page = desk.raters
    assert "第 0 份答案&lt;b&gt;" in page.answer.value
    assert len(page._choices) == 2
    for choice in page._choices:
        choice.value = Decimal(3)
    assert "本题得分：6 分" in page.sum.value
    assert "3 份主观题答卷" in page.words.value
    assert "1 份留空" in page.words.value


def test_marking_waits_for_the_raters(desk: MarkingPanel) -> None:
    """Nobody gets a total before every short answer has its points."""
    desk.accept.click()
    assert "主观题还有 3 份没有评" in desk.boundary.text.value
    assert desk.marks is None


def test_two_raters_a_dispute_and_a_third(desk: MarkingPanel, here: Path) -> None:
    """Within the tolerance the mean stands; beyond it a third rater decides; blank earns 0."""
    give(desk, "甲", ["6", "3", "1.5"])
    give(desk, "乙", ["4.5", "3", "6"])
    assert [row[:2] for row in desk.raters.disputes.rows] == [(CODES[2], "07-0901")]
    desk.accept.click()
    assert "1 份有争议" in desk.boundary.text.value
    desk.raters.rater.value = "丙"
    desk.raters.one.value = CODES[2]
    for choice in desk.raters._choices:
        choice.value = Decimal("1.5")
    desk.raters.keep.click()
    assert not desk.raters.disputes.rows
    desk.accept.click()
    desk.work.wait()
    assert desk.boundary.cause is None, desk.boundary.text.value
    assert desk.marks is not None
    found = {
        code: next(m.awarded for m in desk.marks.of(code) if m.item_id == "07-0901")
        for code in CODES
    }
    # 6 and 4.5 give 5.25, rounded half up to a half point; of 1.5, 3 and 6 the two closest are
    # 1.5 and 3, whose mean 2.25 is rounded to 2.5.
    assert found == dict(zip(CODES, map(Decimal, ("5.5", "3", "2.5", "0")), strict=True))
    human = {(code, "07-0901"): points for code, points in found.items()}
    assert desk.marks.totals == mark(EXAM, SHEETS, human=human).totals
    again = MarkingPanel(EXAM, store=f"sqlite:///{here}/存档.db")
    again.raters.take(SHEETS)
    assert again.raters.human() == human


def test_a_second_look_replaces_the_mark(desk: MarkingPanel, here: Path) -> None:
    """The same rater marking again counts once, with the later points; a bad line is named."""
    give(desk, "甲", ["6"])
    desk.raters.one.value = CODES[0]
    desk.raters.keep.click()
    kept = read_marks(here / "主观题评分.jsonl")
    assert kept[CODES[0], "07-0901", "甲"].points == 0
    assert len(kept) == 1
    with (here / "主观题评分.jsonl").open("a") as file:
        file.write("坏行\n")
    with pytest.raises(FazhiExamError, match="第 3 行"):
        read_marks(here / "主观题评分.jsonl")


def test_papers_without_short_answers_need_nobody(here: Path) -> None:
    """Where all items are objective the page says so and marking goes straight on."""
    panel = MarkingPanel(sitting(4))
    assert "没有简答、论述题" in panel.raters.words.value
    assert panel.raters.human() == {}


def test_third_rater_is_led_to_the_dispute(here: Path) -> None:
    """Of a sitting marked but for two answers and a dispute, those three come up by themselves."""
    example = example_sitting(people=24, short_answers=True)
    panel = MarkingPanel(
        example.sitting, example_answers(example), store=f"sqlite:///{here}/存档.db",
        human_marks=example_marks(example, here / "评分.jsonl"),
    )  # fmt: skip
    page = panel.raters
    for _ in range(2):
        assert "未评" in page.one.label
        page._choices[0].value = page._choices[0].options[0][1]
        page.keep.click()
    assert "本人已评" in page.one.label
    page.rater.value = "丙"
    assert "有争议" in page.one.label
    assert "还有 1 份要评" in page.item.label
    page.keep.click()
    assert not page.disputes.rows
    panel.accept.click()
    panel.work.wait()
    assert panel.marks is not None, panel.boundary.text.value
