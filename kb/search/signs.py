"""Signs next to numbers, and the words for them: `20%` and 20 percent, `$800m` and 800 million dollars."""

from __future__ import annotations

import re
import unicodedata

SIGN_WORDS: dict[str, tuple[str, ...]] = {
    "%": ("percent", "pct", "אחוז"),
    "$": ("dollar", "usd", "דולר"),
    "€": ("euro", "eur", "אירו", "יורו"),
    "£": ("pound", "gbp", 'ליש"ט'),
    "₪": ("shekel", "nis", "ils", "שקל", 'ש"ח'),
    "¥": ("yen", "yuan", "ין", "יואן"),
}
"""The words for each sign."""

_OTHER_FORMS = {
    "%": ("percents", "אחוזימ"),
    "$": ("dollars", "דולרימ"),
    "€": ("euros",),
    "£": ("pounds", "לישט"),
    "₪": ("shekels", "שקלימ", "שח"),
}
"""Plurals, and words as normalized, without final letters and gershayim."""

SIGN_OF_WORD = {
    word: sign for table in (SIGN_WORDS, _OTHER_FORMS) for sign, words in table.items() for word in words
}
"""Maps a normalized word, singular or plural, to its sign."""

_SIGNS = frozenset("%‰٪$€£¥₪₹₽₩₺฿")

_UNITS: dict[str, tuple[str, ...]] = {
    "k": ("thousand", "אלף"),
    "m": ("million", "מיליון"),
    "mn": ("million", "מיליון"),
    "bn": ("billion", "מיליארד"),
    "b": ("billion", "מיליארד"),
}
_ABBREVIATED = re.compile(r"(\d+)(k|mn?|bn?)")


def is_sign(word: str) -> bool:
    """Whether a word is a percent or currency sign."""
    return len(word) == 1 and unicodedata.normalize("NFKC", word) in _SIGNS


def amounts(first: str, second: str) -> list[tuple[str, str]]:
    """Rewrite a number and a word for a sign, in either order, with the sign itself on each side."""
    for number, word in ((first, second), (second, first)):
        if number.isdigit() and (word in SIGN_OF_WORD or is_sign(word)):
            sign = SIGN_OF_WORD.get(word, word)
            return [(number, sign), (sign, number)]
    return []


def written_out(word: str) -> list[tuple[str, str]]:
    """Expand an abbreviated amount: `800m` -> 800 million; empty for any other word."""
    match = _ABBREVIATED.fullmatch(word)
    return [(match[1], unit) for unit in _UNITS[match[2]]] if match else []


def abbreviated(number: str, unit: str) -> list[str]:
    """The abbreviations of an amount of two words: 800 million -> `800m`, `800mn`."""
    if not number.isdigit():
        return []
    return [number + abbreviation for abbreviation, words in _UNITS.items() if unit in words]
