"""The notebooks are part of the library: each runs from top to bottom on a fresh machine."""

import ast
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all from the first cell to the last raises nothing and leaves no error on a panel."""
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    client = NotebookClient(
        read(path), timeout=180, kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )  # fmt: skip
    done = client.execute(env=dict(os.environ))
    shown = [out for cell in done.cells for out in cell.get("outputs", ())]
    assert not [out for out in shown if out.output_type == "error"]
    assert not [out for out in shown if out.output_type == "stream" and out.name == "stderr"]
    widgets = done.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    texts = [state["state"].get("value", "") for state in widgets.get("state", {}).values()]
    assert texts, "no panel was shown"
    assert not [text for text in texts if isinstance(text, str) and 'role="alert"' in text]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_keeps_the_rules(path: Path) -> None:
    """Two Chinese sentences first, cells of at most eight lines, no def or class, no output."""
    book = read(path)
    first = book.cells[0]
    assert first.cell_type == "markdown"
    text = first.source.split("\n", 1)[1]
    assert text.count("。") == 2, "the opening is two sentences"
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        assert len(cell.source.splitlines()) <= 8
        assert not cell.outputs
        assert cell.execution_count is None
        kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.Lambda}


def test_all_six_are_there() -> None:
    """The notebooks of the project are numbered 01 to 06."""
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]
