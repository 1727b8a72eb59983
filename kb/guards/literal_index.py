"""Prefilter many patterns in one pass over a text, by the literals that they require."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from kb.guards.required_literals import required_literals

if TYPE_CHECKING:
    from collections.abc import Sequence


class LiteralIndex:
    """Finds which of many valid patterns may match a text: all that do, and some others. Threads share it."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Find the literals that the patterns require (`required_literals`)."""
        numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
        by_literal: defaultdict[int, list[int]] = defaultdict(list)
        self._others: dict[int, tuple[frozenset[int], ...]] = {}
        unconditional: list[int] = []
        self.frequencies: list[float] = []
        """In what share of posts, roughly, each pattern is a candidate."""
        for number, pattern in enumerate(patterns):
            conditions = required_literals(pattern)
            self.frequencies.append(conditions[0].frequency if conditions else 1)
            if not conditions:
                unconditional.append(number)
                continue
            rarest, *others = ([numbers[each] for each in condition.literals] for condition in conditions)
            for literal in rarest:
                by_literal[literal].append(number)
            if others:
                self._others[number] = tuple(map(frozenset, others))
        shared: dict[tuple[int, ...], tuple[int, ...]] = {}  # most literals are of one pattern, with others
        found = (tuple(by_literal.get(literal, ())) for literal in range(len(numbers)))
        self._by_literal = [shared.setdefault(each, each) for each in found]
        self._unconditional = frozenset(unconditional)
        self._automaton = BytesAhoCorasick(
            [literal.encode() for literal in numbers],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )

    def candidates(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that may match a text, which must have no surrogates."""
        matches = self._automaton.find_matches_as_indexes(text.casefold().encode(), overlapping=True)
        literals = {literal for literal, _, _ in matches}
        possible = self._unconditional.union(*map(self._by_literal.__getitem__, literals))
        others = self._others
        return frozenset(
            number
            for number in possible
            if number not in others or not any(map(literals.isdisjoint, others[number]))
        )
