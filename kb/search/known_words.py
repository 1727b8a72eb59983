"""Known words: what is never respelled, though no incident has it.

A word is known if it is in the list of a language, or a form of one that is, or a number, or among those
that the caller adds. The lists come from the web, and contain what people often misspell. So a word that
is not common is known only if no word a single edit away is many times as frequent: `recieve` is in the list,
but `receive` is there a hundred times as often, while nothing like that is near `Balenciaga`.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from kb.domain.language import primary_subtag
from kb.search.cache import text_cache
from kb.search.hebrew import MIN_STEM_LENGTH, PARTICLES
from kb.search.names import NAMES
from kb.search.word_lists import MAX_CENTIBELS, has_word_list, spelling_key, word_list
from kb.search.words import UNSPACED, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMMON = 600
"""The centibels up to which a word is known whatever is near it: one in a million."""

NEIGHBOR_RATIO = 150
"""By how many centibels a word one edit away must be more frequent to make a rare one a typo: 30 times."""

_MAX_LISTS = 3
"""In how many languages besides English and Hebrew a word is looked up: each list is read once, which takes a
second or two."""

_MIN_NEIGHBOR_LENGTH = 4  # everything is near to a shorter word
_MIN_SINGULAR_LENGTH = 4
_MAX_PARTICLES = 3
# How rare the rest of a Hebrew word without its particles may be, in centibels: the shorter, the more typos
# end in such a word.
_MAX_REST_CENTIBELS = {3: 510, 4: 520}
_MAX_LONG_REST_CENTIBELS = 680
_HEBREW = re.compile("[א-ת]")
_CAMEL_CASE = re.compile("(?<=[a-z])(?=[A-Z])")


class KnownWords:
    """The words of all languages that have a list, and further ones."""

    def __init__(self, extra: Iterable[str] = ()) -> None:
        """Take further words or phrases, such as the entries of synonyms."""
        self._extra = frozenset(spelling_key(word) for entry in (NAMES, *extra) for word in words(entry))

    def is_known(self, word: str, languages: Iterable[str]) -> bool:
        """Whether a typed word is a word of these languages, of English, or (in its script) of Hebrew.

        Of a compound, each part must be a word. Numbers, signs, emoji and scripts without spaces are known:
        there is nothing to respell in them.
        """
        others = dict.fromkeys(tag for tag in map(primary_subtag, languages) if tag not in {"en", "he"})
        tags = tuple(islice(filter(has_word_list, others), _MAX_LISTS))
        return all(self._is_known_part(part, tags) for part in words(word))

    def _is_known_part(self, word: str, languages: tuple[str, ...]) -> bool:
        if any(map(str.isdigit, word)) or not any(map(str.isalpha, word)) or UNSPACED.search(word):
            return True
        if self._is_extra(word) or _is_listed(word, languages):
            return True
        parts = _CAMEL_CASE.split(word)
        return len(parts) > 1 and all(self._is_extra(part) or _is_listed(part, languages) for part in parts)

    def _is_extra(self, word: str) -> bool:
        key = spelling_key(word)
        return key in self._extra or any(base in self._extra for base, _ in _bases(key))


@text_cache(10_000)
def _is_listed(word: str, languages: tuple[str, ...]) -> bool:
    """Whether a word or one that it is a form of is in a list, and no typo."""
    key = spelling_key(word)
    searched = ["he"] if _HEBREW.search(key) else ["en", *languages]
    spellings = [(key, MAX_CENTIBELS), *_bases(key)]
    return any(_is_word(spelling, language, limit) for language in searched for spelling, limit in spellings)


def _bases(key: str) -> Iterator[tuple[str, int]]:
    """What a word may be a form of: without a plural or possessive s, or without Hebrew particles.

    With each, the centibels up to which it counts.
    """
    if key.endswith("s") and len(key) > _MIN_SINGULAR_LENGTH:
        yield key[:-1], MAX_CENTIBELS
    for count in range(1, min(_MAX_PARTICLES, len(key) - MIN_STEM_LENGTH) + 1):
        if key[count - 1] not in PARTICLES:
            return
        yield key[count:], _MAX_REST_CENTIBELS.get(len(key) - count, _MAX_LONG_REST_CENTIBELS)


def _is_word(key: str, language: str, limit: int) -> bool:
    """Whether a word is in the list of a language up to so many centibels, and no typo."""
    listed = word_list(language)
    frequency = listed.centibels(key) if listed else None
    if listed is None or frequency is None or frequency > limit:
        return False
    if frequency <= COMMON or len(key) < _MIN_NEIGHBOR_LENGTH:
        return True
    neighbor = listed.most_frequent_neighbor(key)
    return neighbor is None or neighbor > frequency - NEIGHBOR_RATIO
