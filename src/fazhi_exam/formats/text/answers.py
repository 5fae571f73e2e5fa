"""Answer tables at the end of a paper or a section: 1-5 ABCDA, 1.√ 2.×, 题号/答案 rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..words import KeyText, read_key
from .headings import Section, is_answers_heading, section_of
from .labels import find_labels
from .lines import Line

_VALUE = r"(?:[A-Ha-h](?:[\s,，、]{0,2}[A-H]){0,7}(?![A-Za-z])|[√✓✔×✗✘☑☒]|正确|错误|对|错|[TFtfXxVv](?![A-Za-z]))"  # noqa: E501
_PAIR = re.compile(
    rf"[（(\[【]?(\d{{1,4}})\s*(?:[.．、:：)）\]】\-—\s]|题[:：\s]?|(?=[A-H√×对错正]))\s*[（(\[【]?\s*({_VALUE})\s*[)）\]】]?[\s,，;；。、.]*"
)
_RUN = re.compile(
    r"(?:第?\s*)?(\d{1,4})\s*(?:-+|–|—+|~|～|至|到)\s*(\d{1,4})\s*(?:小?题)?\s*[:：.、．)）]?\s*"
    r"((?:[A-Ha-h√✓✔×✗✘对错TF]|正确|错误)[A-Ha-h√✓✔×✗✘对错正确误TF\s,，、;；/|]*?)(?=\s*(?:第?\s*\d|$|[。]))"
)
ORDINAL_ROW = re.compile(
    r"^[（(]?([一二三四五六七八九十]{1,3})[)）]?\s*(?:[、.．:：\s]|(?<=[)）]))\s*(?=(?:第\s*)?[（(]?\d|$|[A-H√×对错\s]+$)"
)
_KEYS_ONLY = re.compile(r"[A-H]+|[√✓✔×✗✘]+|(?:正确|错误|对|错)+")
_TOKEN_ONE = re.compile(r"[A-H√✓✔×✗✘]|正确|错误|对|错")
_TOKEN = re.compile(r"[A-Ha-h]+|[√✓✔×✗✘]|正确|错误|对|错|[TF]")
_ENTRY = re.compile(
    r"^\s*(?:第\s*)?[（(【\[]?(\d{1,4})[)）】\]]?\s*(?:[.．、:：)）]|题[:：]?|\s)\s*(?:【?(?:正确|参考|标准)?答案】?\s*[:：]?|答\s*[:：])?\s*(.*)$"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry of an answer table.

    Parameters
    ----------
    number
        Of the question, as printed.
    key
        What was read.
    explanation
        Text that follows the key, if any.
    section
        Heading inside the answers, or None; its title is a mere 一 where no kind stands with it.
    line
        Where it stands.
    raw
        As written.
    """

    number: int
    key: KeyText
    section: Section | None
    line: int
    explanation: str = ""
    raw: str = ""


def run_answers(text: str, section: Section | None, line: int) -> list[Answer]:
    """Read ``1-5 ABCDA 6-10 √×√√×`` or ``1.A 2.BD 3.C``; empty when the line is something else."""
    found: list[Answer] = []
    spans: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        first, last = int(run[1]), int(run[2])
        tokens = _tokens(run[3], last - first + 1)
        if tokens:
            found += [
                Answer(first + i, read_key(token), section, line, raw=run[0])
                for i, token in enumerate(tokens)
            ]
            spans.append(run.span())
    left, end = "", 0
    for first, last in spans:
        left += f"{text[end:first]} "
        end = last
    left += text[end:]
    pairs = list(_PAIR.finditer(left))
    found += [Answer(int(p[1]), read_key(p[2]), section, line, raw=p[0]) for p in pairs]
    rest = _PAIR.sub("", left)
    rest = re.sub(r"(?:参考|标准|正确)?答案|[【】\[\]（）():：\s。;；,，、.]", "", rest)
    return found if found and len(rest) <= 6 + len(found) // 4 else []


def _tokens(written: str, count: int) -> list[str]:
    """Cut the answers of a run: separated groups, or single letters without separators."""
    groups = [g for g in re.split(r"[\s,，、;；/|]+", written.strip()) if g]
    if len(groups) == count and all(_TOKEN.fullmatch(g) for g in groups):
        return groups
    tokens = [t for g in groups for t in _TOKEN.findall(g)]
    singles = [c for t in tokens for c in ([*t] if t.isascii() else [t])]
    return singles if len(singles) == count else tokens if len(tokens) == count else []


def bare_keys(text: str) -> list[list[str]]:
    """Read keys without numbers, ``ABCDA BC``: every way to cut them; empty for other lines."""
    groups = [g for g in re.split(r"[\s,，、;；|]+", text.strip(" 。.")) if g]
    if not groups or not all(_KEYS_ONLY.fullmatch(g) for g in groups):
        return []
    singles = _TOKEN_ONE.findall("".join(groups))
    return [groups, singles] if len(groups) > 1 else [singles]


def table_rows(lines: Sequence[Line], index: int, section: Section | None) -> list[Answer]:
    """Read a row of numbers followed by a row of answers, as tables come out of Word."""
    row = lines[index].text.lstrip(" |\t")
    if not (row[:1].isdigit() or row[:2] in ("题号", "序号", "题目")):
        return []
    heads = _cells(lines[index].text)
    if index + 1 >= len(lines) or len(heads) < 2:
        return []
    cells = _cells(lines[index + 1].text)
    if (
        heads[0] in ("题号", "序号", "题目")
        and cells
        and cells[0] in ("答案", "正确答案", "参考答案")
    ):
        heads, cells = heads[1:], cells[1:]
    elif not all(head.isdigit() for head in heads) or len(heads) < 3:
        return []
    numbers = [(int(h), c) for h, c in zip(heads, cells, strict=False) if h.isdigit() and c]
    keys = [(number, read_key(cell)) for number, cell in numbers]
    if not keys or sum(key.plain for _, key in keys) < 0.8 * len(keys):
        return []
    return [Answer(n, key, section, lines[index + 1].number, raw=key.text) for n, key in keys]


def _cells(text: str) -> list[str]:
    text = _BRACKETED.sub(r"\1", text)
    parts = text.split("\t") if "\t" in text else re.split(r"\s+|\|", text.strip(" |"))
    return [part.strip(" |") for part in parts if part.strip(" |")]


def read_answers_part(
    lines: Sequence[Line], section: Section | None = None
) -> tuple[list[Answer], list[Line]]:
    """Read the lines after 参考答案.

    Parameters
    ----------
    lines
        All of them.
    section
        What the answers belong to until a heading says otherwise.

    Returns
    -------
    answers, strays
        Entries in order, and the lines that belong to none.
    """
    answers: list[Answer] = []
    strays: list[Line] = []
    skip = -1
    for index, line in enumerate(lines):
        text = line.text.strip()
        if not text or index <= skip or is_answers_heading(text):
            continue
        if rows := table_rows(lines, index, section):
            answers += rows
            skip = index + 1
            continue
        if (short := ORDINAL_ROW.match(text)) and (
            run_answers(text[short.end() :], None, 0) or _row_follows(lines, index, short)
        ):
            section = Section(short[1])
            answers += run_answers(text[short.end() :], section, line.number)
            continue
        if short and len(parts := _several(text[short.end() :])) > 1:
            section = Section(short[1])
            entries = [_entry(part, section, line) for part in parts]
            answers += [one for one in entries if one is not None]
            continue
        if short and (keys := bare_keys(text[short.end() :])):
            section = Section(short[1])
            answers += [Answer(number, read_key(key), section, line.number, raw=text)
                        for number, key in enumerate(_likely(keys), 1)]  # fmt: skip
            continue
        heading, _, tail = text.partition("：") if "：" in text else text.partition(":")
        opened = section_of(text) or _part_heading(heading if tail else text)
        opened = opened or (section_of(heading) if tail else None)
        if opened is not None:
            section = opened
            counted = tail and (run_answers(tail, None, 0) or len(_several(tail.strip())) > 1)
            text = tail.strip() if counted else ""
            if not text and (inline := re.search(r"[)）】题]\s*(\d.*)$", line.text)):
                text = inline[1] if run_answers(inline[1], None, 0) else ""
            if not text:
                continue
        if many := run_answers(text, section, line.number):  # noqa: SIM102
            if len(many) > 1 or not answers or not re.match(r"^\s*\d+\s*[.．、]\s*\S{9,}", text):
                answers += many
                continue
        entries = [_entry(part, section, line) for part in _several(text)]
        entry = entries[0]
        if entry is not None and _fits(entry, answers, section):
            answers += [one for one in entries if one is not None]
        elif answers:
            last = answers[-1]
            joined = f"{last.explanation}\n{text}".strip()
            answers[-1] = replace(last, explanation=joined)
        else:
            strays.append(line)
    return [_with_explanation(answer) for answer in answers], strays


_PART = re.compile(
    r"^(?:案例|材料|资料|案情|情景)\s*[一二三四五六七八九十\d]{1,3}$|^第\s*[一二三四五六七八九十\d]{1,2}\s*(?:部分|大题)"
)
_BRACKETED = re.compile(r"[（(]\s*(\d{1,4})\s*[)）]")
_NUMBER = re.compile(r"(?:^|(?<=[\s。；;]))[（(]?(\d{1,3})(?:\s*[)）.．、]\s*|\s+(?=\S))")


def entries_of(text: str, line: Line) -> list[Answer]:
    """Read a row of numbered answers in words; one entry, or none, for other lines."""
    entries = [_entry(part, None, line) for part in _several(text.strip())]
    return [one for one in entries if one is not None]


def _part_heading(text: str) -> Section | None:
    """Return the heading 案例三 or 第三部分 over answers, or None."""
    line = text.strip(" 【】[]：:")
    if len(line) > 24 or not (found := _PART.match(line)):
        return None
    return Section(found[0].strip(), cases=found[0][0] != "第")


def _several(text: str) -> list[str]:
    """Cut ``1、两；证件  2、游行  3、高效``, several answers in words; else one."""
    bracketed = text[:1] in _OPEN
    starts = [(int(one[1]), one.start()) for one in _NUMBER.finditer(text)
              if (one[0].strip()[0] in _OPEN) is bracketed]  # fmt: skip
    if not starts or starts[0][1] > 0 or len(starts) < 2:
        return [text]
    if [number for number, _ in starts] != [starts[0][0] + step for step in range(len(starts))]:
        return [text]
    places = [place for _, place in starts] + [len(text)]
    parts = [text[a:b].strip() for a, b in pairwise(places)]
    return parts if all(len(part) <= 40 for part in parts) else [text]


def _likely(ways: list[list[str]]) -> list[str]:
    """Choose how to cut keys without numbers: letters one by one unless groups differ in length."""
    groups = ways[0]
    even = len({len(group) for group in groups[:-1]}) <= 1 and len(groups[0]) >= 5
    return ways[-1] if even else groups


def _row_follows(lines: Sequence[Line], index: int, short: re.Match[str]) -> bool:
    """Whether 一、 alone on its line stands over a row of answers."""
    if lines[index].text.strip()[short.end() :]:
        return False
    rest = [line for line in lines[index + 1 : index + 4] if line.text.strip()]
    return bool(rest) and bool(run_answers(rest[0].text, None, 0) or table_rows(rest, 0, None))


_OPEN = ("（", "(", "【", "[")


def _fits(entry: Answer, answers: list[Answer], section: Section | None) -> bool:
    """Whether an entry goes on counting, so that lists inside an explanation are not answers."""
    if entry.key.plain or not answers or answers[-1].section is not section:
        return True
    if entry.raw[:1] in _OPEN and answers[-1].raw[:1] not in _OPEN:
        return False  # （2） goes on with the answer 1．
    return entry.number == answers[-1].number + 1 or (
        entry.number == 1 and not answers[-1].key.text
    )


def _entry(text: str, section: Section | None, line: Line) -> Answer | None:
    found = _ENTRY.match(text)
    if not found:
        return None
    body = found[2].strip()
    cut = re.match(
        rf"^[（(【\[]?\s*({_VALUE})\s*[)）】\]]?(?:[\s。.;；,，:：]+(.*)|(【.*|[（(].*))?$", body
    )
    if cut:
        rest = (cut[2] or cut[3] or "").strip()
        return Answer(int(found[1]), read_key(cut[1]), section, line.number, rest, text)
    return Answer(int(found[1]), KeyText(text=body), section, line.number, "", text)


def _with_explanation(answer: Answer) -> Answer:
    """Drop the label 解析： from the text behind a key; lines that go on with words join them."""
    inside = next((one for one in find_labels(answer.key.text) if one[0] == "explanation"), None)
    if inside is not None and not answer.key.plain:
        words, reason = answer.key.text[: inside[1]].strip(), answer.key.text[inside[2] :].strip()
        reason = f"{reason}\n{answer.explanation}".strip()
        return replace(answer, key=replace(answer.key, text=words), explanation=reason)
    labels = find_labels(answer.explanation)
    if answer.explanation and not answer.key.plain and not (labels and labels[0][1] == 0):
        end = next((start for name, start, _ in labels if name == "explanation"), None)
        words = f"{answer.key.text}\n{answer.explanation[:end].strip()}".strip()
        rest = "" if end is None else answer.explanation[end:]
        more = replace(answer, key=replace(answer.key, text=words), explanation=rest)
        return _with_explanation(more) if rest else more
    if labels and labels[0][1] == 0:
        if labels[0][0] == "explanation":
            return replace(answer, explanation=answer.explanation[labels[0][2] :].strip())
        if labels[0][0] == "key" and not answer.key.plain:
            end = labels[1][1] if len(labels) > 1 else len(answer.explanation)
            key = read_key(answer.explanation[labels[0][2] : end])
            rest = answer.explanation[end:].strip()
            return _with_explanation(replace(answer, key=key, explanation=rest))
    return answer
