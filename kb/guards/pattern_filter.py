"""Many patterns that mostly have words of their own, found in a text by these: one pass over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from kb.guards.pattern_set import PatternSet, compile_options

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_PATTERN_MEMORY = 1 << 20

_PROBE = "a word that a filter must find"
"""A filter that does not find it has run out of memory."""


class PatternFilter:
    """Tells which of many valid patterns may match a text: all those that do, and some others.

    Of those whose words of three letters a text has, and of those that need none, the sets tell which match.
    Threads share it.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile the patterns; raises re2.error for an invalid one."""
        self._filters = _compile_filters(patterns, compile_options(_MAX_PATTERN_MEMORY), first=0)
        self._set = PatternSet(patterns)

    def matches(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that may match a text, which must have no surrogates."""
        possible = self._possible(text.encode())
        return self._set.matches(text, among=possible) if possible else possible

    def _possible(self, text: bytes) -> frozenset[int]:
        """The numbers of the patterns of which a text has the words, and of those that need none."""
        return frozenset(number for each in self._filters for number in each.possible(text))


class _Filter:
    """A run of patterns; `first` is the number of the first."""

    def __init__(self, compiled: re2.Filter, first: int, count: int) -> None:
        self._compiled = compiled
        self._first = first
        self._count = count

    def possible(self, text: bytes) -> list[int]:
        found = self._compiled.Match(text, potential=True) or ()
        return [self._first + place for place in found if place < self._count]


def _compile_filters(patterns: Sequence[str], options: re2.Options, first: int) -> list[_Filter]:
    """A filter of the patterns, or several if their words do not fit into the memory of one."""
    if not patterns:
        return []
    compiled = re2.Filter()
    for pattern in (*patterns, _PROBE):
        compiled.Add(pattern, options)
    compiled.Compile()
    count = len(patterns)
    if count > 1 and count not in (compiled.Match(_PROBE.encode(), potential=True) or ()):
        half = count // 2
        return [
            *_compile_filters(patterns[:half], options, first),
            *_compile_filters(patterns[half:], options, first + half),
        ]
    return [_Filter(compiled, first, count)]
