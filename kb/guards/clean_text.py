"""Undisguised text, with offsets that map a position in it back to the text as sent.

Words cannot be hidden by invisible characters between letters, by Hebrew points, by a line through the
letters, nor by look-alike letters of another script.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.text import INVISIBLE
from kb.search.words import CURRENCIES, WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARKS = "\u0335-\u0338\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
"""Hebrew points, and lines through a letter. No pattern expects them within a word."""

_INVISIBLE = re.compile(f"[{INVISIBLE}{_MARKS}]")
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that are drawn as a space: between words they are one."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNCOMMON = re.compile("[^\x00-\x7fא-ת‘-”–—₪]")
"""Characters that cleaning may change: all but the few that make up nearly every post."""

_FOREIGN_LETTER = re.compile("[Ͱ-ԯ]")
_FOREIGN_WORD = re.compile("(?<![A-Za-zͰ-ԯ])[A-Za-z]*[Ͱ-ԯ][A-Za-zͰ-ԯ]*")
_LATIN = re.compile("[A-Za-z]")
_REPLACEMENT = "\ufffd"

LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеіјѕорсухһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναι",
    "ABESIJKMHOPCTYXaeijsopcyxhdqwABEZHIKMNOPTYXovai",
)
"""Maps Cyrillic and Greek letters to the Latin ones that they look like."""

# The lookahead rules out a space, which is every fifth character, at once.
_TOKEN = re.compile(rf"(?=\S)(?:({WORD.pattern})|([^\w\s])\2*|\S)")
_DOUBLED_CURRENCY = re.compile(rf"([{CURRENCIES}])\1")


class Span(NamedTuple):
    """A part of a draft's text as sent: start and exclusive end, in code points."""

    start: int
    end: int


@dataclass(frozen=True)
class CleanText:
    """An undisguised text. `offsets` maps each of its characters, and its end, to the text as sent."""

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """Map a part of this text to a span of the text as sent."""
        if start >= end:
            return Span(self.offsets[start], self.offsets[start])
        return Span(self.offsets[start], self.offsets[end - 1] + 1)

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    @cached_property
    def _tokens(self) -> Sequence[re.Match[str]]:
        """Its words, runs of one sign, and other characters."""
        return [*_TOKEN.finditer(self.text)]

    def words(self) -> list[tuple[int, int]]:
        """The offsets of its words, in order."""
        if _DOUBLED_CURRENCY.search(self.text):  # the last of such a run may be the sign of a number: $$5
            return [word.span() for word in WORD.finditer(self.text)]
        return [token.span() for token in self._tokens if token.lastindex == 1]

    @cached_property
    def spaced(self) -> SpacedText:
        """The text with spaces around words and signs."""
        return SpacedText(self.text, self.offsets, self._tokens)


class SpacedText:
    """A text in lower case with single spaces around each word and each run of one sign, also at both ends.

    So ` word ` in a pattern matches a whole word in any script; RE2's `\\b` only knows ASCII.
    """

    def __init__(self, text: str, offsets: Sequence[int], tokens: Sequence[re.Match[str]]) -> None:
        """Take a clean text, its offsets in the text as sent, and its tokens."""
        # Not the clean text itself, which refers to this: in a cycle, both would outlive their draft.
        self._text, self._offsets, self._tokens = text, offsets, tokens
        words = [token[0] for token in tokens]
        self.text = f" {' '.join(words)} ".lower() if tokens else " "

    def span(self, start: int, end: int) -> Span:
        """Map a part of this text to a span of the text as sent."""
        first = self.offset(start)
        return Span(first, self.offset(end - 1) + 1 if start < end else first)

    def offset(self, position: int) -> int:
        """The offset of a character in the text as sent; for a space, of the character before it."""
        if not 0 < position < len(self.text):
            return self._offsets[-1] if position else 0
        number = bisect_right(self._starts, position) - 1
        (start, end), token = self._tokens[number].span(), self._tokens[number][0]
        within = position - self._starts[number]
        if len(token.lower()) != len(token):
            within = bisect_right([*accumulate(len(letter.lower()) for letter in token)], within)
        return self._offsets[min(start + within, end - 1)]

    @cached_property
    def _starts(self) -> list[int]:
        """The offsets in this text at which the tokens begin."""
        text = self._text
        if len(text.lower()) == len(text):
            lengths = (len(token[0]) + 1 for token in self._tokens)
        else:  # a capital whose lower case is two characters: İ
            lengths = (len(token[0].lower()) + 1 for token in self._tokens)
        return [*accumulate(lengths, initial=1)]


def clean(text: str) -> CleanText:
    """Remove invisible characters and marks, normalize compatibility forms, and replace look-alikes."""
    characters = () if text.isascii() else {*_UNCOMMON.findall(text)}
    different = {each: form for each in characters if (form := _plain_form(each)) != each}
    if not different:
        return CleanText(_without_lookalikes(text), range(len(text) + 1))
    cleaned: list[str] = []
    offsets: list[int] = []
    start = 0
    for position in sorted(chain.from_iterable(_occurrences(each, text) for each in different)):
        form = different[text[position]]
        cleaned += text[start:position], form
        offsets += range(start, position)
        offsets += repeat(position, len(form))
        start = position + 1
    offsets += range(start, len(text) + 1)
    return CleanText(_without_lookalikes("".join((*cleaned, text[start:]))), offsets)


def _plain_form(character: str) -> str:
    """The NFKC form of a character: nothing for an invisible one, U+FFFD for a surrogate."""
    if character in _BLANK_LETTERS:
        return " "
    return _SURROGATE.sub(_REPLACEMENT, _INVISIBLE.sub("", unicodedata.normalize("NFKC", character)))


def _occurrences(character: str, text: str) -> Iterator[int]:
    """The offsets of a character in a text."""
    position = text.find(character)
    while position >= 0:
        yield position
        position = text.find(character, position + 1)


def _without_lookalikes(text: str) -> str:
    """Replace look-alikes in words of mixed scripts, and in words of nothing but look-alikes, if no word of
    the text is really in the other script."""
    if _FOREIGN_LETTER.search(text) is None:  # as in nearly all: finding words takes ten times as long
        return text
    words = _FOREIGN_WORD.findall(text)
    is_foreign = any(
        _LATIN.search(word) is None and not word.translate(LOOKALIKES).isascii() for word in words
    )

    def replace(match: re.Match[str]) -> str:
        word = match.group()
        latin = word.translate(LOOKALIKES)
        if not latin.isascii():
            return word
        return latin if _LATIN.search(word) or not is_foreign else word

    return _FOREIGN_WORD.sub(replace, text)
