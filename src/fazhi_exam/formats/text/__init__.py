"""Question files as people type them: one line after the other, in any layout."""

from .reader import Progress, parse_text, read_lines, read_text

__all__ = ["Progress", "parse_text", "read_lines", "read_text"]
