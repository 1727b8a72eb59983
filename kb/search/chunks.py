"""Chunks, the tokens without spaces and quotation marks: `Gap`, `fun*`, `AT&T`, `Nike,Adidas`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.search.analysis import MAX_WORD_LENGTH, normalize
from kb.search.query import Compound, Prefix, Word
from kb.search.signs import is_sign
from kb.search.syntax import is_plain
from kb.search.words import UNSPACED, WORD, words

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_COMPOUND_WORDS = 4
"""Longer chunks, such as addresses, are split into words."""

MIN_PREFIX_LETTERS = 3
"""Shorter prefixes are treated as words, because they would match too much."""

# Signs that join words into a compound. A comma, semicolon, ellipsis or dash does not, nor do the slashes of
# an address.
_CONNECTION = re.compile(r"(?!.*(?:--|\.\.|//))[&\-‐‑־⁃﹣+/.'’׳`@_:·・･•*#!$€£\\~＆－＋／．＠＿：＊＃]{1,3}")


def read_chunk(chunk: str, field: str | None = None) -> Iterator[Word | Prefix | Compound]:
    """Yield the words, prefixes and compounds of a chunk."""
    for run in _connected_words(chunk):
        start, end = run[0].start(), run[-1].end()
        text = chunk[start:end]
        found = tuple(cut(word.group()) for word in run)
        if len(run) == 1 and chunk[end : end + 1] == "*" and _is_prefix(text):
            yield Prefix(found[0], field)
        elif 1 < len(run) <= MAX_COMPOUND_WORDS and is_plain(text) and len(words(text)) == len(run):
            yield Compound(text, found, field)
        else:
            yield from (Word(word, field) for word in found)


def cut(word: str) -> str:
    """Truncate a word to the length that is indexed."""
    return word if len(word) <= MAX_WORD_LENGTH else words(word[:MAX_WORD_LENGTH])[0]


def _connected_words(chunk: str) -> Iterator[list[re.Match[str]]]:
    is_address = "//" in chunk
    run: list[re.Match[str]] = []
    for word in WORD.finditer(chunk):
        if run and (is_address or not _are_connected(run[-1], word)):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _are_connected(one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether two words of a chunk are parts of one compound."""
    if one.end() == other.start():  # a number and its sign, or an emoji
        return is_sign(one.group()) or is_sign(other.group())
    return _CONNECTION.fullmatch(one.string, one.end(), other.start()) is not None


def _is_prefix(word: str) -> bool:
    """Whether a word has enough letters for a prefix query and is in a script that separates words."""
    letters = sum(character.isalnum() for character in normalize(word))
    return letters >= MIN_PREFIX_LETTERS and UNSPACED.search(word) is None
