"""Citations as people write them."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.errors import CitationError
from fazhi_exam.law.citation import Citation, find_citations, parse_citations

WAYS = [
    ("《行政处罚法》第五十一条", ["《行政处罚法》第五十一条"]),
    ("行政处罚法51条", ["《行政处罚法》第五十一条"]),
    ("行政处罚法第 51 条", ["《行政处罚法》第五十一条"]),
    ("《行政处罚法》第５１条", ["《行政处罚法》第五十一条"]),
    ("《中华人民共和国行政处罚法》第五十一条", ["《行政处罚法》第五十一条"]),
    ("〈行政处罚法〉第51条", ["《行政处罚法》第五十一条"]),
    ("<<行政处罚法>>第51条", ["《行政处罚法》第五十一条"]),
    ("《行政处罚法》（第51条）", ["《行政处罚法》第五十一条"]),
    ("《行政处罚法》第五章第四十二条", ["《行政处罚法》第四十二条"]),
    (
        "依据《中华人民共和国行政处罚法》（2021年修订）第九条的规定",
        ["《行政处罚法》（2021年修订）第九条"],
    ),
    ("《行政处罚法（2021修订）》第九条", ["《行政处罚法》（2021年修订）第九条"]),
    ("法律依据：《公务员法》第68条。", ["《公务员法》第六十八条"]),
    ("刑法第一百二十条之一第二款第三项", ["《刑法》第一百二十条之一第二款第（三）项"]),
    ("《刑法》第120条之一", ["《刑法》第一百二十条之一"]),
    (
        "《刑法》第二百八十七条之一、之二",
        ["《刑法》第二百八十七条之一", "《刑法》第二百八十七条之二"],
    ),
    ("《行政处罚法》第九条第（二）项", ["《行政处罚法》第九条第（二）项"]),
    ("《行政处罚法》第9条第(2)项", ["《行政处罚法》第九条第（二）项"]),
    ("《行政处罚法》第九条（二）", ["《行政处罚法》第九条第（二）项"]),
    ("《行政处罚法》第十二条（第二款）", ["《行政处罚法》第十二条第二款"]),
    ("《行政处罚法》第十二条二款三项", ["《行政处罚法》第十二条第二款第（三）项"]),
    (
        "《行政处罚法》第九条、第十二条第二款；行政许可法12条",
        ["《行政处罚法》第九条", "《行政处罚法》第十二条第二款", "《行政许可法》第十二条"],
    ),
    (
        "《行政处罚法》第三十三条第一款、第二款",
        ["《行政处罚法》第三十三条第一款", "《行政处罚法》第三十三条第二款"],
    ),
    (
        "《行政处罚法》第三十三条第一、二款",
        ["《行政处罚法》第三十三条第一款", "《行政处罚法》第三十三条第二款"],
    ),
    (
        "《行政处罚法》第九条第（一）至（三）项",
        [f"《行政处罚法》第九条第（{n}）项" for n in "一二三"],
    ),
    ("《行政处罚法》第三条至第五条", [f"《行政处罚法》第{n}条" for n in "三四五"]),
    ("《公务员法》第六十七、六十八条", ["《公务员法》第六十七条", "《公务员法》第六十八条"]),
    (
        "根据行政处罚法第九条和行政许可法第12条第2款第3项的规定",
        ["《行政处罚法》第九条", "《行政许可法》第十二条第二款第（三）项"],
    ),
    (
        "1.《行政处罚法》第九条。2.《行政强制法》第10条。",
        ["《行政处罚法》第九条", "《行政强制法》第十条"],
    ),
    (
        "《最高人民法院关于适用《中华人民共和国行政诉讼法》的解释》第六条",
        ["《最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释》第六条"],
    ),
    ("《宪法》序言", ["《宪法》序言"]),
    ("宪法序言第七自然段", ["《宪法》序言第七自然段"]),
    ("《行政处罚法》", ["《行政处罚法》"]),
    ("行政处罚法", ["《行政处罚法》"]),
    ("新《行政复议法》第十一条", ["《行政复议法》第十一条"]),
    ("《民法典》第一千二百六十条", ["《民法典》第一千二百六十条"]),
    ("民法通则第一条", ["《民法通则》第一条"]),
    ("《行政处罚法》第九条、《行政处罚法》第9条", ["《行政处罚法》第九条"]),
]


@pytest.mark.parametrize(("text", "expected"), WAYS, ids=[text for text, _ in WAYS])
def test_reads_the_ways_people_cite(text: str, expected: list[str]) -> None:
    """Each way of writing gives the citations a reader understands by it, in order."""
    assert [str(one) for one in parse_citations(text)] == expected


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("行政处罚法第", "行政处罚法第"),
        ("《行政处罚法》第五十一条，某某某", "某某某"),
        ("《行政处罚法》第一百五条", "一百五"),
        ("《行政处罚法》第0条", "0"),
        ("《行政处罚法》第九条第一目", "第一目"),
        ("《行政处罚法》第九条至第三条", "范围"),
        ("", "没有读到"),
        ("见教材", "教材"),
    ],
)
def test_says_what_could_not_be_read(text: str, unread: str) -> None:
    """An unreadable citation is an error that quotes the unread part."""
    with pytest.raises(CitationError) as raised:
        parse_citations(text)
    assert unread in raised.value.problem


def test_one_is_asked_for_and_two_are_there() -> None:
    """`Citation.parse` refuses a text with two citations."""
    with pytest.raises(CitationError, match="2 条"):
        Citation.parse("《行政处罚法》第九条、第十条")


titles = st.sampled_from(["行政处罚法", "刑法", "宪法", "重大行政决策程序暂行条例", "民法典"])
places = st.one_of(
    st.builds(lambda t: Citation(t, None), titles),
    st.builds(
        Citation,
        titles,
        st.integers(1, 1300),
        st.integers(0, 12),
        st.none() | st.integers(1, 30),
        st.none() | st.integers(1, 30),
        st.none() | st.sampled_from(["2021年修订", "2017年修正"]),
    ),
    st.builds(lambda n: Citation("宪法", 0, paragraph=n), st.none() | st.integers(1, 20)),
)


@given(places)
def test_reading_undoes_printing(citation: Citation) -> None:
    """A printed citation reads back as itself, and prints the same again."""
    assert Citation.parse(str(citation)) == citation
    assert str(Citation.parse(str(citation))) == str(citation)


@given(st.lists(places, min_size=1, max_size=5, unique=True))
def test_several_round_trip(citations: list[Citation]) -> None:
    """Several printed citations with any joint read back in their order."""
    assert parse_citations("；".join(map(str, citations))) == tuple(citations)


@given(
    st.text(
        alphabet="《》〈〉第条款项之一二十百0９（）()、，；至和法条例规定序言宪法行政处罚 某年",
        max_size=40,
    )
)
@settings(max_examples=400)
def test_any_text_gives_citations_or_one_family_of_error(text: str) -> None:
    """No input leads to anything but citations or a CitationError; searching never raises."""
    with suppress(CitationError):
        assert parse_citations(text)
    find_citations(text)


def test_order_is_that_of_the_statute() -> None:
    """Citations sort by title, article, 之N, paragraph, item; a whole statute comes first."""
    texts = [
        "《刑法》第三条",
        "《刑法》第二条之一",
        "《刑法》第二条第二款",
        "《刑法》",
        "《刑法》第二条",
    ]
    ordered = [str(one) for one in sorted(Citation.parse(text) for text in texts)]
    assert ordered == [
        "《刑法》",
        "《刑法》第二条",
        "《刑法》第二条第二款",
        "《刑法》第二条之一",
        "《刑法》第三条",
    ]
    assert len({Citation.parse("刑法第2条"), Citation.parse("《刑法》第二条")}) == 1


def test_finds_citations_in_an_explanation() -> None:
    """In running text titles begin after verbs and conjunctions, and places are the ones given."""
    text = "某公司违反了行政处罚法第九条。根据《公务员法》第六十八条，三项制度；合同第三条除外。"
    found = find_citations(text)
    assert [(str(f.citation), text[f.start : f.end]) for f in found] == [
        ("《行政处罚法》第九条", "行政处罚法第九条"),
        ("《公务员法》第六十八条", "《公务员法》第六十八条"),
    ]


def test_known_titles_decide_where_a_title_begins() -> None:
    """With known titles, words in front of a title without brackets are no part of it."""
    found = find_citations("本题考查行政许可法第十二条", titles=("行政许可法", "许可法"))
    assert [str(one.citation) for one in found] == ["《行政许可法》第十二条"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Citation("", 1),
        lambda: Citation("刑法", None, paragraph=1),
        lambda: Citation("刑法", -1),
        lambda: Citation("刑法", 1, paragraph=0),
    ],
)
def test_impossible_places_are_programming_mistakes(make) -> None:  # type: ignore[no-untyped-def]
    """A citation without title, or with a paragraph but no article, cannot be built."""
    with pytest.raises(ValueError, match=r"."):
        make()


@pytest.mark.parametrize(
    "text",
    [
        "《刑法》" + "一" * 20_000,
        "《刑法》第" + "一、" * 10_000,
        "《" * 20_000,
        "行政处罚法" * 4_000,
        "《刑法》第九条（" * 2_000,
    ],
)
def test_long_texts_take_time_in_proportion(text: str) -> None:
    """Twenty thousand characters of anything are read within two seconds of processor time."""
    start = time.process_time()
    find_citations(text)
    with suppress(CitationError):
        parse_citations(text)
    assert time.process_time() - start < 2
