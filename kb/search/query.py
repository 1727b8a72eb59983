"""What a search asks for, independent of any engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.search.analysis import words

if TYPE_CHECKING:
    from kb.domain.filters import IncidentFilter

MAX_WORDS = 50
"""Words beyond these are not searched for: the cost of a query is bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """Documents with any of the words, those that match more and rarer ones first; without words, the latest.

    `audiences` masks what the caller may see (None: everything); `facets` are namespaces to count by.
    """

    words: tuple[str, ...]
    filter: IncidentFilter
    audiences: frozenset[str] | None
    facets: tuple[str, ...] = ()
    limit: int = 10
    offset: int = 0


def parse_words(text: str) -> tuple[str, ...]:
    """The distinct words of what a person typed, in order, at most MAX_WORDS."""
    return tuple(dict.fromkeys(words(text)))[:MAX_WORDS]
