"""Moodle XML, read and written."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

from ..bank.item import Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..errors import ImportProblem
from .draft import Draft
from .labels import (
    MOODLE_TAG,
    category_of,
    choice_draft,
    labels_of,
    points_text,
    read_category,
    read_labels,
    with_points,
)
from .markup import html_lines, parse_xml
from .sheets import Found
from .text import Progress
from .text.stem import count_blanks, rule_blanks
from .written import Written, losses

_CLOZE = re.compile(
    r"\{\d*:(SHORTANSWER|SHORTANSWER_C|SA|SAC|MW|MWC)(?:_\w+)?:((?:\\.|[^{}\\])*)\}"
)
_CLOZE_OTHER = re.compile(r"\{\d*:[A-Z_]+:")


def _text(node: Any, path: str) -> str:
    """Text of ``<path><text>``, HTML turned into lines."""
    found = node.find(path)
    if found is None:
        return ""
    inner = found.find("text")
    text = "".join((inner if inner is not None else found).itertext())
    form = found.get("format", "html" if path != "name" else "plain_text")
    if form in ("html", "moodle_auto_format", "markdown") and ("<" in text or "&" in text):
        return "\n".join(html_lines(text))
    return text.strip()


def parse_moodle_xml(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a Moodle question export.

    Matching, numerical and other kinds that cannot be held are drafts with a problem.
    """
    root = parse_xml(data, name)
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    stimuli: dict[str, tuple[str, str]] = {}
    subject = topic = ""
    questions = [child for child in root if child.tag == "question"]
    for count, node in enumerate(questions, 1):
        kind, line = node.get("type", ""), node.sourceline
        if kind == "category":
            subject, topic = read_category(_text(node, "category"))
            continue
        labels = ["".join(tag.itertext()).strip() for tag in node.iterfind("tags/tag")]
        case = next((v[3:] for v in labels if v.startswith("案例:")), "")
        if kind == "description":
            key = (node.findtext("idnumber") or "").strip() or _text(node, "name")
            title = next((v[5:] for v in labels if v.startswith("案例标题:")), "")
            stimuli[key] = (title, _text(node, "questiontext"))
            continue
        draft = Draft(
            name, line, subject=subject, topic=topic, id=(node.findtext("idnumber") or "").strip(),
            stem=_text(node, "questiontext"), explanation=_text(node, "generalfeedback"),
            raw=_raw(node),
        )  # fmt: skip
        labels = [label for label in labels if not label.startswith("案例:")]
        draft = _of_kind(read_labels(draft, labels), node, kind)
        if case:
            title, words = stimuli.get(case, ("", ""))
            draft = replace(draft, case=case, case_title=title, stimulus=words)
        drafts.append(draft)
        if progress is not None and count % 1000 == 0:
            progress(count, len(questions))
    used = {draft.case for draft in drafts}
    problems += [
        ImportProblem("说明文字，没有题目引用它，已略去", name, value=text[:40], blocking=False)
        for key, (_, text) in stimuli.items() if key not in used
    ]  # fmt: skip
    return tuple(drafts), tuple(problems)


def _raw(node: Any) -> str:
    return "\n".join(part.strip() for part in node.itertext() if part.strip())[:4000]


def _of_kind(draft: Draft, node: Any, kind: str) -> Draft:
    answers = []
    for one in node.iterfind("answer"):
        try:
            share = float(one.get("fraction", "0"))
        except ValueError:
            share = 0.0
            draft = draft.doubt(f"答案比例“{one.get('fraction', '')[:10]}”不是数字", 0.4)
        inner = one.find("text")
        text = "".join((inner if inner is not None else one).itertext())
        if one.get("format", "html") == "html" and ("<" in text or "&" in text):
            text = "\n".join(html_lines(text))
        answers.append((text.strip(), share))
    if kind == "multichoice":
        several = (node.findtext("single") or "true").strip().lower() in ("false", "0")
        right = [place for place, (_, share) in enumerate(answers) if share > 0]
        partial = any(0 < share < 100 for _, share in answers)
        if not several and partial and len(right) > 1:
            draft = draft.doubt("单选题有部分分的选项，只取满分的选项为答案", 0.7)
            right = [place for place, (_, share) in enumerate(answers) if share >= 99.9]
        return choice_draft(draft, [text for text, _ in answers], right, several=several)
    if kind == "truefalse":
        word = next((text.lower() for text, share in answers if share >= 99.9), "")
        key = {"true": "正确", "false": "错误", "正确": "正确", "错误": "错误"}.get(word, "")
        return replace(draft, kind=ItemKind.TRUE_FALSE, key=key)
    if kind == "shortanswer":
        words = tuple(dict.fromkeys(text for text, share in answers if share >= 99.9 and text))
        stem = draft.stem if count_blanks(draft.stem) else f"{draft.stem}＿＿"
        return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(stem),
                       blanks=(words,) if words else ())  # fmt: skip
    if kind == "essay":
        kept = draft.kind if draft.kind in (ItemKind.SHORT, ItemKind.ESSAY) else ItemKind.SHORT
        if not draft.points:
            draft = replace(draft, points=_grade(node))
        scheme = _text(node, "graderinfo")
        return with_points(replace(draft, kind=kept), scheme or draft.explanation)
    if kind == "cloze":
        return _cloze(draft)
    return replace(draft, kind=None).doubt(f"Moodle 题型 {kind[:20]} 暂不支持", 0.3)


def _grade(node: Any) -> str:
    grade = (node.findtext("defaultgrade") or "").strip()
    return grade.rstrip("0").rstrip(".") if "." in grade else grade


def _cloze(draft: Draft) -> Draft:
    blanks = []
    for found in _CLOZE.finditer(draft.stem):
        words = []
        for answer in re.split(r"(?<!\\)~", found[2]):
            body = re.sub(r"^(?:=|%100%)", "", answer.strip())
            if body != answer.strip():
                words.append(re.sub(r"\\(.)", r"\1", re.split(r"(?<!\\)#", body)[0]).strip())
        blanks.append(tuple(dict.fromkeys(filter(None, words))))
    stem = _CLOZE.sub("＿＿", draft.stem)
    if _CLOZE_OTHER.search(stem):
        return replace(draft, kind=None).doubt("完形题中有选择或数值的空，暂不支持", 0.3)
    return replace(draft, kind=ItemKind.BLANK, stem=stem, blanks=tuple(blanks))


def _html(text: str) -> str:
    """Text as HTML in a text node: escaped twice, once for HTML and once for XML."""
    return escape(escape(text).replace("\n", "<br/>"))


def write_moodle_xml(bank: QuestionBank) -> Written:
    """Write a bank as Moodle XML: cases as descriptions, fill-ins as cloze, the rest as tags."""
    out: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n']
    lost: Counter[str] = Counter()
    category = ""
    done: set[str] = set()

    def home(item: Item) -> str:
        return category_of(bank[bank.cases[item.case].item_ids[0]] if item.case else item)

    for item in sorted(bank, key=lambda i: (home(i), i.case or "", i.id)):
        if category_of(item) != category:
            category = category_of(item)
            out.append(
                f'<question type="category"><category><text>$course$/top/{escape(category)}</text>'
                "</category></question>\n"
            )
        if item.case and item.case not in done:
            done.add(item.case)
            case = bank.cases[item.case]
            tag = f"案例标题:{case.title}" if case.title else ""
            lost["案例标题"] += len(tag) > MOODLE_TAG
            tags = (
                f"<tags><tag><text>{escape(tag)}</text></tag></tags>"
                if 0 < len(tag) <= MOODLE_TAG
                else ""
            )
            out.append(
                f'<question type="description"><name><text>{escape(case.id)}</text></name>'
                f'<questiontext format="html"><text>{_html(case.stimulus)}</text></questiontext>'
                f"<idnumber>{escape(case.id)}</idnumber>{tags}</question>\n"
            )
        labels, too_long = labels_of(item, longest=MOODLE_TAG)
        for field in too_long:
            lost[field] += 1
        if item.case:
            labels = (*labels, f"案例:{item.case}")
        out.append(_question(item, labels))
    out.append("</quiz>\n")
    return Written("".join(out).encode(), losses(lost))


def _question(item: Item, labels: tuple[str, ...]) -> str:
    kind, body = _body(item)
    stem = _cloze_stem(item) if kind == "cloze" else item.stem
    tags = "".join(f"<tag><text>{escape(label)}</text></tag>" for label in labels)
    grade = "1" if item.points is None else str(item.points)
    return (
        f'<question type="{kind}"><name><text>{escape(item.id)}</text></name>'
        f'<questiontext format="html"><text>{_html(stem)}</text></questiontext>'
        f'<generalfeedback format="html"><text>{_html(item.explanation)}</text></generalfeedback>'
        f"<defaultgrade>{grade}</defaultgrade><penalty>0</penalty><hidden>0</hidden>"
        f"<idnumber>{escape(item.id)}</idnumber>{body}<tags>{tags}</tags></question>\n"
    )


def _answer(text: str, share: str) -> str:
    return f'<answer fraction="{share}" format="html"><text>{_html(text)}</text></answer>'


def _plain_answer(text: str, share: int) -> str:
    return (
        f'<answer fraction="{share}" format="moodle_auto_format">'
        f"<text>{escape(text)}</text></answer>"
    )


def _body(item: Item) -> tuple[str, str]:
    """Moodle's type and the elements that belong to it."""
    if item.kind is ItemKind.TRUE_FALSE and [o.text for o in item.options] == ["正确", "错误"]:
        right = item.key == {"A"}
        return "truefalse", (
            f"{_plain_answer('true', 100 if right else 0)}"
            f"{_plain_answer('false', 0 if right else 100)}"
        )
    if item.kind is ItemKind.BLANK:
        if len(item.blanks) > 1:
            return "cloze", ""
        return "shortanswer", "<usecase>0</usecase>" + "".join(
            _plain_answer(word, 100) for word in item.blanks[0]
        )
    if not item.kind.objective:
        scheme = _html(points_text(item.marking_points))
        return "essay", (
            "<responseformat>editor</responseformat><responserequired>1</responserequired>"
            f'<graderinfo format="html"><text>{scheme}</text></graderinfo>'
        )
    several = item.kind in (ItemKind.MULTIPLE, ItemKind.INDEFINITE)
    share = f"{100 / len(item.key):.5f}".rstrip("0").rstrip(".")
    wrong = "-100" if several else "0"
    pinned = any(option.pinned for option in item.options)
    answers = "".join(
        _answer(option.text, share if option.id in item.key else wrong) for option in item.options
    )
    return "multichoice", (
        f"<single>{'false' if several else 'true'}</single>"
        f"<shuffleanswers>{'0' if pinned else '1'}</shuffleanswers>"
        f"<answernumbering>ABCD</answernumbering>{answers}"
    )


def _cloze_stem(item: Item) -> str:
    parts = item.stem.split("＿＿")
    out = parts[0]
    for words, part in zip(item.blanks, parts[1:], strict=True):
        inside = "~".join("=" + re.sub(r"([~=#{}\\/\"])", r"\\\1", word) for word in words)
        out += f"{{1:SHORTANSWER:{inside}}}{part}"
    return out
