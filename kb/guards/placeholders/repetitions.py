"""Unintended repetitions: a sentence pasted twice, or both the old and the new form of a word."""

from __future__ import annotations

import re
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SENTENCE = re.compile(r"[^.!?…\n]+")
_WORD = re.compile(r"[^\W_]+(?:['’״\"][^\W_]+)*")
_PAIR = re.compile(r"(?<![\w'’-])(?=([a-z]{4,16}) ([a-z]{4,16})(?![\w'’-]))")
_MIN_WORDS = 4
_MIN_LENGTH = 22
"""A shorter sentence, in characters, may be a refrain."""

_MIN_PASTED = 4
_MAX_PASTED = 12
"""Limits of the number of words repeated immediately."""

_MIN_AMID_CLAUSE = 3
"""Minimum number of such words if the first one is one of `_AMID_CLAUSE`."""

_AMID_CLAUSE = frozenset(
    "are is was were has have will would can in on at of for from by with the our your their its "
    "של את עם על אל מן אצל".split()
)
"""Words with which nobody begins a refrain."""

_MIN_RETOLD = 8
"""Minimum number of different words in each of two sentences or paragraphs that say the same."""

_SAME = 0.75
"""Minimum share of the words of the shorter one that the other has as well."""

_MIN_REWORDED = 10
"""Minimum number of words in each of two lines that say the same in other forms of words."""

_PARTICLE = re.compile("^ו?(?:ש|כש)?[הבלמ]?(?=..)")
_HEBREW_ENDING = re.compile("(?<=..)(?:ים|ות|ת|ה|י)$")
_VOWEL_LETTERS = str.maketrans("", "", "וי")
_ENGLISH_ENDING = re.compile("(?:ing|ed|es|s|er|est|ly)$")

_LINE = re.compile(r"[^\n]+")
_MAX_LINES = 20
"""Texts of more lines are articles, which nobody pastes twice."""

_NUMBER = re.compile(r"\d")
_MIN_CALL = 3
_MIN_CALL_LENGTH = 15
"""Minimum number of words, and of characters, in a line that stands twice in a row."""

_ENDINGS = frozenset(["", "e", "ed", "ing", "me"])
"""Endings of a half-changed word after the common stem: `make making`, `program programme`."""


_CLAUSE = 100
"""How far back a clause is read, in characters."""

_RELATIVES = frozenset("what whatever all how who whoever that those which everything anything where".split())
"""Words of a clause after which two verbs may meet: `how it works works for everyone`."""

_EMPHATIC = frozenset("yes thanks always bless".split())
"""Words that are doubled on purpose."""

_MIN_STEM = 3
"""Minimum common prefix of two such words, in letters: all of the shorter one but its last."""


def repeated_parts(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of repeated parts in a text."""
    sentences = [*_SENTENCE.finditer(text)]
    words = [_words(sentence) for sentence in sentences]
    yield from _repeated_sentences(sentences, words)
    yield from _retold(sentences, words)
    lines = [*_LINE.finditer(text)]
    if 1 < len(lines) <= _MAX_LINES:
        of_lines = [_words(line) for line in lines]
        yield from _retold(lines, of_lines)
        yield from _reworded(lines, of_lines)
        yield from _repeated_lines(lines, of_lines)
    yield from _pasted_words(text, [*chain.from_iterable(words)])
    yield from _half_changed_words(text)


def _words(part: re.Match[str]) -> list[str]:
    return [word.lower() for word in _WORD.findall(part.group())]


def _trimmed(part: re.Match[str]) -> tuple[int, int]:
    """The offsets of a part without the spaces around it."""
    found = part.group()
    return part.start() + len(found) - len(found.lstrip()), part.start() + len(found.rstrip())


def _repeated_sentences(
    sentences: Sequence[re.Match[str]], words: Sequence[Sequence[str]]
) -> Iterator[tuple[int, int]]:
    """The second and further occurrences of sentences; `words` are the words of each sentence."""
    seen: set[str] = set()
    for sentence, its_words in zip(sentences, words, strict=True):
        key = " ".join(its_words)
        if len(its_words) < _MIN_WORDS or len(key) < _MIN_LENGTH:
            continue
        if key in seen:
            yield _trimmed(sentence)
        seen.add(key)


def _retold(sentences: Sequence[re.Match[str]], words: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Sentences that repeat the previous one in almost the same words: an earlier version was left in."""
    previous: frozenset[str] = frozenset()
    for sentence, its_words in zip(sentences, words, strict=True):
        if not its_words:
            continue
        present = frozenset(its_words) if len(its_words) >= _MIN_RETOLD else frozenset()
        if previous and present and _tell_the_same(previous, present):
            yield _trimmed(sentence)
        previous = present


def _reworded(lines: Sequence[re.Match[str]], words: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Lines that repeat the previous one in other forms of its words: an earlier wording was left in."""
    for (before, _), (its_words, line) in pairwise(zip(words, lines, strict=True)):
        if min(len(before), len(its_words)) >= _MIN_REWORDED:
            first, second = frozenset(map(_stem, before)), frozenset(map(_stem, its_words))
            if _tell_the_same(first, second):
                yield _trimmed(line)


def _stem(word: str) -> str:
    """The rough stem of a word: without particle and ending, and in Hebrew without vowel letters."""
    if "א" <= word[0] <= "ת":
        bare = _PARTICLE.sub("", word) if len(word) > _MIN_STEM else word
        return _HEBREW_ENDING.sub("", bare).translate(_VOWEL_LETTERS) or word
    return _ENGLISH_ENDING.sub("", word) if len(word) > _MIN_STEM + 1 else word


def _repeated_lines(
    lines: Sequence[re.Match[str]], words: Sequence[Sequence[str]]
) -> Iterator[tuple[int, int]]:
    """Lines of few words that follow themselves: `For details call us`."""
    for (before, _), (its_words, line) in pairwise(zip(words, lines, strict=True)):
        is_call = len(set(its_words)) >= _MIN_CALL and len(line.group().strip()) >= _MIN_CALL_LENGTH
        if is_call and its_words == before:
            yield _trimmed(line)


def _tell_the_same(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether two sets of words are almost the same.

    Deliberate repetitions differ in a number or a single word: `if you are tired of winter`.
    """
    if min(len(first), len(second)) < _MIN_RETOLD:
        return False
    if len(first & second) < _SAME * max(len(first), len(second)):
        return False
    lost, added = first - second, second - first
    is_swap = len(lost) <= 1 and len(added) <= 1
    return not is_swap and not any(_NUMBER.search(word) for word in lost | added)


def _pasted_words(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Words repeated immediately: `on the green this week on the green this week`.

    Fewer words may be a refrain, unless they begin amid a clause: `our vets are on call are on call`.
    """
    hashes = np.fromiter(map(hash, words), np.int64, len(words))
    spans: list[tuple[int, int]] = []
    for count in range(_MIN_AMID_CLAUSE, _MAX_PASTED + 1):
        for start in _runs((hashes[:-count] == hashes[count:]).tobytes(), count):
            pasted = words[start : start + count]
            is_long = count >= _MIN_PASTED or pasted[0] in _AMID_CLAUSE
            if is_long and len(set(pasted)) == count and pasted == words[start + count : start + 2 * count]:
                spans = spans or [match.span() for match in _WORD.finditer(text)]
                yield spans[start + count][0], spans[start + 2 * count - 1][1]


def _runs(flags: bytes, length: int) -> Iterator[int]:
    """The start of each run of at least `length` set flags."""
    start = flags.find(b"\1" * length)
    while start >= 0:
        yield start
        end = flags.find(0, start)
        start = flags.find(b"\1" * length, end) if end >= 0 else -1


def _half_changed_words(text: str) -> Iterator[tuple[int, int]]:
    """Words next to another form of themselves, and doubled words within a clause: `now leaves leaves every
    hour`.
    """
    for match in _PAIR.finditer(text):
        first, second = match.groups()
        if first[:_MIN_STEM] != second[:_MIN_STEM]:
            continue
        if first == second and first not in _EMPHATIC and _is_amid_clause(text, *match.span(1), match.end(2)):
            yield match.start(1), match.end(2)
        stem = _common_start(first, second)
        if first != second and stem >= min(len(first), len(second)) - 1:
            endings = {first[stem:], second[stem:]}
            if endings <= _ENDINGS and ("" in endings or "e" in endings):
                yield match.start(1), match.end(2)


def _is_amid_clause(text: str, start: int, middle: int, end: int) -> bool:
    """Whether a doubled word is inflected, with other words in lower case before and after it."""
    word = text[start:middle]
    is_inside = text[start - 2 : start - 1].islower() and text[end : end + 1] == " "
    if not is_inside or not text[end + 1 : end + 2].islower() or not word.endswith(("s", "ed")):
        return False
    clause = re.split(r"[.!?,;:\n]", text[max(0, start - _CLAUSE) : start])[-1]
    if not _RELATIVES.isdisjoint(clause.lower().split()):
        return False
    return not text.startswith(word, end + 1) and not text.endswith(word, 0, start - 1)


def _common_start(first: str, second: str) -> int:
    """The length of the common prefix of two words."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(first), len(second)))
