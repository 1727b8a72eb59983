"""Correct text typed in the wrong keyboard layout: `ayrtux` on a keyboard set to English, for שטראוס.

Israeli keyboards have both alphabets; if you forget to switch, you press the right keys in the wrong one.
"""

from __future__ import annotations

import re

_LATIN_KEYS = "qwertyuiopasdfghjkl;zxcvbnm,."
_HEBREW_KEYS = "/'קראטוןםפשדגכעיחלךףזסבהנמצתץ"
"""The characters of the same keys in both layouts: SI-1452 for Hebrew, US for Latin."""

_TO_HEBREW = str.maketrans(_LATIN_KEYS, _HEBREW_KEYS)
_TO_LATIN = str.maketrans(_HEBREW_KEYS, _LATIN_KEYS)
_IN_LATIN, _IN_HEBREW = re.compile(r"[a-z;,.\d\s]*", re.IGNORECASE), re.compile(r"[א-ת'/\d\s]*")

_NO_HEBREW_WORD = re.compile("[א-ת'][/]|[/][א-ת']|//|[ךםןףץ](?=[א-ת'])")
"""Sequences that no Hebrew word contains: a slash, or a final letter before another letter."""

_MIN_LETTERS = 4
"""Shorter texts too often happen to be a word in the other layout."""


def retyped(text: str) -> str | None:
    """Retype a text in the other layout: Hebrew for Latin letters, and Latin for Hebrew ones.

    Return None if the text is in both scripts or in another one, has only a few letters, or would not give
    Hebrew words.
    """
    if sum(character.isalpha() for character in text) < _MIN_LETTERS:
        return None
    if _IN_LATIN.fullmatch(text):
        typed = text.lower().translate(_TO_HEBREW)
        return None if _NO_HEBREW_WORD.search(typed) else typed
    if _IN_HEBREW.fullmatch(text):
        return text.translate(_TO_LATIN)
    return None
