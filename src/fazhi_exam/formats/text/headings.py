"""Headings: of sections, shared stimuli and answers; and the numbers of questions."""

import re
from dataclasses import dataclass

from ...bank.item import ItemKind
from ..words import KIND_WORDS, kind_of
from .kinds import TAG_ONLY

ORDINALS = "一二三四五六七八九十百"
STEMS = "甲乙丙丁戊己庚辛壬癸"
_ORDINAL = (
    rf"(?:[（(]?[{ORDINALS}]{{1,4}}[)）]?\s*[、.．:：)）\s]?\s*|第[{ORDINALS}\d]{{1,3}}[部大]?[分题类章节]?[、.．:：\s]*|"
    rf"[IVX]{{1,4}}[、.．]\s*|[{STEMS}]\s*[、.．]\s*|\d{{1,2}}[、.．]\s*|[★☆◆◇●○◎■□▲△▶►❖※*#=\-—\s]+)?"
)
_SECTION = re.compile(
    rf"^{_ORDINAL}[【\[（(]?\s*(?:[^。？?：:（(]{{0,10}}?)({KIND_WORDS}|选择|案例|材料分析|材料(?=题))"
    r"(?:分析|抢答|必答|正误|对错)?(?:试?题(?:库|型)?)?(?:部分)?\s*[】\])）]?\s*(?P<rest>(?:[（(【:：，,。\[—-].*|共.*|每.*|答案.*|(?:对|错|正确|错误)的?[写打画填].*)?)$"
)
_SECTION_TAIL = re.compile(
    rf"^(?:第[{ORDINALS}\d]{{1,3}}(?:部分|环节|轮|章|节|单元|组)|[{ORDINALS}]{{1,3}}\s*[、.．\s])\s*"
    rf"[^。？?：:（(]{{0,20}}(?:题|选择)\s*[（(]({KIND_WORDS})[^（()）]*[)）](?P<rest>)$"
)
_BARE_SECTION = re.compile(
    rf"^(?:[（(]?[{ORDINALS}]{{1,3}}[)）]?\s*[、.．:：)）\s]\s*|[（(][{ORDINALS}]{{1,3}}[)）]\s*|第[{ORDINALS}\d]{{1,3}}部分[、.．:：\s]*)"
    rf"(?:{KIND_WORDS}|选择)(?:对错|正误|改错|选择)?\s*[:：]?$"
)
_ANSWERS = re.compile(
    rf"^{_ORDINAL}[【\[（(]?\s*(?![A-H][.．、])[^。？?：:，,个只每选]{{0,30}}?(?:参考|标准|正确|试题|试卷)?答案(?:[及与和]?(?:解析|评分(?:标准|参考|说明|细则|要点)|阅卷说明|说明|详解))?"
    r"(?:部分|表|汇总|页|如下|速查|一览)?\s*[】\])）]?\s*(?:[（(](?![A-H√×对错\s、,，]+[)）])[^（()）]{0,20}[)）])?\s*[:：]?\s*$"
)
QUESTION = re.compile(
    r"^\s*(?:[（(【\[]?\s*第\s*(\d{1,4})\s*[题问](?!目)\s*[)）】\]]?\s*[、.．:：)）]?|题目?\s*(\d{1,4})\s*[、.．:：)）]|问题\s*(\d{1,2})(?=\s*[:：、.．（(【])\s*[:：、.．]?|(\d{1,4})\s*号\s*(?:题\s*)?[、.．:：]|[Qq]\s?(\d{1,4})\s*[、.．:：)）]|"
    r"[（(【\[]\s*(?P<bracketed>\d{1,4})\s*[)）】\]]\s*[、.．:：]?|(\d{1,4})\s*[、.．:：)）](?!\d)|(\d{1,4})\s+(?!年|月\s?\d|日\s?\d)(?=[\u4e00-\u9fff《“（(【])|"
    r"(\d{1,4})(?=[《“【])|(\d{1,4})\s?。|(\d{1,3})(?=[\u4e00-\u9fff])(?![年月日个条款项人名次种天元万亿级届倍周岁小分]))\s*"
)
_SUBHEADING = re.compile(
    r"^\s*(?:第\s*[一二三四五六七八九十\d]{1,3}\s*(?:周|期|讲|课|章|节|单元|环节|部分|篇|天|套|组|轮|模块|专题|类|编)"
    r"(?![一-鿿]{0,2}第)(?:[\s:：、（(].{0,40})?|附(?:件|录)?\s*[\d一二三]?\s*[:：].{2,40}|[【\[][^】\]]{1,12}题[】\]]|"
    r"[【\[](?!.{0,6}[案问材题选答解依析考])[^】\]]{2,14}[】\]]\s*(?:[（(][^（()）]{0,30}[)）])?|"
    r"\d{1,3}\s*分题|\d{1,2}月\d{1,2}日(?:\s*[（(]?(?:星期|周)[一二三四五六日天][)）]?)?"
    r"(?:\s+案例[^。？?]{0,30})?|"
    r"[■◆★▲▶❖]\s*(?!正确|错误)[^。？?，,；;]{2,24}|(?:附加|加分|备用|选做|必做|必答|抢答|风险|互动|热身)题|(?:专题|模块|单元|板块)\s*[一二三四五六七八九十\d]{1,3}(?:[\s:：、].{0,30})?)$"
)
_STATUTES = re.compile(r"^(?:《[^《》]{2,40}》[、和及\s]*){1,4}$")
_ROUND = re.compile(
    rf"^(?:[{ORDINALS}]{{1,3}}\s*[、.．]\s*[^。？?，,]{{2,14}}题|(?:附加|加分|备用|选做|必做|必答|抢答|风险|互动)题)\s*(?:[（(][^（()）]{{0,50}}[)）])?$"
)
_OPENED = re.compile(r"[（(【\[][^)）】\]]*$")
_CASES = ("案例", "案例分析", "材料", "材料分析")
ORNAMENT = " \t-—━─═=＝*~·#+★☆◆◇■□●○◎▲△▶►❖※"
_ASKED = re.compile(r"_{2,}|＿|[？?]\s*$|[)）】\]]\s*[^（(【\[]{6,}。\s*$")
_KIND = re.compile(KIND_WORDS)
_NUMBERED_KIND = re.compile(
    rf"^[{ORDINALS}{STEMS}]{{1,3}}\s*[、.．:：\s]\s*[^。？?，,（(]{{0,4}}(?:{KIND_WORDS}|案例|选择)[^。？?，,（(]{{0,4}}(?:[（(].*|\s(?:对|错|正确|错误)的.*)?$"
)
_BARE_KIND = re.compile(
    rf"^(?:{KIND_WORDS}|选择)(?:对错|正误)?(?:[，,、和]\s*(?:{KIND_WORDS}))*\s*[:：]?$"
)
_TITLE = re.compile(r"[带含及和与有无].{0,4}答案|答案.{0,4}[版卷]")  # a title: 练习题（带答案）
_CASE = re.compile(
    rf"^\s*(?:[（(]?[{ORDINALS}\d]{{0,3}}[)）]?[、.．]?\s*)?[【\[（(]?\s*(?:案例|案情|材料|资料|背景材料|情景|情境|事例|案例材料|案情简介|基本案情)"
    rf"\s*(?:分析)?(?:题)?\s*([{ORDINALS}\d]{{0,3}})\s*(?:[（(][^（()）]{{0,24}}[)）]\s*[:：]?\s*$|[】\]）)]\s*[:：]?|[:：、.．](?!\s*$)|[:：]\s*$|\s*$|\s+(?=\S))"
)
_CASE_ORDINAL = re.compile(rf"^\s*[（(]?([{ORDINALS}]{{1,2}})[)）、.．]\s*(.{{30,}})$", re.DOTALL)
_BOOK_TITLE = re.compile(r"(?:汇编|题库|[习试练]题|试卷|练习|题集|选编|题)$")
_CASE_RANGE = re.compile(
    r"(?:(?:根据|阅读|依据|结合|针对)(?:以下|下列|下面|上述|如下)?[^。]{0,12}?(?:材料|案例|案情|资料|情形|事实)[^。]{0,10}?|^\s*请?)"
    r"(?:回答|完成|解答|作答)(?:下列|以下)?[^。\d]{0,4}第?\s*(\d{1,4})\s*(?:题)?\s*(?:[-~—–至到、和]+)\s*第?\s*(\d{1,4})\s*(?:小?题)?"
)
_TRUTH_MAP = re.compile(
    r"A\s*[.．、:：]?\s*(?:表示|代表|为|是|选)?\s*[“\"]?(正确|对|√|错误|错|×)[”\"]?[,，、;；\s]*B\s*[.．、:：]?"
    r"\s*(?:表示|代表|为|是|选)?\s*[“\"]?(正确|对|√|错误|错|×)"
)
_EACH = re.compile(r"每(?:小?题|空|道)?\s*(?:小题)?\s*(\d{1,3}(?:\.\d)?)\s*分")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading that says what the questions under it are.

    Parameters
    ----------
    title
        As written.
    kind
        None for 选择题 and 案例, where the answer tells.
    points
        Of each question, or empty.
    a_is_true
        What the letter A means in true/false questions here; None when it is not said.
    cases
        Whether questions here stand under shared stimuli.
    """

    title: str = ""
    kind: ItemKind | None = None
    points: str = ""
    a_is_true: bool | None = None
    cases: bool = False


def section_of(text: str) -> Section | None:
    """Return the section a line opens, or None."""
    line = text.strip(ORNAMENT)
    if TAG_ONLY.match(line):
        return None  # 9. (单选题, 2.0分) stands over one question
    named = "题" in line or "部分" in line or line.startswith(("【", "["))
    named = named or _NUMBERED_KIND.match(line) is not None
    if not 2 <= len(line) <= 160 or not named:
        if len(line) <= 16 and (_BARE_SECTION.match(line) or _BARE_KIND.match(line)):
            return Section(line, None if line.rstrip(":： ").endswith("、选择") else kind_of(line))
        if not (2 < len(line) <= 20 and line[0] in ORDINALS and "案例" in line):
            return None
    found = _SECTION.match(line) or _SECTION_TAIL.match(line)
    if not found or re.search(r"[（(]\s*[)）]\s*[。.]?$", line):
        return None
    rest = found["rest"]
    if rest[:1] in "，,。" and len(line) > 60:
        return None
    if rest[:1] in ":：" and len(rest) > 3 and not re.search(r"每|共|分|下列|请|正确|答案", rest):
        return None  # 单选题：题干 … is a question with its kind
    if rest and rest[0] in "（(【[" and not re.search(r"[)）】\]]\s*[:：。]?\s*\S{0,30}$", rest):
        return None
    if _ASKED.search(rest):
        return None  # 11.【填空题】（1分）每年的____为国家宪法日。
    if len({kind_of(one) for one in _KIND.findall(line.partition("（")[0])} - {None}) > 1:
        return Section(line, None, points[1] if (points := _EACH.search(line)) else "")
    word = "不定项" if found[1] in ("案例", "案例分析") and "不定项" in rest else found[1]
    if word == "选择" and (told := _KIND.match(rest.lstrip("（([【"))):
        word = told[0]
    points = _EACH.search(line)
    mapped = _TRUTH_MAP.search(line)
    return Section(
        line,
        None if word in ("选择", *_CASES) else kind_of(word),
        points[1] if points else "",
        None if not mapped else mapped[1] in ("正确", "对", "√"),
        found[1] in _CASES,
    )


def truth_map(text: str) -> bool | None:
    """Return what a sentence such as “A为错误，B为正确” says of A, or None."""
    mapped = _TRUTH_MAP.search(text)
    return None if not mapped else mapped[1] in ("正确", "对", "√")


def is_answers_heading(text: str) -> bool:
    """Whether a line opens the answers at the end: 参考答案, 附：标准答案及解析."""
    line = text.strip(ORNAMENT)
    place = line.find("答案")
    if place < 0 or len(line) > 40 or _TITLE.search(line):
        return False
    remark = _OPENED.search(line, 2, place)  # 判断题（括号内为答案）
    return remark is None and bool(_ANSWERS.match(line))


def is_statutes(text: str) -> bool:
    """Whether a line holds names of statutes and nothing else, as heads of parts do."""
    return text[:1] == "《" and bool(_STATUTES.match(text))


def is_round(text: str) -> bool:
    """Whether a heading names a kind of question that is no kind: 四、风险题（每题20分）."""
    return bool(_ROUND.match(text))


def is_subheading(text: str) -> bool:
    """Whether a line is the heading of a part that says nothing of kinds: 第2周 行政许可法."""
    if len(text) > 60 or text[-1:] in "。？?；;":
        return False
    if is_round(text):
        return True
    bare = text.strip(ORNAMENT)
    if text[-1:] in "）)" and bare[:1] not in "附【[第":
        return False
    return bool(_SUBHEADING.match(text) or _SUBHEADING.match(bare))


def question_number(text: str) -> tuple[str, str, bool] | None:
    """Return number, the rest of the line and whether the number stands in brackets."""
    found = QUESTION.match(text)
    if not found:
        return None
    number = next(group for group in found.groups() if group)
    return number, text[found.end() :], found["bracketed"] is not None


def case_heading(text: str) -> tuple[str, str] | None:
    """Return title and the rest of a line that opens a shared stimulus, or None."""
    found = _CASE.match(text) if len(text) < 4000 else None
    if not found:
        return None
    title, rest = text[: found.end()].strip(" 【】[]（）():：、.．"), text[found.end() :].strip()
    return None if len(rest) < 24 and _BOOK_TITLE.search(rest) else (title, rest)


def case_ordinal(text: str) -> tuple[str, str] | None:
    """Return ordinal and text of ``（二）乙公司未取得排污许可证…``, or None."""
    found = _CASE_ORDINAL.match(text)
    return (found[1], found[2]) if found else None


def case_range(text: str) -> tuple[int, int] | None:
    """Return first and last number of 根据以下材料，回答第 3 至 5 题, or None."""
    if "题" not in text:
        return None
    found = _CASE_RANGE.search(text)
    return (int(found[1]), int(found[2])) if found else None


def after_case_range(text: str) -> str:
    """Return what follows the sentence 根据以下材料，回答第 3 至 5 题."""
    found = _CASE_RANGE.search(text)
    return text[found.end() :].lstrip("。.：:）)】 ") if found else text
