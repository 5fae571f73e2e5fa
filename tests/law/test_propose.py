"""Citation proposals, on rules written for the test."""

from dataclasses import replace
from datetime import date

import pytest

from fazhi_exam.errors import CitationError
from fazhi_exam.law.propose import ArticleIndex, propose_citations
from fazhi_exam.law.statute import Statute, StatuteKind
from fazhi_exam.law.statute_book import StatuteBook

from .test_editions import NEW, OLD, edition


@pytest.fixture(scope="module")
def book() -> StatuteBook:
    """Return two sets of rules with texts: the library's and the canteen's."""
    kind = StatuteKind.LOCAL_REGULATION
    canteen = {
        1: "食堂每日供应三餐，早餐自六时三十分开始。",
        2: "就餐人员应当凭就餐卡就餐，就餐卡不得转借他人使用。",
        3: "遗失就餐卡的，应当在二日内挂失，补办费用为十元。",
    }
    library = Statute("rules", "借阅规则", "借阅规则", kind, (edition(NEW, date(2024, 3, 1)),))
    food = Statute("food", "食堂规则", "食堂规则", kind, (edition(canteen, date(2020, 1, 1)),))
    return StatuteBook({"rules": library, "food": food})


def test_the_article_behind_a_question_comes_first(book: StatuteBook) -> None:
    """Stem and key lead to the article they paraphrase, with the shared words as evidence."""
    found = propose_citations(["遗失就餐卡的，应当在几日内挂失？", "二日内挂失"], book, top=3)
    assert str(found[0].citation) == "《食堂规则》第三条"
    assert any("遗失就餐卡的" in run for run in found[0].evidence)
    assert found[0].score > found[1].score
    assert 0 < found[0].share <= 1


def test_the_paragraph_is_named_where_the_evidence_lies_in_one(book: StatuteBook) -> None:
    """Evidence in the second paragraph only gives a citation of that paragraph."""
    found = propose_citations(
        ["馆务委员会应当在多少日内答复申诉？", "馆务委员会应当在十五日内答复"], book
    )
    assert str(found[0].citation) == "《借阅规则》第八条第二款"


def test_a_named_statute_and_article_weigh_more(book: StatuteBook) -> None:
    """When the explanation cites an article, that article comes first."""
    found = propose_citations(["遗失图书如何赔偿？", "见《借阅规则》第六条"], book)
    assert str(found[0].citation) == "《借阅规则》第六条"


def test_an_index_serves_many_items(book: StatuteBook) -> None:
    """The same index gives the same answer as building one."""
    index = ArticleIndex(book, date(2024, 3, 1))
    assert len(index) == len(NEW) + 3
    parts = ["每名读者每次最多可以借阅多少册？", "十册"]
    assert propose_citations(parts, book, index=index) == propose_citations(parts, book)
    assert index.propose([""]) == ()


def test_only_the_law_of_the_day_is_proposed(book: StatuteBook) -> None:
    """Before the library rules came into force only the canteen's are searched."""
    assert len(ArticleIndex(book, date(2021, 1, 1))) == 3


def test_a_book_without_texts_says_so() -> None:
    """The shipped book has no texts: the error says what to do."""
    with pytest.raises(CitationError, match="with_texts"):
        propose_citations(["甲乙丙丁"], StatuteBook.shipped())


def test_old_texts_are_not_proposed() -> None:
    """An ended edition is not searched."""
    kind = StatuteKind.LOCAL_REGULATION
    ended = replace(edition(OLD, date(2015, 3, 1)), ended=date(2024, 2, 29))
    rules = Statute("rules", "借阅规则", "借阅规则", kind, (ended, edition(NEW, date(2024, 3, 1))))
    index = ArticleIndex(StatuteBook({"rules": rules}), date(2024, 3, 1))
    assert len(index) == len(NEW)


def test_the_search_can_be_kept_to_some_statutes(book: StatuteBook) -> None:
    """With `within` only articles of those statutes are proposed; an unknown title is an error."""
    parts = ["遗失就餐卡的，应当在几日内挂失？"]
    found = propose_citations(parts, book, within=["借阅规则"])
    assert found
    assert {one.citation.title for one in found} == {"借阅规则"}
    with pytest.raises(CitationError, match="不存在规则"):
        propose_citations(parts, book, within=["不存在规则"])
