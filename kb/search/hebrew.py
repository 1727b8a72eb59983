"""Hebrew stemming without a dictionary: expand a query word to the index words that share a stem with it.

Texts are indexed unstemmed. A word's candidate stems are the word itself, and the word without prefixed
particles and suffixes; words with a candidate in common count as variants of one word. Because words are
expanded at query time, better rules need no reindexing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kb.search.analysis import is_hebrew

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXPANSION_WEIGHT = 0.6
"""The weight of a variant; the exact word has 1."""

MIN_STEM_LENGTH = 3
MAX_VARIANTS = 32

PARTICLES = frozenset("והבכלמש")
_MAX_PARTICLES = 3
# Plural, feminine and possessive endings, with final letters folded; the longest first.
_SUFFIXES = tuple("ותיהמ ותיהנ ותינו ותיו ותיה יהמ יהנ יות ימ ות יו יה ית נו כמ תי ה ת י ו כ מ נ".split())
_SUFFIXES_BY_LETTER: dict[str, list[str]] = {}
for _suffix in _SUFFIXES:
    _SUFFIXES_BY_LETTER.setdefault(_suffix[-1], []).append(_suffix)


def candidate_stems(word: str) -> frozenset[str]:
    """The possible stems of a normalized Hebrew word, including the word itself."""
    return frozenset(stem for base in strip_particles(word) for stem in strip_suffixes(base))


def stems_by_length(word: str) -> tuple[frozenset[str], frozenset[str]]:
    """The candidate stems of a normalized Hebrew word: those with three letters, and the longer ones."""
    stems = candidate_stems(word)
    short = frozenset(stem for stem in stems if len(stem) <= MIN_STEM_LENGTH)
    return short, stems - short


def strip_suffixes(word: str) -> Iterator[str]:
    """Yield a normalized Hebrew word, and the word without each suffix that it may have."""
    yield word
    for suffix in _SUFFIXES_BY_LETTER.get(word[-1:], ()):
        if len(word) - len(suffix) >= MIN_STEM_LENGTH and word.endswith(suffix):
            yield word[: -len(suffix)]


def strip_particles(word: str) -> Iterator[str]:
    """Yield a normalized Hebrew word, and the word without one, two or three particles."""
    yield word
    for count in range(1, _MAX_PARTICLES + 1):
        if word[count - 1 : count] not in PARTICLES or len(word) - count < MIN_STEM_LENGTH:
            return
        yield word[count:]


def without_vowel_letters(word: str) -> str:
    """Remove the ו and י inside a word, which older spelling leaves out."""
    return word[:1] + word[1:-1].replace("ו", "").replace("י", "") + word[-1:] if len(word) > 1 else word


def inflections(word: str) -> frozenset[str]:
    """The regular forms of a normalized lemma, with particles left out: plurals and constructs."""
    endings = ("ימ", "ות", "יות")
    found = {word, *(word + ending for ending in endings)}
    if len(word) > MIN_STEM_LENGTH and word[-1] in "הת":
        found |= {word[:-1] + ending for ending in (*endings, "ת")}
    return frozenset(found)


class Vocabulary:
    """The Hebrew words of an index, by candidate stem and by base (the word without particles)."""

    def __init__(self, index_words: Iterable[str]) -> None:
        by_stem: dict[str, list[str]] = defaultdict(list)
        by_base: dict[str, list[str]] = defaultdict(list)
        by_consonants: dict[str, list[str]] = defaultdict(list)
        for word in index_words:
            if is_hebrew(word):
                for base in strip_particles(word):
                    by_base[base].append(word)
                    by_consonants[without_vowel_letters(base)].append(word)
                for stem in candidate_stems(word):
                    by_stem[stem].append(word)
        # Tuples, because most have one word, and a list takes nearly twice as much memory.
        self.by_consonants = {key: tuple(found) for key, found in by_consonants.items()}
        self._by_stem = {key: tuple(found) for key, found in by_stem.items()}
        self._by_base = {key: tuple(found) for key, found in by_base.items()}

    def with_bases(self, bases: Iterable[str]) -> Iterator[str]:
        """Yield the words of the index that are one of the bases, with or without particles."""
        for base in bases:
            yield from self._by_base.get(base, ())

    def with_stems(self, stems: Iterable[str]) -> Iterator[str]:
        """Yield the words of the index that may have one of the stems."""
        for stem in stems:
            yield from self._by_stem.get(stem, ())


def nearest_variants(word: str, variants: Iterable[str]) -> tuple[str, ...]:
    """At most MAX_VARIANTS variants of a word, the nearest in length first."""
    return tuple(sorted(variants, key=lambda other: (abs(len(other) - len(word)), other)))[:MAX_VARIANTS]
