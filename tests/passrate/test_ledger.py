"""Releases that tell a few people when one is subtracted from another are refused."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date

import pytest

from fazhi_exam.passrate import (
    Counts,
    Detail,
    PublishingRefused,
    Release,
    ReleaseLedger,
    Which,
    publish,
    rate_table,
    release_of,
)

SIZES = {"甲局": 120, "乙局": 80, "丙局": 60}


def counts(
    sizes: dict[str, int], *, absent: int = 0, failed: int = 20, shift: int = 0
) -> dict[str, Counts]:
    """Make counts of units; `shift` people of the first one pass who did not."""
    found = {}
    for name, size in sizes.items():
        sat = size - absent
        found[name] = Counts(size, 0, size, sat, sat - failed + shift, absent, 0)
        shift = 0
    return found


def release(
    made: dict[str, Counts],
    title: str,
    *,
    by: str = "单位",
    sittings: Collection[str] = ("2026-06",),
    which: Which = Which.ALL,
    detail: Detail | None = Detail.SAT,
    round_to: int = 1,
) -> Release:
    """Publish counts and say what that states."""
    table = publish(rate_table(made, by=by, title=title), detail=detail, round_to=round_to)
    day = date(2026, 7, 1)
    return release_of(table, on=day, groups=list(made), sittings=sittings, which=which)


FIRST = release(counts(SIZES), "初稿")


def refused(earlier: Release, later: Release) -> bool:
    """Whether the later release is refused after the earlier one, and the other way round."""
    found = []
    for one, two in ((earlier, later), (later, earlier)):
        ledger = ReleaseLedger().add(one)
        try:
            ledger.add(two)
        except PublishingRefused:
            found.append(True)
        else:
            found.append(False)
    assert found[0] == found[1]
    return found[0]


def test_the_same_release_again_says_nothing_new() -> None:
    """A release may be repeated, under another title as well; the ledger then stays as it is."""
    ledger = ReleaseLedger().add(FIRST)
    again = replace(FIRST, title="再次公布", on=date(2026, 8, 1))
    assert ledger.add(again) is ledger
    assert ledger.said_before(again) is FIRST
    assert ledger.said_before(release(counts(SIZES), "初稿", sittings=["2026-12"])) is None


def test_a_correction_of_one_person_is_refused() -> None:
    """One more pass than in the first release singles a person out; the message says where."""
    changed = release(counts(SIZES, shift=1), "更正稿")
    with pytest.raises(
        PublishingRefused, match=r"更正稿.*甲局的“合格”与 2026-07-01 的“初稿”.*不足 10 人"
    ):
        ReleaseLedger().add(FIRST).add(changed)
    assert not refused(FIRST, release(counts(SIZES, shift=10), "更正稿"))


def test_one_unit_more_is_refused_if_it_is_small() -> None:
    """The same table with a unit of 16 in it, 4 of whom failed: both totals tell them."""
    assert not refused(FIRST, release(counts(SIZES | {"丁局": 45}), "含丁局"))
    more = counts(SIZES) | {"丁局": Counts(9, 0, 9, 9, 5, 0, 0)}
    assert refused(FIRST, release(more, "含丁局"))


def test_another_sitting_tells_nothing() -> None:
    """Counts of two exams may differ by one person: they are other people's."""
    assert not refused(FIRST, release(counts(SIZES, shift=1), "下半年", sittings=["2026-12"]))


def test_one_more_sitting_is_refused_if_few_sat_it() -> None:
    """The half-year and the half-year with a make-up sitting of 3 in one unit: the 3 follow."""
    makeup = {name: size + (3 if name == "甲局" else 0) for name, size in SIZES.items()}
    later = release(counts(makeup, failed=20), "含补考", sittings=["2026-06", "2026-07"])
    with pytest.raises(PublishingRefused, match="考次不同而有重叠"):
        ReleaseLedger().add(FIRST).add(later)
    large = {name: size + 40 for name, size in SIZES.items()}
    assert not refused(
        FIRST, release(counts(large, failed=35), "含补考", sittings=["2026-06", "2026-07"])
    )


@pytest.mark.parametrize(("last", "told"), [(14, True), (50, False)])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_quarter_less_its_months_is_refused(last: int, told: bool, place: int) -> None:
    """January, February and the quarter, in any order: a March in which 4 of 14 failed follows."""
    march = dict.fromkeys(SIZES, last)
    months = [release(counts(SIZES), f"{n} 月", sittings=[str(n)]) for n in (1, 2)]
    quarter = {name: 2 * size + march[name] for name, size in SIZES.items()}
    whole = release(counts(quarter, failed=44 if told else 60), "季度", sittings=["1", "2", "3"])
    *before, final = [*months[:place], whole, *months[place:]]
    ledger = ReleaseLedger()
    for one in before:
        ledger = ledger.add(one)
    if told:
        with pytest.raises(PublishingRefused, match="减去分别公布的各次"):
            ledger.add(final)
    else:
        assert len(ledger.add(final).releases) == 3


@pytest.mark.parametrize(
    ("one", "two"),
    [(Which.ALL, Which.FIRST), (Which.ALL, Which.BEST), (Which.BEST, Which.FIRST)],
)
def test_few_resits_are_refused(one: Which, two: Which) -> None:
    """All attempts and one per person: where 3 people of a unit sat twice, the 3 follow."""
    fewer = SIZES | {"甲局": SIZES["甲局"] - 3}
    wide = release(counts(SIZES), "甲表", which=one)
    narrow = release(counts(fewer), "乙表", which=two)
    assert refused(wide, narrow)
    with pytest.raises(PublishingRefused, match=re.escape(f"口径一为“{two}”，一为“{one}”")):
        ReleaseLedger().add(wide).add(narrow)


def test_many_resits_may_be_published() -> None:
    """Where 30 resat in every unit, 12 of whom failed, both tables may be published."""
    fewer = {name: size - 30 for name, size in SIZES.items()}
    assert not refused(FIRST, release(counts(fewer, failed=10), "首次", which=Which.FIRST))


def test_few_absentees_are_refused() -> None:
    """Those due in one table and those who sat in another: the 4 absent of each unit follow."""
    made = counts(SIZES, absent=4)
    sat = release(made, "实考表")
    due = release(made, "应考表", detail=Detail.GRADES)
    assert any(s.column == "应考" for s in due.statements)
    assert refused(sat, due)
    many = counts(SIZES, absent=15, failed=15)
    assert not refused(release(many, "实考表"), release(many, "应考表", detail=Detail.OUTCOMES))


def test_totals_by_another_grouping_are_compared() -> None:
    """By post the total is 2 people more than by unit: they follow although no group is shared."""
    posts = {"执法岗": 200, "综合岗": 62}
    assert refused(FIRST, release(counts(posts, failed=30), "按岗位", by="岗位"))
    posts["综合岗"] = 60
    assert not refused(FIRST, release(counts(posts, failed=30), "按岗位", by="岗位"))


def test_the_same_counts_rounded_tell_nothing() -> None:
    """Exact and rounded tables of the same attempts may both be published, a correction not."""
    sizes = {"甲局": 121, "乙局": 82, "丙局": 63}
    assert not refused(release(counts(sizes), "不取整"), release(counts(sizes), "取整", round_to=5))
    posts = counts({"执法岗": 200, "综合岗": 66}, failed=30)
    assert not refused(
        release(posts, "按岗位", by="岗位"), release(counts(sizes), "取整", round_to=5)
    )
    assert refused(
        release(counts(sizes, shift=6), "不取整"), release(counts(sizes), "取整", round_to=5)
    )


def test_totals_add_up_by_any_grouping() -> None:
    """Two months by unit and both by post: where a third month had 14 people, they follow."""
    months = [release(counts(SIZES), f"{n} 月", sittings=[str(n)]) for n in (1, 2)]
    ledger = ReleaseLedger().add(months[0]).add(months[1])
    posts = counts({"执法岗": 400, "综合岗": 127}, failed=62)
    whole = release(posts, "按岗位", by="岗位", sittings=["1", "2", "3"])
    with pytest.raises(PublishingRefused, match=r"合计的“(合格|实考|不合格)”：从 3 个考次"):
        ledger.add(whole)
    assert len(ledger.add(release(posts, "按岗位", by="岗位", sittings=["3", "4"])).releases) == 3


def test_merged_rows_are_compared() -> None:
    """A small unit that is merged in one table and stands alone in another is found."""
    one = counts({"甲局": 120, "乙局": 9, "丙局": 8}, failed=1)
    two = counts({"甲局": 120, "乙局": 16, "丙局": 40}, failed=1)
    assert refused(release(one, "甲表"), release(two, "乙表"))


def test_rounded_counts_leave_differences_open() -> None:
    """Both rounded to 5, a difference of 5 may be anything from 0 to 13."""
    one = release(counts(SIZES), "甲表", round_to=5)
    two = release(counts(SIZES, shift=5), "乙表", round_to=5)
    assert not refused(one, two)
    assert refused(FIRST, two)


def test_a_release_needs_its_sittings() -> None:
    """Without sittings nobody can tell what is subtracted from what."""
    with pytest.raises(ValueError, match="sittings"):
        replace(FIRST.coverage, sittings=frozenset())
