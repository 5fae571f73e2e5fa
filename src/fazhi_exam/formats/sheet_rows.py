"""One row of a question table made into a draft."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..bank.item import LETTERS, Band, ItemKind, Level
from .draft import Draft, case_id
from .markup import html_lines
from .sheet_keys import (
    CellKey,
    blank_cells,
    joined_key,
    key_of_options,
    key_of_truth,
    ticked_key,
    words_of_blank,
)
from .sheet_options import read_options
from .text.finish import finish_choice, finish_truth, tidy_text
from .text.headings import Section
from .text.kinds import inline_kind
from .text.options import SplitOptions, marked_right, tidy
from .text.stem import (
    count_blanks,
    filled_blanks,
    rule_blanks,
    split_answers,
    take_key,
    take_points,
)
from .words import KeyText, band_of, kind_of, level_of, read_key, subject_code

_HTML = re.compile(
    r"</?(?:p|br|div|span|b|i|u|strong|em|font|td|tr|li|ul|ol)(?:\s[^<>]*)?/?>|&(?:nbsp|lt|gt|amp|quot|#\d+);",
    re.IGNORECASE,
)
_KIND_WORDS, _LEVEL_WORDS, _BAND_WORDS = (
    frozenset(one.value for one in words) for words in (ItemKind, Level, Band)
)
_NUMBER = re.compile(
    r"^\s*(?:第\s*(\d{1,4})\s*题\s*[、.．:：]?|(\d{1,4}(?=\s*、)|\d{1,3}(?=\s*[.．]))\s*[、.．]|"
    r"[（(【]\s*(\d{1,3})\s*[)）】]\s*[、.．:：]?)\s*(?=[^\s\d])"
)


def plain_text(value: str) -> str:
    """Turn HTML that a web tool left in a cell into text."""
    if ("<" in value or "&" in value) and _HTML.search(value):
        return "\n".join(html_lines(re.sub(r"\r?\n", "<br>", value)))
    return value


def draft_of_fields(
    fields: Mapping[str, str],
    options: Sequence[str],
    *,
    file: str,
    sheet: str = "",
    line: int | None = None,
    raw: str = "",
    kind: ItemKind | None = None,
) -> Draft:
    """Make a draft of cells by canonical column name and option texts by position.

    Parameters
    ----------
    kind
        What stands above the row; its own cell and its stem come first.
    """
    get = fields.get
    draft = _begin(fields, file, sheet, line, raw)
    if is_own(fields):
        return _exact(draft, ItemKind(get("题型", "")), fields, options)
    in_cell = kind_of(get("题型", ""))
    if get("题型") and in_cell is None:
        draft = draft.doubt(f"题型“{get('题型', '')[:12]}”不认识，按内容判断", 0.8)
    stem, in_stem, draft = _asked(get("题干", ""), draft)
    if in_cell and in_stem and in_cell is not in_stem:
        draft = draft.doubt(f"题干写明{in_stem}题，题型列为{in_cell}，按题型列读入，请核对", 0.6)
    declared = in_cell or in_stem or kind
    if not draft.points:
        stem, points = take_points(stem)
        draft = replace(draft, points=points)
    written = get("答案", "") or get("填空答案", "") or ticked_key(fields)
    if declared is None or declared.objective:
        written = joined_key(written)
    blanks = blank_cells(fields)
    if blanks and declared in (None, ItemKind.BLANK) and not any(options):
        return _blanks_by_column(draft, stem, blanks)
    written = written or "；".join(filter(None, blanks))
    if declared not in _CHOSEN and (any(options) or get("选项")):
        declared, draft = _kind_beside_options(declared, written, draft)
    if declared is ItemKind.BLANK:
        return _blank(draft, stem, written)
    if declared is not None and not declared.objective:
        if in_cell is None and in_stem is None and _looks_blank(stem, written):
            return _blank(draft.doubt(f"所在部分为{declared}题，题干有空，按填空题读入", 0.85),
                          stem, written)  # fmt: skip
        answer = written or draft.explanation
        return replace(draft, kind=declared, stem=tidy(stem), answer=answer)
    return _objective(draft, stem, options, get("选项", ""), written, declared)


_CHOSEN = (None, ItemKind.SINGLE, ItemKind.MULTIPLE, ItemKind.INDEFINITE, ItemKind.TRUE_FALSE)


def _kind_beside_options(
    declared: ItemKind | None, written: str, draft: Draft
) -> tuple[ItemKind | None, Draft]:
    """Decide for a question called 简答 or 填空 that has options, as 案例分析 often has."""
    if read_key(written).plain or not written:
        return None, draft.doubt(f"题型为{declared}题，但有选项，按选择题读入，请核对", 0.7)
    return declared, draft.doubt(f"题型为{declared}题，选项列的内容未用，请核对", 0.5)


def _begin(fields: Mapping[str, str], file: str, sheet: str, line: int | None, raw: str) -> Draft:
    """Begin a draft with the columns that are taken as they are."""
    get = fields.get
    draft = Draft(
        file, line, sheet, explanation=tidy_text(get("解析", "")), id=get("编号", ""),
        citations=tuple(p.strip() for p in re.split(r"\n|；|;", get("法条引用", "")) if p.strip()),
        points=get("分值", ""), band=band_of(get("难度", "")), level=level_of(get("能力层次", "")),
        subject=subject_code(get("主题", "")), topic=get("二级主题", ""), number=get("序号", ""),
        section=sheet, extra=_extra(fields), raw=raw,
        case=get("案例编号", ""), case_title=get("案例标题", ""), stimulus=get("案例材料", ""),
    )  # fmt: skip
    if get("难度") and draft.band is None:
        draft = draft.doubt(f"难度“{get('难度', '')[:12]}”不认识，未采用", 0.98)
    if draft.stimulus and not draft.case:
        draft = replace(draft, case=case_id(draft.stimulus))
    return draft


def _asked(stem: str, draft: Draft) -> tuple[str, ItemKind | None, Draft]:
    """Take number and kind off the beginning of a stem, in any order."""
    kind = None
    for _ in range(2):
        if found := _NUMBER.match(stem):
            number = found[1] or found[2] or found[3]
            following = rf"(?<!\d){int(number) + 1}\s*[、.．:：)）]"
            if not re.search(following, stem[found.end() :]):
                stem = stem[found.end() :]
                draft = draft if draft.number else replace(draft, number=number)
        word, rest = inline_kind(stem)
        if word and (kind_of(word) is not None or word == "选择") and rest.strip():
            kind, stem = kind or kind_of(word), rest.strip()
    return stem, kind, draft


def _objective(
    draft: Draft, stem: str, columns: Sequence[str], cell: str, written: str,
    declared: ItemKind | None,
) -> Draft:  # fmt: skip
    """Finish a question with options or a truth value, or one whose kind nothing tells."""
    stem, texts, draft = read_options(stem, columns, cell, written, draft)
    taken = take_key(stem)
    found = key_of_options(written, texts) if texts else key_of_truth(written, declared)
    key = found.key
    if not key.text and taken.key is not None:
        key = taken.key
    elif (
        taken.key is not None
        and taken.key.plain
        and key.plain
        and ((taken.key.letters, taken.key.truth) != (key.letters, key.truth))
    ):
        draft = draft.doubt(f"题干中的答案为 {taken.key.text}，答案列为 {key.text}，请核对", 0.4)
        key = KeyText()
    draft = _noted(replace(draft, stem=tidy(taken.stem)), found)
    if texts:
        split = SplitOptions(draft.stem, LETTERS[: len(texts)], texts)
        unmarked, right = marked_right(split)
        if right and not written:
            split, key = unmarked, read_key(right)
            draft = draft.doubt("没有答案，取选项上的记号为答案，请核对", 0.8)
        elif right and right == key.letters:
            split = unmarked
        return finish_choice(draft, split, key, declared)
    return _without_options(draft, key, declared, written, stem)


def _noted(draft: Draft, found: CellKey) -> Draft:
    for note, factor in found.notes:
        draft = draft.doubt(note, factor)
    if found.reason:
        joined = "\n".join(part for part in (draft.explanation, found.reason) if part)
        draft = replace(draft, explanation=joined)
    return draft


def is_own(fields: Mapping[str, str]) -> bool:
    """Whether the program itself wrote this row: its texts are then taken to the letter."""
    return (
        bool(fields.get("编号"))
        and fields.get("题型") in _KIND_WORDS
        and fields.get("能力层次") in _LEVEL_WORDS
        and fields.get("难度") in _BAND_WORDS
    )


def _exact(
    draft: Draft, kind: ItemKind, fields: Mapping[str, str], options: Sequence[str]
) -> Draft:
    """Make a draft of a row that the program wrote."""
    key = fields.get("答案", "")
    draft = replace(draft, kind=kind, stem=fields["题干"], explanation=fields.get("解析", ""))
    if kind is ItemKind.BLANK:
        return replace(draft, blanks=tuple(tuple(words.split("/")) for words in key.split("；")))
    if not kind.objective:
        return replace(draft, answer=key)
    filled = [place for place, text in enumerate(options) if text]
    texts = tuple(options[: filled[-1] + 1]) if filled else ()
    if kind is ItemKind.TRUE_FALSE and not texts:
        truth = read_key(key).truth
        key = "" if truth is None else "正确" if truth else "错误"
    else:
        key = read_key(key).letters
    return replace(draft, options=texts, key=key)


def _without_options(
    draft: Draft, key: KeyText, declared: ItemKind | None, written: str, stem: str
) -> Draft:
    if declared is ItemKind.TRUE_FALSE or (declared is None and key.truth is not None):
        return finish_truth(draft, key, Section("", declared))
    if declared is not None:
        return replace(draft, kind=declared, key=key.letters.replace("*", "")).doubt(
            "没有选项", 0.4
        )
    if count_blanks(stem) and written:
        return _blank(draft, stem, written)
    if written:
        return replace(draft, kind=ItemKind.SHORT, answer=written).doubt(
            "没有标明题型，按简答题读入", 0.8
        )
    return draft.doubt("没有选项，也没有答案", 0.3)


def _looks_blank(stem: str, written: str) -> bool:
    """Whether an answer fills the blanks of a stem although its sheet says 主观题."""
    return 0 < len(written) <= 60 and bool(split_answers(written, count_blanks(stem)))


def _blank(draft: Draft, stem: str, written: str) -> Draft:
    stem, on_rule = (tidy(stem), ()) if written else filled_blanks(tidy(stem))
    count = count_blanks(stem)
    if count == 1 and written and "\n" not in written:
        blanks: tuple[tuple[str, ...], ...] = (words_of_blank(written.rstrip("。；;")),)
    else:
        blanks = split_answers(written, count) if written else tuple((text,) for text in on_rule)
    if not blanks and len(parts := re.split(r"\s*[/／]\s*", written)) == count > 1:
        draft = draft.doubt(f"答案“{written[:20]}”以斜线分开，按一空一个读入，请核对", 0.8)
        blanks = tuple((part,) for part in parts)
    if written and not blanks:
        draft = draft.doubt(f"有 {count} 个空，答案“{written[:20]}”分不成 {count} 个", 0.4)
    return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(stem), blanks=blanks,
                   answer=written)  # fmt: skip


def _blanks_by_column(draft: Draft, stem: str, cells: Sequence[str]) -> Draft:
    """Finish a 填空 question that has a column for each blank."""
    stem = tidy(stem)
    count = count_blanks(stem)
    if count != len(cells) or not all(cells):
        filled = sum(map(bool, cells))
        draft = draft.doubt(f"题干有 {count} 个空，答案列填了 {filled} 个，请核对", 0.4)
    return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(stem), answer="；".join(cells),
                   blanks=tuple(words_of_blank(text) for text in cells if text))  # fmt: skip


_POINT = re.compile(r"^(.*?)（(\d+(?:\.\d+)?)\s*分(?:；同义：(.*))?）$", re.DOTALL)


def _extra(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the further item fields of our own workbook."""
    get = fields.get
    extra: dict[str, Any] = {}
    for name, column in (("band_reason", "难度理由"), ("source", "来源"), ("note", "备注"),
                         ("field_part", "领域部分")):  # fmt: skip
        if get(column):
            extra[name] = fields[column]
    for name, column in (("tags", "标签"), ("enemies", "互斥题"), ("pinned", "固定选项")):
        if get(column):
            extra[name] = tuple(t for t in re.split(r"[,，、;；\s]+", fields[column]) if t)
    if get("否定题") in ("是", "√", "Y", "1"):
        extra["negative"] = True
    if get("依据类型") in ("政策", "policy"):
        extra["basis"] = "policy"
    states = {"草稿": "draft", "已审": "reviewed", "试用": "pilot", "在用": "live", "暂停": "suspended",  # noqa: E501
              "停用": "retired"}  # fmt: skip
    if get("状态"):
        extra["status"] = states.get(fields["状态"], fields["状态"])
        if extra["status"] not in states.values():
            del extra["status"]
    if points := read_points(get("评分点", "")):
        extra["marking_points"] = points
    return extra


def read_points(text: str) -> list[dict[str, Any]]:
    """Read a marking scheme, one point a line: ``要点（2分；同义：甲／乙）``; empty when it is none."""  # noqa: E501
    found = [_POINT.match(line.strip()) for line in text.split("\n") if line.strip()]
    if not all(found):
        return []
    return [
        {"points": p[2], "text": p[1], "accept": tuple(filter(None, (p[3] or "").split("／")))}
        for p in found if p
    ]  # fmt: skip
