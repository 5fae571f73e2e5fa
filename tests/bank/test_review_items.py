"""What the review finds on one question: a world where it appears and one where it must not."""

import pytest

from fazhi_exam.bank import FindingKind, Item, Severity
from fazhi_exam.bank.item_checks import negative_word
from fazhi_exam.bank.text_checks import masked, valid_identity

from .worlds import findings, plain

KIND = FindingKind


@pytest.mark.parametrize("kind", ["单选", "多选", "不定项", "判断", "填空", "简答", "论述"])
def test_a_faultless_item_has_no_findings(kind: str) -> None:
    """A sound question of every kind passes without a word."""
    assert findings(plain(kind=kind)) == ()


def broken(**fields: object) -> Item:
    """A copy that pydantic did not check."""
    return plain().model_copy(update=fields)


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (broken(key=frozenset()), KIND.KEY),
        (broken(key=frozenset("F")), KIND.KEY),
        (broken(key=frozenset("AB")), KIND.KIND),
        (plain(kind="多选").model_copy(update={"key": frozenset("A")}), KIND.KIND),
        (plain(kind="填空").model_copy(update={"blanks": ()}), KIND.KEY),
        (plain(kind="简答").model_copy(update={"marking_points": ()}), KIND.KEY),
    ],
)
def test_a_key_that_cannot_be_right_blocks(one: Item, kind: FindingKind) -> None:
    """No key, a letter without option, and a key of the wrong size stop an exam."""
    found = findings(one, kind=kind)
    assert [f.severity for f in found] == [Severity.BLOCKING]
    assert found[0].item_ids == (one.id,)


@pytest.mark.parametrize(
    ("kind", "key", "explanation", "wrong"),
    [
        ("单选", "B", "依第五十一条，故选C。", True),
        ("单选", "B", "依第五十一条，故选B。", False),
        ("多选", "ABD", "答案为A、B、C。", True),
        ("多选", "ABD", "答案为A、B、D。", False),
        ("单选", "B", "应选择较轻的处罚。", False),
        ("判断", "正确", "说法错误。期限为五日。", True),
        ("判断", "错误", "说法错误。期限为五日。", False),
        ("判断", "错误", "正确的期限为五日。", False),
    ],
)
def test_key_and_explanation(kind: str, key: str, explanation: str, wrong: bool) -> None:
    """An explanation that names another key blocks; other words do not."""
    one = plain(kind=kind, key=key, explanation=explanation)
    assert bool(findings(one, kind=KIND.KEY_EXPLAINED)) is wrong


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["五日", "五日 ", "七日", "十日"], True),
        (["五日。", "五日", "七日", "十日"], True),
        (["3%", "3", "5%", "5"], False),
        (["0.5", "05", "5", "50"], False),
        (["不少于2人", "不少于3人", "2人", "3人"], False),
    ],
)
def test_duplicate_options(options: list[str], found: bool) -> None:
    """Options that differ only in blanks and stops are one option; signs and points count."""
    assert bool(findings(plain(options=options), kind=KIND.DUPLICATE_OPTION)) is found


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        (["乡级", "县级C：市级", "省级"], Severity.BLOCKING),
        (["乡级", "县级 C．市级", "省级"], Severity.BLOCKING),
        (["乡级", "县级C、市级", "省级"], Severity.BLOCKING),
        (["A．乡级", "县级", "省级"], Severity.WARNING),
        (["由甲公司与B、C两家公司承担", "由A公司承担", "由B公司承担"], None),
        (["B级防护", "C级防护", "A级防护"], None),
    ],
)
def test_glued_options(options: list[str], severity: Severity | None) -> None:
    """A later letter with its mark inside an option means two options in one."""
    found = findings(plain(options=options), kind=KIND.GLUED_OPTION)
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_options_inside_the_stem() -> None:
    """Options written into the stem block; a list of facts lettered 甲乙丙 does not."""
    stem = "期限是 A．五日 B．七日"
    assert findings(plain(stem=stem), kind=KIND.GLUED_OPTION)
    assert not findings(plain(stem="甲、乙、丙三人中应当回避的是"), kind=KIND.GLUED_OPTION)


@pytest.mark.parametrize(
    "text",
    ["以上都是", "以上皆是", "以上说法都正确", "以上选项均不正确", "上述都对", "都对", "全部正确"],
)
def test_all_of_the_above(text: str) -> None:
    """以上皆是 blocks until it is pinned, and should be last."""
    one = plain(options=["甲事项", "乙事项", "丙事项", text])
    assert [f.severity for f in findings(one, kind=KIND.ALL_ABOVE)] == [Severity.BLOCKING]
    pinned = plain(options=["甲事项", "乙事项", "丙事项", text], pinned=["D"])
    assert not findings(pinned, kind=KIND.ALL_ABOVE)
    early = plain(options=["甲事项", text, "丙事项", "丁事项"], pinned=["B"])
    assert [f.severity for f in findings(early, kind=KIND.ALL_ABOVE)] == [Severity.WARNING]
    several = plain(kind="多选", options=["甲", "乙", "丙", text], pinned=["D"])
    assert findings(several, kind=KIND.ALL_ABOVE)


@pytest.mark.parametrize(
    "text", ["三分之二以上", "上述全部人员名单", "两名以上执法人员", "全部退还"]
)
def test_ordinary_words_are_not_all_of_the_above(text: str) -> None:
    """以上 as a number and 全部 as a quantity are ordinary options."""
    assert not findings(plain(options=["甲事项", "乙事项", text]), kind=KIND.ALL_ABOVE)


def test_options_that_name_letters() -> None:
    """“A和C” is wrong once options are shuffled, unless every option is pinned."""
    options = ["甲事项", "乙事项", "丙事项", "A和C"]
    assert findings(plain(options=options), kind=KIND.LETTER_REFERENCE)
    pinned = plain(options=options, pinned=["A", "B", "C", "D"])
    assert not findings(pinned, kind=KIND.LETTER_REFERENCE)


@pytest.mark.parametrize(
    ("stem", "word"),
    [
        ("下列不属于行政处罚种类的是", "不属于"),
        ("关于听证，下列说法错误的是", "错误"),
        ("下列说法中不正确的有哪些", "不正确"),
        ("下列人员不得担任调解员的是", "不得"),
        ("除外", "除外"),
        ("下列情形，不适用简易程序的有", "不适用"),
        ("下列说法不正确的是（　）", "不正确"),
        ("关于听证，下列说法正确的是", None),
        ("行政机关作出不予许可决定，应当告知的是", None),
        ("当事人没有违法所得的，罚款上限是", None),
        ("市财政局巡查不合法的理由是", None),
        ("某人不服处罚决定，可以", None),
    ],
)
def test_negative_words(stem: str, word: str | None) -> None:
    """Only what is asked counts as negative, not a 不 among the facts."""
    assert negative_word(stem) == word


def test_negative_mark() -> None:
    """A negative question must be marked, a plain one must not."""
    stem = "下列不属于行政处罚种类的是"
    assert findings(plain(stem=stem), kind=KIND.NEGATIVE)
    assert not findings(plain(stem=stem, negative=True), kind=KIND.NEGATIVE)
    assert findings(plain(negative=True), kind=KIND.NEGATIVE)
    assert not findings(plain(), kind=KIND.NEGATIVE)


@pytest.mark.parametrize("mark", ["（B）", "( B )", "【B】"])
def test_key_in_the_stem(mark: str) -> None:
    """A key left in brackets blocks and is taken out; other brackets stay."""
    found = findings(plain(stem=f"告知当事人的内容是{mark}"), kind=KIND.KEY_IN_STEM)
    assert found[0].severity is Severity.BLOCKING
    assert found[0].mend == "告知当事人的内容是"
    assert not findings(plain(stem="甲（A）与乙的纠纷应当"), kind=KIND.KEY_IN_STEM)


def test_own_words_in_the_stem() -> None:
    """The stem should not hold the words of the key alone."""
    options = ["市场监督管理局", "生态环境主管部门", "应急管理部门"]
    told = plain(stem="生态环境主管部门检查时发现超标，处罚机关是", options=options)
    assert findings(told, kind=KIND.KEY_IN_STEM)
    both = plain(stem="生态环境主管部门会同应急管理部门检查，处罚机关是", options=options)
    assert not findings(both, kind=KIND.KEY_IN_STEM)


def test_long_key() -> None:
    """A key twice as long as every other option is noticed."""
    short, long = ["五日", "七日", "十日"], "自收到告知书之日起五个工作日内书面提出"
    assert findings(plain(options=[short[0], long, *short[1:]]), kind=KIND.LENGTH_CLUE)
    assert not findings(plain(options=[long, *short]), kind=KIND.LENGTH_CLUE)


def test_kind_and_question() -> None:
    """多选 must not ask for 哪一项, 单选 not for 哪些."""
    assert findings(plain(kind="多选", stem="应当公开的是哪一项"), kind=KIND.KIND)
    assert findings(plain(stem="应当公开的有哪些"), kind=KIND.KIND)
    assert not findings(plain(kind="多选", stem="应当公开的有哪些"), kind=KIND.KIND)


@pytest.mark.parametrize(
    ("stem", "mended"),
    [
        ("行政机关应当告知,当事人有权", "行政机关应当告知，当事人有权"),
        ("行政 机关应当告知", "行政机关应当告知"),
        ("罚款５０００元", "罚款5000元"),
        ('所称"重大"是指', "所称“重大”是指"),
        ("应当(依法)告知", "应当（依法）告知"),
        ("应当告知。。当事人", "应当告知。当事人"),
        ("应当&nbsp;告知<br>当事人", "应当告知当事人"),
        ("⾏政机关", "行政机关"),
        ("应当\u200b告知", "应当告知"),
        ("12. 应当告知的是", "应当告知的是"),
        ("应当告知的是（　）", "应当告知的是"),
        ("应当告知的是( )。", "应当告知的是"),
    ],
)
def test_typography(stem: str, mended: str) -> None:
    """What does not print well is found, with the text to put in its place."""
    found = findings(plain(stem=stem), kind=KIND.TYPOGRAPHY)
    assert mended in {f.mend for f in found}
    assert not findings(plain(stem=mended), kind=KIND.TYPOGRAPHY)


@pytest.mark.parametrize(
    "stem",
    [
        "上午8:00至12:00，罚款1,000元，税率2.5%",
        "甲说：“乙称‘是’。”",
        "办理（含（延期））",
        "满足1）、2）两项的",
        "PM2.5浓度（μg/m³）为",
    ],
)
def test_tidy_text_is_left_alone(stem: str) -> None:
    """Times, numbers, standards, nested quotes and numbered points are in order."""
    assert not findings(plain(stem=stem), kind=KIND.TYPOGRAPHY)


def test_unpaired_marks_and_garbage() -> None:
    """A quotation that never ends is a warning; characters lost in transcoding block."""
    assert findings(plain(stem="所称“重大是指"), kind=KIND.TYPOGRAPHY)
    lost = findings(plain(stem="行政机\ufffd应当"), kind=KIND.TYPOGRAPHY)
    assert lost[0].severity is Severity.BLOCKING


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("张某（11010519491231002X）", Severity.BLOCKING),
        ("卡号6222020000000000008", None),
        ("电话13800138000", Severity.WARNING),
        ("电话010-12345678", Severity.WARNING),
        ("邮箱someone@example.com", Severity.WARNING),
        ("编号110105194912310021", None),
        ("拨打12345热线", None),
        ("处罚决定书〔2026〕1234567号", None),
    ],
)
def test_sensitive_data(text: str, severity: Severity | None) -> None:
    """Valid identity numbers block, telephone numbers and mail warn, other numbers pass."""
    found = findings(plain(explanation=text), kind=KIND.SENSITIVE)
    assert [f.severity for f in found] == ([severity] if severity else [])
    assert all("1380013" not in str(f) and "1949123" not in str(f) for f in found)


def test_identity_number_of_the_standard() -> None:
    """GB 11643-1999 prints 11010519491231002X and 440524188001010014 as examples."""
    assert valid_identity("11010519491231002X")
    assert valid_identity("440524188001010014")
    assert not valid_identity("110105194912310021")


def test_findings_never_repeat_personal_data() -> None:
    """Numbers and addresses are hidden wherever a finding quotes the text."""
    text = "张某,11010519491231002X，13800138000，010-12345678，a.b@example.com,住某地,１"
    found = findings(plain(stem=text, explanation=text))
    shown = "".join(map(str, found))
    assert found
    assert not any(part in shown for part in ("1949", "1380", "12345678", "example"))
    assert masked("罚款5000元") == "罚款5000元"


def test_bank_cards() -> None:
    """4111111111111111 is the usual test number that passes the check digit; …112 does not."""
    assert findings(plain(explanation="卡号4111111111111111"), kind=KIND.SENSITIVE)
    assert not findings(plain(explanation="卡号4111111111111112"), kind=KIND.SENSITIVE)


def test_record() -> None:
    """Citation, explanation, source, subject and enemies are looked at."""
    assert findings(plain(citations=[]), kind=KIND.NO_CITATION)
    policy = plain(citations=[], basis="policy", source="某通知（2026年1月1日）")
    assert not findings(policy, kind=KIND.NO_CITATION)
    assert findings(policy.model_copy(update={"source": ""}), kind=KIND.SOURCE)
    assert not findings(policy, kind=KIND.SOURCE)
    assert findings(plain(explanation=""), kind=KIND.NO_EXPLANATION)
    assert findings(plain(subject="99"), kind=KIND.SUBJECT)
    assert findings(plain(enemies=["07-0001"]), kind=KIND.ENEMY)
