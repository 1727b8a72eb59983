"""The words of a draft, in columns: an article has thousands, and few of them are looked at by themselves."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import compress, count, pairwise
from operator import ne
from sys import intern
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.guards.clean_text import CleanText, Span

_SENTENCE_END = re.compile(r"[.!?…\n](?:(?<=\n)\n*|(?<=[.!?…])[.!?…]*(?=[\s\"'”’)\]]|$))")
"""The first sign alone tells where to look, so that all other places are left at once."""


@dataclass(frozen=True, slots=True)
class DraftWords:
    """Words in order: as each stands in the cleaned text, its offsets in the text as sent, in which sentence,
    and its number among the words of the text, of which a hashtag is one."""

    texts: list[str]
    starts: list[int]
    ends: list[int]
    sentences: list[int]
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.texts)

    def sentence_at(self, offset: int) -> int:
        """The sentence of the word at an offset in the text as sent, or of the one after it."""
        place = bisect_right(self.ends, offset)
        return self.sentences[place] if place < len(self.ends) else 0

    def separated(self) -> Units:
        """The same words, with an empty one between sentences."""
        changes = compress(count(1), map(ne, self.sentences, self.sentences[1:]))
        units = Units()
        for first, end in pairwise((0, *changes, len(self))):
            if units.texts:
                units.append("", self.starts[first], self.starts[first], self.sentences[first], first)
            units.texts.extend(self.texts[first:end])
            units.starts.extend(self.starts[first:end])
            units.ends.extend(self.ends[first:end])
            units.sentences.extend(self.sentences[first:end])
            units.numbers.extend(range(first, end))
        return units


class Units(DraftWords):
    """What phrases are looked for in: words, and an empty one where no phrase goes on."""

    numbers: list[int]

    def __init__(self) -> None:
        super().__init__([], [], [], [], [])

    def append(self, text: str, start: int, end: int, sentence: int, number: int) -> None:
        """Add a word."""
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)
        self.sentences.append(sentence)
        self.numbers.append(number)

    def add_hashtag(self, words: Iterable[str], span: Span, among: DraftWords) -> None:
        """Add an empty word, and after it those of a hashtag, each of which stands where the hashtag does.

        `among` are the words of the text, of which it is one.
        """
        sentence, number = among.sentence_at(span.start), bisect_left(among.starts, span.start)
        for word in ("", *words):
            self.append(word, *span, sentence, number)


def draft_words(clean: CleanText) -> DraftWords:
    """The words of a text; a hashtag counts as one."""
    text, offsets = clean.text, clean.offsets
    spans = clean.words()
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    is_plain = isinstance(offsets, range)  # nothing in the text was in disguise
    sentences: list[int] = []
    sentence_ends = (match.end() for match in _SENTENCE_END.finditer(text))
    for number, end in enumerate((*sentence_ends, len(text) + 1)):
        sentences += [number] * (bisect_left(starts, end) - len(sentences))
    return DraftWords(
        # One object for equal words: several caches remember thousands.
        [intern(text[start:end]) for start, end in spans],
        starts if is_plain else [offsets[start] for start in starts],
        ends if is_plain else [offsets[end - 1] + 1 for end in ends],
        sentences,
        range(len(starts)),
    )
