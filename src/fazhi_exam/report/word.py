"""Word documents in the look of Chinese offices (公文), the same bytes every time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from ..files import STAMP, restamped, write_bytes
from ..word_style import HEI, SONG, chinese_document, style_font


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
    document = chinese_document(body=body, size=size)
    section = document.sections[0]
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
    moment = datetime(*STAMP)  # noqa: DTZ001  (a fixed stamp, not a time)
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "", ""
    properties.created = properties.modified = moment
    properties.revision = 1
    buffer = BytesIO()
    document.save(buffer)
    return write_bytes(restamped(buffer.getvalue()), path)
