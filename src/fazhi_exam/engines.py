"""Where chunked numeric work runs: here, on threads, or on a dask cluster.

An engine maps a pure function over chunks and returns the results in chunk order, so that sums are
added in one order everywhere. BLAS is held to one thread per Python thread: results are then
bit-identical in every engine on one machine, and two BLAS threads on tall thin products only
double the CPU time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

from .errors import MissingExtra

__all__ = ["Dask", "Engine", "Handles", "Serial", "Threads", "one_blas_thread"]

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold the BLAS of this process to one thread; does nothing where threadpoolctl is absent."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        with nullcontext():
            yield
        return
    with threadpool_limits(limits=1, user_api="blas"):
        yield


@dataclass(frozen=True, slots=True)
class Handles(Generic[T]):
    """Chunks where the engine keeps them: the values themselves, or futures of them."""

    items: tuple[object, ...]

    def __len__(self) -> int:
        return len(self.items)


class Engine(Protocol):
    """What chunked work needs of the place where it runs."""

    def scatter(self, loaders: Sequence[Callable[[], T]]) -> Handles[T]:
        """Build each chunk where it will be used, once."""
        ...

    def map(self, fn: Callable[..., R], handles: Handles[T], *params: object) -> list[R]:
        """Return ``[fn(chunk, *params) for each chunk]`` in the order of the chunks."""
        ...


@dataclass(frozen=True, slots=True)
class Serial:
    """One chunk after the other in this thread."""

    def scatter(self, loaders: Sequence[Callable[[], T]]) -> Handles[T]:
        """Build the chunks now."""
        return Handles(tuple(load() for load in loaders))

    def map(self, fn: Callable[..., R], handles: Handles[T], *params: object) -> list[R]:
        """Apply `fn` to every chunk."""
        return [fn(chunk, *params) for chunk in handles.items]


@dataclass(frozen=True, slots=True)
class Threads:
    """Chunks on `workers` Python threads; numpy frees the interpreter lock in its loops."""

    workers: int = 2

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, found {self.workers}")

    def scatter(self, loaders: Sequence[Callable[[], T]]) -> Handles[T]:
        """Build the chunks on the threads."""
        with ThreadPoolExecutor(self.workers) as pool:
            return Handles(tuple(pool.map(lambda load: load(), loaders)))

    def map(self, fn: Callable[..., R], handles: Handles[T], *params: object) -> list[R]:
        """Apply `fn` to every chunk."""
        with ThreadPoolExecutor(self.workers) as pool:
            return list(pool.map(lambda chunk: fn(chunk, *params), handles.items))


def _limited(fn: Callable[..., R], chunk: object, *params: object) -> R:
    with one_blas_thread():
        return fn(chunk, *params)


class _Client(Protocol):
    def submit(self, fn: Callable[..., object], *args: object, pure: bool) -> object: ...
    def gather(self, futures: Sequence[object]) -> list[object]: ...


class Dask:
    """Chunks on the workers of a dask client (``dask.distributed.Client``).

    Raises
    ------
    MissingExtra
        If dask is not installed.
    """

    def __init__(self, client: object) -> None:
        try:
            import dask.distributed  # noqa: F401
        except ImportError as error:
            raise MissingExtra("分布式计算", "cluster") from error
        self._client = cast("_Client", client)

    def scatter(self, loaders: Sequence[Callable[[], T]]) -> Handles[T]:
        """Build each chunk on a worker."""
        return Handles(tuple(self._client.submit(load, pure=False) for load in loaders))

    def map(self, fn: Callable[..., R], handles: Handles[T], *params: object) -> list[R]:
        """Apply `fn` to every chunk where it lies."""
        futures = [
            self._client.submit(_limited, fn, chunk, *params, pure=False) for chunk in handles.items
        ]
        return cast("list[R]", self._client.gather(futures))
