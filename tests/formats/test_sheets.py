"""Tables of questions: no row is lost, and odd tables are no error."""

from hypothesis import given
from hypothesis import strategies as st

from fazhi_exam.formats.sheets import read_question_tables
from fazhi_exam.formats.tables import Cell, Table

WORDS = (
    "题目", "答案", "A", "B", "选项", "题型", "1", "√", "×", "单选题", "案例一：某人违法", "合计",
    "审核人：", "一、单选题（每题2分）", "下列正确的是（ ）", "简述听证", "A.甲 B.乙", "甲;乙",
    "第一空", "正确", "错误", "①", "解析", "材料", "____日内", "AB。理由充分", None, 3, 0.5, True,
)  # fmt: skip
ROWS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(tuple), max_size=10)


@given(ROWS, st.sampled_from(["Sheet1", "判断题", "填空", "主观题"]))
def test_any_table_gives_drafts_and_problems(rows: list[tuple[Cell, ...]], sheet: str) -> None:
    """Whatever words stand in whatever cells, reading is no error and places are right."""
    table = Table("a.xlsx", sheet, tuple(rows))
    drafts, problems = read_question_tables((table,))
    lines = [draft.line for draft in drafts]
    assert all(line is not None and 1 <= line <= len(rows) for line in lines)
    assert len(problems) <= len(rows) + 8


@given(st.lists(st.sampled_from(["正确", "×", "A", "", "甲"]), min_size=1, max_size=12))
def test_every_row_with_a_stem_is_a_draft(keys: list[str]) -> None:
    """A row that has a stem is never left out, whatever its key."""
    rows = [("题干", "答案"), *((f"第{n}件事应当如何办理？", key) for n, key in enumerate(keys))]
    drafts, _ = read_question_tables((Table("a.xlsx", "", tuple(rows)),))
    assert [draft.line for draft in drafts] == list(range(2, len(keys) + 2))
