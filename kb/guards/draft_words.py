"""The words of a draft, stored in columns: an article has thousands, and few are examined one by one."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import compress, count, pairwise
from operator import ne
from typing import TYPE_CHECKING

from kb.caches import shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.guards.clean_text import CleanText, Span

_SENTENCE_END = re.compile(r"[.!?…\n](?:(?<=\n)\n*|(?<![.!?…][.!?…])(?<=[.!?…])[.!?…]*+(?=[\s\"'”’)\]]|$))")
"""Starts with a single character class, so the search skips all other positions quickly. A run of marks is
tried at its first mark only, and not given back: a long run before a letter would take quadratic time."""


@dataclass(frozen=True, slots=True)
class DraftWords:
    """Words in order: the text of each as cleaned, its offsets in the text as sent, its sentence, and its
    number among the words of the text, where a hashtag counts as one."""

    texts: list[str]
    starts: list[int]
    ends: list[int]
    sentences: list[int]
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.texts)

    def sentence_at(self, offset: int) -> int:
        """The sentence of the word at an offset in the text as sent, or of the next word."""
        index = bisect_right(self.ends, offset)
        return self.sentences[index] if index < len(self.ends) else 0


def draft_words(clean: CleanText) -> DraftWords:
    """The words of a text; a hashtag counts as one."""
    text, offsets = clean.text, clean.offsets
    spans = clean.words()
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    is_plain = isinstance(offsets, range)  # cleaning did not shift any offsets
    sentences: list[int] = []
    sentence_ends = (match.end() for match in _SENTENCE_END.finditer(text))
    for number, end in enumerate((*sentence_ends, len(text) + 1)):
        sentences += [number] * (bisect_left(starts, end) - len(sentences))
    return DraftWords(
        [shared(text[start:end]) for start, end in spans],
        starts if is_plain else [offsets[start] for start in starts],
        ends if is_plain else [offsets[end - 1] + 1 for end in ends],
        sentences,
        range(len(starts)),
    )


def phrase_units(words: DraftWords, hashtags: Iterable[tuple[Span, Sequence[str]]]) -> DraftWords:
    """The units in which phrases are matched: the words, then the words of each hashtag, with the hashtag's
    span.

    `words` include the hashtags, each as one word. Empty units separate sentences and hashtags, so that no
    phrase spans them.
    """
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    numbers: list[int] = []

    def add(text: str, span: tuple[int, int], sentence: int, number: int) -> None:
        texts.append(text)
        starts.append(span[0])
        ends.append(span[1])
        sentences.append(sentence)
        numbers.append(number)

    changes = compress(count(1), map(ne, words.sentences, words.sentences[1:]))
    for first, end in pairwise((0, *changes, len(words))):
        if texts:
            add("", (words.starts[first], words.starts[first]), words.sentences[first], first)
        texts.extend(words.texts[first:end])
        starts.extend(words.starts[first:end])
        ends.extend(words.ends[first:end])
        sentences.extend(words.sentences[first:end])
        numbers.extend(range(first, end))
    for span, parts in hashtags:
        sentence, number = words.sentence_at(span.start), bisect_left(words.starts, span.start)
        for text in ("", *parts):
            add(text, span, sentence, number)
    return DraftWords(texts, starts, ends, sentences, numbers)
