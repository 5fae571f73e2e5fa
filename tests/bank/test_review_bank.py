"""What the review finds among several questions, and the review as a value."""

import random
from datetime import date

import pytest

from fazhi_exam.bank import Case, FindingKind, Item, QuestionBank, Review, Severity, review
from fazhi_exam.errors import BlockedReview

from .worlds import DAY, findings, plain

KIND = FindingKind


def twin(number: int, of: Item, **fields: object) -> Item:
    """The same question under another id."""
    return of.model_copy(update={"id": f"07-{number:04d}", **fields})


def test_contradiction_blocks() -> None:
    """One question with two keys is never right; the order of its options does not matter."""
    one = plain(key="B")
    turned = plain(2, stem=one.stem, options=[o.text for o in reversed(one.options)], key="B")
    same = plain(2, stem=one.stem, options=[o.text for o in reversed(one.options)], key="C")
    assert [f.severity for f in findings(one, turned, kind=KIND.CONTRADICTION)] == [
        Severity.BLOCKING
    ]
    assert findings(one, same, kind=KIND.CONTRADICTION) == ()
    assert [f.item_ids for f in findings(one, same, kind=KIND.DUPLICATE)] == [
        ("07-0001", "07-0002")
    ]


def test_contradiction_of_statements() -> None:
    """A statement that is right once and wrong once blocks."""
    right = plain(kind="判断", key="正确")
    assert findings(right, plain(2, "判断", stem=right.stem, key="错误"), kind=KIND.CONTRADICTION)
    assert not findings(right, plain(2, "判断", key="错误"), kind=KIND.CONTRADICTION)


def test_option_right_here_and_wrong_there() -> None:
    """An option keyed in one item and not in another of the same stem is a warning."""
    stem = "徇私枉法罪的主体是"
    one = plain(stem=stem, options=["司法工作人员", "审判工作人员", "普通公民"], key="A")
    two = plain(2, "多选", stem=stem, key="AB",
                options=["司法工作人员", "审判工作人员", "军人", "医生"])  # fmt: skip
    assert [f.severity for f in findings(one, two, kind=KIND.CONTRADICTION)] == [Severity.WARNING]
    other = plain(2, stem=stem, options=["司法工作人员", "审判工作的律师", "军人"], key="A")
    assert not findings(one, other, kind=KIND.CONTRADICTION)


def test_all_of_the_above_is_no_contradiction() -> None:
    """以上都对 may be right under one stem 下列说法正确的是 and wrong under another."""
    stem, last = "下列说法正确的是", "以上说法都对"
    one = plain(1, stem=stem, options=["甲甲甲甲", "乙乙乙乙", last], key="C", pinned=["C"])
    two = plain(2, stem=stem, options=["丙丙丙丙", "丁丁丁丁", last], key="A", pinned=["C"])
    assert not findings(one, two, kind=KIND.CONTRADICTION)


def test_generic_stems_are_not_duplicates() -> None:
    """下列说法正确的是 with other options is another question."""
    one = plain(stem="下列说法正确的是")
    two = plain(
        2, stem="下列说法正确的是", options=["撤销登记", "延续许可", "重新申请", "补正材料"]
    )
    assert not findings(one, two, kind=KIND.DUPLICATE)
    assert not findings(one, two, kind=KIND.NEAR_DUPLICATE)


def test_declared_enemies_are_not_reported() -> None:
    """A repetition or near repetition whose items are enemies was seen by a person."""
    one = plain()
    two = twin(2, one, enemies=frozenset({"07-0001"}))
    assert not findings(one, two, kind=KIND.DUPLICATE)
    near = plain(2, stem=one.stem + "什么", options=[o.text for o in one.options])
    assert findings(one, near, kind=KIND.NEAR_DUPLICATE)
    declared = near.model_copy(update={"enemies": frozenset({"07-0001"})})
    assert not findings(one, declared, kind=KIND.NEAR_DUPLICATE)


def test_near_duplicates_can_be_left_out() -> None:
    """`near=None` does not look for them."""
    one = plain()
    near = plain(2, stem=one.stem + "什么", options=[o.text for o in one.options])
    assert not review(QuestionBank((one, near)), on=DAY, near=None).of(KIND.NEAR_DUPLICATE)


def test_cue() -> None:
    """A stem that holds another item's key on the same article is found, and only then."""
    options = ["五百元以下罚款", "吊销许可证件", "行政拘留", "没收违法所得"]
    asked = plain(stem="对轻微乱停放行为可以作出的处罚是", options=options, key="A")
    tells = plain(2, stem="执法人员当场作出五百元以下罚款后，应当交付的文书是")
    assert [f.item_ids for f in findings(asked, tells, kind=KIND.CUE)] == [("07-0001", "07-0002")]
    elsewhere = plain(2, stem=tells.stem, citations=["《行政许可法》第十二条"])
    assert not findings(asked, elsewhere, kind=KIND.CUE)
    both = plain(2, stem="当场作出五百元以下罚款或者行政拘留后，应当交付的文书是")
    assert not findings(asked, both, kind=KIND.CUE)
    false = plain(2, "判断", stem="对该行为只能作出五百元以下罚款。", key="错误")
    assert not findings(asked, false, kind=KIND.CUE)
    enemies = tells.model_copy(update={"enemies": frozenset({"07-0001"})})
    assert not findings(asked, enemies, kind=KIND.CUE)


def test_enemies_that_do_not_exist() -> None:
    """An enemy must be in the bank."""
    assert findings(plain(enemies=["07-9999"]), kind=KIND.ENEMY)
    assert not findings(plain(enemies=["07-0002"]), plain(2), kind=KIND.ENEMY)


def case_bank(*citations: str, enemies: bool = False) -> QuestionBank:
    """One case whose sub-questions cite these."""
    parts = tuple(
        plain(k, citations=[text], case="07-C001",
              enemies=["07-0002"] if enemies and k == 1 else [])
        for k, text in enumerate(citations, 1)
    )  # fmt: skip
    case = Case(id="07-C001", stimulus="案情", item_ids=tuple(part.id for part in parts))
    return QuestionBank(parts, {case.id: case})


def test_case_on_one_article() -> None:
    """Sub-questions of one case on one article are noted; on two articles they are not."""
    same = case_bank("《行政处罚法》第五十一条", "《行政处罚法》第五十一条")
    found = review(same, on=DAY).of(KIND.CASE)
    assert [f.item_ids for f in found] == [("07-0001", "07-0002")]
    assert "《行政处罚法》第五十一条" in found[0].reason
    other = case_bank("《行政处罚法》第五十一条", "《行政处罚法》第五十二条")
    assert not review(other, on=DAY).of(KIND.CASE)


def two_cases(first: str, second: str, **fields: object) -> QuestionBank:
    """Two cases of one sub-question each."""
    parts = (plain(1, case="c1", citations=["《行政处罚法》第五十一条"]),
             plain(2, case="c2", citations=["《行政处罚法》第五十二条"], **fields))  # fmt: skip
    told = zip(("c1", "c2"), (first, second), parts, strict=True)
    cases = {name: Case(id=name, stimulus=text, item_ids=(p.id,)) for name, text, p in told}
    return QuestionBank(parts, cases)


STORY = "某区执法人员在检查中发现一家超市占用人行道经营，当场拍照并制作现场笔录，责令其当日改正。"


def test_cases_that_tell_one_story() -> None:
    """Two cases with nearly the same facts are found unless their questions are enemies."""
    alike = STORY.replace("超市", "商店")
    found = review(two_cases(STORY, alike), on=DAY).of(KIND.NEAR_DUPLICATE)
    assert [f.item_ids for f in found] == [("07-0001", "07-0002")]
    declared = two_cases(STORY, alike, enemies=["07-0001"])
    assert not review(declared, on=DAY).of(KIND.NEAR_DUPLICATE)
    other = "王某向县政府申请公开征地补偿信息，县政府在第十五个工作日答复并提供了全部文件。"
    assert not review(two_cases(STORY, other), on=DAY).of(KIND.NEAR_DUPLICATE)


def test_the_facts_of_a_case_are_looked_at() -> None:
    """Typography and personal data are found in the facts too."""
    told = STORY + "业主电话13800138000,已核实。"
    found = review(two_cases(told, "另一个案情与此完全不同"), on=DAY).findings
    assert {(f.kind, f.field) for f in found} == {
        (KIND.SENSITIVE, "案情 c1"),
        (KIND.TYPOGRAPHY, "案情 c1"),
    }


def test_enemies_inside_a_case() -> None:
    """A case is drawn whole, so enemies inside it mean nothing."""
    both = case_bank("《行政处罚法》第五十一条", "《行政处罚法》第五十二条", enemies=True)
    assert review(both, on=DAY).of(KIND.ENEMY)


@pytest.mark.parametrize(
    ("citation", "on", "severity"),
    [
        ("《行政处罚法》第五十一条", DAY, None),
        ("《行政处罚法》第八百条", DAY, Severity.BLOCKING),
        ("《行政处罚法》第五十一条第九款", DAY, Severity.BLOCKING),
        ("《行政处罚法》（1996年）第五十一条", DAY, Severity.BLOCKING),
        ("《环境保护法》第二十五条", DAY, Severity.BLOCKING),
        ("《环境保护法》第二十五条", date(2026, 8, 1), None),
        ("《某市停车条例》第三条", DAY, Severity.WARNING),
        ("《行政处罚法》", DAY, Severity.NOTE),
    ],
)
def test_citations(citation: str, on: date, severity: Severity | None) -> None:
    """A citation must be there and in force on the day; an unknown statute is a warning.

    生态环境法典 repeals the 环境保护法 on 2026-08-15.
    """
    found = review(QuestionBank((plain(citations=[citation]),)), on=on).of(KIND.CITATION)
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_statute_to_verify() -> None:
    """A statute whose text must be verified needs a note on the item."""
    text = "《网络数据安全管理条例》第十二条"
    bare = plain(citations=[text])
    noted = plain(citations=[text], note="依据文本待核：期限为一般规定")
    assert not findings(noted, kind=KIND.TO_VERIFY)
    first = findings(bare)
    problem = [f for f in first if f.kind in (KIND.CITATION, KIND.TO_VERIFY)]
    assert all(f.severity is Severity.NOTE for f in problem)


def many(count: int, key: str, lengths: tuple[int, int, int, int]) -> list[Item]:
    """Single-choice items with random words, a key letter and lengths of the options."""
    rng = random.Random(3)  # noqa: S311

    def words(size: int) -> str:
        return "".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(size))

    return [
        plain(k, stem=words(20), options=[words(n) for n in lengths],
              key=key or "ABCD"[k % 4])
        for k in range(1, count + 1)
    ]  # fmt: skip


def test_longest_option_is_key() -> None:
    """Sixty items whose longest option is always the key are too easy to guess."""
    assert findings(*many(60, "B", (6, 9, 7, 8)), kind=KIND.LONGEST_KEY)
    assert not findings(*many(60, "", (6, 9, 7, 8)), kind=KIND.LONGEST_KEY)
    assert not findings(*many(20, "B", (6, 9, 7, 8)), kind=KIND.LONGEST_KEY)


def test_key_letters() -> None:
    """Key letters far from even are reported for the whole bank, even ones are not."""
    found = findings(*many(60, "B", (6, 7, 7, 6)), kind=KIND.KEY_BALANCE)
    assert [f.item_ids for f in found] == [()]
    assert not findings(*many(60, "", (6, 7, 7, 6)), kind=KIND.KEY_BALANCE)


def test_right_and_wrong_statements() -> None:
    """Fifty statements of which four in five are right are reported; half and half are not."""

    def bank(right: int) -> list[Item]:
        stems = [one.stem for one in many(50, "A", (2, 2, 2, 2))]
        return [plain(k, "判断", stem=stem, key="正确" if k < right else "错误")
                for k, stem in enumerate(stems)]  # fmt: skip

    assert findings(*bank(40), kind=KIND.KEY_BALANCE)
    assert not findings(*bank(25), kind=KIND.KEY_BALANCE)


def test_chi_square_bound() -> None:
    """The 0.1 % points of chi-square with 2, 3 and 5 degrees are 13.816, 16.266 and 20.515."""
    from fazhi_exam.bank.bank_checks import _beyond_chance

    for freedom, point in ((2, 13.816), (3, 16.266), (5, 20.515)):
        assert _beyond_chance(1.03 * point, freedom)
        assert not _beyond_chance(0.97 * point, freedom)


def test_retired_items_are_passed_over() -> None:
    """A retired item is not reviewed."""
    one = plain(citations=[], status="retired")
    assert review(QuestionBank((one,)), on=DAY).findings == ()
    assert review(QuestionBank((one,)), on=DAY).checked == 0


def blocked() -> Review:
    one = plain(key="B")
    wrong = twin(2, one, key=frozenset("C"), citations=())
    return review(QuestionBank((one, wrong)), on=DAY)


def test_review_as_a_value() -> None:
    """A review counts, sorts, blocks, and prints itself."""
    found = blocked()
    assert [f.kind for f in found.blocking] == [KIND.CONTRADICTION]
    with pytest.raises(BlockedReview, match="07-0001") as caught:
        found.raise_if_blocking()
    assert len(caught.value.findings) == 1
    assert set(found.by_item) == {"07-0001", "07-0002"}
    assert str(found) == "检查了 2 道题，发现 2 处问题：必须处理 1 处，建议处理 1 处，提示 0 处。"
    rows = found.records()
    assert [row["题号"] for row in rows] == ["07-0001、07-0002", "07-0002"]
    assert list(rows[0]) == ["严重程度", "类别", "题号", "位置", "问题", "建议"]
    assert "答案互相矛盾" in found._repr_html_()


def test_a_clean_review_passes() -> None:
    """Nothing is raised and the sentence says so."""
    found = review(QuestionBank((plain(),)), on=DAY)
    found.raise_if_blocking()
    assert str(found) == "检查了 1 道题，没有发现问题。"


def test_html_is_escaped() -> None:
    """Words of a question are never markup of the report."""
    one = plain(stem="<script>alert(1)</script>,应当告知的是")
    assert "<script>" not in review(QuestionBank((one,)), on=DAY)._repr_html_()


def test_progress() -> None:
    """Progress ends with all items."""
    seen: list[tuple[int, int]] = []
    review(QuestionBank((plain(), plain(2))), on=DAY, progress=lambda *at: seen.append(at))
    assert seen == [(2, 2)]


def test_shipped_bank_has_nothing_blocking() -> None:
    """The bank that comes with the package can be used on 10 December 2026."""
    from fazhi_exam.formats import read_bank, shipped_bank_folder

    found = review(read_bank(shipped_bank_folder()), on=DAY)
    assert [str(f) for f in found.blocking] == []
