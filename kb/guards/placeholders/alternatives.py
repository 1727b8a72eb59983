"""Groups of a pattern that match any word of a list."""

from __future__ import annotations

import re

_BETWEEN_PHRASES = re.compile(r",\s+|\n")


def one_of(words: str, *, phrases: str = "") -> str:
    """A group that matches any of some words, separated by white space, or phrases, separated by commas or
    lines.

    Words and phrases are patterns: `photos?`, `double[- ]?check`. A phrase that starts with another one is
    tried before it, since the first alternative that matches counts.
    """
    listed = {*words.split(), *map(str.strip, _BETWEEN_PHRASES.split(phrases))}
    return f"(?:{'|'.join(sorted(filter(None, listed), reverse=True))})"
