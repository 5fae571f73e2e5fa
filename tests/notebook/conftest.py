"""One simulated store for the panel tests; nobody in it is real."""

from pathlib import Path

import pytest

from fazhi_exam.notebook.examples import ExampleSitting, ExampleStore, example_store


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> ExampleStore:
    return example_store(tmp_path_factory.mktemp("store") / "示例.db", people=96)


@pytest.fixture
def last(example: ExampleStore) -> ExampleSitting:
    return example.sittings[-1]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the panel under test works in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
