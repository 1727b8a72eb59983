"""Prefilter many patterns in one pass over a text, by the literals that they require."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from kb.guards.patterns.required_literals import required_literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAX_NESTED = 8
"""Maximum number of literals that end with each other. All of them would be found wherever the longest is: a
pass over `xxxxxx...` would take as long as there are patterns for `x`, `xx`, `xxx`."""


class LiteralIndex:
    """Finds which of many valid patterns may match a text: all that do, and some others. Threads share it."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        """Build the index from the `literal_table` of the patterns."""
        self.unconditional = frozenset(table["unconditional"])
        """The patterns that require no literal."""
        uses = [*map(tuple, table["uses"])]
        self._by_literal = [uses[number] for number in table["use"]]
        self._others = {number: tuple(map(frozenset, others)) for number, others in table["others"]}
        self._automaton = BytesAhoCorasick(
            [literal.encode() for literal in table["literals"]],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )

    def candidates(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that may match a text, which must have no surrogates."""
        matches = self._automaton.find_matches_as_indexes(text.casefold().encode(), overlapping=True)
        literals = {literal for literal, _, _ in matches}
        possible = self.unconditional.union(*map(self._by_literal.__getitem__, literals))
        others = self._others
        return frozenset(
            number
            for number in possible
            if number not in others or not any(map(literals.isdisjoint, others[number]))
        )


def literal_table(patterns: Iterable[str]) -> dict[str, Any]:
    """What is indexed of the literals that valid patterns require (`required_literals`), as plain data.

    `use` has the place in `uses` of each literal, and `uses` the patterns of which it is the rarest. `others`
    are the literals of further conditions by pattern. `frequencies` says in what share of posts, roughly,
    each pattern is a candidate.
    """
    required = [*map(required_literals, patterns)]
    nested = _nested(literal for conditions in required for each in conditions for literal in each.literals)
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
    by_literal: defaultdict[int, list[int]] = defaultdict(list)
    frequencies: list[float] = []
    unconditional: list[int] = []
    all_others: list[tuple[int, list[list[int]]]] = []
    for number, found in enumerate(required):
        conditions = [condition for condition in found if nested.isdisjoint(condition.literals)]
        frequencies.append(conditions[0].frequency if conditions else 1)
        if not conditions:
            unconditional.append(number)
            continue
        # In one order, whatever the hashes of texts are.
        rarest, *others = ([numbers[each] for each in sorted(condition.literals)] for condition in conditions)
        for literal in rarest:
            by_literal[literal].append(number)
        if others:
            all_others.append((number, others))
    # Most literals are of one pattern, with others.
    uses: defaultdict[tuple[int, ...], int] = defaultdict(lambda: len(uses))
    return {
        "literals": [*numbers],
        "use": [uses[tuple(by_literal.get(literal, ()))] for literal in range(len(numbers))],
        "uses": [*uses],
        "others": all_others,
        "frequencies": frequencies,
        "unconditional": unconditional,
    }


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
