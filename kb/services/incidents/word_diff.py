"""What two texts differ in, word by word."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

_PIECES = re.compile(r"\s+|\w+(?:['’׳\"״-]\w+)*|[^\w\s]")
"""A word is kept whole, also one with an apostrophe, a hyphen or a gershayim in it; a sign stands alone."""

_SENTENCES = re.compile(r"[^.!?\n]*[.!?\n]+\s*|[^.!?\n]+")

_MAX_CELLS = 2_000_000
"""How much comparing may take: two texts of 700 words, spaces and signs counted, in some 15 ms."""


class Piece(NamedTuple):
    """A stretch of text: `equal`, `insert` (only in the later text) or `delete` (only in the earlier)."""

    op: str
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The texts side by side: all pieces but the inserted make the earlier, all but the deleted the later.

    As few words as possible are inserted and deleted; of very long texts, as few sentences.
    """
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) * len(new) > _MAX_CELLS:
        old, new = _SENTENCES.findall(before), _SENTENCES.findall(after)
    pieces: list[Piece] = []
    at = new_at = 0
    for block in LCSseq.opcodes(old, new).as_matching_blocks():
        # Between two blocks that match: what was there, then what is there instead.
        pieces.append(Piece("delete", "".join(old[at : block.a])))
        pieces.append(Piece("insert", "".join(new[new_at : block.b])))
        at, new_at = block.a + block.size, block.b + block.size
        pieces.append(Piece("equal", "".join(old[block.a : at])))
    return [piece for piece in pieces if piece.text]
