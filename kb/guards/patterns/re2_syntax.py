"""Parts of the syntax of RE2 that readers of patterns share."""

from __future__ import annotations

import re

ESCAPE = r"\\[pP]\{[^}]*\}|\\[pP].|\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\."
"""Matches an escape, in a class or outside: `\\d`, `\\pL`, `\\x{5d0}`, `\\.`."""

CHARACTER_CLASS = rf"\[\^?\]?(?:{ESCAPE}|\[:\^?\w+:\]|[^\]\\])*\]"
"""Matches a character class with its brackets: `[^a-z\\d]`."""

_HEX = re.compile(r"\\x(?:\{([^}]*)\}|(..))")


def numbered_character(escape: str) -> str | None:
    """The character that an escape gives by its number (`\\x{5d0}`, `\\x41`); None for any other text."""
    number = _HEX.fullmatch(escape)
    return chr(int(number[1] or number[2], 16)) if number else None


CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
"""The control characters that escapes with these letters stand for."""

DIGITS = frozenset("0123456789")
SPACES = frozenset(" \t\n\f\r")
"""What `\\d` and `\\s` match; the latter is one character less than in Python."""
