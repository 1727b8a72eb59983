"""Groups of a pattern that match any word of a list."""

from __future__ import annotations

import re

_BETWEEN_PHRASES = re.compile(r",\s+|\n")


def one_of(words: str, *, phrases: str = "") -> str:
    """A group that matches any of the words, separated by white space, or of the phrases, separated by
    commas or lines.

    Words and phrases are patterns: `photos?`, `double[- ]?check`. Those that begin with another one come
    before it, since the first that matches counts.
    """
    listed = {*words.split(), *map(str.strip, _BETWEEN_PHRASES.split(phrases))}
    return f"(?:{'|'.join(sorted(filter(None, listed), reverse=True))})"
