"""Exposure, overlap and key letters."""

from datetime import date
from itertools import combinations
from math import comb

import numpy as np
import pytest

from fazhi_exam.assembly import (
    Exposure,
    deal,
    exposure,
    key_positions,
    neighbour_overlap,
    overlap,
    overlap_matrix,
    seed_draw,
)
from fazhi_exam.errors import DrawError
from fazhi_exam.roster import Candidate, Roster

from .banks import bank, blueprint, roster

ON = date(2026, 12, 1)
BANK = bank()
PAPERS = deal(seed_draw(BANK, blueprint(), roster(300), seed=9, exam_id="试", on=ON))


def test_exposure_adds_up() -> None:
    """Counts and ideals both add up to the units drawn."""
    found = exposure(PAPERS)
    assert found.times.sum() == PAPERS.units.size
    assert found.ideal.sum() == pytest.approx(PAPERS.units.size)
    assert found.highest == found.times.max() / 300


def test_exposure_is_near_what_even_draws_give() -> None:
    """Enemies apart, ratios stay within the range of even draws."""
    found = exposure(PAPERS)
    foes = np.array([name in BANK.enemies for name in found.unit_ids])
    low, high = found.binomial_range
    assert found.ratio[~foes].min() >= 0.9 * low
    assert found.ratio[~foes].max() <= 1.1 * high
    assert abs(found.z[~foes].mean()) < 1
    assert "300 份试卷" in str(found)


def test_one_paper_for_all_has_no_exposure_to_compare() -> None:
    """Where everything is on every paper nothing was drawn, and the report says so."""
    first = frozenset(PAPERS.items_of(PAPERS.codes[0]))
    rules = blueprint().model_copy(update={"include": first})
    found = exposure(deal(seed_draw(BANK, rules, roster(5), seed=9, exam_id="试", on=ON)))
    assert found.unit_ids == ()
    assert np.isnan([*found.range, *found.binomial_range]).all()
    assert found.highest == 1
    assert str(found) == "5 份试卷的试题全部相同，没有轮换"


def test_overlap_by_hand() -> None:
    """Mean and highest overlap equal those counted pair by pair."""
    sets = [set(PAPERS.items_of(code)) for code in PAPERS.codes]
    shared = [len(a & b) for a, b in combinations(sets, 2)]
    found = overlap(PAPERS)
    assert found.mean == pytest.approx(float(np.mean(shared)))
    assert (found.highest, found.pairs) == (max(shared), len(shared))
    assert overlap_matrix(PAPERS, most=3)[0, 1] == len(sets[0] & sets[1])
    assert overlap_matrix(PAPERS, most=3)[2, 2] == 35


def test_key_letters_are_even() -> None:
    """All keys are written as A, and are shown equally often as A, B, C and D."""
    found = key_positions(PAPERS, BANK)
    assert set(found.counts) == set("ABCD")
    assert found.p_value > 1e-4
    assert found.pinned > 0
    fixed = deal(
        seed_draw(
            BANK, blueprint("shuffle_options = false"), roster(5), seed=9, exam_id="试", on=ON
        )
    )
    assert key_positions(fixed, BANK).counts["B"] == 0


def test_neighbours_are_compared_by_pairs() -> None:
    """The neighbour rule shows: nothing in common with it, something without."""
    pairs = [(f"K{n:04d}", f"K{n + 1:04d}") for n in range(1, 20)]
    free = neighbour_overlap(PAPERS, pairs)
    assert free.pairs == 19
    assert free.mean > 0
    people = Roster(tuple(Candidate(f"K{n:04d}", neighbour_class=n % 2) for n in range(1, 21)))
    apart = deal(
        seed_draw(BANK, blueprint("neighbour_classes = 2"), people, seed=9, exam_id="试", on=ON)
    )
    assert neighbour_overlap(apart, pairs).highest == 0
    assert neighbour_overlap(apart, []).mean == 0
    with pytest.raises(DrawError, match="不在抽题名单"):
        neighbour_overlap(apart, [("K0001", "K9999")])


def test_reports_are_sentences() -> None:
    """Overlap and key letters are stated in Chinese; one paper has nothing to compare."""
    assert "题相同" in str(overlap(PAPERS))
    assert "答案字母" in str(key_positions(PAPERS, BANK))
    alone = deal(seed_draw(BANK, blueprint(), roster(1), seed=9, exam_id="试", on=ON))
    assert overlap(alone).pairs == 0


def test_units_outside_a_margin_against_chance() -> None:
    """Outside ±10 %: counted by hand, expected by the binomial terms summed one by one."""
    # 20 papers, ideals 10 and 4: within 10 % lie 9, 10, 11 and 4 alone.
    found = Exposure(("a", "b", "c"), np.array([9, 12, 4]), np.array([10.0, 10.0, 4.0]), 20)
    assert found.outside(0.1) == 1

    def inside(share: float, counts: tuple[int, ...]) -> float:
        return sum(comb(20, k) * share**k * (1 - share) ** (20 - k) for k in counts)

    one, other = 1 - inside(0.5, (9, 10, 11)), 1 - inside(0.2, (4,))
    assert found.expected_outside(0.1) == pytest.approx(2 * one + other)
    none = (1 - one) ** 2 * (1 - other)
    assert found.chance_of_any_outside(0.1) == pytest.approx(1 - none)
