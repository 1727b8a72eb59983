"""Contents of hits that are found again and again are read once."""

from __future__ import annotations

import orjson

from kb.services.search.visible_hits import MAX_KEPT_BYTES, kept_content


def test_equal_bytes_are_read_once() -> None:
    stored = orjson.dumps({"version": 1, "language": "he"})
    first = kept_content(stored)
    assert first == {"version": 1, "language": "he"}
    assert kept_content(bytes(bytearray(stored))) is first


def test_what_was_written_again_is_read_again() -> None:
    kept_content(orjson.dumps({"version": 1, "title": "Old"}))
    assert kept_content(orjson.dumps({"version": 1, "title": "New"}))["title"] == "New"


def test_contents_that_fill_the_cache_push_out_what_was_not_asked_for_lately() -> None:
    stored = orjson.dumps({"title": "First"})
    first = kept_content(stored)
    for number in range(8):
        kept_content(orjson.dumps({"title": f"{number}" * (MAX_KEPT_BYTES // 15)}))
    assert kept_content(stored) == first
    assert kept_content(stored) is not first
