"""Words typed with the wrong keyboard layout: `ayrtux` on a keyboard set to English, for שטראוס.

Israeli keyboards have both alphabets, and whoever forgets to switch types the right keys of the wrong one.
"""

from __future__ import annotations

import re

_LATIN_KEYS = "qwertyuiopasdfghjkl;zxcvbnm,."
_HEBREW_KEYS = "/'קראטוןםפשדגכעיחלךףזסבהנמצתץ"
"""What the same keys type with either layout: Hebrew as in SI-1452, Latin as in the United States."""

_TO_HEBREW = str.maketrans(_LATIN_KEYS, _HEBREW_KEYS)
_TO_LATIN = str.maketrans(_HEBREW_KEYS, _LATIN_KEYS)
_IN_LATIN, _IN_HEBREW = re.compile(r"[a-z;,.\d\s]*", re.IGNORECASE), re.compile(r"[א-ת'/\d\s]*")

_NO_HEBREW_WORD = re.compile("[א-ת'][/]|[/][א-ת']|//|[ךםןףץ](?=[א-ת'])")
"""What no Hebrew word has: a slash, and a final letter before another one."""

_MIN_LETTERS = 4
"""Of fewer letters, too many happen to be a word in the other layout."""


def retyped(text: str) -> str | None:
    """What a text would be in the other layout: Hebrew for Latin letters, and Latin for Hebrew ones.

    None for a text in both scripts or in another one, for one of a few letters, and if no Hebrew words come
    of it.
    """
    if sum(character.isalpha() for character in text) < _MIN_LETTERS:
        return None
    if _IN_LATIN.fullmatch(text):
        typed = text.lower().translate(_TO_HEBREW)
        return None if _NO_HEBREW_WORD.search(typed) else typed
    if _IN_HEBREW.fullmatch(text):
        return text.translate(_TO_LATIN)
    return None
