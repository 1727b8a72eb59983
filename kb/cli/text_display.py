"""The display of text in a terminal: its width in columns, and what is safe to print."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from kb.domain.text import INVISIBLE

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"
_KEPT = frozenset({_JOINER, _EMOJI_STYLE})
"""Invisible characters that join several characters to one emoji."""

_OF_MESSAGES = frozenset("\n\u2068\u2069")
"""Line breaks, and the isolates around values in translated messages."""

_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_REPLACEMENT = "\ufffd"
ELLIPSIS = "…"


class Excerpt(NamedTuple):
    """A line with a marked part, ready to print: the text before the part, the part, the text after it."""

    before: str
    marked: str
    after: str


def display_width(text: str) -> int:
    """The width of a text in columns: Hebrew points take none, Chinese letters and emoji take two."""
    width, last, joined = 0, 0, False
    for character in text:
        if character == _EMOJI_STYLE:
            width, last = width + 2 - last, 2
        elif character == _JOINER or joined or character in _SKIN_TONES:
            joined = character == _JOINER
        else:
            last = _character_width(character)
            width += last
    return width


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def displayable(text: str) -> str:
    """Replace characters that would control a terminal or change the direction of its line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_displayed, text))


def displayable_message(text: str) -> str:
    """Replace such characters in a message, and keep its lines and the marks around its values."""
    return "".join(each if each in _OF_MESSAGES else _displayed(each) for each in text)


def _displayed(character: str) -> str:
    if character == "\t" or unicodedata.category(character) == "Zs":
        return " "
    if character in _KEPT or character.isprintable():
        return character
    return "" if _INVISIBLE.match(character) else _REPLACEMENT


def excerpt(line: str, start: int, end: int, width: int) -> Excerpt:
    """Cut a line around its part from `start` to `end`, to at most `width` columns, with an ellipsis for each
    cut.

    The part itself is kept as far as it fits.
    """
    before, marked, after = (displayable(part) for part in (line[:start], line[start:end], line[end:]))
    marked = _head(marked, width)
    left = width - display_width(marked)
    before_width, after_width = display_width(before), display_width(after)
    if before_width + after_width <= left:
        return Excerpt(before, marked, after)
    half = left // 2
    before = _tail(before, max(half, left - after_width))
    return Excerpt(before, marked, _head(after, left - display_width(before)))


def _head(text: str, width: int) -> str:
    if display_width(text) <= width:
        return text
    while text and display_width(text) > width - 1:
        text = text[: -max(1, (display_width(text) - width) // 2)]
    return text + ELLIPSIS if width else ""


def _tail(text: str, width: int) -> str:
    if display_width(text) <= width:
        return text
    while text and display_width(text) > width - 1:
        text = text[max(1, (display_width(text) - width) // 2) :]
    return ELLIPSIS + text if width else ""
