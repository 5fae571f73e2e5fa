"""What belongs to the sheet or the web page, not to the questions: titles, notices, signatures."""

import re
from collections import Counter
from collections.abc import Sequence

from .headings import ORNAMENT, question_number, section_of
from .labels import find_labels
from .lines import Line

_DIVIDER = re.compile(r"^\s*[-—=＝*~·#+]{3,}([^-—=＝*~·#+]{1,40})[-—=＝*~·#+]{3,}\s*$")
_OPTION_LINE = re.compile(r"^\s*[（(]?[A-Ha-h]\s*[)）.．、:：]")
_SITE_LIST = re.compile(
    r"^\s*[【\[]?(?:热门|热点|相关|推荐|最新|本周|猜你喜欢|延伸|友情)(?:排行|推荐|阅读|文章|试题|资讯|新闻|链接|下载|搜索)?[】\]]?[:：]?\s*$"
)
_NOTICE = re.compile(
    r"^\s*(?:[一-鿿]{0,4}(?:注意事项|须知|要求|规则|说明))\s*[:：]|^\s*(?:注意事项|考生须知|答题须知)\s*$"
)
_PAPER_TITLE = re.compile(
    r"(?:考试|测试|测验|竞赛|练习|试卷|试题|题库|习题|自测)(?:题|卷)?(?:[（(].{1,12}[)）])?\s*(?:导出|汇总|汇编|下载|资料|集锦|大全)?$"
)
_SIGNED = re.compile(
    r"^(?:\D{2,30}(?:局|厅|部|办|办公室|委员会|委|中心|股|科|处|所|院|队|组|学校|党校|单位|政府)|"
    r"(?:日期[:：])?\s*[二〇○零一三四五六七八九十\d]{4}\s*年.{0,12}|(?:全文|试题|试卷)?(?:完|结束|到此为止)|"
    r"(?:阅卷|评卷|批阅|审核|复核|命题|出题|制卷|校对|整理|拟稿|审定|编印|编辑)(?:人|组|教师|老师)?"
    r"(?:签名|签字|说明)?[:：].{0,60}|(?:汇编|整理)?完\s*[-—=＝*~·#+★☆◆◇■□●○◎▲△▶►❖※]+.{0,20}|"
    r"[（(](?!.*《)[^（()）]{1,50}[)）]|祝.{2,20}|(?:下周|下期|下次|导出|共计|合计|总计|以上(?:题目|试题|为)).{0,40}|)$"
)
_FURNITURE = re.compile(
    r"浏览次数|【字体|字体\s*[:：]|责任编辑|上一篇|下一篇|版权所有|版权归|打印本页|关闭窗口|分享到|ICP备|扫一扫|"
    r"关注[^。]{0,8}公众号|点击[查数]|共\s*\d+\s*页|发布时间|更新时间|来源[丨|]|文章来源|本文档由|本站|下载地址|"
    r"收藏本|返回顶部|网站地图|主办单位|免费下载|密\s*封\s*线|考试时间[:：]|答题时间|©|"
    r"收藏[\s|]*(?:纠错|分享|笔记)|上一页|下一页|编辑推荐|"
    r"\[(?:抱拳|玫瑰|握手|微笑|合十|爱心|强|OK)\]\s*$"
)
_FURNITURE_START = re.compile(
    r"\s*(?:https?://|www\.|第\s*\d+\s*页|[-—–]\s*\d{1,4}\s*[-—–]\s*$|\d{1,4}\s*/\s*\d{1,4}\s*$|"
    r"[（(](?:以下|下面|以上|本部分|注[:：])[^（()）]{2,40}[)）]\s*$|"
    r"[（(](?:全文|试题|试卷|全卷|本卷|答卷)?(?:完|结束|到此为止|以下无正文)[)）]\s*$|"
    r"(?:以下|下面)(?:几|[\d一二三四五六七八九十两]+)?[道个]?题?(?:是|为|由|从|系|摘自|选自).{2,30}$|"
    r"\d{1,3}(?:\.\d)?\s*分\s*$|得\s*分|评卷人|阅卷人|姓\s*名[:：_\s]|主持人[:：]|单\s*位[:：_\s]|准考证号|注意事项|Copyright)"
)


def is_rule(text: str) -> bool:
    """Whether a line is drawn: -----, ====, or _____ to write on."""
    return len(text) >= 5 and not text.strip(" -—━─═=＝*~·#_＿.…")


def divider(text: str) -> str:
    """Return the words of a line such as ``-----以下由党校提供-----``; empty for others."""
    found = _DIVIDER.match(text) if text[:1] in ORNAMENT else None
    return found[1].strip() if found else ""


def is_title(text: str) -> bool:
    """Whether a line reads like the title of a paper: 2023年度法律知识测试（A卷）."""
    return 6 <= len(text) <= 50 and bool(_PAPER_TITLE.search(text))


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
    text = line.text.strip(ORNAMENT)
    if len(text) <= 50 and _SIGNED.match(text):
        return True
    indent = len(line.raw) - len(line.raw.lstrip())
    listed = _OPTION_LINE.match(text) or text[:1].isdigit() or text[:1] in "（(√×"
    return indent >= 6 and len(text) <= 40 and text[-1:] not in "。；;" and not listed


def is_furniture(text: str) -> bool:
    """Whether a line belongs to the web page or the printed sheet, not to the questions."""
    option = text[:1] in "ABCDEFGH" and text[1:2] in tuple(".．、:：)） ")
    if option or len(text) >= 120:
        return False
    return bool(_FURNITURE_START.match(text) or _FURNITURE.search(text))


def running_heads(lines: Sequence[Line]) -> frozenset[str]:
    """Return the texts that a page layout repeats: the title, or a line that stands everywhere."""
    texts = [line.text.strip() for line in lines if line.text.strip()]
    counts = Counter(text for text in texts if 6 <= len(text) <= 60)
    return frozenset(
        text for text, times in counts.items()
        if times >= (2 if text == texts[0] else 3)
        and not question_number(text) and not find_labels(text) and section_of(text) is None
        and text[1:2] not in tuple(".．、:：)） ") and text[-1] not in "）)？?。；："
    )  # fmt: skip
