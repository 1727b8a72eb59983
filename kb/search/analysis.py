"""Text analysis: tokenizing, normalizing, and stemming by language."""

from __future__ import annotations

import re
import sys
import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import snowballstemmer
from whoosh.lang.stopwords import stoplists

from kb.domain.language import primary_subtag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MAX_WORD_LENGTH = 100
"""Longer words are cut: they are no words, and stemming them is slow."""

_SNOWBALL_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
"""The Snowball algorithm by language (a primary subtag)."""

_ENGLISH_STOPWORDS = frozenset(
    "a an and are as at be been but by for from had has have he her his i if in into is it its me my no not "
    "of on or our she so that the their them then there these they this to was we were what when which who "
    "will with you your".split()
)
_HEBREW_STOPWORDS = frozenset(
    "של את על עם זה זו זאת הוא היא הם הן לא כי או גם אם אל כל יש אין היה היתה הייתה".split()
)
_STOPWORDS = _ENGLISH_STOPWORDS | _HEBREW_STOPWORDS

# Combining marks (niqqud, harakat, Indic vowels) and invisible direction marks occur inside words, but `\w`
# does not match them.
_MARKS = "".join(
    f"\\u{code:04x}"
    for code in range(0x0300, 0xFE30)
    if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me")
)
BIDI = "\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\u061c"
"""Invisible direction marks, as the inside of a character class."""

_LETTER = f"[^\\W_]|[{_MARKS}{BIDI}]"
WORD = re.compile(
    f"[^\\W_](?:{_LETTER})*"
    # an apostrophe or geresh within a word, gershayim before the last letters of a Hebrew acronym
    f"(?:(?:['’‘׳`]|(?<=[\u05d0-\u05ea])[\"״”](?=[\u05d0-\u05ea]))(?:{_LETTER})+)*"
)
_INVISIBLE = re.compile(f"[{BIDI}\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")
_JOINERS = re.compile("[’‘`]")
_HEBREW_JOINERS = re.compile("['׳\"״”]")
_FINAL_LETTERS = str.maketrans("ךםןףץ", "כמנפצ")
_HEBREW = re.compile("[\u05d0-\u05ea]")

# Scripts that are written without spaces: Han, kana, Thai, Lao, Khmer, Burmese; and Hangul, whose words carry
# their particles. Runs of them are tokenized as overlapping bigrams.
UNSPACED = re.compile(
    "[\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u109f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007\u3041-\u30ff"
    "\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]+"
)

_stemmers = threading.local()


class Token(NamedTuple):
    """A token of a text: its index term, and its start and end offset."""

    term: str
    start: int
    end: int


@lru_cache(maxsize=50_000)
def normalize(word: str) -> str:
    """A word without variations of spelling: case, width, Hebrew points, quotes, final letters."""
    word = unicodedata.normalize("NFKC", _INVISIBLE.sub("", word[:MAX_WORD_LENGTH])).casefold()
    if _HEBREW.search(word):
        return _HEBREW_JOINERS.sub("", _JOINERS.sub("'", word)).translate(_FINAL_LETTERS)
    return _JOINERS.sub("'", word)


def is_hebrew(term: str) -> bool:
    """Whether a normalized word is analyzed as Hebrew."""
    return _HEBREW.search(term) is not None


@lru_cache(maxsize=50_000)
def index_term(word: str, language: str) -> str:
    """The index term of a word in a text of this language (a primary subtag).

    Hebrew words are not stemmed: queries are expanded to their variants instead (kb.search.hebrew).
    """
    normal = normalize(word)
    if is_hebrew(normal):
        return sys.intern(normal)
    algorithm = _SNOWBALL_ALGORITHMS.get(language)
    if algorithm is None:
        return sys.intern(normal.replace("'", ""))
    return sys.intern(_stemmer(algorithm).stemWord(normal).replace("'", ""))


def _stemmer(algorithm: str) -> snowballstemmer.stemmer:
    """The stemmer of the current thread: stemmers are not thread-safe."""
    stemmers: dict[str, snowballstemmer.stemmer] = _stemmers.__dict__
    if algorithm not in stemmers:
        stemmers[algorithm] = snowballstemmer.stemmer(algorithm)
    return stemmers[algorithm]


def words(text: str) -> list[str]:
    """The words of a text as written; a run of a script without spaces is one word."""
    return WORD.findall(text)


def token_spans(word: str) -> Iterator[tuple[int, int]]:
    """The start and end offsets of the tokens in a word.

    A word is one token, but for its runs of a script without spaces, which are tokenized as bigrams.
    """
    position = 0
    for run in UNSPACED.finditer(word):
        if run.start() > position:
            yield position, run.start()
        if len(run.group()) == 1:
            yield run.start(), run.end()
        for start in range(run.start(), run.end() - 1):
            yield start, start + 2
        position = run.end()
    if position < len(word):
        yield position, len(word)


def split_word(word: str) -> list[str]:
    """The tokens of a query word, unanalyzed."""
    if UNSPACED.search(word) is None:
        return [word]
    return [word[start:end] for start, end in token_spans(word)]


def tokens(text: str, language: str) -> Iterator[Token]:
    """The tokens of a text, in order; the bigrams of a script without spaces overlap."""
    language = primary_subtag(language)
    for match in WORD.finditer(text):
        word, offset = match.group(), match.start()
        if UNSPACED.search(word) is None:
            yield Token(index_term(word, language), offset, match.end())
        else:
            for start, end in token_spans(word):
                yield Token(index_term(word[start:end], language), offset + start, offset + end)


def terms(text: str, language: str) -> list[str]:
    """The index terms of a text, in order, without empty ones."""
    return [token.term for token in tokens(text, language) if token.term]


def query_terms(word: str, languages: Iterable[str]) -> frozenset[str]:
    """The terms that a query word may be indexed under, in an index that holds these languages."""
    return frozenset(index_term(word, primary_subtag(tag)) for tag in languages) - {""}


def informative_terms(query_words: Collection[str], languages: Iterable[str]) -> frozenset[str]:
    """The words of a query without stopwords; all of them, if they are nothing but stopwords.

    Stopwords are those of English and Hebrew, and of the one other language of the index that has most of the
    words on its list.
    """
    normalized = {normalize(word) for word in query_words}
    others = [stoplists[tag] for tag in map(primary_subtag, languages) if tag in stoplists and tag != "en"]
    foreign = max(others, key=lambda stoplist: len(normalized & stoplist), default=frozenset[str]())
    # A single match may be an informative word of another language: die, was.
    if len(normalized & foreign) <= max(1, len(normalized & _STOPWORDS)):
        foreign = frozenset()
    informative = frozenset(word for word in query_words if normalize(word) not in _STOPWORDS | foreign)
    return informative or frozenset(query_words)
