"""A question is accepted exactly when kind, options, key and marking points agree."""

import pytest
from pydantic import ValidationError

from fazhi_exam.bank import Case, Item, ItemKind, QuestionBank
from fazhi_exam.errors import ItemError

from ..examples import bank, item


def reasons(error: ValidationError) -> str:
    return "；".join(fault["msg"] for fault in error.errors())


def test_shorthand_becomes_options_and_key() -> None:
    """Texts become lettered options, letters a set, 正确/错误 the option of that text."""
    single = item(options=["甲", "乙", "丙", "丁"], key="C", pinned=["D"])
    assert [(o.id, o.text, o.pinned) for o in single.options][3] == ("D", "丁", True)
    assert single.key == {"C"}
    judged = item(kind="判断", key="错误")
    assert [o.text for o in judged.options] == ["正确", "错误"]
    assert (judged.key, judged.key_text) == ({"B"}, "错误")


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"key": "E"}, "答案为 E，选项只有 A 至 D"),
        ({"key": "AB"}, "只能有一个答案"),
        ({"key": ""}, "没有答案"),
        ({"key": "BB"}, "重复的字母"),
        ({"options": ["甲", "甲", "乙"]}, "选项文字有重复"),
        ({"options": ["甲", "乙"]}, "至少要有 3 个选项"),
        ({"kind": "多选", "key": "A"}, "至少要有两个答案"),
        ({"kind": "填空", "options": (), "key": ""}, "都要有可接受的答案"),
        ({"kind": "简答", "options": (), "key": ""}, "必须给出分值和评分点"),
        ({"basis": "policy"}, "必须写明 source"),
        ({"citations": ["行政处罚法某条"]}, "法条引用"),
    ],
)
def test_contradictions_are_refused(fields: dict[str, object], part: str) -> None:
    """Each contradiction is refused with a sentence that names it."""
    base = item().model_dump()
    base |= {"options": ["甲", "乙", "丙", "丁"], "key": "B", "citations": []}
    with pytest.raises(ValidationError) as caught:
        Item.model_validate(base | fields)
    assert part in reasons(caught.value)


def test_blanks_must_match_the_stem() -> None:
    """The stem has as many blanks as there are answers."""
    with pytest.raises(ValidationError, match="题干有 2 个空，答案有 1 个"):
        item(kind="填空", blanks=[["二年"]])


def test_revision_follows_what_is_asked() -> None:
    """Stem, options and key make the revision; explanation, note and citation do not."""
    one = item()
    assert item(explanation="另一种解析", note="注").revision == one.revision
    assert item(stem="另一个题干").revision != one.revision
    assert item(key="C").revision != one.revision
    assert len(one.revision) == 16


def test_bank_refuses_double_ids_and_lost_parts() -> None:
    """Two items of one id, or a case whose parts do not answer, are refused."""
    with pytest.raises(ItemError, match="出现 2 次"):
        QuestionBank((item(), item()))
    with pytest.raises(ItemError, match="没有互相对应"):
        QuestionBank((item(case="07-C001"),))
    lonely = {"07-C001": Case(id="07-C001", stimulus="案情", item_ids=("07-C001-1",))}
    with pytest.raises(ItemError, match="不在题库中"):
        QuestionBank((), lonely)


def test_where_keeps_cases_whole() -> None:
    """Filtering keeps all parts of a case when one part fits."""
    found = bank().where(kind=ItemKind.MULTIPLE)
    assert len(found.cases) == 2
    assert sum(i.case is not None for i in found) == 6
    assert {i.kind for i in found if i.case is None} == {ItemKind.MULTIPLE}
    assert len(bank().where(subject="10")) == 18
    assert len(bank().where(statute="行政处罚法")) == len(bank())
    assert len(bank().where(text="07-0002")) == 1


def test_content_hash_follows_content() -> None:
    """Equal banks have equal hashes in any order; a changed key or band changes it."""
    whole = bank()
    again = QuestionBank(tuple(reversed(whole.items)), whole.cases)
    assert again.content_hash == whole.content_hash
    changed = [item(i.id, key="A") if i.id == "10-0001" else i for i in whole]
    assert QuestionBank(tuple(changed), whole.cases).content_hash != whole.content_hash


def test_enemies_are_symmetric() -> None:
    """An enemy named on one side holds on both."""
    pool = QuestionBank((item("07-0001", enemies=["07-0002"]), item("07-0002")))
    assert pool.enemies == {"07-0001": {"07-0002"}, "07-0002": {"07-0001"}}


def test_missing_item_is_named() -> None:
    """Asking for an id that is not there says so in Chinese."""
    with pytest.raises(ItemError, match="题库中没有这道题"):
        bank()["99-0001"]
    assert "99-0001" not in bank()
    assert "道独立试题" in repr(bank())
    assert "<table>" in bank()._repr_html_()
