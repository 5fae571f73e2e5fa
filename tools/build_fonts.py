"""Make the Chinese fonts of the package: ``build_fonts.py SANS.ttc SERIF.ttc OUT`` (Noto CJK).

Needs fonttools. The result holds GB2312, the marks that exams print and some characters of names;
outlines become TrueType, which every PDF writer embeds. The licence (SIL OFL 1.1) stays beside the
fonts, and the families get names of their own, as the licence asks of changed versions.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

GB2312 = {
    bytes([high, low]).decode("gb2312", errors="ignore")
    for high in range(0xA1, 0xF8)
    for low in range(0xA1, 0xFF)
} - {""}
EXTRA = set(
    "〇①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳℃√×÷≥≤≠±□■○●◎△▲☆★☐☑✓✗‰′″−–—…·“”‘’→←↑↓⇒∈∞∑ασβγθμ＿～"
    "堃喆昇淼祎珺瑀玥芃赟翀龑燊媖暐玮彧韡烜晞旻曈瑄垚"
)
LATIN = {chr(i) for i in range(0x20, 0x17F)}


def simplified(collection: Path) -> TTFont:
    """Return the Simplified Chinese face of a Noto CJK collection."""
    for font in TTCollection(str(collection)).fonts:
        if " SC" in font["name"].getDebugName(1) and "Mono" not in font["name"].getDebugName(1):
            return font
    raise SystemExit(f"no Simplified Chinese face in {collection.name}")


def to_truetype(font: TTFont) -> None:
    """Replace cubic outlines by quadratic ones, within 1/1000 of an em."""
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        glyf.glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), glyf
    maxp = newTable("maxp")
    maxp.tableVersion = 0x00010000
    maxp.maxZones = 1
    for field in ("Points", "Contours", "CompositePoints", "CompositeContours", "TwilightPoints"):
        setattr(maxp, f"max{field}", 0)
    for field in ("Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(maxp, f"max{field}", 0)
    for field in ("SizeOfInstructions", "ComponentElements", "ComponentDepth"):
        setattr(maxp, f"max{field}", 0)
    maxp.numGlyphs = len(order)
    font["maxp"] = maxp
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def build(collection: Path, family: str, out: Path) -> None:
    """Subset, convert, rename and save one face."""
    font = simplified(collection)
    options = subset.Options()
    options.layout_features, options.hinting, options.name_IDs = ["kern", "vert"], False, ["*"]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx"]
    options.layout_features = ["kern"]
    maker = subset.Subsetter(options)
    maker.populate(unicodes=[ord(c) for c in GB2312 | EXTRA | LATIN])
    maker.subset(font)
    to_truetype(font)
    notice = font["name"].getDebugName(0)
    names = {
        "familyName": family,
        "styleName": "Regular",
        "uniqueFontIdentifier": f"{family} 1.0",
        "fullName": family,
        "psName": family.replace(" ", "") + "-Regular",
        "version": "Version 1.0",
        "copyright": notice,
        "licenseDescription": "SIL Open Font License, Version 1.1",
        "licenseInfoURL": "https://openfontlicense.org",
    }
    font["name"].names = []
    FontBuilder(font=font).setupNameTable(names, mac=False)
    font["head"].created = font["head"].modified = 3_800_000_000
    font.recalcTimestamp = False
    font.save(str(out))


if __name__ == "__main__":
    sans, serif, folder = map(Path, sys.argv[1:4])
    build(sans, "Fazhi Sans", folder / "FazhiSans-Regular.ttf")
    build(serif, "Fazhi Serif", folder / "FazhiSerif-Regular.ttf")
