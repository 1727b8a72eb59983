"""The words of an index: variants of Hebrew words, spelling candidates, completions.

The vocabulary of a segment is built when it is first needed, and kept as long as the segment.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.search import hebrew
from kb.search.analysis import is_hebrew

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kb.search.whoosh_engine.format.segment import Segment

_MIN_CORRECTED_LENGTH = 4
"""Shorter words are never corrected: too many others are one edit away."""

_TWO_EDITS_LENGTH = 8
"""From this length on, a word may be two edits away from the one that was meant."""

_MAX_CANDIDATES = 8
_MAX_COMPLETIONS = 64


class _Vocabulary:
    """The words of one segment: `terms` maps each surface form to a term."""

    def __init__(self, segment: Segment) -> None:
        self.terms: dict[str, str] = {}
        for term, forms in segment.text_terms():
            for form in forms:
                self.terms.setdefault(form, term)
        self.sorted = sorted(self.terms)
        self.hebrew = hebrew.Vocabulary(term for term, _ in segment.text_terms())
        buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for form in self.sorted:
            buckets[form[:1], len(form)].append(form)
        self.buckets = dict(buckets)


_vocabularies: WeakKeyDictionary[Segment, _Vocabulary] = WeakKeyDictionary()
_lock = threading.Lock()


def _vocabulary(segment: Segment) -> _Vocabulary:
    with _lock:
        found = _vocabularies.get(segment)
        if found is None:
            found = _vocabularies[segment] = _Vocabulary(segment)
        return found


def hebrew_variants(segments: Iterable[Segment], word: str) -> tuple[str, ...]:
    """Words of the index that may be variants of a normalized Hebrew word, the nearest first."""
    found = {variant for segment in segments for variant in _vocabulary(segment).hebrew.variants(word)}
    return hebrew.nearest_variants(word, found)


def spelling_candidates(segments: Sequence[Segment], word: str) -> list[tuple[str, str]]:
    """The (surface form, term) pairs that a misspelled, case-folded word may stand for, the nearest first.

    They are one edit away, or two for long words; a transposition is one edit. They begin with the first or
    the second letter of the word.
    """
    if len(word) < _MIN_CORRECTED_LENGTH or any(letter.isdigit() for letter in word):
        return []
    edits = 2 if len(word) >= _TWO_EDITS_LENGTH else 1
    found: dict[str, tuple[float, str]] = {}
    for segment in segments:
        vocabulary = _vocabulary(segment)
        for letter in dict.fromkeys((word[0], word[1])):
            for length in range(len(word) - edits, len(word) + edits + 1):
                bucket = vocabulary.buckets.get((letter, length), ())
                for form, distance, _ in process.extract(
                    word, bucket, scorer=OSA.distance, score_cutoff=edits, limit=_MAX_CANDIDATES
                ):
                    found[form] = (distance, vocabulary.terms[form])
    ranked = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return [(form, term) for form, (_, term) in ranked[:_MAX_CANDIDATES]]


def completions(segments: Iterable[Segment], prefix: str) -> frozenset[str]:
    """The terms of words with a case-folded prefix; Hebrew words may have a particle before it."""
    found: set[str] = set()
    for segment in segments:
        vocabulary = _vocabulary(segment)
        for start in _prefixes(prefix):
            found.update(vocabulary.terms[form] for form in _with_prefix(vocabulary.sorted, start))
    return frozenset(found)


def _prefixes(prefix: str) -> list[str]:
    return [prefix, *(particle + prefix for particle in hebrew.PARTICLES)] if is_hebrew(prefix) else [prefix]


def _with_prefix(words: Sequence[str], prefix: str) -> Iterator[str]:
    start = bisect_left(words, prefix)
    for word in words[start : start + _MAX_COMPLETIONS]:
        if not word.startswith(prefix):
            return
        yield word
