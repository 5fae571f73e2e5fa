"""Moodle's text formats GIFT (read and written) and Aiken (read)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from ..bank.item import Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..errors import ImportProblem
from .clean import decode_text
from .draft import Draft
from .labels import (
    MOODLE_TAG,
    category_of,
    choice_draft,
    labels_of,
    read_category,
    read_labels,
)
from .markup import html_lines
from .sheets import Found
from .text import Progress
from .text.stem import count_blanks, rule_blanks
from .words import read_key
from .written import Written, losses

_ESCAPED = re.compile(r"\\([~=#{}:\\n\]])")
_HIDDEN = {"~": "\ue000", "=": "\ue001", "#": "\ue002", "{": "\ue003", "}": "\ue004",
           ":": "\ue005", "\\": "\ue006", "n": "\ue007", "]": "\ue008"}  # fmt: skip
_SHOWN = {hidden: "\n" if sign == "n" else sign for sign, hidden in _HIDDEN.items()}
_TITLE = re.compile(r"^\s*::(.*?)::\s*", re.DOTALL)
_FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]\s*", re.IGNORECASE)
_WEIGHT = re.compile(r"^\s*%(-?\d+(?:\.\d+)?)%\s*")
_TAGS = re.compile(r"\[(id|tag):([^\]]*)\]")
_ANSWER = re.compile(r"([=~])")


def _hide(text: str) -> str:
    return _ESCAPED.sub(lambda found: _HIDDEN[found[1]], text)


def _show(text: str) -> str:
    return "".join(_SHOWN.get(char, char) for char in text).strip()


def _pieces(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Cut a file at empty lines outside braces; a new title ends an unclosed question."""
    start, depth = 1, 0
    piece: list[str] = []
    for number, line in enumerate(lines, 1):
        bare = "" if line.lstrip().startswith("//") else _hide(line)
        titled = bare.lstrip().startswith("::")
        if (not line.strip() and depth <= 0) or (titled and piece and depth > 0):
            if any(one.strip() for one in piece):
                yield start, piece
            piece, depth = [], 0
        if not piece:
            start = number
        if line.strip() or piece:
            piece.append(line)
        depth += bare.count("{") - bare.count("}")
    if any(one.strip() for one in piece):
        yield start, piece


def parse_gift(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a GIFT file: choice, true/false, short answer, missing word, essay, description."""
    decoded = decode_text(name, data)
    problems = [ImportProblem(note, name, blocking=False) for note in decoded.notes]
    drafts: list[Draft] = []
    stimuli: dict[str, tuple[str, str]] = {}
    subject = topic = ""
    lines = decoded.text.split("\n")
    for start, piece in _pieces(lines):
        category = [ln for ln in piece if ln.lstrip().upper().startswith("$CATEGORY:")]
        if category:
            subject, topic = read_category(_show(_hide(category[-1].partition(":")[2])))
            piece = [ln for ln in piece if ln not in category]
        comments = [ln.strip()[2:] for ln in piece if ln.lstrip().startswith("//")]
        body = "\n".join(ln for ln in piece if not ln.lstrip().startswith("//"))
        if not body.strip():
            continue
        draft = Draft(name, start, subject=subject, topic=topic, raw="\n".join(piece))
        marks = [(kind, _show(value)) for c in comments for kind, value in _TAGS.findall(_hide(c))]
        draft = replace(draft, id=next((v for kind, v in marks if kind == "id"), ""))
        labels = [value for kind, value in marks if kind == "tag"]
        case = next((v[3:] for v in labels if v.startswith("案例:")), "")
        draft = read_labels(draft, [v for v in labels if not v.startswith("案例:")])
        title, text = _title(_hide(body))
        if "{" not in text:
            if title:
                stimuli[title] = (title, _show(_FORMAT.sub("", text)))
            else:
                shown = body.strip().split("\n")[0][:60]
                problems.append(ImportProblem("没有答案部分 { }，已略去", name, line=start,
                                              value=shown))  # fmt: skip
            continue
        draft = _question(draft, title, text)
        if case:
            words = stimuli.get(case, ("", ""))[1]
            draft = replace(draft, case=case, stimulus=words)
        drafts.append(draft)
        if progress is not None and len(drafts) % 1000 == 0:
            progress(start, len(lines))
    used = {draft.case for draft in drafts}
    problems += [
        ImportProblem("说明文字，没有题目引用它，已略去", name, value=text[:40], blocking=False)
        for key, (_, text) in stimuli.items() if key not in used
    ]  # fmt: skip
    return tuple(drafts), tuple(problems)


def _title(text: str) -> tuple[str, str]:
    found = _TITLE.match(text)
    return (_show(found[1]), text[found.end() :]) if found else ("", text)


def _question(draft: Draft, title: str, text: str) -> Draft:
    before, _, rest = text.partition("{")
    inside, closed, after = rest.rpartition("}")
    if not closed:
        inside, after = rest, ""
    form = _FORMAT.match(before)
    said = form[1].lower() if form is not None else ""
    html, literal = said == "html", said == "plain"
    before = _FORMAT.sub("", before)

    def plain(part: str) -> str:
        shown = _show(part)
        as_html = html or ("</" in shown and not literal)
        return "\n".join(html_lines(shown)) if as_html else shown

    inside, _, general = inside.partition("####")
    draft = replace(draft, explanation=plain(general))
    if not draft.id and re.fullmatch(r"[A-Za-z0-9][\w\-.]{2,40}", title):
        draft = replace(draft, id=title)
    if not closed:
        draft = draft.doubt("花括号没有闭合", 0.3)
    after = plain(after)
    stem = plain(before)
    answers = [a for a in _answers(inside) if a[1] or a[0] == "="]
    choice = any(sign == "~" for sign, *_ in answers)
    if after.strip(" 。.？?"):
        stem = f"{stem}{'（　）' if choice else '＿＿'}{after}"
    draft = replace(draft, stem=stem)
    word = inside.partition("#")[0].strip().upper()
    if word in ("T", "TRUE", "F", "FALSE"):
        return replace(draft, kind=ItemKind.TRUE_FALSE, key="正确" if word[0] == "T" else "错误")
    if not inside.strip():
        kind = draft.kind if draft.kind in (ItemKind.SHORT, ItemKind.ESSAY) else ItemKind.SHORT
        return replace(draft, kind=kind, answer=draft.explanation)
    if inside.lstrip().startswith("#"):
        return replace(draft, kind=None).doubt("GIFT 数值题，暂不支持", 0.3)
    if any("->" in _show(a[1]) for a in answers) and not choice:
        return replace(draft, kind=None).doubt("GIFT 匹配题，暂不支持", 0.3)
    if choice:
        weights = [w for _, _, w in answers]
        several = any(w is not None and sign == "~" for sign, _, w in answers)
        right = [
            place for place, (sign, _, weight) in enumerate(answers)
            if (sign == "=" and weight is None) or (weight is not None and weight > 0)
        ]  # fmt: skip
        if any(w is not None and 0 < w < 100 for w in weights) and not several:
            draft = draft.doubt("选项有部分分，按正确选项读入", 0.8)
        texts = [plain(body) for _, body, _ in answers]
        return choice_draft(draft, texts, right, several=several or len(right) > 1)
    words = tuple(dict.fromkeys(plain(body) for _, body, w in answers if w is None or w == 100))
    if not count_blanks(stem) and "＿＿" not in stem:
        draft = replace(draft, stem=f"{stem}＿＿")
    return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(draft.stem),
                   blanks=(words,) if words and all(words) else ())  # fmt: skip


def _answers(inside: str) -> list[tuple[str, str, float | None]]:
    """Sign, text and weight of each answer; feedback after # is dropped."""
    parts = _ANSWER.split(inside)
    found = []
    for sign, body in zip(parts[1::2], parts[2::2], strict=False):
        weight = _WEIGHT.match(body)
        text = body[weight.end() :] if weight else body
        found.append((sign, text.partition("#")[0].strip(), float(weight[1]) if weight else None))
    return found


_AIKEN_OPTION = re.compile(r"^\s*([A-Z])[.)]\s*(.*)$")
_AIKEN_ANSWER = re.compile(r"^\s*ANSWER\s*:\s*(.*)$", re.IGNORECASE)


def parse_aiken(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read an Aiken file; what Moodle would refuse becomes a problem of its draft."""
    lines = decode_text(name, data).text.split("\n")
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    stem: list[str] = []
    options: list[str] = []
    start = 1
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if answer := _AIKEN_ANSWER.match(line):
            text = "\n".join(lines[start - 1 : number])
            draft = Draft(name, start, stem="".join(stem), raw=text)
            right = ["ABCDEFGH".find(c) for c in read_key(answer[1]).letters]
            if any(not 0 <= place < len(options) for place in right):
                draft = draft.doubt(f"答案 {answer[1][:10]} 没有对应的选项", 0.4)
                right = []
            drafts.append(choice_draft(draft, options, right, several=len(right) > 1))
            stem, options = [], []
        elif (option := _AIKEN_OPTION.match(line)) and (stem or options):
            options.append(option[2].strip())
        elif line:
            if options:
                drafts.append(_no_answer(name, start, stem, options))
                stem, options = [], []
            if not stem:
                start = number
            stem.append(line)
        if progress is not None and number % 5000 == 0:
            progress(number, len(lines))
    if options:
        drafts.append(_no_answer(name, start, stem, options))
    elif stem:
        problems.append(
            ImportProblem("没有选项和答案，已略去", name, line=start, value=stem[0][:40])
        )
    return tuple(drafts), tuple(problems)


def _no_answer(name: str, line: int, stem: list[str], options: list[str]) -> Draft:
    draft = Draft(name, line, stem="".join(stem), raw="\n".join([*stem, *options]))
    return choice_draft(draft, options, [], several=False).doubt("没有 ANSWER 行", 0.4)


def _escape(text: str) -> str:
    out = re.sub(r"([~=#{}:\\])", r"\\\1", text)
    return out.replace("\n", "\\n")


def write_gift(bank: QuestionBank) -> Written:
    """Write a bank as GIFT; ids and further fields go into comments, as Moodle reads them.

    Fill-ins with several blanks cannot be written; marking schemes are lost.
    """
    lines: list[str] = ["// 法治考试题库（GIFT）", ""]
    lost: Counter[str] = Counter()
    left_out: list[str] = []
    category = ""
    done: set[str] = set()

    def place(item: Item) -> tuple[str, str, str]:
        first = bank[bank.cases[item.case].item_ids[0]] if item.case else item
        return category_of(first), item.case or "", item.id

    ordered = sorted(bank, key=place)
    for item in ordered:
        if item.kind is ItemKind.BLANK and len(item.blanks) > 1:
            left_out.append(item.id)
            continue
        if category_of(item) != category:
            category = category_of(item)
            lines += [f"$CATEGORY: {_escape(category)}", ""]
        if item.case and item.case not in done:
            done.add(item.case)
            case = bank.cases[item.case]
            lost["案例标题"] += bool(case.title)
            lines += [f"::{_escape(case.id)}::{_escape(case.stimulus)}", ""]
        labels, too_long = labels_of(item, longest=MOODLE_TAG)
        for field in too_long:
            lost[field] += 1
        lost["评分点"] += bool(item.marking_points)
        labels = (*labels, f"案例:{item.case}") if item.case else labels
        tags = "".join(f" [tag:{_escape_tag(label)}]" for label in labels)
        lines += [f"// [id:{_escape_tag(item.id)}]{tags}", _gift(item), ""]
    if left_out:
        lost["多空填空题整题"] = len(left_out)
    return Written("\n".join(lines).encode(), losses(lost), tuple(left_out))


def _escape_tag(text: str) -> str:
    return text.replace("\\", "\\\\").replace("]", "\\]")


def _gift(item: Item) -> str:
    feedback = f"####{_escape(item.explanation)}" if item.explanation else ""
    texts = (item.stem, item.explanation, *(option.text for option in item.options))
    literal = "[plain]" if any("<" in text or "&" in text for text in texts) else ""
    head = f"::{_escape(item.id)}::{literal}{_escape(item.stem)}"
    if item.kind is ItemKind.TRUE_FALSE and [o.text for o in item.options] == ["正确", "错误"]:
        return f"{head}{{{'T' if item.key == {'A'} else 'F'}{feedback}}}"
    if item.kind is ItemKind.BLANK:
        words = " ".join(f"={_escape(word)}" for word in item.blanks[0])
        return f"{head}{{{words}{feedback}}}"
    if not item.kind.objective:
        return f"{head}{{{feedback}}}"
    several = item.kind in (ItemKind.MULTIPLE, ItemKind.INDEFINITE)
    share = f"{100 / len(item.key):.5f}".rstrip("0").rstrip(".")
    rows = []
    for option in item.options:
        right = option.id in item.key
        sign = f"~%{share if right else '-100'}%" if several else "=" if right else "~"
        rows.append(f"  {sign}{_escape(option.text)}")
    return f"{head}{{\n" + "\n".join(rows) + (f"\n  {feedback}" if feedback else "") + "\n}"
