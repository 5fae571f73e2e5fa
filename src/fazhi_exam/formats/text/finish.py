"""Finishing a question whose parts are known: choice, true/false, fill-in, or words."""

import re
from dataclasses import replace

from ...bank.item import LETTERS, ItemKind
from ..draft import Draft
from ..words import FALSE_WORDS, TRUE_WORDS, KeyText
from .headings import Section
from .options import SplitOptions, joined_lines
from .stem import (
    bracketed_blanks,
    count_blanks,
    filled_blanks,
    filled_brackets,
    rule_blanks,
    split_answers,
)


def tidy_text(text: str) -> str:
    """Strip lines and drop empty ones; line ends stay."""
    return "\n".join(line.strip() for line in text.strip().split("\n") if line.strip())


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


def finish_blanks(draft: Draft, body: str, written: str, ruled: tuple[str, ...] = ()) -> Draft:
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


_TAIL_GAP = re.compile(r"(?<=[。．.）)])[ \t]+([^。]{1,40})$")
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
    if (gap := _TAIL_GAP.search(stem)) and (
        answers := split_answers(gap[1], count_blanks(stem[: gap.start()]))
    ):
        return stem[: gap.start()], tuple(one[0] for one in answers), "题后的文字按答案读入"
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


def finish_words(
    draft: Draft, declared: ItemKind | None, key: KeyText, parts: dict[str, str]
) -> Draft:
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
        return finish_blanks(draft, draft.stem, written)
    if declared is not None or written:
        kind = declared or ItemKind.SHORT
        if not written and draft.explanation:
            written = draft.explanation
        if declared is None:
            draft = draft.doubt("没有标明题型，按简答题读入", 0.8)
        return replace(draft, kind=kind, answer=written)
    return draft.doubt("没有选项，也没有答案", 0.3)
