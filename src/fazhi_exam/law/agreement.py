"""Does what an item says agree with the article it cites? (答案、解析与法条的核对)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rapidfuzz import fuzz

from .numerals import NUMERAL, to_int
from .statute import bare_text


class DisagreementKind(StrEnum):
    """What does not agree (不一致的内容)."""

    NUMBER = "number"
    BODY = "body"
    QUOTE = "quote"
    DUTY = "duty"

    @property
    def chinese(self) -> str:
        """The word printed in reports."""
        return {"number": "数字期限", "body": "机关", "quote": "引文", "duty": "应当与可以"}[self]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, as written: ``Quantity(Decimal(5), "日", "五日")``."""

    value: Decimal
    unit: str
    words: str

    @property
    def key(self) -> tuple[Decimal, str]:
        """What two quantities are compared by."""
        return self.value, self.unit


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One place where a statement says what the cited articles do not say.

    Parameters
    ----------
    kind
        What it is about.
    statement
        Position of the statement in the input.
    found
        What the statement says.
    articles_say
        What the articles say instead; empty when they say nothing of the kind.
    """

    kind: DisagreementKind
    statement: int
    found: str
    articles_say: tuple[str, ...] = ()

    @property
    def likely(self) -> bool:
        """Whether the articles say something else, and not merely nothing."""
        return bool(self.articles_say)

    def __str__(self) -> str:
        if not self.articles_say:
            return f"{self.kind.chinese}：“{self.found}”在所引条文中没有"
        return f"{self.kind.chinese}：写作“{self.found}”，条文为“{'”“'.join(self.articles_say)}”"


# Bounded, so that no text takes more than time in proportion to its length.
_SOME = f"{NUMERAL[:-1]}{{1,12}}"
_ARABIC = r"\d{1,12}(?:,\d{3}){0,4}(?:\.\d{1,6})?"
_NUMBER = rf"(?:{_ARABIC}|{_SOME}|半)"
_UNITS = {
    "个工作日": "工作日",
    "工作日": "工作日",
    "周岁": "周岁",
    "个月": "个月",
    "小时": "小时",
    "分钟": "分钟",
    "万元": "元",
    "亿元": "元",
    "元": "元",
    "日": "日",
    "天": "日",
    "年": "年",
    "倍": "倍",
    "人": "人",
    "名": "人",
    "次": "次",
    "%": "%",
    "％": "%",
    "公里": "公里",
    "米": "米",
    "级": "级",
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<low>{_NUMBER})(?:(?:至|到|-|—|~|～|、)(?P<high>{_NUMBER}))?(?P<tail>余|多|几)?(?P<unit>{_UNIT})"
)
_PERCENT = re.compile(rf"百分之({_NUMBER})")
_FRACTION = re.compile(rf"({_SOME})分之({_SOME})")
_DATE = re.compile(
    rf"(?:{_SOME}|\d{{1,12}})年(?:{_SOME}|\d{{1,12}})月(?:(?:{_SOME}|\d{{1,12}})日)?|(?:{_SOME}|\d{{1,12}})月(?:{_SOME}|\d{{1,12}})日"
)
_PLACE = re.compile(rf"第[（(]?(?:{_SOME}|\d{{1,12}})[）)]?[条款项编章节届次]")

_SYNONYMS = (
    ("省级", "省、自治区、直辖市"),
    ("人大常委会", "人民代表大会常务委员会"),
    ("全国人大", "全国人民代表大会"),
    ("人大", "人民代表大会"),
    ("中级法院", "中级人民法院"),
    ("高级法院", "高级人民法院"),
    ("基层法院", "基层人民法院"),
    ("最高法院", "最高人民法院"),
)
_LEVEL = (
    "(?:(?:乡镇|乡、镇|乡级|县级|市级|设区的市级?|省级|省、自治区、直辖市|国家|中央|地方各级|地方|各级|基层|中级|高级|最高"
    "|本级|上一级|上级|同级|下一级|下级|全国)(?:以上)?的?)+"
)
_FIELD = (
    "(?:生态环境|市场监督管理|应急管理|自然资源|住房城乡建设|住房和城乡建设|城乡规划|交通运输|农业农村|文化和旅游|文化旅游|卫生健康"
    "|疾病预防控制|人力资源社会保障|人力资源和社会保障|民政|司法行政|财政|审计|税务|统计|烟草专卖|公务员|保密行政管理|档案|网信"
    "|教育|科学技术|水行政|林业草原|药品监督管理|消防救援|城市管理|综合行政执法|政府信息公开工作|赔偿义务|行政处罚|劳动保障"
    "|发展改革|工业和信息化|广播电视|电影|新闻出版|文物|动物卫生监督|渔业|海事|气象|地震|医疗保障|信访工作|督查)"
)
_BODY = re.compile(
    rf"(?P<level>{_LEVEL})?(?P<core>人民代表大会常务委员会|人民代表大会|人民政府|人民法院|人民检察院|监察委员会"
    rf"|村民委员会|居民委员会|公安机关|监察机关|派出机关|派出机构|公安派出所|国务院|仲裁委员会|审计机关|税务机关|海关"
    rf"|(?:行政)?复议(?:机关|机构)|{_FIELD}(?:行政)?(?:主管|管理|监督管理)?(?:部门|机关|机构))"
)
_QUOTED = re.compile("[“「『]([^“”「」『』]{4,80})[”」』]")
_DUTIES = ("应当", "可以", "不得", "必须")


def check_agreement(
    statements: Sequence[str], article_texts: Sequence[str]
) -> tuple[Disagreement, ...]:
    """Compare what an item says with the text of the articles it cites.

    Numbers with units (Chinese and Arabic numerals alike), bodies with their level, quoted phrases
    and the words 应当, 可以, 不得 are compared. It finds what is likely wrong; it proves nothing:
    a person reads both.

    Parameters
    ----------
    statements
        The keyed option, the explanation, a stem that states the law; not the facts of a case.
    article_texts
        Full text of every cited article.

    Returns
    -------
    tuple of Disagreement
        In the order of the statements; empty when nothing disagrees or no text is at hand.
    """
    articles = "\n".join(article_texts)
    if not articles.strip():
        return ()
    return tuple(
        one
        for position, statement in enumerate(statements)
        for one in (
            *_numbers(position, statement, articles),
            *_bodies(position, statement, articles),
            *_duties(position, statement, articles),
            *_quotes(position, statement, articles),
        )
    )


def quantities(text: str) -> tuple[Quantity, ...]:
    """Read every number with a unit; dates and the numbers of articles are left out.

    ``3万元`` and ``三万元`` are 30,000 元; ``百分之十`` and ``10%`` are 10 %; ``两名`` is 2 人;
    ``十至十五日`` gives both ends.
    """
    flat = _PLACE.sub("#", _DATE.sub("#", text.replace(" ", "")))
    found: list[Quantity] = []
    for percent in _PERCENT.finditer(flat):
        found += _read(percent.group(1), "%", percent.group())
    for part in _FRACTION.finditer(flat):
        if part.group(1) != "百":
            found += _fraction(part)
    flat = _FRACTION.sub("#", _PERCENT.sub("#", flat))
    for hit in _QUANTITY.finditer(flat):
        if hit.group("tail"):
            continue
        for end in (hit.group("low"), hit.group("high")):
            if end:
                found += _read(end, hit.group("unit"), hit.group())
    return tuple(found)


def bodies(text: str) -> tuple[tuple[str, str], ...]:
    """Read the bodies a text names, as (level, body), such as ``("县级以上", "人民政府")``.

    The level is empty where the text gives none.
    """
    for short, long in _SYNONYMS:
        text = text.replace(long, short).replace(short, long)
    hits = _BODY.finditer(text)
    return tuple(dict.fromkeys((hit.group("level") or "", hit.group("core")) for hit in hits))


def _read(number: str, unit: str, words: str) -> Iterator[Quantity]:
    try:
        if number == "半":
            value = Decimal("0.5")
        elif re.fullmatch(_ARABIC, number):
            value = Decimal(number.replace(",", ""))
        else:
            value = Decimal(to_int(number))
    except ValueError:
        return
    if _UNITS[unit] == "年" and value >= 1000:
        return  # a year of the calendar
    if unit == "个月" and value == Decimal("0.5"):
        value, unit = Decimal(15), "日"
    if unit == "年" and value == Decimal("0.5"):
        value, unit = Decimal(6), "个月"
    value *= {"万元": 10**4, "亿元": 10**8}.get(unit, 1)
    yield Quantity(value, _UNITS[unit], words)


def _fraction(part: re.Match[str]) -> Iterator[Quantity]:
    try:
        below, above = to_int(part.group(1)), to_int(part.group(2))
    except ValueError:
        return
    if below:
        yield Quantity(Decimal(above) / Decimal(below), "分", part.group())


def _numbers(position: int, statement: str, articles: str) -> Iterator[Disagreement]:
    known = quantities(articles)
    keys = {one.key for one in known}
    for one in quantities(statement):
        if one.key in keys:
            continue
        others = tuple(dict.fromkeys(k.words for k in known if k.unit == one.unit))[:4]
        yield Disagreement(DisagreementKind.NUMBER, position, one.words, others)


def _bodies(position: int, statement: str, articles: str) -> Iterator[Disagreement]:
    """Find bodies the articles do not name at all, or name only at another level."""
    known = bodies(articles)
    flat = bare_text(articles)
    for level, core in bodies(statement):
        if bare_text(level + core) in flat:
            continue
        levels = {one for one, other in known if other == core}
        if bare_text(core) in flat:
            if level and levels and "" not in levels and level not in levels:
                others = tuple(one + core for one in sorted(levels))
                yield Disagreement(DisagreementKind.BODY, position, level + core, others[:4])
            continue
        ending = core[-2:]
        others = tuple(dict.fromkeys(a + b for a, b in known if b.endswith(ending)))
        yield Disagreement(DisagreementKind.BODY, position, level + core, others[:4])


def _duties(position: int, statement: str, articles: str) -> Iterator[Disagreement]:
    """Find where the same words follow 应当 in the one text and 可以 in the other."""
    flat = bare_text(articles)
    for hit in re.finditer("|".join(_DUTIES), statement):
        after = bare_text(statement[hit.end() : hit.end() + 12])[:5]
        if len(after) < 5 or hit.group() + after in flat:
            continue
        same = {"必须": "应当", "应当": "必须"}.get(hit.group(), hit.group())
        others = tuple(d + after for d in _DUTIES if d != same and d + after in flat)
        if others and same + after not in flat:
            yield Disagreement(DisagreementKind.DUTY, position, hit.group() + after, others)


def _quotes(position: int, statement: str, articles: str) -> Iterator[Disagreement]:
    flat = bare_text(articles)
    for hit in _QUOTED.finditer(statement):
        quoted = bare_text(hit.group(1))
        if len(quoted) < 4 or quoted in flat:
            continue
        near = fuzz.partial_ratio_alignment(quoted, flat)
        close = near is not None and near.score >= 60
        shown = (flat[near.dest_start : near.dest_end],) if near is not None and close else ()
        yield Disagreement(DisagreementKind.QUOTE, position, hit.group(1), shown)
