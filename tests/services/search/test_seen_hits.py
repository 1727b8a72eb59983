"""Cursors of a search, which hold the hits of earlier pages."""

from __future__ import annotations

import base64
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import InvalidInput
from kb.models.base import MAX_INTEGER
from kb.schemas.pagination import MAX_SEARCH_CURSOR_LENGTH
from kb.services.search.seen_hits import MAX_SEEN, decode_seen, encode_seen


@given(st.sets(st.integers(1, MAX_INTEGER), min_size=1, max_size=200), st.text())
def test_a_cursor_holds_the_hits_and_belongs_to_one_query(ids: set[int], text: str) -> None:
    cursor = encode_seen((text, None), ids)
    assert decode_seen((text, None), cursor) == ids
    with pytest.raises(InvalidInput) as refused:
        decode_seen((f"{text} more", None), cursor)
    assert "another search" in refused.value.errors[0].detail


def test_the_longest_cursor_fits_an_address() -> None:
    """nginx accepts 8,000 characters unless told otherwise."""
    draw = random.Random(1)
    cursor = encode_seen("q", draw.sample(range(1, 100_000), MAX_SEEN))
    assert len(cursor) < 7_500
    widest = encode_seen("q", draw.sample(range(1, MAX_INTEGER), MAX_SEEN))
    assert len(decode_seen("q", widest)) == MAX_SEEN
    assert len(widest) > MAX_SEARCH_CURSOR_LENGTH  # ids so far apart need billions of incidents


@given(st.binary(max_size=60))
def test_what_is_no_cursor_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode_seen("q", base64.urlsafe_b64encode(data).decode())


@pytest.mark.parametrize("cursor", ["", "x", "שלום", "=", "A" * 30, "\ud800"])
def test_a_text_that_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        decode_seen("q", cursor)


@pytest.mark.parametrize(
    "numbers", [b"", b"\1\0\0", b"\1\0\0\0" * (MAX_SEEN + 1), b"\0" * 10**8, b"\xff" * 16]
)
def test_a_cursor_that_holds_something_else_is_refused_however_much_it_is(numbers: bytes) -> None:
    own = base64.urlsafe_b64decode(encode_seen("q", [1]) + "==")[:6]
    with pytest.raises(InvalidInput):
        decode_seen("q", base64.urlsafe_b64encode(own + zlib.compress(numbers)).decode())
