"""The names of an index, and which of them a word in another script sounds like."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from kb.search.transliteration.alphabet import Alphabet
from kb.search.transliteration.hebrew import HEBREW
from kb.search.transliteration.latin import LATIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.search.transliteration.alphabet import Symbol

ALPHABETS = (HEBREW, LATIN)

MAX_DISTANCE = 0.21
"""Names that are farther are not meant."""

_MAX_LETTERS = 40
_MIN_STEM_LENGTH = 3
_PARTICLE_COST = 0.15
_BIAS = 0.4
_MAX_SKELETONS = 8
_MAX_COMPARED = 64


class _Name(NamedTuple):
    text: str
    symbols: tuple[Symbol, ...]
    weight: float


def alphabet_of(text: str) -> Alphabet | None:
    """The alphabet of a text that is written in one of ALPHABETS alone and has no digits."""
    if any(letter.isdigit() for letter in text):
        return None
    found = [alphabet for alphabet in ALPHABETS if alphabet.words(text)]
    return found[0] if len(found) == 1 else None


def skeletons(symbols: Iterable[Symbol]) -> list[str]:
    """The classes of consonants in order, in the ways that they may be read."""
    options = [symbol.classes for symbol in symbols]
    return list(dict.fromkeys(map("".join, islice(product(*options), _MAX_SKELETONS))))


class NameIndex:
    """Names in several scripts, found by words in another script that sound like them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[Alphabet, dict[str, list[_Name]]] = {
            alphabet: defaultdict(list) for alphabet in ALPHABETS
        }
        for text in dict.fromkeys(names):
            alphabet = alphabet_of(text)
            if alphabet is None:
                continue
            symbols = tuple(symbol for word in alphabet.words(text) for symbol in alphabet.read(word))
            name = _Name(text, symbols, sum(s.weight for s in symbols))
            for skeleton in skeletons(symbols):
                self._names[alphabet][skeleton].append(name)
        self._buckets: dict[Alphabet, dict[tuple[str, int], list[str]]] = {}
        for alphabet, by_skeleton in self._names.items():
            buckets = self._buckets[alphabet] = defaultdict(list)
            for skeleton in by_skeleton:
                buckets[skeleton[:1], len(skeleton)].append(skeleton)

    def nearest(self, word: str, limit: int = 3) -> list[tuple[str, float]]:
        """The names in other scripts that sound like a word, with their distances, the nearest first."""
        alphabet = alphabet_of(word[:_MAX_LETTERS])
        if alphabet is None:
            return []
        found: dict[str, float] = {}
        words = alphabet.words(word[:_MAX_LETTERS])
        for first, extra in _stems(alphabet, words[0]):
            symbols = tuple(s for w in (first, *words[1:]) for s in alphabet.read(w))
            for text, distance in self._compare(alphabet, symbols, extra):
                if distance <= found.get(text, MAX_DISTANCE):
                    found[text] = distance
        return sorted(found.items(), key=lambda item: (item[1], item[0]))[:limit]

    def _compare(self, alphabet, symbols, extra):
        weight = sum(s.weight for s in symbols)
        for other, names in self._names.items():
            if other is alphabet:
                continue
            skips = [other.skip_cost(s) for s in symbols]
            for name in self._candidates(other, names, symbols):
                scale = max(weight, name.weight)
                limit = MAX_DISTANCE * scale - extra - _BIAS
                cost = _alignment(symbols, skips, name.symbols, alphabet, limit)
                if cost <= limit:
                    yield name.text, (cost + extra + _BIAS) / scale

    def _candidates(self, other, names, symbols):
        found = {}
        for skeleton in skeletons(symbols):
            edits = 0 if len(skeleton) <= 2 else 1 if len(skeleton) <= 6 else 2
            for length in range(len(skeleton) - edits, len(skeleton) + edits + 1):
                bucket = self._buckets[other].get((skeleton[:1], length), ())
                for match, distance, _ in process.extract(
                    skeleton, bucket, scorer=Levenshtein.distance, score_cutoff=edits, limit=None
                ):
                    if distance < found.get(match, 9):
                        found[match] = distance
        result = {}
        for match in sorted(found, key=found.__getitem__):
            for name in names[match]:
                result[name.text] = name
        return list(result.values())


def _stems(alphabet: Alphabet, word: str):
    yield word, 0.0
    for count in (1, 2):
        if word[count - 1 : count] not in alphabet.particles or len(word) - count < _MIN_STEM_LENGTH:
            return
        yield word[count:], _PARTICLE_COST * count


def _alignment(symbols, skips, other, alphabet, limit):
    other_skips = [alphabet.skip_cost(s) for s in other]
    row = [0.0]
    for skip in other_skips:
        row.append(row[-1] + skip)
    for symbol, skip in zip(symbols, skips):
        costs = symbol.costs
        left = row[0] + skip
        new = [left]
        diagonal = row[0]
        for index, s in enumerate(other):
            up = row[index + 1]
            best = diagonal + costs[s]
            best = min(best, up + skip)
            best = min(best, left + other_skips[index])
            diagonal = up
            left = best
            new.append(best)
        if min(new) > limit:
            return 9.0
        row = new
    return row[-1]
