"""Unintended repetitions: a sentence pasted twice, or both the old and the new form of a word."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SENTENCE = re.compile(r"[^.!?…\n]+")
_WORD = re.compile(r"[^\W_]+(?:['’״\"][^\W_]+)*")
_PAIR = re.compile(r"(?<![\w'’-])(?=([a-z]{4,16}) ([a-z]{4,16})(?![\w'’-]))")
_MIN_WORDS = 4
_MIN_LENGTH = 22
"""A shorter sentence, in characters, may be a refrain."""

_MIN_PASTED = 4
_MAX_PASTED = 12
"""Limits of the number of words repeated immediately."""

_ENDINGS = frozenset(["", "e", "ed", "ing", "me"])
"""Endings of a half-changed word after the common stem: `make making`, `program programme`."""


_MIN_STEM = 3
"""Minimum common prefix of two such words, in letters: all of the shorter one but its last."""


def repeated_parts(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of repeated parts in a text."""
    sentences = [*_SENTENCE.finditer(text)]
    words = [[word.lower() for word in _WORD.findall(sentence.group())] for sentence in sentences]
    yield from _repeated_sentences(sentences, words)
    yield from _pasted_words(text, [*chain.from_iterable(words)])
    yield from _half_changed_words(text)


def _repeated_sentences(
    sentences: Sequence[re.Match[str]], words: Sequence[Sequence[str]]
) -> Iterator[tuple[int, int]]:
    """The second and further occurrences of sentences; `words` are the words of each sentence."""
    seen: set[str] = set()
    for sentence, its_words in zip(sentences, words, strict=True):
        key = " ".join(its_words)
        if len(its_words) < _MIN_WORDS or len(key) < _MIN_LENGTH:
            continue
        if key in seen:
            trimmed = sentence.group().strip()
            start = sentence.start() + sentence.group().index(trimmed)
            yield start, start + len(trimmed)
        seen.add(key)


def _pasted_words(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Words repeated immediately: `on the green this week on the green this week`."""
    hashes = np.fromiter(map(hash, words), np.int64, len(words))
    places: list[tuple[int, int]] = []
    for count in range(_MIN_PASTED, _MAX_PASTED + 1):
        for start in _runs((hashes[:-count] == hashes[count:]).tobytes(), count):
            pasted = words[start : start + count]
            if len(set(pasted)) == count and pasted == words[start + count : start + 2 * count]:
                places = places or [match.span() for match in _WORD.finditer(text)]
                yield places[start + count][0], places[start + 2 * count - 1][1]


def _runs(flags: bytes, length: int) -> Iterator[int]:
    """The start of each run of at least `length` set flags."""
    start = flags.find(b"\1" * length)
    while start >= 0:
        yield start
        end = flags.find(0, start)
        start = flags.find(b"\1" * length, end) if end >= 0 else -1


def _half_changed_words(text: str) -> Iterator[tuple[int, int]]:
    for match in _PAIR.finditer(text):
        first, second = match.groups()
        if first[:_MIN_STEM] != second[:_MIN_STEM]:
            continue
        stem = _common_start(first, second)
        if first != second and stem >= min(len(first), len(second)) - 1:
            endings = {first[stem:], second[stem:]}
            if endings <= _ENDINGS and ("" in endings or "e" in endings):
                yield match.start(1), match.end(2)


def _common_start(first: str, second: str) -> int:
    """The length of the common prefix of two words."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))
