"""The package's own Chinese fonts for plots, so that no machine needs one installed (字体)."""

from functools import cache
from importlib.resources import as_file, files

SANS = "Fazhi Sans"


@cache
def use_fonts() -> None:
    """Register both fonts with matplotlib and make the sans one the default of this process.

    The minus sign is the ASCII one, which both fonts hold. Calling it again does nothing.
    """
    from matplotlib import font_manager, rcParams

    # The package is real files in every supported installation; as_file also serves a zip.
    with as_file(files("fazhi_exam") / "_data" / "fonts") as folder:
        for name in ("FazhiSans-Regular.ttf", "FazhiSerif-Regular.ttf"):
            font_manager.fontManager.addfont(str(folder / name))
    rcParams["font.family"] = [SANS, "DejaVu Sans"]
    rcParams["axes.unicode_minus"] = False
