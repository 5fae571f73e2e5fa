"""Blueprints as a table for a worksheet, and as TOML text (蓝图的表格和文本形式)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..points import exact
from .blueprint import Blueprint

COLUMNS = (
    "大题编号", "大题", "题型", "每题分值", "评分规则", "建议分钟", "行", "题数", "主题", "知识点",
    "能力层次", "难度", "法规部分", "标签", "依据法律", "可选",
)  # fmt: skip
"""Headings of the blueprint as a table, in order."""

_LISTS = {
    "主题": "subjects",
    "知识点": "topics",
    "能力层次": "levels",
    "难度": "bands",
    "法规部分": "field_parts",
    "标签": "tags",
    "依据法律": "statutes",
}


def blueprint_to_rows(blueprint: Blueprint) -> list[dict[str, str]]:
    """Lay the sections and rows out as a table of texts, one line per row (for a worksheet)."""
    lines = []
    for section in blueprint.sections:
        for row in section.rows:
            line = {
                "大题编号": section.id,
                "大题": section.title,
                "题型": f"案例×{section.items_per_case}" if section.cases else str(section.kind),
                "每题分值": str(section.points),
                "评分规则": section.rule.code,
                "建议分钟": "" if section.minutes is None else str(section.minutes),
                "行": row.title,
                "题数": str(row.count),
                "可选": "是" if row.optional else "",
            }
            line |= {head: "、".join(getattr(row, name)) for head, name in _LISTS.items()}
            lines.append({head: line[head] for head in COLUMNS})
    return lines


def blueprint_from_rows(
    title: str, lines: Sequence[Mapping[str, str]], *, like: Blueprint | None = None
) -> Blueprint:
    """Read the table written by `blueprint_to_rows`; blank section cells repeat the line above.

    Parameters
    ----------
    title
        Name of the paper.
    lines
        Texts by heading.
    like
        Takes bounds, options, instructions and marking rules of its sections from here.

    Raises
    ------
    ValueError
        Naming the line and the heading at fault; includes ``pydantic.ValidationError``.
    """
    sections: dict[str, dict[str, Any]] = {}
    before: Mapping[str, str] = {}
    for number, given in enumerate(lines, 2):
        line = {head: str(given.get(head, "") or "").strip() for head in COLUMNS}
        if not line["大题编号"]:
            line |= {head: before.get(head, "") for head in COLUMNS[:6]}
        before = line
        section = sections.setdefault(line["大题编号"], _section(line, like))
        section["rows"].append(_row(line, number))
    base = dict(like) if like else {}
    return Blueprint.model_validate({**base, "title": title, "sections": tuple(sections.values())})


def _section(line: Mapping[str, str], like: Blueprint | None) -> dict[str, Any]:
    old = next((s for s in like.sections if s.id == line["大题编号"]), None) if like else None
    out: dict[str, Any] = {
        "id": line["大题编号"],
        "title": line["大题"],
        "instruction": old.instruction if old else "",
        "points": exact(line["每题分值"]),
        "rule": line["评分规则"] or "all_or_nothing",
        "minutes": int(line["建议分钟"]) if line["建议分钟"] else None,
        "rows": [],
    }
    if old and old.rule.code == out["rule"]:
        out["rule"] = old.rule
    kind, _, each = line["题型"].partition("×")
    if kind == "案例":
        out |= {"cases": True, "items_per_case": int(each or 5)}
    else:
        out["kind"] = kind
    return out


def _row(line: Mapping[str, str], number: int) -> dict[str, Any]:
    if not line["题数"].isdecimal():
        raise ValueError(f"第 {number} 行“{line['行']}”的题数应为正整数，现为“{line['题数']}”")
    lists = {
        name: tuple(part.strip() for part in line[head].split("、") if part.strip())
        for head, name in _LISTS.items()
    }
    return {
        "title": line["行"],
        "count": int(line["题数"]),
        "optional": line["可选"] == "是",
        **lists,
    }


def blueprint_to_toml(blueprint: Blueprint) -> str:
    """Write a blueprint as TOML that `Blueprint.from_toml` reads back to an equal one.

    Fields at their defaults are left out; the text ends with a line feed.
    """
    found = blueprint.model_dump(mode="json", exclude_defaults=True)
    tables = {name: found.pop(name, []) for name in ("sections", "bounds")}
    lines = [f"{name} = {_toml(value)}" for name, value in found.items()]
    for section, given in zip(tables["sections"], blueprint.sections, strict=True):
        rows = section.pop("rows")
        settings = given.rule.model_dump(mode="json", exclude_defaults=True)
        section["rule"] = {"code": given.rule.code, **settings} if settings else given.rule.code
        lines += ["", "[[sections]]"]
        lines += [f"{name} = {_toml(value)}" for name, value in section.items()]
        lines += ["rows = [", *(f"  {_toml(row)}," for row in rows), "]"]
    for bound in tables["bounds"]:
        lines += ["", "[[bounds]]"]
        lines += [f"{name} = {_toml(value)}" for name, value in bound.items()]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Write one value; texts with JSON escapes, which TOML shares for all it needs here."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(v)}" for name, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
