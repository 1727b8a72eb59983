"""Prefilter many patterns in one pass over a text, by the words that they require."""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from kb.guards.pattern_set import PatternSet, compile_options

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_PATTERN_MEMORY = 1 << 20

_PROBE = "a word that a filter must find"
"""A text that a filter must match, unless it has run out of memory."""

_FEW = 50
"""Up to so many patterns take less time one by one than in sets: those with gaps have many states together,
of which a long text needs most."""


class PatternFilter:
    """Finds which of many valid patterns may match a text: all that do, and some others.

    The filters select the patterns whose words of three letters are in the text, and those that need none;
    the sets then match these. Threads share it.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile the patterns; raises re2.error for an invalid one."""
        self._filters = _compile_filters(patterns, compile_options(_MAX_PATTERN_MEMORY), first=0)
        self._set = PatternSet(patterns)

    def matches(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that may match a text, which must have no surrogates."""
        possible = self._possible(text.encode())
        return self._set.matches(text, among=possible) if possible else possible

    def candidates(self, text: str) -> frozenset[int]:
        """The same, with more if these are few: for a caller who matches each pattern by itself anyway."""
        possible = self._possible(text.encode())
        return possible if len(possible) <= _FEW else self._set.matches(text, among=possible)

    def _possible(self, text: bytes) -> frozenset[int]:
        """The numbers of the patterns whose required words are in a text, or that require none."""
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
    """Compile the patterns into one filter, or several if their words exceed its memory."""
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
