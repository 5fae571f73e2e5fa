"""Numbers of workbooks are read as a person sees them, or said to be doubtful."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fazhi_exam.formats.number_formats import BUILT_IN, shown_number
from fazhi_exam.formats.xls_cells import read_old_book

OLD = Path(__file__).resolve().parent.parent / "corpus" / "import" / "66_old_workbook.xls"


@pytest.mark.parametrize(
    ("value", "code", "seen"),
    [
        (0.8, "0%", "80%"),
        (0.125, "0.0%", "12.5%"),
        (45630, 'm"月"d"日"', "12月4日"),
        (45630, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2024年12月4日"),
        (45630, '[$-804]yyyy"年"m"月"d"日";@', "2024年12月4日"),
        (59, "yyyy/m/d", "1900/2/28"),
        (61, "yyyy/m/d", "1900/3/1"),
        (45630, "aaaa", "星期三"),
        (0.75, '上午/下午h"时"mm"分";@', "下午6时00分"),
        (1.1041666667, "[h]:mm", "26:30"),
        (1234.5, '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ', "¥1,234.50"),
        (-3, "0.00_);[Red]\\(0.00\\)", "(3.00)"),
        (2.5, "0", "3"),
        (0.5, "0.##", "0.5"),
        (12, "000000", "000012"),
        (15, 'General"日"', "15日"),
        (15000, "#,##0,", "15"),
        (2.75, "# ??/??", "2 3/4"),
        (123, "[DBNum1][$-804]General", "一百二十三"),
        (1005, "[DBNum1]0", "一千〇五"),
        (0.1 + 0.2, "General", "0.3"),
    ],
)
def test_a_number_is_shown_as_excel_shows_it(value: float, code: str, seen: str) -> None:
    """Excel in Chinese shows this text for this number under this format."""
    assert shown_number(value, code) == seen


@pytest.mark.parametrize("code", ["[>5]0;0", "0.00E+00", "d-mmm-yy", "000-0000", "0" * 300])
def test_a_format_that_is_not_understood_is_said(code: str) -> None:
    """No text is made up for a format that is not understood."""
    assert shown_number(45630, code) is None


def test_days_may_be_counted_from_1904() -> None:
    """Old Macintosh workbooks count days from 1904."""
    assert shown_number(0, "yyyy/m/d", since_1904=True) == "1904/1/1"


@given(st.floats(), st.one_of(st.sampled_from(list(BUILT_IN.values())), st.text(max_size=40)))
def test_any_format_gives_text_or_none(value: float, code: str) -> None:
    """No number and no format, however odd, is an error."""
    shown = shown_number(value, code)
    assert shown is None or isinstance(shown, str)


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_grouping_and_places_keep_the_number(whole: int, places: int) -> None:
    """Without its commas a number shown with enough places is the number."""
    shown = shown_number(whole / 10**places, f"#,##0.{'0' * places}" if places else "#,##0")
    assert shown is not None
    assert float(shown.replace(",", "")) == whole / 10**places
    assert re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?", shown)


@given(st.data())
def test_a_damaged_old_workbook_is_refused_by_value_error(data: st.DataObject) -> None:
    """Bytes changed anywhere in an old workbook give a result or a ValueError, nothing else."""
    book = bytearray(OLD.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        book[data.draw(st.integers(8, len(book) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValueError):
        assert read_old_book(bytes(book)).styles is not None
