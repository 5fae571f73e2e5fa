"""Word files: paragraphs with their automatic numbers, tables, embedded parts → lines of text."""

import email
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from ..errors import ImportProblem, UnsafeFile
from ..law.numerals import to_chinese
from .clean import decode_text, is_traditional, to_simplified
from .markup import html_lines, parse_xml
from .safety import BROKEN
from .sheets import Found, find_columns, read_question_tables
from .tables import Table
from .text import Progress, read_lines
from .text.lines import lines_of

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SKIPPED = {f"{_W}{name}" for name in
            ("del", "moveFrom", "delText", "instrText", "rPr", "pPr", "sectPr",
             "commentReference", "footnoteReference", "annotationRef")}  # fmt: skip
_SKIPPED.add(f"{_MC}Fallback")  # the same content again for older programs
_TEXTS = {f"{_W}t", f"{_M}t"}
_SIGNS = {f"{_W}tab": "\t", f"{_W}ptab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n",
          f"{_W}noBreakHyphen": "-"}  # fmt: skip
_RULED, _MARKED = "\ue0e0\ue0e1", "\ue0e2\ue0e3"  # private signs around words
_JOIN = _MARKED[1] + _MARKED[0]
_RULED_WORDS = re.compile(rf"{_RULED[0]}([^{_RULED}]*){_RULED[1]}")
_MARKED_WORDS = re.compile(rf"{_MARKED[0]}([^{_MARKED}]*){_MARKED[1]}")
_NO_RULES, _NO_MARKS = (dict.fromkeys(map(ord, signs)) for signs in (_RULED, _MARKED))
_OFF = ("none", "0", "false", "auto", "off", "000000", "FFFFFF")
_SYMBOLS = {"F0FC": "√", "F0FB": "×", "F050": "√", "F04F": "×", "F052": "√"}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass
class _Numbering:
    """Counters of automatic numbers, as Word keeps them."""

    formats: dict[tuple[str, int], tuple[str, str, int]]
    homes: dict[str, str]
    counts: dict[str, list[int]] = field(default_factory=dict)

    def label(self, num_id: str, level: int) -> str:
        """Count one paragraph and return the number in front of it."""
        form = self.formats.get((num_id, level))
        if form is None:
            return ""
        kind, text, start = form
        counts = self.counts.setdefault(self.homes.get(num_id, num_id), [-1] * 9)
        counts[level] = start if counts[level] < 0 else counts[level] + 1
        for deeper in range(level + 1, 9):
            counts[deeper] = -1
        if kind in ("bullet", "none"):
            return ""
        out = text
        for place in range(level + 1):
            one = self.formats.get((num_id, place), (kind, "", 1))
            value = counts[place] if counts[place] >= 0 else one[2]
            out = out.replace(f"%{place + 1}", _number(one[0], value))
        return out


def _shown(text: str, style: Any) -> str:
    """Mark the text of a run that is underlined or stands out; underlined blanks become a rule."""
    if not len(style) or not text:
        return text
    underline = style.find(f"{_W}u")
    if underline is not None and underline.get(f"{_W}val", "single") not in _OFF:
        if not text.strip():
            return "____" if len(text) > 1 or text == "\t" else text
        text = f"{_RULED[0]}{text}{_RULED[1]}"
    for name in ("color", "highlight", "b"):
        found = style.find(f"{_W}{name}")
        if found is not None and found.get(f"{_W}val", "on") not in _OFF and text.strip():
            return f"{_MARKED[0]}{text}{_MARKED[1]}"
    return text


class _Shown(str):
    """A line with its underlined words, and its pieces that stand out."""

    __slots__ = ("marked", "ruled")
    ruled: tuple[str, ...]
    marked: tuple[str, ...]

    def __new__(cls, text: str, ruled: tuple[str, ...], marked: tuple[str, ...]) -> "_Shown":
        line = super().__new__(cls, text)
        line.ruled, line.marked = ruled, marked
        return line


def _number(kind: str, value: int) -> str:
    if kind in ("upperLetter", "lowerLetter") and 1 <= value <= 26:
        letter = chr(64 + value)
        return letter if kind == "upperLetter" else letter.lower()
    if kind.startswith(("chinese", "japaneseCounting", "ideographTraditional", "taiwanese")):
        return to_chinese(value) if 0 < value < 10_000 else str(value)
    if kind.startswith("decimalEnclosedCircle") and 1 <= value <= len(_CIRCLED):
        return _CIRCLED[value - 1]
    if kind in ("upperRoman", "lowerRoman") and 0 < value < 40:
        roman = "X" * (value // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII",
                                       "IX")[value % 10]  # fmt: skip
        return roman if kind == "upperRoman" else roman.lower()
    return str(value)


def _read_numbering(root: Any) -> _Numbering:
    abstract: dict[str, dict[int, tuple[str, str, int]]] = {}
    for one in root.findall(f"{_W}abstractNum"):
        abstract[one.get(f"{_W}abstractNumId", "")] = dict(map(_level, one.findall(f"{_W}lvl")))
    formats: dict[tuple[str, int], tuple[str, str, int]] = {}
    homes: dict[str, str] = {}
    for num in root.findall(f"{_W}num"):
        num_id = num.get(f"{_W}numId", "")
        home = num.find(f"{_W}abstractNumId")
        levels = dict(abstract.get(home.get(f"{_W}val", "") if home is not None else "", {}))
        overrides = num.findall(f"{_W}lvlOverride")
        for override in overrides:
            place = _int(override.get(f"{_W}ilvl"), 0)
            begin = override.find(f"{_W}startOverride")
            if begin is not None and place in levels:
                kind, text, _ = levels[place]
                levels[place] = (kind, text, _int(begin.get(f"{_W}val"), 1))
            for lvl in override.findall(f"{_W}lvl"):
                levels.update([_level(lvl)])
        formats |= {(num_id, place): form for place, form in levels.items()}
        # A number list with its own start counts by itself; others share their abstract list.
        homes[num_id] = num_id if overrides or home is None else f"a{home.get(f'{_W}val', '')}"
    return _Numbering(formats, homes)


def _level(lvl: Any) -> tuple[int, tuple[str, str, int]]:
    def value(tag: str, default: str) -> str:
        found = lvl.find(f"{_W}{tag}")
        return default if found is None else found.get(f"{_W}val", default)

    place = min(8, max(0, _int(lvl.get(f"{_W}ilvl"), 0)))
    return place, (value("numFmt", "decimal"), value("lvlText", ""), _int(value("start", "1"), 1))


def _int(text: str | None, default: int) -> int:
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default


@dataclass
class _Document:
    """A Word package being turned into lines."""

    name: str
    archive: zipfile.ZipFile
    numbering: _Numbering
    styles: dict[str, tuple[str, int]]
    targets: dict[str, str]
    problems: list[ImportProblem] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def blocks(self, parent: Any, depth: int = 0) -> Iterator[str]:
        """Lines of paragraphs, tables, boxes and embedded parts in order."""
        if depth > 12:
            return
        for child in parent:
            tag = child.tag
            if tag == f"{_W}p":
                yield from self.paragraph(child)
            elif tag == f"{_W}tbl":
                yield from self.table(child, depth)
            elif tag == f"{_W}altChunk":
                yield from self.embedded(child.get(f"{_R}id", ""))
            elif tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}smartTag",
                         f"{_W}customXml", f"{_W}moveTo"):  # fmt: skip
                yield from self.blocks(child, depth + 1)

    def paragraph(self, p: Any) -> Iterator[str]:
        """Yield one paragraph, cut at its line breaks, with its automatic number in front."""
        boxes: list[Any] = []
        runs: list[str] = []
        self._runs(p, boxes, runs)
        text = "".join(runs)
        label = self._label(p)
        if label and text.strip():
            text = f"{label} {text}" if label[-1:].isalnum() else f"{label}{text}"
        for line in text.split("\n"):
            yield self._plain(line) if _RULED[0] in line or _MARKED[0] in line else line
        for box in boxes:
            yield from self.blocks(box, 4)

    @staticmethod
    def _plain(line: str) -> str:
        """Take the marks of underlined and other words off a line, and keep the words with it."""
        unruled = line.translate(_NO_RULES)
        marked = tuple(piece.strip() for piece in _MARKED_WORDS.findall(unruled.replace(_JOIN, "")))
        words = tuple(w.strip() for w in _RULED_WORDS.findall(line.translate(_NO_MARKS)))
        plain = unruled.translate(_NO_MARKS)
        short = tuple(word for word in words if word and len(word) < len(plain.strip()) / 2)
        return _Shown(plain, short, tuple(piece for piece in marked if piece))

    def _label(self, p: Any) -> str:
        properties = p.find(f"{_W}pPr")
        if properties is None:
            return ""
        style, num = properties.find(f"{_W}pStyle"), properties.find(f"{_W}numPr")
        if num is None:
            found = self.styles.get(style.get(f"{_W}val", "")) if style is not None else None
            return self.numbering.label(*found) if found else ""
        num_id, level = num.find(f"{_W}numId"), num.find(f"{_W}ilvl")
        if num_id is None:
            return ""
        place = _int(level.get(f"{_W}val"), 0) if level is not None else 0
        return self.numbering.label(num_id.get(f"{_W}val", ""), min(8, max(0, place)))

    def _runs(self, node: Any, boxes: list[Any], out: list[str]) -> None:
        """Collect the text of a paragraph, and its text boxes apart."""
        for child in node:
            tag = child.tag
            if tag in _TEXTS:
                out.append(child.text or "")
            elif tag == f"{_W}r" and (style := child.find(f"{_W}rPr")) is not None:
                inside: list[str] = []
                self._runs(child, boxes, inside)
                out.append(_shown("".join(inside), style))
            elif tag in _SIGNS:
                out.append(_SIGNS[tag])
            elif tag == f"{_W}sym":
                out.append(_SYMBOLS.get(child.get(f"{_W}char", "").upper(), ""))
            elif tag == f"{_W}txbxContent":
                boxes.append(child)
            elif tag not in _SKIPPED:
                self._runs(child, boxes, out)

    def table(self, tbl: Any, depth: int) -> Iterator[str]:
        """Keep a table of questions for the table reader; yield others as lines, cells by tabs."""
        rows: list[tuple[str, ...]] = []
        for tr in tbl.iter(f"{_W}tr"):
            cells = []
            for tc in tr.findall(f"{_W}tc"):
                cells.append("\n".join(self.blocks(tc, depth + 1)).strip())
            rows.append(tuple(cells))
        table = Table(self.name, f"表 {len(self.tables) + 1}", tuple(rows))
        if find_columns(table) is not None:
            self.tables.append(table)
            return
        for row in rows:
            if len(row) == 1 or sum("\n" in cell for cell in row) >= 1:
                for cell in row:
                    yield from cell.split("\n")
            else:
                yield "\t".join(row)

    def embedded(self, relation: str) -> Iterator[str]:
        """Yield the lines of an ``altChunk``: a file (HTML, MHT, text) that Word shows in place."""
        target = self.targets.get(relation, "")
        try:
            data = self.archive.read(target)
        except BROKEN:
            self.problems.append(ImportProblem("嵌入的内容缺失，未读", self.name, value=target))
            return
        lower = target.lower()
        if lower.endswith((".mht", ".mhtml", ".eml")) or b"MIME-Version" in data[:2000]:
            yield from _mht_lines(self.name, data)
        elif lower.endswith((".htm", ".html", ".xhtml")) or data.lstrip()[:1] == b"<":
            yield from html_lines(_html_text(self.name, data))
        elif lower.endswith(".txt"):
            yield from decode_text(self.name, data).text.split("\n")
        else:
            reason = "嵌入了另一个文件，未读；请在 Word 中打开后另存"
            self.problems.append(ImportProblem(reason, self.name, value=target))


def _mht_lines(name: str, data: bytes) -> Iterator[str]:
    message = email.message_from_bytes(data)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "text/plain"):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload:
                charset = part.get_content_charset() or ""
                text = _html_text(name, payload, charset)
                html = part.get_content_type() == "text/html"
                yield from html_lines(text) if html else text.split("\n")
                return


def _html_text(name: str, data: bytes, charset: str = "") -> str:
    found = re.search(rb"charset=[\"']?([\w-]+)", data[:3000])
    charset = charset or (found[1].decode("ascii") if found else "")
    try:
        return data.decode(charset) if charset else decode_text(name, data).text
    except (LookupError, UnicodeError):
        return decode_text(name, data).text


def _styles(root: Any) -> dict[str, tuple[str, int]]:
    found = {}
    for style in root.findall(f"{_W}style"):
        num = style.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        if num is not None:
            level = style.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
            place = _int(level.get(f"{_W}val"), 0) if level is not None else 0
            found[style.get(f"{_W}styleId", "")] = (num.get(f"{_W}val", ""), min(8, max(0, place)))
    return found


def _open(data: bytes, name: str) -> tuple[_Document, Any]:
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        members = set(archive.namelist())
        main = "word/document.xml"
        if main not in members:
            main = next((m for m in members if re.fullmatch(r"word/document\d*\.xml", m)), "")
        if not main:
            raise UnsafeFile(name, "不是 Word 文档，或正文缺失")

        def part(path: str) -> Any:
            xml = archive.read(path).replace(_STRICT.encode(), _W[1:-1].encode())
            return parse_xml(xml, name)

        root = part(main)
        numbering = (
            _read_numbering(part("word/numbering.xml")) if "word/numbering.xml" in members
            else _Numbering({}, {})
        )  # fmt: skip
        styles = _styles(part("word/styles.xml")) if "word/styles.xml" in members else {}
        targets = {}
        rels = f"word/_rels/{main.removeprefix('word/')}.rels"
        if rels in members:
            for one in part(rels):
                target = one.get("Target", "")
                if one.get("TargetMode") != "External":
                    inside = target[1:] if target.startswith("/") else f"word/{target}"
                    targets[one.get("Id", "")] = inside
    except BROKEN as error:
        raise UnsafeFile(name, "Word 文档已损坏，请打开后另存") from error
    return _Document(name, archive, numbering, styles, targets), root


def _read(data: bytes, name: str) -> tuple[list[str], _Document]:
    """Return the lines of a .docx, and the document with its tables, underlines and problems.

    Raises
    ------
    UnsafeFile
        If it is no Word file or is broken.
    """
    document, root = _open(data, name)
    body = root.find(f"{_W}body")
    if body is None:
        raise UnsafeFile(name, "Word 文档没有正文")
    try:
        lines = list(document.blocks(body))
    except BROKEN as error:
        raise UnsafeFile(name, "Word 文档已损坏，请打开后另存") from error
    return lines, document


def parse_word(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a Word file of questions; line numbers are paragraphs counted from 1."""
    raws, document = _read(data, name)
    found = list(document.problems)
    lines = [
        replace(line, ruled=line.raw.ruled, marked=line.raw.marked)
        if isinstance(line.raw, _Shown)
        else line
        for line in lines_of(raws)
    ]
    if is_traditional("\n".join(raws)):
        found.append(ImportProblem("繁体文本已转换为简体，原文保留", name, blocking=False))
        lines = [replace(line, text=to_simplified(line.text)) for line in lines]
    drafts, more = read_lines(lines, name, progress=progress)
    from_tables, others = read_question_tables(document.tables)
    return (*drafts, *from_tables), (*found, *more, *others)
