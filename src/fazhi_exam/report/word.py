"""Word documents in the look of Chinese offices (公文), the same bytes every time."""

import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

SONG, HEI, FANG, KAI = "宋体", "黑体", "仿宋", "楷体"
LATIN = "Times New Roman"
_STAMP = (2026, 1, 1, 0, 0, 0)
"""Fixed time of zip entries and core properties: equal input has to give equal bytes."""


def style_font(target: Any, font: str, *, size: float | None = None, bold: bool = False) -> Any:
    """Set the Chinese and Latin font of a run or a style.

    A theme font would win over the name, and quotation marks follow the Latin font unless the run
    is hinted as East Asian; both are set right here.
    """
    target.font.name = LATIN
    fonts = target.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    if size is not None:
        target.font.size = Pt(size)
    target.font.bold = bold
    target.font.color.rgb = RGBColor(0, 0, 0)
    return target


def new_document(
    *, body: str = SONG, size: float = 10.5, left: float = 28, right: float = 26
) -> Any:
    """Return an empty A4 document with Chinese styles.

    Parameters
    ----------
    body, size
        Font and point size of the text.
    left, right
        Margins in millimetres.
    """
    document = Document()
    style_font(document.styles["Normal"], body, size=size)
    for name, points in (("Title", 18), ("Heading 1", 14), ("Heading 2", 12)):
        style_font(document.styles[name], HEI, size=points)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    return document


def add_text(
    document: Any,
    text: str,
    *,
    font: str = SONG,
    size: float = 10.5,
    bold: bool = False,
    centre: bool = False,
    indent: bool = False,
) -> Any:
    """Add a paragraph; `indent` moves its first line in by two characters."""
    paragraph = document.add_paragraph()
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(size * 2)
    style_font(paragraph.add_run(text), font, size=size, bold=bold)
    return paragraph


def add_table(
    document: Any,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    widths: Sequence[float] | None = None,
    size: float = 9.5,
) -> Any:
    """Add a ruled table whose heading repeats on every page.

    Parameters
    ----------
    widths
        Column widths in millimetres.
    """
    table = document.add_table(rows=0, cols=len(head), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for number, texts in enumerate([head, *rows]):
        cells = table.add_row().cells
        for k, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            font = HEI if number == 0 else SONG
            style_font(paragraph.add_run(str(text)), font, size=size)
            if widths is not None:
                cell.width = Mm(widths[k])
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    return table


def add_field(paragraph: Any, code: str, *, size: float = 9) -> None:
    """Add a field such as PAGE or NUMPAGES, which Word and WPS fill in."""
    parts = (("begin", None), (None, code), ("separate", None), ("text", "1"), ("end", None))
    for kind, text in parts:
        run = style_font(paragraph.add_run(), SONG, size=size)
        if kind == "text":
            run.text = text
            continue
        if kind is None:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = f" {text} "
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def page_numbers(section: Any, note: str = "") -> None:
    """Print 第 x 页 共 y 页 at the foot of a section."""
    section.footer.is_linked_to_previous = False
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("第 ", "PAGE", " 页　共 ", "NUMPAGES", f" 页　{note}".rstrip("　")):
        if text.isupper() and text.isascii():
            add_field(paragraph, text)
        else:
            style_font(paragraph.add_run(text), SONG, size=9)


def seal_line(section: Any) -> None:
    """Print the seal line (密封线) upright in the left margin of every page of a section.

    A VML text box, because Word, WPS and LibreOffice all read it.
    """
    fill = "单位：＿＿＿＿＿＿＿＿　姓名：＿＿＿＿＿＿　准考证号：＿＿＿＿＿＿＿＿＿"
    dots = "……………密……………封……………线……………内……………不……………准……………答……………题……………"

    def line(text: str) -> str:
        return (
            '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr>'
            '<w:rFonts w:eastAsia="宋体" w:hint="eastAsia"/><w:sz w:val="18"/></w:rPr>'
            f"<w:t>{text}</w:t></w:r></w:p>"
        )

    box = (
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict>'
        '<v:shape type="#_x0000_t202" style="position:absolute;left:0;margin-left:18pt;'
        "margin-top:60pt;width:44pt;height:700pt;z-index:1;mso-position-horizontal-relative:page;"
        'mso-position-vertical-relative:page" filled="f" stroked="f">'
        '<v:textbox style="layout-flow:vertical;mso-layout-flow-alt:bottom-to-top" '
        f'inset="0,0,0,0"><w:txbxContent>{line(fill)}{line(dots)}</w:txbxContent></v:textbox>'
        "</v:shape></w:pict></w:r>"
    )
    section.header.is_linked_to_previous = False
    section.header.paragraphs[0]._p.append(parse_xml(box))


def save(document: Any, path: str | Path, *, title: str) -> Path:
    """Save a document so that equal content gives equal bytes; in full or not at all."""
    moment = datetime(*_STAMP)  # noqa: DTZ001  (a fixed stamp, not a time)
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "", ""
    properties.created = properties.modified = moment
    properties.revision = 1
    buffer = BytesIO()
    document.save(buffer)
    return write_bytes(restamped(buffer.getvalue()), path)


def restamped(data: bytes) -> bytes:
    """Return an archive with the same members and fixed times."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            entry = zipfile.ZipInfo(member.filename, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(member), compresslevel=6)
    return out.getvalue()


def write_bytes(data: bytes, path: str | Path) -> Path:
    """Write a file through a temporary one, so that no half file is ever seen."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    unfinished.write_bytes(data)
    unfinished.replace(target)
    return target
