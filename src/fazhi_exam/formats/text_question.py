"""Reading one question that has been cut out of a text."""

import re
from dataclasses import dataclass, field, replace

from ..bank.item import LETTERS, ItemKind
from .draft import Draft, case_id
from .text_labels import find_labels
from .text_lines import Line, Section, inline_kind
from .text_options import (
    SplitOptions,
    circled_key,
    circled_options,
    joined_lines,
    marked_right,
    small_options,
    split_options,
    ticked,
    unmarked_options,
    without_radio,
)
from .text_stem import (
    StemKey,
    bracketed_blanks,
    count_blanks,
    filled_blanks,
    filled_brackets,
    rule_blanks,
    split_answers,
    take_key,
    take_points,
    take_source,
)
from .words import FALSE_WORDS, TRUE_WORDS, KeyText, band_of, kind_of, level_of, read_key

_NEGATIVE = re.compile(r"(不属于|不包括|不正确|不符合|错误的|不得|不应|不是|不能|不可以)的?")
_SOURCE_LINE = re.compile(
    r"^\s*[（(【\[]\s*(?:(?:法律|法条)?(?:依据|出处|来源)[:：为]?|参?见|摘自)?\s*"
    r"(《[^》\n]{2,40}》[^【】\[\]\n]{0,60}?)\s*[)）】\]]\s*[。.]?\s*$"
)
_OUTCOME = re.compile(r"[（(]\s*(√|✓|✔|×|✗|✘)\s*[)）]")


_ANNOUNCED = re.compile(
    r"(?:^|\n|(?<=[。！？”]))\s*(?:[【\[（(]?(?:问题|请问|试问|问|思考题|小题)[】\])）]?"
    r"\s*(?:[（(][^（()）\n]{0,40}[)）])?|"
    r"(?:请)?(?:根据|结合|阅读|依据|针对)?(?:以上|上述|下列|以下|本)?(?:材料|案例|案情|资料|情形|内容|事实)?[一二三四五]?"
    r"[,，]?(?:请)?(?:回答|完成|分析|解答)(?:下列|以下|下面|如下|上述)?(?:各|小)?(?:问题|题目|题)"
    r"(?:[（(][^（()）\n]{0,40}[)）])?)\s*[:：。]?\s*$|\n\s*请(?:回答|作答|问)\s*[:：]?\s*$"
)


@dataclass
class Stimulus:
    """A shared text and the questions under it."""

    id: str
    title: str
    lines: list[Line]
    span: tuple[int, int] | None
    own_number: bool = False
    used: bool = False

    @property
    def heading(self) -> Section:
        """What stands over its answers: 案例三."""
        return Section(self.title or self.id, cases=True)

    @property
    def text(self) -> str:
        """The text of all lines, without the word that announces the questions."""
        whole = "\n".join(line.text.strip() for line in self.lines).strip()
        return _ANNOUNCED.sub("", whole).strip()


_OPTION_MARK = re.compile(r"^[（(【\[]?[A-H][)）】\].．、:：]?|[;；。]$")


@dataclass
class Block:
    """The lines of one question."""

    lines: list[Line]
    number: str
    section: Section
    section_index: int
    stimulus: Stimulus | None = None
    bracketed: bool = False
    gap: bool = False
    pending: int = 0
    _seen: int = field(default=-1, repr=False)
    _state: tuple[bool, bool, bool] = field(default=(False, False, False), repr=False)

    @classmethod
    def of(
        cls,
        line: Line,
        number: tuple[str, str, bool],
        section: Section,
        section_index: int,
        stimulus: Stimulus | None = None,
    ) -> "Block":
        """Begin a block with its first line, the number taken off."""
        first = replace(line, text=number[1])
        return cls([first], number[0], section, section_index, stimulus, number[2])

    @property
    def value(self) -> int:
        """The number, or 0."""
        return int(self.number) if self.number else 0

    @property
    def ruled(self) -> tuple[str, ...]:
        """Underlined words."""
        return tuple(word for line in self.lines for word in line.ruled)

    def standing_out(self, found: SplitOptions) -> str:
        """Letters of the options that stand out by colour, shade or weight; not if all do."""
        pieces = {_OPTION_MARK.sub("", "".join(piece.split()))
                  for line in self.lines for piece in line.marked}  # fmt: skip
        right = [letter for letter, text in zip(found.letters, found.texts, strict=True)
                 if "".join(text.split()) in pieces]  # fmt: skip
        several = self.section.kind in (ItemKind.MULTIPLE, ItemKind.INDEFINITE)
        return "".join(right) if several or len(right) < len(found.letters) else ""

    @property
    def text(self) -> str:
        """All lines, without the number."""
        return "\n".join(line.text for line in self.lines)

    @property
    def raw(self) -> str:
        """The lines as they stand in the file."""
        return "\n".join(line.raw for line in self.lines).rstrip()

    def _look(self) -> tuple[bool, bool, bool]:
        """Whether there are options, a key, and an answer or explanation that may go on."""
        if self._seen != len(self.lines):
            text = self.text
            labels = find_labels(text)
            end = next((s for n, s, _ in labels if n in ("key", "explanation")), len(text))
            options = bool(split_options(text[:end]).letters or split_options(text[end:]).letters)
            keyed = any(name == "key" for name, _, _ in labels)
            if not keyed:
                keyed = take_key(split_options(text[:end]).stem).key is not None
            self._state = (options, keyed, bool(labels) and labels[-1][0] in _OPEN)
            self._seen = len(self.lines)
        return self._state

    def has_options(self) -> bool:
        """Whether options have been seen."""
        return self._look()[0]

    def keyed(self) -> bool:
        """Whether a key has been seen."""
        return self._look()[1]

    def plain_key(self) -> bool:
        """Whether a key line holds letters or a truth value, so that no list can follow it."""
        text = self.text
        for name, _, end in find_labels(text):
            if name == "key":
                return read_key(text[end:].strip().partition("\n")[0]).plain
        return False

    def after_plain_key(self) -> bool:
        """Whether the last thing seen is a key line of letters or a truth value."""
        labels = find_labels(self.text)
        return bool(labels) and labels[-1][0] == "key" and self.plain_key()

    def in_answer(self) -> bool:
        """Whether the last label opens a text that may go on: an answer or an explanation."""
        return self._look()[2]

    def judges(self) -> bool:
        """Whether it stands among true/false questions."""
        return self.section.kind is ItemKind.TRUE_FALSE

    def essay(self) -> bool:
        """Whether it is answered in words."""
        kind = self.section.kind
        return not self.has_options() and (kind is None or not kind.has_options)

    def complete(self) -> bool:
        """Whether a question could end here."""
        return self.has_options() or self.keyed()

    def stem_open(self) -> bool:
        """Whether the stem announces a list, such as 下列：."""
        return self.text.rstrip()[-1:] in ("：", ":", "；", ";")

    @property
    def list_value(self) -> int:
        """The last number of a list inside the block, or 0."""
        numbers = [int(m[1]) for m in _LISTED.finditer(self.text)]
        return numbers[-1] if numbers else 0


_LISTED = re.compile(r"(?:^|[:：】])\s*(\d{1,2})[.．、]", re.MULTILINE)
_OPEN = ("key", "explanation", "citation")


def read_block(block: Block, name: str) -> Draft:
    """Read one question: labels, options, key in the stem, kind by meaning."""
    if block.stimulus is not None and block.lines is block.stimulus.lines:
        lone = replace(_draft(block, name, {}), stimulus=block.stimulus.text, points="")
        return lone.doubt("案例材料之后没有小题", 0.3)
    parts = _parts(block.text)
    kind_word, body = _take_kind(parts["body"])
    declared = kind_of(kind_word or parts.get("kind", "")) or block.section.kind
    body, points = take_points(body)
    draft = _draft(block, name, parts, points)
    if declared in (ItemKind.TRUE_FALSE, None):
        body = without_radio(body)
    if declared is ItemKind.BLANK:
        return _fill_in(draft, body, parts.get("key", ""), block.ruled)
    found = _find_options(body, declared, parts)
    written = parts.get("key", "")
    if declared is None and not found.letters and "__" in body and not read_key(written).plain:
        return _fill_in(draft, body, written, block.ruled)
    asked, source = take_source(found.stem)
    asked, points = take_points(asked)
    if points and not draft.points:
        draft = replace(draft, points=points)
    stem = take_key(asked)
    asked, behind = take_source(stem.stem)
    if cited := tuple(one for one in (behind, source) if one):
        stem = replace(stem, stem=asked)
        draft = replace(draft, citations=(*draft.citations, *cited))
    for note in (*stem.notes, *found.notes):
        draft = draft.doubt(note)
    key, draft = _one_key(parts.get("key", ""), stem.key, draft)
    if not found.letters and key.letters and declared is not ItemKind.TRUE_FALSE:
        found, stem = _unlettered(found, stem, key)
    draft = replace(draft, stem=joined_lines(stem.stem))
    if found.letters:
        if not key.text and (shown := block.standing_out(found)):
            key = read_key(shown)
            draft = draft.doubt("没有写明答案，把颜色或粗细不同的选项当作答案，请核对", 0.7)
        unmarked, right = marked_right(found)
        if right and not key.plain and not key.text:
            found, key = unmarked, read_key(right)
        elif right and right == key.letters:
            found = unmarked
        elif any(text.startswith("〔√〕") for text in found.texts):
            draft = draft.doubt("选项前有勾，与答案不一致，请核对", 0.5)
            found = replace(found, texts=tuple(t.removeprefix("〔√〕") for t in found.texts))
        return finish_choice(draft, found, key, declared)
    if declared is ItemKind.TRUE_FALSE and draft.stem.startswith("（　）"):
        draft = replace(draft, stem=draft.stem.removeprefix("（　）").strip())
    if declared is ItemKind.TRUE_FALSE or (declared is None and key.truth is not None):
        return finish_truth(draft, key, block.section)
    return _words(draft, declared, key, parts)


def _draft(block: Block, name: str, parts: dict[str, str], points: str = "") -> Draft:
    """Begin the draft of a block: its place, its case, and the fields that have labels."""
    first = block.lines[block.pending] if len(block.lines) > block.pending else block.lines[0]
    stimulus = block.stimulus.text if block.stimulus is not None else ""
    labelled = parts.get("points", "").strip(" 。分")
    band = band_of(parts.get("band", "").strip(" 。；;"))
    draft = Draft(
        name, first.number, number=block.number, section=block.section.title, raw=block.raw,
        points=labelled or points or block.section.points,
        explanation=tidy_text(parts.get("explanation", "")),
        citations=_pieces(_LINES, parts.get("citation", "")),
        level=level_of(parts.get("level", "")), band=band,
        topic=parts.get("topic", "").strip(" 。；;"), id=parts.get("id", "").strip(),
        extra=_extra(parts),
        case=case_id(stimulus) if block.stimulus is not None else "",
        case_title=block.stimulus.title if block.stimulus is not None else "", stimulus=stimulus,
    )  # fmt: skip
    if parts.get("band") and band is None:
        draft = draft.doubt(f"难度“{parts['band'][:10]}”不认识，未采用", 0.98)
    if reason := parts.get("unlabelled", ""):
        draft = draft.doubt(f"答案之后的文字没有标签，按解析读入：{reason[:20]}", 0.9)
    return draft


_LINES = re.compile(r"\n|；")
_WORDS = re.compile(r"[\s,，、;；]+")


def _pieces(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    """Cut a text, and drop empty pieces and the stops at their ends."""
    pieces = (piece.strip(" 。；;") for piece in pattern.split(text)) if text else ()
    return tuple(piece for piece in pieces if piece)


def _extra(parts: dict[str, str]) -> dict[str, object]:
    """Tags and source, where they are given."""
    given = {"tags": _pieces(_WORDS, parts.get("tags", "")),
             "source": parts.get("source", "").strip()}  # fmt: skip
    return {name: value for name, value in given.items() if value}


_KIND_INSIDE = re.compile(r"^(.{0,60}?)[【\[](单选|多选|判断|不定项|填空|简答)题?[】\]]")


def _take_kind(body: str) -> tuple[str, str]:
    """Take the kind out of a stem: at its ends, or in square brackets further inside."""
    word, rest = inline_kind(body)
    if not word and (inner := _KIND_INSIDE.search(rest)):
        return inner[2], rest.replace(inner[0], inner[1], 1)
    return word, rest


def _find_options(body: str, declared: ItemKind | None, parts: dict[str, str]) -> SplitOptions:
    """Options with letters, under 选项：, with small letters or counted ①②③, in this order.

    A key of figures is turned into letters along with its options.
    """
    found = split_options(ticked(body))
    if not found.letters and "options" in parts:
        found = replace(split_options(parts["options"]), stem=body)
        if not found.letters:
            texts = unmarked_options(parts["options"].split("\n"))
            found = SplitOptions(body, LETTERS[: len(texts)], texts)
    if not found.letters:
        found = small_options(body)
    if not found.letters:
        counted = circled_options(body)
        written = circled_key(parts.get("key", ""))
        if counted.letters and (
            (declared is not None and declared.has_options and declared is not ItemKind.TRUE_FALSE)
            or (declared is None and read_key(written).letters)
        ):
            found, parts["key"] = counted, written
    return found


def tidy_text(text: str) -> str:
    """Strip lines and drop empty ones; line ends stay."""
    return "\n".join(line.strip() for line in text.strip().split("\n") if line.strip())


def _parts(text: str) -> dict[str, str]:
    """Cut a question at its labels; texts under the same label are joined."""
    labels = find_labels(text)
    parts = {"body": text[: labels[0][1]] if labels else text}
    for (name, _, end), following in zip(labels, [*labels[1:], None], strict=False):
        body = text[end : following[1] if following else None].strip()
        if name == "stem" or (name == "key" and not body and name in parts):
            parts["body"] = f"{parts['body']}\n{body}".strip()
            continue
        if name == "key" and _begins_options(body, parts["body"]):
            parts["body"] = f"{parts['body']}\n{body}"
            continue
        if name == "key":
            body, rest = _key_line(body)
            rest = _take_sources(rest, parts)
            if rest:
                # A key before the options: what follows it goes on with the question.
                target = "explanation" if _is_reason(parts["body"], body) else "body"
                parts[target] = f"{parts.get(target, '')}\n{rest}".strip()
                if target == "explanation":
                    parts["unlabelled"] = rest
        elif name not in ("explanation", "citation", "options"):
            body, _, rest = body.partition("\n")
            if rest.strip():
                whole = split_options(parts["body"]).letters and not split_options(rest).letters
                target = "explanation" if whole else "body"
                parts[target] = f"{parts.get(target, '')}\n{rest}".strip()
                parts |= {"unlabelled": rest.strip()} if whole else {}
        parts[name] = f"{parts[name]}\n{body}".strip() if parts.get(name) else body
    first, _, rest = parts["body"].partition("\n")
    if rest:
        parts["body"] = f"{first}\n{_take_sources(rest, parts)}".strip()
    if "key" not in parts and (bare := _BARE_LETTERS.search(parts["body"])):
        before = parts["body"][: bare.start()]
        if set(bare[1]) <= set(split_options(before).letters):
            parts["body"], parts["key"] = before, bare[1]
    if (judged := _JUDGED.match(parts["body"])) and not split_options(judged[2]).letters:
        parts["body"], parts["unlabelled"] = judged[1], judged[2].strip()
        parts["explanation"] = f"{judged[2]}\n{parts.get('explanation', '')}".strip()
    return parts


def _begins_options(text: str, before: str) -> bool:
    """Whether options stand behind an empty 答案：, and none before it."""
    if read_key(text.partition("\n")[0]).plain:
        return False
    found = split_options(text)
    return found.letters[:2] == "AB" and not found.stem and not split_options(before).letters


_BARE_LETTERS = re.compile(r"\n[ \t]*([A-H]{1,8})[ \t。.]*$")
_JUDGED = re.compile(
    r"([^\n]{8,}[（(]\s*(?:√|✓|×|✗|对|错|正确|错误)\s*[)）]\s*[。.]?)\n(\s*\S.*)$", re.DOTALL
)


def _take_sources(text: str, parts: dict[str, str]) -> str:
    """Take lines that hold only a source in brackets, （《行政处罚法》第九条）, as citations."""
    kept = []
    for line in text.split("\n"):
        if found := _SOURCE_LINE.match(line):
            parts["citation"] = f"{parts.get('citation', '')}\n{found[1].strip()}".strip()
        else:
            kept.append(line)
    return "\n".join(kept).strip()


def _is_reason(body: str, key: str) -> bool:
    """Whether lines behind a key line, in a question that is whole before it, say why."""
    read = read_key(key)
    return bool(body) and bool(
        split_options(body).letters or (read.truth is not None and not read.letters)
    )


def _key_line(body: str) -> tuple[str, str]:
    """Cut a short key off the lines behind it, when these are stem or options."""
    first, _, rest = body.partition("\n")
    if rest and read_key(first).plain:  # noqa: SIM102
        if split_options(rest).letters or len(rest.strip()) > 4:
            return first, rest
    return body, ""


def _one_key(written: str, in_stem: KeyText | None, draft: Draft) -> tuple[KeyText, Draft]:
    """Choose between the key line and the key in the stem; two different ones are no key."""
    line = read_key(written) if written.strip() else None
    if line is not None and in_stem is not None and line.plain and in_stem.plain:
        if (line.letters, line.truth) != (in_stem.letters, in_stem.truth):
            note = f"题干中的答案为 {in_stem.text}，答案行为 {line.text}，二者不一致，请确定答案"
            return KeyText(), draft.doubt(note, 0.3)
        return line, draft
    if line is None:
        return in_stem or KeyText(), draft
    if not line.plain:
        head = re.match(
            r"^[（(【]?\s*([A-H](?:[\s,，、]*[A-H]){0,7}|√|×|对|错|正确|错误)\s*[)）】]?"
            r"\s*(?:[。．.，,；;：:\n]|[ \t]{1,}|(?=[【（(]))(.*)$",
            written.strip(), re.DOTALL,
        )  # fmt: skip
        if head and (draft.kind is None):
            rest = tidy_text(head[2])
            joined = "\n".join(part for part in (draft.explanation, rest) if part)
            return read_key(head[1]), replace(draft, explanation=joined)
        if in_stem is not None:
            return in_stem, draft
    return line, draft


def _unlettered(found: SplitOptions, stem: StemKey, key: KeyText) -> tuple[SplitOptions, StemKey]:
    """Take the lines after the stem as options when the key says that there must be some."""
    lines = stem.stem.split("\n") if stem.key is None else found.stem.split("\n")
    texts = unmarked_options(lines[1:]) if len(lines) > 1 else ()
    needed = 0 if key.letters == "*" else LETTERS.index(key.letters[-1]) + 1
    if len(texts) < max(needed, 2):
        return found, stem
    again = take_key(lines[0])
    notes = ("选项没有字母，按行的顺序编为 A、B、C……",)
    return SplitOptions(lines[0], LETTERS[: len(texts)], texts, notes), replace(
        again, key=again.key or stem.key
    )


def finish_choice(
    draft: Draft,
    found: SplitOptions,
    key: KeyText,
    declared: ItemKind | None,
) -> Draft:
    """Finish a question with options; the kind follows from texts and key, then the heading."""
    truth = _truth_options(found.texts)
    if truth is not None:
        if key.letters and key.letters != "*":
            places = [found.letters.find(letter) for letter in key.letters]
            values = {truth[place] for place in places if 0 <= place < len(truth)}
            right = values.pop() if len(values) == 1 and len(places) == 1 else key.truth
        else:
            right = key.truth
        if truth[0] is False:
            draft = draft.doubt("选项 A 为“错误”，已按选项文字取答案", 0.95)
        return replace(draft, kind=ItemKind.TRUE_FALSE,
                       key="" if right is None else "正确" if right else "错误")  # fmt: skip
    letters = "".join(found.letters) if key.letters == "*" else key.letters
    if not letters and key.text and not key.plain:
        letters = _by_text(key.text, found)
        if letters:
            draft = draft.doubt("答案写的是选项文字，已换成字母", 0.9)
    places = [found.letters.find(letter) for letter in letters]
    if -1 in places:
        wrong = "".join(c for c, place in zip(letters, places, strict=True) if place < 0)
        draft = draft.doubt(f"答案 {wrong} 没有对应的选项", 0.4)
        written = letters
    else:
        written = "".join(LETTERS[place] for place in sorted(places))
    kind = declared
    if kind is None or not kind.has_options or kind is ItemKind.TRUE_FALSE:
        kind = ItemKind.MULTIPLE if len(written) > 1 else ItemKind.SINGLE
        if declared is not None:
            draft = draft.doubt(f"所在部分为{declared}题，但有选项，按{kind}题读入", 0.7)
        elif not written:
            draft = draft.doubt("没有题型也没有答案，暂按单选题读入", 0.6)
    elif kind is ItemKind.SINGLE and len(written) > 1:
        draft = draft.doubt(f"标明单选题，答案有 {len(written)} 个，按多选题读入，请核对", 0.6)
        kind = ItemKind.MULTIPLE
    elif kind is ItemKind.MULTIPLE and len(written) == 1:
        draft = draft.doubt("标明多选题，答案只有 1 个，请核对", 0.6)
    if any(note.startswith("选项没有字母") for note in found.notes):
        draft = draft.doubt(found.notes[-1], 0.85)
    return replace(draft, kind=kind, options=found.texts, key=written)


def _by_text(text: str, found: SplitOptions) -> str:
    """Letters of the options whose text the key repeats."""
    flat = text.strip(" 。")
    return "".join(
        letter for letter, option in zip(found.letters, found.texts, strict=True)
        if option and option.strip(" 。") == flat
    )  # fmt: skip


def _truth_options(texts: tuple[str, ...]) -> tuple[bool, ...] | None:
    """Return what each option means when they are 正确 and 错误, in any order; else None."""
    if len(texts) != 2:
        return None
    words = [text.strip(" 。.（）()").upper() for text in texts]
    values = tuple(
        True if word in TRUE_WORDS else False if word in FALSE_WORDS else None for word in words
    )
    if set(values) == {True, False}:
        return tuple(bool(value) for value in values)
    return None


def finish_truth(draft: Draft, key: KeyText, section: Section) -> Draft:
    """Finish a true/false question without options."""
    right = key.truth
    if right is None and key.letters in ("A", "B"):
        mapped = section.a_is_true
        right = (key.letters == "A") is (mapped if mapped is not None else True)
        if mapped is None:
            draft = draft.doubt(f"判断题答案写作 {key.letters}，按 A 为正确读入，请核对", 0.7)
    elif right is None and key.letters:
        draft = draft.doubt(f"判断题的答案写作 {key.letters}，读不成对错", 0.4)
    elif right is None and key.text:
        right, draft = _leading_truth(key.text, draft)
    elif right is None and (found := _REASONED.search(draft.stem)):
        right, draft = _leading_truth(found[1], replace(draft, stem=draft.stem[: found.start()]))
    return replace(draft, kind=ItemKind.TRUE_FALSE,
                   key="" if right is None else "正确" if right else "错误")  # fmt: skip


_REASONED = re.compile(
    r"[（(]\s*((?:√|×|对|错|正确|错误)\s*[,，。;；:：].+?)\s*[)）]\s*。?$", re.DOTALL
)


def _leading_truth(text: str, draft: Draft) -> tuple[bool | None, Draft]:
    """Read ``错误，应为七日``: the reason behind the word goes to the explanation."""
    found = re.match(r"^(不正确|不对|正确|错误|对|错|√|×)[\s,，。;；:：（(]+(.*)$", text, re.DOTALL)
    if not found:
        return None, draft.doubt(f"判断题的答案写作“{text[:20]}”，读不成对错", 0.4)
    joined = "\n".join(part for part in (draft.explanation, found[2].strip("（）() ")) if part)
    return found[1] in TRUE_WORDS, replace(draft, explanation=joined)


def _fill_in(draft: Draft, body: str, written: str, ruled: tuple[str, ...] = ()) -> Draft:
    """Finish a 填空 question: answers in a key line, on the rule, in brackets or underlined."""
    stem, inside, note = joined_lines(body), tuple[str, ...](), ""
    if not written.strip():
        stem, inside, note = _answers_inside(stem, ruled)
    if note:
        draft = draft.doubt(note, 0.9)
    blanks = count_blanks(stem)
    answers: tuple[tuple[str, ...], ...] = tuple((word,) for word in inside)
    if written.strip():
        answers = split_answers(written, blanks)
    if written.strip() and not answers:
        draft = draft.doubt(f"有 {blanks} 个空，答案“{written[:20]}”分不成 {blanks} 个", 0.4)
    return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(stem), blanks=answers,
                   answer=written)  # fmt: skip


_TAIL_WORDS = re.compile(r"[（(【\[]\s*([^（()）【】\[\]]{1,60}?)\s*[)）】\]]\s*[。.]?$")


def _answers_inside(stem: str, ruled: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    """Take answers out of a fill-in stem: the stem with rules, the answers, what was assumed."""
    for take, note in (
        (filled_blanks, ""),
        (bracketed_blanks, ""),
        (filled_brackets, "题干括号中的文字按答案读入"),
    ):
        emptied, words = take(stem)
        if words:
            return emptied, words, note
    if (tail := _TAIL_WORDS.search(stem)) and (
        answers := split_answers(tail[1], count_blanks(stem[: tail.start()]))
    ):
        return (
            stem[: tail.start()],
            tuple(words[0] for words in answers),
            "题后括号中的文字按答案读入",
        )
    if not ruled or count_blanks(stem):
        return stem, (), ""
    place = 0
    for word in ruled:
        start = stem.find(word, place)
        if start < 0:
            return stem, (), ""
        stem = f"{stem[:start]}____{stem[start + len(word) :]}"
        place = start + 4
    return stem, ruled, "题干中划线的文字按答案读入"


_MARKS = re.compile(
    r"[（(]([^（()）]*(?:每|最多|至多|满分|酌情|共)[^（()）]*分[^（()）]*)[)）]\s*$"
)


def without_marks(written: str) -> tuple[str, str]:
    """Cut ``（每点3分，最多9分）`` off a model answer: the answer, and how it is marked."""
    found = _MARKS.search(written)
    return (written[: found.start()].rstrip(), found[1]) if found else (written, "")


def _words(draft: Draft, declared: ItemKind | None, key: KeyText, parts: dict[str, str]) -> Draft:
    """Finish a question without options: fill-in by its blanks, else answered in words."""
    written, note = without_marks(tidy_text(parts.get("key", "")))
    if note:
        joined = "\n".join(part for part in (draft.explanation, note) if part)
        draft = replace(draft, explanation=joined)
    if declared is not None and declared.has_options:
        note = "没有找到选项" if declared is not ItemKind.TRUE_FALSE else "没有答案"
        letters = "" if key.letters == "*" else key.letters
        return replace(draft, kind=declared, key=letters).doubt(note, 0.4)
    if declared is None and written and count_blanks(draft.stem) and len(written) <= 60:
        return _fill_in(draft, draft.stem, written)
    if declared is not None or written:
        kind = declared or ItemKind.SHORT
        if not written and draft.explanation:
            written = draft.explanation
        if declared is None:
            draft = draft.doubt("没有标明题型，按简答题读入", 0.8)
        return replace(draft, kind=kind, answer=written)
    return draft.doubt("没有选项，也没有答案", 0.3)
