"""A bank as a Word file in the layout offices use: sections by kind, key and reason below each."""

from collections import Counter
from io import BytesIO
from typing import Any

from docx.oxml.ns import qn

from ..bank.item import Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..files import restamped
from ..word_style import chinese_document
from .written import Written, losses

_NUMERALS = "一二三四五六七八"
_TITLES = {
    ItemKind.SINGLE: "单项选择题", ItemKind.MULTIPLE: "多项选择题",
    ItemKind.INDEFINITE: "不定项选择题",
    ItemKind.TRUE_FALSE: "判断题", ItemKind.BLANK: "填空题", ItemKind.SHORT: "简答题",
    ItemKind.ESSAY: "论述题",
}  # fmt: skip


def write_word(bank: QuestionBank, *, title: str = "法治考试题库") -> Written:
    """Write a bank as a Word file; the text reader reads it back.

    Kind, stem, options, key, explanation, citations, band, level and points are carried; ids and
    further fields are not, and are counted.
    """
    document = chinese_document()
    document.core_properties.author = ""
    document.core_properties.title = title
    document.add_paragraph(title, style="Title")
    lines = _Lines(document)
    lost: Counter[str] = Counter()
    count = 0
    for kind in ItemKind:
        chosen = [item for item in bank if item.kind is kind and item.case is None]
        if not chosen:
            continue
        lines.heading(f"{_NUMERALS[count]}、{_TITLES[kind]}")
        count += 1
        for number, item in enumerate(chosen, 1):
            _item(lines, item, f"{number}. ", lost)
    if bank.cases:
        lines.heading(f"{_NUMERALS[count]}、案例分析题")
        for number, case in enumerate(bank.cases.values(), 1):
            lines.add(f"案例{number}：{case.stimulus}")
            lost["案例标题"] += bool(case.title)
            for place, item_id in enumerate(case.item_ids, 1):
                _item(lines, bank[item_id], f"{place}. ", lost, inline_kind=True)
    lines.close()
    out = BytesIO()
    document.save(out)
    return Written(restamped(out.getvalue()), losses(lost))


class _Lines:
    """Adds paragraphs; built as elements at once, since a call per run is slow for large banks."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.body = document.element.body
        self.last = self.body.sectPr

    def heading(self, text: str) -> None:
        self.document.add_paragraph(text, style="Heading 1")

    def add(self, text: str) -> None:
        """Add a paragraph; line ends become line breaks."""
        p = self.body.makeelement(qn("w:p"), {})
        r = p.makeelement(qn("w:r"), {})
        p.append(r)
        for place, part in enumerate(text.split("\n")):
            if place:
                r.append(r.makeelement(qn("w:br"), {}))
            t = r.makeelement(
                qn("w:t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"}
            )
            t.text = "".join(c for c in part if c in "\t" or ord(c) >= 32)
            r.append(t)
        self.last.addprevious(p)

    def close(self) -> None:
        """End the document."""


def _item(
    lines: _Lines, item: Item, number: str, lost: Counter[str], *, inline_kind: bool = False
) -> None:
    kind = f"【{item.kind.value}】" if inline_kind else ""
    blank = "（　）" if item.kind.has_options else ""
    points = f"（{item.points}分）" if item.points is not None else ""
    lines.add(f"{number}{kind}{item.stem}{blank}{points}")
    plain = [option.text for option in item.options] == ["正确", "错误"]
    if item.options and not (item.kind is ItemKind.TRUE_FALSE and plain):
        for option in item.options:
            lines.add(f"{option.id}. {option.text}")
    if item.kind is ItemKind.BLANK:
        lines.add("答案：" + "；".join("/".join(words) for words in item.blanks))
    elif item.kind.objective:
        lines.add(f"答案：{item.key_text if plain else ''.join(sorted(item.key))}")
    else:
        lines.add("答案：" + "\n".join(
            f"（{place}）{p.text}（{p.points}分）" for place, p in enumerate(item.marking_points, 1)
        ))  # fmt: skip
        lost["评分点的同义表述"] += any(p.accept for p in item.marking_points)
    if item.explanation:
        lines.add(f"【解析】{item.explanation}")
    if item.citations:
        lines.add("【依据】" + "；".join(map(str, item.citations)))
    lines.add(f"【难度】{item.band.value}")
    lines.add(f"【能力层次】{item.level.value}")
    lost["编号"] += 1
    lost["主题和二级主题"] += 1
    further = (
        ("难度理由", item.band_reason), ("来源", item.source), ("备注", item.note),
        ("标签", item.tags), ("互斥题", item.enemies), ("领域部分", item.field_part),
        ("否定题", item.negative), ("固定选项", any(o.pinned for o in item.options)),
        ("状态", item.status.value != "draft"),
    )  # fmt: skip
    for name, value in further:
        lost[name] += bool(value)
