"""Content packages: a zip with imsmanifest.xml and items of QTI 1.2, 2.x or 3.0."""

import zipfile
from collections import Counter
from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..assembly.form import ExamForm
from ..bank.question_bank import QuestionBank
from ..errors import ImportProblem, UnsafeFile
from ..files import add_member
from .draft import Draft
from .labels import category_of, labels_of, read_category, read_labels
from .markup import parse_xml
from .qti1 import children, local, read_qti1
from .qti2 import carries_title, document, every, item_xml, name_of, read_item, stimulus_text
from .safety import BROKEN
from .sheets import Found
from .text import Progress
from .written import Written, losses
from .xml_names import xml_name

_ROOTS1 = ("questestinterop",)


def read_qti(data: bytes, name: str) -> Found:
    """Read one QTI file of any version."""
    root = parse_xml(data, name)
    tag = name_of(root)
    if tag in _ROOTS1:
        return read_qti1(root, name)
    if tag == "assessmentItem":
        return (read_item(root, name),), ()
    items = every(root, "assessmentItem")
    if items:
        return tuple(read_item(one, name) for one in items), ()
    if tag == "assessmentTest":
        return (), (ImportProblem("这是试卷结构文件，题目在同一文件夹或压缩包的其他文件中", name),)
    return (), (ImportProblem(f"不认识的 XML（{local(root)[:30]}）", name),)


def parse_package(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a package; without a manifest every XML file in it is tried.

    Raises
    ------
    UnsafeFile
        If it is no zip, or holds no XML.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        members = [m for m in archive.namelist() if not m.endswith("/")]
        manifest = next((m for m in members if m.rpartition("/")[2] == "imsmanifest.xml"), "")
        listed, labels, categories = _manifest(archive, manifest, name)
        paths = listed or [m for m in members if m.endswith(".xml") and m != manifest]
        if not paths:
            raise UnsafeFile(name, "压缩包内没有题目文件（imsmanifest.xml 或 QTI 的 .xml）")
        return _members(archive, paths, labels, categories, name, progress)
    except BROKEN as error:
        raise UnsafeFile(name, "压缩包已损坏，请重新导出") from error


def _manifest(
    archive: zipfile.ZipFile, manifest: str, name: str
) -> tuple[list[str], dict[str, list[str]], dict[str, str]]:
    """Paths of the item files, keywords and category of each."""
    if not manifest:
        return [], {}, {}
    root = parse_xml(archive.read(manifest), name)
    base = manifest.removesuffix("imsmanifest.xml")
    paths: list[str] = []
    labels: dict[str, list[str]] = {}
    categories: dict[str, str] = {}
    for resource in children(root, "resource"):
        kind = resource.get("type", "").lower()
        if not ("qti" in kind or "assessment" in kind) or ("test" in kind and "item" not in kind):
            continue
        href = resource.get("href") or next(
            (f.get("href", "") for f in children(resource, "file")), ""
        )
        if not href or href.endswith("assessment_meta.xml") or "stimulus" in kind:
            continue
        path = base + href
        paths.append(path)
        entries: list[str] = []
        for one in resource.iter():
            if local(one) == "keyword":
                labels.setdefault(path, []).append(_string(one))
            elif local(one) == "entry":
                entries.append(_string(one))
        if entries:
            categories[path] = "/".join(entries)
    return list(dict.fromkeys(paths)), labels, categories


def _string(node: Any) -> str:
    return "".join(node.itertext()).strip()


def _members(
    archive: zipfile.ZipFile,
    paths: list[str],
    labels: dict[str, list[str]],
    categories: dict[str, str],
    name: str,
    progress: Progress | None,
) -> Found:
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    present = set(archive.namelist())
    stimuli = {
        path.rpartition("/")[2]: stimulus_text(parse_xml(archive.read(path), name))
        for path in present
        if path.endswith(".xml") and ("stimul" in path.lower() or "passage" in path.lower())
    }
    for count, path in enumerate(paths, 1):
        place = f"{name}/{path}"
        if path not in present:
            problems.append(ImportProblem("清单列出的文件不在压缩包内", name, value=path))
            continue
        try:
            root = parse_xml(archive.read(path), place)
        except UnsafeFile as error:
            problems.append(ImportProblem(error.problem, name, value=path))
            continue
        if name_of(root) in _ROOTS1:
            some, more = read_qti1(root, name)
            problems += more
        elif name_of(root) == "assessmentItem":
            one = read_item(root, name, stimuli=stimuli)
            if path in categories:
                subject, topic = read_category(categories[path])
                one = replace(one, subject=subject, topic=topic)
            some = (_labelled(one, labels.get(path, [])),)
        elif name_of(root) in ("assessmentTest", "assessmentStimulus", "manifest"):
            continue
        else:
            problems.append(ImportProblem(f"不认识的 XML（{local(root)[:30]}）", name, value=path))
            continue
        drafts += [replace(d, sheet=path, line=d.line) for d in some]
        if progress is not None and count % 500 == 0:
            progress(count, len(paths))
    return tuple(drafts), tuple(problems)


def _labelled(draft: Draft, labels: list[str]) -> Draft:
    """Apply the manifest's keywords; a kind stated there decides 多选 against 不定项."""
    said = read_labels(draft, labels)
    if said.kind is not draft.kind and draft.kind is not None and said.kind is not None:
        options = draft.kind.has_options and said.kind.has_options
        if options is not (draft.kind.has_options or said.kind.has_options):
            return replace(said, kind=draft.kind)
    return said


def write_qti(bank: QuestionBank, *, version: int = 2, form: ExamForm | None = None) -> Written:
    """Write a bank as a QTI package, one file an item.

    Further fields are keywords in the manifest, and the category is its taxonomy.

    Parameters
    ----------
    bank
        What to write.
    version
        2 for QTI 2.1, 3 for QTI 3.0.
    form
        Adds a test with the sections, order and points of a form whose items the bank holds.

    Raises
    ------
    ValueError
        If `version` is neither 2 nor 3.
    """
    if version not in (2, 3):
        raise ValueError("version must be 2 (QTI 2.1) or 3 (QTI 3.0)")
    lost: Counter[str] = Counter()
    out = BytesIO()
    resources: list[str] = []
    paths: dict[str, str] = {}
    names: dict[str, str] = {}
    kind = "imsqti_item_xmlv2p1" if version == 2 else "imsqti_item_xmlv3p0"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for number, item in enumerate(bank, 1):
            path = f"items/item{number:05d}.xml"
            paths[item.id] = path
            labels, too_long = labels_of(item)
            for field in too_long:
                lost[field] += 1
            case = bank.cases[item.case] if item.case else None
            if case is not None and not carries_title(case, version):
                lost["案例标题"] += 1
            add_member(archive, path, item_xml(item, case, version=version))
            words = "".join(f"<imsmd:keyword>{_tagged(w)}</imsmd:keyword>" for w in labels)
            entries = "".join(
                f"<imsmd:taxon><imsmd:entry>{_tagged(part)}</imsmd:entry></imsmd:taxon>"
                for part in category_of(item).split("/", 1)
            )
            names[item.id] = f"R{number:05d}"
            resources.append(
                f'<resource identifier="{names[item.id]}" type="{kind}" href="{path}">'
                f"<metadata><imsmd:lom><imsmd:general>{words}</imsmd:general><imsmd:classification><imsmd:taxonPath>{entries}"
                f"</imsmd:taxonPath></imsmd:classification></imsmd:lom></metadata>"
                f'<file href="{path}"/></resource>\n'
            )
        if form is not None:
            add_member(archive, "test.xml", _test_xml(form, paths, version))
            test = "imsqti_test_xmlv2p1" if version == 2 else "imsqti_test_xmlv3p0"
            used = (names[i.id] for s in form.sections for i in s.items if i.id in names)
            needs = "".join(f'<dependency identifierref="{name}"/>' for name in used)
            resources.append(
                f'<resource identifier="TEST" type="{test}" href="test.xml">'
                f'<file href="test.xml"/>{needs}</resource>\n'
            )
        add_member(archive, "imsmanifest.xml", _manifest_xml(resources, version))
    return Written(out.getvalue(), losses(lost))


def _tagged(text: str) -> str:
    return f'<imsmd:string language="zh">{escape(text)}</imsmd:string>'


def _test_xml(form: ExamForm, paths: dict[str, str], version: int) -> bytes:
    sections = []
    for place, section in enumerate(form.sections, 1):
        rows = "".join(
            f'<assessmentItemRef identifier="{xml_name(item.id)}" href={quoteattr(paths[item.id])}>'
            f'<weight identifier="POINTS" value="{item.points}"/></assessmentItemRef>'
            for item in section.items if item.id in paths
        )  # fmt: skip
        sections.append(
            f'<assessmentSection identifier="S{place}" title={quoteattr(section.title)} '
            f'visible="true">{rows}</assessmentSection>'
        )
    whole = (
        f'<assessmentTest identifier="TEST" title={quoteattr(form.title)}>'
        '<testPart identifier="P1" navigationMode="nonlinear" submissionMode="simultaneous">'
        f"{''.join(sections)}</testPart></assessmentTest>"
    )
    return document(whole, version=version)


def _manifest_xml(resources: list[str], version: int) -> bytes:
    space = (
        "http://www.imsglobal.org/xsd/imscp_v1p1" if version == 2
        else "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
    )  # fmt: skip
    schema, number = ("QTIv2.1 Package", "1.0.0") if version == 2 else ("QTI Package", "3.0.0")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest xmlns="{space}" xmlns:imsmd="http://ltsc.ieee.org/xsd/LOM" '
        'identifier="MANIFEST">'
        f"<metadata><schema>{schema}</schema><schemaversion>{number}</schemaversion></metadata>"
        f"<organizations/><resources>\n{''.join(resources)}</resources></manifest>\n"
    ).encode()
