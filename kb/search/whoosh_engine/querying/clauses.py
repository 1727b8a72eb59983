"""A query, planned: leaves of weighted terms and phrases that stand for its words, and groups of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.search.query import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

WeightedTerms = tuple[tuple[str, float], ...]
"""Terms and their weights."""


@dataclass(frozen=True, slots=True)
class MultiPhrase:
    """A phrase with alternative terms at each position."""

    positions: tuple[WeightedTerms, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word or phrase, planned: it matches any of the terms and phrases, in one field or (None) in any.

    `foreign` stands for it in another language or script: translations, names that sound alike.
    """

    text: str
    field: int | None
    terms: WeightedTerms
    phrases: tuple[MultiPhrase, ...] = ()
    foreign: Leaf | None = None


@dataclass(frozen=True, slots=True)
class Clauses:
    """A group, planned: its words are leaves, and its conditions are apart from what else is required.

    What matches a `bonus` ranks higher among what matches equally many words; it decides nothing else.
    A sentence (`is_sentence`) is ranked by what the words of `should` and its `concepts` are worth.
    """

    conditions: tuple[Clause, ...] = ()
    must: tuple[Clause, ...] = ()
    should: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()
    bonus: tuple[Leaf, ...] = ()
    concepts: tuple[Leaf, ...] = ()
    is_sentence: bool = False


Clause = Leaf | Clauses | Condition


def term_leaf(term: str) -> Leaf:
    """A leaf of a single index term, in any field."""
    return Leaf(term, None, ((term, 1.0),))


def leaves(clauses: Clauses) -> Iterator[Leaf]:
    """The leaves of all clauses but those of `must_not`."""
    for clause in (*clauses.conditions, *clauses.must, *clauses.should):
        if isinstance(clause, Leaf):
            yield clause
        elif isinstance(clause, Clauses):
            yield from leaves(clause)
