"""What must be hidden, and what an attacker can infer."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import optimize

from fazhi_exam.statistics.attack import attack, breaches
from fazhi_exam.statistics.count_network import with_margins
from fazhi_exam.statistics.disclosure import controlled_rounding, primary, suppress


def unit_table(rng: np.random.Generator, units: int, *, mean: float = 25.0) -> np.ndarray:
    """Draw a table of units by four grades, with unequal units and shares."""
    size = rng.poisson(rng.gamma(2.0, mean / 2, units))
    return np.array(
        [
            rng.multinomial(n, p)
            for n, p in zip(size, rng.dirichlet([4, 9, 12, 3], units), strict=True)
        ]
    )


def least_width(extended: np.ndarray, hidden: np.ndarray) -> float:
    """Attack written anew: all counts are unknowns, published ones are fixed by their bounds."""
    rows, columns = extended.shape
    equations = []
    for i in range(rows):
        row = np.zeros(extended.shape)
        row[i, :-1], row[i, -1] = 1, -1
        equations.append(row.ravel())
    for j in range(columns):
        column = np.zeros(extended.shape)
        column[:-1, j], column[-1, j] = 1, -1
        equations.append(column.ravel())
    bounds = [
        (0, None) if h else (v, v) for v, h in zip(extended.ravel(), hidden.ravel(), strict=True)
    ]
    widths = [np.inf]
    for place in np.flatnonzero(hidden):
        objective = np.zeros(extended.size)
        objective[place] = 1
        ends = []
        for sign in (1, -1):
            found = optimize.linprog(
                sign * objective,
                A_eq=np.array(equations),
                b_eq=np.zeros(len(equations)),
                bounds=bounds,
            )
            ends.append(np.inf if found.status == 3 else sign * found.fun)
        widths.append(abs(ends[1] - ends[0]))
    return min(widths)


def test_primary_rules() -> None:
    """Counts of 1 to 9 are hidden; so is every cell of a row under 10 people; 0 elsewhere stays."""
    mask = primary([[0, 4, 3], [0, 20, 9], [0, 0, 0], [30, 11, 12]])
    assert mask.astype(int).tolist() == [
        [1, 1, 1, 1],
        [0, 0, 1, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_attack_finds_what_subtraction_gives() -> None:
    """A single hidden cell follows from its row; two in one row follow from their columns."""
    table = [[20, 5, 30], [40, 12, 13]]
    alone = np.zeros((2, 3), bool)
    alone[0, 1] = True
    assert attack(table, alone).width.max() == 0
    alone[0, 0] = True
    result = attack(table, alone)
    assert result.low[0].tolist() == result.high[0].tolist() == [20, 5, 30, 55]


def test_attack_is_exact_on_a_small_table() -> None:
    """The interval of every hidden cell equals that over all whole-numbered tables that fit."""
    table = np.array([[3, 1, 4], [2, 2, 6], [5, 0, 3]])
    hidden = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 1]], bool)
    result = attack(table, hidden)
    places = np.argwhere(hidden)
    fitting = []
    for values in product(range(5), repeat=len(places)):  # hidden cells of a row sum to 4 at most
        trial = table.copy()
        trial[tuple(places.T)] = values
        if np.array_equal(trial.sum(0), table.sum(0)) and np.array_equal(
            trial.sum(1), table.sum(1)
        ):
            fitting.append(trial)
    assert np.array_equal(result.low[:-1, :-1], np.min(fitting, axis=0))
    assert np.array_equal(result.high[:-1, :-1], np.max(fitting, axis=0))


def check_random_tables(number: int, units: int, *, seed: int) -> None:
    """Suppress random tables; no hidden count may be bounded within the threshold."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        table = unit_table(rng, units, mean=float(rng.choice([8, 20, 40, 80])))
        result = suppress(table)
        assert np.all(result.hidden[result.primary])
        assert not breaches(table, result.hidden).any()


def test_no_breach_in_random_tables() -> None:
    """20 tables of 20 units × 4 grades, one of 176: the attack with both margins finds nothing."""
    check_random_tables(20, 20, seed=1)
    check_random_tables(1, 176, seed=2)


@pytest.mark.full
def test_no_breach_in_500_province_tables() -> None:
    """500 tables of 176 units × 4 grades: the attack with both margins finds nothing."""
    check_random_tables(500, 176, seed=3)


def test_protection_holds_against_an_attack_written_anew() -> None:
    """A second formulation of the attack leaves every hidden count at least 10 wide."""
    rng = np.random.default_rng(4)
    for _ in range(4):
        result = suppress(unit_table(rng, 6))
        assert least_width(result.table, result.hidden) >= 10 - 1e-6


def test_breaches_are_found_if_only_small_counts_are_hidden() -> None:
    """Hiding the small counts alone is not enough, and the attack says where."""
    table = [[20, 50, 10, 5], [8, 19, 22, 12], [17, 32, 12, 30]]
    assert breaches(table, primary(table)).sum() == 2
    assert not breaches(table, suppress(table).hidden).any()


def fewest(extended: np.ndarray, must: np.ndarray, limit: int) -> int:
    """Count the fewest hidden counts that protect all, trying every set of extra ones."""
    free = np.flatnonzero(~must.ravel())
    for extra in range(limit + 1):
        for chosen in combinations(free, extra):
            hidden = must.ravel().copy()
            hidden[list(chosen)] = True
            if quickly_protected(extended, hidden.reshape(must.shape)):
                return int(must.sum()) + extra
    return int(must.sum()) + limit + 1


def quickly_protected(extended: np.ndarray, hidden: np.ndarray) -> bool:
    """Whether all widths are at least 10; sets with a lone hidden count in a line fail at once."""
    if np.any(hidden.sum(axis=0) == 1) or np.any(hidden.sum(axis=1) == 1):
        return False
    return least_width(extended, hidden) >= 10 - 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_suppression_is_the_optimum(seed: int) -> None:
    """On 20 small tables the fewest possible suppressions (1.3 times as many are allowed)."""
    rng = np.random.default_rng(100 + seed)
    result = suppress(rng.integers(3, 25, (4, 4)))
    best = fewest(result.table, result.primary, limit=4)
    assert best <= result.primary.sum() + 4, "the search itself ended without a solution"
    assert result.hidden.sum() == best


def test_tables_with_many_equal_choices_end() -> None:
    """A table that has countless ways to hide 18 counts, none of them safe: one with few more."""
    table = [
        [6, 9, 0, 7, 8, 8, 12, 10],
        [9, 21, 7, 54, 8, 29, 19, 10],
        [15, 6, 11, 5, 8, 16, 10, 5],
        [0, 0, 0, 0, 0, 1, 0, 0],
        [150, 81, 25, 48, 64, 102, 120, 78],
    ]
    result = suppress(table, threshold=5)
    assert result.hidden.sum() <= 1.3 * 18
    assert not breaches(table, result.hidden, threshold=5).any()


def test_small_units_hide_their_totals_together() -> None:
    """A single unit under the threshold drags another unit's total along."""
    result = suppress([[3, 2], [30, 20], [40, 25]])
    assert result.row_totals.sum() == 2
    assert result.row_totals[0]
    assert not result.column_totals.any()


def test_nothing_small_hides_nothing() -> None:
    """Without small counts the table is published whole."""
    result = suppress([[30, 20], [40, 25]])
    assert not result.hidden.any()
    assert result.published().count() == 9


def test_hidden_counts_leave_no_trace() -> None:
    """The published table does not hold what it hides."""
    result = suppress([[3, 12, 40], [30, 20, 15], [40, 25, 11]])
    assert np.all(result.published().data[result.hidden] == -1)
    assert np.array_equal(result.published().data[~result.hidden], result.table[~result.hidden])


@pytest.mark.parametrize(
    "table", [[[3]], [[0, 0]], [[5, 0], [0, 0]], [[9], [9]], [[4, 30]], [[10]]]
)
def test_degenerate_tables(table: list[list[int]]) -> None:
    """One unit, one person, nobody, one column: defined, and safe against the attack."""
    result = suppress(table)
    assert not breaches(table, result.hidden).any()


def test_same_table_same_suppression() -> None:
    """Two runs hide the same counts."""
    table = unit_table(np.random.default_rng(5), 40)
    assert np.array_equal(suppress(table).hidden, suppress(table).hidden)


@pytest.mark.parametrize("base", [3, 5])
def test_controlled_rounding(base: int) -> None:
    """Rounded tables add up, use adjacent multiples only, and leave multiples alone."""
    rng = np.random.default_rng(6)
    for units in (1, 2, 30, 176):
        table = unit_table(rng, units)
        rounded = controlled_rounding(table, base=base)
        exact = with_margins(table)
        assert np.all(rounded % base == 0)
        assert np.all(np.abs(rounded - exact) < base)
        assert np.array_equal(rounded[:-1].sum(axis=0), rounded[-1])
        assert np.array_equal(rounded[:, :-1].sum(axis=1), rounded[:, -1])


def test_controlled_rounding_is_the_nearest_that_adds_up() -> None:
    """On a small table no other adding-up rounding changes less in total."""
    table = np.array([[1, 7, 3], [12, 4, 9]])
    exact = with_margins(table)
    least = np.inf
    choices = [((v // 5) * 5, -(-v // 5) * 5) for v in table.ravel()]
    for values in product(*choices):
        trial = with_margins(np.reshape(values, table.shape))
        if np.all(np.abs(trial - exact) < 5):
            least = min(least, int(np.abs(trial - exact).sum()))
    assert np.abs(controlled_rounding(table) - exact).sum() == least


@pytest.mark.parametrize("table", [[], [[1.5]], [[-1]], [[np.nan]], [1, 2]])
def test_bad_tables_are_refused(table: list[object]) -> None:
    """Empty, broken, negative, missing or flat: an error."""
    for step in (suppress, primary, controlled_rounding):
        with pytest.raises(ValueError, match=r"table|counts"):
            step(table)


def test_bad_thresholds_and_masks_are_refused() -> None:
    """A threshold under 2 or a mask of another shape is an error."""
    with pytest.raises(ValueError, match="threshold"):
        suppress([[1, 2]], threshold=1)
    with pytest.raises(ValueError, match="base"):
        controlled_rounding([[1, 2]], base=1)
    with pytest.raises(ValueError, match="mask"):
        attack([[1, 2]], [True])
