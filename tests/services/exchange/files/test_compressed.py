"""Compressed files: unpacked up to a size, and refused where they are damaged."""

from __future__ import annotations

import gzip
import tracemalloc
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import MalformedInput
from kb.services.exchange.files.compressed import open_unpacked, unpacked_name


@given(st.lists(st.binary(), min_size=1))
def test_what_was_compressed_comes_back_in_one_part_or_several(parts: list[bytes]) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)
    with open_unpacked(BytesIO(packed)) as file:
        assert file.read() == b"".join(parts)


@given(st.binary().filter(lambda content: not content.startswith(b"\x1f\x8b")))
def test_any_other_file_stays_as_it_is(content: bytes) -> None:
    with open_unpacked(BytesIO(content)) as file:
        assert file.read() == content


@given(st.data())
def test_a_compressed_file_that_is_cut_off_or_changed_is_refused(data: st.DataObject) -> None:
    packed = gzip.compress(b"what happened, and what was learned", mtime=0)
    cut = packed[: data.draw(st.integers(2, len(packed) - 1))]
    with pytest.raises(MalformedInput, match="damaged or cut off"), open_unpacked(BytesIO(cut)):
        pass
    # The bytes between header and checksum, each of which counts.
    place = data.draw(st.integers(len(packed) - 8, len(packed) - 1))
    changed = packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]
    with pytest.raises(MalformedInput, match="damaged or cut off"), open_unpacked(BytesIO(changed)):
        pass


def test_no_more_is_unpacked_than_is_read() -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    tracemalloc.start()
    with pytest.raises(MalformedInput, match="more than 3 MB"), open_unpacked(BytesIO(bomb), most=3_000_000):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_file_of_just_the_size_that_is_read_is_read() -> None:
    with open_unpacked(BytesIO(gzip.compress(bytes(3_000))), most=3_000) as file:
        assert len(file.read()) == 3_000


@pytest.mark.parametrize(
    ("name", "plain"),
    [("a.csv.gz", "a.csv"), ("A.JSONL.GZ", "A.JSONL"), ("a.csv", "a.csv"), (".gz", ".gz"), ("", "")],
)
def test_the_ending_of_the_compression_is_left_out_of_the_name(name: str, plain: str) -> None:
    assert unpacked_name(name) == plain
