"""Folding and cleaning of Chinese text, so that the same words compare equal."""

import re
import unicodedata

_SPACE = re.compile(r"[\s\u3000\u00a0\u200b-\u200f\ufeff]+")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff·])\s+(?=[\u3400-\u9fff·])")


def fold_width(text: str) -> str:
    """Turn full-width digits and letters into ASCII and tidy spaces; Chinese punctuation stays."""
    folded = "".join(
        unicodedata.normalize("NFKC", char) if char.isalnum() or char == "％" else char
        for char in text
    )
    return _SPACE.sub(" ", folded).strip()


def fold_name(text: str) -> str:
    """Fold a name or a heading: widths made equal, spaces between Chinese characters dropped."""
    return _HAN_GAP.sub("", fold_width(text))


def fold_question(text: str) -> str:
    """Reduce a stem or an option to what makes it the same question: letters and digits only."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()
