"""Parts of a text that sentence models score: sentences with their clauses, or pairs of sentences."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_MARKS = r"[.!?…](?<![.!?…].)[.!?…]*+"
_PICTURES = rf"[{_EMOJI}](?<![{_EMOJI}].)[{_EMOJI}]*+"
"""Runs of marks and of emoji, tried at their first one only, and not given back: long runs before something
else would take quadratic time."""

_BREAK = re.compile(rf"{_MARKS}[\"”')]*+(?=\s|$)|[\n\[\]()<>|*]+|//+|{_PICTURES}(?= +[A-Zא-ת])")
_SENTENCE_END = re.compile(rf"(?<=[.!?…])\s+|\n+|{_PICTURES} ++(?=[A-Zא-ת])")
_CLAUSE = re.compile(r"(?<=[a-z\d!?'’)]) (?=[A-Z][a-z'’])|, |: | [-–—] ")
_LETTER = re.compile(r"[^\W\d_]")
_AROUND = re.compile(rf"[{_EMOJI} ,:\t\r\n]*")
_MAX_CLAUSES = 12
_MIN_WORDS = 3


class Part(NamedTuple):
    """The offsets of a part of a text."""

    start: int
    end: int


def sentences(text: str) -> Iterator[Part]:
    """Split a text at the ends of sentences, lines and brackets; parts without letters are dropped."""
    start = 0
    for end, following in [
        *((match.end(), match.end()) for match in _BREAK.finditer(text)),
        (len(text),) * 2,
    ]:
        part = _trimmed(text, start, end)
        if _LETTER.search(text, *part):
            yield part
        start = following


def clauses(text: str, sentence: Part) -> Iterator[Part]:
    """A sentence, and the parts before and after each point in it where another may begin.

    Notes often lack a period before the next sentence.
    """
    yield sentence
    starts = [match.end() for match in _CLAUSE.finditer(text, *sentence)][:_MAX_CLAUSES]
    for start in starts:
        for part in (_trimmed(text, sentence.start, start), _trimmed(text, start, sentence.end)):
            if text.count(" ", *part) >= _MIN_WORDS - 1:
                yield part


def clauses_of(text: str) -> Iterator[Iterable[Part]]:
    """For each sentence, itself and its clauses. Single words are skipped, unless they are the whole text."""
    for sentence in sentences(text):
        if sentence.end - sentence.start == len(text) or " " in text[sentence.start : sentence.end]:
            yield clauses(text, sentence)


def pairs_of(text: str) -> Iterator[Iterable[Part]]:
    """Each pair of consecutive sentences of a text, or its only sentence."""
    ends = [*((match.start(), match.end()) for match in _SENTENCE_END.finditer(text)), (len(text), len(text))]
    start = 0
    found: list[Part] = []
    for end, following in ends:
        if _LETTER.search(text, start, end):
            found.append(_trimmed(text, start, end))
        start = following
    if len(found) == 1:
        yield found
    for first, second in pairwise(found):
        yield [Part(first.start, second.end)]


PARTS = {"clauses": clauses_of, "pairs": pairs_of}
"""How a model splits a text, by the name in its file."""


def _trimmed(text: str, start: int, end: int) -> Part:
    """A part without the spaces and emoji around it, unless there is nothing else in it."""
    first = _AROUND.match(text, start, end)
    assert first is not None
    if first.end() == end:
        return Part(start, end)
    last = end
    while _AROUND.fullmatch(text, last - 1, last):
        last -= 1
    return Part(first.end(), last)
