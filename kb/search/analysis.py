"""Text analysis: normalize and stem words to get index terms."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import Stemmer
from whoosh.lang.stopwords import stoplists

from kb.caches import shared, text_cache, word_cache
from kb.domain.language import primary_subtag
from kb.domain.text import INVISIBLE
from kb.search.words import UNSPACED, WORD, split_word, token_spans, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MAX_WORD_LENGTH = 100
"""Longer words are truncated: they are not real words, and stemming them is slow."""

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

_STOPWORD_LIST = """
    a about after all am an and any are as at be been being but by can could did do does for from had has
    have he her here him his how i if in into is it its just me my no not of on or our she should so some
    such than that the their them then there these they this those to too was we were what when where which
    while who whom why will with would you your

    של את על עם זה זו זאת הוא היא הם הן לא כי או גם אם אל כל יש אין היה היתה הייתה היו אני אתה אנחנו שלנו
    שלי שלו שלה שלהם שלכם לנו לי לו לה להם לכם לכולם אבל רק עוד כבר כמו כדי אחרי לפני מה מי איפה איך למה
    האם כך כאשר אשר זהו אלה אלו בין לבין אחר היום מאוד יותר שלא
"""

# Invisible characters, Hebrew points, and the skin tones of emoji
_IGNORED = re.compile(f"[{INVISIBLE}\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\U0001f3fb-\U0001f3ff]")
_THOUSANDS = re.compile("(?<=[0-9])[,.' ](?=[0-9])")
_JOINERS = re.compile("[’‘`ʼʻ]")
_HEBREW_JOINERS = re.compile("['׳\"״”“″]")
_POSSESSIVE = re.compile("'s?$")
# Without their apostrophe, these would become other words: she'll, shell
_ENGLISH_CLITIC = re.compile("'(?:ll|re|ve|d|m)$")
_FINAL_LETTERS = str.maketrans("ךםןףץ", "כמנפצ")
_HEBREW = re.compile("[\u05d0-\u05ea]")
_OTHER_DIGITS = re.compile(r"[^\D0-9]")

_OTHER_SCRIPTS = frozenset("ar bg el fa he hi hy ja ka km ko lo mk my ne ru ta th uk ur yi zh".split())
"""Languages in whose texts a word in Latin letters is foreign, and usually English."""

_stemmers = threading.local()


class Token(NamedTuple):
    """A token of a text: its index term and its start and end offsets."""

    term: str
    start: int
    end: int


class TermCounts(NamedTuple):
    """How often each term occurs, and its first spelling, case-folded, in order of appearance."""

    counts: Counter[str]
    spellings: dict[str, str]


@word_cache(12_000)
def normalize(word: str) -> str:
    """Remove variations of spelling from a word: case, width, Hebrew points, quotes, final letters."""
    if word.isascii():
        word = word[:MAX_WORD_LENGTH].lower()
    else:
        # Normalization splits presentation forms into letters and points.
        word = _IGNORED.sub("", unicodedata.normalize("NFKC", _IGNORED.sub("", word)[:MAX_WORD_LENGTH]))
        word = _JOINERS.sub("'", _OTHER_DIGITS.sub(_ascii_digit, word.casefold()))
        if _HEBREW.search(word):
            return _HEBREW_JOINERS.sub("", word).translate(_FINAL_LETTERS)
    return _THOUSANDS.sub("", word) if word[:1].isdigit() else word


def _ascii_digit(digit: re.Match[str]) -> str:
    return str(unicodedata.decimal(digit[0]))


_STOPWORDS = frozenset(map(normalize, _STOPWORD_LIST.split()))


def is_hebrew(term: str) -> bool:
    """Whether a normalized word is analyzed as Hebrew."""
    return _HEBREW.search(term) is not None


@text_cache(8_000)
def index_term(word: str, language: str) -> str:
    """Return the index term of a word in a text of this language (a primary subtag).

    Hebrew words are not stemmed: queries are expanded to their variants instead (kb.search.hebrew).
    """
    normal = normalize(word)
    if is_hebrew(normal):
        return shared(normal)
    if language in _OTHER_SCRIPTS and normal[:1].isascii():
        language = "en"
    algorithm = _SNOWBALL_ALGORITHMS.get(language)
    if language == "en" and _ENGLISH_CLITIC.search(normal):
        return shared(normal)
    if algorithm is None:
        return shared(_POSSESSIVE.sub("", normal).replace("'", ""))
    return shared(_stemmer(algorithm).stemWord(normal).replace("'", ""))


def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    """The stemmer of the current thread: stemmers are not thread-safe.

    Its own cache is off, because `index_term` is cached.
    """
    stemmers: dict[str, Stemmer.Stemmer] = _stemmers.__dict__
    if algorithm not in stemmers:
        stemmers[algorithm] = Stemmer.Stemmer(algorithm, 0)
    return stemmers[algorithm]


def tokens(text: str, language: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of a text from an offset on, in order; bigrams of a script without spaces overlap."""
    language = primary_subtag(language)
    for match in WORD.finditer(text, start):
        word, offset = match.group(), match.start()
        if UNSPACED.search(word) is None:
            yield Token(index_term(word, language), offset, match.end())
        else:
            for first, last in token_spans(word):
                yield Token(index_term(word[first:last], language), offset + first, offset + last)


def query_terms(word: str, languages: Iterable[str]) -> frozenset[str]:
    """The terms that a query word may be indexed under, in an index that holds these languages."""
    return frozenset(index_term(word, primary_subtag(tag)) for tag in languages) - {""}


def is_stopword(word: str) -> bool:
    """Whether a normalized word is a stopword of English or Hebrew."""
    return word in _STOPWORDS


def informative_terms(query_words: Collection[str], languages: Iterable[str]) -> frozenset[str]:
    """The words of a query without stopwords; all of them if there are only stopwords.

    Stopwords are English, Hebrew, and of one more language of the index: the one whose list has most of the
    words.
    """
    normal_forms = {word: normalize(word) for word in query_words}
    normalized = set(normal_forms.values())
    others = [stoplists[tag] for tag in map(primary_subtag, languages) if tag in stoplists and tag != "en"]
    foreign = max(others, key=lambda stoplist: len(normalized & stoplist), default=frozenset[str]())
    # A single match may be an informative word of another language: die, was.
    if len(normalized & foreign) <= max(1, len(normalized & _STOPWORDS)):
        foreign = frozenset()
    stopwords = _STOPWORDS | foreign
    informative = frozenset(word for word, normal in normal_forms.items() if normal not in stopwords)
    return informative or frozenset(query_words)


def count_informative_terms(texts: Iterable[tuple[str, str]], languages: Iterable[str]) -> TermCounts:
    """Count the terms of texts, each with its language, without stopwords and single letters or digits.

    Stopwords are as in `informative_terms` for an index that holds these languages.
    """
    # Each word is analyzed once, since a long text repeats most of its words.
    found: Counter[tuple[str, str]] = Counter()
    for language, text in texts:
        found.update(zip(repeat(primary_subtag(language)), words(text)))
    counts: Counter[str] = Counter()
    spellings: dict[str, str] = {}
    for (language, word), count in found.items():
        for part in split_word(word):
            term = index_term(part, language)
            counts[term] += count
            spellings.setdefault(term, part.casefold())
    informative = informative_terms(spellings, languages)
    for term in [*spellings]:
        if term not in informative or (len(term) == 1 and term.isalnum()):
            del counts[term], spellings[term]
    return TermCounts(counts, spellings)
