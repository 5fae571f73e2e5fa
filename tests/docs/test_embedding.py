"""What the documentation shows is what happens."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.filterwarnings("error")
def test_embedding_page_runs() -> None:
    """Every block of docs/embedding.md runs in order, assertions included."""
    text = (DOCS / "embedding.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 6
    names: dict[str, object] = {}
    for block in blocks:
        code = compile(block, "embedding.md", "exec")
        exec(code, names)  # noqa: S102  (our own documentation)
