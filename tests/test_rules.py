"""Every marking rule keeps its promises for all choices of all keys."""

from decimal import Decimal
from itertools import chain, combinations

import pytest
from pydantic import ValidationError

from fazhi_exam.rules import parse_rule, round_half_up

OPTIONS = "ABCD"
RULES = [
    "all_or_nothing",
    "half_subset",
    {"code": "fixed_subset", "partial": "1"},
    {"code": "per_option", "each": "0.5"},
    "proportional",
    "net",
    {"code": "all_or_nothing", "penalty": "0.5"},
]


def subsets(letters: str) -> list[frozenset[str]]:
    sizes = range(len(letters) + 1)
    return [frozenset(c) for c in chain.from_iterable(combinations(letters, n) for n in sizes)]


@pytest.mark.parametrize("written", RULES, ids=str)
def test_promises(written: object) -> None:
    """Between minus the penalty and the points; blank is 0; the key is everything; more is more."""
    rule = parse_rule(written)  # type: ignore[arg-type]
    points = Decimal(2)
    for key in subsets(OPTIONS)[1:]:
        assert rule.award(frozenset(), key, points) == 0
        assert rule.award(key, key, points) == points
        for chosen in subsets(OPTIONS):
            mark = rule.award(chosen, key, points)
            assert -rule.penalty <= mark <= points
            if chosen and chosen < key:
                for letter in key - chosen:
                    assert rule.award(chosen | {letter}, key, points) >= mark
            for letter in frozenset(OPTIONS) - key - chosen:
                assert rule.award(chosen | {letter}, key, points) <= max(mark, Decimal(0))


@pytest.mark.parametrize("written", RULES, ids=str)
def test_order_of_options_is_irrelevant(written: object) -> None:
    """Renaming the options consistently changes no mark."""
    rule = parse_rule(written)  # type: ignore[arg-type]
    rename = dict(zip("ABCD", "DCAB", strict=True))
    for key in subsets(OPTIONS)[1:]:
        for chosen in subsets(OPTIONS):
            renamed = rule.award(
                frozenset(map(rename.get, chosen)),  # type: ignore[arg-type]
                frozenset(map(rename.get, key)),  # type: ignore[arg-type]
                Decimal(2),
            )
            assert renamed == rule.award(chosen, key, Decimal(2))


@pytest.mark.parametrize(
    ("written", "chosen", "mark"),
    [
        ("all_or_nothing", "AB", "0"),
        ("all_or_nothing", "ABD", "2"),
        ("half_subset", "AB", "1"),
        ("half_subset", "ABC", "0"),
        ({"code": "fixed_subset", "partial": "0.5"}, "A", "0.5"),
        ({"code": "per_option", "each": "0.5"}, "AB", "1"),
        ({"code": "per_option", "each": "0.5"}, "AC", "0"),
        ("proportional", "AB", "1.33"),
        ("proportional", "A", "0.67"),
        ("net", "ABC", "0.67"),
        ("net", "AC", "0"),
    ],
)
def test_table_of_cases(written: object, chosen: str, mark: str) -> None:
    """Key ABD, two points: the table of DOMAIN rules worked by hand."""
    rule = parse_rule(written)  # type: ignore[arg-type]
    assert rule.award(frozenset(chosen), frozenset("ABD"), Decimal(2)) == Decimal(mark)


def test_penalty_only_for_wrong_answers() -> None:
    """A wrong answer costs the penalty, a blank nothing."""
    rule = parse_rule({"code": "all_or_nothing", "penalty": "0.5"})
    assert rule.award(frozenset("A"), frozenset("B"), Decimal(1)) == Decimal("-0.5")
    assert rule.award(frozenset(), frozenset("B"), Decimal(1)) == 0


def test_half_up() -> None:
    """Halves go away from zero: 0.125 to 0.13, 2.5 steps of 0.5 to 2.5."""
    assert round_half_up(Decimal("0.125"), Decimal("0.01")) == Decimal("0.13")
    assert round_half_up(Decimal("2.25"), Decimal("0.5")) == Decimal("2.5")


def test_unknown_rule_and_float_points_are_refused() -> None:
    """A rule nobody knows and points written as a float are mistakes."""
    with pytest.raises(ValidationError):
        parse_rule("generous")
    with pytest.raises(ValidationError, match="不能用浮点数"):
        parse_rule({"code": "fixed_subset", "partial": 0.1})
