"""The names of an index, and which of them a word in another script sounds like."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from kb.search.transliteration.alignment import PADDING, edit_costs
from kb.search.transliteration.hebrew import HEBREW
from kb.search.transliteration.latin import LATIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kb.search.transliteration.alphabet import Alphabet, Symbol

ALPHABETS = (HEBREW, LATIN)

MAX_DISTANCE = 0.21
"""Names with a greater distance are not meant."""

_MAX_LETTERS = 40
"""Longer words are no names."""

_CHANCE_COST = 0.4
"""Added to all costs: short words sound alike by chance."""

_PARTICLE_COST = 0.15
_MAX_PARTICLES = 2
_MIN_STEM_LENGTH = 3

_MAX_SKELETONS = 8
_SKELETON_EDIT_COST = 0.35
"""One more, one less or another consonant costs at least this much."""

_MAX_SKELETON_EDITS = 2

_DIGIT = re.compile(r"\d")


def alphabet_of(text: str) -> Alphabet | None:
    """The one of ALPHABETS that a text is written in; None if there are several or none, or if it has digits."""
    if _DIGIT.search(text):
        return None
    found = [alphabet for alphabet in ALPHABETS if alphabet.writes(text)]
    return found[0] if len(found) == 1 else None


def skeletons(symbols: Iterable[Symbol]) -> list[str]:
    """The classes of consonants in order, in the ways that they may be read, at most _MAX_SKELETONS."""
    options = [symbol.classes for symbol in symbols]
    return list(dict.fromkeys(map("".join, islice(product(*options), _MAX_SKELETONS))))


class NameIndex:
    """Names in several scripts, found by words in another script that sound like them."""

    def __init__(self, names: Iterable[str]) -> None:
        """Index names: single words, or several, joined or not. A name of several scripts is ignored."""
        by_alphabet: dict[Alphabet, list[str]] = {alphabet: [] for alphabet in ALPHABETS}
        for name in dict.fromkeys(names):
            if len(name) <= _MAX_LETTERS and (alphabet := alphabet_of(name)):
                by_alphabet[alphabet].append(name)
        self._scripts = [_Script(alphabet, texts) for alphabet, texts in by_alphabet.items()]

    def nearest(self, word: str, limit: int = 3) -> list[tuple[str, float]]:
        """The names in other scripts that sound like a word, with their distance, the nearest first.

        The word may be as typed, and be several words. Names farther than MAX_DISTANCE are left out.
        """
        if len(word) > _MAX_LETTERS or not (alphabet := alphabet_of(word)):
            return []
        found: dict[str, float] = {}
        for symbols, cost in _readings(alphabet, word):
            for script in self._scripts:
                if script.alphabet is not alphabet:
                    for name, distance in script.nearest(symbols, alphabet, cost + _CHANCE_COST):
                        found[name] = min(distance, found.get(name, distance))
        return sorted(found.items(), key=lambda item: (item[1], item[0]))[:limit]


def _readings(alphabet: Alphabet, text: str) -> Iterator[tuple[list[Symbol], float]]:
    """What a text sounds like, with and without particles before it, with the cost of leaving them out."""
    first, *others = alphabet.words(text)
    following = [symbol for word in others for symbol in alphabet.read(word)]
    yield alphabet.read(first) + following, 0.0
    for count in range(1, _MAX_PARTICLES + 1):
        if first[count - 1] not in alphabet.particles or len(first) - count < _MIN_STEM_LENGTH:
            return
        yield alphabet.read(first[count:]) + following, count * _PARTICLE_COST


class _Script:
    """The names in one script, by their skeletons."""

    def __init__(self, alphabet: Alphabet, names: Sequence[str]) -> None:
        self.alphabet = alphabet
        self._names = names
        self._rows: dict[str, list[int]] = defaultdict(list)
        readings = [[s for word in alphabet.words(name) for s in alphabet.read(word)] for name in names]
        width = max(map(len, readings), default=0)
        self._symbols = np.full((len(names), width), PADDING, np.int16)
        for row, symbols in enumerate(readings):
            self._symbols[row, : len(symbols)] = [symbol.index for symbol in symbols]
            for skeleton in skeletons(symbols):
                self._rows[skeleton].append(row)
        weights = np.array([*(symbol.weight for symbol in alphabet.symbols), 0.0], np.float32)
        self._weights = weights[self._symbols].sum(axis=1)
        self._buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for skeleton in self._rows:
            self._buckets[skeleton[:1], len(skeleton)].append(skeleton)

    def nearest(
        self, word: Sequence[Symbol], alphabet: Alphabet, cost: float
    ) -> Iterator[tuple[str, float]]:
        """The names that a word in another alphabet sounds like, with their distances; `cost` is added to all."""
        weight = sum(symbol.weight for symbol in word)
        edits = int((MAX_DISTANCE * weight - cost) / _SKELETON_EDIT_COST)
        rows = self._candidates(skeletons(word), min(edits, _MAX_SKELETON_EDITS))
        if not rows:
            return
        names = self._symbols[rows]
        used = int((names != PADDING).any(axis=0).sum())
        costs = edit_costs(word, alphabet, names[:, :used], self.alphabet)
        distances = (costs + cost) / np.maximum(self._weights[rows], weight)
        for position in np.flatnonzero(distances <= MAX_DISTANCE):
            yield self._names[rows[position]], float(distances[position])

    def _candidates(self, wanted: Iterable[str], edits: int) -> list[int]:
        """The rows of names with a similar skeleton that begins with the same class."""
        if edits < 0:
            return []
        similar: set[str] = set()
        for skeleton in wanted:
            if not edits:
                similar.add(skeleton)
                continue
            for length in range(len(skeleton) - edits, len(skeleton) + edits + 1):
                bucket = self._buckets.get((skeleton[:1], length), ())
                matches = process.extract(
                    skeleton, bucket, scorer=Levenshtein.distance, score_cutoff=edits, limit=None
                )
                similar.update(match for match, _, _ in matches)
        return list({row for skeleton in similar for row in self._rows.get(skeleton, ())})
