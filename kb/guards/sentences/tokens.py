"""The tokens of a text that sentence models read, found once for all models."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’׳\"״][^\W\d_]+)*|[?!]+|[#@&+:;…]|[^\w\s.,'’\"“”׳״–—-]")

NAME = "<name>"
"""Stands for a capitalized word within a sentence."""


class Token(NamedTuple):
    """A token in lower case, its form as a feature within a sentence, and its classes."""

    lower: str
    within: str
    classes: tuple[str, ...]


class TextTokens(NamedTuple):
    """The tokens of a text in order: as written, in lower case, and their offsets."""

    texts: list[str]
    lower: list[str]
    starts: list[int]
    ends: list[int]

    def within(self, start: int, end: int) -> slice | None:
        """The numbers of the tokens in a part of the text; None if the part cuts a token."""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        if (first and self.ends[first - 1] > start) or (last and self.ends[last - 1] > end):
            return None
        return slice(first, last)


@lru_cache(maxsize=2)
def text_tokens(text: str) -> TextTokens:
    """The tokens of a text. Cached, because the models read the same text in turn."""
    matches = [*TOKEN.finditer(text)]
    texts = [match[0] for match in matches]
    return TextTokens(
        texts,
        [each.lower() for each in texts],
        [match.start() for match in matches],
        [match.end() for match in matches],
    )
