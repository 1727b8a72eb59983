"""The words of an index: variants of a word, spelling candidates, completions, names.

The vocabulary of a segment is built when it is first needed, part by part, and kept as long as the segment.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.search import hebrew
from kb.search.analysis import index_term, is_hebrew
from kb.search.folding import plain_spellings, varies
from kb.search.transliteration import NameIndex
from kb.search.whoosh_engine.format.layout import CAPITALIZED, LOWER_CASE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kb.search.whoosh_engine.format.segment import Segment

_MIN_CORRECTED_LENGTH = 4
"""Shorter words are never corrected: too many others are one edit away."""

_TWO_EDITS_LENGTH = 8
"""From this length on, a word may be two edits away from the one that was meant."""

_MAX_CANDIDATES = 8
_MAX_COMPLETIONS = 64
_MIN_PART_LENGTH = 3
_MAX_PREFIX_TERMS = 256
_MAX_NAME_WORDS = 3


class _Vocabulary:
    """The words of one segment: `terms` maps each surface form to a term."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self.terms: dict[str, str] = {}
        self._parts: set[str] = set()
        for term, forms in segment.text_terms():
            for form in forms:
                if form[:1] == "#":  # the form of a word in a hashtag
                    self._parts.add(term)
                else:
                    self.terms.setdefault(form, term)

    @cached_property
    def sorted(self) -> list[str]:
        """The surface forms."""
        return sorted(self.terms)

    @cached_property
    def sorted_parts(self) -> list[str]:
        """The terms of the words in hashtags."""
        return sorted(self._parts)

    @cached_property
    def sorted_plain(self) -> list[tuple[str, str]]:
        """The plain spellings of forms that vary, each with its form."""
        return sorted(
            (plain, form) for form in self._varying for plain in plain_spellings(form) if plain != form
        )

    @cached_property
    def by_plain_spelling(self) -> Mapping[str, Collection[str]]:
        """The terms of forms that vary, by the plain spellings of form and term, also stemmed."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for form in self._varying:
            term = self.terms[form]
            plain = plain_spellings(form)
            for key in {*plain, *plain_spellings(term), *(index_term(each, "en") for each in plain)}:
                found[key][term] = None
        return dict(found)

    @cached_property
    def _varying(self) -> list[str]:
        return [form for form in self.terms if varies(form) and not is_hebrew(form)]

    @cached_property
    def hebrew(self) -> hebrew.Vocabulary:
        """The Hebrew terms."""
        return hebrew.Vocabulary(self.terms.values())

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names among the words, and those of organizations joined to one word, each with its words.

        A name is written with a capital within a sentence, never without; or it is part of an organization's.
        """
        found: dict[str, tuple[str, ...]] = {form: (form,) for form in self._capitalized}
        for key, _ in self._segment.keywords.get("organization", ()):
            words = key.split("-")
            for length in range(2, _MAX_NAME_WORDS + 1):
                for start in range(len(words) - length + 1):
                    run = tuple(words[start : start + length])
                    found.setdefault("".join(run), run)
        return found

    @cached_property
    def _capitalized(self) -> list[str]:
        cases = self._segment.cases
        named = np.flatnonzero((cases & (CAPITALIZED | LOWER_CASE)) == CAPITALIZED)
        hebrew_names = [ordinal for ordinal in np.flatnonzero(cases & CAPITALIZED).tolist()]
        ordinals = {*named.tolist(), *(n for n in hebrew_names if is_hebrew(self._segment.term(n)))}
        return [
            form
            for ordinal in sorted(ordinals)
            for form in self._segment.surface_forms(ordinal)
            if form[:1] != "#"
        ]

    @cached_property
    def name_index(self) -> NameIndex:
        """The names, by their sound."""
        return NameIndex(self.names)

    @cached_property
    def buckets(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """The surface forms by first letter and length."""
        buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for form in self.sorted:
            buckets[form[:1], len(form)].append(form)
        return dict(buckets)


_vocabularies: WeakKeyDictionary[Segment, _Vocabulary] = WeakKeyDictionary()
_lock = threading.Lock()


def _vocabulary(segment: Segment) -> _Vocabulary:
    with _lock:
        found = _vocabularies.get(segment)
        if found is None:
            found = _vocabularies[segment] = _Vocabulary(segment)
        return found


def cuts(segments: Iterable[Segment], word: str) -> list[tuple[str, str]]:
    """The ways to cut a case-folded word in two that are words of the index, as written."""
    known = [_vocabulary(segment).terms for segment in segments]
    found = []
    for cut in range(1, len(word)):
        left, right = word[:cut], word[cut:]
        for terms in known:
            if left in terms:
                if any(right in others for others in known):
                    found.append((left, right))
                break
    return found


def hebrew_variants(segments: Iterable[Segment], word: str) -> tuple[str, ...]:
    """Words of the index that may be variants of a normalized Hebrew word, the nearest first."""
    found = {variant for segment in segments for variant in _vocabulary(segment).hebrew.variants(word)}
    return hebrew.nearest_variants(word, found)


def hebrew_forms(segments: Iterable[Segment], word: str) -> tuple[str, ...]:
    """Words of the index that are regular forms of a normalized Hebrew lemma, the nearest first."""
    found = {form for segment in segments for form in _vocabulary(segment).hebrew.forms(word)}
    return hebrew.nearest_variants(word, found)


def accented_terms(segments: Iterable[Segment], keys: Iterable[str]) -> list[str]:
    """The terms of words with accents or apostrophes that have one of some plain spellings."""
    found = {
        term
        for segment in segments
        for key in keys
        for term in _vocabulary(segment).by_plain_spelling.get(key, ())
    }
    return sorted(found)


def terms_with_prefix(segments: Iterable[Segment], prefix: str) -> list[str]:
    """The terms of words that begin with a case-folded prefix, a bounded number of each segment."""
    found: set[str] = set()
    for segment in segments:
        vocabulary = _vocabulary(segment)
        for form in _with_prefix(vocabulary.sorted, prefix, _MAX_PREFIX_TERMS):
            found.add(vocabulary.terms[form])
        found |= _accented_with_prefix(vocabulary, prefix, _MAX_PREFIX_TERMS)
    return sorted(found)


def forms_with_prefix(segments: Iterable[Segment], prefix: str) -> list[str]:
    """The surface forms that begin with a case-folded prefix, a bounded number of each segment."""
    found: set[str] = set()
    for segment in segments:
        found.update(_with_prefix(_vocabulary(segment).sorted, prefix, _MAX_PREFIX_TERMS))
    return sorted(found)


def names_like(segments: Iterable[Segment], word: str) -> list[tuple[str, ...]]:
    """The names of the index in another script that sound like a word as typed, the nearest first.

    Each is its case-folded words.
    """
    found: dict[tuple[str, ...], float] = {}
    for segment in segments:
        vocabulary = _vocabulary(segment)
        for name, distance in vocabulary.name_index.nearest(word):
            words = vocabulary.names[name]
            found[words] = min(distance, found.get(words, distance))
    return sorted(found, key=lambda words: (found[words], words))


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


def completions(segments: Iterable[Segment], prefix: str) -> list[str]:
    """The terms of words with a case-folded prefix; Hebrew words may have a particle before it."""
    found: set[str] = set()
    for segment in segments:
        vocabulary = _vocabulary(segment)
        for start in _prefixes(prefix):
            found.update(
                vocabulary.terms[form] for form in _with_prefix(vocabulary.sorted, start, _MAX_COMPLETIONS)
            )
            found.update(_with_prefix(vocabulary.sorted_parts, start, _MAX_COMPLETIONS))
            found |= _accented_with_prefix(vocabulary, start, _MAX_COMPLETIONS)
    return sorted(found)


def completions_apart(segments: Sequence[Segment], prefix: str) -> list[tuple[str, list[str]]]:
    """The ways to read a prefix as a word and the beginning of the next: the word, and terms for the rest."""
    known = [_vocabulary(segment).terms for segment in segments]
    return [
        (prefix[:cut], rest)
        for cut in range(_MIN_PART_LENGTH, len(prefix))
        if any(prefix[:cut] in terms for terms in known) and (rest := completions(segments, prefix[cut:]))
    ]


def _prefixes(prefix: str) -> list[str]:
    return [prefix, *(particle + prefix for particle in hebrew.PARTICLES)] if is_hebrew(prefix) else [prefix]


def _accented_with_prefix(vocabulary: _Vocabulary, prefix: str, limit: int) -> set[str]:
    """The terms of at most `limit` forms that begin with a prefix if their accents are left out."""
    found = set()
    for plain_prefix in plain_spellings(prefix):
        start = bisect_left(vocabulary.sorted_plain, (plain_prefix, ""))
        for plain, form in vocabulary.sorted_plain[start : start + limit]:
            if not plain.startswith(plain_prefix):
                break
            found.add(vocabulary.terms[form])
    return found


def _with_prefix(words: Sequence[str], prefix: str, limit: int) -> Iterator[str]:
    start = bisect_left(words, prefix)
    for word in words[start : start + limit]:
        if not word.startswith(prefix):
            return
        yield word
