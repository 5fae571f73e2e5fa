"""Chinese numerals and integers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fazhi_exam.law.numerals import to_chinese, to_int


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("廿三", 23),
        ("卅", 30),
        ("一百", 100),
        ("一百零五", 105),
        ("一百一十", 110),
        ("一百二十三", 123),
        ("一千二百六十", 1260),
        ("一千零一", 1001),
        ("一千零一十", 1010),
        ("两百", 200),
        ("一万", 10_000),
        ("十五万", 150_000),
        ("一百二十万", 1_200_000),
        ("一万零五", 10_005),
        ("3万", 30_000),
        ("二〇二一", 2021),
        ("二零二六", 2026),
        ("５１", 51),
        ("壹拾贰", 12),
        ("伍佰", 500),
        ("零", 0),
    ],
)
def test_reads_what_statutes_and_people_write(text: str, number: int) -> None:
    """Numbers typed from statutes, cheques and years read as what they mean."""
    assert to_int(text) == number


@pytest.mark.parametrize(
    "text", ["", "一百五", "百", "一十百", "十十", "一百零五十零", "三a", "条", "〇三"]
)
def test_refuses_what_is_not_one_number(text: str) -> None:
    """What is malformed or ambiguous is refused, never guessed."""
    with pytest.raises(ValueError, match="number"):
        to_int(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (10, "十"),
        (19, "十九"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1242, "一千二百四十二"),
        (20, "二十"),
    ],
)
def test_writes_as_statutes_do(number: int, text: str) -> None:
    """Article numbers are written as in the statute books (生态环境法典 ends with 1242)."""
    assert to_chinese(number) == text


@given(st.integers(0, 10**8 - 1))
def test_reading_undoes_writing(number: int) -> None:
    """Every number that can be written reads back as itself."""
    assert to_int(to_chinese(number)) == number


def test_out_of_range_is_a_programming_mistake() -> None:
    """Negative numbers have no numeral."""
    with pytest.raises(ValueError, match="range"):
        to_chinese(-1)
