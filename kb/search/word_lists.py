"""Word lists: how frequent a word is in a language, from the frequency lists of the package wordfreq.

Only the package's data is used, because importing it is slow and loads tokenizers that differ from ours. A
list is kept as hashes and frequencies, ten bytes a word, and loaded on first use. Frequencies are in
centibels, hundredths of a power of ten: 0 is every word, 600 is one in a million.
"""

from __future__ import annotations

import gzip
import re
import threading
from bisect import bisect_left
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack
import numpy as np

from kb.derived_files import derived
from kb.domain.text import PLAIN, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

MAX_CENTIBELS = 750
"""Words rarer than one in thirty million are left out: most of them are misspelled."""

_ALPHABET_WORDS = 1_000  # the letters of this many most frequent words make up the alphabet
_MAX_ALPHABET = 60
# Replaced one by one: for a text as long as a list, that is five times as fast as `translate`.
_SPELLED_ALIKE = (*zip("ךםןףץ", "כמנפצ", strict=True), *((mark, "") for mark in "'\"׳״’‘`”"))
_MAX_NEIGHBOR_LENGTH = 24
_F_OR_PH = re.compile("f|ph")


_reading = threading.Lock()


class WordList:
    """The words of a language with their frequencies."""

    def __init__(self, by_frequency: Iterable[tuple[int, list[str]]]) -> None:
        """Build the list from (centibels, words) pairs, the most frequent first."""
        hashes: list[NDArray[np.int64]] = []
        frequencies: list[NDArray[np.int16]] = []
        alphabet: set[str] = set()
        count = 0
        for centibels, spellings in by_frequency:
            if count < _ALPHABET_WORDS:
                alphabet.update(*spellings)
            count += len(spellings)
            hashes.append(np.fromiter(map(hash, spellings), np.int64, len(spellings)))
            frequencies.append(np.full(len(spellings), centibels, np.int16))
        found = np.concatenate(hashes)
        order = found.argsort()  # not stable, which takes a quarter of the time
        found = found[order]
        first = np.flatnonzero(np.r_[True, found[1:] != found[:-1]])
        self._hashes = found[first]
        self._sorted = self._hashes.data  # much faster for a single word than an array's search
        # Of equal spellings, the most frequent counts.
        self._frequencies = np.minimum.reduceat(np.concatenate(frequencies)[order], first)
        letters = "".join(sorted(filter(str.isalpha, alphabet)))
        self._alphabet = letters if len(letters) <= _MAX_ALPHABET else ""

    def __len__(self) -> int:
        return len(self._hashes)

    @property
    def size(self) -> int:
        """The memory size of the list, in bytes."""
        return self._hashes.nbytes + self._frequencies.nbytes

    def centibels(self, spelling: str) -> int | None:
        """The frequency of a word, given as its `spelling_key`; None if it is rare or not a word."""
        value = hash(spelling)
        index = bisect_left(self._sorted, value)
        if index == len(self._sorted) or self._sorted[index] != value:
            return None
        return int(self._frequencies[index])

    def most_frequent_neighbor(self, spelling: str) -> int | None:
        """The frequency of the most frequent word that is one edit away; None if there is none."""
        found = self._frequencies_of(set(_neighbors(spelling[:_MAX_NEIGHBOR_LENGTH], self._alphabet)))
        return int(found.min()) if len(found) else None

    def _frequencies_of(self, spellings: Iterable[str]) -> NDArray[np.int16]:
        """The frequencies of those spellings that are words."""
        hashes = np.fromiter(map(hash, spellings), np.int64)
        indexes = np.searchsorted(self._hashes, hashes)
        indexes[indexes == len(self._hashes)] = 0
        found: NDArray[np.int16] = self._frequencies[indexes[self._hashes[indexes] == hashes]]
        return found


def respelled_f(word: str) -> Iterator[str]:
    """Yield the spellings of a word with one `f` as `ph`, or one `ph` as `f`: `photos` for `fotos`."""
    for found in _F_OR_PH.finditer(word):
        yield word[: found.start()] + ("f" if found[0] == "ph" else "ph") + word[found.end() :]


def _neighbors(word: str, alphabet: str) -> Iterator[str]:
    """Yield all strings one edit away: a letter deleted, inserted, replaced or swapped with the next, or
    `ph` instead of `f`. Not `f` instead of `ph`: `phishing` is not `fishing`.
    """
    if "ph" not in word:
        yield from respelled_f(word)
    for position in range(len(word) + 1):
        before, after = word[:position], word[position:]
        for letter in alphabet:
            yield before + letter + after
        if after:
            yield before + after[1:]
            for letter in alphabet.replace(after[0], ""):
                yield before + letter + after[1:]
        if len(after) > 1 and after[0] != after[1]:
            yield before + after[1] + after[0] + after[2:]


def spelling_key(text: str) -> str:
    """Remove differences of spelling from a word, or from a text of many.

    These are case, accents, apostrophes, quotes and Hebrew final letters.
    """
    text = fold(text)
    if text.isalpha() and text.isascii():  # the usual case
        return text
    for letter, other in _SPELLED_ALIKE:
        text = text.replace(letter, other)
    return text


def word_list(language: str) -> WordList | None:
    """The word list of a language (a primary subtag); None if there is none."""
    with _reading:  # else every thread would read it
        return _word_list(language)


@lru_cache(maxsize=256)
def has_word_list(language: str) -> bool:
    """Whether there is a word list of a language (a primary subtag)."""
    return any((_data_folder() / f"{size}_{language}.msgpack.gz").is_file() for size in ("large", "small"))


@lru_cache(maxsize=8)  # one per language of the incidents, a few megabytes each
def _word_list(language: str) -> WordList | None:
    for size in ("large", "small"):
        path = _data_folder() / f"{size}_{language}.msgpack.gz"
        if path.is_file():
            return _read(path)
    return None


def _data_folder() -> Path:
    spec = find_spec("wordfreq")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def _read(path: Path) -> WordList:
    """The list of a file."""
    content = path.read_bytes()
    found = derived(f"words-{path.name.partition('.')[0]}", [content], lambda: [*_spelled(content)])
    return WordList((centibels, words.split("\n")) for centibels, words in found)


def _spelled(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield (centibels, words, each on a line) of the content of a list file, the most frequent first.

    The format ("cBpack") is a header followed by one list of words per number of centibels.
    """
    unpacker = msgpack.Unpacker(BytesIO(gzip.decompress(content)))
    count = unpacker.read_array_header() - 1
    unpacker.skip()
    for centibels in range(min(count, MAX_CENTIBELS + 1)):
        words = unpacker.unpack()
        if words:
            yield centibels, "\n".join(_spelling_keys(words))


def _spelling_keys(spellings: list[str]) -> Iterator[str]:
    """Yield the spelling keys of some different words, in any order, in texts with one on each line.

    One accented word makes folding the text that it is in take ten times as long. So those words, one in a
    hundred, are folded apart.
    """
    accented = [word for word in spellings if PLAIN.fullmatch(word) is None]
    for part in ({*spellings}.difference(accented), accented):
        if part:
            yield spelling_key("\n".join(part))
