"""QTI 2.1, 2.2 and 3.0 items, read and written; 3.0 names are those of 2.x in kebab case."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..bank.item import Case, Item, ItemKind
from .draft import Draft, case_id
from .labels import choice_draft, points_text, with_points
from .text.stem import rule_blanks
from .xml_names import from_xml_name, xml_name

_BLOCKS = frozenset(
    "p div li ul ol br tr table h1 h2 h3 h4 h5 h6 blockquote pre prompt itemBody".split()
)


def name_of(node: Any) -> str:
    """Element name as in QTI 2: ``qti-choice-interaction`` is ``choiceInteraction``."""
    tag = node.tag
    return _camel(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _camel(tag: str) -> str:
    name = tag.rpartition("}")[2].removeprefix("qti-")
    head, *rest = name.split("-")
    return head + "".join(part.title() for part in rest)


def attribute(node: Any, name: str, default: str = "") -> str:
    """Attribute by its QTI 2 name, whichever way it is written."""
    value: str = node.get(name) or node.get(_kebab(name), default)
    return value


def every(node: Any, name: str) -> list[Any]:
    """All descendants of a QTI 2 name."""
    return [one for one in node.iter() if name_of(one) == name]


def _plain(node: Any, skip: frozenset[str] = frozenset()) -> str:
    """Text of a body, a line for each block; elements in `skip` are left out."""
    parts: list[str] = []

    def walk(one: Any) -> None:
        tag = name_of(one)
        if tag in skip:
            parts.append(one.tail or "")
            return
        if tag == "textEntryInteraction":
            parts.append("＿＿")
        elif tag in _BLOCKS:
            parts.append("\n")
        parts.append(one.text or "")
        for child in one:
            walk(child)
        if tag in _BLOCKS:
            parts.append("\n")
        if one is not node:
            parts.append(one.tail or "")

    walk(node)
    text = re.sub(r"[ \t\r\f]*\n\s*", "\n", "".join(parts))
    return re.sub(r"[ \t]+", " ", text).strip()


_INTERACTIONS = frozenset(
    "choiceInteraction textEntryInteraction extendedTextInteraction orderInteraction "
    "matchInteraction associateInteraction gapMatchInteraction inlineChoiceInteraction "
    "hottextInteraction hotspotInteraction sliderInteraction uploadInteraction "
    "graphicOrderInteraction selectPointInteraction drawingInteraction customInteraction".split()
)


def read_item(root: Any, name: str, *, stimuli: dict[str, str] | None = None) -> Draft:
    """Read one assessment item."""
    raw = "\n".join(t.strip() for t in root.itertext() if t.strip())[:4000]
    ident = from_xml_name(attribute(root, "identifier"))
    draft = Draft(name, root.sourceline, id=ident, raw=raw)
    nodes: dict[str, list[Any]] = {}
    for one in root.iter():
        nodes.setdefault(name_of(one), []).append(one)
    body = next(iter(nodes.get("itemBody", ())), None)
    if body is None:
        return draft.doubt("没有题面", 0.3)
    right: dict[str, list[str]] = {}
    mapped: dict[str, list[str]] = {}
    for declaration in nodes.get("responseDeclaration", ()):
        ident = attribute(declaration, "identifier")
        correct = next(iter(every(declaration, "correctResponse")), None)
        values = every(correct, "value") if correct is not None else []
        right[ident] = ["".join(v.itertext()).strip() for v in values]
        mapped[ident] = [attribute(e, "mapKey") for e in every(declaration, "mapEntry")
                         if _float(attribute(e, "mappedValue")) > 0]  # fmt: skip
    feedback = [_plain(one) for one in nodes.get("modalFeedback", ())]
    draft = replace(draft, explanation="\n".join(filter(None, feedback)))
    shared = next((one for one in nodes.get("div", ()) if _is_stimulus(one)), None)
    if shared is not None or stimuli:
        draft = _stimulus(draft, root, shared, stimuli or {})
    interactions = [one for one in body.iter() if name_of(one) in _INTERACTIONS]
    skip = frozenset(("rubricBlock",)) | (_INTERACTIONS - {"textEntryInteraction"})
    stem = _plain(body if shared is None else _without_stimulus(body), skip)
    kinds = {name_of(one) for one in interactions}
    if not interactions:
        return replace(draft, stem=stem).doubt("没有作答部分", 0.3)
    if kinds == {"choiceInteraction"} and len(interactions) == 1:
        return _choice(draft, interactions[0], stem, right, mapped)
    if kinds == {"textEntryInteraction"}:
        blanks = []
        for one in interactions:
            ident = attribute(one, "responseIdentifier")
            blanks.append(tuple(dict.fromkeys((*right.get(ident, ()), *mapped.get(ident, ())))))
        return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(stem),
                       blanks=tuple(blanks) if all(blanks) else ())  # fmt: skip
    if kinds == {"extendedTextInteraction"}:
        prompt = [_plain(p) for one in interactions for p in every(one, "prompt")]
        rubric = [_plain(one) for one in every(body, "rubricBlock")]
        joined = "\n".join(filter(None, (stem, *prompt)))
        draft = replace(draft, kind=ItemKind.SHORT, stem=joined)
        return with_points(draft, "\n".join(rubric) or draft.explanation)
    shown = "、".join(sorted(kinds))
    return replace(draft, stem=stem).doubt(f"QTI 作答方式 {shown} 暂不支持", 0.3)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _choice(
    draft: Draft, node: Any, stem: str, right: dict[str, list[str]], mapped: dict[str, list[str]]
) -> Draft:
    ident = attribute(node, "responseIdentifier")
    prompt = "\n".join(_plain(one) for one in every(node, "prompt"))
    draft = replace(draft, stem="\n".join(filter(None, (stem, prompt))))
    choices = every(node, "simpleChoice")
    texts = [_plain(one, frozenset(("feedbackInline", "feedbackBlock"))) for one in choices]
    idents = [attribute(one, "identifier") for one in choices]
    wanted = right.get(ident) or mapped.get(ident, [])
    if unknown := [value for value in wanted if value not in idents]:
        draft = draft.doubt(f"答案 {'、'.join(unknown)[:20]} 没有对应的选项", 0.4)
    fixed = attribute(node, "shuffle") == "true"
    pinned = [c for c, one in zip("ABCDEFGH", choices, strict=False)
              if fixed and attribute(one, "fixed") == "true"]  # fmt: skip
    if pinned:
        draft = replace(draft, extra={**draft.extra, "pinned": tuple(pinned)})
    places = [place for place, one in enumerate(idents) if one in wanted]
    several = attribute(node, "maxChoices", "1") != "1"
    return choice_draft(draft, texts, places, several=several)


def _is_stimulus(node: Any) -> bool:
    return name_of(node) == "div" and "stimulus" in node.get("class", "").split()


def _without_stimulus(body: Any) -> Any:
    for node in [one for one in body.iter() if _is_stimulus(one)]:
        if node is not body and node.getparent() is not None:
            node.getparent().remove(node)
    return body


def _stimulus(draft: Draft, root: Any, shared: Any, stimuli: dict[str, str]) -> Draft:
    if shared is not None:
        text = _plain(shared)
        ident = from_xml_name(shared.get("id", ""))
        key = shared.get("data-case", "") or ident.removeprefix("case_")
        return replace(draft, case=key or case_id(text), stimulus=text,
                       case_title=shared.get("label") or shared.get("title", ""))  # fmt: skip
    for reference in every(root, "assessmentStimulusRef"):
        text = stimuli.get(attribute(reference, "href").rpartition("/")[2], "")
        if text:
            return replace(draft, case=case_id(text), stimulus=text)
    return draft


def stimulus_text(root: Any) -> str:
    """Text of an assessment stimulus file."""
    body = next(iter(every(root, "stimulusBody")), None)
    return "" if body is None else _plain(body)


_V2 = {
    "space": "http://www.imsglobal.org/xsd/imsqti_v2p1",
    "match": "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct",
}
_V3 = {
    "space": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    "match": "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml",
}
_HTML = frozenset("div p span br".split())
LABEL = 256
"""Signs that QTI 2.1 allows in the label of a div."""


@lru_cache(maxsize=256)
def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda m: "-" + m[1].lower(), name)


def _upgrade(xml: str) -> str:
    """Write the tags of a 2.1 item the way 3.0 does; texts are escaped, so tags are sure."""

    def tag(found: re.Match[str]) -> str:
        head, name, rest = found[1], found[2], found[3]
        new = name if name in _HTML else f"qti-{_kebab(name)}"
        rest = re.sub(r'(\s)([a-zA-Z]+)(="[^"]*")', lambda m: f"{m[1]}{_kebab(m[2])}{m[3]}", rest)
        return f"{head}{new}{rest}"

    return re.sub(r"(</?)([a-zA-Z]+)((?:\s[^<>]*)?/?>)", tag, xml)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br/>")


def item_xml(item: Item, case: Case | None, *, version: int) -> bytes:
    """Write one item; `version` is 2 for QTI 2.1 and 3 for QTI 3.0."""
    form = _V2 if version == 2 else _V3
    asked = _interaction(item, version)
    stimulus = ""
    if case is not None:
        # A div of QTI has no title; its label is what the standard leaves to such uses.
        carried = case.title if carries_title(case, version) else ""
        label = f" label={_attr(carried)}" if carried else ""
        stimulus = (
            f'<div class="stimulus" id="{xml_name("case_" + case.id)}"{label}>'
            f"<p>{_lines(case.stimulus)}</p></div>"
        )
    feedback = explained = ""
    if item.explanation:
        explained = (
            '<outcomeDeclaration identifier="FEEDBACK" cardinality="single" baseType="identifier"/>'
        )
        inner = (
            f"<contentBody><p>{_lines(item.explanation)}</p></contentBody>"
            if version == 3
            else (f"<p>{_lines(item.explanation)}</p>")
        )
        feedback = (
            '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="EXPLANATION" showHide="show">'
            f"{inner}</modalFeedback>"
        )
    rule = f'<responseProcessing template="{form["match"]}"/>' if asked.matched else ""
    inside = (
        f"{asked.declarations}"
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
        # 2.1 has rubrics before everything else in the body.
        f"{explained}<itemBody>{asked.rubric}{stimulus}{asked.body}</itemBody>{rule}{feedback}"
    )
    # The identifier of an item is any text in 2.1, and an XML name in 3.0; the reader undoes the
    # escape in both, as converters carry it from one into the other.
    plain = version == 2 and from_xml_name(item.id) == item.id
    ident = item.id if plain else xml_name(item.id)
    head = (
        f'<assessmentItem identifier={_attr(ident)} title={_attr(item.id)} adaptive="false" '
        'timeDependent="false">'
    )
    return document(f"{head}{inside}</assessmentItem>", version=version)


def carries_title(case: Case, version: int) -> bool:
    """Whether an item can carry the title of its case."""
    return version == 3 or len(case.title) <= LABEL


def document(whole: str, *, version: int) -> bytes:
    """Finish a document written with the names of QTI 2: namespace, and names of 3.0 if asked."""
    form = _V2 if version == 2 else _V3
    if version == 3:
        whole = _upgrade(whole)
    place = whole.index(" ")
    whole = f'{whole[:place]} xmlns="{form["space"]}"{whole[place:]}'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'.encode()


def _attr(text: str) -> str:
    return quoteattr(text, {"\n": " ", '"': "&quot;"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an item asks: declarations, body, and whether the answer can be matched."""

    declarations: str
    body: str
    matched: bool = False
    rubric: str = ""


def _interaction(item: Item, version: int) -> _Asked:
    if item.kind is ItemKind.BLANK:
        declarations = body = ""
        parts = item.stem.split("＿＿")
        body = _lines(parts[0])
        for place, words in enumerate(item.blanks, 1):
            name = "RESPONSE" if len(item.blanks) == 1 else f"RESPONSE{place}"
            entries = "".join(f'<mapEntry mapKey={_attr(w)} mappedValue="1"/>' for w in words)
            declarations += (
                f'<responseDeclaration identifier="{name}" cardinality="single" baseType="string">'
                f"<correctResponse><value>{escape(words[0])}</value></correctResponse>"
                f'<mapping defaultValue="0">{entries}</mapping></responseDeclaration>'
            )
            body += f'<textEntryInteraction responseIdentifier="{name}"/>{_lines(parts[place])}'
        return _Asked(declarations, f"<p>{body}</p>")
    if not item.kind.objective:
        rubric = f"<p>{_lines(points_text(item.marking_points))}</p>"
        use = ""
        if version == 3:  # there a rubric says what it is for and wraps its text
            rubric, use = f"<contentBody>{rubric}</contentBody>", ' use="scoring"'
        return _Asked(
            '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="string"/>',
            f'<p>{_lines(item.stem)}</p><extendedTextInteraction responseIdentifier="RESPONSE"/>',
            rubric=f'<rubricBlock view="scorer"{use}>{rubric}</rubricBlock>',
        )
    several = item.kind in (ItemKind.MULTIPLE, ItemKind.INDEFINITE)
    cardinality, fixed = "multiple" if several else "single", ' fixed="true"'
    values = "".join(f"<value>{letter}</value>" for letter in sorted(item.key))
    choices = "".join(
        f'<simpleChoice identifier="{o.id}"{fixed if o.pinned else ""}>'
        f"{_lines(o.text)}</simpleChoice>"
        for o in item.options
    )
    shuffle = "false" if item.kind is ItemKind.TRUE_FALSE else "true"
    return _Asked(
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" '
        f'baseType="identifier"><correctResponse>{values}</correctResponse></responseDeclaration>',
        f'<choiceInteraction responseIdentifier="RESPONSE" shuffle="{shuffle}" '
        f'maxChoices="{0 if several else 1}"><prompt>{_lines(item.stem)}</prompt>{choices}'
        "</choiceInteraction>",
        True,
    )
