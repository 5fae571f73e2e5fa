"""Citations of statutes as people write them (法条引用): read, compared, printed one way."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import total_ordering
from typing import Self

from ..errors import CitationError
from .numerals import NUMERAL, to_chinese, to_int

PREAMBLE = 0
"""Article number that stands for the preamble (序言)."""

_MOST_IN_RANGE = 60
_BRACKETS = str.maketrans("（）［］〔〕【】〈〉＜＞«»「」『』", "()[][][]<><><><><>")
_WIDTH = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {"–": "-", "—": "-", "－": "-", "～": "~", "〜": "~", "﹑": "、"}
    | {"條": "条", "項": "项", "編": "编", "節": "节", "規": "规", "據": "据"}
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Citation:
    """One place in a statute (法条引用), such as 《行政处罚法》第五十一条第一款第（二）项.

    Parameters
    ----------
    title
        Title as cited, without brackets and without a leading 中华人民共和国.
    article
        Article number from 1; `PREAMBLE` (0) is the preamble; None is the whole statute.
    sub
        The N of 第…条之N, else 0.
    paragraph, item
        Number of the paragraph (款; in a preamble 自然段) and of the item (项), from 1.
    edition
        What was written about the edition, such as ``2021年修订``; part of the identity.

    Raises
    ------
    ValueError
        If a number is out of range or a finer place is given without the coarser one.
    """

    title: str
    article: int | None
    sub: int = 0
    paragraph: int | None = None
    item: int | None = None
    edition: str | None = None

    def __post_init__(self) -> None:
        if not self.title:
            raise ValueError("a citation needs a title")
        if self.article is None and (self.sub or self.paragraph or self.item):
            raise ValueError("a paragraph or item needs an article")
        if (self.article is not None and self.article < 0) or self.sub < 0:
            raise ValueError("article numbers start at 1 (0 is the preamble)")
        if any(number is not None and number < 1 for number in (self.paragraph, self.item)):
            raise ValueError("paragraphs and items are counted from 1")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read exactly one citation.

        Raises
        ------
        CitationError
            If nothing, more than one, or something besides a citation is found.
        """
        found = parse_citations(text)
        if len(found) > 1:
            raise CitationError(text, f"此处应只有一条引用，读出 {len(found)} 条")
        one = found[0]
        return cls(one.title, one.article, one.sub, one.paragraph, one.item, one.edition)

    def at(
        self, article: int, sub: int = 0, *, paragraph: int | None = None, item: int | None = None
    ) -> "Citation":
        """Return the citation of another place in the same statute."""
        return replace(self, article=article, sub=sub, paragraph=paragraph, item=item)

    @property
    def whole_article(self) -> "Citation":
        """The same article without paragraph and item."""
        return replace(self, paragraph=None, item=None)

    @property
    def place(self) -> str:
        """The part after the title: ``第五十一条第一款第（二）项``; empty for a whole statute."""
        if self.article is None:
            return ""
        if self.article == PREAMBLE:
            return "序言" + (f"第{to_chinese(self.paragraph)}自然段" if self.paragraph else "")
        text = article_label(self.article, self.sub)
        text += f"第{to_chinese(self.paragraph)}款" if self.paragraph else ""
        return text + (f"第（{to_chinese(self.item)}）项" if self.item else "")

    def __str__(self) -> str:
        edition = f"（{self.edition}）" if self.edition else ""
        return f"《{self.title}》{edition}{self.place}"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Citation):
            return NotImplemented
        return self._order() < other._order()

    def _order(self) -> tuple[str, str, int, int, int, int]:
        article = -1 if self.article is None else self.article
        return (
            self.title,
            self.edition or "",
            article,
            self.sub,
            self.paragraph or 0,
            self.item or 0,
        )


@dataclass(frozen=True, slots=True)
class FoundCitation:
    """A citation found in running text; ``text[start:end]`` is what was read."""

    citation: Citation
    start: int
    end: int


def article_label(article: int, sub: int = 0) -> str:
    """Print an article number: ``article_label(120, 1)`` is 第一百二十条之一."""
    return f"第{to_chinese(article)}条" + (f"之{to_chinese(sub)}" if sub else "")


def print_title(title: str) -> str:
    """Title as printed inside 《》: no leading 中华人民共和国, inner title marks 〈〉, （）."""
    inner = title.translate(str.maketrans("《》<>()", "〈〉〈〉（）"))
    return inner.removeprefix("中华人民共和国") or inner


def fold_title(title: str) -> str:
    """Reduce a title to the form in which titles are compared.

    Width and kind of brackets, spaces and a leading 中华人民共和国 make no difference.
    """
    flat = "".join(title.split()).translate(_BRACKETS).translate(_WIDTH)
    flat = flat.replace("《", "<").replace("》", ">")
    while flat.startswith("<") and flat.endswith(">") and "<" not in flat[1:-1]:
        flat = flat[1:-1]
    return flat.removeprefix("中华人民共和国").replace("<中华人民共和国", "<")


def parse_citations(text: str) -> tuple[Citation, ...]:
    """Read every citation of a text that holds nothing but citations, in the order written.

    A place without a title belongs to the title before it: 《行政处罚法》第九条、第十二条第二款；
    行政许可法12条. Ranges (第三条至第五条) are written out. Repetitions are dropped.

    Raises
    ------
    CitationError
        If nothing is found or something cannot be read; the error quotes it.
    """
    reader = _Reader(text, strict=True, titles=())
    found = list(reader.read())
    left = reader.unread()
    if left:
        raise CitationError(text.strip(), f"无法识别“{left}”")
    if not found:
        raise CitationError(text.strip(), "没有读到法条引用")
    return tuple(dict.fromkeys(one.citation for one in found))


def find_citations(text: str, *, titles: Collection[str] = ()) -> tuple[FoundCitation, ...]:
    """Find citations in running text, such as an explanation.

    Parameters
    ----------
    text
        Any text.
    titles
        Known titles (`StatuteBook.titles`): they decide where a title without brackets begins.

    Returns
    -------
    tuple of FoundCitation
        In order; nothing is raised for what looks like a citation but cannot be read.
    """
    return tuple(_Reader(text, strict=False, titles=titles).read())


# Repetitions are bounded so that no text, however long, takes more than time in proportion.
_N = f"(?:{NUMERAL[:-1]}{{1,12}})"
_BN = rf"\(?{_N}\)?"  # a number that may stand in brackets: 第（二）项
_RANGE = "(?:至|到|-+|~)"
_LINK = rf"(?:[、,;/.。]|和|及|与|或|者|以|并|\((?=第)|{_RANGE}){{1,4}}"
_ARTICLE = re.compile(rf"第?({_N}(?:{_LINK}第?{_N}){{0,40}})条(?:之({_N}))?")
_SUB = re.compile(rf"()之({_N})(?!条)")
_PARAGRAPH = re.compile(rf"第?({_N}(?:{_LINK}第?{_N}){{0,40}})款")
_ITEM = re.compile(rf"第?({_BN}(?:{_LINK}第?{_BN}){{0,40}})项")
_BARE_ITEM = re.compile(rf"第?(\({_N}\))")
_PREAMBLE = re.compile(rf"序言(?:部分)?(?:第({_N})(?:自然)?段)?")
_DIVISION = re.compile(
    rf"(?:(?:第{_N}分?[编章节]){{1,4}}[^第《\d]{{0,20}}?|总纲|总则|分则|附则)(?=第?{_N}条)"
)
_YEAR = "(?:(?:19|20)[0-9]{2}|[一二][〇○零九][〇○零一二三四五六七八九]{2})"
_EDITION = rf"[(\[]({_YEAR}[^()\[\]]{{0,24}}|[^()\[\]]{{0,8}}修[订正][^()\[\]]{{0,6}})[)\]]"
_EDITION_AFTER = re.compile(_EDITION)
_EDITION_BEFORE = re.compile(rf"({_YEAR}年?修[订正])(?:后|过)?的?(?=《)")
_EDITION_WITHIN = re.compile(rf"{_EDITION}$")
_KIND = (
    "(?:法典|宪法|法|通则|总则|条例|细则|办法|规定|规则|解释|决定|规程|规范|意见|准则|纲要|方案|通知|批复"
    r"|修正案(?:\([一二三四五六七八九十]+\))?)"
)
_WORDS = "[\u4e00-\u9fff<>]{1,60}"
_BARE_TITLE = re.compile(
    rf"{_WORDS}?{_KIND}(?=(?:[(\[][^()\[\]]{{1,30}}[)\]])?"
    rf"[(\[]?(?:第?{_N}条|第{_N}分?[编章节]|序言))"
)
_ALONE = re.compile(rf"{_WORDS}{_KIND}(?=$|[、,;。(\[.]|之?规定)")
_LEAD = re.compile(
    "(?:(?:法律|法条|法规|政策|答案|解析|命题|出题|考点)?(?:依据|根据|来源|出处)(?:是|为|的是)?"
    "|依照|按照|参照|参见|详见|参阅|违反了?|适用|引自|出自|符合|属于|见|和|及|与|或者?|以及|并"
    "|同时|结合|由|其|即|我国|现行|新修[订正]的|修订后的|旧(?=.+法)"
    "|新(?!疆|型|能源|闻|建|余|乡|沂|密|郑))"
)
_BREAK = re.compile(
    "根据|依据|依照|按照|参照|参见|详见|违反了?|适用|符合|以及|并且|同时|其中|对于|属于|我国"
)
_NO_TITLE = re.compile(f"[的之等本该]|{_KIND}$(?<!宪法)")
_SAME = re.compile("(?:本|同|该|上述)(?:法|条例|办法|规定|决定|解释)(?=第)")
_FILLER = re.compile(
    r"(?:[\u4e00-\u9fff]{1,8}\[?(?:19|20)\d\d\]?第?\d+号|(?:主席|国务院|公安部|政府)?令第?\w{1,8}号"
    "|[、,;。.:|/()\\[\\]<>]|依据|根据|依照|按照|参照|参见|详见|参阅|见|和|及|与|或者|或|以及|并|同时|结合"
    "|法律|法条|法规|政策|答案|解析|命题|出题|考点|来源|出处|参考|链接|总纲|总则|分则|附则|为|是|之?规定|的|等|之|内容|相关|有关"
    "|条文|条款|现行|新修订|我国|适用|违反|新|旧|[0-9]+[.、]|[①-⑳])+"
)
_Places = tuple[list[Citation], int]


class _Reader:
    """Walks over the text with white space taken out; results carry places in the given text."""

    def __init__(self, text: str, *, strict: bool, titles: Collection[str]) -> None:
        kept = [
            i
            for i, char in enumerate(text)
            if not (char.isspace() or char == "\u200b" or text[i - 1 : i + 1] in ("<<", ">>"))
        ]
        doubled = {"<": "《", ">": "》"}
        chars = (doubled[text[i]] if text[i : i + 2] in ("<<", ">>") else text[i] for i in kept)
        self.flat = "".join(chars).translate(_WIDTH).translate(_BRACKETS)
        self.text, self.origin, self.strict, self.titles = text, kept, strict, titles
        self.used = [False] * len(self.flat)

    def read(self) -> Iterator[FoundCitation]:
        """Yield every citation in order."""
        position = 0
        current: Citation | None = None
        while position < len(self.flat):
            titled = self._title(position, current)
            if titled is not None:
                start, end, current = titled
            elif current is not None and self._continues(position):
                start = end = position
            else:
                position += 1
                continue
            try:
                places, stop = self._places(end, current)
            except CitationError as error:
                if self.strict:
                    raise CitationError(self.text.strip(), str(error.args[1])) from None
                position = end + 1
                continue
            places = places or [current]
            self._use(start, stop)
            for one in places:
                yield FoundCitation(one, self.origin[start], self.origin[stop - 1] + 1)
            position = max(stop, position + 1)

    def unread(self) -> str:
        """Return what no citation used and no filler explains; empty when everything was read."""
        rest = "".join("\0" if u else c for c, u in zip(self.flat, self.used, strict=True))
        parts = (_FILLER.sub("", part) for part in rest.split("\0"))
        return "…".join(part for part in parts if part)

    def _use(self, start: int, end: int) -> None:
        self.used[start:end] = [True] * (end - start)

    def _title(self, at: int, current: Citation | None) -> tuple[int, int, Citation] | None:
        """Read a title at `at`: where it really starts, where it ends, the whole statute."""
        if edition := _EDITION_BEFORE.match(self.flat, at):
            following = self._title(edition.end(), current)
            if following is None or following[2].edition:
                return None
            named = Citation(following[2].title, None, edition=_edition(edition.group(1)))
            return at, following[1], named
        if self.flat[at] in "《<":
            end = self._closing(at)
            return None if end is None else self._titled(at, end, self.flat[at + 1 : end - 1])
        if current is not None and (same := _SAME.match(self.flat, at)):
            return at, same.end(), Citation(current.title, None, edition=current.edition)
        if at and "\u4e00" <= self.flat[at - 1] <= "\u9fff" and not self.used[at - 1]:
            return None  # in the middle of words that were looked at from their beginning
        found = _BARE_TITLE.match(self.flat, at)
        if found is None and self.strict:
            found = _ALONE.match(self.flat, at)
        if found is None:
            return None
        start = at + self._lead(found.group())
        title = self.flat[start : found.end()]
        if len(title) < 2 or _NO_TITLE.match(title):
            return None
        return self._titled(start, found.end(), title)

    def _lead(self, title: str) -> int:
        """How many characters before a bare title belong to the sentence, not to the title."""
        for known in sorted(self.titles, key=len, reverse=True):
            if title.endswith(known):
                return len(title) - len(known)
        begin = 0
        if not self.strict:
            begin = max((mark.end() for mark in _BREAK.finditer(title)), default=0)
        begin = max(begin, title.find("中华人民共和国"))
        while (lead := _LEAD.match(title, begin)) is not None:
            begin = lead.end()
        return begin

    def _closing(self, at: int) -> int | None:
        opening, closing = ("《", "》") if self.flat[at] == "《" else ("<", ">")
        depth = 0
        for position in range(at, min(len(self.flat), at + 120)):
            depth += (self.flat[position] == opening) - (self.flat[position] == closing)
            if depth == 0:
                return position + 1
        return None

    def _titled(self, start: int, end: int, title: str) -> tuple[int, int, Citation] | None:
        edition = None
        if within := _EDITION_WITHIN.search(title):
            edition, title = within.group(1), title[: within.start()]
        elif after := _EDITION_AFTER.match(self.flat, end):
            edition, end = after.group(1), after.end()
        title = print_title(title)
        if not re.search("[\u4e00-\u9fff]{2}", title):
            return None
        return start, end, Citation(title, None, edition=_edition(edition) if edition else None)

    def _continues(self, at: int) -> bool:
        """Whether a place without its own title begins at `at`."""
        if not (_ARTICLE.match(self.flat, at) or _PREAMBLE.match(self.flat, at)):
            return False
        if self.strict:
            return True
        before = self.flat[at - 1] if at else "、"
        return self.flat[at] == "第" and not ("\u4e00" <= before <= "\u9fff")

    def _places(self, at: int, whole: Citation) -> _Places:
        """All places of one statute written from `at` on, and where they end."""
        found: list[Citation] = []
        stop = at
        opening = re.compile(r"[(\[,:]*").match(self.flat, at)
        position = opening.end() if opening else at
        link = ""
        while True:
            if division := _DIVISION.match(self.flat, position):
                position = division.end()
            step = self._step(position, whole, found, link)
            if step is None:
                return found, stop
            found, stop = step
            bracket = re.compile("[)\\]]").match(self.flat, stop)
            joint = re.compile(_LINK).match(self.flat, bracket.end() if bracket else stop)
            link = joint.group().strip("(") if joint else ""
            position = joint.end() if joint else stop

    def _step(self, at: int, whole: Citation, found: list[Citation], link: str) -> _Places | None:
        """Read one article, paragraph or item at `at`; `link` is what joins it to the last one."""
        last = found[-1] if found else None
        loose = bool(link) and not self.strict and self.flat[at : at + 1] not in ("第", "(")
        if loose:
            return None
        if (hit := _PREAMBLE.match(self.flat, at)) is not None:
            paragraph = self._number(hit.group(1)) if hit.group(1) else None
            return [*found, whole.at(PREAMBLE, paragraph=paragraph)], hit.end()
        if (hit := _ARTICLE.match(self.flat, at)) is not None:
            numbers = self._numbers(hit.group(1))
            if link and re.search(_RANGE, link) and last and last.paragraph is None:
                numbers = self._between(last.article or 0, numbers[0], hit.group()) + numbers
            places = [whole.at(number) for number in numbers]
            if hit.group(2):
                places[-1] = whole.at(numbers[-1], self._number(hit.group(2)))
            return [*found, *places], hit.end()
        if last is None or not last.article:
            return None
        if (hit := _SUB.match(self.flat, at)) is not None and link:
            return [*found, whole.at(last.article, self._number(hit.group(2)))], hit.end()
        for pattern, level in ((_PARAGRAPH, "paragraph"), (_ITEM, "item"), (_BARE_ITEM, "item")):
            hit = pattern.match(self.flat, at)
            if hit is None or (pattern is _BARE_ITEM and not self.strict):
                continue
            return self._finer(found, hit, level == "item", link), hit.end()
        return None

    def _finer(
        self, found: list[Citation], hit: re.Match[str], is_item: bool, link: str
    ) -> list[Citation]:
        """Add paragraphs or items to the last place, or beside it when a link stands between."""
        last = found[-1]
        article, taken = last.article or 0, last.item if is_item else last.paragraph
        numbers = self._numbers(hit.group(1))
        if link and re.search(_RANGE, link) and taken:
            numbers = self._between(taken, numbers[0], hit.group()) + numbers
        keep = found[:-1] if not link and taken is None else found
        if is_item:
            return keep + [
                last.at(article, last.sub, paragraph=last.paragraph, item=n) for n in numbers
            ]
        return keep + [last.at(article, last.sub, paragraph=n) for n in numbers]

    def _numbers(self, group: str) -> list[int]:
        """Read ``三、五至七`` as 3, 5, 6, 7."""
        numbers: list[int] = []
        end = 0
        for hit in re.finditer(_N, group):
            number = self._number(hit.group())
            if numbers and re.search(_RANGE, group[end : hit.start()]):
                numbers += self._between(numbers[-1], number, group)
            numbers.append(number)
            end = hit.end()
        return numbers

    def _between(self, low: int, high: int, quoted: str) -> list[int]:
        if not low < high <= low + _MOST_IN_RANGE:
            raise CitationError(quoted, f"“{quoted}”的范围前后颠倒或过大")
        return list(range(low + 1, high))

    def _number(self, text: str) -> int:
        try:
            number = to_int(text)
        except ValueError:
            raise CitationError(text, f"数字“{text}”写法有误") from None
        if number < 1:
            raise CitationError(text, f"“{text}”：条、款、项从一开始编号")
        return number


def _edition(text: str) -> str:
    """Write the name of an edition one way: 2021修订 as 2021年修订."""
    return re.sub("^([0-9]{4})(?=修|版)", r"\1年", text)
