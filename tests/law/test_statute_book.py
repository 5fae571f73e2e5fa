"""The shipped statute book: dates, articles, and what a citation is worth on a day."""

import re
from datetime import date
from pathlib import Path

import pytest

from fazhi_exam.errors import CitationError
from fazhi_exam.law.citation import Citation
from fazhi_exam.law.index_files import dump_statute, load_statutes
from fazhi_exam.law.statute_book import CitationFault, StatuteBook

DATA = Path(__file__).resolve().parents[2] / "src" / "fazhi_exam" / "_data" / "statutes"
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def book() -> StatuteBook:
    """Return the shipped book."""
    return StatuteBook.shipped()


# Number of articles as the promulgated texts have it.
COUNTS = {
    "行政处罚法": 86,
    "行政许可法": 83,
    "行政强制法": 71,
    "行政复议法": 90,
    "行政诉讼法": 103,
    "国家赔偿法": 42,
    "公务员法": 113,
    "宪法": 143,
    "民法典": 1260,
    "政府信息公开条例": 56,
    "监察法": 78,
    "立法法": 120,
    "治安管理处罚法": 144,
    "生态环境法典": 1242,
}


@pytest.mark.parametrize(("title", "count"), COUNTS.items())
def test_article_counts_are_those_of_the_promulgated_texts(
    book: StatuteBook, title: str, count: int
) -> None:
    """The edition in force has the known number of articles, numbered without a gap."""
    edition = book.edition(title, TODAY)
    assert edition is not None
    assert edition.articles is not None
    assert [number for number, sub in edition.articles if not sub] == list(range(1, count + 1))


def test_criminal_law_has_inserted_articles(book: StatuteBook) -> None:
    """刑法 has 452 numbers and 53 articles 之N; 第一百二十条 has six of them (之一 to 之六)."""
    edition = book.edition("刑法", TODAY)
    assert edition is not None
    assert edition.articles is not None
    assert len(edition.articles) == 505
    assert [sub for number, sub in edition.articles if number == 120] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("title", "day", "name"),
    [
        ("行政复议法", date(2023, 12, 31), "2017年修正"),
        ("行政复议法", date(2024, 1, 1), "2023年修订"),
        ("治安管理处罚法", date(2025, 12, 31), "2012年修正"),
        ("治安管理处罚法", date(2026, 1, 1), "2025年修订"),
        ("行政处罚法", date(2021, 7, 14), "2017年修正"),
        ("行政处罚法", date(2021, 7, 15), "2021年修订"),
        ("立法法", date(2023, 3, 14), "2015年修正"),
        ("立法法", date(2023, 3, 15), "2023年修正"),
        ("公务员法", date(2019, 5, 31), "2017年修正"),
        ("大气污染防治法", date(2015, 12, 31), "2000年修订"),
        ("大气污染防治法", date(2016, 1, 1), "2015年修订"),
    ],
)
def test_editions_change_on_the_day_they_come_into_force(
    book: StatuteBook, title: str, day: date, name: str
) -> None:
    """An edition is in force from the day its text or its amending decision names."""
    edition = book.edition(title, day)
    assert edition is not None
    assert edition.name == name


def test_no_two_editions_overlap_and_none_leaves_a_gap(book: StatuteBook) -> None:
    """Every edition ends the day before the next begins; the last ends when the statute does."""
    for statute in book.statutes.values():
        for earlier, later in zip(statute.editions, statute.editions[1:], strict=False):
            assert earlier.ended is not None
            assert (later.in_force - earlier.ended).days == 1, statute.title
        last = statute.editions[-1]
        if statute.repealed_on is None:
            assert last.ended is None, statute.title
        else:
            assert last.ended is not None
            assert (statute.repealed_on - last.ended).days == 1, statute.title


# 生态环境法典 art. 1242 and 民法典 art. 1260 name what they repeal.
REPEALED = {
    date(
        2026, 8, 15
    ): "环境保护法 环境影响评价法 海洋环境保护法 大气污染防治法 水污染防治法 土壤污染防治法 "
    "固体废物污染环境防治法 噪声污染防治法 放射性污染防治法 清洁生产促进法",
    date(2021, 1, 1): "婚姻法 继承法 民法通则 收养法 担保法 合同法 物权法 侵权责任法 民法总则",
    date(2018, 3, 20): "行政监察法",
}


@pytest.mark.parametrize(
    ("title", "day"), [(title, day) for day, names in REPEALED.items() for title in names.split()]
)
def test_codes_repeal_what_their_last_article_names(
    book: StatuteBook, title: str, day: date
) -> None:
    """A statute named in the final article of a code is in force until the eve of that code."""
    statute = book.resolve(title)
    assert statute.repealed_on == day
    citation = Citation(title, 1)
    assert (problem := book.check(citation, day)) is not None
    assert problem.fault is CitationFault.REPEALED
    eve = book.check(citation, date.fromordinal(day.toordinal() - 1))
    assert eve is None or not eve.blocking


@pytest.mark.parametrize(
    ("text", "day", "fault"),
    [
        ("行政处罚法第八十六条", TODAY, None),
        ("行政处罚法第八十七条", TODAY, CitationFault.NO_SUCH_ARTICLE),
        ("行政处罚法第九条第（六）项", TODAY, None),  # 第九条 has six kinds of penalty
        ("行政处罚法第九条第（七）项", TODAY, CitationFault.NO_SUCH_ITEM),
        ("行政处罚法第三十三条第三款", TODAY, None),  # three paragraphs
        ("行政处罚法第三十三条第四款", TODAY, CitationFault.NO_SUCH_PARAGRAPH),
        ("行政处罚法第三十三条第一款第（一）项", TODAY, CitationFault.NO_SUCH_ITEM),
        ("治安管理处罚法第一百四十条", date(2025, 12, 31), CitationFault.NO_SUCH_ARTICLE),
        ("治安管理处罚法第一百四十条", date(2026, 1, 1), None),
        ("法治宣传教育法第三十五条", date(2025, 10, 31), CitationFault.NOT_YET_IN_FORCE),
        ("法治宣传教育法第三十五条", date(2025, 11, 1), None),
        ("宪法序言第十三自然段", TODAY, None),
        ("宪法序言第十四自然段", TODAY, CitationFault.NO_SUCH_PARAGRAPH),
        ("刑法序言", TODAY, CitationFault.NO_SUCH_ARTICLE),
        ("刑法第一百二十条之六", TODAY, None),
        ("刑法第一百二十条之七", TODAY, CitationFault.NO_SUCH_ARTICLE),
        ("行政处罚法（2021年修订）第九条", TODAY, None),
        ("行政处罚法（2017年修正）第九条", TODAY, CitationFault.OTHER_EDITION),
        ("行政处罚法第九条", date(2020, 1, 1), CitationFault.ARTICLES_UNKNOWN),
        ("行政执法监督条例第四十四条", TODAY, CitationFault.ARTICLES_UNKNOWN),
        ("行政执法监督条例第四十五条", TODAY, CitationFault.NO_SUCH_ARTICLE),  # 44 articles
        ("某某市不存在条例第一条", TODAY, CitationFault.UNKNOWN_STATUTE),
    ],
)
def test_a_citation_is_checked_as_of_a_day(
    book: StatuteBook, text: str, day: date, fault: CitationFault | None
) -> None:
    """Article, paragraph and item must exist in the edition in force on the day."""
    problem = book.check(Citation.parse(text), day)
    assert (problem.fault if problem else None) is fault


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("中华人民共和国行政处罚法", "行政处罚法"),
        ("行诉法", "行政诉讼法"),
        ("地方组织法", "地方各级人民代表大会和地方各级人民政府组织法"),
        ("监督法", "各级人民代表大会常务委员会监督法"),
        ("征管法", "税收征收管理法"),
        ("固废法", "固体废物污染环境防治法"),
        ("《治安处罚法》", "治安管理处罚法"),
        ("行政诉讼法司法解释", "最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释"),
        (
            "最高人民法院关于适用《中华人民共和国行政诉讼法》的解释",
            "最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释",
        ),
        ("党章", "中国共产党章程"),
    ],
)
def test_common_names_find_the_statute(book: StatuteBook, name: str, title: str) -> None:
    """Full, short and everyday names lead to one statute."""
    assert book.resolve(name).short_title == title


def test_a_misspelt_title_gets_suggestions(book: StatuteBook) -> None:
    """The error for an unknown title names the similar one."""
    with pytest.raises(CitationError, match="《行政处罚法》"):
        book.resolve("行政处发法")


def test_every_name_is_of_one_statute(book: StatuteBook) -> None:
    """No alias or title is claimed by two statutes."""
    seen: dict[str, str] = {}
    for statute in book.statutes.values():
        for name in {statute.short_title, *statute.aliases}:
            assert seen.setdefault(name, statute.id) == statute.id, name


def test_the_index_holds_facts_and_no_text() -> None:
    """Chinese words stand only in names, headings and notes; the whole is small and reviewable."""
    paths = sorted(DATA.glob("*.json"))
    assert sum(path.stat().st_size for path in paths) < 1_500_000
    for path in paths:
        assert path.stat().st_size < 1_000_000
        for line in path.read_text("utf-8").splitlines():
            if re.match(r'\s+"[\d.]+": ', line):
                assert re.fullmatch(r'\s+"[\d.]+": "[0-9a-z ,.\-]+"[,}\]]*', line), line[:80]


def test_an_index_file_survives_reading_and_writing(book: StatuteBook) -> None:
    """What is written reads back equal, with its articles and its maps."""
    statute = book.resolve("行政复议法")
    maps = tuple(one for one in book.maps if one.statute == statute.id)
    again, again_maps = load_statutes(dump_statute(statute, maps))[0]
    assert again == statute
    assert again_maps == maps
    assert [e.articles for e in again.editions] == [e.articles for e in statute.editions]
    assert [m.links for m in again_maps] == [m.links for m in maps]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"id": "x"}', '{"id":1,"editions":[{}]}'])
def test_a_broken_index_file_is_one_error(text: str) -> None:
    """A file that is not an index raises a CitationError and nothing else."""
    with pytest.raises(CitationError):
        load_statutes(text)


def test_what_must_be_verified_says_why(book: StatuteBook) -> None:
    """Citations of statutes whose present state is uncertain come with the reason."""
    sure, unsure = Citation.parse("行政处罚法第九条"), Citation.parse("价格法第十四条")
    notes = book.to_verify([sure, unsure])
    assert list(notes) == [unsure]
    assert "核对" in notes[unsure]
