"""Telling apart formats that share a suffix: text files and XML files."""

import re

from ..errors import ImportProblem
from .clean import decode_text
from .gift import parse_aiken, parse_gift
from .markup import parse_xml
from .moodle_xml import parse_moodle_xml
from .qti1 import local
from .qti_package import read_qti
from .sheets import Found, parse_csv, parse_html
from .text import Progress, parse_text

_GIFT = re.compile(
    r"^\s*::.+?::|^\$CATEGORY:|\{\s*(?:[=~]|T\s*\}|F\s*\}|TRUE|FALSE)|^\s*~", re.MULTILINE
)
_CHINESE_KEY = re.compile(r"答案\s*(?:[:：]|[】\]〕])")
_AIKEN = re.compile(r"^\s*ANSWER\s*:\s*[A-Z]", re.MULTILINE)


def sniff_text(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a .txt file as GIFT or Aiken when it looks so, else as Chinese question text."""
    head = decode_text(name, data).text[:200_000]
    if len(_GIFT.findall(head)) >= 1 and "{" in head and "}" in head:
        return parse_gift(data, name, progress=progress)
    if _AIKEN.search(head) and not _CHINESE_KEY.search(head):
        return parse_aiken(data, name, progress=progress)
    if _is_table(head):
        return parse_csv(data, name, progress=progress)
    return parse_text(data, name, progress=progress)


def _is_table(text: str) -> bool:
    """Whether nearly every line has as many tabs as the first, which names the columns."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    tabs = lines[0].count("\t") if len(lines) > 2 else 0
    alike = sum(abs(line.count("\t") - tabs) <= 2 for line in lines)
    return tabs >= 3 and alike >= 0.8 * len(lines) and "题" in lines[0]


def sniff_xml(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read an .xml file by its root element."""
    if data.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return parse_html(data, name, progress=progress)
    root = local(parse_xml(data, name))
    if root == "quiz":
        return parse_moodle_xml(data, name, progress=progress)
    if root in ("questestinterop", "assessmentItem", "assessmentTest") or root.startswith("qti-"):
        return read_qti(data, name)
    return (), (ImportProblem(f"不认识的 XML（根元素 {root[:30]}）；可用 Moodle XML 和 QTI", name),)
