"""The memory of a process: gaps between objects can be filled before a fork."""

from __future__ import annotations

import ctypes
import platform

import pytest

from kb.process_memory import fill_gaps, fill_heap

_COUNT = 20_000
_SIZE = 100

pytestmark = pytest.mark.skipif(platform.python_implementation() != "CPython", reason="allots in another way")


def _with_gaps() -> list[bytes]:
    """Objects of one size, with a gap after each."""
    return [bytes(_SIZE) for _ in range(2 * _COUNT)][::2]


def test_gaps_between_objects_are_filled_once() -> None:
    objects = _with_gaps()
    gaps = (len(objects) - 1) * _SIZE
    assert fill_gaps() > gaps * 0.95
    assert fill_gaps() < gaps / 10


def test_objects_made_afterwards_are_not_among_those_before() -> None:
    objects = _with_gaps()
    pools = {id(each) // 16_384 for each in objects}
    fill_gaps()
    later = [bytes(_SIZE) for _ in range(_COUNT)]
    assert pools.isdisjoint(id(each) // 16_384 for each in later)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="allocates larger objects in another way")
def test_larger_objects_made_afterwards_are_not_in_gaps_of_the_heap() -> None:
    size = 2_000
    objects = [ctypes.create_string_buffer(size) for _ in range(2 * _COUNT)][::2]
    fill_heap()
    end = max(map(ctypes.addressof, objects))
    later = [ctypes.create_string_buffer(size) for _ in range(_COUNT)]
    assert sum(ctypes.addressof(each) < end for each in later) < _COUNT / 100
