"""Search cursors: the hits of the pages so far, so that no later page repeats them, whatever others write.

An offset in the ranking would not do: a write changes how rare words are, and so the scores of all hits.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from array import array
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models.base import MAX_INTEGER
from kb.services.infrastructure.pagination import foreign_cursor

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

MAX_SEEN = 5_000
"""How many hits a cursor can hold; for 100,000 incidents, it is then some 7,000 characters long."""

_DIGEST_BYTES = 6
_NUMBER = "I"
_NUMBER_BYTES = array(_NUMBER).itemsize


def encode_seen(query: Hashable, ids: Iterable[int]) -> str:
    """Encode the cursor of a query after the hits with these ids."""
    gaps = array(_NUMBER, (after - before for before, after in pairwise([0, *sorted(ids)])))
    data = _digest(query) + zlib.compress(gaps.tobytes(), 9)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode_seen(query: Hashable, cursor: str) -> frozenset[int]:
    """Decode the ids of the hits before a cursor. Raises InvalidInput for a cursor of another query."""
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        digest, packed = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        unpacked = zlib.decompressobj().decompress(packed, (MAX_SEEN + 1) * _NUMBER_BYTES)
        gaps = array(_NUMBER, unpacked)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise foreign_cursor() from error
    ids = [*accumulate(gaps)]
    if not ids or len(ids) > MAX_SEEN or ids[-1] > MAX_INTEGER:
        raise foreign_cursor()
    if digest != _digest(query):
        detail = Message("This cursor is of another search. Leave it out to begin anew.")
        raise InvalidInput([FieldError("cursor", detail)])
    return frozenset(ids)


def _digest(query: Hashable) -> bytes:
    return blake2b(repr(query).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
