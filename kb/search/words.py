"""Words: the tokens that a text is split into, as written.

A word is a run of letters and digits, with the apostrophes, accents and invisible characters inside it; a
number with the separators of its thousands; an emoji; a percent or currency sign beside a number.
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

# 1,300,000; 1.300.000; 1'300'000; with a space that breaks lines, only from a million on: 1 300 000
_NUMBER = r"\d{1,3}(?:(?:[,.'’\u00a0\u2009\u202f]\d{3})+|(?: \d{3}){2,})(?!\d)"
CURRENCIES = "$€£¥₪₹₽₩₺฿"
_SIGN = (
    rf"[{CURRENCIES}](?=[{INVISIBLE}]*[ \u00a0]?\d)"
    rf"|(?:(?<=\d)|(?<=\d[ \u00a0{INVISIBLE}]))[{CURRENCIES}%٪‰％]"
)
# Without those that are typography, such as © or arrows
_PICTOGRAPH = (
    "[\u231a-\u23ff\u2600-\u27bf\u2b05-\u2b55\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_MODIFIERS = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*"
_EMOJI = (
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    f"|{_PICTOGRAPH}{_MODIFIERS}(?:\u200d{_PICTOGRAPH}{_MODIFIERS})*"
)
# Before the last letters of a Hebrew acronym; points and direction marks may stand between
_GERSHAYIM = (
    rf"(?:(?<={_HEBREW_LETTER})|(?<={_HEBREW_LETTER}[{COMBINING}{INVISIBLE}]))"
    rf"(?:[\"״”“″]|['’׳]{{2}})(?=[{INVISIBLE}]*{_HEBREW_LETTER})"
)
WORD = re.compile(
    rf"(?:[^\W\d_]|{_NUMBER}|\d){_LETTERS}"
    rf"(?:(?:['’‘׳`ʼ]|{_GERSHAYIM})(?={_LETTER}){_LETTERS})*"  # an apostrophe or geresh within a word
    rf"|{_EMOJI}|{_SIGN}"
)

# Scripts that are written without spaces: Han, kana, Thai, Lao, Khmer, Burmese; and Hangul, whose words carry
# their particles. Runs of them are tokenized as overlapping bigrams.
UNSPACED = re.compile(
    "[\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u109f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007\u3041-\u30ff"
    "\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]+"
)
# All scripts of UNSPACED lie in this range: it rules most texts out in a third of the time.
_MAYBE_UNSPACED = re.compile("[\u0e01-\u1fff\u2c00-\U0010ffff]")

_CAPITALIZES_NOUNS = frozenset({"de", "lb"})
_WITHIN_SENTENCE = re.compile("(?<=[a-z,;] )[A-ZÀ-ÖØ-Þ]")
_VOICING_MARKS = frozenset("\u3099\u309a\uff9e\uff9f")

_TAG_SIGNS = "#@＃＠"
_TAGGED = re.compile(f"(?<=[{_TAG_SIGNS}])(?:{_LETTER})+")


def words(text: str) -> list[str]:
    """The words of a text as written; a run of a script without spaces is one word."""
    return WORD.findall(text)


def token_spans(word: str) -> Iterator[tuple[int, int]]:
    """The start and end offsets of the tokens in a word.

    A word is one token, but for its runs of a script without spaces, which are tokenized as bigrams. A kana
    and its voicing mark are one letter.
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
    """The words of a text that are written as names.

    With `whole`, all of it is a name. Otherwise a capital within a sentence begins one, except in languages
    that write all nouns with a capital.
    """
    if whole:
        yield from WORD.finditer(text)
    elif primary_subtag(language) not in _CAPITALIZES_NOUNS:
        for capital in _WITHIN_SENTENCE.finditer(text):
            word = WORD.match(text, capital.start())
            if word is not None:
                yield word


def tags_with_parts(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """The hashtags and handles of a text that capitals divide into words, with these: `#ShareYourSecret`."""
    for match in _TAGGED.finditer(text):
        parts = split_at_capitals(match.group())
        if len(parts) > 1:
            yield match, parts


def split_at_capitals(word: str) -> list[str]:
    """The words that capitals and digits divide a word into: `NYCPride2018` -> `NYC`, `Pride`, `2018`."""
    word = strip_invisible(word)
    cuts = [at for at in range(1, len(word)) if _is_cut(word[at - 1], word[at], word[at + 1 : at + 2])]
    return [word[start:end] for start, end in pairwise([0, *cuts, len(word)])]


def _is_cut(before: str, here: str, after: str) -> bool:
    if here.isupper() and before.isalpha():
        return before.islower() or (before.isupper() and after.islower())
    return before.isdigit() != here.isdigit() and before.isalnum() and here.isalnum()
