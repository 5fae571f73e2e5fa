"""File names from names that people write (文件名)."""

import re
from collections.abc import Iterable

_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)$")
_LONGEST = 60


def safe_name(text: str) -> str:
    """Return a name that is one path component on every system.

    Letters, digits, Chinese characters and hyphens stay; everything else becomes ``_``.
    """
    slug = re.sub(r"[^\w\-]+", "_", text).strip("_")[:_LONGEST]
    return f"_{slug}" if not slug or _RESERVED.match(slug) else slug


def safe_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return one safe name per text, all different even where letter case does not count."""
    seen: dict[str, int] = {}
    out = []
    for text in texts:
        name = safe_name(text)
        times = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        out.append(name if times == 1 else f"{name}~{times}")
    return tuple(out)
