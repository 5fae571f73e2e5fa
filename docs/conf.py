"""Settings of the documentation; built by ``python dev.py docs``."""

import shutil
from pathlib import Path

project = "fazhi_exam"
author = "The fazhi_exam developers"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
language = "zh_CN"
html_theme = "alabaster"
exclude_patterns = ["_build"]
nb_execution_mode = "off"  # the tests run the notebooks
myst_enable_extensions = ["colon_fence"]
autosummary_generate = True
autodoc_typehints = "description"

# The tutorials are the notebooks; they are copied here for the build and not kept twice.
HERE = Path(__file__).resolve().parent
shutil.rmtree(HERE / "tutorials", ignore_errors=True)
shutil.copytree(HERE.parent / "notebooks", HERE / "tutorials", ignore=shutil.ignore_patterns(".*"))
