"""From text to index terms: words, normalized, stemmed by the language that they are in."""

from __future__ import annotations

import re
import sys
import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import snowballstemmer

from kb.domain.language import primary_subtag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_WORD = 100
"""A longer run of letters is cut: it is no word, and stemming it is slow."""

_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
"""The languages that Snowball stems, by primary subtag."""

_ENGLISH_STOPWORDS = frozenset(
    "a an and are as at be been but by for from had has have he her his i if in into is it its me my no not "
    "of on or our she so that the their them then there these they this to was we were what when which who "
    "will with you your".split()
)
_HEBREW_STOPWORDS = frozenset(
    "של את על עם זה זו זאת הוא היא הם הן לא כי או גם אם אל כל יש אין היה היתה הייתה".split()
)
_STOPWORDS = _ENGLISH_STOPWORDS | _HEBREW_STOPWORDS

# Marks that combine with a letter (niqqud, harakat, Indic vowels) and invisible direction marks stand inside
# words, and `\w` leaves them out.
_MARKS = "".join(
    f"\\u{code:04x}"
    for code in range(0x0300, 0xFE30)
    if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me")
)
_BIDI = "\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\u061c"
_LETTER = f"[^\\W_]|[{_MARKS}{_BIDI}]"
_WORD = re.compile(
    f"[^\\W_](?:{_LETTER})*"
    # an apostrophe or geresh within a word, gershayim before the last letters of a Hebrew acronym
    f"(?:(?:['’‘׳`]|(?<=[\u05d0-\u05ea])[\"״”](?=[\u05d0-\u05ea]))(?:{_LETTER})+)*"
)
_INVISIBLE = re.compile(f"[{_BIDI}\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")
_JOINERS = re.compile("[’‘`]")
_HEBREW_JOINERS = re.compile("['׳\"״”]")
_FINAL_LETTERS = str.maketrans("ךםןףץ", "כמנפצ")
_HEBREW = re.compile("[\u05d0-\u05ea]")

_stemmers = threading.local()


class Token(NamedTuple):
    """A word of a text: the index term that it becomes, and where it stands."""

    term: str
    start: int
    end: int


def normalize(word: str) -> str:
    """One word without what spelling varies in: case, width, accents of Hebrew, quotes, final letters."""
    word = unicodedata.normalize("NFKC", _INVISIBLE.sub("", word[:MAX_WORD])).casefold()
    if _HEBREW.search(word):
        return _HEBREW_JOINERS.sub("", _JOINERS.sub("'", word)).translate(_FINAL_LETTERS)
    return _JOINERS.sub("'", word)


def is_hebrew(term: str) -> bool:
    """Whether a normalized word is to be treated by the rules of Hebrew."""
    return _HEBREW.search(term) is not None


@lru_cache(maxsize=50_000)
def index_term(word: str, language: str) -> str:
    """The term under which a word of a text in this language (a primary subtag) is indexed.

    Hebrew is indexed as it is written: its forms are brought together when a query is expanded.
    """
    normal = normalize(word)
    if is_hebrew(normal):
        return sys.intern(normal)
    algorithm = _SNOWBALL.get(language)
    if algorithm is None:
        return sys.intern(normal.replace("'", ""))
    return sys.intern(_stemmer(algorithm).stemWord(normal).replace("'", ""))


def _stemmer(algorithm: str) -> snowballstemmer.stemmer:
    """A stemmer of this thread's own: they keep state while they work."""
    stemmers: dict[str, snowballstemmer.stemmer] = _stemmers.__dict__
    if algorithm not in stemmers:
        stemmers[algorithm] = snowballstemmer.stemmer(algorithm)
    return stemmers[algorithm]


def words(text: str) -> list[str]:
    """The words of a text as they are written."""
    return _WORD.findall(text)


def tokens(text: str, language: str) -> Iterator[Token]:
    """The words of a text with their terms and places."""
    language = primary_subtag(language)
    for match in _WORD.finditer(text):
        yield Token(index_term(match.group(), language), match.start(), match.end())


def terms(text: str, language: str) -> list[str]:
    """The index terms of a text, in order."""
    language = primary_subtag(language)
    return [term for word in _WORD.findall(text) if (term := index_term(word, language))]


def query_terms(word: str, languages: Iterable[str]) -> frozenset[str]:
    """Every term that a word of a query may be indexed under, in an index that holds these languages."""
    return frozenset(index_term(word, primary_subtag(tag)) for tag in languages) - {""}


def without_stopwords(query_words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that tell documents apart; all of them, when there is no other."""
    telling = tuple(word for word in query_words if normalize(word) not in _STOPWORDS)
    return telling or query_words
