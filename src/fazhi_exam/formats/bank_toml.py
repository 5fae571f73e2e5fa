"""The bank's own format: one TOML file per subject and topic, one block per item."""

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from ..bank.item import Case, Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..errors import ImportProblem

FIELD_NAMES: Mapping[str, str] = {
    "id": "编号",
    "kind": "题型",
    "stem": "题干",
    "options": "选项",
    "key": "答案",
    "blanks": "填空答案",
    "marking_points": "评分点",
    "explanation": "解析",
    "citations": "法条引用",
    "level": "能力层次",
    "band": "难度",
    "points": "分值",
    "subject": "主题",
    "topic": "二级主题",
    "source": "来源",
    "status": "状态",
}


def parse_bank_toml(
    data: bytes, name: str
) -> tuple[tuple[Item, ...], tuple[Case, ...], tuple[ImportProblem, ...]]:
    """Read one file of the bank.

    Parameters
    ----------
    data
        UTF-8 text of the file.
    name
        File name for messages.

    Returns
    -------
    items, cases, problems
        Items without a blocking problem; a case is returned only when all its sub-questions are.
    """
    try:
        tables = tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        return (), (), (ImportProblem("不是 UTF-8 编码的文本", file=name),)
    except tomllib.TOMLDecodeError as error:
        return (), (), (ImportProblem(f"TOML 语法有误：{error}", file=name),)
    lines = _lines_of_ids(data)
    problems: list[ImportProblem] = []
    common: dict[str, Any] = {key: tables.pop(key) for key in ("subject", "topic") if key in tables}
    blocks, case_blocks = tables.pop("item", []), tables.pop("case", [])
    problems += [
        ImportProblem(f"不认识的内容“{key}”", file=name, column=key, blocking=False)
        for key in tables
    ]
    if not (_is_blocks(blocks) and _is_blocks(case_blocks)):
        problems.append(ImportProblem("item 和 case 必须写成 [[item]]、[[case]]", file=name))
        return (), (), tuple(problems)
    items = _read_items(blocks, common, name, lines, problems)
    cases: list[Case] = []
    for block in case_blocks:
        case, parts = _read_case(block, common, name, lines, problems)
        if case is not None:
            cases.append(case)
            items += parts
    return tuple(items), tuple(cases), tuple(problems)


def _is_blocks(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(block, dict) for block in value)


def _lines_of_ids(data: bytes) -> dict[str, int]:
    """Line on which each id stands, counted from 1, for messages."""
    lines = {}
    for number, line in enumerate(data.decode("utf-8-sig").splitlines(), 1):
        key, _, rest = line.partition("=")
        if key.strip() == "id":
            lines[rest.split("#")[0].strip().strip("\"'")] = number
    return lines


def _read_items(
    blocks: Sequence[Mapping[str, Any]],
    common: Mapping[str, Any],
    name: str,
    lines: Mapping[str, int],
    problems: list[ImportProblem],
) -> list[Item]:
    items = []
    for position, block in enumerate(blocks, 1):
        item_id = str(block.get("id", f"第 {position} 题"))
        try:
            items.append(Item.model_validate({**common, **block}))
        except ValidationError as error:
            problems += [
                ImportProblem(
                    f"题目 {item_id}：{_reason(fault)}",
                    file=name,
                    line=lines.get(item_id),
                    column=_field(fault["loc"]),
                    value=_shown(fault),
                )
                for fault in error.errors()
            ]
    return items


def _read_case(
    block: Mapping[str, Any],
    common: Mapping[str, Any],
    name: str,
    lines: Mapping[str, int],
    problems: list[ImportProblem],
) -> tuple[Case | None, list[Item]]:
    case_id = str(block.get("id", ""))
    place = {"file": name, "line": lines.get(case_id)}
    parts = block.get("item", [])
    if not _is_blocks(parts) or not parts:
        problems.append(ImportProblem(f"案例 {case_id} 没有小题", **place))  # type: ignore[arg-type]
        return None, []
    fields = {**common, **{key: block[key] for key in ("subject", "topic") if key in block}}
    items = _read_items(parts, {**fields, "case": case_id}, name, lines, problems)
    try:
        case = Case(
            id=case_id,
            title=block.get("title", ""),
            stimulus=block.get("stimulus", ""),
            item_ids=tuple(str(part.get("id", "")) for part in parts),
        )
    except ValidationError as error:
        problems += [
            ImportProblem(
                f"案例 {case_id}：{_reason(fault)}",
                file=name,
                line=lines.get(case_id),
                column=_field(fault["loc"]),
            )
            for fault in error.errors()
        ]
        return None, []
    unknown = set(block) - {"id", "title", "stimulus", "item", "subject", "topic"}
    problems += [
        ImportProblem(
            f"案例 {case_id} 有不认识的内容“{key}”",
            file=name,
            line=lines.get(case_id),
            column=key,
            blocking=False,
        )
        for key in sorted(unknown)
    ]
    return (case, items) if len(items) == len(parts) else (None, [])


def _field(loc: tuple[int | str, ...]) -> str:
    return FIELD_NAMES.get(str(loc[0]), str(loc[0])) if loc else "整题"


def _reason(fault: Any) -> str:
    kind = fault["type"]
    if kind == "missing":
        return "缺少这一项"
    if kind == "extra_forbidden":
        return "没有这一项，请核对名称"
    if kind == "enum":
        return f"应为 {fault['ctx']['expected']} 之一".replace(" or ", "、").replace("'", "")
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    if kind.startswith("string_too_short"):
        return "不能为空"
    return f"类型不对（{fault['msg']}）"


def _shown(fault: Any) -> str:
    value = fault.get("input")
    return str(value)[:40] if isinstance(value, str | int) else ""


def bank_to_toml(bank: QuestionBank, *, subject: str, topic: str) -> str:
    """Write the items of one subject and topic in the bank's own format.

    Reading the text back gives equal items and cases; the order is by id.
    """
    lines = [f"subject = {_text(subject)}", f"topic = {_text(topic)}"]
    chosen = [item for item in bank if (item.subject, item.topic) == (subject, topic)]
    for item in (item for item in chosen if item.case is None):
        lines += ["", "[[item]]", *_block(item, subject, topic)]
    for case_id in sorted({item.case for item in chosen if item.case is not None}):
        case = bank.cases[case_id]
        lines += ["", "[[case]]", f"id = {_text(case.id)}"]
        lines += [f"title = {_text(case.title)}"] if case.title else []
        lines += [f"stimulus = {_text(case.stimulus)}"]
        for item_id in case.item_ids:
            lines += ["[[case.item]]", *_block(bank[item_id], subject, topic)]
    return "\n".join(lines) + "\n"


def _block(item: Item, subject: str, topic: str) -> list[str]:
    """Lines of one block, fields with their default value left out."""
    written: dict[str, str] = {"id": _text(item.id), "kind": _text(item.kind.value)}
    if item.subject != subject:
        written["subject"] = _text(item.subject)
    if item.topic != topic:
        written["topic"] = _text(item.topic)
    written["stem"] = _text(item.stem)
    if item.options and item.kind is not ItemKind.TRUE_FALSE:
        written["options"] = _list(option.text for option in item.options)
    if pinned := [option.id for option in item.options if option.pinned]:
        written["pinned"] = _list(pinned)
    if item.key:
        written["key"] = _text(item.key_text)
    if item.blanks:
        written["blanks"] = f"[{', '.join(_list(words) for words in item.blanks)}]"
    if item.points is not None:
        written["points"] = _text(str(item.points))
    if item.marking_points:
        points = ", ".join(
            f"{{ points = {_text(str(p.points))}, text = {_text(p.text)}, "
            f"accept = {_list(p.accept)} }}"
            for p in item.marking_points
        )
        written["marking_points"] = f"[{points}]"
    for name in ("explanation", "band_reason", "source", "field_part", "note"):
        if value := getattr(item, name):
            written[name] = _text(value)
    if item.citations:
        written["citations"] = _list(str(citation) for citation in item.citations)
    written["level"], written["band"] = _text(item.level.value), _text(item.band.value)
    if item.basis.value != "statute":
        written["basis"] = _text(item.basis.value)
    if item.tags:
        written["tags"] = _list(item.tags)
    if item.enemies:
        written["enemies"] = _list(sorted(item.enemies))
    if item.negative:
        written["negative"] = "true"
    if item.status.value != "draft":
        written["status"] = _text(item.status.value)
    return [f"{key} = {value}" for key, value in written.items()]


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _text(value: str) -> str:
    out = "".join(
        _ESCAPES.get(char) or (char if char.isprintable() else f"\\U{ord(char):08X}")
        for char in value
    )
    return f'"{out}"'


def _list(values: Any) -> str:
    return f"[{', '.join(_text(value) for value in values)}]"
