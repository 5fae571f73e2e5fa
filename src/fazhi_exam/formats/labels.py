"""Fields that exchange formats have no place for, carried as tags such as 层次:应用."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..bank.item import LETTERS, Item, ItemKind, MarkingPoint
from ..bank.subjects import SUBJECTS, subject_name
from .draft import Draft
from .sheet_rows import read_points
from .text.finish import finish_choice
from .text.options import SplitOptions
from .words import KeyText, band_of, kind_of, level_of

MOODLE_TAG = 50
"""Moodle cuts tags that are longer."""


def labels_of(item: Item, *, longest: int = 10_000) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tags of an item, and the names of the fields whose text is too long for a tag.

    Case, explanation, key and points stand elsewhere.
    """
    pairs: list[tuple[str, str]] = [("题型", item.kind.value), ("层次", item.level.value)]
    pairs += [("难度", item.band.value)]
    pairs += [("依据", str(citation)) for citation in item.citations]
    pairs += [("固定", option.id) for option in item.options if option.pinned]
    pairs += [("互斥", other) for other in sorted(item.enemies)]
    pairs += [("难度理由", item.band_reason), ("来源", item.source), ("领域", item.field_part)]
    pairs += [("备注", item.note), ("否定题", "是" if item.negative else "")]
    pairs += [("状态", "" if item.status.value == "draft" else item.status.value)]
    pairs += [("依据类型", "" if item.basis.value == "statute" else item.basis.value)]
    pairs += [("分值", "" if item.points is None else str(item.points))]
    pairs += [("标签", tag) for tag in item.tags]
    kept: list[str] = []
    lost: dict[str, None] = {}
    for name, value in pairs:
        if not value:
            continue
        label = f"{name}:{value}"
        if len(label) <= longest and "\n" not in label and "," not in label:
            kept.append(label)
        else:
            lost[name] = None
    if "来源" in lost:  # a policy basis without its source would not be a valid item
        kept = [label for label in kept if not label.startswith("依据类型:")]
        lost |= {"依据类型": None} if item.basis.value != "statute" else {}
    return tuple(kept), tuple(lost)


def read_labels(draft: Draft, labels: Iterable[str]) -> Draft:
    """Return the draft with the fields its tags hold; other tags stay tags."""
    extra: dict[str, Any] = dict(draft.extra)
    lists: dict[str, list[str]] = {"依据": [], "固定": [], "互斥": [], "标签": []}
    changes: dict[str, Any] = {}
    for label in labels:
        name, _, value = label.strip().partition(":")
        value = value.strip()
        if name in lists and value:
            lists[name].append(value)
        elif name == "题型" and kind_of(value):
            changes["kind"] = kind_of(value)
        elif name == "层次" and level_of(value):
            changes["level"] = level_of(value)
        elif name == "难度" and band_of(value):
            changes["band"] = band_of(value)
        elif name == "分值" and value:
            changes["points"] = value
        elif name in _PLAIN and value:
            extra[_PLAIN[name]] = True if name == "否定题" else value
        elif label.strip():
            lists["标签"].append(label.strip())
    if lists["依据"]:
        changes["citations"] = tuple(lists["依据"])
    for name, field in (("固定", "pinned"), ("互斥", "enemies"), ("标签", "tags")):
        if lists[name]:
            extra[field] = tuple(lists[name])
    return replace(draft, extra=extra, **changes)


_PLAIN = {"难度理由": "band_reason", "来源": "source", "领域": "field_part", "备注": "note",
          "否定题": "negative", "状态": "status", "依据类型": "basis"}  # fmt: skip


def category_of(item: Item) -> str:
    """Return the category path of an item: ``07 行政处罚/适用``."""
    subject = f"{item.subject} {subject_name(item.subject)}"
    return f"{subject if item.subject in SUBJECTS else item.subject}/{item.topic}"


def read_category(path: str) -> tuple[str, str]:
    """Return subject and topic of a category path; unknown paths become the topic."""
    parts = [part.strip() for part in path.split("/") if part.strip()]
    parts = [p for p in parts if p not in ("top", "$course$", "$cat1$", "$system$", "$module$")]
    for place, part in enumerate(parts):
        code = part.split()[0].upper()
        if code in SUBJECTS or place == len(parts) - 2:
            subject = code if code in SUBJECTS else part
            return subject, "/".join(parts[place + 1 :])
    return "", "/".join(parts)


def choice_draft(
    draft: Draft, options: Sequence[str], right: Sequence[int], *, several: bool
) -> Draft:
    """Finish a question of an exchange format whose options are marked right or wrong.

    Parameters
    ----------
    options
        Texts in order.
    right
        Places of the right ones, from 0.
    several
        Whether more than one may be chosen.
    """
    if len(options) > len(LETTERS):
        draft = draft.doubt(f"有 {len(options)} 个选项，最多 {len(LETTERS)} 个", 0.3)
        right = [place for place in right if place < len(LETTERS)]
    texts = tuple(options[: len(LETTERS)])
    letters = "".join(LETTERS[place] for place in sorted(right))
    declared = draft.kind
    if declared is None or not declared.has_options:
        if several:
            declared = ItemKind.MULTIPLE if len(right) > 1 else ItemKind.INDEFINITE
        else:
            declared = ItemKind.SINGLE
    found = SplitOptions(draft.stem, LETTERS[: len(texts)], texts)
    done = finish_choice(draft, found, KeyText(letters, None, letters),
                         None if declared is ItemKind.TRUE_FALSE else declared)  # fmt: skip
    if done.kind is ItemKind.TRUE_FALSE and texts == ("正确", "错误"):
        return replace(done, notes=draft.notes)
    return done


def points_text(points: Sequence[MarkingPoint]) -> str:
    """Write a marking scheme, one point a line: ``要点（2分；同义：甲／乙）``."""
    return "\n".join(
        f"{p.text}（{p.points}分{'；同义：' + '／'.join(p.accept) if p.accept else ''}）"
        for p in points
    )


def with_points(draft: Draft, text: str) -> Draft:
    """Take a marking scheme written by `points_text`, or any model answer."""
    points = read_points(text)
    if points:
        return replace(draft, extra={**draft.extra, "marking_points": points}, answer=text)
    return replace(draft, answer=text)
