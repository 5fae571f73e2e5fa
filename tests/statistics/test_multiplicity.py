"""Many units looked at together."""

import numpy as np
import pytest

from fazhi_exam.statistics.multiplicity import benjamini_hochberg, holm


def test_adjustment_by_hand() -> None:
    """For 0.01 … 0.05: Benjamini-Hochberg gives 0.05 five times, Holm 0.05, 0.08 and 0.09."""
    p = [0.04, 0.01, 0.05, 0.02, 0.03]
    assert benjamini_hochberg(p) == pytest.approx([0.05] * 5)
    assert holm(p) == pytest.approx([0.09, 0.05, 0.09, 0.08, 0.09])


def test_holm_is_never_more_lenient_than_benjamini_hochberg() -> None:
    """Holm's adjusted p-values are at least those of Benjamini and Hochberg, and at least p."""
    p = np.random.default_rng(1).uniform(size=200) ** 3
    assert np.all(holm(p) >= benjamini_hochberg(p) - 1e-15)
    assert np.all(benjamini_hochberg(p) >= p - 1e-15)


def test_no_units_and_one_unit() -> None:
    """Nothing stays nothing, one p-value stays itself."""
    for adjust in (benjamini_hochberg, holm):
        assert adjust([]).shape == (0,)
        assert adjust([0.3]) == pytest.approx([0.3])


@pytest.mark.parametrize("p", [[np.nan], [1.1], [-0.1], [[0.1]]])
def test_bad_p_values_are_refused(p: list[float]) -> None:
    """Missing or impossible p-values are errors."""
    for adjust in (benjamini_hochberg, holm):
        with pytest.raises(ValueError, match="p-values"):
            adjust(p)
