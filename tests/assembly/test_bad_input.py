"""Whatever is wrong is answered in Chinese before anything is written."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from fazhi_exam.assembly import (
    Blueprint,
    ParityTarget,
    assemble,
    commit_draw,
    deal,
    feasibility,
    seed_draw,
)
from fazhi_exam.bank import Item, QuestionBank
from fazhi_exam.delivery import Sitting
from fazhi_exam.errors import DrawError, FazhiExamError, InfeasibleBlueprint, NotEnoughData
from fazhi_exam.psychometrics.models import Rasch
from fazhi_exam.report.papers import write_papers
from fazhi_exam.roster import Candidate, Roster

from ..examples import bank, blueprint, item, roster, rules

ON = date(2026, 12, 10)
SECRET = bytes(range(32))


def committed(pool: QuestionBank, table: Blueprint) -> None:
    """Commit a draw that must not succeed."""
    commit_draw(pool, table, roster(3), secret=SECRET, exam_id="试", on=ON)


def chinese(error: BaseException) -> bool:
    """Whether a message has a sentence in Chinese and no English one."""
    return bool(re.search(r"[\u4e00-\u9fff]{4}", str(error)))


def test_an_empty_bank() -> None:
    """The rows that are short are named, with what each needs and what there is."""
    with pytest.raises(
        InfeasibleBlueprint, match=r"单项选择题·处罚（需 2，有 0）.*补充 2 道"
    ) as caught:
        committed(QuestionBank(()), blueprint())
    assert caught.value.short_by == 9


def test_a_blueprint_for_ten_thousand_items() -> None:
    """The lack is counted: 36 independent items are there, of one kind twelve."""
    section = {"id": "1", "title": "全部", "kind": "单选", "points": "1",
               "rows": [{"title": "不限", "count": 10_000}]}  # fmt: skip
    table = Blueprint.model_validate({"title": "大卷", "sections": [section]})
    with pytest.raises(InfeasibleBlueprint, match=r"需 10000，有 12.*共缺 9988 题"):
        committed(bank(), table)
    with pytest.raises(InfeasibleBlueprint, match="共缺 9988 题"):
        assemble(table, bank(), forms=2, on=ON, rng=1)


def test_bounds_that_contradict_each_other() -> None:
    """A bound against itself, against another, against a row: each names who is at odds."""
    bound = {"title": "处罚题", "subjects": ["07"], "minimum": 5, "maximum": 3}
    with pytest.raises(ValidationError, match="限制“处罚题”自相矛盾：下限 5 大于上限 3"):
        blueprint(bounds=[bound])
    two = [{"title": "甲", "subjects": ["07"], "minimum": 8}, {"title": "乙", "maximum": 7}]
    with pytest.raises(InfeasibleBlueprint, match="限制“乙”") as caught:
        committed(bank(), blueprint(bounds=two))
    assert "放宽" in str(caught.value)
    one = [{"title": "少考处罚", "kinds": ["单选"], "subjects": ["07"], "maximum": 1}]
    with pytest.raises(InfeasibleBlueprint) as caught:
        committed(bank(), blueprint(bounds=one))
    assert all(part in str(caught.value) for part in ("少考处罚", "单项选择题·处罚"))


def test_items_without_difficulty() -> None:
    """An item without a band is refused by name; parity without parameters says what to do."""
    fields = item().model_dump(exclude={"band"})
    with pytest.raises(ValidationError, match="band"):
        Item.model_validate(fields)
    some = {i.id: Rasch(0.0) for i in bank() if i.kind.value == "单选"}
    target = ParityTarget(some, Decimal(10))
    with pytest.raises((DrawError, NotEnoughData)) as caught:
        commit_draw(
            bank(), blueprint(), roster(2), secret=SECRET, exam_id="试", on=ON, parity=target
        )
    assert chinese(caught.value)


def test_a_bank_changed_after_the_commitment(tmp_path: Path) -> None:
    """Neither check nor sitting accepts it, so nothing is printed."""
    pool, who = bank(), roster(3)
    draw = commit_draw(pool, blueprint(), who, secret=SECRET, exam_id="试", on=ON)
    changed = tuple(i.model_copy(update={"stem": i.stem + "改"}) for i in pool)
    other = QuestionBank(changed, pool.cases)
    with pytest.raises(DrawError, match="承诺之后题库内容有变化"):
        draw.check(other)
    papers = deal(draw.reveal(secret=SECRET, digits="12"))
    with pytest.raises(DrawError, match="在抽题之后改过"):
        write_papers(Sitting("t", rules(), other, who, papers, ON), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_candidates_with_one_code() -> None:
    """The code is named, never the person."""
    with pytest.raises(FazhiExamError, match="K7") as caught:
        Roster((Candidate("K7"), Candidate("K8"), Candidate("K7")))
    assert "两名考生使用同一个考号" in str(caught.value)


@pytest.mark.parametrize("digits", ["385902", "38 59 02", "３８５９０２", "　385 ９０2 "])
def test_digits_with_spaces_or_full_width_figures(digits: str) -> None:
    """They are the same number however it was typed, and give the same seed."""
    draw = commit_draw(bank(), blueprint(), roster(2), secret=SECRET, exam_id="试", on=ON)
    plain = draw.reveal(secret=SECRET, digits="385902")
    found = draw.reveal(secret=SECRET, digits=digits)
    assert (found.seed, found.digits) == (plain.seed, "385902")
    with pytest.raises(DrawError, match="公开数字"):
        draw.reveal(secret=SECRET, digits=digits + "号")


def test_an_empty_roster() -> None:
    """A draw for nobody is refused, also when everybody is exempt."""
    exempt = Roster((Candidate("K1", exempt="退休"),))
    for who in (Roster(()), exempt):
        with pytest.raises(DrawError, match="名单为空"):
            seed_draw(bank(), blueprint(), who, seed=1, exam_id="试", on=ON)


def test_feasibility_of_an_empty_bank_reads_well() -> None:
    """The report itself, not only the error, can be shown."""
    found = feasibility(blueprint(), QuestionBank(()), on=ON)
    assert "不可行" in repr(found)
    assert found.binding.have == 0
    assert found.sittings() == 0
