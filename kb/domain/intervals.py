"""Intervals: parts of a text, or of its words, by their start and end, and which of them overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Interval = tuple[int, int]
"""The first place, and the one after the last."""


def overlapping_pairs(intervals: Iterable[Interval]) -> Iterator[tuple[Interval, Interval]]:
    """The pairs of different intervals that overlap, the one that begins first at the start.

    The time grows with the number of intervals and of pairs, not with the square.
    """
    last: list[Interval] = []
    for interval in sorted(set(intervals)):
        last = [other for other in last if other[1] > interval[0]]
        for other in last:
            yield other, interval
        last.append(interval)
