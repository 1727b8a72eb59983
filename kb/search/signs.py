"""Signs beside numbers and the words for them: `20%` and 20 percent, `$800m` and 800 million dollars."""

from __future__ import annotations

import re

SIGN_WORDS: dict[str, tuple[str, ...]] = {
    "%": ("percent", "pct", "אחוז"),
    "$": ("dollar", "usd", "דולר"),
    "€": ("euro", "eur", "אירו", "יורו"),
    "£": ("pound", "gbp", 'ליש"ט'),
    "₪": ("shekel", "nis", "ils", "שקל", 'ש"ח'),
    "¥": ("yen", "yuan", "ין", "יואן"),
}
"""The words that a sign is read as."""

SIGN_OF_WORD = {word: sign for sign, words in SIGN_WORDS.items() for word in words}

_UNITS: dict[str, tuple[str, ...]] = {
    "k": ("thousand", "אלף"),
    "m": ("million", "מיליון"),
    "mn": ("million", "מיליון"),
    "bn": ("billion", "מיליארד"),
    "b": ("billion", "מיליארד"),
}
_ABBREVIATED = re.compile(r"(\d+)(k|mn?|bn?)")


def written_out(word: str) -> list[tuple[str, str]]:
    """An abbreviated amount in full: `800m` -> 800 million; nothing for any other word."""
    match = _ABBREVIATED.fullmatch(word)
    return [(match[1], unit) for unit in _UNITS[match[2]]] if match else []


def abbreviated(number: str, unit: str) -> list[str]:
    """The abbreviations of an amount of two words: 800 million -> `800m`, `800mn`."""
    if not number.isdigit():
        return []
    return [number + abbreviation for abbreviation, words in _UNITS.items() if unit in words]
