"""Lines of a question file, each put into the usual order and spelling."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from ...bank.item import LETTERS
from ..clean import clean_line
from ..words import KIND_WORDS
from .headings import ORDINALS, STEMS, section_of
from .kinds import INLINE_KIND

_STEM_HEAD = re.compile(rf"^\s*[{STEMS}]\s*[、.．]\s*\S{{2,14}}$")
_ORDINAL_NUMBER = re.compile(
    r"^\s*([一二三四五六七八九]?十?[一二三四五六七八九]?)\s*[、.．]\s*(\S.*)$"
)
_SOMEBODYS = r"(?:我|你|您|考生|学生|学员|用户|本人)的?(?:答案|作答)\s*[:：]"
_TAKEN = re.compile(
    rf"{_SOMEBODYS}\s*"
    r"(?:[A-Ha-h](?:[\s,，、;；]*[A-Ha-h])*(?![A-Za-z])|√|×|正确|错误|对|错|未作答|未答|无|空)?"
    r"(?:(?=\s|[,，;；。|]|$|正确答案|标准答案|参考答案|得分)[\s,，;；。|]*|"
    r"[^\n]{0,200}?(?=(?:正确|标准|参考)答案\s*[:：]))"
    r"(?:(?:得分|分数)\s*[:：]\s*\d{1,3}(?:\.\d)?\s*分?[\s,，;；。|]*)?"
)
_BRACKET_KEY = re.compile(
    r"(?:[（(]\s*((?:正确|标准|参考)?答案)\s*[:：]\s*([^()（）\n]{1,20}?)|"
    r"^\s*[（(]\s*((?:正确|标准|参考)?答案)\s*[:：]\s*(.{1,800}?))\s*[)）]\s*[。.]?$"
)
_TAKEN_SCORE = re.compile(
    r"[\s,，;；。|]*(?:得分\s*[:：]\s*\d{1,3}(?:\.\d{1,2})?\s*分?|(?<=\s)\d{1,3}(?:\.\d{1,2})?\s*分)\s*$"
)
_TAKEN_BEHIND = re.compile(rf"(?<=\s){_SOMEBODYS}")
_TAKEN_LINE = re.compile(rf"^\s*{_SOMEBODYS}(?!.*(?:正确|标准|参考)答案).+$")
_TAKEN_OPEN = re.compile(rf"^\s*{_SOMEBODYS}\s*$")
_KEY_FIRST = re.compile(
    r"^\s*((?:[（(【\[]\s*(?:[A-H][A-H\s,，、]*(?=\s*[)）】\]]\s*(?:第\s*)?\d{1,4}\s*[、.．:：题])|√|✓|✔|×|✗|✘|对|错|正确|错误|[TFXVxv]|)\s*[)）】\]])|[√✓✔×✗✘])"
    r"\s*((?:第\s*)?\d{1,4}\s*[、.．:：题]|[（(]\d{1,4}[)）]|\d{1,3}(?=\s*[\u4e00-\u9fff])(?!\s*[年月日个条款项人名次]))\s*"
)
_KIND_FIRST = re.compile(
    rf"^\s*([（(【\[〔]\s*(?:{KIND_WORDS}|[单多判填简])题?\s*[)）】\]〕])\s*((?:第\s*)?\d{{1,4}}\s*[、.．:：题])\s*"
)
_KEY_SECOND = re.compile(r"^(\s*\d{1,4}\s*[、.．:：)）]\s*)([√✓✔×✗✘])\s*(?=[\u4e00-\u9fff《“]{2})")
_ASKS = re.compile(r"^\s*(?:问|问题|请问|试问)\s*[:：]\s*(?=[（(]?\s*1\s*[)）.．、])")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_OF_ALL = re.compile(rf"^\s*(\d{{1,4}})\s*/\s*\d{{1,4}}\s+({KIND_WORDS})题(.*)$")
_KIND_NUMBER = re.compile(rf"^\s*({KIND_WORDS})题?\s*(\d{{1,3}})\s*[、.．:：]?\s+(\S.*)$")
_KIND_SIGNS = frozenset(word[0] for word in KIND_WORDS.split("|"))
_ASKED_NUMBER = re.compile(rf"^问([{ORDINALS[:9]}])\s*[:：]\s*(.+)$")
_FIELD_IN_BRACKETS = re.compile(
    r"^(.{0,200}?)[（(【\[]\s*((?:难度|难易度|难易程度|考点|知识点|来源|章节)\s*[:：]\s*[^（()）】\]]{1,20}?)\s*[)）】\]]\s*(.*)$"
)
_WORTH_TAG = re.compile(r"^\s*[【\[]\s*\d{1,3}\s*分题\s*[】\]]\s*(?=\S{4})")
_ANSWER_TAG = re.compile(r"^\s*[（(]\s*答\s*[)）]\s*[:：]?\s*")
_BUTTONS = "○●□■☐◯◎"
_CHOICE = re.compile(r"^[○●□■☐◯◎]\s*(?![A-H]\s*[.．、:：])\S.{0,200}$")
_LIST_ITEM = re.compile(r"^\s*[-*]\s+(?=[A-H](?:[\s.．、:：)）]))")
_SPACED = re.compile(r"^([【\[]?)([答解])\s+([案析])\s*(?=[:：】\]])")
_BUTTON = re.compile(r"^\s*[○●□■☐◯◎]\s*(?=[A-H]\s*[.．、:：])")
_REQUIRED = re.compile(r"([】\])）])\s*\*\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file.

    Parameters
    ----------
    number
        From 1.
    text, raw
        Cleaned, and as it stands in the file.
    ruled
        Underlined words in order.
    marked
        Pieces that stand out by colour, shade or weight.
    """

    number: int
    text: str
    raw: str
    ruled: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()

    @property
    def all_marked(self) -> bool:
        """Whether the whole line stands out."""
        whole = "".join(self.text.split())
        return bool(whole) and "".join("".join(self.marked).split()) == whole


def lines_of(texts: Iterable[str]) -> list[Line]:
    """Number and clean lines; empty ones are kept since they separate questions."""  # noqa: D401
    lines = [Line(number, _prepared(clean_line(raw)), raw) for number, raw in enumerate(texts, 1)]
    return _by_circles(_by_ordinals(_lettered(_upright(lines))))


def _lettered(lines: list[Line]) -> list[Line]:
    """Give letters to options that stand under each other behind buttons, ``○5月4日``."""
    out = list(lines)
    run: list[int] = []
    for place, line in enumerate([*lines, Line(0, "", "")]):
        if line.text[:1] in _BUTTONS and _CHOICE.match(line.text):
            run.append(place)
            continue
        if 2 <= len(run) <= len(LETTERS):
            for letter, at in zip(LETTERS, run, strict=False):
                out[at] = replace(out[at], text=f"{letter}. {out[at].text.lstrip(_BUTTONS)}")
        run = []
    return out


def _by_circles(lines: list[Line]) -> list[Line]:
    """Give questions Arabic numbers where ①②③ count them: each has lines of its own under it."""
    found = [
        place for place, line in enumerate(lines) if line.text[:1] and line.text[0] in _CIRCLED
    ]
    values = [_CIRCLED.index(lines[place].text[0]) for place in found]
    apart = sum(b - a > 1 for a, b in pairwise(found))
    rising = values[:1] == [0] and all(a < b for a, b in pairwise(values))
    if len(found) < 5 or not rising or apart < 0.9 * (len(found) - 1):
        return lines
    out = list(lines)
    for place, value in zip(found, values, strict=True):
        out[place] = replace(
            out[place], text=f"{value + 1}、{out[place].text[1:].lstrip(' 、.．')}"
        )
    return out


def _by_ordinals(lines: list[Line]) -> list[Line]:
    """Give questions Arabic numbers where 甲、乙、丙 head the sections and 一、二、 count them."""
    heads = [line for line in lines if _STEM_HEAD.match(line.text)]
    if len(heads) < 2 or not any(section_of(line.text) for line in heads):
        return lines
    return [
        replace(line, text=f"{_chinese(found[1])}、{found[2]}")
        if (found := _ORDINAL_NUMBER.match(line.text)) else line
        for line in lines
    ]  # fmt: skip


def _chinese(ordinal: str) -> int:
    """Return the value of 一 to 九十九."""
    tens, ten, ones = ordinal.rpartition("十")
    value = ORDINALS.index(ones) + 1 if ones else 0
    return value + (10 * (ORDINALS.index(tens) + 1 if tens else 1) if ten else 0)


def _prepared(text: str) -> str:
    """Put what a line begins with into the usual order and spelling."""
    head = text.lstrip()[:1]
    if head in "→⇒➜►▶>＞":
        text = text.lstrip(" \t→⇒➜►▶>＞")
        head = text[:1]
    if head in "-*" and (found := _LIST_ITEM.match(text)):
        text = text[found.end() :]
    if "：" in text or ":" in text:
        text = _FIELD_IN_BRACKETS.sub(r"\1\3 \2", text)
    if head in "【[（(":
        text = _WORTH_TAG.sub("【问答】", _ANSWER_TAG.sub("答：", text))
    if head in _CIRCLED and INLINE_KIND.match(text.lstrip()[1:]):
        text = f"{_CIRCLED.index(head) + 1}、{text.lstrip()[1:]}"
    elif head.isdigit() and (found := _OF_ALL.match(text)):
        text = f"第{found[1]}题【{found[2]}】{found[3]}"
    elif head in _KIND_SIGNS and (found := _KIND_NUMBER.match(text)):
        text = f"{found[2]}、【{found[1]}】{found[3]}"
    if not opens_taken(text) and not is_taken(text):
        text = key_first(without_taken(text))
    if text[:1] in "问请试":
        asked = _ASKS.sub("", text)
        if found := _ASKED_NUMBER.match(asked):
            return f"{ORDINALS.index(found[1]) + 1}、{found[2]}"
        return f"【问答】{asked[2:]}" if asked[:2] in ("问：", "问:") and len(asked) > 6 else asked
    if text[:1] in _BUTTONS:
        return _BUTTON.sub("", text)
    if text[-1:] == "*":
        text = _REQUIRED.sub(r"\1", text)
    return _SPACED.sub(r"\1\2\3", text) if text[:1] in "答解【[" else text


_ALONE = re.compile(
    r"^\s*(?:([A-H])\s*[.．、]?|(\d{1,4})\s*[.．、]?|((?:正确|标准|参考)?答案)\s*[:：]?)\s*$"
)


def _upright(lines: list[Line]) -> list[Line]:
    """Join a number, a letter or 答案 alone on its line with the next one.

    Pages copied from practice programs have them; files without such letters stay as they are.
    """
    alone = [_ALONE.match(line.text) for line in lines]
    letters = [one[1] for one in alone if one and one[1]]
    if letters.count("A") < 2 or letters.count("B") < 2:
        return lines
    out: list[Line] = []
    held: Line | None = None
    for line, one in zip(lines, alone, strict=True):
        keyed = held is not None and "答案" in held.text
        lettered = held is not None and held.text.strip()[:1] in "ABCDEFGH"
        figure = one is not None and line.text.strip()[:1].isdigit()
        joins = one is None or keyed or (lettered and figure)
        if held is not None and line.text.strip() and joins:
            sign = "：" if keyed else ". " if lettered else "、"
            text = f"{held.text.strip(' .．、:：')}{sign}{line.text.strip()}"
            out.append(Line(held.number, text, f"{held.raw}\n{line.raw}", line.ruled))
            held = None
        elif one is not None:
            out += [held] if held is not None else []
            held = line
        else:
            out.append(line)
    return [*out, held] if held is not None else out


def without_taken(text: str) -> str:
    """Drop what somebody answered, 我的答案：A 得分：0, and the bracket of （答案：C）."""
    if "答案" in text and (behind := _TAKEN_BEHIND.search(text)):
        before = text[: behind.start()].rstrip()
        if "答案" in before:
            return before
    if ("答案" not in text and "作答" not in text) or not (found := _TAKEN.search(text)):
        if "答案" not in text or not (found_key := _BRACKET_KEY.search(text)):
            return text
        label, key = (part for part in found_key.groups() if part)
        return f"{text[: found_key.start()]} {label}：{key}"
    return _TAKEN_SCORE.sub("", text[: found.start()] + text[found.end() :])


def key_first(text: str) -> str:
    """Put the number before a key that stands in front of it: ``（√）1、`` → ``1、（√）``."""
    if found := _KEY_SECOND.match(text):
        return f"{found[1]}（{found[2]}）{text[found.end() :]}"
    if text[:1] not in "（(【[ \t√✓✔×✗✘":
        return text
    if found := _KEY_FIRST.match(text):
        mark = found[1] if found[1][0] in "（(【[" else f"（{found[1]}）"
        number = found[2] if not found[2].isdigit() else f"{found[2]}、"
        if re.search("[A-H]", mark):  # at the end, so that it is taken for no option
            return f"{number}{text[found.end() :]} 答案：{mark.strip('（()）【】[] ')}"
        return f"{number}{mark}{text[found.end() :]}"
    if found := _KIND_FIRST.match(text):
        return f"{found[2]}{found[1]}{text[found.end() :]}"
    return text


def opens_taken(text: str) -> bool:
    """Whether 我的答案： stands alone, over what somebody answered."""
    return text[-1:] in ":：" and bool(_TAKEN_OPEN.match(text))


def is_taken(text: str) -> bool:
    """Whether a line says nothing but what somebody answered: 你的答案：10 ✘."""
    return "答案" in text[:8] and bool(_TAKEN_LINE.match(text))
