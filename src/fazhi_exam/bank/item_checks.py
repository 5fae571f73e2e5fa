"""What can be seen on one question alone (单题检查)."""

import re
import unicodedata
from collections.abc import Iterator

from .findings import Finding, FindingKind, Severity
from .item import LETTERS, Basis, Item, ItemKind, Option
from .subjects import SUBJECTS
from .text import fold_question
from .text_checks import check_text

_B, _W, _N = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
_HAN = "\u3400-\u9fff"

_ALL_ABOVE = re.compile(
    "^(?:(?:以上|上述|上列|前述|前面)(?:各?选?项|答案|说法|情形|表述|内容|几项)?"
    "(?:都|皆|均|全部?|全都|俱)?(?:是|不是|对|不对|正确|不正确|错误?|有误|可以?|不可以?|属于|不属于|符合|不符合|包括)?"
    "|(?:以上)?(?:都|皆|均|全)(?:是|不是|对|不对|正确|不正确|错误?|可以|不可以|属于|不属于)|全部?(?:都|选|正确|错误))$"
)
_LETTERS_NAMED = re.compile(r"^[（(]?[A-H](?:\s*(?:[、,，和与及]|以及)\s*[A-H])+")
_LETTER_BEFORE = re.compile(r"^[（(]?[A-H][)）．.、:：]\s*\S")
_GLUED = re.compile(rf"(?<=[{_HAN}。；，、;,\s）)”》\d])[（(]?([A-H])[)）．.：:、]\s*(?=\S)")
_KEY_AT_END = re.compile(
    r"[（(【\[]\s*([A-H](?:[\s,，、]*[A-H]){0,7}|√|×|对|错|正确|错误)\s*[)）】\]]"
)
_NUMBERED = re.compile(r"^(?:\d{1,4}|[一二三四五六七八九十]{1,4})[.．、](?!\d)")
_ENDING_BLANK = re.compile(r"[（(]\s*[)）]\s*[。？?]?$")

_NEGATIVE_WORD = (
    "不属于|不包括|不包含|不含|不正确|不符合|不恰当|不合法|不合规|不适当|不妥当?|不适用|不成立|不能成立|不构成|不准确"
    "|不得|不能|不可以?|不应当?|不予|不需要?|不必|无需|无须|无权|不具备|不享有|不承担|不具有|没有|未|并非|不是"
    "|错误|有误|不当|违法|违反|违规|除外|例外|不一致|不允许|禁止|无效"
)
_ASKS_NEGATIVE = re.compile(
    r"(?:(?P<word>不属于|不包括|不包含|不正确|不符合|不恰当|不合法|不适当|不妥当?|不适用|不成立|不能成立|不构成|不准确"
    r"|无权|错误|有误|不当|例外|不一致)(?!的?(?:理由|原因|后果|依据|处罚))[^，。；、]{0,24}"
    r"(?:的?(?:是|有|为|包括|选项|情形|说法|表述)?(?:哪[些几一]?[项个种些]?|什么)?[：:？?。]?$))"
    r"|(?P<except>除外)|(?P<which>(?:下列|以下|哪)[^，。；]{0,20}(?:不得|不能|不可以|不应当?|不予|不需要|无需|无须|不必)"
    r"[^，。；]{0,20}的(?:是|有|情形是|情形有)[：:？?。]?$)"
)
_ONE_ASKED = re.compile("哪一[项个种]|下列哪[项个]")
_SEVERAL_ASKED = re.compile("哪些|哪几|的有[：:？?。]?$")

_EXPLAINED_KEY = re.compile(
    r"(?:故选|应选|答案(?:为|是|[:：])|本题选|正确(?:答案|选项)(?:为|是|[:：]))\s*([A-H](?:[、,，]?[A-H])*)(?![A-Za-z])"
)
_EXPLAINED_RIGHT = re.compile(
    "^(?:(?:本题|该|此|题干)?(?:说法|表述|题干|题)?(?:正确|无误|是正确的))(?:[。，；]|$)"
)
_EXPLAINED_WRONG = re.compile(
    "^(?:(?:本题|该|此|题干)?(?:说法|表述|题干|题)?(?:错误|有误|不正确|是错误的))(?:[。，；]|$)"
)


def check_item(item: Item) -> Iterator[Finding]:
    """Yield everything that is wrong with one item, whatever stands beside it."""
    yield from _key(item)
    if item.kind.has_options:
        yield from _options(item)
        yield from _explained(item)
    yield from _stem(item)
    yield from _texts(item)
    yield from _record(item)


def texts_of(item: Item) -> Iterator[tuple[str, str]]:
    """Yield (field, text) for everything printed: stem, options, scheme, explanation."""
    yield "题干", item.stem
    if item.kind is not ItemKind.TRUE_FALSE:
        for option in item.options:
            yield f"选项{option.id}", option.text
    for words in item.blanks:
        for word in words:
            yield "答案", word
    for point in item.marking_points:
        yield "评分点", point.text
    if item.explanation:
        yield "解析", item.explanation


def fold_option(text: str) -> str:
    """Reduce an option to what makes it the same option; signs, per cent and decimals count."""
    flat = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s，。、；：,;:!?“”\"'‘’()《》<>_]|\.(?!\d)", "", flat).casefold()


def points_elsewhere(text: str) -> bool:
    """Whether an option speaks of other options: 以上都对, A和C."""
    return bool(_LETTERS_NAMED.match(text) or _ALL_ABOVE.match(fold_question(text)))


def _one(
    item: Item, severity: Severity, kind: FindingKind, field: str, reason: str, mend: str = ""
) -> Finding:
    return Finding(severity, kind, (item.id,), field, reason, mend)


def _key(item: Item) -> Iterator[Finding]:
    """Check the key itself; `Item` refuses most of this, but copies are not checked again."""
    if item.kind.has_options:
        letters = {option.id for option in item.options}
        if not item.key:
            yield _one(item, _B, FindingKind.KEY, "答案", "没有答案", "补上答案")
        elif missing := sorted(item.key - letters):
            reason = f"答案有 {''.join(missing)}，选项只有 {''.join(sorted(letters)) or '零个'}"
            yield _one(item, _B, FindingKind.KEY, "答案", reason, "核对答案字母与选项")
        right = len(item.key)
        if item.kind in (ItemKind.SINGLE, ItemKind.TRUE_FALSE) and right > 1:
            reason = f"{item.kind}题有 {right} 个答案"
            yield _one(item, _B, FindingKind.KIND, "题型", reason, "改为多选题，或者只留一个答案")
        if item.kind is ItemKind.MULTIPLE and right == 1:
            reason = "多选题只有 1 个答案"
            yield _one(item, _B, FindingKind.KIND, "题型", reason, "改为单选题，或者补全答案")
    elif item.kind is ItemKind.BLANK and not (item.blanks and all(item.blanks)):
        yield _one(item, _B, FindingKind.KEY, "答案", "有的空没有答案", "补上每个空的答案")
    elif not item.kind.objective and not item.marking_points:
        yield _one(item, _B, FindingKind.KEY, "评分点", "没有评分点", "写明评分点和分值")


def _options(item: Item) -> Iterator[Finding]:
    seen: dict[str, Option] = {}
    for option in item.options:
        folded = fold_option(option.text)
        if folded and folded in seen:
            reason = f"选项 {seen[folded].id} 与 {option.id} 相同：{option.text}"
            yield _one(
                item, _B, FindingKind.DUPLICATE_OPTION, f"选项{option.id}", reason, "改写其一"
            )
        seen.setdefault(folded, option)
        yield from _glued(item, option)
    for position, option in enumerate(item.options, 1):
        if item.kind is not ItemKind.TRUE_FALSE:
            yield from _all_above(item, option, last=position == len(item.options))
    yield from _length(item)


def _glued(item: Item, option: Option) -> Iterator[Finding]:
    if _LETTER_BEFORE.match(option.text):
        mended = re.sub(r"^[（(]?[A-H][)）．.、:：]\s*", "", option.text)
        reason = "选项文字里带着选项字母"
        yield _one(item, _W, FindingKind.GLUED_OPTION, f"选项{option.id}", reason, mended)
    after = LETTERS[LETTERS.index(option.id) + 1 :] if option.id in LETTERS else ""
    for hit in _GLUED.finditer(option.text):
        # 、 also joins letters that name things (甲、B、C), so only the very next letter counts.
        listing = hit.group().rstrip().endswith("、") and (
            hit.group(1) != after[:1] or option.text[hit.end()] in LETTERS
        )
        if hit.group(1) in after and not listing:
            parts = f"{option.text[: hit.start()]}｜{option.text[hit.end() :]}"
            reason = f"疑似两个选项粘在一起：{option.text}"
            mend = f"拆开：{parts}"
            yield _one(item, _B, FindingKind.GLUED_OPTION, f"选项{option.id}", reason, mend)
            return


def _all_above(item: Item, option: Option, *, last: bool) -> Iterator[Finding]:
    field = f"选项{option.id}"
    if _LETTERS_NAMED.match(option.text):
        if not all(o.pinned for o in item.options):
            reason = f"“{option.text}”指着其他选项的字母，选项乱序后即错"
            mend = "改为写出内容，或者固定全部选项的位置"
            yield _one(item, _B, FindingKind.LETTER_REFERENCE, field, reason, mend)
        return
    if not _ALL_ABOVE.match(fold_question(option.text)):
        return
    if not last:
        reason = f"“{option.text}”应当是最后一个选项"
        yield _one(item, _W, FindingKind.ALL_ABOVE, field, reason, "移到最后")
    if not option.pinned:
        reason = f"“{option.text}”没有固定位置，选项乱序后会移动"
        mend = f'pinned = ["{option.id}"]'
        yield _one(item, _B, FindingKind.ALL_ABOVE, field, reason, mend)
    if item.kind is ItemKind.MULTIPLE:
        reason = f"多选题不宜设“{option.text}”：选它与选其他各项重复"
        yield _one(item, _W, FindingKind.ALL_ABOVE, field, reason, "换成具体选项")


def _length(item: Item) -> Iterator[Finding]:
    if item.kind is not ItemKind.SINGLE or len(item.key) != 1 or len(item.options) < 3:
        return
    right = max((len(o.text) for o in item.options if o.id in item.key), default=0)
    other = max((len(o.text) for o in item.options if o.id not in item.key), default=0)
    if right >= 12 and right >= 2 * other:
        reason = f"答案 {right} 字，其他选项最长 {other} 字，一望可知"
        yield _one(item, _N, FindingKind.LENGTH_CLUE, "选项", reason, "使各选项长短相近")


def _explained(item: Item) -> Iterator[Finding]:
    """Yield where the explanation names another key."""
    if item.kind is ItemKind.TRUE_FALSE:
        says = None
        if _EXPLAINED_RIGHT.match(item.explanation):
            says = "正确"
        elif _EXPLAINED_WRONG.match(item.explanation):
            says = "错误"
        right = [o.text for o in item.options if o.id in item.key]
        if says and right in (["正确"], ["错误"]) and right != [says]:
            reason = f"答案是{right[0]}，解析说{says}"
            yield _one(item, _B, FindingKind.KEY_EXPLAINED, "解析", reason, "核对答案")
        return
    for hit in _EXPLAINED_KEY.finditer(item.explanation):
        letters = set(re.findall("[A-H]", hit.group(1)))
        if letters != set(item.key):
            reason = f"答案是 {''.join(sorted(item.key))}，解析说 {''.join(sorted(letters))}"
            yield _one(item, _B, FindingKind.KEY_EXPLAINED, "解析", reason, "核对答案")
            return


def negative_word(stem: str) -> str | None:
    """Return the word by which a stem asks for what is not the case; None if it asks plainly."""
    bare = _ENDING_BLANK.sub("", stem).rstrip("。：:？? ")
    last = re.split("[，。；]", bare)[-1]
    hit = _ASKS_NEGATIVE.search(last)
    if hit is None:
        return None
    if word := hit.group("word") or hit.group("except"):
        return word
    inner = re.search("不得|不能|不可以|不应当?|不予|不需要|无需|无须|不必", hit.group())
    return inner.group() if inner else None


def _stem(item: Item) -> Iterator[Finding]:
    if item.kind.has_options and item.kind is not ItemKind.TRUE_FALSE:
        yield from _negative(item)
        marks = re.findall(r"(?:^|[\s。；）)])([A-D])[．.、：:]", item.stem)
        if len(set(marks)) >= 2:
            reason = "选项混在题干里"
            yield _one(item, _B, FindingKind.GLUED_OPTION, "题干", reason, "把选项移出题干")
        if item.kind is ItemKind.MULTIPLE and _ONE_ASKED.search(item.stem):
            reason = "多选题的题干问“哪一项”"
            yield _one(item, _W, FindingKind.KIND, "题干", reason, "改问“哪些”")
        if item.kind is ItemKind.SINGLE and _SEVERAL_ASKED.search(item.stem[-16:]):
            reason = "单选题的题干像是问多项"
            yield _one(item, _N, FindingKind.KIND, "题干", reason, "改问“哪一项”或“的是”")
    if item.kind.has_options and (hit := _KEY_AT_END.search(item.stem)):
        letters = set(re.findall("[A-H]", hit.group(1)))
        if letters == set(item.key) or hit.group(1) in "√×对错正确错误":
            mend = item.stem.replace(hit.group(), "")
            reason = f"题干的括号里写着答案 {hit.group(1)}"
            yield _one(item, _B, FindingKind.KEY_IN_STEM, "题干", reason, mend)
    yield from _own_key(item)


def _own_key(item: Item) -> Iterator[Finding]:
    """Yield when the keyed option, and no other, stands word for word in the stem."""
    if item.kind is not ItemKind.SINGLE or not item.key:
        return
    stem = fold_question(item.stem)
    within = [o.id for o in item.options if len(f := fold_question(o.text)) >= 5 and f in stem]
    if within and set(within) == item.key:
        reason = "题干里有答案的原话，其他选项没有"
        yield _one(item, _N, FindingKind.KEY_IN_STEM, "题干", reason, "改写题干或选项")


def _negative(item: Item) -> Iterator[Finding]:
    word = negative_word(item.stem)
    if word and not item.negative:
        reason = f"题干以“{word}”反问，没有标注 negative，印出时不会加粗"
        yield _one(item, _W, FindingKind.NEGATIVE, "题干", reason, "negative = true")
    if item.negative and not word and not re.search(_NEGATIVE_WORD, item.stem):
        reason = "标注了 negative，题干里没有否定词"
        yield _one(item, _W, FindingKind.NEGATIVE, "题干", reason, "去掉 negative")


def _texts(item: Item) -> Iterator[Finding]:
    for field, text in texts_of(item):
        # Accepted answers may be written in every way.
        yield from check_text((item.id,), field, text, typography=field != "答案")
    if hit := _NUMBERED.match(item.stem):
        reason = f"题干带着题号“{hit.group()}”"
        yield _one(item, _W, FindingKind.TYPOGRAPHY, "题干", reason, item.stem[hit.end() :].strip())
    elif item.kind.has_options and (hit := _ENDING_BLANK.search(item.stem)):
        reason = "题干末尾带着空括号，卷面会再印一个"
        yield _one(item, _W, FindingKind.TYPOGRAPHY, "题干", reason, item.stem[: hit.start()])


def _record(item: Item) -> Iterator[Finding]:
    if item.basis is Basis.POLICY and not item.source:
        reason = "依据为政策文件，没有写明文件名称和日期"
        yield _one(item, _B, FindingKind.SOURCE, "来源", reason, "写明 source")
    if item.basis is Basis.STATUTE and not item.citations:
        reason = "没有法条引用，法律变动时查不到本题"
        yield _one(item, _W, FindingKind.NO_CITATION, "引用", reason, "补上所依据的条款")
    if not item.explanation:
        yield _one(item, _N, FindingKind.NO_EXPLANATION, "解析", "没有解析", "补上解析")
    if item.subject not in SUBJECTS:
        reason = f"主题代码 {item.subject} 不在随附的 27 个之列"
        yield _one(item, _N, FindingKind.SUBJECT, "主题", reason)
    if item.id in item.enemies:
        yield _one(item, _W, FindingKind.ENEMY, "互斥题", "与自己互斥", "删去")
