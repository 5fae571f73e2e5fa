"""Lapse of citations, against article pairs judged by reading both texts."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fazhi_exam.law.citation import Citation, parse_citations
from fazhi_exam.law.lapse import Verdict, lapse, lapsed_uses, usable
from fazhi_exam.law.statute_book import StatuteBook

PAIRS = Path(__file__).resolve().parents[1] / "reference" / "lapse_pairs.csv"
TODAY = date(2026, 11, 20)
EVE = {
    "行政复议法2017→2023": date(2023, 12, 31),
    "治安管理处罚法2012→2025": date(2025, 12, 31),
    "立法法2015→2023": date(2023, 3, 14),
    "环境保护法→生态环境法典": date(2026, 8, 14),
    "突发事件应对法2007→2024": date(2024, 10, 31),
}
WORD = {
    "unchanged": Verdict.UNCHANGED,
    "renumbered": Verdict.RENUMBERED,
    "changed": Verdict.CHANGED,
    "none": Verdict.NO_COUNTERPART,
}


def judged() -> list[tuple[str, Citation, tuple[Citation, ...], str]]:
    """Pairs as a reader judged them: amendment, old citation, new citations, relation."""
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        return [
            (
                row["amendment"],
                Citation.parse(row["old"]),
                parse_citations(row["new"]) if row["new"] else (),
                row["relation"],
            )
            for row in csv.DictReader(lines)
        ]


def agrees(
    book: StatuteBook, amendment: str, old: Citation, new: tuple[Citation, ...], relation: str
) -> bool:
    """Whether the verdict is the reader's, and the first proposal one of the reader's."""
    row = lapse({"甲": [old]}, book, start=EVE[amendment], end=TODAY).rows[0]
    # A repealed Act is retired whatever became of its content; then only the pair is compared.
    same = row.verdict in (WORD[relation], Verdict.REPEALED)
    if relation in ("unchanged", "none"):
        return same
    return same and bool(row.proposals) and row.proposals[0] in new


@pytest.mark.parametrize("amendment", EVE)
def test_lapse_agrees_with_a_reader(amendment: str) -> None:
    """At least nine in ten pairs of every amendment are judged as a reader of both texts did."""
    pairs = [pair for pair in judged() if pair[0] == amendment]
    wrong = [str(pair[1]) for pair in pairs if not agrees(StatuteBook.shipped(), *pair)]
    assert len(pairs) >= 28
    assert len(wrong) <= 0.1 * len(pairs), wrong


def test_lapse_agrees_over_all_amendments() -> None:
    """Over more than 200 pairs at most one in twenty differs from the reader."""
    pairs = judged()
    right = sum(agrees(StatuteBook.shipped(), *pair) for pair in pairs)
    assert len(pairs) >= 200
    assert right >= 0.95 * len(pairs)


def test_no_changed_article_is_called_unchanged_and_none_the_other_way() -> None:
    """The error that would let a wrong key through does not occur in any judged pair."""
    keep = {Verdict.UNCHANGED, Verdict.RENUMBERED}
    for amendment, old, _, relation in judged():
        row = lapse({"甲": [old]}, StatuteBook.shipped(), start=EVE[amendment], end=TODAY).rows[0]
        assert (row.verdict in keep) == (WORD[relation] in keep), str(old)


def test_nothing_changes_between_two_days_of_one_edition() -> None:
    """Within one edition every citation stays as it is."""
    report = lapse(
        {"甲": [Citation.parse("行政复议法第六条")]},
        StatuteBook.shipped(),
        start=date(2018, 1, 1),
        end=date(2023, 12, 31),
    )
    assert report.verdict("甲") is Verdict.UNCHANGED


def test_items_are_judged_by_their_worst_citation() -> None:
    """An item with one repealed citation is to be retired even if the others stand."""
    items = {
        "07-0001": [Citation.parse("行政处罚法第九条")],
        "F3-0001": [Citation.parse("行政处罚法第九条"), Citation.parse("环境保护法第五十九条")],
        "F11-0001": [Citation.parse("治安管理处罚法第九十二条")],
        "X-0001": [Citation.parse("某市某条例第一条")],
    }
    report = lapse(items, StatuteBook.shipped(), start=date(2025, 12, 1), end=TODAY)
    assert report.by_item == {
        "07-0001": Verdict.UNCHANGED,
        "F3-0001": Verdict.REPEALED,
        "F11-0001": Verdict.RENUMBERED,
        "X-0001": Verdict.UNKNOWN,
    }
    assert report.counts[Verdict.REPEALED] == 1
    renumbered = report.touched(Verdict.RENUMBERED)[0]
    assert [str(one) for one in renumbered.proposals] == ["《治安管理处罚法》第一百一十条"]
    amendments = report.by_amendment
    assert any("生态环境法典" in name and "2026年8月15日" in name for name in amendments)
    assert "F3-0001" in report._repr_html_()


def test_a_paragraph_that_stands_word_for_word_is_told_apart() -> None:
    """When the article changed but the cited paragraph did not, the paragraph decides.

    治安管理处罚法 2012 art. 5 para. 2 is art. 6 para. 2 of 2025, word for word; para. 1 is not.
    """
    items = {
        "甲": [Citation.parse("治安管理处罚法第五条第二款")],
        "乙": [Citation.parse("治安管理处罚法第五条第一款")],
    }
    report = lapse(items, StatuteBook.shipped(), start=date(2025, 12, 31), end=date(2026, 1, 1))
    assert report.verdict("甲") is Verdict.RENUMBERED
    assert [str(one) for one in report.rows[0].proposals] == ["《治安管理处罚法》第六条第二款"]
    assert report.verdict("乙") is Verdict.CHANGED


def test_changes_are_followed_over_several_editions() -> None:
    """Without a direct map the maps of the editions between are joined."""
    book = StatuteBook.shipped()
    statute = book.resolve("突发事件应对法")
    first, second = statute.editions[-2:]
    third = replace(second, adopted=date(2030, 1, 1), in_force=date(2030, 1, 1), ended=None)
    second = replace(second, ended=date(2029, 12, 31))
    onward = book.map_between(first, second)
    assert onward is not None
    identity = replace(
        onward,
        from_adopted=second.adopted,
        to_adopted=third.adopted,
        links={
            n: replace(link, old=n, new=(n,), relation=link.relation.SAME, likeness=1.0)
            for n in (second.articles or {})
            for link in [next(iter(onward.links.values()))]
        },
    )
    grown = StatuteBook(
        {**book.statutes, statute.id: replace(statute, editions=(first, second, third))},
        (*book.maps, identity),
    )
    items = {
        "甲": [Citation.parse("突发事件应对法第十四条")],
        "乙": [Citation.parse("突发事件应对法第四条")],
    }
    report = lapse(items, grown, start=date(2024, 1, 1), end=date(2031, 1, 1))
    assert report.verdict("甲") is Verdict.RENUMBERED
    assert [str(one) for one in report.rows[0].proposals] == ["《突发事件应对法》第二十四条"]
    assert report.verdict("乙") is Verdict.CHANGED


def test_items_are_usable_only_while_every_citation_is_in_force() -> None:
    """As-of drawing: the day decides, not today."""
    book = StatuteBook.shipped()
    citations = [Citation.parse("行政处罚法第九条"), Citation.parse("大气污染防治法第二条")]
    assert usable(citations, book, date(2026, 8, 14)) == ()
    assert len(usable(citations, book, date(2026, 8, 15))) == 1


def test_past_exams_on_changed_law_are_listed() -> None:
    """Uses after a change are listed, uses before it and uses of unchanged law are not."""
    items = {"甲": [Citation.parse("行政复议法第九条")], "乙": [Citation.parse("行政处罚法第九条")]}
    written = {"甲": date(2022, 1, 1), "乙": date(2022, 1, 1)}
    uses = [("甲", date(2023, 11, 1)), ("甲", date(2024, 11, 1)), ("乙", date(2024, 11, 1))]
    found = lapsed_uses(items, uses, StatuteBook.shipped(), written=written)
    assert [(one.item, one.used_on) for one in found] == [("甲", date(2024, 11, 1))]


def test_days_in_the_wrong_order_are_a_programming_mistake() -> None:
    """The later day may not come first."""
    with pytest.raises(ValueError, match="end"):
        lapse({}, StatuteBook.shipped(), start=TODAY, end=date(2020, 1, 1))
