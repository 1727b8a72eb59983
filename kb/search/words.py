"""Words: the tokens that a text is split into, as written.

A word is a run of letters and digits, with the apostrophes, accents and invisible characters inside it; a
number with its thousands separators; an emoji; or a percent or currency sign next to a number.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from kb.domain.language import primary_subtag
from kb.domain.text import COMBINING, INVISIBLE, strip_invisible

if TYPE_CHECKING:
    from collections.abc import Iterator

_LETTER = rf"[^\W_]|[{COMBINING}{INVISIBLE}]"
# Any number of them, in two thirds of the time that alternatives take.
_LETTERS = rf"[^\W_]*(?:[{COMBINING}{INVISIBLE}]+[^\W_]*)*"
_HEBREW_LETTER = "[\u05d0-\u05ea]"

# 1,300,000; 1.300.000; 1'300'000; with a breaking space only from a million on: 1 300 000
_NUMBER = r"\d{1,3}(?:(?:[,.'’\u00a0\u2009\u202f]\d{3})+|(?: \d{3}){2,})(?!\d)"
CURRENCIES = "$€£¥₪₹₽₩₺฿"
_SIGN = (
    rf"[{CURRENCIES}](?=[{INVISIBLE}]*[ \u00a0]?\d)"
    rf"|(?:(?<=\d)|(?<=\d[ \u00a0{INVISIBLE}]))[{CURRENCIES}%٪‰％]"
)
# Excludes typographic symbols such as © or arrows
_PICTOGRAPH = (
    "[\u231a-\u23ff\u2600-\u27bf\u2b05-\u2b55\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_MODIFIERS = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*"
_EMOJI = (
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    f"|{_PICTOGRAPH}{_MODIFIERS}(?:\u200d{_PICTOGRAPH}{_MODIFIERS})*"
)
# Before the last letters of a Hebrew acronym; points and direction marks may come between
_GERSHAYIM = (
    rf"(?:(?<={_HEBREW_LETTER})|(?<={_HEBREW_LETTER}[{COMBINING}{INVISIBLE}]))"
    rf"(?:[\"״”“″]|['’׳]{{2}})(?=[{INVISIBLE}]*{_HEBREW_LETTER})"
)
WORD = re.compile(
    rf"(?:[^\W\d_]|{_NUMBER}|\d){_LETTERS}"
    rf"(?:(?:['’‘׳`ʼ]|{_GERSHAYIM})(?={_LETTER}){_LETTERS})*"  # an apostrophe or geresh within a word
    rf"|{_EMOJI}|{_SIGN}"
)

_ASCII_WORD = re.compile(
    r"(?:[A-Za-z]|[0-9]{1,3}(?:(?:[,.'][0-9]{3})+|(?: [0-9]{3}){2,})(?![0-9])|[0-9])[0-9A-Za-z]*"
    r"(?:['`][0-9A-Za-z]+)*"
    r"|\$(?= ?[0-9])|(?:(?<=[0-9])|(?<=[0-9] ))[$%]"
)
"""What WORD finds in a text of ASCII characters, in half the time."""

# Scripts without spaces (Han, kana, Thai, Lao, Khmer, Burmese), and Hangul, whose words carry their
# particles. Runs of them are tokenized as overlapping bigrams.
UNSPACED = re.compile(
    "[\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u109f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007\u3041-\u30ff"
    "\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]+"
)
# A prefilter: all scripts of UNSPACED are in this range, and it rejects most texts three times as fast.
_MAYBE_UNSPACED = re.compile("[\u0e01-\u1fff\u2c00-\U0010ffff]")

_CAPITALIZES_NOUNS = frozenset({"de", "lb"})
_WITHIN_SENTENCE = re.compile("(?<=[a-z,;] )[A-ZÀ-ÖØ-Þ]")
_VOICING_MARKS = frozenset("\u3099\u309a\uff9e\uff9f")

_TAG_SIGNS = "#@＃＠"
_TAGGED = re.compile(f"(?<=[{_TAG_SIGNS}])(?:{_LETTER})+")


def words(text: str) -> list[str]:
    """The words of a text as written; a run of a script without spaces is one word."""
    return (_ASCII_WORD if text.isascii() else WORD).findall(text)


def word_matches(text: str) -> Iterator[re.Match[str]]:
    """Yield the `words` of a text with their offsets."""
    return (_ASCII_WORD if text.isascii() else WORD).finditer(text)


def token_spans(word: str) -> Iterator[tuple[int, int]]:
    """The start and end offsets of the tokens in a word.

    A word is one token, except that runs of a script without spaces are tokenized as bigrams. A kana and its
    voicing mark count as one letter.
    """
    position = 0
    for run in UNSPACED.finditer(word):
        if run.start() > position:
            yield position, run.start()
        starts = [at for at in range(*run.span()) if at == run.start() or word[at] not in _VOICING_MARKS]
        yield from zip(starts, [*starts[2:], run.end()], strict=False)
        position = run.end()
    if position < len(word):
        yield position, len(word)


def split_word(word: str) -> list[str]:
    """The tokens of a query word, unanalyzed."""
    if UNSPACED.search(word) is None:
        return [word]
    return [word[start:end] for start, end in token_spans(word)]


def is_tagged(text: str, start: int) -> bool:
    """Whether the word at an offset is a hashtag or a handle."""
    return start > 0 and text[start - 1] in _TAG_SIGNS


def has_unspaced(text: str) -> bool:
    """Whether a text has words in a script without spaces between them."""
    return not text.isascii() and bool(_MAYBE_UNSPACED.search(text) and UNSPACED.search(text))


def has_tags(text: str) -> bool:
    """Whether a text may have hashtags or handles."""
    return any(sign in text for sign in _TAG_SIGNS)


def names_in(text: str, language: str, *, whole: bool) -> Iterator[re.Match[str]]:
    """Yield the words of a text that are written as names.

    With `whole`, all of the text is a name. Otherwise a capital within a sentence begins one, except in
    languages that capitalize all nouns.
    """
    if whole:
        yield from WORD.finditer(text)
    elif primary_subtag(language) not in _CAPITALIZES_NOUNS:
        for capital in _WITHIN_SENTENCE.finditer(text):
            word = WORD.match(text, capital.start())
            if word is not None:
                yield word


def tags_with_parts(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Yield the hashtags and handles that split at capitals, with their words: `#ShareYourSecret`."""
    for match in _TAGGED.finditer(text):
        parts = split_at_capitals(match.group())
        if len(parts) > 1:
            yield match, parts


def split_at_capitals(word: str) -> list[str]:
    """Split a word at capitals and digits: `NYCPride2018` -> `NYC`, `Pride`, `2018`."""
    word = strip_invisible(word)
    cuts = [at for at in range(1, len(word)) if _is_cut(word[at - 1], word[at], word[at + 1 : at + 2])]
    return [word[start:end] for start, end in pairwise([0, *cuts, len(word)])]


def _is_cut(before: str, here: str, after: str) -> bool:
    if here.isupper() and before.isalpha():
        return before.islower() or (before.isupper() and after.islower())
    return before.isdigit() != here.isdigit() and before.isalnum() and here.isalnum()
