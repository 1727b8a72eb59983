"""A word or phrase of a query, planned: the weighted terms and phrases that stand for it."""

from __future__ import annotations

from dataclasses import dataclass

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

    `foreign` stands for it in another language or script: translations, names that sound alike. `shown` is
    what of that was found, as `interpreted` shows it.
    """

    text: str
    field: int | None
    terms: WeightedTerms
    phrases: tuple[MultiPhrase, ...] = ()
    foreign: Leaf | None = None


def term_leaf(term: str) -> Leaf:
    """A leaf of a single index term, in any field."""
    return Leaf(term, None, ((term, 1.0),))
