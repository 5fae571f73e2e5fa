"""How numbers and file names are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fazhi_exam.report.naming import safe_name, safe_names
from fazhi_exam.report.numbers import percent, points


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 7, "0%"), (7, 7, "100%"), (1, 3, "33.3%"), (2, 3, "66.7%"), (1, 16, "6.3%"),
     (9999, 10_000, "99.99%"), (19_999, 20_000, "99.995%"), (1, 4000, "0.03%")],
)  # fmt: skip
def test_percent(part: int, whole: int, text: str) -> None:
    """Halves go up, and only everybody is 100 %, only nobody 0 %."""
    assert percent(part, whole) == text


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_percent_never_hides_a_person(pair: tuple[int, int]) -> None:
    """One person more or less than all, or than none, always shows."""
    part, whole = pair
    assert (percent(part, whole) == "100%") == (part == whole)
    assert (percent(part, whole) == "0%") == (part == 0)


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (3, 2), (-1, 2)])
def test_percent_refuses_nonsense(part: int, whole: int) -> None:
    """Nobody in the denominator has no rate."""
    with pytest.raises(ValueError, match="whole > 0"):
        percent(part, whole)


def test_points() -> None:
    """Scores lose trailing zeros, never digits that count."""
    assert [points(Decimal(t)) for t in ("60.00", "1E+1", "0.50", "59.95")] == \
        ["60", "10", "0.5", "59.95"]  # fmt: skip
    assert points(63.456) == "63.46"


@pytest.mark.parametrize(
    ("text", "name"),
    [("清溪镇（本级）", "清溪镇_本级"), ("../../etc/passwd", "etc_passwd"), ("CON", "_CON"),
     ("a/b\\c\0d", "a_b_c_d"), ("", "_"), ("…", "_"), ("x" * 200, "x" * 60)],
)  # fmt: skip
def test_safe_name(text: str, name: str) -> None:
    """Nothing that people write can leave the folder or meet a reserved name."""
    assert safe_name(text) == name


def test_safe_names_differ() -> None:
    """Two units never share a file, also where letter case does not count."""
    assert safe_names(["A镇", "a镇", "A/镇", "A_镇"]) == ("A镇", "a镇~2", "A_镇", "A_镇~2")
