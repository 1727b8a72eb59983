"""Prefilter many patterns in one pass over a text, by the literals that they require."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from kb.guards.patterns.required_literals import required_literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.guards.patterns.required_literals import Condition


_MAX_NESTED = 8
"""Maximum number of literals that end with each other. All of them would be found wherever the longest is: a
pass over `xxxxxx...` would take as long as there are patterns for `x`, `xx`, `xxx`."""


class LiteralIndex:
    """Finds which of many valid patterns may match a text: all that do, and some others. Threads share it."""

    def __init__(
        self, patterns: Sequence[str], required: Sequence[Sequence[Condition]] | None = None
    ) -> None:
        """Index the literals that the patterns require: `required_literals` of each, unless given."""
        if required is None:
            required = [*map(required_literals, patterns)]
        numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
        by_literal: defaultdict[int, list[int]] = defaultdict(list)
        self._others: dict[int, tuple[frozenset[int], ...]] = {}
        unconditional: list[int] = []
        self.frequencies: list[float] = []
        """In what share of posts, roughly, each pattern is a candidate."""
        nested = _nested(
            literal for conditions in required for each in conditions for literal in each.literals
        )
        for number, found in enumerate(required):
            conditions = [condition for condition in found if nested.isdisjoint(condition.literals)]
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
        uses = (tuple(by_literal.get(literal, ())) for literal in range(len(numbers)))
        self._by_literal = [shared.setdefault(each, each) for each in uses]
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


def _nested(literals: Iterable[str]) -> frozenset[str]:
    """The literals that end with more than _MAX_NESTED others."""
    found: list[str] = []
    endings: list[str] = []
    for literal in sorted({each[::-1] for each in literals}):
        while endings and not literal.startswith(endings[-1]):
            endings.pop()
        if len(endings) > _MAX_NESTED:
            found.append(literal[::-1])
        endings.append(literal)
    return frozenset(found)
