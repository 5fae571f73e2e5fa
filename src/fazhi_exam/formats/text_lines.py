"""What each line of a question file is: heading, question, label, answer table, furniture."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..bank.item import ItemKind
from .clean import clean_line
from .words import KIND_WORDS, kind_of

_CN = "一二三四五六七八九十百"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_STEM_HEAD = re.compile(rf"^\s*[{_STEMS}]\s*[、.．]\s*\S{{2,14}}$")
_ORDINAL_NUMBER = re.compile(
    r"^\s*([一二三四五六七八九]?十?[一二三四五六七八九]?)\s*[、.．]\s*(\S.*)$"
)
_ORDINAL = (
    rf"(?:[（(]?[{_CN}]{{1,4}}[)）]?\s*[、.．:：)）\s]?\s*|第[{_CN}\d]{{1,3}}[部大]?[分题类章节]?[、.．:：\s]*|"
    rf"[IVX]{{1,4}}[、.．]\s*|[{_STEMS}]\s*[、.．]\s*|\d{{1,2}}[、.．]\s*|[★☆◆◇●○◎■□▲△▶►❖※*#=\-—\s]+)?"
)
_SECTION = re.compile(
    rf"^{_ORDINAL}[【\[（(]?\s*(?:[^。？?：:（(]{{0,10}}?)({KIND_WORDS}|选择|案例|材料分析)"
    r"(?:分析|抢答|必答|正误|对错)?(?:试?题(?:库|型)?)?(?:部分)?\s*[】\])）]?\s*(?P<rest>(?:[（(【:：，,。\[—-].*|共.*|每.*|答案.*|(?:对|错|正确|错误)的?[写打画填].*)?)$"
)
_SECTION_TAIL = re.compile(
    rf"^(?:第[{_CN}\d]{{1,3}}部分|[{_CN}]{{1,3}}\s*[、.．])\s*[^。？?：:（(]{{0,20}}题[（(]({KIND_WORDS})题?[)）](?P<rest>)$"
)
_BARE_SECTION = re.compile(
    rf"^(?:[（(]?[{_CN}]{{1,3}}[)）]?\s*[、.．:：)）\s]\s*|[（(][{_CN}]{{1,3}}[)）]\s*|第[{_CN}\d]{{1,3}}部分[、.．:：\s]*)"
    rf"(?:{KIND_WORDS}|选择)(?:对错|正误|改错|选择)?\s*[:：]?$"
)
_TAKEN = re.compile(
    r"(?:我|你|您|考生|学生|学员|用户|本人)的?(?:答案|作答)\s*[:：]\s*"
    r"(?:[A-Ha-h](?:[\s,，、;；]*[A-Ha-h])*(?![A-Za-z])|√|×|正确|错误|对|错|未作答|未答|无|空)?"
    r"(?:(?=\s|[,，;；。|]|$|正确答案|标准答案|参考答案|得分)[\s,，;；。|]*|"
    r"[^\n]{0,200}?(?=(?:正确|标准|参考)答案\s*[:：]))"
    r"(?:(?:得分|分数)\s*[:：]\s*\d{1,3}(?:\.\d)?\s*分?[\s,，;；。|]*)?"
)
_BRACKET_KEY = re.compile(
    r"[（(]\s*((?:正确|标准|参考)?答案)\s*[:：]\s*([^()（）\n]{1,20}?)\s*[)）]\s*[。.]?$"
)
_TAKEN_SCORE = re.compile(
    r"[\s,，;；。|]*(?:得分\s*[:：]\s*\d{1,3}(?:\.\d{1,2})?\s*分?|(?<=\s)\d{1,3}(?:\.\d{1,2})?\s*分)\s*$"
)
_TAKEN_BEHIND = re.compile(r"(?<=\s)(?:我|你|您|考生|学生|学员|用户|本人)的?(?:答案|作答)\s*[:：]")
_TAKEN_LINE = re.compile(
    r"^\s*(?:我|你|您|考生|学生|学员|用户|本人)的?(?:答案|作答)\s*[:：](?!.*(?:正确|标准|参考)答案).+$"
)
_TAKEN_OPEN = re.compile(r"^\s*(?:我|你|您|考生|学生|学员|用户|本人)的?(?:答案|作答)\s*[:：]\s*$")
_INLINE_KIND = re.compile(
    rf"^\s*(?:[【\[（(〔]\s*)({KIND_WORDS}|选择|案例)(?:题)?\s*(?:[，,、/]?\s*\d{{1,3}}(?:\.\d)?\s*分)?\s*(?:[】\])）〕])\s*[:：.、]?\s*"
)
_TAG_ONLY = re.compile(
    rf"^第\s*\d{{1,4}}\s*题\s*[（(【\[]?\s*(?:{KIND_WORDS})题?[^。？?]{{0,12}}$|^(?:\d{{1,4}}\s*[.．、])?\s*[（(【\[]\s*(?:{KIND_WORDS})题?\s*[，,、/]?\s*\d{{1,3}}(?:\.\d)?\s*分\s*[)）】\]]$"
)
_END_KIND = re.compile(
    rf"[【\[（(〔]\s*({KIND_WORDS})(?:题)?\s*[】\])）〕](?=\s*(?:[（(]\s*[)）])?\s*[。.]?\s*(?:\n|$|[A-H][.．、]))"
)
_TAG_LINE = re.compile(
    rf"^\s*({KIND_WORDS})题\s*(?:[（(]\s*\d{{1,3}}(?:\.\d)?\s*分\s*[)）])?\s*(?:\n|$)"
)
_PLAIN_KIND = re.compile(rf"^\s*({KIND_WORDS})(?:题\s*[:：.、]|\s*[:：])\s*(?=\S)")
_ANSWERS = re.compile(
    rf"^{_ORDINAL}[【\[（(]?\s*(?![A-H][.．、])[^。？?：:，,个只每选]{{0,30}}?(?:参考|标准|正确|试题|试卷)?答案(?:[及与和]?(?:解析|评分(?:标准|参考|说明|细则|要点)|阅卷说明|说明|详解))?"
    r"(?:部分|表|汇总|页|如下|速查|一览)?\s*[】\])）]?\s*(?:[（(](?![A-H√×对错\s、,，]+[)）])[^（()）]{0,20}[)）])?\s*[:：]?\s*$"
)
QUESTION = re.compile(
    r"^\s*(?:第\s*(\d{1,4})\s*[题问](?!目)\s*[、.．:：)）]?|题目?\s*(\d{1,4})\s*[、.．:：)）]|问题\s*(\d{1,2})(?=\s*[:：、.．（(【])\s*[:：、.．]?|(\d{1,4})\s*号\s*(?:题\s*)?[、.．:：]|[Qq]\s?(\d{1,4})\s*[、.．:：)）]|"
    r"[（(【\[]\s*(?P<bracketed>\d{1,4})\s*[)）】\]]\s*[、.．:：]?|(\d{1,4})\s*[、.．:：)）](?!\d)|(\d{1,4})\s+(?!年|月\s?\d|日\s?\d)(?=[\u4e00-\u9fff《“（(【])|"
    r"(\d{1,4})(?=[《“【])|(\d{1,4})\s?。|(\d{1,3})(?=[\u4e00-\u9fff])(?![年月日个条款项人名次种天元万亿级届倍周岁小分]))\s*"
)
_KEY_FIRST = re.compile(
    r"^\s*((?:[（(【\[]\s*(?:[A-H][A-H\s,，、]*(?=\s*[)）】\]]\s*(?:第\s*)?\d{1,4}\s*[、.．:：题])|√|✓|✔|×|✗|✘|对|错|正确|错误|[TFXVxv]|)\s*[)）】\]])|[√✓✔×✗✘])"
    r"\s*((?:第\s*)?\d{1,4}\s*[、.．:：题]|[（(]\d{1,4}[)）]|\d{1,3}(?=\s*[\u4e00-\u9fff])(?!\s*[年月日个条款项人名次]))\s*"
)
_KIND_FIRST = re.compile(
    rf"^\s*([（(【\[〔]\s*(?:{KIND_WORDS})题?\s*[)）】\]〕])\s*((?:第\s*)?\d{{1,4}}\s*[、.．:：题])\s*"
)
_KEY_SECOND = re.compile(r"^(\s*\d{1,4}\s*[、.．:：)）]\s*)([√✓✔×✗✘])\s*(?=[\u4e00-\u9fff《“]{2})")
_ASKS = re.compile(r"^\s*(?:问|问题|请问|试问)\s*[:：]\s*(?=[（(]?\s*1\s*[)）.．、])")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_OF_ALL = re.compile(rf"^\s*(\d{{1,4}})\s*/\s*\d{{1,4}}\s+((?:{KIND_WORDS})题.*)$")
_KIND_NUMBER = re.compile(rf"^\s*({KIND_WORDS})题?\s*(\d{{1,3}})\s*[、.．:：]?\s+(\S.*)$")
_KIND_SIGNS = frozenset(word[0] for word in KIND_WORDS.split("|"))
_ASKED_NUMBER = re.compile(rf"^问([{_CN[:9]}])\s*[:：]\s*(.+)$")
_SPACED = re.compile(r"^([答解])\s+([案析])\s*(?=[:：】\]])")
_DIVIDER = re.compile(r"^\s*[-—=＝*~·#+]{3,}([^-—=＝*~·#+]{1,40})[-—=＝*~·#+]{3,}\s*$")
_OPTION_LINE = re.compile(r"^\s*[（(]?[A-Ha-h]\s*[)）.．、:：]")
_SITE_LIST = re.compile(
    r"^\s*[【\[]?(?:热门|热点|相关|推荐|最新|本周|猜你喜欢|延伸|友情)(?:排行|推荐|阅读|文章|试题|资讯|新闻|链接|下载|搜索)?[】\]]?[:：]?\s*$"
)
_SUBHEADING = re.compile(
    r"^\s*(?:第\s*[一二三四五六七八九十\d]{1,3}\s*(?:周|期|讲|课|章|节|单元|环节|部分|篇|天|套|组|轮|模块|专题|类|编)"
    r"(?![一-鿿]{0,2}第)(?:[\s:：、（(].{0,40})?|附(?:件|录)?\s*[\d一二三]?\s*[:：].{2,40}|[【\[][^】\]]{1,12}题[】\]]|"
    r"\d{1,3}\s*分题|\d{1,2}月\d{1,2}日(?:\s*[（(]?(?:星期|周)[一二三四五六日天][)）]?)?|"
    r"[■◆★▲▶❖]\s*(?!正确|错误)[^。？?，,；;]{2,24}|(?:附加|加分|备用|选做|必做|必答|抢答|风险|互动|热身)题|(?:专题|模块|单元|板块)\s*[一二三四五六七八九十\d]{1,3}(?:[\s:：、].{0,30})?)$"
)
_ROUND = re.compile(
    rf"^(?:[{_CN}]{{1,3}}\s*[、.．]\s*[^。？?，,]{{2,14}}题|(?:附加|加分|备用|选做|必做|必答|抢答|风险|互动)题)\s*(?:[（(][^（()）]{{0,50}}[)）])?$"
)
_NOTICE = re.compile(
    r"^\s*(?:[一-鿿]{0,4}(?:注意事项|须知|要求|规则|说明))\s*[:：]|^\s*(?:注意事项|考生须知|答题须知)\s*$"
)
_PAPER_TITLE = re.compile(
    r"(?:考试|测试|测验|竞赛|练习|试卷|试题|题库|习题|自测)(?:题|卷)?(?:[（(].{1,12}[)）])?$"
)
_OPENED = re.compile(r"[（(【\[][^)）】\]]*$")
_ORNAMENT = " \t-—━─═=＝*~·#+★☆◆◇■□●○◎▲△▶►❖※"
_SIGNED = re.compile(
    r"^(?:\D{2,30}(?:局|厅|部|办|办公室|委员会|委|中心|股|科|处|所|院|队|组|学校|党校|单位|政府)|"
    r"(?:日期[:：])?\s*[二〇○零一三四五六七八九十\d]{4}\s*年.{0,12}|(?:全文|试题|试卷)?(?:完|结束|到此为止)|"
    r"(?:阅卷|评卷|批阅|审核|复核|命题|出题|制卷|校对|整理|拟稿|审定|编印|编辑)(?:人|组|教师|老师)?"
    r"(?:签名|签字|说明)?[:：].{0,60}|(?:汇编|整理)?完\s*[-—=＝*~·#+★☆◆◇■□●○◎▲△▶►❖※]+.{0,20}|"
    r"[（(](?!.*《)[^（()）]{1,50}[)）]|(?:下周|下期|下次|导出|共计|合计|总计|以上(?:题目|试题|为)).{0,40}|)$"
)
_ASKED = re.compile(r"_{2,}|＿|[？?]\s*$|[)）】\]]\s*[^（(【\[]{6,}。\s*$")
_KIND = re.compile(KIND_WORDS)
_NUMBERED_KIND = re.compile(
    rf"^[{_CN}{_STEMS}]{{1,3}}\s*[、.．:：\s]\s*[^。？?，,（(]{{0,4}}(?:{KIND_WORDS}|案例)[^。？?，,（(]{{0,4}}(?:[（(].*)?$"
)
_BARE_KIND = re.compile(rf"^(?:{KIND_WORDS}|选择)(?:对错|正误)?\s*[:：]?$")
_TITLE = re.compile(r"[带含及和与有无].{0,4}答案|答案.{0,4}[版卷]")  # a title: 练习题（带答案）
_CASE = re.compile(
    rf"^\s*(?:[（(]?[{_CN}\d]{{0,3}}[)）]?[、.．]?\s*)?[【\[（(]?\s*(?:案例|案情|材料|资料|背景材料|情景|情境|事例|案例材料|案情简介|基本案情)"
    rf"\s*(?:分析)?(?:题)?\s*([{_CN}\d]{{0,3}})\s*(?:[（(][^（()）]{{0,24}}[)）]\s*[:：]?\s*$|[】\]）)]\s*[:：]?|[:：、.．](?!\s*$)|[:：]\s*$|\s*$|\s+(?=\S))"
)
_CASE_ORDINAL = re.compile(rf"^\s*[（(]?([{_CN}]{{1,2}})[)）、.．]\s*(.{{30,}})$", re.DOTALL)
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
_FURNITURE = re.compile(
    r"浏览次数|【字体|字体\s*[:：]|责任编辑|上一篇|下一篇|版权所有|版权归|打印本页|关闭窗口|分享到|ICP备|扫一扫|"
    r"关注[^。]{0,8}公众号|点击[查数]|共\s*\d+\s*页|发布时间|更新时间|来源[丨|]|文章来源|本文档由|本站|下载地址|"
    r"收藏本|返回顶部|网站地图|主办单位|免费下载|密\s*封\s*线|考试时间[:：]|答题时间|©|"
    r"收藏[\s|]*(?:纠错|分享|笔记)|上一页|下一页|编辑推荐"
)
_FURNITURE_START = re.compile(
    r"\s*(?:https?://|www\.|第\s*\d+\s*页|[-—–]\s*\d{1,4}\s*[-—–]\s*$|\d{1,4}\s*/\s*\d{1,4}\s*$|"
    r"[（(](?:以下|下面|以上|本部分|注[:：])[^（()）]{2,40}[)）]\s*$|"
    r"(?:以下|下面)(?:几|[\d一二三四五六七八九十两]+)?[道个]?题?(?:是|为|由|从|系|摘自|选自).{2,30}$|"
    r"\d{1,3}(?:\.\d)?\s*分\s*$|得\s*分|评卷人|阅卷人|姓\s*名[:：_\s]|单\s*位[:：_\s]|准考证号|注意事项|Copyright)"
)


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


def lines_of(texts: Iterable[str]) -> list[Line]:
    """Number and clean lines; empty ones are kept since they separate questions."""  # noqa: D401
    lines = [Line(number, _prepared(clean_line(raw)), raw) for number, raw in enumerate(texts, 1)]
    return _by_ordinals(_upright(lines))


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
    value = _CN.index(ones) + 1 if ones else 0
    return value + (10 * (_CN.index(tens) + 1 if tens else 1) if ten else 0)


def _prepared(text: str) -> str:
    """Put what a line begins with into the usual order and spelling."""
    head = text.lstrip()[:1]
    if head in _CIRCLED and _INLINE_KIND.match(text.lstrip()[1:]):
        text = f"{_CIRCLED.index(head) + 1}、{text.lstrip()[1:]}"
    elif head.isdigit() and (found := _OF_ALL.match(text)):
        text = f"{found[1]}、{found[2]}"
    elif head in _KIND_SIGNS and (found := _KIND_NUMBER.match(text)):
        text = f"{found[2]}、【{found[1]}】{found[3]}"
    if not opens_taken(text) and not is_taken(text):
        text = key_first(without_taken(text))
    if text[:1] in "问请试":
        asked = _ASKS.sub("", text)
        if found := _ASKED_NUMBER.match(asked):
            return f"{_CN.index(found[1]) + 1}、{found[2]}"
        return f"【问答】{asked[2:]}" if asked[:2] in ("问：", "问:") and len(asked) > 6 else asked
    return _SPACED.sub(r"\1\2", text) if text[:1] in "答解" else text


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
        return _BRACKET_KEY.sub(r" \1：\2", text) if "答案" in text else text
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


def section_of(text: str) -> Section | None:
    """Return the section a line opens, or None."""
    line = text.strip(_ORNAMENT)
    if _TAG_ONLY.match(line):
        return None  # 9. (单选题, 2.0分) stands over one question
    named = "题" in line or "部分" in line or line.startswith(("【", "["))
    named = named or _NUMBERED_KIND.match(line) is not None
    if not 2 <= len(line) <= 160 or not named:
        if len(line) <= 16 and (_BARE_SECTION.match(line) or _BARE_KIND.match(line)):
            return Section(line, None if line.rstrip(":： ").endswith("、选择") else kind_of(line))
        if not (2 < len(line) <= 20 and line[0] in _CN and "案例" in line):
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
    points = _EACH.search(line)
    mapped = _TRUTH_MAP.search(line)
    return Section(
        line,
        None if word in ("选择", "案例", "材料分析", "案例分析") else kind_of(word),
        points[1] if points else "",
        None if not mapped else mapped[1] in ("正确", "对", "√"),
        found[1] in ("案例", "材料分析", "案例分析"),
    )


def truth_map(text: str) -> bool | None:
    """Return what a sentence such as “A为错误，B为正确” says of A, or None."""
    mapped = _TRUTH_MAP.search(text)
    return None if not mapped else mapped[1] in ("正确", "对", "√")


def inline_kind(stem: str) -> tuple[str, str]:
    """Take ``【单选题】`` or ``（判断）`` from the ends of a stem: kind word and the rest."""
    if found := _INLINE_KIND.match(stem) or _PLAIN_KIND.match(stem) or _TAG_LINE.match(stem):
        return found[1], stem[found.end() :]
    if found := _END_KIND.search(stem):
        return found[1], stem[: found.start()] + stem[found.end() :]
    return "", stem


def begins_with_kind(text: str) -> bool:
    """Whether a line begins a question with its kind, 【单选】…; a mere heading does not."""
    found = _INLINE_KIND.match(text)
    return found is not None and (len(text) - found.end() > 4 or _TAG_ONLY.match(text) is not None)


def is_answers_heading(text: str) -> bool:
    """Whether a line opens the answers at the end: 参考答案, 附：标准答案及解析."""
    line = text.strip(_ORNAMENT)
    place = line.find("答案")
    if place < 0 or len(line) > 40 or _TITLE.search(line):
        return False
    remark = _OPENED.search(line, 2, place)  # 判断题（括号内为答案）
    return remark is None and bool(_ANSWERS.match(line))


def is_rule(text: str) -> bool:
    """Whether a line is drawn: -----, ====, or _____ to write on."""
    return len(text) >= 5 and not text.strip(" -—━─═=＝*~·#_＿.…")


def divider(text: str) -> str:
    """Return the words of a line such as ``-----以下由党校提供-----``; empty for others."""
    found = _DIVIDER.match(text) if text[:1] in _ORNAMENT else None
    return found[1].strip() if found else ""


def is_round(text: str) -> bool:
    """Whether a heading names a kind of question that is no kind: 四、风险题（每题20分）."""
    return bool(_ROUND.match(text))


def is_subheading(text: str) -> bool:
    """Whether a line is the heading of a part that says nothing of kinds: 第2周 行政许可法."""
    if len(text) > 60 or text[-1:] in "。？?；;":
        return False
    if is_round(text):
        return True
    return (text[-1:] not in "）)" or text[:1] == "附") and bool(_SUBHEADING.match(text))


def is_title(text: str) -> bool:
    """Whether a line reads like the title of a paper: 2023年度法律知识测试（A卷）."""
    return 6 <= len(text) <= 50 and bool(_PAPER_TITLE.search(text))


def opens_taken(text: str) -> bool:
    """Whether 我的答案： stands alone, over what somebody answered."""
    return text[-1:] in ":：" and bool(_TAKEN_OPEN.match(text))


def is_taken(text: str) -> bool:
    """Whether a line says nothing but what somebody answered: 你的答案：10 ✘."""
    return "答案" in text[:8] and bool(_TAKEN_LINE.match(text))


def opens_notice(text: str) -> bool:
    """Whether a line opens notices to candidates: 注意事项：1.…."""
    return bool(_NOTICE.match(text))


def signature_start(lines: Sequence[Line]) -> int:
    """Return where the closing lines of a file begin: who made it, the date, 完."""
    end = len(lines)
    signed = False
    for place in range(end - 1, max(-1, end - 40), -1):
        if _OPTION_LINE.match(lines[place].text):
            break
        if _SITE_LIST.match(lines[place].text):
            end, signed = place, True
    while end and (
        not lines[end - 1].text.strip()
        or _is_signature(lines[end - 1])
        or is_title(lines[end - 1].text.strip())
        or is_furniture(lines[end - 1].text.strip())
    ):
        end -= 1
        signed = signed or bool(lines[end].text.strip())
    return end if signed else len(lines)


def _is_signature(line: Line) -> bool:
    text = line.text.strip(_ORNAMENT)
    if len(text) <= 50 and _SIGNED.match(text):
        return True
    indent = len(line.raw) - len(line.raw.lstrip())
    listed = _OPTION_LINE.match(text) or text[:1].isdigit() or text[:1] in "（(√×"
    return indent >= 6 and len(text) <= 40 and text[-1:] not in "。；;" and not listed


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


def is_furniture(text: str) -> bool:
    """Whether a line belongs to the web page or the printed sheet, not to the questions."""
    option = text[:1] in "ABCDEFGH" and text[1:2] in tuple(".．、:：)） ")
    if option or len(text) >= 120:
        return False
    return bool(_FURNITURE_START.match(text) or _FURNITURE.search(text))
