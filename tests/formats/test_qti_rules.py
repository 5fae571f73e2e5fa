"""The structural rules of QTI 2.1 and 3.0 and of content packages hold in what is written."""

import re
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree

from fazhi_exam.assembly.form import ExamForm, FormItem, FormSection
from fazhi_exam.bank import Case, QuestionBank
from fazhi_exam.formats import preview_bytes, write_qti
from fazhi_exam.formats.qti2 import LABEL, attribute, every, name_of
from fazhi_exam.formats.xml_names import from_xml_name

from ..examples import item, sitting
from .test_round_trips import full_bank

SPACES = {
    2: "http://www.imsglobal.org/xsd/imsqti_v2p1",
    3: "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
}
NCNAME = re.compile(r"[^\W\d][\w.\-]*")
SCHEMAS = {2: ["QTIv2.1 Package", "1.0.0"], 3: ["QTI Package", "3.0.0"]}
ORDER = (
    "responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing", "modalFeedback",
)  # fmt: skip
BODY = frozenset("id class label lang".split())
"""What every element of the body may carry; an HTML title is not among it."""


def item_faults(root: Any, version: int) -> list[str]:
    """Rules that one item breaks."""
    faults = []
    if etree.QName(root).namespace != SPACES[version] or name_of(root) != "assessmentItem":
        faults.append("root element or namespace")
    faults += [f"no {name}" for name in ("identifier", "title", "adaptive", "timeDependent")
               if not attribute(root, name)]  # fmt: skip
    children = [name_of(one) for one in root]
    if any(name not in ORDER for name in children):
        faults.append("unknown child of the item")
    elif children != sorted(children, key=ORDER.index):
        faults.append("order of the children")
    if children.count("itemBody") != 1:
        faults.append("one body")
    faults += name_faults(root, version) + body_faults(root, version)
    declared = {attribute(one, "identifier"): one for one in every(root, "responseDeclaration")}
    outcomes = {attribute(one, "identifier") for one in every(root, "outcomeDeclaration")}
    idents = [
        attribute(one, "identifier")
        for one in (*every(root, "responseDeclaration"), *every(root, "outcomeDeclaration"))
    ]
    if len(idents) != len(set(idents)) or not all(map(NCNAME.fullmatch, idents)):
        faults.append("names of variables")
    for feedback in every(root, "modalFeedback"):
        if attribute(feedback, "outcomeIdentifier") not in outcomes:
            faults.append("feedback without its outcome")
        if attribute(feedback, "showHide") not in ("show", "hide"):
            faults.append("feedback shown or hidden")
    used = []
    for one in root.iter():
        ident = attribute(one, "responseIdentifier")
        if ident:
            used.append(ident)
            declaration = declared.get(ident)
            if declaration is None:
                faults.append("interaction without its declaration")
            else:
                faults += answer_faults(one, declaration)
        plain = etree.QName(one).localname
        if plain in ("div", "p") and {etree.QName(a).localname for a in one.attrib} - BODY:
            faults.append("attribute that the body does not know")
        if one.get("id") and not NCNAME.fullmatch(one.get("id")):
            faults.append("id is no name")
    if sorted(used) != sorted(declared):
        faults.append("declaration without its interaction")
    for block in (*every(root, "rubricBlock"), *every(root, "modalFeedback")):
        if name_of(block) == "rubricBlock" and not attribute(block, "view"):
            faults.append("rubric for nobody")
        if version == 3 and [name_of(one) for one in block] != ["contentBody"]:
            faults.append("text outside a content body")
    prefixed = {etree.QName(n).localname.startswith("qti-") for n in root.iter()
                if etree.QName(n).localname not in ("div", "p", "br", "span")}  # fmt: skip
    if prefixed != {version == 3}:
        faults.append("names of another version")
    return faults


def name_faults(root: Any, version: int) -> list[str]:
    """Rules of names: 3.0 has an XML name for the item, and no two ids alike in a document."""
    if version == 2:
        return []
    faults = []
    if not NCNAME.fullmatch(attribute(root, "identifier")):
        faults.append("identifier is no name")
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    ids += [attribute(one, "identifier") for one in every(root, "responseDeclaration")]
    ids += [attribute(one, "identifier") for one in every(root, "outcomeDeclaration")]
    if len(ids) != len(set(ids)):
        faults.append("ids alike")
    return faults


def body_faults(root: Any, version: int) -> list[str]:
    """Rules of the body: 2.1 has rubrics first, and labels of at most 256 signs."""
    faults = []
    for body in every(root, "itemBody"):
        rubrics = [name_of(one) == "rubricBlock" for one in body]
        if version == 2 and rubrics != sorted(rubrics, reverse=True):
            faults.append("rubric after the content")
        if not len(body) or (body.text or "").strip() or any((c.tail or "").strip() for c in body):
            faults.append("body without blocks")
    if version == 2 and any(len(one.get("label", "")) > LABEL for one in root.iter()):
        faults.append("label too long")
    for block in every(root, "rubricBlock"):
        uses = ("instructions", "scoring", "navigation") if version == 3 else ("",)
        if attribute(block, "use") not in uses:
            faults.append("use of a rubric")
    return faults


def answer_faults(interaction: Any, declaration: Any) -> list[str]:
    """Rules between an interaction and the declaration of its response."""
    faults = []
    cardinality, base = attribute(declaration, "cardinality"), attribute(declaration, "baseType")
    correct = every(declaration, "correctResponse")
    values = [v.text for c in correct for v in every(c, "value")]
    if name_of(interaction) == "choiceInteraction":
        choices = [attribute(one, "identifier") for one in every(interaction, "simpleChoice")]
        if len(choices) != len(set(choices)) or not all(map(NCNAME.fullmatch, choices)):
            faults.append("names of choices")
        if not values or not set(values) <= set(choices):
            faults.append("right answer that is no choice")
        if base != "identifier":
            faults.append("type of the answer")
        if attribute(interaction, "shuffle") not in ("true", "false"):
            faults.append("shuffle")
        several = attribute(interaction, "maxChoices") != "1"
        if cardinality != ("multiple" if several else "single"):
            faults.append("cardinality")
    elif (cardinality, base) != ("single", "string"):
        faults.append("cardinality")
    if (cardinality == "single" and len(values) > 1) or len(values) != len(set(values)):
        faults.append("number of right answers")
    if any(not every(one, "mapEntry") for one in every(declaration, "mapping")):
        faults.append("empty mapping")
    return faults


def package_faults(data: bytes, version: int) -> list[str]:
    """Rules that a package breaks, those of its items included."""
    with ZipFile(BytesIO(data)) as package:
        members = {name: package.read(name) for name in package.namelist()}
        doubled = len(package.namelist()) != len(members)
    faults = ["two members of one name"] if doubled else []
    manifest = etree.fromstring(members["imsmanifest.xml"])
    if [etree.QName(one).localname for one in manifest] != [
        "metadata", "organizations", "resources",
    ]:  # fmt: skip
        faults.append("parts of the manifest")
    if [one.text for one in manifest[0]] != SCHEMAS[version]:
        faults.append("schema of the manifest")
    if len(manifest[1]) or manifest[1].attrib:
        faults.append("organizations")
    resources = list(manifest[-1])
    names = [r.get("identifier", "") for r in resources]
    if len(names) != len(set(names)) or not all(map(NCNAME.fullmatch, names)):
        faults.append("names of resources")
    files = [f.get("href") for f in manifest.iter("{*}file")]
    faults += [f"not in the package: {name}" for name in files if name not in members]
    unlisted = set(members) - set(files) - {"imsmanifest.xml"}
    faults += [f"not in the manifest: {name}" for name in sorted(unlisted)]
    for one in resources:
        parts = [etree.QName(part).localname for part in one]
        if parts != sorted(parts, key=("metadata", "file", "dependency").index):
            faults.append("order of a resource")
        if one.get("href") not in [f.get("href") for f in one.iter("{*}file")]:
            faults.append("resource without its file")
        kinds = ("imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1") if version == 2 else (
            "imsqti_item_xmlv3p0", "imsqti_test_xmlv3p0")  # fmt: skip
        if one.get("type") not in kinds:
            faults.append("type of a resource")
    needed = [d.get("identifierref") for d in manifest.iter("{*}dependency")]
    faults += [f"unknown dependency {name}" for name in needed if name not in names]
    idents = []
    for name, xml in members.items():
        root = etree.fromstring(xml)
        if name.startswith("items/"):
            idents.append(attribute(root, "identifier"))
            faults += [f"{name}: {fault}" for fault in item_faults(root, version)]
        elif name == "test.xml":
            faults += form_faults(root, version, set(members), len(needed))
    if len(idents) != len(set(idents)):
        faults.append("items of one name")
    return faults


def names_in(root: Any) -> list[str]:
    """Names within a test, which must differ."""
    return [attribute(one, "identifier") for tag in ("testPart", "assessmentSection",
            "assessmentItemRef") for one in every(root, tag)]  # fmt: skip


def form_faults(root: Any, version: int, members: set[str], needed: int) -> list[str]:
    """Rules that the test of a package breaks."""
    faults = []
    if etree.QName(root).namespace != SPACES[version]:
        faults.append("namespace of the test")
    names = names_in(root)
    if len(names) != len(set(names)) or not all(map(NCNAME.fullmatch, names)):
        faults.append("names in the test")
    for part in every(root, "testPart"):
        if attribute(part, "navigationMode") not in ("linear", "nonlinear"):
            faults.append("navigation")
        if attribute(part, "submissionMode") not in ("individual", "simultaneous"):
            faults.append("submission")
    for section in every(root, "assessmentSection"):
        if not attribute(section, "title") or attribute(section, "visible") not in (
            "true",
            "false",
        ):
            faults.append("section")
    references = every(root, "assessmentItemRef")
    faults += ["weight" for one in every(root, "weight") if float(attribute(one, "value")) < 0]
    faults += ["reference to nothing" for r in references if attribute(r, "href") not in members]
    if len(references) != needed:
        faults.append("dependencies of the test")
    return faults


def case_bank() -> QuestionBank:
    """One titled case of two questions."""
    parts = tuple(item(f"07-C009-{n}", case="07-C009") for n in (1, 2))
    case = Case(id="07-C009", title="甲公司“案”", stimulus="案情第一段。\n第二段。",
                item_ids=("07-C009-1", "07-C009-2"))  # fmt: skip
    return QuestionBank(parts, {case.id: case})


def odd_bank() -> QuestionBank:
    """Ids that are no XML names, a written question in a case, and a very long title."""
    parts = (item("07/1 _x0041_", "简答", case="案 1/2"), item("07:é", "论述", case="案 1/2"),
             item("07 2", "单选"))  # fmt: skip
    case = Case(id="案 1/2", title="长" * (LABEL + 1), stimulus="案情。",
                item_ids=("07/1 _x0041_", "07:é"))  # fmt: skip
    return QuestionBank(parts, {case.id: case})


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("bank", [full_bank(), case_bank(), odd_bank()],
                         ids=["all kinds", "titled case", "odd ids"])  # fmt: skip
def test_items_keep_the_rules(bank: QuestionBank, version: int) -> None:
    """Every kind of question, and a case with a title, breaks no rule in either version."""
    assert package_faults(write_qti(bank, version=version).data, version) == []


@pytest.mark.parametrize("version", [2, 3])
def test_tests_keep_the_rules(version: int) -> None:
    """A package with a test names the items it needs, each of which is there."""
    held = sitting()
    worth = list(held.papers.worth.values())[:4]
    rows = tuple(FormItem(w.id, held.bank[w.id].revision, Decimal("2.5"), w.rule, w.case)
                 for w in worth)  # fmt: skip
    form = ExamForm("A", "试卷 A", held.bank.content_hash, (FormSection("1", "一", "", rows),))
    data = write_qti(held.bank, version=version, form=form).data
    assert package_faults(data, version) == []


def test_a_test_calls_items_by_their_ids() -> None:
    """References are the ids as XML names, by which results of the test are known again."""
    held = sitting()
    worth = list(held.papers.worth.values())[:4]
    rows = tuple(FormItem(w.id, held.bank[w.id].revision, Decimal(2), w.rule, w.case)
                 for w in worth)  # fmt: skip
    form = ExamForm("A", "试卷 A", held.bank.content_hash, (FormSection("1", "一", "", rows),))
    with ZipFile(BytesIO(write_qti(held.bank, version=2, form=form).data)) as package:
        root = etree.fromstring(package.read("test.xml"))
    names = [attribute(one, "identifier") for one in every(root, "assessmentItemRef")]
    assert [from_xml_name(name) for name in names] == [w.id for w in worth]


@pytest.mark.parametrize("version", [2, 3])
def test_odd_ids_come_back(version: int) -> None:
    """Ids that are no XML names come back; a title too long for 2.1 is listed as lost."""
    bank = odd_bank()
    written = write_qti(bank, version=version)
    again = preview_bytes(written.data, "a.zip").good
    assert {one.id: one.case for one in again} == {one.id: one.case for one in bank}
    (case,) = again.cases.values()
    assert (case.id, case.title) == ("案 1/2", "" if version == 2 else bank.cases["案 1/2"].title)
    assert written.not_carried == (("案例标题（2 题）",) if version == 2 else ())


def test_escapes_that_a_converter_left() -> None:
    """An escaped id is read in 2.1 too: programs that turn 3.0 into 2.1 keep it as it is."""
    bank, out = full_bank(), BytesIO()
    with ZipFile(BytesIO(write_qti(bank).data)) as new, ZipFile(out, "w") as turned:
        for name in new.namelist():
            xml = new.read(name).replace(b'Item identifier="0', b'Item identifier="_x0030_')
            turned.writestr(name, xml)
    assert preview_bytes(out.getvalue(), "a.zip").good == bank


BROKEN = {
    "right answer that is no choice": (b"<value>", b"<value>Z"),
    "cardinality": (b'cardinality="multiple"', b'cardinality="ordered"'),
    "no title": (b" title=", b" label="),
    "interaction without its declaration": (
        b'responseIdentifier="RESPONSE"', b'responseIdentifier="OTHER"',
    ),
    "names of choices": (b'simpleChoice identifier="B"', b'simpleChoice identifier="A"'),
    "root element or namespace": (b"imsqti_v2p1", b"imsqti_v2p0"),
    "not in the package": (b"href=", b'href="lost.xml" old='),
    "names of resources": (b'resource identifier="R', b'resource identifier="1'),
    "attribute that the body does not know": (b"<p>", b'<p title="x">'),
    "rubric after the content": (b"<rubricBlock", b"<p>x</p><rubricBlock"),
    "label too long": (b"<p>", b'<p label="%s">' % (b"x" * 257)),
    "body without blocks": (b"<itemBody>", b"<itemBody>x"),
    "schema of the manifest": (b"QTIv2.1 Package", b"QTI Package"),
    "organizations": (b"<organizations/>", b"<organizations><x/></organizations>"),
    "order of a resource": (b"<metadata><imsmd", b'<file href="x"/><metadata><imsmd'),
}  # fmt: skip
BROKEN_3 = {
    "identifier is no name": (b'identifier="_x0030_', b'identifier="0'),
    "ids alike": (b'qti-outcome-declaration identifier="SCORE"',
                  b'qti-outcome-declaration identifier="RESPONSE"'),
    "use of a rubric": (b'use="scoring"', b'use="marks"'),
}  # fmt: skip


@pytest.mark.parametrize(
    ("version", "fault"), [*((2, f) for f in BROKEN), *((3, f) for f in BROKEN_3)]
)
def test_rules_find_faults(version: int, fault: str) -> None:
    """A package that breaks a rule is told from one that keeps it."""
    old, new = (BROKEN if version == 2 else BROKEN_3)[fault]
    out, good = BytesIO(), write_qti(full_bank(), version=version).data
    with ZipFile(BytesIO(good)) as whole, ZipFile(out, "w") as bad:
        for name in whole.namelist():
            bad.writestr(name, whole.read(name).replace(old, new))
    assert any(fault in one for one in package_faults(out.getvalue(), version))


def test_title_of_older_packages() -> None:
    """Packages that have the title of a case as an HTML title are still read."""
    bank, out = case_bank(), BytesIO()
    with ZipFile(BytesIO(write_qti(bank).data)) as new, ZipFile(out, "w") as old:
        for name in new.namelist():
            old.writestr(name, new.read(name).replace(b' label="', b' title="'))
    assert preview_bytes(out.getvalue(), "a.zip").good == bank
