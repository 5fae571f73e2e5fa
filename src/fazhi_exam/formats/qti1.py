"""QTI 1.2 items and assessments, with the dialect Canvas writes."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..bank.item import ItemKind
from ..errors import ImportProblem
from .draft import Draft
from .labels import choice_draft, read_labels
from .markup import html_lines
from .sheets import Found
from .text.stem import count_blanks, rule_blanks

_TRUE = frozenset(("true_false_question",))
_WORDS = frozenset(("essay_question", "text_only_question", "file_upload_question"))


def local(node: Any) -> str:
    """Name of an element without its namespace; comments have none."""
    tag = node.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def children(node: Any, name: str) -> Iterator[Any]:
    """All descendants of a name."""
    return (one for one in node.iter() if local(one) == name)


def first(node: Any, name: str) -> Any:
    """First descendant of a name, or None."""
    return next(children(node, name), None)


def material(node: Any) -> str:
    """Text of ``material/mattext``, HTML turned into lines."""
    parts = []
    for one in children(node, "mattext"):
        text = "".join(one.itertext())
        if one.get("texttype", "") == "text/html" or "</" in text or "&" in text:
            text = "\n".join(html_lines(text))
        parts.append(text.strip())
    return "\n".join(part for part in parts if part)


def read_qti1(root: Any, name: str) -> Found:
    """Read every item of a QTI 1.2 document."""
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    for item in children(root, "item"):
        drafts.append(_item(item, name))
    if not drafts:
        problems.append(ImportProblem("QTI 文件中没有题目", name))
    return tuple(drafts), tuple(problems)


def _metadata(item: Any) -> dict[str, str]:
    found = {}
    for field in children(item, "qtimetadatafield"):
        label, entry = first(field, "fieldlabel"), first(field, "fieldentry")
        if label is not None and entry is not None:
            found["".join(label.itertext()).strip()] = "".join(entry.itertext()).strip()
    return found


def _item(item: Any, name: str) -> Draft:
    meta = _metadata(item)
    kind = meta.get("question_type", meta.get("cc_profile", ""))
    presentation = first(item, "presentation")
    raw = "\n".join(t.strip() for t in item.itertext() if t.strip())[:4000]
    draft = Draft(name, item.sourceline, id=item.get("ident", ""), raw=raw,
                  points=meta.get("points_possible", ""), explanation=_feedback(item))  # fmt: skip
    draft = read_labels(
        draft, [f"{k}:{v}" for k, v in meta.items() if k in ("题型", "层次", "难度")]
    )
    if presentation is None:
        return draft.doubt("没有题面", 0.3)
    wanted = ("response_lid", "response_str", "response_num", "response_grp")
    responses = [n for n in presentation.iter() if local(n) in wanted]
    stem = "\n".join(filter(None, (material(n) for n in _stem_parts(presentation))))
    draft = replace(draft, stem=stem)
    if kind in _WORDS or (not responses and kind):
        return replace(draft, kind=ItemKind.SHORT, answer=draft.explanation)
    if not responses:
        return draft.doubt("没有作答部分", 0.3)
    if len(responses) > 1 or local(responses[0]) in ("response_num", "response_grp"):
        if all(local(r) == "response_str" for r in responses):
            return _blanks(draft, item, responses)
        return draft.doubt(f"QTI 题型 {kind or local(responses[0])} 暂不支持", 0.3)
    response = responses[0]
    if local(response) == "response_str":
        if (
            any(r.get("prompt") == "Box" for r in children(response, "render_fib"))
            and kind != "short_answer_question"
        ):
            return replace(draft, kind=ItemKind.SHORT, answer=draft.explanation)
        return _blanks(draft, item, [response])
    labels = list(children(response, "response_label"))
    texts = [material(label) for label in labels]
    idents = [label.get("ident", "") for label in labels]
    right = _right(item, response.get("ident", ""))
    several = response.get("rcardinality", "Single").lower() == "multiple"
    places = [place for place, ident in enumerate(idents) if ident in right]
    if unknown := sorted(right - set(idents)):
        draft = draft.doubt(f"答案 {'、'.join(unknown)[:20]} 没有对应的选项", 0.4)
    if kind in _TRUE and len(texts) == 2:
        texts = [{"true": "正确", "false": "错误"}.get(t.lower(), t) for t in texts]
    return choice_draft(draft, texts, places, several=several)


def _stem_parts(presentation: Any) -> list[Any]:
    """The material outside the response."""  # noqa: D401
    out = []
    todo = list(presentation)
    while todo:
        node = todo.pop(0)
        if local(node) == "material":
            out.append(node)
        elif local(node) == "flow":
            todo = list(node) + todo
        elif local(node) in ("response_lid", "response_str") and not out:
            out += [child for child in node if local(child) == "material"]
    return out


def _right(item: Any, response: str) -> set[str]:
    """Idents whose choice earns points; those under ``not`` are wrong."""
    best: tuple[float, set[str]] = (0.0, set())
    union: set[str] = set()
    for condition in children(item, "respcondition"):
        gain = 0.0
        for one in children(condition, "setvar"):
            try:
                gain = max(gain, float((one.text or "0").strip() or 0))
            except ValueError:
                continue
        if gain <= 0:
            continue
        found = set()
        for equal in children(condition, "varequal"):
            above = equal.iterancestors()
            negated = any(local(parent) == "not" for parent in above)
            if not negated and (equal.get("respident", response) == response):
                found.add((equal.text or "").strip())
        union |= found
        if gain > best[0] or (gain == best[0] and len(found) > len(best[1])):
            best = (gain, found)
    # Full marks by one condition, or a share by each.
    return best[1] if len(best[1]) > 1 or best[0] >= 100 else union


def _blanks(draft: Draft, item: Any, responses: list[Any]) -> Draft:
    blanks = []
    for response in responses:
        words: dict[str, None] = {}
        for condition in children(item, "respcondition"):
            if first(condition, "setvar") is None:
                continue
            for equal in children(condition, "varequal"):
                if equal.get("respident", "") == response.get("ident", ""):
                    words.setdefault((equal.text or "").strip(), None)
        blanks.append(tuple(filter(None, words)))
    stem = draft.stem
    missing = len(blanks) - count_blanks(stem)
    if missing > 0:
        stem += "＿＿" * missing
    return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(stem),
                   blanks=tuple(blanks) if all(blanks) else ())  # fmt: skip


def _feedback(item: Any) -> str:
    general = ("general_fb", "general", "solution", "feedback")
    found = [
        material(one) for one in children(item, "itemfeedback") if one.get("ident", "") in general
    ]
    return "\n".join(filter(None, found))
