"""What two texts differ in, word by word."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

_PIECES = re.compile(r"\s+|\w+(?:['’׳\"״-]\w+)*|[^\w\s]")
"""A word is kept whole, also one with an apostrophe, a hyphen or a gershayim in it; a sign stands alone."""


class Piece(NamedTuple):
    """A stretch of text: `equal`, `insert` (only in the later text) or `delete` (only in the earlier)."""

    op: str
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The texts side by side: all pieces but the inserted make the earlier, all but the deleted the later.

    As few words as possible are inserted and deleted.
    """
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[Piece] = []
    for code in LCSseq.opcodes(old, new):
        deleted = "".join(old[code.src_start : code.src_end])
        inserted = "".join(new[code.dest_start : code.dest_end])
        if code.tag == "equal":
            pieces.append(Piece("equal", deleted))
            continue
        if deleted:
            pieces.append(Piece("delete", deleted))
        if inserted:
            pieces.append(Piece("insert", inserted))
    return pieces
