"""What differs between banks, and merging without losing anybody's work."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.bank import Case, Item, QuestionBank
from fazhi_exam.bank.changes import difference, merge

from .worlds import plain


def bank(*items: Item) -> QuestionBank:
    return QuestionBank(items)


def test_difference() -> None:
    """Added, removed and changed items are told apart, with the fields that changed."""
    old = bank(plain(1), plain(2), plain(3))
    new = bank(plain(1), plain(2, key="C", band="难"), plain(3, explanation="新"), plain(4))
    found = difference(old, new)
    assert (found.added, found.removed) == (("07-0004",), ())
    assert [c.id for c in found.changed] == ["07-0002", "07-0003"]
    assert [(c.field, c.before, c.after) for c in found.changed[0].changes] == [
        ("答案", "B", "C"),
        ("难度", "中", "难"),
    ]
    assert [c.new_revision for c in found.changed] == [True, False]
    assert str(found) == "新增 1，删除 0，修改 2（其中题目内容有变 1）"
    assert difference(new, old).removed == ("07-0004",)
    assert not difference(old, old)


def test_a_new_revision_is_a_new_hash() -> None:
    """`new_revision` says the same as the content hash."""
    old = plain()
    for fields in ({"key": "C"}, {"note": "注"}, {"tags": ["新"]}, {"stem": "另一题干"}):
        new = plain(**fields)
        change = difference(bank(old), bank(new)).changed[0]
        assert change.new_revision is (old.revision != new.revision)


def test_one_side_is_taken() -> None:
    """What one side alone changed, added or deleted is in the result without a conflict."""
    base = bank(plain(1), plain(2), plain(3))
    ours = bank(plain(1, note="我"), plain(2), plain(3), plain(5))
    theirs = bank(plain(1), plain(2, key="C"), plain(6))
    done = merge(base, ours, theirs)
    assert done.conflicts == ()
    assert [item.id for item in done.bank] == ["07-0001", "07-0002", "07-0005", "07-0006"]
    assert done.bank["07-0001"].note == "我"
    assert done.bank["07-0002"].key_text == "C"


def test_different_fields_are_joined() -> None:
    """A new note here and a new key there are both kept."""
    done = merge(bank(plain()), bank(plain(note="我")), bank(plain(key="C")))
    assert (done.bank["07-0001"].note, done.bank["07-0001"].key_text) == ("我", "C")
    assert done.conflicts == ()


def test_same_change_on_both_sides_is_no_conflict() -> None:
    """Two people who mend the same mistake agree."""
    done = merge(bank(plain()), bank(plain(key="C")), bank(plain(key="C", note="x")))
    assert done.conflicts == ()
    assert (done.bank["07-0001"].key_text, done.bank["07-0001"].note) == ("C", "x")


def test_conflicts_keep_ours() -> None:
    """The same field, or what is asked and what is right, changed on both sides is listed."""
    same = merge(bank(plain()), bank(plain(key="C")), bank(plain(key="D")))
    assert [(c.field, c.base, c.ours, c.theirs) for c in same.conflicts] == [
        ("答案", "B", "C", "D")
    ]
    assert same.bank["07-0001"].key_text == "C"
    options = ["甲内容", "乙内容", "丙内容", "丁内容"]
    content = merge(bank(plain()), bank(plain(options=options)), bank(plain(key="D")))
    assert [c.field for c in content.conflicts] == ["答案"]
    assert content.bank["07-0001"].key_text == "B"


def test_deleted_here_and_changed_there() -> None:
    """The changed item stays until a person decides."""
    done = merge(bank(plain(1), plain(2)), bank(plain(2)), bank(plain(1, key="C"), plain(2)))
    assert [c.id for c in done.conflicts] == ["07-0001"]
    assert done.bank["07-0001"].key_text == "C"


def test_same_id_for_two_new_items() -> None:
    """Two new questions under one id are a conflict, not an overwrite."""
    done = merge(bank(plain(1)), bank(plain(1), plain(2)), bank(plain(1), plain(2, key="C")))
    assert [c.id for c in done.conflicts] == ["07-0002"]
    assert done.bank["07-0002"].key_text == "B"


def case_bank(stimulus: str = "案情", parts: int = 2, **fields: object) -> QuestionBank:
    items = tuple(plain(k, case="c", **(fields if k == 1 else {})) for k in range(1, parts + 1))
    case = Case(id="c", stimulus=stimulus, item_ids=tuple(item.id for item in items))
    return QuestionBank(items, {"c": case})


def test_cases_are_merged_whole() -> None:
    """New facts here and a new key there are joined; a new sub-question on one side is taken."""
    joined = merge(case_bank(), case_bank("新案情"), case_bank(key="C"))
    assert joined.conflicts == ()
    assert joined.bank.cases["c"].stimulus == "新案情"
    assert joined.bank["07-0001"].key_text == "C"
    longer = merge(case_bank(), case_bank(), case_bank(parts=3))
    assert len(longer.bank) == 3
    both = merge(case_bank(), case_bank("新案情"), case_bank(parts=3))
    assert [c.id for c in both.conflicts] == ["c"]
    assert both.bank.cases["c"].stimulus == "新案情"
    assert len(both.bank) == 2


keys = st.dictionaries(st.integers(1, 5), st.sampled_from("ABCD"), max_size=5)


@settings(max_examples=60, deadline=None)
@given(keys, keys, keys)
def test_merging_loses_nothing(
    base: dict[int, str], ours: dict[int, str], theirs: dict[int, str]
) -> None:
    """Merging with an unchanged side gives the other; both orders give the same conflicts."""
    a, b, c = (bank(*(plain(k, key=v) for k, v in side.items())) for side in (base, ours, theirs))
    assert merge(a, b, a).bank.content_hash == b.content_hash
    assert merge(a, a, b).bank.content_hash == b.content_hash
    assert merge(a, b, b).bank.content_hash == b.content_hash
    one, other = merge(a, b, c), merge(a, c, b)
    assert {x.id for x in one.conflicts} == {x.id for x in other.conflicts}
