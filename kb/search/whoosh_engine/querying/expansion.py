"""Expand the words of a query to what a view can see, with weights.

A word as typed has weight 1. Other spellings and forms have less, then synonyms, then translations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kb.domain.language import primary_subtag
from kb.search.analysis import MAX_WORD_LENGTH, index_term, is_hebrew, normalize, query_terms
from kb.search.english_spelling import spellings
from kb.search.folding import FOLDED_WEIGHT, plain_spellings, varies
from kb.search.hebrew import EXPANSION_WEIGHT
from kb.search.signs import SIGN_OF_WORD, SIGN_WORDS, abbreviated, amounts, written_out
from kb.search.whoosh_engine.format.layout import keyword_term
from kb.search.whoosh_engine.querying.clauses import MultiPhrase, WeightedTerms
from kb.search.whoosh_engine.querying.matching import has_phrase
from kb.search.whoosh_engine.querying.vocabulary import (
    accented_terms,
    hebrew_forms,
    hebrew_variants,
    segmentations,
)
from kb.search.words import split_at_capitals, split_word

if TYPE_CHECKING:
    from kb.search.lexicon import Lexicon
    from kb.search.whoosh_engine.querying.view import View

SYNONYM_WEIGHT = 0.7
"""The weight of a synonym."""

FOREIGN_WEIGHT = 0.5
"""The weight of a translation, and of a name in another script."""

JOINED_WEIGHT = 0.8
"""The weight of words joined to one, and of one word split into several: Red Bull, redbull."""

_DAY_WEIGHT = 0.3
"""The weight of an incident that happened on an observance; lower than for a text that names it."""

_MAX_JOINED_WORDS = 4

MAX_SPLIT_WORDS = 20
"""Maximum number of words that are split, or joined with the next ones; in a longer query, the first ones."""

_Expansion = TypeVar("_Expansion", bound="Sequence[object]")


class Alternative(NamedTuple):
    """Words to search for in place of a span of a query, or the index `term` of what the span names."""

    words: tuple[str, ...]
    weight: float
    foreign: bool = False
    term: str | None = None


Fallbacks = Mapping[tuple[str, ...], Sequence[Alternative]]
"""Maps typed words that match nothing visible to their alternatives."""


class Expander:
    """Expands the words of queries for a view, with a lexicon."""

    def __init__(self, view: View, lexicon: Lexicon, fallbacks: Fallbacks) -> None:
        self._view = view
        self._snapshot = view.snapshot
        self._lexicon = lexicon
        self._fallbacks = fallbacks
        self._split_words: set[str] = set()
        self.languages = tuple(dict.fromkeys(map(primary_subtag, view.languages or ("en",))))

    def word(self, word: str) -> WeightedTerms:
        """The terms of a word: its own in each language of the index, other spellings, Hebrew forms."""
        return self._remembered("word", word, self._expand)

    def unknown(self, words: Iterable[str]) -> set[str]:
        """Find words that match no term of the index, much faster than one by one.

        The result may be incomplete. Signs, English words with several spellings, and Hebrew words that share
        a stem with an indexed word need `word`.
        """
        keys = {word: self._keys(word) for word in words if not self._has_other_forms(normalize(word))}
        known = self._snapshot.known_terms({key for each in keys.values() for key in each})
        return {
            word
            for word, each in keys.items()
            if known.isdisjoint(each) and not accented_terms(self._view, each)
        }

    def _has_other_forms(self, normal: str) -> bool:
        """Whether a normalized word may stand for more than its terms and its spellings without accents."""
        if normal in SIGN_OF_WORD or normal in SIGN_WORDS:
            return True
        return bool(hebrew_variants(self._view, normal) if is_hebrew(normal) else spellings(normal))

    def _keys(self, word: str) -> set[str]:
        """The terms of a word and its plain spellings in the languages of the index.

        A Hebrew word has only itself: it is not stemmed, and `word` looks for no other spellings of it.
        """
        normal = normalize(word)
        if is_hebrew(normal):
            return {normal}
        plain = self._plain(word, normal)
        languages = dict.fromkeys(("en", *self.languages))
        return {
            *plain,
            *(index_term(each, tag) for each in dict.fromkeys((word, *plain)) for tag in languages),
        }

    @staticmethod
    def _plain(word: str, normal: str) -> Sequence[str]:
        return plain_spellings(word) if varies(word) else (normal,)

    def lemma(self, word: str) -> WeightedTerms:
        """The terms of a word from the lexicon rather than the query: in Hebrew, only its regular forms."""
        normal = normalize(word)
        if not is_hebrew(normal):
            return self.word(word)
        forms = hebrew_forms(self._view, normal)
        return ((normal, 1.0), *((form, EXPANSION_WEIGHT) for form in forms))

    def _from_lexicon(self, words: Sequence[str]) -> Iterator[tuple[int, int, Alternative]]:
        for start, end, entries in self._lexicon.synonyms.alternatives(words):
            yield from ((start, end, Alternative(entry, SYNONYM_WEIGHT)) for entry in entries)
        named = self._lexicon.observances.named(words)
        for start, end, keys, names in named:
            yield from ((start, end, Alternative(name, SYNONYM_WEIGHT)) for name in names)
            for key in keys:
                yield start, end, Alternative((), _DAY_WEIGHT, term=keyword_term("observance", key))
        translated = self._lexicon.glossary.translations(words)
        # The words of a phrase with a meaning of its own are not translated one by one.
        wholes = [(days.start, days.end) for days in named] + [(start, end) for start, end, _ in translated]
        for start, end, entries in translated:
            if not any(
                first <= start and end <= last and end - start < last - first for first, last in wholes
            ):
                for entry in entries:
                    yield start, end, Alternative(entry, FOREIGN_WEIGHT, foreign=True)

    def split(self, word: str) -> tuple[tuple[str, ...], ...]:
        """The sequences of index words that a word may be made of: `redbull` -> red, bull.

        Empty after MAX_SPLIT_WORDS distinct words.
        """
        if word not in self._split_words:
            if len(self._split_words) == MAX_SPLIT_WORDS:
                return ()
            self._split_words.add(word)
        return self._remembered("split", word, lambda typed: tuple(self._split(typed)))

    def _remembered(self, kind: str, word: str, make: Callable[[str], _Expansion]) -> _Expansion:
        """Memoize an expansion of a word in the snapshot."""
        key = (self._view.audiences, kind, word)
        found: _Expansion = self._view.snapshot.expansions.get_or_create(key, lambda: make(word), _size)
        return found

    def _expand(self, word: str) -> WeightedTerms:
        weighted = dict.fromkeys(sorted(self._own_terms(word)), 1.0)
        normal = normalize(word)
        for sign in (SIGN_OF_WORD.get(normal), *SIGN_WORDS.get(normal, ())):
            if sign is not None:
                weighted.setdefault(index_term(sign, "en"), FOLDED_WEIGHT)
        if is_hebrew(normal):
            for variant in hebrew_variants(self._view, normal):
                weighted.setdefault(variant, EXPANSION_WEIGHT)
            return tuple(weighted.items())
        for term in self._spellings(word, normal):
            weighted.setdefault(term, FOLDED_WEIGHT)
        for spelling in spellings(normal):
            for term in query_terms(spelling, self.languages):
                weighted.setdefault(term, FOLDED_WEIGHT)
        return tuple(weighted.items())

    def _own_terms(self, word: str) -> set[str]:
        """The terms of a word in the languages of the index.

        A stem in another language is left out if the index has only forms of it that English also stems to
        it: in Portuguese, `wine` would be a form of `win`.
        """
        own = {index_term(word, "en")}
        for language in self.languages:
            term = index_term(word, language)
            if term not in own and self._is_of(term, language):
                own.add(term)
        return own - {""}

    def _is_of(self, term: str, language: str) -> bool:
        """Whether the index has a form that this language stems to a term, but English does not."""
        return any(
            index_term(form, language) == term != index_term(form, "en")
            for form in self._snapshot.surface_forms(term)
        )

    def _spellings(self, word: str, normal: str) -> Iterator[str]:
        """Yield the index terms of a word in other spellings: with other accents or none."""
        plain = self._plain(word, normal)
        keys = {*plain, *(term for each in plain for term in query_terms(each, self.languages))}
        yield from accented_terms(self._view, keys)
        if varies(word):
            yield from (term for term in sorted(keys) if self._snapshot.lookup(term))

    def phrase(self, words: Sequence[str], weight: float, *, typed: bool = True) -> MultiPhrase:
        """A phrase of words, each in all its forms."""
        expand = self.word if typed else self.lemma
        positions = (expand(part) for word in words for part in split_word(word))
        return MultiPhrase(tuple(terms for terms in positions if terms), weight)

    def alternatives(self, words: Sequence[str]) -> Iterator[tuple[int, int, Alternative]]:
        """Yield (start, end, alternative) for spans of adjacent words. An empty word is in no span."""
        if self._lexicon.has_any(words):
            yield from self._from_lexicon(words)
        for start, word in enumerate(words):
            if word:
                for parts in self.split(word):
                    yield start, start + 1, Alternative(parts, JOINED_WEIGHT)
                if start < MAX_SPLIT_WORDS:
                    yield from self._joined(words, start)
                yield from self._instead(words, start)

    def _split(self, word: str) -> Iterator[tuple[str, ...]]:
        if not word.islower() and len(capitalized := split_at_capitals(word)) > 1:
            yield tuple(capitalized)
        folded = normalize(word)
        if folded.isdigit():
            return
        yield from written_out(folded)
        if "'" in folded:
            yield tuple(folded.removesuffix("'s").split("'"))
        plain = plain_spellings(folded)[0] if varies(folded) else folded
        singular = plain.removesuffix("s")
        seen = set()
        for spelling in dict.fromkeys((singular, plain)):
            for parts in segmentations(self._view, spelling):
                # Single letters and stopwords occur everywhere, so the parts must occur as a phrase.
                phrase = self.phrase(parts, 1.0)
                if phrase not in seen and has_phrase(self._view, phrase):
                    seen.add(phrase)
                    yield parts
            if seen:
                return

    def _joined(self, words: Sequence[str], start: int) -> Iterator[tuple[int, int, Alternative]]:
        """Yield index words that adjacent words form when joined, and amounts with a sign."""
        joined = words[start]
        for end in range(start + 2, min(start + _MAX_JOINED_WORDS, len(words)) + 1):
            if not words[end - 1] or len(joined) > MAX_WORD_LENGTH:
                return
            joined += words[end - 1]
            # Joined digits are another number, except for groups of thousands: 1 250 000
            grouped = all(len(word) == 3 for word in words[start + 1 : end])
            spellings = [joined] if grouped or not joined.isdigit() else []
            if end == start + 2:
                first, second = normalize(words[start]), normalize(words[start + 1])
                spellings += abbreviated(first, second)
                for amount in amounts(first, second):
                    yield start, end, Alternative(amount, FOLDED_WEIGHT)
            elif end == start + 3 and normalize(words[start + 1]) == "and":  # P and G
                yield start, end, Alternative((words[start], words[start + 2]), JOINED_WEIGHT)
            for spelling in spellings:
                if any(self._snapshot.lookup(term) for term, _ in self.word(spelling)):
                    yield start, end, Alternative((spelling,), JOINED_WEIGHT)

    def _instead(self, words: Sequence[str], start: int) -> Iterator[tuple[int, int, Alternative]]:
        for end in range(start + 1, min(start + _MAX_JOINED_WORDS, len(words)) + 1 if self._fallbacks else 0):
            for alternative in self._fallbacks.get(tuple(words[start:end]), ()):
                yield start, end, alternative


def _size(found: Sequence[object]) -> int:
    """The approximate size of an expansion in bytes: 150 per weighted term, or per two or three words."""
    return 150 * len(found)
