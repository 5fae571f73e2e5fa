"""How panels look: one style sheet, and small pieces of HTML that are always escaped."""

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """<style>
.fz, .fz * {font-family: "Fazhi Sans", "Noto Sans CJK SC", "Source Han Sans SC",
  "Microsoft YaHei", "PingFang SC", sans-serif;}
.fz {font-size: 15px; line-height: 1.6;}
.fz .widget-label, .fz button, .fz select, .fz input, .fz textarea {font-size: 15px;}
.fz .widget-html-content {font-size: 14px; line-height: 1.6; overflow-x: auto;}
.fz h3 {margin: 4px 0; font-size: 18px;}
.fz table {border-collapse: collapse; background: #fff; color: #111;}
.fz th, .fz td {border: 1px solid #bbb; padding: 3px 9px; text-align: left; vertical-align: top;}
.fz th {background: #eef1f5; white-space: nowrap;}
.fz td.num {text-align: right; font-variant-numeric: tabular-nums;}
.fz td.short {white-space: nowrap;}
.fz table.single {width: 100%; max-width: 1200px;}
.fz table.single td {white-space: nowrap;}
.fz table.single td[title] {width: 60%; max-width: 0; overflow: hidden; text-overflow: ellipsis;}
.fz .hint {display: inline-block; width: 1.2em; height: 1.2em; line-height: 1.2em; cursor: help;
  text-align: center; border: 1px solid #667; border-radius: 50%; font-size: 12px; color: #445;}
.fz .cards {display: flex; flex-wrap: wrap; gap: 12px;}
.fz .card {border: 1px solid #99a; border-radius: 6px; padding: 8px 16px; min-width: 130px;}
.fz .card b {display: block; font-size: 26px; line-height: 1.3;}
.fz .card small {color: #445;}
.fz .state {display: inline-block; min-width: 13em; padding: 1px 8px; border-radius: 4px;
  border: 1px solid #333; color: #111;}
.fz .green {background: #d9f0d8;} .fz .amber {background: #ffe3a6; border-style: dashed;}
.fz .red {background: #f7c1bb; border-width: 3px; font-weight: bold;}
.fz table.heat td {text-align: center; min-width: 11em; border: 2px solid #fff;}
.fz table.heat th {background: #fff; border: 0; text-align: right;}
.fz table.heat tr:first-child th {text-align: center;}
.fz .heat-none {background: #b03a2e; color: #fff; font-weight: bold;}
.fz .heat-0 {background: #e3ecf3;} .fz .heat-1 {background: #b6c9da;}
.fz .heat-2 {background: #7f9fbd;} .fz .heat-3 {background: #2b5c8a; color: #fff;}
.fz .note {border-left: 5px solid #5a6b7d; padding: 4px 12px; background: #f2f5f8; color: #111;}
.fz .fault {border-left: 5px solid #b3261e; padding: 4px 12px; background: #fdecea; color: #111;
  white-space: pre-wrap;}
.fz .done {border-left: 5px solid #2e7d32; padding: 4px 12px; background: #e9f5ea; color: #111;
  white-space: pre-wrap;}
.fz .paper {font-family: "Fazhi Serif", "Noto Serif CJK SC", SimSun, serif; background: #fff;
  color: #000; border: 1px solid #888; padding: 24px 36px; max-width: 760px; max-height: 560px;
  overflow: auto;}
.fz .paper * {font-family: inherit;}
.fz .paper h4 {text-align: center; font-size: 20px; margin: 4px;}
.fz .paper .stimulus {border: 1px solid #888; padding: 6px 12px; margin: 8px 0;}
.fz .paper em {font-style: normal; text-decoration: underline dotted; font-weight: bold;}
.fz code {word-break: break-all;}
.fz a.save {margin-right: 14px; color: #0b57d0; text-decoration: underline;}
.fz, .fz > .widget-vbox {overflow: visible;}
.fz {padding-bottom: 12px;}
.fz .fz-say {position: sticky; bottom: 6px; z-index: 9; background: #fff; overflow: visible;}
</style>"""


def hint(text: str) -> str:
    """Return a small mark that explains a number when pointed at or reached by keyboard."""
    safe = escape(text, quote=True)
    return (
        f'<span class="hint" tabindex="0" role="note" title="{safe}" aria-label="{safe}">?</span>'
    )


def card(name: str, value: str, below: str, explained: str) -> str:
    """Return one summary card: what, how much, of what, and a hint."""
    return (
        f'<div class="card">{escape(name)} {hint(explained)}<b>{escape(value)}</b>'
        f"<small>{escape(below)}</small></div>"
    )


def cards(parts: Iterable[str]) -> str:
    """Return a row of cards."""
    return f'<div class="cards">{"".join(parts)}</div>'


def note(text: str) -> str:
    """Return a plain remark."""
    return f'<div class="note">{escape(text)}</div>'


def plain_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a small table of texts."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def definition_table(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and values."""
    return (
        "<table>"
        + "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows)
        + "</table>"
    )
