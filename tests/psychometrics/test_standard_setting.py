"""Standard setting against hand calculations, normal theory and order statistics."""

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.psychometrics.models import GradedResponse, Rasch, ThreePL
from fazhi_exam.psychometrics.standard_setting import (
    angoff,
    bookmark,
    bootstrap_cut,
    borderline_group,
    contrasting_groups,
    ebel,
    hofstee,
    mastery_locations,
)

RATINGS = np.array([[0.6, 0.8, 0.4, 0.7], [0.5, 0.9, 0.5, 0.6], [0.7, 0.7, 0.6, 0.8]])


def test_angoff_by_hand() -> None:
    """Three raters' sums 2.5, 2.5 and 2.8: mean 2.6, standard error 0.1."""
    found = angoff(RATINGS)
    assert found.cuts.by_rater == pytest.approx([2.5, 2.5, 2.8])
    assert found.cuts.cut == pytest.approx(2.6)
    assert found.cuts.error == pytest.approx(0.1)
    assert found.cuts.without == pytest.approx([2.65, 2.65, 2.5])
    assert found.item_mean == pytest.approx([0.6, 0.8, 0.5, 0.7])


def test_angoff_weighs_points() -> None:
    """Points multiply the ratings: by hand 0.6 + 2 * 0.8 + 1 * 0.5 + 3 * 0.7."""
    assert angoff(RATINGS, points=[1, 2, 1, 3]).cuts.cut == pytest.approx(4.8)


def test_angoff_variance_components_by_anova() -> None:
    """Mean squares of the two-way table in plain loops (Brennan 2001)."""
    found = angoff(RATINGS)
    n, k = RATINGS.shape
    grand = RATINGS.mean()
    ms_i = n * sum((RATINGS[:, j].mean() - grand) ** 2 for j in range(k)) / (k - 1)
    ms_r = k * sum((RATINGS[i].mean() - grand) ** 2 for i in range(n)) / (n - 1)
    ss = sum((RATINGS[i, j] - grand) ** 2 for i in range(n) for j in range(k))
    ms_e = (ss - ms_i * (k - 1) - ms_r * (n - 1)) / ((k - 1) * (n - 1))
    assert found.residual_variance == pytest.approx(ms_e)
    assert found.item_variance == pytest.approx((ms_i - ms_e) / n)
    assert found.rater_variance == pytest.approx(max((ms_r - ms_e) / k, 0))


def test_angoff_with_missing_ratings_is_fair_to_raters_of_easy_items() -> None:
    """Additive ratings: each rater's severity is found although they rated different items."""
    easy = np.linspace(0.3, 0.8, 12)
    severity = np.array([-0.1, 0.0, 0.1])
    full = easy + severity[:, None]
    part = full.copy()
    part[0, :2], part[1, 5:7], part[2, 10:] = np.nan, np.nan, np.nan
    found = angoff(part)
    assert np.argsort(found.severity).tolist() == [0, 1, 2]
    assert found.cuts.cut == pytest.approx(full.mean(axis=0).sum(), abs=0.15)
    assert np.isnan(found.dependability)


def test_angoff_correlations() -> None:
    """A rater who follows the facilities correlates 1 with them; one who inverts them -1."""
    facility = np.array([0.3, 0.5, 0.6, 0.9])
    found = angoff([facility, facility - 0.1, 1 - facility], facility=facility)
    assert found.facility_correlation == pytest.approx([1, 1, -1])
    assert found.rater_consistency[2] == pytest.approx(-1)


def test_ebel_by_hand() -> None:
    """Two cells, three items of 1, 1 and 2 points: 0.9 + 0.5 + 1.0 and 0.8 + 0.4 + 0.8."""
    found = ebel([0, 1, 1], [[0.9, 0.5], [0.8, 0.4]], points=[1, 1, 2])
    assert found.by_rater == pytest.approx([2.4, 2.0])
    assert found.cut == pytest.approx(2.2)


def test_mastery_locations_of_closed_forms() -> None:
    """Rasch at 2/3 lies ln 2 above its difficulty; guessing is taken off first."""
    location, item, score = mastery_locations([Rasch(0.5), ThreePL(1.0, 0.0, 0.25)])
    assert location[item == 0] == pytest.approx([0.5 + np.log(2)])
    reached = (2 / 3 - 0.25) / 0.75
    assert location[item == 1] == pytest.approx([np.log(reached / (1 - reached))])
    assert score.tolist() == [1, 1]
    steps = mastery_locations([GradedResponse(2.0, (-1.0, 1.0))])[0]
    assert steps == pytest.approx([-1 + np.log(2) / 2, 1 + np.log(2) / 2])


def test_bookmark_pages() -> None:
    """Page 3 means items 1 and 2 are mastered: the cut is at item 2, or up to item 3."""
    locations = [-1.0, 0.0, 0.4, 1.2]
    assert bookmark(locations, [3, 3]).cut == 0.0
    assert bookmark(locations, [3, 3], between=1).cut == pytest.approx(0.4)
    assert bookmark(locations, [3, 5], between=0.5).by_rater == pytest.approx([0.2, 1.2])


def test_contrasting_normal_groups() -> None:
    """Equal spreads and sizes: all three cuts lie midway between the means."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(50, 8, 20_000), rng.normal(70, 8, 20_000)])
    q = np.arange(40_000) >= 20_000
    found = contrasting_groups(x, q)
    assert found.even_odds == pytest.approx(60, abs=0.3)
    assert found.crossing == pytest.approx(60, abs=0.3)
    assert found.fewest_errors == pytest.approx(60, abs=1)
    # Logistic regression on normal groups misplaces Phi(-10 / 8) of either group.
    assert found.errors / 40_000 == pytest.approx(0.1056, abs=0.005)


def test_contrasting_error_agrees_with_the_bootstrap() -> None:
    """The delta-method error and 300 resamplings agree."""
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(50, 9, 150), rng.normal(65, 9, 200)])
    q = np.arange(350) >= 150
    found = contrasting_groups(x, q)
    drawn = bootstrap_cut(x, q, rng=3, replications=300)
    assert drawn.std() == pytest.approx(found.even_odds_error, rel=0.25)


def test_separate_groups_meet_in_the_gap() -> None:
    """No overlap: the cut is the middle of the gap and no error is claimed."""
    found = contrasting_groups([*range(40, 50), *range(60, 70)], np.arange(20) >= 10)
    assert found.even_odds == pytest.approx(54.5)
    assert found.errors == 0
    assert np.isnan(found.even_odds_error)


def test_median_limits_from_a_binomial_table() -> None:
    """Ten people: the 2nd and 9th score enclose the median with 97.9 % (sign test table)."""
    found = borderline_group(np.arange(1, 11), level=0.95)
    assert (found.median, found.low, found.high) == (5.5, 2, 9)
    # Five people cannot reach 95 %: their range covers 93.75 %.
    assert borderline_group([1, 2, 3, 4, 5]).low == -np.inf
    assert borderline_group([1, 2, 3, 4, 5], level=0.93).low == 1


def test_hofstee_on_a_uniform_distribution() -> None:
    """Scores even on 0-100, limits 50-70 and 20-80 %: line and curve meet at 57.5."""
    found = hofstee(np.arange(0, 100, 0.01), [50], [70], [0.2], [0.8])
    # c / 100 = 0.8 - 0.6 (c - 50) / 20, so c (0.01 + 0.03) = 2.3
    assert found.cut == pytest.approx(57.5, abs=0.02)
    assert found.fail_rate == pytest.approx(0.575, abs=2e-4)
    assert found.crosses


def test_hofstee_outside_the_rectangle() -> None:
    """Everybody near 100 %: fewer fail than acceptable, which is reported, not hidden."""
    found = hofstee(np.full(200, 98.0), [55, 65], [70, 74], [0.05, 0.05], [0.4, 0.3])
    assert not found.crosses
    assert found.cut == 72
    assert found.fail_rate == 0


def test_one_rater_is_no_panel() -> None:
    """A single judgement has no error and is refused."""
    with pytest.raises(NotEnoughData):
        angoff(RATINGS[:1])
    with pytest.raises(NotEnoughData):
        bookmark([0.0, 1.0], [1])
