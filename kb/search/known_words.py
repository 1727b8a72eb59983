"""Known words, which are never respelled even if no incident contains them.

A word is known if it is in the list of a language, is a form of a word in it, is a number, or was added by
the caller. The lists come from the web, and contain frequent misspellings. So an uncommon word is known only
if no word one edit away is many times as frequent: `recieve` is in the list, but `receive` is a hundred times
as frequent, while `Balenciaga` has no such neighbor.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from kb.caches import text_cache
from kb.derived_files import derived
from kb.domain.language import primary_subtag
from kb.search.hebrew import MIN_STEM_LENGTH, PARTICLES
from kb.search.word_lists import MAX_CENTIBELS, has_word_list, spelling_key, word_list
from kb.search.words import UNSPACED, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMES = """
    Allbirds Arkia Asda Asos Axios BASF Belvita Bershka Bezeq Bulgari Calcalist Cellcom Cinnabon Deezer
    Dutti Ellesse Entenmann's Fanta Fattal Fila Foodora Getir Glovo Gopuff Hapoalim Hatzi Hinam Isracard
    Israir Keshet Kfar Kmart Mako Manscaped Mattel Mentos Metropoline Miele Milka Missguided Monoprix
    Oatly Olay Osem Otrivin Pampers Pelephone Persil Petah Plein Primark Rayban Renuar Reshet Revolut
    Sano Shein Shufersal Sonos Speedo Ssense Stabilo Substack Swatch Taboola Tampax Tefahot Telma Temu
    Thinx Tivtaam Tnuva Twix Veet Viber Vimeo Walla Warby Whiskas Wissotzky Ynet Yochananof Zomato

    Barzilai Ben-Gvir Dror Cardi Deri Kahlon Kirel Lapid Lochte Meloni Milei Orbán Peres Rabin Sanna Smotrich
    Sunak Zelenskyy Zelensky

    Odesa Zaporizhzhia

    טיבטעם ריבוק פייבוקס תןביס יאנגו פייבר צאקרברג באלנסיאגה ביסלי מילקי מנטוס ראיינאייר וויזאייר
    אינפלואנסר
"""
"""Brands, people and places that the word lists lack, or that are one edit from a far more frequent word:
Mattel, matter."""

COMMON = 600
"""Up to this rarity in centibels (one in a million), a word is known whatever its neighbors."""

NEIGHBOR_RATIO = 150
"""A rare word is a typo if a neighbor is more frequent by more than this many centibels (30 times)."""

_MAX_LISTS = 3
"""Maximum number of languages besides English and Hebrew to look a word up in: loading a list takes a second
or two, once."""

_MIN_NEIGHBOR_LENGTH = 4  # shorter words have too many neighbors
_MIN_SINGULAR_LENGTH = 4
_MAX_PARTICLES = 3
# Maximum rarity, in centibels, of a Hebrew word without its particles, by length: the shorter it is, the more
# typos end in such a word.
_MAX_REST_CENTIBELS = {3: 510, 4: 520}
_MAX_LONG_REST_CENTIBELS = 680
_HEBREW = re.compile("[א-ת]")
_CAMEL_CASE = re.compile("(?<=[a-z])(?=[A-Z])")


class KnownWords:
    """The words of all languages that have a list, plus extra ones."""

    def __init__(self, extra: Iterable[str] = ()) -> None:
        """Add extra words or phrases, such as the entries of synonyms."""
        entries = (_NAMES, *extra)
        inputs = "\n".join(entries).encode("utf-8", "surrogatepass")
        keys = derived("known-words", [inputs], lambda: _keys(entries)) if entries[1:] else _keys(entries)
        self._extra = frozenset(keys)

    def is_known(self, word: str, languages: Iterable[str]) -> bool:
        """Whether a typed word is a word of these languages, of English, or (in its script) of Hebrew.

        Each part of a compound must be known. Numbers, signs, emoji and scripts without spaces are known,
        because they cannot be respelled.
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


def _keys(entries: Iterable[str]) -> list[str]:
    """The spelling keys of all words of some entries."""
    return [*{spelling_key(word) for entry in entries for word in words(entry)}]


@text_cache(10_000)
def _is_listed(word: str, languages: tuple[str, ...]) -> bool:
    """Whether a word, or a word that it is a form of, is in a list and is not a typo."""
    key = spelling_key(word)
    searched = ["he"] if _HEBREW.search(key) else ["en", *languages]
    spellings = [(key, MAX_CENTIBELS), *_bases(key)]
    return any(_is_word(spelling, language, limit) for language in searched for spelling, limit in spellings)


def _bases(key: str) -> Iterator[tuple[str, int]]:
    """Yield the words that a word may be a form of: without an s at the end, or without Hebrew particles.

    Each comes with the rarity, in centibels, up to which it counts.
    """
    if key.endswith("s") and len(key) > _MIN_SINGULAR_LENGTH:
        yield key[:-1], MAX_CENTIBELS
    for count in range(1, min(_MAX_PARTICLES, len(key) - MIN_STEM_LENGTH) + 1):
        if key[count - 1] not in PARTICLES:
            return
        yield key[count:], _MAX_REST_CENTIBELS.get(len(key) - count, _MAX_LONG_REST_CENTIBELS)


def _is_word(key: str, language: str, limit: int) -> bool:
    """Whether a word is in the list of a language, is at most `limit` centibels rare, and is not a typo."""
    listed = word_list(language)
    frequency = listed.centibels(key) if listed else None
    if listed is None or frequency is None or frequency > limit:
        return False
    if frequency <= COMMON or len(key) < _MIN_NEIGHBOR_LENGTH:
        return True
    neighbor = listed.most_frequent_neighbor(key)
    return neighbor is None or neighbor > frequency - NEIGHBOR_RATIO
