"""Ids as XML names: QTI wants one where a bank may have any text."""

import re

# Fewer signs than XML 1.0 has: those on which its editions, and the programs that check, agree.
_FIRST = "A-Za-z_一-龥"
_ESCAPED = re.compile(rf"_(?=x)|[^{_FIRST}0-9.\-]|^[^{_FIRST}]")
_ESCAPE = re.compile(r"_x([0-9A-F]{4,6})_")


def xml_name(text: str) -> str:
    """Return a text as an XML name (NCName), any other sign as ``_xHHHH_``.

    `from_xml_name` gives the text back: ``07-0901`` becomes ``_x0030_7-0901``.

    References
    ----------
    The escape of ISO/IEC 9075-14 (SQL/XML), as Excel and SQL servers write it.
    """
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def from_xml_name(name: str) -> str:
    """Return the text behind a name; names without an escape are left as they are."""
    return _ESCAPE.sub(lambda found: _sign(found[1]) or found[0], name)


def _sign(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if number < 0x110000 else ""
