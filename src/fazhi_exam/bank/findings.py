"""What a review finds: one problem of one item, of several together, or of the whole bank."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters (严重程度), worst first."""

    BLOCKING = "blocking"
    WARNING = "warning"
    NOTE = "note"

    @property
    def chinese(self) -> str:
        """The word printed in reports."""
        return {"blocking": "必须处理", "warning": "建议处理", "note": "提示"}[self.value]


class FindingKind(StrEnum):
    """What is wrong (问题类别); the value is the word printed in reports."""

    KEY = "答案有误"
    KEY_EXPLAINED = "答案与解析不符"
    KIND = "题型与答案不符"
    DUPLICATE_OPTION = "选项重复"
    GLUED_OPTION = "选项粘连"
    ALL_ABOVE = "“以上皆是”类选项"
    LETTER_REFERENCE = "选项引用字母"
    NEGATIVE = "否定词未标注"
    KEY_IN_STEM = "题干泄露答案"
    LENGTH_CLUE = "答案过长"
    TYPOGRAPHY = "排印"
    SENSITIVE = "敏感信息"
    CITATION = "法条引用"
    NO_CITATION = "缺少法条引用"
    TO_VERIFY = "依据待核"
    SOURCE = "缺少来源"
    NO_EXPLANATION = "缺少解析"
    SUBJECT = "主题代码"
    CONTRADICTION = "答案互相矛盾"
    DUPLICATE = "重复题"
    NEAR_DUPLICATE = "近似题"
    CUE = "题目互相提示"
    ENEMY = "互斥题有误"
    CASE = "案例小题"
    LONGEST_KEY = "最长选项为答案"
    KEY_BALANCE = "答案分布不均"
    AGREEMENT = "与条文不一致"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem with its place, its reason and a way to mend it (体检发现).

    Parameters
    ----------
    severity
        Blocking findings must be dealt with before an exam.
    kind
        What is wrong.
    item_ids
        The items concerned, in id order; empty for the bank as a whole.
    field
        The part at fault, in Chinese: 题干, 选项B, 答案, 解析, 引用 …
    reason
        What was found and what was expected, in Chinese; personal data are masked.
    mend
        What to do, or the text to put in place, in Chinese; empty where only a person can tell.
    """

    severity: Severity
    kind: FindingKind
    item_ids: tuple[str, ...]
    field: str
    reason: str
    mend: str = ""

    @property
    def place(self) -> str:
        """Where it is: item ids and field, as printed."""
        who = "、".join(self.item_ids[:6]) or "整个题库"
        more = f"等 {len(self.item_ids)} 题" if len(self.item_ids) > 6 else ""
        return f"{who}{more}" + (f"（{self.field}）" if self.field else "")

    def __str__(self) -> str:
        mend = f"。建议：{self.mend}" if self.mend else ""
        return f"[{self.severity.chinese}] {self.place}：{self.kind.value}，{self.reason}{mend}"
