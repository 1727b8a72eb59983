"""The differences between two texts, word by word."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

_PIECES = re.compile(r"\s+|\w+(?:['’׳\"״-]\w+)*|[^\w\s]")
"""A run of spaces, a word with any apostrophes, hyphens or gershayim in it, or one punctuation mark."""

_SENTENCES = re.compile(r"[^.!?\n]*[.!?\n]+\s*|[^.!?\n]+")

_MAX_CELLS = 2_000_000
"""The largest comparison, in pieces times pieces: two texts of 700 words, in some 15 ms."""

_MAX_TOTAL_CELLS = 10_000_000
"""The total size of the comparisons for two revisions, in the same unit."""


class Piece(NamedTuple):
    """A piece of text: `equal`, `insert` (only in the later text) or `delete` (only in the earlier)."""

    op: str
    text: str


class WordDiff:
    """Compares texts in pairs, with a bound on the work for all of them together."""

    def __init__(self) -> None:
        self._free = _MAX_TOTAL_CELLS

    def pieces(self, before: str, after: str) -> list[Piece]:
        """The pieces of both texts: the earlier one without the insertions, the later without the deletions.

        Inserts and deletes as few words as possible; in very long texts, as few sentences, or all of both.
        """
        for pattern in (_PIECES, _SENTENCES) if self._free else ():
            old, new = pattern.findall(before), pattern.findall(after)
            cells = len(old) * len(new)
            if cells <= min(_MAX_CELLS, self._free):
                self._free -= cells
                return _compared(old, new)
        return [Piece(op, text) for op, text in (("delete", before), ("insert", after)) if text]


def _compared(old: list[str], new: list[str]) -> list[Piece]:
    pieces: list[Piece] = []
    at = new_at = 0
    for block in LCSseq.opcodes(old, new).as_matching_blocks():
        # Before each matching block: the old text, then the new.
        pieces.append(Piece("delete", "".join(old[at : block.a])))
        pieces.append(Piece("insert", "".join(new[new_at : block.b])))
        at, new_at = block.a + block.size, block.b + block.size
        pieces.append(Piece("equal", "".join(old[block.a : at])))
    return [piece for piece in pieces if piece.text]
