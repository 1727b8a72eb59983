"""Find the names of an index that a word in another script sounds like."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import chain, groupby, islice, product
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
"""Names at a greater distance do not match."""

MAX_LENGTH = 40
"""Longer words are not treated as names."""

_CHANCE_COST = 0.4
"""Added to every cost, because short words may sound alike by chance."""

_CHANCE_GROWTH = 0.075
"""Added to _CHANCE_COST for each factor of e by which the names outnumber _MANY_NAMES."""

_MANY_NAMES = 1000

_PARTICLE_COST = 0.15
_MAX_PARTICLES = 2
_MAX_NAME_PARTICLES = 1
_MIN_STEM_LENGTH = 3

_MAX_SKELETONS = 8
_MAX_SKELETON_EDITS = 2
_SKELETON_EDIT_COST = 0.35
"""The minimum cost of an added consonant, a missing one, or one of another class."""


def skeletons(symbols: Iterable[Symbol]) -> list[str]:
    """The possible sequences of consonant classes of a word, at most _MAX_SKELETONS."""
    options = [symbol.classes for symbol in symbols]
    return list(dict.fromkeys(map("".join, islice(product(*options), _MAX_SKELETONS))))


class NameIndex:
    """An index of names in several scripts, searched by words in another script that sound like them.

    The sounds of the names of a script are read with the first word in another one.
    """

    def __init__(self, names: Iterable[str], alphabets: Sequence[Alphabet] = ALPHABETS) -> None:
        """Index names of one or several words, joined or not.

        A name with digits, or with letters of several scripts or of another one, is ignored.
        """
        self._alphabets = alphabets
        by_alphabet: dict[Alphabet, list[str]] = {alphabet: [] for alphabet in alphabets}
        for name in dict.fromkeys(names):
            if alphabet := self._alphabet(name):
                by_alphabet[alphabet].append(name)
        self._names = {alphabet: texts for alphabet, texts in by_alphabet.items() if texts}
        self._scripts: dict[Alphabet, _Script] = {}

    def nearest(self, word: str, limit: int = 3) -> list[tuple[str, float]]:
        """The names in other scripts that sound like a word, with their distances, the nearest first.

        The word may be normalized or as typed, may be several words, and may have particles before it.
        Distances are from 0 to MAX_DISTANCE; a long word may differ in more sounds than a short one.
        """
        alphabet = self._alphabet(word)
        if alphabet is None:
            return []
        found: dict[str, float] = {}
        scripts = [self._script(other) for other in self._names if other is not alphabet]
        for symbols, cost in _readings(alphabet, word, _MAX_PARTICLES) if scripts else ():
            for script in scripts:
                for name, distance in script.nearest(symbols, alphabet, cost):
                    found[name] = min(distance, found.get(name, distance))
        return sorted(found.items(), key=lambda item: (item[1], item[0]))[:limit]

    def _script(self, alphabet: Alphabet) -> _Script:
        found = self._scripts.get(alphabet)
        if found is None:
            found = self._scripts[alphabet] = _Script(alphabet, self._names[alphabet])
        return found

    def _alphabet(self, text: str) -> Alphabet | None:
        """The alphabet of a text that may be a name."""
        if len(text) > MAX_LENGTH:
            return None
        return next((alphabet for alphabet in self._alphabets if alphabet.writes(text)), None)


def _readings(alphabet: Alphabet, text: str, max_particles: int) -> Iterator[tuple[list[Symbol], float]]:
    """Yield (symbols, cost) for a text with its particles, and with one or more of them stripped."""
    words = alphabet.words(text)
    if not words:
        return
    first = words[0]
    following = [symbol for word in words[1:] for symbol in alphabet.read(word)]
    yield alphabet.read(first) + following, 0.0
    for count in range(1, max_particles + 1):
        if first[count - 1] not in alphabet.particles or len(first) - count < _MIN_STEM_LENGTH:
            return
        yield alphabet.read(first[count:]) + following, count * _PARTICLE_COST


class _Script:
    """The names in one script: a row for each reading, looked up by skeleton."""

    def __init__(self, alphabet: Alphabet, names: Sequence[str]) -> None:
        self.alphabet = alphabet
        self._chance_cost = _CHANCE_COST + _CHANCE_GROWTH * math.log(max(1.0, len(names) / _MANY_NAMES))
        readings = [
            (name, symbols, cost)
            for name in names
            for symbols, cost in _readings(alphabet, name, _MAX_NAME_PARTICLES)
        ]
        self._names = [name for name, _, _ in readings]
        self._costs = np.array([cost for _, _, cost in readings], np.float32)
        width = max((len(symbols) for _, symbols, _ in readings), default=0)
        self._symbols = np.full((len(readings), width), PADDING, np.int16)
        rows: dict[str, list[int]] = defaultdict(list)
        for row, (_, symbols, _) in enumerate(readings):
            self._symbols[row, : len(symbols)] = [symbol.index for symbol in symbols]
            for skeleton in skeletons(symbols):
                rows[skeleton].append(row)
        # Skeletons by first class and length, one per line, with the number of the first; `_rows` has the
        # rows of each by its number. There are more skeletons than names, and as objects they would take most
        # of the memory.
        self._buckets: dict[tuple[str, int], tuple[str, int]] = {}
        number = 0
        ordered = sorted(rows, key=_bucket_of)
        for key, bucket in groupby(ordered, _bucket_of):
            members = [*bucket]
            self._buckets[key] = "\n".join(members), number
            number += len(members)
        self._starts = np.cumsum([0, *(len(rows[skeleton]) for skeleton in ordered)], dtype=np.int32)
        self._rows = np.fromiter(
            chain.from_iterable(rows[skeleton] for skeleton in ordered), np.int32, self._starts[-1]
        )
        weights = np.array([*(symbol.weight for symbol in alphabet.symbols), 0.0], np.float32)
        self._weights = weights[self._symbols].sum(axis=1)

    def nearest(self, word: Sequence[Symbol], alphabet: Alphabet, cost: float) -> Iterator[tuple[str, float]]:
        """The names that a word in another alphabet sounds like, with their distances.

        `cost` is added to the cost of the differences.
        """
        cost += self._chance_cost
        weight = sum(symbol.weight for symbol in word)
        rows = self._candidates(skeletons(word), (MAX_DISTANCE * weight - cost) / _SKELETON_EDIT_COST)
        if not rows:
            return
        symbols = self._symbols[rows]
        symbols = symbols[:, (symbols != PADDING).any(axis=0)]
        costs = edit_costs(word, alphabet, symbols, self.alphabet) + self._costs[rows] + cost
        distances = costs / np.maximum(self._weights[rows], weight)
        for position in np.flatnonzero(distances <= MAX_DISTANCE):
            yield self._names[rows[position]], float(distances[position])

    def _candidates(self, word_skeletons: Iterable[str], max_edits: float) -> list[int]:
        """The rows with a similar skeleton that begins with the same class."""
        if max_edits < 0:
            return []
        edits = min(int(max_edits), _MAX_SKELETON_EDITS)
        by_bucket: dict[tuple[str, int], set[str]] = defaultdict(set)
        for skeleton in word_skeletons:
            for length in range(len(skeleton) - edits, len(skeleton) + edits + 1):
                by_bucket[skeleton[:1], length].add(skeleton)
        similar = {
            number for key, searched in by_bucket.items() for number in self._similar(key, searched, edits)
        }
        spans = ((self._starts[number], self._starts[number + 1]) for number in similar)
        return list({row for start, stop in spans for row in self._rows[start:stop].tolist()})

    def _similar(self, key: tuple[str, int], searched: Iterable[str], edits: int) -> Iterator[int]:
        """Yield the numbers of skeletons in a bucket that are at most `edits` edits from a searched one."""
        if (bucket := self._buckets.get(key)) is None:
            return
        members, first = bucket[0].split("\n"), bucket[1]
        for skeleton in searched:
            for _, _, place in process.extract(
                skeleton, members, scorer=Levenshtein.distance, score_cutoff=edits, limit=None
            ):
                yield first + place


def _bucket_of(skeleton: str) -> tuple[str, int]:
    return skeleton[:1], len(skeleton)
