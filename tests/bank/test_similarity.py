"""Near duplicates: min-hash proposes, an exact measure decides."""

import random

import pytest
from rapidfuzz import fuzz

from fazhi_exam.bank.similarity import SimilarPair, similar_pairs


def stems(count: int, rng: random.Random) -> list[str]:
    """Stems of 15 to 60 characters that share phrases; a tenth are edited copies."""
    phrases = [
        "应当自收到申请之日起",
        "可以处以罚款",
        "不得少于二人并出示执法证件",
        "依法承担赔偿责任",
    ]

    def one() -> str:
        words = "".join(chr(rng.randint(0x4E00, 0x5200)) for _ in range(rng.randint(6, 34)))
        return words[:5] + rng.choice(phrases) + words[5:]

    made = [one() for _ in range(count)]
    for _ in range(count // 10):
        chars = list(rng.choice(made))
        for _ in range(rng.randint(1, 4)):
            chars[rng.randrange(len(chars))] = chr(rng.randint(0x4E00, 0x9000))
        made[rng.randrange(count)] = "".join(chars)
    return made


@pytest.mark.parametrize("cutoff", [85.0, 90.0, 97.0])
def test_against_every_pair(cutoff: float) -> None:
    """At least 99 % of the pairs that brute force finds, and none besides, with their likeness."""
    texts = stems(1500, random.Random(5))  # noqa: S311
    true = {
        (i, j): fuzz.ratio(texts[i], texts[j])
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if fuzz.ratio(texts[i], texts[j], score_cutoff=cutoff) >= cutoff
    }
    found = {
        (pair.first, pair.second): pair.likeness for pair in similar_pairs(texts, cutoff=cutoff)
    }
    assert found.keys() <= true.keys()
    assert len(found) >= 0.99 * len(true) > 20
    assert all(found[pair] == pytest.approx(true[pair], abs=0.06) for pair in found)


def test_likeness_is_the_measure_written_down() -> None:
    """``100 (1 - d / (m + n))``: one of ten characters replaced costs two edits of twenty."""
    assert similar_pairs(["一二三四五六七八九十", "一二三四五六七八九百"]) == (
        SimilarPair(0, 1, 90.0),
    )


def test_short_and_empty_texts() -> None:
    """Texts of one character are compared, empty ones match nothing."""
    assert similar_pairs(["是", "", "", "是", "否"]) == (SimilarPair(0, 3, 100.0),)
    assert similar_pairs([]) == similar_pairs(["一"]) == similar_pairs(["", ""]) == ()


def test_many_equal_texts_stay_bounded() -> None:
    """Thousands of equal texts make thousands of pairs, not millions, and every text is in one."""
    found = similar_pairs(["下列说法正确的是"] * 3000)
    assert {place for pair in found for place in (pair.first, pair.second)} == set(range(3000))
    assert len(found) == 2999


def test_many_alike_texts_stay_bounded() -> None:
    """A template filled in thousands of times is found without comparing every pair."""
    texts = [f"按照有关规定办理第{k:04d}号事项应当提交的材料包括" for k in range(3000)]
    found = similar_pairs(texts, cutoff=85)
    assert len({place for pair in found for place in (pair.first, pair.second)}) == 3000
    assert len(found) < 3000 * 2999 // 4


def test_cutoff_is_a_percentage() -> None:
    """A share instead of a percentage is a mistake."""
    with pytest.raises(ValueError, match="percentage"):
        similar_pairs(["一", "二"], cutoff=0.9)
