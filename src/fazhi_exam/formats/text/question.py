"""Reading one question that has been cut out of a text."""

import re
from dataclasses import replace

from ...bank.item import LETTERS, ItemKind
from ..draft import Draft, case_id
from ..words import KeyText, band_of, kind_of, level_of, read_key
from .block import Block
from .finish import finish_blanks, finish_choice, finish_truth, finish_words, tidy_text
from .kinds import take_kind
from .options import (
    SplitOptions,
    circled_key,
    circled_options,
    joined_lines,
    marked_right,
    small_options,
    split_options,
    take_radio,
    ticked,
    unmarked_options,
)
from .stem import StemKey, take_key, take_points, take_source

_SOURCE_LINE = re.compile(
    r"^\s*[（(【\[]\s*(?:(?:法律|法条)?(?:依据|出处|来源)[:：为]?|参?见|摘自)?\s*"
    r"(《[^》\n]{2,40}》[^【】\[\]\n]{0,60}?)\s*[)）】\]]\s*[。.]?\s*$"
)


def read_block(block: Block, name: str) -> Draft:
    """Read one question: labels, options, key in the stem, kind by meaning."""
    if block.stimulus is not None and block.lines is block.stimulus.lines:
        lone = replace(_draft(block, name, {}), stimulus=block.stimulus.text, points="")
        return lone.doubt("案例材料之后没有小题", 0.3)
    parts = _parts(block.text, block.labels)
    kind_word, body = take_kind(parts["body"])
    declared = kind_of(kind_word or parts.get("kind", "")) or block.section.kind
    body, points = take_points(body)
    draft = _draft(block, name, parts, points)
    if declared in (ItemKind.TRUE_FALSE, None):
        body, pressed = take_radio(body)
        parts |= {"key": pressed} if pressed else {}
    if declared is ItemKind.BLANK and not _lettered(body, parts.get("key", "")):
        return finish_blanks(draft, body, parts.get("key", ""), block.ruled)
    found = _find_options(body, declared, parts)
    written = parts.get("key", "")
    if declared is None and not found.letters and "__" in body and not read_key(written).plain:
        return finish_blanks(draft, body, written, block.ruled)
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
    declared, draft = _kind_by_key(declared, bool(found.letters), key, draft)
    if declared is ItemKind.BLANK and not found.letters:
        return finish_blanks(draft, body, written, block.ruled)
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
    return finish_words(draft, declared, key, parts)


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


def _lettered(body: str, written: str) -> bool:
    """Whether a question among fill-ins has options and a key of letters."""
    return bool(read_key(written).letters) and len(split_options(body).letters) >= 3


def _kind_by_key(
    declared: ItemKind | None, options: bool, key: KeyText, draft: Draft
) -> tuple[ItemKind | None, Draft]:
    """Correct the kind of a heading that options and key speak against, and say so."""
    if declared is None or options or not declared.has_options or not key.text:
        return declared, draft
    kind = declared
    if key.truth is not None and not key.letters:
        kind = ItemKind.TRUE_FALSE
    elif not key.plain and len(key.text) > 1:
        judged = key.text.startswith(("正确", "错误", "对", "错", "不对", "√", "×"))
        kind = declared if judged else ItemKind.BLANK if "__" in draft.raw else ItemKind.SHORT
    if kind is declared:
        return declared, draft
    return kind, draft.doubt(f"所在部分为{declared}题，按{kind}题读入", 0.7)


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


def _parts(text: str, labels: tuple[tuple[str, int, int], ...]) -> dict[str, str]:
    """Cut a question at its labels; texts under the same label are joined."""
    parts = {"body": text[: labels[0][1]] if labels else text}
    for (name, _, end), following in zip(labels, [*labels[1:], None], strict=False):
        body = text[end : following[1] if following else None].strip()
        if name == "stem" or (name == "key" and not body and name in parts):
            parts["body"] = f"{parts['body']}\n{body}".strip()
            continue
        if name == "key" and _begins_options(body, parts["body"]):
            parts["body"] = f"{parts['body']}\n{body}"
            continue
        if name == "key" and not take_kind(parts["body"])[1].strip():
            body, _, rest = body.partition("\n")  # kind and key stand over the stem
            parts["body"] = f"{parts['body']}\n{rest}".strip()
        elif name == "key":
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


_BARE_LETTERS = re.compile(r"\n[ \t]*[（(]?\s*([A-H]{1,8})\s*[)）]?[ \t。.]*$")
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
