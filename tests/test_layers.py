"""The folders are the steps of an exam, and imports only point back along them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "fazhi_exam"
LAYERS = (
    "errors typing lazy files word_style points engines psychometrics statistics law bank rules "
    "roster assembly delivery marking scoring certification passrate formats report store facts "
    "simulate doctor demo cli notebook"
).split()
SHARED = {"errors", "lazy", "typing", "_version"}
NUMERIC = {"psychometrics": {"numpy", "scipy"}, "statistics": {"numpy", "scipy"}}
THIRD_PARTY = {
    **NUMERIC,
    "errors": set(),
    "typing": {"numpy"},
    "points": {"pydantic"},
    "files": set(),
    "word_style": {"docx"},
    "engines": {"numpy", "threadpoolctl", "dask", "distributed"},
    "law": {"numpy", "rapidfuzz", "scipy"},
    "bank": {"numpy", "pydantic", "rapidfuzz"},
    "rules": {"pydantic"},
    "roster": set(),
    "assembly": {"numpy", "scipy", "pydantic"},
    "delivery": {"pydantic", "numpy"},
    "marking": {"numpy"},
    "scoring": {"numpy", "scipy"},
    "certification": {"numpy", "scipy", "pydantic"},
    "passrate": {"numpy", "pandas", "scipy"},
}
STANDARD = set(sys.stdlib_module_names)


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def layer_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[int, str]]:
    """Level and dotted name of every import in a file, lazy ones included."""
    out = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level and node.module is None:
                out += [(node.level, alias.name) for alias in node.names]
            else:
                out.append((node.level, node.module or ""))
        elif isinstance(node, ast.Import):
            out += [(0, alias.name) for alias in node.names]
    return out


def target(path: Path, level: int, name: str) -> str:
    """First folder or module below the package that a relative import reaches."""
    here = path.relative_to(PACKAGE).parts
    base = here[: len(here) - level]
    return (*base, *name.split("."))[0]


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_back(path: Path) -> None:
    """A step uses earlier steps, never later ones, and never the package root by name."""
    own = layer_of(path)
    if own in ("__init__", "__main__", "_version"):
        return
    assert own in LAYERS, f"{own} has no place in the order of layers"
    for level, name in imports(path):
        if not level:
            assert name.split(".")[0] != "fazhi_exam", f"{path.name} imports the package by name"
            continue
        to = target(path, level, name)
        if to in SHARED or to == own:
            continue
        assert to in LAYERS, f"{path.name} imports the unknown {to}"
        assert LAYERS.index(to) < LAYERS.index(own), f"{own} must not import the later {to}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_third_party_packages_are_listed(path: Path) -> None:
    """The lower layers use no package beyond those listed for them."""
    allowed = THIRD_PARTY.get(layer_of(path))
    if allowed is None:
        return
    for level, name in imports(path):
        root = name.split(".")[0]
        if not level and root not in STANDARD:
            assert root in allowed, f"{path.relative_to(PACKAGE)} uses {root}"


def test_numeric_floor_needs_numpy_and_scipy_alone() -> None:
    """Psychometrics and statistics import where nothing but numpy and scipy can be imported."""
    script = (
        "import sys, importlib.abc\n"
        "class Only(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        root = name.split('.')[0]\n"
        "        if root in ('pydantic', 'matplotlib', 'pandas', 'sqlalchemy', 'rapidfuzz'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Only())\n"
        "import pkgutil, importlib, fazhi_exam\n"
        "for folder in ('psychometrics', 'statistics'):\n"
        "    package = importlib.import_module('fazhi_exam.' + folder)\n"
        "    for module in pkgutil.iter_modules(package.__path__):\n"
        "        importlib.import_module(f'fazhi_exam.{folder}.{module.name}')\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_import_is_light() -> None:
    """Importing the package loads neither numpy nor anything heavier."""
    script = (
        "import sys, fazhi_exam\n"
        "heavy = {'numpy', 'scipy', 'matplotlib', 'pandas', 'sqlalchemy', 'pydantic', 'docx'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60
    )
    assert out.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    """Each name in ``__all__`` can be fetched, and ``dir`` lists it."""
    import fazhi_exam

    for name in fazhi_exam.__all__:
        assert getattr(fazhi_exam, name) is not None
        assert name in dir(fazhi_exam)
