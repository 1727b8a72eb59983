"""Words that no language has: keys struck at random, or typed with the keyboard set to another language."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kb.search.word_lists import spelling_key, word_list

if TYPE_CHECKING:
    from collections.abc import Iterator

_LATIN_KEYS = "qwertyuiopasdfghjkl;'zxcvbnm,./"
_HEBREW_KEYS = "/'קראטוןםפשדגכעיחלךף,זסבהנמצתץ."
_TO_HEBREW = str.maketrans(_LATIN_KEYS, _HEBREW_KEYS)
_TO_LATIN = str.maketrans(_HEBREW_KEYS, _LATIN_KEYS)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEY_PLACES = {key: (row, place) for row, keys in enumerate(_ROWS) for place, key in enumerate(keys)}

_TOKEN = re.compile(r"(?<!\S)[^\s@#/\d]+(?:/[^\s@#/\d]+)?(?!\S)")
_EDGES = ".,!?:;\"'()…“”״"
_LETTERS = re.compile(r"[a-z]+|[א-ת]+")
_MAX_LENGTH = 40
_MIN_MASH = 6
_MIN_DIFFERENT_KEYS = 4
_NEIGHBORS = 0.8
"""How many of the keys of a mash lie beside the one before."""

_KEYBOARDS = frozenset("qwerty azerty qwertz dvorak qwertyuiop asdf wasd".split())
_MIN_TYPED = 3
_COMMON = 560
"""How frequent a word must be that is read in another keyboard's keys, in centibels."""

_MAX_KNOWN = 8_000
"""How many words are remembered: most words of a draft have been seen before."""

_MIN_ROW = 2
"""How many such words in a row are no accident."""


def mistyped_words(text: str) -> Iterator[tuple[int, int]]:
    """Where words of no language stand, as offsets in a text."""
    run: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        is_mash, is_other_layout = _reading(match.group())
        if is_mash:
            word = match.group().strip(_EDGES)
            start = match.start() + match.group().index(word)
            yield start, start + len(word)
        if is_other_layout:
            run.append(match.span())
        elif run:
            yield from _long_enough(run)
            run = []
    yield from _long_enough(run)


@lru_cache(_MAX_KNOWN)
def _reading(token: str) -> tuple[bool, bool]:
    """Whether a token is struck at random, and whether it is typed with the keyboard of another language."""
    if len(token) > _MAX_LENGTH:
        return False, False
    return _is_mash(token.strip(_EDGES).lower()), _is_other_layout(token.lower())


def _long_enough(run: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    if len(run) >= _MIN_ROW:
        yield run[0][0], run[-1][1]


def _is_mash(word: str) -> bool:
    """Whether a word is unknown, and its keys lie side by side: `dfghjk`, `דגכעיח`."""
    if len(word) < _MIN_MASH or len({*word}) < _MIN_DIFFERENT_KEYS or _LETTERS.fullmatch(word) is None:
        return False
    keys = word.translate(_TO_LATIN)
    if any(name in keys for name in _KEYBOARDS if name != "asdf") or not _run_along(keys):
        return False
    return not _is_known(word)


def _run_along(keys: str) -> bool:
    """Whether most keys lie beside the one before, in one row."""
    places = [_KEY_PLACES.get(key) for key in keys]
    if None in places:
        return False
    beside = sum(
        first is not None and second is not None and first[0] == second[0] and abs(first[1] - second[1]) == 1
        for first, second in pairwise(places)
    )
    return beside >= (len(keys) - 1) * _NEIGHBORS


def _is_other_layout(token: str) -> bool:
    """Whether a token is no word, and one in the keys of the other language."""
    core = token.strip(_EDGES)
    if len(core) < _MIN_TYPED:
        return False
    if core[0].isascii():
        return not _is_word(core, "en") and _is_common(token.translate(_TO_HEBREW), "he")
    return not _is_word(core, "he") and _is_common(token.translate(_TO_LATIN), "en")


def _is_known(word: str) -> bool:
    return _is_word(word, "en" if word.isascii() else "he")


def _is_word(word: str, language: str) -> bool:
    words = word_list(language)
    return words is None or words.centibels(spelling_key(word)) is not None


def _is_common(word: str, language: str) -> bool:
    letters = word.strip(_EDGES)
    words = word_list(language)
    if words is None or len(letters) < _MIN_TYPED or _LETTERS.fullmatch(letters) is None:
        return False
    centibels = words.centibels(spelling_key(letters))
    return centibels is not None and centibels <= _COMMON
