"""Engines keep order, hold BLAS to one thread, and report a missing extra by name."""

import sys

import numpy as np
import pytest

from fazhi_exam.engines import Dask, Serial, Threads, one_blas_thread
from fazhi_exam.errors import MissingExtra


def scaled(chunk: np.ndarray[tuple[int], np.dtype[np.float64]], factor: float) -> float:
    """Sum of a chunk times a factor."""
    return float(chunk.sum() * factor)


@pytest.mark.parametrize("engine", [Serial(), Threads(1), Threads(3)])
def test_results_come_in_chunk_order(engine: Serial | Threads) -> None:
    """Whatever finishes first, results stand in the order of the chunks."""
    loaders = [lambda i=i: np.full(10, float(i)) for i in range(20)]
    handles = engine.scatter(loaders)
    assert len(handles) == 20
    assert engine.map(scaled, handles, 0.5) == [5.0 * i for i in range(20)]


def test_blas_is_held_to_one_thread() -> None:
    """Inside the context every BLAS of the process has one thread."""
    from threadpoolctl import threadpool_info

    with one_blas_thread():
        found = [i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"]
    assert all(n == 1 for n in found)


def test_threads_need_at_least_one_worker() -> None:
    """No workers is a programming mistake."""
    with pytest.raises(ValueError, match="at least 1"):
        Threads(0)


def test_dask_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without dask installed the error names the extra to install."""
    monkeypatch.setitem(sys.modules, "dask", None)
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(MissingExtra, match="cluster"):
        Dask(object())


def test_dask_client_is_used_through_submit_and_gather(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine needs only `submit` and `gather` of a client, and keeps the chunk order."""

    class Client:
        def submit(self, fn, *args, pure):  # type: ignore[no-untyped-def]
            assert pure is False
            return fn(*args)

        def gather(self, futures):  # type: ignore[no-untyped-def]
            return list(futures)

    monkeypatch.setitem(sys.modules, "dask", np)
    monkeypatch.setitem(sys.modules, "dask.distributed", np)
    engine = Dask(Client())
    handles = engine.scatter([lambda: np.ones(3), lambda: np.zeros(3)])
    assert engine.map(scaled, handles, 2.0) == [6.0, 0.0]
