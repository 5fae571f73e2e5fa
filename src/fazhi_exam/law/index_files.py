"""Statute facts in files: the shipped index and full texts a reader has (法规索引与全文读取).

One JSON file per statute, one article per line: chapter, items of each paragraph, fingerprint of
the article and, when there are several paragraphs, of each of them.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import CitationError, UnsafeFile
from .numerals import NUMERAL, to_int
from .statute import (
    Article,
    ArticleLink,
    ArticleMap,
    ArticleNumber,
    Basis,
    Edition,
    Relation,
    Statute,
    StatuteKind,
    article_from_text,
)

_ARTICLE_LINE = re.compile(rf"^第({NUMERAL})条(?:之({NUMERAL}))?[\s　:：]*")
_MOST_BYTES = 30_000_000
_HEADING_LINE = re.compile(rf"^第{NUMERAL}(?:编|分编|章|节)(?:[\s　]|$)")


def write_number(number: ArticleNumber) -> str:
    """``(120, 1)`` as ``120.1``."""
    return f"{number[0]}.{number[1]}" if number[1] else str(number[0])


def read_number(text: str) -> ArticleNumber:
    """``120.1`` as ``(120, 1)``."""
    number, _, sub = text.partition(".")
    return int(number), int(sub or 0)


def dump_statute(statute: Statute, maps: tuple[ArticleMap, ...] = ()) -> str:
    """Write one statute's facts and its article maps as JSON, without any statute text."""
    head: dict[str, object] = {
        "id": statute.id,
        "title": statute.title,
        "short_title": statute.short_title,
        "aliases": list(statute.aliases),
        "kind": statute.kind.value,
        "first_body": statute.first_body,
        "last_body": statute.last_body,
        "repealed_on": statute.repealed_on.isoformat() if statute.repealed_on else None,
        "repealed_by": statute.repealed_by,
        "to_verify": statute.to_verify,
    }
    lines = [f"  {_json(key)}: {_json(value)}," for key, value in head.items() if value]
    editions = ",\n".join(_dump_edition(edition) for edition in statute.editions)
    text = "{\n" + "\n".join(lines) + '\n  "editions": [\n' + editions + "\n  ]"
    if maps:
        text += ',\n  "maps": [\n' + ",\n".join(_dump_map(one) for one in maps) + "\n  ]"
    return text + "\n}\n"


def load_statutes(text: str) -> list[tuple[Statute, tuple[ArticleMap, ...]]]:
    """Read what `dump_statute` wrote: one statute, or a JSON list of them.

    Raises
    ------
    CitationError
        If the file is not such an index.
    """
    try:
        raw = json.loads(text)
        return [_load_statute(one) for one in (raw if isinstance(raw, list) else [raw])]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise CitationError(text[:40], f"不是法规索引文件（{error}）") from error


def _load_statute(raw: dict[str, Any]) -> tuple[Statute, tuple[ArticleMap, ...]]:
    day = raw.get("repealed_on")
    statute = Statute(
        id=raw["id"],
        title=raw["title"],
        short_title=raw["short_title"],
        kind=StatuteKind(raw["kind"]),
        editions=tuple(_load_edition(raw["id"], one) for one in raw["editions"]),
        aliases=tuple(raw.get("aliases", ())),
        first_body=raw.get("first_body", ""),
        last_body=raw.get("last_body", ""),
        repealed_on=date.fromisoformat(day) if day else None,
        repealed_by=raw.get("repealed_by", ""),
        to_verify=raw.get("to_verify", ""),
    )
    return statute, tuple(_load_map(statute.id, one) for one in raw.get("maps", ()))


def read_text_file(path: Path) -> dict[ArticleNumber, Article]:
    """Read the articles of one full text: the JSON layout with ``articles``, or plain text.

    In plain text (UTF-8, or GB18030) an article begins with 第…条 at the start of a line; the lines
    below it are its further paragraphs and items; lines of 编, 章, 节 are headings.

    Raises
    ------
    CitationError
        If the file holds no article, a number twice, or a number that cannot be read.
    UnsafeFile
        If the file is larger than 30 MB.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise UnsafeFile(path.name, "超过30MB，不像一部法规的全文")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    read = _json_articles if path.suffix == ".json" else _plain_articles
    pairs = read(text, path.name)
    articles: dict[ArticleNumber, Article] = {}
    for article in pairs:
        if article.number in articles:
            raise CitationError(path.name, f"{article.label}出现两次")
        articles[article.number] = article
    if not articles:
        raise CitationError(path.name, "没有读到条文（条文应以“第…条”起行）")
    return articles


def _json_articles(text: str, name: str) -> list[Article]:
    try:
        return [
            article_from_text(
                (int(one["number"]), int(one.get("sub") or 0)),
                str(one["text"]),
                _chapter(one),
            )
            for one in json.loads(text)["articles"]
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CitationError(name, f"不是法规全文文件（{error}）") from error


def _chapter(article: Mapping[str, object]) -> str:
    levels = (article.get(level) for level in ("part", "subpart", "chapter", "section"))
    return " ".join(str(level) for level in levels if level)


def _plain_articles(text: str, name: str) -> list[Article]:
    articles: list[tuple[ArticleNumber, str, list[str]]] = []
    chapter = ""
    for line in (part.strip() for part in text.splitlines()):
        if start := _ARTICLE_LINE.match(line):
            number = _read_label(start, name)
            articles.append((number, chapter, [line[start.end() :]]))
        elif _HEADING_LINE.match(line):
            chapter = line
        elif line and articles:
            articles[-1][2].append(line)
    return [article_from_text(n, "\n".join(lines).strip(), head) for n, head, lines in articles]


def _read_label(start: re.Match[str], name: str) -> ArticleNumber:
    try:
        return to_int(start.group(1)), to_int(start.group(2)) if start.group(2) else 0
    except ValueError:
        raise CitationError(name, f"条号“{start.group().strip()}”无法识别") from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _dump_edition(edition: Edition) -> str:
    head: dict[str, object] = {
        "adopted": edition.adopted.isoformat(),
        "in_force": edition.in_force.isoformat(),
        "ended": edition.ended.isoformat() if edition.ended else None,
        "basis": edition.basis.value,
        "name": edition.name,
        "article_count": edition.article_count,
        "preamble_paragraphs": edition.preamble_paragraphs,
        "text_as_of": edition.text_as_of.isoformat() if edition.text_as_of else None,
    }
    text = "    {" + ", ".join(f"{_json(k)}: {_json(v)}" for k, v in head.items() if v)
    if edition.articles is None:
        return text + "}"
    chapters = list(dict.fromkeys(a.chapter for a in edition.articles.values()))
    lines = ",\n".join(
        f'      "{write_number(a.number)}": "{_dump_article(a, chapters.index(a.chapter))}"'
        for a in edition.articles.values()
    )
    return f'{text},\n     "chapters": {_json(chapters)},\n     "articles": {{\n{lines}}}}}'


def _dump_article(article: Article, chapter: int) -> str:
    items = ",".join(str(count) for count in article.items)
    words = [str(chapter), items, article.fingerprint]
    if len(article.items) > 1:
        words.append("".join(article.paragraph_fingerprints))
    return " ".join(words)


def _load_edition(statute: str, raw: Mapping[str, object]) -> Edition:
    def day(key: str) -> date | None:
        return date.fromisoformat(str(raw[key])) if raw.get(key) else None

    adopted, in_force = day("adopted"), day("in_force")
    if adopted is None or in_force is None:
        raise ValueError("an edition needs the days of adoption and in force")
    articles: dict[ArticleNumber, Article] | None = None
    if isinstance(lines := raw.get("articles"), dict):
        chapters = raw["chapters"]
        if not isinstance(chapters, list):
            raise ValueError("chapters must be a list")
        articles = {}
        for label, line in lines.items():
            article = _load_article(read_number(label), line, chapters)
            articles[article.number] = article
    count = raw.get("article_count")
    return Edition(
        statute=statute,
        adopted=adopted,
        in_force=in_force,
        ended=day("ended"),
        basis=Basis(str(raw["basis"])),
        name=str(raw.get("name", "")),
        articles=articles,
        article_count=int(str(count)) if count else None,
        preamble_paragraphs=int(str(raw.get("preamble_paragraphs", 0))),
        text_as_of=day("text_as_of"),
    )


def _load_article(number: ArticleNumber, line: str, chapters: list[str]) -> Article:
    words = line.split(" ")
    items = tuple(int(count) for count in words[1].split(","))
    prints = words[3] if len(words) > 3 else words[2][:8]
    return Article(
        number,
        chapters[int(words[0])],
        items,
        words[2],
        tuple(prints[i : i + 8] for i in range(0, len(prints), 8)),
    )


def _dump_map(one: ArticleMap) -> str:
    head = {
        "from": one.from_adopted.isoformat(),
        "to": one.to_adopted.isoformat(),
        "to_statute": one.to_statute,
    }
    lines = ",\n".join(
        f'      "{write_number(link.old)}": "{_dump_link(link)}"' for link in one.links.values()
    )
    new = " ".join(write_number(number) for number in one.new_articles)
    fields = ", ".join(f"{_json(k)}: {_json(v)}" for k, v in head.items())
    return f'    {{{fields},\n     "new": "{new}",\n     "links": {{\n{lines}}}}}'


def _dump_link(link: ArticleLink) -> str:
    targets = ",".join(write_number(number) for number in link.new) or "-"
    sign = " confirmed" if link.confirmed else ""
    return f"{link.relation.value} {targets} {link.likeness:g}{sign}"


def _load_map(statute: str, raw: Mapping[str, object]) -> ArticleMap:
    lines = raw["links"]
    if not isinstance(lines, dict):
        raise ValueError("links must be a table")
    links: dict[ArticleNumber, ArticleLink] = {}
    for label, line in lines.items():
        words = line.split(" ")
        targets = () if words[1] == "-" else tuple(read_number(n) for n in words[1].split(","))
        link = ArticleLink(
            read_number(label), targets, Relation(words[0]), float(words[2]), len(words) > 3
        )
        links[link.old] = link
    return ArticleMap(
        statute,
        date.fromisoformat(str(raw["from"])),
        str(raw["to_statute"]),
        date.fromisoformat(str(raw["to"])),
        links,
        tuple(read_number(n) for n in str(raw.get("new", "")).split()),
    )
