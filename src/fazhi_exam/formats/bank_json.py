"""A bank as JSON: everything an item holds, for other programs; reading it back is an identity."""

import json
from collections.abc import Mapping
from typing import Any

from ..bank.item import Item, ItemKind
from ..bank.question_bank import QuestionBank
from .draft import draft_of
from .labels import points_text
from .written import Written

FORMAT = "fazhi_exam 题库"


def write_json(bank: QuestionBank) -> Written:
    """Write a bank as one JSON document."""
    document = {
        "format": FORMAT,
        "version": 1,
        "content_hash": bank.content_hash,
        "questions": [_record(item, bank) for item in bank],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return Written(f"{text}\n".encode())


def write_json_lines(bank: QuestionBank) -> Written:
    """Write a bank as JSON Lines, one question a line."""
    lines = [json.dumps(_record(item, bank), ensure_ascii=False) for item in bank]
    return Written(("\n".join(lines) + "\n").encode())


def _record(item: Item, bank: QuestionBank) -> Mapping[str, Any]:
    """Return the columns of the workbook under their names, empty ones left out."""
    case = bank.cases[item.case] if item.case else None
    draft = draft_of(item, case)
    if item.kind is ItemKind.BLANK:
        key: Any = "；".join("/".join(words) for words in item.blanks)
    else:
        key = draft.key
    fields: dict[str, Any] = {
        "编号": item.id,
        "题型": item.kind.value,
        "主题": item.subject,
        "二级主题": item.topic,
        "题干": item.stem,
        "选项": list(draft.options),
        "答案": key,
        "解析": item.explanation,
        "法条引用": [str(citation) for citation in item.citations],
        "能力层次": item.level.value,
        "难度": item.band.value,
        "难度理由": item.band_reason,
        "分值": "" if item.points is None else str(item.points),
        "评分点": points_text(item.marking_points),
        "案例编号": item.case or "",
        "案例标题": case.title if case else "",
        "案例材料": case.stimulus if case else "",
        "标签": list(item.tags),
        "互斥题": sorted(item.enemies),
        "固定选项": [option.id for option in item.options if option.pinned],
        "否定题": "是" if item.negative else "",
        "依据类型": "policy" if item.basis.value == "policy" else "",
        "来源": item.source,
        "领域部分": item.field_part,
        "状态": "" if item.status.value == "draft" else item.status.value,
        "备注": item.note,
    }
    return {name: value for name, value in fields.items() if value}
