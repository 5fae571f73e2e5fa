"""What changes of law do to a bank: proposals that a person confirms."""

from datetime import date

import pytest

from fazhi_exam.bank import Case, FindingKind, QuestionBank, Severity, Status, review
from fazhi_exam.bank.lapse import (
    lapse,
    lapsed_uses,
    not_in_force,
    propose_citations,
    with_citations,
)
from fazhi_exam.bank.law_checks import check_statements, statements_of
from fazhi_exam.errors import CitationError, ItemError
from fazhi_exam.law.citation import Citation
from fazhi_exam.law.lapse import Verdict
from fazhi_exam.law.statute import Statute, StatuteKind
from fazhi_exam.law.statute_book import StatuteBook
from tests.law.test_editions import edition

from .worlds import plain

START, END = date(2020, 6, 1), date(2024, 6, 1)
OLD = {
    1: "食堂每日供应三餐，早餐自六时三十分开始，晚餐至十九时结束。",
    2: "就餐人员应当凭就餐卡就餐，就餐卡不得转借他人使用。",
    3: "遗失就餐卡的，应当在二日内挂失，补办费用为十元。",
    4: "食堂设意见箱，食堂管理员应当每周开箱一次并公布答复。",
}
NEW = {
    1: "食堂每日供应三餐，早餐自六时三十分开始，晚餐至十九时结束。",
    2: "外来人员就餐的，由接待单位出具证明并且登记姓名。",
    3: "就餐人员应当凭就餐卡就餐，就餐卡不得转借他人使用。",
    4: "遗失就餐卡的，应当在五日内挂失，补办费用为二十元。",
}


@pytest.fixture(scope="module")
def book() -> StatuteBook:
    """Rules with an old and a new edition and the map between them."""
    from fazhi_exam.law.editions import compare_editions

    old, new = edition(OLD, date(2020, 1, 1)), edition(NEW, date(2024, 1, 1))
    rules = Statute("rules", "食堂规则", "食堂规则", StatuteKind.LOCAL_REGULATION, (old, new))
    return StatuteBook({"rules": rules}, (compare_editions(old, new),))


def bank() -> QuestionBank:
    """Four items on the old articles 1 to 4, and one that is retired."""
    items = [
        plain(k, citations=[f"《食堂规则》第{name}条"])
        for k, name in enumerate("一二三四", 1)
    ]  # fmt: skip
    return QuestionBank((*items, plain(5, citations=["《食堂规则》第四条"], status="retired")))


def test_every_item_gets_its_fate(book: StatuteBook) -> None:
    """Unchanged stays, renumbered is recited, changed is suspended, gone is retired."""
    found = lapse(bank(), book, start=START, end=END)
    assert found.report.by_item == {
        "07-0001": Verdict.UNCHANGED,
        "07-0002": Verdict.RENUMBERED,
        "07-0003": Verdict.CHANGED,
        "07-0004": Verdict.NO_COUNTERPART,
    }
    assert found.moves == {"07-0003": Status.SUSPENDED, "07-0004": Status.RETIRED}
    assert found.actions["07-0003"] == "建议改为停用"
    assert [(p.item_id, str(p.after[0]), p.certain) for p in found.proposals] == [
        ("07-0002", "《食堂规则》第三条", True),
        ("07-0003", "《食堂规则》第四条", False),
    ]
    assert "2020-06-01 至 2024-06-01" in str(found)


def test_confirmed_citations_do_not_change_the_question(book: StatuteBook) -> None:
    """The new citation is written, the revision stays, and the bank before is as it was."""
    before = bank()
    proposal = lapse(before, book, start=START, end=END).proposals[0]
    after = with_citations(before, {proposal.item_id: proposal.after})
    assert after["07-0002"].citations == (Citation.parse("《食堂规则》第三条"),)
    assert after["07-0002"].revision == before["07-0002"].revision
    assert before["07-0002"].citations == (Citation.parse("《食堂规则》第二条"),)
    with pytest.raises(ItemError):
        with_citations(before, {"07-9999": ()})


def test_other_citations_of_the_item_stay(book: StatuteBook) -> None:
    """Only the citation that moved is replaced."""
    both = plain(citations=["《食堂规则》第一条", "《食堂规则》第二条"])
    found = lapse(QuestionBank((both,)), book, start=START, end=END)
    assert [str(c) for c in found.proposals[0].after] == [
        "《食堂规则》第一条",
        "《食堂规则》第三条",
    ]


def test_items_out_of_force_are_named(book: StatuteBook) -> None:
    """An item may be drawn on a day only if every citation is in force then."""
    gone = plain(6, citations=["《食堂规则》第四条", "《食堂规则》第五条"])
    whole = QuestionBank((*bank(), gone))
    everyone = {item.id for item in whole}
    assert not_in_force(whole, book, on=START) == {gone.id}
    assert not_in_force(whole, book, on=date(2019, 1, 1)) == everyone
    assert not_in_force(QuestionBank((plain(7),)), book, on=date(2019, 1, 1)) == frozenset()


def test_lapsed_uses(book: StatuteBook) -> None:
    """Only the use after the change, of an item whose law changed in words, is listed."""
    uses = [(name, day) for name in ("07-0001", "07-0003", "unknown")
            for day in (date(2023, 5, 1), date(2024, 5, 1))]  # fmt: skip
    written = dict.fromkeys(("07-0001", "07-0003", "unknown"), START)
    found = lapsed_uses(bank(), uses, book, written=written)
    assert [(use.item, use.used_on) for use in found] == [("07-0003", date(2024, 5, 1))]


def test_citations_are_proposed_for_items_without(book: StatuteBook) -> None:
    """The article an item paraphrases comes first, with its evidence; policy items are left."""
    stem = "遗失就餐卡的，应当在几日内挂失"
    options = ["三日内挂失", "五日内挂失", "七日内挂失"]
    lacking = plain(1, stem=stem, options=options, key="B", citations=[], explanation="")
    policy = plain(2, citations=[], basis="policy", source="某通知（2026年）")
    found = propose_citations(QuestionBank((lacking, policy, plain(3))), book, on=END)
    assert [(one.item_id, str(one.citations[0])) for one in found] == [
        ("07-0001", "《食堂规则》第四条")
    ]
    assert "遗失就餐卡的" in str(found[0])
    assert propose_citations(QuestionBank((plain(3),)), book, on=END) == ()
    with pytest.raises(CitationError, match="with_texts"):
        propose_citations(QuestionBank((lacking,)), StatuteBook({}), on=END)


def test_statements_against_the_articles(book: StatuteBook) -> None:
    """A key that says two days where the article says five is a warning; five days is none."""
    words = {"stem": "遗失就餐卡后应当及时挂失，期限是", "citations": ["《食堂规则》第四条"]}
    wrong = plain(1, options=["二日内", "三日内", "七日内"], key="A", explanation="", **words)
    right = plain(2, options=["二日内", "五日内", "七日内"], key="B", explanation="", **words)
    found = list(check_statements((wrong, right), book, on=END))
    assert [(f.item_ids, f.field, f.severity) for f in found] == [
        (("07-0001",), "选项A", Severity.WARNING)
    ]
    assert "五日" in found[0].mend
    seen = review(QuestionBank((wrong, right)), on=END, texts=book)
    assert [f.item_ids for f in seen.of(FindingKind.AGREEMENT)] == [("07-0001",)]
    assert not review(QuestionBank((wrong,)), on=END, book=book).of(FindingKind.AGREEMENT)


def test_an_explanation_may_speak_of_the_facts(book: StatuteBook) -> None:
    """Numbers of wrong options and of the case are no disagreement; other numbers are."""
    words = {"stem": "王某1日遗失就餐卡，8日才挂失，期限应为", "citations": ["《食堂规则》第四条"],
             "options": ["二日内", "五日内", "七日内"], "key": "B"}  # fmt: skip
    for text, wrong in (("七日内不对", False), ("他过了8日", False), ("应为九日内", True)):
        found = list(check_statements((plain(explanation=text, **words),), book, on=END))
        assert bool(found) is wrong
    part = plain(1, case="c", explanation="已超过十日", **words)
    case = Case(id="c", stimulus="王某等了十日。", item_ids=("07-0001",))
    assert not list(check_statements(QuestionBank((part,), {"c": case}), book, on=END))
    assert list(check_statements((part,), book, on=END))


def test_what_counts_as_a_statement() -> None:
    """False statements, negative keys and the facts of a case say nothing about the law."""
    assert [field for field, _ in statements_of(plain(kind="判断", key="正确"))] == ["题干", "解析"]
    assert [field for field, _ in statements_of(plain(kind="判断", key="错误"))] == ["解析"]
    assert [field for field, _ in statements_of(plain())] == ["选项B", "解析"]
    assert [field for field, _ in statements_of(plain(negative=True))] == ["解析"]
    assert [field for field, _ in statements_of(plain(case="c"))] == ["解析"]
    assert [field for field, _ in statements_of(plain(kind="填空"))] == ["答案", "答案", "解析"]
    assert [field for field, _ in statements_of(plain(kind="简答"))] == ["评分点", "评分点", "解析"]


def test_known_amendments_touch_a_bank() -> None:
    """行政复议法 (2024-01-01) moved the time limit from article 9 to 20; 环境保护法 is repealed."""
    items = (
        plain(1, citations=["《行政复议法》第九条"]),
        plain(2, citations=["《环境保护法》第二十五条"]),
        plain(3, citations=["《行政处罚法》第五十一条"]),
    )
    found = lapse(
        QuestionBank(items), StatuteBook.shipped(), start=date(2023, 6, 1), end=date(2026, 12, 10)
    )
    assert "《行政复议法》第二十条" in {str(c) for p in found.proposals for c in p.after}
    assert found.moves["07-0002"] is Status.RETIRED
    assert found.report.by_item["07-0003"] is Verdict.UNCHANGED
