"""Word documents set for Chinese: fonts, paper and language (Word 版式)."""

from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

SONG, HEI, FANG, KAI = "宋体", "黑体", "仿宋", "楷体"
LATIN = "Times New Roman"
_LANGUAGE = "zh-CN"


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


def chinese_document(*, body: str = SONG, size: float = 10.5) -> Any:
    """Return an empty A4 document with Chinese styles.

    Its language is Chinese too, for by it a word processor keeps a bracket or a comma from the
    ends of lines where it must not stand.

    Parameters
    ----------
    body, size
        Font and point size of the text.
    """
    document = Document()
    style_font(document.styles["Normal"], body, size=size)
    for name, points in (("Title", 18), ("Heading 1", 14), ("Heading 2", 12)):
        style_font(document.styles[name], HEI, size=points)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for part, name in ((document.styles, "w:lang"), (document.settings, "w:themeFontLang")):
        for language in part.element.iter(qn(name)):
            language.set(qn("w:eastAsia"), _LANGUAGE)
    return document
