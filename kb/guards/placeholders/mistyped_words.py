"""Non-words: keys struck at random, or words typed with the keyboard set to another language."""

from __future__ import annotations

import re
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING

from kb.caches import shared
from kb.search.word_lists import spelling_key, word_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LATIN_KEYS = "qwertyuiopasdfghjkl;'zxcvbnm,./"
_HEBREW_KEYS = "/'קראטוןםפשדגכעיחלךף,זסבהנמצתץ."
_TO_HEBREW = str.maketrans(_LATIN_KEYS, _HEBREW_KEYS)
_TO_LATIN = str.maketrans(_HEBREW_KEYS, _LATIN_KEYS)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = frozenset("".join(_ROWS))
_BESIDE = frozenset(
    first + second for row in _ROWS for keys in (row, row[::-1]) for first, second in pairwise(keys)
)
"""Pairs of adjacent keys, in both orders."""

_TOKEN = re.compile(r"(?<!\S)[^\s@#/\d]+(?:/[^\s@#/\d]+)?(?!\S)")
_EDGES = ".,!?:;\"'()…“”״"
_LETTERS = re.compile(r"[a-z]+|[א-ת]+")
_A_LETTER = re.compile(r"[^\W\d_]")
_MAX_LENGTH = 40
_MIN_MASH = 6
_MIN_DIFFERENT_KEYS = 4
_NEIGHBORS = 0.8
"""Minimum share of keys struck at random that are next to the previous key."""

_HOME_ROW = re.compile(r"a?[sdfghjkl]{5,}")
_REPEATED = re.compile(r"(.{3,4})\1+")
_MIN_HOME_KEYS = 3
_QUOTES = "\"“”״„'"
_ABOUT_KEYS = re.compile(
    r"\b(?:keyboards?|keys|typists?|typing|autocorrect|typos?)\b|מקלדת|מקלדות|הקלדה|להקליד|מקלידה?",
    re.IGNORECASE,
)
"""Subjects that explain such words: a joke about a cat on a keyboard, a tool that corrects them."""

_KEYBOARDS = frozenset("qwerty azerty qwertz dvorak qwertyuiop asdf wasd".split())
_MIN_TYPED = 3
_COMMON = 560
"""Maximum rarity, in centibels, of a word read in another keyboard layout."""

_MAX_KNOWN = 16_000
"""Maximum number of cached tokens: most tokens of a draft have been seen before. A full set takes half a
megabyte."""

_MIN_ROW = 2
"""How many such words in a row cannot be an accident."""

_MIN_ALONE = 4
_COMMON_ALONE = 450
"""Minimum length, and maximum rarity in centibels, of such a word by itself."""


_NOT_MISTYPED = (False, 0)
"""The reading of nearly every token."""

_known_tokens: set[str] = set()
"""Cache of tokens that are neither struck at random nor typed in another layout: nearly all of a draft."""


def mistyped_words(text: str) -> list[tuple[int, int]]:
    """The offsets of non-words in a text; none in a text about keyboards."""
    unknown = {*text.split()} - _known_tokens
    readings = {token: _reading(token) for token in unknown if _A_LETTER.search(token)}
    odd = {token: reading for token, reading in readings.items() if any(reading)}
    _remember(readings.keys() - odd.keys())
    if not odd:  # as in nearly all texts
        return []
    found = [*_nonwords(text, odd)]
    return [] if found and _ABOUT_KEYS.search(text) else found


def _remember(tokens: Iterable[str]) -> None:
    """Cache tokens that are not mistyped. As clients may send many, a full cache is cleared."""
    short = [shared(token) if token.isalpha() else token for token in tokens if len(token) <= _MAX_LENGTH]
    if len(_known_tokens) + len(short) > _MAX_KNOWN:
        _known_tokens.clear()
    _known_tokens.update(short[:_MAX_KNOWN])


def _nonwords(text: str, readings: Mapping[str, tuple[bool, int]]) -> Iterator[tuple[int, int]]:
    """The offsets of non-words, given the readings of mistyped tokens."""
    run: list[tuple[int, int, int]] = []
    for match in _TOKEN.finditer(text):
        is_mash, other_layout = readings.get(match.group(), _NOT_MISTYPED)
        if is_mash:
            word = match.group().strip(_EDGES)
            start = match.start() + match.group().index(word)
            yield start, start + len(word)
        if other_layout:
            run.append((*match.span(), other_layout))
        elif run:
            yield from _long_enough(run)
            run = []
    yield from _long_enough(run)


def _reading(token: str) -> tuple[bool, int]:
    """Whether a token is struck at random, and how certainly it is typed in another keyboard layout: from 0
    (not) to 2 (certain without any other such token)."""
    is_quoted = token[0] in _QUOTES and token.rstrip(".,:;!?")[-1:] in _QUOTES
    if len(token) > _MAX_LENGTH or is_quoted:
        return _NOT_MISTYPED
    return _is_mash(token.strip(_EDGES).lower()), _other_layout(token)


def _long_enough(run: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    if sum(sureness for _, _, sureness in run) >= _MIN_ROW:
        yield run[0][0], run[-1][1]


def _is_mash(word: str) -> bool:
    """Whether a word is unknown, and made of adjacent keys: `dfghjk`, `sdfsdf`, `דגכעיח`."""
    if _is_home_row(word):
        return not _is_known(word)
    if len(word) < _MIN_MASH or len({*word}) < _MIN_DIFFERENT_KEYS or _LETTERS.fullmatch(word) is None:
        return False
    keys = word.translate(_TO_LATIN)
    if any(name in keys for name in _KEYBOARDS if name != "asdf") or not _run_along(keys):
        return False
    return not _is_known(word)


def _is_home_row(word: str) -> bool:
    """Whether a word consists of consonants of the middle row; a Hebrew one must also repeat itself."""
    if not word.isascii() and _REPEATED.fullmatch(word) is None:
        return False
    keys = word.translate(_TO_LATIN)
    return _HOME_ROW.fullmatch(keys) is not None and len({*keys}) >= _MIN_HOME_KEYS


def _run_along(keys: str) -> bool:
    """Whether most keys are adjacent to the one before, in the same row."""
    if not _KEYS.issuperset(keys):
        return False
    beside = sum(map(_BESIDE.__contains__, map(add, keys, keys[1:])))
    return beside >= (len(keys) - 1) * _NEIGHBORS


def _other_layout(token: str) -> int:
    """How certain it is, from 0 to 2, that a non-word is a word typed in the other keyboard layout.

    A sign at its end may be a letter there, or really the sign: `akuo,` is a greeting.
    """
    core = token.strip(_EDGES)
    if len(core) < _MIN_TYPED:
        return 0
    language, other, keys = ("en", "he", _TO_HEBREW) if core[0].isascii() else ("he", "en", _TO_LATIN)
    readings = {typed.lower().translate(keys) for typed in (token, core)}
    # Few words are also words in the other layout, so the second list is seldom consulted.
    if not any(_is_common(reading, other) for reading in readings) or _is_word(core.lower(), language):
        return 0
    is_sure = core == core.lower() and len(core) >= _MIN_ALONE
    return 2 if is_sure and any(_is_common(reading, other, _COMMON_ALONE) for reading in readings) else 1


def _is_known(word: str) -> bool:
    return _is_word(word, "en" if word.isascii() else "he")


def _is_word(word: str, language: str) -> bool:
    words = word_list(language)
    return words is None or words.centibels(spelling_key(word)) is not None


def _is_common(word: str, language: str, most: int = _COMMON) -> bool:
    letters = word.strip(_EDGES)
    words = word_list(language)
    if words is None or len(letters) < _MIN_TYPED or _LETTERS.fullmatch(letters) is None:
        return False
    centibels = words.centibels(spelling_key(letters))
    return centibels is not None and centibels <= most
