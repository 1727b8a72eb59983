"""Words and phrases that a query is searched for, by their stems: synonyms, translations, names of days."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Generic, TypeVar

from kb.search.analysis import MAX_WORD_LENGTH, index_term, is_hebrew, normalize
from kb.search.hebrew import candidate_stems, strip_suffixes
from kb.search.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_Value = TypeVar("_Value")

MAX_ENTRY_WORDS = 5
"""How many words an entry may have."""

Entry = tuple[str, ...]
"""The words of an entry, as written."""


class PhraseTable(Generic[_Value]):
    """Maps words and phrases to values. A query finds an entry by any form of its words.

    `proper` entries are names, which have no plural: פור is no form of פורים.
    """

    def __init__(self, *, proper: bool = False) -> None:
        self._proper = proper
        self._values: dict[Entry, _Value] = {}
        # Hebrew entries without a suffix: a plural may replace the last letter of a word (מסעדה, מסעדות).
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
            for stems in () if self._proper else product(*(_stems(word) for word in key)):
                if stems != key:
                    self._register(stems)
                    self._stems.setdefault(stems, []).append(key)
        self._values[key] = value

    def _register(self, key: Entry) -> None:
        self._prefixes.update(key[:length] for length in range(1, len(key) + 1))
        self._words.update(key)

    def values(self) -> Iterable[_Value]:
        """The values of all entries."""
        return self._values.values()

    def spans(self, query_words: Sequence[str]) -> Iterator[tuple[int, int, list[Entry]]]:
        """The entries in a query: start and end of each span of words that is one, and its lookup keys.

        Of several entries that a span may be, the one nearest to what was typed comes first. An empty word is
        in no entry.
        """
        candidates = [self._candidates(word) if word else () for word in query_words]
        for start, first in enumerate(candidates):
            if not first:
                continue
            prefixes: list[Entry] = [()]
            for end in range(start + 1, min(start + MAX_ENTRY_WORDS, len(candidates)) + 1):
                longer = [(*prefix, word) for prefix in prefixes for word in candidates[end - 1]]
                prefixes = [prefix for prefix in longer if prefix in self._prefixes]
                if not prefixes:
                    break
                keys = [prefix for prefix in prefixes if prefix in self._values]
                keys += [key for prefix in prefixes for key in self._stems.get(prefix, ())]
                if keys:
                    yield start, end, list(dict.fromkeys(keys))

    def _candidates(self, word: str) -> list[str]:
        """The terms in entries that a query word may be a form of."""
        return [term for term in _candidate_terms(word[:MAX_WORD_LENGTH]) if term in self._words]


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


@lru_cache(maxsize=10_000)
def _candidate_terms(word: str) -> Entry:
    """The terms that a query word may be a form of, its own first."""
    term = _term(word)
    if not is_hebrew(term):
        return (term,)
    return (term, *sorted(candidate_stems(term) - {term}, key=lambda stem: (-len(stem), stem)))
