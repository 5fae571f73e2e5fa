"""Two editions side by side, on texts written for the test."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fazhi_exam.errors import CitationError, FazhiExamError
from fazhi_exam.law.citation import Citation
from fazhi_exam.law.editions import compare_editions
from fazhi_exam.law.index_files import read_text_file
from fazhi_exam.law.statute import (
    ArticleLink,
    Basis,
    Edition,
    Relation,
    Statute,
    StatuteKind,
    article_from_text,
    fingerprint,
    split_article,
)
from fazhi_exam.law.statute_book import StatuteBook

OLD = {
    1: "为了规范图书馆借阅活动，保障读者权益，制定本规则。",
    2: "读者应当凭借书证进入阅览室，并遵守阅览室的安静要求。",
    3: "每名读者每次最多可以借阅图书五册，借阅期限为三十日；期限届满可以续借一次。",
    4: "遗失图书的，按照图书定价的二倍赔偿。",
    5: "珍本古籍不外借。\n读者查阅珍本古籍应当提前三个工作日预约，由管理员陪同，在善本室内查阅。",
    6: "读者对处理决定有异议的，可以自收到决定之日起十日内向馆务委员会申诉。",
    7: "自习座位不得占用超过三十分钟无人使用。",
    8: "本规则自2015年3月1日起施行。",
}
NEW = {
    1: "为了规范图书馆借阅活动，保障读者权益，制定本规则。",
    2: "图书馆坚持公益、开放、便利的办馆方向，每周开放时间不少于五十六小时。",
    3: "读者应当凭借书证进入阅览室，并遵守阅览室的安静要求。",
    4: "每名读者每次最多可以借阅图书十册，借阅期限为四十五日；期限届满可以续借二次。",
    5: "遗失图书的，按照图书定价的三倍赔偿；污损图书的，按照定价赔偿。",
    6: "珍本古籍不外借。",
    7: "读者查阅珍本古籍应当提前三个工作日预约，由管理员陪同，在善本室内查阅。",
    8: "读者对处理决定有异议的，可以自收到决定之日起十日内向馆务委员会申诉。"
    "\n馆务委员会应当在十五日内答复。",
    9: "本规则自2024年3月1日起施行。",
}


def edition(texts: dict[int, str], adopted: date, *, bare: bool = False) -> Edition:
    """Build an edition of the library rules; `bare` drops the texts."""
    articles = {(n, 0): article_from_text((n, 0), text) for n, text in texts.items()}
    if bare:
        articles = {number: replace(one, text="") for number, one in articles.items()}
    return Edition("rules", adopted, adopted, basis=Basis.TEXT, articles=articles)


def test_each_article_is_mapped_as_a_reader_would() -> None:
    """Same words, other number, other words, divided, gone and new are told apart."""
    found = compare_editions(edition(OLD, date(2015, 3, 1)), edition(NEW, date(2024, 3, 1)))
    told = {link.old[0]: (link.relation, [n for n, _ in link.new]) for link in found.links.values()}
    assert told[1] == (Relation.SAME, [1])
    assert told[2] == (Relation.RENUMBERED, [3])
    assert told[3] == (Relation.CHANGED, [4])
    assert told[4] == (Relation.CHANGED, [5])
    assert told[5][0] is Relation.SPLIT
    assert sorted(told[5][1]) == [6, 7]
    assert told[6] == (Relation.CHANGED, [8])
    assert told[7] == (Relation.NONE, [])
    assert told[8] == (Relation.CHANGED, [9])
    assert found.new_articles == ((2, 0),)
    assert not any(link.confirmed for link in found.links.values())


def test_an_edition_maps_to_itself_unchanged() -> None:
    """Comparing a text with itself changes nothing."""
    same = compare_editions(edition(OLD, date(2015, 3, 1)), edition(OLD, date(2015, 3, 1)))
    assert {link.relation for link in same.links.values()} == {Relation.SAME}
    assert same.new_articles == ()


def test_without_texts_only_same_words_are_joined() -> None:
    """With fingerprints alone nothing is claimed to be gone: the rest is to be looked at."""
    old = edition(OLD, date(2015, 3, 1), bare=True)
    found = compare_editions(old, edition(NEW, date(2024, 3, 1)))
    told = {link.old[0]: (link.relation, [n for n, _ in link.new]) for link in found.links.values()}
    assert told[1] == (Relation.SAME, [1])
    assert told[2] == (Relation.RENUMBERED, [3])
    assert told[5] == (Relation.CHANGED, [6, 7])
    assert told[7] == (Relation.CHANGED, [])


def test_fingerprints_ignore_punctuation_and_width_only() -> None:
    """Punctuation, spaces and width make no difference; one character does."""
    assert fingerprint("处５０元罚款，并警告。") == fingerprint("处50元罚款 ; 并警告")
    assert fingerprint("处五十元罚款") != fingerprint("处六十元罚款")
    assert len(fingerprint("甲")) == 16


def test_paragraphs_and_items_are_counted_as_lawyers_count() -> None:
    """Items belong to the paragraph above; figures below an item belong to the item."""
    text = (
        "有下列情形之一的，不予处理:\n（一）甲；\n（二）乙:\n1.子；\n2.丑。\n前款规定不适用于丙。"
    )
    parts = split_article(text)
    assert [len(part.items) for part in parts] == [2, 0]
    assert parts[0].items[1] == "（二）乙:1.子；2.丑。"


@pytest.fixture
def book() -> StatuteBook:
    """Return a book that knows only the old library rules, with their texts."""
    rules = Statute(
        "rules",
        "某图书馆借阅规则",
        "某图书馆借阅规则",
        StatuteKind.LOCAL_REGULATION,
        (edition(OLD, date(2015, 3, 1)),),
    )
    return StatuteBook({"rules": rules})


def test_a_new_edition_is_added_from_its_text_file(book: StatuteBook, tmp_path: Path) -> None:
    """A plain text file gives a new edition and a proposed map, which a person confirms."""
    path = tmp_path / "new.txt"
    lines = ["某图书馆借阅规则", "第一章　总则"]
    lines += [f"第{'一二三四五六七八九'[n - 1]}条　{text}" for n, text in NEW.items()]
    path.write_text("\n".join(lines), "utf-8")
    grown = book.with_edition(
        "某图书馆借阅规则", path, adopted=date(2024, 1, 9), in_force=date(2024, 3, 1)
    )
    statute = grown.resolve("某图书馆借阅规则")
    assert statute.edition_on(date(2024, 2, 29)) == statute.editions[0]
    latest = statute.edition_on(date(2024, 3, 1))
    assert latest is not None
    assert latest.articles is not None
    assert latest.articles[(8, 0)].items == (0, 0)
    assert latest.articles[(1, 0)].chapter == "第一章　总则"
    proposed = grown.map_between(*statute.editions)
    assert proposed is not None
    assert proposed.links[(3, 0)].new == ((4, 0),)
    confirmed = grown.confirming(proposed).map_between(*statute.editions)
    assert confirmed is not None
    assert all(link.confirmed for link in confirmed.links.values())
    with pytest.raises(CitationError, match="晚于"):
        book.with_edition(
            "某图书馆借阅规则", path, adopted=date(2001, 1, 1), in_force=date(2001, 1, 1)
        )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "这里没有条文"),
        ("b.txt", "第一条　甲\n第一条　乙"),
        ("c.json", "{"),
        ("d.json", '{"articles": [{"number": "甲"}]}'),
        ("e.json", "[]"),
    ],
)
def test_a_file_without_articles_is_one_error(tmp_path: Path, name: str, content: str) -> None:
    """Whatever is wrong with a text file, the error is a CitationError that names the file."""
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(CitationError, match=name):
        read_text_file(path)


def test_texts_that_differ_from_the_record_are_refused(book: StatuteBook, tmp_path: Path) -> None:
    """Full texts are taken only when every fingerprint agrees with the record."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder, texts in ((good, OLD), (bad, OLD | {4: "遗失图书的，照价赔偿。"})):
        folder.mkdir()
        lines = [f"第{'一二三四五六七八'[n - 1]}条 {text}" for n, text in texts.items()]
        (folder / "rules.txt").write_text("\n".join(lines), "gb18030")
    assert book.with_texts(good).resolve("某图书馆借阅规则").editions[-1].has_texts
    with pytest.raises(CitationError, match="第四条"):
        book.with_texts(bad)


def write_rules(path: Path, texts: dict[int, str]) -> Path:
    """Write articles as a plain text file."""
    lines = [f"第{'一二三四五六七八九'[n - 1]}条　{text}" for n, text in texts.items()]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_a_person_puts_a_link_right() -> None:
    """Open links come least alike first; a link put right is confirmed and frees its article."""
    found = compare_editions(edition(OLD, date(2015, 3, 1)), edition(NEW, date(2024, 3, 1)))
    assert next(link.old for link in found.to_review) == (7, 0)
    assert (1, 0) not in {link.old for link in found.to_review}
    mended = found.with_link(ArticleLink((7, 0), ((2, 0),), Relation.CHANGED, 0.1))
    assert mended.links[(7, 0)].confirmed
    assert mended.new_articles == ()
    assert (7, 0) not in {link.old for link in mended.to_review}
    page = mended._repr_html_()
    assert "第七条" in page
    assert "已确认" in page


def test_a_local_regulation_is_added_and_kept(tmp_path: Path) -> None:
    """A statute added from a text file is checked like the shipped ones, and survives writing."""
    path = write_rules(tmp_path / "rules.txt", OLD)
    day = date(2015, 3, 1)
    shipped = StatuteBook.shipped()
    grown = shipped.with_statute(
        "某市图书馆条例", path, adopted=day, in_force=day, body="某市人民代表大会常务委员会"
    )
    later = grown.with_edition(
        "某市图书馆条例",
        write_rules(tmp_path / "new.txt", NEW),
        adopted=date(2024, 1, 9),
        in_force=date(2024, 3, 1),
    )
    kept = shipped.including(later.write(tmp_path / "own", "某市图书馆条例")[0].parent)
    on = date(2024, 3, 1)
    assert kept.check(Citation.parse("《某市图书馆条例》第八条第二款"), on) is None
    assert (
        kept.check(Citation.parse("《某市图书馆条例》第八条第二款"), date(2020, 1, 1)) is not None
    )
    assert "二倍赔偿" not in (tmp_path / "own" / "某市图书馆条例.json").read_text("utf-8")
    statute = kept.resolve("某市图书馆条例")
    again = kept.map_between(*statute.editions)
    assert again is not None
    assert again.links == later.map_between(*later.resolve("某市图书馆条例").editions).links  # type: ignore[union-attr]
    with pytest.raises(CitationError, match="已有"):
        grown.with_statute("行政处罚法", path, adopted=day, in_force=day)


@given(
    st.binary(max_size=400)
    | st.text('第一二百条之项（）{}[]":,1 \n《', max_size=200).map(str.encode)
)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_file_gives_articles_or_one_family_of_error(tmp_path: Path, data: bytes) -> None:
    """Whatever bytes a text file holds, reading gives articles or a FazhiExamError."""
    for suffix in (".txt", ".json"):
        path = tmp_path / f"any{suffix}"
        path.write_bytes(data)
        with suppress(FazhiExamError):
            assert read_text_file(path)


def test_deeply_nested_json_is_one_error(tmp_path: Path) -> None:
    """Nesting beyond the interpreter's depth is refused like any other bad file."""
    path = tmp_path / "deep.json"
    path.write_text("[" * 200_000, "utf-8")
    with pytest.raises(CitationError):
        read_text_file(path)
