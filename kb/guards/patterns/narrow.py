r"""Narrow patterns: patterns with small classes of letters and digits, for texts of few scripts.

In RE2, each `\pL` stands for some 650 ranges, encoded in UTF-8. They take up most of the memory and of the
compilation time, and make the program so large that its automaton runs out of memory in the middle of a text,
which slows it down. A narrow pattern names only letters and digits below U+0800, which include Latin, Greek,
Cyrillic, Hebrew and Arabic. In a text without any others, it matches the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

import re2

from kb.guards.patterns.re2_syntax import CHARACTER_CLASS, ESCAPE

_END = 0x800
"""The first character with three bytes in UTF-8."""

_OTHER_SCRIPT = re2.compile(rf"[^\x00-\x{{{_END - 1:x}}}\PL]|[^\x00-\x{{{_END - 1:x}}}\PN]")
_CLASS_OR_ESCAPE = re.compile(rf"{CHARACTER_CLASS}|{ESCAPE}", re.DOTALL)
_CATEGORY_OR_ESCAPE = re.compile(rf"\\p(?:\{{(?P<long>[LN])\}}|(?P<short>[LN]))|{ESCAPE}", re.DOTALL)


@lru_cache(maxsize=2)  # asked for several patterns in a row; the hash of a text is computed once
def is_narrow(text: str) -> bool:
    """Whether all letters and digits of a text, which has no surrogates, are in narrow patterns."""
    return text.isascii() or _OTHER_SCRIPT.search(text) is None


def narrowed(pattern: str) -> str:
    """The narrow form of a valid pattern, or the pattern itself if that is not smaller."""
    if r"\p" not in pattern or r"\Q" in pattern:
        return pattern
    return _CLASS_OR_ESCAPE.sub(_narrowed_part, pattern)


def _narrowed_part(part: re.Match[str]) -> str:
    text = part.group()
    if text[0] == "[":
        return _CATEGORY_OR_ESCAPE.sub(lambda each: _ranges_of(each) or each.group(), text)
    category = _CATEGORY_OR_ESCAPE.fullmatch(text)
    ranges = category and _ranges_of(category)
    return f"[{ranges}]" if ranges else text


def _ranges_of(category: re.Match[str]) -> str | None:
    name = category["long"] or category["short"]
    return _ranges(name) if name else None


@lru_cache(maxsize=2)  # L and N
def _ranges(category: str) -> str:
    """The characters of a category below _END, as ranges of a class. RE2 says which these are, since its
    version of Unicode may not be Python's."""
    members = "".join(re2.compile(rf"\p{category}").findall("".join(map(chr, range(_END)))))
    ranges: list[tuple[int, int]] = []
    for code in map(ord, members):
        follows = ranges and ranges[-1][1] == code - 1
        ranges.append((ranges.pop()[0] if follows else code, code))
    return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges)
