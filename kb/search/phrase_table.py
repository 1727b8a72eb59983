"""Words and phrases that a query is searched for, by their stems: synonyms, translations, names of days."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, Generic, TypeVar

from kb.search.analysis import MAX_WORD_LENGTH, index_term, is_hebrew, normalize
from kb.search.hebrew import strip_particles, strip_suffixes
from kb.search.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_Value = TypeVar("_Value")

MAX_ENTRY_WORDS = 5
"""How many words an entry may have."""

Entry = tuple[str, ...]
"""The words of an entry, as written."""


class PhraseTable(Generic[_Value]):
    """Maps words and phrases to values. A query finds an entry by any form of its words.

    With `other_suffixes`, also by a Hebrew form that replaces the last letters of an entry (מסעדה, מסעדות).
    `candidates` says what a word may be a form of, where that is not what a search assumes: terms, each with
    its distance from the word.
    """

    def __init__(
        self,
        *,
        other_suffixes: bool = False,
        candidates: Callable[[str], Iterable[tuple[int, str]]] | None = None,
    ) -> None:
        self._other_suffixes = other_suffixes
        self._candidate_terms = candidates or candidate_terms
        self._values: dict[Entry, _Value] = {}
        self._stems: dict[Entry, list[Entry]] = {}
        self._prefixes: set[Entry] = set()
        self._words: set[str] = set()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Entry) -> _Value | None:
        """The value under a lookup key."""
        return self._values.get(key)

    def put(self, key: Entry, value: _Value) -> None:
        """Set the value under a lookup key."""
        if key not in self._values:
            self._register(key)
            stems = [_stems(word) for word in key] if self._other_suffixes else []
            if any(len(each) > 1 for each in stems):
                for entry in islice(product(*stems), 1, None):  # the first is the key itself
                    self._register(entry)
                    self._stems.setdefault(entry, []).append(key)
        self._values[key] = value

    def _register(self, key: Entry) -> None:
        self._words.update(key)
        for length in range(1, len(key)):
            self._prefixes.add(key[:length])

    def values(self) -> Iterable[_Value]:
        """The values of all entries."""
        return self._values.values()

    @property
    def entries(self) -> Iterable[Entry]:
        """The terms of all entries."""
        return (*self._values, *self._stems)

    @property
    def first_terms(self) -> frozenset[str]:
        """The terms that entries begin with: a text that has none of them has no entry."""
        return frozenset(entry[0] for entry in self.entries)

    def has_any(self, query_words: Iterable[str]) -> bool:
        """Whether a word of a query may be a form of a word in an entry."""
        return any(self._candidates(word) for word in query_words if word)

    def spans(self, query_words: Sequence[str]) -> Iterator[tuple[int, int, list[Entry]]]:
        """The entries in a query: start and end of each span of words that is one, and its lookup keys.

        Of the entries that a span may be, those that are nearest to what was typed: with the fewest particles
        and suffixes taken off. An empty word is in no entry.
        """
        candidates = [self._candidates(word) if word else () for word in query_words]
        for start, first in enumerate(candidates):
            if not first:
                continue
            prefixes: list[tuple[int, Entry]] = [(0, ())]
            for end in range(start + 1, min(start + MAX_ENTRY_WORDS, len(candidates)) + 1):
                prefixes = [
                    (distance + more, longer)
                    for distance, prefix in prefixes
                    for more, word in candidates[end - 1]
                    if self._is_start(longer := (*prefix, word))
                ]
                if not prefixes:
                    break
                if keys := self._nearest_keys(prefixes):
                    yield start, end, keys

    def _is_start(self, entry: Entry) -> bool:
        """Whether words are an entry, or the first ones of an entry."""
        return entry in self._prefixes or entry in self._values or entry in self._stems

    def _nearest_keys(self, found: Iterable[tuple[int, Entry]]) -> list[Entry]:
        """The lookup keys among what a span may be, of those that are nearest to what was typed."""
        by_distance: dict[int, dict[Entry, None]] = {}
        for distance, entry in found:
            if entry in self._values:
                by_distance.setdefault(distance, {})[entry] = None
            for key in self._stems.get(entry, ()):
                by_distance.setdefault(distance + 1, {})[key] = None
        return list(by_distance[min(by_distance)]) if by_distance else []

    def _candidates(self, word: str) -> list[tuple[int, str]]:
        """The terms in entries that a query word may be a form of, with their distances."""
        return [pair for pair in self._candidate_terms(word) if pair[1] in self._words]


def entry_of(text: str) -> Entry:
    """The words of an entry."""
    return tuple(words(text))


def lookup_key(entry: Entry) -> Entry:
    """The key under which an entry is looked up: stems, and normalized Hebrew words."""
    return tuple(_term(word) for word in entry)


def _stems(word: str) -> list[str]:
    """A word of a lookup key, and in Hebrew, what remains of it without a suffix."""
    return list(strip_suffixes(word)) if is_hebrew(word) else [word]


def _term(word: str) -> str:
    normal = normalize(word)
    return normal if is_hebrew(normal) else index_term(word, "en")


def candidate_terms(word: str) -> tuple[tuple[int, str], ...]:
    """The terms that a query word may be a form of, each with its distance: how much was taken off."""
    return _candidate_terms(word[:MAX_WORD_LENGTH])


@lru_cache(maxsize=10_000)
def _candidate_terms(word: str) -> tuple[tuple[int, str], ...]:
    term = _term(word)
    if not is_hebrew(term):
        return ((0, term),)
    distances: dict[str, int] = {}
    for particles, base in enumerate(strip_particles(term)):
        for suffixes, stem in enumerate(strip_suffixes(base)):
            distances.setdefault(stem, particles + min(suffixes, 1))
    return tuple(sorted((distance, stem) for stem, distance in distances.items()))
