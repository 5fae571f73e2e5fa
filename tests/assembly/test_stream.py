"""The random stream: known answers and uniformity.

Each uniformity test looks at one fixed seed, so it cannot fail by chance from run to run; the bound
is the chi-square value a right implementation exceeds once in 10,000 seeds.
"""

import hashlib
import json
from collections import Counter
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from scipy import stats

from fazhi_exam.assembly import manifest
from fazhi_exam.assembly.stream import (
    Stream,
    canonical,
    commitment,
    labelled,
    plain_seed,
    public_digits,
    secret_hash,
    seed_of,
)
from fazhi_exam.errors import DrawError

KNOWN = json.loads((Path(__file__).parents[1] / "reference/draw_v1.json").read_text("utf-8"))
ZERO = bytes(32)


def exceeds(counts: list[int], expected: float) -> bool:
    """Whether a chi-square statistic lies beyond the 1 in 10,000 point."""
    statistic = sum((n - expected) ** 2 / expected for n in counts)
    return bool(statistic > stats.chi2.isf(1e-4, len(counts) - 1))


def test_shake_256_is_the_standard_one() -> None:
    """SHAKE-256 of nothing begins as in the example of FIPS 202."""
    assert hashlib.shake_256(b"").hexdigest(16) == "46b9dd2b0ba88d13233b3feb743eeb24"


def test_length_prefix() -> None:
    """Parts are joined behind eight-byte lengths, so that no two lists of parts look alike."""
    assert labelled("甲", b"") == b"\0\0\0\0\0\0\0\x03\xe7\x94\xb2" + bytes(8)


def test_words_are_the_known_ones() -> None:
    """The first words for the zero seed are the frozen ones."""
    stream = Stream(ZERO, "K01", "items", 0)
    assert [stream.word() for _ in range(8)] == KNOWN["words"]


def test_words_do_not_depend_on_how_many_are_asked_for() -> None:
    """Word 5,000 is the same whether the stream grew to it or was made at once."""
    stream = Stream(ZERO, "K01", "items", 0)
    grown = [stream.word() for _ in range(5000)]
    whole = hashlib.shake_256(labelled("fazhi-exam-draw/1", ZERO, "K01", "items", "0"))
    assert grown[-1] == int.from_bytes(whole.digest(20_000)[-4:], "big")


@pytest.mark.parametrize(("n", "answer"), KNOWN["below"])
def test_bounded_integers_are_the_known_ones(n: int, answer: int) -> None:
    """Bounded integers are the frozen ones, also where half of the words are rejected."""
    assert Stream(ZERO, "K01", "items", 7).below(n) == answer


def test_one_possibility_uses_no_word() -> None:
    """below(1) is 0 and leaves the stream where it was."""
    stream = Stream(ZERO, "K01", "items", 0)
    assert [stream.below(1), stream.word()] == [0, KNOWN["words"][0]]


def test_subsets_and_shuffles_are_the_known_ones() -> None:
    """A subset and a shuffle are the frozen ones."""
    assert Stream(ZERO, "考生甲", "order", 3).choose(5, range(20)) == KNOWN["choose"]
    assert Stream(ZERO, "考生甲", "options", 12).shuffle(range(12)) == KNOWN["shuffle"]


def test_commitment_and_seed_are_the_known_ones() -> None:
    """Secret hash, commitment and seed are the frozen ones; full-width digits are the same."""
    secret = bytes.fromhex(KNOWN["secret"])
    assert secret_hash(secret) == KNOWN["secret_hash"]
    promise = commitment(KNOWN["manifest_hash"], KNOWN["roster_hash"], KNOWN["secret_hash"])
    assert promise == KNOWN["commitment"]
    assert seed_of(promise, secret, public_digits(" ３８5 902")).hex() == KNOWN["draw_seed"]
    assert plain_seed(20261201).hex() == KNOWN["plain_seed_20261201"]


@pytest.mark.parametrize("text", ["", "  ", "三八五", "38-59", "3.8", "-385", "38五"])
def test_digits_that_are_no_digits_are_refused(text: str) -> None:
    """Whatever is not a row of digits is refused with a sentence in Chinese."""
    with pytest.raises(DrawError, match="公开数字"):
        public_digits(text)


def test_secret_and_seed_have_32_bytes() -> None:
    """A short secret or seed is a programming mistake."""
    with pytest.raises(ValueError, match="32"):
        secret_hash(b"short")
    with pytest.raises(ValueError, match="32"):
        plain_seed(b"short")


def test_canonical_json_sorts_keys_and_keeps_characters() -> None:
    """Keys are sorted, characters stand for themselves, no space is written."""
    assert canonical({"b": [1, None], "甲": "a\n"}) == '{"b":[1,null],"甲":"a\\n"}'.encode()


def test_raw_words_are_uniform() -> None:
    """Top and low bytes of 64,000 words over 1,000 streams are even."""
    words = [
        word
        for n in range(1000)
        for stream in [Stream(ZERO, f"K{n}", "items", 0)]
        for word in (stream.word() for _ in range(64))
    ]
    for shift in (24, 0):
        counts = Counter(word >> shift & 255 for word in words)
        assert not exceeds([counts[v] for v in range(256)], 250.0)


def test_neighbouring_words_are_unrelated() -> None:
    """Pairs of neighbouring words, and first words of neighbouring attempts, are even in 256."""
    stream = Stream(ZERO, "pairs", "items", 0)
    words = [stream.word() >> 28 for _ in range(25_601)]
    pairs = Counter(pairwise(words))
    assert not exceeds([pairs[a, b] for a in range(16) for b in range(16)], 100.0)
    first = [Stream(ZERO, "K", "items", n).word() >> 28 for n in range(12_801)]
    pairs = Counter(pairwise(first))
    assert not exceeds([pairs[a, b] for a in range(16) for b in range(16)], 50.0)


@pytest.mark.parametrize("n", [2, 3, 7, 10, 52, 167])
def test_bounded_integers_are_uniform(n: int) -> None:
    """Each value below n comes equally often."""
    stream = Stream(ZERO, f"below {n}", "items", 0)
    counts = Counter(stream.below(n) for _ in range(200 * n))
    assert not exceeds([counts[v] for v in range(n)], 200.0)


def test_subsets_are_uniform() -> None:
    """Each of the 60 ordered choices of 3 of 5 comes equally often."""
    stream = Stream(ZERO, "subsets", "items", 0)
    counts = Counter(tuple(stream.choose(3, range(5))) for _ in range(12_000))
    assert not exceeds([counts[c] for c in permutations(range(5), 3)], 200.0)


def test_shuffles_are_uniform() -> None:
    """Each of the 24 orders of four options comes equally often."""
    stream = Stream(ZERO, "shuffles", "options", 0)
    counts = Counter(tuple(stream.shuffle(range(4))) for _ in range(12_000))
    assert not exceeds([counts[c] for c in permutations(range(4))], 500.0)


@pytest.mark.full
def test_a_million_draws_are_uniform() -> None:
    """A million draws of one in 1,000 are even."""
    stream = Stream(ZERO, "million", "items", 0)
    counts = Counter(stream.below(1000) for _ in range(1_000_000))
    assert not exceeds([counts[v] for v in range(1000)], 1000.0)


def test_every_committed_field_is_written_down() -> None:
    """The conventions name every field of manifest, roster and transcript."""
    text = (Path(__file__).parents[2] / "docs/conventions.md").read_text("utf-8")
    part = text.split("## §1 ")[1].split("\n## ")[0]
    models = (
        manifest.Manifest,
        manifest.CommittedSection,
        manifest.CommittedCell,
        manifest.CommittedUnit,
        manifest.CommittedItem,
        manifest.CommittedBound,
        manifest.CommittedTarget,
        manifest.RosterRow,
    )
    names = {name for model in models for name in model.model_fields}
    assert sorted(name for name in names if f"`{name}`" not in part) == []
