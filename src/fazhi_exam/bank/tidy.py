"""Typography of Chinese questions: what to change so that a text prints well (排印)."""

import re
import unicodedata

_HAN = "\u3400-\u9fff"
_OPEN_MARKS = "“‘（《【〈「『"
_PAIRS = {
    "”": "“",
    "’": "‘",
    "）": "（",
    "》": "《",
    "】": "【",
    "〉": "〈",
    "」": "「",
    "』": "『",
}
_HALF = str.maketrans(",;:?!", "，；：？！")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f]")
_SUSPICIOUS = re.compile(
    rf"[{_INVISIBLE.pattern[1:-1]}\u00a0\u2e80-\u2fdf\uf900-\ufaff０-９Ａ-Ｚａ-ｚ\"\ufffd]"
    rf"|\s|[,;:?!()]|\.(?!\d)|&[a-z]+;|</?[a-z]+|[。，；：、]{{2}}"
)
_ENTITIES = {"&nbsp;": " ", "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
_MARKUP = re.compile(r"</?(?:p|br|span|div|b|i|u|font|strong|em)\b[^<>]{0,80}>")
_SPACES = re.compile("[ \\t\u00a0\u3000]+")
_BESIDE = re.compile(rf"[{_HAN}，。；：、？！“”（）《》]")
_EMPTY_BLANK = re.compile(r"[（(]\s*[）)]")
_HALF_MARK = re.compile(rf"(?<=[{_HAN}”’》）])[,;:?!]|[,;?!](?=[{_HAN}“‘《（])")
_FULL_STOP = re.compile(rf"(?<=[{_HAN}”》）])\.(?=$|[{_HAN}“《\s])")
_HALF_BRACKET = re.compile(rf"\(([^()]{{0,200}}?[{_HAN}][^()]{{0,200}})\)")
_REPEATED = re.compile(r"([，；：、。])\1+")
_FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ]+")
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_STRAIGHT = re.compile('"([^"]*)"')
_RADICAL_SUPPLEMENT = str.maketrans(
    "⺠⻓⻔⻋⻅⻉⻚⻛⻜⻢⻥⻦⻨⻩⻬⻮⻰", "民长门车见贝页风飞马鱼鸟麦黄齐齿龙"
)
_BLANK = "（　）"


def tidy(text: str) -> str:
    """Return the text as it should be printed; a tidy text comes back unchanged.

    Half-width punctuation among Chinese characters becomes full-width, full-width digits and
    letters become ASCII, straight quotes become pairs, stray spaces, invisible characters, web
    markup and Kangxi radicals are removed or replaced. Words are never changed.
    """
    if _SUSPICIOUS.search(text) is None:
        return text
    mended = text
    for entity, char in _ENTITIES.items():
        mended = mended.replace(entity, char)
    mended = _MARKUP.sub("", _INVISIBLE.sub("", mended))
    mended = _RADICAL.sub(lambda m: unicodedata.normalize("NFKC", m.group()), mended)
    mended = mended.translate(_RADICAL_SUPPLEMENT)
    mended = _FULL_WIDTH.sub(lambda m: unicodedata.normalize("NFKC", m.group()), mended)
    mended = _EMPTY_BLANK.sub("\x00", mended)
    mended = _STRAIGHT.sub(r"“\1”", mended) if _chinese(mended) else mended
    mended = _HALF_BRACKET.sub(r"（\1）", mended)
    mended = _HALF_MARK.sub(lambda m: m.group().translate(_HALF), mended)
    mended = _FULL_STOP.sub("。", _REPEATED.sub(r"\1", mended))
    mended = "\n".join(_SPACES.sub(_space, line).strip() for line in mended.splitlines())
    return mended.replace("\x00", _BLANK)


def _space(hit: re.Match[str]) -> str:
    """Drop spaces beside Chinese characters and marks, keep others as they are."""
    line, before, after = hit.string, hit.start() - 1, hit.end()
    chinese = (before >= 0 and _BESIDE.match(line[before])) or (
        after < len(line) and _BESIDE.match(line[after])
    )
    return "" if chinese else hit.group()


def what_changed(before: str, after: str) -> str:
    """Say in Chinese which kinds of marks `tidy` changed."""
    tests = (
        ("多余的空格", lambda t: len(re.findall(r"[ \t\u00a0\u3000]", t))),
        ("不可见字符", lambda t: len(_INVISIBLE.findall(t))),
        ("全角数字或字母", lambda t: len(_FULL_WIDTH.findall(t))),
        ("半角标点", lambda t: len(re.findall(r"[,;:?!().]", t))),
        ("直引号", lambda t: t.count('"')),
        ("重复的标点", lambda t: len(_REPEATED.findall(t))),
        ("部首或兼容字", lambda t: len(_RADICAL.findall(t))),
        ("网页标记", lambda t: len(_MARKUP.findall(t)) + t.count("&")),
    )
    found = [name for name, count in tests if count(before) > count(after)]
    return "、".join(found) or "标点"


def unpaired(text: str) -> str:
    """Return the quotation marks and brackets without a partner, each once, in order."""
    waiting: list[str] = []
    alone: list[str] = []
    for char in text:
        if char in _OPEN_MARKS:
            waiting.append(char)
        elif char in _PAIRS:
            if waiting and waiting[-1] == _PAIRS[char]:
                waiting.pop()
            elif not (char == "）" and not waiting):
                alone.append(char)
            elif not re.search(r"[（(]?[0-9一二三四五六七八九十]{1,3}）", text):
                alone.append(char)  # 1） is a way to number points
    return "".join(dict.fromkeys([*alone, *waiting]))


def _chinese(text: str) -> bool:
    return re.search(f"[{_HAN}]", text) is not None
