"""Text without disguise, and the way back: what is found in it is reported in the text as sent.

Invisible characters between letters do not hide a word, nor do letters of another script that look alike.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, count, repeat
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.text import INVISIBLE
from kb.search.words import CURRENCIES, WORD

if TYPE_CHECKING:
    from collections.abc import Sequence

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DISGUISE = re.compile(f"[{INVISIBLE}\ud800-\udfff]")
_FOREIGN_LETTER = re.compile("[Ͱ-ԯ]")
_FOREIGN_WORD = re.compile("(?<![A-Za-zͰ-ԯ])[A-Za-z]*[Ͱ-ԯ][A-Za-zͰ-ԯ]*")
_LATIN = re.compile("[A-Za-z]")
_REPLACEMENT = "\ufffd"

LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеіјѕорсухһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναι",
    "ABESIJKMHOPCTYXaeijsopcyxhdqwABEZHIKMNOPTYXovai",
)
"""Letters of Cyrillic and Greek that look like Latin ones."""

# At a space, which is every fifth place, the first sign tells that nothing begins.
_TOKEN = re.compile(rf"(?=\S)(?:({WORD.pattern})|([^\w\s])\2*|\S)")
_DOUBLED_CURRENCY = re.compile(rf"([{CURRENCIES}])\1")


class Span(NamedTuple):
    """A part of a draft's text as sent: the offsets of its first code point and of the one after its last."""

    start: int
    end: int


@dataclass(frozen=True)
class CleanText:
    """A text without disguise. `offsets` are those of its characters in the text as sent, and its length."""

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """The part of the text as sent that a part of this one stands for."""
        if start >= end:
            return Span(self.offsets[start], self.offsets[start])
        return Span(self.offsets[start], self.offsets[end - 1] + 1)

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    @cached_property
    def _tokens(self) -> Sequence[re.Match[str]]:
        """Its words, runs of one sign, and other signs."""
        return [*_TOKEN.finditer(self.text)]

    def words(self) -> list[tuple[int, int]]:
        """The places of its words, in order."""
        if _DOUBLED_CURRENCY.search(self.text):  # the last of such a run may be the sign of a number: $$5
            return [word.span() for word in WORD.finditer(self.text)]
        return [token.span() for token in self._tokens if token.lastindex == 1]

    @cached_property
    def spaced(self) -> SpacedText:
        """Its words and signs apart."""
        return SpacedText(self.text, self.offsets, self._tokens)


class SpacedText:
    """A text in lower case, each word and each run of one sign between single spaces, also at both ends.

    So ` word ` in a pattern is a word, whatever stands beside it: RE2's `\\b` knows ASCII only.
    """

    def __init__(self, text: str, offsets: Sequence[int], tokens: Sequence[re.Match[str]]) -> None:
        """Take a clean text, its offsets in the text as sent, and its tokens."""
        # Not the clean text itself, which keeps this: in a cycle, both would outlive their draft.
        self._text, self._offsets, self._tokens = text, offsets, tokens
        words = [token[0] for token in tokens]
        self.text = f" {' '.join(words)} ".lower() if tokens else " "

    def span(self, start: int, end: int) -> Span:
        """The part of the text as sent that a part of this one stands for."""
        first = self.offset(start)
        return Span(first, self.offset(end - 1) + 1 if start < end else first)

    def offset(self, place: int) -> int:
        """The offset of a character in the text as sent; of a space, that of what stands before it."""
        if not 0 < place < len(self.text):
            return self._offsets[-1] if place else 0
        number = bisect_right(self._places, place) - 1
        (start, end), token = self._tokens[number].span(), self._tokens[number][0]
        within = place - self._places[number]
        if len(token.lower()) != len(token):
            within = bisect_right([*accumulate(len(letter.lower()) for letter in token)], within)
        return self._offsets[min(start + within, end - 1)]

    @cached_property
    def _places(self) -> list[int]:
        """The places in this text at which the tokens begin."""
        text = self._text
        if len(text.lower()) == len(text):
            lengths = (len(token[0]) + 1 for token in self._tokens)
        else:  # a capital that is two letters in lower case: İ
            lengths = (len(token[0].lower()) + 1 for token in self._tokens)
        return [*accumulate(lengths, initial=1)]


def clean(text: str) -> CleanText:
    """A text without invisible characters and compatibility forms, look-alike letters replaced."""
    if text.isascii():
        return CleanText(text, range(len(text) + 1))
    if _DISGUISE.search(text) is None and unicodedata.is_normalized("NFKC", text):
        return CleanText(_without_lookalikes(text), range(len(text) + 1))
    plain = _plain_forms(text)
    lengths = {character: len(form) for character, form in plain.items()}
    offsets = chain.from_iterable(map(repeat, count(), map(lengths.__getitem__, text)))
    cleaned = "".join(map(plain.__getitem__, text))
    return CleanText(_without_lookalikes(cleaned), (*offsets, len(text)))


def _plain_forms(text: str) -> dict[str, str]:
    """By character of a text, what it stands for: nothing if it is invisible, and none for a surrogate."""
    plain = {character: unicodedata.normalize("NFKC", character) for character in set(text)}
    different = "".join(plain)
    plain.update(dict.fromkeys(_INVISIBLE.findall(different), ""))
    plain.update(dict.fromkeys(_SURROGATE.findall(different), _REPLACEMENT))
    return plain


def _without_lookalikes(text: str) -> str:
    """A text in which words of mixed scripts are Latin, and so are those of nothing but look-alikes, if no
    word of the text has another letter of their script."""
    if _FOREIGN_LETTER.search(text) is None:  # as in nearly all: to look for words takes ten times as long
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
