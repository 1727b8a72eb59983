"""Which intervals of characters or words of a text overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Interval = tuple[int, int]
"""A start and an exclusive end."""


def overlapping_pairs(intervals: Iterable[Interval]) -> Iterator[tuple[Interval, Interval]]:
    """The pairs of different intervals that overlap, in each pair the earlier one first.

    The time depends on the number of intervals and of pairs, not on the square of the former.
    """
    last: list[Interval] = []
    for interval in sorted(set(intervals)):
        last = [other for other in last if other[1] > interval[0]]
        for other in last:
            yield other, interval
        last.append(interval)


def shorter_overlaps(intervals: Iterable[Interval]) -> set[Interval]:
    """The intervals that overlap a longer one, or an earlier one of the same length."""
    pairs = overlapping_pairs(intervals)
    return {min(pair, key=lambda interval: (interval[1] - interval[0], -interval[0])) for pair in pairs}
