"""The memory of a process: gaps between small objects can be filled before a fork."""

from __future__ import annotations

import platform

import pytest

from kb.search.memory import fill_gaps

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
