"""A cache of the documents of terms, one bit each, in a few arrays rather than an object for each term."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.search.whoosh_engine.format.arrays import Array

_FIRST_ROWS = 64


class Bitmaps:
    """The documents of the most recently used of a segment's terms. Thread-safe.

    Terms are ordinals below `terms`. At most `max_terms` are cached, and memory grows with those that are.
    """

    def __init__(self, terms: int, docs: int, max_terms: int) -> None:
        self._docs, self._max_terms = docs, max_terms
        self._rows = np.full(terms, -1, np.int32 if max_terms > np.iinfo(np.int16).max else np.int16)
        rows = min(_FIRST_ROWS, max_terms)
        self._bits = np.zeros((rows, -(-docs // 8)), np.uint8)
        self._terms = np.full(rows, -1, np.int32)
        self._used = np.zeros(rows, bool)
        """Whether each row was used since the clock hand last passed it; the hand evicts the next one that
        was not."""
        self._hand = 0
        self._lock = threading.Lock()

    def masks(self, ordinals: Array, make: Callable[[Array], Array]) -> Array:
        """The masks of the documents of different terms, one row each; `make` computes those of new terms."""
        bits = np.empty((len(ordinals), self._bits.shape[1]), np.uint8)
        with self._lock:
            rows: Array = self._rows[ordinals]
            known: Array = np.greater_equal(rows, 0)
            bits[known] = self._bits[rows[known]]
            self._used[rows[known]] = True
        missing = np.flatnonzero(~known)
        if len(missing):
            bits[missing] = np.packbits(make(ordinals[missing]), axis=1)
            with self._lock:
                for index in missing.tolist():
                    self._put(int(ordinals[index]), bits[index])
        return np.unpackbits(bits, axis=1, count=self._docs).view(bool)

    def _put(self, ordinal: int, bits: Array) -> None:
        if self._rows[ordinal] >= 0:  # another thread was first
            return
        row = self._free_row()
        if self._terms[row] >= 0:
            self._rows[self._terms[row]] = -1
        self._rows[ordinal], self._terms[row], self._bits[row] = row, ordinal, bits

    def _free_row(self) -> int:
        count = len(self._terms)
        if self._hand == count and count < self._max_terms:
            more = min(count, self._max_terms - count)
            self._bits = np.concatenate([self._bits, np.zeros((more, self._bits.shape[1]), np.uint8)])
            self._terms = np.concatenate([self._terms, np.full(more, -1, np.int32)])
            self._used = np.concatenate([self._used, np.zeros(more, bool)])
        self._hand %= len(self._terms)
        while self._used[self._hand]:
            self._used[self._hand] = False
            self._hand = (self._hand + 1) % len(self._terms)
        row = self._hand
        self._hand += 1
        return row
