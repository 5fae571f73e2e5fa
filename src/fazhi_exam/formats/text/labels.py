"""Labels inside the text of a question: 答案：, 【解析】, 难度：, and what they name."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

_WORDS: tuple[tuple[str, str], ...] = (
    ("key", "[|正确|标准|参考|本题|此题|该题|试题|题目|查看|显示]答案[|是|为|选] 正确选项 填 "
            "[|参考|标准]答案要点 [|参考|答题|作答]要点 Answer answer ANSWER Key key 答"),
    ("explanation", "[|答案|试题|考点|参考|名师|题目|本题][解析|详解|分析|解释|说明|点评|解答] "
                    "理由 改正 按 注 简析 评析 简评 释义 解读 点拨 批语 评语 "
                    "评分[标准|细则|要点|说明|参考] "
                    "Explanation explanation Feedback feedback"),
    ("citation", "[|法律|法规|法条|答案|出题|考查|命题|引用|条款|条文|相关]"
                 "[依据|法条|出处|来源法规][|法条|条款|链接]"),
    ("points", "分值 分数 本题分值 满分 得分[|点]分值"),
    ("band", "难度[|系数|等级|级别|值] 难易[|程度|度]"),
    ("level", "能力层次 认知层次 能力要求 层次"),
    ("kind", "题型 题目类型 试题类型 类型"),
    ("topic", "知识点 考点 考查点 所属章节 章节 科目 分类 主题 考核点 命题点"),
    ("tags", "标签 关键词"),
    ("source", "来源 题目来源 试题来源"),
    ("stem", "题干 题目 试题 问题"),
    ("options", "选项 备选项 备选答案"),
    ("id", "编号 题号 试题编号"),
)  # fmt: skip


def _spelled(words: str) -> Iterator[str]:
    """Write out ``[|正确]答案``: every choice of the alternatives in brackets."""
    for word in words.split():
        parts = [part.split("|") for part in re.split(r"[\[\]]", word) if part]
        yield from ("".join(choice) for choice in product(*parts))


_NAMES = {word: name for name, words in reversed(_WORDS) for word in _spelled(words)}
_LENGTHS = {
    last: sorted({len(word) for word in _NAMES if word[-1] == last}, reverse=True)
    for last in {word[-1] for word in _NAMES}
}
KEY_SIGNS = frozenset(word[0] for word, name in _NAMES.items() if name == "key")
"""What a label of a key begins with."""
_SIGN = re.compile(r"[:：】\]〕]")
_AFTER_BRACKET = re.compile(r"\s*[:：]?")
_BEFORE = frozenset("。；;.．）)】]！!，,√×对错ABCDEFGH")
_OWN_KEY = re.compile(r"(?:正确|参考|标准)?答案$")
_KEY_BEHIND = re.compile(r"\s*(?=[（(【\[]?\s*[A-H√×对错])")
_LOOSE_KEY = re.compile(
    r"^[ \t]*(?:(?:正确|标准|参考)答案|答案|正确选项)[ \t]*(?:是|为|[；;，,、.．])?"
    r"[ \t]*(?=[A-H√×✓✗对错(（ \t])|"
    r"^[ \t]*(?:(?:正确|标准|参考)答案|答案)[ \t]*$|^[ \t]*(?:正确|标准|参考)答案[ \t]+(?=\S)|"
    r"^[ \t]*(?:故|应)?选(?:择|项)?[ \t]*[:：]?[ \t]*(?=[A-H](?:[ \t,，、]*[A-H])*[ \t。.]*$)",
    re.MULTILINE,
)
_LOOSE_END = re.compile(
    r"(?:(?<=[。？?！!）)])[ \t]*|(?<=[ \t]))(?:(?:正确|标准|参考)答案|答案)[ \t]*"
    r"(?=(?:[A-H]{1,8}|√|×|对|错|正确|错误)[ \t。]*$)",
    re.MULTILINE,
)


@lru_cache(maxsize=2048)  # each line is looked at by several rules
def find_labels(block: str) -> tuple[tuple[str, int, int], ...]:
    """Find labels such as 答案： and 【解析】 in a question: name, start, end."""
    found = list(_signed(block))
    if "答案" in block or "选" in block:
        taken = {start for _, start, _ in found}
        found += [("key", one.start(), one.end())
                  for loose in (_LOOSE_KEY, _LOOSE_END) for one in loose.finditer(block)
                  if not any(one.start() <= start < one.end() + 1 for start in taken)]  # fmt: skip
    return tuple(sorted(found, key=lambda label: label[1]))


def _signed(block: str) -> Iterator[tuple[str, int, int]]:
    """Labels that end in a colon or stand in brackets; a word is looked for before each sign."""
    done = 0
    for sign in _SIGN.finditer(block):
        if sign.start() < done:
            continue
        label = _before_sign(block, done, sign.start())
        if label is not None:
            yield label
            done = label[2]


def _before_sign(block: str, done: int, place: int) -> tuple[str, int, int] | None:
    """Return the label whose colon or closing bracket stands at a place, or None."""
    end = place
    while end > done and block[end - 1].isspace():
        end -= 1
    if end == done or block[end - 1] not in _LENGTHS:
        return None
    bracket = block[place] not in ":："
    for length in _LENGTHS[block[end - 1]]:
        start = end - length
        name = _NAMES.get(block[start:end]) if start >= done else None
        if name is None:
            continue
        begin = _opening(block, done, start) if bracket else start
        begin = None if begin is None else _border(block, done, begin)
        if begin is not None:
            after = _AFTER_BRACKET.match(block, place + 1) if bracket else None
            return name, begin, after.end() if after else place + 1
    if not bracket and (own := _OWN_KEY.search(block, done, end)):
        behind = _KEY_BEHIND.match(block, place + 1)
        if behind:
            return "key", own.start(), behind.end()
    return None


def _opening(block: str, done: int, start: int) -> int | None:
    """Return the place of the bracket that opens before a word, or None."""
    while start > done and block[start - 1].isspace():
        start -= 1
    return start - 1 if start > done and block[start - 1] in "【[〔" else None


def _border(block: str, done: int, begin: int) -> int | None:
    """Return where a label begins, blanks before it taken along; None inside other words."""
    blank = begin
    while blank > done and block[blank - 1] in " \t":
        blank -= 1
    if blank == 0 or block[blank - 1] in _BEFORE or block[blank - 1].isspace():
        return blank
    return blank + 1 if blank < begin else None
