"""A planned query: leaves of weighted terms and phrases for its words, and groups of them."""

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
    """A planned word or phrase. It matches any of its terms and phrases, in one field, or in any if None.

    `foreign` holds its equivalents in another language or script: translations, names that sound alike.
    """

    text: str
    field: int | None
    terms: WeightedTerms
    phrases: tuple[MultiPhrase, ...] = ()
    foreign: Leaf | None = None


@dataclass(frozen=True, slots=True)
class Clauses:
    """A planned group: its words are leaves, and `conditions` holds the conditions of `must`.

    A `bonus` only affects the ranking among documents that match equally many words. For a sentence
    (`is_sentence`), documents are ranked by the evidence of the words of `should` and of its `concepts`.
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
    """Yield the leaves of all clauses outside `must_not`."""
    for clause in (*clauses.conditions, *clauses.must, *clauses.should):
        if isinstance(clause, Leaf):
            yield clause
        elif isinstance(clause, Clauses):
            yield from leaves(clause)
