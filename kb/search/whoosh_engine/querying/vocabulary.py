"""The words of an index: forms of Hebrew words, nearest words to one that is misspelled, words by prefix.

What is known of a segment's words is made when it is first needed, and kept as long as the segment.
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

SHORTEST_CORRECTED = 4
_LONG = 8
"""From so many letters on, a word may be two edits away from what was meant."""

_MOST_CANDIDATES = 8
_MOST_COMPLETIONS = 64


class _Words:
    """The words of one segment."""

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


_known: WeakKeyDictionary[Segment, _Words] = WeakKeyDictionary()
_guard = threading.Lock()


def _words(segment: Segment) -> _Words:
    with _guard:
        found = _known.get(segment)
        if found is None:
            found = _known[segment] = _Words(segment)
        return found


def hebrew_variants(segments: Iterable[Segment], word: str) -> tuple[str, ...]:
    """Other words of the index that may be forms of a normalized Hebrew word, the nearest first."""
    found = {form for segment in segments for form in _words(segment).hebrew.variants(word)}
    return hebrew.nearest_variants(word, found)


def similar_words(segments: Sequence[Segment], word: str) -> list[tuple[str, str]]:
    """Words of the index that one may have meant by a case-folded word, the nearest first, with their terms.

    One edit away, of long words two; a swap of neighbors is one edit. The first letter is right, or swapped,
    or missing, or doubled.
    """
    if len(word) < SHORTEST_CORRECTED or any(letter.isdigit() for letter in word):
        return []
    edits = 2 if len(word) >= _LONG else 1
    found: dict[str, tuple[float, str]] = {}
    for segment in segments:
        words = _words(segment)
        for letter in dict.fromkeys((word[0], word[1])):
            for length in range(len(word) - edits, len(word) + edits + 1):
                bucket = words.buckets.get((letter, length), ())
                for form, distance, _ in process.extract(
                    word, bucket, scorer=OSA.distance, score_cutoff=edits, limit=_MOST_CANDIDATES
                ):
                    found[form] = (distance, words.terms[form])
    ranked = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return [(form, term) for form, (_, term) in ranked[:_MOST_CANDIDATES]]


def completions(segments: Iterable[Segment], prefix: str) -> frozenset[str]:
    """The terms of words that begin with a case-folded prefix; Hebrew ones also behind a particle."""
    found: set[str] = set()
    for segment in segments:
        words = _words(segment)
        for start in _prefixes(prefix):
            found.update(words.terms[form] for form in _beginning_with(words.sorted, start))
    return frozenset(found)


def _prefixes(prefix: str) -> list[str]:
    return [prefix, *(particle + prefix for particle in "הבלמושכ")] if is_hebrew(prefix) else [prefix]


def _beginning_with(words: Sequence[str], prefix: str) -> Iterator[str]:
    start = bisect_left(words, prefix)
    for word in words[start : start + _MOST_COMPLETIONS]:
        if not word.startswith(prefix):
            return
        yield word
