"""Items with exactly one thing wrong, and banks made of them."""

from datetime import date

from fazhi_exam.bank import Finding, FindingKind, Item, QuestionBank, review
from tests.examples import item

DAY = date(2026, 12, 10)
STEMS = (
    "行政机关在作出行政处罚决定之前应当告知当事人的内容是",
    "当事人对罚款决定不服申请复议的期限是",
    "适用简易程序可以当场收缴罚款的情形是",
    "公民申请法律援助时应当提交的材料是",
    "政府采购合同公告的法定时间是",
    "村务监督机构成员的产生方式是",
)


def plain(number: int = 1, kind: str = "单选", **fields: object) -> Item:
    """One item without fault: its words are shared with no other."""
    stem = STEMS[number % len(STEMS)]
    if kind == "填空":
        stem = f"第{number}类事项应当在＿＿内报告，逾期罚款＿＿。"
    written: dict[str, object] = {"stem": stem}
    if kind in ("单选", "多选", "不定项"):
        written["options"] = [f"{text}{number}号" for text in ("事实", "理由依据", "权利", "期限")]
    return item(f"07-{number:04d}", kind, **(written | fields))


def findings(*items: Item, kind: FindingKind | None = None) -> tuple[Finding, ...]:
    """What a review of these items finds, of one kind if given."""
    found = review(QuestionBank(items), on=DAY)
    return found.findings if kind is None else found.of(kind)
