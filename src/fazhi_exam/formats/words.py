"""Words for kinds, keys, bands and levels as people write them, and what they mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..bank.item import LETTERS, Band, ItemKind, Level
from ..bank.subjects import SUBJECTS

_KINDS: Mapping[str, ItemKind] = {
    "单项选择": ItemKind.SINGLE, "单选": ItemKind.SINGLE, "单项": ItemKind.SINGLE,
    "多项选择": ItemKind.MULTIPLE, "多选": ItemKind.MULTIPLE, "多项": ItemKind.MULTIPLE,
    "不定项选择": ItemKind.INDEFINITE, "不定项": ItemKind.INDEFINITE,
    "任意选择": ItemKind.INDEFINITE, "任选": ItemKind.INDEFINITE,
    "判断改错": ItemKind.TRUE_FALSE, "判断": ItemKind.TRUE_FALSE, "是非": ItemKind.TRUE_FALSE,
    "正误": ItemKind.TRUE_FALSE, "对错": ItemKind.TRUE_FALSE,
    "填空": ItemKind.BLANK, "填充": ItemKind.BLANK,
    "简答": ItemKind.SHORT, "问答": ItemKind.SHORT, "名词解释": ItemKind.SHORT,
    "简述": ItemKind.SHORT, "主观": ItemKind.SHORT, "案例分析": ItemKind.SHORT,
    "思考": ItemKind.SHORT, "辨析": ItemKind.SHORT, "填一填": ItemKind.BLANK,
    "判一判": ItemKind.TRUE_FALSE, "辨一辨": ItemKind.TRUE_FALSE, "答一答": ItemKind.SHORT,
    "想一想": ItemKind.SHORT, "说一说": ItemKind.SHORT, "议一议": ItemKind.SHORT,
    "论述": ItemKind.ESSAY, "写作": ItemKind.ESSAY, "作文": ItemKind.ESSAY,
}  # fmt: skip
_ENGLISH: Mapping[str, ItemKind] = {
    "single": ItemKind.SINGLE, "singlechoice": ItemKind.SINGLE, "radio": ItemKind.SINGLE,
    "mcq": ItemKind.SINGLE, "multiple": ItemKind.MULTIPLE, "multiplechoice": ItemKind.MULTIPLE,
    "multi": ItemKind.MULTIPLE, "checkbox": ItemKind.MULTIPLE, "judge": ItemKind.TRUE_FALSE,
    "judgment": ItemKind.TRUE_FALSE, "judgement": ItemKind.TRUE_FALSE, "bool": ItemKind.TRUE_FALSE,
    "truefalse": ItemKind.TRUE_FALSE, "tf": ItemKind.TRUE_FALSE, "fill": ItemKind.BLANK,
    "blank": ItemKind.BLANK, "completion": ItemKind.BLANK, "short": ItemKind.SHORT,
    "shortanswer": ItemKind.SHORT, "essay": ItemKind.ESSAY,
}  # fmt: skip
_SHORT = {"单": ItemKind.SINGLE, "多": ItemKind.MULTIPLE, "判": ItemKind.TRUE_FALSE,
          "填": ItemKind.BLANK, "简": ItemKind.SHORT, "问": ItemKind.SHORT}  # fmt: skip
KIND_WORDS = "|".join(sorted(_KINDS, key=len, reverse=True))
"""Alternatives for a regular expression, longest first."""

_BANDS: Mapping[str, Band] = {
    "易": Band.EASY, "容易": Band.EASY, "简单": Band.EASY, "低": Band.EASY, "easy": Band.EASY,
    "较易": Band.FAIRLY_EASY, "较容易": Band.FAIRLY_EASY, "较简单": Band.FAIRLY_EASY,
    "中": Band.MIDDLE, "中等": Band.MIDDLE, "一般": Band.MIDDLE, "适中": Band.MIDDLE,
    "普通": Band.MIDDLE, "medium": Band.MIDDLE, "normal": Band.MIDDLE,
    "较难": Band.FAIRLY_HARD, "中难": Band.FAIRLY_HARD, "偏难": Band.FAIRLY_HARD,
    "难": Band.HARD, "困难": Band.HARD, "很难": Band.HARD, "高": Band.HARD, "hard": Band.HARD,
}  # fmt: skip
_LEVELS: Mapping[str, Level] = {
    "识记": Level.RECALL, "记忆": Level.RECALL, "了解": Level.RECALL, "知道": Level.RECALL,
    "理解": Level.UNDERSTAND, "领会": Level.UNDERSTAND, "熟悉": Level.UNDERSTAND,
    "应用": Level.APPLY, "运用": Level.APPLY, "掌握": Level.APPLY,
    "分析": Level.ANALYSE, "综合": Level.ANALYSE, "评价": Level.ANALYSE,
}  # fmt: skip
TRUE_WORDS = frozenset("√ ✓ ✔ ☑ 对 正确 T TRUE 是 V Y YES RIGHT CORRECT".split())
FALSE_WORDS = frozenset("× ✗ ✘ ☒ ╳ X 错 错误 F FALSE 否 N NO WRONG 不正确 不对 ⅹ Х".split())
_NAMELY = re.compile(
    r"[,，]\s*即\s*([A-H]{2,8})$|^(?:以上)?(?:全选|都选|全对|皆是)[（(]\s*([A-H]{2,8})$"
)
_TAIL = re.compile(r"[\s。；;，,.．、]+$")
_OUTER = re.compile(r"^[（(【\[《“\"'\s:：]+|[）)】\]》”\"'\s]+$")
_GAPS = r"[\s,，、;；.。/|和及与&+]*"
_LETTERS_ONLY = re.compile(rf"^[A-H](?:{_GAPS}[A-H])*$")
_WITH_TEXT = re.compile(r"^([A-H](?:[,，、;；\s]{0,2}[A-H]){0,7})\s*[:：]\s*\S")
_RANGE = re.compile(r"^([A-H])\s*(?:-+|–|—+|~|～|至|到)\s*([A-H])$")
_ALL = re.compile(
    r"^(?:以上)?(?:全选|全部(?:都?选|正确)?|都选|全对|以上(?:全部|都|皆)(?:正确|是|对)?)$"
)


@dataclass(frozen=True, slots=True)
class KeyText:
    """What a written key can mean.

    Parameters
    ----------
    letters
        ``"ABD"``; ``"*"`` for every option; empty when it is no letters.
    truth
        True or False when it can be the answer of a true/false question, else None.
    text
        The key as written, outer brackets dropped.
    """

    letters: str = ""
    truth: bool | None = None
    text: str = ""

    @property
    def plain(self) -> bool:
        """Whether it is letters or a truth value, not words."""
        return bool(self.letters) or self.truth is not None


def read_key(written: str) -> KeyText:
    """Read a key: ``ABD``, ``A,B、D``, ``A-D``, ``全选``, ``√``, ``错误`` or words."""
    text = _OUTER.sub("", _TAIL.sub("", written.strip()))
    text = _TAIL.sub("", _OUTER.sub("", text)).strip("?？ ")
    if text[:1] in "选故" and len(text) > 1:
        text = re.sub(r"^故?选(?:项|择)?[:：\s]*(?=[A-Ha-h])", "", text)
    if found := _WITH_TEXT.match(text) or _NAMELY.search(text):
        text = next(part for part in found.groups() if part)
    upper = text.upper()
    truth = True if upper in TRUE_WORDS else False if upper in FALSE_WORDS else None
    letters = ""
    if found := _RANGE.match(upper):
        first, last = LETTERS.index(found[1]), LETTERS.index(found[2])
        letters = LETTERS[first : last + 1]
    elif _ALL.match(text):
        letters = "*"
    elif _LETTERS_ONLY.match(upper) and (text == upper or text == text.lower()):
        letters = "".join(sorted(set(re.sub(r"[^A-H]", "", upper))))
    return KeyText(letters, truth, text)


def kind_of(written: str) -> ItemKind | None:
    """Return the kind a word stands for, or None."""
    flat = re.sub(r"[\s_\-]", "", written)
    if not flat:
        return None
    if flat in _SHORT:
        return _SHORT[flat]
    if flat.lower() in _ENGLISH:
        return _ENGLISH[flat.lower()]
    for word in sorted(_KINDS, key=len, reverse=True):
        if word in flat:
            return _KINDS[word]
    return None


def band_of(written: str) -> Band | None:
    """Return the difficulty band of a word, of 1 to 5, or of a share right such as 0.65."""
    flat = written.strip().lower().removesuffix("难度").removesuffix("题").strip()
    if flat in _BANDS:
        return _BANDS[flat]
    bands = tuple(Band)
    if flat in ("1", "2", "3", "4", "5"):
        return bands[int(flat) - 1]
    try:
        share = float(flat)
    except ValueError:
        return None
    if not 0 < share < 1:
        return None
    return next((b for b, low in zip(bands, (0.85, 0.7, 0.5, 0.3), strict=False) if share >= low),
                Band.HARD)  # fmt: skip


def level_of(written: str) -> Level | None:
    """Return the cognitive level of a word, or None."""
    return _LEVELS.get(written.strip())


def subject_code(written: str) -> str:
    """Return the code of a subject given by code, name, or both; other texts are kept."""
    text = written.strip()
    code = text.split()[0].upper() if text else ""
    if code in SUBJECTS:
        return code
    if code.isdigit() and code.zfill(2) in SUBJECTS:
        return code.zfill(2)
    return next((c for c, name in SUBJECTS.items() if name == text), text)
