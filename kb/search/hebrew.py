"""Hebrew without a dictionary: a query's word stands for all words of the index that share a core with it.

Texts are indexed as they are written. Each word has keys: itself, without prefixed particles, without
suffixes. Words with a key in common are taken for forms of one word. Since this happens when a query comes,
better rules need no new index.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kb.search.analysis import is_hebrew

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXPANSION_WEIGHT = 0.6
"""What a form counts beside the exact word, at 1."""

SHORTEST_CORE = 3
MOST_FORMS = 32

_PARTICLES = frozenset("והבכלמש")
_MOST_PARTICLES = 3
# plural, feminine and possessive endings, final letters folded, the longest first
_SUFFIXES = tuple("ותיהמ ותיהנ ותינו ותיו ותיה יהמ יהנ יות ימ ות יו יה ית נו כמ תי ה ת י ו כ מ נ".split())


def keys(word: str) -> frozenset[str]:
    """The cores that a normalized Hebrew word may have, itself among them."""
    found = set()
    for core in _without_particles(word):
        found.add(core)
        found.update(
            core[: -len(suffix)]
            for suffix in _SUFFIXES
            if core.endswith(suffix) and len(core) - len(suffix) >= SHORTEST_CORE
        )
    return frozenset(found)


def _without_particles(word: str) -> Iterator[str]:
    yield word
    for count in range(1, _MOST_PARTICLES + 1):
        if word[count - 1 : count] not in _PARTICLES or len(word) - count < SHORTEST_CORE:
            return
        yield word[count:]


class Vocabulary:
    """The Hebrew words of an index, by their keys."""

    def __init__(self, index_words: Iterable[str]) -> None:
        by_key: dict[str, list[str]] = defaultdict(list)
        for word in index_words:
            if is_hebrew(word):
                for key in keys(word):
                    by_key[key].append(word)
        self._by_key = dict(by_key)

    def forms(self, word: str) -> tuple[str, ...]:
        """Other words of the index that may be forms of a normalized word, the nearest in length first."""
        related = {form for key in keys(word) for form in self._by_key.get(key, ())} - {word}
        return nearest_forms(word, related)


def nearest_forms(word: str, forms: Iterable[str]) -> tuple[str, ...]:
    """At most MOST_FORMS of the forms of a word, the nearest in length first."""
    return tuple(sorted(forms, key=lambda form: (abs(len(form) - len(word)), form)))[:MOST_FORMS]
