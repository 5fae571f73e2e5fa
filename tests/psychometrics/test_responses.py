"""Response sets: dense and sparse hold the same answers, bad input is refused with its place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fazhi_exam.psychometrics.responses import ResponseSet, as_responses
from fazhi_exam.psychometrics.simulate import simulate_presented

MATRICES = arrays(
    np.int8, st.tuples(st.integers(1, 7), st.integers(1, 6)), elements=st.integers(-1, 3)
)


@given(MATRICES)
def test_dense_and_sparse_are_one(matrix: np.ndarray[tuple[int, int], np.dtype[np.int8]]) -> None:
    """To sparse and back is the same matrix; counts and chosen rows agree in both forms."""
    dense = ResponseSet.dense(matrix)
    sparse = dense.to_sparse()
    assert np.array_equal(sparse.to_dense(), matrix)
    assert dense.is_complete == sparse.is_complete == bool((matrix >= 0).all())
    for k in range(dense.category_counts().shape[1]):
        assert np.array_equal(dense.category_counts()[:, k], (matrix == k).sum(axis=0))
    width = sparse.category_counts().shape[1]
    assert np.array_equal(sparse.category_counts(), dense.category_counts()[:, :width])
    rows = np.arange(len(matrix))[::-1]
    assert np.array_equal(sparse.rows(rows).to_dense(), matrix[::-1])


def test_weighted_counts() -> None:
    """Counts use the weights of the people."""
    data = ResponseSet.dense([[0, 1], [1, -1], [1, 1]], weights=[1.0, 2.0, 0.5])
    expected = [[1.0, 2.5], [0.0, 1.5]]
    assert data.category_counts(weighted=True).tolist() == expected
    assert data.to_sparse().category_counts(weighted=True).tolist() == expected


def test_answers_in_any_order() -> None:
    """Triples of person, item and category need no order."""
    data = ResponseSet.from_answers([1, 0, 1], [2, 0, 0], [1, 0, 3], n_people=3, n_items=3)
    assert data.to_dense().tolist() == [[0, -1, -1], [3, -1, 1], [-1, -1, -1]]


def test_bad_input_is_refused() -> None:
    """Codes below -1, fractions, NaN, doubled answers, wrong lengths: ValueErrors."""
    for call in (
        lambda: ResponseSet.dense([[0, -2]]),
        lambda: ResponseSet.dense([[0.5, 1]]),
        lambda: ResponseSet.dense([[np.nan, 1]]),
        lambda: ResponseSet.dense([0, 1]),
        lambda: ResponseSet.dense([[0, 1]], weights=[-1.0]),
        lambda: ResponseSet.dense([[0, 1]], groups=[0, 1]),
        lambda: ResponseSet.sparse([0, 2], [1, 1], [0, 1], n_items=2),
        lambda: ResponseSet.sparse([0, 2], [0, 5], [0, 1], n_items=2),
        lambda: ResponseSet.sparse([0, 1], [0, 1], [0, 1], n_items=2),
        lambda: ResponseSet.sparse([0, 1], [0], [-1], n_items=2),
        lambda: ResponseSet.from_answers([4], [0], [0], n_people=2, n_items=2),
        lambda: simulate_presented(3, 4, per_person=5, rng=1),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()


def test_lists_are_accepted() -> None:
    """A list of rows is a dense response set."""
    assert as_responses([[0, 1], [1, 1]]).n_people == 2
