"""The words that a view can see: variants of a word, spelling candidates, completions, names.

The vocabulary of a segment is built lazily, part by part, and cached as long as the segment.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from hashlib import blake2b
from itertools import chain, islice
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.caches import RecentValues
from kb.search import hebrew
from kb.search.analysis import index_term, is_hebrew
from kb.search.folding import plain_spellings
from kb.search.whoosh_engine.querying.segment_vocabulary import SegmentVocabulary
from kb.search.word_forms import short_stems
from kb.search.word_lists import respelled_f

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.querying.view import View

_MIN_CORRECTED_LENGTH = 4
"""Shorter words are never corrected: too many others are one edit away."""

_TWO_EDITS_LENGTH = 8
"""From this length on, a correction may be two edits away."""

_F_FOR_PH = 0.5
"""The distance between spellings that differ by `f` and `ph`, which sound the same."""

_MAX_RESPELLED = 4
"""The most places of a word where `f` and `ph` are replaced, to bound the work for invented words."""

_MAX_CANDIDATES = 8
_MAX_COMPLETIONS = 64
_LETTERS_BEFORE_HYPHEN = frozenset("etxui0123456789")
"""Single letters that begin words with a hyphen: e-mail, T-shirt, x-ray, u-turn, i-pad."""

MAX_PREFIX_FORMS = 256
_MAX_VIEWS = 4  # per segment, because vocabularies take much memory
_MIN_SHARING_DOCS = 16
"""The number of documents from which the vocabulary of a segment shares the words of a larger one."""

_MAX_UNUSUAL_DOCS = 1_000
"""The number of documents up to which only the unusual words of a segment are read, if others are not asked
for. Writes and merges leave new segments of such sizes all the time."""

_MAX_CUT_LENGTH, _MAX_PARTS, _MAX_BEGUN, _MAX_SEGMENTATIONS = 30, 4, 64, 8


_vocabularies: WeakKeyDictionary[Segment, RecentValues[SegmentVocabulary]] = WeakKeyDictionary()
_lock = threading.Lock()


def _vocabularies_of(view: View) -> list[SegmentVocabulary]:
    """The vocabularies of a view by segment, limited to its visible documents."""
    if view.vocabularies is None:
        view.vocabularies = [
            _vocabulary(segment, view.visible_in(number))
            for number, segment in enumerate(view.snapshot.segments)
        ]
    found: list[SegmentVocabulary] = view.vocabularies
    return found


def _unusual_vocabularies_of(view: View) -> list[SegmentVocabulary]:
    """Like `_vocabularies_of`, but from segments of up to MAX_UNUSUAL_DOCS only words with apostrophes or
    beyond ASCII. Names are complete.
    """
    if view.unusual_vocabularies is None:
        view.unusual_vocabularies = view.vocabularies or [
            _vocabulary(segment, view.visible_in(number), unusual=segment.size <= _MAX_UNUSUAL_DOCS)
            for number, segment in enumerate(view.snapshot.segments)
        ]
    found: list[SegmentVocabulary] = view.unusual_vocabularies
    return found


def _vocabulary(segment: Segment, docs: Array | None, *, unusual: bool = False) -> SegmentVocabulary:
    """The vocabulary of some documents of a segment (None: all), cached for a few views.

    If only `unusual` words are asked for, others may be missing.
    """
    key = None if docs is None else blake2b(np.packbits(docs).tobytes(), digest_size=16).digest()
    with _lock:
        known = _vocabularies.setdefault(segment, RecentValues(_MAX_VIEWS))
        found = known.get(key)
        if found is None or not (unusual or found.has_all):
            visible = None if docs is None else segment.terms_of(docs)
            ordinals = segment.unusual_terms() if unusual else None
            found = known[key] = SegmentVocabulary(segment, visible, _larger(segment), ordinals)
        return found


def _larger(segment: Segment) -> SegmentVocabulary | None:
    """The largest vocabulary, whose words a new one shares; none for a small segment, soon merged."""
    if segment.size < _MIN_SHARING_DOCS:
        return None
    others = chain.from_iterable(views.values() for views in _vocabularies.values())
    return max(others, key=len, default=None)


def segmentations(view: View, word: str) -> list[tuple[str, ...]]:
    """The ways to split a plain word into two to four index words, in any spelling; the fewest first."""
    if len(word) > _MAX_CUT_LENGTH:
        return []
    vocabularies = _vocabularies_of(view)
    found: list[tuple[str, ...]] = []
    begun: list[tuple[tuple[str, ...], str]] = [((), word)]
    for _ in range(_MAX_PARTS):
        longer = []
        for parts, rest in begun:
            beginnings = [rest[:cut] for cut in range(1, len(rest) + 1)]
            for vocabulary in vocabularies:
                for part in filter(vocabulary.is_fragment, beginnings):
                    if len(part) < len(rest):
                        longer.append(((*parts, part), rest[len(part) :]))
                    elif parts:
                        found.append((*parts, part))
        if not longer:
            break
        begun = list(dict.fromkeys(longer))[:_MAX_BEGUN]
    return list(dict.fromkeys(found))[:_MAX_SEGMENTATIONS]


def hebrew_variants(view: View, word: str) -> tuple[str, ...]:
    """Other index words that share a stem with a normalized Hebrew word, the nearest first.

    If the shared stem has only three letters, both words must be inflected forms of it.
    """
    short, long = hebrew.stems_by_length(word)
    found: set[str] = set()
    for each in _unusual_vocabularies_of(view):
        found.update(each.hebrew.with_stems(long))
        found.update(form for form in each.hebrew.with_stems(short) if short_stems(form) & short_stems(word))
    return hebrew.nearest_variants(word, found - {word})


def hebrew_forms(view: View, word: str) -> tuple[str, ...]:
    """Index words that are regular forms of a normalized Hebrew lemma, the nearest first."""
    bases = hebrew.inflections(word)
    found = chain.from_iterable(each.hebrew.with_bases(bases) for each in _unusual_vocabularies_of(view))
    return hebrew.nearest_variants(word, {*found} - {word})


def other_hebrew_spellings(view: View, word: str) -> list[str]:
    """Index words that differ from a normalized Hebrew word by an inner ו or י: זכרון, זיכרון."""
    if not is_hebrew(word):
        return []
    key = hebrew.without_vowel_letters(word)
    found = {
        form
        for vocabulary in _unusual_vocabularies_of(view)
        for form in vocabulary.hebrew.by_consonants.get(key, ())
    }
    return [form for form in hebrew.nearest_variants(word, found - {word}) if abs(len(form) - len(word)) <= 2]


def accented_terms(view: View, keys: Iterable[str]) -> list[str]:
    """The terms of words with accents or apostrophes that have one of these plain spellings."""
    found = {
        term
        for vocabulary in _unusual_vocabularies_of(view)
        for key in keys
        for term in vocabulary.by_plain_spelling.get(key, ())
    }
    return sorted(found)


def terms_with_prefix(view: View, prefix: str, limit: int) -> list[str]:
    """The terms of the first `limit` words that begin with a case-folded prefix, those before which a Hebrew
    particle stands last, and of as many words in hashtags.
    """
    vocabularies = _vocabularies_of(view)
    forms: list[str] = []
    parts: list[str] = []
    for start in _prefixes(prefix):
        forms += _first_forms(vocabularies, start, limit - len(forms))
        parts += _first_parts(vocabularies, start, limit - len(parts))
    found = {term for form in forms for vocabulary in vocabularies for term in vocabulary.terms_of(form)}
    return sorted(found.union(parts))


def forms_with_prefix(view: View, prefix: str) -> list[str]:
    """The first MAX_PREFIX_FORMS surface forms that begin with a case-folded prefix."""
    return _first_forms(_vocabularies_of(view), prefix, MAX_PREFIX_FORMS)


def names_like(view: View, word: str) -> list[tuple[str, ...]]:
    """Index names in another script that sound like a typed word, the nearest first.

    Each is a tuple of case-folded words.
    """
    found: dict[tuple[str, ...], float] = {}
    for vocabulary in _unusual_vocabularies_of(view):
        for name, distance in vocabulary.name_index.nearest(word):
            words = vocabulary.words_of_name(name)
            found[words] = min(distance, found.get(words, distance))
    return sorted(found, key=lambda words: (found[words], words))


def spelling_candidates(view: View, word: str) -> list[tuple[str, str]]:
    """The (surface form, term) pairs that a misspelled plain word may be meant for, the nearest first.

    They are one edit away, or up to two for long words; a transposition is one edit, and so is `f` for `ph`,
    which is nearer than the others. They begin with the first or the second letter of the word, or of a
    spelling of it with the other of `f` and `ph`.
    """
    if len(word) < _MIN_CORRECTED_LENGTH or any(letter.isdigit() for letter in word):
        return []
    edits = 2 if len(word) >= _TWO_EDITS_LENGTH else 1
    found: dict[str, tuple[float, str]] = {}
    for spelling, replaced in _sounding_alike(word, edits).items():
        for vocabulary in _vocabularies_of(view):
            for plain, changed in _near(vocabulary, spelling, edits - replaced):
                distance = changed + _F_FOR_PH * replaced
                for form in vocabulary.forms_of_plain(plain):
                    if form not in found or distance < found[form][0]:
                        found[form] = (distance, vocabulary.terms_of(form)[0])
    ranked = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return [(form, term) for form, (_, term) in ranked[:_MAX_CANDIDATES]]


def _sounding_alike(word: str, edits: int) -> dict[str, int]:
    """The spellings of a word with at most so many of `f` and `ph` replaced by the other, with the number."""
    found = {word: 0}
    for replaced in range(1, edits + 1):
        for spelling in [each for each, number in found.items() if number == replaced - 1]:
            for other in islice(respelled_f(spelling), _MAX_RESPELLED):
                found.setdefault(other, replaced)
    return found


def _near(vocabulary: SegmentVocabulary, word: str, edits: int) -> Iterator[tuple[str, float]]:
    """The plain spellings at most so many edits away from a word, each with the number of edits."""
    for letter in dict.fromkeys((word[0], word[1])):
        for length in range(len(word) - edits, len(word) + edits + 1):
            bucket = vocabulary.buckets.get((letter, length), ())
            for plain, distance, _ in process.extract(
                word, bucket, scorer=OSA.distance, score_cutoff=edits, limit=_MAX_CANDIDATES
            ):
                yield plain, distance


def completions(view: View, prefix: str) -> list[str]:
    """The terms of words with a case-folded prefix, before which Hebrew words may have a particle."""
    vocabularies = _vocabularies_of(view)
    found: set[str] = set()
    for start in _prefixes(prefix):
        for form in _first_forms(vocabularies, start, _MAX_COMPLETIONS):
            for vocabulary in vocabularies:
                found.update(vocabulary.terms_of(form))
        parts = (
            _with_prefix(vocabulary.sorted_parts, start, _MAX_COMPLETIONS) for vocabulary in vocabularies
        )
        found.update(sorted(set(chain.from_iterable(parts)))[:_MAX_COMPLETIONS])
    return sorted(found)


def completions_apart(view: View, prefix: str) -> list[tuple[str, list[str]]]:
    """The ways to read a prefix as a word plus a prefix of the next: (word, terms for the rest) pairs."""
    vocabularies = _vocabularies_of(view)
    return [
        (prefix[:cut], rest)
        for cut in range(1, min(len(prefix), _MAX_CUT_LENGTH))
        if (cut > 1 or prefix[0] in _LETTERS_BEFORE_HYPHEN)
        and any(vocabulary.has_term(index_term(prefix[:cut], "en")) for vocabulary in vocabularies)
        and (rest := completions(view, prefix[cut:]))
    ]


def _prefixes(prefix: str) -> list[str]:
    particles = sorted(hebrew.PARTICLES) if is_hebrew(prefix) else ()
    return [prefix, *(particle + prefix for particle in particles)]


def _first_forms(vocabularies: Sequence[SegmentVocabulary], prefix: str, limit: int) -> list[str]:
    """The first surface forms of all segments that begin with a prefix, with or without accents."""
    found: set[str] = set()
    for vocabulary in vocabularies:
        for beginning in dict.fromkeys((prefix, *plain_spellings(prefix))):
            found.update(_with_prefix(vocabulary.sorted, beginning, limit))
            start = bisect_left(vocabulary.sorted_plain, (beginning, ""))
            for plain, form in vocabulary.sorted_plain[start : start + limit]:
                if not plain.startswith(beginning):
                    break
                found.add(form)
    return sorted(found)[:limit]


def _first_parts(vocabularies: Sequence[SegmentVocabulary], prefix: str, limit: int) -> list[str]:
    """The first terms of words in hashtags that begin with a prefix."""
    found = {
        term for vocabulary in vocabularies for term in _with_prefix(vocabulary.sorted_parts, prefix, limit)
    }
    return sorted(found)[:limit]


def _with_prefix(words: Sequence[str], prefix: str, limit: int) -> Iterator[str]:
    start = bisect_left(words, prefix)
    for word in words[start : start + limit]:
        if not word.startswith(prefix):
            return
        yield word
