"""Tidying never changes words, settles at once, and no text makes a review fail or hang."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fazhi_exam.bank import QuestionBank, review
from fazhi_exam.bank.review import check_one
from fazhi_exam.bank.text import fold_question
from fazhi_exam.bank.tidy import tidy, unpaired, what_changed

from .worlds import DAY, plain

MARKS = (
    "行政机关应当告知ABC0１２Ａ()（）[]【】《》“”‘’\"' ,.;:?!，。；：？！、\u3000\u200b\n&<>％%√×"
)
texts = st.text(st.sampled_from(MARKS) | st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_tidying_settles_at_once(text: str) -> None:
    """A tidied text is tidy."""
    once = tidy(text)
    assert tidy(once) == once


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("行政机关应当告知1２Ａb,.;:（） \u3000"), max_size=40))
def test_tidying_keeps_the_words(text: str) -> None:
    """Letters and digits stay the same letters and digits."""
    assert fold_question(tidy(text)) == fold_question(text)


@settings(max_examples=150, deadline=None)
@given(
    texts.filter(str.strip), st.lists(texts.filter(str.strip), min_size=3, max_size=3, unique=True)
)
def test_any_words_can_be_reviewed(stem: str, options: list[str]) -> None:
    """A review lists what is wrong with any text and never fails."""
    one = plain(stem=stem, options=options, explanation=stem)
    found = review(QuestionBank((one, plain(2, stem=stem, options=options))), on=DAY)
    assert found.findings
    assert set(check_one(one, on=DAY)) <= set(found.findings)


@pytest.mark.parametrize(
    "piece",
    ["（", "(", "(汉", " ", "A、", "A ", '"', "&a", "<b", "不属于", "110105", "B．", "1)", "\n"],
)
def test_long_texts_take_little_time(piece: str) -> None:
    """No text of 100,000 characters keeps a review longer than a few seconds."""
    one = plain(stem="汉" + piece * (100_000 // len(piece)), explanation=piece * 20_000)
    started = time.process_time()
    check_one(one, on=DAY)
    assert time.process_time() - started < 5


def test_what_changed_names_the_marks() -> None:
    """The reason says in Chinese what was found."""
    before = "应当 告知,当事人１"
    assert what_changed(before, tidy(before)) == "多余的空格、全角数字或字母、半角标点"


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("“甲”", ""),
        ("“甲", "“"),
        ("甲）", "）"),
        ("1）甲；2）乙", ""),
        ("（甲《乙》）", ""),
        ("《甲", "《"),
    ],
)
def test_unpaired(text: str, marks: str) -> None:
    """Marks without a partner are named; 1） numbers a point."""
    assert unpaired(text) == marks
