"""Options shared by all tests: long runs and browser runs are asked for by name."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--full`` and ``--browser``."""
    parser.addoption("--full", action="store_true", help="run the stated figures, not samples")
    parser.addoption("--browser", action="store_true", help="drive the notebooks in a browser")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what was not asked for, and say so."""
    for name in ("full", "browser"):
        if config.getoption(f"--{name}"):
            continue
        mark = pytest.mark.skip(reason=f"asked for with --{name}")
        for item in items:
            if name in item.keywords:
                item.add_marker(mark)
